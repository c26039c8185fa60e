//! Heads whose private words were written over, and data that is not what it was at the call before: any
//! answer will do, but nothing outside of the data and the arrays is looked at.
//!
//! The tests are built with overflow checks, so a sum that would wrap is a panic here; the sweep asserts that
//! what it reads is there. Data and arrays have exactly their length, for the sanitizers.

use core::mem::{MaybeUninit, offset_of};

use bojagi_codec::simd::Level;
use bojagi_codec::{Fault, Head, Rules};
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
    [0..110u8, 0..110u8, 0..110u8, 0..110u8].prop_map(u32::from_ne_bytes)
}

fn wire() -> impl Strategy<Value = Vec<u8>> {
    let text = select(vec![
        &b"GET / HTTP/1.1\r\nHost: h\r\nA: b\r\nContent-Length: 3\r\n\r\nabc"[..],
        b"\r\nPOST http://u@h:80/ HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close, upgrade\r\n\r\n",
        b"CONNECT [::1]:80 HTTP/1.0\r\n\r\n",
    ]);
    text.prop_map(<[u8]>::to_vec)
}

/// The private words of a head: of the start line, then of the fields.
const LINE_PHASE: usize = (offset_of!(Head, fault) + size_of::<Fault>()) / 4 + 3;
const AT: usize = LINE_PHASE + 1;
const END_MAX: usize = AT + 1;
const NAME_OFF: usize = AT + 2;
const VALUE_OFF: usize = AT + 3;
const PHASE: usize = AT + 4;
const COUNT: usize = AT + 5;
const COUNT_MAX: usize = AT + 6;

/// Sets private words of a head.
fn forge(head: &mut Head, words: &[(usize, u32)]) {
    for &(place, word) in words {
        // SAFETY: the place is inside the struct, which is all integers: any bits are a value.
        unsafe { std::ptr::from_mut(head).cast::<u32>().add(place).write(word) }
    }
}

/// The word of a short and a byte behind it, on any machine.
fn short_and_byte(short: u16, byte: u8) -> u32 {
    let [first, second] = short.to_ne_bytes();
    u32::from_ne_bytes([first, second, byte, 0])
}

/// A head in the middle of its second field.
fn within() -> Head {
    let mut head = Head::new(&Rules::STRICT);
    let data = b"GET / HTTP/1.1\r\nHost: h\r\nA: b";
    assert_eq!(head.decode_request(None, data), Ok(0));
    head
}

fn word_of(head: &Head, place: usize) -> u32 {
    // SAFETY: a head is made of integers only, and this is one of them.
    unsafe { std::ptr::from_ref(head).cast::<u32>().add(place).read() }
}

/// The phase of a start line with fields behind it.
fn fields_phase() -> u8 {
    word_of(&within(), LINE_PHASE).to_ne_bytes()[0]
}

/// A head in the middle of its fields, or so it says.
fn forged() -> impl Strategy<Value = Head> {
    let phase = fields_phase();
    let line_phase = (select(vec![phase, phase, 0, phase - 1, phase + 1]), 0..3u8, 0..3u8)
        .prop_map(|(phase, kind, mode)| u32::from_ne_bytes([phase, kind, mode, 0]));
    let phase = (select(vec![0u16, 1, 30, 0xffff]), prop_oneof![4 => Just(0u8), 1 => 0..10u8])
        .prop_map(|(name_len, phase)| short_and_byte(name_len, phase));
    let small = || prop_oneof![4 => 0..4u32, 2 => 0..140u32, 1 => word()];
    let most = || prop_oneof![2 => Just(u32::MAX), 1 => word()];
    (line_phase, phase, (small(), small(), small(), most()), (small(), most())).prop_map(
        |(line_phase, phase, (at, name_off, value_off, end_max), (count, count_max))| {
            let mut head = Head::new(&Rules::STRICT);
            let line = [(LINE_PHASE, line_phase), (PHASE, phase)];
            let offsets =
                [(AT, at), (END_MAX, end_max), (NAME_OFF, name_off), (VALUE_OFF, value_off)];
            forge(&mut head, &line);
            forge(&mut head, &offsets);
            forge(&mut head, &[(COUNT, count), (COUNT_MAX, count_max)]);
            head
        },
    )
}

