//! Tables of hosts.

use super::address::{self, Address};
use super::guard::{guard, quietly};
use super::plan::is_inet;
use super::ptr;
use crate::error::Error;
use crate::net;
use crate::net::resolve::Host;
use std::ffi::c_char;
use std::sync::Arc;

/// A table of names whose addresses the caller knows, like /etc/hosts but for the connects that it is
/// passed to. Belongs to all threads: a name may be added while another connects, which then sees the
/// addresses of before or of after. What uses it keeps what it needs, so it may be freed before.
pub struct Hosts {
    inner: Arc<net::Hosts>,
}

/// Makes an empty table at `*out`. Returns 0. Errors: BOJAGI_E_ARG.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn bojagi_hosts_new(out: *mut *mut Hosts) -> i64 {
    guard(|| {
        ptr::check(out, "out")?;
        // SAFETY: from C, under the contract of the header, and checked above.
        unsafe { ptr::give(out, Hosts { inner: Arc::default() }) };
        Ok(0)
    })
}

/// Adds an address to a name, behind those that it has.
///
/// Names are compared without regard to the case of ASCII letters, and to a dot at the end. `address` is
/// IPv4 or IPv6; a port that is not 0 takes the place of the port that is connected to. Returns 0.
/// Errors: BOJAGI_E_ARG, also for a numeric name and for a 65th address of one name.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn bojagi_hosts_add(
    hosts: *mut Hosts,
    name: *const c_char,
    address: *const Address,
) -> i64 {
    guard(|| {
        // SAFETY: from C, under the contract of the header.
        let hosts = unsafe { ptr::object(hosts.cast_const(), "hosts") }?;
        // SAFETY: as above.
        let name = Host::parse(unsafe { ptr::text(name, "name") }?)?;
        // SAFETY: as above.
        let address = unsafe { address::read(address) }?;
        if !is_inet(&address) {
            return Err(Error::argument("the address is no IP address; pass one"));
        }
        hosts.inner.add(&name, address)?;
        Ok(0)
    })
}

/// Ends a table. NULL does nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bojagi_hosts_free(hosts: *mut Hosts) {
    // SAFETY: from C, under the contract of the header.
    quietly(|| unsafe { ptr::free(hosts) });
}

/// The table behind a handle that may be NULL.
pub(super) unsafe fn shared(hosts: *const Hosts) -> Result<Option<Arc<net::Hosts>>, Error> {
    // SAFETY: from C, under the contract of the header.
    Ok(unsafe { ptr::optional(hosts, "hosts") }?.map(|hosts| Arc::clone(&hosts.inner)))
}
