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
use crate::head::{BEGIN, BOJAGI_HEAD_EXPECT_CONTINUE, Head, START};
use crate::method::BOJAGI_METHOD_CONNECT;
use crate::offset::{index, narrow};
use crate::rules::{
    BOJAGI_ALLOW_MISSING_HOST, BOJAGI_ALLOW_START_LINE_SPACE, BOJAGI_REFUSE_NON_URI,
};
use crate::{method, simd, target, token};

const METHOD: u8 = 10;
const BEFORE_TARGET: u8 = 11;
const TARGET: u8 = 12;
const BEFORE_VERSION: u8 = 13;
const VERSION: u8 = 14;
const BEFORE_CR: u8 = 15;

impl Head {
    /// Reads on at `byte`, the next one of the window.
    pub(crate) fn request_line(&mut self, byte: u8, window: &[u8]) -> Result<(), Refusal> {
        match self.line.phase {
            BEGIN | START => {
                self.line.mark = self.line.at;
                self.line.phase = METHOD;
            }
            METHOD => self.method(window)?,
            BEFORE_TARGET | BEFORE_VERSION | BEFORE_CR if self.is_spare_space(byte) => {
                self.line.at += 1;
            }
            BEFORE_TARGET => self.line.begin(TARGET),
            TARGET => self.target(window)?,
            BEFORE_VERSION => self.line.begin(VERSION),
            VERSION => {
                if let Some(version) = self.line.version(byte)? {
                    self.version = version;
                    self.line.phase = BEFORE_CR;
                }
            }
            _ => self.line_end(byte)?,
        }
        Ok(())
    }

    /// Whether a byte may stand between the parts of a start line beside the one SP (RFC 9112 §3).
    pub(crate) fn is_spare_space(&self, byte: u8) -> bool {
        token::is_ows(byte) && self.rules.has(BOJAGI_ALLOW_START_LINE_SPACE)
    }

    /// Whether a byte parts two parts of a start line.
    pub(crate) fn is_space(&self, byte: u8) -> bool {
        byte == b' ' || self.is_spare_space(byte)
    }

    fn method(&mut self, window: &[u8]) -> Result<(), Refusal> {
        let rest = window.get(index(self.line.at)..).unwrap_or(&[]);
        let run = simd::token_len(rest);
        self.line.at += narrow(run);
        match rest.get(run) {
            None => Ok(()),
            Some(&byte) if self.is_space(byte) && self.line.at > self.line.mark => {
                self.method = Span::between(self.line.mark, self.line.at);
                self.method_id = method::method_id(self.method.of(window));
                self.line.step_to(BEFORE_TARGET);
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
        let form = self.form_of_target(self.method_id, self.target.of(window));
        self.target_form = form.map_err(|at| {
            Refusal::new(BOJAGI_REASON_TARGET, index(self.line.mark).saturating_add(at))
        })?;
        if !self.is_space(byte) {
            return Err(self.line.refuse(BOJAGI_REASON_TARGET));
        }
        self.line.step_to(BEFORE_VERSION);
        Ok(())
    }

    /// The form of a target whose bytes are known to be of the class, under the rules; see
    /// [`target::form`].
    pub(crate) fn form_of_target(&self, method_id: u8, bytes: &[u8]) -> Result<u8, usize> {
        let form = target::form(method_id, bytes);
        if !self.rules.has(BOJAGI_REFUSE_NON_URI) {
            return form;
        }
        // The first byte that is wrong counts, whichever rule it breaks.
        match (form, target::check_uri(bytes)) {
            (Err(at), Err(other)) => Err(at.min(other)),
            (form, uri) => uri.and(form),
        }
    }

    /// What a server answers when the start line reaches its limit here.
    pub(crate) fn limit_status(&self) -> u16 {
        match self.line.phase {
            METHOD => 501,
            _ => 414,
        }
    }

    pub(crate) fn finish_request(&mut self) -> Result<(), Refusal> {
        let needs_host = self.version == 11 && !self.rules.has(BOJAGI_ALLOW_MISSING_HOST);
        self.notes.judge_host(needs_host, index(self.length))?;
        self.notes.judge_framing(self.version)?;
        if self.method_id == BOJAGI_METHOD_CONNECT {
            // No content, whatever the fields say (RFC 9110 §9.3.6): what follows is the tunnel's.
            self.conclude(BOJAGI_FRAMING_TUNNEL, 0, false);
            return Ok(());
        }
        let body = self.notes.body(self.rules.body_max)?;
        let (framing, content_length) = body.unwrap_or((BOJAGI_FRAMING_NONE, 0));
        self.conclude(framing, content_length, self.notes.keep_alive(self.version));
        if self.notes.expects_continue() && self.version == 11 {
            self.flags |= BOJAGI_HEAD_EXPECT_CONTINUE;
        }
        Ok(())
    }
}
