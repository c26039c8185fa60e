//! SSE2, which is part of x86-64. The mark of a byte is its high bit.

use super::block::{Block, SIZE};
use core::arch::x86_64::*;

#[derive(Clone, Copy)]
pub(super) struct Sse2(__m128i);

impl Block for Sse2 {
    #[inline(always)]
    unsafe fn load(from: *const u8) -> Self {
        // SAFETY: passed on; the load asks for no alignment.
        Self(unsafe { _mm_loadu_si128(from.cast()) })
    }

    #[inline(always)]
    unsafe fn store(self, to: *mut u8) {
        // SAFETY: passed on; the store asks for no alignment.
        unsafe { _mm_storeu_si128(to.cast(), self.0) }
    }

    #[inline(always)]
    fn new(bytes: [u8; SIZE]) -> Self {
        // SAFETY: an array of 16 bytes.
        unsafe { Self::load(bytes.as_ptr()) }
    }

    #[inline(always)]
    fn pair(low: u64, high: u64) -> Self {
        // SAFETY: SSE2 is there, or this module would not be.
        Self(unsafe { _mm_set_epi64x(high.cast_signed(), low.cast_signed()) })
    }

    #[inline(always)]
    fn or(self, other: Self) -> Self {
        // SAFETY: as above.
        Self(unsafe { _mm_or_si128(self.0, other.0) })
    }

    #[inline(always)]
    fn is_marked(self) -> bool {
        // SAFETY: as above.
        unsafe { _mm_movemask_epi8(self.0) != 0 }
    }

    #[inline(always)]
    fn outside(self, least: Self) -> Self {
        // SAFETY: as above. What is below goes around to the top; what is then above 0x7e - least comes to
        // 0x80 and more.
        Self(unsafe {
            let more = _mm_add_epi8(least.0, _mm_set1_epi8(1));
            _mm_adds_epu8(_mm_sub_epi8(self.0, least.0), more)
        })
    }

    #[inline(always)]
    fn equal(self, byte: u8) -> Self {
        // SAFETY: as above.
        Self(unsafe { _mm_cmpeq_epi8(self.0, _mm_set1_epi8(byte.cast_signed())) })
    }

    #[inline(always)]
    fn not_letters(self) -> Self {
        // SAFETY: as above. The 26 letters come to 0x66 to 0x7f.
        Self(unsafe {
            let lower = _mm_or_si128(self.0, _mm_set1_epi8(0x20));
            let from_a = _mm_sub_epi8(lower, _mm_set1_epi8(0x61));
            _mm_andnot_si128(self.equal(b'-').0, _mm_adds_epu8(from_a, _mm_set1_epi8(0x66)))
        })
    }
}
