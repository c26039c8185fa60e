//! 16 bytes at a time, in the registers that every processor of an architecture has.

use crate::spelling::LONGEST;

/// What the encoder uses on this machine.
#[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
pub(super) type Native = super::sse2::Sse2;
#[cfg(all(target_arch = "aarch64", target_feature = "neon", target_endian = "little"))]
pub(super) type Native = super::neon::Neon;
#[cfg(not(any(
    all(target_arch = "x86_64", target_feature = "sse2"),
    all(target_arch = "aarch64", target_feature = "neon", target_endian = "little")
)))]
pub(super) type Native = super::words::Words;

/// 16 bytes, or the marks of such; what the mark of a byte looks like is a matter of the kind of block.
pub(super) trait Block: Copy {
    /// # Safety
    ///
    /// 16 bytes can be read.
    unsafe fn load(from: *const u8) -> Self;

    /// # Safety
    ///
    /// 16 bytes can be written.
    unsafe fn store(self, to: *mut u8);

    fn new(bytes: [u8; SIZE]) -> Self;

    /// A block of two halves, each in the order of memory.
    fn pair(low: u64, high: u64) -> Self;

    /// The marks of both.
    fn or(self, other: Self) -> Self;

    /// Whether a byte is marked.
    fn is_marked(self) -> bool;

    /// Marks what is below the byte of `least` at its place, or above 0x7e.
    fn outside(self, least: Self) -> Self;

    /// Marks what equals `byte`.
    fn equal(self, byte: u8) -> Self;

    /// Marks all but letters and `-`, which most names are made of.
    fn not_letters(self) -> Self;
}

/// The bytes of a block.
pub(super) const SIZE: usize = 16;

/// Copies a name of at most [`LONGEST`] bytes; `false` when it is no token, or may be none.
///
/// # Safety
///
/// `from` can be read and `to` be written for `len` bytes, which is at least 1.
#[inline(always)]
pub(super) unsafe fn copy_name<B: Block>(to: *mut u8, from: *const u8, len: usize) -> bool {
    // SAFETY: passed on.
    !unsafe { copy_short(to, from, len, |block: B, _| block.not_letters()) }.is_marked()
}

/// Copies a value; `false` when it holds a control byte or begins or ends with white space, or may.
///
/// # Safety
///
/// As for [`copy_name`].
#[inline(always)]
pub(super) unsafe fn copy_value<B: Block>(to: *mut u8, from: *const u8, len: usize) -> bool {
    // SAFETY: passed on.
    unsafe { copy(to, from, len, |block: B, ends| block.outside(B::new(least(ends)))) }
}

/// Copies bytes from `least` to 0x7e without `but`; `false` when another is among them, or white space at
/// an end, or may be.
///
/// # Safety
///
/// `to` can be written for as many bytes as `from` has, which is at least 1.
#[inline(always)]
pub(super) unsafe fn copy_visible<B: Block>(to: *mut u8, from: &[u8], least: u8, but: u8) -> bool {
    let least = B::new([least; SIZE]);
    let marks = |block: B, _| block.outside(least).or(block.equal(but));
    // SAFETY: passed on.
    unsafe { copy(to, from.as_ptr(), from.len(), marks) }
}

/// Which ends of a text are those of a block.
#[derive(Clone, Copy)]
enum Ends {
    None,
    First,
    Last,
    Both,
}

/// The least byte of a text that is plainly good at each place: SP, but not at its ends.
#[inline(always)]
const fn least(ends: Ends) -> [u8; SIZE] {
    const NONE: [u8; SIZE] = *b"                ";
    match ends {
        Ends::None => NONE,
        Ends::First => *b"!               ",
        Ends::Last => *b"               !",
        Ends::Both => *b"!              !",
    }
}

