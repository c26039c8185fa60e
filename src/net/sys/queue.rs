//! How much waits in a socket: `ioctl(2)` with FIONREAD, SIOCOUTQ and SIOCOUTQNSD.

use std::ffi::{c_int, c_ulong};
use std::io;
use std::os::fd::{AsRawFd, BorrowedFd};

/// A question about a queue.
#[derive(Clone, Copy, Debug)]
pub struct Question(c_ulong);

/// Bytes that have come (FIONREAD).
#[allow(clippy::unnecessary_cast, reason = "the type differs between systems")]
pub const UNREAD: Question = Question(libc::FIONREAD as c_ulong);

/// Bytes that were sent and are not acknowledged, or not received yet (SIOCOUTQ).
#[cfg(any(target_os = "linux", target_os = "android"))]
#[allow(clippy::unnecessary_cast, reason = "the type differs between systems")]
pub const UNACKED: Option<Question> = Some(Question(libc::TIOCOUTQ as c_ulong));
/// Not told by this system.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
pub const UNACKED: Option<Question> = None;

/// Bytes of those that TCP has not sent at all (SIOCOUTQNSD in `linux/sockios.h`).
#[cfg(any(target_os = "linux", target_os = "android"))]
pub const UNSENT: Option<Question> = Some(Question(0x894b));
/// Not told by this system.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
pub const UNSENT: Option<Question> = None;

/// Asks a socket.
pub fn ask(fd: BorrowedFd<'_>, question: Question) -> io::Result<u64> {
    let mut answer: c_int = 0;
    // SAFETY: these questions write one integer, which is ours for the call. The type of a request
    // differs between C libraries.
    match unsafe { libc::ioctl(fd.as_raw_fd(), question.0 as _, &raw mut answer) } {
        -1 => Err(io::Error::last_os_error()),
        _ => Ok(u64::try_from(answer).unwrap_or(0)),
    }
}
