//! `poll(2)`.

use std::ffi::{c_int, c_short};
use std::io;
use std::os::fd::{AsRawFd, BorrowedFd};

/// What a descriptor is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interest {
    /// Bytes, a connection, or the end.
    Recv,
    /// Room, or the end of a connect.
    Send,
}

/// Waits until one of the descriptors is ready (or in error, which the next call on it tells), at most
/// `timeout_ms` milliseconds, -1 for ever. Says which are.
pub fn poll<const N: usize>(
    wanted: [(BorrowedFd<'_>, Interest); N],
    timeout_ms: c_int,
) -> io::Result<[bool; N]> {
    let mut list = wanted.each_ref().map(entry);
    let count = libc::nfds_t::try_from(N).unwrap_or(0);
    // SAFETY: `list` has N elements, which are ours for the call.
    if unsafe { libc::poll(list.as_mut_ptr(), count, timeout_ms) } < 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(list.map(|entry| entry.revents != 0))
}

/// The same of any number of descriptors.
pub fn poll_list(
    wanted: &[(BorrowedFd<'_>, Interest)],
    timeout_ms: c_int,
) -> io::Result<Vec<bool>> {
    let mut list: Vec<_> = wanted.iter().map(entry).collect();
    let count = libc::nfds_t::try_from(list.len()).unwrap_or(0);
    // SAFETY: `list` has so many elements, which are ours for the call.
    if unsafe { libc::poll(list.as_mut_ptr(), count, timeout_ms) } < 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(list.iter().map(|entry| entry.revents != 0).collect())
}

fn entry((fd, interest): &(BorrowedFd<'_>, Interest)) -> libc::pollfd {
    let events = match interest {
        Interest::Recv => libc::POLLIN,
        Interest::Send => libc::POLLOUT,
    };
    libc::pollfd { fd: fd.as_raw_fd(), events, revents: 0 }
}

/// Whether the receiving direction of a socket was shut down.
pub fn has_ended(fd: BorrowedFd<'_>) -> bool {
    let mut entry = libc::pollfd { fd: fd.as_raw_fd(), events: ENDED, revents: 0 };
    // SAFETY: one element, which is ours for the call.
    unsafe { libc::poll(&raw mut entry, 1, 0) > 0 && entry.revents & ENDED != 0 }
}

/// Elsewhere only the end of both directions shows.
#[cfg(any(target_os = "linux", target_os = "android"))]
const ENDED: c_short = libc::POLLRDHUP;
#[cfg(not(any(target_os = "linux", target_os = "android")))]
const ENDED: c_short = libc::POLLHUP;
