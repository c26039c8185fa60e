//! State that belongs to one process and is not inherited by a fork of it.

use std::sync::atomic::{AtomicPtr, Ordering};
use std::{process, ptr};

/// One `T` for each process. A child of `fork(2)` gets a fresh one: the threads that the old one
/// counts on are not there, and its locks may be held by one of them for ever.
pub struct PerProcess<T> {
    current: AtomicPtr<Entry<T>>,
}

struct Entry<T> {
    process: u32,
    value: T,
}

impl<T: Sync> PerProcess<T> {
    /// Nothing yet.
    pub const fn empty() -> Self {
        Self { current: AtomicPtr::new(ptr::null_mut()) }
    }

    /// The value of this process, made on first use and never dropped.
    pub fn value(&'static self, make: impl FnOnce() -> T) -> &'static T {
        let process = process::id();
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
