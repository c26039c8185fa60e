//! Waiting for many sockets.

use super::cancel::{self, Cancel};
use super::guard::{count, guard, quietly};
use super::plan::BOJAGI_INTERRUPTIBLE;
use super::ptr;
use crate::deadline::Timeout;
use crate::error::{Cause, Error};
use crate::net;
use crate::net::readiness::Event;
use bojagi_codec::capi::code::{BOJAGI_E_ARG, BOJAGI_E_OS};

/// Waits for many descriptors at once: sockets, listeners, and whatever else the system can wait for. One
/// thread at a time uses it; any thread, and any signal handler, may wake it or fire its cancel.
///
/// A change of readiness is told ONCE (edge-triggered, epoll(7)): when bytes, connections or room come
/// that were not there before, or the peer closes. So when told, go on with timeout 0 until the answer is
/// BOJAGI_E_AGAIN, and only then wait again; what you leave is not told a second time until more comes.
/// (Of a stream, a receive that gives less than its `cap` will do, too, unless the event has BOJAGI_ENDED:
/// then the end is still to be received.) To stop earlier and be told again, call `bojagi_poller_change` with
/// the same arguments: what is ready is then told anew. An event is a hint: the call may still answer
/// BOJAGI_E_AGAIN. A socket may stay added for both directions all its life, for that it is still
/// writable is no news.
///
/// Remove a descriptor before it is closed, which `_free` of its handle does: a descriptor that was
/// duplicated, or inherited by a child, would go on being told under its old number.
pub struct Poller {
    inner: net::poller::Poller,
}

/// Makes a poller without descriptors at `*out`, to be freed with `bojagi_poller_free`. It uses two
/// descriptors.
///
/// Returns 0. Errors: BOJAGI_E_LIMIT, BOJAGI_E_MEMORY, BOJAGI_E_ARG.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn bojagi_poller_new(out: *mut *mut Poller) -> i64 {
    guard(|| {
        ptr::check(out, "out")?;
        let inner = net::poller::Poller::new().map_err(Cause::from)?;
        // SAFETY: from C, under the contract of the header, and checked above.
        unsafe { ptr::give(out, Poller { inner }) };
        Ok(0)
    })
}

/// Adds a descriptor, such as that of `bojagi_socket_fd` or `bojagi_listener_fd`, to be waited for.
///
/// `events` is BOJAGI_READABLE, BOJAGI_WRITABLE or both; `token` comes back with each of its events. What is
/// ready already is told by the next wait. The descriptor stays its owner's. Returns 0.
///
/// A poller knows descriptors, and not what a socket holds: with BOJAGI_DATAGRAM_GROUPED a UDP socket may
/// hold datagrams that nothing more is told of (`bojagi_socket_pending`). Receiving until BOJAGI_E_AGAIN,
/// as ever, gives those, too.
///
/// Errors: BOJAGI_E_STATE when it is in the poller already, or another thread is in the poller;
/// BOJAGI_E_UNSUPPORTED for what is always ready, such as a file; BOJAGI_E_LIMIT, BOJAGI_E_MEMORY;
/// BOJAGI_E_ARG, also when it is not open. See epoll_ctl(2).
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn bojagi_poller_add(
    poller: *mut Poller,
    fd: i64,
    events: u32,
    token: u64,
) -> i64 {
    // SAFETY: from C, under the contract of the header.
    guard(|| unsafe { object(poller) }?.add(fd, events, token).map(|()| 0))
}

/// Changes what a descriptor is waited for, and its token. What is ready is told anew by the next wait,
/// also when nothing is changed.
///
/// Returns 0. Errors: BOJAGI_E_STATE when it is not in the poller; else as `bojagi_poller_add`.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn bojagi_poller_change(
    poller: *mut Poller,
    fd: i64,
    events: u32,
    token: u64,
) -> i64 {
    // SAFETY: from C, under the contract of the header.
    guard(|| unsafe { object(poller) }?.change(fd, events, token).map(|()| 0))
}

/// Removes a descriptor. No later wait tells anything about it.
///
/// Returns 0. Errors: BOJAGI_E_STATE when it is not in the poller, or another thread is; BOJAGI_E_ARG, also
/// when it is not open any more.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bojagi_poller_remove(poller: *mut Poller, fd: i64) -> i64 {
    // SAFETY: from C, under the contract of the header.
    guard(|| unsafe { object(poller) }?.remove(fd).map(|()| 0))
}

