//! What listeners and datagram sockets are made with, and how they are bound.

use super::addr::Address;
use super::connect;
use super::option;
use super::option::id::{
    BOJAGI_KIND_TCP_LISTENER, BOJAGI_KIND_UDP, BOJAGI_KIND_UNIX_DATAGRAM, BOJAGI_KIND_UNIX_LISTENER,
};
use super::path::{self, Turn};
use super::resolve::{Host, Names, resolve};
use super::socket::Kind;
use super::sys;
use super::unix::{self, OwnedPath};
use crate::deadline::Timeout;
use crate::error::{Cause, Error, Stage, Subject};
use socket2::{Domain, SockAddr, Socket, Type};
use std::ffi::c_int;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};

/// What listening and binding take beyond an address.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// What connecting takes, too.
    pub common: connect::Options,
    /// The connections that wait to be accepted; 0: the most that the system allows.
    pub backlog: u32,
    /// Several sockets may have the same port.
    pub reuse_port: bool,
    /// Old connections keep a port from a new listener.
    pub no_reuse_address: bool,
    /// IPv6 alone.
    pub v6_only: bool,
    /// The queue of TCP Fast Open; 0: off.
    pub fast_open: u32,
    /// How long a connection waits for its first data before it is accepted; 0: not at all.
    pub defer_accept_s: u32,
    /// The one interface.
    pub interface: Option<Vec<u8>>,
    /// A Unix socket that nobody has any more is replaced.
    pub replace: bool,
    /// The permissions of a path; without them the umask decides.
    pub mode: Option<u32>,
}

/// What is made, which decides the options that mean something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// A TCP listener.
    Tcp,
    /// A UDP socket.
    Udp,
    /// A Unix listener, stream or seqpacket, at a path.
    UnixListener,
    /// A Unix datagram socket at a path.
    UnixDatagram,
    /// A handle for a descriptor that is bound already.
    Adopted,
}

impl Purpose {
    /// One BOJAGI_KIND_; of what was made elsewhere none.
    fn kind(self) -> u32 {
        match self {
            Self::Tcp => BOJAGI_KIND_TCP_LISTENER,
            Self::Udp => BOJAGI_KIND_UDP,
            Self::UnixListener => BOJAGI_KIND_UNIX_LISTENER,
            Self::UnixDatagram => BOJAGI_KIND_UNIX_DATAGRAM,
            Self::Adopted => 0,
        }
    }
}

impl Options {
    /// Refuses an option that means nothing to `purpose`; of a Unix name that has no file, also those
    /// about files.
    pub fn check(&self, purpose: Purpose, has_file: bool) -> Result<(), Error> {
        use Purpose::{Tcp, Udp, UnixDatagram, UnixListener};
        let inet: &[Purpose] = &[Tcp, Udp];
        let file: &[Purpose] = if has_file { &[UnixListener, UnixDatagram] } else { &[] };
        let rules = [
            (self.backlog != 0, "backlog", &[Tcp, UnixListener][..]),
            (self.no_reuse_address, "BOJAGI_NO_REUSE_ADDRESS", &[Tcp]),
            (self.fast_open != 0, "fast_open", &[Tcp]),
            (self.defer_accept_s != 0, "defer_accept_s", &[Tcp]),
            (self.reuse_port, "BOJAGI_REUSE_PORT", inet),
            (self.v6_only, "BOJAGI_V6_ONLY", inet),
            (self.interface.is_some(), "interface_name", inet),
            (self.replace, "BOJAGI_UNIX_REPLACE", file),
            (self.mode.is_some(), "unix_mode", file),
            (!self.common.values.is_empty(), "values", &[Tcp, Udp, UnixListener, UnixDatagram]),
        ];
        let wrong = rules.iter().find(|(is_set, _, fits)| *is_set && !fits.contains(&purpose));
        wrong.map_or(Ok(()), |(_, name, _)| {
            Err(Error::wrong(format_args!("{name} means nothing here; leave it out")))
        })
    }

    /// Refuses values that no socket for `purpose` can have.
    fn check_values(&self, purpose: Purpose) -> Result<(), Error> {
        option::value::check(&self.common.values, purpose.kind())
    }

