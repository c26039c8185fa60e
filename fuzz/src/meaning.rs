//! What an accepted head means, decided a second time from its fields: RFC 9112 section 6.3 and 9.3.
//!
//! Plain loops over the fields by name, not by id, so that nothing is shared with the decoder.

use crate::machine::Machine;
use bojagi_codec::framing::*;
use bojagi_codec::head::*;
use bojagi_codec::method::{BOJAGI_METHOD_CONNECT, BOJAGI_METHOD_HEAD};
use bojagi_codec::rules::*;
use bojagi_codec::{Field, Head, Rules};

/// The head says what its fields say.
pub fn check(machine: &Machine, rules: &Rules, fields: &[Field], data: &[u8]) {
    let lines = Lines { fields, data };
    match machine {
        Machine::Request(head) => check_request(head, rules, &lines),
        Machine::Response(head, method) => check_response(head, rules, &lines, *method),
        Machine::Trailers(_) => check_trailers(&lines),
    }
}

fn check_request(head: &Head, rules: &Rules, lines: &Lines<'_>) {
    let hosts = lines.values("host").count();
    let needs = head.version == 11 && rules.flags & BOJAGI_ALLOW_MISSING_HOST == 0;
    assert!(hosts == 1 || (hosts == 0 && !needs), "{hosts} times Host");
    let connect = u32::from(head.method_id) == u32::from(BOJAGI_METHOD_CONNECT);
    assert_eq!(head.method.of(lines.data) == b"CONNECT", connect, "the method's id");
    let announced = announced(head, rules, lines);
    let wanted = if connect { (BOJAGI_FRAMING_TUNNEL, 0) } else { announced.unwrap_or_default() };
    assert_eq!((head.framing, head.content_length), wanted, "the framing");
    check_flags(head, lines, !connect && persists(head, lines));
}

fn check_response(head: &Head, rules: &Rules, lines: &Lines<'_>, method: u32) {
    let connect = method == u32::from(BOJAGI_METHOD_CONNECT);
    if head.status == 101 || (connect && head.status / 100 == 2) {
        assert_eq!((head.framing, head.content_length), (BOJAGI_FRAMING_TUNNEL, 0));
        return check_flags(head, lines, false);
    }
    let announced = announced(head, rules, lines);
    let interim = head.status < 200;
    let bodiless =
        interim || matches!(head.status, 204 | 304) || method == u32::from(BOJAGI_METHOD_HEAD);
    let wanted = match announced {
        _ if bodiless => (BOJAGI_FRAMING_NONE, 0),
        Some(body) => body,
        None => (BOJAGI_FRAMING_UNTIL_CLOSE, 0),
    };
    assert_eq!((head.framing, head.content_length), wanted, "the framing");
    let persists = wanted.0 != BOJAGI_FRAMING_UNTIL_CLOSE && persists(head, lines);
    check_flags(head, lines, interim || persists);
}

fn check_trailers(lines: &Lines<'_>) {
    for name in ["host", "content-length", "transfer-encoding", "connection", "trailer", "te"] {
        assert_eq!(lines.values(name).count(), 0, "{name} in the trailers");
    }
}

/// The body that Transfer-Encoding or Content-Length announces.
fn announced(head: &Head, rules: &Rules, lines: &Lines<'_>) -> Option<(u8, u64)> {
    let codings: Vec<_> = lines.elements("transfer-encoding").collect();
    let lengths: Vec<_> = lines.elements("content-length").collect();
    if !codings.is_empty() {
        assert_eq!(head.version, 11, "Transfer-Encoding in HTTP/1.0");
        assert!(lengths.is_empty(), "Content-Length and Transfer-Encoding");
        assert!(codings.len() == 1 && codings[0].eq_ignore_ascii_case(b"chunked"), "{codings:?}");
        return Some((BOJAGI_FRAMING_CHUNKED, 0));
    }
    let equal = rules.flags & BOJAGI_ALLOW_EQUAL_LENGTHS != 0;
    assert!(lengths.len() <= 1 || equal, "{} lengths", lengths.len());
    let mut numbers = lengths.iter().map(|digits| number(digits));
    let first = numbers.next()?;
    assert!(numbers.all(|other| other == first), "different lengths");
    Some((BOJAGI_FRAMING_LENGTH, first))
}

fn number(digits: &[u8]) -> u64 {
    assert!(!digits.is_empty() && digits.iter().all(u8::is_ascii_digit), "{digits:?}");
    let digits = str::from_utf8(digits).expect("digits");
    digits.parse().expect("a length below 2^64")
}

fn persists(head: &Head, lines: &Lines<'_>) -> bool {
    let says = |token: &str| lines.lists("connection", token);
    !says("close") && (head.version == 11 || (head.version == 10 && says("keep-alive")))
}

fn check_flags(head: &Head, lines: &Lines<'_>, keep_alive: bool) {
    let modern = head.version == 11;
    let upgrade =
        modern && lines.values("upgrade").count() > 0 && lines.lists("connection", "upgrade");
    let request = head.status == 0;
    let expects = modern && request && lines.lists("expect", "100-continue");
    let expects = expects && head.framing != BOJAGI_FRAMING_TUNNEL;
    let wanted = [
        (keep_alive, BOJAGI_HEAD_KEEP_ALIVE),
        (expects, BOJAGI_HEAD_EXPECT_CONTINUE),
        (upgrade, BOJAGI_HEAD_UPGRADE),
    ];
    let wanted: u16 = wanted.iter().map(|&(is_set, bit)| u16::from(is_set) * bit).sum();
    assert_eq!(head.flags, wanted, "the flags");
}

struct Lines<'a> {
    fields: &'a [Field],
    data: &'a [u8],
}

impl<'a> Lines<'a> {
    /// The values of the fields of this name.
    fn values(&self, name: &str) -> impl Iterator<Item = &'a [u8]> {
        let is = |field: &&Field| field.name(self.data).eq_ignore_ascii_case(name.as_bytes());
        self.fields.iter().filter(is).map(|field| field.value(self.data))
    }

    /// Their elements, parted by commas.
    fn elements(&self, name: &str) -> impl Iterator<Item = &'a [u8]> {
        let comma = |value: &'a [u8]| value.split(|&byte| byte == b',');
        self.values(name).flat_map(comma).map(|element| {
            let white = |byte: &u8| b" \t".contains(byte);
            let start = element.iter().take_while(|byte| white(byte)).count();
            let rest = &element[start..];
            &rest[..rest.len() - rest.iter().rev().take_while(|byte| white(byte)).count()]
        })
    }

    fn lists(&self, name: &str, token: &str) -> bool {
        self.elements(name).any(|element| element.eq_ignore_ascii_case(token.as_bytes()))
    }
}
