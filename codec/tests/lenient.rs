//! The flags of the rules, and the ways to have a head decoded: whatever is asked for, and in which order,
//! no span holds CR, LF or NUL, nothing changes with the place where the data is cut, and what is accepted
//! without a leniency is accepted with it.

use core::mem::MaybeUninit;

use bojagi_codec::framing::BOJAGI_FRAMING_UNKNOWN;
use bojagi_codec::rules::*;
use bojagi_codec::{Body, Error, Field, Head, Rules, Span, text};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};

/// What makes heads that one flag or the other lets in, and what must never be let in.
const WORDS: &[&[u8]] = &[
    b"A: b\r\n",
    b"A: b\n",
    b"A : b\r\n",
    b"A\t :\r\n",
    b"Host: h\r\n",
    b"Host: h\r\n\t:80\r\n",
    b"Content-Length: 5\r\n",
    b"Content-Length: 5, 05\n",
    b"Content-Length: 5,\r\n 5\r\n",
    b"Transfer-Encoding: chunked\r\n",
    b"Transfer-Encoding:\r\n chunked\r\n",
    b" folded\r\n",
    b"\t\r\n",
    b" \n",
    b"\r\n",
    b"\n",
    b"\r",
    b"\0",
    b" ",
    b"\t",
    b":",
    b"A:\r\n",
    b"A: \x7f\r\n",
    b"A:\r b\r\n",
    b"A: b\r\r\n",
    b"A: \xff\0\n",
];

const STARTS: &[(&[u8], Option<u8>)] = &[
    (b"GET / HTTP/1.1\r\n", None),
    (b"\nGET  /{}\tHTTP/1.1 \n", None),
    (b"GET /\r\n / HTTP/1.1\r\n", None),
    (b"POST /%zz HTTP/1.0\r\n", None),
    (b"CONNECT h:1 HTTP/1.1\n", None),
    (b"HTTP/1.1 200 OK\r\n", Some(1)),
    (b"\r\nHTTP/1.1  700\t \t x \n", Some(2)),
    (b"HTTP/1.0 204\n", Some(1)),
    (b"HTTP/0.9 200 \n", Some(6)),
    (b"HTTP/1.1 200 O\r K\r\n", Some(1)),
];

type Wire = (Vec<u8>, Option<u8>);

fn wire() -> impl Strategy<Value = Wire> {
    let change = (any::<Index>(), prop_oneof![any::<u8>(), select(b"\r\n\0 \t:".as_slice())]);
    let changes = prop_oneof![3 => vec(change.clone(), 0..1), 1 => vec(change, 1..3)];
    (select(STARTS), vec(select(WORDS), 0..8), any::<bool>(), changes).prop_map(
        |((start, answers), words, is_bare, changes)| {
            let end: &[u8] = if is_bare { b"\n" } else { b"\r\n" };
            let mut data =
                [start, &words.concat(), end, b"5 \nhello\n0\n", &words.concat(), end].concat();
            for (place, byte) in changes {
                let place = place.index(data.len());
                data[place] = byte;
            }
            (data, answers)
        },
    )
}

fn rules(flags: u32) -> Rules {
    Rules { flags, ..Rules::STRICT }
}

/// Those that single flags make, and those that many make.
fn flags() -> impl Strategy<Value = u32> {
    prop_oneof![3 => 0..512u32, 1 => (0..9u32).prop_map(|bit| 1 << bit), 1 => Just(511)]
}

/// The bytes of a span, all of which are there and fit to be copied into another message.
fn clean(data: &[u8], off: u32, len: u32) -> Vec<u8> {
    let bytes = &data[off as usize..][..len as usize];
    assert!(!bytes.iter().any(|byte| b"\r\n\0".contains(byte)), "{}", data.escape_ascii());
    bytes.to_vec()
}

type Lines = Vec<(Vec<u8>, Vec<u8>, u16)>;

fn clean_lines(fields: &[MaybeUninit<Field>], count: u32, data: &[u8]) -> Lines {
    // SAFETY: the decoder has written as many fields as it says.
    let fields = fields[..count as usize].iter().map(|field| unsafe { field.assume_init() });
    fields
        .map(|field| {
            let name = clean(data, field.name_off, field.name_len.into());
            assert!(!name.is_empty() && !name.contains(&b' ') && !name.contains(&b'\t'));
            (name, clean(data, field.value_off, field.value_len), field.id)
        })
        .collect()
}

fn clean_head(head: &Head, data: &[u8]) -> [Vec<u8>; 3] {
    [head.method, head.target, head.reason_phrase].map(|span| clean(data, span.off, span.len))
}

/// What is told of a head that was decoded in one of the ways.
#[derive(Debug, PartialEq)]
struct Told {
    answer: Result<usize, Error>,
    fault: (u16, u32),
    parts: [Vec<u8>; 3],
    framing: (u8, u64, u16),
    lines: Lines,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Entry {
    Whole,
    Spans,
    Padded,
    InPlace,
}

const ENTRIES: [Entry; 4] = [Entry::Whole, Entry::Spans, Entry::Padded, Entry::InPlace];

struct Reader {
    head: Head,
    fields: Vec<MaybeUninit<Field>>,
    answers: Option<u8>,
}

impl Reader {
    fn new(flags: u32, answers: Option<u8>) -> Self {
        let fields = vec![MaybeUninit::uninit(); 40];
        Self { head: Head::new(&rules(flags)), fields, answers }
    }

