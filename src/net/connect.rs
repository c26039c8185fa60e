//! Connecting: to one address as a plain program does, to several side by side.

use super::addr::Address;
use super::datagram;
use super::direction::{Call, Direction, Kernel};
use super::option;
use super::option::id::{BOJAGI_KIND_TCP, BOJAGI_KIND_UDP, BOJAGI_KIND_UNIX_DATAGRAM};
use super::option::value::{Value, apply, check};
use super::plan::Plan;
use super::race::{Race, distinct, interleaved};
use super::resolve::{Host, Names, resolve};
use super::socket::{Kind, Origin, Socket};
use super::sys::poll::Interest;
use super::wait::Waiter;
use crate::cancel::Cancel;
use crate::deadline::{Deadline, Timeout};
use crate::error::{Attempt, Cause, Error, Stage, Subject};
use socket2::{Domain, SockAddr, Type};
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
    /// What a new socket is given before it is bound or connected.
    pub values: Vec<Value>,
}

impl Options {
    /// A waiter of a call that has these options.
    pub fn waiter(&self, deadline: Deadline) -> Waiter<'_> {
        let Self { interruptible, cancel, .. } = self;
        Waiter { deadline, cancel: cancel.as_deref(), interruptible: *interruptible }
    }

    /// What a wait takes of them.
    pub fn of_wait(&self) -> Self {
        let Self { interruptible, cancel, .. } = self;
        Self { interruptible: *interruptible, cancel: cancel.clone(), values: Vec::new() }
    }
}

/// A TCP connection to a host: to its only address with a plain connect(2), else to the first of its
/// addresses that answers.
pub fn tcp(host: &Host, port: u16, names: &Names, plan: &Plan, timeout: Timeout) -> Connected {
    check(&plan.options.values, BOJAGI_KIND_TCP)?;
    let waiter = plan.options.waiter(timeout.deadline());
    let addresses = interleaved(resolve(host, port, names, &waiter)?);
    let plain = waiter.cancel.is_none() && waiter.deadline != Deadline::Immediate;
    match addresses.as_slice() {
        [address] if plain => single(address, plan, &waiter),
        _ => first(addresses, plan, &waiter),
    }
    .map_err(|error| error.at(Stage::Connect).about(host.subject(port)))
}

/// A UDP socket that sends to, and receives from, one host only: the first of its addresses that will do.
pub fn udp(host: &Host, port: u16, names: &Names, plan: &Plan, timeout: Timeout) -> Connected {
    check(&plan.options.values, BOJAGI_KIND_UDP)?;
    let waiter = plan.options.waiter(timeout.deadline());
    let (mut attempts, mut verdict) = (Vec::new(), None);
    for address in distinct(resolve(host, port, names, &waiter)?) {
        match waiter.check().and_then(|()| datagram(&address, plan)) {
            Ok(system) => {
                let origin = datagram::origin(&plan.options, Some(address), None);
                return Ok(Socket::new(system, origin));
            }
            Err(error) => {
                let cause = error.into_cause();
                // What was tried comes before what its family or an option kept from being tried.
                let made = plan.suits(&address) && !matches!(cause, Cause::Option(..));
                if verdict.is_none() || made {
                    verdict = Some(cause.clone());
                }
                attempts.push(Attempt { address, cause });
            }
        }
    }
    Err(Error::new(Stage::Connect, verdict.unwrap_or(Cause::Again))
        .about(host.subject(port))
        .after(attempts))
}

/// What connecting gives.
pub type Connected = Result<Socket, Error>;

/// A Unix connection to an address, stream or seqpacket.
pub fn unix(kind: Kind, address: &Address, options: &Options, timeout: Timeout) -> Connected {
    let of_kind = option::kind(true, kind);
    check(&options.values, of_kind)?;
    let open = || {
        let name = address.system().ok_or_else(|| Error::argument(super::unix::NOBODY))?;
        let system = socket2::Socket::new(Domain::UNIX, kind.system(), None)?;
        apply(&options.values, &system, of_kind, false)?;
        let waiter = options.waiter(timeout.deadline());
        let sent = unix_stream(&system, name, &waiter)?;
        Ok((system, sent))
    };
    let (system, sent) = open().map_err(|error| unix_error(address, error))?;
    let kernel = [Kernel::Millis(0), sent];
    let peer = Some(address.clone());
    let origin = Origin { kind, is_unix: true, options, peer, kernel, path: None };
    Ok(Socket::new(system, origin))
}

