//! Copying and judging at once: each byte that an encoder is given is loaded once, for both.
//!
//! What is common is done first, and the rest stays out of its way. HTAB and obs-text in a value and digits
//! in a name cost a second look. Names longer than the known ones, the last bytes of the room and whatever
//! is wrong stop a sweep, and its caller goes on with care.
#![allow(unsafe_code, reason = "pointers whose bounds are checked once a line")]

mod block;
mod line;
#[cfg(all(target_arch = "aarch64", target_feature = "neon", target_endian = "little"))]
mod neon;
#[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
mod sse2;
#[cfg(any(
    test,
    not(any(
        all(target_arch = "x86_64", target_feature = "sse2"),
        all(target_arch = "aarch64", target_feature = "neon", target_endian = "little")
    ))
))]
mod words;

pub use line::Line;
pub(crate) use line::{is_name, is_value};

use crate::field::FieldLine;
use crate::known::*;
use crate::spelling::{self, LONGEST, TABLE};
use block::{Block, Native};
use core::mem::MaybeUninit;
use core::slice::Iter;

/// Without this feature all is left to the caller.
pub(crate) const IS_WIDE: bool = cfg!(feature = "wide");

/// Field lines on their way out.
pub(crate) struct Lines<'a> {
    /// Those that are still to come.
    pub(crate) rest: Iter<'a, Line<'a>>,
    /// The one line of the last sweep that is Host, Content-Length or Transfer-Encoding, or may be by its
    /// name. The caller takes it before the next sweep.
    pub(crate) watched: Option<&'a Line<'a>>,
}

/// The ids that are watched end here; 0 is among them.
const LAST_WATCHED: u32 = 3;
const _: () = assert!(
    BOJAGI_FIELD_HOST == 1
        && BOJAGI_FIELD_CONTENT_LENGTH == 2
        && BOJAGI_FIELD_TRANSFER_ENCODING as u32 == LAST_WATCHED
);

impl<'a> Lines<'a> {
    pub(crate) fn new(lines: &'a [Line<'a>]) -> Self {
        Self { rest: lines.iter(), watched: None }
    }

    /// Writes lines to the front of the room until one is rare, or is the second that is watched. Answers the
    /// number of bytes, which is 0 when the first line already is a rare one.
    #[inline(never)]
    pub(crate) fn sweep(&mut self, room: &mut [MaybeUninit<u8>]) -> usize {
        if IS_WIDE { sweep::<Native>(self, room) } else { 0 }
    }
}

/// What a line takes at most besides its value.
const SLACK: usize = LONGEST + b": \r\n".len();

/// See [`Lines::sweep`].
#[inline(always)]
fn sweep<B: Block>(lines: &mut Lines<'_>, room: &mut [MaybeUninit<u8>]) -> usize {
    let end = room.as_mut_ptr_range().end.addr();
    let start: *mut u8 = room.as_mut_ptr().cast();
    let mut to = start;
    let mut rest = lines.rest.clone();
    while let Some(line) = rest.as_slice().first() {
        let raw = &line.raw;
        // A length above its own address goes with NULL, or is wrong. What is left cannot overflow the sum:
        // it would have to lie in the last bytes that have an address.
        let is_odd = raw.value_len > raw.value.addr();
        if is_odd || raw.value_len.wrapping_add(SLACK) > end - to.addr() {
            break;
        }
        // SAFETY: the value is not NULL if it has a length, for which it can be read by the invariant of
        // `Line`; so many bytes and SLACK more can be written, up to the end of the room.
        let Some(len) = (unsafe { put_line::<B>(to, raw) }) else { break };
        // SAFETY: a name that was written has been read.
        if raw.id <= LAST_WATCHED && (raw.id != 0 || unsafe { may_be_framing(raw) }) {
            if lines.watched.is_some() {
                break;
            }
            lines.watched = Some(line);
        }
        rest.next();
        // SAFETY: so many bytes were written, all of them within the room.
        to = unsafe { to.add(len) };
    }
    lines.rest = rest;
    to.addr() - start.addr()
}

