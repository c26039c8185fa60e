//! Percent-coding: `"%" HEXDIG HEXDIG` (RFC 3986 §2.1).

use super::{Error, finish, put, syntax};
use crate::fault::BOJAGI_REASON_PERCENT;
use crate::token::{hex_digit, is_host_byte};
use crate::writer::Writer;
use core::mem::MaybeUninit;

/// Decoding: `+` stands for a space, as in `application/x-www-form-urlencoded`.
pub const BOJAGI_PERCENT_PLUS: u32 = 1;
/// Decoding: NUL may come out. Without it `%00` is refused, since in C it would end a string early.
pub const BOJAGI_PERCENT_NUL: u32 = 2;

/// Encoding: only unreserved bytes stay (RFC 3986 §2.3): for any part of a URI.
pub const BOJAGI_PERCENT_UNRESERVED: u32 = 0;
/// Encoding: what a path segment may hold stays (`pchar`, RFC 3986 §3.3); `/`, `?` and `%` do not.
pub const BOJAGI_PERCENT_SEGMENT: u32 = 1;
/// Encoding: what a query may hold stays (RFC 3986 §3.4), also `&`, `=` and `+`: for a whole query.
pub const BOJAGI_PERCENT_QUERY: u32 = 2;
/// Encoding: a name or a value of a form: as UNRESERVED, but a space becomes `+`.
pub const BOJAGI_PERCENT_FORM: u32 = 3;

/// Writes the bytes that stand behind the triplets; all others are copied.
pub fn decode(data: &[u8], flags: u32, out: &mut [MaybeUninit<u8>]) -> Result<usize, Error> {
    if flags > BOJAGI_PERCENT_PLUS + BOJAGI_PERCENT_NUL {
        return Err(Error::Arg);
    }
    let mut writer = Writer::new(out);
    let mut at = 0;
    while at < data.len() {
        let (byte, len) = byte(data, at, flags).map_err(syntax(BOJAGI_REASON_PERCENT))?;
        writer.push(byte);
        at += len;
    }
    finish(writer)
}

/// Writes the bytes, those that do not stay as triplets with upper-case digits.
pub fn encode(data: &[u8], set: u32, out: &mut [MaybeUninit<u8>]) -> Result<usize, Error> {
    if set > BOJAGI_PERCENT_FORM {
        return Err(Error::Arg);
    }
    let mut writer = Writer::new(out);
    for &byte in data {
        let digit = |nibble: u8| if nibble < 10 { b'0' + nibble } else { b'A' - 10 + nibble };
        match plain(byte, set) {
            Some(byte) => writer.push(byte),
            None => put(&mut writer, &[b'%', digit(byte >> 4), digit(byte & 15)]),
        }
    }
    finish(writer)
}

/// What comes out for the byte or triplet at this place, and the length of that.
#[inline(never)]
fn byte(data: &[u8], at: usize, flags: u32) -> Result<(u8, usize), usize> {
    let (value, len) = match data.get(at) {
        Some(b'%') => (hex(data, at + 1)? << 4 | hex(data, at + 2)?, 3),
        Some(b'+') if flags & BOJAGI_PERCENT_PLUS != 0 => (b' ', 1),
        Some(&byte) => (byte, 1),
        None => return Err(at),
    };
    if value == 0 && flags & BOJAGI_PERCENT_NUL == 0 { Err(at) } else { Ok((value, len)) }
}

/// What a byte becomes when it does not become a triplet.
#[inline(never)]
fn plain(byte: u8, set: u32) -> Option<u8> {
    let stays = match set {
        BOJAGI_PERCENT_SEGMENT => is_host_byte(byte) || matches!(byte, b':' | b'@'),
        BOJAGI_PERCENT_QUERY => is_host_byte(byte) || matches!(byte, b':' | b'@' | b'/' | b'?'),
        BOJAGI_PERCENT_FORM if byte == b' ' => return Some(b'+'),
        _ => byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~'),
    };
    stays.then_some(byte)
}

/// The hexadecimal digit at this place, or the place.
#[inline(never)]
fn hex(data: &[u8], at: usize) -> Result<u8, usize> {
    data.get(at).and_then(|&byte| hex_digit(byte)).ok_or(at)
}
