//! What can go wrong on level 1: at which stage, with whom, why, and what to do about it.
//!
//! A [`Cause`] says why one call of the system, or of ours, failed. An [`Error`] adds the stage, the
//! subject (a host, an address, a path) and every address that was tried; its text is one line that
//! ends in what to do. Making one formats nothing: a caller that polls pays for no text.

mod line;
mod system;

use crate::net::addr::Address;
use bojagi_codec::Fault;
use bojagi_codec::capi::code::*;
use bojagi_codec::fault::is_limit;
use line::Line;
use std::borrow::Cow;
use std::{fmt, io};
use system::{advice, system_code, system_text};

/// The part of an exchange in which a call failed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(u32)]
pub enum Stage {
    /// No part of an exchange: an argument, an address, a cancel.
    #[default]
    None = 0,
    /// A name was looked up.
    Resolve = 1,
    /// A connection was made.
    Connect = 2,
    /// A listener, or a bound socket, was made.
    Listen = 3,
    /// A connection was accepted.
    Accept = 4,
    /// Bytes were sent.
    Send = 5,
    /// Bytes were received.
    Recv = 6,
    /// A message was decoded.
    Decode = 7,
    /// Any other call on a handle.
    Socket = 9,
}

/// Why a call failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Cause {
    /// The caller passed something wrong.
    #[error("{0}")]
    Argument(Cow<'static, str>),
    /// The call does not fit the state of the handle.
    #[error("{0}")]
    State(&'static str),
    /// This kind of socket, or this system, cannot do that.
    #[error("{0}")]
    Unsupported(&'static str),
    /// The budget is 0 and the call would have to wait.
    #[error("this would have to wait and the budget is 0; call again later or allow some time")]
    Again,
    /// The budget is used up.
    #[error("the time budget ran out; call again or allow more time")]
    Timeout,
    /// The cancel was fired.
    #[error("the cancel was fired; reset it before the next call")]
    Cancelled,
    /// A signal arrived.
    #[error("a signal arrived; handle it and call again")]
    Interrupted,
    /// The peer closed before all bytes had come.
    #[error("the peer closed after {done} of {len} bytes; use what came, or connect again")]
    Closed {
        /// How many bytes had come.
        done: usize,
        /// How many were asked for.
        len: usize,
    },
    /// A datagram is longer than the buffer.
    #[error(
        "the datagram has {len} bytes and the buffer {cap}, the rest is lost; use a larger one"
    )]
    Datagram {
        /// The length of the datagram.
        len: usize,
        /// The capacity of the buffer.
        cap: usize,
    },
    /// A datagram that was peeked at is longer than the buffer.
    #[error(
        "the datagram has {len} bytes and the buffer {cap}, and is still there; use a larger one"
    )]
    Peeked {
        /// The length of the datagram.
        len: usize,
        /// The capacity of the buffer.
        cap: usize,
    },
    /// A file had fewer bytes than were to be sent.
    #[error("the file ended after {done} of {len} bytes; send no more than it holds")]
    FileEnded {
        /// How many were sent.
        done: u64,
        /// How many were asked for.
        len: u64,
    },
    /// A frame is longer than the limit of its format.
    #[error(
        "a frame is longer than the limit of {0} bytes; raise it, or close the connection it came by"
    )]
    FrameLimit(u64),
    /// The length before a frame is no length.
    #[error("the length before a frame is malformed; close the connection")]
    FrameLength,
    /// The caller's buffer is too small for a frame.
    #[error("a frame of {len} bytes does not fit in the buffer of {cap}; use a larger one")]
    FrameSpace {
        /// The length of the frame, with what is around its payload.
        len: u64,
        /// The capacity of the buffer.
        cap: usize,
    },
    /// The peer closed where a frame might have begun.
    #[error("the peer closed after the last frame; there are no more")]
    FramesEnded,
    /// A message breaks a rule of HTTP, or is longer than a limit.
    #[error("{}, at byte {}; close the connection", reason_text(.0.reason), .0.offset)]
    Message(Fault),
    /// A value breaks its grammar.
    #[error("{}; take the field for absent", reason_text(.0.reason))]
    Value(Fault),
    /// The peer closed inside a message.
    #[error("the peer closed after {0} bytes of a message; connect again")]
    Truncated(u64),
    /// The caller's buffer is too small for a message.
    #[error(
        "the buffer of {0} bytes is full before the head or the frame is complete; use a larger one"
    )]
    Full(usize),
    /// The caller's array is too small for the fields of a message.
    #[error("there are more fields than the array holds; call again with a larger one")]
    Fields,
    /// The caller's room for a text is too small.
    #[error("the text has {len} bytes and the buffer {cap}, NUL included; use a larger one")]
    Space {
        /// The length of the text and its NUL.
        len: usize,
        /// The capacity of the buffer.
        cap: usize,
    },
    /// More descriptors came than the caller has room for.
    #[error(
        "{came} descriptors came and there is room for {room}, the rest is closed; allow for more"
    )]
    Descriptors {
        /// How many came.
        came: usize,
        /// How many there was room for.
        room: usize,
        /// The length of the message that they came with.
        len: usize,
    },
    /// Descriptors came that the system could not open here.
    #[error(
        "descriptors that came are lost, this process has too many; raise the limit of open files"
    )]
    DescriptorsLost {
        /// The length of the message that they came with.
        len: usize,
    },
    /// The name has no address.
    #[error("{reason}; {advice}")]
    Resolve {
        /// What the resolver says.
        reason: String,
        /// What to do about it.
        advice: &'static str,
    },
    /// The resolver hook of the caller gave up.
    #[error("the resolver hook answered {0}; see there for the cause")]
    Hook(i64),
    /// An option that a new socket was to have.
    #[error("socket option {0}: {1}")]
    Option(&'static str, Box<Cause>),
    /// The system refused.
    #[error("{}; {}", system_text(*.0), advice(*.0))]
    Os(i32),
    /// The library is defective.
    #[error("a defect of the library was caught ({0}); free the handle and report this")]
    Panic(String),
}

