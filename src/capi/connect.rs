//! Connecting.

use super::address;
use super::cancel::{self, Cancel};
use super::guard::guard;
use super::ptr;
use super::socket::Socket;
use crate::deadline::Timeout;
use crate::error::Error;
use crate::net;
use crate::net::connect::{self, Options};
use crate::net::resolve::Host;
use crate::net::unix;
use std::ffi::c_char;
use std::ptr::null_mut;

/// A flag of options: a signal whose handler has run ends a waiting call with BOJAGI_E_INTERRUPTED,
/// whether or not the handler was installed with SA_RESTART; nothing is lost. Without it calls go on
/// after signals. Of a handle with this flag and no cancel SO_RCVTIMEO and SO_SNDTIMEO are never 0.
pub const BOJAGI_INTERRUPTIBLE: u32 = 1;

/// Options of connecting. Begin with `bojagi_connect_options_init`; NULL stands for the defaults.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct ConnectOptions {
    /// The size of this struct, as the caller knows it.
    pub size: u32,
    /// A sum of flags: BOJAGI_INTERRUPTIBLE.
    pub flags: u32,
    /// Ends the look-up, the connect and every later call on the socket; NULL: none.
    pub cancel: *mut Cancel,
}

/// Sets the defaults: no flags, no cancel. NULL does nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bojagi_connect_options_init(options: *mut ConnectOptions) {
    let size = u32::try_from(size_of::<ConnectOptions>()).unwrap_or(0);
    let defaults = ConnectOptions { size, flags: 0, cancel: null_mut() };
    // SAFETY: from C, under the contract of the header.
    unsafe { ptr::write_optional(options, defaults) }
}

/// Connects to a TCP server and gives the socket at `*out`, to be freed with `bojagi_socket_free`.
///
/// `host` is a name or a numeric address, `port` 1 to 65535. The budget covers the look-up and all
/// addresses of the name: they are tried one after the other in the resolver's order, each with an
/// equal part of what is left. TCP_NODELAY is on. Returns 0.
///
/// Errors: BOJAGI_E_RESOLVE; that of the last address tried: BOJAGI_E_REFUSED, BOJAGI_E_UNREACHABLE,
/// BOJAGI_E_TIMEOUT (BOJAGI_E_AGAIN with budget 0) ..., `bojagi_error_attempt` tells all of them;
/// BOJAGI_E_CANCELLED, BOJAGI_E_INTERRUPTED, BOJAGI_E_LIMIT, BOJAGI_E_ARG. See connect(2), tcp(7).
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn bojagi_tcp_connect(
    host: *const c_char,
    port: u32,
    options: *const ConnectOptions,
    timeout_ms: i64,
    out: *mut *mut Socket,
) -> i64 {
    // SAFETY: from C, under the contract of the header.
    guard(|| unsafe { inet(host, port, options, timeout_ms, out, connect::tcp) })
}

/// Makes a UDP socket that sends to, and receives from, one host and port only, at `*out`.
///
/// Nothing is sent: whether somebody is there shows as BOJAGI_E_REFUSED of a later send or recv
/// (udp(7)). The budget is that of the look-up. Returns 0. Errors: as `bojagi_tcp_connect`.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn bojagi_udp_connect(
    host: *const c_char,
    port: u32,
    options: *const ConnectOptions,
    timeout_ms: i64,
    out: *mut *mut Socket,
) -> i64 {
    // SAFETY: from C, under the contract of the header.
    guard(|| unsafe { inet(host, port, options, timeout_ms, out, connect::udp) })
}

/// Connects to a Unix stream listener at a path, or at an abstract `@name`, and gives the socket at
/// `*out`.
///
/// Waits, within the budget, while the listener's backlog is full. Returns 0. Errors: BOJAGI_E_REFUSED
/// when nobody listens or the path does not exist, BOJAGI_E_DENIED, BOJAGI_E_TIMEOUT (BOJAGI_E_AGAIN),
/// BOJAGI_E_UNSUPPORTED when it is a datagram socket, BOJAGI_E_CANCELLED, BOJAGI_E_INTERRUPTED,
/// BOJAGI_E_ARG. See unix(7).
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn bojagi_unix_connect(
    path: *const c_char,
    options: *const ConnectOptions,
    timeout_ms: i64,
    out: *mut *mut Socket,
) -> i64 {
    guard(|| {
        ptr::check(out, "out")?;
        // SAFETY: from C, under the contract of the header.
        let address = unix::address(unsafe { ptr::text(path, "path") }?)?;
        // SAFETY: as above.
        let options = unsafe { read(options) }?;
        let inner = connect::unix(&address, &options, Timeout::from_millis(timeout_ms)?)?;
        // SAFETY: checked above.
        unsafe { ptr::give(out, Socket { inner }) };
        Ok(0)
    })
}

/// Makes an unnamed Unix datagram socket that sends to one path or abstract `@name`, at `*out`.
///
/// Nobody can answer it: bind with `bojagi_unix_datagram_bind` and use `bojagi_socket_send_to` for
/// that. Returns 0. Errors: as `bojagi_unix_connect`; never waits.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn bojagi_unix_datagram_connect(
    path: *const c_char,
    options: *const ConnectOptions,
    out: *mut *mut Socket,
) -> i64 {
    guard(|| {
        ptr::check(out, "out")?;
        // SAFETY: from C, under the contract of the header.
        let address = unix::address(unsafe { ptr::text(path, "path") }?)?;
        // SAFETY: as above.
        let inner = connect::unix_datagram(&address, &unsafe { read(options) }?)?;
        // SAFETY: checked above.
        unsafe { ptr::give(out, Socket { inner }) };
        Ok(0)
    })
}

/// The options that C passed.
pub(super) unsafe fn read(options: *const ConnectOptions) -> Result<Options, Error> {
    // SAFETY: from C, under the contract of the header.
    let Some(options) = (unsafe { ptr::sized(options, "bojagi_connect_options_init") })? else {
        return Ok(Options::default());
    };
    let interruptible = flags(options.flags)?;
    // SAFETY: as above.
    let cancel = unsafe { cancel::shared(options.cancel.cast_const()) }?;
    Ok(Options { interruptible, cancel })
}

/// The flags of options; whether the handle is interruptible.
pub(super) fn flags(flags: u32) -> Result<bool, Error> {
    let unknown = flags & !BOJAGI_INTERRUPTIBLE;
    if unknown != 0 {
        return Err(Error::argument(format!(
            "unknown flags {unknown:#x}; pass BOJAGI_INTERRUPTIBLE"
        )));
    }
    Ok(flags & BOJAGI_INTERRUPTIBLE != 0)
}

type Connect = fn(&Host, u16, &Options, Timeout) -> Result<net::Socket, Error>;

unsafe fn inet(
    host: *const c_char,
    port: u32,
    options: *const ConnectOptions,
    timeout_ms: i64,
    out: *mut *mut Socket,
    connect: Connect,
) -> Result<i64, Error> {
    ptr::check(out, "out")?;
    // SAFETY: from C, under the contract of the header.
    let host = Host::parse(unsafe { ptr::text(host, "host") }?)?;
    let port = address::port(port)?;
    if port == 0 {
        return Err(Error::argument("port 0 reaches nobody; pass 1 to 65535"));
    }
    // SAFETY: as above.
    let options = unsafe { read(options) }?;
    let inner = connect(&host, port, &options, Timeout::from_millis(timeout_ms)?)?;
    // SAFETY: checked above.
    unsafe { ptr::give(out, Socket { inner }) };
    Ok(0)
}
