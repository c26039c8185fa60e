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
use crate::head::Head;
use crate::method::{BOJAGI_METHOD_CONNECT, BOJAGI_METHOD_HEAD};
use crate::rules::{BOJAGI_ALLOW_BARE_LF, BOJAGI_ALLOW_START_LINE_SPACE, BOJAGI_ALLOW_STATUS_999};
use crate::start_line::*;
use crate::{offset::narrow, token};

impl Head {
    /// Reads on at `byte`, the next one of the window.
    pub(crate) fn status_line(&mut self, byte: u8, window: &[u8]) -> Result<(), Refusal> {
        match self.line.phase {
            VERSION_SP if byte == b' ' => self.line.step_to(BEFORE_STATUS),
            VERSION_SP => return Err(self.line.refuse(BOJAGI_REASON_VERSION)),
            BEFORE_STATUS => self.line.begin(STATUS),
            STATUS => return self.status_digit(byte),
            STATUS_END if byte == b' ' => self.line.step_to(BEFORE_PHRASE),
            STATUS_END if !self.is_end(byte) => {
                return Err(self.line.refuse(BOJAGI_REASON_STATUS));
            }
            BEFORE_PHRASE => self.line.begin(PHRASE),
            phase => {
                let start = if phase == PHRASE { self.line.mark } else { self.line.at };
                self.reason_phrase = Span::between(start, self.line.at);
                if !matches!(byte, b'\r' | b'\n') {
                    return Err(self.line.refuse(BOJAGI_REASON_REASON_PHRASE));
                }
                if self.rules.has(BOJAGI_ALLOW_START_LINE_SPACE) {
                    let phrase = token::trim_end(self.reason_phrase.of(window));
                    self.reason_phrase.len = narrow(phrase.len());
                }
                return self.line_end(byte);
            }
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

    /// Whether no body follows this response, whatever its fields say (RFC 9112 §6.3, rule 1).
    #[inline(always)]
    pub(crate) fn has_no_body(&self, request_method: u8) -> bool {
        let status = self.status;
        (request_method == BOJAGI_METHOD_HEAD) | (status < 200) | (status == 204) | (status == 304)
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