/// Writes a line and answers its length, if it is none of the rare ones.
///
/// # Safety
///
/// The value can be read for its length, and the name for its own or is NULL; `to` can be written for
/// SLACK bytes more than the value has.
#[inline(always)]
unsafe fn put_line<B: Block>(to: *mut u8, line: &FieldLine) -> Option<usize> {
    let is_odd = line.name_len > line.name.addr();
    let prefix = if line.id.wrapping_sub(1) < spelling::END - 1 {
        if is_odd {
            return None;
        }
        // SAFETY: an id, and room for LONGEST bytes.
        unsafe { put_known(to, line.id) }
    } else {
        let len = line.name_len;
        let is_odd = is_odd || line.id != 0 || len.wrapping_sub(1) >= LONGEST;
        // SAFETY: 1 to LONGEST bytes that are not at NULL.
        if is_odd || !unsafe { put_name::<B>(to, line.name.cast(), len) } {
            return None;
        }
        len + 2
    };
    // SAFETY: a name of at most LONGEST bytes, the value and four more: what the caller has room for.
    unsafe {
        let at = to.add(prefix);
        at.sub(2).cast::<[u8; 2]>().write(*b": ");
        if !put_value::<B>(at, line.value.cast(), line.value_len) {
            return None;
        }
        at.add(line.value_len).cast::<[u8; 2]>().write(*b"\r\n");
    }
    Some(prefix + line.value_len + 2)
}

/// Copies a name of at most LONGEST bytes, if it is one.
///
/// # Safety
///
/// As for [`block::copy_name`].
#[inline(always)]
unsafe fn put_name<B: Block>(to: *mut u8, from: *const u8, len: usize) -> bool {
    // SAFETY: passed on.
    unsafe { block::copy_name::<B>(to, from, len) || put_checked(to, from, len, is_name) }
}

/// Copies a value, if it is one.
///
/// # Safety
///
/// As for [`block::copy_value`].
#[inline(always)]
unsafe fn put_value<B: Block>(to: *mut u8, from: *const u8, len: usize) -> bool {
    // SAFETY: passed on.
    unsafe { block::copy_value::<B>(to, from, len) || put_checked(to, from, len, is_value) }
}

/// Copies bytes, if they pass.
///
/// # Safety
///
/// `from` can be read and `to` be written for `len` bytes, which do not overlap.
#[cold]
#[inline(never)]
unsafe fn put_checked(
    to: *mut u8,
    from: *const u8,
    len: usize,
    is_good: fn(&[u8]) -> bool,
) -> bool {
    // SAFETY: by the word of the caller.
    unsafe {
        let is_good = is_good(core::slice::from_raw_parts(from, len));
        if is_good {
            to.copy_from_nonoverlapping(from, len);
        }
        is_good
    }
}

/// Writes LONGEST bytes that begin with the name of an id, and answers its length and 2 more.
///
/// # Safety
///
/// The id is one, and LONGEST bytes can be written.
#[inline(always)]
unsafe fn put_known(to: *mut u8, id: u32) -> usize {
    let id = id as usize;
    // SAFETY: the caller says that 0 < id < END, which is the length of `ends`; LONGEST bytes follow
    // each name in `bytes`.
    unsafe {
        let before = usize::from(*TABLE.ends.get_unchecked(id - 1));
        let end = usize::from(*TABLE.ends.get_unchecked(id));
        let name = TABLE.bytes.as_ptr().add(before + spelling::GAP).cast::<[u8; LONGEST]>();
        to.cast::<[u8; LONGEST]>().write(name.read());
        end - before
    }
}

