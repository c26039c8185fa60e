//! A connected or bound socket, stream or datagram.
//!
//! One thread may send while another receives; each direction has a lock that is only ever tried, so
//! that a second sender or receiver gets an answer and never waits. After a panic in either
//! direction the socket answers nothing any more.

use super::addr::Address;
use super::connect::Options;
use super::direction::{Call, Direction, Kernel, Mode};
use super::sys::descriptor::Found;
use super::sys::flag;
use super::sys::poll::Interest;
use super::unix::OwnedPath;
use crate::cancel::Cancel;
use crate::deadline::{Deadline, Timeout};
use crate::error::{Cause, Error, Stage, Subject};
use socket2::Type;
use std::mem::MaybeUninit;
use std::net::Shutdown;
use std::os::fd::{AsRawFd, RawFd};
use std::sync::{Arc, Mutex, MutexGuard, TryLockError};
use std::time::Duration;

/// A socket.
#[derive(Debug)]
pub struct Socket {
    /// Dropped first: while the socket lives, nobody else has a file with its inode.
    _path: Option<OwnedPath>,
    pub(super) kind: Kind,
    pub(super) system: socket2::Socket,
    pub(super) is_unix: bool,
    interruptible: bool,
    pub(super) peer: Option<Address>,
    recv: Mutex<Direction>,
    send: Mutex<Direction>,
}

/// What a socket carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Bytes in order.
    Stream,
    /// Messages, each whole or not at all.
    Datagram,
    /// Messages in order over a connection, which has an end. Unix only.
    Seqpacket,
}

impl Kind {
    /// The type that the system knows.
    pub(super) fn system(self) -> Type {
        match self {
            Self::Stream => Type::STREAM,
            Self::Datagram => Type::DGRAM,
            Self::Seqpacket => Type::SEQPACKET,
        }
    }
}

/// What a socket is born with.
pub(super) struct Origin<'a> {
    pub kind: Kind,
    pub is_unix: bool,
    pub options: &'a Options,
    pub peer: Option<Address>,
    /// The time-outs of the system: recv, send.
    pub kernel: [Kernel; 2],
    pub path: Option<OwnedPath>,
}

impl Socket {
    #[inline(never)]
    pub(super) fn new(system: socket2::Socket, origin: Origin<'_>) -> Self {
        let Origin { kind, is_unix, options, peer, kernel: [recv, send], path } = origin;
        let direction = |kernel| Mutex::new(Direction::new(options.cancel.clone(), kernel));
        let (recv, send) = (direction(recv), direction(send));
        let interruptible = options.interruptible;
        Self { kind, system, is_unix, interruptible, peer, recv, send, _path: path }
    }

    /// Takes over an open socket of the host, on success only.
    pub fn from_fd(fd: i64, options: &Options) -> Result<Self, Error> {
        let take = || {
            if !options.values.is_empty() {
                return Err(Error::argument("values are for new sockets; set them later"));
            }
            let found = Found::look(fd)?;
            if found.listens {
                return Err(Error::wrong(format_args!(
                    "descriptor {fd} is a listener; pass it to bojagi_listener_from_fd"
                )));
            }
            let kind = match found.kind {
                Type::STREAM => Kind::Stream,
                Type::DGRAM => Kind::Datagram,
                Type::SEQPACKET if found.is_unix => Kind::Seqpacket,
                _ => return Err(Error::unsupported("pass a stream or datagram socket")),
            };
            let is_unix = found.is_unix;
            let system = found.take()?;
            let peer = system.peer_addr().ok().map(Address::from);
            let kernel = [Kernel::Unknown; 2];
            Ok(Self::new(system, Origin { kind, is_unix, options, peer, kernel, path: None }))
        };
        take().map_err(|error: Error| error.at(Stage::Socket))
    }

    /// Receives what is there, at least one byte or the end (0) of a stream, or one datagram.
    pub fn recv(&self, buf: &mut [MaybeUninit<u8>], timeout: Timeout) -> Result<usize, Error> {
        self.recv_once(buf, timeout, 0).map_err(|error| self.error(Stage::Recv, error))
    }

    /// Receives like `recv`, and leaves what it received where it was.
    pub fn peek(&self, buf: &mut [MaybeUninit<u8>], timeout: Timeout) -> Result<usize, Error> {
        self.recv_once(buf, timeout, flag::PEEK).map_err(|error| self.error(Stage::Recv, error))
    }

