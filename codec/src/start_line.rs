//! The start line of a head, byte by byte: the machine that both kinds of message share.
//!
//! What a method, a target or a phrase may hold is passed over a run at a time; the parts of the line are
//! told apart by the phase, and what only requests or responses have is in `request.rs` and `response.rs`.

use crate::fault::*;
use crate::head::Head;
use crate::offset::{index, narrow};
use crate::rules::*;
use crate::section::Section;
use crate::simd;
use crate::stop::Stop;
use crate::token;

/// Private state of a decoder: its place in the start line.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct StartLine {
    /// The offset of the next byte to look at.
    pub(crate) at: u32,
    /// The first byte of the part that is being read.
    pub(crate) mark: u32,
    /// The offset at which the limit of the line is reached.
    pub(crate) end_max: u32,
    /// The phase: which part of the line comes next.
    pub(crate) phase: u8,
    /// Request or response, from the first call on.
    pub(crate) kind: u8,
    /// What is made of it: a head is not begun in one way and ended in another.
    pub(crate) mode: u8,
    /// Response: the version began with a 0.
    pub(crate) is_version_0: u8,
}

pub(crate) const BEGIN: u8 = 0;
const EMPTY_LINE_LF: u8 = 1;
/// An empty line is behind us.
const START: u8 = 2;
pub(crate) const METHOD: u8 = 3;
pub(crate) const BEFORE_TARGET: u8 = 4;
pub(crate) const TARGET: u8 = 5;
pub(crate) const BEFORE_VERSION: u8 = 6;
pub(crate) const BEFORE_CR: u8 = 7;
pub(crate) const VERSION: u8 = 8;
pub(crate) const VERSION_SP: u8 = 9;
pub(crate) const BEFORE_STATUS: u8 = 10;
pub(crate) const STATUS: u8 = 11;
pub(crate) const STATUS_END: u8 = 12;
pub(crate) const BEFORE_PHRASE: u8 = 13;
pub(crate) const PHRASE: u8 = 14;
const LINE_LF: u8 = 15;
pub(crate) const FIELDS: u8 = 16;
pub(crate) const COMPLETE: u8 = 17;
pub(crate) const FAILED: u8 = 18;

pub(crate) const REQUEST: u8 = 1;
pub(crate) const RESPONSE: u8 = 2;

impl Head {
    /// Reads on in the start line, to its end.
    pub(crate) fn start_line(&mut self, data: &[u8]) -> Result<(), Stop> {
        if data.len() < index(self.line.at) {
            return Err(Stop::plain(Error::Arg));
        }
        if self.line.phase == BEGIN && self.line.at == 0 {
            self.line.limit_to(self.rules.start_line_max);
        }
        loop {
            let permitted = index(self.line.end_max);
            let window = data.get(..permitted).unwrap_or(data);
            let rest = window.get(index(self.line.at)..).unwrap_or(&[]);
            if let class @ 1.. = self.class() {
                self.line.at += narrow(simd::run_len(class, rest));
            }
            let Some(&byte) = window.get(index(self.line.at)) else {
                return match window.len() == permitted {
                    true => Err(self.start_line_limit().into()),
                    false => Err(Stop::INCOMPLETE),
                };
            };
            let byte = if self.is_spare_space(byte) { b' ' } else { byte };
            match self.line.phase {
                BEGIN if byte == b'\r' => self.line.step_to(EMPTY_LINE_LF),
                BEGIN if byte == b'\n' && self.rules.has(BOJAGI_ALLOW_BARE_LF) => {
                    self.empty_line_is_over();
                }
                BEGIN | START => {
                    self.line.begin(if self.line.kind == REQUEST { METHOD } else { VERSION });
                }
                EMPTY_LINE_LF | LINE_LF if byte != b'\n' => {
                    return Err(self.line.refuse(BOJAGI_REASON_LINE_END).into());
                }
                EMPTY_LINE_LF => self.empty_line_is_over(),
                LINE_LF => {
                    self.begin_section(self.version, self.line.at + 1);
                    return Ok(());
                }
                VERSION => self.version(byte)?,
                METHOD..=BEFORE_CR => self.request_line(byte, window)?,
                _ => self.status_line(byte, window)?,
            }
        }
    }