/// A failure: the stage, the subject, the cause, and every address that was tried. A word, so that a result
/// with it is cheap to hand up, from where a call fails on.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{}", Line(.0))]
pub struct Error(Box<Detail>);

/// Whom a failed call was about.
#[derive(Clone, Debug, Default)]
pub enum Subject {
    /// Nobody in particular.
    #[default]
    None,
    /// A host, as the caller named it, and a port.
    Host(String, u16),
    /// An address.
    Address(Address),
    /// An option of a socket.
    Option(&'static str),
    /// The number of no option.
    OptionId(u32),
}

/// One address that was tried, and why it would not do.
#[derive(Clone, Debug)]
pub struct Attempt {
    /// The address.
    pub address: Address,
    /// Why it would not do.
    pub cause: Cause,
}

#[derive(Clone, Debug)]
struct Detail {
    stage: Stage,
    subject: Subject,
    cause: Cause,
    attempts: Vec<Attempt>,
}

impl Error {
    /// A failure at `stage` that is about nobody in particular.
    ///
    /// It does not unwind, which no place where a call fails then has to be ready for: without memory the
    /// process ends anyway.
    #[allow(improper_ctypes_definitions, reason = "C never calls it: extern only ends unwinding")]
    pub extern "C" fn new(stage: Stage, cause: Cause) -> Self {
        Self(Box::new(Detail { stage, subject: Subject::None, cause, attempts: Vec::new() }))
    }

    /// A wrong argument; `what` ends in what to do.
    #[inline(never)]
    pub fn argument(what: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Stage::None, Cause::Argument(what.into()))
    }

    /// As `argument`, for a text that is put together.
    #[cold]
    #[inline(never)]
    #[allow(improper_ctypes_definitions, reason = "as for `new`")]
    pub extern "C" fn wrong(what: fmt::Arguments<'_>) -> Self {
        Self::argument(what.to_string())
    }

    /// A call that does not fit the state of the handle. This and the next ones are there so that most places
    /// where a call fails pass a text or nothing, which is less code than a cause.
    #[cold]
    #[inline(never)]
    pub fn state(what: &'static str) -> Self {
        Self::new(Stage::None, Cause::State(what))
    }

