//! From a host to addresses.

use super::address::{self, Address};
use super::cancel::{self, Cancel};
use super::guard::{count, guard};
use super::ptr;
use crate::deadline::Timeout;
use crate::error::Error;
use crate::net::resolve::{Host, Names, resolve};
use crate::net::wait::Waiter;
use std::ffi::c_char;
use std::mem::MaybeUninit;

/// Looks a host up and writes its addresses, each with `port`, to `addresses`, in the order in which
/// they should be tried (RFC 6724), at most `cap` of them.
///
/// A numeric host needs no look-up. A name is looked up by the system's resolver (getaddrinfo(3)) on a
/// thread of the library, so that `timeout_ms` and `cancel` (NULL: none) hold whatever it does; 0
/// answers BOJAGI_E_AGAIN for a name. Returns the number of addresses, at least 1. Errors:
/// BOJAGI_E_RESOLVE when there is none, BOJAGI_E_TIMEOUT, BOJAGI_E_CANCELLED, BOJAGI_E_ARG,
/// BOJAGI_E_LIMIT.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn bojagi_resolve(
    host: *const c_char,
    port: u32,
    cancel: *mut Cancel,
    timeout_ms: i64,
    addresses: *mut Address,
    cap: usize,
) -> i64 {
    guard(|| {
        // SAFETY: from C, under the contract of the header.
        let room = unsafe { ptr::room(addresses, cap, "addresses") }?;
        if room.is_empty() {
            return Err(Error::argument("there is no room for an address; pass an array"));
        }
        // SAFETY: as above.
        let host = Host::parse(unsafe { ptr::text(host, "host") }?)?;
        let port = address::port(port)?;
        // SAFETY: as above.
        let cancel = unsafe { cancel::shared(cancel.cast_const()) }?;
        let deadline = Timeout::from_millis(timeout_ms)?.deadline();
        let waiter = Waiter { deadline, cancel: cancel.as_deref(), interruptible: false };
        let found = resolve(&host, port, &Names::default(), &waiter)?;
        for (to, from) in room.iter_mut().zip(&found) {
            *to = MaybeUninit::new(from.into());
        }
        Ok(count(found.len().min(room.len())))
    })
}
