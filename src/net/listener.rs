//! A listener, TCP or Unix. How it accepts is in `accept.rs`.

use super::accept::Blocking;
use super::addr::Address;
use super::bind::{self, Options, Purpose};
use super::direction::{Direction, Kernel};
use super::resolve::Host;
use super::socket::{Kind, poisoned};
use super::sys::descriptor::Found;
use super::unix::OwnedPath;
use crate::cancel::Cancel;
use crate::error::{Error, Stage, Subject};
use socket2::Type;
use std::os::fd::{AsRawFd, RawFd};
use std::sync::{Arc, Mutex, MutexGuard, TryLockError};

/// A socket that connections are accepted from.
#[derive(Debug)]
pub struct Listener {
    /// Dropped first: while the socket lives, nobody else has a file with its inode.
    _path: Option<OwnedPath>,
    pub(super) system: socket2::Socket,
    local: Address,
    pub(super) kind: Kind,
    pub(super) is_unix: bool,
    pub(super) interruptible: bool,
    accept: Mutex<Accept>,
}

#[derive(Debug)]
pub(super) struct Accept {
    pub direction: Direction,
    pub blocking: Blocking,
    /// The time-out that connections inherit, as they do on Linux from the moment they are made.
    pub inherited: Kernel,
}

impl Listener {
    /// Listens on `host` (none: every interface, both families) and `port`.
    pub fn tcp(host: Option<&Host>, port: u16, options: &Options) -> Result<Self, Error> {
        let system = bind::inet(host, port, options, Purpose::Tcp)?;
        let local = || Ok(system.local_addr()?.into());
        let local = local().map_err(|error: Error| error.at(Stage::Listen))?;
        Ok(Self::new(system, local, options, None))
    }

    /// Listens on a path or an abstract name, or on a name that the system chooses.
    pub fn unix(kind: Kind, address: &Address, options: &Options) -> Result<Self, Error> {
        let (system, path) = bind::unix(Some(address), kind, options, Purpose::UnixListener)?;
        let local = match address.system() {
            Some(_) => address.clone(),
            None => {
                let local = system.local_addr();
                local.map_err(|error| Error::from(error).at(Stage::Listen))?.into()
            }
        };
        Ok(Self { kind, ..Self::new(system, local, options, path) })
    }

    /// Takes over a listening descriptor of the host, on success only.
    pub fn from_fd(fd: i64, options: &Options) -> Result<Self, Error> {
        let take = || {
            options.check(Purpose::Adopted, false)?;
            let found = Found::look(fd)?;
            let kind = match found.kind {
                Type::SEQPACKET if found.is_unix => Kind::Seqpacket,
                _ => Kind::Stream,
            };
            if found.kind != kind.system() || !found.listens {
                return Err(Error::wrong(format_args!(
                    "descriptor {fd} does not listen; call listen(2) on a stream socket first"
                )));
            }
            let system = found.take()?;
            let local = system.local_addr().map_or(Address::UNNAMED, Address::from);
            let is_nonblocking = system.nonblocking().unwrap_or(false);
            if local.port().is_some() {
                system.set_tcp_nodelay(true).ok();
            }
            let mut listener = Self { kind, ..Self::new(system, local, options, None) };
            let blocking = if is_nonblocking { Blocking::Never } else { Blocking::Yes };
            let direction = Direction::new(options.common.cancel.clone(), Kernel::Unknown);
            let accept = Accept { direction, blocking, inherited: Kernel::Unknown };
            listener.accept = Mutex::new(accept);
            Ok(listener)
        };
        take().map_err(|error: Error| error.at(Stage::Socket))
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

    /// Whether a connection has to be waited for before the last call is made again.
    pub fn wanted(&self) -> Result<bool, Error> {
        self.check().map_err(|error| self.error(Stage::Socket, error))?;
        Ok(self.lock().is_ok_and(|accept| accept.direction.wanted()))
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
        let direction = Direction::new(options.common.cancel.clone(), known);
        let accept = Mutex::new(Accept { direction, blocking: Blocking::Yes, inherited: known });
        let interruptible = options.common.interruptible;
        let kind = Kind::Stream;
        Self { system, local, kind, is_unix, interruptible, accept, _path: path }
    }

    pub(super) fn lock(&self) -> Result<MutexGuard<'_, Accept>, Error> {
        self.accept.try_lock().map_err(|error| match error {
            TryLockError::WouldBlock => {
                Error::state("another thread is accepting; use one thread at a time")
            }
            TryLockError::Poisoned(_) => poisoned(),
        })
    }

    pub(super) fn check(&self) -> Result<(), Error> {
        if self.accept.is_poisoned() { Err(poisoned()) } else { Ok(()) }
    }

    #[inline(never)]
    pub(super) fn error(&self, stage: Stage, error: Error) -> Error {
        error.at(stage).about(Subject::Address(self.local.clone()))
    }
}