/// Whether a line without an id has the length and the first letter of Host, Content-Length or
/// Transfer-Encoding.
///
/// # Safety
///
/// The name can be read for its length.
#[inline(always)]
unsafe fn may_be_framing(line: &FieldLine) -> bool {
    const LENGTHS: u64 = 1 << 4 | 1 << 14 | 1 << 17;
    let len = line.name_len;
    if LENGTHS.wrapping_shr(len as u32) & 1 == 0 {
        return false;
    }
    // SAFETY: none of those lengths is 0, not even when 64 times something is added.
    let first = unsafe { line.name.cast::<u8>().read() } | 0x20;
    matches!((len, first), (4, b'h') | (14, b'c') | (17, b't'))
}

/// Writes a status line: `HTTP/1.1 SP status SP` from the first 13 bytes of `start`, the phrase, CR LF. Answers
/// its length; `None` when the phrase is empty or not plainly good, or the room too small.
#[inline]
pub(crate) fn status_line(
    room: &mut [MaybeUninit<u8>],
    start: &[u8; 16],
    phrase: &[u8],
) -> Option<usize> {
    if !IS_WIDE || phrase.is_empty() || room.len().checked_sub(start.len())? < phrase.len() {
        return None;
    }
    let to: *mut u8 = room.as_mut_ptr().cast();
    // SAFETY: room for 16 bytes and the phrase, of which 15 and the phrase remain.
    unsafe {
        to.cast::<[u8; 16]>().write(*start);
        if !copy_visible(to.add(13), phrase, b' ', 0x7f) {
            return None;
        }
        to.add(13 + phrase.len()).cast::<[u8; 2]>().write(*b"\r\n");
    }
    Some(15 + phrase.len())
}

/// Copies a target to the front of the room; `false` when it holds what no target does, or does not fit.
#[inline]
pub(crate) fn target(room: &mut [MaybeUninit<u8>], target: &[u8]) -> bool {
    let fits = IS_WIDE && !target.is_empty() && room.len() >= target.len();
    // SAFETY: at least one byte, and room for all.
    fits && unsafe { copy_visible(room.as_mut_ptr().cast(), target, b'!', b'#') }
}

/// See [`block::copy_visible`].
///
/// # Safety
///
/// As there.
#[inline(never)]
unsafe fn copy_visible(to: *mut u8, from: &[u8], least: u8, but: u8) -> bool {
    // SAFETY: passed on.
    unsafe { block::copy_visible::<Native>(to, from, least, but) }
}

#[cfg(test)]
mod tests {
    use super::words::Words;
    use super::*;

    type Copy = unsafe fn(*mut u8, *const u8, usize) -> bool;

    /// Copies `text` to the middle of a larger array and says whether all of it was good. Panics when a
    /// byte is wrong or one outside was written.
    fn copied(copy: Copy, text: &[u8]) -> bool {
        let mut out = [0xa5; 160];
        // SAFETY: the text is not empty, and shorter than the array by more than 32.
        let is_good = unsafe { copy(out[16..].as_mut_ptr(), text.as_ptr(), text.len()) };
        let end = 16 + text.len();
        assert!(!is_good || out[16..end] == *text, "copied as {:?}", &out[16..end]);
        assert!(out[..16].iter().chain(&out[end..]).all(|&byte| byte == 0xa5), "{text:?}");
        is_good
    }

    /// What each kind of block says of each byte at each place of a text.
    fn compare(lens: &[usize], copies: [Copy; 2], is_good: impl Fn(&[u8]) -> bool) {
        for &len in lens {
            for at in 0..len {
                for byte in 0..=u8::MAX {
                    let mut text = [b'x'; 128];
                    text[at] = byte;
                    for copy in copies {
                        let text = &text[..len];
                        assert_eq!(copied(copy, text), is_good(text), "{byte} at {at} of {len}");
                    }
                }
            }
        }
    }

    const LENS: [usize; 24] =
        [1, 2, 3, 4, 5, 7, 8, 9, 12, 15, 16, 17, 24, 31, 32, 33, 34, 48, 63, 64, 65, 80, 96, 97];

