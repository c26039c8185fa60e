//! Connecting: one address after the other, each with its part of the budget.

use super::addr::Address;
use super::datagram;
use super::direction::{Call, Direction, Kernel};
use super::resolve::{Host, resolve};
use super::socket::{Kind, Origin, Socket};
use super::sys::poll::Interest;
use super::wait::Waiter;
use crate::cancel::Cancel;
use crate::deadline::{Deadline, Timeout};
use crate::error::{Attempt, Cause, Error, Stage, Subject};
use socket2::{Domain, Protocol, SockAddr, Type};
use std::os::fd::AsFd;
use std::sync::Arc;
use std::time::Duration;

/// What connecting and listening take beyond an address.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// A signal ends a waiting call.
    pub interruptible: bool,
    /// Ends waiting calls.
    pub cancel: Option<Arc<Cancel>>,
}

impl Options {
    /// A waiter of a call that has these options.
    pub fn waiter(&self, deadline: Deadline) -> Waiter<'_> {
        let Self { interruptible, cancel } = self;
        Waiter { deadline, cancel: cancel.as_deref(), interruptible: *interruptible }
    }
}

/// A TCP connection to a host.
pub fn tcp(host: &Host, port: u16, options: &Options, timeout: Timeout) -> Result<Socket, Error> {
    inet(host, port, options, timeout, &|address, waiter| {
        let system = socket2::Socket::new(address.domain(), Type::STREAM, Some(Protocol::TCP))?;
        system.set_tcp_nodelay(true)?;
        let sent = if waiter.cancel.is_some() || waiter.deadline == Deadline::Immediate {
            polled(&system, address, waiter)?;
            Kernel::Millis(0)
        } else {
            waited(&system, address, waiter)?
        };
        let kernel = [Kernel::Millis(0), sent];
        Ok((system, Kind::Stream, kernel))
    })
}

/// A UDP socket that sends to, and receives from, one host only.
pub fn udp(host: &Host, port: u16, options: &Options, timeout: Timeout) -> Result<Socket, Error> {
    inet(host, port, options, timeout, &|address, _| {
        let system = socket2::Socket::new(address.domain(), Type::DGRAM, Some(Protocol::UDP))?;
        system.connect(address)?;
        Ok((system, Kind::Datagram, [Kernel::Millis(0); 2]))
    })
}

/// A Unix stream to an address.
pub fn unix(address: &Address, options: &Options, timeout: Timeout) -> Result<Socket, Error> {
    let open = || {
        let name = address.system().ok_or_else(|| Error::argument(super::unix::NOBODY))?;
        let system = socket2::Socket::new(Domain::UNIX, Type::STREAM, None)?;
        let waiter = options.waiter(timeout.deadline());
        let sent = unix_stream(&system, name, &waiter)?;
        Ok((system, sent))
    };
    let (system, sent) = open().map_err(|error| unix_error(address, error))?;
    let kernel = [Kernel::Millis(0), sent];
    let peer = Some(address.clone());
    let origin = Origin { kind: Kind::Stream, is_unix: true, options, peer, kernel, path: None };
    Ok(Socket::new(system, origin))
}

/// A Unix datagram socket that sends to one address; unnamed itself.
pub fn unix_datagram(address: &Address, options: &Options) -> Result<Socket, Error> {
    let open = || {
        let name = address.system().ok_or_else(|| Error::argument(super::unix::NOBODY))?;
        let system = socket2::Socket::new(Domain::UNIX, Type::DGRAM, None)?;
        system.connect(name)?;
        Ok(system)
    };
    let system = open().map_err(|error| unix_error(address, error))?;
    let origin = datagram::origin(options, Some(address.clone()), None);
    Ok(Socket::new(system, Origin { is_unix: true, ..origin }))
}

/// What opening one address gives: the time-outs of the system are recv's and send's.
type Opened = (socket2::Socket, Kind, [Kernel; 2]);

