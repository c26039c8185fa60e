//! Listening, and binding datagram sockets.

use super::address;
use super::cancel::{self, Cancel};
use super::guard::guard;
use super::listener::Listener;
use super::option::{self, OptionValue};
use super::plan::BOJAGI_INTERRUPTIBLE;
use super::ptr;
use super::socket::Socket;
use crate::error::Error;
use crate::net;
use crate::net::bind::Options;
use crate::net::connect;
use crate::net::resolve::Host;
use crate::net::socket::Kind;
use crate::net::unix;
use std::ffi::c_char;
use std::ptr::{null, null_mut};

/// A flag of `bojagi_listen_options`: several sockets, also of other processes of the same user, may have
/// the same port, and the system spreads what comes over them (SO_REUSEPORT). TCP and UDP.
pub const BOJAGI_REUSE_PORT: u32 = 0x100;
/// A flag of `bojagi_listen_options`: IPv6 alone (IPV6_V6ONLY). Without it a socket on "::", or on no host
/// at all, takes IPv4, too. TCP and UDP.
pub const BOJAGI_V6_ONLY: u32 = 0x200;
/// A flag of `bojagi_listen_options`: connections of the past keep the port for a minute or more (no
/// SO_REUSEADDR). TCP.
pub const BOJAGI_NO_REUSE_ADDRESS: u32 = 0x400;
/// A flag of `bojagi_listen_options`: a socket at the path that no process has any more, as a crash leaves
/// one, is removed and the path bound anew. Unix, paths.
pub const BOJAGI_UNIX_REPLACE: u32 = 0x800;

/// Options of listening and binding. Begin with `bojagi_listen_options_init`; NULL stands for the
/// defaults. One that means nothing to what is made is BOJAGI_E_ARG.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct ListenOptions {
    /// The size of this struct, as the caller knows it.
    pub size: u32,
    /// A sum of flags: BOJAGI_INTERRUPTIBLE, which accepted sockets inherit, BOJAGI_REUSE_PORT,
    /// BOJAGI_V6_ONLY, BOJAGI_NO_REUSE_ADDRESS, BOJAGI_UNIX_REPLACE.
    pub flags: u32,
    /// Ends the look-up and every later waiting call on the handle; NULL: none.
    pub cancel: *mut Cancel,
    /// Connections that the system keeps until they are accepted; 0: the most it allows (SOMAXCONN).
    /// TCP and Unix listeners.
    pub backlog: u32,
    /// Connections that may wait with data in their SYN (TCP_FASTOPEN, RFC 7413); 0: off. The system
    /// may have it switched off (net.ipv4.tcp_fastopen), which does not show. TCP, Linux.
    pub fast_open: u32,
    /// Seconds for which a connection is not accepted unless data has come (TCP_DEFER_ACCEPT, tcp(7));
    /// 0: off. TCP, Linux.
    pub defer_accept_s: u32,
    /// The permissions of the path, such as 0660, in force before anybody can connect; 0: what the umask
    /// leaves. Unix, paths, Linux.
    pub unix_mode: u32,
    /// The one interface that is used, such as "eth0" (SO_BINDTODEVICE, socket(7)); NULL: all. TCP and
    /// UDP, Linux.
    pub interface_name: *const c_char,
    /// Options that the socket is given, in this order, before it is bound; they come after those above,
    /// and win. Connections inherit those that have BOJAGI_ACCESS_INHERIT. One setsockopt(2) each; two
    /// where IPv6 and IPv4 have an option each and the socket is one of IPv6. They are refused as
    /// `bojagi_socket_set_option` and `bojagi_listener_set_option` would do it. Unix listeners have none.
    /// NULL: none.
    pub values: *const OptionValue,
    /// How many.
    pub value_count: usize,
}

impl Default for ListenOptions {
    fn default() -> Self {
        Self {
            size: u32::try_from(size_of::<Self>()).unwrap_or(0),
            flags: 0,
            cancel: null_mut(),
            backlog: 0,
            fast_open: 0,
            defer_accept_s: 0,
            unix_mode: 0,
            interface_name: null(),
            values: null(),
            value_count: 0,
        }
    }
}