    /// Receives like `recv`, within a budget of which earlier calls have used a part: the system's
    /// own time-out is left as it is.
    pub fn recv_by(&self, buf: &mut [MaybeUninit<u8>], deadline: Deadline) -> Result<usize, Error> {
        if deadline == Deadline::Never {
            return self.recv(buf, Timeout::Never);
        }
        let mut recv = || {
            let direction = self.lock(Interest::Recv)?;
            direction.poll(&self.recv_call(), deadline, || {
                self.system.recv_with_flags(buf, recv_flags(Mode::NoWait))
            })
        };
        recv().map_err(|error| self.error(Stage::Recv, error))
    }

    /// Refuses to go on when the cancel of the receiving direction is fired.
    pub fn check_cancel(&self) -> Result<(), Error> {
        let fired =
            self.lock(Interest::Recv).map(|recv| recv.cancel.as_ref().is_some_and(|c| c.fired()));
        let error = match fired {
            Ok(false) => return Ok(()),
            Ok(true) => Cause::Cancelled.into(),
            Err(error) => error,
        };
        Err(self.error(Stage::Recv, error))
    }

    /// Whether this is a stream: only there do messages follow one another byte by byte.
    pub fn is_stream(&self) -> bool {
        self.kind == Kind::Stream
    }

    /// Sends; the count may be short on a stream.
    pub fn send(&self, data: &[u8], timeout: Timeout) -> Result<usize, Error> {
        let send = || {
            self.check_message(data.len())?;
            let mut direction = self.lock_here(Interest::Send)?;
            let call = self.send_call(data.len(), timeout);
            let each = self.send_timeout(&direction, data.len(), timeout);
            direction.perform(&call, each, timeout.deadline(), |mode| {
                self.system.send_with_flags(data, send_flags(mode))
            })
        };
        send().map_err(|error| self.error(Stage::Send, error))
    }

    /// Ends one or both directions; again is fine.
    pub fn shutdown(&self, how: Shutdown) -> Result<(), Error> {
        let shutdown = || {
            self.check()?;
            match self.system.shutdown(how) {
                // The connection is over already, for both directions (shutdown(2)).
                Err(error) if error.raw_os_error() == Some(libc::ENOTCONN) => {
                    self.peer.as_ref().map(|_| ()).ok_or(error.into())
                }
                result => Ok(result?),
            }
        };
        shutdown().map_err(|error| self.error(Stage::Socket, error))
    }

    /// The address of this side.
    pub fn local(&self) -> Result<Address, Error> {
        let local = || {
            self.check()?;
            Ok(self.system.local_addr()?.into())
        };
        local().map_err(|error| self.error(Stage::Socket, error))
    }

    /// The address of the other side, also after it has gone.
    pub fn peer(&self) -> Result<Address, Error> {
        let peer = || {
            self.check()?;
            match &self.peer {
                Some(peer) => Ok(peer.clone()),
                None => Ok(self.system.peer_addr()?.into()),
            }
        };
        peer().map_err(|error| self.error(Stage::Socket, error))
    }

    /// The descriptor, which stays ours.
    pub fn fd(&self) -> Result<RawFd, Error> {
        self.check().map_err(|error| self.error(Stage::Socket, error))?;
        Ok(self.system.as_raw_fd())
    }

    /// Which directions, receiving and sending, have to be waited for before the last call in them is
    /// made again. A direction in which a call is running is not: it waits itself.
    pub fn wanted(&self) -> Result<[bool; 2], Error> {
        self.check().map_err(|error| self.error(Stage::Socket, error))?;
        let wanted = |interest| self.lock(interest).is_ok_and(|direction| direction.wanted());
        Ok([wanted(Interest::Recv), wanted(Interest::Send)])
    }

    /// Attaches a cancel to both directions, or detaches it.
    pub fn set_cancel(&self, cancel: Option<Arc<Cancel>>) -> Result<(), Error> {
        let set = || {
            let mut recv = self.lock(Interest::Recv)?;
            let mut send = self.lock(Interest::Send)?;
            recv.cancel.clone_from(&cancel);
            send.cancel = cancel;
            Ok(())
        };
        set().map_err(|error| self.error(Stage::Socket, error))
    }

