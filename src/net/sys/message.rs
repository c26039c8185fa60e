//! `sendmsg(2)`, `recvmsg(2)`, and `sendmmsg(2)`, `recvmmsg(2)` for several messages at once.
//!
//! All headers stand on the stack. Where the system has no calls for several messages, or they are
//! forbidden (ENOSYS), each message is a call of its own.

use super::control::{self, Control, Run};
use super::flag;
use crate::error::Error;
use crate::net::direction::Mode;
use crate::net::plain::{Address, BOJAGI_DATAGRAM_LOCAL, BOJAGI_DATAGRAM_TRUNCATED, Datagram};
use std::ffi::c_int;
use std::io;
use std::mem::MaybeUninit;
use std::os::fd::{AsRawFd, BorrowedFd};
use std::ptr::null_mut;
use std::sync::atomic::{AtomicBool, Ordering};

/// The most messages of one system call.
pub const MESSAGES: usize = 64;
/// The most datagrams of one system call: each takes an iovec, of which a message has at most 1024.
pub const DATAGRAMS: usize = 512;

/// Datagrams to send, whose bytes may be read.
#[derive(Clone, Copy)]
pub struct Outgoing<'a>(&'a [Datagram]);

/// Datagrams to receive, whose room may be written to.
pub struct Incoming<'a>(&'a mut [Datagram]);

/// What the system says of messages that were received into room of ours.
pub struct Kept<const N: usize>([Datagram; N]);

// SAFETY: its pointers are used through `Kept::over` alone, which has set them to where its caller may
// write.
unsafe impl<const N: usize> Send for Kept<N> {}

/// What a receive has brought.
pub struct Received {
    /// How many messages.
    pub count: usize,
    /// Whether as many came as were asked for: there may be more.
    pub is_full: bool,
}

/// How to receive.
#[derive(Clone, Copy)]
pub struct How {
    /// Whether the system may wait for the first message.
    pub mode: Mode,
    /// Whether control messages are wanted.
    pub control: bool,
    /// The port of this side.
    pub port: u16,
}

impl<'a> Outgoing<'a> {
    /// Datagrams of the caller's.
    ///
    /// # Safety
    ///
    /// Each `data` that is not NULL may be read for `len` bytes as long as the list lives.
    pub unsafe fn new(list: &'a [Datagram]) -> Self {
        Self(list)
    }

    /// What is behind the first `count`.
    pub fn after(self, count: usize) -> Self {
        Self(self.0.get(count..).unwrap_or_default())
    }

    /// The datagrams.
    pub fn datagrams(self) -> &'a [Datagram] {
        self.0
    }
}

impl<'a> Incoming<'a> {
    /// Datagrams of the caller's.
    ///
    /// # Safety
    ///
    /// Each `data` that is not NULL may be written to for `cap` bytes as long as the list lives.
    pub unsafe fn new(list: &'a mut [Datagram]) -> Result<Self, Error> {
        for datagram in list.iter() {
            check(datagram.data, datagram.cap)?;
        }
        Ok(Self(list))
    }

    /// A datagram that gets this room.
    pub fn over(datagram: &'a mut Datagram, room: &'a mut [MaybeUninit<u8>]) -> Self {
        (datagram.data, datagram.cap) = (room.as_mut_ptr().cast(), room.len());
        Self(std::slice::from_mut(datagram))
    }

    /// How many.
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// The first `count` datagrams that have been filled.
    pub fn filled(&mut self, count: usize) -> &mut [Datagram] {
        self.0.get_mut(..count).unwrap_or_default()
    }

    /// What is behind the first `done`, at most `most`.
    pub fn part(&mut self, done: usize, most: usize) -> Incoming<'_> {
        let rest = self.0.get_mut(done..).unwrap_or_default();
        let most = rest.len().min(most);
        Incoming(rest.get_mut(..most).unwrap_or_default())
    }

    /// Hands over datagrams of `segment` bytes, the last perhaps shorter, from `done` on; each has what was
    /// kept of all. Says how many bytes had a place.
    pub fn fill(
        &mut self,
        done: usize,
        bytes: &[MaybeUninit<u8>],
        segment: usize,
        kept: &Datagram,
    ) -> (usize, usize) {
        let (mut rest, mut count) = (bytes, 0);
        for datagram in self.0.get_mut(done..).unwrap_or_default() {
            let (piece, later) = rest.split_at(segment.min(rest.len()));
            // SAFETY: `data` has `cap` bytes to write to by the promise of `new` or of the slices of
            // `over`, and nothing of ours is the caller's.
            unsafe { give(kept, datagram, piece) };
            (rest, count) = (later, count + 1);
            if rest.is_empty() {
                break;
            }
        }
        (count, bytes.len() - rest.len())
    }
}

