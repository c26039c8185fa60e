//! The kernel that every machine has: plain 64-bit words.

use super::run::{not_target, not_text};
use super::sweep::lines;
use super::view::{Progress, View};
use super::{BLOCK, Kernel, WINDOW};
use crate::field::Fields;
use crate::head::Head;
use crate::token::{is_host_byte, is_tchar};

/// The kernel.
#[derive(Clone, Copy)]
pub(super) struct Swar;

/// See [`super::sweep`].
pub(super) fn sweep(
    full: bool,
    head: &mut Head,
    fields: &mut Fields<'_>,
    view: View<'_>,
) -> Progress {
    lines::<Swar>(full, head, fields, view)
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
    let (mut rest, mut all, mut at) = (bytes, 0, 0);
    while let Some((word, tail)) = rest.split_first_chunk::<8>() {
        all |= mask(flags(u64::from_le_bytes(*word))) << at;
        (rest, at) = (tail, at + 8);
    }
    all
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