    /// Gives a new socket its values.
    fn apply(&self, socket: &Socket, purpose: Purpose, is_ipv6: bool) -> Result<(), Error> {
        option::value::apply(&self.common.values, socket, purpose.kind(), is_ipv6)
    }

    /// Begins to listen.
    pub(super) fn listen(&self, system: &Socket) -> Result<(), Error> {
        let backlog = if self.backlog == 0 { libc::SOMAXCONN } else { bounded(self.backlog) };
        Ok(system.listen(backlog)?)
    }
}

/// Binds to the first address of `host` that will do; without a host to every interface, both families,
/// or IPv4 alone where the system has no IPv6. A name has 10 seconds to be looked up. A TCP socket
/// listens.
pub(super) fn inet(
    host: Option<&Host>,
    port: u16,
    options: &Options,
    purpose: Purpose,
) -> Result<Socket, Error> {
    options.check_values(purpose)?;
    let bound = || {
        options.check(purpose, false)?;
        let addresses = addresses(host, port, options)?;
        let mut last = Error::argument("the host has no address; pass another");
        for (index, address) in addresses.iter().filter_map(Address::system).enumerate() {
            match open(address, options, purpose) {
                Ok(bound) => return Ok(bound),
                // Nothing was tried at an address whose family lacks an option.
                Err(error) if matches!(error.cause(), Cause::Option(..)) && index > 0 => {}
                Err(error) => last = error,
            }
            if host.is_none() && !is_without_ipv6(last.cause()) {
                break;
            }
        }
        Err(last)
    };
    bound().map_err(|error: Error| match error.stage() {
        Stage::None => error.at(Stage::Listen).about(subject(host, port)),
        _ => error,
    })
}

/// Binds to a path or an abstract name, or without a name to one that the system chooses, and listens if
/// that is the purpose. Without an address nothing is bound.
pub(super) fn unix(
    address: Option<&Address>,
    kind: Kind,
    options: &Options,
    purpose: Purpose,
) -> Result<(Socket, Option<OwnedPath>), Error> {
    options.check_values(purpose)?;
    let bound = || {
        let name = address.and_then(Address::system);
        let path = name.and_then(SockAddr::as_pathname);
        options.check(purpose, path.is_some())?;
        let system = Socket::new(Domain::UNIX, kind.system(), None)?;
        options.apply(&system, purpose, false)?;
        let Some(address) = address else { return Ok((system, None)) };
        let _turn = match path.filter(|_| options.replace).zip(name) {
            None => None,
            Some((path, name)) => {
                let deadline = Timeout::Millis(PATIENCE_MS).deadline();
                let turn = Turn::take(path, &options.common.waiter(deadline))?;
                turn.clear(path, name)?;
                Some(turn)
            }
        };
        match name {
            Some(name) => path::bind(&system, name, options.mode)?,
            None => unix::bind_unnamed(&system)?,
        }
        let owned = OwnedPath::of(address);
        if let Some(path) = path {
            path::set_mode(path, options.mode)?;
        }
        if purpose == Purpose::UnixListener {
            options.listen(&system)?;
        }
        Ok((system, owned))
    };
    bound().map_err(|error: Error| {
        let subject = address.cloned().map_or(Subject::None, Subject::Address);
        error.at(Stage::Listen).about(subject)
    })
}

/// Connections inherit TCP_NODELAY from the listener, which saves a call for each.
fn open(name: &SockAddr, options: &Options, purpose: Purpose) -> Result<Socket, Error> {
    let is_tcp = purpose == Purpose::Tcp;
    let kind = if is_tcp { Type::STREAM } else { Type::DGRAM };
    let system = Socket::new(name.domain(), kind, None)?;
    if is_tcp {
        system.set_reuse_address(!options.no_reuse_address)?;
        system.set_tcp_nodelay(true)?;
    }
    if options.reuse_port {
        sys::bind::reuse_port(&system)?;
    }
    if name.is_ipv6() {
        system.set_only_v6(options.v6_only)?;
    }
    if let Some(interface) = &options.interface {
        sys::bind::interface(&system, interface)?;
    }
    options.apply(&system, purpose, name.is_ipv6())?;
    system.bind(name)?;
    if is_tcp {
        listen(&system, options)?;
    }
    Ok(system)
}

