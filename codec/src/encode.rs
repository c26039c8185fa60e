//! Encoding heads, chunks and trailers.
//!
//! What is written, the decoder of this crate reads back: names are tokens, values hold no control
//! byte and no white space at their ends, Content-Length and Transfer-Encoding exclude each other,
//! and a message that can have no body frames none. The body itself is never touched.
//!
//! Field lines are copied by `copy::Lines`, which judges them on the way and stops at what is rare;
//! what it stops at is written with care here. `Checks` sees the fields that frame or route.

use crate::checks::{Checks, Part};
use crate::fault::*;
use crate::known::*;
use crate::method::*;
use crate::offset::wide;
use crate::simd::copy;
use crate::writer::Writer;
use crate::{body, simd, spelling, target};
use core::mem::MaybeUninit;

pub use crate::simd::copy::Line;

/// Why nothing was encoded.
pub type Refused = (Error, Fault);

/// A request head: `method SP target SP HTTP/1.1`, the fields, the empty line.
#[inline]
pub fn request(
    out: &mut [MaybeUninit<u8>],
    method: &[u8],
    target: &[u8],
    lines: &[Line<'_>],
) -> Result<usize, Refused> {
    let writer = &mut Writer::new(out);
    let id = method_id(method);
    let has_body = !matches!(id, BOJAGI_METHOD_CONNECT | BOJAGI_METHOD_TRACE);
    let result = match request_line(writer, id, method, target) {
        Ok(()) => fields(writer, lines, &mut Checks::new(Part::Request, has_body)),
        refusal => refusal,
    };
    finish(writer, lines, result)
}

/// A response head: `HTTP/1.1 SP status SP phrase`, the fields, the empty line.
/// Without a phrase the one that IANA lists is written.
#[inline]
pub fn response(
    out: &mut [MaybeUninit<u8>],
    status: u32,
    phrase: Option<&[u8]>,
    lines: &[Line<'_>],
) -> Result<usize, Refused> {
    let writer = &mut Writer::new(out);
    let result = match status_line(writer, status, phrase) {
        Ok(()) => {
            let has_body = !matches!(status, 100..=199 | 204);
            fields(writer, lines, &mut Checks::new(Part::Response, has_body).empty(status == 205))
        }
        refusal => refusal,
    };
    finish(writer, lines, result)
}

/// One whole chunk: size, CR LF, data, CR LF. Empty data is ARG, for it would end the body.
pub fn chunk(out: &mut [MaybeUninit<u8>], data: &[u8]) -> Result<usize, Error> {
    let mut writer = Writer::new(out);
    size_line(&mut writer, wide(data.len()))?;
    writer.put(data);
    writer.put(b"\r\n");
    writer.finish()
}

/// The size line of a chunk; its data and CR LF are the caller's to send.
pub fn chunk_head(out: &mut [MaybeUninit<u8>], len: u64) -> Result<usize, Error> {
    let mut writer = Writer::new(out);
    size_line(&mut writer, len)?;
    writer.finish()
}

#[inline(never)]
fn size_line(writer: &mut Writer<'_>, len: u64) -> Result<(), Error> {
    if len == 0 {
        return Err(Error::Arg);
    }
    writer.put_hex(len);
    writer.put(b"\r\n");
    Ok(())
}

/// The last chunk, the trailers, the empty line: the end of a chunked body.
pub fn trailers(out: &mut [MaybeUninit<u8>], lines: &[Line<'_>]) -> Result<usize, Refused> {
    let writer = &mut Writer::new(out);
    writer.put(b"0\r\n");
    for (index, line) in lines.iter().enumerate() {
        let reason = match with_care(writer, line) {
            BOJAGI_REASON_NONE => trailer_reason(line),
            reason => reason,
        };
        if reason != BOJAGI_REASON_NONE {
            return Err(refused(lines, reason, index));
        }
    }
    writer.put(b"\r\n");
    finish(writer, lines, Ok(()))
}

fn trailer_reason(line: &Line<'_>) -> u16 {
    let id = match line.id() {
        0 => line.name().map_or(0, field_id),
        id => u16::try_from(id).unwrap_or(0),
    };
    if body::is_forbidden_trailer(id) {
        BOJAGI_REASON_TRAILER_FORBIDDEN
    } else {
        BOJAGI_REASON_NONE
    }
}

/// The rule that was broken, and where.
type Checked = Result<(), (u16, usize)>;

fn request_line(writer: &mut Writer<'_>, method_id: u8, method: &[u8], target: &[u8]) -> Checked {
    if method_id == BOJAGI_METHOD_OTHER {
        let run = simd::token_len(method);
        if run == 0 || run < method.len() {
            return Err((BOJAGI_REASON_METHOD, run));
        }
    }
    writer.put(method);
    writer.put(b" ");
    if copy::target(writer.room(), target) {
        writer.skip(target.len());
    } else {
        let run = simd::target_len(target);
        if run < target.len() {
            return Err((BOJAGI_REASON_TARGET, run));
        }
        writer.put(target);
    }
    writer.put(b" HTTP/1.1\r\n");
    target::form(method_id, target).map_err(|at| (BOJAGI_REASON_TARGET, at))?;
    Ok(())
}

fn status_line(writer: &mut Writer<'_>, status: u32, phrase: Option<&[u8]>) -> Checked {
    if copy::IS_WIDE && status == 200 && phrase.is_none() {
        writer.put_front(b"HTTP/1.1 200 OK\r\n               ", 17);
        return Ok(());
    }
    any_status_line(writer, status, phrase)
}

#[inline(never)]
fn any_status_line(writer: &mut Writer<'_>, status: u32, phrase: Option<&[u8]>) -> Checked {
    if !(100..=599).contains(&status) {
        return Err((BOJAGI_REASON_STATUS, 0));
    }
    let start = status_start(status);
    let phrase = phrase.unwrap_or_else(|| status_phrase(status).as_bytes());
    if let Some(len) = copy::status_line(writer.room(), &start, phrase) {
        writer.skip(len);
        return Ok(());
    }
    let run = simd::text_len(phrase);
    if run < phrase.len() {
        return Err((BOJAGI_REASON_REASON_PHRASE, run));
    }
    writer.put_front(&start, 13);
    writer.put(phrase);
    writer.put(b"\r\n");
    Ok(())
}

/// What comes before the phrase, and three bytes more.
fn status_start(status: u32) -> [u8; 16] {
    let (hundreds, rest) = (status / 100, status % 100);
    let digits = u128::from(hundreds | (rest / 10) << 8 | (rest % 10) << 16);
    u128::from_le_bytes(*b"HTTP/1.1 000    ").wrapping_add(digits << 72).to_le_bytes()
}

/// The field lines and the empty line.
#[cfg_attr(feature = "wide", inline(always))]
fn fields(writer: &mut Writer<'_>, lines: &[Line<'_>], checks: &mut Checks) -> Checked {
    let mut left = copy::Lines::new(lines);
    while !left.rest.as_slice().is_empty() {
        let len = left.sweep(writer.room());
        writer.skip(len);
        let (line, reason) = match left.watched.take() {
            Some(line) => (Some(line), checks.see(line)),
            None if len == 0 => aside(writer, &mut left, checks),
            None => continue,
        };
        if reason != BOJAGI_REASON_NONE {
            return Err((reason, index_of(line, lines)));
        }
    }
    if checks.lacks_host() {
        return Err((BOJAGI_REASON_HOST_MISSING, 0));
    }
    writer.put_front(b"\r\n", 2);
    Ok(())
}

/// Where a sweep stopped at once: goes on in a room of its own, for what is left of the caller's may be
/// too little, or nothing when the size is asked for; and if the line is a rare one, takes it with care.
/// Answers the line that was judged, and the reason that it is refused for, if it is.
#[cold]
#[inline(never)]
fn aside<'a>(
    writer: &mut Writer<'_>,
    left: &mut copy::Lines<'a>,
    checks: &mut Checks,
) -> (Option<&'a Line<'a>>, u16) {
    let mut room = [MaybeUninit::uninit(); ASIDE];
    let len = left.sweep(&mut room);
    writer.put_written(room.get(..len).unwrap_or(&[]));
    if let Some(line) = left.watched.take() {
        return (Some(line), checks.see(line));
    }
    if len > 0 {
        return (None, BOJAGI_REASON_NONE);
    }
    let line = left.rest.next();
    let reason = line.map_or(BOJAGI_REASON_NONE, |line| match with_care(writer, line) {
        BOJAGI_REASON_NONE => checks.see(line),
        reason => reason,
    });
    (line, reason)
}

/// Enough for most lines.
const ASIDE: usize = 192;

/// Writes any line as such. Answers the reason that it is refused for, if it is.
fn with_care(writer: &mut Writer<'_>, line: &Line<'_>) -> u16 {
    // What is not sound has no reason of its own: see `refused`.
    let (Some(name), Some(value)) = (spelled(line), line.value()) else {
        return BOJAGI_REASON_FIELD_NAME;
    };
    if !copy::is_name(name) {
        return BOJAGI_REASON_FIELD_NAME;
    }
    if name.len() > usize::from(u16::MAX) {
        return BOJAGI_REASON_FIELD_NAME_LIMIT;
    }
    if !copy::is_value(value) {
        return BOJAGI_REASON_FIELD_VALUE;
    }
    for part in [name, b": ", value, b"\r\n"] {
        writer.put(part);
    }
    BOJAGI_REASON_NONE
}

/// The name of a line as it is written; `None` for NULL with a length, and for a number that is no id.
fn spelled<'a>(line: &Line<'a>) -> Option<&'a [u8]> {
    let name = line.name()?;
    if line.id() == 0 { Some(name) } else { spelling::name(line.id()) }
}

fn finish(writer: &Writer<'_>, lines: &[Line<'_>], result: Checked) -> Result<usize, Refused> {
    match result {
        Ok(()) => writer.finish().map_err(|error| (error, Fault::default())),
        Err((reason, offset)) => Err(refused(lines, reason, offset)),
    }
}

/// A line that is not sound is the caller's error, wherever it stands and whatever else is wrong.
#[cold]
fn refused(lines: &[Line<'_>], reason: u16, offset: usize) -> Refused {
    if lines.iter().any(|line| spelled(line).is_none() || line.value().is_none()) {
        return (Error::Arg, Fault::default());
    }
    // The status of a fault is what a server answers; an encoder answers nobody.
    (error_of(reason), Fault { status: 0, ..Fault::new(reason, offset) })
}

#[cold]
fn index_of(line: Option<&Line<'_>>, lines: &[Line<'_>]) -> usize {
    let is_it = |other: &Line<'_>| line.is_some_and(|line| core::ptr::eq(line, other));
    lines.iter().position(is_it).unwrap_or(0)
}
