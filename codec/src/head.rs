//! The head of a message: start line and fields, decoded in place.
//!
//! A [`Head`] lives in the caller's memory and holds both the results and the place where the
//! decoder is. While a head is incomplete the caller keeps its bytes and calls again with the same
//! bytes from the start plus more; each byte is looked at once, and verdict, offset and spans are
//! the same wherever the data was cut.

use crate::fault::*;
use crate::field::{Field, Fields, Span};
use crate::framing::{BOJAGI_FRAMING_LENGTH, Notes};
use crate::known::BOJAGI_FIELD_EXPECT;
use crate::offset::index;
use crate::rules::Rules;
use crate::section::{Limits, Section, Step};
use crate::token;

/// The connection may carry another message after this one and its body.
pub const BOJAGI_HEAD_KEEP_ALIVE: u16 = 1;
/// The client waits for a 100 before it sends the body (RFC 9110 §10.1.1).
pub const BOJAGI_HEAD_EXPECT_CONTINUE: u16 = 2;
/// Upgrade stands there and Connection names it (RFC 9110 §7.8).
pub const BOJAGI_HEAD_UPGRADE: u16 = 4;

/// A decoded head. Offsets count from the first byte of the data that was decoded.
///
/// The caller owns it; it holds no pointer and needs no free. Call `bojagi_head_init` once, and
/// `bojagi_head_reset` before the next message. The results are valid once a decode function
/// answered the head's length, `field_count` and `fault` at any time.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct Head {
    /// The length of the body, when `framing` is BOJAGI_FRAMING_LENGTH; else 0.
    pub content_length: u64,
    /// The length of the head in bytes once it is complete; else 0.
    pub length: u32,
    /// The number of fields decoded so far.
    pub field_count: u32,
    /// Request: the method.
    pub method: Span,
    /// Request: the target.
    pub target: Span,
    /// Response: the reason phrase, which may be empty.
    pub reason_phrase: Span,
    /// Response: the status, 100 to 599.
    pub status: u16,
    /// The version: 10 or 11.
    pub version: u8,
    /// Request: one of BOJAGI_METHOD_.
    pub method_id: u8,
    /// The body that follows: one of BOJAGI_FRAMING_.
    pub framing: u8,
    /// Request: one of BOJAGI_TARGET_.
    pub target_form: u8,
    /// A sum of BOJAGI_HEAD_ bits.
    pub flags: u16,
    /// What was wrong, after BOJAGI_E_SYNTAX and BOJAGI_E_LIMIT.
    pub fault: Fault,
    /// Private.
    pub(crate) line: StartLine,
    /// Private.
    pub(crate) section: Section,
    /// Private.
    pub(crate) notes: Notes,
    /// The rules; private, set by `bojagi_head_init`.
    pub(crate) rules: Rules,
    /// Zero.
    pub(crate) reserved: [u32; 4],
}

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
    /// Expect said 100-continue.
    pub(crate) expect_continue: u8,
    padding: u8,
}

pub(crate) const BEGIN: u8 = 0;
pub(crate) const LINE_LF: u8 = 100;
pub(crate) const FIELDS: u8 = 101;
const COMPLETE: u8 = 102;
const FAILED: u8 = 103;

const REQUEST: u8 = 1;
const RESPONSE: u8 = 2;

impl Head {
    /// A head that waits for its first byte.
    pub fn new(rules: &Rules) -> Self {
        Self { rules: *rules, ..Self::default() }
    }

    /// Forgets the message, keeps the rules.
    pub fn reset(&mut self) {
        *self = Self::new(&self.rules);
    }

    /// Decodes a request head: its length, or 0 while it is incomplete.
    pub fn decode_request(&mut self, fields: Fields<'_>, data: &[u8]) -> Result<usize, Error> {
        self.decode(REQUEST, 0, fields, data)
    }

    /// Decodes a response head; `request_method` is the BOJAGI_METHOD_ of the request it answers.
    pub fn decode_response(
        &mut self,
        fields: Fields<'_>,
        data: &[u8],
        request_method: u8,
    ) -> Result<usize, Error> {
        self.decode(RESPONSE, request_method, fields, data)
    }

    /// Whether a response has begun here: a fault in it, or in its body, is a bad gateway's.
    pub(crate) fn is_response(&self) -> bool {
        self.line.kind == RESPONSE
    }

    /// Whether the connection may carry another message after this one.
    pub fn keep_alive(&self) -> bool {
        self.flags & BOJAGI_HEAD_KEEP_ALIVE != 0
    }

    fn decode(
        &mut self,
        kind: u8,
        request_method: u8,
        fields: Fields<'_>,
        data: &[u8],
    ) -> Result<usize, Error> {
        if self.line.kind != kind {
            if self.line.kind != 0 {
                return Err(Error::State);
            }
            self.line.kind = kind;
        }
        match self.line.phase {
            COMPLETE if data.len() < index(self.length) => return Err(Error::Arg),
            COMPLETE => return Ok(index(self.length)),
            FAILED if is_limit(self.fault.reason) => return Err(Error::Limit),
            FAILED => return Err(Error::Syntax),
            _ => {}
        }
        self.advance(request_method, fields, data).map_err(|stop| match stop {
            Stop::Plain(error) => error,
            Stop::Refused(mut refusal) => {
                if kind == RESPONSE {
                    refusal.fault.status = BAD_GATEWAY;
                }
                self.fault = refusal.fault;
                self.line.phase = FAILED;
                refusal.error
            }
        })
    }

