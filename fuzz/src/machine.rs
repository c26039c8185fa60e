//! The three decoders that are given their bytes again from the start: two heads and the trailers.

use bojagi_codec::capi::body::{bojagi_body_decode, bojagi_body_init, bojagi_trailers_decode};
use bojagi_codec::capi::code::{BOJAGI_E_LIMIT, BOJAGI_E_SPACE, BOJAGI_E_SYNTAX};
use bojagi_codec::capi::head::*;
use bojagi_codec::framing::BOJAGI_FRAMING_UNKNOWN;
use bojagi_codec::simd::Level;
use bojagi_codec::{Body, Error, Fault, Field, Head, Rules, Span};
use std::mem::MaybeUninit;
use std::ptr::null_mut;

/// Fields that an array has room for: more than there can be in an input.
pub const FIELDS: usize = 4096;

/// One decoder in the middle of its work. A copy goes on from the same place.
#[derive(Clone, Copy)]
pub enum Machine {
    /// `bojagi_request_decode`.
    Request(Head),
    /// `bojagi_response_decode`, and the method of the request.
    Response(Head, u32),
    /// `bojagi_trailers_decode`.
    Trailers(Body),
}

/// Everything that a caller may look at after a call.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Outcome {
    /// What the call returned.
    pub answer: i64,
    /// The number of fields so far.
    pub count: u32,
    /// The fault, once there is one.
    pub fault: Fault,
    /// The public words of a head that is complete.
    pub words: Words,
}

/// The public words of a head.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Words {
    content_length: u64,
    length: u32,
    spans: [Span; 3],
    status: u16,
    version: u8,
    ids: [u8; 2],
    framing: u8,
    flags: u16,
}

impl Machine {
    /// A decoder that waits for the first byte of a request.
    pub fn request(rules: &Rules) -> Self {
        Self::Request(head(rules))
    }

    /// A decoder that waits for the first byte of a response to a request of this method.
    pub fn response(rules: &Rules, method: u32) -> Self {
        Self::Response(head(rules), method)
    }

    /// A decoder that waits for the first byte of a trailer section.
    pub fn trailers(rules: &Rules) -> Self {
        let mut body = chunked_body(rules);
        let mut span = Span::default();
        // SAFETY: the body has begun, and there is room for one span.
        let used =
            unsafe { bojagi_body_decode(&mut body, b"0\r\n".as_ptr().cast(), 3, &mut span, 1) };
        assert_eq!(used, 3, "the last chunk was not taken");
        Self::Trailers(body)
    }

    /// One call, with an array of the caller's or without any.
    pub fn call(&mut self, fields: Option<&mut [Field]>, data: &[u8]) -> i64 {
        let (array, cap) = fields.map_or((null_mut(), 0), |fields| {
            (fields.as_mut_ptr(), u32::try_from(fields.len()).expect("a small array"))
        });
        let (bytes, len) = (data.as_ptr().cast(), data.len());
        // SAFETY: each struct has been begun, and the lengths are those of the slices.
        unsafe {
            match self {
                Self::Request(head) => bojagi_request_decode(head, array, cap, bytes, len),
                Self::Response(head, method) => {
                    bojagi_response_decode(head, array, cap, bytes, len, *method)
                }
                Self::Trailers(body) => bojagi_trailers_decode(body, array, cap, bytes, len),
            }
        }
    }

    /// One call of the decoder of a head with this kernel: the first `end` of the bytes have come. Without
    /// `full` only the spans are asked for.
    pub fn call_at(
        &mut self,
        level: Level,
        fields: &mut [MaybeUninit<Field>],
        (bytes, end): (&[u8], usize),
        full: bool,
    ) -> i64 {
        let answer = match self {
            Self::Request(head) => head.decode_at(level, Some(fields), (bytes, end), None, full),
            Self::Response(head, method) => {
                let method = u8::try_from(*method).expect("an id of a method");
                head.decode_at(level, Some(fields), (bytes, end), Some(method), full)
            }
            Self::Trailers(_) => panic!("trailers have no kernel"),
        };
        match answer {
            Ok(length) => i64::try_from(length).expect("a length"),
            Err(Error::Space) => BOJAGI_E_SPACE,
            Err(Error::Limit) => BOJAGI_E_LIMIT,
            Err(Error::Syntax) => BOJAGI_E_SYNTAX,
            Err(error) => panic!("{error:?}"),
        }
    }

    /// One call of the `_decode_padded` form: the first `len` of the bytes have come.
    pub fn call_padded(&mut self, fields: &mut [Field], bytes: &[u8], len: usize) -> i64 {
        assert!(bytes.len() >= len + BOJAGI_PADDING, "no padding");
        let (array, cap) = (fields.as_mut_ptr(), u32::try_from(fields.len()).expect("small"));
        let bytes = bytes.as_ptr().cast();
        // SAFETY: the head has been begun, there is room for `cap`, and padding behind `len`.
        unsafe {
            match self {
                Self::Request(head) => bojagi_request_decode_padded(head, array, cap, bytes, len),
                Self::Response(head, method) => {
                    bojagi_response_decode_padded(head, array, cap, bytes, len, *method)
                }
                Self::Trailers(_) => unreachable!("trailers have no padded form"),
            }
        }
    }

