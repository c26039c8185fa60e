//! The kernels: how many bytes of one class stand in a row, answered for a window at once.
//!
//! `Kernel` is what one kind of processor can do; each is a file. [`Level`] names them and finds out,
//! once, which of them this machine has. The answers of all kernels are the same for the same bytes:
//! `codec/tests/kernels/` holds them to it.
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

/// What a kernel answers: bit `i` of a mask stands for byte `i`. Where only the lowest bit counts, a kernel
/// may leave out all others; it must not invent any.
///
/// Near the end of the data a window begins before what is asked about, and its mask is shifted. A lone lowest
/// bit may be shifted out then, and "nowhere in this window" is an answer with which a line is left to the
/// machine: so a mask of a window that begins in the line before says where its LF is, or nothing.
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
    /// bit counts; asked only of a window of which [`Kernel::not_token`] said where the name ends.
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

#[cfg(all(test, feature = "sweep"))]
mod tests {
    use super::*;
    use crate::field::Field;
    use crate::rules::Rules;
    use crate::start_line::REQUEST;
    use crate::token::{is_host_byte, is_tchar, is_text};
    use core::mem::MaybeUninit;

    #[test]
    fn every_kernel_says_of_every_byte_what_the_classes_say() {
        for level in Level::all() {
            match level {
                #[cfg(target_arch = "x86_64")]
                Level::Avx2 => check::<avx2::Avx2>(),
                #[cfg(target_arch = "x86_64")]
                Level::Ssse3 => check::<ssse3::Ssse3>(),
                #[cfg(target_arch = "aarch64")]
                Level::Neon => check::<neon::Neon>(),
                Level::Swar => check::<swar::Swar>(),
            }
        }
    }

    /// Each byte at each place, among bytes of every class and of none.
    fn check<K: Kernel>() {
        for fill in [b'a', b'A', b'\t', b' ', b'#', b'\r', 0, 0x7f, 0x80, 0xff] {
            for place in 0..BLOCK {
                for byte in 0..=u8::MAX {
                    let mut block = [fill; BLOCK];
                    block[place] = byte;
                    check_block::<K>(&block);
                    check_window::<K>(block.first_chunk().unwrap());
                    check_window::<K>(block.last_chunk().unwrap());
                }
            }
        }
    }

    fn is_target(byte: u8) -> bool {
        (0x21..0x7f).contains(&byte) && byte != b'#'
    }

    fn check_block<K: Kernel>(block: &[u8; BLOCK]) {
        assert_eq!(K::not_text(block), mask(block, |_, byte| !is_text(byte)));
        assert_lowest(K::not_target(block), mask(block, |_, byte| !is_target(byte)));
    }

    fn check_window<K: Kernel>(window: &[u8; WINDOW]) {
        let asks = |out: fn(u8) -> bool| mask(window, |_, byte| out(byte));
        assert_eq!(u64::from(K::not_text_half(window)), asks(|byte| !is_text(byte)));
        assert_lowest(K::not_target_half(window).into(), asks(|byte| !is_target(byte)));
        assert_lowest(K::not_token(window).into(), asks(|byte| !is_tchar(byte)));
        assert_lowest(K::not_host(window).into(), asks(|byte| !is_host_byte(byte)));
        for lower in [[b'a'; WINDOW], core::array::from_fn(|at| window[at] | 0x20)] {
            let wanted = mask(window, |at, byte| byte | 0x20 != lower[at]);
            assert_lowest(K::differs(window, &lower).into(), wanted);
        }
    }

    fn mask(bytes: &[u8], is_out: impl Fn(usize, u8) -> bool) -> u64 {
        let bits = bytes.iter().enumerate().map(|(at, &byte)| u64::from(is_out(at, byte)) << at);
        bits.sum()
    }

    /// All bits, or the lowest of them.
    fn assert_lowest(answer: u64, wanted: u64) {
        assert!(
            answer == wanted || answer == wanted & wanted.wrapping_neg(),
            "{answer:x} {wanted:x}"
        );
    }

    /// Without it all tests would pass with a sweep that takes nothing.
    #[test]
    fn a_head_that_is_plainly_right_is_swept_to_its_end() {
        let head = [
            &b"GET /a/path?with=query HTTP/1.1\r\nHost: www.example.com\r\n"[..],
            &b"User-Agent: something/1.0 (that is; longer than a block of 64 bytes, as they are)\r\n".repeat(6),
            b"Accept:\t*/* \r\nConnection: keep-alive\r\nContent-Length: 5\r\nTE:\r\n\r\n",
        ]
        .concat();
        let padded = [&head[..], &[b'\n'; BLOCK]].concat();
        for (level, full) in Level::all().flat_map(|level| [(level, true), (level, false)]) {
            assert_eq!(swept(level, full, View { bytes: &padded, end: head.len() }), (true, 11));
            // The lowest bit alone is not enough for the last windows.
            let (is_whole, count) = swept(level, full, View::whole(&head));
            assert!(
                is_whole && count == 11 || level == Level::Swar && count >= 8,
                "{level:?} {count}"
            );
        }
    }

    fn swept(level: Level, full: bool, view: View<'_>) -> (bool, u32) {
        let mut head = Head::new(&Rules::STRICT);
        let mut fields = [MaybeUninit::<Field>::uninit(); 16];
        head.line.kind = REQUEST;
        let progress = sweep(level, full, &mut head, &mut Some(&mut fields), view);
        (progress == Progress::Complete, head.section.count)
    }
}
