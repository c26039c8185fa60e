//! Ours: the exported functions of the shared library, called as a C program calls them.
#![allow(unsafe_code, reason = "the functions of a shared library are called")]

use std::ffi::{CStr, c_void};
use std::{mem, ptr};

use crate::chunked::Body;
use crate::corpus::Head;
use crate::encode::Message;
use bojagi_bench::library::Library;
use bojagi_bench::measure::{Contender, Outcome, Role};

/// Fields that every contender has room for.
pub const FIELDS: usize = 300;

const METHOD_GET: u32 = 1;
const BODY_TRAILERS: u8 = 1;
const BODY_DONE: u8 = 2;
const SPANS: usize = 128;

/// The public words of `bojagi_head`, and room for the private ones.
#[repr(C)]
struct RawHead {
    content_length: u64,
    length: u32,
    field_count: u32,
    more: [u64; 64],
}

/// The public words of `bojagi_body`, and room for the private ones.
#[repr(C)]
struct RawBody {
    remaining: u64,
    total: u64,
    span_count: u32,
    framing: u8,
    state: u8,
    more: [u64; 64],
}

/// `bojagi_field_line`.
#[repr(C)]
pub struct FieldLine {
    pub name: *const u8,
    pub name_len: usize,
    pub value: *const u8,
    pub value_len: usize,
    pub id: u32,
    pub reserved: u32,
}

type Fields = [[u64; 2]; FIELDS];
type Init = unsafe extern "C" fn(*mut RawHead, *const c_void);
type Reset = unsafe extern "C" fn(*mut RawHead);
type Request = unsafe extern "C" fn(*mut RawHead, *mut c_void, u32, *const u8, usize) -> i64;
type Response = unsafe extern "C" fn(*mut RawHead, *mut c_void, u32, *const u8, usize, u32) -> i64;
type BodyInit = unsafe extern "C" fn(*mut RawBody, *const RawHead);
type BodyDecode = unsafe extern "C" fn(*mut RawBody, *const u8, usize, *mut [u32; 2], u32) -> i64;
type Trailers = unsafe extern "C" fn(*mut RawBody, *mut c_void, u32, *const u8, usize) -> i64;
type FieldId = unsafe extern "C" fn(*const u8, usize) -> u32;
type Encode = unsafe extern "C" fn(
    *mut u8,
    usize,
    u32,
    *const u8,
    usize,
    *const FieldLine,
    usize,
    *mut c_void,
) -> i64;

/// A head that was made ready, its fields, and a pair of functions that decode into them.
pub struct Decoder {
    head: Box<RawHead>,
    fields: Box<Fields>,
    reset: Reset,
    request: Request,
    response: Response,
}

impl Decoder {
    /// The decoder behind these two names; None where the library has none such.
    pub fn new(library: &Library, request: &CStr, response: &CStr) -> Result<Option<Self>, String> {
        // SAFETY: the types are those of include/bojagi.h.
        let (init, reset, request, response) = unsafe {
            (
                library.function::<Init>(c"bojagi_head_init")?,
                library.function::<Reset>(c"bojagi_head_reset")?,
                library.find::<Request>(request),
                library.find::<Response>(response),
            )
        };
        let (Some(request), Some(response)) = (request, response) else { return Ok(None) };
        // SAFETY: both are made of integers.
        let (mut head, fields) =
            unsafe { (Box::<RawHead>::new(mem::zeroed()), Box::<Fields>::new(mem::zeroed())) };
        // SAFETY: the head is larger than a bojagi_head.
        unsafe { init(&mut *head, ptr::null()) };
        Ok(Some(Self { head, fields, reset, request, response }))
    }

    /// The full decoder: ids, framing.
    pub fn full(library: &Library) -> Result<Self, String> {
        let decoder = Self::new(library, c"bojagi_request_decode", c"bojagi_response_decode")?;
        decoder.ok_or_else(|| "the library has no decoder".to_owned())
    }

    pub fn reset(&mut self) {
        // SAFETY: the head was made ready.
        unsafe { (self.reset)(&mut *self.head) }
    }

    /// One call: the length of the head, or 0.
    #[inline(always)]
    pub fn decode(&mut self, data: &[u8], response: bool) -> usize {
        let (head, fields) = (&raw mut *self.head, (&raw mut *self.fields).cast());
        // SAFETY: the head was made ready, the fields have room, the data is borrowed and, where
        // the function asks for it, has its padding.
        let length = unsafe {
            if response {
                let (data, len) = (data.as_ptr(), data.len());
                (self.response)(head, fields, FIELDS as u32, data, len, METHOD_GET)
            } else {
                (self.request)(head, fields, FIELDS as u32, data.as_ptr(), data.len())
            }
        };
        usize::try_from(length).unwrap_or(0)
    }

