//! `bojagi_basic_…`

use super::code::BOJAGI_E_ARG;
use super::value::{give, room, value as input, wrote};
use crate::fault::Fault;
use crate::field::Span;
use crate::values::basic;
use core::ffi::c_void;

/// Decodes Basic credentials, the value of an Authorization (RFC 7617 §2): `user:password` goes to `out`, and
/// where the two stand in it to `*user` and `*password`.
///
/// Returns the bytes written, less than `len`. Neither of the two holds a control byte, so no NUL either; the
/// user holds no colon. Compare passwords in constant time, and wipe `out` when you are done.
///
/// Errors: BOJAGI_E_UNSUPPORTED for another scheme; BOJAGI_E_SYNTAX, also for base64 without its padding or with
/// bits in it that stand for nothing; BOJAGI_E_SPACE; BOJAGI_E_ARG.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn bojagi_basic_decode(
    value: *const c_void,
    len: usize,
    out: *mut c_void,
    cap: usize,
    user: *mut Span,
    password: *mut Span,
    fault: *mut Fault,
) -> i64 {
    // SAFETY: the header asks for bytes of these lengths that do not overlap.
    let arguments = unsafe { (input(value, len), room(out, cap)) };
    let (Some(value), Some(room)) = arguments else { return BOJAGI_E_ARG };
    let decoded = basic::decode(value, room);
    // SAFETY: the header asks for NULL or a fault that can be written.
    let result = unsafe { wrote(decoded.map(|(len, _)| len), out, cap, fault) };
    if let (Ok((_, parts)), 0..) = (decoded, result) {
        // SAFETY: the header asks for NULL or a span that can be written.
        unsafe { give(user, parts.user) };
        // SAFETY: as above.
        unsafe { give(password, parts.password) };
    }
    result
}

/// Encodes Basic credentials as the value of an Authorization (RFC 7617 §2).
///
/// Returns the bytes written. Errors: BOJAGI_E_SYNTAX for a colon in the user and a control byte in either (its
/// offset counts through `user:password`); BOJAGI_E_SPACE; BOJAGI_E_ARG.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn bojagi_basic_encode(
    out: *mut c_void,
    cap: usize,
    user: *const c_void,
    user_len: usize,
    password: *const c_void,
    password_len: usize,
    fault: *mut Fault,
) -> i64 {
    // SAFETY: the header asks for bytes of these lengths that do not overlap.
    let arguments =
        unsafe { (input(user, user_len), input(password, password_len), room(out, cap)) };
    let (Some(user), Some(password), Some(room)) = arguments else { return BOJAGI_E_ARG };
    // SAFETY: the header asks for NULL or a fault that can be written.
    unsafe { wrote(basic::encode(user, password, room), out, cap, fault) }
}
