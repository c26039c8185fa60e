//! Basic credentials: `"Basic" 1*SP base64( user-id ":" password )` (RFC 7617 §2).

use super::scan::Scanner;
use super::{Error, broken, finish, put, syntax};
use crate::fault::BOJAGI_REASON_CREDENTIALS;
use crate::field::Span;
use crate::offset::narrow;
use crate::writer::Writer;
use core::mem::MaybeUninit;

/// Where the two parts stand in what was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Credentials {
    /// The user-id, which holds no colon.
    pub user: Span,
    /// The password.
    pub password: Span,
}

/// Writes `user-id ":" password`, and says how long it is and where its parts stand.
pub fn decode(value: &[u8], out: &mut [MaybeUninit<u8>]) -> Result<(usize, Credentials), Error> {
    let broken = syntax(BOJAGI_REASON_CREDENTIALS);
    let mut scan = Scanner::new(value);
    let scheme = scan.token().map_err(&broken)?;
    if !scan.is(scheme, b"Basic") {
        return Err(Error::Unsupported);
    }
    if !scan.eat(b' ') {
        return Err(broken(scan.at));
    }
    while scan.eat(b' ') {}
    let mut writer = Writer::new(out);
    let colon = token68(value, scan.at, &mut writer).map_err(broken)?;
    let len = finish(writer)?;
    let user = Span { off: 0, len: narrow(colon) };
    Ok((len, Credentials { user, password: Span::between(narrow(colon + 1), narrow(len)) }))
}

/// Writes the credentials as a value of Authorization. Bytes of the two are counted as if a colon
/// stood between them.
pub fn encode(user: &[u8], password: &[u8], out: &mut [MaybeUninit<u8>]) -> Result<usize, Error> {
    let mut writer = Writer::new(out);
    put(&mut writer, b"Basic ");
    let (mut bits, mut count, mut at) = (0u32, 0u32, 0usize);
    while let Some(byte) = byte(user, password, at) {
        if is_control(byte) || (byte == b':' && at < user.len()) {
            return Err(broken(BOJAGI_REASON_CREDENTIALS, at));
        }
        at += 1;
        bits = bits << 8 | u32::from(byte);
        count += 8;
        while count >= 6 {
            count -= 6;
            put_letter(&mut writer, bits >> count);
        }
    }
    if count > 0 {
        put_letter(&mut writer, bits << (6 - count));
        put(&mut writer, if count == 2 { b"==" } else { b"=" });
    }
    finish(writer)
}

/// The byte of `user ":" password` at this place.
#[inline(never)]
fn byte(user: &[u8], password: &[u8], at: usize) -> Option<u8> {
    match at.checked_sub(user.len()) {
        None => user.get(at).copied(),
        Some(0) => Some(b':'),
        Some(behind) => password.get(behind - 1).copied(),
    }
}

/// Decodes base64 (RFC 4648 §4) from this place to the end and answers where the first colon is. The
/// padding must be there, the bits that stand for nothing must be 0, and no byte a control.
#[inline(never)]
fn token68(value: &[u8], start: usize, writer: &mut Writer<'_>) -> Result<usize, usize> {
    let pads = match value.get(start..) {
        Some([.., b'=', b'=']) => 2,
        Some([.., b'=']) => 1,
        _ => 0,
    };
    let end = value.len() - pads;
    let (mut bits, mut count, mut len, mut colon) = (0u32, 0usize, 0usize, None);
    let mut at = start;
    while at < end {
        bits = bits << 6 | sextet(value, at).ok_or(at)?;
        count += 6;
        if count >= 8 {
            count -= 8;
            let [byte, ..] = (bits >> count).to_le_bytes();
            if is_control(byte) {
                return Err(at);
            }
            if byte == b':' && colon.is_none() {
                colon = Some(len);
            }
            writer.push(byte);
            len += 1;
        }
        at += 1;
    }
    // Of 2, 4 or 6 bits that are left over, each two ask for one pad, but six bits are no byte.
    if pads * 2 != count {
        return Err(end + pads.min(count / 2 % 3));
    }
    if bits & ((1 << count) - 1) != 0 {
        return Err(end - 1);
    }
    colon.ok_or(value.len())
}

/// What a letter stands for.
#[inline(never)]
fn sextet(value: &[u8], at: usize) -> Option<u32> {
    let letter = *value.get(at)?;
    let value = match letter {
        b'A'..=b'Z' => letter - b'A',
        b'a'..=b'z' => letter - b'a' + 26,
        b'0'..=b'9' => letter - b'0' + 52,
        b'+' => 62,
        b'/' => 63,
        _ => return None,
    };
    Some(u32::from(value))
}

/// The letter of the last six bits.
#[inline(never)]
fn put_letter(writer: &mut Writer<'_>, bits: u32) {
    let [value, ..] = (bits & 63).to_le_bytes();
    writer.push(match value {
        0..26 => b'A' + value,
        26..52 => b'a' - 26 + value,
        52..62 => value - 52 + b'0',
        62 => b'+',
        _ => b'/',
    });
}

/// CTL (RFC 5234 appendix B.1), which neither part may hold.
fn is_control(byte: u8) -> bool {
    byte < b' ' || byte == 0x7f
}
