//! httparse beside us: what we accept it accepts, with the same spans.
//!
//! We are stricter, so nothing follows from what it accepts. The exceptions, where it reads what we read
//! in another way, each with the RFC's word:
//!
//! - It leaves white space at the end of a value in place, which "is excluded by parsers" (RFC 9112
//!   section 5.1), so values are compared without theirs.
//! - It gives an empty reason phrase for one that holds obs-text; "a client SHOULD ignore the
//!   reason-phrase content" (RFC 9112 section 4), so there only the rest is compared.
//! - It knows HTTP/1 alone; a status line of HTTP/0.9 has the grammar of RFC 9112 section 4 as well.

use crate::message::{End, Message};
use crate::peer::{check_line, with_accepted};
use bojagi_codec::{Head, Span};
use std::mem::MaybeUninit;

/// More than the default limit.
const FIELDS: usize = 300;

/// Holds one input against httparse.
pub fn judge(input: &[u8]) {
    with_accepted(input, |data, method, ours, _: End| match method {
        _ if ours.head.version < 10 => {}
        None => request(data, ours),
        Some(_) => response(data, ours),
    });
}

fn request(data: &[u8], ours: &Message) {
    let mut fields = [const { MaybeUninit::uninit() }; FIELDS];
    let mut theirs = httparse::Request::new(&mut []);
    let parsed = theirs.parse_with_uninit_headers(data, &mut fields);
    check_length(parsed, &ours.head);
    check_span(theirs.method, ours.head.method, data);
    check_span(theirs.path, ours.head.target, data);
    assert_eq!(theirs.version, Some(ours.head.version - 10), "the version");
    check_fields(theirs.headers, ours, data);
}

fn response(data: &[u8], ours: &Message) {
    let mut fields = [const { MaybeUninit::uninit() }; FIELDS];
    let mut theirs = httparse::Response::new(&mut []);
    let config = httparse::ParserConfig::default();
    let parsed = config.parse_response_with_uninit_headers(&mut theirs, data, &mut fields);
    check_length(parsed, &ours.head);
    assert_eq!(theirs.code, Some(ours.head.status), "the status");
    assert_eq!(theirs.version, Some(ours.head.version - 10), "the version");
    if ours.head.reason_phrase.of(data).is_ascii() {
        check_span(theirs.reason, ours.head.reason_phrase, data);
    }
    check_fields(theirs.headers, ours, data);
}

fn check_length(parsed: httparse::Result<usize>, head: &Head) {
    assert_eq!(parsed, Ok(httparse::Status::Complete(head.length as usize)));
}

fn check_span(theirs: Option<&str>, ours: Span, data: &[u8]) {
    let theirs = theirs.expect("a part of the start line");
    assert_eq!(theirs.as_bytes(), ours.of(data));
    if !theirs.is_empty() {
        assert_eq!(place(theirs.as_bytes(), data).0, ours.off as usize);
    }
}

fn check_fields(theirs: &[httparse::Header<'_>], ours: &Message, data: &[u8]) {
    assert_eq!(theirs.len(), ours.fields().len(), "the number of fields");
    for (theirs, ours) in theirs.iter().zip(ours.fields()) {
        check_line(ours, 0, data, place(theirs.name.as_bytes(), data), value(theirs.value, data));
    }
}

fn value(value: &[u8], data: &[u8]) -> (usize, usize) {
    if value.is_empty() { (0, 0) } else { place(value, data) }
}

/// The offset and the length of a part of the data.
fn place(part: &[u8], data: &[u8]) -> (usize, usize) {
    (part.as_ptr() as usize - data.as_ptr() as usize, part.len())
}
