//! State that belongs to one process and is not inherited by a fork of it.

use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicU32, Ordering};
use std::{process, ptr};

/// One process among those that have come of one another by `fork(2)`. Its number alone would not do:
/// a child in a PID namespace of its own may have that of its parent, as may a later descendant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Process {
    number: u32,
    forks: u32,
}

impl Process {
    /// This one.
    pub fn current() -> Self {
        if !WATCHED.swap(true, Ordering::SeqCst) {
            // SAFETY: the handler is a function of ours that only changes an atomic. Without memory
            // for it the number is all there is.
            unsafe { libc::pthread_atfork(None, None, Some(forked)) };
        }
        Self { number: process::id(), forks: FORKS.load(Ordering::SeqCst) }
    }
}

/// Runs in each child.
extern "C" fn forked() {
    FORKS.fetch_add(1, Ordering::SeqCst);
}

static FORKS: AtomicU32 = AtomicU32::new(0);
static WATCHED: AtomicBool = AtomicBool::new(false);

/// One `T` for each process. A child of `fork(2)` gets a fresh one: the threads that the old one
/// counts on are not there, and its locks may be held by one of them for ever.
pub struct PerProcess<T> {
    current: AtomicPtr<Entry<T>>,
}

struct Entry<T> {
    process: Process,
    value: T,
}

impl<T: Sync> PerProcess<T> {
    /// Nothing yet.
    pub const fn empty() -> Self {
        Self { current: AtomicPtr::new(ptr::null_mut()) }
    }

    /// The value of this process, made on first use and never dropped.
    pub fn value(&'static self, make: impl FnOnce() -> T) -> &'static T {
        let process = Process::current();
        let seen = self.current.load(Ordering::Acquire);
        if let Some(entry) = Self::entry(seen)
            && entry.process == process
        {
            return &entry.value;
        }
        let fresh = Box::into_raw(Box::new(Entry { process, value: make() }));
        let swapped =
            self.current.compare_exchange(seen, fresh, Ordering::AcqRel, Ordering::Acquire);
        let kept = match swapped {
            Ok(_) => fresh,
            Err(other) => {
                // SAFETY: `fresh` comes from `into_raw` above and was shown to nobody.
                drop(unsafe { Box::from_raw(fresh) });
                other
            }
        };
        // SAFETY: not NULL, and an entry that was stored once is never freed.
        unsafe { &(*kept).value }
    }

    fn entry(stored: *mut Entry<T>) -> Option<&'static Entry<T>> {
        // SAFETY: NULL, or an entry that `value` has leaked: it is never freed nor written again.
        unsafe { stored.as_ref() }
    }
}
