//! `bojagi_request_encode`, `bojagi_response_encode`, `bojagi_chunk_…`, `bojagi_trailers_encode`

use super::code::*;
use super::head::{code, length};
use super::ptr;
use crate::encode::{self, Line, Refused};
use crate::fault::Fault;
use crate::field::FieldLine;
use crate::known::{field_id, field_name};
use core::ffi::c_void;

/// Encodes the head of a request: `method SP target SP HTTP/1.1`, the fields, the empty line.
///
/// Returns the bytes written to `out`; `(NULL, 0)` returns the bytes needed. What is written is what was
/// checked: the target has a form that the method allows, exactly one Host stands there and is valid,
/// names are tokens, values hold no control byte and no white space at their ends, Content-Length is one
/// number, Transfer-Encoding is chunked, they exclude each other, and CONNECT and TRACE have neither.
/// The body is not touched.
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
    // SAFETY: the header asks for bytes and arrays of these lengths.
    let arguments = unsafe {
        (
            ptr::room(out.cast(), cap),
            ptr::bytes(method, method_len),
            ptr::bytes(target, target_len),
            lines(fields, count),
        )
    };
    let (Ok(room), Ok(method), Ok(target), Ok(lines)) = arguments else { return BOJAGI_E_ARG };
    // SAFETY: the header asks for NULL or a fault that can be written.
    let result = unsafe { report(encode::request(room, method, target, lines), fault) };
    written(result, out, cap)
}

/// Encodes the head of a response: `HTTP/1.1 SP status SP reason`, the fields, the empty line.
///
/// As `bojagi_request_encode`. `status` is 100 to 599; `reason` NULL writes the phrase that IANA lists for
/// it. A 1xx and a 204 have neither Content-Length nor Transfer-Encoding (RFC 9110 §8.6, RFC 9112
/// §6.1).
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
    // SAFETY: the header asks for bytes and arrays of these lengths.
    let arguments = unsafe {
        (ptr::room(out.cast(), cap), ptr::bytes(reason, reason_len), lines(fields, count))
    };
    let (Ok(room), Ok(phrase), Ok(lines)) = arguments else { return BOJAGI_E_ARG };
    let phrase = (!reason.is_null()).then_some(phrase);
    // SAFETY: the header asks for NULL or a fault that can be written.
    let result = unsafe { report(encode::response(room, status, phrase, lines), fault) };
    written(result, out, cap)
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
    // SAFETY: the header asks for bytes and arrays of these lengths.
    let arguments = unsafe { (ptr::room(out.cast(), cap), lines(fields, count)) };
    let (Ok(room), Ok(lines)) = arguments else { return BOJAGI_E_ARG };
    // SAFETY: the header asks for NULL or a fault that can be written.
    let result = unsafe { report(encode::trailers(room, lines), fault) };
    written(result, out, cap)
}

/// The field lines as slices. All are checked before the first is used, so that a NULL in a late one
/// is ARG and not a half-written head.
unsafe fn lines<'a>(
    fields: *const FieldLine,
    count: usize,
) -> Result<impl Iterator<Item = Line<'a>> + 'a, i64> {
    // SAFETY: passed on from C with its contract.
    let fields = unsafe { ptr::slice(fields, count) }?;
    for field in fields {
        // SAFETY: the pointers of a field line are valid for their lengths, by the header.
        unsafe { line(field) }?;
    }
    // SAFETY: as above, and each has just been found good.
    Ok(fields.iter().filter_map(|field| unsafe { line(field) }.ok()))
}

unsafe fn line<'a>(field: &FieldLine) -> Result<Line<'a>, i64> {
    // SAFETY: passed on from C with its contract.
    let (name, value) = unsafe {
        (ptr::bytes(field.name, field.name_len)?, ptr::bytes(field.value, field.value_len)?)
    };
    if field.id == 0 {
        return Ok(Line { name, value, id: field_id(name) });
    }
    let known = field_name(field.id).ok_or(BOJAGI_E_ARG)?;
    let id = u16::try_from(field.id).map_err(|_| BOJAGI_E_ARG)?;
    Ok(Line { name: known.to_bytes(), value, id })
}

/// No room asks for the number of bytes, as long as it is NULL: a pointer behind the last byte of a
/// full buffer must not be told that something was written there.
#[inline(never)]
pub(super) fn written(result: i64, out: *const c_void, cap: usize) -> i64 {
    if result > 0 && cap == 0 && !out.is_null() { BOJAGI_E_SPACE } else { result }
}

unsafe fn report(result: Result<usize, Refused>, fault: *mut Fault) -> i64 {
    match result {
        Ok(written) => length(Ok(written)),
        Err((error, detail)) => {
            // SAFETY: passed on from C with its contract.
            unsafe { ptr::write(fault, detail) };
            code(error)
        }
    }
}