impl<const N: usize> Kept<N> {
    /// Nothing.
    pub const NONE: Self = Self([Datagram::NONE; N]);

    /// Datagrams that get their room from `rooms`; as many as both have.
    pub fn over<'a>(
        &'a mut self,
        rooms: impl Iterator<Item = &'a mut [MaybeUninit<u8>]>,
    ) -> Incoming<'a> {
        let mut count = 0;
        for (datagram, room) in self.0.iter_mut().zip(rooms) {
            (datagram.data, datagram.cap) = (room.as_mut_ptr().cast(), room.len());
            count += 1;
        }
        Incoming(self.0.get_mut(..count).unwrap_or_default())
    }

    /// What is said of each.
    pub fn datagrams(&self) -> &[Datagram; N] {
        &self.0
    }
}

/// Gives these bytes, and what is said `from` another datagram, to a datagram.
///
/// # Safety
///
/// `datagram.data` may be written to for `cap` bytes.
#[inline(always)]
unsafe fn give(from: &Datagram, datagram: &mut Datagram, bytes: &[MaybeUninit<u8>]) {
    let len = bytes.len().min(datagram.cap);
    (datagram.len, datagram.full_len) = (len, bytes.len());
    datagram.flags = from.flags;
    if len < bytes.len() {
        datagram.flags |= BOJAGI_DATAGRAM_TRUNCATED;
    }
    // Groups are UDP's. The front is fast to copy, and the rest has never been written to.
    datagram.peer.len = from.peer.len;
    if let (Some(to), Some(from)) =
        (datagram.peer.storage.first_chunk_mut(), from.peer.storage.first_chunk::<INET_MAX>())
    {
        *to = *from;
    }
    if from.flags != 0 {
        give_parts(from, datagram);
    }
    if len != 0 {
        // SAFETY: as promised, and `bytes` is no shorter; ours and the caller's never overlap.
        unsafe { datagram.data.cast::<u8>().copy_from_nonoverlapping(bytes.as_ptr().cast(), len) };
    }
}

#[inline(never)]
fn give_parts(from: &Datagram, datagram: &mut Datagram) {
    (datagram.tos, datagram.hops) = (from.tos, from.hops);
    if from.flags & BOJAGI_DATAGRAM_LOCAL != 0 {
        (datagram.local, datagram.interface_index) = (from.local, from.interface_index);
    }
}

impl Datagram {
    /// A datagram without anything.
    pub const NONE: Self = Self {
        data: null_mut(),
        len: 0,
        cap: 0,
        full_len: 0,
        peer: Address::NONE,
        local: Address::NONE,
        interface_index: 0,
        flags: 0,
        tos: 0,
        hops: 0,
        reserved: [0; 2],
    };

    /// Refuses bytes that cannot be.
    pub fn check_to_send(&self) -> Result<(), Error> {
        check(self.data, self.len)
    }
}

/// Sends one message for each run, without waiting. Says how many messages were sent.
pub fn send(socket: BorrowedFd<'_>, list: Outgoing<'_>, runs: &[Run]) -> io::Result<usize> {
    let mut headers = [const { MaybeUninit::<Header>::uninit() }; MESSAGES];
    let mut pieces = [const { MaybeUninit::<libc::iovec>::uninit() }; DATAGRAMS];
    let mut controls = [const { MaybeUninit::<Control>::uninit() }; MESSAGES];
    let mut datagrams = list.0;
    let mut room = pieces.as_mut_slice();
    let mut count = 0;
    for ((run, header), control) in runs.iter().zip(&mut headers).zip(&mut controls) {
        let len = usize::from(run.count);
        let Some((message, later)) = datagrams.split_at_checked(len) else { break };
        let (Some((iov, free)), Some(first)) = (room.split_at_mut_checked(len), message.first())
        else {
            break;
        };
        for (piece, datagram) in iov.iter_mut().zip(message) {
            piece.write(libc::iovec { iov_base: datagram.data, iov_len: datagram.len });
        }
        let header = header.write(blank());
        set_name(header, first.peer.storage.as_ptr().cast_mut(), first.peer.len);
        set_pieces(header, iov);
        if run.count > 1 || first.flags != 0 {
            let control = control.write(Control([0; 256]));
            let used = control::write(control, first, *run);
            set_control(header, control, used);
        }
        (datagrams, room, count) = (later, free, count + 1);
    }
    // SAFETY: the first `count` headers were written, and all that they point to lives until the end: the
    // caller's bytes by the promise of `Outgoing`, which the system only reads.
    let sent = unsafe { call(&mut headers, count, |at, n| transmit(socket, at, n)) };
    sent.map(|(sent, _)| sent)
}

