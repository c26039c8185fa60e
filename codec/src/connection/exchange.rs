//! What a head and the end of a message do to the state, the same for both roles.
//!
//! A request goes IDLE, BODY, IDLE; behind one that asks for an upgrade, and behind CONNECT, it is
//! SWITCHING until the answer is known. A response goes IDLE, BODY, IDLE. Whoever says close, the
//! requests end with LAST and the responses with FINAL.

use super::awaiting::Request;
use super::*;
use crate::fault::*;
use crate::framing::*;
use crate::head::{BOJAGI_HEAD_EXPECT_CONTINUE, BOJAGI_HEAD_UPGRADE, Head};
use crate::method::BOJAGI_METHOD_CONNECT;

impl Connection {
    /// Whether a request may begin: there is room, and the one before it is out of the way.
    pub(super) fn check_request(&self) -> Result<(), Refusal> {
        check_phase(self.request)?;
        if self.is_full() { Err(plain(Error::Space)) } else { Ok(()) }
    }

    /// The request that a response of this head would answer, or the reason why it answers none.
    pub(super) fn check_response(&self, head: &Head) -> Result<Request, u16> {
        let request = self.oldest_request().ok_or(BOJAGI_REASON_RESPONSE_UNASKED)?;
        if request.is_old && head.status < 200 {
            return Err(BOJAGI_REASON_INTERIM_VERSION);
        }
        let agreed = self.awaiting == 1 && self.has(UPGRADE) && has_flag(head, BOJAGI_HEAD_UPGRADE);
        if head.status == 101 && !agreed {
            return Err(BOJAGI_REASON_SWITCH_UNASKED);
        }
        Ok(request)
    }

    pub(super) fn begin_request(&mut self, head: &Head) {
        self.push(head.method_id, head);
        self.set(LAST, !head.keep_alive());
        self.set(UPGRADE, has_flag(head, BOJAGI_HEAD_UPGRADE));
        if has_body(head) {
            self.set(EXPECT, has_flag(head, BOJAGI_HEAD_EXPECT_CONTINUE));
            self.request = BODY;
            return;
        }
        self.end_request();
        if head.method_id == BOJAGI_METHOD_CONNECT {
            self.request = SWITCHING;
        }
    }

    pub(super) fn end_request(&mut self) {
        self.clear(EXPECT);
        self.request = match self.flags {
            flags if flags & SWITCHED != 0 => TUNNEL,
            flags if flags & UPGRADE != 0 => SWITCHING,
            flags if flags & LAST != 0 => CLOSED,
            _ => IDLE,
        };
    }

    /// `request` is the one that [`Connection::check_response`] gave.
    pub(super) fn begin_response(&mut self, head: &Head, request: Request) {
        if head.framing == BOJAGI_FRAMING_TUNNEL {
            return self.switch();
        }
        if head.status < 200 {
            if head.status == 100 && self.awaiting == 1 {
                self.clear(EXPECT);
            }
            return;
        }
        self.pop();
        self.part(head, request);
        if self.is_server() && self.has(FINAL) {
            // Those behind it are never answered.
            self.awaiting = 0;
        }
        self.response = BODY;
        if !has_body(head) {
            self.end_response();
        }
    }

    pub(super) fn end_response(&mut self) {
        if self.has(FINAL) {
            // What is left of the request's body no longer matters.
            self.close();
        } else {
            self.response = IDLE;
        }
    }

    /// No message follows in either direction.
    pub(super) fn close(&mut self) {
        self.request = CLOSED;
        self.response = CLOSED;
    }

    /// No request follows, and none that is incomplete is completed; responses may.
    pub(super) fn close_requests(&mut self) {
        self.request = CLOSED;
        self.set(LAST, true);
        self.clear(UPGRADE);
    }

    /// Each direction is the other protocol's once the message in it is over (RFC 9110 §7.8).
    fn switch(&mut self) {
        self.pop();
        self.set(SWITCHED, true);
        self.clear(EXPECT);
        self.response = TUNNEL;
        if self.request != BODY {
            self.request = TUNNEL;
        }
    }

    /// What a final response means for its request and for those behind it.
    fn part(&mut self, head: &Head, request: Request) {
        let answers_last = self.awaiting == 0;
        let early = answers_last && self.request == BODY;
        // A client that waits for 100 has not begun the body, one that sees an error stops it.
        let stops = early && (self.has(EXPECT) || (!self.is_server() && head.status >= 400));
        // To HTTP/1.0, and from it, a connection persists when both messages say so (RFC 9112 §9.3).
        let persists = head.keep_alive() && (!request.is_old || head.notes.keep_alive(10));
        let ends = !persists || stops || (answers_last && self.has(LAST));
        if answers_last {
            self.decline();
        }
        if ends {
            self.set(FINAL, true);
            match early && !stops {
                true => self.set(LAST, true),
                false => self.close_requests(),
            }
        }
    }

    /// The last request is answered, so an upgrade that it asked for will not be.
    fn decline(&mut self) {
        self.clear(UPGRADE);
        if self.request == SWITCHING {
            self.end_request();
        }
    }
}

/// Whether a message may begin in this phase.
pub(super) fn check_phase(phase: u8) -> Result<(), Refusal> {
    match phase {
        IDLE => Ok(()),
        BODY | SWITCHING => Err(misuse(BOJAGI_REASON_NOT_YET)),
        _ => Err(misuse(BOJAGI_REASON_AFTER_LAST)),
    }
}

fn has_flag(head: &Head, flag: u16) -> bool {
    head.flags & flag != 0
}

fn has_body(head: &Head) -> bool {
    match head.framing {
        BOJAGI_FRAMING_LENGTH => head.content_length > 0,
        framing => matches!(framing, BOJAGI_FRAMING_CHUNKED | BOJAGI_FRAMING_UNTIL_CLOSE),
    }
}