    /// One call of the `_spans` form.
    pub fn call_spans(&mut self, fields: &mut [Field], data: &[u8]) -> i64 {
        let (array, cap) = (fields.as_mut_ptr(), u32::try_from(fields.len()).expect("small"));
        let (bytes, len) = (data.as_ptr().cast(), data.len());
        // SAFETY: the head has been begun, and the lengths are those of the slices.
        unsafe {
            match self {
                Self::Request(head) => bojagi_request_spans(head, array, cap, bytes, len),
                Self::Response(head, method) => {
                    bojagi_response_spans(head, array, cap, bytes, len, *method)
                }
                Self::Trailers(_) => unreachable!("trailers have no such form"),
            }
        }
    }

    /// One call of the `_in_place` form.
    pub fn call_in_place(&mut self, fields: &mut [Field], data: &mut [u8]) -> i64 {
        let (array, cap) = (fields.as_mut_ptr(), u32::try_from(fields.len()).expect("small"));
        let (bytes, len) = (data.as_mut_ptr().cast(), data.len());
        // SAFETY: the head has been begun, and the lengths are those of the slices.
        unsafe {
            match self {
                Self::Request(head) => bojagi_request_decode_in_place(head, array, cap, bytes, len),
                Self::Response(head, method) => {
                    bojagi_response_decode_in_place(head, array, cap, bytes, len, *method)
                }
                Self::Trailers(_) => unreachable!("trailers have no such form"),
            }
        }
    }

    /// Calls until the answer is no SPACE, each time with a larger part of the array.
    pub fn call_growing(&mut self, fields: &mut [Field], cap: &mut usize, data: &[u8]) -> i64 {
        loop {
            let answer = self.call(Some(&mut fields[..*cap]), data);
            if answer != BOJAGI_E_SPACE {
                return answer;
            }
            assert_eq!(self.count() as usize, *cap, "SPACE though there was room");
            *cap = 2 * *cap + 1;
        }
    }

    /// What can be seen after a call that returned this.
    pub fn outcome(&self, answer: i64) -> Outcome {
        let words = match self {
            Self::Request(head) | Self::Response(head, _) if answer > 0 => Words::of(head),
            _ => Words::default(),
        };
        Outcome { answer, count: self.count(), fault: self.fault(), words }
    }

    /// The rule that was broken.
    pub fn fault(&self) -> Fault {
        match self {
            Self::Request(head) | Self::Response(head, _) => head.fault,
            Self::Trailers(body) => {
                // It counts from the first byte of the body, three before the section.
                let offset = body.fault.offset.saturating_sub(3);
                Fault { offset, ..body.fault }
            }
        }
    }

    /// The number of fields so far.
    pub fn count(&self) -> u32 {
        match self {
            Self::Request(head) | Self::Response(head, _) => head.field_count,
            Self::Trailers(body) => body.span_count,
        }
    }

    /// The head, of the two that have one.
    pub fn head(&self) -> Option<&Head> {
        match self {
            Self::Request(head) | Self::Response(head, _) => Some(head),
            Self::Trailers(_) => None,
        }
    }
}

impl Words {
    /// What the `_spans` form leaves of them.
    pub fn bare(self) -> Self {
        Self { content_length: 0, flags: 0, framing: BOJAGI_FRAMING_UNKNOWN, ..self }
    }

    fn of(head: &Head) -> Self {
        Self {
            content_length: head.content_length,
            length: head.length,
            spans: [head.method, head.target, head.reason_phrase],
            status: head.status,
            version: head.version,
            ids: [head.method_id, head.target_form],
            framing: head.framing,
            flags: head.flags,
        }
    }
}

/// The beginning of a chunked body under these rules.
pub fn chunked_body(rules: &Rules) -> Body {
    body_after(rules, b"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n", None)
}

/// The beginning of the body that follows this head: of a response to this method, or of a request.
pub fn body_after(rules: &Rules, wire: &[u8], method: Option<u32>) -> Body {
    let mut rules = *rules;
    (rules.start_line_max, rules.field_bytes_max, rules.field_count_max) = (1024, 1024, 8);
    let mut machine = match method {
        None => Machine::request(&rules),
        Some(method) => Machine::response(&rules, method),
    };
    assert_eq!(usize::try_from(machine.call(None, wire)), Ok(wire.len()), "{machine:?}");
    let mut body = Body::default();
    let head = machine.head().expect("it is a head");
    // SAFETY: the head is complete, the body is ours to write.
    unsafe { bojagi_body_init(&mut body, head) };
    body
}

fn head(rules: &Rules) -> Head {
    let mut head = Head::default();
    // SAFETY: the head is ours to write, the rules are filled in.
    unsafe { bojagi_head_init(&mut head, rules) };
    head
}

impl std::fmt::Debug for Machine {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Request(head) | Self::Response(head, _) => head.fmt(out),
            Self::Trailers(body) => body.fmt(out),
        }
    }
}
