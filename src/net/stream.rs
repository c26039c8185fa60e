//! What only a stream can do: all bytes or a failure that says how far it got.

use super::direction::{Direction, Mode};
use super::socket::{Kind, NO_ROOM, Socket, recv_flags, send_flags};
use super::sys::flag;
use super::sys::poll::Interest;
use crate::deadline::{Deadline, Timeout};
use crate::error::{Cause, Error, Stage};
use std::mem::MaybeUninit;

impl Socket {
    /// Sends all of `data`. `done` counts what was sent, also on failure.
    pub fn send_all(&self, data: &[u8], timeout: Timeout, done: &mut usize) -> Result<(), Error> {
        self.send_rest(data, timeout, done).map_err(|error| self.error(Stage::Send, error))
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

    fn send_rest(&self, data: &[u8], timeout: Timeout, done: &mut usize) -> Result<(), Error> {
        *done = 0;
        let mut direction = self.lock(Interest::Send)?;
        let deadline = timeout.deadline();
        let call = self.send_call(data.len(), timeout);
        let mut waited = false;
        let each = self.send_timeout(&direction, data.len(), timeout);
        *done = direction.perform(&call, each, deadline, |mode| {
            waited = mode == Mode::Wait;
            self.system.send_with_flags(data, send_flags(mode))
        })?;
        let waited = waited && call.interruptible;
        if *done < data.len() && waited {
            self.send_after_wait(&direction, data, deadline, done)?;
        }
        while let Some(rest) = data.get(*done..).filter(|rest| !rest.is_empty()) {
            *done += direction.poll(&call, deadline, || {
                self.system.send_with_flags(rest, send_flags(Mode::NoWait))
            })?;
        }
        Ok(())
    }

    /// A blocking send that came back short on an interruptible socket: with no failure behind it and
    /// time left, it was a signal that ended it.
    fn send_after_wait(
        &self,
        direction: &Direction,
        data: &[u8],
        deadline: Deadline,
        done: &mut usize,
    ) -> Result<(), Error> {
        if self.system.nonblocking()? {
            return Ok(());
        }
        let rest = data.get(*done..).unwrap_or_default();
        let call = self.send_call(rest.len(), Timeout::Immediate);
        let sent = direction.poll(&call, Deadline::Immediate, || {
            self.system.send_with_flags(rest, send_flags(Mode::NoWait))
        });
        match sent {
            Ok(count) => *done += count,
            Err(error) if *error.cause() != Cause::Again => return Err(error),
            Err(_) => {}
        }
        match *done {
            done if done == data.len() => Ok(()),
            _ if deadline.passed() => Err(deadline.error()),
            _ => Err(Cause::Interrupted.into()),
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
            return Err(Cause::Unsupported("a datagram comes whole; receive it with recv").into());
        }
        if buf.is_empty() {
            return Err(Error::argument(NO_ROOM));
        }
        let mut direction = self.lock(Interest::Recv)?;
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
