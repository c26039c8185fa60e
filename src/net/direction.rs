//! One direction of a socket, and how a system call is made in it within a budget.
//!
//! A blocking socket makes one plain `send` or `recv` per call, its budget kept in SO_SNDTIMEO or
//! SO_RCVTIMEO and set only when it changes (socket(7)). With a cancel or a spin, or where the plain call ended
//! before the budget did, the call is tried with MSG_DONTWAIT and `poll(2)` waits in between.

use super::batch::Datagrams;
use super::sys::poll::{Interest, has_ended};
use super::wait::Waiter;
use crate::cancel::Cancel;
use crate::deadline::{Budget, Deadline, Timeout};
use crate::error::{Cause, Error};
use socket2::Socket;
use std::cell::Cell;
use std::io;
use std::os::fd::AsFd;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// The state of one direction.
#[derive(Debug, Default)]
pub struct Direction {
    /// Ends waiting calls.
    pub cancel: Option<Arc<Cancel>>,
    /// How long a call tries again and again before it waits.
    pub spin: Duration,
    kernel: Kernel,
    /// Whether the last call ended because it would have had to wait.
    wanted: Cell<bool>,
    /// What is known of its datagrams.
    pub datagrams: Datagrams,
}

/// What the system's own time-out of this direction is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Kernel {
    /// Somebody else may have set it.
    #[default]
    Unknown,
    /// This many milliseconds, 0 for none.
    Millis(u64),
}

/// One call in a direction.
#[derive(Clone, Copy)]
pub struct Call<'a> {
    /// The socket.
    pub socket: &'a Socket,
    /// The direction.
    pub interest: Interest,
    /// Whether a signal ends the call.
    pub interruptible: bool,
    /// Whether the call must not wait in the system, because its own time-out would not hold.
    pub nowait: bool,
}

/// How one attempt is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// The system waits, for the time that it was told.
    Wait,
    /// The system does not wait.
    NoWait,
}

/// One attempt at a call. Not generic: the waiting around it exists once, whatever the call is.
type Attempt<'a> = dyn FnMut(Mode) -> io::Result<()> + 'a;

impl Direction {
    /// A direction whose time-out in the system is known.
    pub fn new(cancel: Option<Arc<Cancel>>, kernel: Kernel) -> Self {
        let (wanted, datagrams) = (Cell::new(false), Datagrams::default());
        Self { cancel, spin: Duration::ZERO, kernel, wanted, datagrams }
    }

    /// Makes one call: `attempt` until it succeeds, fails, or the budget is over.
    pub fn perform<T>(
        &mut self,
        call: &Call<'_>,
        timeout: Timeout,
        deadline: Deadline,
        mut attempt: impl FnMut(Mode) -> io::Result<T>,
    ) -> Result<T, Error> {
        self.datagrams.tell_later()?;
        // What nearly all calls come to, without the way through a function pointer.
        let first = if self.is_told(call, timeout) {
            match attempt(Mode::Wait) {
                Ok(value) => {
                    self.wanted.set(false);
                    return Ok(value);
                }
                Err(error) => Some(error),
            }
        } else {
            None
        };
        let mut result = None;
        self.perform_attempt(call, (timeout, deadline), first, &mut |mode| {
            result = Some(attempt(mode)?);
            Ok(())
        })?;
        result.ok_or_else(Error::again)
    }

    /// Makes one call whose attempts do not wait; waits in between.
    pub fn poll<T>(
        &self,
        call: &Call<'_>,
        deadline: Deadline,
        attempt: impl FnMut() -> io::Result<T>,
    ) -> Result<T, Error> {
        self.poll_budget(call, &mut Budget::until(deadline), attempt)
    }

    /// Like `poll`, within a budget that begins, and looks at the clock, when the first attempt has failed.
    pub fn poll_budget<T>(
        &self,
        call: &Call<'_>,
        budget: &mut Budget,
        mut attempt: impl FnMut() -> io::Result<T>,
    ) -> Result<T, Error> {
        let mut result = None;
        self.poll_attempt(call, budget, &mut |_| {
            result = Some(attempt()?);
            Ok(())
        })?;
        result.ok_or_else(Error::again)
    }

    /// Whether the last call that succeeded or ran out of its budget did the latter.
    pub fn wanted(&self) -> bool {
        self.wanted.get()
    }

    /// Counts a call that has moved a part for one that succeeded, whatever ended it.
    pub(super) fn settle(&self) {
        self.wanted.set(false);
    }

    fn note(&self, ended: Result<(), Error>) -> Result<(), Error> {
        match &ended {
            Ok(()) => self.wanted.set(false),
            Err(error) if matches!(error.cause(), Cause::Again | Cause::Timeout) => {
                self.wanted.set(true);
            }
            Err(_) => {}
        }
        ended
    }

    /// Goes on after a `first` attempt in which the system waited, or begins.
    fn perform_attempt(
        &mut self,
        call: &Call<'_>,
        budget: (Timeout, Deadline),
        first: Option<io::Error>,
        attempt: &mut Attempt<'_>,
    ) -> Result<(), Error> {
        let ended = self.go_on(call, budget, first, attempt);
        self.note(ended)
    }