/// Copies, and answers whether nothing is marked. White space at the ends of a long text always is.
///
/// # Safety
///
/// As for [`copy_name`].
#[inline(always)]
unsafe fn copy<B: Block>(
    to: *mut u8,
    from: *const u8,
    len: usize,
    marks: impl Fn(B, Ends) -> B,
) -> bool {
    if len <= 2 * SIZE {
        // SAFETY: passed on.
        return !unsafe { copy_short(to, from, len, marks) }.is_marked();
    }
    let (mut at, last) = (0, len - 2 * SIZE);
    // SAFETY: `at` is at most `last`.
    unsafe {
        if *from <= b' ' || *from.add(len - 1) <= b' ' {
            return false;
        }
        loop {
            let two =
                copy_two(to.add(at), from.add(at), 2 * SIZE, |block, _| marks(block, Ends::None));
            // This way out also keeps the compiler from making two loops of it, one a call of memcpy.
            if two.is_marked() || at == last {
                return !two.is_marked();
            }
            at = last.min(at + 2 * SIZE);
        }
    }
}

/// Copies at most two blocks and answers their marks.
///
/// # Safety
///
/// `from` can be read and `to` be written for `len` bytes, which is at least 1 and at most 32.
#[inline(always)]
unsafe fn copy_short<B: Block>(
    to: *mut u8,
    from: *const u8,
    len: usize,
    marks: impl Fn(B, Ends) -> B,
) -> B {
    // SAFETY: each branch touches no more than the bytes whose number it has just found.
    unsafe {
        if len >= SIZE {
            return copy_two(to, from, len, marks);
        }
        let (low, high) = if len >= 8 {
            let (low, high) = (load::<8>(from), load::<8>(from.add(len - 8)));
            store(to, low);
            store(to.add(len - 8), high);
            (u64::from_ne_bytes(low), u64::from_ne_bytes(high))
        } else {
            let half = copy_half(to, from, len);
            (half, half)
        };
        marks(B::pair(low, high), Ends::Both)
    }
}

/// As [`copy_short`], from 16 bytes on: the blocks overlap where the length asks for it.
///
/// # Safety
///
/// As for [`copy_short`].
#[inline(always)]
unsafe fn copy_two<B: Block>(
    to: *mut u8,
    from: *const u8,
    len: usize,
    marks: impl Fn(B, Ends) -> B,
) -> B {
    // SAFETY: passed on.
    unsafe {
        let (low, high) = (B::load(from), B::load(from.add(len - SIZE)));
        low.store(to);
        high.store(to.add(len - SIZE));
        marks(low, Ends::First).or(marks(high, Ends::Last))
    }
}

/// Copies 1 to 7 bytes and answers eight: the first is the first of them, the last is the last.
///
/// # Safety
///
/// As for [`copy_short`].
#[inline(always)]
unsafe fn copy_half(to: *mut u8, from: *const u8, len: usize) -> u64 {
    // SAFETY: as there.
    unsafe {
        if len >= 4 {
            let (low, high) = (load::<4>(from), load::<4>(from.add(len - 4)));
            store(to, low);
            store(to.add(len - 4), high);
            return join(u32::from_ne_bytes(low), u32::from_ne_bytes(high));
        }
        if len == 0 {
            return u64::from_ne_bytes(*b"no bytes");
        }
        let [first] = load::<1>(from);
        let [middle] = load::<1>(from.add(len / 2));
        let [last] = load::<1>(from.add(len - 1));
        store(to, [first]);
        store(to.add(len / 2), [middle]);
        store(to.add(len - 1), [last]);
        let word = u32::from_ne_bytes([first, middle, last, last]);
        join(word, word)
    }
}

/// Two quarters of a block in the order of memory.
#[inline(always)]
fn join(low: u32, high: u32) -> u64 {
    let (low, high) = (u64::from(low), u64::from(high));
    if cfg!(target_endian = "little") { low | high << 32 } else { low << 32 | high }
}

/// # Safety
///
/// `N` bytes can be read.
#[inline(always)]
unsafe fn load<const N: usize>(from: *const u8) -> [u8; N] {
    // SAFETY: passed on; an array of bytes asks for no alignment.
    unsafe { from.cast::<[u8; N]>().read() }
}

/// # Safety
///
/// `N` bytes can be written.
#[inline(always)]
unsafe fn store<const N: usize>(to: *mut u8, bytes: [u8; N]) {
    // SAFETY: passed on; an array of bytes asks for no alignment.
    unsafe { to.cast::<[u8; N]>().write(bytes) }
}

const _: () = assert!(LONGEST == 2 * SIZE, "a name is copied as two blocks at most");
