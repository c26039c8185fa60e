//! Connecting without waiting, for event loops.

use super::connect;
use super::error::{ErrorRecord, copy};
use super::guard::{count, guard, quietly};
use super::plan::{self, ConnectOptions};
use super::ptr;
use super::socket::Socket;
use crate::deadline::Timeout;
use crate::error::{Attempt, Error};
use crate::net;
use crate::net::addr::Address;
use crate::net::race::Outcome;
use std::ffi::c_char;

/// A TCP connect that is under way, for a program that waits in an event loop of its own. One thread at a
/// time; a second one is answered BOJAGI_E_STATE.
pub struct Connector {
    inner: net::Connector,
}

/// Begins to connect to a TCP server, as `bojagi_tcp_connect` does, and gives the connector at `*out`, to
/// be freed with `bojagi_connector_free`.
///
/// Never waits: a name is looked up on a thread of the library; only the resolver hook runs here, with
/// `timeout_ms` -1. There is no budget: attempts go on until the system gives them up, or
/// `bojagi_connector_free`. It uses two descriptors, and one for the look-up and for each attempt.
///
/// Returns 0, also when every attempt has failed already, which `bojagi_connector_next` tells, or the hook
/// has. Errors: BOJAGI_E_ARG, BOJAGI_E_LIMIT, BOJAGI_E_MEMORY; BOJAGI_E_UNSUPPORTED where there is no
/// epoll(7).
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn bojagi_connector_new(
    host: *const c_char,
    port: u32,
    options: *const ConnectOptions,
    out: *mut *mut Connector,
) -> i64 {
    guard(|| {
        ptr::check(out, "out")?;
        // SAFETY: from C, under the contract of the header.
        let (host, port) = unsafe { connect::target(host, port) }?;
        // SAFETY: as above.
        let (plan, names) = unsafe { plan::read(options) }?;
        let inner = net::Connector::new(host, port, &names, plan)?;
        // SAFETY: checked above.
        unsafe { ptr::give(out, Connector { inner }) };
        Ok(0)
    })
}

/// A descriptor that is readable when `bojagi_connector_next` has something to do: an attempt has ended
/// or is to begin, the look-up is over, the cancel was fired. It is an epoll(7) instance and stays the
/// connector's: only watch it, until the connector is freed. Errors: BOJAGI_E_ARG.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bojagi_connector_fd(connector: *const Connector) -> i64 {
    guard(|| {
        // SAFETY: from C, under the contract of the header.
        Ok(i64::from(unsafe { ptr::object(connector, "connector") }?.inner.fd()?))
    })
}

/// Goes on with a connect, and gives the socket at `*out` once it is connected. The descriptor is then at
/// rest, and all that is left is to free the connector.
///
/// `timeout_ms` is how long this call may wait; 0 in an event loop. Returns 0. BOJAGI_E_AGAIN (with 0) and
/// BOJAGI_E_TIMEOUT mean that it is still under way, as do BOJAGI_E_CANCELLED and BOJAGI_E_INTERRUPTED:
/// nothing is lost, call again. Any other error is the end, with every attempt in
/// `bojagi_error_attempt`: those of `bojagi_tcp_connect`, to which each later call answers the same. A
/// connect that timed out in the system is BOJAGI_E_TIMEOUT too: its `attempts` are not 0.
/// BOJAGI_E_STATE once the socket was given.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn bojagi_connector_next(
    connector: *mut Connector,
    timeout_ms: i64,
    out: *mut *mut Socket,
) -> i64 {
    guard(|| {
        ptr::check(out, "out")?;
        // SAFETY: from C, under the contract of the header.
        let connector = unsafe { ptr::object(connector.cast_const(), "connector") }?;
        let inner = connector.inner.next(Timeout::from_millis(timeout_ms)?)?;
        // SAFETY: checked above.
        unsafe { ptr::give(out, Socket { inner }) };
        Ok(0)
    })
}

/// How many attempts have begun so far. Errors: BOJAGI_E_ARG, BOJAGI_E_STATE.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bojagi_connector_attempts(connector: *const Connector) -> i64 {
    guard(|| {
        // SAFETY: from C, under the contract of the header.
        let connector = unsafe { ptr::object(connector, "connector") }?;
        connector.inner.attempts().map(count)
    })
}

/// Copies what has become of an attempt so far, in the order in which they began, to `error`.
///
/// Its `code` is 0 while the attempt is under way, when it is the connection and when another was faster,
/// which its `message` tells; else why it failed. Begin with `bojagi_error_init`. Returns 0. Errors:
/// BOJAGI_E_ARG past the last, BOJAGI_E_STATE.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bojagi_connector_attempt(
    connector: *const Connector,
    index: u32,
    error: *mut ErrorRecord,
) -> i64 {
    guard(|| {
        // SAFETY: from C, under the contract of the header.
        let connector = unsafe { ptr::object(connector, "connector") }?;
        let index = usize::try_from(index).unwrap_or(usize::MAX);
        let record = connector.inner.attempt(index, record)?;
        let record = record.ok_or_else(|| {
            Error::argument(
                "there is no such attempt; pass less than bojagi_connector_attempts says",
            )
        })?;
        // SAFETY: as above.
        unsafe { copy(error, record) }?;
        Ok(0)
    })
}

/// Ends a connector, at whatever stage, with everything but the socket that it gave. NULL does nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bojagi_connector_free(connector: *mut Connector) {
    // SAFETY: from C, under the contract of the header.
    quietly(|| unsafe { ptr::free(connector) });
}

fn record(address: &Address, outcome: &Outcome) -> ErrorRecord {
    let words = match outcome {
        Outcome::Running => "under way",
        Outcome::Connected => "connected",
        Outcome::Beaten => "another address was faster",
        Outcome::Failed(cause) => {
            let (address, cause) = (address.clone(), cause.clone());
            return ErrorRecord::of_attempt(&Attempt { address, cause });
        }
    };
    ErrorRecord::of_progress(&format!("{address}: {words}"))
}