/// Sets the defaults: no flags, no cancel, the largest backlog, all else off. NULL does nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bojagi_listen_options_init(options: *mut ListenOptions) {
    // SAFETY: from C, under the contract of the header.
    unsafe { ptr::write_optional(options, ListenOptions::default()) }
}

/// Listens for TCP connections and gives the listener at `*out`, to be freed with
/// `bojagi_listener_free`.
///
/// `host` NULL or "" is every interface, IPv6 and IPv4 on one socket (IPv4 alone where the system has
/// no IPv6); a name is looked up, for at most 10 seconds. `port` 0 takes a free one, which
/// `bojagi_listener_local` tells. SO_REUSEADDR is on, so that a restart need not wait for old
/// connections, unless BOJAGI_NO_REUSE_ADDRESS is set. Returns 0. Errors: BOJAGI_E_IN_USE,
/// BOJAGI_E_DENIED, BOJAGI_E_RESOLVE, BOJAGI_E_TIMEOUT, BOJAGI_E_LIMIT, BOJAGI_E_UNSUPPORTED for an option
/// that this system lacks, BOJAGI_E_ARG, also for an interface that is not there, BOJAGI_E_OS. See bind(2),
/// listen(2).
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
        let (host, options) = unsafe { (self::host(host)?, read(options)?) };
        let port = address::port(port)?;
        let inner = net::Listener::tcp(host.as_ref(), port, &options)?;
        // SAFETY: checked above.
        unsafe { ptr::give(out, Listener { inner }) };
        Ok(0)
    })
}

/// Listens for Unix stream connections at a path, or at an abstract `@name`, and gives the listener at
/// `*out`.
///
/// With `@` alone the system chooses a free abstract name, which `bojagi_listener_local` tells. A name ends at
/// its NUL here; one that has NULs within is possible in unix(7) and reaches us through _from_fd only.
///
/// The path must not exist yet; `bojagi_listener_free` removes it, in the process that made it and if
/// it is still the same file. With BOJAGI_UNIX_REPLACE a socket that no process has any more is removed
/// first; a live one, of any kind, and a file that is no socket are BOJAGI_E_IN_USE and stay. Processes
/// that do so at once take turns, by a lock on the directory (flock(2)), which must be readable and for
/// which a call waits at most 10 seconds (BOJAGI_E_TIMEOUT, BOJAGI_E_CANCELLED, BOJAGI_E_INTERRUPTED).
/// Returns 0. Errors: BOJAGI_E_IN_USE, BOJAGI_E_DENIED, BOJAGI_E_LIMIT, BOJAGI_E_UNSUPPORTED,
/// BOJAGI_E_ARG, BOJAGI_E_OS. See unix(7).
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn bojagi_unix_listen(
    path: *const c_char,
    options: *const ListenOptions,
    out: *mut *mut Listener,
) -> i64 {
    // SAFETY: from C, under the contract of the header.
    guard(|| unsafe { self::unix(Kind::Stream, path, options, out) })
}

/// Makes a UDP socket bound to `host` and `port`, as `bojagi_tcp_listen` takes them, at `*out`.
///
/// Of the options it takes the cancel, the interface, the values, BOJAGI_INTERRUPTIBLE, BOJAGI_REUSE_PORT,
/// BOJAGI_V6_ONLY. Returns 0. Errors: as `bojagi_tcp_listen`. See udp(7).
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
        let (host, options) = unsafe { (self::host(host)?, read(options)?) };
        let inner = net::Socket::udp_bind(host.as_ref(), address::port(port)?, &options)?;
        // SAFETY: checked above.
        unsafe { ptr::give(out, Socket { inner }) };
        Ok(0)
    })
}

