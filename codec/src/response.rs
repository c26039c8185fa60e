//! The status line, and what a response head means as a whole.
//!
//! ```text
//! status-line = HTTP-version SP status-code SP [ reason-phrase ] CRLF     RFC 9112 §4
//! ```
//!
//! A line that ends right after the status is taken as well: many servers send it. One empty line before
//! it is skipped, and `HTTP/0.9` is taken for a version of which nothing can be expected.

use crate::fault::*;
use crate::field::Span;
use crate::framing::*;
use crate::head::{BEGIN, Head, START};
use crate::method::{BOJAGI_METHOD_CONNECT, BOJAGI_METHOD_HEAD};
use crate::offset::{index, narrow};
use crate::rules::{BOJAGI_ALLOW_BARE_LF, BOJAGI_ALLOW_START_LINE_SPACE, BOJAGI_ALLOW_STATUS_999};
use crate::{simd, token};

const VERSION: u8 = 50;
const VERSION_SP: u8 = 51;
const BEFORE_STATUS: u8 = 52;
const STATUS: u8 = 53;
const STATUS_END: u8 = 54;
const BEFORE_PHRASE: u8 = 55;
const PHRASE: u8 = 56;

impl Head {
    /// Reads on at `byte`, the next one of the window.
    pub(crate) fn status_line(&mut self, byte: u8, window: &[u8]) -> Result<(), Refusal> {
        match self.line.phase {
            BEGIN | START => self.line.begin(VERSION),
            VERSION => {
                if let Some(version) = self.line.version(byte)? {
                    self.version = version;
                    self.line.phase = VERSION_SP;
                }
            }
            VERSION_SP if self.is_space(byte) => self.line.step_to(BEFORE_STATUS),
            VERSION_SP => return Err(self.line.refuse(BOJAGI_REASON_VERSION)),
            BEFORE_STATUS | BEFORE_PHRASE if self.is_spare_space(byte) => self.line.at += 1,
            BEFORE_STATUS => self.line.begin(STATUS),
            STATUS => self.status_digit(byte)?,
            STATUS_END if self.is_space(byte) => self.line.step_to(BEFORE_PHRASE),
            STATUS_END if self.is_end(byte) => {
                self.reason_phrase = Span::between(self.line.at, self.line.at);
                self.line_end(byte)?;
            }
            STATUS_END => return Err(self.line.refuse(BOJAGI_REASON_STATUS)),
            BEFORE_PHRASE => self.line.begin(PHRASE),
            _ => self.phrase(window)?,
        }
        Ok(())
    }

    /// Whether a byte may end the line here.
    fn is_end(&self, byte: u8) -> bool {
        byte == b'\r' || (byte == b'\n' && self.rules.has(BOJAGI_ALLOW_BARE_LF))
    }

    fn status_digit(&mut self, byte: u8) -> Result<(), Refusal> {
        let is_first = self.line.at == self.line.mark;
        let most = if self.rules.has(BOJAGI_ALLOW_STATUS_999) { b'9' } else { b'5' };
        if !byte.is_ascii_digit() || (is_first && !(b'1'..=most).contains(&byte)) {
            return Err(self.line.refuse(BOJAGI_REASON_STATUS));
        }
        self.status = self.status.wrapping_mul(10).wrapping_add(u16::from(byte - b'0'));
        self.line.at += 1;
        if self.line.at.saturating_sub(self.line.mark) >= 3 {
            self.line.phase = STATUS_END;
        }
        Ok(())
    }

    fn phrase(&mut self, window: &[u8]) -> Result<(), Refusal> {
        let rest = window.get(index(self.line.at)..).unwrap_or(&[]);
        let run = simd::text_len(rest);
        self.line.at += narrow(run);
        match rest.get(run) {
            None => Ok(()),
            Some(&byte @ (b'\r' | b'\n')) => {
                self.reason_phrase = Span::between(self.line.mark, self.line.at);
                if self.rules.has(BOJAGI_ALLOW_START_LINE_SPACE) {
                    let phrase = token::trim_end(self.reason_phrase.of(window));
                    self.reason_phrase.len = narrow(phrase.len());
                }
                self.line_end(byte)
            }
            Some(_) => Err(self.line.refuse(BOJAGI_REASON_REASON_PHRASE)),
        }
    }

    /// Whether no body follows this response, whatever its fields say (RFC 9112 §6.3, rule 1).
    #[inline(always)]
    pub(crate) fn has_no_body(&self, request_method: u8) -> bool {
        request_method == BOJAGI_METHOD_HEAD || matches!(self.status, 100..=199 | 204 | 304)
    }

    /// RFC 9112 §6.3, rules 1 to 8.
    pub(crate) fn finish_response(&mut self, request_method: u8) -> Result<(), Refusal> {
        let success = (200..300).contains(&self.status);
        if self.status == 101 || (success && request_method == BOJAGI_METHOD_CONNECT) {
            // Whatever the fields say about a body is ignored (RFC 9110 §9.3.6).
            self.conclude(BOJAGI_FRAMING_TUNNEL, 0, false);
            return Ok(());
        }
        self.notes.judge_framing(self.version)?;
        // Behind an interim response the final one is to come, whatever Connection says.
        let is_interim = self.status < 200;
        let keep_alive = is_interim || self.notes.keep_alive(self.version);
        if self.has_no_body(request_method) {
            self.conclude(BOJAGI_FRAMING_NONE, 0, keep_alive);
            return Ok(());
        }
        match self.notes.body(self.rules.body_max)? {
            Some((framing, length)) => self.conclude(framing, length, keep_alive),
            None => self.conclude(BOJAGI_FRAMING_UNTIL_CLOSE, 0, false),
        }
        Ok(())
    }
}
