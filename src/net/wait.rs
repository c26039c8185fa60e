//! Waiting: for a descriptor, within a budget, until a cancel or a signal ends it.

use super::sys::poll::{Interest, poll, poll_list};
use crate::cancel::Cancel;
use crate::deadline::{Deadline, millis_up};
use crate::error::{Cause, Error};
use std::ffi::c_int;
use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::time::{Duration, Instant};

/// How long a call waits and what else ends it.
#[derive(Clone, Copy)]
pub struct Waiter<'a> {
    /// The end of the budget.
    pub deadline: Deadline,
    /// Ends the wait when it is fired.
    pub cancel: Option<&'a Cancel>,
    /// Whether a signal ends the wait.
    pub interruptible: bool,
}

impl Waiter<'_> {
    /// Refuses to go on when the cancel is fired.
    pub fn check(&self) -> Result<(), Error> {
        if self.cancel.is_some_and(Cancel::fired) { Err(Cause::Cancelled.into()) } else { Ok(()) }
    }

    /// Waits until the descriptor is ready, or in error.
    pub fn ready(&self, fd: BorrowedFd<'_>, interest: Interest) -> Result<(), Error> {
        loop {
            self.check()?;
            let timeout_ms = poll_ms(self.deadline.left());
            let polled = match self.cancel {
                None => poll([(fd, interest)], timeout_ms).map(|[ready]| (ready, false)),
                Some(cancel) => {
                    poll([(fd, interest), (cancel.as_fd(), Interest::Recv)], timeout_ms)
                        .map(|[ready, woken]| (ready, woken))
                }
            };
            match polled {
                Err(error) => self.failed(error)?,
                Ok((_, true)) => self.woken()?,
                Ok((true, false)) => return Ok(()),
                Ok((false, false)) if self.deadline.passed() => return Err(self.deadline.error()),
                Ok((false, false)) => {}
            }
        }
    }

    /// Waits until one of the descriptors can send or is in error, or until `due`; says which are.
    pub fn any(&self, fds: &[BorrowedFd<'_>], due: Option<Instant>) -> Result<Vec<bool>, Error> {
        let mut wanted: Vec<_> = fds.iter().map(|&fd| (fd, Interest::Send)).collect();
        wanted.extend(self.cancel.map(|cancel| (cancel.as_fd(), Interest::Recv)));
        loop {
            self.check()?;
            let left = due.map(|due| due.saturating_duration_since(Instant::now()));
            let left = left.into_iter().chain(self.deadline.left()).min();
            match poll_list(&wanted, poll_ms(left)) {
                Err(error) => self.failed(error)?,
                Ok(ready) if ready.get(fds.len()) == Some(&true) => self.woken()?,
                Ok(ready) if ready.contains(&true) => return Ok(ready),
                Ok(_) if self.deadline.passed() => return Err(self.deadline.error()),
                Ok(ready) if due.is_some_and(|due| Instant::now() >= due) => return Ok(ready),
                Ok(_) => {}
            }
        }
    }

    /// Waits a moment where the system offers nothing to wait for.
    pub fn pause(&self, moment: Duration) -> Result<(), Error> {
        self.check()?;
        if self.deadline.passed() {
            return Err(self.deadline.error());
        }
        let moment = self.deadline.left().map_or(moment, |left| left.min(moment));
        let polled = match self.cancel {
            None => poll([], poll_ms(Some(moment))).map(|[]| false),
            Some(cancel) => {
                poll([(cancel.as_fd(), Interest::Recv)], poll_ms(Some(moment))).map(|[woken]| woken)
            }
        };
        match polled {
            Err(error) => self.failed(error),
            Ok(true) => self.woken(),
            Ok(false) => Ok(()),
        }
    }

    fn failed(&self, error: io::Error) -> Result<(), Error> {
        match error.raw_os_error() {
            Some(libc::EINTR) if self.interruptible => Err(Error::interrupted()),
            Some(libc::EINTR) => Ok(()),
            _ => Err(error.into()),
        }
    }

    fn woken(&self) -> Result<(), Error> {
        self.check()?;
        if let Some(cancel) = self.cancel {
            cancel.settle();
        }
        Ok(())
    }
}

/// Milliseconds for poll(2), rounded up: no wait is shorter than asked for.
fn poll_ms(left: Option<Duration>) -> c_int {
    left.map_or(-1, |left| c_int::try_from(millis_up(left)).unwrap_or(c_int::MAX))
}
