//! The flags of a send or recv, and `errno`, under the names that each system has for them.

use std::ffi::c_int;

/// Do not wait (recv(2)).
pub const DONTWAIT: c_int = libc::MSG_DONTWAIT;

/// Leave what is received in place (recv(2)).
pub const PEEK: c_int = libc::MSG_PEEK;

/// Wait until all bytes have come (recv(2)).
pub const WAITALL: c_int = libc::MSG_WAITALL;

/// No SIGPIPE (send(2)). Apple's systems have a socket option instead, which socket2 sets.
#[cfg(not(target_vendor = "apple"))]
pub const NOSIGNAL: c_int = libc::MSG_NOSIGNAL;
/// Not a flag here.
#[cfg(target_vendor = "apple")]
pub const NOSIGNAL: c_int = 0;

/// Tell the full length of a datagram that does not fit (recv(2)). Only Linux can.
#[cfg(any(target_os = "linux", target_os = "android"))]
pub const FULL_LENGTH: c_int = libc::MSG_TRUNC;
/// Not told by this system.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
pub const FULL_LENGTH: c_int = 0;

/// This thread's `errno`.
pub fn errno() -> c_int {
    // SAFETY: the location is this thread's own and always valid.
    unsafe { *location() }
}

/// Sets this thread's `errno`.
pub fn set_errno(number: c_int) {
    // SAFETY: as above.
    unsafe { *location() = number }
}

fn location() -> *mut c_int {
    #[cfg(any(target_os = "linux", target_os = "emscripten", target_os = "hurd"))]
    // SAFETY: no arguments; the result lives as long as the thread.
    return unsafe { libc::__errno_location() };
    #[cfg(any(target_os = "android", target_os = "netbsd", target_os = "openbsd"))]
    // SAFETY: as above.
    return unsafe { libc::__errno() };
    #[cfg(any(target_vendor = "apple", target_os = "freebsd"))]
    // SAFETY: as above.
    return unsafe { libc::__error() };
}
