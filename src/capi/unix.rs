//! Unix sockets that keep messages apart, and pairs.

use super::connect;
use super::guard::guard;
use super::listen::{self, ListenOptions};
use super::listener::Listener;
use super::plan::{self, ConnectOptions};
use super::ptr;
use super::socket::Socket;
use crate::error::Error;
use crate::net::option::id::*;
use crate::net::pair;
use crate::net::socket::Kind;
use std::ffi::c_char;

/// Connects to a Unix seqpacket listener at a path, or at an abstract `@name`, and gives the socket at
/// `*out`.
///
/// A seqpacket connection keeps messages apart and in order, and has an end, as a stream has. What is sent
/// in one call is received in one call, whole: one that is longer than the buffer is BOJAGI_E_SPACE, as of a
/// datagram. A recv of 0 is the end; so an empty message is refused with BOJAGI_E_ARG, and one that another
/// library sends cannot be told from the end. `bojagi_socket_send_all` sends one message. Returns 0 and fails
/// as `bojagi_unix_connect`. See unix(7).
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn bojagi_unix_seqpacket_connect(
    path: *const c_char,
    options: *const ConnectOptions,
    timeout_ms: i64,
    out: *mut *mut Socket,
) -> i64 {
    // SAFETY: from C, under the contract of the header.
    guard(|| unsafe { connect::unix(Kind::Seqpacket, path, options, timeout_ms, out) })
}

/// Listens for Unix seqpacket connections at a path, or at an abstract `@name`, and gives the listener at
/// `*out`.
///
/// The name and the path are as `bojagi_unix_listen` takes them. Returns 0 and fails as that.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn bojagi_unix_seqpacket_listen(
    path: *const c_char,
    options: *const ListenOptions,
    out: *mut *mut Listener,
) -> i64 {
    // SAFETY: from C, under the contract of the header.
    guard(|| unsafe { listen::unix(Kind::Seqpacket, path, options, out) })
}

/// Makes two Unix sockets that are connected to each other, at `*one` and `*other` (socketpair(2)).
///
/// `kind` is BOJAGI_KIND_UNIX_STREAM, _UNIX_DATAGRAM or _UNIX_SEQPACKET; both sockets get the flags, the
/// cancel and the values of `options`. Both are unnamed. Each is freed on its own. Returns 0. Errors:
/// BOJAGI_E_LIMIT, BOJAGI_E_MEMORY, BOJAGI_E_UNSUPPORTED, BOJAGI_E_ARG.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn bojagi_unix_pair(
    kind: u32,
    options: *const ConnectOptions,
    one: *mut *mut Socket,
    other: *mut *mut Socket,
) -> i64 {
    guard(|| {
        ptr::check(one, "one")?;
        ptr::check(other, "other")?;
        if std::ptr::eq(one, other) {
            return Err(Error::argument("one and other are the same place; pass two"));
        }
        let kind = match kind {
            BOJAGI_KIND_UNIX_STREAM => Kind::Stream,
            BOJAGI_KIND_UNIX_DATAGRAM => Kind::Datagram,
            BOJAGI_KIND_UNIX_SEQPACKET => Kind::Seqpacket,
            _ => return Err(Error::argument("no such pair; pass a BOJAGI_KIND_UNIX_ of a socket")),
        };
        // SAFETY: from C, under the contract of the header.
        let [first, second] = pair::unix(kind, &unsafe { plan::read_plain(options) }?)?;
        // SAFETY: checked above.
        unsafe { ptr::give(one, Socket { inner: first }) };
        // SAFETY: checked above.
        unsafe { ptr::give(other, Socket { inner: second }) };
        Ok(0)
    })
}