    /// What this kind of socket, or this system, cannot do.
    #[cold]
    #[inline(never)]
    pub fn unsupported(what: &'static str) -> Self {
        Self::new(Stage::None, Cause::Unsupported(what))
    }

    /// The budget is 0 and the call would have to wait.
    #[inline(never)]
    pub fn again() -> Self {
        Self::new(Stage::None, Cause::Again)
    }

    /// A signal arrived.
    #[inline(never)]
    pub fn interrupted() -> Self {
        Self::new(Stage::None, Cause::Interrupted)
    }

    /// The system refused, with this `errno`.
    #[inline(never)]
    pub fn os(number: i32) -> Self {
        Self::new(Stage::None, Cause::Os(number))
    }

    #[inline(never)]
    #[allow(improper_ctypes_definitions, reason = "as for `new`")]
    extern "C" fn system(error: io::Error) -> Self {
        Cause::from(error).into()
    }

    /// The same failure, at `stage`.
    pub fn at(mut self, stage: Stage) -> Self {
        self.0.stage = stage;
        self
    }

    /// A panic that was caught.
    pub fn panic(what: &str) -> Self {
        Self::new(Stage::None, Cause::Panic(what.to_owned()))
    }

    /// The same failure, about `subject`.
    #[inline(never)]
    pub fn about(mut self, subject: Subject) -> Self {
        self.0.subject = subject;
        self
    }

    /// The same failure, with the addresses that were tried.
    #[inline(never)]
    pub fn after(mut self, attempts: Vec<Attempt>) -> Self {
        self.0.attempts = attempts;
        self
    }

    /// One of the `BOJAGI_E_` codes.
    pub fn code(&self) -> i64 {
        self.0.cause.code(self.0.stage)
    }

    /// The stage.
    pub fn stage(&self) -> Stage {
        self.0.stage
    }

    /// The cause.
    pub fn cause(&self) -> &Cause {
        &self.0.cause
    }

    /// The cause alone.
    pub fn into_cause(self) -> Cause {
        self.0.cause
    }

    /// The addresses that were tried, in their order.
    pub fn attempts(&self) -> &[Attempt] {
        &self.0.attempts
    }
}

impl From<Cause> for Error {
    #[inline(never)]
    fn from(cause: Cause) -> Self {
        Self::new(Stage::None, cause)
    }
}

impl From<io::Error> for Error {
    fn from(error: io::Error) -> Self {
        Self::system(error)
    }
}

impl Cause {
    /// One of the `BOJAGI_E_` codes; a few errors of the system mean different things at different
    /// stages.
    pub fn code(&self, stage: Stage) -> i64 {
        match self {
            Self::Argument(_) => BOJAGI_E_ARG,
            Self::State(_) => BOJAGI_E_STATE,
            Self::Unsupported(_) => BOJAGI_E_UNSUPPORTED,
            Self::Again => BOJAGI_E_AGAIN,
            Self::Timeout => BOJAGI_E_TIMEOUT,
            Self::Cancelled => BOJAGI_E_CANCELLED,
            Self::Interrupted => BOJAGI_E_INTERRUPTED,
            Self::Closed { .. } | Self::FramesEnded => BOJAGI_E_CLOSED,
            Self::Datagram { .. }
            | Self::Peeked { .. }
            | Self::Space { .. }
            | Self::FrameSpace { .. }
            | Self::Full(_)
            | Self::Fields
            | Self::Descriptors { .. } => BOJAGI_E_SPACE,
            Self::FrameLimit(_) | Self::DescriptorsLost { .. } => BOJAGI_E_LIMIT,
            Self::FrameLength => BOJAGI_E_SYNTAX,
            Self::Message(fault) if is_limit(fault.reason) => BOJAGI_E_LIMIT,
            Self::Message(_) | Self::Value(_) => BOJAGI_E_SYNTAX,
            Self::Truncated(_) | Self::FileEnded { .. } => BOJAGI_E_TRUNCATED,
            Self::Resolve { .. } => BOJAGI_E_RESOLVE,
            Self::Hook(code) => *code,
            Self::Option(_, cause) => cause.code(Stage::Socket),
            Self::Os(number) => system_code(*number, stage),
            Self::Panic(_) => BOJAGI_E_PANIC,
        }
    }

