//! `bojagi_head_…`, `bojagi_request_decode…`, `bojagi_response_decode…`, `bojagi_…_spans`

use super::code::*;
use super::ptr;
use crate::fault::Error;
use crate::field::{Field, Fields};
use crate::head::Head;
use crate::offset::index;
use crate::rules::Rules;
use core::ffi::c_void;

/// The bytes behind the data that the `_decode_padded` functions may read.
pub const BOJAGI_PADDING: usize = 64;

/// Makes a head ready for its first message. `rules` is copied; NULL means strict, with the default
/// limits. Any head that was not made ready this way must not be passed to another function.
/// `head` NULL does nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bojagi_head_init(head: *mut Head, rules: *const Rules) {
    // SAFETY: the header asks for NULL or rules that `bojagi_rules_init` has filled.
    let rules = unsafe { ptr::object(rules) }.unwrap_or(&Rules::STRICT);
    // SAFETY: the header asks for NULL or a struct that can be written.
    unsafe { ptr::write(head, Head::new(rules)) }
}

/// Makes a head ready for the next message, under the same rules. NULL does nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bojagi_head_reset(head: *mut Head) {
    // SAFETY: the header asks for NULL or a head that `bojagi_head_init` has filled.
    if let Ok(head) = unsafe { ptr::object_mut(head) } {
        head.reset();
    }
}

/// Decodes the head of a request (RFC 9112 §3): its start line, its fields, and which body follows.
///
/// `data` begins with the request; at most one empty line before it is skipped. The fields go to
/// `fields`, an array of `cap`; `(NULL, 0)` leaves them out. Returns the length of the head when it
/// is complete; what follows it in `data` is untouched. Returns 0 when it is not: call again with
/// the same bytes from the start plus more (they may have moved), and the same array, or none as before.
/// Bytes are not looked at twice.
///
/// Errors: BOJAGI_E_SYNTAX and BOJAGI_E_LIMIT, with `head->fault`, and again on each further call;
/// BOJAGI_E_SPACE when there are more fields than `cap`: call again with the same data and a larger
/// array that holds the fields so far; BOJAGI_E_ARG for NULL and for fewer bytes than before;
/// BOJAGI_E_STATE for a head that was begun otherwise: as a response, by a function for spans, or in place
/// where folds are allowed. It changes nothing: call again as before, or reset the head.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn bojagi_request_decode(
    head: *mut Head,
    fields: *mut Field,
    cap: u32,
    data: *const c_void,
    len: usize,
) -> i64 {
    // SAFETY: the header asks for a head that was made ready, and for arrays of these lengths.
    unsafe { decode(Ask::All, None, head, (fields, cap), (data, len)) }
}

/// Decodes the head of a response (RFC 9112 §4): its status line, its fields, and which body follows.
///
/// As `bojagi_request_decode`. `request_method` is the BOJAGI_METHOD_ of the request that this
/// response answers (BOJAGI_METHOD_OTHER for one without an id): it decides, with the status, whether
/// a body follows (RFC 9112 §6.3), and a wrong one makes the connection unreadable; when a head takes
/// several calls the last one's counts. A 1xx is a head of its own without a body: reset the head and
/// decode the next one with the same method.
///
/// Errors: as `bojagi_request_decode`; BOJAGI_E_ARG for a number that is no BOJAGI_METHOD_.
/// The `status` of a fault is 502, what a gateway answers.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn bojagi_response_decode(
    head: *mut Head,
    fields: *mut Field,
    cap: u32,
    data: *const c_void,
    len: usize,
    request_method: u32,
) -> i64 {
    let Some(method) = method_of(request_method) else { return BOJAGI_E_ARG };
    // SAFETY: the header asks for a head that was made ready, and for arrays of these lengths.
    unsafe { decode(Ask::All, Some(method), head, (fields, cap), (data, len)) }
}

