//! A cancel: one descriptor and one flag that end waiting calls from any thread and any signal
//! handler.
//!
//! The flag is the truth and is looked at first; the descriptor only wakes whoever waits in
//! `poll(2)`. It stays fired until it is reset, so no wake-up can be missed.

use crate::net::sys::event::Event;
#[cfg(loom)]
use loom::sync::atomic::{AtomicBool, Ordering};
use std::io;
use std::os::fd::{AsFd, BorrowedFd};
#[cfg(not(loom))]
use std::sync::atomic::{AtomicBool, Ordering};

/// Ends waiting calls. May serve any number of sockets, listeners and look-ups.
#[derive(Debug)]
pub struct Cancel {
    fired: AtomicBool,
    event: Event,
}

impl Cancel {
    /// A cancel that is not fired.
    pub fn new() -> io::Result<Self> {
        Ok(Self { fired: AtomicBool::new(false), event: Event::new()? })
    }

    /// Fires. Async-signal-safe: an atomic store and a `write(2)`, and `errno` is as before.
    pub fn fire(&self) {
        self.fired.store(true, Ordering::SeqCst);
        self.event.raise();
    }

    /// Makes calls wait again.
    pub fn reset(&self) {
        self.fired.store(false, Ordering::SeqCst);
        self.settle();
    }

    /// Whether it is fired.
    pub fn fired(&self) -> bool {
        self.fired.load(Ordering::SeqCst)
    }

    /// Makes the descriptor agree with the flag again. They disagree when a reset overtook a fire
    /// between its two steps; a fire that comes while we look is not lost, for it is raised again.
    pub fn settle(&self) {
        self.event.lower();
        if self.fired() {
            self.event.raise();
        }
    }
}

impl AsFd for Cancel {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.event.as_fd()
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;
    use crate::net::sys::poll::{Interest, poll};

    fn readable(cancel: &Cancel) -> bool {
        let [ready] = poll([(cancel.as_fd(), Interest::Recv)], 0).unwrap();
        ready
    }

    #[test]
    fn stays_fired_until_reset() {
        let cancel = Cancel::new().unwrap();
        assert!(!cancel.fired() && !readable(&cancel));
        cancel.fire();
        cancel.fire();
        assert!(cancel.fired() && readable(&cancel));
        cancel.reset();
        assert!(!cancel.fired() && !readable(&cancel));
    }

    #[test]
    fn settles_after_a_reset_between_the_two_steps_of_a_fire() {
        let cancel = Cancel::new().unwrap();
        cancel.event.raise();
        cancel.settle();
        assert!(!readable(&cancel));
        cancel.fired.store(true, Ordering::SeqCst);
        cancel.settle();
        assert!(readable(&cancel));
    }
}
