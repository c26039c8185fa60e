//! A descriptor that is readable while an event is raised: `eventfd(2)`, elsewhere a pipe.

use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, OwnedFd};

/// An event. Non-blocking in both directions and closed on exec.
#[derive(Debug)]
pub struct Event {
    read: OwnedFd,
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    write: OwnedFd,
}

impl Event {
    /// An event that is not raised.
    #[cfg(any(target_os = "linux", target_os = "android"))]
    pub fn new() -> io::Result<Self> {
        // SAFETY: no pointers are passed.
        let fd = unsafe { libc::eventfd(0, libc::EFD_CLOEXEC | libc::EFD_NONBLOCK) };
        if fd < 0 {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: the call has just made the descriptor, and nobody else knows it.
        Ok(Self { read: unsafe { OwnedFd::from_raw_fd(fd) } })
    }

    /// An event that is not raised.
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    pub fn new() -> io::Result<Self> {
        let mut pair = [-1; 2];
        // SAFETY: `pair` has room for the two descriptors that the call writes.
        if unsafe { libc::pipe(pair.as_mut_ptr()) } < 0 {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: the call has just made both descriptors, and nobody else knows them.
        let [read, write] = pair.map(|fd| unsafe { OwnedFd::from_raw_fd(fd) });
        for fd in [&read, &write] {
            // SAFETY: both are open; these commands take integers only.
            unsafe {
                libc::fcntl(fd.as_raw_fd(), libc::F_SETFD, libc::FD_CLOEXEC);
                libc::fcntl(fd.as_raw_fd(), libc::F_SETFL, libc::O_NONBLOCK);
            }
        }
        Ok(Self { read, write })
    }

    /// Makes the descriptor readable. Async-signal-safe, and `errno` is as before.
    pub fn raise(&self) {
        let kept = super::flag::errno();
        let one = 1u64.to_ne_bytes();
        // SAFETY: `one` has the eight bytes that an eventfd takes; write(2) is async-signal-safe.
        // When it would block the descriptor is readable already.
        unsafe { libc::write(self.writer().as_raw_fd(), one.as_ptr().cast(), one.len()) };
        super::flag::set_errno(kept);
    }

    /// Makes the descriptor unreadable.
    pub fn lower(&self) {
        let mut count = [0u8; 64];
        loop {
            // SAFETY: `count` has room for the bytes asked for.
            let got = unsafe {
                libc::read(self.read.as_raw_fd(), count.as_mut_ptr().cast(), count.len())
            };
            // One read empties an eventfd, but not a pipe.
            if got <= 0 || cfg!(any(target_os = "linux", target_os = "android")) {
                return;
            }
        }
    }

    #[cfg(any(target_os = "linux", target_os = "android"))]
    fn writer(&self) -> &OwnedFd {
        &self.read
    }

    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    fn writer(&self) -> &OwnedFd {
        &self.write
    }
}

impl AsFd for Event {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.read.as_fd()
    }
}