/// Receives messages, each into one datagram of the list. `segments` gets for each, as far as it reaches,
/// the length of the datagrams that it holds, 0 for one only.
pub fn recv(
    socket: BorrowedFd<'_>,
    list: &mut Incoming<'_>,
    how: How,
    segments: &mut [usize],
) -> io::Result<Received> {
    let mut headers = [const { MaybeUninit::<Header>::uninit() }; MESSAGES];
    let mut pieces = [const { MaybeUninit::<libc::iovec>::uninit() }; MESSAGES];
    let mut controls = [const { MaybeUninit::<Control>::uninit() }; MESSAGES];
    let mut count = 0;
    for ((datagram, header), (piece, control)) in
        list.0.iter_mut().zip(&mut headers).zip(pieces.iter_mut().zip(&mut controls))
    {
        piece.write(libc::iovec { iov_base: datagram.data, iov_len: datagram.cap });
        let header = header.write(blank());
        set_name(header, datagram.peer.storage.as_mut_ptr(), NAME_MAX);
        set_pieces(header, std::slice::from_mut(piece));
        if how.control {
            // Only what the system has written is read.
            set_control(header, control.write(Control([0; 256])), size_of::<Control>());
        }
        count += 1;
    }
    // SAFETY: the first `count` headers were written, and all that they point to lives until the end: the
    // caller's room by the promise of `Incoming`.
    let (count, asked) =
        unsafe { call(&mut headers, count, |at, n| receive(socket, at, n, how.mode)) }?;
    let mut segments = segments.iter_mut();
    for ((datagram, header), control) in list.0.iter_mut().zip(&headers).zip(&controls).take(count)
    {
        // SAFETY: one of the first `count`, which were written.
        let header = unsafe { header.assume_init_ref() };
        take(datagram, header);
        if how.control {
            // SAFETY: with `control` it was written.
            let bytes = unsafe { &control.assume_init_ref().0 };
            let used = bytes.get(..control_len(header)).unwrap_or_default();
            let length = control::read(used, datagram, how.port);
            if let Some(segment) = segments.next() {
                *segment = length;
            }
        }
    }
    Ok(Received { count, is_full: count == asked })
}

/// What a header says of its datagram. The bytes of the peer's address are in place.
fn take(datagram: &mut Datagram, header: &Header) {
    let full = usize::try_from(header.msg_len).unwrap_or(usize::MAX);
    let is_cut = full > datagram.cap || header.msg_hdr.msg_flags & libc::MSG_TRUNC != 0;
    datagram.full_len = full;
    datagram.len = full.min(datagram.cap);
    datagram.flags = if is_cut { BOJAGI_DATAGRAM_TRUNCATED } else { 0 };
    datagram.peer.len = header.msg_hdr.msg_namelen.min(NAME_MAX);
}

/// Makes a call for the first `count` headers: for all of them at once where the system can, else for one.
/// Says how many it did, and for how many the call was.
///
/// # Safety
///
/// The first `count` headers are written, and what they point to may be used by the call.
unsafe fn call(
    headers: &mut [MaybeUninit<Header>; MESSAGES],
    count: usize,
    attempt: impl Fn(*mut Header, usize) -> io::Result<usize>,
) -> io::Result<(usize, usize)> {
    let at = headers.as_mut_ptr().cast::<Header>();
    if count > 1 && !ALONE.load(Ordering::Relaxed) {
        match attempt(at, count) {
            Err(error) if error.raw_os_error() == Some(libc::ENOSYS) => {
                ALONE.store(true, Ordering::Relaxed);
            }
            result => return Ok((result?, count)),
        }
    }
    Ok((attempt(at, 1)?, 1))
}

/// Whether the calls for several messages were refused by this system.
static ALONE: AtomicBool = AtomicBool::new(false);

/// # Safety
///
/// As for `call`.
unsafe fn transmit(socket: BorrowedFd<'_>, at: *mut Header, count: usize) -> io::Result<usize> {
    let flags = flag::NOSIGNAL | flag::DONTWAIT;
    if count == 1 {
        // SAFETY: as promised to `call`.
        let sent = unsafe { libc::sendmsg(socket.as_raw_fd(), &raw const (*at).msg_hdr, flags) };
        return if sent < 0 { Err(io::Error::last_os_error()) } else { Ok(1) };
    }
    // SAFETY: as promised to `call`.
    unsafe { several(true, socket, at, count, flags) }
}

