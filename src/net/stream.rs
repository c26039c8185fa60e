//! What only a stream can do: all bytes or a failure that says how far it got.

use super::direction::{Direction, Mode};
use super::socket::{Kind, NO_ROOM, Socket, recv_flags, send_flags};
use super::sys::flag;
use super::sys::poll::Interest;
use crate::deadline::{Deadline, Timeout};
use crate::error::{Cause, Error, Stage};
use std::io;
use std::mem::MaybeUninit;

/// One attempt to send what stands from a byte on, with these flags.
pub(super) type SendFrom<'a> = dyn FnMut(usize, i32) -> io::Result<usize> + 'a;

impl Socket {
    /// Sends all of `data`. `done` counts what was sent, also on failure.
    pub fn send_all(&self, data: &[u8], timeout: Timeout, done: &mut usize) -> Result<(), Error> {
        *done = 0;
        let send = &mut |at: usize, flags| {
            self.system.send_with_flags(data.get(at..).unwrap_or_default(), flags)
        };
        self.send_from(data.len(), timeout, done, send)
            .map_err(|error| self.error(Stage::Send, error))
    }

    /// Fills `buf`. `done` counts what has come, also on failure.
    pub fn recv_exact(
        &self,
        buf: &mut [MaybeUninit<u8>],
        timeout: Timeout,
        done: &mut usize,
    ) -> Result<(), Error> {
        self.recv_rest(buf, timeout, done).map_err(|error| self.error(Stage::Recv, error))
    }

    /// Sends what `send` gives from the byte `done` on, until that is `len`.
    pub(super) fn send_from(
        &self,
        len: usize,
        timeout: Timeout,
        done: &mut usize,
        send: &mut SendFrom<'_>,
    ) -> Result<(), Error> {
        self.check_message(len)?;
        let mut direction = self.lock_here(Interest::Send)?;
        let deadline = timeout.deadline();
        let call = self.send_call(len.saturating_sub(*done), timeout);
        let mut waited = false;
        let each = self.send_timeout(&direction, len.saturating_sub(*done), timeout);
        *done += direction.perform(&call, each, deadline, |mode| {
            waited = mode == Mode::Wait;
            send(*done, send_flags(mode))
        })?;
        let waited = waited && call.interruptible;
        if *done < len && waited {
            self.send_after_wait(&direction, len, deadline, done, send)?;
        }
        while *done < len {
            *done += direction.poll(&call, deadline, || send(*done, send_flags(Mode::NoWait)))?;
        }
        Ok(())
    }

    /// A blocking send that came back short on an interruptible socket: with no failure behind it and
    /// time left, it was a signal that ended it.
    fn send_after_wait(
        &self,
        direction: &Direction,
        len: usize,
        deadline: Deadline,
        done: &mut usize,
        send: &mut SendFrom<'_>,
    ) -> Result<(), Error> {
        if self.system.nonblocking()? {
            return Ok(());
        }
        let call = self.send_call(len.saturating_sub(*done), Timeout::Immediate);
        let sent =
            direction.poll(&call, Deadline::Immediate, || send(*done, send_flags(Mode::NoWait)));
        match sent {
            Ok(count) => *done += count,
            Err(error) if *error.cause() != Cause::Again => return Err(error),
            Err(_) => {}
        }
        match *done {
            done if done == len => Ok(()),
            _ if deadline.passed() => Err(deadline.error()),
            _ => Err(Error::interrupted()),
        }
    }

    fn recv_rest(
        &self,
        buf: &mut [MaybeUninit<u8>],
        timeout: Timeout,
        done: &mut usize,
    ) -> Result<(), Error> {
        *done = 0;
        if self.kind != Kind::Stream {
            return Err(Error::unsupported("a datagram comes whole; receive it with recv"));
        }
        if buf.is_empty() {
            return Err(Error::argument(NO_ROOM));
        }
        let mut direction = self.lock_here(Interest::Recv)?;
        let (deadline, call, len) = (timeout.deadline(), self.recv_call(), buf.len());
        // An interruptible call has to see each signal, and MSG_WAITALL hides one behind a short
        // count.
        let all = if call.interruptible { 0 } else { flag::WAITALL };
        let mut count = direction.perform(&call, timeout, deadline, |mode| {
            let all = if mode == Mode::Wait { all } else { 0 };
            self.system.recv_with_flags(buf, recv_flags(mode) | all)
        })?;
        while count > 0 {
            *done += count;
            let Some(rest) = buf.get_mut(*done..).filter(|rest| !rest.is_empty()) else {
                return Ok(());
            };
            count = direction.poll(&call, deadline, || {
                self.system.recv_with_flags(rest, recv_flags(Mode::NoWait))
            })?;
        }
        Err(Cause::Closed { done: *done, len }.into())
    }
}
