//! What may happen next on a connection: the state between messages, for a client and for a server.
//!
//! A [`Connection`] does no I/O and decodes no body. It is told what came in, after
//! [`Head`](crate::Head) and [`Body`](crate::Body) have decoded it, and what goes out, before it is
//! sent, and answers what may be read and written now ([`Connection::may`]). So what RFC 9112 §9 asks
//! of both sides holds whatever carries the bytes: responses come in the order of the requests, a
//! body is as long as its head said, no message follows `Connection: close`, and a connection with a
//! body pending is never used again.
//!
//! Its parts are the requests that await their responses (`awaiting.rs`), what a message does to the
//! state (`exchange.rs`), and the two sides of it, what came in (`incoming.rs`) and what goes out
//! (`outgoing.rs`). Request and response each have a phase of their own: which of them is read and
//! which is written is all that the role decides.

mod awaiting;
mod exchange;
mod incoming;
mod outgoing;

use crate::fault::{Error, Fault, Refusal};

/// This side sends requests and receives responses.
pub const BOJAGI_ROLE_CLIENT: u8 = 1;
/// This side receives requests and sends responses.
pub const BOJAGI_ROLE_SERVER: u8 = 2;

/// The requests that may await their responses on one connection.
pub const BOJAGI_PIPELINE_MAX: usize = 32;

/// A head may come: decode it, then `bojagi_connection_received_head`. A client awaits a response, a
/// server has room for a request.
pub const BOJAGI_MAY_READ_HEAD: u32 = 1;
/// The body of a message is coming in: decode it, and tell `bojagi_connection_received_body`.
pub const BOJAGI_MAY_READ_BODY: u32 = 2;
/// A head may be sent: a client's next request, or a server's response to the oldest request that has
/// none (an interim one, 1xx, or the final one). `bojagi_connection_send_head`.
pub const BOJAGI_MAY_WRITE_HEAD: u32 = 4;
/// The body of the message whose head was sent last is to be sent: `bojagi_connection_send_body`, and
/// `bojagi_connection_send_end` where no Content-Length ends it.
pub const BOJAGI_MAY_WRITE_BODY: u32 = 8;
/// Nothing is pending: the next exchange may begin, or the connection may be kept for later, or closed
/// without loss.
pub const BOJAGI_MAY_REUSE: u32 = 16;
/// Both directions are no longer HTTP: after a 101, or a 2xx to CONNECT. What comes in and goes out from
/// here on is the other protocol's, and none of the connection's business.
pub const BOJAGI_MAY_TUNNEL: u32 = 32;
/// A body waits for a 100 (RFC 9110 §10.1.1). Client: wait for a response, but not for ever, before the
/// body is sent. Server: send a 100, or the final response, before the body is read; the final one alone
/// ends the connection, since the client may or may not send the body after it.
pub const BOJAGI_AWAITS_CONTINUE: u32 = 64;
/// Server: the response is complete and the body of its request is not read. Read it to its end, and
/// throw it away, before the next request is read, or close.
pub const BOJAGI_MUST_DRAIN: u32 = 128;
/// Server: no request follows the one that is answered next, so its final response ought to hold
/// `Connection: close` (RFC 9112 §9.6).
pub const BOJAGI_MUST_SAY_CLOSE: u32 = 256;
/// Nothing may be read or written any more: close the transport. No other bit stands beside this one.
pub const BOJAGI_MUST_CLOSE: u32 = 512;

/// The state of a connection between and within its messages.
///
/// The caller owns it; it holds no pointer and needs no free. Call `bojagi_connection_init` once per
/// transport.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Connection {
    /// Bytes of the outgoing body that are still to be sent, when it has a Content-Length; else 0.
    pub outgoing_left: u64,
    /// Private: the Content-Length of the incoming body.
    pub(crate) incoming_length: u64,
    /// What was wrong, after BOJAGI_E_STATE, BOJAGI_E_SYNTAX, BOJAGI_E_LIMIT and BOJAGI_E_TRUNCATED. Its
    /// status is what a server answers, 502 for a client, 0 where the peer is not at fault.
    pub fault: Fault,
    /// Requests that have no final response yet. After BOJAGI_MUST_CLOSE a client knows from it how many
    /// of its last requests were not answered.
    pub awaiting: u8,
    /// The version of the last head that came in, 10 or 11; 0 before the first.
    pub peer_version: u8,
    /// Private: BOJAGI_ROLE_CLIENT or BOJAGI_ROLE_SERVER.
    pub(crate) role: u8,
    /// Private: where the request of now is.
    pub(crate) request: u8,
    /// Private: where the response of now is.
    pub(crate) response: u8,
    /// Private: one of BOJAGI_FRAMING_.
    pub(crate) incoming_framing: u8,
    /// Private: one of BOJAGI_FRAMING_.
    pub(crate) outgoing_framing: u8,
    /// Private.
    pub(crate) flags: u8,
    /// Private: the requests that await their responses, in a ring.
    pub(crate) methods: [u8; BOJAGI_PIPELINE_MAX],
    /// Private: where in the ring the oldest stands.
    pub(crate) oldest: u8,
    /// Zero.
    pub(crate) padding: [u8; 3],
    /// Zero.
    pub(crate) reserved: [u32; 5],
}

