//! SSSE3: 16 bytes at a time, and the tables of the byte shuffle, which AVX2 uses too.

use super::sweep::lines;
use super::view::{Progress, View};
use super::{BLOCK, Kernel, WINDOW};
use crate::field::Fields;
use crate::head::Head;
use crate::token;
use core::arch::x86_64::*;

/// The kernel. Its answers may only be asked for inside of [`sweep`], which has the instructions.
#[derive(Clone, Copy)]
pub(super) struct Ssse3;

/// See [`super::sweep`]. The machine must have SSSE3.
#[target_feature(enable = "ssse3")]
pub(super) unsafe fn sweep(
    full: bool,
    head: &mut Head,
    fields: &mut Fields<'_>,
    view: View<'_>,
) -> Progress {
    lines::<Ssse3>(full, head, fields, view)
}

/// A set of ASCII bytes: the row of a byte's low half has the bit of its high half.
pub(super) struct Set {
    pub(super) rows: [u8; STEP],
}

/// The bit of each high half; those from 8 on, which ASCII does not have, have none.
pub(super) static BITS: [u8; STEP] = [1, 2, 4, 8, 16, 32, 64, 128, 0, 0, 0, 0, 0, 0, 0, 0];
pub(super) static TOKEN: Set = Set { rows: rows(token::TCHAR) };
pub(super) static HOST: Set = Set { rows: rows(token::HOST) };

const fn rows(class: u8) -> [u8; STEP] {
    let mut rows = [0; STEP];
    let mut byte = 0;
    while byte < 0x80 {
        if token::CLASS[byte] & class != 0 {
            rows[byte & 15] |= 1 << (byte >> 4);
        }
        byte += 1;
    }
    rows
}

impl Kernel for Ssse3 {
    #[inline(always)]
    fn not_text(block: &[u8; BLOCK]) -> u64 {
        let [a, b, c, d] = quarters(block);
        // SAFETY: only called where SSSE3 is enabled.
        unsafe { joined([not_text(a), not_text(b), not_text(c), not_text(d)]) }
    }

    #[inline(always)]
    fn not_target(block: &[u8; BLOCK]) -> u64 {
        let [a, b, c, d] = quarters(block);
        // SAFETY: only called where SSSE3 is enabled.
        unsafe { joined([not_target(a), not_target(b), not_target(c), not_target(d)]) }
    }

    #[inline(always)]
    fn not_text_half(window: &[u8; WINDOW]) -> u32 {
        let [low, high] = halves(window);
        // SAFETY: only called where SSSE3 is enabled.
        unsafe { not_text(low) | not_text(high) << STEP }
    }

    #[inline(always)]
    fn not_target_half(window: &[u8; WINDOW]) -> u32 {
        let [low, high] = halves(window);
        // SAFETY: only called where SSSE3 is enabled.
        unsafe { not_target(low) | not_target(high) << STEP }
    }

    #[inline(always)]
    fn not_token(window: &[u8; WINDOW]) -> u32 {
        let [low, high] = halves(window);
        // SAFETY: only called where SSSE3 is enabled.
        unsafe { not_in(low, &TOKEN) | not_in(high, &TOKEN) << STEP }
    }

    #[inline(always)]
    fn not_host(window: &[u8; WINDOW]) -> u32 {
        let [low, high] = halves(window);
        // SAFETY: only called where SSSE3 is enabled.
        unsafe { not_in(low, &HOST) | not_in(high, &HOST) << STEP }
    }

    #[inline(always)]
    fn differs(window: &[u8; WINDOW], lower: &[u8; WINDOW]) -> u32 {
        let ([low, high], [lower_low, lower_high]) = (halves(window), halves(lower));
        // SAFETY: only called where SSSE3 is enabled.
        unsafe { differs(low, lower_low) | differs(high, lower_high) << STEP }
    }
}

#[inline(always)]
fn quarters(block: &[u8; BLOCK]) -> [&[u8; STEP]; 4] {
    match block.as_chunks().0 {
        [a, b, c, d] => [a, b, c, d],
        _ => [&[0; STEP]; 4],
    }
}

#[inline(always)]
fn halves(window: &[u8; WINDOW]) -> [&[u8; STEP]; 2] {
    match window.as_chunks().0 {
        [low, high] => [low, high],
        _ => [&[0; STEP]; 2],
    }
}

/// The mask of a block from those of its quarters.
#[inline(always)]
fn joined([a, b, c, d]: [u32; 4]) -> u64 {
    u64::from(a | b << STEP) | u64::from(c | d << STEP) << 32
}

#[inline(always)]
unsafe fn load(bytes: &[u8; STEP]) -> __m128i {
    // SAFETY: the array has 16 bytes, and the load asks for no alignment.
    unsafe { _mm_loadu_si128(bytes.as_ptr().cast()) }
}

#[inline(always)]
unsafe fn mask(bytes: __m128i) -> u32 {
    // SAFETY: SSE2 is part of x86-64.
    unsafe { _mm_movemask_epi8(bytes).cast_unsigned() }
}

#[inline(always)]
unsafe fn differs(bytes: &[u8; STEP], lower: &[u8; STEP]) -> u32 {
    // SAFETY: SSE2 is part of x86-64.
    unsafe {
        let folded = _mm_or_si128(load(bytes), _mm_set1_epi8(0x20));
        mask(_mm_cmpeq_epi8(folded, load(lower))) ^ 0xffff
    }
}

/// Control bytes but HTAB, and DEL.
#[inline(always)]
unsafe fn not_text(bytes: &[u8; STEP]) -> u32 {
    // SAFETY: SSE2 is part of x86-64.
    unsafe {
        let bytes = load(bytes);
        let control = _mm_cmpeq_epi8(_mm_min_epu8(bytes, _mm_set1_epi8(0x1f)), bytes);
        let tab = _mm_cmpeq_epi8(bytes, _mm_set1_epi8(0x09));
        let del = _mm_cmpeq_epi8(bytes, _mm_set1_epi8(0x7f));
        mask(_mm_or_si128(_mm_andnot_si128(tab, control), del))
    }
}

/// Everything below 0x21 and from 0x7f on, and `#`.
#[inline(always)]
unsafe fn not_target(bytes: &[u8; STEP]) -> u32 {
    // SAFETY: SSE2 is part of x86-64.
    unsafe {
        let bytes = load(bytes);
        // With one added, 0x7f and all above it are negative, or zero: below 0x22 as signed bytes.
        let after = _mm_add_epi8(bytes, _mm_set1_epi8(1));
        let outside = _mm_cmpgt_epi8(_mm_set1_epi8(0x22), after);
        let hash = _mm_cmpeq_epi8(bytes, _mm_set1_epi8(b'#'.cast_signed()));
        mask(_mm_or_si128(outside, hash))
    }
}

/// The bytes that are not in a set of ASCII bytes.
#[inline(always)]
unsafe fn not_in(bytes: &[u8; STEP], set: &Set) -> u32 {
    // SAFETY: the caller is where SSSE3 is enabled; the tables have 16 bytes.
    unsafe {
        let bytes = load(bytes);
        // A byte from 0x80 on has the shuffle answer 0: it is in no row.
        let row = _mm_shuffle_epi8(load(&set.rows), bytes);
        let column = _mm_and_si128(_mm_srli_epi16::<4>(bytes), _mm_set1_epi8(0x0f));
        let bit = _mm_shuffle_epi8(load(&BITS), column);
        mask(_mm_cmpeq_epi8(_mm_and_si128(row, bit), _mm_setzero_si128()))
    }
}

const STEP: usize = 16;
