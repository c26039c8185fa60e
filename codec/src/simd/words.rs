//! Eight bytes at a time in a plain 64-bit register.
//!
//! The least significant byte of a word is the first byte of the text. Each flag is the high bit of its
//! byte, and none depends on a neighbour, so all of them are exact.

/// The bytes of the words that are all in a class, up to the first that is not.
#[inline(always)]
pub(super) fn words_len(bytes: &[u8], flags: impl Fn(u64) -> u64) -> usize {
    let mut rest = bytes;
    while let Some((word, tail)) = rest.split_first_chunk::<8>()
        && flags(u64::from_le_bytes(*word)) == 0
    {
        rest = tail;
    }
    bytes.len() - rest.len()
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
