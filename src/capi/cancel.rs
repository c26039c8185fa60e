//! Cancel handles.

use super::guard::{guard, quietly};
use super::ptr;
use crate::cancel;
use crate::error::{Cause, Error};
use bojagi_codec::capi::code::BOJAGI_E_ARG;
use std::sync::Arc;

/// Ends waiting calls from another thread or a signal handler. One may serve any number of sockets,
/// listeners and look-ups; each keeps what it needs of it, so it may be freed before them.
pub struct Cancel {
    pub(super) inner: Arc<cancel::Cancel>,
}

/// Makes a cancel, not fired, at `*out`. It uses one descriptor (two where there is no eventfd(2)).
///
/// Returns 0. Errors: BOJAGI_E_ARG, BOJAGI_E_LIMIT (no descriptor left), BOJAGI_E_MEMORY.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn bojagi_cancel_new(out: *mut *mut Cancel) -> i64 {
    guard(|| {
        ptr::check(out, "out")?;
        let inner = Arc::new(cancel::Cancel::new().map_err(Cause::from)?);
        // SAFETY: from C, under the contract of the header, and checked above.
        unsafe { ptr::give(out, Cancel { inner }) };
        Ok(0)
    })
}

/// Fires: every call that waits on a handle with this cancel answers BOJAGI_E_CANCELLED, and so does
/// every later one, until `bojagi_cancel_reset`. Bytes that a call has moved already are not lost.
///
/// Legal on any thread and in any signal handler (signal-safety(7)); keeps `errno` and this thread's
/// last error. Returns 0. Errors: BOJAGI_E_ARG for NULL, not recorded.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bojagi_cancel_fire(cancel: *mut Cancel) -> i64 {
    // Neither `guard` nor a record: this runs in signal handlers, and nothing in it can panic.
    // SAFETY: from C, under the contract of the header.
    match unsafe { ptr::handle(cancel.cast_const()) } {
        Some(cancel) => {
            cancel.inner.fire();
            0
        }
        None => BOJAGI_E_ARG,
    }
}

/// Makes calls wait again. Of a reset and a fire at the same moment either may win.
///
/// Returns 0. Errors: BOJAGI_E_ARG for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bojagi_cancel_reset(cancel: *mut Cancel) -> i64 {
    guard(|| {
        // SAFETY: from C, under the contract of the header.
        unsafe { ptr::object(cancel.cast_const(), "cancel") }?.inner.reset();
        Ok(0)
    })
}

/// 1 when the cancel is fired, 0 when not. Errors: BOJAGI_E_ARG for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bojagi_cancel_fired(cancel: *const Cancel) -> i64 {
    guard(|| {
        // SAFETY: from C, under the contract of the header.
        Ok(i64::from(unsafe { ptr::object(cancel, "cancel") }?.inner.fired()))
    })
}

/// Ends a cancel. NULL does nothing. Handles that it is attached to stay as they are: what was fired
/// stays fired for them.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bojagi_cancel_free(cancel: *mut Cancel) {
    // SAFETY: from C, under the contract of the header.
    quietly(|| unsafe { ptr::free(cancel) });
}

/// The cancel behind a handle that may be NULL.
pub(super) unsafe fn shared(cancel: *const Cancel) -> Result<Option<Arc<cancel::Cancel>>, Error> {
    // SAFETY: from C, under the contract of the header.
    Ok(unsafe { ptr::optional(cancel, "cancel") }?.map(|cancel| Arc::clone(&cancel.inner)))
}
