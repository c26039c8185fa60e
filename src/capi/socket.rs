//! Sockets: stream and datagram, TCP, UDP and Unix.

use super::address::Address;
use super::cancel::{self, Cancel};
use super::guard::{count, guard, quietly};
use super::plan::{self, ConnectOptions};
use super::ptr;
use crate::deadline::Timeout;
use crate::error::Error;
use crate::net;
use std::ffi::c_void;
use std::net::Shutdown;
use std::time::Duration;

/// `bojagi_socket_shutdown`: receive no more; a waiting recv ends with 0.
pub const BOJAGI_SHUTDOWN_RECV: u32 = 1;
/// `bojagi_socket_shutdown`: send no more; the peer receives what was sent and then 0.
pub const BOJAGI_SHUTDOWN_SEND: u32 = 2;
/// `bojagi_socket_shutdown`: both.
pub const BOJAGI_SHUTDOWN_BOTH: u32 = 3;

/// A socket. One thread may send, one receive, and others shut down or fire the cancel, all at once; a
/// second sender or receiver is answered BOJAGI_E_STATE.
pub struct Socket {
    pub(super) inner: net::Socket,
}

/// Sends bytes of a stream, or one datagram to the peer that the socket is connected to (send(2)).
///
/// Returns the number of bytes sent, on a stream possibly fewer than `len`: `bojagi_socket_send_all`
/// goes on. `(NULL, 0)` sends nothing on a stream and an empty datagram else. A blocking socket without
/// cancel makes one system call, its budget in SO_SNDTIMEO (of a Unix stream the part of one of the pieces
/// that the system makes of the bytes), which is set only when `timeout_ms` changes and which the
/// descriptor shows. Never raises SIGPIPE.
///
/// Errors: BOJAGI_E_CLOSED (this side was shut down, or the peer is gone), BOJAGI_E_RESET,
/// BOJAGI_E_REFUSED (datagram), BOJAGI_E_TIMEOUT (BOJAGI_E_AGAIN with budget 0), BOJAGI_E_CANCELLED,
/// BOJAGI_E_INTERRUPTED, BOJAGI_E_LIMIT (datagram too long), BOJAGI_E_STATE (not connected, or another
/// thread is sending), BOJAGI_E_ARG.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn bojagi_socket_send(
    socket: *mut Socket,
    data: *const c_void,
    len: usize,
    timeout_ms: i64,
) -> i64 {
    guard(|| {
        // SAFETY: from C, under the contract of the header.
        let (socket, data) = unsafe { (object(socket)?, ptr::bytes(data, len)?) };
        Ok(count(socket.send(data, Timeout::from_millis(timeout_ms)?)?))
    })
}

/// Sends all `len` bytes within one budget, and says in `*done` how many were sent, also on failure.
///
/// `done` may be NULL. After a failure that can be waited out, such as BOJAGI_E_TIMEOUT, go on with
/// `data + *done`. Returns `len`. Errors: as `bojagi_socket_send`.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn bojagi_socket_send_all(
    socket: *mut Socket,
    data: *const c_void,
    len: usize,
    timeout_ms: i64,
    done: *mut usize,
) -> i64 {
    let mut sent = 0;
    let result = guard(|| {
        ptr::check_optional(done, "done")?;
        // SAFETY: from C, under the contract of the header.
        let (socket, data) = unsafe { (object(socket)?, ptr::bytes(data, len)?) };
        socket.send_all(data, Timeout::from_millis(timeout_ms)?, &mut sent)?;
        Ok(count(sent))
    });
    // SAFETY: as above.
    unsafe { ptr::write_optional(done, sent) };
    result
}

/// Receives what has come, at most `cap` bytes of a stream, or one datagram (recv(2)).
///
/// Waits until there is something. Returns the number of bytes; on a stream or seqpacket 0 says that the peer
/// has sent its last byte, and on a stream `cap` 0 is BOJAGI_E_ARG; a datagram may be empty. A blocking socket without
/// cancel makes one system call, its budget in SO_RCVTIMEO, which is set only when `timeout_ms` changes
/// and which the descriptor shows.
///
/// Errors: BOJAGI_E_RESET, BOJAGI_E_REFUSED (datagram), BOJAGI_E_TIMEOUT (BOJAGI_E_AGAIN with budget 0),
/// BOJAGI_E_CANCELLED, BOJAGI_E_INTERRUPTED, BOJAGI_E_STATE (not connected, or another thread is
/// receiving), BOJAGI_E_ARG; BOJAGI_E_SPACE when a datagram did not fit: `buf` holds its first `cap`
/// bytes, `bojagi_error.offset` is its full length (on Linux), and the rest is lost.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn bojagi_socket_recv(
    socket: *mut Socket,
    buf: *mut c_void,
    cap: usize,
    timeout_ms: i64,
) -> i64 {
    guard(|| {
        // SAFETY: from C, under the contract of the header.
        let (socket, room) = unsafe { (object(socket)?, ptr::room(buf.cast(), cap, "buf")?) };
        Ok(count(socket.recv(room, Timeout::from_millis(timeout_ms)?)?))
    })
}

