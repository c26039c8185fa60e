//! Several pieces of memory in one call: `sendmsg(2)` and `recvmsg(2)`.

use std::ffi::{c_int, c_void};
use std::io::IoSlice;
use std::marker::PhantomData;
use std::mem::{MaybeUninit, offset_of};
use std::os::fd::{AsRawFd, BorrowedFd};
use std::{io, ptr, slice};

/// A piece of memory, laid out as the `struct iovec` of POSIX, to which a pointer may be cast.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct IoVec {
    /// Its first byte; NULL only when `len` is 0.
    pub data: *mut c_void,
    /// Its size in bytes; 0 is fine.
    pub len: usize,
}

const _: () = assert!(
    size_of::<IoVec>() == size_of::<libc::iovec>()
        && align_of::<IoVec>() == align_of::<libc::iovec>()
        && offset_of!(IoVec, data) == offset_of!(libc::iovec, iov_base)
        && offset_of!(IoVec, len) == offset_of!(libc::iovec, iov_len)
);

/// Pieces to send.
#[derive(Clone, Debug)]
pub struct Pieces<'a> {
    /// What is left, from the piece on that is sent next.
    list: &'a [IoVec],
    /// How many bytes of its first piece were sent already.
    inside: usize,
    /// How many bytes of all pieces were.
    at: usize,
    /// The next call's pieces, where the caller's first one is cut. The caller's array stays as it is.
    cut: Vec<IoVec>,
}

/// Pieces to receive into.
#[derive(Debug)]
pub struct Rooms<'a> {
    list: &'a [IoVec],
    memory: PhantomData<&'a mut [u8]>,
}

impl<'a> Pieces<'a> {
    /// Pieces of memory that C describes.
    ///
    /// # Safety
    ///
    /// Each is readable for `'a`.
    pub unsafe fn new(list: &'a [IoVec]) -> Self {
        Self { list, inside: 0, at: 0, cut: Vec::new() }
    }

    /// The same of slices, which have the layout of an [`IoVec`] by the word of the standard library.
    pub fn of(slices: &'a [IoSlice<'a>]) -> Self {
        // SAFETY: as many, laid out alike, and readable for as long.
        unsafe { Self::new(slice::from_raw_parts(slices.as_ptr().cast(), slices.len())) }
    }

    /// Sends once, from the byte `at` of them all on. `at` never goes back.
    pub fn send(&mut self, fd: BorrowedFd<'_>, at: usize, flags: c_int) -> io::Result<usize> {
        self.advance(at);
        let now = first(self.list);
        if self.inside == 0 {
            return send(fd, now, flags);
        }
        self.cut.clear();
        self.cut.extend_from_slice(now);
        if let Some(piece) = self.cut.first_mut() {
            piece.data = piece.data.wrapping_byte_add(self.inside);
            piece.len = piece.len.saturating_sub(self.inside);
        }
        send(fd, &self.cut, flags)
    }

    fn advance(&mut self, at: usize) {
        let mut step = at.saturating_sub(self.at);
        self.at = at;
        while let [piece, rest @ ..] = self.list {
            let left = piece.len.saturating_sub(self.inside);
            if step < left {
                self.inside += step;
                return;
            }
            step -= left;
            (self.list, self.inside) = (rest, 0);
        }
    }
}

impl<'a> Rooms<'a> {
    /// Room that C describes.
    ///
    /// # Safety
    ///
    /// Each piece is writable, and nobody else's, for `'a`.
    pub unsafe fn new(list: &'a [IoVec]) -> Self {
        let empty = list.iter().take_while(|piece| piece.len == 0).count();
        Self { list: list.get(empty..).unwrap_or(&[]), memory: PhantomData }
    }

    /// Receives once.
    pub fn recv(&mut self, fd: BorrowedFd<'_>, flags: c_int) -> io::Result<usize> {
        let mut message = message(first(self.list));
        // SAFETY: the pieces are writable by the promise of `new`, and the message is ours.
        let count = unsafe { libc::recvmsg(fd.as_raw_fd(), &raw mut message, flags) };
        usize::try_from(count).map_err(|_| io::Error::last_os_error())
    }
}

/// As many pieces as one call takes.
fn first(list: &[IoVec]) -> &[IoVec] {
    list.get(..MAX).unwrap_or(list)
}

/// `list` comes from a [`Pieces`], so its memory is readable.
fn send(fd: BorrowedFd<'_>, list: &[IoVec], flags: c_int) -> io::Result<usize> {
    let message = message(list);
    // SAFETY: the pieces are readable by the promise of `Pieces::new`; the call writes to none of them.
    let count = unsafe { libc::sendmsg(fd.as_raw_fd(), &raw const message, flags) };
    usize::try_from(count).map_err(|_| io::Error::last_os_error())
}

#[allow(clippy::useless_conversion, reason = "the count is an int on some systems")]
fn message(list: &[IoVec]) -> libc::msghdr {
    // SAFETY: a message without anything is all zeroes.
    let mut message = unsafe { MaybeUninit::<libc::msghdr>::zeroed().assume_init() };
    message.msg_iov = ptr::from_ref(list).cast_mut().cast();
    // At most MAX, which every type that systems have for it holds.
    message.msg_iovlen = list.len().try_into().unwrap_or(0);
    message
}

/// IOV_MAX of every system that we know.
pub(in crate::net) const MAX: usize = 1024;
