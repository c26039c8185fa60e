//! Addresses in the caller's memory.

use super::guard::{count, guard};
use super::ptr;
use crate::error::{Cause, Error};
use crate::net::addr::{self, Family};
pub use crate::net::plain::Address;
use crate::net::unix;
use std::ffi::c_char;
use std::mem::MaybeUninit;

/// `bojagi_address_family`: an unnamed Unix socket; it has no address.
pub const BOJAGI_FAMILY_NONE: i64 = 0;
/// `bojagi_address_family`: a path or an abstract name.
pub const BOJAGI_FAMILY_UNIX: i64 = 1;
/// `bojagi_address_family`: IPv4.
pub const BOJAGI_FAMILY_IPV4: i64 = 4;
/// `bojagi_address_family`: IPv6.
pub const BOJAGI_FAMILY_IPV6: i64 = 6;

/// Reads a numeric address, without looking anything up, to `*out`.
///
/// `host` is IPv4, or IPv6 with or without brackets and `%scope`, where the scope is the number or the
/// name of an interface (RFC 4007 §11). `port` is 0 to 65535. Returns 0. Errors: BOJAGI_E_ARG.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn bojagi_address_parse(
    host: *const c_char,
    port: u32,
    out: *mut Address,
) -> i64 {
    guard(|| {
        ptr::check(out, "out")?;
        // SAFETY: from C, under the contract of the header.
        let host = unsafe { ptr::text(host, "host") }?;
        let port = self::port(port)?;
        let address = str::from_utf8(host).ok().and_then(|host| addr::Address::numeric(host, port));
        let address = address.ok_or_else(|| {
            Error::argument("the host is no numeric address; use bojagi_resolve for a name")
        })?;
        // SAFETY: checked above.
        unsafe { ptr::write(out, Address::from(&address)) };
        Ok(0)
    })
}

/// Makes the address of a Unix socket at `*out`: a path, or `@name` for a name in Linux's abstract
/// namespace (unix(7)). `@` alone is the unnamed address, which reaches nobody.
///
/// Returns 0. Errors: BOJAGI_E_ARG when it is empty or longer than the system allows (107 bytes on
/// Linux); BOJAGI_E_UNSUPPORTED for an abstract name elsewhere.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn bojagi_address_unix(path: *const c_char, out: *mut Address) -> i64 {
    guard(|| {
        ptr::check(out, "out")?;
        // SAFETY: from C, under the contract of the header.
        let address = unix::address(unsafe { ptr::text(path, "path") }?)?;
        // SAFETY: checked above.
        unsafe { ptr::write(out, Address::from(&address)) };
        Ok(0)
    })
}

/// Writes an address as people do, and a NUL, to `out`: `127.0.0.1:80`, `[::1]:80`, `unix:/path`,
/// `unix:@name`, or `unix:` for an unnamed one. A NUL inside an abstract name shows as "@".
///
/// Returns the length without the NUL; `(NULL, 0)` only measures. Errors: BOJAGI_E_SPACE when the text
/// and its NUL do not fit; BOJAGI_E_ARG when `address` is none.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bojagi_address_format(
    address: *const Address,
    out: *mut c_char,
    cap: usize,
) -> i64 {
    // SAFETY: from C, under the contract of the header.
    guard(|| unsafe { write_text(&read(address)?.text(), out, cap) })
}

/// Writes the host of an address, and a NUL, to `out`: "127.0.0.1", "::1", "fe80::1%2", "/path", "@name",
/// or "" for an unnamed one.
///
/// Returns and fails as `bojagi_address_format`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bojagi_address_host(
    address: *const Address,
    out: *mut c_char,
    cap: usize,
) -> i64 {
    // SAFETY: from C, under the contract of the header.
    guard(|| unsafe { write_text(&read(address)?.host(), out, cap) })
}

/// The port of an address, 0 to 65535, in the host's byte order. Errors: BOJAGI_E_UNSUPPORTED for a
/// Unix address, BOJAGI_E_ARG when `address` is none.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bojagi_address_port(address: *const Address) -> i64 {
    guard(|| {
        // SAFETY: from C, under the contract of the header.
        let port = unsafe { read(address) }?.port();
        port.map(i64::from).ok_or_else(|| {
            Error::unsupported("a unix address has no port; look at its family first")
        })
    })
}

/// A BOJAGI_FAMILY_. Errors: BOJAGI_E_ARG when `address` is none.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bojagi_address_family(address: *const Address) -> i64 {
    guard(|| {
        // SAFETY: from C, under the contract of the header.
        Ok(match unsafe { read(address) }?.family() {
            Family::None => BOJAGI_FAMILY_NONE,
            Family::Unix => BOJAGI_FAMILY_UNIX,
            Family::Ipv4 => BOJAGI_FAMILY_IPV4,
            Family::Ipv6 => BOJAGI_FAMILY_IPV6,
        })
    })
}

/// The address that C has kept.
pub(super) unsafe fn read(address: *const Address) -> Result<addr::Address, Error> {
    // SAFETY: from C, under the contract of the header.
    let address = unsafe { ptr::object(address, "address") }?;
    parsed(address).ok_or_else(|| {
        Error::argument("the address holds none; fill it with bojagi_address_parse first")
    })
}

/// The address that the bytes are, if they are one.
pub(super) fn parsed(address: &Address) -> Option<addr::Address> {
    address.bytes().and_then(addr::Address::read)
}

/// A port, checked.
pub(super) fn port(port: u32) -> Result<u16, Error> {
    u16::try_from(port)
        .map_err(|_| Error::wrong(format_args!("port {port} is above 65535; pass less")))
}

impl From<&addr::Address> for Address {
    fn from(address: &addr::Address) -> Self {
        Self::of(address.bytes())
    }
}

/// Copies a text and a NUL to the caller.
pub(super) unsafe fn write_text(text: &[u8], out: *mut c_char, cap: usize) -> Result<i64, Error> {
    // SAFETY: from C, under the contract of the header.
    let room = unsafe { ptr::room(out, cap, "out") }?;
    if !room.is_empty() {
        let len = text.len() + 1;
        if room.len() < len {
            return Err(Cause::Space { len, cap }.into());
        }
        for (to, from) in room.iter_mut().zip(text.iter().chain(std::iter::once(&0))) {
            *to = MaybeUninit::new(c_char::from_ne_bytes([*from]));
        }
    }
    Ok(count(text.len()))
}