    #[test]
    fn takes_the_values_that_are_plainly_good() {
        let copies = [block::copy_value::<Native> as Copy, block::copy_value::<Words> as Copy];
        compare(&LENS, copies, |text| {
            let is_white = |end: Option<&u8>| end == Some(&b' ');
            text.iter().all(|byte| matches!(byte, b' '..=b'~'))
                && !is_white(text.first())
                && !is_white(text.last())
        });
    }

    #[test]
    fn takes_the_names_of_letters_and_hyphens() {
        let copies = [block::copy_name::<Native> as Copy, block::copy_name::<Words> as Copy];
        let is_plain = |byte: &u8| byte.is_ascii_alphabetic() || *byte == b'-';
        compare(&LENS[..15], copies, |text| text.iter().all(is_plain));
    }

    #[test]
    fn takes_targets_and_phrases() {
        unsafe fn target<B: Block>(to: *mut u8, from: *const u8, len: usize) -> bool {
            // SAFETY: what `copied` passes.
            unsafe {
                block::copy_visible::<B>(to, core::slice::from_raw_parts(from, len), b'!', b'#')
            }
        }
        let copies = [target::<Native> as Copy, target::<Words> as Copy];
        compare(&LENS, copies, |text| {
            text.iter().all(|byte| matches!(byte, b'!'..=b'~') && *byte != b'#')
        });
    }

    #[test]
    fn finds_several_bytes_beside_each_other() {
        // What a borrow or a carry from one byte to the next could hide.
        for one in 0..=u8::MAX {
            for other in 0..=u8::MAX {
                let mut text = [b'x'; 16];
                (text[6], text[7], text[8]) = (one, other, one);
                let is_good = text.iter().all(|byte| matches!(byte, b' '..=b'~'));
                for copy in [block::copy_value::<Native> as Copy, block::copy_value::<Words>] {
                    assert_eq!(copied(copy, &text), is_good, "{one} {other}");
                }
                let is_good = text.iter().all(|byte| byte.is_ascii_alphabetic() || *byte == b'-');
                for copy in [block::copy_name::<Native> as Copy, block::copy_name::<Words>] {
                    assert_eq!(copied(copy, &text), is_good, "{one} {other}");
                }
            }
        }
    }

    #[test]
    fn sweeps_alike_whatever_the_blocks() {
        let value = [b'v'; 40];
        let name = [b'n'; 40];
        for room in 0..200 {
            for len in 0..40 {
                let lines = [
                    Line::known(BOJAGI_FIELD_SERVER, &value[..len]),
                    Line::new(&name[..len], b"v"),
                    Line::known(BOJAGI_FIELD_CONTENT_LENGTH, b"5"),
                    Line::new(b"content-length", b"6"),
                ];
                assert_eq!(swept::<Native>(&lines, room), swept::<Words>(&lines, room));
            }
        }
    }

    /// The number of bytes, the lines that are left, the place of the line that is watched, the bytes.
    fn swept<B: Block>(lines: &[Line<'_>], len: usize) -> (usize, usize, Option<usize>, [u8; 200]) {
        let mut out = [0xa5; 200];
        let mut room = [MaybeUninit::new(0xa5); 200];
        let mut left = Lines::new(lines);
        let bytes = sweep::<B>(&mut left, &mut room[..len]);
        for (byte, slot) in out.iter_mut().zip(room) {
            // SAFETY: each element of `room` was made with a value.
            *byte = unsafe { slot.assume_init() };
        }
        assert!(out[len..].iter().all(|&byte| byte == 0xa5), "written beyond the room");
        out[bytes..].fill(0);
        let place = |line: &Line<'_>| lines.iter().position(|other| core::ptr::eq(line, other));
        (bytes, left.rest.len(), left.watched.and_then(place), out)
    }
}
