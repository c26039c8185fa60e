//! `bojagi_etag_…`, `bojagi_if_match`, `bojagi_if_none_match`, `bojagi_if_range`

use super::code::BOJAGI_E_ARG;
use super::value::{give, refuse, room, value as input, wrote};
use crate::fault::Fault;
use crate::field::Span;
use crate::values::Error;
use crate::values::etag::{self, BOJAGI_ETAG_WEAK, Current};
use core::ffi::c_void;

/// Reads an entity-tag (RFC 9110 §8.8.3): what stands between its quotes goes to `*opaque`.
///
/// Returns BOJAGI_ETAG_STRONG or BOJAGI_ETAG_WEAK. Errors: BOJAGI_E_SYNTAX; BOJAGI_E_ARG.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn bojagi_etag_parse(
    value: *const c_void,
    len: usize,
    opaque: *mut Span,
    fault: *mut Fault,
) -> i64 {
    // SAFETY: the header asks for bytes of this length.
    let Some(value) = (unsafe { input(value, len) }) else { return BOJAGI_E_ARG };
    match etag::parse(value) {
        Ok(tag) => {
            // SAFETY: the header asks for NULL or a span that can be written.
            unsafe { give(opaque, tag.opaque) };
            i64::from(tag.is_weak)
        }
        // SAFETY: the header asks for NULL or a fault that can be written.
        Err(error) => unsafe { refuse(error, fault) },
    }
}

/// Writes an entity-tag around `opaque`, a weak one when `strength` is BOJAGI_ETAG_WEAK.
///
/// Returns the bytes written, at most `len` + 4. Errors: BOJAGI_E_SYNTAX for a quote, white space or a control
/// byte; BOJAGI_E_SPACE; BOJAGI_E_ARG, also for another `strength`.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn bojagi_etag_format(
    out: *mut c_void,
    cap: usize,
    opaque: *const c_void,
    len: usize,
    strength: u32,
    fault: *mut Fault,
) -> i64 {
    // SAFETY: the header asks for bytes of these lengths that do not overlap.
    let arguments = unsafe { (input(opaque, len), room(out, cap), weak(strength)) };
    let (Some(opaque), Some(room), Some(is_weak)) = arguments else { return BOJAGI_E_ARG };
    // SAFETY: the header asks for NULL or a fault that can be written.
    unsafe { wrote(etag::format(opaque, is_weak, room), out, cap, fault) }
}

/// Whether two entity-tags are the same (RFC 9110 §8.8.3.2): with BOJAGI_ETAG_STRONG both must be strong,
/// with BOJAGI_ETAG_WEAK that does not matter.
///
/// Returns 1 or 0, which it also is when one of them is no entity-tag. Errors: BOJAGI_E_ARG, also for another
/// `comparison`.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn bojagi_etag_match(
    one: *const c_void,
    one_len: usize,
    other: *const c_void,
    other_len: usize,
    comparison: u32,
) -> i64 {
    // SAFETY: the header asks for bytes of these lengths.
    let arguments = unsafe { (input(one, one_len), input(other, other_len), weak(comparison)) };
    let (Some(one), Some(other), Some(is_weak)) = arguments else { return BOJAGI_E_ARG };
    i64::from(etag::is_match(one, other, is_weak))
}

/// Judges If-Match (RFC 9110 §13.1.1) by strong comparison. `exists` is 1 when the target has a current
/// representation, else 0; `etag` is its entity-tag, `(NULL, 0)` when it has none.
///
/// Returns 1 when the condition holds, 0 when the answer is 412. Of a field on several lines one must hold.
/// Errors: BOJAGI_E_SYNTAX when the value is neither `*` nor a list of entity-tags; BOJAGI_E_ARG, also for
/// another `exists` and an `etag` that is none.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn bojagi_if_match(
    value: *const c_void,
    len: usize,
    exists: u32,
    etag: *const c_void,
    etag_len: usize,
    fault: *mut Fault,
) -> i64 {
    // SAFETY: the header asks for bytes of these lengths, and for NULL or a fault.
    unsafe { judge(etag::if_match, (value, len), exists, (etag, etag_len), fault) }
}

/// Judges If-None-Match (RFC 9110 §13.1.2) by weak comparison.
///
/// As `bojagi_if_match`. Returns 1 when the condition holds; 0 when the answer is 304 to GET and HEAD, 412 to
/// any other method. Of a field on several lines all must hold.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn bojagi_if_none_match(
    value: *const c_void,
    len: usize,
    exists: u32,
    etag: *const c_void,
    etag_len: usize,
    fault: *mut Fault,
) -> i64 {
    // SAFETY: the header asks for bytes of these lengths, and for NULL or a fault.
    unsafe { judge(etag::if_none_match, (value, len), exists, (etag, etag_len), fault) }
}

/// Judges If-Range (RFC 9110 §13.1.5): an entity-tag by strong comparison with `etag`; a date must be the
/// very text of `last_modified`. `(NULL, 0)` leaves either out; leave the date out, too, when it is weak:
/// less than a second before the Date that it was sent with (§8.8.2.2).
///
/// Returns 1 when the Range counts; 0 when it is to be ignored, which it also is for a value that is neither.
/// Errors: BOJAGI_E_ARG.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn bojagi_if_range(
    value: *const c_void,
    len: usize,
    etag: *const c_void,
    etag_len: usize,
    last_modified: *const c_void,
    last_modified_len: usize,
) -> i64 {
    // SAFETY: the header asks for bytes of these lengths.
    let arguments = unsafe {
        (input(value, len), input(etag, etag_len), input(last_modified, last_modified_len))
    };
    let (Some(value), Some(etag), Some(date)) = arguments else { return BOJAGI_E_ARG };
    i64::from(etag::if_range(value, etag, date))
}

/// Pointer and length, as they came from C.
type Bytes = (*const c_void, usize);

#[inline(never)]
unsafe fn judge(
    condition: fn(&[u8], Current<'_>) -> Result<bool, Error>,
    value: Bytes,
    exists: u32,
    etag: Bytes,
    fault: *mut Fault,
) -> i64 {
    // SAFETY: passed on from C with its contract.
    let arguments = unsafe { (input(value.0, value.1), input(etag.0, etag.1), exists) };
    let (Some(value), Some(etag), 0..=1) = arguments else { return BOJAGI_E_ARG };
    match condition(value, Current { exists: exists == 1, etag }) {
        Ok(holds) => i64::from(holds),
        // SAFETY: passed on from C with its contract.
        Err(error) => unsafe { refuse(error, fault) },
    }
}

fn weak(strength: u32) -> Option<bool> {
    (strength <= BOJAGI_ETAG_WEAK).then_some(strength == BOJAGI_ETAG_WEAK)
}
