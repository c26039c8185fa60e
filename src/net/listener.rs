//! A listener, TCP or Unix, and accepting connections from it.

use super::addr::Address;
use super::connect::Options;
use super::direction::{Call, Direction, Kernel, Mode};
use super::resolve::{self, Host};
use super::socket::{Kind, Origin, POISONED, Socket};
use super::sys::descriptor::Found;
use super::sys::poll::Interest;
use super::unix::OwnedPath;
use crate::cancel::Cancel;
use crate::deadline::Timeout;
use crate::error::{Cause, Error, Stage, Subject};
use socket2::{Domain, Protocol, SockAddr, Type};
use std::io;
use std::os::fd::{AsRawFd, RawFd};
use std::sync::{Arc, Mutex, MutexGuard, TryLockError};

/// A socket that connections are accepted from.
#[derive(Debug)]
pub struct Listener {
    /// Dropped first: while the socket lives, nobody else has a file with its inode.
    _path: Option<OwnedPath>,
    system: socket2::Socket,
    local: Address,
    is_unix: bool,
    interruptible: bool,
    accept: Mutex<Accept>,
}

#[derive(Debug)]
struct Accept {
    direction: Direction,
    blocking: Blocking,
    /// The time-out that connections inherit, as they do on Linux from the moment they are made.
    inherited: Kernel,
}

/// accept(2) has no MSG_DONTWAIT, so the descriptor itself has to be switched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Blocking {
    Yes,
    /// We have switched it.
    No,
    /// The host has, and relies on it.
    Never,
}

impl Listener {
    /// Listens on `host` (none: every interface, both families) and `port`; backlog 0 is the system's
    /// largest.
    pub fn tcp(
        host: Option<&Host>,
        port: u16,
        backlog: i32,
        options: &Options,
    ) -> Result<Self, Error> {
        let system = resolve::bind(host, port, options, &|name| tcp(name, backlog))?;
        let local = || Ok(system.local_addr()?.into());
        let local = local().map_err(|error: Error| error.at(Stage::Listen))?;
        Ok(Self::new(system, local, options, None))
    }

    /// Listens on a path, which must not exist yet, or an abstract name.
    pub fn unix(address: &Address, backlog: i32, options: &Options) -> Result<Self, Error> {
        let listen = || {
            let name = address.system().ok_or_else(|| Error::argument(super::unix::NOBODY))?;
            let system = socket2::Socket::new(Domain::UNIX, Type::STREAM, None)?;
            system.bind(name)?;
            let path = OwnedPath::of(address);
            system.listen(backlog)?;
            Ok((system, path))
        };
        let (system, path) = listen().map_err(|error: Error| {
            error.at(Stage::Listen).about(Subject::Address(address.clone()))
        })?;
        Ok(Self::new(system, address.clone(), options, path))
    }

    /// Takes over a listening descriptor of the host, on success only.
    pub fn from_fd(fd: i64, options: &Options) -> Result<Self, Error> {
        let take = || {
            let found = Found::look(fd)?;
            if found.kind != Type::STREAM || !found.listens {
                return Err(Error::argument(format!(
                    "descriptor {fd} does not listen; call listen(2) on a stream socket first"
                )));
            }
            let system = found.take()?;
            let local = system.local_addr().map_or(Address::UNNAMED, Address::from);
            let is_nonblocking = system.nonblocking().unwrap_or(false);
            if local.port().is_some() {
                system.set_tcp_nodelay(true).ok();
            }
            let mut listener = Self::new(system, local, options, None);
            let blocking = if is_nonblocking { Blocking::Never } else { Blocking::Yes };
            let direction = Direction::new(options.cancel.clone(), Kernel::Unknown);
            let accept = Accept { direction, blocking, inherited: Kernel::Unknown };
            listener.accept = Mutex::new(accept);
            Ok(listener)
        };
        take().map_err(|error: Error| error.at(Stage::Socket))
    }

    /// Accepts one connection.
    pub fn accept(&self, timeout: Timeout) -> Result<Socket, Error> {
        self.accept_once(timeout).map_err(|error| self.error(Stage::Accept, error))
    }

    /// The address that it listens on.
    pub fn local(&self) -> Result<Address, Error> {
        self.check().map_err(|error| self.error(Stage::Socket, error))?;
        Ok(self.local.clone())
    }

