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
use crate::head::{BOJAGI_HEAD_EXPECT_CONTINUE, Head};
use crate::method::BOJAGI_METHOD_CONNECT;
use crate::offset::index;
use crate::rules::{BOJAGI_ALLOW_MISSING_HOST, BOJAGI_REFUSE_NON_URI};
use crate::start_line::*;
use crate::{method, target};

impl Head {
    /// Reads on at `byte`, the next one of the window.
    pub(crate) fn request_line(&mut self, byte: u8, window: &[u8]) -> Result<(), Refusal> {
        match self.line.phase {
            METHOD => return self.method_is_over(byte, window),
            BEFORE_TARGET => self.line.begin(TARGET),
            TARGET => return self.target_is_over(byte, window),
            BEFORE_VERSION => self.line.begin(VERSION),
            _ => return self.line_end(byte),
        }
        Ok(())
    }

    fn method_is_over(&mut self, byte: u8, window: &[u8]) -> Result<(), Refusal> {
        self.method = Span::between(self.line.mark, self.line.at);
        if byte != b' ' || self.method.len == 0 {
            return Err(self.line.refuse(BOJAGI_REASON_METHOD));
        }
        self.method_id = method::method_id(self.method.of(window));
        self.line.step_to(BEFORE_TARGET);
        Ok(())
    }

    fn target_is_over(&mut self, byte: u8, window: &[u8]) -> Result<(), Refusal> {
        self.target = Span::between(self.line.mark, self.line.at);
        let form = self.form_of_target(self.method_id, self.target.of(window));
        self.target_form = form.map_err(|at| {
            Refusal::new(BOJAGI_REASON_TARGET, index(self.line.mark).saturating_add(at))
        })?;
        if byte != b' ' {
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