    /// The class of the bytes that are passed over now.
    fn class(&self) -> u8 {
        match self.line.phase {
            METHOD => token::TCHAR,
            TARGET => token::TARGET,
            PHRASE => token::TEXT,
            BEFORE_TARGET | BEFORE_VERSION | BEFORE_CR | BEFORE_STATUS | BEFORE_PHRASE
                if self.is_spare_space(b' ') =>
            {
                token::OWS
            }
            _ => 0,
        }
    }

    /// Whether a byte may stand where SP does, and beside it (RFC 9112 §3, §4).
    pub(crate) fn is_spare_space(&self, byte: u8) -> bool {
        token::is_ows(byte) && self.rules.has(BOJAGI_ALLOW_START_LINE_SPACE)
    }

    /// Reads `HTTP/1.0` or `HTTP/1.1` byte by byte, or in a response `HTTP/0.9`.
    fn version(&mut self, byte: u8) -> Result<(), Refusal> {
        let done = index(self.line.at.saturating_sub(self.line.mark));
        let is_request = self.line.kind == REQUEST;
        let is_known = match (b"HTTP/1.".get(done), byte, self.line.is_version_0) {
            (Some(b'1'), b'0', _) if !is_request => {
                self.line.is_version_0 = 1;
                true
            }
            (Some(&expected), byte, _) => byte == expected,
            (None, b'9', 1) | (None, b'0' | b'1', 0) => {
                let major = if byte == b'9' { 0 } else { 10 };
                self.version = major + (byte & 15);
                self.line.phase = if is_request { BEFORE_CR } else { VERSION_SP };
                true
            }
            _ => false,
        };
        if !is_known {
            let refusal = self.line.refuse(BOJAGI_REASON_VERSION);
            let is_other_version = done >= 5 && byte.is_ascii_digit();
            return Err(if is_other_version { refusal.with_status(505) } else { refusal });
        }
        self.line.at += 1;
        Ok(())
    }

    /// One empty line is skipped (RFC 9112 §2.2), and what follows is the start line.
    fn empty_line_is_over(&mut self) {
        self.line.step_to(START);
        self.line.limit_to(self.rules.start_line_max);
    }

    /// The end of the start line, which is CR LF, or LF alone where that is allowed: the next byte is a CR,
    /// an LF, or wrong.
    pub(crate) fn line_end(&mut self, byte: u8) -> Result<(), Refusal> {
        match byte {
            b'\r' => self.line.step_to(LINE_LF),
            // The machine comes again with this very byte.
            b'\n' if self.rules.has(BOJAGI_ALLOW_BARE_LF) => self.line.phase = LINE_LF,
            _ => return Err(self.line.refuse(BOJAGI_REASON_LINE_END)),
        }
        Ok(())
    }

    /// The start line is over: the fields begin at `start`.
    pub(crate) fn begin_section(&mut self, version: u8, start: u32) {
        self.version = version;
        self.section = Section::of_head(start, &self.rules);
        self.line.phase = FIELDS;
    }

    fn start_line_limit(&self) -> Refusal {
        let refusal = Refusal::new(BOJAGI_REASON_START_LINE_LIMIT, index(self.line.end_max));
        refusal.with_status(self.limit_status())
    }
}

impl StartLine {
    pub(crate) fn limit_to(&mut self, bytes: u32) {
        self.end_max = self.at.saturating_add(bytes).saturating_add(2);
    }

    /// The next byte is the first of a part.
    pub(crate) fn begin(&mut self, phase: u8) {
        self.mark = self.at;
        self.phase = phase;
    }

    pub(crate) fn step_to(&mut self, phase: u8) {
        self.at += 1;
        self.begin(phase);
    }

    pub(crate) fn refuse(&self, reason: u16) -> Refusal {
        Refusal::new(reason, index(self.at))
    }
}
