//! A failure as one line for people: the stage, the subject, the addresses that were tried, the cause.

use super::{Attempt, Detail, Stage, Subject};
use bojagi_codec::capi::code::*;
use std::fmt;

impl fmt::Display for Attempt {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}: {}", self.address, self.cause)
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => Ok(()),
            Self::Host(host, port) if host.contains(':') && !host.starts_with('[') => {
                write!(out, " [{}]:{port}", shortened(host))
            }
            Self::Host(host, port) => write!(out, " {}:{port}", shortened(host)),
            Self::Address(address) => write!(out, " {address}"),
            Self::Option(name) => write!(out, " option {name}"),
            Self::OptionId(number) => write!(out, " option {number}"),
        }
    }
}

/// A detail as one line.
pub(super) struct Line<'a>(pub &'a Detail);

impl fmt::Display for Line<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Detail { stage, subject, cause, attempts } = self.0;
        let verb = match stage {
            Stage::None => return write!(out, "{cause}"),
            Stage::Resolve => "resolve",
            Stage::Connect => "connect to",
            Stage::Listen => "listen on",
            Stage::Accept => "accept on",
            Stage::Send => "send to",
            Stage::Recv => "recv from",
            Stage::Decode => "decode from",
            Stage::Socket => "socket",
        };
        let verb = match subject {
            Subject::None => verb.split(' ').next().unwrap_or(verb),
            _ => verb,
        };
        if attempts.len() < 2 {
            return write!(out, "{verb}{subject}: {cause}");
        }
        let front = format!("{verb}{subject} ({} addresses tried", attempts.len());
        let back = format!("): {cause}");
        let room = LINE_MAX.saturating_sub(front.len() + back.len());
        write!(out, "{front}{}{back}", listed(attempts, *stage, room))
    }
}

/// The attempts in short, as many of them as there is room for: `: [::1]:80 refused, 192.0.2.1:80 timeout`.
fn listed(attempts: &[Attempt], stage: Stage, room: usize) -> String {
    const MORE: &str = ", ...";
    let mut list = String::new();
    for (index, attempt) in attempts.iter().enumerate() {
        let separator = if index == 0 { ": " } else { ", " };
        let word = in_short(attempt.cause.code(stage));
        let item = format!("{separator}{} {word}", attempt.address);
        let rest = if index + 1 == attempts.len() { 0 } else { MORE.len() };
        if list.len() + item.len() + rest > room {
            return if index == 0 { list } else { list + MORE };
        }
        list += &item;
    }
    list
}

fn in_short(code: i64) -> &'static str {
    match code {
        BOJAGI_E_REFUSED => "refused",
        BOJAGI_E_TIMEOUT => "timeout",
        BOJAGI_E_UNREACHABLE => "unreachable",
        BOJAGI_E_RESET => "reset",
        BOJAGI_E_DENIED => "denied",
        BOJAGI_E_CANCELLED => "cancelled",
        BOJAGI_E_INTERRUPTED => "interrupted",
        BOJAGI_E_AGAIN => "pending",
        BOJAGI_E_UNSUPPORTED => "unsupported",
        _ => "failed",
    }
}

/// What `bojagi_error.message` has room for, without its NUL.
const LINE_MAX: usize = 255;

/// A host name, cut where a line would have no room left for the advice.
fn shortened(host: &str) -> String {
    const MAX: usize = 60;
    match host.get(..host.floor_char_boundary(MAX)) {
        Some(front) if front.len() < host.len() => front.to_owned() + "...",
        _ => host.to_owned(),
    }
}
