//! The codec as a foreign program sees it: its exported functions, declared by hand.
//!
//! A head or a body gets more memory than it needs, and only the public words, whose places are
//! part of the ABI, are read, so a change of their private parts leaves the tests alone.
#![allow(dead_code, reason = "each test uses its part")]

use std::ffi::{CStr, c_char};
use std::ptr;

use bojagi_codec as _;

pub mod connection;

pub const SYNTAX: i64 = -7;
pub const LIMIT: i64 = -6;
pub const SPACE: i64 = -5;
pub const TRUNCATED: i64 = -8;
pub const FRAMINGS: [&str; 5] = ["NONE", "LENGTH", "CHUNKED", "UNTIL_CLOSE", "TUNNEL"];
pub const KEEP_ALIVE: u16 = 1;
pub const UPGRADE: u16 = 4;

/// Name and value of each line.
pub type Lines = Vec<(Vec<u8>, Vec<u8>)>;

/// `bojagi_span`.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Span {
    pub off: u32,
    pub len: u32,
}

/// `bojagi_fault`.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Fault {
    pub reason: u16,
    pub status: u16,
    pub offset: u32,
}

/// `bojagi_field`.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Field {
    pub name_off: u32,
    pub name_len: u16,
    pub id: u16,
    pub value_off: u32,
    pub value_len: u32,
}

/// `bojagi_field_line`.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct FieldLine {
    pub name: *const u8,
    pub name_len: usize,
    pub value: *const u8,
    pub value_len: usize,
    pub id: u32,
    pub reserved: u32,
}

/// `bojagi_rules`.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct Rules {
    pub start_line_max: u32,
    pub field_bytes_max: u32,
    pub field_count_max: u32,
    pub trailer_bytes_max: u32,
    pub trailer_count_max: u32,
    pub chunk_extension_max: u32,
    pub body_max: u64,
    pub flags: u32,
    pub reserved: [u32; 5],
}

/// The public words of `bojagi_head`, and room for the private ones.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct RawHead {
    pub content_length: u64,
    pub length: u32,
    pub field_count: u32,
    pub method: Span,
    pub target: Span,
    pub reason_phrase: Span,
    pub status: u16,
    pub version: u8,
    pub method_id: u8,
    pub framing: u8,
    pub target_form: u8,
    pub flags: u16,
    pub fault: Fault,
    private: [u64; 64],
}

/// The public words of `bojagi_body`, and room for the private ones.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct RawBody {
    pub remaining: u64,
    pub total: u64,
    pub span_count: u32,
    pub framing: u8,
    pub state: u8,
    reserved: u16,
    pub fault: Fault,
    private: [u64; 64],
}

unsafe extern "C" {
    fn bojagi_rules_init(rules: *mut Rules);
    fn bojagi_head_init(head: *mut RawHead, rules: *const Rules);
    fn bojagi_request_decode(
        head: *mut RawHead,
        fields: *mut Field,
        cap: u32,
        data: *const u8,
        len: usize,
    ) -> i64;
    fn bojagi_response_decode(
        head: *mut RawHead,
        fields: *mut Field,
        cap: u32,
        data: *const u8,
        len: usize,
        request_method: u32,
    ) -> i64;
    fn bojagi_request_decode_in_place(
        head: *mut RawHead,
        fields: *mut Field,
        cap: u32,
        data: *mut u8,
        len: usize,
    ) -> i64;
    fn bojagi_response_decode_in_place(
        head: *mut RawHead,
        fields: *mut Field,
        cap: u32,
        data: *mut u8,
        len: usize,
        request_method: u32,
    ) -> i64;
    fn bojagi_body_init(body: *mut RawBody, head: *const RawHead);
    fn bojagi_body_decode(
        body: *mut RawBody,
        data: *const u8,
        len: usize,
        spans: *mut Span,
        cap: u32,
    ) -> i64;
    fn bojagi_trailers_decode(
        body: *mut RawBody,
        fields: *mut Field,
        cap: u32,
        data: *const u8,
        len: usize,
    ) -> i64;
    fn bojagi_body_end(body: *mut RawBody) -> i64;
    fn bojagi_request_encode(
        out: *mut u8,
        cap: usize,
        method: *const u8,
        method_len: usize,
        target: *const u8,
        target_len: usize,
        fields: *const FieldLine,
        count: usize,
        fault: *mut Fault,
    ) -> i64;
    fn bojagi_response_encode(
        out: *mut u8,
        cap: usize,
        status: u32,
        reason: *const u8,
        reason_len: usize,
        fields: *const FieldLine,
        count: usize,
        fault: *mut Fault,
    ) -> i64;
    fn bojagi_chunk_encode(out: *mut u8, cap: usize, data: *const u8, len: usize) -> i64;
    fn bojagi_trailers_encode(
        out: *mut u8,
        cap: usize,
        fields: *const FieldLine,
        count: usize,
        fault: *mut Fault,
    ) -> i64;
    fn bojagi_field_name(id: u32) -> *const c_char;
    fn bojagi_method_id(name: *const u8, len: usize) -> u32;
    fn bojagi_reason_name(reason: u32) -> *const c_char;
}

