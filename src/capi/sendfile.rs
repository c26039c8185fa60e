//! `bojagi_socket_sendfile`.

use super::guard::guard;
use super::ptr;
use super::socket::{self, Socket};
use crate::deadline::Timeout;
use crate::error::Error;
use crate::net::sendfile::Part;
use crate::net::sys::transfer;

/// Sends `len` bytes of a file, or of a pipe, over a stream within one budget, and says in `*done` how many were
/// sent, also on failure (sendfile(2), splice(2)).
///
/// `offset` is where in the file it begins, and the file's own position stays; -1 is the file's own position,
/// which moves by what was sent. A pipe has no offsets: pass -1. `len` UINT64_MAX sends to the end of the file, or
/// until the pipe is closed. `done` may be NULL. Returns the number of bytes. After a failure that can be waited
/// out, such as BOJAGI_E_TIMEOUT, go on with `offset + *done` (or -1) and `len - *done`: what was not sent is
/// still in the file, or in the pipe.
///
/// Nothing is copied, on Linux, from a regular file and from a pipe. Where the system cannot do that, which is for
/// much of /proc, for devices, and elsewhere than on Linux, the bytes pass through up to 64 KiB of memory; so they do
/// where `offset` is not -1 and `len` at most 16 KiB, for which that is as fast: pread(2) and send(2). What has no
/// offsets and is no pipe, such as a terminal or a socket, is BOJAGI_E_UNSUPPORTED: what was read from it and could not be
/// sent would be lost.
///
/// Never raises SIGPIPE, which is blocked on this thread during sendfile(2) and splice(2): two system calls beside
/// theirs. With budget -1, no cancel, no spin and no BOJAGI_INTERRUPTIBLE they wait; else O_NONBLOCK is set on the
/// socket's descriptor meanwhile (three system calls), for they have no MSG_DONTWAIT, and poll(2) waits.
///
/// Errors: BOJAGI_E_TRUNCATED when the file ended before `len`; BOJAGI_E_ARG when `fd` cannot be read;
/// BOJAGI_E_UNSUPPORTED on a datagram socket; else as `bojagi_socket_send`.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn bojagi_socket_sendfile(
    socket: *mut Socket,
    fd: i64,
    offset: i64,
    len: u64,
    timeout_ms: i64,
    done: *mut u64,
) -> i64 {
    let mut sent = 0;
    let result = guard(|| {
        ptr::check_optional(done, "done")?;
        // SAFETY: from C, under the contract of the header.
        let socket = unsafe { socket::object(socket) }?;
        if offset < -1 {
            return Err(Error::argument("offset is below -1; pass -1 for the file's own position"));
        }
        let file = transfer::borrowed(fd)?;
        let (offset, len) = ((offset >= 0).then_some(offset), (len != u64::MAX).then_some(len));
        let part = Part { file, offset, len };
        socket.send_file(part, Timeout::from_millis(timeout_ms)?, &mut sent)?;
        Ok(i64::try_from(sent).unwrap_or(i64::MAX))
    });
    // SAFETY: as above.
    unsafe { ptr::write_optional(done, sent) };
    result
}
