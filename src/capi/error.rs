//! The last failure of each thread, and the names of the codes.

use super::ptr;
use crate::error::{Attempt, Error, Stage};
use bojagi_codec::capi::code::*;
use std::cell::RefCell;
use std::ffi::{CStr, c_char};

/// `bojagi_error.stage`: no part of an exchange, such as a wrong argument.
pub const BOJAGI_STAGE_NONE: u32 = 0;
/// `bojagi_error.stage`: a name was looked up.
pub const BOJAGI_STAGE_RESOLVE: u32 = 1;
/// `bojagi_error.stage`: a connection was made.
pub const BOJAGI_STAGE_CONNECT: u32 = 2;
/// `bojagi_error.stage`: a listener or a bound socket was made.
pub const BOJAGI_STAGE_LISTEN: u32 = 3;
/// `bojagi_error.stage`: a connection was accepted.
pub const BOJAGI_STAGE_ACCEPT: u32 = 4;
/// `bojagi_error.stage`: bytes were sent.
pub const BOJAGI_STAGE_SEND: u32 = 5;
/// `bojagi_error.stage`: bytes were received.
pub const BOJAGI_STAGE_RECV: u32 = 6;
/// `bojagi_error.stage`: a message was decoded.
pub const BOJAGI_STAGE_DECODE: u32 = 7;
/// `bojagi_error.stage`: a message was encoded.
pub const BOJAGI_STAGE_ENCODE: u32 = 8;
/// `bojagi_error.stage`: any other call on a socket or listener.
pub const BOJAGI_STAGE_SOCKET: u32 = 9;

/// A failure in detail. Begin with `bojagi_error_init`, which sets `size`. Nothing in it is ever freed.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct ErrorRecord {
    /// The size of this struct, as the caller knows it.
    pub size: u32,
    /// A BOJAGI_E_ code; 0 when nothing has failed.
    pub code: i32,
    /// A BOJAGI_STAGE_: in which part of an exchange it failed.
    pub stage: u32,
    /// The `errno` of the system, 0 when the failure is not the system's.
    pub os_error: i32,
    /// After BOJAGI_E_SPACE the full length of the datagram, in bytes, or the room that the frame needs; of
    /// `bojagi_socket_recv_fds`, also after BOJAGI_E_LIMIT, the length of what came. Of a message of HTTP the
    /// offset of what is wrong, counted from its first byte, or for a body from its own; after
    /// BOJAGI_E_TRUNCATED the bytes that came of it, or of the frame. Else 0.
    pub offset: u64,
    /// How many addresses were tried; `bojagi_error_attempt` tells each.
    pub attempts: u32,
    /// Zero.
    pub reserved: u32,
    /// One line for people, NUL-terminated UTF-8: the stage, the subject, the cause, and what to do.
    pub message: [c_char; 256],
}

/// Makes `error` empty and sets its `size`. NULL does nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bojagi_error_init(error: *mut ErrorRecord) {
    // SAFETY: from C, under the contract of the header.
    unsafe { ptr::write_optional(error, ErrorRecord::default()) }
}

/// Copies this thread's last failure of a level 1 call to `error`.
///
/// Successes do not clear it: look at it only after a call has failed. Returns 0, with code 0 when
/// nothing has failed on this thread yet. Errors, which are not recorded: BOJAGI_E_ARG when `error` is
/// NULL or its `size` was not set.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bojagi_error_last(error: *mut ErrorRecord) -> i64 {
    // SAFETY: from C, under the contract of the header.
    unsafe { fill(error, |last| Some(last.map_or_else(ErrorRecord::default, ErrorRecord::of))) }
}

/// Copies what became of one address that this thread's last failed connect tried, in the order they
/// were tried, to `error`.
///
/// `index` counts from 0. Returns 0. Errors, which are not recorded: BOJAGI_E_ARG past the last, when
/// the last failure was not that of a connect, when `error` is NULL or its `size` was not set.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bojagi_error_attempt(index: u32, error: *mut ErrorRecord) -> i64 {
    let index = usize::try_from(index).unwrap_or(usize::MAX);
    // SAFETY: from C, under the contract of the header.
    unsafe { fill(error, |last| last?.attempts().get(index).map(ErrorRecord::of_attempt)) }
}