fn listen(system: &Socket, options: &Options) -> Result<(), Error> {
    if options.fast_open != 0 {
        sys::bind::fast_open(system, bounded(options.fast_open))?;
    }
    if options.defer_accept_s != 0 {
        sys::bind::defer_accept(system, bounded(options.defer_accept_s))?;
    }
    options.listen(system)
}

fn addresses(host: Option<&Host>, port: u16, options: &Options) -> Result<Vec<Address>, Error> {
    let mut addresses = match host {
        None => every_interface(port).to_vec(),
        Some(host) => {
            let deadline = Timeout::Millis(PATIENCE_MS).deadline();
            resolve(host, port, &Names::default(), &options.common.waiter(deadline))?
        }
    };
    if options.v6_only {
        addresses.retain(|address| address.system().is_some_and(SockAddr::is_ipv6));
        if addresses.is_empty() {
            let what = "BOJAGI_V6_ONLY and a host without IPv6 address; leave one of them out";
            return Err(Error::argument(what));
        }
    }
    Ok(addresses)
}

fn every_interface(port: u16) -> [Address; 2] {
    [
        SocketAddr::from((Ipv6Addr::UNSPECIFIED, port)).into(),
        SocketAddr::from((Ipv4Addr::UNSPECIFIED, port)).into(),
    ]
}

fn subject(host: Option<&Host>, port: u16) -> Subject {
    match host {
        Some(host) => host.subject(port),
        None => Subject::Address(SocketAddr::from((Ipv6Addr::UNSPECIFIED, port)).into()),
    }
}

fn is_without_ipv6(cause: &Cause) -> bool {
    matches!(cause, Cause::Os(libc::EAFNOSUPPORT | libc::EADDRNOTAVAIL))
}

fn bounded(number: u32) -> c_int {
    c_int::try_from(number).unwrap_or(c_int::MAX)
}

/// How long a name may take to be looked up, or another process to bind in the same directory.
const PATIENCE_MS: u64 = 10_000;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::option::value::{Setting, Value};

    #[test]
    fn only_a_system_without_ipv6_falls_back_to_ipv4() {
        assert!(is_without_ipv6(&Cause::Os(libc::EAFNOSUPPORT)));
        assert!(!is_without_ipv6(&Cause::Os(libc::EADDRINUSE)));
    }

    #[test]
    fn refuses_each_option_where_it_means_nothing() {
        let plain = Options::default;
        let value = Value { id: 1, setting: Setting::Number(1) };
        let with_values = connect::Options { values: vec![value], ..connect::Options::default() };
        let set = [
            Options { backlog: 1, ..plain() },
            Options { no_reuse_address: true, ..plain() },
            Options { fast_open: 1, ..plain() },
            Options { defer_accept_s: 1, ..plain() },
            Options { reuse_port: true, ..plain() },
            Options { v6_only: true, ..plain() },
            Options { interface: Some(b"lo".to_vec()), ..plain() },
            Options { replace: true, ..plain() },
            Options { mode: Some(0o600), ..plain() },
            Options { common: with_values, ..plain() },
        ];
        let fits = |purpose| set.each_ref().map(|options| options.check(purpose, true).is_ok());
        let (y, n) = (true, false);
        assert_eq!(fits(Purpose::Tcp), [y, y, y, y, y, y, y, n, n, y]);
        assert_eq!(fits(Purpose::Udp), [n, n, n, n, y, y, y, n, n, y]);
        assert_eq!(fits(Purpose::UnixListener), [y, n, n, n, n, n, n, y, y, y]);
        assert_eq!(fits(Purpose::UnixDatagram), [n, n, n, n, n, n, n, y, y, y]);
        assert_eq!(fits(Purpose::Adopted), [n; 10]);
        let no_file = |options: &Options| options.check(Purpose::UnixListener, false).is_err();
        assert!(set[7..9].iter().all(no_file));
    }
}
