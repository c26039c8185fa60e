//! Eight bytes at a time in a plain 64-bit register: the kernel that every machine has.
//!
//! The least significant byte of a word is the first byte of the text, so the lowest flag is the
//! first hit. A borrow can raise a false flag only above a true one, so the lowest is exact.

use crate::token::is_text;

const LOW: u64 = u64::MAX / 255;
const HIGH: u64 = LOW << 7;

/// See [`super::text_len`].
pub(super) fn text_len(bytes: &[u8]) -> usize {
    run_len(bytes, |word| below(word, b' ') | equal(word, 0x7f), is_text)
}

/// See [`super::target_len`].
pub(super) fn target_len(bytes: &[u8]) -> usize {
    run_len(
        bytes,
        |word| below(word, b'!') | equal(word, 0x7f) | equal(word, b'#') | (word & HIGH),
        |byte| matches!(byte, b'!'..=b'~') && byte != b'#',
    )
}

/// Skips words without a flag; a flagged byte that is in the class after all (HTAB) is stepped over.
#[inline(always)]
fn run_len(bytes: &[u8], flags: impl Fn(u64) -> u64, in_class: impl Fn(u8) -> bool) -> usize {
    let mut rest = bytes;
    while let Some((word, tail)) = rest.split_first_chunk::<8>() {
        let hits = flags(u64::from_le_bytes(*word));
        if hits == 0 {
            rest = tail;
            continue;
        }
        let hit = (hits.trailing_zeros() / 8) as usize;
        match rest.get(hit) {
            Some(&byte) if in_class(byte) => rest = rest.get(hit + 1..).unwrap_or(&[]),
            _ => return bytes.len() - rest.len() + hit,
        }
    }
    let tail = rest.iter().position(|&byte| !in_class(byte)).unwrap_or(rest.len());
    bytes.len() - rest.len() + tail
}

/// The high bit of each byte that is below `limit` (itself below 0x80).
#[inline(always)]
fn below(word: u64, limit: u8) -> u64 {
    word.wrapping_sub(LOW * u64::from(limit)) & !word & HIGH
}

/// The high bit of each byte that equals `byte`.
#[inline(always)]
fn equal(word: u64, byte: u8) -> u64 {
    below(word ^ (LOW * u64::from(byte)), 1)
}

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