    /// The descriptor, which stays ours.
    pub fn fd(&self) -> Result<RawFd, Error> {
        self.check().map_err(|error| self.error(Stage::Socket, error))?;
        Ok(self.system.as_raw_fd())
    }

    /// Attaches a cancel, or detaches it.
    pub fn set_cancel(&self, cancel: Option<Arc<Cancel>>) -> Result<(), Error> {
        let mut accept = self.lock().map_err(|error| self.error(Stage::Socket, error))?;
        accept.direction.cancel = cancel;
        Ok(())
    }

    fn new(
        system: socket2::Socket,
        local: Address,
        options: &Options,
        path: Option<OwnedPath>,
    ) -> Self {
        let is_unix = local.port().is_none();
        let known = Kernel::Millis(0);
        let direction = Direction::new(options.cancel.clone(), known);
        let accept = Mutex::new(Accept { direction, blocking: Blocking::Yes, inherited: known });
        let interruptible = options.interruptible;
        Self { system, local, is_unix, interruptible, accept, _path: path }
    }

    fn accept_once(&self, timeout: Timeout) -> Result<Socket, Error> {
        let mut accept = self.lock()?;
        let Accept { direction, blocking, inherited } = &mut *accept;
        let Self { system: socket, interruptible, .. } = self;
        let call =
            Call { socket, interest: Interest::Recv, interruptible: *interruptible, nowait: false };
        let accepted = direction.perform(&call, timeout, timeout.deadline(), |mode| {
            blocking.switch(socket, mode)?;
            socket.accept().map_err(passing)
        });
        if direction.kernel() != Kernel::Millis(0) && !self.is_unix {
            *inherited = Kernel::Unknown;
        }
        let (system, peer) = accepted?;
        let options = Options { interruptible: *interruptible, cancel: None };
        let (is_unix, peer) = (self.is_unix, Some(peer.into()));
        let kernel = [*inherited, Kernel::Millis(0)];
        let origin =
            Origin { kind: Kind::Stream, is_unix, options: &options, peer, kernel, path: None };
        Ok(Socket::new(system, origin))
    }

    fn lock(&self) -> Result<MutexGuard<'_, Accept>, Error> {
        self.accept.try_lock().map_err(|error| match error {
            TryLockError::WouldBlock => {
                Cause::State("another thread is accepting; use one thread at a time").into()
            }
            TryLockError::Poisoned(_) => Cause::State(POISONED).into(),
        })
    }

    fn check(&self) -> Result<(), Error> {
        if self.accept.is_poisoned() { Err(Cause::State(POISONED).into()) } else { Ok(()) }
    }

    fn error(&self, stage: Stage, error: Error) -> Error {
        error.at(stage).about(Subject::Address(self.local.clone()))
    }
}

impl Blocking {
    fn switch(&mut self, socket: &socket2::Socket, mode: Mode) -> io::Result<()> {
        let wanted = if mode == Mode::Wait { Self::Yes } else { Self::No };
        if *self == Self::Never || *self == wanted {
            return Ok(());
        }
        socket.set_nonblocking(wanted == Self::No)?;
        *self = wanted;
        Ok(())
    }
}

/// A connection that failed before it was accepted: no failure of the listener, which goes on as if
/// nothing had come (accept(2)).
fn passing(error: io::Error) -> io::Error {
    match error.raw_os_error() {
        Some(
            libc::ECONNABORTED
            | libc::EPROTO
            | libc::ENOPROTOOPT
            | libc::ENETDOWN
            | libc::EHOSTDOWN
            | libc::EHOSTUNREACH
            | libc::ENETUNREACH,
        ) => io::Error::from_raw_os_error(libc::EAGAIN),
        _ => error,
    }
}

/// Connections inherit TCP_NODELAY from the listener, which saves a call for each.
fn tcp(name: &SockAddr, backlog: i32) -> Result<socket2::Socket, Error> {
    let system = socket2::Socket::new(name.domain(), Type::STREAM, Some(Protocol::TCP))?;
    system.set_reuse_address(true)?;
    system.set_tcp_nodelay(true)?;
    if name.is_ipv6() {
        system.set_only_v6(false)?;
    }
    system.bind(name)?;
    system.listen(backlog)?;
    Ok(system)
}