/// What may be field lines wherever they begin.
fn fields() -> impl Strategy<Value = Vec<u8>> {
    let lines = select(vec![
        &b"A: b\r\n"[..],
        b"Te:\r\n",
        b":\r\n",
        b"DNT: 1\r\n",
        b"Host: example.com\r\n",
        b"Content-Length: 5\r\n",
        b"Connection: keep-alive\r\n",
        b"A-name-that-is-long-but-not-too-long-to-be-known: b\r\n",
        b"A : b\r\n c\n",
        b"\r\n",
    ]);
    let lines = vec(lines, 0..12).prop_map(|lines| lines.concat());
    prop_oneof![6 => lines, 1 => wire(), 1 => vec(any::<u8>(), 0..140)]
}

/// The words are where they are said to be, or the tests with forged heads test nothing.
#[test]
fn the_private_words_are_known() {
    let head = within();
    let word = |place| word_of(&head, place);
    assert_eq!(word(LINE_PHASE).to_ne_bytes()[1..], [1, 0, 0], "a request, all of it");
    assert_ne!(fields_phase(), word_of(&Head::new(&Rules::STRICT), LINE_PHASE).to_ne_bytes()[0]);
    assert_eq!((word(AT), word(END_MAX)), (29, 16 + 65_536 + 2));
    assert_eq!((word(NAME_OFF), word(VALUE_OFF)), (25, 28));
    let [first, second, ..] = word(PHASE).to_ne_bytes();
    assert_eq!(u16::from_ne_bytes([first, second]), 1);
    assert_eq!((word(COUNT), word(COUNT_MAX)), (1, 256));
}

/// In front of a name three bytes are looked at, and in front of a length eight.
#[test]
fn a_line_that_begins_where_none_can_is_not_looked_in_front_of() {
    let lines =
        [&b"A: b\r\nTE: c\r\n"[..], b"\n:\r\n", b"Te:1\r\n", b"A:5\r\nContent-Length:5\r\n"];
    for (text, at) in lines.iter().flat_map(|text| (0..40).map(move |at| (text, at))) {
        let data = [&text.repeat(9)[..], b"\r\n"].concat().into_boxed_slice();
        for (kind, level) in (0..3).flat_map(|kind| Level::all().map(move |level| (kind, level))) {
            let mut head = Head::new(&Rules::STRICT);
            forge(
                &mut head,
                &[(LINE_PHASE, u32::from_ne_bytes([fields_phase(), kind, 0, 0])), (AT, at)],
            );
            forge(&mut head, &[(END_MAX, u32::MAX), (COUNT_MAX, u32::MAX)]);
            for end in (at as usize..data.len()).rev() {
                let mut head = head;
                let _ = head.decode_at(level, None, (&data[..end], end), None, true);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(3_000) })]

    #[test]
    fn a_place_in_the_fields_that_nobody_wrote_does_no_harm(
        head in forged(), data in fields(), cap in 0..6usize, missing in 0..70usize, full: bool,
    ) {
        let data = data.into_boxed_slice();
        let end = data.len().saturating_sub(missing);
        for level in Level::all() {
            for answers in [None, Some(1)] {
                let mut fields = vec![MaybeUninit::uninit(); cap].into_boxed_slice();
                let mut other = head;
                for _ in 0..2 {
                    let _ = other.decode_at(level, Some(&mut fields), (&data, end), answers, full);
                    let _ = other.decode_at(level, None, (&data, data.len()), answers, full);
                }
                let mut other = head;
                let _ = other.decode_in_place(Some(&mut fields), &mut data.clone(), answers);
                let _ = other.decode_in_place(None, &mut data.clone(), answers);
            }
        }
    }

    #[test]
    fn data_that_is_not_what_it_was_does_no_harm(
        calls in vec((prop_oneof![fields(), wire()], 0..6usize, 0..5u8, any::<Index>()), 1..6),
        start in any::<bool>(), flags in 0..512u32,
    ) {
        let mut head = Head::new(&Rules { flags, ..Rules::STRICT });
        for (lines, cap, entry, end) in calls {
            let line = if start { &b"GET / HTTP/1.1\r\n"[..] } else { b"" };
            let mut data = [line, &lines].concat().into_boxed_slice();
            let end = end.index(data.len() + 1);
            let mut array = vec![MaybeUninit::uninit(); cap].into_boxed_slice();
            let fields = (cap > 0).then_some(&mut array[..]);
            let _ = match entry {
                0 => head.decode_request(fields, &data),
                1 => head.decode_padded(fields, &data, end, None),
                2 => head.decode_spans(fields, &data[..end], None),
                3 => head.decode_in_place(fields, &mut data, None),
                _ => head.decode_at(Level::Swar, fields, (&data, end), None, true),
            };
        }
    }
}