/// A Unix datagram socket that sends to one address; unnamed itself.
pub fn unix_datagram(address: &Address, options: &Options) -> Result<Socket, Error> {
    check(&options.values, BOJAGI_KIND_UNIX_DATAGRAM)?;
    let open = || {
        let name = address.system().ok_or_else(|| Error::argument(super::unix::NOBODY))?;
        let system = socket2::Socket::new(Domain::UNIX, Type::DGRAM, None)?;
        apply(&options.values, &system, BOJAGI_KIND_UNIX_DATAGRAM, false)?;
        system.connect(name)?;
        Ok(system)
    };
    let system = open().map_err(|error| unix_error(address, error))?;
    let origin = datagram::origin(options, Some(address.clone()), None);
    Ok(Socket::new(system, Origin { is_unix: true, ..origin }))
}

/// The socket of a TCP connection that has just been made, whose time-outs nobody has set.
pub(super) fn stream(system: socket2::Socket, peer: Address, options: &Options) -> Socket {
    let (peer, kernel) = (Some(peer), [Kernel::Millis(0); 2]);
    let kind = Kind::Stream;
    Socket::new(system, Origin { kind, is_unix: false, options, peer, kernel, path: None })
}

fn datagram(address: &Address, plan: &Plan) -> Result<socket2::Socket, Error> {
    let system = plan.datagram(address)?;
    let name = address.system().ok_or_else(|| Error::argument(super::unix::NOBODY))?;
    system.connect(name)?;
    Ok(system)
}

/// Connects to one address, with the system calls of a program that does nothing else.
fn single(address: &Address, plan: &Plan, waiter: &Waiter<'_>) -> Connected {
    let open = || {
        let system = plan.stream(address, false)?;
        let name = address.system().ok_or_else(|| Error::argument(super::unix::NOBODY))?;
        let sent = waited(&system, name, waiter)?;
        Ok((system, sent))
    };
    let (system, sent) = open().map_err(|error: Error| {
        let attempts = vec![Attempt { address: address.clone(), cause: error.cause().clone() }];
        error.after(attempts)
    })?;
    let kernel = [Kernel::Millis(0), sent];
    let (kind, options, peer) = (Kind::Stream, &plan.options, Some(address.clone()));
    Ok(Socket::new(system, Origin { kind, is_unix: false, options, peer, kernel, path: None }))
}

/// Connects to the first of the addresses that answers.
fn first(addresses: Vec<Address>, plan: &Plan, waiter: &Waiter<'_>) -> Connected {
    waiter.check()?;
    let delay = plan.delay(addresses.len(), waiter.deadline);
    let mut race = Race::new(addresses, delay, None);
    let (system, peer) = loop {
        if let Some(won) = race.begin(plan) {
            break won;
        }
        if race.is_lost() {
            return Err(race.failure(None));
        }
        let ready = waiter
            .any(&race.descriptors(), race.due())
            .map_err(|error| race.failure(Some(error.into_cause())))?;
        if let Some(won) = race.judge(&ready) {
            break won;
        }
    };
    system.set_nonblocking(false)?;
    Ok(stream(system, peer, &plan.options))
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
        Some(libc::EINTR) if waiter.interruptible => return Err(Error::interrupted()),
        // Interrupted or out of time, the connect goes on by itself (connect(2)).
        Some(libc::EINTR | libc::EINPROGRESS) => finish(system, waiter)?,
        _ => return Err(error.into()),
    }
    Ok(send.kernel())
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
            Some(libc::EINTR) if waiter.interruptible => return Err(Error::interrupted()),
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
