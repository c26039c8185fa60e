//! The offset of a fault is the length of the longest prefix that some valid message begins with.
//!
//! So the bytes before it can be completed, and with the byte at it they cannot. The completions
//! are few: what is open when a rule about a byte is broken is known from the rule.
//!
//! Behind the byte at fault no userinfo is tried: nobody may send it (RFC 9110 section 4.2.4), and the
//! byte that breaks a host and port is a better place than the end of what userinfo could still be.

use crate::judge::is_about_a_byte;
use crate::machine::{Machine, Outcome};
use bojagi_codec::fault::*;

/// Tries to complete what stands before the fault, and what stands there with the byte at fault.
pub fn check(fresh: Machine, whole: &Outcome, data: &[u8]) {
    let offset = whole.fault.offset as usize;
    let mut trial = Trial { machine: fresh, bytes: data[..offset].to_vec() };
    trial.go_on();
    let shown = || data[..offset].escape_ascii().to_string();
    assert!(trial.has_completion(&fresh, whole.fault.reason), "nothing begins with {:?}", shown());
    trial.bytes.push(data[offset]);
    if trial.go_on() == 0 {
        let open = trial.is_completed(&fresh, whole.fault.reason);
        assert!(!open, "{:?} was not wrong behind {:?}", data[offset], shown());
    }
}

/// A decoder that has read some bytes, to be tried with others behind them.
struct Trial {
    machine: Machine,
    bytes: Vec<u8>,
}

/// How a completion was judged.
#[derive(PartialEq)]
enum Verdict {
    Valid,
    Invalid,
    /// A limit came first, so that nothing is known.
    Limited,
}

impl Trial {
    fn go_on(&mut self) -> i64 {
        self.machine.call(None, &self.bytes)
    }

    fn has_completion(&mut self, fresh: &Machine, reason: u16) -> bool {
        let not_invalid = |verdict| verdict != Verdict::Invalid;
        match reason {
            BOJAGI_REASON_TARGET => self.any_target(&[TARGETS, USERINFO], not_invalid),
            _ => self.any(fresh, reason, not_invalid),
        }
    }

    fn is_completed(&mut self, fresh: &Machine, reason: u16) -> bool {
        let valid = |verdict| verdict == Verdict::Valid;
        match reason {
            BOJAGI_REASON_TARGET => self.any_target(&[TARGETS], valid),
            _ => self.any(fresh, reason, valid),
        }
    }

    fn any_target(&mut self, tails: &[&[&[u8]]], wanted: fn(Verdict) -> bool) -> bool {
        tails.iter().copied().flatten().any(|tail| {
            let mut ports = [&b""[..], b":1"].into_iter();
            ports.any(|port| wanted(self.with(&[tail, port, b" HTTP/1.1\r\n\r\n"])))
        })
    }

    fn any(&mut self, fresh: &Machine, reason: u16, wanted: fn(Verdict) -> bool) -> bool {
        tails(fresh, reason).iter().any(|tail| {
            let suffixes = (0..tail.len()).filter_map(|at| tail.get(at..));
            let mut suffixes = suffixes.take(if starts_line(reason) { usize::MAX } else { 1 });
            suffixes.any(|suffix| wanted(self.with(&[suffix])))
        })
    }

    fn with(&mut self, parts: &[&[u8]]) -> Verdict {
        let (mut machine, len) = (self.machine, self.bytes.len());
        self.bytes.extend(parts.iter().copied().flatten());
        let answer = machine.call(None, &self.bytes);
        self.bytes.truncate(len);
        match machine.fault().reason {
            _ if answer > 0 => Verdict::Valid,
            _ if answer == 0 => Verdict::Invalid,
            reason if is_limit(reason) => Verdict::Limited,
            reason if is_about_a_byte(reason) => Verdict::Invalid,
            // A rule about the head as a whole: its bytes are in order.
            _ => Verdict::Valid,
        }
    }
}

/// Reasons of parts in whose middle a prefix may end: each suffix of the tail is tried.
fn starts_line(reason: u16) -> bool {
    matches!(reason, BOJAGI_REASON_VERSION | BOJAGI_REASON_STATUS)
}

fn tails(fresh: &Machine, reason: u16) -> &'static [&'static [u8]] {
    match (fresh, reason) {
        (_, BOJAGI_REASON_METHOD) => &[b"A / HTTP/1.1\r\n\r\n"],
        (Machine::Response(..), BOJAGI_REASON_VERSION | BOJAGI_REASON_STATUS) => {
            &[b"HTTP/1.1 200 OK\r\n\r\n", b"HTTP/0.9 200 OK\r\n\r\n"]
        }
        (_, BOJAGI_REASON_VERSION) => &[b"HTTP/1.1\r\n\r\n"],
        (_, BOJAGI_REASON_FIELD_NAME) => &[b"A:\r\n\r\n", b":\r\n\r\n"],
        (Machine::Response(..), BOJAGI_REASON_LINE_END) => {
            &[b"\r\n\r\n", b"\r\n", b"\n\r\n", b"\n", b"\nHTTP/1.1 200 OK\r\n\r\n"]
        }
        _ => &[b"\r\n\r\n", b"\r\n", b"\n\r\n", b"\n", b"\nA / HTTP/1.1\r\n\r\n"],
    }
}

/// Ends of a target, with a port of CONNECT to follow: of a path, a scheme, a host, an address.
#[rustfmt::skip]
const TARGETS: &[&[u8]] = &[
    b"", b"/", b"0", b"1", b"41", b"h", b"/h", b"//h", b"://h", b"://",
    b"]", b":]", b"::]", b"1]", b"1.1]", b"1.1.1]", b"1.1.1.1]", b".1]", b".1.1]", b".1.1.1]",
    b":1]", b":1:1]", b":1:1:1]", b":1:1:1:1]", b":1:1:1:1:1]", b":1:1:1:1:1:1]",
    b":1:1:1:1:1:1:1]", b"1:1]", b"1:1:1]", b"1:1:1:1]", b"1:1:1:1:1]", b"1:1:1:1:1:1]",
    b"1:1.1.1.1]", b":1.1.1.1]", b"1.a]", b".a]", b"a]",
];

/// Ends of userinfo, and the host behind it.
const USERINFO: &[&[u8]] = &[b"@h", b"1@h", b"41@h"];
