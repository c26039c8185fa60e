//! Threads of our own: detached, and with all signals blocked from their first instruction on.
//!
//! `std::thread` would do, but brings its bookkeeping of stack overflows with it, which is 15 KB of a
//! library that hardly ever starts a thread.

use super::signal;
use std::ffi::c_void;
use std::mem::MaybeUninit;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::{io, ptr};

type Body = Box<dyn FnOnce() + Send>;

/// Runs `body` on a new thread with a stack of `stack` bytes. A panic ends the thread, nothing else.
pub fn start(stack: usize, body: impl FnOnce() + Send + 'static) -> io::Result<()> {
    let body: Box<Body> = Box::new(Box::new(body));
    let attributes = Attributes::new(stack)?;
    let mut thread = MaybeUninit::uninit();
    let argument = Box::into_raw(body);
    // SAFETY: the attributes were initialized, and `enter` takes over the box behind `argument`.
    let status = signal::blocked(|| unsafe {
        libc::pthread_create(thread.as_mut_ptr(), &raw const attributes.0, enter, argument.cast())
    });
    if status != 0 {
        // SAFETY: no thread was started, so the box is still ours.
        drop(unsafe { Box::from_raw(argument) });
    }
    checked(status)
}

extern "C" fn enter(argument: *mut c_void) -> *mut c_void {
    name_self();
    // SAFETY: `start` passes a box to each thread that it starts, and forgets it.
    let body = unsafe { Box::from_raw(argument.cast::<Body>()) };
    // Nobody is there to be told.
    let _ = catch_unwind(AssertUnwindSafe(body));
    ptr::null_mut()
}

/// The name that `ps -L` and a debugger show.
fn name_self() {
    #[cfg(target_os = "linux")]
    // SAFETY: the name ends in NUL and has at most 16 bytes with it.
    unsafe {
        libc::pthread_setname_np(libc::pthread_self(), c"bojagi-resolve".as_ptr())
    };
}

struct Attributes(libc::pthread_attr_t);

impl Attributes {
    fn new(stack: usize) -> io::Result<Self> {
        let mut attributes = MaybeUninit::uninit();
        // SAFETY: there is room for the attributes, which the call initializes when it succeeds.
        checked(unsafe { libc::pthread_attr_init(attributes.as_mut_ptr()) })?;
        // SAFETY: it has succeeded.
        let mut this = Self(unsafe { attributes.assume_init() });
        // SAFETY: the attributes were initialized.
        checked(unsafe {
            libc::pthread_attr_setdetachstate(&raw mut this.0, libc::PTHREAD_CREATE_DETACHED)
        })?;
        // SAFETY: as above.
        checked(unsafe { libc::pthread_attr_setstacksize(&raw mut this.0, stack) })?;
        Ok(this)
    }
}

impl Drop for Attributes {
    fn drop(&mut self) {
        // SAFETY: they were initialized, and are destroyed once.
        unsafe { libc::pthread_attr_destroy(&raw mut self.0) };
    }
}

/// The calls of pthreads return their `errno`.
fn checked(status: i32) -> io::Result<()> {
    if status == 0 { Ok(()) } else { Err(io::Error::from_raw_os_error(status)) }
}
