//! What only Unix sockets carry: descriptors, and who the peer is.

use super::guard::{count, guard};
use super::ptr;
use super::socket::{Socket, object};
use crate::deadline::Timeout;
use crate::error::Error;
use crate::net::insight::Credentials;
use std::ffi::c_void;
use std::mem::MaybeUninit;
use std::os::fd::{IntoRawFd, OwnedFd, RawFd};

/// Sends bytes over a Unix socket and with them `fd_count` descriptors, at most 253 (SCM_RIGHTS in unix(7)).
///
/// The receiver gets descriptors of its own for the same files; these stay open and the caller's. On a stream
/// at least one byte must go along, and the count returned may be short, as of `bojagi_socket_send`: the
/// descriptors have gone with the first byte, so send the rest without. `(NULL, 0)` descriptors is
/// `bojagi_socket_send`. Returns the number of bytes.
///
/// Errors: as `bojagi_socket_send`; BOJAGI_E_ARG when a descriptor is not open, there are too many, or no
/// byte goes along; BOJAGI_E_LIMIT when too many are under way; BOJAGI_E_UNSUPPORTED on another socket.
/// After an error no descriptor has gone.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn bojagi_socket_send_fds(
    socket: *mut Socket,
    data: *const c_void,
    len: usize,
    fds: *const i64,
    fd_count: usize,
    timeout_ms: i64,
) -> i64 {
    guard(|| {
        // SAFETY: from C, under the contract of the header.
        let (socket, data) = unsafe { (object(socket)?, ptr::bytes(data, len)?) };
        // SAFETY: as above.
        let fds = raw(unsafe { ptr::array(fds, fd_count, "fds") }?)?;
        Ok(count(socket.send_descriptors(data, &fds, Timeout::from_millis(timeout_ms)?)?))
    })
}

/// Receives as `bojagi_socket_recv` and also takes the descriptors that come along, at most `fd_cap`, and
/// says in `*fd_count` how many.
///
/// They are close-on-exec and the caller's, to close or to pass to a _from_fd. On a stream a receive never
/// goes past bytes that have descriptors with them, so that each set comes with its own bytes. Descriptors
/// that a plain `bojagi_socket_recv` meets are closed by the system. Returns the number of bytes; `*fd_count`
/// is always written, and (NULL, 0) is no room for descriptors.
///
/// Errors: as `bojagi_socket_recv`; BOJAGI_E_UNSUPPORTED when it is no Unix socket. BOJAGI_E_SPACE when more
/// came than there is room for, 253 is always enough: the surplus is closed. BOJAGI_E_LIMIT when this process
/// may not have so many open: some are lost. With both the bytes have come nevertheless:
/// `bojagi_error.offset` is how many were sent together, of which `buf` holds as many as fit, and `fds` holds
/// `*fd_count` descriptors, which are the caller's.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn bojagi_socket_recv_fds(
    socket: *mut Socket,
    buf: *mut c_void,
    cap: usize,
    timeout_ms: i64,
    fds: *mut i64,
    fd_cap: usize,
    fd_count: *mut usize,
) -> i64 {
    let mut given = 0;
    let result = guard(|| {
        ptr::check(fd_count, "fd_count")?;
        // SAFETY: from C, under the contract of the header.
        let (socket, room) = unsafe { (object(socket)?, ptr::room(buf.cast(), cap, "buf")?) };
        // SAFETY: as above.
        let fds = unsafe { ptr::room(fds, fd_cap, "fds") }?;
        let timeout = Timeout::from_millis(timeout_ms)?;
        let mut descriptors = Vec::new();
        let result = socket.recv_descriptors(room, fds.len(), timeout, &mut descriptors);
        given = hand_over(descriptors, fds);
        Ok(count(result?))
    });
    // SAFETY: from C, under the contract of the header.
    unsafe { ptr::write_optional(fd_count, given) };
    result
}

/// Sets the size, and the rest to zero. NULL does nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bojagi_credentials_init(credentials: *mut Credentials) {
    let size = u32::try_from(size_of::<Credentials>()).unwrap_or(0);
    // SAFETY: from C, under the contract of the header.
    unsafe { ptr::write_optional(credentials, Credentials { size, ..Credentials::default() }) }
}

/// Writes to `*out` which process, user and group are at the other end of a Unix connection, as they were
/// when it was made (SO_PEERCRED in unix(7)).
///
/// On the side that connected they are those of the process that has called listen(2). Returns 0. Errors:
/// BOJAGI_E_STATE when the socket is not connected; BOJAGI_E_UNSUPPORTED when it is no Unix socket, or not on
/// Linux; BOJAGI_E_ARG.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bojagi_socket_peer_credentials(
    socket: *const Socket,
    out: *mut Credentials,
) -> i64 {
    guard(|| {
        // SAFETY: from C, under the contract of the header.
        unsafe { ptr::check_size(out.cast_const(), "bojagi_credentials_init") }?;
        // SAFETY: as above; the size was checked.
        let (socket, out) = unsafe { (object(socket)?, ptr::object_mut(out, "out")?) };
        *out = Credentials { size: out.size, ..socket.peer_credentials()? };
        Ok(0)
    })
}

/// A descriptor of the process at the other end of a Unix connection, which stays that process's when its
/// number becomes another's (SO_PEERPIDFD, pidfd_open(2)).
///
/// Returns the descriptor, close-on-exec and the caller's to close. Errors: BOJAGI_E_STATE when the socket is
/// not connected; BOJAGI_E_UNSUPPORTED when it is no Unix socket, or the system is not Linux 6.5 or later;
/// BOJAGI_E_LIMIT; BOJAGI_E_OS with ESRCH when that process has gone.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn bojagi_socket_peer_pidfd(socket: *const Socket) -> i64 {
    guard(|| {
        // SAFETY: from C, under the contract of the header.
        Ok(i64::from(unsafe { object(socket) }?.peer_pidfd()?))
    })
}

/// Descriptors of the host as the system takes them.
fn raw(fds: &[i64]) -> Result<Vec<RawFd>, Error> {
    let valid = |&fd: &i64| RawFd::try_from(fd).ok().filter(|&fd| fd >= 0);
    let all: Option<Vec<RawFd>> = fds.iter().map(valid).collect();
    all.ok_or_else(|| Error::argument("one of the descriptors is none; pass open ones"))
}

/// Gives descriptors to the caller; there are no more than fit. Says how many.
fn hand_over(descriptors: Vec<OwnedFd>, fds: &mut [MaybeUninit<i64>]) -> usize {
    let given = descriptors.len().min(fds.len());
    for (to, fd) in fds.iter_mut().zip(descriptors) {
        to.write(i64::from(fd.into_raw_fd()));
    }
    given
}
