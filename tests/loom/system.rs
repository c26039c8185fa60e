//! A model of the system's descriptors: each is readable or not, and `poll` sleeps until one of those
//! that it was given is. As in the system a sleeper that is woken looks again, so what was taken back
//! meanwhile it does not see.

use loom::sync::{Condvar, Mutex};
use std::os::fd::{AsRawFd, BorrowedFd};

loom::lazy_static! {
    static ref SYSTEM: System = System::default();
}

struct System {
    readable: Mutex<Vec<bool>>,
    changed: Condvar,
}

impl Default for System {
    fn default() -> Self {
        Self { readable: Mutex::new(Vec::new()), changed: Condvar::new() }
    }
}

impl System {
    fn set(&self, number: usize, readable: bool) {
        self.readable.lock().unwrap()[number] = readable;
        if readable {
            self.changed.notify_all();
        }
    }
}

/// Makes a descriptor readable, whoever it belongs to.
pub fn raise(fd: BorrowedFd<'_>) {
    SYSTEM.set(number(fd), true);
}

fn number(fd: BorrowedFd<'_>) -> usize {
    usize::try_from(fd.as_raw_fd()).unwrap()
}

pub mod event {
    use super::SYSTEM;
    use std::io;
    use std::os::fd::{AsFd, BorrowedFd};

    #[derive(Debug)]
    pub struct Event(usize);

    impl Event {
        pub fn new() -> io::Result<Self> {
            let mut readable = SYSTEM.readable.lock().unwrap();
            readable.push(false);
            Ok(Self(readable.len() - 1))
        }

        pub fn raise(&self) {
            SYSTEM.set(self.0, true);
        }

        pub fn lower(&self) {
            SYSTEM.set(self.0, false);
        }
    }

    impl AsFd for Event {
        fn as_fd(&self) -> BorrowedFd<'_> {
            // SAFETY: a number that only the model looks at; nothing is done with it as a descriptor.
            unsafe { BorrowedFd::borrow_raw(i32::try_from(self.0).unwrap()) }
        }
    }
}

pub mod poll {
    use super::{SYSTEM, number};
    use std::ffi::c_int;
    use std::io;
    use std::os::fd::BorrowedFd;

    #[derive(Clone, Copy)]
    pub enum Interest {
        Recv,
        Send,
    }

    /// Without end or without waiting; a model has no clock.
    pub fn poll<const N: usize>(
        wanted: [(BorrowedFd<'_>, Interest); N],
        timeout_ms: c_int,
    ) -> io::Result<[bool; N]> {
        assert!(timeout_ms <= 0);
        let mut readable = SYSTEM.readable.lock().unwrap();
        loop {
            let ready = wanted.map(|(fd, _)| readable[number(fd)]);
            if timeout_ms == 0 || ready.contains(&true) {
                return Ok(ready);
            }
            readable = SYSTEM.changed.wait(readable).unwrap();
        }
    }
}
