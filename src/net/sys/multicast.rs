//! Membership in multicast groups, by the calls that know no family (RFC 3678 §5).

use socket2::SockAddr;
use std::io;
use std::os::fd::BorrowedFd;

/// Joins a group, or leaves it; only what `source` sends, where there is one. Interface 0 is the one that
/// the system chooses.
#[cfg(any(target_os = "linux", target_os = "android"))]
pub fn change(
    socket: BorrowedFd<'_>,
    joins: bool,
    interface: u32,
    group: &SockAddr,
    source: Option<&SockAddr>,
) -> io::Result<()> {
    use super::address::bytes;
    use std::mem::{offset_of, size_of};
    use std::os::fd::AsRawFd;

    let mut request = [0u8; size_of::<libc::group_source_req>()];
    let mut put = |at: usize, bytes: &[u8]| {
        if let Some(room) = request.get_mut(at..at + bytes.len()) {
            room.copy_from_slice(bytes);
        }
    };
    put(offset_of!(libc::group_source_req, gsr_interface), &interface.to_ne_bytes());
    put(offset_of!(libc::group_source_req, gsr_group), bytes(group));
    if let Some(source) = source {
        put(offset_of!(libc::group_source_req, gsr_source), bytes(source));
    }
    // A group_req is the beginning of a group_source_req.
    let (name, len) = match (joins, source.is_some()) {
        (true, true) => (libc::MCAST_JOIN_SOURCE_GROUP, size_of::<libc::group_source_req>()),
        (false, true) => (libc::MCAST_LEAVE_SOURCE_GROUP, size_of::<libc::group_source_req>()),
        (true, false) => (libc::MCAST_JOIN_GROUP, size_of::<libc::group_req>()),
        (false, false) => (libc::MCAST_LEAVE_GROUP, size_of::<libc::group_req>()),
    };
    let level = if group.is_ipv6() { libc::IPPROTO_IPV6 } else { libc::IPPROTO_IP };
    let len = libc::socklen_t::try_from(len).unwrap_or(0);
    let at = request.as_ptr().cast();
    // SAFETY: `request` has at least `len` bytes and is only read, which the system does byte by byte.
    match unsafe { libc::setsockopt(socket.as_raw_fd(), level, name, at, len) } {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}

/// Not written for this system.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
pub fn change(
    _: BorrowedFd<'_>,
    _: bool,
    _: u32,
    _: &SockAddr,
    _: Option<&SockAddr>,
) -> io::Result<()> {
    Err(io::Error::from_raw_os_error(libc::EOPNOTSUPP))
}
