//! Listeners.

use super::address::Address;
use super::cancel::{self, Cancel};
use super::guard::{count, guard, quietly};
use super::listen::{self, ListenOptions};
use super::ptr;
use super::socket::Socket;
use crate::deadline::Timeout;
use crate::error::Error;
use crate::net;
use std::mem::MaybeUninit;

/// A socket that connections are accepted from. One thread at a time accepts; another may fire the
/// cancel.
pub struct Listener {
    pub(super) inner: net::Listener,
}

/// Accepts one connection and gives its socket at `*out`, to be freed with `bojagi_socket_free`, before
/// or after the listener.
///
/// The socket inherits the flags of the listener but not its cancel: attach one with
/// `bojagi_socket_set_cancel`. TCP_NODELAY is on. A connection that fails before it is accepted is
/// passed over, within the budget (accept(2)). The budget is kept in SO_RCVTIMEO; budget 0 and a
/// cancel switch the descriptor to O_NONBLOCK. Returns 0.
///
/// Errors: BOJAGI_E_TIMEOUT (BOJAGI_E_AGAIN with budget 0), BOJAGI_E_CANCELLED, BOJAGI_E_INTERRUPTED,
/// BOJAGI_E_LIMIT when no descriptor is left, BOJAGI_E_MEMORY: the connection waits in the backlog, and
/// the call has tried again, with growing pauses, for its budget or 100 ms, whichever is less, so that
/// a loop which accepts on and on does not spin (with budget 0 it is told at once: free something and
/// accept again, before you wait for the descriptor); BOJAGI_E_STATE when another thread is accepting,
/// BOJAGI_E_ARG.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn bojagi_listener_accept(
    listener: *mut Listener,
    timeout_ms: i64,
    out: *mut *mut Socket,
) -> i64 {
    guard(|| {
        ptr::check(out, "out")?;
        // SAFETY: from C, under the contract of the header.
        let listener = unsafe { ptr::object(listener.cast_const(), "listener") }?;
        let inner = listener.inner.accept(Timeout::from_millis(timeout_ms)?)?;
        // SAFETY: checked above.
        unsafe { ptr::give(out, Socket { inner }) };
        Ok(0)
    })
}

/// Waits for a connection, takes what else there is without waiting, and writes the sockets to the front
/// of `out`, an array of `cap`, each to be freed with `bojagi_socket_free`.
///
/// Returns how many, 1 to `cap`. What ends the taking after the first is no failure of this call: the next
/// one meets it. Where connections are there it costs an accept4(2) for each and, for fewer than `cap`, one
/// that says that there are no more. The descriptor is O_NONBLOCK from then on, until an accept without a
/// cancel waits. Else as `bojagi_listener_accept`; `cap` 0 is BOJAGI_E_ARG.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn bojagi_listener_accept_batch(
    listener: *mut Listener,
    timeout_ms: i64,
    out: *mut *mut Socket,
    cap: usize,
) -> i64 {
    guard(|| {
        // SAFETY: from C, under the contract of the header.
        let room = unsafe { ptr::room(out, cap, "out") }?;
        if room.is_empty() {
            return Err(Error::argument("there is no room for a socket; pass an array"));
        }
        // SAFETY: as above.
        let listener = unsafe { ptr::object(listener.cast_const(), "listener") }?;
        let timeout = Timeout::from_millis(timeout_ms)?;
        let mut places = room.iter_mut();
        let accepted = listener.inner.accept_batch(cap, timeout, &mut |inner| {
            if let Some(place) = places.next() {
                *place = MaybeUninit::new(Box::into_raw(Box::new(Socket { inner })));
            }
        })?;
        Ok(count(accepted))
    })
}

/// Writes the address that the listener is bound to, with the port that port 0 became, to `*out`.
///
/// Returns 0. Errors: BOJAGI_E_ARG.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bojagi_listener_local(
    listener: *const Listener,
    out: *mut Address,
) -> i64 {
    guard(|| {
        ptr::check(out, "out")?;
        // SAFETY: from C, under the contract of the header.
        let address = unsafe { ptr::object(listener, "listener") }?.inner.local()?;
        // SAFETY: checked above.
        unsafe { ptr::write(out, Address::from(&address)) };
        Ok(0)
    })
}

/// The descriptor, for a poll of the host's own. It stays the listener's: do not close it.
///
/// Errors: BOJAGI_E_ARG.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bojagi_listener_fd(listener: *const Listener) -> i64 {
    guard(|| {
        // SAFETY: from C, under the contract of the header.
        Ok(i64::from(unsafe { ptr::object(listener, "listener") }?.inner.fd()?))
    })
}

/// Makes a listener of a descriptor that listens already, such as one that a service manager passed
/// (`bojagi_listen_fds`), and gives it at `*out`.
///
/// On success the descriptor is the listener's, which closes it, and is closed on exec from now on; on
/// failure it stays the caller's, unchanged. It may be O_NONBLOCK: budgets hold nevertheless. The path
/// of a Unix listener is not removed. Of the options it takes the cancel and BOJAGI_INTERRUPTIBLE.
/// Returns 0. Errors: BOJAGI_E_ARG when it is not a listening stream socket.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn bojagi_listener_from_fd(
    fd: i64,
    options: *const ListenOptions,
    out: *mut *mut Listener,
) -> i64 {
    guard(|| {
        ptr::check(out, "out")?;
        // SAFETY: from C, under the contract of the header.
        let options = unsafe { listen::read(options) }?;
        let inner = net::Listener::from_fd(fd, &options)?;
        // SAFETY: checked above.
        unsafe { ptr::give(out, Listener { inner }) };
        Ok(0)
    })
}

/// Attaches a cancel to the listener in place of the one it had; NULL detaches.
///
/// Returns 0. Errors: BOJAGI_E_STATE while another thread is accepting, BOJAGI_E_ARG.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bojagi_listener_set_cancel(
    listener: *mut Listener,
    cancel: *mut Cancel,
) -> i64 {
    guard(|| {
        // SAFETY: from C, under the contract of the header.
        let listener = unsafe { ptr::object(listener.cast_const(), "listener") }?;
        // SAFETY: as above.
        let cancel = unsafe { cancel::shared(cancel.cast_const()) }?;
        listener.inner.set_cancel(cancel)?;
        Ok(0)
    })
}

/// Ends a listener: its descriptor is closed, and the path that `bojagi_unix_listen` made is removed.
/// NULL does nothing. Sockets that it has accepted live on.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bojagi_listener_free(listener: *mut Listener) {
    // SAFETY: from C, under the contract of the header.
    quietly(|| unsafe { ptr::free(listener) });
}