impl Rules {
    pub fn strict() -> Self {
        let mut rules = Self::default();
        // SAFETY: the rules are writable for the call.
        unsafe { bojagi_rules_init(&mut rules) };
        rules
    }
}

/// A head and its array of fields, which grows whenever the codec answers SPACE.
pub struct Head {
    pub raw: Box<RawHead>,
    pub fields: Vec<Field>,
}

impl Head {
    pub fn new(rules: Option<&Rules>, cap: usize) -> Self {
        // SAFETY: every field of `RawHead` is an integer, for which zero is a value.
        let mut raw: Box<RawHead> = Box::new(unsafe { std::mem::zeroed() });
        let rules = rules.map_or(ptr::null(), ptr::from_ref);
        // SAFETY: `raw` has more room than a head needs; `rules` is NULL or points to rules.
        unsafe { bojagi_head_init(&mut *raw, rules) };
        Self { raw, fields: vec![Field::default(); cap] }
    }

    /// Decodes a request, or a response to a request of the method given. The data is copied into
    /// an allocation of exactly its length, so that a tool sees the first byte read past its end.
    pub fn decode(&mut self, data: &[u8], request_method: Option<u32>) -> i64 {
        let data = data.to_vec().into_boxed_slice();
        self.with_room(|head| head.decode_once(&data, request_method))
    }

    /// As [`Head::decode`], with the functions that may change the data.
    pub fn decode_in_place(&mut self, data: &mut [u8], request_method: Option<u32>) -> i64 {
        let mut copy = data.to_vec().into_boxed_slice();
        let answer = self.with_room(|head| head.decode_in_place_once(&mut copy, request_method));
        data.copy_from_slice(&copy);
        answer
    }

    /// Calls again with a larger array for as long as the answer is SPACE.
    fn with_room(&mut self, mut call: impl FnMut(&mut Self) -> i64) -> i64 {
        loop {
            let answer = call(self);
            if answer != SPACE {
                return answer;
            }
            self.fields.resize(self.fields.len() * 2 + 1, Field::default());
        }
    }

    fn decode_once(&mut self, data: &[u8], request_method: Option<u32>) -> i64 {
        let head = &mut *self.raw;
        let cap = u32::try_from(self.fields.len()).unwrap();
        let fields = self.fields.as_mut_ptr();
        // SAFETY: the head was initialised, `fields` has room for `cap`, `data` is borrowed.
        unsafe {
            match request_method {
                None => bojagi_request_decode(head, fields, cap, data.as_ptr(), data.len()),
                Some(method) => {
                    bojagi_response_decode(head, fields, cap, data.as_ptr(), data.len(), method)
                }
            }
        }
    }

    fn decode_in_place_once(&mut self, data: &mut [u8], request_method: Option<u32>) -> i64 {
        let head = &mut *self.raw;
        let cap = u32::try_from(self.fields.len()).unwrap();
        let (fields, len) = (self.fields.as_mut_ptr(), data.len());
        let data = data.as_mut_ptr();
        // SAFETY: the head was initialised, `fields` has room for `cap`, `data` may be written.
        unsafe {
            match request_method {
                None => bojagi_request_decode_in_place(head, fields, cap, data, len),
                Some(method) => {
                    bojagi_response_decode_in_place(head, fields, cap, data, len, method)
                }
            }
        }
    }

    /// The fields decoded so far.
    pub fn decoded(&self) -> &[Field] {
        &self.fields[..self.raw.field_count as usize]
    }
}

/// A body and what it has handed out.
pub struct Body {
    pub raw: Box<RawBody>,
    pub data: Vec<u8>,
    trailers: Vec<Field>,
    spans: Vec<Span>,
}

impl Body {
    pub fn new(head: &Head, spans: usize) -> Self {
        // SAFETY: every field of `RawBody` is an integer, for which zero is a value.
        let mut raw: Box<RawBody> = Box::new(unsafe { std::mem::zeroed() });
        // SAFETY: `raw` has more room than a body needs; the head is complete.
        unsafe { bojagi_body_init(&mut *raw, &*head.raw) };
        let (trailers, spans) = (vec![Field::default(); 1], vec![Span::default(); spans]);
        Self { raw, data: Vec::new(), trailers, spans }
    }

    pub fn decode(&mut self, data: &[u8]) -> i64 {
        let data = data.to_vec().into_boxed_slice();
        let cap = u32::try_from(self.spans.len()).unwrap();
        let spans = self.spans.as_mut_ptr();
        // SAFETY: the body was initialised, `spans` has room for `cap`, `data` is borrowed.
        let used =
            unsafe { bojagi_body_decode(&mut *self.raw, data.as_ptr(), data.len(), spans, cap) };
        if used >= 0 {
            for span in &self.spans[..self.raw.span_count as usize] {
                let end = span.off as usize + span.len as usize;
                assert!(end <= usize::try_from(used).unwrap(), "a span past the bytes used");
                self.data.extend_from_slice(&data[span.off as usize..end]);
            }
        }
        used
    }

