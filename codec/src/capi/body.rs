//! `bojagi_body_…`, `bojagi_trailers_decode`

use super::code::*;
use super::head::{code, fields_of, length};
use super::ptr;
use crate::body::Body;
use crate::field::{Field, Span};
use crate::head::Head;
use crate::offset::index;
use core::ffi::c_void;

/// Begins the body that follows `head`, which must be complete. `body->state` is BOJAGI_BODY_DONE at
/// once when no body follows. `body` NULL does nothing; `head` NULL gives an empty body.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bojagi_body_init(body: *mut Body, head: *const Head) {
    // SAFETY: the header asks for NULL or a head that was made ready.
    let new = Body::after(unsafe { ptr::object(head) }.ok());
    // SAFETY: the header asks for NULL or a struct that can be written.
    unsafe { ptr::write(body, new) }
}

/// Decodes the bytes that follow those used before (RFC 9112 §6, §7).
///
/// Returns the bytes used, which may be fewer than `len`: keep the rest for the next call. The body's
/// bytes among them are `body->span_count` spans of `spans`, offsets into this call's `data`. Stops when
/// the spans are full, when the last chunk is in (`body->state` is BOJAGI_BODY_TRAILERS: call
/// `bojagi_trailers_decode`) and when the message is complete (BOJAGI_BODY_DONE); after that it uses 0.
///
/// Errors: BOJAGI_E_SYNTAX and BOJAGI_E_LIMIT, with `body->fault`, and again on each further call; data
/// before the fault is reported first. BOJAGI_E_ARG for NULL and for `cap` 0.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn bojagi_body_decode(
    body: *mut Body,
    data: *const c_void,
    len: usize,
    spans: *mut Span,
    cap: u32,
) -> i64 {
    // SAFETY: the header asks for a body that was begun, and for arrays of these lengths.
    let arguments =
        unsafe { (ptr::object_mut(body), ptr::bytes(data, len), ptr::room(spans, index(cap))) };
    match arguments {
        (Ok(body), Ok(data), Ok(spans)) => length(body.decode(data, spans)),
        _ => BOJAGI_E_ARG,
    }
}

/// Decodes the trailer section that ends a chunked body (RFC 9112 §7.1.2), in BOJAGI_BODY_TRAILERS.
///
/// Works like `bojagi_request_decode`: returns the length of the section with its empty line, and
/// `body->state` is BOJAGI_BODY_DONE; or 0, call again with the same bytes from the start plus more.
/// `body->span_count` is the number of trailers. `(NULL, 0)` checks and skips them. Trailers that frame
/// or route a message are refused.
///
/// Errors: as `bojagi_request_decode`, with `body->fault`; BOJAGI_E_STATE in another state.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn bojagi_trailers_decode(
    body: *mut Body,
    fields: *mut Field,
    cap: u32,
    data: *const c_void,
    len: usize,
) -> i64 {
    // SAFETY: the header asks for a body that was begun, and for arrays of these lengths.
    let arguments =
        unsafe { (ptr::object_mut(body), fields_of(fields, cap), ptr::bytes(data, len)) };
    match arguments {
        (Ok(body), Ok(fields), Ok(data)) => length(body.decode_trailers(fields, data)),
        _ => BOJAGI_E_ARG,
    }
}

/// Says that the transport closed, or that the peer ended its direction (RFC 9112 §8).
///
/// Returns 0 when the message is complete, which a body until close now is. Errors:
/// BOJAGI_E_TRUNCATED when something is missing; BOJAGI_E_SYNTAX or BOJAGI_E_LIMIT after a fault.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn bojagi_body_end(body: *mut Body) -> i64 {
    // SAFETY: the header asks for a body that was begun.
    match unsafe { ptr::object_mut(body) } {
        Ok(body) => body.end().map_or_else(code, |()| 0),
        Err(error) => error,
    }
}

/// Decodes like `bojagi_body_decode`, in place: the body's bytes are moved to the front of `data`.
///
/// Returns the bytes used; the first `*kept` bytes of `data` are now the body's. What was not used still
/// stands where it stood. Errors: as `bojagi_body_decode`; `kept` NULL is BOJAGI_E_ARG.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn bojagi_body_compact(
    body: *mut Body,
    data: *mut c_void,
    len: usize,
    kept: *mut usize,
) -> i64 {
    // SAFETY: the header asks for a body that was begun, and for bytes of this length.
    let arguments =
        unsafe { (ptr::object_mut(body), ptr::bytes_mut(data, len), ptr::object_mut(kept)) };
    let (Ok(body), Ok(data), Ok(kept)) = arguments else { return BOJAGI_E_ARG };
    match body.compact(data) {
        Ok((used, count)) => {
            *kept = count;
            length(Ok(used))
        }
        Err(error) => code(error),
    }
}