    /// Makes calls try for so long before they wait.
    pub fn set_spin(&self, spin: Duration) -> Result<(), Error> {
        let set = || {
            let mut recv = self.lock(Interest::Recv)?;
            let mut send = self.lock(Interest::Send)?;
            (recv.spin, send.spin) = (spin, spin);
            Ok(())
        };
        set().map_err(|error| self.error(Stage::Socket, error))
    }

    /// A direction, for one call.
    #[inline(never)]
    pub(super) fn lock(&self, interest: Interest) -> Result<MutexGuard<'_, Direction>, Error> {
        self.lock_here(interest)
    }

    /// `lock`, compiled into its caller: a call of it less for the calls that are made most.
    #[inline(always)]
    pub(super) fn lock_here(&self, interest: Interest) -> Result<MutexGuard<'_, Direction>, Error> {
        self.check()?;
        let direction = match interest {
            Interest::Recv => &self.recv,
            Interest::Send => &self.send,
        };
        direction.try_lock().map_err(|error| match error {
            TryLockError::WouldBlock => busy(interest),
            TryLockError::Poisoned(_) => poisoned(),
        })
    }

    pub(super) fn recv_call(&self) -> Call<'_> {
        let Self { system: socket, interruptible, .. } = self;
        Call { socket, interest: Interest::Recv, interruptible: *interruptible, nowait: false }
    }

    /// A Unix stream begins its time-out anew for each piece that it copies. So the system waits at most
    /// for an equal part of the budget a piece, and where that would be too little, or a short count has to
    /// mean a signal, not at all.
    pub(super) fn send_call(&self, len: usize, timeout: Timeout) -> Call<'_> {
        let Self { system: socket, interruptible, .. } = self;
        let nowait = match timeout {
            Timeout::Millis(ms) if self.is_unix && self.kind == Kind::Stream => {
                let pieces = pieces(len);
                pieces > 1 && (*interruptible || piece_ms(ms, pieces).is_none())
            }
            _ => false,
        };
        Call { socket, interest: Interest::Send, interruptible: *interruptible, nowait }
    }

    /// What the system is to wait for at most in one call: the budget, but for a Unix stream the part of a
    /// piece.
    #[inline]
    pub(super) fn send_timeout(
        &self,
        direction: &Direction,
        len: usize,
        timeout: Timeout,
    ) -> Timeout {
        match timeout {
            Timeout::Millis(ms) if self.is_unix && self.kind == Kind::Stream => {
                piece_timeout(direction.kernel(), len, ms)
            }
            _ => timeout,
        }
    }

    /// A failure of a call on this socket.
    pub(crate) fn error(&self, stage: Stage, error: Error) -> Error {
        let named = self.peer.as_ref().filter(|peer| peer.system().is_some());
        let subject = named.cloned().map_or(Subject::None, Subject::Address);
        error.at(stage).about(subject)
    }

    fn recv_once(
        &self,
        buf: &mut [MaybeUninit<u8>],
        timeout: Timeout,
        peek: i32,
    ) -> Result<usize, Error> {
        let extra = match self.kind {
            Kind::Stream if buf.is_empty() => return Err(Error::argument(NO_ROOM)),
            Kind::Stream => peek,
            Kind::Datagram | Kind::Seqpacket => peek | flag::FULL_LENGTH,
        };
        let mut direction = self.lock_here(Interest::Recv)?;
        if direction.datagrams.has_groups() {
            if peek != 0 {
                return Err(Error::unsupported(GROUPED));
            }
            return self.recv_one(&mut direction, buf, timeout, &mut None);
        }
        let deadline = timeout.deadline();
        let len = direction.perform(&self.recv_call(), timeout, deadline, |mode| {
            self.system.recv_with_flags(buf, recv_flags(mode) | extra)
        })?;
        match buf.len() {
            cap if len <= cap => Ok(len),
            cap if peek != 0 => Err(Cause::Peeked { len, cap }.into()),
            cap => Err(Cause::Datagram { len, cap }.into()),
        }
    }

    /// The receiver of an empty message would take it for the end of the connection.
    pub(super) fn check_message(&self, len: usize) -> Result<(), Error> {
        if len == 0 && self.kind == Kind::Seqpacket {
            return Err(Error::argument(
                "an empty message looks like the end; send at least a byte",
            ));
        }
        Ok(())
    }

    #[inline]
    pub(super) fn check(&self) -> Result<(), Error> {
        if self.recv.is_poisoned() || self.send.is_poisoned() {
            return Err(poisoned());
        }
        Ok(())
    }
}

