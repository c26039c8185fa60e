//! Eight bytes at a time in a plain 64-bit register: the kernel that every machine has.
//!
//! The least significant byte of a word is the first byte of the text. Each flag is the high bit of its
//! byte, and none depends on a neighbour, so all of them are exact.

use super::sweep::{self, Progress, View};
use super::{BLOCK, Kernel, WINDOW};
use crate::field::Fields;
use crate::head::Head;
use crate::token::{is_host_byte, is_tchar, is_text};

/// The kernel.
#[derive(Clone, Copy)]
struct Swar;

/// See [`super::sweep`].
pub(super) fn sweep(
    full: bool,
    head: &mut Head,
    fields: &mut Fields<'_>,
    view: View<'_>,
) -> Progress {
    sweep::lines::<Swar>(full, head, fields, view)
}

impl Kernel for Swar {
    #[inline(always)]
    fn not_text(block: &[u8; BLOCK]) -> u64 {
        gather(block, not_text)
    }

    #[inline(always)]
    fn not_target(block: &[u8; BLOCK]) -> u64 {
        gather(block, not_target)
    }

    #[inline(always)]
    fn not_text_half(window: &[u8; WINDOW]) -> u32 {
        low(gather(window, not_text))
    }

    #[inline(always)]
    fn not_target_half(window: &[u8; WINDOW]) -> u32 {
        low(gather(window, not_target))
    }

    #[inline(always)]
    fn not_token(window: &[u8; WINDOW]) -> u32 {
        first(window, is_tchar)
    }

    #[inline(always)]
    fn not_host(window: &[u8; WINDOW]) -> u32 {
        first(window, is_host_byte)
    }

    #[inline(always)]
    fn differs(window: &[u8; WINDOW], lower: &[u8; WINDOW]) -> u32 {
        let pairs = window.iter().zip(lower);
        let same = pairs.take_while(|(byte, lower)| **byte | 0x20 == **lower).count();
        u32::try_from(1u64 << (same & 63)).unwrap_or(0)
    }
}

/// The mask of a block or window from the flags of its words.
#[inline(always)]
fn gather(bytes: &[u8], flags: impl Fn(u64) -> u64) -> u64 {
    let (words, _) = bytes.as_chunks::<8>();
    let word = |(at, word): (usize, &[u8; 8])| mask(flags(u64::from_le_bytes(*word))) << (at * 8);
    words.iter().enumerate().map(word).fold(0, |all, bits| all | bits)
}

/// A window's mask.
#[inline(always)]
fn low(mask: u64) -> u32 {
    (mask & u64::from(u32::MAX)) as u32
}

/// The eight flags as the eight lowest bits.
#[inline(always)]
fn mask(flags: u64) -> u64 {
    (flags >> 7).wrapping_mul(0x0102_0408_1020_4080) >> 56
}

/// The bit of the first byte that is not in the class.
#[inline(always)]
fn first(window: &[u8; WINDOW], in_class: impl Fn(u8) -> bool) -> u32 {
    let run = window.iter().take_while(|&&byte| in_class(byte)).count();
    u32::try_from(1u64 << (run & 63)).unwrap_or(0)
}

/// See [`super::text_len`].
pub(super) fn text_len(bytes: &[u8]) -> usize {
    run_len(bytes, not_text, is_text)
}

/// See [`super::target_len`].
pub(super) fn target_len(bytes: &[u8]) -> usize {
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
fn not_text(word: u64) -> u64 {
    (below(word, b' ') & !equal(word, b'\t')) | equal(word, 0x7f)
}

/// Everything below 0x21 and from 0x7f on, and `#`.
#[inline(always)]
fn not_target(word: u64) -> u64 {
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
