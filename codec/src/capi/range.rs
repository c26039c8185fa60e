//! `bojagi_content_length_…`, `bojagi_range_parse`, `bojagi_content_range_…`

use super::code::BOJAGI_E_ARG;
use super::head::length as count;
use super::ptr;
use super::value::{refuse, room, value as input, wrote};
use crate::fault::Fault;
use crate::offset::index;
use crate::values::content_length;
use crate::values::range::{self, Range};
use core::ffi::c_void;

/// Reads a Content-Length, `1*DIGIT` below 2^64 (RFC 9110 §8.6), to `*length`.
///
/// Returns 0. Errors: BOJAGI_E_SYNTAX, also for a sign, white space and a list; BOJAGI_E_ARG.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn bojagi_content_length_parse(
    value: *const c_void,
    len: usize,
    length: *mut u64,
    fault: *mut Fault,
) -> i64 {
    // SAFETY: the header asks for bytes of this length.
    let Some(value) = (unsafe { input(value, len) }) else { return BOJAGI_E_ARG };
    match content_length::parse(value) {
        Ok(number) => {
            // SAFETY: the header asks for NULL or a number that can be written.
            unsafe { ptr::write(length, number) };
            0
        }
        // SAFETY: the header asks for NULL or a fault that can be written.
        Err(error) => unsafe { refuse(error, fault) },
    }
}

/// Writes a Content-Length. Returns the bytes written, at most 20. Errors: BOJAGI_E_SPACE; BOJAGI_E_ARG.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn bojagi_content_length_format(
    out: *mut c_void,
    cap: usize,
    length: u64,
) -> i64 {
    // SAFETY: the header asks for bytes of this length.
    let Some(room) = (unsafe { room(out, cap) }) else { return BOJAGI_E_ARG };
    // SAFETY: NULL is a fault that nobody wants.
    unsafe { wrote(content_length::format(length, room), out, cap, core::ptr::null_mut()) }
}

/// Reads a Range (RFC 9110 §14.2) for a representation of `length` bytes: the ranges that it can satisfy go
/// to `ranges`, an array of `cap`, in their order and cut to what there is.
///
/// Returns how many they are: answer 206. 0 when the representation has none of them: answer 416, with a
/// Content-Range that names no range. With an error, what is in `ranges` means nothing: go on as if the field
/// were not there, which a server may do with any Range.
///
/// Errors: BOJAGI_E_SYNTAX; BOJAGI_E_UNSUPPORTED for another unit than bytes; BOJAGI_E_LIMIT for more than
/// `cap` ranges, and for some that overlap so far that together they are longer than the whole; BOJAGI_E_ARG.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn bojagi_range_parse(
    value: *const c_void,
    len: usize,
    length: u64,
    ranges: *mut Range,
    cap: u32,
    fault: *mut Fault,
) -> i64 {
    // SAFETY: the header asks for bytes of this length, and for an array of this length.
    let arguments = unsafe { (input(value, len), ptr::room(ranges, index(cap))) };
    let (Some(value), Ok(ranges)) = arguments else { return BOJAGI_E_ARG };
    match range::parse(value, length, ranges) {
        Ok(found) => count(Ok(found)),
        // SAFETY: the header asks for NULL or a fault that can be written.
        Err(error) => unsafe { refuse(error, fault) },
    }
}

/// Reads a Content-Range (RFC 9110 §14.4), such as `bytes 0-99/1234`: the part to `*range` and the length of
/// the whole to `*length`, BOJAGI_LENGTH_UNKNOWN for `*`.
///
/// Returns 1; 0 for one that names no range, as in a 416, which leaves `*range` alone. Errors:
/// BOJAGI_E_SYNTAX, also for a part that is not inside the whole; BOJAGI_E_UNSUPPORTED for another unit than
/// bytes; BOJAGI_E_ARG.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn bojagi_content_range_parse(
    value: *const c_void,
    len: usize,
    range: *mut Range,
    length: *mut u64,
    fault: *mut Fault,
) -> i64 {
    // SAFETY: the header asks for bytes of this length.
    let Some(value) = (unsafe { input(value, len) }) else { return BOJAGI_E_ARG };
    match range::parse_content(value) {
        Ok((part, whole)) => {
            // SAFETY: the header asks for NULL or a number that can be written.
            unsafe { ptr::write(length, whole) };
            let Some(part) = part else { return 0 };
            // SAFETY: the header asks for NULL or a range that can be written.
            unsafe { ptr::write(range, part) };
            1
        }
        // SAFETY: the header asks for NULL or a fault that can be written.
        Err(error) => unsafe { refuse(error, fault) },
    }
}

/// Writes a Content-Range: `bytes first-last/length`; with `range` NULL one that names no range, as in a 416.
/// `length` may be BOJAGI_LENGTH_UNKNOWN where there is a range.
///
/// Returns the bytes written, at most 68. Errors: BOJAGI_E_SPACE; BOJAGI_E_ARG, also for a range that is not
/// inside the length.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn bojagi_content_range_format(
    out: *mut c_void,
    cap: usize,
    range: *const Range,
    length: u64,
) -> i64 {
    // SAFETY: the header asks for bytes of this length, and for NULL or a range that the caller has filled.
    let (room, part) = unsafe { (room(out, cap), ptr::object(range).ok()) };
    let Some(room) = room.filter(|_| part.is_some() || range.is_null()) else {
        return BOJAGI_E_ARG;
    };
    let part = part.copied();
    // SAFETY: NULL is a fault that nobody wants.
    unsafe { wrote(range::format_content(part, length, room), out, cap, core::ptr::null_mut()) }
}
