//! NEON: 16 bytes at a time; every aarch64 has it.
#![allow(unused_unsafe, reason = "newer compilers know that these instructions are always there")]

use super::sweep::lines;
use super::view::{Progress, View};
use super::{BLOCK, Kernel, WINDOW};
use crate::field::Fields;
use crate::head::Head;
use crate::token;
use core::arch::aarch64::*;

/// The kernel.
#[derive(Clone, Copy)]
pub(super) struct Neon;

/// See [`super::sweep`].
pub(super) fn sweep(
    full: bool,
    head: &mut Head,
    fields: &mut Fields<'_>,
    view: View<'_>,
) -> Progress {
    lines::<Neon>(full, head, fields, view)
}

/// A set of ASCII bytes: the row of a byte's low half has the bit of its high half.
struct Set([u8; STEP]);

/// The bit of each high half; those from 8 on, which ASCII does not have, have none.
static BITS: [u8; STEP] = [1, 2, 4, 8, 16, 32, 64, 128, 0, 0, 0, 0, 0, 0, 0, 0];
static TOKEN: Set = Set(rows(token::TCHAR));
static HOST: Set = Set(rows(token::HOST));

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

impl Kernel for Neon {
    #[inline(always)]
    fn not_text(block: &[u8; BLOCK]) -> u64 {
        let [a, b, c, d] = quarters(block);
        // SAFETY: NEON is part of the targets that this file is built for.
        unsafe { joined([not_text(a), not_text(b), not_text(c), not_text(d)]) }
    }

    #[inline(always)]
    fn not_target(block: &[u8; BLOCK]) -> u64 {
        let [a, b, c, d] = quarters(block);
        // SAFETY: as above.
        unsafe { joined([not_target(a), not_target(b), not_target(c), not_target(d)]) }
    }

    #[inline(always)]
    fn not_text_half(window: &[u8; WINDOW]) -> u32 {
        let [low, high] = halves(window);
        // SAFETY: as above.
        unsafe { paired([not_text(low), not_text(high)]) }
    }

    #[inline(always)]
    fn not_target_half(window: &[u8; WINDOW]) -> u32 {
        let [low, high] = halves(window);
        // SAFETY: as above.
        unsafe { paired([not_target(low), not_target(high)]) }
    }

    #[inline(always)]
    fn not_token(window: &[u8; WINDOW]) -> u32 {
        let [low, high] = halves(window);
        // SAFETY: as above.
        unsafe { paired([not_in(low, &TOKEN), not_in(high, &TOKEN)]) }
    }

    #[inline(always)]
    fn not_host(window: &[u8; WINDOW]) -> u32 {
        let [low, high] = halves(window);
        // SAFETY: as above.
        unsafe { paired([not_in(low, &HOST), not_in(high, &HOST)]) }
    }

    #[inline(always)]
    fn differs(window: &[u8; WINDOW], lower: &[u8; WINDOW]) -> u32 {
        let ([low, high], [lower_low, lower_high]) = (halves(window), halves(lower));
        // SAFETY: as above.
        unsafe { paired([differs(low, lower_low), differs(high, lower_high)]) }
    }
}

#[inline(always)]
fn quarters(block: &[u8; BLOCK]) -> [&[u8; STEP]; 4] {
    let [low, high] = match block.split_at(WINDOW) {
        (low, high) => [low.first_chunk(), high.first_chunk()],
    };
    let none = &[0; WINDOW];
    let [[a, b], [c, d]] = [halves(low.unwrap_or(none)), halves(high.unwrap_or(none))];
    [a, b, c, d]
}

#[inline(always)]
fn halves(window: &[u8; WINDOW]) -> [&[u8; STEP]; 2] {
    let none = &[0; STEP];
    [window.first_chunk().unwrap_or(none), window.last_chunk().unwrap_or(none)]
}

#[inline(always)]
unsafe fn load(bytes: &[u8; STEP]) -> uint8x16_t {
    // SAFETY: the array has 16 bytes, and the load asks for no alignment.
    unsafe { vld1q_u8(bytes.as_ptr()) }
}

/// The mask of a block from its quarters, whose bytes are 0 or 0xff.
#[inline(always)]
unsafe fn joined(quarters: [uint8x16_t; 4]) -> u64 {
    // SAFETY: the caller is where NEON is.
    unsafe {
        let bits = load(&PLACES);
        let [a, b, c, d] = quarters;
        let low = vpaddq_u8(vandq_u8(a, bits), vandq_u8(b, bits));
        let high = vpaddq_u8(vandq_u8(c, bits), vandq_u8(d, bits));
        let pairs = vpaddq_u8(low, high);
        vgetq_lane_u64::<0>(vreinterpretq_u64_u8(vpaddq_u8(pairs, pairs)))
    }
}

/// The mask of a window from its halves, whose bytes are 0 or 0xff.
#[inline(always)]
unsafe fn paired(halves: [uint8x16_t; 2]) -> u32 {
    // SAFETY: the caller is where NEON is.
    unsafe {
        let bits = load(&PLACES);
        let [low, high] = halves;
        let pairs = vpaddq_u8(vandq_u8(low, bits), vandq_u8(high, bits));
        let fours = vpaddq_u8(pairs, pairs);
        vgetq_lane_u32::<0>(vreinterpretq_u32_u8(vpaddq_u8(fours, fours)))
    }
}

#[inline(always)]
unsafe fn differs(bytes: &[u8; STEP], lower: &[u8; STEP]) -> uint8x16_t {
    // SAFETY: the caller is where NEON is.
    unsafe { vmvnq_u8(vceqq_u8(vorrq_u8(load(bytes), vdupq_n_u8(0x20)), load(lower))) }
}

/// Control bytes but HTAB, and DEL.
#[inline(always)]
unsafe fn not_text(bytes: &[u8; STEP]) -> uint8x16_t {
    // SAFETY: the caller is where NEON is.
    unsafe {
        let bytes = load(bytes);
        let control = vcltq_u8(bytes, vdupq_n_u8(0x20));
        let tab = vceqq_u8(bytes, vdupq_n_u8(0x09));
        vorrq_u8(vbicq_u8(control, tab), vceqq_u8(bytes, vdupq_n_u8(0x7f)))
    }
}

/// Everything below 0x21 and from 0x7f on, and `#`.
#[inline(always)]
unsafe fn not_target(bytes: &[u8; STEP]) -> uint8x16_t {
    // SAFETY: the caller is where NEON is.
    unsafe {
        let bytes = load(bytes);
        let below = vcltq_u8(bytes, vdupq_n_u8(0x21));
        let outside = vorrq_u8(below, vcgtq_u8(bytes, vdupq_n_u8(0x7e)));
        vorrq_u8(outside, vceqq_u8(bytes, vdupq_n_u8(b'#')))
    }
}

/// The bytes that are not in a set of ASCII bytes.
#[inline(always)]
unsafe fn not_in(bytes: &[u8; STEP], Set(rows): &Set) -> uint8x16_t {
    // SAFETY: the caller is where NEON is.
    unsafe {
        let bytes = load(bytes);
        let row = vqtbl1q_u8(load(rows), vandq_u8(bytes, vdupq_n_u8(0x0f)));
        let bit = vqtbl1q_u8(load(&BITS), vshrq_n_u8::<4>(bytes));
        vceqzq_u8(vandq_u8(row, bit))
    }
}

/// The bit that each byte has in its byte of a mask.
static PLACES: [u8; STEP] = [1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128];

const STEP: usize = 16;
