//! `bojagi_request_text`, `bojagi_response_text`

use super::code::BOJAGI_E_ARG;
use super::encode::written;
use super::head::{length, method_of};
use super::ptr;
use crate::head::Head;
use crate::text;
use core::ffi::c_void;

/// Decodes a request head and flattens it: `method LF target LF version`, then `LF name LF value` for each
/// field, without a final LF. For languages in which a call costs more than a split.
///
/// Returns the length of the text; `head->length` bytes of `data` were used, and `head` says what body
/// follows. Returns 0 while the head is incomplete. `cap` of `len` always suffices; `out` and `data` must not
/// overlap; `(NULL, 0)` returns the bytes needed. No part can hold an LF; the version is 1.0 or 1.1 (of a response also 0.9). Errors:
/// as `bojagi_request_decode`; BOJAGI_E_SPACE when `cap` is too small: call again with the same data.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn bojagi_request_text(
    head: *mut Head,
    data: *const c_void,
    len: usize,
    out: *mut c_void,
    cap: usize,
) -> i64 {
    // SAFETY: the header asks for a head that was made ready, and for bytes of these lengths.
    let arguments =
        unsafe { (ptr::object_mut(head), ptr::bytes(data, len), ptr::room(out.cast(), cap)) };
    match arguments {
        (Ok(head), Ok(data), Ok(room)) => {
            written(length(text::request(head, data, room)), out, cap)
        }
        _ => BOJAGI_E_ARG,
    }
}

/// Decodes a response head and flattens it: `version LF status LF reason`, then `LF name LF value` for each
/// field. As `bojagi_request_text`; `request_method` as in `bojagi_response_decode`.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn bojagi_response_text(
    head: *mut Head,
    data: *const c_void,
    len: usize,
    request_method: u32,
    out: *mut c_void,
    cap: usize,
) -> i64 {
    let Some(method) = method_of(request_method) else { return BOJAGI_E_ARG };
    // SAFETY: the header asks for a head that was made ready, and for bytes of these lengths.
    let arguments =
        unsafe { (ptr::object_mut(head), ptr::bytes(data, len), ptr::room(out.cast(), cap)) };
    match arguments {
        (Ok(head), Ok(data), Ok(room)) => {
            written(length(text::response(head, data, method, room)), out, cap)
        }
        _ => BOJAGI_E_ARG,
    }
}
