//! Descriptors that the host hands over as integers.

use super::option;
use crate::error::Error;
use socket2::{SockRef, Socket, Type};
use std::io;
use std::os::fd::{BorrowedFd, FromRawFd, RawFd};

/// What a descriptor of the host turned out to be.
pub struct Found {
    /// Stream, datagram or another.
    pub kind: Type,
    /// Whether its addresses are Unix's.
    pub is_unix: bool,
    /// Whether it listens.
    pub listens: bool,
    raw: RawFd,
}

impl Found {
    /// Looks at a descriptor without taking it. Anything but an open socket is refused.
    pub fn look(fd: i64) -> Result<Self, Error> {
        let wrong = |what| Error::wrong(format_args!("descriptor {fd} {what}"));
        let raw = RawFd::try_from(fd).ok().filter(|&raw| raw >= 0);
        let raw = raw.ok_or_else(|| wrong("is not one; pass an open socket"))?;
        // SAFETY: the number is not -1. Whether it is open is what the calls below find out, and
        // by the contract of the header the host does not close it meanwhile.
        let borrowed = unsafe { BorrowedFd::borrow_raw(raw) };
        let socket = SockRef::from(&borrowed);
        let kind = socket.r#type().map_err(|error| match error.raw_os_error() {
            Some(libc::EBADF) => wrong("is not open; pass an open socket"),
            Some(libc::ENOTSOCK) => wrong("is not a socket; pass an open socket"),
            _ => error.into(),
        })?;
        let listens = option::ACCEPTING
            .is_some_and(|place| option::read(borrowed, place).is_ok_and(|listens| listens != 0));
        let is_unix = socket.local_addr().is_ok_and(|address| address.is_unix());
        Ok(Self { kind, is_unix, listens, raw })
    }

    /// Takes the descriptor: it is ours from now on, and closed on exec.
    pub fn take(self) -> Result<Socket, Error> {
        // SAFETY: `look` has seen that the descriptor is an open socket; the host keeps it so.
        let borrowed = unsafe { BorrowedFd::borrow_raw(self.raw) };
        SockRef::from(&borrowed).set_cloexec(true)?;
        // SAFETY: open, as above, and by the contract of the header no longer the host's.
        Ok(unsafe { Socket::from_raw_fd(self.raw) })
    }
}

/// Closes a descriptor of any kind on exec.
pub fn close_on_exec(raw: RawFd) -> io::Result<()> {
    // SAFETY: the caller's numbers are not -1, and fcntl(2) answers for one that is not open.
    let borrowed = unsafe { BorrowedFd::borrow_raw(raw) };
    SockRef::from(&borrowed).set_cloexec(true)
}