/// The name of a code: "TIMEOUT" for BOJAGI_E_TIMEOUT, "OK" for 0 and above, "UNKNOWN" for what is no
/// code. Static, never NULL.
#[unsafe(no_mangle)]
pub extern "C" fn bojagi_error_name(code: i64) -> *const c_char {
    described(code).0.as_ptr()
}

/// One line about a code that a user can act on. Static, never NULL. `bojagi_error_last` knows more.
#[unsafe(no_mangle)]
pub extern "C" fn bojagi_error_text(code: i64) -> *const c_char {
    described(code).1.as_ptr()
}

/// Keeps a failure for this thread and returns its code. Nothing unwinds out of it, which no export has to
/// be ready for.
#[allow(improper_ctypes_definitions, reason = "C never calls it: extern only ends unwinding")]
pub(super) extern "C" fn record(error: Error) -> i64 {
    let code = error.code();
    // A thread that is ending may have lost its place for this; the code still tells.
    let _ = LAST.try_with(|last| {
        if let Ok(mut last) = last.try_borrow_mut() {
            *last = Some(error);
        }
    });
    code
}

/// Copies a record, made from the last failure, to where the caller wants it.
unsafe fn fill(
    out: *mut ErrorRecord,
    make: impl FnOnce(Option<&Error>) -> Option<ErrorRecord>,
) -> i64 {
    // SAFETY: from C, under the contract of the header.
    let checked = unsafe { ptr::check_size(out.cast_const(), "bojagi_error_init") };
    if checked.is_err() {
        return BOJAGI_E_ARG;
    }
    let made = LAST.try_with(|last| match last.try_borrow() {
        Ok(last) => make(last.as_ref()),
        Err(_) => make(None),
    });
    let Some(record) = made.unwrap_or_else(|_| Some(ErrorRecord::default())) else {
        return BOJAGI_E_ARG;
    };
    // SAFETY: from C, under the contract of the header.
    if unsafe { copy(out, record) }.is_ok() { 0 } else { BOJAGI_E_ARG }
}

/// Copies a record to where the caller wants it.
pub(super) unsafe fn copy(out: *mut ErrorRecord, mut record: ErrorRecord) -> Result<(), Error> {
    // SAFETY: from C, under the contract of the header.
    unsafe { ptr::check_size(out.cast_const(), "bojagi_error_init") }?;
    // SAFETY: checked above.
    record.size = unsafe { ptr::object(out.cast_const(), "error") }?.size;
    // SAFETY: checked above; a larger struct keeps what stands behind the part that we know.
    unsafe { ptr::write(out, record) };
    Ok(())
}

impl ErrorRecord {
    fn of(error: &Error) -> Self {
        Self {
            code: narrow(error.code()),
            stage: error.stage() as u32,
            os_error: error.cause().os_error(),
            offset: error.cause().offset(),
            attempts: u32::try_from(error.attempts().len()).unwrap_or(u32::MAX),
            message: line(&error.to_string()),
            ..Self::default()
        }
    }

    /// What became of an attempt.
    pub(super) fn of_attempt(attempt: &Attempt) -> Self {
        Self {
            code: narrow(attempt.cause.code(Stage::Connect)),
            stage: BOJAGI_STAGE_CONNECT,
            os_error: attempt.cause.os_error(),
            message: line(&attempt.to_string()),
            ..Self::default()
        }
    }

    /// An attempt that has not failed.
    pub(super) fn of_progress(text: &str) -> Self {
        Self { stage: BOJAGI_STAGE_CONNECT, message: line(text), ..Self::default() }
    }

