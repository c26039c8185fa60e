//! From a file into a stream: without copying where the system can, else through a buffer.
//!
//! ```text
//! sendfile(2)          what the page cache holds: regular files
//!    | EINVAL, ENOSYS
//! splice(2)            pipes
//!    | EINVAL, ENOSYS
//! pread(2), send(2)    what has offsets: much of /proc, devices, every file of other systems
//! ```
//!
//! Nothing is read that could be lost: what was not sent stays in the pipe, or is read again from the
//! same offset. So a terminal, say, is not sent from: what it gave would be gone.
//!
//! Neither of the first two knows MSG_DONTWAIT or MSG_NOSIGNAL, and for them SO_SNDTIMEO begins anew for
//! each few pages. So they hold SIGPIPE off, and with a budget, a cancel or a spin, or where signals may end
//! the call, O_NONBLOCK is set meanwhile. That costs more than the copy of a small part, which so begins
//! with the last way.

use super::direction::{Call, Direction, Mode};
use super::socket::{Kind, Socket, send_flags};
use super::sys::poll::Interest;
use super::sys::signal::NoSigpipe;
use super::sys::transfer::{self, Nonblocking};
use crate::deadline::{Deadline, Timeout};
use crate::error::{Cause, Error, Stage};
use std::io;
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd};

/// What to send of which file.
#[derive(Clone, Copy, Debug)]
pub struct Part<'a> {
    /// The file.
    pub file: BorrowedFd<'a>,
    /// Where it begins; none: at the file's own position, which moves.
    pub offset: Option<i64>,
    /// Its length in bytes; none: to the end of the file.
    pub len: Option<u64>,
}

/// How bytes get from the file to the socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Sendfile,
    Splice,
    Copy,
}

/// One call.
struct Transfer<'a> {
    socket: &'a Socket,
    direction: &'a mut Direction,
    call: Call<'a>,
    timeout: Timeout,
    deadline: Deadline,
    part: Part<'a>,
    /// The next byte of the file, once it is known.
    at: Option<i64>,
    /// For `Way::Copy` alone.
    room: Vec<MaybeUninit<u8>>,
    /// For the other two.
    held: Option<Held<'a>>,
}

/// What is other than usual during a call.
struct Held<'a> {
    sigpipe: NoSigpipe,
    _nonblocking: Option<Nonblocking<'a>>,
}

impl Socket {
    /// Sends of a file. `done` counts the bytes that were sent, also on failure.
    pub fn send_file(&self, part: Part<'_>, timeout: Timeout, done: &mut u64) -> Result<(), Error> {
        *done = 0;
        self.send_part(part, timeout, done).map_err(|error| self.error(Stage::Send, error))
    }

    fn send_part(&self, part: Part<'_>, timeout: Timeout, done: &mut u64) -> Result<(), Error> {
        if self.kind != Kind::Stream {
            let what = "a file is sent over a stream; read it and send datagrams";
            return Err(Error::unsupported(what));
        }
        let direction = &mut *self.lock(Interest::Send)?;
        let mut call = self.send_call(0, timeout);
        call.nowait = call.interruptible || timeout != Timeout::Never;
        let (deadline, at, room) = (timeout.deadline(), part.offset, Vec::new());
        Transfer { socket: self, direction, call, timeout, deadline, part, at, room, held: None }
            .run(done)
    }
}

impl<'a> Transfer<'a> {
    fn run(&mut self, done: &mut u64) -> Result<(), Error> {
        let is_small = self.part.len.is_some_and(|len| len <= SMALL) && self.at.is_some();
        let mut way = if is_small { Way::Copy } else { Way::Sendfile };
        while self.part.len.is_none_or(|len| *done < len) {
            let left = self.part.len.map_or(u64::MAX, |len| len.saturating_sub(*done));
            let len = usize::try_from(left).map_or(MOST, |left| left.min(MOST));
            let sent = match way {
                Way::Sendfile => self.sendfile(len),
                Way::Splice => self.splice(len),
                Way::Copy => self.copy(len, *done == 0),
            };
            let count = match sent {
                Ok(count) => count,
                Err(error) => {
                    way = self.other_way(way, error)?;
                    continue;
                }
            };
            if count == 0 {
                return match self.part.len {
                    None => Ok(()),
                    Some(len) => Err(Cause::FileEnded { done: *done, len }.into()),
                };
            }
            *done = done.saturating_add(u64::try_from(count).unwrap_or(u64::MAX));
        }
        Ok(())
    }

