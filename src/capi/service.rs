//! Descriptors from a service manager.

use super::address::write_text;
use super::guard::{count, guard};
use super::ptr;
use crate::error::Error;
use crate::net::service::Passed;
use std::ffi::c_char;
use std::mem::MaybeUninit;

/// Says how many descriptors a service manager has passed to this process (sd_listen_fds(3)), and writes
/// their numbers, 3, 4, 5 ..., to `fds`, an array of `cap`, as far as they fit; `(NULL, 0)` only counts.
///
/// Each is closed on exec from now on. They are the caller's: hand each to `bojagi_listener_from_fd` or
/// `bojagi_socket_from_fd`, or close it. Ask once, early in the program: a number that was closed is an
/// error later, or another file's. This function and `bojagi_listen_fd_name` alone read the environment,
/// because that is where the manager says it: LISTEN_PID, which must be this process, LISTEN_FDS,
/// LISTEN_FDNAMES. No other thread may change it meanwhile. It stays as it is; in a child it means
/// nothing, since LISTEN_PID is another.
///
/// Returns 0 when there are none. Errors: BOJAGI_E_ARG when the values are no numbers, the names are not
/// as many, or a descriptor is not open.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn bojagi_listen_fds(fds: *mut i64, cap: usize) -> i64 {
    guard(|| {
        // SAFETY: from C, under the contract of the header.
        let room = unsafe { ptr::room(fds, cap, "fds") }?;
        let passed = Passed::read()?.take()?;
        let len = passed.len();
        for (place, fd) in room.iter_mut().zip(passed) {
            *place = MaybeUninit::new(i64::from(fd));
        }
        Ok(count(len))
    })
}

/// Writes the name of a descriptor that was passed (FileDescriptorName= of systemd.socket(5)), and a NUL,
/// to `out`; `index` 0 is descriptor 3. "unknown" where the manager has named none.
///
/// Returns the length without the NUL; `(NULL, 0)` only measures. Errors: BOJAGI_E_SPACE when the name and
/// its NUL do not fit; BOJAGI_E_ARG when there is no such descriptor, or as `bojagi_listen_fds`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bojagi_listen_fd_name(index: u32, out: *mut c_char, cap: usize) -> i64 {
    guard(|| {
        let passed = Passed::read()?;
        let name: Result<&[u8], Error> = passed.name(index);
        // SAFETY: from C, under the contract of the header.
        unsafe { write_text(name?, out, cap) }
    })
}