/// Receives like `bojagi_socket_recv`, and leaves what it received for the next receive (recv(2), MSG_PEEK).
///
/// Waits until there is something. Returns the number of bytes, on a stream 0 when the peer has sent its last
/// byte. Errors: as `bojagi_socket_recv`; with BOJAGI_E_SPACE `bojagi_error.offset` is the full length of the
/// datagram, which is not lost, and `buf` holds its first `cap` bytes; `(NULL, 0)` asks for the length alone.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn bojagi_socket_peek(
    socket: *mut Socket,
    buf: *mut c_void,
    cap: usize,
    timeout_ms: i64,
) -> i64 {
    guard(|| {
        // SAFETY: from C, under the contract of the header.
        let (socket, room) = unsafe { (object(socket)?, ptr::room(buf.cast(), cap, "buf")?) };
        Ok(count(socket.peek(room, Timeout::from_millis(timeout_ms)?)?))
    })
}

/// Receives exactly `len` bytes of a stream within one budget, and says in `*done` how many have come,
/// also on failure.
///
/// `done` may be NULL. After a failure that can be waited out, such as BOJAGI_E_TIMEOUT, go on with
/// `buf + *done`. Returns `len`. Errors: BOJAGI_E_CLOSED when the peer closed first;
/// BOJAGI_E_UNSUPPORTED on a datagram socket; else as `bojagi_socket_recv`.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn bojagi_socket_recv_exact(
    socket: *mut Socket,
    buf: *mut c_void,
    len: usize,
    timeout_ms: i64,
    done: *mut usize,
) -> i64 {
    let mut received = 0;
    let result = guard(|| {
        ptr::check_optional(done, "done")?;
        // SAFETY: from C, under the contract of the header.
        let (socket, room) = unsafe { (object(socket)?, ptr::room(buf.cast(), len, "buf")?) };
        socket.recv_exact(room, Timeout::from_millis(timeout_ms)?, &mut received)?;
        Ok(count(received))
    });
    // SAFETY: as above.
    unsafe { ptr::write_optional(done, received) };
    result
}

/// Sends one datagram to `to` (sendto(2)).
///
/// `(NULL, 0)` is an empty datagram. Returns the number of bytes, always `len`. Errors: as
/// `bojagi_socket_send`; BOJAGI_E_UNSUPPORTED on a stream, or for an address of another family.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn bojagi_socket_send_to(
    socket: *mut Socket,
    data: *const c_void,
    len: usize,
    to: *const Address,
    timeout_ms: i64,
) -> i64 {
    guard(|| {
        // SAFETY: from C, under the contract of the header.
        let (socket, data) = unsafe { (object(socket)?, ptr::bytes(data, len)?) };
        // SAFETY: as above.
        let to = unsafe { ptr::object(to, "address") }?;
        Ok(count(socket.send_to(data, to, Timeout::from_millis(timeout_ms)?)?))
    })
}

/// Receives one datagram, and writes who sent it to `*from`, which may be NULL (recvfrom(2)).
///
/// An empty datagram is 0 with an address. On a stream it is `bojagi_socket_recv` and the peer. Returns
/// and fails as `bojagi_socket_recv`; `*from` is written also with BOJAGI_E_SPACE.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn bojagi_socket_recv_from(
    socket: *mut Socket,
    buf: *mut c_void,
    cap: usize,
    timeout_ms: i64,
    from: *mut Address,
) -> i64 {
    guard(|| {
        ptr::check_optional(from, "from")?;
        // SAFETY: from C, under the contract of the header.
        let (socket, room) = unsafe { (object(socket)?, ptr::room(buf.cast(), cap, "buf")?) };
        let mut sender = None;
        let result = socket.recv_from(room, Timeout::from_millis(timeout_ms)?, &mut sender);
        if let Some(sender) = sender {
            // SAFETY: as above.
            unsafe { ptr::write_optional(from, sender) };
        }
        Ok(count(result?))
    })
}

/// Ends a direction, BOJAGI_SHUTDOWN_RECV, _SEND or _BOTH, also while another thread waits in it, which
/// wakes that thread (shutdown(2)). Twice is fine. A datagram socket tells its end to a receive that may wait:
/// one with timeout 0 is answered BOJAGI_E_AGAIN as before.
///
/// Returns 0. Errors: BOJAGI_E_STATE when the socket was never connected; BOJAGI_E_ARG.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bojagi_socket_shutdown(socket: *mut Socket, how: u32) -> i64 {
    guard(|| {
        // SAFETY: from C, under the contract of the header.
        let socket = unsafe { object(socket) }?;
        let how = match how {
            BOJAGI_SHUTDOWN_RECV => Shutdown::Read,
            BOJAGI_SHUTDOWN_SEND => Shutdown::Write,
            BOJAGI_SHUTDOWN_BOTH => Shutdown::Both,
            _ => return Err(Error::argument("how is unknown; pass a BOJAGI_SHUTDOWN_ constant")),
        };
        socket.shutdown(how)?;
        Ok(0)
    })
}

