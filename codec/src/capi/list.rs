//! `bojagi_list_next`

use super::code::BOJAGI_E_ARG;
use super::ptr;
use super::value::{give, refuse, value as input};
use crate::fault::Fault;
use crate::field::Span;
use crate::values::list;
use core::ffi::c_void;

/// The next element of a comma-separated list (RFC 9110 §5.6.1), with `*at` 0 for the first.
///
/// Returns 1, the element in `*element` and the place behind it in `*at`; 0 when there is no more. Empty
/// elements are passed over, white space around one is no part of it, and a comma inside a quoted string
/// parts nothing. A field that stands on several lines is one list: take the lines one after the other.
/// Lists of entity-tags are for `bojagi_if_match`, since in them a backslash escapes nothing; Set-Cookie is
/// no list (RFC 9110 §5.3).
///
/// Errors: BOJAGI_E_SYNTAX for a control byte and a quoted string without end; BOJAGI_E_ARG, also for `at`
/// NULL.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn bojagi_list_next(
    value: *const c_void,
    len: usize,
    at: *mut usize,
    element: *mut Span,
    fault: *mut Fault,
) -> i64 {
    // SAFETY: the header asks for bytes of this length, and for a number that can be written.
    let arguments = unsafe { (input(value, len), ptr::object_mut(at)) };
    let (Some(value), Ok(at)) = arguments else { return BOJAGI_E_ARG };
    match list::next(value, at) {
        Ok(Some(span)) => {
            // SAFETY: the header asks for NULL or a span that can be written.
            unsafe { give(element, span) };
            1
        }
        Ok(None) => 0,
        // SAFETY: the header asks for NULL or a fault that can be written.
        Err(error) => unsafe { refuse(error, fault) },
    }
}
