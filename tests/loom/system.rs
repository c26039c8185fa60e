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
        let ready = poll_list(&wanted, timeout_ms)?;
        Ok(std::array::from_fn(|at| ready[at]))
    }

    pub fn poll_list(
        wanted: &[(BorrowedFd<'_>, Interest)],
        timeout_ms: c_int,
    ) -> io::Result<Vec<bool>> {
        assert!(timeout_ms <= 0);
        let mut readable = SYSTEM.readable.lock().unwrap();
        loop {
            let ready: Vec<_> = wanted.iter().map(|&(fd, _)| readable[number(fd)]).collect();
            if timeout_ms == 0 || ready.contains(&true) {
                return Ok(ready);
            }
            readable = SYSTEM.changed.wait(readable).unwrap();
        }
    }
}

/// What the threads of the resolver meet in. The wait of a condition variable ends at once, as if its
/// time were over: a worker that sleeps longer sees, once it has the lock again, what this one sees.
pub mod sync {
    pub use loom::sync::Arc;
    use loom::sync::MutexGuard as Guard;
    use std::ops::{Deref, DerefMut};
    use std::sync::{LockResult, PoisonError};
    use std::time::Duration;

    #[derive(Default)]
    pub struct Mutex<T>(loom::sync::Mutex<T>);

    pub struct MutexGuard<'a, T> {
        mutex: &'a Mutex<T>,
        guard: Guard<'a, T>,
    }

    #[derive(Default)]
    pub struct Condvar;

    /// That the time is over.
    pub struct Over;

    impl<T> Mutex<T> {
        pub fn new(value: T) -> Self {
            Self(loom::sync::Mutex::new(value))
        }

        pub fn lock(&self) -> LockResult<MutexGuard<'_, T>> {
            let guard = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            Ok(MutexGuard { mutex: self, guard })
        }
    }

    impl<T> Deref for MutexGuard<'_, T> {
        type Target = T;

        fn deref(&self) -> &T {
            &self.guard
        }
    }

    impl<T> DerefMut for MutexGuard<'_, T> {
        fn deref_mut(&mut self) -> &mut T {
            &mut self.guard
        }
    }

    impl Condvar {
        pub fn notify_one(&self) {}

        pub fn wait_timeout<'a, T>(
            &self,
            held: MutexGuard<'a, T>,
            _: Duration,
        ) -> LockResult<(MutexGuard<'a, T>, Over)> {
            let mutex = held.mutex;
            drop(held);
            loom::thread::yield_now();
            mutex.lock().map(|guard| (guard, Over)).map_err(|_| unreachable!())
        }
    }

    impl Over {
        pub fn timed_out(&self) -> bool {
            true
        }
    }
}

/// One value for each execution that loom tries.
pub mod process {
    use std::sync::Mutex;
    use std::sync::atomic::{AtomicUsize, Ordering};

    static EXECUTION: AtomicUsize = AtomicUsize::new(0);

    /// Begins an execution.
    pub fn begin() {
        EXECUTION.fetch_add(1, Ordering::SeqCst);
    }

    pub struct PerProcess<T: 'static>(Mutex<Option<(usize, &'static T)>>);

    impl<T> PerProcess<T> {
        pub const fn empty() -> Self {
            Self(Mutex::new(None))
        }

        pub fn value(&'static self, make: impl FnOnce() -> T) -> &'static T {
            let execution = EXECUTION.load(Ordering::SeqCst);
            let mut current = self.0.lock().unwrap();
            match *current {
                Some((made, value)) if made == execution => value,
                _ => {
                    let value: &'static T = Box::leak(Box::new(make()));
                    *current = Some((execution, value));
                    value
                }
            }
        }
    }
}

pub mod thread {
    use std::io;

    pub fn start(_: usize, body: impl FnOnce() + Send + 'static) -> io::Result<()> {
        drop(loom::thread::spawn(body));
        Ok(())
    }
}

/// Every name has one address.
pub mod name {
    use bojagi::error::Error;
    use bojagi::net::addr::{Address, Families};
    use std::ffi::CStr;
    use std::net::SocketAddr;

    pub fn look_up(_: &CStr, _: Families, _: usize) -> Result<Vec<Address>, Error> {
        Ok(vec![SocketAddr::from(([127, 0, 0, 1], 0)).into()])
    }
}
