//! The errors of the system: their words, the codes that they come to, and what to do about them.

use super::Stage;
use bojagi_codec::capi::code::*;
use std::io;

/// The system's own words, as part of a line.
pub(super) fn system_text(number: i32) -> String {
    let mut text = io::Error::from_raw_os_error(number).to_string();
    // Behind the words stands " (os error 111)".
    let words = text.rfind('(').and_then(|end| text.get(..end)).unwrap_or(&text);
    text.truncate(words.trim_ascii_end().len());
    if let Some(first) = text.get_mut(..1) {
        first.make_ascii_lowercase();
    }
    text
}

pub(super) fn system_code(number: i32, stage: Stage) -> i64 {
    match number {
        libc::ECONNREFUSED => BOJAGI_E_REFUSED,
        libc::ENOENT if stage == Stage::Connect || stage == Stage::Send => BOJAGI_E_REFUSED,
        libc::EADDRNOTAVAIL if stage == Stage::Connect => BOJAGI_E_UNREACHABLE,
        libc::ENETUNREACH | libc::EHOSTUNREACH | libc::ENETDOWN | libc::EHOSTDOWN => {
            BOJAGI_E_UNREACHABLE
        }
        libc::ECONNRESET | libc::ECONNABORTED | libc::ENETRESET => BOJAGI_E_RESET,
        libc::EPIPE => BOJAGI_E_CLOSED,
        // Of a connection that was there: the peer has gone silent, and waiting on does not help.
        libc::ETIMEDOUT if stage == Stage::Send || stage == Stage::Recv => BOJAGI_E_RESET,
        libc::ETIMEDOUT => BOJAGI_E_TIMEOUT,
        libc::EADDRINUSE => BOJAGI_E_IN_USE,
        libc::EACCES | libc::EPERM | libc::EROFS => BOJAGI_E_DENIED,
        libc::EMFILE
        | libc::ENFILE
        | libc::EMSGSIZE
        | libc::EAGAIN
        | libc::ENOSPC
        | libc::ETOOMANYREFS => BOJAGI_E_LIMIT,
        libc::ENOMEM | libc::ENOBUFS => BOJAGI_E_MEMORY,
        libc::EAFNOSUPPORT
        | libc::EOPNOTSUPP
        | libc::EPROTONOSUPPORT
        | libc::EPROTOTYPE
        | libc::ESOCKTNOSUPPORT
        | libc::ENOPROTOOPT => BOJAGI_E_UNSUPPORTED,
        libc::ENOTCONN | libc::EISCONN | libc::EDESTADDRREQ => BOJAGI_E_STATE,
        libc::EBADF | libc::ENOTSOCK => BOJAGI_E_ARG,
        libc::ENODEV if stage == Stage::Connect || stage == Stage::Listen => BOJAGI_E_ARG,
        _ => BOJAGI_E_OS,
    }
}

/// What to do about an error of the system.
pub(super) fn advice(number: i32) -> &'static str {
    match number {
        libc::ECONNREFUSED => "check that the server runs and that the port is right",
        libc::ENOENT => "check the path",
        libc::EADDRNOTAVAIL => "use an address that this machine has and a port that is not 0",
        libc::ENETUNREACH | libc::EHOSTUNREACH | libc::ENETDOWN | libc::EHOSTDOWN => {
            "check the network and the address"
        }
        libc::ECONNRESET | libc::ECONNABORTED | libc::ENETRESET | libc::EPIPE => {
            "the connection is over: connect again"
        }
        libc::ETIMEDOUT => "the peer does not answer: check that it is up, or try later",
        libc::EADDRINUSE => "use another one, or end the process that has it",
        libc::EACCES | libc::EPERM | libc::EROFS => {
            "check the permissions, and whether this needs a privilege"
        }
        libc::EMFILE => "close descriptors, or raise the limit of open files (ulimit -n)",
        libc::ENFILE => "close descriptors, or raise the system's limit (sysctl fs.file-max)",
        libc::ETOOMANYREFS => "descriptors that were sent wait to be received: try later",
        libc::EMSGSIZE => "send a shorter datagram",
        libc::ENOSPC => "free some, or raise the system's limit",
        libc::ENODEV => "check the name of the interface",
        libc::EAGAIN => "the system is at a limit: try later",
        libc::ENOMEM | libc::ENOBUFS => "free memory, or try later",
        libc::EAFNOSUPPORT => "use an address of a family that this system and socket know",
        libc::EPROTOTYPE => "the path is a socket of another kind: stream, datagram or seqpacket",
        libc::ENOTCONN => "connect first, or make a new connection",
        libc::EDESTADDRREQ => "name the receiver with send_to, or connect first",
        libc::EISCONN => "use send, the socket is connected",
        libc::EBADF | libc::ENOTSOCK => "pass the descriptor of an open socket",
        libc::ENOTDIR | libc::ELOOP | libc::ENAMETOOLONG => "check the path",
        _ => "see the OS error for the cause",
    }
}
