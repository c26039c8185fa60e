//! What came in, told once it is decoded. A fault of the peer is for good: nothing more is read.

use super::exchange::check_phase;
use super::*;
use crate::body::{BOJAGI_BODY_DONE, Body};
use crate::fault::*;
use crate::framing::*;
use crate::head::{BAD_GATEWAY, Head};
use crate::method::{BOJAGI_METHOD_CONNECT, BOJAGI_METHOD_HEAD, BOJAGI_METHOD_OTHER};

impl Connection {
    /// A head came in: complete, or with a fault, which becomes the connection's.
    pub fn received_head(&mut self, head: &Head) -> Result<(), Error> {
        let result = match self.is_server() {
            true => self.received_request(head),
            false => self.received_response(head),
        };
        result.map_err(|refusal| self.note(refusal))
    }

    /// The body of the message that is coming in was decoded as far as `body` says.
    pub fn received_body(&mut self, body: &Body) -> Result<(), Error> {
        self.see_body(body).map_err(|refusal| self.note(refusal))
    }

    /// The peer ended its direction; `left` bytes of it are part of no complete head or trailers.
    pub fn received_close(&mut self, left: usize) -> Result<(), Error> {
        self.see_close(left).map_err(|refusal| self.note(refusal))
    }

    fn received_request(&mut self, head: &Head) -> Result<(), Refusal> {
        self.check_request()?;
        if head.is_response() || !is_decided(head) {
            return Err(plain(Error::Arg));
        }
        if head.length == 0 {
            // Its response may still be sent, and is the last. Whether a tunnel was meant no longer matters.
            let method = match head.method_id {
                BOJAGI_METHOD_CONNECT => BOJAGI_METHOD_OTHER,
                method => method,
            };
            self.push(method, head);
            return Err(self.fail(found(head.fault)));
        }
        self.begin_incoming(head);
        self.begin_request(head);
        Ok(())
    }

    fn received_response(&mut self, head: &Head) -> Result<(), Refusal> {
        check_phase(self.response)?;
        let Some(request) = self.oldest_request() else {
            return Err(self.break_rule(BOJAGI_REASON_RESPONSE_UNASKED));
        };
        if !head.is_response() || !is_decided(head) {
            return Err(plain(Error::Arg));
        }
        if head.length == 0 {
            return Err(self.fail(found(head.fault)));
        }
        if !is_framed_for(head, request.method) {
            return Err(plain(Error::Arg));
        }
        let request = self.check_response(head).map_err(|reason| self.break_rule(reason))?;
        self.begin_incoming(head);
        self.begin_response(head, request);
        Ok(())
    }

    fn begin_incoming(&mut self, head: &Head) {
        self.peer_version = head.version;
        self.incoming_framing = head.framing;
        self.incoming_length = head.content_length;
    }

    fn see_body(&mut self, body: &Body) -> Result<(), Refusal> {
        if self.incoming() != BODY {
            return match body.state {
                BOJAGI_BODY_DONE => Ok(()),
                _ => Err(misuse(BOJAGI_REASON_BODY_MISMATCH)),
            };
        }
        if !self.is_incoming(body) {
            return Err(plain(Error::Arg));
        }
        if body.failed != 0 {
            return Err(self.fail(found(body.fault)));
        }
        if self.is_server() && body.offset > 0 {
            self.clear(EXPECT);
        }
        if body.state == BOJAGI_BODY_DONE {
            self.end_incoming();
        }
        Ok(())
    }

    /// Whether this is the body that the last head announced.
    fn is_incoming(&self, body: &Body) -> bool {
        let announced = body.total.saturating_add(body.remaining);
        body.framing == self.incoming_framing
            && (body.is_response == 0) == self.is_server()
            && (body.framing != BOJAGI_FRAMING_LENGTH || announced == self.incoming_length)
    }

    fn see_close(&mut self, left: usize) -> Result<(), Refusal> {
        match self.incoming() {
            CLOSED | TUNNEL => Ok(()),
            // Its answer is still wanted, and what is left may be the tunnel's.
            SWITCHING => {
                self.set(LAST, true);
                Ok(())
            }
            _ if left > 0 => Err(self.truncate(BOJAGI_REASON_TRUNCATED)),
            BODY if self.incoming_framing == BOJAGI_FRAMING_UNTIL_CLOSE => {
                self.end_incoming();
                Ok(())
            }
            BODY => Err(self.truncate(BOJAGI_REASON_TRUNCATED)),
            _ if self.is_server() => {
                self.close_requests();
                Ok(())
            }
            _ if self.awaiting > 0 => Err(self.truncate(BOJAGI_REASON_UNANSWERED)),
            _ => {
                self.close();
                Ok(())
            }
        }
    }

    /// The phase of what comes in.
    fn incoming(&self) -> u8 {
        if self.is_server() { self.request } else { self.response }
    }

    fn end_incoming(&mut self) {
        match self.is_server() {
            true => self.end_request(),
            false => self.end_response(),
        }
    }

    fn break_rule(&mut self, reason: u16) -> Refusal {
        self.fail(Refusal::new(reason, 0))
    }

    fn truncate(&mut self, reason: u16) -> Refusal {
        self.fail(Refusal::new(reason, 0).with_error(Error::Truncated))
    }

    /// Nothing more is read. A server may answer what it owes; a client has nobody to trust.
    fn fail(&mut self, refusal: Refusal) -> Refusal {
        if self.is_server() {
            self.close_requests();
            return refusal;
        }
        self.close();
        refusal.with_status(BAD_GATEWAY)
    }
}

/// Whether a head is complete, its framing known, or refused, and not somewhere in between.
fn is_decided(head: &Head) -> bool {
    let is_framed = head.length > 0 && head.framing != BOJAGI_FRAMING_UNKNOWN;
    is_framed || head.fault.reason != BOJAGI_REASON_NONE
}

/// The refusal that a head or a body has already told its caller.
fn found(fault: Fault) -> Refusal {
    Refusal::with_fault(error_of(fault.reason), fault)
}

/// Whether a response was decoded as one to this method: with another, its end is another (RFC 9112
/// §6.3).
fn is_framed_for(head: &Head, method: u8) -> bool {
    let success = (200..300).contains(&head.status);
    let expected = match head.status {
        101 => BOJAGI_FRAMING_TUNNEL,
        _ if success && method == BOJAGI_METHOD_CONNECT => BOJAGI_FRAMING_TUNNEL,
        100..=199 | 204 | 304 => BOJAGI_FRAMING_NONE,
        _ if method == BOJAGI_METHOD_HEAD => BOJAGI_FRAMING_NONE,
        _ => return !matches!(head.framing, BOJAGI_FRAMING_NONE | BOJAGI_FRAMING_TUNNEL),
    };
    head.framing == expected
}