    /// What to try when the system cannot send from this kind of file in one way.
    fn other_way(&self, way: Way, error: Error) -> Result<Way, Error> {
        match (error.cause(), way) {
            (Cause::Os(libc::EINVAL | libc::ENOSYS), Way::Sendfile) => {
                Ok(if self.part.offset.is_none() { Way::Splice } else { Way::Copy })
            }
            (Cause::Os(libc::EINVAL | libc::ENOSYS), Way::Splice) => Ok(Way::Copy),
            (Cause::Os(libc::ESPIPE), _) if self.part.offset.is_some() => {
                Err(Error::argument("this descriptor has no offsets; pass -1 as offset"))
            }
            (Cause::Os(libc::ESPIPE), _) => Err(Error::unsupported(LOSES)),
            (Cause::Os(libc::EBADF), _) => {
                Err(transfer::no_file(i64::from(self.part.file.as_raw_fd())))
            }
            _ => Err(error),
        }
    }

    fn hold(&self) -> Result<Held<'a>, Error> {
        let nowait = self.direction.never_blocks(&self.call, self.timeout);
        let nonblocking = nowait.then(|| Nonblocking::new(self.socket.system.as_fd()));
        Ok(Held { _nonblocking: nonblocking.transpose()?, sigpipe: NoSigpipe::begin() })
    }

    fn sendfile(&mut self, len: usize) -> Result<usize, Error> {
        if self.held.is_none() {
            self.held = Some(self.hold()?);
        }
        let (socket, file) = (self.socket.system.as_fd(), self.part.file);
        let (at, held) = (&mut self.at, &mut self.held);
        self.direction.perform(&self.call, self.timeout, self.deadline, |_| {
            let sent = transfer::sendfile(socket, file, at.as_mut(), len);
            watch(held, &sent, len);
            sent
        })
    }

    /// EAGAIN does not say which of the two would have to wait: the pipe is asked first.
    fn splice(&mut self, len: usize) -> Result<usize, Error> {
        let (socket, file) = (self.socket.system.as_fd(), self.part.file);
        let (call, nowait) = (&self.call, self.direction.never_blocks(&self.call, self.timeout));
        let held = &mut self.held;
        let mut attempt = || {
            let sent = transfer::splice(socket, file, len, nowait);
            watch(held, &sent, len);
            sent
        };
        if !nowait {
            return self.direction.perform(call, self.timeout, self.deadline, |_| attempt());
        }
        match self.direction.poll(call, Deadline::Immediate, &mut attempt) {
            Err(error) if *error.cause() == Cause::Again => {}
            outcome => return outcome,
        }
        self.direction.waiter(call, self.deadline).ready(file, Interest::Recv)?;
        self.direction.poll(call, self.deadline, attempt)
    }

    /// The first send may leave the budget to the system, like `Socket::send_all`.
    fn copy(&mut self, len: usize, is_first: bool) -> Result<usize, Error> {
        let file = self.part.file;
        let at = match self.at {
            Some(at) => at,
            None => transfer::position(file)?,
        };
        let len = len.min(ROOM);
        if self.room.len() < len {
            self.room.resize(len, MaybeUninit::uninit());
        }
        let room = self.room.get_mut(..len).unwrap_or(&mut []);
        let data = transfer::read_at(file, room, at)?;
        if data.is_empty() {
            return Ok(0);
        }
        let mut call = self.socket.send_call(data.len(), self.timeout);
        call.nowait |= call.interruptible;
        let socket = &self.socket.system;
        let sent = if is_first {
            let each = self.socket.send_timeout(self.direction, data.len(), self.timeout);
            self.direction.perform(&call, each, self.deadline, |mode| {
                socket.send_with_flags(data, send_flags(mode))
            })?
        } else {
            self.direction.poll(&call, self.deadline, || {
                socket.send_with_flags(data, send_flags(Mode::NoWait))
            })?
        };
        let next = at.saturating_add(i64::try_from(sent).unwrap_or(i64::MAX));
        match self.part.offset {
            Some(_) => self.at = Some(next),
            None => drop(transfer::set_position(file, next)?),
        }
        Ok(sent)
    }
}

/// The system raises SIGPIPE also behind a count, when a later piece met the closed connection.
fn watch(held: &mut Option<Held<'_>>, sent: &io::Result<usize>, len: usize) {
    let Some(Held { sigpipe, .. }) = held else { return };
    sigpipe.is_suspect = match sent {
        Ok(0) => sigpipe.is_suspect,
        Ok(count) => *count < len,
        Err(error) => match error.raw_os_error() {
            Some(libc::EPIPE) => true,
            Some(libc::EAGAIN | libc::EINTR) => false,
            _ => sigpipe.is_suspect,
        },
    };
}

/// From a terminal or a socket, say.
const LOSES: &str =
    "what was read from this kind of descriptor could be lost; read it and send what came";
/// What Linux moves in one call at most.
const MOST: usize = 0x7fff_f000;
/// Of a part that is no longer, a copy costs less than what it takes to hold off.
const SMALL: u64 = 16 << 10;
/// What is copied at once.
const ROOM: usize = 64 << 10;