/// Between messages.
const IDLE: u8 = 0;
/// The head has gone by, the body has not.
const BODY: u8 = 1;
/// A request that may end HTTP here is complete: nothing follows it before it is answered.
const SWITCHING: u8 = 2;
/// No longer HTTP; the response is the first to be it.
const TUNNEL: u8 = 3;
/// No further message.
const CLOSED: u8 = 4;

/// No request follows the last one that awaits its response.
const LAST: u8 = 1;
/// The response of now ends the connection.
const FINAL: u8 = 2;
/// The last request waits for a 100 before its body.
const EXPECT: u8 = 4;
/// The last request asks for an upgrade, and has no final response.
const UPGRADE: u8 = 8;
/// The response was a switch to another protocol.
const SWITCHED: u8 = 16;

impl Connection {
    /// A connection without a message yet. A role that is not BOJAGI_ROLE_CLIENT is a server's.
    pub fn new(role: u8) -> Self {
        Self {
            outgoing_left: 0,
            incoming_length: 0,
            fault: Fault::default(),
            awaiting: 0,
            peer_version: 0,
            role,
            request: IDLE,
            response: IDLE,
            incoming_framing: 0,
            outgoing_framing: 0,
            flags: 0,
            methods: [0; BOJAGI_PIPELINE_MAX],
            oldest: 0,
            padding: [0; 3],
            reserved: [0; 5],
        }
    }

    /// What may happen now: a sum of BOJAGI_MAY_, BOJAGI_MUST_ and BOJAGI_AWAITS_ bits, never 0.
    pub fn may(&self) -> u32 {
        let server = self.is_server();
        let asked = self.awaiting > 0;
        let is_answered = self.response == IDLE && !asked;
        let continue_is_next = !server || (self.awaiting == 1 && self.response == IDLE);
        let bits = [
            (self.request == IDLE && !self.is_full(), self.request_bit(BOJAGI_MAY_READ_HEAD)),
            (self.request == BODY, self.request_bit(BOJAGI_MAY_READ_BODY)),
            (self.response == IDLE && asked, self.response_bit(BOJAGI_MAY_READ_HEAD)),
            (self.response == BODY, self.response_bit(BOJAGI_MAY_READ_BODY)),
            (self.request == IDLE && is_answered, BOJAGI_MAY_REUSE),
            (self.request == TUNNEL, BOJAGI_MAY_TUNNEL),
            (self.request == BODY && self.has(EXPECT) && continue_is_next, BOJAGI_AWAITS_CONTINUE),
            (server && self.request == BODY && is_answered, BOJAGI_MUST_DRAIN),
            (self.answers_last() && self.has(LAST | EXPECT), BOJAGI_MUST_SAY_CLOSE),
        ];
        let may = bits.iter().filter(|(holds, _)| *holds).fold(0, |sum, (_, bit)| sum | bit);
        if may == 0 { BOJAGI_MUST_CLOSE } else { may }
    }

    /// The BOJAGI_METHOD_ of the request that the next response answers: what
    /// [`Head::decode_response`](crate::Head::decode_response) must know. An error when there is none.
    pub fn request_method(&self) -> Result<u8, Error> {
        self.oldest_request().map(|request| request.method).ok_or(Error::State)
    }

    fn is_server(&self) -> bool {
        self.role != BOJAGI_ROLE_CLIENT
    }

    /// The bit of a server, which reads requests, or its twin for a client, which writes them.
    fn request_bit(&self, read: u32) -> u32 {
        if self.is_server() { read } else { read << 2 }
    }

    fn response_bit(&self, read: u32) -> u32 {
        if self.is_server() { read << 2 } else { read }
    }

    /// Whether a server may answer now, and no other request awaits its response.
    fn answers_last(&self) -> bool {
        self.is_server() && self.response == IDLE && self.awaiting == 1
    }

    /// Whether any of these flags is set.
    fn has(&self, flags: u8) -> bool {
        self.flags & flags != 0
    }

    fn set(&mut self, flag: u8, holds: bool) {
        if holds {
            self.flags |= flag;
        }
    }

    fn clear(&mut self, flags: u8) {
        self.flags &= !flags;
    }

    /// Keeps the fault of a refusal for the caller to read; ARG and SPACE have none.
    fn note(&mut self, refusal: Refusal) -> Error {
        if !matches!(refusal.error(), Error::Arg | Error::Space) {
            self.fault = refusal.fault();
        }
        refusal.error()
    }
}

/// A call that the state does not allow: the caller's mistake, not the peer's.
fn misuse(reason: u16) -> Refusal {
    unfit(reason).with_error(Error::State)
}

/// What breaks a rule of HTTP, whatever the connection.
fn unfit(reason: u16) -> Refusal {
    Refusal::new(reason, 0).with_status(0)
}

/// A call that cannot be: nothing is noted.
fn plain(error: Error) -> Refusal {
    Refusal::with_fault(error, Fault::default())
}