    /// A head as a whole.
    #[inline(always)]
    pub fn read(&mut self, data: &[u8], response: bool) -> Outcome {
        self.reset();
        self.complete(data, response)
    }

    /// The call that completes a head.
    #[inline(always)]
    pub fn complete(&mut self, data: &[u8], response: bool) -> Outcome {
        let length = self.decode(data, response);
        Outcome { length, count: self.head.field_count as usize }
    }
}

/// The entries that the library has: `full`, and `spans` and `padded` where they are.
pub fn heads(library: &Library) -> Result<Vec<Contender<Head>>, String> {
    let spans = Decoder::new(library, c"bojagi_request_spans", c"bojagi_response_spans")?;
    let padded =
        Decoder::new(library, c"bojagi_request_decode_padded", c"bojagi_response_decode_padded")?;
    let full = Some(Decoder::full(library)?);
    let all = [("full", full), ("spans", spans), ("padded", padded)];
    let all = all.into_iter().filter_map(|(name, decoder)| Some((name, decoder?)));
    Ok(all
        .map(|(name, mut decoder)| {
            Contender::new(name, Role::Ours, move |head: &Head| {
                decoder.read(head.bytes(), head.response)
            })
        })
        .collect())
}

/// The body that follows a chunked head, decoded in spans as often as the array of them is full.
pub fn chunked(library: &Library) -> Result<Contender<Body>, String> {
    let mut decoder = Decoder::full(library)?;
    decoder.read(b"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n", false);
    // SAFETY: the types are those of include/bojagi.h.
    let (init, decode, trailers) = unsafe {
        (
            library.function::<BodyInit>(c"bojagi_body_init")?,
            library.function::<BodyDecode>(c"bojagi_body_decode")?,
            library.function::<Trailers>(c"bojagi_trailers_decode")?,
        )
    };
    let mut spans = Box::new([[0u32; 2]; SPANS]);
    // SAFETY: it is made of integers.
    let mut body = Box::<RawBody>::new(unsafe { mem::zeroed() });
    Ok(Contender::new("ours", Role::Ours, move |input: &Body| {
        let (data, body) = (&input.wire[..], &mut *body);
        let mut at = 0;
        // SAFETY: the body has the room, and is begun from a complete head; the spans have room.
        unsafe { init(body, &*decoder.head) };
        while body.state != BODY_DONE {
            let rest = &data[at..];
            // SAFETY: as above; the rest of the data is borrowed.
            let used = unsafe {
                match body.state {
                    BODY_TRAILERS => trailers(body, ptr::null_mut(), 0, rest.as_ptr(), rest.len()),
                    _ => decode(body, rest.as_ptr(), rest.len(), spans.as_mut_ptr(), SPANS as u32),
                }
            };
            match usize::try_from(used) {
                Ok(used) if used > 0 => at += used,
                _ => return Outcome::default(),
            }
        }
        Outcome { length: at, count: body.total as usize }
    }))
}

/// The BOJAGI_FIELD_ of a name, or 0.
pub fn field_id(library: &Library, name: &[u8]) -> Result<u32, String> {
    // SAFETY: the type is that of include/bojagi.h, the name is borrowed.
    unsafe { Ok(library.function::<FieldId>(c"bojagi_field_id")?(name.as_ptr(), name.len())) }
}

/// The head of a response, with the phrase that IANA lists.
pub fn encode(library: &Library) -> Result<Contender<Message>, String> {
    // SAFETY: the type is that of include/bojagi.h.
    let encode = unsafe { library.function::<Encode>(c"bojagi_response_encode")? };
    let mut out = vec![0u8; crate::encode::ROOM];
    Ok(Contender::new("ours", Role::Ours, move |message: &Message| {
        let (lines, count) = (message.lines.as_ptr(), message.lines.len());
        let (room, status, none) = (out.as_mut_ptr(), message.status, ptr::null_mut());
        // SAFETY: `out` has that room, the lines point into the message.
        let written =
            unsafe { encode(room, out.len(), status, ptr::null(), 0, lines, count, none) };
        let written = usize::try_from(written).unwrap_or(0);
        message.outcome(&out[..written])
    }))
}
