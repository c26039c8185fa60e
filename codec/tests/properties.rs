//! Properties of the exported functions: what is encoded decodes to itself, a cut changes nothing,
//! mutations neither panic nor smuggle control bytes, every byte is judged as the grammar says.

mod abi;

use abi::connection::{Outcome, Setting, Verdict, byte_by_byte, feed, same_however_cut, whole};
use abi::{Encoding, Head, encode};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

type Lines = Vec<(Vec<u8>, Vec<u8>)>;

const TCHAR: &[u8] =
    b"!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

fn token() -> impl Strategy<Value = Vec<u8>> {
    vec(select(TCHAR), 1..40)
}

/// field-value = *( VCHAR / obs-text, with SP and HTAB between ).
fn value() -> impl Strategy<Value = Vec<u8>> {
    let byte =
        prop_oneof![8 => 0x21..=0x7eu8, 1 => 0x80..=0xffu8, 1 => Just(b' '), 1 => Just(b'\t')];
    vec(byte, 0..80).prop_map(|value| value.trim_ascii().to_vec())
}

/// Names with a prefix, so that none of them frames the message.
fn lines() -> impl Strategy<Value = Lines> {
    let name = token().prop_map(|name| [b"X-".as_slice(), &name].concat());
    vec((name, value()), 0..12)
}

fn target() -> impl Strategy<Value = Vec<u8>> {
    let visible = (0x21..=0x7eu8).prop_filter("no fragment", |byte| *byte != b'#');
    vec(visible, 0..60).prop_map(|rest| [b"/".as_slice(), &rest].concat())
}

fn chunks() -> impl Strategy<Value = Vec<Vec<u8>>> {
    vec(vec(any::<u8>(), 1..50), 0..6)
}

/// A whole request with a chunked body and trailers, as the encoders write it.
fn request() -> impl Strategy<Value = (Vec<u8>, Lines, Vec<u8>, Vec<u8>)> {
    (token(), target(), lines(), chunks(), lines())
        .prop_filter("CONNECT and OPTIONS have rules of their own", |(method, ..)| {
            method != b"CONNECT" && method != b"OPTIONS"
        })
        .prop_map(|(method, target, fields, chunks, trailers)| {
            let mut all = vec![(b"Host".to_vec(), b"h".to_vec())];
            all.extend(fields);
            all.push((b"Transfer-Encoding".to_vec(), b"chunked".to_vec()));
            let mut bytes = encode(Encoding::Request(&method, &target), &all).unwrap();
            for chunk in &chunks {
                bytes.extend(encode(Encoding::Chunk(chunk), &[]).unwrap());
            }
            bytes.extend(encode(Encoding::Trailers, &trailers).unwrap());
            (bytes, all, chunks.concat(), method)
        })
}

fn mutated() -> impl Strategy<Value = Vec<u8>> {
    let place = any::<prop::sample::Index>();
    let byte = prop_oneof![any::<u8>(), select(b"\r\n\0 \t:;,#\x7f".as_slice())];
    (request(), vec((place, 0..4u8, byte), 1..6)).prop_map(|((mut bytes, ..), changes)| {
        for (place, kind, byte) in changes {
            let at = place.index(bytes.len());
            match kind {
                0 => bytes[at] = byte,
                1 => bytes.insert(at, byte),
                2 if bytes.len() > 1 => drop(bytes.remove(at)),
                2 => {}
                _ => bytes.truncate(at.max(1)),
            }
        }
        bytes
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(300) })]

    #[test]
    fn a_request_encoded_decodes_to_itself((bytes, fields, body, method) in request()) {
        let outcome = whole(&bytes, Setting::default());
        prop_assert_eq!(&outcome.verdict, &Verdict::Accept { rest: vec![] });
        prop_assert_eq!(&outcome.messages[0].method, &method);
        prop_assert_eq!(&outcome.messages[0].fields, &fields);
        prop_assert_eq!(&outcome.messages[0].body, &body);
    }

    #[test]
    fn a_response_encoded_decodes_to_itself(
        status in 200..600u32, reason in value(), mut fields in lines(), body in vec(any::<u8>(), 0..90),
    ) {
        let bodiless = status == 204 || status == 304;
        let body = if status == 205 { Vec::new() } else { body };
        if !bodiless {
            fields.push((b"Content-Length".to_vec(), body.len().to_string().into_bytes()));
        }
        let mut bytes = encode(Encoding::Response(status, &reason), &fields).unwrap();
        if !bodiless {
            bytes.extend(&body);
        }
        let outcome = whole(&bytes, Setting { request_method: Some(1), ..Setting::default() });
        prop_assert_eq!(&outcome.verdict, &Verdict::Accept { rest: vec![] });
        prop_assert_eq!(u32::from(outcome.messages[0].status), status);
        prop_assert_eq!(&outcome.messages[0].reason, &reason);
        prop_assert_eq!(&outcome.messages[0].fields, &fields);
    }

    #[test]
    fn a_cut_anywhere_changes_nothing((bytes, ..) in request()) {
        same_however_cut(&bytes, 64, Setting::default());
    }

    #[test]
    fn a_mutation_gives_one_verdict_however_it_is_cut(bytes in mutated(), cut in any::<prop::sample::Index>()) {
        let expected = whole(&bytes, Setting::default());
        prop_assert_eq!(&byte_by_byte(&bytes, Setting::default()), &expected);
        let cut = cut.index(bytes.len() + 1);
        prop_assert_eq!(&feed(&bytes, &[cut, bytes.len()], false, Setting::default()), &expected);
    }

    #[test]
    fn any_bytes_are_judged_alike_however_they_are_cut(bytes in vec(any::<u8>(), 0..200)) {
        same_however_cut(&bytes, 200, Setting::default());
        same_however_cut(&bytes, 200, Setting { request_method: Some(1), ..Setting::default() });
    }

    #[test]
    fn what_the_encoder_takes_the_decoder_takes(
        method in vec(any::<u8>(), 0..6), target in vec(any::<u8>(), 0..8),
        fields in vec((vec(any::<u8>(), 0..5), vec(any::<u8>(), 0..6)), 0..4),
    ) {
        let mut all = vec![(b"Host".to_vec(), b"h".to_vec())];
        all.extend(fields);
        if let Ok(bytes) = encode(Encoding::Request(&method, &target), &all) {
            let mut head = Head::new(None, 8);
            prop_assert_eq!(usize::try_from(head.decode(&bytes, None)), Ok(bytes.len()));
            prop_assert_eq!(abi::pairs(head.decoded(), &bytes), all);
        }
    }
}

