//! Connecting.

use super::address;
use super::guard::guard;
use super::plan::{self, ConnectOptions};
use super::ptr;
use super::socket::Socket;
use crate::deadline::Timeout;
use crate::error::Error;
use crate::net::connect::{self, Connected};
use crate::net::plan::Plan;
use crate::net::resolve::{Host, Names};
use crate::net::socket::Kind;
use crate::net::unix;
use std::ffi::c_char;

/// Connects to a TCP server and gives the socket at `*out`, to be freed with `bojagi_socket_free`.
///
/// `host` is a name or a numeric address, `port` 1 to 65535. The budget covers the look-up and all
/// addresses. One address is one connect(2), within SO_SNDTIMEO. Several are tried side by side, as RFC
/// 8305 has it (Happy Eyeballs): in the resolver's order with the families in turns, and none twice; the
/// next begins when the one before it has failed, or after `attempt_delay_ms`; none is given up, so the
/// last, too, has the whole rest of the budget; the first to connect wins. At most 16 are under way at
/// once: a further one takes the place of the oldest. TCP_NODELAY is on. Returns 0.
///
/// Errors: BOJAGI_E_RESOLVE, also when no address is of the family that is asked for; BOJAGI_E_TIMEOUT
/// (BOJAGI_E_AGAIN with budget 0) when attempts are still under way at the end of the budget, else that of
/// the one that failed last: BOJAGI_E_REFUSED, BOJAGI_E_UNREACHABLE ...; BOJAGI_E_CANCELLED,
/// BOJAGI_E_INTERRUPTED, BOJAGI_E_LIMIT, BOJAGI_E_DENIED, BOJAGI_E_ARG, BOJAGI_E_UNSUPPORTED.
/// `bojagi_error_attempt` tells what became of each attempt. See connect(2), tcp(7).
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
/// (udp(7)). The budget is that of the look-up; the addresses are taken one after the other, in the
/// resolver's order, until one will do: `attempt_delay_ms` has no meaning here. Returns 0. Errors: as
/// `bojagi_tcp_connect`.
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
/// BOJAGI_E_ARG, also for options that are about hosts. See unix(7).
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn bojagi_unix_connect(
    path: *const c_char,
    options: *const ConnectOptions,
    timeout_ms: i64,
    out: *mut *mut Socket,
) -> i64 {
    // SAFETY: from C, under the contract of the header.
    guard(|| unsafe { self::unix(Kind::Stream, path, options, timeout_ms, out) })
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
        let inner = connect::unix_datagram(&address, &unsafe { plan::read_plain(options) }?)?;
        // SAFETY: checked above.
        unsafe { ptr::give(out, Socket { inner }) };
        Ok(0)
    })
}

/// Connects to a Unix listener of one kind.
pub(super) unsafe fn unix(
    kind: Kind,
    path: *const c_char,
    options: *const ConnectOptions,
    timeout_ms: i64,
    out: *mut *mut Socket,
) -> Result<i64, Error> {
    ptr::check(out, "out")?;
    // SAFETY: from C, under the contract of the header.
    let address = unix::address(unsafe { ptr::text(path, "path") }?)?;
    // SAFETY: as above.
    let options = unsafe { plan::read_plain(options) }?;
    let inner = connect::unix(kind, &address, &options, Timeout::from_millis(timeout_ms)?)?;
    // SAFETY: checked above.
    unsafe { ptr::give(out, Socket { inner }) };
    Ok(0)
}

type Connect = fn(&Host, u16, &Names, &Plan, Timeout) -> Connected;

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
    let (host, port) = unsafe { target(host, port) }?;
    // SAFETY: as above.
    let (plan, names) = unsafe { plan::read(options) }?;
    let inner = connect(&host, port, &names, &plan, Timeout::from_millis(timeout_ms)?)?;
    // SAFETY: checked above.
    unsafe { ptr::give(out, Socket { inner }) };
    Ok(0)
}

/// The host and port of a connect.
pub(super) unsafe fn target(host: *const c_char, port: u32) -> Result<(Host, u16), Error> {
    // SAFETY: from C, under the contract of the header.
    let host = Host::parse(unsafe { ptr::text(host, "host") }?)?;
    match address::port(port)? {
        0 => Err(Error::argument("port 0 reaches nobody; pass 1 to 65535")),
        port => Ok((host, port)),
    }
}
