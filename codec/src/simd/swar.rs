//! The kernel that every machine has: plain 64-bit words.

use super::run::run_len;
use super::sweep::lines;
use super::view::{Progress, View};
use super::words::{not_target, not_text};
use super::{BLOCK, Kernel, WINDOW};
use crate::field::Fields;
use crate::head::Head;
use crate::token::{HOST, TCHAR};

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
        text_mask(block)
    }

    #[inline(always)]
    fn not_target(block: &[u8; BLOCK]) -> u64 {
        target_mask(block)
    }

    #[inline(always)]
    fn not_text_half(window: &[u8; WINDOW]) -> u32 {
        low(text_mask(window))
    }

    #[inline(always)]
    fn not_target_half(window: &[u8; WINDOW]) -> u32 {
        low(target_mask(window))
    }

    #[inline(always)]
    fn not_token(window: &[u8; WINDOW]) -> u32 {
        bit(run_len(TCHAR, window))
    }

    #[inline(always)]
    fn not_host(window: &[u8; WINDOW]) -> u32 {
        bit(run_len(HOST, window))
    }

    #[inline(always)]
    fn differs(window: &[u8; WINDOW], lower: &[u8; WINDOW]) -> u32 {
        bit(same_len(window, lower))
    }
}

// Where another kernel does the work, this one is not worth several copies of these.

#[cfg_attr(any(target_arch = "x86_64", target_arch = "aarch64"), inline(never))]
fn text_mask(bytes: &[u8]) -> u64 {
    gather(bytes, not_text)
}

#[cfg_attr(any(target_arch = "x86_64", target_arch = "aarch64"), inline(never))]
fn target_mask(bytes: &[u8]) -> u64 {
    gather(bytes, not_target)
}

#[cfg_attr(any(target_arch = "x86_64", target_arch = "aarch64"), inline(never))]
fn same_len(window: &[u8], lower: &[u8]) -> usize {
    window.iter().zip(lower).take_while(|(byte, lower)| **byte | 0x20 == **lower).count()
}

/// The mask of a block or window from the flags of its words.
#[inline(always)]
fn gather(bytes: &[u8], flags: impl Fn(u64) -> u64) -> u64 {
    let (mut rest, mut all, mut at) = (bytes, 0, 0);
    while let Some((word, tail)) = rest.split_first_chunk::<8>() {
        all |= mask(flags(u64::from_le_bytes(*word))) << (at & 63);
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

/// The mask of a window whose byte behind a run is the only one that counts, if there is one.
#[inline(always)]
fn bit(run: usize) -> u32 {
    low(1 << (run & 63))
}