/// Waits until there is something to tell and writes it to the front of `events`, an array of `cap`.
///
/// Returns how many events were written, at least 1; what has no room is told by the next call. One
/// epoll_wait(2). BOJAGI_ENDED comes with BOJAGI_READABLE, and BOJAGI_FAILED with what was asked for, so that
/// who only looks at those two calls the socket and learns it there. Nothing is lost on errors.
///
/// Errors: BOJAGI_E_TIMEOUT (BOJAGI_E_AGAIN with budget 0), BOJAGI_E_CANCELLED, BOJAGI_E_INTERRUPTED,
/// BOJAGI_E_STATE when another thread is in the poller, BOJAGI_E_ARG.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn bojagi_poller_wait(
    poller: *mut Poller,
    events: *mut Event,
    cap: usize,
    timeout_ms: i64,
) -> i64 {
    guard(|| {
        // SAFETY: from C, under the contract of the header.
        let (poller, room) = unsafe { (object(poller)?, ptr::room(events, cap, "events")?) };
        if room.is_empty() {
            return Err(Error::argument("there is no room for an event; pass an array"));
        }
        Ok(count(poller.wait(Timeout::from_millis(timeout_ms)?, room)?))
    })
}

/// Makes the wait that is going on, or else the next one, tell an event BOJAGI_WOKEN. Several calls before
/// it is told are one.
///
/// Legal on any thread and in any signal handler (signal-safety(7)); keeps `errno` and this thread's last
/// error. Returns 0. Errors: BOJAGI_E_ARG for NULL, BOJAGI_E_OS, not recorded.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bojagi_poller_wake(poller: *mut Poller) -> i64 {
    // Neither `guard` nor a record: this runs in signal handlers, and nothing in it can panic.
    // SAFETY: from C, under the contract of the header.
    match unsafe { ptr::handle(poller.cast_const()) } {
        Some(poller) if poller.inner.wake().is_ok() => 0,
        Some(_) => BOJAGI_E_OS,
        None => BOJAGI_E_ARG,
    }
}

/// Sets the flags: BOJAGI_INTERRUPTIBLE or 0, which is what a poller begins with.
///
/// Returns 0. Errors: BOJAGI_E_STATE while another thread is in the poller, BOJAGI_E_ARG.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bojagi_poller_set_flags(poller: *mut Poller, flags: u32) -> i64 {
    guard(|| {
        let interruptible = match flags {
            0 => false,
            BOJAGI_INTERRUPTIBLE => true,
            _ => return Err(Error::argument("unknown flags; pass BOJAGI_INTERRUPTIBLE or 0")),
        };
        // SAFETY: from C, under the contract of the header.
        unsafe { object(poller) }?.set_interruptible(interruptible)?;
        Ok(0)
    })
}

/// Attaches a cancel to the poller in place of the one it had; NULL detaches. While it is fired every wait
/// answers BOJAGI_E_CANCELLED; what could have been told is told after the reset.
///
/// Returns 0. Errors: BOJAGI_E_STATE while another thread is in the poller, BOJAGI_E_LIMIT, BOJAGI_E_ARG.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bojagi_poller_set_cancel(poller: *mut Poller, cancel: *mut Cancel) -> i64 {
    guard(|| {
        // SAFETY: from C, under the contract of the header.
        let (poller, cancel) = unsafe { (object(poller)?, cancel::shared(cancel.cast_const())?) };
        poller.set_cancel(cancel)?;
        Ok(0)
    })
}

/// The descriptor of the poller, for another poller or an event loop of the host's own: it is readable
/// while a wait with timeout 0 would tell something. It stays the poller's: do not close it.
///
/// Errors: BOJAGI_E_ARG.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bojagi_poller_fd(poller: *const Poller) -> i64 {
    // SAFETY: from C, under the contract of the header.
    guard(|| Ok(i64::from(unsafe { object(poller) }?.fd())))
}

/// Ends a poller. NULL does nothing. The descriptors that were added stay open.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bojagi_poller_free(poller: *mut Poller) {
    // SAFETY: from C, under the contract of the header.
    quietly(|| unsafe { ptr::free(poller) });
}

unsafe fn object<'a>(poller: *const Poller) -> Result<&'a net::poller::Poller, Error> {
    // SAFETY: from C, under the contract of the header.
    Ok(&unsafe { ptr::object(poller, "poller") }?.inner)
}
