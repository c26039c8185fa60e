//! One whole message: its head, its body, its trailers, in memory that is used again.

use crate::machine::{FIELDS, Machine};
use bojagi_codec::body::*;
use bojagi_codec::capi::body::*;
use bojagi_codec::{Body, Fault, Field, Head, Rules, Span};

/// Decodes messages; after each, what came out.
pub struct Message {
    /// The head, once it is complete.
    pub head: Head,
    /// The bytes of the body.
    pub body: Vec<u8>,
    /// The offset at which the trailer section begins, when there is one.
    pub trailers_at: usize,
    fields: Vec<Field>,
    trailers: Vec<Field>,
    trailer_count: usize,
    spans: Vec<Span>,
}

/// How far a message came.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum End {
    /// The head is refused.
    NoHead(Fault),
    /// The head is not complete.
    PartOfHead,
    /// The head is complete, and the body is refused.
    BadBody(Fault),
    /// The body is not complete, and needs more bytes or, when it has no length, the end of them.
    PartOfBody,
    /// The body is complete, and its trailers are not: a name that must not stand there is still to come.
    PartOfTrailers,
    /// The message is complete, and so many bytes long.
    Complete(usize),
}

impl Default for Message {
    fn default() -> Self {
        Self {
            head: Head::default(),
            body: Vec::new(),
            trailers_at: 0,
            fields: vec![Field::default(); FIELDS],
            trailers: vec![Field::default(); FIELDS],
            trailer_count: 0,
            spans: vec![Span::default(); 64],
        }
    }
}

impl Message {
    /// Decodes a request, or a response to a request of this method.
    pub fn decode(&mut self, rules: &Rules, method: Option<u32>, data: &[u8]) -> End {
        let mut machine = match method {
            None => Machine::request(rules),
            Some(method) => Machine::response(rules, method),
        };
        let answer = machine.call(Some(&mut self.fields), data);
        self.head = *machine.head().expect("it is a head");
        match usize::try_from(answer) {
            Ok(0) => End::PartOfHead,
            Ok(length) => self.decode_body(data, length),
            Err(_) => End::NoHead(machine.fault()),
        }
    }

    /// The fields of the head.
    pub fn fields(&self) -> &[Field] {
        &self.fields[..self.head.field_count as usize]
    }

    /// The trailers, whose offsets count from `trailers_at`.
    pub fn trailers(&self) -> &[Field] {
        &self.trailers[..self.trailer_count]
    }

    fn decode_body(&mut self, data: &[u8], mut at: usize) -> End {
        let mut body = Body::default();
        // SAFETY: the body is ours to write, the head is complete.
        unsafe { bojagi_body_init(&mut body, &self.head) };
        self.body.clear();
        (self.trailers_at, self.trailer_count) = (0, 0);
        while body.state == BOJAGI_BODY_DATA {
            match usize::try_from(self.decode_data(&mut body, &data[at..])) {
                Ok(0) if body.state == BOJAGI_BODY_DATA => return End::PartOfBody,
                Ok(used) => at += used,
                Err(_) => return End::BadBody(body.fault),
            }
        }
        if body.state == BOJAGI_BODY_TRAILERS {
            self.trailers_at = at;
            match usize::try_from(self.decode_trailers(&mut body, &data[at..])) {
                Ok(0) => return End::PartOfTrailers,
                Ok(length) => at += length,
                Err(_) => return End::BadBody(body.fault),
            }
        }
        End::Complete(at)
    }

    fn decode_data(&mut self, body: &mut Body, data: &[u8]) -> i64 {
        let (bytes, len) = (data.as_ptr().cast(), data.len());
        let cap = u32::try_from(self.spans.len()).expect("few spans");
        let spans = self.spans.as_mut_ptr();
        // SAFETY: the body has begun, and the lengths are those of the slices.
        let used = unsafe { bojagi_body_decode(body, bytes, len, spans, cap) };
        if used > 0 {
            for span in &self.spans[..body.span_count as usize] {
                self.body.extend_from_slice(span.of(data));
            }
        }
        used
    }

    fn decode_trailers(&mut self, body: &mut Body, data: &[u8]) -> i64 {
        let (bytes, len) = (data.as_ptr().cast(), data.len());
        let cap = u32::try_from(self.trailers.len()).expect("few trailers");
        let array = self.trailers.as_mut_ptr();
        // SAFETY: the body has begun, and the lengths are those of the slices.
        let length = unsafe { bojagi_trailers_decode(body, array, cap, bytes, len) };
        self.trailer_count = body.span_count as usize;
        length
    }
}
