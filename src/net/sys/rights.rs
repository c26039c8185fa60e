//! `sendmsg(2)` and `recvmsg(2)` with descriptors beside the bytes (SCM_RIGHTS in unix(7)).

use std::ffi::{c_int, c_uint};
use std::io;
use std::mem::MaybeUninit;
use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd, RawFd};

/// The most descriptors that one message carries (SCM_MAX_FD in Linux).
pub const DESCRIPTORS_MAX: usize = 253;

/// What has come.
#[derive(Debug)]
pub struct Received {
    /// The length of the message; of one that was cut its full length, where the system tells.
    pub len: usize,
    /// The descriptors, close-on-exec. Dropped, they are closed.
    pub descriptors: Vec<OwnedFd>,
    /// Whether descriptors came that could not be opened here.
    pub lost: bool,
}

/// Sends bytes, and descriptors with the first of them.
pub fn send(
    fd: BorrowedFd<'_>,
    data: &[u8],
    descriptors: &[RawFd],
    flags: c_int,
) -> io::Result<usize> {
    let mut part = libc::iovec { iov_base: data.as_ptr().cast_mut().cast(), iov_len: data.len() };
    let mut control = Control::new();
    let mut message = message(&mut part);
    if !descriptors.is_empty() {
        control.fill(&mut message, descriptors)?;
    }
    // SAFETY: the message points to `data`, which is only read, and to `control`; both outlive the call.
    let sent = unsafe { libc::sendmsg(fd.as_raw_fd(), &raw const message, flags) };
    usize::try_from(sent).map_err(|_| io::Error::last_os_error())
}

/// Receives bytes, and every descriptor that comes with them.
pub fn recv(fd: BorrowedFd<'_>, buf: &mut [MaybeUninit<u8>], flags: c_int) -> io::Result<Received> {
    let mut part = libc::iovec { iov_base: buf.as_mut_ptr().cast(), iov_len: buf.len() };
    let mut control = Control::new();
    let mut message = message(&mut part);
    message.msg_control = control.0.as_mut_ptr().cast();
    message.msg_controllen = size_of::<Control>() as _;
    let flags = flags | CLOEXEC;
    // SAFETY: the message points to `buf` and `control`, which have the room that it says.
    let len = unsafe { libc::recvmsg(fd.as_raw_fd(), &raw mut message, flags) };
    let len = usize::try_from(len).map_err(|_| io::Error::last_os_error())?;
    // SAFETY: the call has filled in `message` and what it points to.
    let descriptors = unsafe { opened(&message) };
    Ok(Received { len, descriptors, lost: message.msg_flags & libc::MSG_CTRUNC != 0 })
}

/// Room for the most descriptors, and for what the host may have asked the system to add: credentials, a
/// process, a security label.
#[repr(C, align(8))]
struct Control([u8; 1536]);

impl Control {
    fn new() -> Self {
        Self([0; 1536])
    }

    /// Puts descriptors in. There are at most DESCRIPTORS_MAX.
    fn fill(&mut self, message: &mut libc::msghdr, descriptors: &[RawFd]) -> io::Result<()> {
        let size = c_uint::try_from(size_of_val(descriptors)).unwrap_or(c_uint::MAX);
        if descriptors.len() > DESCRIPTORS_MAX {
            return Err(io::Error::from_raw_os_error(libc::EINVAL));
        }
        message.msg_control = self.0.as_mut_ptr().cast();
        // SAFETY: arithmetic only.
        message.msg_controllen = unsafe { libc::CMSG_SPACE(size) } as _;
        // SAFETY: `msg_control` has room for one header and DESCRIPTORS_MAX integers, is aligned for the
        // header, and is ours.
        unsafe {
            let header = libc::CMSG_FIRSTHDR(message);
            (*header).cmsg_level = libc::SOL_SOCKET;
            (*header).cmsg_type = libc::SCM_RIGHTS;
            (*header).cmsg_len = libc::CMSG_LEN(size) as _;
            let room = libc::CMSG_DATA(header).cast::<RawFd>();
            room.copy_from_nonoverlapping(descriptors.as_ptr(), descriptors.len());
        }
        Ok(())
    }
}

fn message(part: &mut libc::iovec) -> libc::msghdr {
    // SAFETY: msghdr is plain data for which all zeros are a valid value.
    let mut message: libc::msghdr = unsafe { std::mem::zeroed() };
    message.msg_iov = part;
    message.msg_iovlen = 1;
    message
}

/// Takes what the system has opened. That of a process (SCM_PIDFD), which only the host can have asked
/// for, is closed.
///
/// # Safety
///
/// `message` comes from a successful recvmsg(2), and its control block is still there.
unsafe fn opened(message: &libc::msghdr) -> Vec<OwnedFd> {
    let mut found = Vec::new();
    // SAFETY: the system has written a chain of headers into the block, each with its length.
    let mut header = unsafe { libc::CMSG_FIRSTHDR(message) };
    // SAFETY: as above: NULL, or a header in the block.
    while let Some(entry) = unsafe { header.as_ref() } {
        match (entry.cmsg_level, entry.cmsg_type) {
            // SAFETY: as above, and these two are entries of descriptors.
            (libc::SOL_SOCKET, libc::SCM_RIGHTS) => unsafe { take(header, &mut found) },
            // SAFETY: as above.
            (libc::SOL_SOCKET, SCM_PIDFD) => unsafe { take(header, &mut Vec::new()) },
            _ => {}
        }
        // SAFETY: as above.
        header = unsafe { libc::CMSG_NXTHDR(message, header) };
    }
    found
}

/// Takes the descriptors of one entry.
///
/// # Safety
///
/// `header` is an entry of descriptors that the system has written, whole.
unsafe fn take(header: *const libc::cmsghdr, found: &mut Vec<OwnedFd>) {
    // SAFETY: by the contract above. The type of the length differs between systems.
    #[allow(clippy::unnecessary_cast, clippy::useless_conversion, reason = "it differs")]
    let size = usize::try_from(unsafe { (*header).cmsg_len }).unwrap_or(0);
    // SAFETY: arithmetic only.
    let head = usize::try_from(unsafe { libc::CMSG_LEN(0) }).unwrap_or(size);
    for index in 0..size.saturating_sub(head) / size_of::<RawFd>() {
        // SAFETY: the entry holds so many integers behind its header.
        let fd = unsafe { libc::CMSG_DATA(header).cast::<RawFd>().add(index).read_unaligned() };
        if fd >= 0 {
            // SAFETY: the system has just opened it for us, and nobody else knows it.
            found.push(unsafe { OwnedFd::from_raw_fd(fd) });
        }
    }
}

/// SCM_PIDFD in `linux/socket.h`.
#[cfg(any(target_os = "linux", target_os = "android"))]
const SCM_PIDFD: c_int = 4;
#[cfg(not(any(target_os = "linux", target_os = "android")))]
const SCM_PIDFD: c_int = -1;

/// Apple's systems cannot open descriptors close-on-exec.
#[cfg(not(target_vendor = "apple"))]
const CLOEXEC: c_int = libc::MSG_CMSG_CLOEXEC;
#[cfg(target_vendor = "apple")]
const CLOEXEC: c_int = 0;
