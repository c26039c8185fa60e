//! Readiness, for the event loops of others.

use super::guard::guard;
use super::listener::Listener;
use super::ptr;
use super::socket::{self, Socket};
use crate::net::readiness::{BOJAGI_READABLE, BOJAGI_WRITABLE};

/// What an event loop of the host's own has to wait for before it calls again: the sum of
/// BOJAGI_READABLE, when the last receiving call answered BOJAGI_E_AGAIN or _TIMEOUT, and
/// BOJAGI_WRITABLE, likewise for sending. A call that succeeds takes its bit back; 0 says that there is
/// nothing to wait for.
///
/// The pattern: make every call with timeout 0 until one answers BOJAGI_E_AGAIN; wait for
/// `bojagi_socket_fd` and what this function says; call again. A direction in which another thread is
/// calling is never among the bits. No system call. Errors: BOJAGI_E_ARG, BOJAGI_E_STATE after a panic.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bojagi_socket_wanted(socket: *const Socket) -> i64 {
    guard(|| {
        // SAFETY: from C, under the contract of the header.
        let [recv, send] = unsafe { socket::object(socket) }?.wanted()?;
        let recv = if recv { BOJAGI_READABLE } else { 0 };
        let send = if send { BOJAGI_WRITABLE } else { 0 };
        Ok(i64::from(recv | send))
    })
}

/// As `bojagi_socket_wanted`: BOJAGI_READABLE when the last accept answered BOJAGI_E_AGAIN or _TIMEOUT,
/// else 0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bojagi_listener_wanted(listener: *const Listener) -> i64 {
    guard(|| {
        // SAFETY: from C, under the contract of the header.
        let wanted = unsafe { ptr::object(listener, "listener") }?.inner.wanted()?;
        Ok(if wanted { i64::from(BOJAGI_READABLE) } else { 0 })
    })
}
