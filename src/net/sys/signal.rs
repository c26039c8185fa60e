//! Signal masks, for the threads of the resolver.

use std::mem::MaybeUninit;
use std::ptr;

/// Runs `body` with all signals blocked on this thread, so that a thread that it starts inherits that
/// and never runs a signal handler of the host.
pub fn blocked<T>(body: impl FnOnce() -> T) -> T {
    let _restored = Restored(block_all());
    body()
}

/// Puts the old mask back, also when a panic passes.
struct Restored(libc::sigset_t);

impl Drop for Restored {
    fn drop(&mut self) {
        // SAFETY: the mask is one that pthread_sigmask has written.
        unsafe { libc::pthread_sigmask(libc::SIG_SETMASK, &raw const self.0, ptr::null_mut()) };
    }
}

fn block_all() -> libc::sigset_t {
    let mut all = MaybeUninit::<libc::sigset_t>::uninit();
    let mut old = MaybeUninit::<libc::sigset_t>::uninit();
    // SAFETY: sigfillset initialises `all` before it is read, and with valid arguments neither call
    // can fail, so `old` is initialised as well.
    unsafe {
        libc::sigfillset(all.as_mut_ptr());
        libc::pthread_sigmask(libc::SIG_SETMASK, all.as_ptr(), old.as_mut_ptr());
        old.assume_init()
    }
}
