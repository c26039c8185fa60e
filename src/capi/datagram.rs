//! Datagrams with all that stands beside their bytes, one by one and in batches.

use super::guard::{count, guard};
use super::ptr;
use super::socket::{Socket, object};
use crate::deadline::Timeout;
use crate::error::{Cause, Error};
use crate::net::plain::*;
use crate::net::sys::message::{Incoming, Outgoing};

/// Sends `len` datagrams in their order within one budget, with as few system calls as the system
/// allows, and says in `*done` how many were sent, also on failure.
///
/// Neighbours that have one length (the last of them may be shorter), one receiver and the same parts go as
/// one message (UDP_SEGMENT in udp(7)), up to 64 of them and 65,507 bytes; up to 64 messages, or 512
/// datagrams, are one system call (sendmmsg(2)). Whether the system, the device and the route can do that
/// is found out at run time, and what they cannot is done in smaller pieces. The bytes are gathered from
/// where they are. No memory is allocated.
///
/// `done` may be NULL. Returns the number of datagrams sent: fewer than `len` when the budget, a cancel, a
/// signal or a failure ended the call after some had gone, which the next call with the rest then tells.
/// A wrong element is refused before any is sent. Datagram and Unix sockets alike; a Unix socket has no
/// parts such as `tos`. Errors: as `bojagi_socket_send_to`; BOJAGI_E_UNSUPPORTED on a stream, and for parts
/// that this socket or system lacks.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn bojagi_socket_send_batch(
    socket: *mut Socket,
    datagrams: *const Datagram,
    len: usize,
    timeout_ms: i64,
    done: *mut usize,
) -> i64 {
    let mut sent = 0;
    let result = guard(|| {
        ptr::check_optional(done, "done")?;
        // SAFETY: from C, under the contract of the header.
        let socket = unsafe { object(socket) }?;
        // SAFETY: as above.
        let list = unsafe { ptr::array(datagrams, len, "datagrams") }?;
        // SAFETY: as above; that includes the bytes of each datagram.
        let list = unsafe { Outgoing::new(list) };
        socket.send_batch(list, Timeout::from_millis(timeout_ms)?, &mut sent)?;
        Ok(count(sent))
    });
    // SAFETY: as above.
    unsafe { ptr::write_optional(done, sent) };
    result
}

/// Waits for a datagram, and receives what is there, at most `cap` datagrams, with as few system calls as
/// the system allows.
///
/// Each element has room of its own at `data`; `len`, `full_len`, `peer` and `flags` of those that were
/// filled are written, and what else `bojagi_socket_set_datagram` has asked for. A datagram that is longer
/// than its room is cut and has BOJAGI_DATAGRAM_TRUNCATED. Up to 64 datagrams are one system call
/// (recvmmsg(2)), and many more with BOJAGI_DATAGRAM_GROUPED.
///
/// Returns how many came, at least one; 0 when this direction was shut down. Errors: as
/// `bojagi_socket_recv_from`, but never BOJAGI_E_SPACE; a failure that comes when some datagrams are
/// there is told by the next call. BOJAGI_E_UNSUPPORTED on a stream; BOJAGI_E_ARG, also for `cap` 0.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn bojagi_socket_recv_batch(
    socket: *mut Socket,
    datagrams: *mut Datagram,
    cap: usize,
    timeout_ms: i64,
) -> i64 {
    // SAFETY: from C, under the contract of the header.
    guard(|| Ok(count(unsafe { receive(socket, datagrams, cap, timeout_ms) }?)))
}

/// Sends one datagram with its parts, as `bojagi_socket_send_batch` sends many.
///
/// Returns its length. Errors: as there.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn bojagi_socket_send_datagram(
    socket: *mut Socket,
    datagram: *const Datagram,
    timeout_ms: i64,
) -> i64 {
    guard(|| {
        // SAFETY: from C, under the contract of the header.
        let (socket, datagram) = unsafe { (object(socket)?, ptr::object(datagram, "datagram")?) };
        // SAFETY: as above; that includes the bytes of the datagram.
        let list = unsafe { Outgoing::new(std::slice::from_ref(datagram)) };
        socket.send_batch(list, Timeout::from_millis(timeout_ms)?, &mut 0)?;
        Ok(count(datagram.len))
    })
}