/// Finds the parts of a request head and nothing else: fields without ids, no framing, no rule about the head
/// as a whole. For a look at the syntax alone (a log, a filter); what reads the body needs
/// `bojagi_request_decode`.
///
/// As `bojagi_request_decode`, but for the rules of Host and framing, which are not judged. Each field's id is
/// 0, and so are the head's `flags` and `content_length`; its `framing` is BOJAGI_FRAMING_UNKNOWN: a body
/// that is begun with such a head answers BOJAGI_E_STATE, and a connection that is told of it BOJAGI_E_ARG.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn bojagi_request_spans(
    head: *mut Head,
    fields: *mut Field,
    cap: u32,
    data: *const c_void,
    len: usize,
) -> i64 {
    // SAFETY: the header asks for a head that was made ready, and for arrays of these lengths.
    unsafe { decode(Ask::Spans, None, head, (fields, cap), (data, len)) }
}

/// Finds the parts of a response head and nothing else, as `bojagi_request_spans`; `request_method` as in
/// `bojagi_response_decode`.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn bojagi_response_spans(
    head: *mut Head,
    fields: *mut Field,
    cap: u32,
    data: *const c_void,
    len: usize,
    request_method: u32,
) -> i64 {
    let Some(method) = method_of(request_method) else { return BOJAGI_E_ARG };
    // SAFETY: the header asks for a head that was made ready, and for arrays of these lengths.
    unsafe { decode(Ask::Spans, Some(method), head, (fields, cap), (data, len)) }
}

/// Decodes the head of a request from memory of which BOJAGI_PADDING bytes more may be read behind `len`.
///
/// As `bojagi_request_decode`, and a little faster: the last lines need no care. What the bytes behind `len`
/// hold does not matter; memory checkers want them to have been written once. Both may be used for one head.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn bojagi_request_decode_padded(
    head: *mut Head,
    fields: *mut Field,
    cap: u32,
    data: *const c_void,
    len: usize,
) -> i64 {
    // SAFETY: the header asks for a head that was made ready, and for arrays of these lengths.
    unsafe { decode(Ask::Padded, None, head, (fields, cap), (data, len)) }
}

/// Decodes the head of a response from memory of which BOJAGI_PADDING bytes more may be read behind `len`:
/// `bojagi_response_decode`, as `bojagi_request_decode_padded` is `bojagi_request_decode`.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn bojagi_response_decode_padded(
    head: *mut Head,
    fields: *mut Field,
    cap: u32,
    data: *const c_void,
    len: usize,
    request_method: u32,
) -> i64 {
    let Some(method) = method_of(request_method) else { return BOJAGI_E_ARG };
    // SAFETY: the header asks for a head that was made ready, and for arrays of these lengths.
    unsafe { decode(Ask::Padded, Some(method), head, (fields, cap), (data, len)) }
}

/// Decodes the head of a request in memory that may be changed: an obsolete line fold is overwritten with SP
/// where the rules allow it (BOJAGI_ALLOW_OBS_FOLD, RFC 9112 §5.2), so that no value holds a line end.
///
/// Otherwise as `bojagi_request_decode`. With that flag a field is complete once the first byte of the next
/// line is in, and this is the function for each call of the head; the data stays changed between them.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn bojagi_request_decode_in_place(
    head: *mut Head,
    fields: *mut Field,
    cap: u32,
    data: *mut c_void,
    len: usize,
) -> i64 {
    // SAFETY: the header asks for a head that was made ready, and for arrays of these lengths.
    unsafe { decode_in_place(None, head, (fields, cap), (data, len)) }
}

/// Decodes the head of a response in memory that may be changed: `bojagi_response_decode`, as
/// `bojagi_request_decode_in_place` is `bojagi_request_decode`.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn bojagi_response_decode_in_place(
    head: *mut Head,
    fields: *mut Field,
    cap: u32,
    data: *mut c_void,
    len: usize,
    request_method: u32,
) -> i64 {
    let Some(method) = method_of(request_method) else { return BOJAGI_E_ARG };
    // SAFETY: the header asks for a head that was made ready, and for arrays of these lengths.
    unsafe { decode_in_place(Some(method), head, (fields, cap), (data, len)) }
}

