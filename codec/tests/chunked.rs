//! Chunked bodies: the loop over whole chunks and the machine behind it give one answer.
//!
//! Fed byte by byte, no chunk is ever whole, so that only the machine is at work; fed all at once,
//! the loop takes what it can. Every test here compares the two, or says what both must answer.

mod abi;

use abi::connection::{
    DATA, Setting, TRAILERS, Verdict, byte_by_byte, feed, same_however_cut, whole,
};
use abi::{Body, Head, Rules};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};

const HEAD: &[u8] = b"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";
const ALLOW_BARE_LF: u32 = 1;
const ALLOW_CHUNK_SPACE: u32 = 32;

fn body(spans: usize) -> Body {
    let mut head = Head::new(None, 8);
    assert_eq!(usize::try_from(head.decode(HEAD, None)), Ok(HEAD.len()));
    Body::new(&head, spans)
}

fn message(body: &[u8]) -> Vec<u8> {
    [HEAD, body].concat()
}

/// Zephyr 118347: of several chunks in one buffer only the first was handed on.
#[test]
fn several_chunks_in_one_buffer_are_all_delivered() {
    let wire = b"3\r\nabc\r\n3\r\ndef\r\n3\r\nghi\r\n4\r\njklm\r\n0\r\n\r\n";
    let mut body = body(8);
    assert_eq!(usize::try_from(body.decode(wire)), Ok(wire.len() - 2));
    assert_eq!((body.raw.span_count, body.raw.state), (4, TRAILERS));
    assert_eq!(body.data, b"abcdefghijklm");
}

#[test]
fn the_end_of_the_data_is_checked_before_the_next_chunk_is_reported() {
    for end in [&b"X\n"[..], b"\rX", b"\n\n", b"\n\r", b"\r\r", b"  ", b"3\r"] {
        let wire = [&b"3\r\nabc\r\n3\r\ndef"[..], end, b"3\r\nghi\r\n0\r\n\r\n"].concat();
        let mut body = body(8);
        let used = usize::try_from(body.decode(&wire)).unwrap();
        assert_eq!(body.data, b"abcdef", "the data before the fault, and no more");
        assert_eq!(body.decode(&wire[used..]), abi::SYNTAX);
        assert_eq!(body.data, b"abcdef");
    }
}

#[test]
fn an_array_of_spans_that_is_full_loses_nothing() {
    let wire = b"1\r\na\r\n2\r\nbc\r\n2\r\nde\r\n2;x\r\nfg\r\n5\r\nhijkl\r\n0\r\n\r\n";
    for cap in 1..8 {
        let mut body = body(cap);
        let mut at = 0;
        while body.raw.state == DATA {
            let used = usize::try_from(body.decode(&wire[at..])).unwrap();
            assert!(used > 0 && body.raw.span_count as usize <= cap);
            at += used;
        }
        assert_eq!((at, &body.data[..]), (wire.len() - 2, &b"abcdefghijkl"[..]), "{cap} spans");
    }
}

#[test]
fn every_byte_at_every_place_of_a_chunk_is_judged_alike() {
    let wire = message(b"4\r\nabcd\r\n1aF\r\n").into_iter().chain([b'x'; 0x1af]);
    let wire: Vec<u8> = wire.chain(*b"\r\n4\r\nabcd\r\n0\r\n\r\n").collect();
    let (first, last) = (HEAD.len(), wire.len() - 0x1af - 15);
    for place in (first..last).chain(wire.len() - 17..wire.len()) {
        for byte in 0..=u8::MAX {
            let mut bytes = wire.clone();
            bytes[place] = byte;
            for flags in [0, ALLOW_BARE_LF, ALLOW_CHUNK_SPACE] {
                let rules = Rules { flags, ..Rules::strict() };
                let setting = Setting { rules: Some(&rules), ..Setting::default() };
                let once = whole(&bytes, setting);
                assert_eq!(once, feed(&bytes, &cuts(&bytes, place), false, setting));
            }
        }
    }
}

/// Byte by byte around a place, else in large pieces.
fn cuts(bytes: &[u8], place: usize) -> Vec<usize> {
    (place..place + 8).chain([bytes.len()]).filter(|end| *end <= bytes.len()).collect()
}

#[test]
fn a_size_has_as_many_digits_as_it_needs() {
    for digits in 1..=16 {
        for zeros in 0..6 {
            let size = 1u64 << (4 * (digits - 1));
            let line = format!("{}{size:x}\r\nabc", "0".repeat(zeros));
            let mut body = body(1);
            assert_eq!(
                usize::try_from(body.decode(line.as_bytes())),
                Ok(line.len().min(digits + zeros + 2 + available(size)))
            );
            assert_eq!(body.raw.total, size.min(3));
        }
    }
}

