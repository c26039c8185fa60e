//! NEON, which is part of AArch64. The mark of a byte is that it is not 0.

use super::block::{Block, SIZE};
use core::arch::aarch64::*;

#[derive(Clone, Copy)]
pub(super) struct Neon(uint8x16_t);

impl Block for Neon {
    #[inline(always)]
    unsafe fn load(from: *const u8) -> Self {
        // SAFETY: passed on.
        Self(unsafe { vld1q_u8(from) })
    }

    #[inline(always)]
    unsafe fn store(self, to: *mut u8) {
        // SAFETY: passed on.
        unsafe { vst1q_u8(to, self.0) }
    }

    #[inline(always)]
    fn new(bytes: [u8; SIZE]) -> Self {
        // SAFETY: an array of 16 bytes.
        unsafe { Self::load(bytes.as_ptr()) }
    }

    #[inline(always)]
    fn pair(low: u64, high: u64) -> Self {
        // SAFETY: NEON is there, or this module would not be.
        Self(unsafe { vcombine_u8(vcreate_u8(low), vcreate_u8(high)) })
    }

    #[inline(always)]
    fn or(self, other: Self) -> Self {
        // SAFETY: as above.
        Self(unsafe { vorrq_u8(self.0, other.0) })
    }

    #[inline(always)]
    fn is_marked(self) -> bool {
        // SAFETY: as above.
        unsafe { vmaxvq_u8(self.0) != 0 }
    }

    #[inline(always)]
    fn outside(self, least: Self) -> Self {
        // SAFETY: as above. What is below goes around to the top.
        Self(unsafe {
            let most = vsubq_u8(vdupq_n_u8(0x7e), least.0);
            vcgtq_u8(vsubq_u8(self.0, least.0), most)
        })
    }

    #[inline(always)]
    fn equal(self, byte: u8) -> Self {
        // SAFETY: as above.
        Self(unsafe { vceqq_u8(self.0, vdupq_n_u8(byte)) })
    }

    #[inline(always)]
    fn not_letters(self) -> Self {
        // SAFETY: as above.
        Self(unsafe {
            let from_a = vsubq_u8(vorrq_u8(self.0, vdupq_n_u8(0x20)), vdupq_n_u8(0x61));
            vbicq_u8(vcgtq_u8(from_a, vdupq_n_u8(25)), self.equal(b'-').0)
        })
    }
}
