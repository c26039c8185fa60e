//! What the system knows about a socket.

use super::address::Address;
use super::guard::guard;
use super::listener::Listener;
use super::ptr;
use super::socket::{Socket, object, write_address};
use crate::net;
use crate::net::insight::{Queues, TcpInfo, state_name};
use std::ffi::c_char;

/// Sets the size, and the rest to zero. NULL does nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bojagi_tcp_info_init(info: *mut TcpInfo) {
    let size = u32::try_from(size_of::<TcpInfo>()).unwrap_or(0);
    // SAFETY: from C, under the contract of the header.
    unsafe { ptr::write_optional(info, TcpInfo { size, ..TcpInfo::default() }) }
}

/// Writes what the system knows about a TCP connection to `*out`, also after it has ended.
///
/// Returns 0. Errors: BOJAGI_E_UNSUPPORTED when it is not TCP, or not Linux; BOJAGI_E_ARG.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bojagi_socket_tcp_info(socket: *const Socket, out: *mut TcpInfo) -> i64 {
    guard(|| {
        // SAFETY: from C, under the contract of the header.
        unsafe { ptr::check_size(out.cast_const(), "bojagi_tcp_info_init") }?;
        // SAFETY: as above; the size was checked.
        let (socket, out) = unsafe { (object(socket)?, ptr::object_mut(out, "out")?) };
        *out = TcpInfo { size: out.size, ..socket.tcp_info()? };
        Ok(0)
    })
}

/// The name of a `bojagi_tcp_info.state`, such as "ESTABLISHED" (RFC 9293 section 3.3.2); "UNKNOWN" for what is
/// none. Static, never NULL.
#[unsafe(no_mangle)]
pub extern "C" fn bojagi_tcp_state_name(state: u32) -> *const c_char {
    state_name(state).as_ptr()
}

/// Sets the size, and the rest to zero. NULL does nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bojagi_queues_init(queues: *mut Queues) {
    let size = u32::try_from(size_of::<Queues>()).unwrap_or(0);
    // SAFETY: from C, under the contract of the header.
    unsafe { ptr::write_optional(queues, Queues { size, ..Queues::default() }) }
}

/// Writes to `*out` how much waits in a socket, in both directions (SIOCINQ and SIOCOUTQ in tcp(7)).
///
/// Returns 0. Errors: BOJAGI_E_ARG.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bojagi_socket_queues(socket: *const Socket, out: *mut Queues) -> i64 {
    guard(|| {
        // SAFETY: from C, under the contract of the header.
        unsafe { ptr::check_size(out.cast_const(), "bojagi_queues_init") }?;
        // SAFETY: as above; the size was checked.
        let (socket, out) = unsafe { (object(socket)?, ptr::object_mut(out, "out")?) };
        *out = Queues { size: out.size, ..socket.queues()? };
        Ok(0)
    })
}

/// Writes to `*out` how many connections wait at a TCP listener, and how many may.
///
/// Returns 0. Errors: BOJAGI_E_UNSUPPORTED when it is a Unix listener, or not Linux; BOJAGI_E_ARG.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bojagi_listener_queues(
    listener: *const Listener,
    out: *mut Queues,
) -> i64 {
    guard(|| {
        // SAFETY: from C, under the contract of the header.
        unsafe { ptr::check_size(out.cast_const(), "bojagi_queues_init") }?;
        // SAFETY: as above; the size was checked.
        let out = unsafe { ptr::object_mut(out, "out") }?;
        // SAFETY: as above.
        let queues = unsafe { ptr::object(listener, "listener") }?.inner.queues()?;
        *out = Queues { size: out.size, ..queues };
        Ok(0)
    })
}

/// Writes to `*out` the address that a connection was going to before the system redirected it here, which a
/// transparent proxy asks (SO_ORIGINAL_DST, netfilter's REDIRECT and DNAT).
///
/// Returns 0. Errors: BOJAGI_E_STATE when it was not redirected; BOJAGI_E_UNSUPPORTED when it is not TCP, or
/// not Linux; BOJAGI_E_ARG.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bojagi_socket_original(socket: *const Socket, out: *mut Address) -> i64 {
    // SAFETY: from C, under the contract of the header.
    guard(|| unsafe { write_address(socket, out, net::Socket::original) })
}

/// Takes the error that waits in the socket for its next call, which then does not see it (SO_ERROR in
/// socket(7)): what became of a connect that the host has begun, or that the peer has reset.
///
/// Returns 0 when there is none, else the code that the next recv would have given; `bojagi_error_last` has
/// the `errno`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bojagi_socket_error(socket: *mut Socket) -> i64 {
    guard(|| {
        // SAFETY: from C, under the contract of the header.
        unsafe { object(socket) }?.take_error()?;
        Ok(0)
    })
}