/// What a decode function is asked for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ask {
    All,
    Spans,
    /// All, and there are bytes behind the data.
    Padded,
}

/// All of the decode functions that leave the data as it is. Each has a copy of its own for speed, or all have
/// one for size.
#[cfg_attr(feature = "sweep", inline(always))]
#[cfg_attr(not(feature = "sweep"), inline(never))]
unsafe fn decode(
    ask: Ask,
    answers: Option<u8>,
    head: *mut Head,
    (fields, cap): (*mut Field, u32),
    (data, len): (*const c_void, usize),
) -> i64 {
    let padding = if ask == Ask::Padded { BOJAGI_PADDING } else { 0 };
    // SAFETY: passed on from C with its contract.
    let arguments =
        unsafe { (ptr::object_mut(head), fields_of(fields, cap), padded(data, len, padding)) };
    let (Ok(head), Ok(fields), Ok(bytes)) = arguments else { return BOJAGI_E_ARG };
    length(match ask {
        Ask::Spans => head.decode_spans(fields, bytes, answers),
        Ask::All | Ask::Padded => head.decode_padded(fields, bytes, len, answers),
    })
}

#[inline(never)]
unsafe fn decode_in_place(
    answers: Option<u8>,
    head: *mut Head,
    (fields, cap): (*mut Field, u32),
    (data, len): (*mut c_void, usize),
) -> i64 {
    // SAFETY: passed on from C with its contract.
    let arguments =
        unsafe { (ptr::object_mut(head), fields_of(fields, cap), ptr::bytes_mut(data, len)) };
    let (Ok(head), Ok(fields), Ok(data)) = arguments else { return BOJAGI_E_ARG };
    length(head.decode_in_place(fields, data, answers))
}

/// The bytes with their padding.
#[inline(always)]
unsafe fn padded<'a>(data: *const c_void, len: usize, padding: usize) -> Result<&'a [u8], i64> {
    let padding = if data.is_null() { 0 } else { padding };
    // SAFETY: passed on from C with its contract, which includes the padding.
    unsafe { ptr::bytes(data, len.saturating_add(padding)) }
}

/// `(NULL, 0)` is "leave the fields out"; NULL with a capacity is wrong.
pub(super) unsafe fn fields_of<'a>(fields: *mut Field, cap: u32) -> Result<Fields<'a>, i64> {
    if fields.is_null() && cap == 0 {
        return Ok(None);
    }
    // SAFETY: passed on from C with its contract.
    unsafe { ptr::room(fields, index(cap)) }.map(Some)
}

pub(super) fn method_of(id: u32) -> Option<u8> {
    let id = u8::try_from(id).ok()?;
    (id <= crate::method::BOJAGI_METHOD_PATCH).then_some(id)
}

/// A count or a code, as C sees it.
pub(super) fn length(result: Result<usize, Error>) -> i64 {
    match result {
        Ok(length) => i64::try_from(length).unwrap_or(i64::MAX),
        Err(error) => code(error),
    }
}

pub(super) fn code(error: Error) -> i64 {
    error as i64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fault::{Fault, Refusal};

    #[test]
    fn each_error_has_the_number_of_its_code() {
        for (error, expected) in [
            (Error::Arg, BOJAGI_E_ARG),
            (Error::State, BOJAGI_E_STATE),
            (Error::Space, BOJAGI_E_SPACE),
            (Error::Limit, BOJAGI_E_LIMIT),
            (Error::Syntax, BOJAGI_E_SYNTAX),
            (Error::Truncated, BOJAGI_E_TRUNCATED),
        ] {
            assert_eq!(code(error), expected);
            assert_eq!(Refusal::with_fault(error, Fault::default()).error(), error);
        }
    }
}