    /// The message.
    pub fn text(&self) -> String {
        let bytes = self.message.iter().map(|letter| letter.to_ne_bytes()[0]);
        String::from_utf8_lossy(&bytes.take_while(|&byte| byte != 0).collect::<Vec<_>>())
            .into_owned()
    }
}

impl Default for ErrorRecord {
    fn default() -> Self {
        Self {
            size: u32::try_from(size_of::<Self>()).unwrap_or(0),
            code: 0,
            stage: BOJAGI_STAGE_NONE,
            os_error: 0,
            offset: 0,
            attempts: 0,
            reserved: 0,
            message: [0; 256],
        }
    }
}

/// A text as a NUL-terminated array, cut between two characters where it is too long.
fn line(text: &str) -> [c_char; 256] {
    let mut message = [0; 256];
    let kept = &text[..text.floor_char_boundary(message.len() - 1)];
    for (letter, byte) in message.iter_mut().zip(kept.bytes()) {
        *letter = c_char::from_ne_bytes([byte]);
    }
    message
}

/// All codes are small.
fn narrow(code: i64) -> i32 {
    i32::try_from(code).unwrap_or(0)
}

fn described(code: i64) -> (&'static CStr, &'static CStr) {
    match code {
        0.. => (c"OK", c"nothing has failed"),
        BOJAGI_E_ARG => (c"ARG", c"an argument is wrong: mend the call"),
        BOJAGI_E_STATE => (
            c"STATE",
            c"the call does not fit the state of the handle: see which calls came before it",
        ),
        BOJAGI_E_MEMORY => {
            (c"MEMORY", c"the system has no memory for this: free some or try later")
        }
        BOJAGI_E_SPACE => (c"SPACE", c"the buffer or array is too small: pass a larger one"),
        BOJAGI_E_LIMIT => (c"LIMIT", c"a limit was reached: raise it or use less"),
        BOJAGI_E_SYNTAX => {
            (c"SYNTAX", c"the bytes break a rule of HTTP: the fault says which and where")
        }
        BOJAGI_E_TRUNCATED => {
            (c"TRUNCATED", c"the transport ended inside a message: throw the message away")
        }
        BOJAGI_E_RESOLVE => {
            (c"RESOLVE", c"the name has no address: check its spelling and the name server")
        }
        BOJAGI_E_REFUSED => {
            (c"REFUSED", c"nobody listens at the address: check that the server runs")
        }
        BOJAGI_E_UNREACHABLE => {
            (c"UNREACHABLE", c"no route leads to the address: check the network and the address")
        }
        BOJAGI_E_RESET => (c"RESET", c"the peer broke the connection off: connect again"),
        BOJAGI_E_CLOSED => (c"CLOSED", c"this direction was closed: connect again"),
        BOJAGI_E_TIMEOUT => (c"TIMEOUT", c"the time budget ran out: call again or allow more time"),
        BOJAGI_E_CANCELLED => {
            (c"CANCELLED", c"the cancel was fired: reset it before the next call")
        }
        BOJAGI_E_INTERRUPTED => {
            (c"INTERRUPTED", c"a signal arrived, nothing is lost: handle it and call again")
        }
        BOJAGI_E_AGAIN => (c"AGAIN", c"the call would have to wait: call again later"),
        BOJAGI_E_IN_USE => (c"IN_USE", c"the address or path is taken: use another one"),
        BOJAGI_E_DENIED => (c"DENIED", c"the system does not permit this: check the permissions"),
        BOJAGI_E_OS => (c"OS", c"the system failed: bojagi_error_last tells its errno"),
        BOJAGI_E_UNSUPPORTED => {
            (c"UNSUPPORTED", c"this system, build or kind of handle cannot do that")
        }
        BOJAGI_E_PANIC => {
            (c"PANIC", c"a defect of the library was caught: free the handle and report it")
        }
        _ => (c"UNKNOWN", c"no code of this library: look at what was passed"),
    }
}

thread_local! {
    static LAST: RefCell<Option<Error>> = const { RefCell::new(None) };
}
