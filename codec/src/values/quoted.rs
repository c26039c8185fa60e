//! Text between quotes, and when it needs them (RFC 9110 §5.6.4).

use super::scan::{Scanner, is_token};
use super::{Error, broken, finish, put, syntax};
use crate::fault::BOJAGI_REASON_PARAMETER;
use crate::token::is_text;
use crate::writer::Writer;
use core::mem::MaybeUninit;

/// Writes the text that a token or a quoted string stands for.
pub fn decode(value: &[u8], out: &mut [MaybeUninit<u8>]) -> Result<usize, Error> {
    let mut scan = Scanner::new(value);
    let is_one = scan.token_or_quoted().and_then(|_| scan.end());
    is_one.map_err(syntax(BOJAGI_REASON_PARAMETER))?;
    let mut writer = Writer::new(out);
    text(value).for_each(|byte| writer.push(byte));
    finish(writer)
}

/// Writes a text as a token where it is one, else as a quoted string.
pub fn encode(text: &[u8], out: &mut [MaybeUninit<u8>]) -> Result<usize, Error> {
    let mut writer = Writer::new(out);
    if is_token(text) {
        put(&mut writer, text);
        return finish(writer);
    }
    writer.push(b'"');
    for (at, &byte) in text.iter().enumerate() {
        match byte {
            b'"' | b'\\' => writer.push(b'\\'),
            byte if is_text(byte) => {}
            _ => return Err(broken(BOJAGI_REASON_PARAMETER, at)),
        }
        writer.push(byte);
    }
    writer.push(b'"');
    finish(writer)
}

/// The text that a token or a quoted string stands for, byte by byte. A token holds neither quotes
/// nor backslashes, so one way of reading does for both.
pub(super) fn text(value: &[u8]) -> impl Iterator<Item = u8> + '_ {
    let inside = value.strip_prefix(b"\"").and_then(|rest| rest.strip_suffix(b"\""));
    let mut bytes = inside.unwrap_or(value).iter().copied();
    core::iter::from_fn(move || match bytes.next() {
        Some(b'\\') => bytes.next(),
        other => other,
    })
}

/// Whether two tokens or quoted strings stand for the same text, whatever its case.
#[inline(never)]
pub(super) fn is_same(one: &[u8], other: &[u8]) -> bool {
    let lower = |byte: u8| byte.to_ascii_lowercase();
    text(one).map(lower).eq(text(other).map(lower))
}
