//! `struct sockaddr` from bytes that a caller has kept.

use socket2::{SockAddr, SockAddrStorage};
use std::mem::{offset_of, size_of};

/// The bytes of a `sockaddr`.
pub const STORAGE: usize = size_of::<libc::sockaddr_storage>();

/// Reads a `sockaddr`. Nothing unless the length is right for the family, which is one of ours.
pub fn read(bytes: &[u8]) -> Option<SockAddr> {
    let bytes = bytes.get(..UNIX_MAX).filter(|_| bytes.len() == UNIX_MAX + 1).unwrap_or(bytes);
    if bytes.len() > STORAGE || bytes.len() < size_of::<libc::sa_family_t>() {
        return None;
    }
    let mut storage = SockAddrStorage::zeroed();
    // SAFETY: sockaddr_storage is exactly the type that SockAddrStorage is a wrapper of.
    let target: &mut libc::sockaddr_storage = unsafe { storage.view_as() };
    let target: *mut libc::sockaddr_storage = target;
    // SAFETY: `target` has STORAGE bytes, and `bytes` is no longer; a reference never overlaps a
    // local variable.
    unsafe { target.cast::<u8>().copy_from_nonoverlapping(bytes.as_ptr(), bytes.len()) };
    let len = libc::socklen_t::try_from(bytes.len()).ok()?;
    // SAFETY: the storage is initialised (zeroed) in full, and `fits` refuses a family that is not
    // ours or a length that is not the family's, before anybody reads the address.
    let address = unsafe { SockAddr::new(storage, len) };
    fits(&address, bytes.len()).then_some(address)
}

/// The family of the bytes of a `sockaddr`. Nothing unless the length is right for it and it is one of
/// ours.
pub fn family(bytes: &[u8]) -> Option<i32> {
    let at = offset_of!(libc::sockaddr, sa_family);
    let number = bytes.get(at..at + size_of::<libc::sa_family_t>())?.try_into().ok()?;
    let family = i32::from(libc::sa_family_t::from_ne_bytes(number));
    is_length_of(family, bytes.len()).then_some(family)
}

/// Whether the bytes of a `sockaddr` are an address of IPv6, and not one of IPv4 that is written so.
pub fn is_over_ipv6(bytes: &[u8]) -> Option<bool> {
    family(bytes).map(|family| family == libc::AF_INET6 && !is_mapped(bytes))
}

/// Whether the bytes of a `sockaddr_in6` are an IPv4 address (RFC 4291 §2.5.5.2).
pub fn is_mapped(bytes: &[u8]) -> bool {
    bytes.get(IPV6_AT..).is_some_and(|ip| ip.starts_with(&MAPPED))
}

fn fits(address: &SockAddr, len: usize) -> bool {
    is_length_of(i32::from(address.family()), len)
}

fn is_length_of(family: i32, len: usize) -> bool {
    match family {
        libc::AF_INET => len == size_of::<libc::sockaddr_in>(),
        libc::AF_INET6 => len == size_of::<libc::sockaddr_in6>(),
        libc::AF_UNIX => (UNIX_PATH..=UNIX_MAX).contains(&len),
        _ => false,
    }
}

/// The address of a path that fills the `sockaddr_un` to its last byte: the system counts a NUL behind it
/// for which there is no room (unix(7)), and refuses that length when it is given back.
pub fn without_nul(mut address: SockAddr) -> SockAddr {
    if address.is_unix() && usize::try_from(address.len()).is_ok_and(|len| len > UNIX_MAX) {
        // SAFETY: shorter than it was, and the storage is initialised in full.
        unsafe { address.set_length(UNIX_MAX.try_into().unwrap_or(0)) };
    }
    address
}

/// The longest Unix address.
const UNIX_MAX: usize = size_of::<libc::sockaddr_un>();

/// Where an IPv6 address stands.
pub const IPV6_AT: usize = offset_of!(libc::sockaddr_in6, sin6_addr);

/// What an IPv4 address begins with where it stands for an IPv6 one (RFC 4291 §2.5.5.2).
pub const MAPPED: [u8; 12] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff];

/// Where the path of a Unix address begins.
pub const UNIX_PATH: usize = offset_of!(libc::sockaddr_un, sun_path);

/// The longest path of a Unix socket, without its NUL.
pub const UNIX_PATH_MAX: usize = size_of::<libc::sockaddr_un>() - UNIX_PATH - 1;

/// The bytes of an address.
pub fn bytes(address: &SockAddr) -> &[u8] {
    let len = usize::try_from(address.len()).map_or(0, |len| len.min(STORAGE));
    // SAFETY: the storage has STORAGE bytes, all initialised, and lives as long as the address.
    unsafe { std::slice::from_raw_parts(address.as_ptr().cast(), len) }
}