    /// `perform_attempt` without its note.
    fn go_on(
        &mut self,
        call: &Call<'_>,
        (timeout, deadline): (Timeout, Deadline),
        first: Option<io::Error>,
        attempt: &mut Attempt<'_>,
    ) -> Result<(), Error> {
        let first = match first {
            Some(error) => Err(error),
            None if self.never_blocks(call, timeout) => {
                return self.try_again(call, &mut Budget::until(deadline), attempt);
            }
            None => {
                self.set_kernel_timeout(call, timeout)?;
                attempt(Mode::Wait)
            }
        };
        match first {
            Ok(()) => return Ok(()),
            Err(error) => match error.raw_os_error() {
                Some(libc::EAGAIN) if deadline.passed() => return Err(deadline.error()),
                Some(libc::EINTR) if call.interruptible => return Err(Error::interrupted()),
                Some(libc::EAGAIN | libc::EINTR) => {}
                _ => return Err(error.into()),
            },
        }
        self.try_again(call, &mut Budget::until(deadline), attempt)
    }

    /// Whether a call is made without waiting in the system, and waits in between.
    #[inline]
    pub(super) fn never_blocks(&self, call: &Call<'_>, timeout: Timeout) -> bool {
        call.nowait
            || timeout == Timeout::Immediate
            || self.cancel.is_some()
            || !self.spin.is_zero()
    }

    /// Whether the system waits, and knows for how long.
    #[inline]
    fn is_told(&self, call: &Call<'_>, timeout: Timeout) -> bool {
        self.kernel == Kernel::Millis(kernel_ms(call, timeout)) && !self.never_blocks(call, timeout)
    }

    fn poll_attempt(
        &self,
        call: &Call<'_>,
        budget: &mut Budget,
        attempt: &mut Attempt<'_>,
    ) -> Result<(), Error> {
        self.note(self.try_again(call, budget, attempt))
    }

    /// Attempts without waiting in the system, and waits in between.
    fn try_again(
        &self,
        call: &Call<'_>,
        budget: &mut Budget,
        attempt: &mut Attempt<'_>,
    ) -> Result<(), Error> {
        self.waiter(call, Deadline::Never).check()?;
        let mut pause = FIRST_PAUSE;
        let mut said_ready = false;
        let mut spin = Spin { left: self.spin, end: None };
        let mut mode = Mode::NoWait;
        loop {
            match attempt(mode) {
                Ok(()) => return Ok(()),
                Err(error) => match error.raw_os_error() {
                    Some(libc::EAGAIN) => {}
                    Some(libc::EINTR) if call.interruptible => {
                        return Err(Error::interrupted());
                    }
                    Some(libc::EINTR) => continue,
                    _ => return Err(error.into()),
                },
            }
            let waiter = self.waiter(call, budget.deadline());
            if waiter.deadline == Deadline::Immediate {
                return Err(Error::again());
            }
            if spin.goes_on() {
                waiter.check()?;
                continue;
            }
            if said_ready {
                // A datagram socket that was shut down counts as readable, but tells the end only to
                // a call that may wait, which then does not.
                if mode == Mode::NoWait
                    && call.interest == Interest::Recv
                    && has_ended(call.socket.as_fd())
                {
                    mode = Mode::Wait;
                    continue;
                }
                // A datagram to a Unix socket whose queue is full: the sender counts as writable,
                // so poll(2) cannot tell when to try again.
                waiter.pause(pause)?;
                pause = (pause * 2).min(LAST_PAUSE);
            }
            waiter.ready(call.socket.as_fd(), call.interest)?;
            said_ready = true;
        }
    }

    /// Tells the system the budget, unless it knows.
    pub fn set_kernel_timeout(&mut self, call: &Call<'_>, timeout: Timeout) -> Result<(), Error> {
        let millis = kernel_ms(call, timeout);
        if self.kernel == Kernel::Millis(millis) {
            return Ok(());
        }
        let duration = (millis != 0).then(|| Duration::from_millis(millis));
        match call.interest {
            Interest::Recv => call.socket.set_read_timeout(duration)?,
            Interest::Send => call.socket.set_write_timeout(duration)?,
        }
        self.kernel = Kernel::Millis(millis);
        Ok(())
    }

    /// What the system was told last.
    pub fn kernel(&self) -> Kernel {
        self.kernel
    }

    /// What ends a wait of this call.
    pub(super) fn waiter(&self, call: &Call<'_>, deadline: Deadline) -> Waiter<'_> {
        Waiter { deadline, cancel: self.cancel.as_deref(), interruptible: call.interruptible }
    }
}

/// Trying for a while without waiting.
struct Spin {
    left: Duration,
    end: Option<Instant>,
}

impl Spin {
    /// Whether to try once more. The clock is looked at only when the first try has failed.
    fn goes_on(&mut self) -> bool {
        if self.left.is_zero() {
            return false;
        }
        let now = Instant::now();
        if now < *self.end.get_or_insert(now + self.left) {
            return true;
        }
        self.left = Duration::ZERO;
        false
    }
}

/// The budget as the system is told it, in milliseconds; 0 is none.
#[inline]
fn kernel_ms(call: &Call<'_>, timeout: Timeout) -> u64 {
    match timeout {
        // A call with a time-out is ended by every signal, one without only by those whose handler was
        // installed without SA_RESTART (signal(7)).
        Timeout::Never if call.interruptible => KERNEL_MAX_MS,
        Timeout::Never => 0,
        Timeout::Immediate => 1,
        Timeout::Millis(ms) => ms.min(KERNEL_MAX_MS),
    }
}

/// 20 days: below what a 32-bit system can count in ticks. A longer budget is polled to its end.
const KERNEL_MAX_MS: u64 = 20 * 24 * 3600 * 1000;
const FIRST_PAUSE: Duration = Duration::from_millis(1);
const LAST_PAUSE: Duration = Duration::from_millis(16);
