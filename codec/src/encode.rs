//! Encoding heads, chunks and trailers.
//!
//! What is written, the decoder of this crate reads back: names are tokens, values hold no control
//! byte and no white space at their ends, Content-Length and Transfer-Encoding exclude each other,
//! and a message that can have no body frames none. The body itself is never touched.

use crate::fault::*;
use crate::known::*;
use crate::method::*;
use crate::offset::wide;
use crate::writer::Writer;
use crate::{body, framing, simd, target, token};
use core::mem::MaybeUninit;

/// A field to encode: its name, its value, and the id that the name has.
#[derive(Clone, Copy, Debug)]
pub struct Line<'a> {
    /// The name.
    pub name: &'a [u8],
    /// The value.
    pub value: &'a [u8],
    /// The BOJAGI_FIELD_ of the name, or 0.
    pub id: u16,
}

/// Why nothing was encoded.
pub type Refused = (Error, Fault);

/// A request head: `method SP target SP HTTP/1.1`, the fields, the empty line.
pub fn request<'a>(
    out: &mut [MaybeUninit<u8>],
    method: &[u8],
    target: &[u8],
    lines: impl Iterator<Item = Line<'a>>,
) -> Result<usize, Refused> {
    check_method(method)?;
    let id = method_id(method);
    check_target(id, target)?;
    let mut writer = Writer::new(out);
    for part in [method, b" ", target, b" HTTP/1.1\r\n"] {
        writer.put(part);
    }
    let has_body = !matches!(id, BOJAGI_METHOD_CONNECT | BOJAGI_METHOD_TRACE);
    fields(&mut writer, lines, Checks::new(Part::Request, has_body))?;
    finish(writer)
}

/// A response head: `HTTP/1.1 SP status SP phrase`, the fields, the empty line.
/// Without a phrase the one that IANA lists is written.
pub fn response<'a>(
    out: &mut [MaybeUninit<u8>],
    status: u32,
    phrase: Option<&[u8]>,
    lines: impl Iterator<Item = Line<'a>>,
) -> Result<usize, Refused> {
    if !(100..=599).contains(&status) {
        return Err(refused(BOJAGI_REASON_STATUS, 0));
    }
    let phrase = phrase.unwrap_or_else(|| status_phrase(status).as_bytes());
    let run = simd::text_len(phrase);
    if run < phrase.len() {
        return Err(refused(BOJAGI_REASON_REASON_PHRASE, run));
    }
    let mut writer = Writer::new(out);
    writer.put(b"HTTP/1.1 ");
    writer.put_decimal(u64::from(status));
    for part in [b" ", phrase, b"\r\n"] {
        writer.put(part);
    }
    let has_body = !matches!(status, 100..=199 | 204);
    fields(&mut writer, lines, Checks::new(Part::Response, has_body))?;
    finish(writer)
}

/// One whole chunk: size, CR LF, data, CR LF. Empty data is ARG, for it would end the body.
pub fn chunk(out: &mut [MaybeUninit<u8>], data: &[u8]) -> Result<usize, Error> {
    if data.is_empty() {
        return Err(Error::Arg);
    }
    let mut writer = Writer::new(out);
    writer.put_hex(wide(data.len()));
    for part in [b"\r\n", data, b"\r\n"] {
        writer.put(part);
    }
    writer.finish()
}

/// The size line of a chunk; its data and CR LF are the caller's to send.
pub fn chunk_head(out: &mut [MaybeUninit<u8>], len: u64) -> Result<usize, Error> {
    if len == 0 {
        return Err(Error::Arg);
    }
    let mut writer = Writer::new(out);
    writer.put_hex(len);
    writer.put(b"\r\n");
    writer.finish()
}

/// The last chunk, the trailers, the empty line: the end of a chunked body.
pub fn trailers<'a>(
    out: &mut [MaybeUninit<u8>],
    lines: impl Iterator<Item = Line<'a>>,
) -> Result<usize, Refused> {
    let mut writer = Writer::new(out);
    writer.put(b"0\r\n");
    fields(&mut writer, lines, Checks::new(Part::Trailers, true))?;
    finish(writer)
}

fn check_method(method: &[u8]) -> Result<(), Refused> {
    let run = simd::token_len(method);
    match run == 0 || run < method.len() {
        true => Err(refused(BOJAGI_REASON_METHOD, run)),
        false => Ok(()),
    }
}