/// Makes a Unix datagram socket bound to a path or an abstract `@name`, or unnamed with NULL, at
/// `*out`. With `@` alone the system chooses a name, which `bojagi_socket_local` tells.
/// `bojagi_socket_free` removes the path as `bojagi_listener_free` does.
///
/// Of the options it takes the cancel, the values, `unix_mode`, BOJAGI_INTERRUPTIBLE, BOJAGI_UNIX_REPLACE.
/// Returns 0.
/// Errors: as `bojagi_unix_listen`.
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
            None
        } else {
            // SAFETY: from C, under the contract of the header.
            Some(unix::address(unsafe { ptr::text(path, "path") }?)?)
        };
        // SAFETY: as above.
        let options = unsafe { read(options) }?;
        let inner = net::Socket::unix_datagram_bind(address.as_ref(), &options)?;
        // SAFETY: checked above.
        unsafe { ptr::give(out, Socket { inner }) };
        Ok(0)
    })
}

/// Listens for Unix connections of one kind.
pub(super) unsafe fn unix(
    kind: Kind,
    path: *const c_char,
    options: *const ListenOptions,
    out: *mut *mut Listener,
) -> Result<i64, Error> {
    ptr::check(out, "out")?;
    // SAFETY: from C, under the contract of the header.
    let (path, options) = unsafe { (ptr::text(path, "path")?, read(options)?) };
    let inner = net::Listener::unix(kind, &unix::address(path)?, &options)?;
    // SAFETY: checked above.
    unsafe { ptr::give(out, Listener { inner }) };
    Ok(0)
}

/// The options that C passed.
pub(super) unsafe fn read(options: *const ListenOptions) -> Result<Options, Error> {
    // SAFETY: from C, under the contract of the header.
    let Some(given) = (unsafe { ptr::sized(options, "bojagi_listen_options_init") })? else {
        return Ok(Options::default());
    };
    let unknown = given.flags & !FLAGS;
    if unknown != 0 {
        return Err(Error::wrong(format_args!(
            "unknown flags {unknown:#x}; pass those of bojagi_listen_options"
        )));
    }
    if given.unix_mode > MODE_MAX {
        return Err(Error::argument("unix_mode has more than permissions; pass 1 to 0777, or 0"));
    }
    let has = |flag| given.flags & flag != 0;
    // SAFETY: as above.
    let cancel = unsafe { cancel::shared(given.cancel.cast_const()) }?;
    let interruptible = has(BOJAGI_INTERRUPTIBLE);
    // SAFETY: as above.
    let values = unsafe { option::values(given.values, given.value_count) }?;
    Ok(Options {
        common: connect::Options { interruptible, cancel, values },
        backlog: given.backlog,
        reuse_port: has(BOJAGI_REUSE_PORT),
        no_reuse_address: has(BOJAGI_NO_REUSE_ADDRESS),
        v6_only: has(BOJAGI_V6_ONLY),
        fast_open: given.fast_open,
        defer_accept_s: given.defer_accept_s,
        // SAFETY: as above.
        interface: unsafe { interface(given.interface_name) }?,
        replace: has(BOJAGI_UNIX_REPLACE),
        mode: (given.unix_mode != 0).then_some(given.unix_mode),
    })
}

/// The name of an interface; NULL is none.
unsafe fn interface(name: *const c_char) -> Result<Option<Vec<u8>>, Error> {
    if name.is_null() {
        return Ok(None);
    }
    // SAFETY: from C, under the contract of the header.
    match unsafe { ptr::text(name, "interface_name") }? {
        name @ [_, ..] if name.len() <= INTERFACE_MAX => Ok(Some(name.to_vec())),
        _ => Err(Error::argument("interface_name has no or more than 15 bytes; pass NULL for all")),
    }
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

const FLAGS: u32 = BOJAGI_INTERRUPTIBLE
    | BOJAGI_REUSE_PORT
    | BOJAGI_V6_ONLY
    | BOJAGI_NO_REUSE_ADDRESS
    | BOJAGI_UNIX_REPLACE;
const MODE_MAX: u32 = 0o777;
/// IFNAMSIZ without its NUL (netdevice(7)).
const INTERFACE_MAX: usize = 15;
