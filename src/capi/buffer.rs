//! `bojagi_buffer_…`, and the receiving of whole heads and bodies.

use super::guard::{count, guard};
use super::ptr;
use super::socket::Socket;
use crate::buffer::{Buffer, Failure};
use crate::deadline::Timeout;
use crate::error::{Cause, Error, Stage};
use crate::net;
use bojagi_codec::field::{Field, Fields};
use bojagi_codec::method::BOJAGI_METHOD_PATCH;
use bojagi_codec::{Body, Head};
use std::ffi::c_void;

/// Makes an empty receive buffer over `cap` bytes at `data`, which must outlive it. A head or a frame must
/// fit in it whole; a body need not. `buffer` NULL does nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bojagi_buffer_init(buffer: *mut Buffer, data: *mut c_void, cap: usize) {
    // SAFETY: from C, under the contract of the header.
    unsafe { ptr::write_optional(buffer, Buffer::new(data.cast(), cap)) }
}

/// Receives until the head of one request is in the buffer, and decodes it as `bojagi_request_decode` does.
///
/// Returns the length of the head, which stands at `buffer->data + buffer->start`, from where the offsets
/// in `head` and `fields` count; or 0 when the peer closed before a message began, or the message before
/// was the last of its connection (BOJAGI_HEAD_KEEP_ALIVE was not set). `head` must have been made ready
/// once; it is reset when a message begins. What was received beyond the head stays in the buffer. If `framing` says that a body follows, receive it with `bojagi_socket_recv_body` before the next
/// head. After BOJAGI_E_TIMEOUT, _AGAIN, _INTERRUPTED or _CANCELLED nothing is lost: call again.
///
/// A head that comes in one piece costs one system call, none if it is in the buffer already.
///
/// Errors: BOJAGI_E_SYNTAX and BOJAGI_E_LIMIT with `head->fault`; BOJAGI_E_TRUNCATED when the peer closed
/// inside the head; BOJAGI_E_SPACE when the buffer, or the array of fields, is full (call again with a
/// larger array that holds the first ones); BOJAGI_E_STATE when the body before was not received to its
/// end, or after a tunnel has begun; BOJAGI_E_UNSUPPORTED on a datagram socket; else as
/// `bojagi_socket_recv`.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn bojagi_socket_recv_request(
    socket: *mut Socket,
    buffer: *mut Buffer,
    head: *mut Head,
    fields: *mut Field,
    cap: u32,
    timeout_ms: i64,
) -> i64 {
    // SAFETY: from C, under the contract of the header.
    let call = || unsafe { Call::new(socket, buffer, fields, cap, timeout_ms) };
    guard(|| {
        // SAFETY: as above.
        let head = unsafe { ptr::object_mut(head, "head") }?;
        call()?.head(head, None)
    })
}

/// Receives until the head of one response is in the buffer, and decodes it as `bojagi_response_decode` does.
///
/// As `bojagi_socket_recv_request`; `request_method` is the BOJAGI_METHOD_ of the request that it answers.
/// A 1xx is a head of its own: call again, with the same method, until the status is another.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn bojagi_socket_recv_response(
    socket: *mut Socket,
    buffer: *mut Buffer,
    head: *mut Head,
    fields: *mut Field,
    cap: u32,
    request_method: u32,
    timeout_ms: i64,
) -> i64 {
    // SAFETY: from C, under the contract of the header.
    let call = || unsafe { Call::new(socket, buffer, fields, cap, timeout_ms) };
    guard(|| {
        let method = method(request_method)?;
        // SAFETY: as above.
        let head = unsafe { ptr::object_mut(head, "head") }?;
        call()?.head(head, Some(method))
    })
}

/// Receives until a body is complete or the buffer is full.
///
/// `body` was begun with `bojagi_body_init(&body, &head)`. Returns the number of bytes of the body that now
/// stand at `buffer->data + buffer->body`, in one piece, without any framing. When `body->state` is
/// BOJAGI_BODY_DONE they were the last; otherwise use them and call again, and the next piece takes their
/// place. Trailers go to `trailers`, an array of `cap` ((NULL, 0): checked and skipped); their offsets count
/// from `buffer->data + buffer->trailers`, and `body->span_count` is their number. Head, piece and trailers
/// stay where they are until the next call with this buffer. After BOJAGI_E_TIMEOUT, _AGAIN, _INTERRUPTED
/// or _CANCELLED nothing is lost: call again.
///
/// Errors: BOJAGI_E_SYNTAX and BOJAGI_E_LIMIT with `body->fault`, after the piece that stands before the
/// fault was handed over; BOJAGI_E_TRUNCATED, likewise, when the peer closed before the end; BOJAGI_E_SPACE when the
/// head fills the buffer, or the trailers do not fit; BOJAGI_E_STATE when no head came before, or `body`
/// was not begun for it, once; else as
/// `bojagi_socket_recv`.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn bojagi_socket_recv_body(
    socket: *mut Socket,
    buffer: *mut Buffer,
    body: *mut Body,
    trailers: *mut Field,
    cap: u32,
    timeout_ms: i64,
) -> i64 {
    // SAFETY: from C, under the contract of the header.
    let call = || unsafe { Call::new(socket, buffer, trailers, cap, timeout_ms) };
    guard(|| {
        // SAFETY: as above.
        let body = unsafe { ptr::object_mut(body, "body") }?;
        call()?.body(body)
    })
}