/// Of the three bytes of data, those that belong to the chunk.
fn available(size: u64) -> usize {
    usize::try_from(size.min(3)).unwrap()
}

/// A chunk as it may stand on the wire, or nearly so.
fn chunk() -> impl Strategy<Value = Vec<u8>> {
    let size = prop_oneof![4 => 1..40usize, 2 => 200..300usize, 1 => 4090..4100usize, 1 => 65_530..65_540usize];
    let zeros = prop_oneof![6 => Just(0usize), 1 => 1..9usize];
    let extension = prop_oneof![
        8 => Just(""), 1 => Just(";a"), 1 => Just(";a=b;c=\"d\\\"e\""), 1 => Just(" ;a"), 1 => Just("; a = b"), 1 => Just(" ")
    ];
    let end = || prop_oneof![12 => Just("\r\n"), 2 => Just("\n"), 1 => Just("\r")];
    (size, zeros, any::<bool>(), extension, end(), end()).prop_map(
        |(size, zeros, is_upper, extension, line_end, data_end)| {
            let digits = if is_upper { format!("{size:X}") } else { format!("{size:x}") };
            let mut chunk = "0".repeat(zeros).into_bytes();
            for part in [&digits, extension, line_end] {
                chunk.extend(part.bytes());
            }
            chunk.extend((0..size).map(|index| b"\r\n0123456789abcdef"[index % 18]));
            chunk.extend(data_end.bytes());
            chunk
        },
    )
}

/// Chunks of which several are the same, and a few bytes that were changed.
fn wire() -> impl Strategy<Value = Vec<u8>> {
    let chunks = vec((chunk(), 1..4usize), 0..5);
    let change = (any::<Index>(), select(b"\r\n0aF; \tg\0".as_slice()));
    (chunks, vec(change, 0..3)).prop_map(|(chunks, changes)| {
        let chunks = chunks.into_iter().map(|(chunk, times)| chunk.repeat(times));
        let mut wire = message(&chunks.collect::<Vec<_>>().concat());
        wire.extend(b"0\r\n\r\n");
        for (place, byte) in changes {
            let place = HEAD.len() + place.index(wire.len() - HEAD.len());
            wire[place] = byte;
        }
        wire
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(400) })]

    #[test]
    fn chunks_are_judged_alike_however_they_are_cut(
        wire in wire(),
        flags in select(vec![0, ALLOW_BARE_LF, ALLOW_CHUNK_SPACE, ALLOW_BARE_LF | ALLOW_CHUNK_SPACE]),
        body_max in prop_oneof![3 => Just(u64::MAX), 1 => 0..1000u64],
        chunk_extension_max in prop_oneof![3 => Just(4096u32), 1 => 0..30u32],
        places in vec(any::<Index>(), 0..4),
    ) {
        let rules = Rules { flags, body_max, chunk_extension_max, ..Rules::strict() };
        let setting = Setting { rules: Some(&rules), ..Setting::default() };
        let expected = whole(&wire, setting);
        let mut ends: Vec<usize> = places.iter().map(|place| place.index(wire.len())).collect();
        ends.sort_unstable();
        ends.push(wire.len());
        prop_assert_eq!(&feed(&wire, &ends, false, setting), &expected);
        prop_assert_eq!(&feed(&wire, &ends, true, setting), &expected);
        if wire.len() < 20_000 {
            prop_assert_eq!(&byte_by_byte(&wire, setting), &expected);
        }
    }
}

#[test]
fn a_flag_lets_in_what_it_names_and_only_then() {
    let lenient: [(u32, &[u8]); 2] = [
        (ALLOW_BARE_LF, b"3\nabc\n0\n\r\n"),
        (ALLOW_CHUNK_SPACE, b"3 ;a\t= b \r\nabc\r\n0 \r\n\r\n"),
    ];
    for (flag, wire) in lenient {
        for flags in 0..512 {
            let rules = Rules { flags, ..Rules::strict() };
            let setting = Setting { rules: Some(&rules), ..Setting::default() };
            let outcome = same_however_cut(&message(wire), 64, setting);
            let is_accepted = outcome.verdict == Verdict::Accept { rest: vec![] };
            assert_eq!(is_accepted, flags & flag != 0, "flags {flags}");
        }
    }
}