/// Receives one datagram with its parts, as `bojagi_socket_recv_batch` receives many.
///
/// Returns its length. Errors: as there; and BOJAGI_E_SPACE when it did not fit: `datagram` has what did,
/// and BOJAGI_DATAGRAM_TRUNCATED.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn bojagi_socket_recv_datagram(
    socket: *mut Socket,
    datagram: *mut Datagram,
    timeout_ms: i64,
) -> i64 {
    guard(|| {
        ptr::check(datagram, "datagram")?;
        // SAFETY: from C, under the contract of the header.
        let done = unsafe { receive(socket, datagram, 1, timeout_ms) }?;
        // SAFETY: as above.
        let Datagram { len, full_len, cap, flags, .. } =
            *unsafe { ptr::object(datagram, "datagram") }?;
        match done {
            0 => Ok(0),
            _ if flags & BOJAGI_DATAGRAM_TRUNCATED != 0 => {
                Err(Cause::Datagram { len: full_len, cap }.into())
            }
            _ => Ok(count(len)),
        }
    })
}

/// Chooses what is told of each datagram that is received: BOJAGI_DATAGRAM_LOCAL, _TOS and _HOPS; and
/// whether the system may hand over groups, BOJAGI_DATAGRAM_GROUPED. Returns the bits that are in force now.
///
/// With GROUPED the system hands over neighbours of one length and sender as one message (UDP_GRO in
/// udp(7)), which the library takes apart: several times as many datagrams a second, in 1 MiB of memory of
/// which only what is used is taken. Datagrams that had no place in the caller's array stay in the socket,
/// in order, for the next receiving call of any kind. The descriptor does not show those: before a wait for
/// it to become readable, by a `bojagi_poller` or any other loop, receive until BOJAGI_E_AGAIN, which is
/// answered only when nothing is held any more. Never receive through the descriptor itself then. GROUPED
/// stays once it is in force; it is left out of the result where the system or the socket has no such thing.
///
/// Errors: BOJAGI_E_UNSUPPORTED on a stream, or for parts that this socket or system lacks;
/// BOJAGI_E_STATE while another thread is receiving; BOJAGI_E_ARG.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bojagi_socket_set_datagram(socket: *mut Socket, parts: u32) -> i64 {
    // SAFETY: from C, under the contract of the header.
    guard(|| Ok(i64::from(unsafe { object(socket) }?.set_datagram(parts)?)))
}

/// How many datagrams are in the socket already that its descriptor does not show; never any without
/// BOJAGI_DATAGRAM_GROUPED. Errors: BOJAGI_E_STATE while another thread is receiving; BOJAGI_E_ARG.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bojagi_socket_pending(socket: *const Socket) -> i64 {
    // SAFETY: from C, under the contract of the header.
    guard(|| Ok(count(unsafe { object(socket) }?.pending()?)))
}

unsafe fn receive(
    socket: *mut Socket,
    datagrams: *mut Datagram,
    cap: usize,
    timeout_ms: i64,
) -> Result<usize, Error> {
    // SAFETY: from C, under the contract of the header.
    let socket = unsafe { object(socket) }?;
    if cap == 0 {
        return Err(Error::argument("an array without elements receives nothing; pass some"));
    }
    // SAFETY: as above.
    let list = unsafe { ptr::array_mut(datagrams, cap, "datagrams") }?;
    // SAFETY: as above; that includes the room of each datagram.
    let list = unsafe { Incoming::new(list) }?;
    socket.recv_batch(list, Timeout::from_millis(timeout_ms)?)
}
