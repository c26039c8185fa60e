//! Options of connecting.

use super::address::{self, Address};
use super::cancel::{self, Cancel};
use super::hosts::{self, Hosts};
use super::option::{self, OptionValue};
use super::ptr;
use crate::deadline::Timeout;
use crate::error::{Cause, Error};
use crate::net::addr::{self, Families, Family};
use crate::net::connect::Options;
use crate::net::plan::Plan;
use crate::net::resolve::{HOOK_MAX, Hook, Host, Names};
use bojagi_codec::capi::code::{BOJAGI_E_ARG, BOJAGI_E_PANIC};
use std::ffi::{CString, c_char, c_void};
use std::ptr::{null, null_mut};
use std::time::Duration;

/// A flag of options: a signal whose handler has run ends a waiting call with BOJAGI_E_INTERRUPTED,
/// whether or not the handler was installed with SA_RESTART; nothing is lost. Without it calls go on
/// after signals. Of a handle with this flag and no cancel SO_RCVTIMEO and SO_SNDTIMEO are never 0.
pub const BOJAGI_INTERRUPTIBLE: u32 = 1;

/// A flag of connect options: where the system allows it, the first data sent travels with the
/// handshake (TCP Fast Open, RFC 7413; TCP_FASTOPEN_CONNECT in tcp(7)), else the connect is a normal
/// one. Once the system has a cookie of the server, the connect reports success before the handshake: that
/// nobody is there shows at a later send or recv, no other address is tried, and the server may see the
/// first data twice. Of UDP it changes nothing.
pub const BOJAGI_FAST_OPEN: u32 = 2;

/// A flag of connect options: only IPv4 addresses are looked up and tried.
pub const BOJAGI_IPV4_ONLY: u32 = 4;

/// A flag of connect options: only IPv6 addresses are looked up and tried.
pub const BOJAGI_IPV6_ONLY: u32 = 8;

/// A resolver of the caller, instead of the system's.
///
/// Writes the addresses of `host`, in the order in which they are to be tried and at most `cap` (64), to
/// `addresses`; one with port 0 gets that of the connect. Returns how many; 0 when the system's resolver
/// is to be asked; or a BOJAGI_E_ code, which is then that of the connect. Any other answer, and an address
/// that is neither IPv4 nor IPv6, is BOJAGI_E_ARG.
///
/// It runs on the thread that called us, during that call. `timeout_ms` is what is left of the budget
/// (-1 for ever, 0 do not wait): to keep to it, to a cancel and to signals is its own business, for
/// nothing can end it. It must return: no longjmp(3), no exception. `host` and `addresses` are borrowed
/// for the call; `user` is `resolver_user`.
pub type Resolver = Option<
    unsafe extern "C" fn(
        host: *const c_char,
        port: u32,
        timeout_ms: i64,
        addresses: *mut Address,
        cap: usize,
        user: *mut c_void,
    ) -> i64,
>;

/// Options of connecting. Begin with `bojagi_connect_options_init`; NULL stands for the defaults. All that
/// it points to is borrowed for the call; handles may be freed afterwards.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct ConnectOptions {
    /// The size of this struct, as the caller knows it.
    pub size: u32,
    /// A sum of flags: BOJAGI_INTERRUPTIBLE, BOJAGI_FAST_OPEN, and BOJAGI_IPV4_ONLY or BOJAGI_IPV6_ONLY.
    pub flags: u32,
    /// Ends the look-up, the connect and every later call on the socket; NULL: none.
    pub cancel: *mut Cancel,
    /// The milliseconds from one attempt to the next, 10 to 2000 (the Connection Attempt Delay of RFC 8305
    /// section 8). 0: 250, or less where the budget would be over before every address was tried.
    pub attempt_delay_ms: u32,
    /// Zero.
    pub reserved: u32,
    /// The address of this side, with a port or 0; addresses of the other family are then skipped. NULL:
    /// the system chooses.
    pub local: *const Address,
    /// The interface that the packets take, such as "eth0" (SO_BINDTODEVICE in socket(7)); NULL: the
    /// system chooses. BOJAGI_E_ARG when it is not there, BOJAGI_E_UNSUPPORTED where the system cannot.
    pub interface_name: *const c_char,
    /// Names that need no look-up; asked first. NULL: none.
    pub hosts: *const Hosts,
    /// Asked next, before the system's resolver; NULL: none.
    pub resolver: Resolver,
    /// What the resolver is called with.
    pub resolver_user: *mut c_void,
    /// Options that the socket is given, in this order, before it is bound and connected: the socket of
    /// every attempt. One setsockopt(2) each; two where IPv6 and IPv4 have an option each and the socket
    /// is one of IPv6. What `bojagi_socket_set_option` would refuse is refused before anything is looked
    /// up, and what the system refuses fails the attempt, each time with the name of the option in the
    /// message. An address whose family lacks an option (BOJAGI_OPTION_V6ONLY) is passed over, as one
    /// that `local` does not suit: the connection has all of them, or there is none. NULL: none.
    pub values: *const OptionValue,
    /// How many.
    pub value_count: usize,
}

