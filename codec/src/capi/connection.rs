//! `bojagi_connection_…`

use super::code::*;
use super::head::{code, length};
use super::ptr;
use crate::body::Body;
use crate::connection::*;
use crate::fault::Error;
use crate::head::Head;
use core::ffi::c_void;

/// Begins a connection, before its first message. `role` is BOJAGI_ROLE_CLIENT or BOJAGI_ROLE_SERVER.
///
/// Then, for as long as `bojagi_connection_may` does not say BOJAGI_MUST_CLOSE: tell it what came in once
/// it is decoded (`_received_head`, `_received_body`, `_received_close`), and what goes out before it is
/// sent (`_send_head`, `_send_body`, `_send_end`). Nothing else is asked of the caller, who may close the
/// transport at any time. Errors: BOJAGI_E_ARG for NULL and for another role.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn bojagi_connection_init(connection: *mut Connection, role: u32) -> i64 {
    // SAFETY: the header asks for a struct that can be written.
    let room = unsafe { ptr::room(connection, 1) };
    match (room, u8::try_from(role)) {
        (Ok([slot]), Ok(role @ (BOJAGI_ROLE_CLIENT | BOJAGI_ROLE_SERVER))) => {
            slot.write(Connection::new(role));
            0
        }
        _ => BOJAGI_E_ARG,
    }
}

/// What may happen now: a sum of BOJAGI_MAY_, BOJAGI_MUST_ and BOJAGI_AWAITS_ bits, never 0.
///
/// BOJAGI_MUST_CLOSE when nothing may, and for NULL.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn bojagi_connection_may(connection: *const Connection) -> u32 {
    // SAFETY: the header asks for NULL or a connection that `bojagi_connection_init` has filled.
    unsafe { ptr::object(connection) }.map_or(BOJAGI_MUST_CLOSE, Connection::may)
}

/// The BOJAGI_METHOD_ of the request that the next response answers: the last argument of
/// `bojagi_response_decode`, and for a server what decides whether it sends a body (not to HEAD).
///
/// Errors: BOJAGI_E_STATE when no request awaits a response: what a client receives then, no request
/// asked for (RFC 9112 §9.2); BOJAGI_E_ARG for NULL.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn bojagi_connection_request_method(connection: *const Connection) -> i64 {
    // SAFETY: the header asks for NULL or a connection that `bojagi_connection_init` has filled.
    match unsafe { ptr::object(connection) } {
        Ok(connection) => connection.request_method().map_or_else(code, i64::from),
        Err(error) => error,
    }
}

/// Says that a head came in. Call it whenever a decode function answered anything but 0: a head with a
/// fault ends the connection too, though a server may still answer it.
///
/// Returns 0; the message is complete at once when no body follows. Errors: BOJAGI_E_SYNTAX and
/// BOJAGI_E_LIMIT when the peer is at fault, the head's fault or one of these: a response that no request
/// awaits, a 101 that was not asked for, a 1xx to an HTTP/1.0 request; nothing more is read then.
/// BOJAGI_E_STATE when `bojagi_connection_may` does not hold BOJAGI_MAY_READ_HEAD, BOJAGI_E_SPACE when that
/// is because BOJAGI_PIPELINE_MAX requests await their responses: nothing has changed. BOJAGI_E_ARG for
/// NULL, a head that is incomplete, not of this role or of BOJAGI_FRAMING_UNKNOWN, and a response that was
/// decoded with another method than `bojagi_connection_request_method` gave.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn bojagi_connection_received_head(
    connection: *mut Connection,
    head: *const Head,
) -> i64 {
    // SAFETY: the header asks for structs that their `_init` functions have filled.
    match unsafe { (ptr::object_mut(connection), ptr::object(head)) } {
        (Ok(connection), Ok(head)) => done(connection.received_head(head)),
        _ => BOJAGI_E_ARG,
    }
}

/// Says how far the body of the message that is coming in was decoded. Call it after each decode call, and
/// at the latest when `body->state` is BOJAGI_BODY_DONE, which ends the message, or the body has a fault,
/// which ends the connection.
///
/// Returns 0, also for a body that is done already. Errors: BOJAGI_E_SYNTAX and BOJAGI_E_LIMIT, the body's
/// fault; BOJAGI_E_STATE when no body is coming in; BOJAGI_E_ARG for NULL and for a body that is not the
/// one that the last head announced.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn bojagi_connection_received_body(
    connection: *mut Connection,
    body: *const Body,
) -> i64 {
    // SAFETY: the header asks for structs that their `_init` functions have filled.
    match unsafe { (ptr::object_mut(connection), ptr::object(body)) } {
        (Ok(connection), Ok(body)) => done(connection.received_body(body)),
        _ => BOJAGI_E_ARG,
    }
}