/// What a handle answers after a panic.
#[cold]
#[inline(never)]
pub(super) fn poisoned() -> Error {
    Error::state("an earlier call on this handle panicked; free it")
}

/// What a direction answers during a call in it.
#[cold]
#[inline(never)]
fn busy(interest: Interest) -> Error {
    let text = match interest {
        Interest::Recv => "another thread is receiving; use one receiver at a time",
        Interest::Send => "another thread is sending; use one sender at a time",
    };
    Error::state(text)
}

pub(super) fn recv_flags(mode: Mode) -> i32 {
    if mode == Mode::NoWait { flag::DONTWAIT } else { 0 }
}

pub(super) fn send_flags(mode: Mode) -> i32 {
    flag::NOSIGNAL | recv_flags(mode)
}

pub(super) const GROUPED: &str =
    "a socket whose datagrams come in groups gives them to recv, recv_from and recv_batch only";
pub(super) const NO_ROOM: &str =
    "a buffer without room tells nothing about a stream; pass one with room";

/// Of how many pieces a Unix stream makes so many bytes at most.
fn pieces(len: usize) -> u64 {
    u64::try_from(len.div_ceil(UNIX_PIECE)).unwrap_or(u64::MAX)
}

/// The part of a budget that belongs to one piece of so many bytes, or less where the system was told less
/// before, which saves telling it again.
#[inline(never)]
fn piece_timeout(kernel: Kernel, len: usize, ms: u64) -> Timeout {
    Timeout::Millis(match (piece_ms(ms, pieces(len)), kernel) {
        (Some(most), Kernel::Millis(known)) if (TICK_MS..most).contains(&known) => known,
        (most, _) => most.unwrap_or(ms),
    })
}

/// The milliseconds of a budget that belong to one of so many pieces; none when the ticks of the system's
/// clock, to which it rounds each of them up, would be most of it.
fn piece_ms(ms: u64, pieces: u64) -> Option<u64> {
    match pieces {
        0 | 1 => Some(ms),
        _ => ms.checked_div(pieces)?.checked_sub(TICK_MS).filter(|&part| part >= TICK_MS),
    }
}

/// No Unix socket splits what is not longer, whatever its SO_SNDBUF.
const UNIX_PIECE: usize = 2048;

/// The longest that a tick is where systems still have them, in milliseconds.
const TICK_MS: u64 = 10;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_of_all_pieces_fit_into_the_budget() {
        for ms in [1, 20, 21, 40, 1000, 10_000, u64::MAX] {
            for pieces in [2, 3, 32, 128, u64::MAX] {
                if let Some(part) = piece_ms(ms, pieces) {
                    assert!(part >= TICK_MS);
                    assert!((part + TICK_MS) * pieces <= ms, "{part} of {ms} for {pieces}");
                }
            }
            assert_eq!(piece_ms(ms, pieces(UNIX_PIECE)), Some(ms));
        }
        assert_eq!(piece_ms(10_000, 128), Some(68));
    }
    use bojagi_codec::capi::code::BOJAGI_E_STATE;
    use std::thread;

    #[test]
    fn answers_nothing_after_a_panic_in_either_direction() {
        for interest in [Interest::Recv, Interest::Send] {
            let socket = Socket::unix_datagram_bind(None, &Default::default()).unwrap();
            let panicked = thread::scope(|scope| {
                let panic = || {
                    let _locked = socket.lock(interest).unwrap();
                    panic!("on purpose");
                };
                scope.spawn(panic).join().is_err()
            });
            assert!(panicked);
            let mut room = [MaybeUninit::uninit(); 1];
            let failures = [
                socket.send(b"x", Timeout::Immediate).err(),
                socket.recv(&mut room, Timeout::Immediate).err(),
                socket.shutdown(Shutdown::Both).err(),
                socket.local().err(),
                socket.peer().err(),
                socket.fd().err(),
                socket.set_cancel(None).err(),
            ];
            for failure in failures {
                let failure = failure.expect("a poisoned socket answers nothing");
                assert_eq!(failure.code(), BOJAGI_E_STATE);
                assert!(failure.to_string().contains("free it"), "{failure}");
            }
        }
    }
}