fn check_target(method_id: u8, bytes: &[u8]) -> Result<(), Refused> {
    let run = simd::target_len(bytes);
    if run < bytes.len() {
        return Err(refused(BOJAGI_REASON_TARGET, run));
    }
    target::form(method_id, bytes).map_err(|at| refused(BOJAGI_REASON_TARGET, at))?;
    Ok(())
}

#[inline(never)]
fn fields<'a>(
    writer: &mut Writer<'_>,
    lines: impl Iterator<Item = Line<'a>>,
    mut checks: Checks,
) -> Result<(), Refused> {
    for (index, line) in lines.enumerate() {
        if line.name.is_empty() || simd::token_len(line.name) < line.name.len() {
            return Err(refused(BOJAGI_REASON_FIELD_NAME, index));
        }
        if line.name.len() > usize::from(u16::MAX) {
            return Err(refused(BOJAGI_REASON_FIELD_NAME_LIMIT, index));
        }
        if !is_value(line.value) {
            return Err(refused(BOJAGI_REASON_FIELD_VALUE, index));
        }
        checks.see(index, &line)?;
        for part in [line.name, b": ", line.value, b"\r\n"] {
            writer.put(part);
        }
    }
    writer.put(b"\r\n");
    checks.finish()
}

/// No control byte, and no white space at either end: it would not be read back.
fn is_value(value: &[u8]) -> bool {
    let has_white_ends =
        [value.first(), value.last()].into_iter().flatten().any(|&b| token::is_ows(b));
    !has_white_ends && simd::text_len(value) == value.len()
}

/// What the fields are part of.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Request,
    Response,
    Trailers,
}

/// What the framing and routing fields of one section say.
struct Checks {
    part: Part,
    has_body: bool,
    host: bool,
    length: bool,
    coding: bool,
}

impl Checks {
    fn new(part: Part, has_body: bool) -> Self {
        Self { part, has_body, host: false, length: false, coding: false }
    }

    fn see(&mut self, index: usize, line: &Line<'_>) -> Result<(), Refused> {
        let reason = match line.id {
            id if self.part == Part::Trailers => match body::is_forbidden_trailer(id) {
                true => BOJAGI_REASON_TRAILER_FORBIDDEN,
                false => BOJAGI_REASON_NONE,
            },
            BOJAGI_FIELD_HOST if self.part == Part::Request => self.host(line.value),
            BOJAGI_FIELD_CONTENT_LENGTH => self.length(line.value),
            BOJAGI_FIELD_TRANSFER_ENCODING => self.coding(line.value),
            _ => BOJAGI_REASON_NONE,
        };
        match reason {
            BOJAGI_REASON_NONE => Ok(()),
            reason => Err(refused(reason, index)),
        }
    }

    fn host(&mut self, value: &[u8]) -> u16 {
        if self.host {
            return BOJAGI_REASON_HOST_REPEATED;
        }
        self.host = true;
        match target::authority(value) {
            Ok(_) => BOJAGI_REASON_NONE,
            Err(_) => BOJAGI_REASON_HOST_INVALID,
        }
    }

    fn length(&mut self, value: &[u8]) -> u16 {
        if self.length {
            return BOJAGI_REASON_CONTENT_LENGTH_REPEATED;
        }
        self.length = true;
        if framing::decimal(value).is_err() {
            return BOJAGI_REASON_CONTENT_LENGTH_INVALID;
        }
        self.body_reason()
    }

    fn coding(&mut self, value: &[u8]) -> u16 {
        if self.coding {
            return BOJAGI_REASON_TRANSFER_ENCODING_INVALID;
        }
        self.coding = true;
        if !token::is_same(value, b"chunked") {
            return BOJAGI_REASON_TRANSFER_ENCODING_UNKNOWN;
        }
        self.body_reason()
    }

    fn body_reason(&self) -> u16 {
        if !self.has_body {
            return BOJAGI_REASON_FIELD_FORBIDDEN;
        }
        if self.length && self.coding { BOJAGI_REASON_FRAMING_CONFLICT } else { BOJAGI_REASON_NONE }
    }

    fn finish(&self) -> Result<(), Refused> {
        match self.part == Part::Request && !self.host {
            true => Err(refused(BOJAGI_REASON_HOST_MISSING, 0)),
            false => Ok(()),
        }
    }
}

fn finish(writer: Writer<'_>) -> Result<usize, Refused> {
    writer.finish().map_err(|error| (error, Fault::default()))
}

/// The status of a fault is what a server answers; an encoder answers nobody.
fn refused(reason: u16, offset: usize) -> Refused {
    (error_of(reason), Fault { status: 0, ..Fault::new(reason, offset) })
}
