//! Structs whose contents the caller has written over, and bytes that are others in the next call: any
//! answer will do, a panic will not.
//!
//! The tests are built with overflow checks, so a sum that would wrap is a panic here.

use core::mem::MaybeUninit;

use bojagi_codec::{Body, Field, Head, Rules, Span, text};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};

/// Words that are likely to be a phase, a count, or an offset near a border.
fn word() -> impl Strategy<Value = u32> {
    let border = select(vec![0, 1, 2, 63, 64, 65, 0xffff, 0x1_0000, u32::MAX - 2, u32::MAX]);
    prop_oneof![border, 0..130u32, any::<u32>(), phases()]
}

/// Four bytes, each of which may be a phase.
fn phases() -> impl Strategy<Value = u32> {
    vec(prop_oneof![0..13u8, 50..56u8, 98..104u8], 4)
        .prop_map(|b| u32::from_le_bytes([b[0], b[1], b[2], b[3]]))
}

fn wire() -> impl Strategy<Value = Vec<u8>> {
    let text = select(vec![
        &b"GET / HTTP/1.1\r\nHost: h\r\nA: b\r\nContent-Length: 3\r\n\r\nabc"[..],
        b"\r\nPOST http://u@h:80/ HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close, upgrade\r\n\r\n",
        b"5;a=\"b\\c\"\r\nhello\r\nfffffffffffffff\r\nabc",
        b"0\r\nA: b\r\n\r\n",
        b"CONNECT [::1]:80 HTTP/1.0\r\n\r\n",
    ]);
    prop_oneof![3 => text.prop_map(<[u8]>::to_vec), 1 => vec(any::<u8>(), 0..80)]
}

/// Overwrites words of a struct that is made of integers only.
fn overwrite<T>(target: &mut T, changes: &[(Index, u32)]) {
    let words = size_of::<T>() / 4;
    for (place, value) in changes {
        // SAFETY: the place is inside the struct, which is all integers: any bits are a value.
        unsafe { std::ptr::from_mut(target).cast::<u32>().add(place.index(words)).write(*value) }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(3_000) })]

    #[test]
    fn contents_that_nobody_wrote_do_not_panic(
        changes in vec((any::<Index>(), word()), 0..12),
        first in wire(), second in wire(), cap in 0..4usize, begun in 0..60usize,
    ) {
        let mut head = Head::new(&Rules::STRICT);
        let mut fields = [MaybeUninit::<Field>::uninit(); 4];
        let _ = head.decode_request(None, first.get(..begun).unwrap_or(&first));
        overwrite(&mut head, &changes);
        let mut other = head;
        let _ = head.decode_request(Some(&mut fields[..cap]), &first);
        let _ = other.decode_response(Some(&mut fields[..cap]), &first, 1);
        let mut out = [MaybeUninit::uninit(); 64];
        let _ = text::request(&mut head, &first, &mut out);
        let _ = text::response(&mut other, &first, 6, &mut out);
        let mut body = Body::new(&head);
        overwrite(&mut body, &changes);
        let mut again = body;
        let mut spans = [MaybeUninit::<Span>::uninit(); 4];
        for data in [&first, &second] {
            let _ = body.decode(data, &mut spans[..cap]);
            let _ = body.decode_trailers(Some(&mut fields[..cap]), data);
            let _ = body.end();
            let _ = again.compact(&mut data.clone());
        }
    }

    #[test]
    fn bytes_that_change_between_calls_do_not_panic(
        first in wire(), second in wire(), cap in 0..4usize, begun in 0..60usize, flags in 0..512u32,
    ) {
        let mut head = Head::new(&Rules { flags, ..Rules::STRICT });
        let mut fields = [MaybeUninit::<Field>::uninit(); 4];
        let mut other = head;
        for data in [first.get(..begun).unwrap_or(&first), &second, &first] {
            let _ = head.decode_request(Some(&mut fields[..cap]), data);
            let _ = other.decode_response(Some(&mut fields[..cap]), data, 1);
        }
        let mut out = [MaybeUninit::uninit(); 64];
        let _ = text::request(&mut head, &second, &mut out);
        let _ = text::response(&mut other, &second, 1, &mut out);
        let mut body = Body::new(&head);
        let mut spans = [MaybeUninit::<Span>::uninit(); 4];
        for data in [&first, &second] {
            let _ = body.decode(data, &mut spans[..cap]);
            let _ = body.decode_trailers(Some(&mut fields[..cap]), data);
            let _ = body.decode_trailers(Some(&mut fields), &first);
        }
    }
}
