//! Signal masks: for the threads of the resolver, and around calls that know no MSG_NOSIGNAL.

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

/// SIGPIPE, held off this thread while calls are made that may raise it and cannot be told not to:
/// sendfile(2) and splice(2). As libpq does: block it, take back what those calls raised, unblock it.
#[cfg(any(target_os = "linux", target_os = "android"))]
pub struct NoSigpipe {
    old: libc::sigset_t,
    /// There was one before us, which stays.
    was_pending: bool,
    /// The latest call may have raised one. To be set, since looking costs a system call.
    pub is_suspect: bool,
}

#[cfg(any(target_os = "linux", target_os = "android"))]
impl NoSigpipe {
    /// Blocks it, until this is dropped.
    pub fn begin() -> Self {
        let (pipe, mut old) = (sigpipe(), MaybeUninit::uninit());
        // SAFETY: both sets are ours. With valid arguments the call cannot fail, so it has written `old`.
        let old = unsafe {
            libc::pthread_sigmask(libc::SIG_BLOCK, &raw const pipe, old.as_mut_ptr());
            old.assume_init()
        };
        let mut this = Self { old, was_pending: false, is_suspect: false };
        this.was_pending = this.was_blocked() && is_pending();
        this
    }

    fn was_blocked(&self) -> bool {
        // SAFETY: an initialized set, and a number that is a signal.
        unsafe { libc::sigismember(&raw const self.old, libc::SIGPIPE) == 1 }
    }
}

#[cfg(any(target_os = "linux", target_os = "android"))]
impl Drop for NoSigpipe {
    fn drop(&mut self) {
        if self.is_suspect && !self.was_pending {
            let (pipe, now) = (sigpipe(), libc::timespec { tv_sec: 0, tv_nsec: 0 });
            // SAFETY: set and time are ours for the call; nobody wants to know more of the signal.
            unsafe {
                libc::sigtimedwait(&raw const pipe, ptr::null_mut(), &raw const now);
            }
        }
        if !self.was_blocked() {
            // SAFETY: the mask is one that pthread_sigmask has written.
            unsafe {
                libc::pthread_sigmask(libc::SIG_SETMASK, &raw const self.old, ptr::null_mut())
            };
        }
    }
}

#[cfg(any(target_os = "linux", target_os = "android"))]
fn sigpipe() -> libc::sigset_t {
    let mut set = MaybeUninit::uninit();
    // SAFETY: sigemptyset initializes the set, which then takes a number that is a signal.
    unsafe {
        libc::sigemptyset(set.as_mut_ptr());
        libc::sigaddset(set.as_mut_ptr(), libc::SIGPIPE);
        set.assume_init()
    }
}

#[cfg(any(target_os = "linux", target_os = "android"))]
fn is_pending() -> bool {
    let mut set = MaybeUninit::uninit();
    // SAFETY: sigpending writes the set, and the number is a signal.
    unsafe {
        libc::sigpending(set.as_mut_ptr()) == 0
            && libc::sigismember(set.as_ptr(), libc::SIGPIPE) == 1
    }
}

/// Elsewhere no such call is made.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
pub struct NoSigpipe {
    /// Nobody looks.
    pub is_suspect: bool,
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
impl NoSigpipe {
    /// Does nothing.
    pub fn begin() -> Self {
        Self { is_suspect: false }
    }
}