/// # Safety
///
/// As for `call`.
unsafe fn receive(
    socket: BorrowedFd<'_>,
    at: *mut Header,
    count: usize,
    mode: Mode,
) -> io::Result<usize> {
    let dontwait = if mode == Mode::NoWait { flag::DONTWAIT } else { 0 };
    let flags = flag::FULL_LENGTH | dontwait;
    if count == 1 {
        // SAFETY: as promised to `call`.
        let len = unsafe { libc::recvmsg(socket.as_raw_fd(), &raw mut (*at).msg_hdr, flags) };
        let Ok(len) = u32::try_from(len) else { return Err(io::Error::last_os_error()) };
        // SAFETY: as promised to `call`.
        unsafe { (*at).msg_len = len };
        return Ok(1);
    }
    // SAFETY: as promised to `call`.
    unsafe { several(false, socket, at, count, flags) }
}

#[cfg(any(target_os = "linux", target_os = "android"))]
unsafe fn several(
    sends: bool,
    socket: BorrowedFd<'_>,
    at: *mut Header,
    count: usize,
    flags: c_int,
) -> io::Result<usize> {
    let (fd, count) = (socket.as_raw_fd(), u32::try_from(count).unwrap_or(1));
    #[allow(clippy::useless_conversion, reason = "musl's flags are unsigned")]
    let done = if sends {
        // SAFETY: as promised to `call`.
        unsafe { libc::sendmmsg(fd, at, count, flags.try_into().unwrap_or(0)) }
    } else {
        let flags = flags | libc::MSG_WAITFORONE;
        // SAFETY: as promised to `call`; without a time-out, which counts from message to message only.
        unsafe { libc::recvmmsg(fd, at, count, flags.try_into().unwrap_or(0), null_mut()) }
    };
    usize::try_from(done).map_err(|_| io::Error::last_os_error())
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
unsafe fn several(
    _: bool,
    _: BorrowedFd<'_>,
    _: *mut Header,
    _: usize,
    _: c_int,
) -> io::Result<usize> {
    Err(io::Error::from_raw_os_error(libc::ENOSYS))
}

#[cfg(any(target_os = "linux", target_os = "android"))]
type Header = libc::mmsghdr;

/// Linux's `mmsghdr`.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
struct Header {
    msg_hdr: libc::msghdr,
    msg_len: u32,
}

fn blank() -> Header {
    // SAFETY: plain data, for which all zeros are a valid value.
    unsafe { std::mem::zeroed() }
}

fn set_name(header: &mut Header, at: *mut u8, len: u32) {
    if len != 0 {
        header.msg_hdr.msg_name = at.cast();
        header.msg_hdr.msg_namelen = len;
    }
}

#[allow(clippy::useless_conversion, reason = "int with some C libraries")]
fn set_pieces(header: &mut Header, pieces: &mut [MaybeUninit<libc::iovec>]) {
    header.msg_hdr.msg_iov = pieces.as_mut_ptr().cast();
    header.msg_hdr.msg_iovlen = pieces.len().try_into().unwrap_or(0);
}

#[allow(clippy::useless_conversion, reason = "socklen_t with some C libraries")]
fn set_control(header: &mut Header, control: &mut Control, len: usize) {
    if len != 0 {
        header.msg_hdr.msg_control = (&raw mut control.0).cast();
        header.msg_hdr.msg_controllen = len.try_into().unwrap_or(0);
    }
}

#[allow(clippy::useless_conversion, reason = "socklen_t with some C libraries")]
fn control_len(header: &Header) -> usize {
    usize::try_from(header.msg_hdr.msg_controllen).unwrap_or(0)
}

/// Whether `len` bytes can be at `data` at all. In a loop over a whole batch: it has to be short.
#[inline(always)]
fn check(data: *mut std::ffi::c_void, len: usize) -> Result<(), Error> {
    let is_possible = len == 0 || (!data.is_null() && isize::try_from(len).is_ok());
    if is_possible { Ok(()) } else { Err(impossible()) }
}

#[cold]
#[inline(never)]
fn impossible() -> Error {
    Error::argument("data of a datagram is NULL or too long; pass a pointer and its length")
}

/// No address of IPv4 or IPv6 has more bytes.
pub const INET_MAX: usize = 32;

/// The bytes of an address.
const NAME_MAX: u32 = 128;
