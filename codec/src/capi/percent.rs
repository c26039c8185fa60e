//! `bojagi_percent_…`

use super::code::BOJAGI_E_ARG;
use super::value::{room, value as input, wrote};
use crate::fault::Fault;
use crate::values::percent;
use core::ffi::c_void;

/// Decodes percent-coding (RFC 3986 §2.1): each triplet becomes its byte, all other bytes stay as they are.
///
/// `flags` is a sum of BOJAGI_PERCENT_PLUS and BOJAGI_PERCENT_NUL, or 0. Decode once, and only after a URI has
/// been taken apart: `%2F` in a segment is no `/`.
///
/// Returns the bytes written, never more than `len`. Errors: BOJAGI_E_SYNTAX for a `%` without two hexadecimal
/// digits, and for a NUL unless a flag allows it; BOJAGI_E_SPACE; BOJAGI_E_ARG, also for other flags.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn bojagi_percent_decode(
    data: *const c_void,
    len: usize,
    flags: u32,
    out: *mut c_void,
    cap: usize,
    fault: *mut Fault,
) -> i64 {
    // SAFETY: the header asks for bytes of these lengths that do not overlap.
    let arguments = unsafe { (input(data, len), room(out, cap)) };
    let (Some(data), Some(room)) = arguments else { return BOJAGI_E_ARG };
    // SAFETY: the header asks for NULL or a fault that can be written.
    unsafe { wrote(percent::decode(data, flags, room), out, cap, fault) }
}

/// Encodes bytes for a place in a URI: those that do not stay become `%` and two upper-case digits.
///
/// `set` says which stay: BOJAGI_PERCENT_UNRESERVED, _SEGMENT, _QUERY or _FORM. A `%` never stays: encode once.
/// Returns the bytes written, at most 3 * `len`. Errors: BOJAGI_E_SPACE; BOJAGI_E_ARG, also for another `set`.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn bojagi_percent_encode(
    out: *mut c_void,
    cap: usize,
    data: *const c_void,
    len: usize,
    set: u32,
) -> i64 {
    // SAFETY: the header asks for bytes of these lengths that do not overlap.
    let arguments = unsafe { (input(data, len), room(out, cap)) };
    let (Some(data), Some(room)) = arguments else { return BOJAGI_E_ARG };
    // SAFETY: NULL is a fault that nobody wants.
    unsafe { wrote(percent::encode(data, set, room), out, cap, core::ptr::null_mut()) }
}
