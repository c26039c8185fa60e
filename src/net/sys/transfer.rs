//! From a file to a socket: `sendfile(2)`, `splice(2)`, and `pread(2)` for the rest.

use crate::error::Error;
use std::ffi::c_int;
use std::io;
use std::mem::MaybeUninit;
use std::os::fd::{AsRawFd, BorrowedFd, RawFd};

/// A descriptor of the host to send from.
///
/// Whether it is open is for the first call on it to find out; by the contract of the header the host
/// does not close it meanwhile.
pub fn borrowed<'a>(fd: i64) -> Result<BorrowedFd<'a>, Error> {
    let raw = RawFd::try_from(fd).ok().filter(|&raw| raw >= 0).ok_or_else(|| no_file(fd))?;
    // SAFETY: the number is not -1, and the host keeps it open for the call.
    Ok(unsafe { BorrowedFd::borrow_raw(raw) })
}

/// What a descriptor that cannot be read is answered.
pub fn no_file(fd: i64) -> Error {
    Error::wrong(format_args!("descriptor {fd} is not open for reading; pass an open file"))
}

/// Sends of a file without copying, from `*offset`, which moves, or from its own position.
#[cfg(any(target_os = "linux", target_os = "android"))]
pub fn sendfile(
    socket: BorrowedFd<'_>,
    file: BorrowedFd<'_>,
    offset: Option<&mut i64>,
    len: usize,
) -> io::Result<usize> {
    let at = offset.map_or(std::ptr::null_mut(), std::ptr::from_mut);
    // SAFETY: the offset is NULL or ours.
    counted(unsafe { libc::sendfile64(socket.as_raw_fd(), file.as_raw_fd(), at, len) })
}

/// Elsewhere bytes are copied.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
pub fn sendfile(
    _: BorrowedFd<'_>,
    _: BorrowedFd<'_>,
    _: Option<&mut i64>,
    _: usize,
) -> io::Result<usize> {
    Err(io::Error::from_raw_os_error(libc::ENOSYS))
}

/// Sends of a pipe without copying. What the socket does not take stays in the pipe.
#[cfg(any(target_os = "linux", target_os = "android"))]
pub fn splice(
    socket: BorrowedFd<'_>,
    pipe: BorrowedFd<'_>,
    len: usize,
    is_nowait: bool,
) -> io::Result<usize> {
    let flags = libc::SPLICE_F_MOVE | if is_nowait { libc::SPLICE_F_NONBLOCK } else { 0 };
    let none = std::ptr::null_mut();
    // SAFETY: no offsets.
    counted(unsafe { libc::splice(pipe.as_raw_fd(), none, socket.as_raw_fd(), none, len, flags) })
}

/// Elsewhere there is none.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
pub fn splice(_: BorrowedFd<'_>, _: BorrowedFd<'_>, _: usize, _: bool) -> io::Result<usize> {
    Err(io::Error::from_raw_os_error(libc::ENOSYS))
}

/// Reads at an offset, and leaves the file's own position as it is (pread(2)).
pub fn read_at<'a>(
    file: BorrowedFd<'_>,
    room: &'a mut [MaybeUninit<u8>],
    offset: i64,
) -> io::Result<&'a [u8]> {
    let at = libc::off_t::try_from(offset).map_err(|_| os(libc::EOVERFLOW))?;
    // SAFETY: the room is ours and has that many bytes.
    let count = counted(unsafe {
        libc::pread(file.as_raw_fd(), room.as_mut_ptr().cast(), room.len(), at)
    })?;
    let filled = room.get(..count).unwrap_or(&[]);
    // SAFETY: the system has written the first `count` bytes.
    Ok(unsafe { filled.assume_init_ref() })
}

/// The file's own position (lseek(2)). ESPIPE where a file has none.
pub fn position(file: BorrowedFd<'_>) -> io::Result<i64> {
    seek(file, 0, libc::SEEK_CUR)
}

/// Moves it.
pub fn set_position(file: BorrowedFd<'_>, offset: i64) -> io::Result<i64> {
    seek(file, libc::off_t::try_from(offset).map_err(|_| os(libc::EOVERFLOW))?, libc::SEEK_SET)
}

#[allow(clippy::useless_conversion, reason = "off_t has 32 bits on some systems")]
fn seek(file: BorrowedFd<'_>, offset: libc::off_t, whence: c_int) -> io::Result<i64> {
    // SAFETY: integers alone.
    let at = unsafe { libc::lseek(file.as_raw_fd(), offset, whence) };
    if at < 0 { Err(io::Error::last_os_error()) } else { Ok(i64::from(at)) }
}

/// O_NONBLOCK on a descriptor, until this is dropped: sendfile(2) and splice(2) have no MSG_DONTWAIT.
pub struct Nonblocking<'a> {
    fd: BorrowedFd<'a>,
    old: c_int,
}

impl<'a> Nonblocking<'a> {
    /// Sets it.
    pub fn new(fd: BorrowedFd<'a>) -> io::Result<Self> {
        // SAFETY: integers alone.
        let old = unsafe { libc::fcntl(fd.as_raw_fd(), libc::F_GETFL) };
        let this = Self { fd, old };
        if old < 0 || (this.changes() && this.set(old | libc::O_NONBLOCK) < 0) {
            return Err(io::Error::last_os_error());
        }
        Ok(this)
    }

    /// Whether it was not set before.
    fn changes(&self) -> bool {
        self.old >= 0 && self.old & libc::O_NONBLOCK == 0
    }

    fn set(&self, flags: c_int) -> c_int {
        // SAFETY: integers alone.
        unsafe { libc::fcntl(self.fd.as_raw_fd(), libc::F_SETFL, flags) }
    }
}

impl Drop for Nonblocking<'_> {
    fn drop(&mut self) {
        if self.changes() {
            self.set(self.old);
        }
    }
}

fn counted(result: isize) -> io::Result<usize> {
    usize::try_from(result).map_err(|_| io::Error::last_os_error())
}

fn os(number: c_int) -> io::Error {
    io::Error::from_raw_os_error(number)
}
