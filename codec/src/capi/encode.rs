//! `bojagi_request_encode`, `bojagi_response_encode`, `bojagi_chunk_…`, `bojagi_trailers_encode`

use super::code::*;
use super::head::{code, length};
use super::ptr;
use crate::encode::{self, Line, Refused};
use crate::fault::{Error, Fault};
use crate::field::FieldLine;
use core::ffi::c_void;

/// Encodes the head of a request: `method SP target SP HTTP/1.1`, the fields, the empty line.
///
/// Returns the bytes written to `out`; `(NULL, 0)` returns the bytes needed. What is written is what was
/// checked: the target has a form that the method allows, exactly one Host stands there and is valid,
/// names are tokens, values hold no control byte and no white space at their ends, Content-Length is one
/// number, Transfer-Encoding is chunked, they exclude each other, and CONNECT and TRACE have neither.
/// The body is not touched. `out` must not overlap with what is encoded.
///
/// A field line with an `id` is the quicker one: its name is not looked at.
///
/// Errors: BOJAGI_E_SYNTAX, with `*fault` (its offset is the index of the field line, or the offset in the
/// method or target); BOJAGI_E_LIMIT, with `*fault`, for a name longer than 65,535 bytes; BOJAGI_E_SPACE,
/// nothing to be used was written; BOJAGI_E_ARG for NULL with a length, or an id that is no BOJAGI_FIELD_.
/// `fault` may be NULL.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn bojagi_request_encode(
    out: *mut c_void,
    cap: usize,
    method: *const c_void,
    method_len: usize,
    target: *const c_void,
    target_len: usize,
    fields: *const FieldLine,
    count: usize,
    fault: *mut Fault,
) -> i64 {
    let encode = || {
        // SAFETY: the header asks for bytes and arrays of these lengths.
        let (room, method, target, lines) = unsafe {
            (
                ptr::room(out.cast(), cap).map_err(argument)?,
                ptr::bytes(method, method_len).map_err(argument)?,
                ptr::bytes(target, target_len).map_err(argument)?,
                lines(fields, count)?,
            )
        };
        encode::request(room, method, target, lines)
    };
    // SAFETY: the header asks for NULL or a fault that can be written.
    unsafe { answer(encode(), out, cap, fault) }
}

/// Encodes the head of a response: `HTTP/1.1 SP status SP reason`, the fields, the empty line.
///
/// As `bojagi_request_encode`. `status` is 100 to 599; `reason` NULL writes the phrase that IANA lists for
/// it. A 1xx and a 204 have neither Content-Length nor Transfer-Encoding (RFC 9110 §8.6, RFC 9112 §6.1); a
/// 205, which has no content, has no Transfer-Encoding and no Content-Length but 0 (RFC 9110 §15.3.6). A
/// 304, and the response to a HEAD, may have either (RFC 9110 §8.6).
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn bojagi_response_encode(
    out: *mut c_void,
    cap: usize,
    status: u32,
    reason: *const c_void,
    reason_len: usize,
    fields: *const FieldLine,
    count: usize,
    fault: *mut Fault,
) -> i64 {
    let encode = || {
        // SAFETY: the header asks for bytes and arrays of these lengths.
        let (room, phrase, lines) = unsafe {
            (
                ptr::room(out.cast(), cap).map_err(argument)?,
                ptr::bytes(reason, reason_len).map_err(argument)?,
                lines(fields, count)?,
            )
        };
        encode::response(room, status, (!reason.is_null()).then_some(phrase), lines)
    };
    // SAFETY: the header asks for NULL or a fault that can be written.
    unsafe { answer(encode(), out, cap, fault) }
}

/// Encodes one whole chunk: its size, CR LF, the data, CR LF (RFC 9112 §7.1).
///
/// Returns the bytes written; `(NULL, 0)` returns the bytes needed, at most `len` + 20. `out` and `data`
/// must not overlap. Errors: BOJAGI_E_SPACE; BOJAGI_E_ARG for `len` 0: an empty chunk would end the body,
/// which is what `bojagi_trailers_encode` is for.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn bojagi_chunk_encode(
    out: *mut c_void,
    cap: usize,
    data: *const c_void,
    len: usize,
) -> i64 {
    // SAFETY: the header asks for bytes of these lengths that do not overlap.
    let arguments = unsafe { (ptr::room(out.cast(), cap), ptr::bytes(data, len)) };
    match arguments {
        (Ok(room), Ok(data)) => written(length(encode::chunk(room, data)), out, cap),
        _ => BOJAGI_E_ARG,
    }
}

/// Encodes the size line of a chunk of `len` bytes; the caller sends the data, then CR LF.
///
/// Returns the bytes written, at most 18; `(NULL, 0)` returns the bytes needed. Errors: as
/// `bojagi_chunk_encode`.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn bojagi_chunk_head_encode(out: *mut c_void, cap: usize, len: u64) -> i64 {
    // SAFETY: the header asks for bytes of this length.
    match unsafe { ptr::room(out.cast(), cap) } {
        Ok(room) => written(length(encode::chunk_head(room, len)), out, cap),
        Err(error) => error,
    }
}

/// Encodes the end of a chunked body: the last chunk, the trailers, the empty line (RFC 9112 §7.1.2).
///
/// Returns the bytes written, 5 when `count` is 0; `(NULL, 0)` returns the bytes needed. Errors: as
/// `bojagi_request_encode`; trailers that frame or route a message are BOJAGI_E_SYNTAX.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn bojagi_trailers_encode(
    out: *mut c_void,
    cap: usize,
    fields: *const FieldLine,
    count: usize,
    fault: *mut Fault,
) -> i64 {
    let encode = || {
        // SAFETY: the header asks for bytes and arrays of these lengths.
        let (room, lines) =
            unsafe { (ptr::room(out.cast(), cap).map_err(argument)?, lines(fields, count)?) };
        encode::trailers(room, lines)
    };
    // SAFETY: the header asks for NULL or a fault that can be written.
    unsafe { answer(encode(), out, cap, fault) }
}

/// The field lines. A NULL with a length in one of them is found when they are encoded.
unsafe fn lines<'a>(fields: *const FieldLine, count: usize) -> Result<&'a [Line<'a>], Refused> {
    // SAFETY: passed on from C with its contract, which is also that the pointers of a field line are
    // valid for their lengths.
    unsafe { ptr::slice(fields, count).map(|fields| Line::array(fields)).map_err(argument) }
}

#[cold]
fn argument(_code: i64) -> Refused {
    (Error::Arg, Fault::default())
}

/// What C is told. The caller's room of no bytes must not be taken for a question after the size, unless
/// it is NULL: a pointer behind the last byte of a full buffer must not be told that something was
/// written there.
#[inline]
unsafe fn answer(
    result: Result<usize, Refused>,
    out: *const c_void,
    cap: usize,
    fault: *mut Fault,
) -> i64 {
    match result {
        Ok(_) if cap == 0 && !out.is_null() => BOJAGI_E_SPACE,
        Ok(len) => length(Ok(len)),
        // SAFETY: passed on from C with its contract.
        Err(refused) => unsafe { report(refused, fault) },
    }
}

#[cold]
unsafe fn report((error, detail): Refused, fault: *mut Fault) -> i64 {
    if error != Error::Arg {
        // SAFETY: passed on from C with its contract.
        unsafe { ptr::write(fault, detail) };
    }
    code(error)
}

/// The same for an encoder that names no fault.
#[inline(never)]
pub(super) fn written(result: i64, out: *const c_void, cap: usize) -> i64 {
    if result > 0 && cap == 0 && !out.is_null() { BOJAGI_E_SPACE } else { result }
}
