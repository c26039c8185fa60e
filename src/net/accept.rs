//! Accepting connections, one or as many as there are.

use super::connect::Options;
use super::direction::{Call, Kernel, Mode};
use super::listener::{Accept, Listener};
use super::socket::{Origin, Socket};
use super::sys::poll::Interest;
use super::wait::Waiter;
use crate::deadline::{Deadline, Timeout};
use crate::error::{Cause, Error, Stage};
use socket2::SockAddr;
use std::io;
use std::time::Duration;

/// What accept(2) gives.
type Accepted = (socket2::Socket, SockAddr);

/// accept(2) has no MSG_DONTWAIT, so the descriptor itself has to be switched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Blocking {
    Yes,
    /// We have switched it.
    No,
    /// The host has, and relies on it.
    Never,
}

impl Listener {
    /// Accepts one connection.
    pub fn accept(&self, timeout: Timeout) -> Result<Socket, Error> {
        let accept = || {
            let mut accept = self.lock()?;
            let accepted = self.accept_first(&mut accept, timeout, false)?;
            Ok(self.made(&accept, accepted))
        };
        accept().map_err(|error| self.error(Stage::Accept, error))
    }

    /// Waits for one connection and hands it to `take`, with what else is there, `cap` at most. Says how
    /// many.
    pub fn accept_batch(
        &self,
        cap: usize,
        timeout: Timeout,
        take: &mut dyn FnMut(Socket),
    ) -> Result<usize, Error> {
        let mut batch = || {
            let mut accept = self.lock()?;
            let accepted = self.accept_first(&mut accept, timeout, true)?;
            take(self.made(&accept, accepted));
            let mut count = 1;
            while count < cap {
                match self.system.accept() {
                    Ok(accepted) => take(self.made(&accept, accepted)),
                    Err(error) if is_passing(&error) => continue,
                    // There are no more; or it is what the next call will meet as its first.
                    Err(_) => break,
                }
                count += 1;
            }
            Ok(count)
        };
        batch().map_err(|error| self.error(Stage::Accept, error))
    }

    /// One connection. Where the system lacks what a connection needs, the call tries again after
    /// growing pauses, so that a host which calls on and on does not spin; the connection waits in the
    /// backlog.
    fn accept_first(
        &self,
        accept: &mut Accept,
        timeout: Timeout,
        nowait: bool,
    ) -> Result<Accepted, Error> {
        let Self { system: socket, interruptible, .. } = self;
        let interruptible = *interruptible;
        let deadline = timeout.deadline();
        let mut call = Call { socket, interest: Interest::Recv, interruptible, nowait };
        let mut shortage = None;
        loop {
            let error = match self.accept_once(accept, &call, timeout, deadline) {
                Err(error) if is_shortage(error.cause()) => error,
                result => return result,
            };
            let (until, pause) = shortage.unwrap_or_else(|| (end_of_shortage(deadline), PAUSE));
            if until.passed() {
                return Err(error);
            }
            let cancel = accept.direction.cancel.as_deref();
            Waiter { deadline: until, cancel, interruptible }.pause(pause)?;
            shortage = Some((until, pause * 2));
            // What is left of the budget is less than `timeout`, which the system would be told.
            call.nowait = true;
        }
    }

    fn accept_once(
        &self,
        accept: &mut Accept,
        call: &Call<'_>,
        timeout: Timeout,
        deadline: Deadline,
    ) -> Result<Accepted, Error> {
        let Accept { direction, blocking, inherited } = accept;
        let accepted = direction.perform(call, timeout, deadline, |mode| {
            blocking.switch(call.socket, mode)?;
            call.socket.accept().map_err(|error| match is_passing(&error) {
                true => io::Error::from_raw_os_error(libc::EAGAIN),
                false => error,
            })
        });
        if direction.kernel() != Kernel::Millis(0) && !self.is_unix {
            *inherited = Kernel::Unknown;
        }
        accepted
    }

    fn made(&self, accept: &Accept, (system, peer): Accepted) -> Socket {
        let options = Options { interruptible: self.interruptible, ..Options::default() };
        let (is_unix, peer) = (self.is_unix, Some(peer.into()));
        let kernel = [accept.inherited, Kernel::Millis(0)];
        let origin =
            Origin { kind: self.kind, is_unix, options: &options, peer, kernel, path: None };
        Socket::new(system, origin)
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
fn is_passing(error: &io::Error) -> bool {
    matches!(
        error.raw_os_error(),
        Some(
            libc::ECONNABORTED
                | libc::EPROTO
                | libc::ENOPROTOOPT
                | libc::ENETDOWN
                | libc::EHOSTDOWN
                | libc::EHOSTUNREACH
                | libc::ENETUNREACH
        )
    )
}

/// No descriptor, or no memory, for a connection that is there.
fn is_shortage(cause: &Cause) -> bool {
    matches!(cause, Cause::Os(libc::EMFILE | libc::ENFILE | libc::ENOMEM | libc::ENOBUFS))
}

/// When a call that has met a shortage gives up.
fn end_of_shortage(deadline: Deadline) -> Deadline {
    match (deadline, Timeout::Millis(SHORTAGE_MS).deadline()) {
        (Deadline::At(end), Deadline::At(patience)) => Deadline::At(end.min(patience)),
        (Deadline::Immediate, _) => Deadline::Immediate,
        (_, patience) => patience,
    }
}

const PAUSE: Duration = Duration::from_millis(1);
const SHORTAGE_MS: u64 = 100;
