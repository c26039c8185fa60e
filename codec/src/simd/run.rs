//! How long a run of bytes of one class is: what the state machines ask, eight bytes at a time in a plain
//! 64-bit register.
//!
//! The least significant byte of a word is the first byte of the text. Each flag is the high bit of its
//! byte, and none depends on a neighbour, so all of them are exact.

use crate::token::{is_tchar, is_text};

/// The length of the token that the bytes begin with (RFC 9110 §5.6.2).
pub(crate) fn token_len(bytes: &[u8]) -> usize {
    bytes.iter().position(|&byte| !is_tchar(byte)).unwrap_or(bytes.len())
}

/// The length of the run of HTAB, SP, VCHAR and obs-text: a field value or reason phrase.
pub(crate) fn text_len(bytes: &[u8]) -> usize {
    run_len(bytes, not_text, is_text)
}

/// The length of the run of 0x21 to 0x7e without `#`: a request target.
pub(crate) fn target_len(bytes: &[u8]) -> usize {
    run_len(bytes, not_target, |byte| matches!(byte, b'!'..=b'~') && byte != b'#')
}

#[inline(always)]
fn run_len(bytes: &[u8], flags: impl Fn(u64) -> u64, in_class: impl Fn(u8) -> bool) -> usize {
    let mut rest = bytes;
    while let Some((word, tail)) = rest.split_first_chunk::<8>() {
        let hits = flags(u64::from_le_bytes(*word));
        if hits != 0 {
            return bytes.len() - rest.len() + (hits.trailing_zeros() / 8) as usize;
        }
        rest = tail;
    }
    let tail = rest.iter().position(|&byte| !in_class(byte)).unwrap_or(rest.len());
    bytes.len() - rest.len() + tail
}

/// Control bytes but HTAB, and DEL.
#[inline(always)]
pub(super) fn not_text(word: u64) -> u64 {
    (below(word, b' ') & !equal(word, b'\t')) | equal(word, 0x7f)
}

/// Everything below 0x21 and from 0x7f on, and `#`.
#[inline(always)]
pub(super) fn not_target(word: u64) -> u64 {
    below(word, b'!') | equal(word, 0x7f) | equal(word, b'#') | (word & HIGH)
}

/// The bytes that are below `limit`, itself at most 0x80.
#[inline(always)]
fn below(word: u64, limit: u8) -> u64 {
    let reached = (word & !HIGH).wrapping_add(LOW * u64::from(0x80 - limit));
    !(reached | word) & HIGH
}

/// The bytes that equal `byte`.
#[inline(always)]
fn equal(word: u64, byte: u8) -> u64 {
    below(word ^ (LOW * u64::from(byte)), 1)
}

const LOW: u64 = u64::MAX / 255;
const HIGH: u64 = LOW << 7;

#[cfg(test)]
mod tests {
    use super::*;

    fn naive(bytes: &[u8], in_class: impl Fn(u8) -> bool) -> usize {
        bytes.iter().position(|&byte| !in_class(byte)).unwrap_or(bytes.len())
    }

    #[test]
    fn agrees_with_the_class_for_each_byte_at_each_place() {
        for place in 0..24 {
            for byte in 0..=255 {
                let mut bytes = [b'a'; 24];
                bytes[place] = byte;
                assert_eq!(text_len(&bytes), naive(&bytes, is_text), "{byte} at {place}");
                let target = |b: u8| (0x21..=0x7e).contains(&b) && b != b'#';
                assert_eq!(target_len(&bytes), naive(&bytes, target), "{byte} at {place}");
            }
        }
    }

    #[test]
    fn steps_over_every_tab() {
        assert_eq!(text_len(b"\t\t\t\t\t\t\t\t\t\tabc\t\r"), 14);
        assert_eq!(text_len(b""), 0);
    }
}