/// Writes the address of this side to `*out`. Returns 0. Errors: BOJAGI_E_ARG.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bojagi_socket_local(socket: *const Socket, out: *mut Address) -> i64 {
    // SAFETY: from C, under the contract of the header.
    guard(|| unsafe { write_address(socket, out, net::Socket::local) })
}

/// Writes the address of the peer to `*out`, also after the peer has gone. Returns 0. Errors:
/// BOJAGI_E_STATE when the socket is not connected; BOJAGI_E_ARG.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bojagi_socket_peer(socket: *const Socket, out: *mut Address) -> i64 {
    // SAFETY: from C, under the contract of the header.
    guard(|| unsafe { write_address(socket, out, net::Socket::peer) })
}

/// The descriptor, for a poll or an option of the host's own. It stays the socket's: do not close it.
///
/// Errors: BOJAGI_E_ARG.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bojagi_socket_fd(socket: *const Socket) -> i64 {
    // SAFETY: from C, under the contract of the header.
    guard(|| Ok(i64::from(unsafe { object(socket) }?.fd()?)))
}

/// Makes a socket of a descriptor, stream, datagram or Unix seqpacket as its SO_TYPE says, and gives it at
/// `*out`.
///
/// On success the descriptor is the socket's, which closes it, and is closed on exec from now on; on
/// failure it stays the caller's, unchanged. It may be O_NONBLOCK: budgets hold nevertheless. Returns
/// 0. Errors: BOJAGI_E_ARG when it is not an open socket, or a listener, or there are `values`;
/// BOJAGI_E_UNSUPPORTED when it is none of these.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn bojagi_socket_from_fd(
    fd: i64,
    options: *const ConnectOptions,
    out: *mut *mut Socket,
) -> i64 {
    guard(|| {
        ptr::check(out, "out")?;
        // SAFETY: from C, under the contract of the header.
        let inner = net::Socket::from_fd(fd, &unsafe { plan::read_plain(options) }?)?;
        // SAFETY: checked above.
        unsafe { ptr::give(out, Socket { inner }) };
        Ok(0)
    })
}

/// Attaches a cancel to both directions in place of the one they had; NULL detaches.
///
/// Returns 0. Errors: BOJAGI_E_STATE while another thread sends or receives, BOJAGI_E_ARG.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bojagi_socket_set_cancel(socket: *mut Socket, cancel: *mut Cancel) -> i64 {
    guard(|| {
        // SAFETY: from C, under the contract of the header.
        let (socket, cancel) = unsafe { (object(socket)?, cancel::shared(cancel.cast_const())?) };
        socket.set_cancel(cancel)?;
        Ok(0)
    })
}

/// Makes calls that would wait try again and again for `microseconds`, at most 1000, before they do: an answer
/// that comes in so short a time then costs no sleep, and a processor that is busy all the while. 0, the
/// default, is off and costs nothing.
///
/// A call's budget, its cancel and timeout 0 hold as ever. While this is on, no call blocks in recv(2) or send(2):
/// what comes later is waited for by poll(2). Returns 0. Errors: BOJAGI_E_STATE while another thread sends or
/// receives; BOJAGI_E_ARG.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bojagi_socket_set_spin(socket: *mut Socket, microseconds: u32) -> i64 {
    guard(|| {
        // SAFETY: from C, under the contract of the header.
        let socket = unsafe { object(socket) }?;
        if microseconds > SPIN_MAX {
            return Err(Error::argument(
                "microseconds is above 1000; wait for longer with a timeout",
            ));
        }
        socket.set_spin(Duration::from_micros(microseconds.into()))?;
        Ok(0)
    })
}

/// Ends a socket: its descriptor is closed, and the path that `bojagi_unix_datagram_bind` made is
/// removed. NULL does nothing. Must not run during another call on the same socket.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bojagi_socket_free(socket: *mut Socket) {
    // SAFETY: from C, under the contract of the header.
    quietly(|| unsafe { ptr::free(socket) });
}

/// A millisecond: who waits longer can as well sleep.
const SPIN_MAX: u32 = 1000;

/// The socket behind a handle.
pub(super) unsafe fn object<'a>(socket: *const Socket) -> Result<&'a net::Socket, Error> {
    // SAFETY: from C, under the contract of the header.
    Ok(&unsafe { ptr::object(socket, "socket") }?.inner)
}

pub(super) unsafe fn write_address(
    socket: *const Socket,
    out: *mut Address,
    which: fn(&net::Socket) -> Result<net::Address, Error>,
) -> Result<i64, Error> {
    ptr::check(out, "out")?;
    // SAFETY: from C, under the contract of the header.
    let address = which(unsafe { object(socket) }?)?;
    // SAFETY: checked above.
    unsafe { ptr::write(out, Address::from(&address)) };
    Ok(0)
}
