//! Listening, and binding datagram sockets.

use super::address;
use super::cancel::{self, Cancel};
use super::guard::guard;
use super::listener::Listener;
use super::plan::flags;
use super::ptr;
use super::socket::Socket;
use crate::error::Error;
use crate::net;
use crate::net::addr;
use crate::net::connect::Options;
use crate::net::resolve::Host;
use crate::net::unix;
use std::ffi::{c_char, c_int};
use std::ptr::null_mut;

/// Options of listening and binding. Begin with `bojagi_listen_options_init`; NULL stands for the
/// defaults.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct ListenOptions {
    /// The size of this struct, as the caller knows it.
    pub size: u32,
    /// A sum of flags: BOJAGI_INTERRUPTIBLE. Accepted sockets inherit it.
    pub flags: u32,
    /// Ends the look-up and every later waiting call on the handle; NULL: none.
    pub cancel: *mut Cancel,
    /// Connections that the system keeps until they are accepted; 0: the most it allows (SOMAXCONN).
    pub backlog: u32,
    /// Zero.
    pub reserved: u32,
}

/// Sets the defaults: no flags, no cancel, the largest backlog. NULL does nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bojagi_listen_options_init(options: *mut ListenOptions) {
    let size = u32::try_from(size_of::<ListenOptions>()).unwrap_or(0);
    let defaults = ListenOptions { size, flags: 0, cancel: null_mut(), backlog: 0, reserved: 0 };
    // SAFETY: from C, under the contract of the header.
    unsafe { ptr::write_optional(options, defaults) }
}

/// Listens for TCP connections and gives the listener at `*out`, to be freed with
/// `bojagi_listener_free`.
///
/// `host` NULL or "" is every interface, IPv6 and IPv4 on one socket (IPv4 alone where the system has
/// no IPv6); a name is looked up, for at most 10 seconds. `port` 0 takes a free one, which
/// `bojagi_listener_local` tells. SO_REUSEADDR is on, so that a restart need not wait for old
/// connections. Returns 0. Errors: BOJAGI_E_IN_USE, BOJAGI_E_DENIED, BOJAGI_E_RESOLVE,
/// BOJAGI_E_TIMEOUT, BOJAGI_E_LIMIT, BOJAGI_E_ARG, BOJAGI_E_OS. See bind(2), listen(2).
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn bojagi_tcp_listen(
    host: *const c_char,
    port: u32,
    options: *const ListenOptions,
    out: *mut *mut Listener,
) -> i64 {
    guard(|| {
        ptr::check(out, "out")?;
        // SAFETY: from C, under the contract of the header.
        let (host, (options, backlog)) = unsafe { (self::host(host)?, read(options)?) };
        let port = address::port(port)?;
        let inner = net::Listener::tcp(host.as_ref(), port, backlog, &options)?;
        // SAFETY: checked above.
        unsafe { ptr::give(out, Listener { inner }) };
        Ok(0)
    })
}

/// Listens for Unix stream connections at a path, or at an abstract `@name`, and gives the listener at
/// `*out`.
///
/// The path must not exist yet; `bojagi_listener_free` removes it, in the process that made it and if
/// it is still the same file. Returns 0. Errors: BOJAGI_E_IN_USE, BOJAGI_E_DENIED, BOJAGI_E_LIMIT,
/// BOJAGI_E_ARG, BOJAGI_E_OS. See unix(7).
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn bojagi_unix_listen(
    path: *const c_char,
    options: *const ListenOptions,
    out: *mut *mut Listener,
) -> i64 {
    guard(|| {
        ptr::check(out, "out")?;
        // SAFETY: from C, under the contract of the header.
        let (path, (options, backlog)) = unsafe { (ptr::text(path, "path")?, read(options)?) };
        let inner = net::Listener::unix(&unix::address(path)?, backlog, &options)?;
        // SAFETY: checked above.
        unsafe { ptr::give(out, Listener { inner }) };
        Ok(0)
    })
}

/// Makes a UDP socket bound to `host` and `port`, as `bojagi_tcp_listen` takes them, at `*out`. The
/// backlog has no meaning here.
///
/// Returns 0. Errors: as `bojagi_tcp_listen`. See udp(7).
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn bojagi_udp_bind(
    host: *const c_char,
    port: u32,
    options: *const ListenOptions,
    out: *mut *mut Socket,
) -> i64 {
    guard(|| {
        ptr::check(out, "out")?;
        // SAFETY: from C, under the contract of the header.
        let (host, (options, _)) = unsafe { (self::host(host)?, read(options)?) };
        let inner = net::Socket::udp_bind(host.as_ref(), address::port(port)?, &options)?;
        // SAFETY: checked above.
        unsafe { ptr::give(out, Socket { inner }) };
        Ok(0)
    })
}

/// Makes a Unix datagram socket bound to a path or an abstract `@name`, or unnamed with NULL, at
/// `*out`. `bojagi_socket_free` removes the path as `bojagi_listener_free` does.
///
/// Returns 0. Errors: as `bojagi_unix_listen`.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn bojagi_unix_datagram_bind(
    path: *const c_char,
    options: *const ListenOptions,
    out: *mut *mut Socket,
) -> i64 {
    guard(|| {
        ptr::check(out, "out")?;
        let address = if path.is_null() {
            addr::Address::UNNAMED
        } else {
            // SAFETY: from C, under the contract of the header.
            unix::address(unsafe { ptr::text(path, "path") }?)?
        };
        // SAFETY: as above.
        let (options, _) = unsafe { read(options) }?;
        let inner = net::Socket::unix_datagram_bind(&address, &options)?;
        // SAFETY: checked above.
        unsafe { ptr::give(out, Socket { inner }) };
        Ok(0)
    })
}

/// The options that C passed, and the backlog.
pub(super) unsafe fn read(options: *const ListenOptions) -> Result<(Options, c_int), Error> {
    // SAFETY: from C, under the contract of the header.
    let Some(options) = (unsafe { ptr::sized(options, "bojagi_listen_options_init") })? else {
        return Ok((Options::default(), libc::SOMAXCONN));
    };
    let interruptible = flags(options.flags)?;
    // SAFETY: as above.
    let cancel = unsafe { cancel::shared(options.cancel.cast_const()) }?;
    let backlog = match options.backlog {
        0 => libc::SOMAXCONN,
        backlog => c_int::try_from(backlog).unwrap_or(c_int::MAX),
    };
    Ok((Options { interruptible, cancel }, backlog))
}

/// A host; NULL and "" are none.
unsafe fn host(host: *const c_char) -> Result<Option<Host>, Error> {
    if host.is_null() {
        return Ok(None);
    }
    // SAFETY: from C, under the contract of the header.
    match unsafe { ptr::text(host, "host") }? {
        b"" => Ok(None),
        host => Ok(Some(Host::parse(host)?)),
    }
}