/// The arguments that all three have in common.
struct Call<'a> {
    socket: &'a net::Socket,
    buffer: &'a mut Buffer,
    memory: &'a mut [u8],
    fields: Fields<'a>,
    timeout: Timeout,
}

impl<'a> Call<'a> {
    unsafe fn new(
        socket: *mut Socket,
        buffer: *mut Buffer,
        fields: *mut Field,
        cap: u32,
        timeout_ms: i64,
    ) -> Result<Self, Error> {
        // SAFETY: passed on from C with its contract.
        let (socket, buffer) =
            unsafe { (ptr::object(socket, "socket")?, ptr::object_mut(buffer, "buffer")?) };
        // SAFETY: `buffer` says what memory it is over.
        let memory = unsafe { ptr::bytes_mut(buffer.data, buffer.cap) }?;
        let cap = usize::try_from(cap).unwrap_or(usize::MAX);
        // SAFETY: as above.
        let room = unsafe { ptr::room(fields, cap, "fields") }?;
        let fields = (!fields.is_null()).then_some(room);
        if !socket.inner.is_stream() {
            let what = "messages need a stream; receive the datagram, then decode it";
            return Err(socket.inner.error(Stage::Recv, Error::unsupported(what)));
        }
        let timeout = Timeout::from_millis(timeout_ms)?;
        // A message may be in the buffer already, and then nothing else would look at the cancel.
        socket.inner.check_cancel()?;
        Ok(Self { socket: &socket.inner, buffer, memory, fields, timeout })
    }

    fn head(self, head: &mut Head, answers: Option<u8>) -> Result<i64, Error> {
        let Self { socket, buffer, memory, fields, timeout } = self;
        let result = buffer.recv_head(memory, (head, fields), answers, receiver(socket, timeout));
        result.map(count).map_err(|failure| explain(socket, buffer, failure))
    }

    fn body(self, body: &mut Body) -> Result<i64, Error> {
        let Self { socket, buffer, memory, fields, timeout } = self;
        let result = buffer.recv_body(memory, body, fields, receiver(socket, timeout));
        result.map(count).map_err(|failure| explain(socket, buffer, failure))
    }
}

/// Receives within one budget: the first time with the system's own time-out, so that a message in one
/// piece is one system call, and after that with what is left.
pub(super) fn receiver(
    socket: &net::Socket,
    timeout: Timeout,
) -> impl FnMut(&mut [u8]) -> Result<usize, Error> {
    let deadline = timeout.deadline();
    let mut is_first = true;
    move |bytes| {
        let room = ptr::as_room(bytes);
        match std::mem::take(&mut is_first) {
            true => socket.recv(room, timeout),
            false => socket.recv_by(room, deadline),
        }
    }
}

pub(super) fn explain(socket: &net::Socket, buffer: &Buffer, failure: Failure<Error>) -> Error {
    let cause = match failure {
        Failure::Transport(error) => return error,
        Failure::Message(bojagi_codec::Error::Space, _) => Cause::Fields,
        Failure::Message(bojagi_codec::Error::Limit | bojagi_codec::Error::Syntax, fault) => {
            Cause::Message(fault)
        }
        Failure::Message(..) => {
            Cause::State("head and body do not belong to this buffer; init them")
        }
        Failure::Frame(cause) => cause,
        Failure::Truncated(len) => Cause::Truncated(len),
        Failure::Full => Cause::Full(buffer.cap),
        Failure::State(what) => Cause::State(what),
        Failure::Corrupt => {
            Cause::Argument("the buffer was written over; call bojagi_buffer_init".into())
        }
    };
    socket.error(Stage::Decode, cause.into())
}

fn method(request_method: u32) -> Result<u8, Error> {
    let method = u8::try_from(request_method).ok().filter(|id| *id <= BOJAGI_METHOD_PATCH);
    method.ok_or_else(|| {
        Error::wrong(format_args!("request_method is {request_method}; pass a BOJAGI_METHOD_"))
    })
}
