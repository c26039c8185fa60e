//! AVX2: 32 bytes at a time.

use super::sweep::lines;
use super::view::{Progress, View};
use super::{BLOCK, Kernel, WINDOW, ssse3};
use crate::field::Fields;
use crate::head::Head;
use core::arch::x86_64::*;

/// The kernel. Its answers may only be asked for inside of [`sweep`], which has the instructions.
#[derive(Clone, Copy)]
pub(super) struct Avx2;

/// See [`super::sweep`]. The machine must have AVX2, BMI1 and BMI2.
#[target_feature(enable = "avx2,bmi1,bmi2")]
pub(super) unsafe fn sweep(head: &mut Head, fields: &mut Fields<'_>, view: View<'_>) -> Progress {
    lines::<Avx2>(true, head, fields, view)
}

/// As [`sweep`], without ids and notes.
#[target_feature(enable = "avx2,bmi1,bmi2")]
pub(super) unsafe fn sweep_spans(
    head: &mut Head,
    fields: &mut Fields<'_>,
    view: View<'_>,
) -> Progress {
    lines::<Avx2>(false, head, fields, view)
}

impl Kernel for Avx2 {
    #[inline(always)]
    fn not_text(block: &[u8; BLOCK]) -> u64 {
        let [low, high] = halves(block);
        // SAFETY: only called where AVX2 is enabled.
        unsafe { u64::from(not_text(low)) | u64::from(not_text(high)) << 32 }
    }

    #[inline(always)]
    fn not_target(block: &[u8; BLOCK]) -> u64 {
        let [low, high] = halves(block);
        // SAFETY: only called where AVX2 is enabled.
        unsafe { u64::from(not_target(low)) | u64::from(not_target(high)) << 32 }
    }

    #[inline(always)]
    fn not_text_half(window: &[u8; WINDOW]) -> u32 {
        // SAFETY: only called where AVX2 is enabled.
        unsafe { not_text(window) }
    }

    #[inline(always)]
    fn not_target_half(window: &[u8; WINDOW]) -> u32 {
        // SAFETY: only called where AVX2 is enabled.
        unsafe { not_target(window) }
    }

    #[inline(always)]
    fn not_token(window: &[u8; WINDOW]) -> u32 {
        // SAFETY: only called where AVX2 is enabled.
        unsafe { not_in(window, &ssse3::TOKEN) }
    }

    #[inline(always)]
    fn not_host(window: &[u8; WINDOW]) -> u32 {
        // SAFETY: only called where AVX2 is enabled.
        unsafe { not_in(window, &ssse3::HOST) }
    }

    #[inline(always)]
    fn differs(window: &[u8; WINDOW], lower: &[u8; WINDOW]) -> u32 {
        // SAFETY: only called where AVX2 is enabled.
        unsafe {
            let folded = _mm256_or_si256(load(window), _mm256_set1_epi8(0x20));
            !mask(_mm256_cmpeq_epi8(folded, load(lower)))
        }
    }
}

#[inline(always)]
fn halves(block: &[u8; BLOCK]) -> [&[u8; WINDOW]; 2] {
    let (halves, _) = block.as_chunks::<WINDOW>();
    match halves {
        [low, high] => [low, high],
        _ => [&[0; WINDOW]; 2],
    }
}

#[inline(always)]
unsafe fn load(window: &[u8; WINDOW]) -> __m256i {
    // SAFETY: the array has 32 bytes, and the load asks for no alignment.
    unsafe { _mm256_loadu_si256(window.as_ptr().cast()) }
}

#[inline(always)]
unsafe fn mask(bytes: __m256i) -> u32 {
    // SAFETY: the caller is where AVX2 is enabled.
    unsafe { _mm256_movemask_epi8(bytes).cast_unsigned() }
}

/// Control bytes but HTAB, and DEL.
#[inline(always)]
unsafe fn not_text(window: &[u8; WINDOW]) -> u32 {
    // SAFETY: the caller is where AVX2 is enabled.
    unsafe {
        let bytes = load(window);
        let control = _mm256_cmpeq_epi8(_mm256_min_epu8(bytes, _mm256_set1_epi8(0x1f)), bytes);
        let tab = _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8(0x09));
        let del = _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8(0x7f));
        mask(_mm256_or_si256(_mm256_andnot_si256(tab, control), del))
    }
}

/// Everything below 0x21 and from 0x7f on, and `#`.
#[inline(always)]
unsafe fn not_target(window: &[u8; WINDOW]) -> u32 {
    // SAFETY: the caller is where AVX2 is enabled.
    unsafe {
        let bytes = load(window);
        // With one added, 0x7f and all above it are negative, or zero: below 0x22 as signed bytes.
        let after = _mm256_add_epi8(bytes, _mm256_set1_epi8(1));
        let outside = _mm256_cmpgt_epi8(_mm256_set1_epi8(0x22), after);
        let hash = _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8(b'#'.cast_signed()));
        mask(_mm256_or_si256(outside, hash))
    }
}

/// The bytes that are not in a set of ASCII bytes.
#[inline(always)]
unsafe fn not_in(window: &[u8; WINDOW], set: &ssse3::Set) -> u32 {
    // SAFETY: the caller is where AVX2 is enabled; the tables have 16 bytes.
    unsafe {
        let bytes = load(window);
        let rows = _mm256_broadcastsi128_si256(_mm_loadu_si128(set.rows.as_ptr().cast()));
        let bits = _mm256_broadcastsi128_si256(_mm_loadu_si128(ssse3::BITS.as_ptr().cast()));
        let low_half = _mm256_set1_epi8(0x0f);
        // A byte from 0x80 on has the shuffle answer 0: it is in no row.
        let row = _mm256_shuffle_epi8(rows, bytes);
        let column = _mm256_and_si256(_mm256_srli_epi16::<4>(bytes), low_half);
        let bit = _mm256_shuffle_epi8(bits, column);
        mask(_mm256_cmpeq_epi8(_mm256_and_si256(row, bit), _mm256_setzero_si256()))
    }
}
