//! Multicast groups.

use super::address::{self, Address};
use super::guard::guard;
use super::ptr;
use super::socket::{Socket, object};
use crate::error::Error;
use crate::net::multicast::Membership;
use std::ffi::c_char;

/// Joins a multicast group: the socket receives what is sent to the group and to its own port
/// (RFC 3678 §5.1). Bind it to that port, on every interface or to the group itself.
///
/// `group` is an IPv4 or IPv6 group, its port not used. `interface` is the name or the number of a network
/// interface; NULL or "" leaves it to the group's scope, or else to the system. With `source` only what
/// that address sends is received (source-specific, RFC 4607), and more sources may be joined; NULL is any
/// sender. How far, by which interface and whether also to oneself this socket *sends* are options.
///
/// Returns 0. Errors: BOJAGI_E_IN_USE when it has joined already; BOJAGI_E_UNSUPPORTED when it is not a UDP
/// socket; BOJAGI_E_ARG, also for an address that is no group, and for an interface that is not there;
/// BOJAGI_E_LIMIT or BOJAGI_E_MEMORY when it has too many groups.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn bojagi_socket_multicast_join(
    socket: *mut Socket,
    group: *const Address,
    interface: *const c_char,
    source: *const Address,
) -> i64 {
    // SAFETY: from C, under the contract of the header.
    guard(|| unsafe { change(Membership::Join, socket, group, interface, source) })
}

/// Leaves a multicast group, with the arguments with which it was joined. A socket that is freed leaves
/// all of its groups.
///
/// Returns 0. Errors: as `bojagi_socket_multicast_join`; BOJAGI_E_OS when it has not joined.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bojagi_socket_multicast_leave(
    socket: *mut Socket,
    group: *const Address,
    interface: *const c_char,
    source: *const Address,
) -> i64 {
    // SAFETY: from C, under the contract of the header.
    guard(|| unsafe { change(Membership::Leave, socket, group, interface, source) })
}

unsafe fn change(
    membership: Membership,
    socket: *mut Socket,
    group: *const Address,
    interface: *const c_char,
    source: *const Address,
) -> Result<i64, Error> {
    // SAFETY: from C, under the contract of the header.
    let (socket, group) = unsafe { (object(socket)?, address::read(group)?) };
    let source = match source.is_null() {
        true => None,
        // SAFETY: as above.
        false => Some(unsafe { address::read(source) }?),
    };
    // SAFETY: as above.
    let interface = unsafe { ptr::optional_text(interface) }.filter(|name| !name.is_empty());
    socket.multicast(membership, &group, interface, source.as_ref())?;
    Ok(0)
}
