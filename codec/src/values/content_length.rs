//! Content-Length: `1*DIGIT` (RFC 9110 §8.6).

use super::{Error, finish, syntax};
use crate::fault::BOJAGI_REASON_CONTENT_LENGTH_INVALID;
use crate::framing;
use crate::writer::Writer;
use core::mem::MaybeUninit;

/// The number, below 2^64; no sign, no white space, no list.
pub fn parse(value: &[u8]) -> Result<u64, Error> {
    framing::decimal(value).map_err(syntax(BOJAGI_REASON_CONTENT_LENGTH_INVALID))
}

/// Writes the number in decimal digits.
pub fn format(length: u64, out: &mut [MaybeUninit<u8>]) -> Result<usize, Error> {
    let mut writer = Writer::new(out);
    writer.put_decimal(length);
    finish(writer)
}