    fn look(&mut self, entry: Entry, data: &mut [u8], end: usize) -> Told {
        let (head, answers) = (&mut self.head, self.answers);
        let fields = Some(&mut self.fields[..]);
        let answer = match (entry, answers) {
            (Entry::Whole, None) => head.decode_request(fields, &data[..end]),
            (Entry::Whole, Some(method)) => head.decode_response(fields, &data[..end], method),
            (Entry::Spans, _) => head.decode_spans(fields, &data[..end], answers),
            (Entry::Padded, _) => head.decode_padded(fields, data, end, answers),
            (Entry::InPlace, _) => head.decode_in_place(fields, &mut data[..end], answers),
        };
        Told {
            answer,
            fault: (head.fault.reason, head.fault.offset),
            parts: clean_head(head, data),
            framing: (head.framing, head.content_length, head.flags),
            lines: clean_lines(&self.fields, head.field_count, data),
        }
    }
}

fn at_once(entry: Entry, flags: u32, (data, answers): &Wire) -> Told {
    Reader::new(flags, *answers).look(entry, &mut data.clone(), data.len())
}

/// The body that follows, with its trailers, byte by byte and all at once.
fn clean_body(head: &Head, data: &[u8]) {
    let mut body = Body::new(head);
    let mut at = 0;
    let mut spans = [MaybeUninit::<Span>::uninit(); 3];
    while let Ok(used) = body.decode(&data[at..], &mut spans)
        && used > 0
    {
        at += used;
    }
    let mut fields = [MaybeUninit::<Field>::uninit(); 40];
    for end in at..=data.len() {
        let section = &data[at..end];
        if body.decode_trailers(Some(&mut fields), section).is_ok() {
            clean_lines(&fields, body.span_count, section);
        }
    }
}

/// The flat text has a line for each part, whatever the parts hold.
fn clean_text(flags: u32, (data, answers): &Wire, told: &Told) {
    let mut head = Head::new(&rules(flags));
    let mut out = vec![MaybeUninit::uninit(); data.len()];
    let length = match answers {
        None => text::request(&mut head, data, &mut out),
        Some(method) => text::response(&mut head, data, *method, &mut out),
    };
    let Ok(length @ 1..) = length else { return assert_eq!(length, told.answer) };
    // SAFETY: so many bytes were written.
    let text: Vec<u8> = out[..length].iter().map(|byte| unsafe { byte.assume_init() }).collect();
    assert!(!text.contains(&b'\r') && !text.contains(&0));
    let parts: Vec<&[u8]> = text.split(|byte| *byte == b'\n').skip(3).collect();
    let wanted = told.lines.iter().flat_map(|(name, value, _)| [&name[..], &value[..]]);
    assert_eq!(parts, wanted.collect::<Vec<_>>());
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(4_000) })]

    #[test]
    fn no_flag_lets_a_line_end_or_nul_into_a_span(wire in wire(), flags in flags()) {
        let (data, answers) = &wire;
        for entry in ENTRIES {
            let mut reader = Reader::new(flags, *answers);
            let mut data = data.clone();
            let len = data.len();
            let told = reader.look(entry, &mut data, len);
            if let Ok(length @ 1..) = told.answer {
                clean_body(&reader.head, &data[length..]);
            }
        }
        clean_text(flags, &wire, &at_once(Entry::Whole, flags, &wire));
    }

    /// Neither does any order of calls, each with more of the data, with the same, or with less.
    #[test]
    fn no_order_of_calls_lets_a_line_end_or_nul_into_a_span(
        (mut data, answers) in wire(), flags in flags(), in_order: bool,
        calls in vec((select(&ENTRIES[..]), any::<Index>()), 1..6),
    ) {
        let mut reader = Reader::new(flags, answers);
        let mut ends: Vec<usize> = calls.iter().map(|(_, end)| end.index(data.len() + 1)).collect();
        if in_order {
            ends.sort_unstable();
        }
        let mut out = vec![MaybeUninit::uninit(); data.len()];
        for ((entry, _), end) in calls.iter().zip(ends) {
            reader.look(*entry, &mut data, end);
            let mut head = reader.head;
            if let Ok(length) = text::request(&mut head, &data[..end], &mut out) {
                // SAFETY: so many bytes were written.
                let mut text = out[..length].iter().map(|byte| unsafe { byte.assume_init() });
                prop_assert!(!text.any(|byte| byte == b'\r' || byte == 0));
            }
        }
    }

    #[test]
    fn a_cut_changes_nothing_whatever_the_flags_and_the_way(
        (data, answers) in wire(), flags in flags(), cut in any::<Index>(), entry in select(&ENTRIES[..]),
    ) {
        let mut whole = data.clone();
        let expected = Reader::new(flags, answers).look(entry, &mut whole, data.len());
        let mut reader = Reader::new(flags, answers);
        let mut bytes = data.clone();
        reader.look(entry, &mut bytes, cut.index(data.len()));
        prop_assert_eq!(&reader.look(entry, &mut bytes, data.len()), &expected);
        prop_assert_eq!(&bytes, &whole);
        let mut reader = Reader::new(flags, answers);
        let mut bytes = data.clone();
        for end in 0..data.len() {
            reader.look(entry, &mut bytes, end);
        }
        prop_assert_eq!(reader.look(entry, &mut bytes, data.len()), expected);
        prop_assert_eq!(bytes, whole);
    }

    #[test]
    fn the_ways_agree_on_what_they_tell(wire in wire(), flags in flags()) {
        let whole = at_once(Entry::Whole, flags, &wire);
        prop_assert_eq!(&at_once(Entry::Padded, flags, &wire), &whole);
        let blind = at_once(Entry::Spans, flags, &wire);
        prop_assert!(blind.lines.iter().all(|(.., id)| *id == 0));
        if let Ok(length @ 1..) = whole.answer {
            prop_assert_eq!((blind.answer, blind.framing), (Ok(length), (BOJAGI_FRAMING_UNKNOWN, 0, 0)));
            prop_assert_eq!(&blind.parts, &whole.parts);
        }
        // Without a fold in it a head is the same in place.
        let in_place = at_once(Entry::InPlace, flags, &wire);
        if whole.answer.is_ok_and(|length| length > 0) || flags & BOJAGI_ALLOW_OBS_FOLD == 0 {
            prop_assert_eq!(in_place, whole);
        }
    }

    #[test]
    fn what_is_accepted_without_a_leniency_is_accepted_with_it(wire in wire(), flags in flags(), more in flags()) {
        let flags = flags & !BOJAGI_REFUSE_NON_URI;
        let more = flags | more & !BOJAGI_REFUSE_NON_URI;
        let strict = at_once(Entry::InPlace, flags, &wire);
        let lenient = at_once(Entry::InPlace, more, &wire);
        if strict.answer.is_ok_and(|length| length > 0) {
            let is_spaced = more & !flags & BOJAGI_ALLOW_START_LINE_SPACE != 0;
            let phrase = if is_spaced { strict.parts[2].trim_ascii() } else { &strict.parts[2] };
            prop_assert_eq!(&lenient.parts[2], phrase);
            prop_assert_eq!(&lenient.parts[..2], &strict.parts[..2]);
            prop_assert_eq!(&lenient.lines, &strict.lines);
            prop_assert_eq!((lenient.answer, lenient.framing), (strict.answer, strict.framing));
        }
        // And stricter rules accept less, and tell the same of it.
        let stricter = at_once(Entry::InPlace, flags | BOJAGI_REFUSE_NON_URI, &wire);
        if stricter.answer.is_ok_and(|length| length > 0) {
            prop_assert_eq!(stricter, strict);
        }
    }
}