    /// Trailers as pairs, beside the length of their section.
    pub fn decode_trailers(&mut self, data: &[u8]) -> (i64, Lines) {
        let data = data.to_vec().into_boxed_slice();
        loop {
            let cap = u32::try_from(self.trailers.len()).unwrap();
            let array = self.trailers.as_mut_ptr();
            // SAFETY: the body was initialised, `array` has room for `cap`, `data` is borrowed.
            let length = unsafe {
                bojagi_trailers_decode(&mut *self.raw, array, cap, data.as_ptr(), data.len())
            };
            if length == SPACE {
                self.trailers.resize(self.trailers.len() * 2, Field::default());
                continue;
            }
            let count = if length > 0 { self.raw.span_count as usize } else { 0 };
            return (length, pairs(&self.trailers[..count], &data));
        }
    }

    pub fn end(&mut self) -> i64 {
        // SAFETY: the body was initialised.
        unsafe { bojagi_body_end(&mut *self.raw) }
    }
}

/// The fields as bytes. Panics when a span leaves the data or holds CR, LF or NUL.
pub fn pairs(fields: &[Field], data: &[u8]) -> Lines {
    let part = |off: u32, len: usize| {
        let bytes = data[off as usize..off as usize + len].to_vec();
        assert!(!bytes.iter().any(|byte| b"\r\n\0".contains(byte)), "CR, LF or NUL in {bytes:?}");
        bytes
    };
    fields
        .iter()
        .map(|field| {
            let name = part(field.name_off, field.name_len.into());
            (name, part(field.value_off, field.value_len as usize))
        })
        .collect()
}

pub fn method_id(name: &str) -> u32 {
    // SAFETY: the name is borrowed for the call.
    unsafe { bojagi_method_id(name.as_ptr(), name.len()) }
}

/// The name of a well-known field; `None` for a number that is no id.
pub fn field_name(id: u32) -> Option<&'static [u8]> {
    // SAFETY: the result is NULL or a static string.
    unsafe {
        let name = bojagi_field_name(id);
        (!name.is_null()).then(|| CStr::from_ptr(name).to_bytes())
    }
}

pub fn reason_name(reason: u16) -> String {
    // SAFETY: the result is a static string.
    let name = unsafe { CStr::from_ptr(bojagi_reason_name(reason.into())) };
    name.to_str().unwrap().to_owned()
}

/// What an encoder is to write.
#[derive(Clone, Copy)]
pub enum Encoding<'a> {
    Request(&'a [u8], &'a [u8]),
    Response(u32, &'a [u8]),
    /// A response with the phrase that belongs to its status.
    Status(u32),
    Trailers,
    Chunk(&'a [u8]),
}

/// The bytes, or the code and the fault. The size is asked for first, then exactly it is given.
pub fn encode(what: Encoding<'_>, fields: &[(Vec<u8>, Vec<u8>)]) -> Result<Vec<u8>, (i64, Fault)> {
    let lines: Vec<FieldLine> = fields.iter().map(|(name, value)| line(name, value)).collect();
    let mut fault = Fault::default();
    let size = encode_into(what, &lines, ptr::null_mut(), 0, &mut fault);
    let Ok(size) = usize::try_from(size) else { return Err((size, fault)) };
    let mut out = vec![0; size];
    if size > 0 {
        assert_eq!(encode_into(what, &lines, out.as_mut_ptr(), size - 1, &mut fault), SPACE);
    }
    let written = encode_into(what, &lines, out.as_mut_ptr(), size, &mut fault);
    assert_eq!(usize::try_from(written), Ok(size), "the size asked for is the size written");
    Ok(out)
}

pub fn line(name: &[u8], value: &[u8]) -> FieldLine {
    FieldLine {
        name: name.as_ptr(),
        name_len: name.len(),
        value: value.as_ptr(),
        value_len: value.len(),
        id: 0,
        reserved: 0,
    }
}

/// One call of an encoder: `out` must have room for `cap`, or be NULL with 0.
pub fn encode_into(
    what: Encoding<'_>,
    lines: &[FieldLine],
    out: *mut u8,
    cap: usize,
    fault: &mut Fault,
) -> i64 {
    let (fields, count) = (lines.as_ptr(), lines.len());
    // SAFETY: `out` has room for `cap` or is NULL with 0; everything else is borrowed.
    unsafe {
        match what {
            Encoding::Request(method, target) => bojagi_request_encode(
                out,
                cap,
                method.as_ptr(),
                method.len(),
                target.as_ptr(),
                target.len(),
                fields,
                count,
                fault,
            ),
            Encoding::Response(status, reason) => bojagi_response_encode(
                out,
                cap,
                status,
                reason.as_ptr(),
                reason.len(),
                fields,
                count,
                fault,
            ),
            Encoding::Status(status) => {
                bojagi_response_encode(out, cap, status, ptr::null(), 0, fields, count, fault)
            }
            Encoding::Trailers => bojagi_trailers_encode(out, cap, fields, count, fault),
            Encoding::Chunk(data) => bojagi_chunk_encode(out, cap, data.as_ptr(), data.len()),
        }
    }
}
