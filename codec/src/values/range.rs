//! Byte ranges: Range and Content-Range (RFC 9110 §14).

use super::scan::Scanner;
use super::{Error, finish, list, put, syntax};
use crate::fault::BOJAGI_REASON_RANGE;
use crate::writer::Writer;
use core::mem::MaybeUninit;

/// A length that is not known: `*` in Content-Range.
pub const BOJAGI_LENGTH_UNKNOWN: u64 = u64::MAX;

/// A part of a representation.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Range {
    /// The offset of its first byte.
    pub first: u64,
    /// The offset of its last byte, which belongs to it.
    pub last: u64,
}

/// The satisfiable ones of the ranges that are asked for, cut to a representation of this length, in
/// their order; how many they are. Of more than there is room for, and of such as are together longer
/// than the representation, none is worth an answer (RFC 9110 §14.2): LIMIT.
pub fn parse(value: &[u8], length: u64, ranges: &mut [MaybeUninit<Range>]) -> Result<usize, Error> {
    let mut scan = Scanner::new(value);
    let broken = syntax(BOJAGI_REASON_RANGE);
    unit(&mut scan, b'=')?;
    let (mut asked, mut count, mut left) = (0usize, 0usize, length);
    while let Some(element) = list::element(&mut scan).map_err(&broken)? {
        asked += 1;
        let spec = spec(&mut scan.part(element), length).map_err(&broken)?;
        if let Some(range) = spec {
            left = left.checked_sub(range.last - range.first + 1).ok_or(Error::Limit)?;
            ranges.get_mut(count).ok_or(Error::Limit)?.write(range);
            count += 1;
        }
    }
    if asked == 0 { Err(broken(value.len())) } else { Ok(count) }
}

/// What a Content-Range says: the part, or `None` for one that could not be satisfied, and the whole
/// length, BOJAGI_LENGTH_UNKNOWN where it is left open.
pub fn parse_content(value: &[u8]) -> Result<(Option<Range>, u64), Error> {
    let mut scan = Scanner::new(value);
    unit(&mut scan, b' ')?;
    content(&mut scan).map_err(syntax(BOJAGI_REASON_RANGE))
}

/// Writes a Content-Range; without a range, what goes with a 416.
pub fn format_content(
    range: Option<Range>,
    length: u64,
    out: &mut [MaybeUninit<u8>],
) -> Result<usize, Error> {
    let is_known = length != BOJAGI_LENGTH_UNKNOWN;
    let is_good = match range {
        Some(range) => range.first <= range.last && range.last < length,
        None => is_known,
    };
    if !is_good {
        return Err(Error::Arg);
    }
    let mut writer = Writer::new(out);
    put(&mut writer, b"bytes ");
    match range {
        Some(range) => {
            writer.put_decimal(range.first);
            writer.push(b'-');
            writer.put_decimal(range.last);
        }
        None => writer.push(b'*'),
    }
    writer.push(b'/');
    match is_known {
        true => writer.put_decimal(length),
        false => writer.push(b'*'),
    }
    finish(writer)
}

/// `range-unit` and what follows it. The only unit is `bytes`, whatever its case.
#[inline(never)]
fn unit(scan: &mut Scanner<'_>, end: u8) -> Result<(), Error> {
    let unit = scan.token().and_then(|unit| scan.expect(end).map(|()| unit));
    let unit = unit.map_err(syntax(BOJAGI_REASON_RANGE))?;
    if scan.is(unit, b"bytes") { Ok(()) } else { Err(Error::Unsupported) }
}

/// `first-pos "-" [ last-pos ]`, or `"-" suffix-length`; `None` when it lies outside of what there is.
#[inline(never)]
fn spec(scan: &mut Scanner<'_>, length: u64) -> Result<Option<Range>, usize> {
    let end = length.saturating_sub(1);
    if scan.eat(b'-') {
        let suffix = scan.digits()?;
        scan.end()?;
        let range = Range { first: length.saturating_sub(suffix), last: end };
        return Ok((suffix > 0 && length > 0).then_some(range));
    }
    let first = scan.digits()?;
    scan.expect(b'-')?;
    let at = scan.at;
    let last = if scan.peek().is_none() { u64::MAX } else { scan.digits()? };
    scan.end()?;
    if last < first {
        return Err(at);
    }
    Ok((first < length).then_some(Range { first, last: last.min(end) }))
}

/// `first-pos "-" last-pos "/" ( complete-length / "*" )`, or `"*/" complete-length`.
fn content(scan: &mut Scanner<'_>) -> Result<(Option<Range>, u64), usize> {
    let mut range = None;
    if !scan.eat(b'*') {
        let first = number(scan)?;
        scan.expect(b'-')?;
        let at = scan.at;
        let last = number(scan)?;
        if last < first {
            return Err(at);
        }
        range = Some(Range { first, last });
    }
    scan.expect(b'/')?;
    let at = scan.at;
    let is_open = range.is_some() && scan.eat(b'*');
    let length = if is_open { BOJAGI_LENGTH_UNKNOWN } else { number(scan)? };
    scan.end()?;
    match range {
        Some(range) if range.last >= length => Err(at),
        range => Ok((range, length)),
    }
}

/// A number that means itself.
#[inline(never)]
fn number(scan: &mut Scanner<'_>) -> Result<u64, usize> {
    let at = scan.at;
    let value = scan.digits()?;
    if value == u64::MAX { Err(at) } else { Ok(value) }
}