/// A head that was begun blindly would have no framing when it was ended otherwise, and one that was begun
/// with folds would end up with a line end in a value.
#[test]
fn a_head_that_is_begun_in_one_way_is_not_ended_in_another() {
    let folded = b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nA: b\r\n c\r\nD: e\r\n\r\n";
    let strict = b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nD: e\r\n\r\n";
    let mode = |entry| match entry {
        Entry::Padded => Entry::Whole,
        other => other,
    };
    let flags = BOJAGI_ALLOW_OBS_FOLD;
    for wire in [&folded[..], strict] {
        for (first, second) in ENTRIES.iter().flat_map(|a| ENTRIES.iter().map(move |b| (*a, *b))) {
            for cut in 1..=wire.len() {
                let mut reader = Reader::new(flags, None);
                let mut bytes = wire.to_vec();
                let begun = reader.look(first, &mut bytes, cut);
                let ended = reader.look(second, &mut bytes, wire.len());
                let is_other = mode(first) != mode(second);
                assert_eq!(
                    ended.answer == Err(Error::State),
                    is_other,
                    "{first:?} {second:?} {cut}"
                );
                if is_other {
                    // A mistake of the caller's, which can be made good.
                    assert_eq!(
                        (ended.lines.len(), ended.framing),
                        (begun.lines.len(), begun.framing)
                    );
                    let made_good = reader.look(first, &mut bytes, wire.len());
                    assert_eq!(made_good, at_once(first, flags, &(wire.to_vec(), None)));
                }
            }
        }
    }
}

#[test]
fn a_response_is_judged_by_the_method_of_the_last_call() {
    let wire = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n".to_vec();
    let mut reader = Reader::new(0, Some(1));
    assert_eq!(reader.look(Entry::Whole, &mut wire.clone(), 30).answer, Ok(0));
    reader.answers = Some(2);
    assert_eq!(reader.look(Entry::Whole, &mut wire.clone(), wire.len()).framing.0, 0, "HEAD");
    reader.answers = None;
    let told = reader.look(Entry::Whole, &mut wire.clone(), wire.len());
    assert_eq!(told.answer, Err(Error::State), "it was a response");
}