    /// The `errno` of the system, else 0.
    pub fn os_error(&self) -> i32 {
        match self {
            Self::Os(number) => *number,
            Self::Option(_, cause) => cause.os_error(),
            _ => 0,
        }
    }

    /// The byte offset that belongs to the failure: of what is wrong in a message, or the full length
    /// of a datagram or a frame that did not fit.
    pub fn offset(&self) -> u64 {
        match self {
            Self::Message(fault) => u64::from(fault.offset),
            Self::Datagram { len, .. }
            | Self::Peeked { len, .. }
            | Self::Descriptors { len, .. }
            | Self::DescriptorsLost { len } => u64::try_from(*len).unwrap_or(u64::MAX),
            Self::Truncated(len) | Self::FrameSpace { len, .. } => *len,
            _ => 0,
        }
    }
}

impl From<io::Error> for Cause {
    fn from(error: io::Error) -> Self {
        match error.raw_os_error() {
            Some(number) => Self::Os(number),
            None => Self::Argument(error.to_string().into()),
        }
    }
}

fn reason_text(reason: u16) -> &'static str {
    bojagi_codec::fault::reason_text(u32::from(reason)).to_str().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tried(address: &str, cause: Cause) -> Attempt {
        Attempt { address: address.parse::<std::net::SocketAddr>().unwrap().into(), cause }
    }

    #[test]
    fn names_host_count_and_last_cause() {
        let refused = Cause::Os(libc::ECONNREFUSED);
        let error = Error::new(Stage::Connect, refused.clone())
            .about(Subject::Host("localhost".into(), 1))
            .after(["[::1]:1", "127.0.0.1:1"].map(|at| tried(at, refused.clone())).into());
        assert_eq!(
            error.to_string(),
            "connect to localhost:1 (2 addresses tried: [::1]:1 refused, 127.0.0.1:1 refused): \
             connection refused; \
             check that the server runs and that the port is right"
        );
        assert_eq!(error.code(), BOJAGI_E_REFUSED);
    }

    #[test]
    fn longest_subject_leaves_room_for_the_advice() {
        let last = "[fe80:1111:2222:3333:4444:5555:6666:7777%4294967295]:65535";
        let error = Error::new(Stage::Connect, Cause::Os(libc::ETIMEDOUT))
            .about(Subject::Host("h".repeat(253), 65535))
            .after(vec![tried(last, Cause::Timeout); 3]);
        assert!(error.to_string().len() < 256, "{error}");
        let near = |port: u16| tried(&format!("192.0.2.1:{port}"), Cause::Timeout);
        let error = error.after((1000..1064).map(near).collect());
        let text = error.to_string();
        assert!(
            text.len() < 256 && text.contains("(64 addresses tried: 192.0.2.1:1000 "),
            "{text}"
        );
        assert!(text.contains(" timeout, ...): ") && text.ends_with("try later"), "{text}");
    }

    #[test]
    fn a_connection_that_died_is_no_timeout_to_wait_out() {
        assert_eq!(Cause::Os(libc::ETIMEDOUT).code(Stage::Recv), BOJAGI_E_RESET);
        assert_eq!(Cause::Os(libc::ETIMEDOUT).code(Stage::Send), BOJAGI_E_RESET);
        assert_eq!(Cause::Os(libc::ETIMEDOUT).code(Stage::Connect), BOJAGI_E_TIMEOUT);
    }

    #[test]
    fn not_there_is_refused_only_where_a_peer_was_looked_for() {
        assert_eq!(Cause::Os(libc::ENOENT).code(Stage::Connect), BOJAGI_E_REFUSED);
        assert_eq!(Cause::Os(libc::ENOENT).code(Stage::Listen), BOJAGI_E_OS);
        assert_eq!(Cause::Os(libc::EADDRNOTAVAIL).code(Stage::Connect), BOJAGI_E_UNREACHABLE);
        assert_eq!(Cause::Os(libc::EADDRNOTAVAIL).code(Stage::Listen), BOJAGI_E_OS);
    }
}