impl Default for ConnectOptions {
    fn default() -> Self {
        Self {
            size: u32::try_from(size_of::<Self>()).unwrap_or(0),
            flags: 0,
            cancel: null_mut(),
            attempt_delay_ms: 0,
            reserved: 0,
            local: null(),
            interface_name: null(),
            hosts: null(),
            resolver: None,
            resolver_user: null_mut(),
            values: null(),
            value_count: 0,
        }
    }
}

/// Sets the defaults: no flags, no cancel, everything else the system's choice. NULL does nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bojagi_connect_options_init(options: *mut ConnectOptions) {
    // SAFETY: from C, under the contract of the header.
    unsafe { ptr::write_optional(options, ConnectOptions::default()) }
}

/// The options of a connect to a host.
pub(super) unsafe fn read(options: *const ConnectOptions) -> Result<(Plan, Names), Error> {
    // SAFETY: from C, under the contract of the header.
    let given = unsafe { ptr::sized(options, "bojagi_connect_options_init") }?;
    let given = given.unwrap_or_default();
    let families = families(given.flags)?;
    let plan = Plan {
        // SAFETY: as above.
        options: unsafe { common(&given) }?,
        delay: delay(given.attempt_delay_ms)?,
        // SAFETY: as above.
        local: unsafe { local(given.local) }?,
        // SAFETY: as above.
        interface: unsafe { interface(given.interface_name) }?,
        fast_open: given.flags & BOJAGI_FAST_OPEN != 0,
    };
    // SAFETY: as above.
    let hosts = unsafe { hosts::shared(given.hosts) }?;
    Ok((plan, Names { hosts, hook: hook(&given), families }))
}

/// The options of a socket that connects to no host: whatever is about hosts is refused.
pub(super) unsafe fn read_plain(options: *const ConnectOptions) -> Result<Options, Error> {
    // SAFETY: from C, under the contract of the header.
    let given = unsafe { ptr::sized(options, "bojagi_connect_options_init") }?;
    let given = given.unwrap_or_default();
    let refused = [
        (given.flags & BOJAGI_FAST_OPEN != 0, "BOJAGI_FAST_OPEN is for TCP; leave it out here"),
        (
            given.flags & ONE_FAMILY != 0,
            "BOJAGI_IPV4_ONLY and _IPV6_ONLY are for hosts; leave them out",
        ),
        (given.attempt_delay_ms != 0, "attempt_delay_ms is for hosts; leave it 0 here"),
        (!given.local.is_null(), "a local address is for hosts; leave it NULL here"),
        (!given.interface_name.is_null(), "an interface is for hosts; leave it NULL here"),
        (!given.hosts.is_null(), "a table of hosts is for hosts; leave it NULL here"),
        (given.resolver.is_some(), "a resolver is for hosts; leave it NULL here"),
    ];
    if let Some((_, text)) = refused.into_iter().find(|(is_set, _)| *is_set) {
        return Err(Error::argument(text));
    }
    // SAFETY: as above.
    unsafe { common(&given) }
}

unsafe fn common(given: &ConnectOptions) -> Result<Options, Error> {
    let unknown = given.flags & !(BOJAGI_INTERRUPTIBLE | BOJAGI_FAST_OPEN | ONE_FAMILY);
    if unknown != 0 {
        return Err(Error::wrong(format_args!(
            "unknown flags {unknown:#x}; pass those that the header names"
        )));
    }
    let interruptible = given.flags & BOJAGI_INTERRUPTIBLE != 0;
    // SAFETY: from C, under the contract of the header.
    let cancel = unsafe { cancel::shared(given.cancel.cast_const()) }?;
    // SAFETY: as above.
    let values = unsafe { option::values(given.values, given.value_count) }?;
    Ok(Options { interruptible, cancel, values })
}

