//! `sendto(2)` and `recvfrom(2)`, with addresses as callers keep them.

use crate::net::plain::Address;
use std::ffi::c_int;
use std::io;
use std::mem::MaybeUninit;
use std::os::fd::{AsRawFd, BorrowedFd};

/// Sends one datagram to the address with these bytes.
pub fn send_to(socket: BorrowedFd<'_>, data: &[u8], to: &[u8], flags: c_int) -> io::Result<usize> {
    let len = libc::socklen_t::try_from(to.len()).unwrap_or(0);
    let (at, name) = (data.as_ptr().cast(), to.as_ptr().cast());
    // SAFETY: both slices may be read for their lengths; what the address is the system checks.
    let sent = unsafe { libc::sendto(socket.as_raw_fd(), at, data.len(), flags, name, len) };
    usize::try_from(sent).map_err(|_| io::Error::last_os_error())
}

/// Receives one datagram; `from` gets its sender as the system writes it.
pub fn recv_from(
    socket: BorrowedFd<'_>,
    buf: &mut [MaybeUninit<u8>],
    from: &mut Address,
    flags: c_int,
) -> io::Result<usize> {
    let Address { storage, len } = from;
    *len = u32::try_from(storage.len()).unwrap_or(0);
    let room = *len;
    let (at, name) = (buf.as_mut_ptr().cast(), storage.as_mut_ptr().cast());
    // SAFETY: `buf` may be written to for its length, and `storage` for `len` bytes; both are ours for the
    // call, and `socklen_t` is a u32.
    let got = unsafe { libc::recvfrom(socket.as_raw_fd(), at, buf.len(), flags, name, len) };
    let got = usize::try_from(got).map_err(|_| io::Error::last_os_error());
    *len = (*len).min(room);
    got
}
