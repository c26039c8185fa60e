//! The request line, and what a request head means as a whole.
//!
//! ```text
//! request-line = method SP request-target SP HTTP-version CRLF     RFC 9112 §3
//! ```
//!
//! One empty line before it is skipped (RFC 9112 §2.2).

use crate::fault::*;
use crate::field::Span;
use crate::framing::{BOJAGI_FRAMING_NONE, BOJAGI_FRAMING_TUNNEL};
use crate::head::{BEGIN, BOJAGI_HEAD_EXPECT_CONTINUE, Head, LINE_LF};
use crate::method::BOJAGI_METHOD_CONNECT;
use crate::offset::{index, narrow};
use crate::{method, simd, target};

const EMPTY_LINE_LF: u8 = 1;
const METHOD: u8 = 2;
const TARGET: u8 = 3;
const VERSION: u8 = 4;
const LINE_CR: u8 = 5;

impl Head {
    /// Reads on at `byte`, the next one of the window.
    pub(crate) fn request_line(&mut self, byte: u8, window: &[u8]) -> Result<(), Refusal> {
        match self.line.phase {
            BEGIN if byte == b'\r' => self.line.step_to(EMPTY_LINE_LF),
            BEGIN => self.line.phase = METHOD,
            EMPTY_LINE_LF => {
                self.line.expect_lf(byte)?;
                self.line.mark = self.line.at;
                self.line.limit_to(self.rules.start_line_max);
                self.line.phase = METHOD;
            }
            METHOD => self.method(window)?,
            TARGET => self.target(window)?,
            VERSION => {
                if let Some(version) = self.line.version(byte)? {
                    self.version = version;
                    self.line.phase = LINE_CR;
                }
            }
            _ if byte == b'\r' => self.line.step_to(LINE_LF),
            _ => return Err(self.line.refuse(BOJAGI_REASON_LINE_END)),
        }
        Ok(())
    }

    fn method(&mut self, window: &[u8]) -> Result<(), Refusal> {
        let rest = window.get(index(self.line.at)..).unwrap_or(&[]);
        let run = simd::token_len(rest);
        self.line.at += narrow(run);
        match rest.get(run) {
            None => Ok(()),
            Some(b' ') if self.line.at > self.line.mark => {
                self.method = Span::between(self.line.mark, self.line.at);
                self.method_id = method::method_id(self.method.of(window));
                self.line.step_to(TARGET);
                Ok(())
            }
            Some(_) => Err(self.line.refuse(BOJAGI_REASON_METHOD)),
        }
    }

    fn target(&mut self, window: &[u8]) -> Result<(), Refusal> {
        let rest = window.get(index(self.line.at)..).unwrap_or(&[]);
        let run = simd::target_len(rest);
        self.line.at += narrow(run);
        let Some(&byte) = rest.get(run) else { return Ok(()) };
        self.target = Span::between(self.line.mark, self.line.at);
        self.target_form = target::form(self.method_id, self.target.of(window)).map_err(|at| {
            Refusal::new(BOJAGI_REASON_TARGET, index(self.line.mark).saturating_add(at))
        })?;
        if byte != b' ' {
            return Err(self.line.refuse(BOJAGI_REASON_TARGET));
        }
        self.line.step_to(VERSION);
        Ok(())
    }

    /// What a server answers when the start line reaches its limit here.
    pub(crate) fn limit_status(&self) -> u16 {
        match self.line.phase {
            METHOD => 501,
            _ => 414,
        }
    }

    pub(crate) fn finish_request(&mut self) -> Result<(), Refusal> {
        self.notes.judge_host(self.version, index(self.length))?;
        self.notes.judge_framing(self.version)?;
        if self.method_id == BOJAGI_METHOD_CONNECT {
            // No content, whatever the fields say (RFC 9110 §9.3.6): what follows is the tunnel's.
            self.conclude(BOJAGI_FRAMING_TUNNEL, 0, false);
            return Ok(());
        }
        let body = self.notes.body(self.rules.body_max)?;
        let (framing, content_length) = body.unwrap_or((BOJAGI_FRAMING_NONE, 0));
        self.conclude(framing, content_length, self.notes.keep_alive(self.version));
        if self.line.expect_continue != 0 && self.version == 11 {
            self.flags |= BOJAGI_HEAD_EXPECT_CONTINUE;
        }
        Ok(())
    }
}