fn families(flags: u32) -> Result<Families, Error> {
    match (flags & BOJAGI_IPV4_ONLY != 0, flags & BOJAGI_IPV6_ONLY != 0) {
        (false, false) => Ok(Families::Both),
        (true, false) => Ok(Families::Ipv4),
        (false, true) => Ok(Families::Ipv6),
        (true, true) => Err(Error::argument(
            "BOJAGI_IPV4_ONLY and BOJAGI_IPV6_ONLY leave nothing; pass one of them, or none",
        )),
    }
}

fn delay(delay_ms: u32) -> Result<Option<Duration>, Error> {
    match delay_ms {
        0 => Ok(None),
        10..=2000 => Ok(Some(Duration::from_millis(delay_ms.into()))),
        _ => Err(Error::wrong(format_args!(
            "attempt_delay_ms is {delay_ms}; pass 10 to 2000, or 0 for the default"
        ))),
    }
}

unsafe fn local(local: *const Address) -> Result<Option<addr::Address>, Error> {
    if local.is_null() {
        return Ok(None);
    }
    // SAFETY: from C, under the contract of the header.
    let local = unsafe { address::read(local) }?;
    if !is_inet(&local) {
        return Err(Error::argument("the local address is no IP address; pass one, or NULL"));
    }
    Ok(Some(local))
}

unsafe fn interface(name: *const c_char) -> Result<Option<Vec<u8>>, Error> {
    if name.is_null() {
        return Ok(None);
    }
    // SAFETY: from C, under the contract of the header.
    let name = unsafe { ptr::text(name, "interface_name") }?;
    if !(1..libc::IF_NAMESIZE).contains(&name.len()) {
        return Err(Error::argument("no interface has a name of that length; pass one, or NULL"));
    }
    Ok(Some(name.to_vec()))
}

/// The resolver of the caller as one of ours.
fn hook(given: &ConnectOptions) -> Option<Box<Hook>> {
    let resolver = given.resolver?;
    let user = given.resolver_user;
    Some(Box::new(move |host: &Host, port, timeout| {
        let timeout_ms = match timeout {
            Timeout::Never => -1,
            Timeout::Immediate => 0,
            Timeout::Millis(ms) => i64::try_from(ms).unwrap_or(i64::MAX),
        };
        let host = CString::new(host.text()).map_err(|_| Error::argument("the host has a NUL"))?;
        let mut room = vec![Address { len: 0, storage: [0; 128] }; HOOK_MAX];
        let (addresses, cap) = (room.as_mut_ptr(), room.len());
        // SAFETY: by the contract of the header the function takes exactly this, and `room` has `cap`
        // elements.
        let count =
            unsafe { resolver(host.as_ptr(), port.into(), timeout_ms, addresses, cap, user) };
        hooked(count, &room)
    }))
}

/// What the caller's resolver has answered.
fn hooked(count: i64, room: &[Address]) -> Result<Vec<addr::Address>, Error> {
    if (BOJAGI_E_PANIC..=BOJAGI_E_ARG).contains(&count) {
        return Err(Cause::Hook(count).into());
    }
    let filled = usize::try_from(count).ok().and_then(|count| room.get(..count));
    let filled = filled.ok_or_else(|| {
        Error::wrong(format_args!(
            "the resolver hook answered {count}; return a count up to cap, or a BOJAGI_E_ code"
        ))
    })?;
    filled.iter().map(inet).collect()
}

fn inet(address: &Address) -> Result<addr::Address, Error> {
    match address::parsed(address) {
        Some(address) if is_inet(&address) => Ok(address),
        _ => Err(Error::argument(
            "the resolver hook gave what is no IP address; fill those it counts",
        )),
    }
}

/// Whether an address is one of IPv4 or IPv6.
pub(super) fn is_inet(address: &addr::Address) -> bool {
    matches!(address.family(), Family::Ipv4 | Family::Ipv6)
}

const ONE_FAMILY: u32 = BOJAGI_IPV4_ONLY | BOJAGI_IPV6_ONLY;
