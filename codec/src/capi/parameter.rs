//! `bojagi_media_type_parse`, `bojagi_parameter_…`, `bojagi_quoted_…`

use super::code::BOJAGI_E_ARG;
use super::head::length;
use super::ptr;
use super::value::{give, refuse, room, value as input, wrote};
use crate::fault::Fault;
use crate::field::Span;
use crate::values::{media_type, parameter, quoted};
use core::ffi::c_void;

/// Reads a media type, such as the value of Content-Type: `type "/" subtype parameters` (RFC 9110 §8.3.1).
///
/// Returns where the parameters begin, for `bojagi_parameter_next` and `_find`, which then cannot fail:
/// the whole value was looked at. The case of the two names means nothing. Errors: BOJAGI_E_SYNTAX;
/// BOJAGI_E_ARG.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn bojagi_media_type_parse(
    value: *const c_void,
    len: usize,
    type_name: *mut Span,
    subtype_name: *mut Span,
    fault: *mut Fault,
) -> i64 {
    // SAFETY: the header asks for bytes of this length.
    let Some(value) = (unsafe { input(value, len) }) else { return BOJAGI_E_ARG };
    match media_type::parse(value) {
        Ok((names, at)) => {
            // SAFETY: the header asks for NULL or a span that can be written.
            unsafe { give(type_name, names.main) };
            // SAFETY: as above.
            unsafe { give(subtype_name, names.sub) };
            length(Ok(at))
        }
        // SAFETY: the header asks for NULL or a fault that can be written.
        Err(error) => unsafe { refuse(error, fault) },
    }
}

/// The next parameter (RFC 9110 §5.6.6), with `*at` where the parameters begin for the first: what
/// `bojagi_media_type_parse` returned, or the end of the token before them, as in Content-Disposition.
///
/// Returns 1, the parameter in `*name` and `*text` and the place behind it in `*at`; 0 when there is no
/// more. The case of a name means nothing. A quoted string keeps its quotes: `bojagi_quoted_decode` takes
/// them off. Errors: BOJAGI_E_SYNTAX; BOJAGI_E_ARG, also for `at` NULL.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn bojagi_parameter_next(
    value: *const c_void,
    len: usize,
    at: *mut usize,
    name: *mut Span,
    text: *mut Span,
    fault: *mut Fault,
) -> i64 {
    // SAFETY: the header asks for bytes of this length, and for a number that can be written.
    let arguments = unsafe { (input(value, len), ptr::object_mut(at)) };
    let (Some(value), Ok(at)) = arguments else { return BOJAGI_E_ARG };
    match parameter::next(value, at) {
        Ok(Some(parameter)) => {
            // SAFETY: the header asks for NULL or a span that can be written.
            unsafe { give(name, parameter.name) };
            // SAFETY: as above.
            unsafe { give(text, parameter.value) };
            1
        }
        Ok(None) => 0,
        // SAFETY: the header asks for NULL or a fault that can be written.
        Err(error) => unsafe { refuse(error, fault) },
    }
}

/// The first parameter at or after `at` that has this name, whatever its case, such as "charset" or
/// "boundary"; otherwise as `bojagi_parameter_next`.
///
/// Returns the place behind it, its value in `*text`; -1 when there is none. Errors: BOJAGI_E_SYNTAX, when
/// the parameters before it are broken; BOJAGI_E_ARG.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn bojagi_parameter_find(
    value: *const c_void,
    len: usize,
    at: usize,
    name: *const c_void,
    name_len: usize,
    text: *mut Span,
    fault: *mut Fault,
) -> i64 {
    // SAFETY: the header asks for bytes of these lengths.
    let arguments = unsafe { (input(value, len), input(name, name_len)) };
    let (Some(value), Some(name)) = arguments else { return BOJAGI_E_ARG };
    let mut at = at;
    match parameter::find(value, &mut at, name) {
        Ok(Some(span)) => {
            // SAFETY: the header asks for NULL or a span that can be written.
            unsafe { give(text, span) };
            length(Ok(at))
        }
        Ok(None) => -1,
        // SAFETY: the header asks for NULL or a fault that can be written.
        Err(error) => unsafe { refuse(error, fault) },
    }
}

/// Writes the text that a token or a quoted string stands for, without quotes and backslashes (RFC 9110
/// §5.6.4).
///
/// Returns the bytes written, never more than `len`. Errors: BOJAGI_E_SYNTAX when the value is neither;
/// BOJAGI_E_SPACE; BOJAGI_E_ARG.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn bojagi_quoted_decode(
    value: *const c_void,
    len: usize,
    out: *mut c_void,
    cap: usize,
    fault: *mut Fault,
) -> i64 {
    // SAFETY: the header asks for bytes of these lengths that do not overlap.
    let arguments = unsafe { (input(value, len), room(out, cap)) };
    let (Some(value), Some(room)) = arguments else { return BOJAGI_E_ARG };
    // SAFETY: the header asks for NULL or a fault that can be written.
    unsafe { wrote(quoted::decode(value, room), out, cap, fault) }
}

/// Writes a text as the value of a parameter: as it is when it is a token, else as a quoted string.
///
/// Returns the bytes written, at most 2 * `len` + 2. Errors: BOJAGI_E_SYNTAX for a control byte other than
/// HTAB; BOJAGI_E_SPACE; BOJAGI_E_ARG.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn bojagi_quoted_encode(
    out: *mut c_void,
    cap: usize,
    text: *const c_void,
    len: usize,
    fault: *mut Fault,
) -> i64 {
    // SAFETY: the header asks for bytes of these lengths that do not overlap.
    let arguments = unsafe { (input(text, len), room(out, cap)) };
    let (Some(text), Some(room)) = arguments else { return BOJAGI_E_ARG };
    // SAFETY: the header asks for NULL or a fault that can be written.
    unsafe { wrote(quoted::encode(text, room), out, cap, fault) }
}