/// Says that the peer ended its direction of the transport, once all that came before was decoded: with
/// bytes that may not be read yet, keep it for later. `left` is the number of bytes that begin a head or a
/// trailer section and do not end it, 0 when there are none.
///
/// Returns 0 between messages and when a body until close is complete now; what a server owes it may still
/// send. Errors: BOJAGI_E_TRUNCATED in the middle of a message (BOJAGI_REASON_TRUNCATED), and when a client
/// awaits a response (BOJAGI_REASON_UNANSWERED); BOJAGI_E_ARG for NULL.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn bojagi_connection_received_close(
    connection: *mut Connection,
    left: usize,
) -> i64 {
    // SAFETY: the header asks for NULL or a connection that `bojagi_connection_init` has filled.
    match unsafe { ptr::object_mut(connection) } {
        Ok(connection) => done(connection.received_close(left)),
        Err(error) => error,
    }
}

/// Says that a head is about to be sent, and checks it: `data` begins with it, as `bojagi_request_encode`
/// or anyone else wrote it, and it is decoded here as the peer will decode it, strictly.
///
/// Returns the length of the head; what follows it in `data` is not looked at. The message is complete at
/// once when no body follows. Errors, after each of which the head must not be sent and nothing has
/// changed: BOJAGI_E_SYNTAX and BOJAGI_E_LIMIT when it is no valid head, or has a Content-Length or
/// Transfer-Encoding where no body can be; BOJAGI_E_STATE when it does not fit here: the message before is
/// not complete or must be answered first, no message may follow, no request awaits the response, a 1xx or
/// Transfer-Encoding to HTTP/1.0, a 101 that was not asked for; BOJAGI_E_SPACE when BOJAGI_PIPELINE_MAX
/// requests await their responses; BOJAGI_E_ARG for NULL with a length and for a head that is incomplete.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn bojagi_connection_send_head(
    connection: *mut Connection,
    data: *const c_void,
    len: usize,
) -> i64 {
    // SAFETY: the header asks for a connection that was begun, and for bytes of this length.
    match unsafe { (ptr::object_mut(connection), ptr::bytes(data, len)) } {
        (Ok(connection), Ok(data)) => length(connection.send_head(data)),
        _ => BOJAGI_E_ARG,
    }
}

/// Says that `count` bytes of the body are about to be sent; the sizes and line ends of chunks are not
/// counted. 0 does nothing.
///
/// Returns 0; a body with a Content-Length is complete with its last byte. Errors, after each of which
/// nothing must be sent and nothing has changed: BOJAGI_E_STATE for more than the head announced
/// (BOJAGI_REASON_BODY_MISMATCH), which is 0 for HEAD, 204 and 304, and for a request that was stopped by
/// an early response or a close (BOJAGI_REASON_AFTER_LAST); BOJAGI_E_ARG for NULL.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn bojagi_connection_send_body(
    connection: *mut Connection,
    count: u64,
) -> i64 {
    // SAFETY: the header asks for NULL or a connection that `bojagi_connection_init` has filled.
    match unsafe { ptr::object_mut(connection) } {
        Ok(connection) => done(connection.send_body(count)),
        Err(error) => error,
    }
}

/// Says that the body ends: with the last chunk and the trailers, which are about to be sent, or with the
/// close of the transport. Does nothing when the message is complete already.
///
/// Returns 0. Errors: BOJAGI_E_STATE when fewer bytes were sent than Content-Length announced
/// (BOJAGI_REASON_BODY_MISMATCH): send the rest, or close; BOJAGI_E_ARG for NULL.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn bojagi_connection_send_end(connection: *mut Connection) -> i64 {
    // SAFETY: the header asks for NULL or a connection that `bojagi_connection_init` has filled.
    match unsafe { ptr::object_mut(connection) } {
        Ok(connection) => done(connection.send_end()),
        Err(error) => error,
    }
}

fn done(result: Result<(), Error>) -> i64 {
    result.map_or_else(code, |()| 0)
}
