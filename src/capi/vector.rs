//! `bojagi_iovec`: sending from, and receiving into, many places at once.

use super::guard::{count, guard};
use super::ptr;
use super::socket::{self, Socket};
use crate::deadline::Timeout;
use crate::net::sys::vector::{IoVec, Pieces, Rooms};

/// Sends pieces of memory one behind the other, or together as one datagram (sendmsg(2)).
///
/// Returns the number of bytes sent, on a stream possibly fewer than there are:
/// `bojagi_socket_send_all_vectored` goes on. `pieces` is an array of `count`, which is not changed; empty pieces
/// and `(NULL, 0)` are fine. One system call, which on a stream takes the first 1024 pieces. Errors: as
/// `bojagi_socket_send`; BOJAGI_E_ARG also for more than 1024 pieces of a datagram.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn bojagi_socket_send_vectored(
    socket: *mut Socket,
    pieces: *const IoVec,
    count: usize,
    timeout_ms: i64,
) -> i64 {
    guard(|| {
        // SAFETY: from C, under the contract of the header.
        let (socket, (list, extent)) =
            unsafe { (socket::object(socket)?, ptr::pieces(pieces, count)?) };
        // SAFETY: the pieces are readable for the call, by the caller's word.
        let pieces = unsafe { Pieces::new(list) };
        Ok(self::count(socket.send_vectored(pieces, extent, Timeout::from_millis(timeout_ms)?)?))
    })
}

/// Sends all of many pieces within one budget, and says in `*done` how many bytes were sent, also on
/// failure.
///
/// `done` may be NULL. `pieces` is an array of `count`, any number on a stream, which is not changed. One system call
/// for each 1024 pieces, more only when the system takes less than it is given. Returns the number of bytes that
/// they have together. Errors: as `bojagi_socket_send_vectored`.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn bojagi_socket_send_all_vectored(
    socket: *mut Socket,
    pieces: *const IoVec,
    count: usize,
    timeout_ms: i64,
    done: *mut usize,
) -> i64 {
    let mut sent = 0;
    let result = guard(|| {
        ptr::check_optional(done, "done")?;
        // SAFETY: from C, under the contract of the header.
        let (socket, (list, extent)) =
            unsafe { (socket::object(socket)?, ptr::pieces(pieces, count)?) };
        // SAFETY: the pieces are readable for the call, by the caller's word.
        let pieces = unsafe { Pieces::new(list) };
        let timeout = Timeout::from_millis(timeout_ms)?;
        socket.send_all_vectored(pieces, extent, timeout, &mut sent)?;
        Ok(self::count(sent))
    });
    // SAFETY: as above.
    unsafe { ptr::write_optional(done, sent) };
    result
}

/// Receives what has come into pieces of memory, the first of which is filled first, or one datagram
/// (recvmsg(2)).
///
/// Waits until there is something. Returns the number of bytes; 0 on a stream says that the peer has sent its last
/// byte. `pieces` is an array of `count`, of which a stream uses the first 1024 that are not empty in front; no room at
/// all is BOJAGI_E_ARG on a stream. One system call. Errors: as `bojagi_socket_recv`; BOJAGI_E_ARG also for
/// more than 1024 pieces for a datagram.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn bojagi_socket_recv_vectored(
    socket: *mut Socket,
    pieces: *const IoVec,
    count: usize,
    timeout_ms: i64,
) -> i64 {
    guard(|| {
        // SAFETY: from C, under the contract of the header.
        let (socket, (list, extent)) =
            unsafe { (socket::object(socket)?, ptr::pieces(pieces, count)?) };
        // SAFETY: the pieces are writable and the call's alone, by the caller's word.
        let rooms = unsafe { Rooms::new(list) };
        Ok(self::count(socket.recv_vectored(rooms, extent, Timeout::from_millis(timeout_ms)?)?))
    })
}
