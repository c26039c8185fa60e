//! `getsockopt(2)` and `setsockopt(2)`, and where each system has which option.

use std::ffi::{c_int, c_void};
use std::io;
use std::os::fd::{AsRawFd, BorrowedFd};

pub use place::*;

/// Where the system has an option: its level and its name.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    level: c_int,
    name: c_int,
}

/// Sets an option that is an integer.
pub fn set(fd: BorrowedFd<'_>, place: Place, value: c_int) -> io::Result<()> {
    set_bytes(fd, place, &value.to_ne_bytes())
}

/// Reads an option that is an integer.
pub fn read(fd: BorrowedFd<'_>, place: Place) -> io::Result<c_int> {
    let mut value = [0; size_of::<c_int>()];
    read_bytes(fd, place, &mut value)?;
    Ok(c_int::from_ne_bytes(value))
}

/// Sets an option to bytes.
pub fn set_bytes(fd: BorrowedFd<'_>, place: Place, value: &[u8]) -> io::Result<()> {
    let len = libc::socklen_t::try_from(value.len()).unwrap_or(0);
    let (fd, at) = (fd.as_raw_fd(), value.as_ptr().cast::<c_void>());
    // SAFETY: `value` has `len` bytes, which the call only reads.
    match unsafe { libc::setsockopt(fd, place.level, place.name, at, len) } {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}

/// Reads an option as bytes, and says how many there are.
pub fn read_bytes(fd: BorrowedFd<'_>, place: Place, out: &mut [u8]) -> io::Result<usize> {
    let mut len = libc::socklen_t::try_from(out.len()).unwrap_or(0);
    let (fd, at) = (fd.as_raw_fd(), out.as_mut_ptr().cast::<c_void>());
    // SAFETY: `out` has room for `len` bytes, and the call writes no more.
    match unsafe { libc::getsockopt(fd, place.level, place.name, at, &raw mut len) } {
        0 => Ok(usize::try_from(len).unwrap_or(0).min(out.len())),
        _ => Err(io::Error::last_os_error()),
    }
}

/// Sets the interface of multicast, by its number; 0 is none.
pub fn set_multicast_interface(fd: BorrowedFd<'_>, place: Place, index: c_int) -> io::Result<()> {
    if place.level == libc::IPPROTO_IPV6 {
        return set(fd, place, index);
    }
    // `struct ip_mreqn` (ip(7)): group, address, index. Those before the index stay zero.
    let mut value = [0; 12];
    if let Some(room) = value.last_chunk_mut() {
        *room = index.to_ne_bytes();
    }
    set_bytes(fd, place, &value)
}

/// How much larger a buffer reads than it was set, because the system counts its own needs (socket(7)).
pub const BUFFER_FACTOR: c_int =
    if cfg!(any(target_os = "linux", target_os = "android")) { 2 } else { 1 };

const fn at(level: c_int, name: c_int) -> Option<Place> {
    Some(Place { level, name })
}

const fn socket(name: c_int) -> Option<Place> {
    at(libc::SOL_SOCKET, name)
}

const fn tcp(name: c_int) -> Option<Place> {
    at(libc::IPPROTO_TCP, name)
}

const fn ip(name: c_int) -> Option<Place> {
    at(libc::IPPROTO_IP, name)
}

const fn ipv6(name: c_int) -> Option<Place> {
    at(libc::IPPROTO_IPV6, name)
}

#[cfg(any(target_os = "linux", target_os = "android"))]
#[allow(missing_docs, reason = "`option::id` documents each")]
mod place {
    use super::{Place, at, ip, ipv6, socket, tcp};

    pub const TYPE: Option<Place> = socket(libc::SO_TYPE);
    pub const FAMILY: Option<Place> = socket(libc::SO_DOMAIN);
    pub const PROTOCOL: Option<Place> = socket(libc::SO_PROTOCOL);
    pub const ACCEPTING: Option<Place> = socket(libc::SO_ACCEPTCONN);
    pub const REUSE_ADDRESS: Option<Place> = socket(libc::SO_REUSEADDR);
    pub const REUSE_PORT: Option<Place> = socket(libc::SO_REUSEPORT);
    pub const BROADCAST: Option<Place> = socket(libc::SO_BROADCAST);
    pub const KEEPALIVE: Option<Place> = socket(libc::SO_KEEPALIVE);
    pub const KEEPALIVE_IDLE: Option<Place> = tcp(libc::TCP_KEEPIDLE);
    pub const KEEPALIVE_INTERVAL: Option<Place> = tcp(libc::TCP_KEEPINTVL);
    pub const KEEPALIVE_COUNT: Option<Place> = tcp(libc::TCP_KEEPCNT);
    pub const USER_TIMEOUT: Option<Place> = tcp(libc::TCP_USER_TIMEOUT);
    pub const LINGER: Option<Place> = socket(libc::SO_LINGER);
    pub const SEND_BUFFER: Option<Place> = socket(libc::SO_SNDBUF);
    pub const RECV_BUFFER: Option<Place> = socket(libc::SO_RCVBUF);
    pub const NODELAY: Option<Place> = tcp(libc::TCP_NODELAY);
    pub const CORK: Option<Place> = tcp(libc::TCP_CORK);
    pub const QUICKACK: Option<Place> = tcp(libc::TCP_QUICKACK);
    pub const NOTSENT_LOWAT: Option<Place> = tcp(libc::TCP_NOTSENT_LOWAT);
    pub const TOS: Option<Place> = ip(libc::IP_TOS);
    pub const TCLASS: Option<Place> = ipv6(libc::IPV6_TCLASS);
    pub const CONGESTION: Option<Place> = tcp(libc::TCP_CONGESTION);
    pub const MARK: Option<Place> = socket(libc::SO_MARK);
    pub const PRIORITY: Option<Place> = socket(libc::SO_PRIORITY);
    pub const V6ONLY: Option<Place> = ipv6(libc::IPV6_V6ONLY);
    pub const FREEBIND: Option<Place> = ip(libc::IP_FREEBIND);
    pub const FREEBIND_V6: Option<Place> = ipv6(78);
    pub const TRANSPARENT: Option<Place> = ip(libc::IP_TRANSPARENT);
    pub const TRANSPARENT_V6: Option<Place> = ipv6(75);
    pub const BUSY_POLL: Option<Place> = socket(libc::SO_BUSY_POLL);
    pub const PREFER_BUSY_POLL: Option<Place> = socket(libc::SO_PREFER_BUSY_POLL);
    pub const INCOMING_CPU: Option<Place> = socket(libc::SO_INCOMING_CPU);
    pub const RECV_LOWAT: Option<Place> = socket(libc::SO_RCVLOWAT);
    pub const MAX_SEGMENT: Option<Place> = tcp(libc::TCP_MAXSEG);
    pub const DEFER_ACCEPT: Option<Place> = tcp(libc::TCP_DEFER_ACCEPT);
    pub const FAST_OPEN: Option<Place> = tcp(libc::TCP_FASTOPEN);
    pub const PMTU_DISCOVERY: Option<Place> = ip(libc::IP_MTU_DISCOVER);
    pub const PMTU_DISCOVERY_V6: Option<Place> = ipv6(libc::IPV6_MTU_DISCOVER);
    pub const MTU: Option<Place> = ip(14);
    pub const MTU_V6: Option<Place> = ipv6(24);
    pub const TTL: Option<Place> = ip(libc::IP_TTL);
    pub const HOPS: Option<Place> = ipv6(libc::IPV6_UNICAST_HOPS);
    pub const MIN_TTL: Option<Place> = ip(21);
    pub const MIN_HOPS: Option<Place> = ipv6(73);
    pub const MULTICAST_TTL: Option<Place> = ip(libc::IP_MULTICAST_TTL);
    pub const MULTICAST_HOPS: Option<Place> = ipv6(libc::IPV6_MULTICAST_HOPS);
    pub const MULTICAST_LOOP: Option<Place> = ip(libc::IP_MULTICAST_LOOP);
    pub const MULTICAST_LOOP_V6: Option<Place> = ipv6(libc::IPV6_MULTICAST_LOOP);
    pub const MULTICAST_ALL: Option<Place> = ip(49);
    pub const MULTICAST_ALL_V6: Option<Place> = ipv6(29);
    pub const MULTICAST_INTERFACE: Option<Place> = ip(libc::IP_MULTICAST_IF);
    pub const MULTICAST_INTERFACE_V6: Option<Place> = ipv6(libc::IPV6_MULTICAST_IF);
    pub const INTERFACE: Option<Place> = socket(libc::SO_BINDTODEVICE);
    pub const DONT_ROUTE: Option<Place> = socket(libc::SO_DONTROUTE);
    pub const OOB_INLINE: Option<Place> = socket(libc::SO_OOBINLINE);

    pub(in crate::net) const TCP_INFO: Option<Place> = tcp(libc::TCP_INFO);
    pub(in crate::net) const PEER_CREDENTIALS: Option<Place> = socket(libc::SO_PEERCRED);
    pub(in crate::net) const PEER_PIDFD: Option<Place> = socket(PEER_PIDFD_NAME);
    /// What a socket without a peer answers to that.
    pub(in crate::net) const NO_PEER: i32 = libc::ENODATA;
    /// Of IPv4 and of IPv6 (`linux/netfilter_ipv4.h`, `linux/netfilter_ipv6/ip6_tables.h`).
    pub(in crate::net) const ORIGINAL: [Option<Place>; 2] = [ip(80), at(libc::IPPROTO_IPV6, 80)];

    /// `asm-generic/socket.h`, and the two architectures with numbers of their own.
    #[cfg(not(any(target_arch = "sparc64", target_arch = "sparc")))]
    const PEER_PIDFD_NAME: i32 = 77;
    #[cfg(any(target_arch = "sparc64", target_arch = "sparc"))]
    const PEER_PIDFD_NAME: i32 = 0x56;
}

/// What POSIX and the BSDs have in common. Multicast there wants bytes, not integers, and is left out.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
#[allow(missing_docs, reason = "`option::id` documents each")]
mod place {
    use super::{Place, ip, ipv6, socket, tcp};

    pub const TYPE: Option<Place> = socket(libc::SO_TYPE);
    pub const FAMILY: Option<Place> = None;
    pub const PROTOCOL: Option<Place> = None;
    pub const ACCEPTING: Option<Place> = socket(libc::SO_ACCEPTCONN);
    pub const REUSE_ADDRESS: Option<Place> = socket(libc::SO_REUSEADDR);
    pub const REUSE_PORT: Option<Place> = socket(libc::SO_REUSEPORT);
    pub const BROADCAST: Option<Place> = socket(libc::SO_BROADCAST);
    pub const KEEPALIVE: Option<Place> = socket(libc::SO_KEEPALIVE);
    pub const KEEPALIVE_IDLE: Option<Place> = None;
    pub const KEEPALIVE_INTERVAL: Option<Place> = None;
    pub const KEEPALIVE_COUNT: Option<Place> = None;
    pub const USER_TIMEOUT: Option<Place> = None;
    pub const LINGER: Option<Place> = socket(libc::SO_LINGER);
    pub const SEND_BUFFER: Option<Place> = socket(libc::SO_SNDBUF);
    pub const RECV_BUFFER: Option<Place> = socket(libc::SO_RCVBUF);
    pub const NODELAY: Option<Place> = tcp(libc::TCP_NODELAY);
    pub const CORK: Option<Place> = None;
    pub const QUICKACK: Option<Place> = None;
    pub const NOTSENT_LOWAT: Option<Place> = None;
    pub const TOS: Option<Place> = ip(libc::IP_TOS);
    pub const TCLASS: Option<Place> = ipv6(libc::IPV6_TCLASS);
    pub const CONGESTION: Option<Place> = None;
    pub const MARK: Option<Place> = None;
    pub const PRIORITY: Option<Place> = None;
    pub const V6ONLY: Option<Place> = ipv6(libc::IPV6_V6ONLY);
    pub const FREEBIND: Option<Place> = None;
    pub const FREEBIND_V6: Option<Place> = None;
    pub const TRANSPARENT: Option<Place> = None;
    pub const TRANSPARENT_V6: Option<Place> = None;
    pub const BUSY_POLL: Option<Place> = None;
    pub const PREFER_BUSY_POLL: Option<Place> = None;
    pub const INCOMING_CPU: Option<Place> = None;
    pub const RECV_LOWAT: Option<Place> = socket(libc::SO_RCVLOWAT);
    pub const MAX_SEGMENT: Option<Place> = tcp(libc::TCP_MAXSEG);
    pub const DEFER_ACCEPT: Option<Place> = None;
    pub const FAST_OPEN: Option<Place> = None;
    pub const PMTU_DISCOVERY: Option<Place> = None;
    pub const PMTU_DISCOVERY_V6: Option<Place> = None;
    pub const MTU: Option<Place> = None;
    pub const MTU_V6: Option<Place> = None;
    pub const TTL: Option<Place> = ip(libc::IP_TTL);
    pub const HOPS: Option<Place> = ipv6(libc::IPV6_UNICAST_HOPS);
    pub const MIN_TTL: Option<Place> = None;
    pub const MIN_HOPS: Option<Place> = None;
    pub const MULTICAST_TTL: Option<Place> = None;
    pub const MULTICAST_HOPS: Option<Place> = None;
    pub const MULTICAST_LOOP: Option<Place> = None;
    pub const MULTICAST_LOOP_V6: Option<Place> = None;
    pub const MULTICAST_ALL: Option<Place> = None;
    pub const MULTICAST_ALL_V6: Option<Place> = None;
    pub const MULTICAST_INTERFACE: Option<Place> = None;
    pub const MULTICAST_INTERFACE_V6: Option<Place> = None;
    pub const INTERFACE: Option<Place> = None;
    pub const DONT_ROUTE: Option<Place> = socket(libc::SO_DONTROUTE);
    pub const OOB_INLINE: Option<Place> = socket(libc::SO_OOBINLINE);

    pub(in crate::net) const TCP_INFO: Option<Place> = None;
    pub(in crate::net) const PEER_CREDENTIALS: Option<Place> = None;
    pub(in crate::net) const PEER_PIDFD: Option<Place> = None;
    pub(in crate::net) const NO_PEER: i32 = libc::ENOTCONN;
    pub(in crate::net) const ORIGINAL: [Option<Place>; 2] = [None, None];
}