    fn advance(
        &mut self,
        request_method: u8,
        fields: Fields<'_>,
        data: &[u8],
    ) -> Result<usize, Stop> {
        if self.line.phase != FIELDS && !self.start_line(data)? {
            return Ok(0);
        }
        if data.len() < index(self.section.at) {
            return Err(Stop::Plain(Error::Arg));
        }
        let (notes, line) = (&mut self.notes, &mut self.line);
        let step = self.section.advance(data, fields, Limits::HEAD, |field, data| {
            notes.see(field, data);
            line.see(field, data);
            BOJAGI_REASON_NONE
        });
        self.field_count = self.section.count;
        match step? {
            Step::Incomplete => Ok(0),
            Step::Full => Err(Stop::Plain(Error::Space)),
            Step::Complete => {
                self.finish(request_method)?;
                Ok(index(self.length))
            }
        }
    }

    /// Reads on in the start line; true when it is behind us.
    fn start_line(&mut self, data: &[u8]) -> Result<bool, Stop> {
        if data.len() < index(self.line.at) {
            return Err(Stop::Plain(Error::Arg));
        }
        if self.line.phase == BEGIN && self.line.at == 0 {
            self.line.limit_to(self.rules.start_line_max);
        }
        loop {
            let permitted = index(self.line.end_max);
            let window = data.get(..permitted).unwrap_or(data);
            let Some(&byte) = window.get(index(self.line.at)) else {
                return match window.len() == permitted {
                    true => Err(Stop::Refused(self.start_line_limit())),
                    false => Ok(false),
                };
            };
            match (self.line.phase, self.line.kind) {
                (LINE_LF, _) => {
                    self.line.expect_lf(byte)?;
                    self.begin_section();
                    return Ok(true);
                }
                (_, REQUEST) => self.request_line(byte, window)?,
                _ => self.status_line(byte, window)?,
            }
        }
    }

    fn begin_section(&mut self) {
        let rules = &self.rules;
        self.section = Section::new(self.line.at, rules.field_bytes_max, rules.field_count_max);
        self.line.phase = FIELDS;
    }

    fn start_line_limit(&self) -> Refusal {
        let refusal = Refusal::new(BOJAGI_REASON_START_LINE_LIMIT, index(self.line.end_max));
        refusal.with_status(self.limit_status())
    }

    /// Judges the head as a whole and decides what follows it.
    fn finish(&mut self, request_method: u8) -> Result<(), Refusal> {
        self.length = self.section.at;
        let verdict = match self.line.kind {
            REQUEST => self.finish_request(),
            _ => self.finish_response(request_method),
        };
        if verdict.is_err() {
            self.length = 0;
        } else {
            self.line.phase = COMPLETE;
        }
        verdict
    }

    /// Sets what both kinds of message end with: framing, length, flags.
    pub(crate) fn conclude(&mut self, framing: u8, content_length: u64, keep_alive: bool) {
        self.framing = framing;
        self.content_length = if framing == BOJAGI_FRAMING_LENGTH { content_length } else { 0 };
        if keep_alive {
            self.flags |= BOJAGI_HEAD_KEEP_ALIVE;
        }
        if self.notes.upgrade(self.version) {
            self.flags |= BOJAGI_HEAD_UPGRADE;
        }
    }
}

impl StartLine {
    pub(crate) fn limit_to(&mut self, bytes: u32) {
        self.end_max = self.at.saturating_add(bytes).saturating_add(2);
    }

    pub(crate) fn step_to(&mut self, phase: u8) {
        self.at += 1;
        self.mark = self.at;
        self.phase = phase;
    }

    pub(crate) fn expect_lf(&mut self, byte: u8) -> Result<(), Refusal> {
        if byte != b'\n' {
            return Err(self.refuse(BOJAGI_REASON_LINE_END));
        }
        self.at += 1;
        Ok(())
    }

    pub(crate) fn refuse(&self, reason: u16) -> Refusal {
        Refusal::new(reason, index(self.at))
    }

    /// Reads `HTTP/1.0` or `HTTP/1.1` byte by byte; the version when its last byte is in.
    pub(crate) fn version(&mut self, byte: u8) -> Result<Option<u8>, Refusal> {
        let done = index(self.at.saturating_sub(self.mark));
        let version = match (VERSION.get(done), byte) {
            (Some(&expected), byte) if byte == expected => None,
            (None, b'0') => Some(10),
            (None, b'1') => Some(11),
            _ => {
                let refusal = self.refuse(BOJAGI_REASON_VERSION);
                let is_other_version = done >= 5 && byte.is_ascii_digit();
                return Err(if is_other_version { refusal.with_status(505) } else { refusal });
            }
        };
        self.at += 1;
        Ok(version)
    }

    fn see(&mut self, field: &Field, data: &[u8]) {
        if field.id == BOJAGI_FIELD_EXPECT && token::list_holds(field.value(data), b"100-continue")
        {
            self.expect_continue = 1;
        }
    }
}

/// Why a decode call stopped: with or without a fault in the head.
pub(crate) enum Stop {
    Plain(Error),
    Refused(Refusal),
}

impl From<Refusal> for Stop {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

const VERSION: &[u8] = b"HTTP/1.";
pub(crate) const BAD_GATEWAY: u16 = 502;