/// What the grammar says of one byte put into a place; `wire` has a `@` there.
fn every_byte(wire: &[u8], request_method: Option<u32>, allowed: impl Fn(u8) -> bool) {
    let at = wire.iter().position(|byte| *byte == b'@').unwrap();
    for byte in 0..=u8::MAX {
        let mut bytes = wire.to_vec();
        bytes[at] = byte;
        let outcome = whole(&bytes, Setting { request_method, ..Setting::default() });
        assert_eq!(
            accepted(&outcome),
            allowed(byte),
            "byte {byte:#04x} in {}",
            wire.escape_ascii()
        );
    }
}

fn accepted(outcome: &Outcome) -> bool {
    matches!(outcome.verdict, Verdict::Accept { .. })
}

#[test]
fn every_byte_of_a_method_is_judged_as_a_tchar() {
    every_byte(b"A@B / HTTP/1.1\r\nHost: h\r\n\r\n", None, |byte| TCHAR.contains(&byte));
}

#[test]
fn every_byte_of_a_target_is_visible_and_no_fragment() {
    let allowed = |byte| (0x21..=0x7e).contains(&byte) && byte != b'#';
    every_byte(b"GET /a@b HTTP/1.1\r\nHost: h\r\n\r\n", None, allowed);
}

#[test]
fn every_byte_of_a_name_is_judged_as_a_tchar() {
    // A colon ends the name, and what follows is then the value.
    let allowed = |byte| TCHAR.contains(&byte) || byte == b':';
    every_byte(b"GET / HTTP/1.1\r\nHost: h\r\nA@B: c\r\n\r\n", None, allowed);
}

#[test]
fn every_byte_of_a_value_is_text() {
    let allowed = |byte| byte == b'\t' || (byte >= 0x20 && byte != 0x7f);
    every_byte(b"GET / HTTP/1.1\r\nHost: h\r\nA: b@c\r\n\r\n", None, allowed);
    every_byte(b"HTTP/1.1 204 a@b\r\n\r\n", Some(1), allowed);
    every_byte(b"HTTP/1.1 204 x\r\nA: @\r\n\r\n", Some(1), allowed);
}

#[test]
fn every_byte_of_a_chunk_size_is_a_hexadecimal_digit() {
    let wire = b"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0@\r\n\r\n";
    // Only zero itself leaves nothing to come.
    every_byte(wire, None, |byte| byte == b'0');
}

#[test]
fn every_byte_of_a_trailer_is_text() {
    let wire =
        b"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nA: b@c\r\n\r\n";
    every_byte(wire, None, |byte| byte == b'\t' || (byte >= 0x20 && byte != 0x7f));
}

#[test]
fn every_status_from_100_to_599_and_no_other_is_taken() {
    for status in 0..1000u32 {
        let wire = format!("HTTP/1.1 {status:03} x\r\n\r\n");
        let length = Head::new(None, 1).decode(wire.as_bytes(), Some(1));
        assert_eq!(length > 0, (100..600).contains(&status), "{status}");
    }
}

#[test]
fn a_head_of_64_kib_is_the_same_fed_byte_by_byte() {
    let mut wire = b"GET / HTTP/1.1\r\nHost: h\r\n".to_vec();
    for index in 0..250 {
        wire.extend(format!("X-{index}: {}\r\n", "v".repeat(248)).bytes());
    }
    wire.extend(b"\r\n");
    assert!(wire.len() > 63_000);
    let mut head = Head::new(None, 1);
    for end in 0..wire.len() {
        assert_eq!(head.decode(&wire[..end], None), 0, "after {end} bytes");
    }
    assert_eq!(usize::try_from(head.decode(&wire, None)), Ok(wire.len()));
    assert_eq!(head.raw.field_count, 251);
}
