//! One descriptor that stands for many and for a moment: `epoll(7)` and `timerfd_create(2)`.

use crate::error::Error;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::time::Duration;

/// A descriptor that is readable while one of those that it watches is ready, or its alarm has gone off.
#[derive(Debug)]
pub struct Watch {
    #[cfg_attr(not(any(target_os = "linux", target_os = "android")), allow(dead_code))]
    alarm: OwnedFd,
    epoll: OwnedFd,
}

impl AsFd for Watch {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.epoll.as_fd()
    }
}

#[cfg(any(target_os = "linux", target_os = "android"))]
mod linux {
    use super::*;
    use crate::net::sys::poll::Interest;
    use std::io;
    use std::os::fd::{AsRawFd, FromRawFd};
    use std::ptr::null_mut;

    impl Watch {
        /// A watch over nothing.
        pub fn new() -> Result<Self, Error> {
            // SAFETY: no pointers are passed.
            let epoll = owned(unsafe { libc::epoll_create1(libc::EPOLL_CLOEXEC) })?;
            let flags = libc::TFD_CLOEXEC | libc::TFD_NONBLOCK;
            // SAFETY: as above.
            let alarm = owned(unsafe { libc::timerfd_create(libc::CLOCK_MONOTONIC, flags) })?;
            let watch = Self { alarm, epoll };
            watch.add(watch.alarm.as_fd(), Interest::Recv)?;
            Ok(watch)
        }

        /// Watches one more.
        pub fn add(&self, fd: BorrowedFd<'_>, interest: Interest) -> io::Result<()> {
            let events = match interest {
                Interest::Recv => libc::EPOLLIN,
                Interest::Send => libc::EPOLLOUT,
            };
            let mut event = libc::epoll_event { events: events.cast_unsigned(), u64: 0 };
            self.control(libc::EPOLL_CTL_ADD, fd, &raw mut event)
        }

        /// Watches one no more. To close it would not do: a child of `fork(2)` may have it open.
        pub fn remove(&self, fd: BorrowedFd<'_>) {
            // It was added, so this cannot fail.
            let _ = self.control(libc::EPOLL_CTL_DEL, fd, null_mut());
        }

        /// Lets the alarm go off after `left`, or never; an earlier one is forgotten.
        pub fn set_alarm(&self, left: Option<Duration>) -> io::Result<()> {
            // A timer of 0 would never go off.
            let left = left.map_or(Duration::ZERO, |left| left.max(Duration::from_nanos(1)));
            let zero = libc::timespec { tv_sec: 0, tv_nsec: 0 };
            let value = libc::timespec {
                tv_sec: libc::time_t::try_from(left.as_secs()).unwrap_or(libc::time_t::MAX),
                tv_nsec: left.subsec_nanos().into(),
            };
            let timer = libc::itimerspec { it_interval: zero, it_value: value };
            let alarm = self.alarm.as_raw_fd();
            // SAFETY: `timer` is only read; the old one is not asked for.
            checked(unsafe { libc::timerfd_settime(alarm, 0, &raw const timer, null_mut()) })
        }

        fn control(
            &self,
            operation: libc::c_int,
            fd: BorrowedFd<'_>,
            event: *mut libc::epoll_event,
        ) -> io::Result<()> {
            let (epoll, fd) = (self.epoll.as_raw_fd(), fd.as_raw_fd());
            // SAFETY: both are open; `event` is ours for the call, or NULL where it is not looked at.
            checked(unsafe { libc::epoll_ctl(epoll, operation, fd, event) })
        }
    }

    fn owned(fd: libc::c_int) -> io::Result<OwnedFd> {
        checked(fd.min(0))?;
        // SAFETY: the call has just made the descriptor, and nobody else knows it.
        Ok(unsafe { OwnedFd::from_raw_fd(fd) })
    }

    fn checked(status: libc::c_int) -> io::Result<()> {
        if status < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
    }
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
mod elsewhere {
    use super::*;
    use crate::error::Cause;
    use crate::net::sys::poll::Interest;
    use std::io;

    impl Watch {
        /// There is none.
        pub fn new() -> Result<Self, Error> {
            Err(Error::unsupported("a connector needs epoll(7); connect on a thread instead"))
        }

        /// Never called.
        pub fn add(&self, _: BorrowedFd<'_>, _: Interest) -> io::Result<()> {
            Ok(())
        }

        /// Never called.
        pub fn remove(&self, _: BorrowedFd<'_>) {}

        /// Never called.
        pub fn set_alarm(&self, _: Option<Duration>) -> io::Result<()> {
            Ok(())
        }
    }
}
