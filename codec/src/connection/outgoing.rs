//! What goes out, told before it is sent. What is refused must not be sent, and changes nothing.
//!
//! A head is handed over as the bytes that are about to be sent, and decoded as the peer will decode
//! it: no description of a message can disagree with the message.

use super::exchange::check_phase;
use super::*;
use crate::fault::*;
use crate::framing::*;
use crate::head::Head;
use crate::method::{BOJAGI_METHOD_CONNECT, BOJAGI_METHOD_TRACE};
use crate::rules::Rules;

impl Connection {
    /// A head is about to be sent; `data` begins with it. Answers its length.
    pub fn send_head(&mut self, data: &[u8]) -> Result<usize, Error> {
        let mut head = Head::new(&Rules::STRICT);
        let result = match self.is_server() {
            true => self.send_response(&mut head, data),
            false => self.send_request(&mut head, data),
        };
        result.map_err(|refusal| self.note(refusal))
    }

    /// `count` more bytes of the body are about to be sent, the framing of chunks not counted.
    pub fn send_body(&mut self, count: u64) -> Result<(), Error> {
        if count == 0 {
            return Ok(());
        }
        self.count_body(count).map_err(|refusal| self.note(refusal))
    }

    /// The message is about to end, with the last chunk or with the transport.
    pub fn send_end(&mut self) -> Result<(), Error> {
        if self.outgoing() != BODY {
            return Ok(());
        }
        if self.outgoing_framing == BOJAGI_FRAMING_LENGTH {
            return Err(self.note(misuse(BOJAGI_REASON_BODY_MISMATCH)));
        }
        self.end_outgoing();
        Ok(())
    }

    fn send_request(&mut self, head: &mut Head, data: &[u8]) -> Result<usize, Refusal> {
        self.check_request()?;
        let decoded = head.decode_either(None, data, None);
        let length = decided(head, decoded)?;
        if head.method.off > 0 {
            // The empty line that a decoder skips is not for us to send (RFC 9112 §2.2).
            return Err(unfit(BOJAGI_REASON_METHOD));
        }
        let (is_coded, is_framed) = body_fields(head);
        if is_coded && self.peer_version == 10 {
            return Err(misuse(BOJAGI_REASON_TRANSFER_ENCODING_VERSION));
        }
        let method = head.method_id;
        if is_framed && matches!(method, BOJAGI_METHOD_CONNECT | BOJAGI_METHOD_TRACE) {
            return Err(unfit(BOJAGI_REASON_FIELD_FORBIDDEN));
        }
        self.begin_outgoing(head);
        self.begin_request(head);
        Ok(length)
    }

    fn send_response(&mut self, head: &mut Head, data: &[u8]) -> Result<usize, Refusal> {
        check_phase(self.response)?;
        let asked = self.oldest_request().ok_or(misuse(BOJAGI_REASON_RESPONSE_UNASKED))?;
        let decoded = head.decode_either(None, data, Some(asked.method));
        let length = decided(head, decoded)?;
        let request = self.check_response(head).map_err(misuse)?;
        if head.status == 101 && self.has(EXPECT) {
            // The 100 comes first (RFC 9110 §7.8).
            return Err(misuse(BOJAGI_REASON_NOT_YET));
        }
        let (is_coded, is_framed) = body_fields(head);
        if is_coded && request.is_old {
            return Err(misuse(BOJAGI_REASON_TRANSFER_ENCODING_VERSION));
        }
        let bodiless =
            head.framing == BOJAGI_FRAMING_TUNNEL || matches!(head.status, 100..=199 | 204);
        if is_framed && bodiless {
            return Err(unfit(BOJAGI_REASON_FIELD_FORBIDDEN));
        }
        self.begin_outgoing(head);
        self.begin_response(head, request);
        Ok(length)
    }

    fn begin_outgoing(&mut self, head: &Head) {
        self.outgoing_framing = head.framing;
        self.outgoing_left = head.content_length;
    }

    fn count_body(&mut self, count: u64) -> Result<(), Refusal> {
        match self.outgoing() {
            BODY => {}
            CLOSED | TUNNEL => return Err(misuse(BOJAGI_REASON_AFTER_LAST)),
            _ => return Err(misuse(BOJAGI_REASON_BODY_MISMATCH)),
        }
        if self.outgoing_framing == BOJAGI_FRAMING_LENGTH {
            let left = self.outgoing_left.checked_sub(count);
            self.outgoing_left = left.ok_or(misuse(BOJAGI_REASON_BODY_MISMATCH))?;
        }
        if !self.is_server() {
            self.clear(EXPECT);
        }
        if self.outgoing_framing == BOJAGI_FRAMING_LENGTH && self.outgoing_left == 0 {
            self.end_outgoing();
        }
        Ok(())
    }

    /// The phase of what goes out.
    fn outgoing(&self) -> u8 {
        if self.is_server() { self.response } else { self.request }
    }

    fn end_outgoing(&mut self) {
        match self.is_server() {
            true => self.end_response(),
            false => self.end_request(),
        }
    }
}

/// The length of a head that was decoded to be sent. A fault of ours is nobody's to answer.
fn decided(head: &Head, decoded: Result<usize, Error>) -> Result<usize, Refusal> {
    match decoded {
        Ok(0) => Err(plain(Error::Arg)),
        Ok(length) => Ok(length),
        Err(error) => Err(Refusal::with_fault(error, head.fault).with_status(0)),
    }
}

/// Whether Transfer-Encoding stands in a head, and whether it or Content-Length does.
fn body_fields(head: &Head) -> (bool, bool) {
    let body = head.notes.body(u64::MAX).ok().flatten();
    (matches!(body, Some((BOJAGI_FRAMING_CHUNKED, _))), body.is_some())
}