/// Tries the addresses of a host in the order of the resolver. What is left of the budget is divided
/// by the number of addresses left, so that a dead one cannot use up what belongs to the next.
fn inet(
    host: &Host,
    port: u16,
    options: &Options,
    timeout: Timeout,
    open: &dyn Fn(&SockAddr, &Waiter<'_>) -> Result<Opened, Error>,
) -> Result<Socket, Error> {
    let waiter = options.waiter(timeout.deadline());
    let addresses = resolve(host, port, &waiter)?;
    let mut attempts = Vec::new();
    for (index, address) in addresses.iter().enumerate() {
        let Some(name) = address.system() else { continue };
        let part = waiter.until(waiter.deadline.part(addresses.len() - index));
        match part.check().and_then(|()| open(name, &part)) {
            Ok((system, kind, kernel)) => {
                let peer = Some(address.clone());
                let origin = Origin { kind, is_unix: false, options, peer, kernel, path: None };
                return Ok(Socket::new(system, origin));
            }
            Err(error) => {
                let cause = error.into_cause();
                let is_last_word = matches!(cause, Cause::Cancelled | Cause::Interrupted);
                attempts.push(Attempt { address: address.clone(), cause });
                if is_last_word {
                    break;
                }
            }
        }
    }
    let error = match attempts.last() {
        Some(last) => last.cause.clone().into(),
        None => Error::argument("the host has no address; pass another"),
    };
    Err(error.at(Stage::Connect).about(host.subject(port)).after(attempts))
}

/// Connects with a plain connect(2), its budget in SO_SNDTIMEO.
fn waited(
    system: &socket2::Socket,
    address: &SockAddr,
    waiter: &Waiter<'_>,
) -> Result<Kernel, Error> {
    let mut send = Direction::new(None, Kernel::Millis(0));
    send.set_kernel_timeout(&call(system, waiter), waiter.deadline.timeout())?;
    let Err(error) = system.connect(address) else { return Ok(send.kernel()) };
    match error.raw_os_error() {
        Some(libc::EINTR) if waiter.interruptible => return Err(Cause::Interrupted.into()),
        // Interrupted or out of time, the connect goes on by itself (connect(2)).
        Some(libc::EINTR | libc::EINPROGRESS) => finish(system, waiter)?,
        _ => return Err(error.into()),
    }
    Ok(send.kernel())
}

/// Connects without waiting in connect(2).
fn polled(system: &socket2::Socket, address: &SockAddr, waiter: &Waiter<'_>) -> Result<(), Error> {
    system.set_nonblocking(true)?;
    if let Err(error) = system.connect(address) {
        match error.raw_os_error() {
            Some(libc::EINTR | libc::EINPROGRESS) => finish(system, waiter)?,
            _ => return Err(error.into()),
        }
    }
    Ok(system.set_nonblocking(false)?)
}

/// Waits for the end of a connect that goes on by itself.
fn finish(system: &socket2::Socket, waiter: &Waiter<'_>) -> Result<(), Error> {
    waiter.ready(system.as_fd(), Interest::Send)?;
    match system.take_error()? {
        Some(error) => Err(error.into()),
        None => Ok(()),
    }
}

/// Connects to a Unix listener, which takes part only while its backlog has room. Where a plain call
/// must not wait, there is nothing to poll: the call is made again after a moment.
fn unix_stream(
    system: &socket2::Socket,
    name: &SockAddr,
    waiter: &Waiter<'_>,
) -> Result<Kernel, Error> {
    waiter.check()?;
    let plain = waiter.cancel.is_none() && waiter.deadline != Deadline::Immediate;
    let mut send = Direction::new(None, Kernel::Millis(0));
    system.set_nonblocking(!plain)?;
    let mut pause = FIRST_PAUSE;
    loop {
        if plain {
            send.set_kernel_timeout(&call(system, waiter), waiter.deadline.timeout())?;
        }
        let Err(error) = system.connect(name) else { break };
        match error.raw_os_error() {
            Some(libc::EINTR) if waiter.interruptible => return Err(Cause::Interrupted.into()),
            Some(libc::EINTR) => {}
            Some(libc::EAGAIN) if waiter.deadline.passed() => return Err(waiter.deadline.error()),
            Some(libc::EAGAIN) if plain => {}
            Some(libc::EAGAIN) => {
                waiter.pause(pause)?;
                pause = (pause * 2).min(LAST_PAUSE);
            }
            _ => return Err(error.into()),
        }
    }
    if !plain {
        system.set_nonblocking(false)?;
    }
    Ok(send.kernel())
}

fn call<'a>(socket: &'a socket2::Socket, waiter: &Waiter<'_>) -> Call<'a> {
    let interruptible = waiter.interruptible;
    Call { socket, interest: Interest::Send, interruptible, nowait: false }
}

fn unix_error(address: &Address, error: Error) -> Error {
    let attempts = vec![Attempt { address: address.clone(), cause: error.cause().clone() }];
    error.at(Stage::Connect).about(Subject::Address(address.clone())).after(attempts)
}

const FIRST_PAUSE: Duration = Duration::from_millis(1);
const LAST_PAUSE: Duration = Duration::from_millis(16);
