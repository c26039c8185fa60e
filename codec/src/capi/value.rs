//! What the files of the values share: arguments in, results and faults out.

use super::code::*;
use super::encode::written;
use super::head::length;
use super::ptr;
use crate::fault::Fault;
use crate::field::Span;
use crate::values::Error;
use core::ffi::c_void;
use core::mem::MaybeUninit;

/// A whole value, or another input beside it; `None` is ARG. Places in it have 32 bits, so it is no
/// longer than that.
#[inline(never)]
pub(super) unsafe fn value<'a>(data: *const c_void, len: usize) -> Option<&'a [u8]> {
    // SAFETY: passed on from C with its contract.
    unsafe { ptr::bytes(data, len) }.ok().filter(|_| u32::try_from(len).is_ok())
}

/// Room for bytes to write; `None` is ARG.
#[inline(never)]
pub(super) unsafe fn room<'a>(out: *mut c_void, cap: usize) -> Option<&'a mut [MaybeUninit<u8>]> {
    // SAFETY: passed on from C with its contract.
    unsafe { ptr::room(out.cast(), cap) }.ok()
}

/// Writes a span where the caller wants it.
#[inline(never)]
pub(super) unsafe fn give(out: *mut Span, span: Span) {
    // SAFETY: passed on from C with its contract.
    unsafe { ptr::write(out, span) }
}

/// The code of a failure; its fault goes to the caller.
#[inline(never)]
pub(super) unsafe fn refuse(error: Error, fault: *mut Fault) -> i64 {
    match error {
        Error::Arg => BOJAGI_E_ARG,
        Error::Space => BOJAGI_E_SPACE,
        Error::Limit => BOJAGI_E_LIMIT,
        Error::Unsupported => BOJAGI_E_UNSUPPORTED,
        Error::Syntax(detail) => {
            // SAFETY: passed on from C with its contract.
            unsafe { ptr::write(fault, detail) };
            BOJAGI_E_SYNTAX
        }
    }
}

/// The result of a function that writes to `out`.
#[inline(never)]
pub(super) unsafe fn wrote(
    result: Result<usize, Error>,
    out: *const c_void,
    cap: usize,
    fault: *mut Fault,
) -> i64 {
    match result {
        Ok(len) => written(length(Ok(len)), out, cap),
        // SAFETY: passed on from C with its contract.
        Err(error) => unsafe { refuse(error, fault) },
    }
}
