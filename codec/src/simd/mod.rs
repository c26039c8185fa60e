//! The kernels: how many bytes of one class stand in a row, answered for a window at once.
//!
//! [`Kernel`] is what one kind of processor can do; each is a file. [`Level`] names them and finds out,
//! once, which of them this machine has. The answers of all kernels are the same for the same bytes:
//! `codec/tests/kernels.rs` holds them to it.
#![allow(unsafe_code, reason = "the instructions of a processor, and nothing else")]

#[cfg(all(feature = "sweep", target_arch = "x86_64"))]
mod avx2;
pub(crate) mod copy;
mod level;
#[cfg(feature = "sweep")]
mod names;
#[cfg(all(feature = "sweep", target_arch = "aarch64"))]
mod neon;
mod run;
#[cfg(all(feature = "sweep", target_arch = "x86_64"))]
mod ssse3;
#[cfg(feature = "sweep")]
mod swar;
#[cfg(feature = "sweep")]
mod sweep;
mod view;
#[cfg(feature = "sweep")]
mod words;

pub use level::Level;
pub(crate) use run::{run_len, target_len, text_len, token_len};
pub(crate) use view::{Progress, View};

use crate::field::Fields;
use crate::head::Head;

/// The bytes that [`Kernel::not_text`] and [`Kernel::not_target`] look at.
#[cfg(feature = "sweep")]
pub(crate) const BLOCK: usize = 64;
/// The bytes that the other questions look at.
#[cfg(feature = "sweep")]
pub(crate) const WINDOW: usize = 32;

/// What a kernel answers: bit `i` of a mask stands for byte `i`.
#[cfg(feature = "sweep")]
pub(crate) trait Kernel: Copy {
    /// The bytes that are not HTAB, SP, VCHAR or obs-text: where a field value or reason phrase stops.
    fn not_text(block: &[u8; BLOCK]) -> u64;

    /// The bytes that are not 0x21 to 0x7e, or `#`: where a request target stops. Only the lowest bit
    /// counts.
    fn not_target(block: &[u8; BLOCK]) -> u64;

    /// As [`Kernel::not_text`], of fewer bytes.
    fn not_text_half(window: &[u8; WINDOW]) -> u32;

    /// As [`Kernel::not_target`], of fewer bytes.
    fn not_target_half(window: &[u8; WINDOW]) -> u32;

    /// The bytes that are no tchar: where a method or field name stops. Only the lowest bit counts.
    fn not_token(window: &[u8; WINDOW]) -> u32;

    /// The bytes that no host name or IPv4 address holds as they are. Only the lowest bit counts.
    fn not_host(window: &[u8; WINDOW]) -> u32;

    /// The bytes that differ from those of a lower-case name, when their case is folded. Only the lowest
    /// bit counts.
    fn differs(window: &[u8; WINDOW], lower: &[u8; WINDOW]) -> u32;
}

/// Reads whole lines with the kernel of this level; see `sweep.rs`.
#[cfg(feature = "sweep")]
#[inline(always)]
pub(crate) fn sweep(
    level: Level,
    full: bool,
    head: &mut Head,
    fields: &mut Fields<'_>,
    view: View<'_>,
) -> Progress {
    match (level, full) {
        // SAFETY: a level is only made for a machine that has it.
        #[cfg(target_arch = "x86_64")]
        (Level::Avx2, true) => unsafe { avx2::sweep(head, fields, view) },
        // SAFETY: as above.
        #[cfg(target_arch = "x86_64")]
        (Level::Avx2, false) => unsafe { avx2::sweep_spans(head, fields, view) },
        // SAFETY: as above.
        #[cfg(target_arch = "x86_64")]
        (Level::Ssse3, _) => unsafe { ssse3::sweep(full, head, fields, view) },
        #[cfg(target_arch = "aarch64")]
        (Level::Neon, _) => neon::sweep(full, head, fields, view),
        (Level::Swar, _) => swar::sweep(full, head, fields, view),
    }
}

/// Without the feature nothing is swept: the machines read all lines, in a smaller image.
#[cfg(not(feature = "sweep"))]
#[inline(always)]
pub(crate) fn sweep(_: Level, _: bool, _: &mut Head, _: &mut Fields<'_>, _: View<'_>) -> Progress {
    Progress::Stopped
}
