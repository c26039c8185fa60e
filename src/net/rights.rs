//! Descriptors that travel over a Unix socket, beside the bytes of a message (SCM_RIGHTS in unix(7)).
//!
//! What comes is either handed over or closed, never left open unseen: there is always room for as many
//! as one message carries, and the surplus is closed here.

use super::option::id::*;
use super::socket::{Kind, NO_ROOM, Socket, recv_flags, send_flags};
use super::sys::flag;
use super::sys::poll::Interest;
use super::sys::rights::{DESCRIPTORS_MAX, recv, send};
use crate::deadline::Timeout;
use crate::error::{Cause, Error, Stage};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, OwnedFd, RawFd};

impl Socket {
    /// Sends bytes, and descriptors with the first of them.
    pub fn send_descriptors(
        &self,
        data: &[u8],
        descriptors: &[RawFd],
        timeout: Timeout,
    ) -> Result<usize, Error> {
        let send = || {
            self.check_carries(data, descriptors.len())?;
            let mut direction = self.lock(Interest::Send)?;
            let call = self.send_call(data.len(), timeout);
            let each = self.send_timeout(&direction, data.len(), timeout);
            let sent = direction.perform(&call, each, timeout.deadline(), |mode| {
                send(self.system.as_fd(), data, descriptors, send_flags(mode))
            });
            sent.map_err(|error| match error.cause().os_error() {
                libc::EBADF => {
                    Error::argument("one of the descriptors is not open; pass open ones")
                }
                _ => error,
            })
        };
        send().map_err(|error| self.error(Stage::Send, error))
    }

    /// Receives bytes and the descriptors that come with them, at most `room` into `descriptors`, which is
    /// filled also when there were more.
    pub fn recv_descriptors(
        &self,
        buf: &mut [MaybeUninit<u8>],
        room: usize,
        timeout: Timeout,
        descriptors: &mut Vec<OwnedFd>,
    ) -> Result<usize, Error> {
        let mut take = || {
            self.check_unix()?;
            let extra = match self.kind {
                Kind::Stream if buf.is_empty() => return Err(Error::argument(NO_ROOM)),
                Kind::Stream => 0,
                Kind::Datagram | Kind::Seqpacket => flag::FULL_LENGTH,
            };
            let mut direction = self.lock(Interest::Recv)?;
            let call = self.recv_call();
            let received = direction.perform(&call, timeout, timeout.deadline(), |mode| {
                recv(self.system.as_fd(), buf, recv_flags(mode) | extra)
            })?;
            let (len, came) = (received.len, received.descriptors.len());
            *descriptors = received.descriptors;
            descriptors.truncate(room);
            match () {
                () if received.lost => Err(Cause::DescriptorsLost { len }.into()),
                () if came > room => Err(Cause::Descriptors { came, room, len }.into()),
                () if len > buf.len() => Err(Cause::Datagram { len, cap: buf.len() }.into()),
                () => Ok(len),
            }
        };
        take().map_err(|error: Error| self.error(Stage::Recv, error))
    }

    fn check_carries(&self, data: &[u8], count: usize) -> Result<(), Error> {
        self.check_unix()?;
        self.check_message(data.len())?;
        if count > DESCRIPTORS_MAX {
            return Err(Error::argument("a message carries at most 253 descriptors; pass fewer"));
        }
        if data.is_empty() && self.kind == Kind::Stream {
            return Err(Error::argument("on a stream descriptors need a byte; pass at least one"));
        }
        Ok(())
    }

    fn check_unix(&self) -> Result<(), Error> {
        if self.option_kind() & UNIX == 0 {
            let what = "only a Unix socket carries descriptors; use one";
            return Err(Error::unsupported(what));
        }
        Ok(())
    }
}

const UNIX: u32 = BOJAGI_KIND_UNIX_STREAM | BOJAGI_KIND_UNIX_DATAGRAM | BOJAGI_KIND_UNIX_SEQPACKET;
