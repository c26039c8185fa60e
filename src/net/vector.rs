//! Vectored calls: many pieces of memory, one system call.

use super::frame::Format;
use super::socket::{GROUPED, Kind, NO_ROOM, Socket, recv_flags, send_flags};
use super::sys::flag;
use super::sys::poll::Interest;
use super::sys::vector::{MAX, Pieces, Rooms};
use crate::deadline::Timeout;
use crate::error::{Cause, Error, Stage};
use std::io::IoSlice;
use std::os::fd::AsFd;

/// How many pieces there are, and how many bytes they have together.
#[derive(Clone, Copy, Debug)]
pub struct Extent {
    /// Pieces.
    pub count: usize,
    /// Bytes.
    pub len: usize,
}

impl Socket {
    /// Sends pieces like `send`; together they are one datagram.
    pub fn send_vectored(
        &self,
        mut pieces: Pieces<'_>,
        extent: Extent,
        timeout: Timeout,
    ) -> Result<usize, Error> {
        let mut send = || {
            self.check_count(extent)?;
            self.check_message(extent.len)?;
            let mut direction = self.lock(Interest::Send)?;
            let call = self.send_call(extent.len, timeout);
            let each = self.send_timeout(&direction, extent.len, timeout);
            direction.perform(&call, each, timeout.deadline(), |mode| {
                pieces.send(self.system.as_fd(), 0, send_flags(mode))
            })
        };
        send().map_err(|error| self.error(Stage::Send, error))
    }

    /// Sends all pieces. `done` counts the bytes that were sent, also on failure.
    pub fn send_all_vectored(
        &self,
        mut pieces: Pieces<'_>,
        extent: Extent,
        timeout: Timeout,
        done: &mut usize,
    ) -> Result<(), Error> {
        *done = 0;
        let mut send = || {
            self.check_count(extent)?;
            self.send_from(extent.len, timeout, done, &mut |at, flags| {
                pieces.send(self.system.as_fd(), at, flags)
            })
        };
        send().map_err(|error| self.error(Stage::Send, error))
    }

    /// Sends one frame from its byte `done` on, which counts on, also on failure.
    pub fn send_frame(
        &self,
        format: &Format<'_>,
        data: &[u8],
        timeout: Timeout,
        done: &mut usize,
    ) -> Result<(), Error> {
        let mut send = || {
            if self.kind != Kind::Stream {
                let what = "frames need a stream; a datagram is one by itself";
                return Err(Error::unsupported(what));
            }
            let (prefix, suffix) = (format.prefix(data.len())?, format.suffix());
            format.check(data)?;
            let slices = [prefix.bytes(), data, suffix].map(IoSlice::new);
            let total = prefix.bytes().len() + data.len() + suffix.len();
            match *done {
                at if at == total => return Ok(()),
                at if at > total => {
                    return Err(Error::argument(
                        "done is more than the frame has; set it to 0 before a new frame",
                    ));
                }
                _ => {}
            }
            let mut pieces = Pieces::of(&slices);
            self.send_from(total, timeout, done, &mut |at, flags| {
                pieces.send(self.system.as_fd(), at, flags)
            })
        };
        send().map_err(|error| self.error(Stage::Send, error))
    }

    /// Receives into pieces like `recv`: the first is filled first.
    pub fn recv_vectored(
        &self,
        rooms: Rooms<'_>,
        extent: Extent,
        timeout: Timeout,
    ) -> Result<usize, Error> {
        self.recv_pieces(rooms, extent, timeout).map_err(|error| self.error(Stage::Recv, error))
    }

    fn recv_pieces(
        &self,
        mut rooms: Rooms<'_>,
        extent: Extent,
        timeout: Timeout,
    ) -> Result<usize, Error> {
        self.check_count(extent)?;
        let extra = match self.kind {
            Kind::Stream if extent.len == 0 => return Err(Error::argument(NO_ROOM)),
            Kind::Stream => 0,
            Kind::Datagram | Kind::Seqpacket => flag::FULL_LENGTH,
        };
        let mut direction = self.lock(Interest::Recv)?;
        if direction.datagrams.has_groups() {
            return Err(Error::unsupported(GROUPED));
        }
        let deadline = timeout.deadline();
        let len = direction.perform(&self.recv_call(), timeout, deadline, |mode| {
            rooms.recv(self.system.as_fd(), recv_flags(mode) | extra)
        })?;
        match extent.len {
            cap if len > cap => Err(Cause::Datagram { len, cap }.into()),
            _ => Ok(len),
        }
    }

    /// A stream takes any number of pieces, in several calls if need be.
    fn check_count(&self, extent: Extent) -> Result<(), Error> {
        if self.kind == Kind::Stream || extent.count <= MAX {
            return Ok(());
        }
        Err(Error::argument("a datagram takes at most 1024 pieces; join some"))
    }
}
