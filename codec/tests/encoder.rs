//! The encoders beside one that is written as the rules are told, byte by byte; at every size of the
//! buffer, and where one byte too far is a fault of the machine.

mod abi;

use std::ptr;

use abi::{Encoding, Fault, FieldLine, Head, SPACE, encode_into, field_name, line, reason_name};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

const ARG: i64 = -2;
const SYNTAX: i64 = abi::SYNTAX;
const LIMIT: i64 = abi::LIMIT;
const LAST_ID: u32 = 82;

/// What an encoder answered: the bytes, or the code, the reason and the offset.
type Answer = Result<Vec<u8>, (i64, String, u32)>;

/// A field with a name, or with an id and a name that does not count.
#[derive(Clone, Debug)]
struct Field {
    id: u32,
    name: Vec<u8>,
    value: Vec<u8>,
}

impl Field {
    fn new(name: &[u8], value: &[u8]) -> Self {
        Self { id: 0, name: name.to_vec(), value: value.to_vec() }
    }

    fn known(id: u32, value: &[u8]) -> Self {
        Self { id, name: Vec::new(), value: value.to_vec() }
    }

    fn line(&self) -> FieldLine {
        FieldLine { id: self.id, ..line(&self.name, &self.value) }
    }

    fn spelled(&self) -> &[u8] {
        field_name(self.id).unwrap_or(&self.name)
    }
}

#[derive(Clone, Copy, Debug)]
enum What<'a> {
    Request(&'a [u8], &'a [u8]),
    Response(u32, &'a [u8]),
    Trailers,
}

impl<'a> What<'a> {
    fn encoding(self) -> Encoding<'a> {
        match self {
            What::Request(method, target) => Encoding::Request(method, target),
            What::Response(status, phrase) => Encoding::Response(status, phrase),
            What::Trailers => Encoding::Trailers,
        }
    }
}

fn is_tchar(byte: &u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(byte)
}

fn is_text(byte: &u8) -> bool {
    *byte == b'\t' || (*byte >= b' ' && *byte != 0x7f)
}

/// The rules, one after the other. Targets are in origin-form here.
fn naive(what: What<'_>, fields: &[Field]) -> Answer {
    let refuse = |reason: &str, at: usize| Err((SYNTAX, reason.to_owned(), at as u32));
    let first_but = |is: fn(&u8) -> bool, bytes: &[u8]| bytes.iter().position(|byte| !is(byte));
    let mut out = Vec::new();
    match what {
        What::Request(method, target) => {
            if let Some(at) = first_but(is_tchar, method).or(method.is_empty().then_some(0)) {
                return refuse("METHOD", at);
            }
            let is_visible = |byte: &u8| matches!(byte, b'!'..=b'~') && *byte != b'#';
            if let Some(at) = first_but(is_visible, target) {
                return refuse("TARGET", at);
            }
            out.extend([method, b" ", target, b" HTTP/1.1\r\n"].concat());
        }
        What::Response(status, phrase) => {
            if !(100..600).contains(&status) {
                return refuse("STATUS", 0);
            }
            if let Some(at) = first_but(is_text, phrase) {
                return refuse("REASON_PHRASE", at);
            }
            out.extend([format!("HTTP/1.1 {status} ").as_bytes(), phrase, b"\r\n"].concat());
        }
        What::Trailers => out.extend(b"0\r\n"),
    }
    let mut seen = Vec::new();
    for (at, field) in fields.iter().enumerate() {
        let name = field.spelled();
        if name.is_empty() || !name.iter().all(is_tchar) {
            return refuse("FIELD_NAME", at);
        }
        if name.len() > 65_535 {
            return Err((LIMIT, "FIELD_NAME_LIMIT".to_owned(), at as u32));
        }
        let is_white = |byte: Option<&u8>| matches!(byte, Some(b' ' | b'\t'));
        let value = &field.value;
        if !value.iter().all(is_text) || is_white(value.first()) || is_white(value.last()) {
            return refuse("FIELD_VALUE", at);
        }
        let lower = name.to_ascii_lowercase();
        if let Some(reason) = broken(what, &lower, value, &seen) {
            return refuse(reason, at);
        }
        seen.push(lower);
        out.extend([name, b": ", value, b"\r\n"].concat());
    }
    if matches!(what, What::Request(..)) && !seen.iter().any(|name| name == b"host") {
        return refuse("HOST_MISSING", 0);
    }
    out.extend(b"\r\n");
    Ok(out)
}

/// The rule about framing and routing that a good field breaks, behind those seen before.
fn broken(what: What<'_>, name: &[u8], value: &[u8], seen: &[Vec<u8>]) -> Option<&'static str> {
    let has = |wanted: &[u8]| seen.iter().any(|name| name == wanted);
    let status = if let What::Response(status, _) = what { status } else { 200 };
    let method = if let What::Request(method, _) = what { method } else { b"GET" };
    let has_no_body =
        status < 200 || status == 204 || [b"CONNECT", &b"TRACE"[..]].contains(&method);
    match (what, name) {
        (What::Trailers, _) => FORBIDDEN.contains(&name).then_some("TRAILER_FORBIDDEN"),
        (What::Request(..), b"host") if has(name) => Some("HOST_REPEATED"),
        (What::Request(..), b"host") => (!HOSTS.contains(&value)).then_some("HOST_INVALID"),
        (_, b"content-length") if has(name) => Some("CONTENT_LENGTH_REPEATED"),
        (_, b"content-length") => {
            let Ok(number) = std::str::from_utf8(value).unwrap_or("x").parse::<u64>() else {
                return Some("CONTENT_LENGTH_INVALID");
            };
            let has_sign = value.first() == Some(&b'+');
            let is_forbidden = has_no_body || (status == 205 && number > 0);
            let conflicts = has(b"transfer-encoding").then_some("FRAMING_CONFLICT");
            has_sign
                .then_some("CONTENT_LENGTH_INVALID")
                .or(is_forbidden.then_some("FIELD_FORBIDDEN"))
                .or(conflicts)
        }
        (_, b"transfer-encoding") if has(name) => Some("TRANSFER_ENCODING_INVALID"),
        (_, b"transfer-encoding") if !value.eq_ignore_ascii_case(b"chunked") => {
            Some("TRANSFER_ENCODING_UNKNOWN")
        }
        (_, b"transfer-encoding") => {
            let is_forbidden = has_no_body || status == 205;
            let conflicts = has(b"content-length").then_some("FRAMING_CONFLICT");
            is_forbidden.then_some("FIELD_FORBIDDEN").or(conflicts)
        }
        _ => None,
    }
}

const FORBIDDEN: [&[u8]; 11] = [
    b"host",
    b"content-length",
    b"transfer-encoding",
    b"connection",
    b"keep-alive",
    b"proxy-connection",
    b"te",
    b"trailer",
    b"upgrade",
    b"expect",
    b"max-forwards",
];

/// Of the values of Host below, those that are valid.
const HOSTS: [&[u8]; 4] = [b"h", b"", b"www.example.com:8080", b"[2001:db8::1]:80"];
const NO_HOSTS: [&[u8]; 4] = [b"a b", b"u@h", b"h:65536", b"[::1"];

/// What the exported function answers, with a buffer that has guards on both sides.
fn answer(what: What<'_>, lines: &[FieldLine], cap: usize) -> Answer {
    const GUARD: usize = 64;
    let mut memory = vec![0xa5; GUARD + cap + GUARD];
    let mut fault = Fault::default();
    let out = memory[GUARD..].as_mut_ptr();
    let answer = encode_into(what.encoding(), lines, out, cap, &mut fault);
    let (before, rest) = memory.split_at(GUARD);
    let (written, behind) = rest.split_at(cap);
    assert!(before.iter().chain(behind).all(|&byte| byte == 0xa5), "written outside of {cap}");
    match usize::try_from(answer) {
        Ok(len) => Ok(written[..len].to_vec()),
        Err(_) => Err((answer, reason_name(fault.reason), fault.offset)),
    }
}

/// The size, as it is asked for.
fn size(what: What<'_>, lines: &[FieldLine]) -> Result<usize, (i64, String, u32)> {
    let mut fault = Fault::default();
    let answer = encode_into(what.encoding(), lines, ptr::null_mut(), 0, &mut fault);
    usize::try_from(answer).map_err(|_| (answer, reason_name(fault.reason), fault.offset))
}

/// Holds the encoder to the rules, at every size of the buffer up to one that is more than enough.
fn compare(what: What<'_>, fields: &[Field]) {
    let expected = naive(what, fields);
    let lines: Vec<FieldLine> = fields.iter().map(Field::line).collect();
    let needed = expected.as_ref().map(Vec::len).map_err(Clone::clone);
    assert_eq!(size(what, &lines), needed, "{what:?} {fields:?}");
    let most = needed.as_ref().copied().unwrap_or(300) + 40;
    for cap in 0..=most {
        let got = answer(what, &lines, cap);
        match &expected {
            Ok(bytes) if cap < bytes.len() => {
                assert_eq!(got.unwrap_err().0, SPACE, "{cap} of {what:?} {fields:?}");
            }
            expected => assert_eq!(&got, expected, "{cap} of {what:?} {fields:?}"),
        }
    }
}

/// Bytes that are mostly fit for a value.
fn value() -> impl Strategy<Value = Vec<u8>> {
    let good = prop_oneof![
        24 => b'!'..=b'~',
        3 => Just(b' '),
        1 => Just(b'\t'),
        1 => 0x80..=0xffu8,
    ];
    let text = vec(good, 0..130).prop_map(|bytes| bytes.trim_ascii().to_vec());
    let plain = vec(b'!'..=b'~', 0..130);
    let flawed = (plain.clone(), any::<prop::sample::Index>(), any::<u8>()).prop_map(
        |(mut bytes, place, byte)| {
            if !bytes.is_empty() {
                let at = place.index(bytes.len());
                bytes[at] = byte;
            }
            bytes
        },
    );
    prop_oneof![4 => text, 4 => plain, 1 => flawed]
}

fn name() -> impl Strategy<Value = Vec<u8>> {
    let letter = prop_oneof![8 => b'a'..=b'z', 2 => b'A'..=b'Z', 2 => Just(b'-')];
    let plain = vec(letter, 1..48);
    let token = vec((b'!'..=b'~').prop_filter("a tchar", is_tchar), 1..48);
    let flawed = (plain.clone(), any::<prop::sample::Index>(), any::<u8>()).prop_map(
        |(mut bytes, place, byte)| {
            let at = place.index(bytes.len());
            bytes[at] = byte;
            bytes
        },
    );
    prop_oneof![6 => plain, 3 => token, 1 => flawed, 1 => vec(any::<u8>(), 0..3)]
}

/// A name in a mixture of cases.
fn mixed(name: &'static [u8]) -> impl Strategy<Value = Vec<u8>> {
    vec(any::<bool>(), name.len()).prop_map(move |upper| {
        let case = |(byte, upper): (&u8, bool)| match upper {
            true => byte.to_ascii_uppercase(),
            false => byte.to_ascii_lowercase(),
        };
        name.iter().zip(upper).map(case).collect()
    })
}

/// One of the fields that have rules of their own, by id or by name.
fn framing() -> impl Strategy<Value = Field> {
    let hosts = select([HOSTS, NO_HOSTS].concat());
    let lengths: Vec<&[u8]> =
        vec![b"0", b"5", b"00", b"12345", b"1234567", b"18446744073709551615"];
    let no_lengths: Vec<&[u8]> =
        vec![b"", b"+5", b"-1", b"5, 5", b"0x5", b"12a45", b"1234567:", b"18446744073709551616"];
    let lengths = prop_oneof![3 => select(lengths), 1 => select(no_lengths)];
    let codings: Vec<&[u8]> = vec![b"chunked", b"Chunked", b"gzip", b"chunked, chunked", b""];
    let one = |id: u32, name: &'static [u8], values: BoxedStrategy<&'static [u8]>| {
        (mixed(name), values, any::<bool>()).prop_map(move |(name, value, by_id)| Field {
            id: if by_id { id } else { 0 },
            name,
            value: value.to_vec(),
        })
    };
    prop_oneof![
        4 => one(1, b"host", hosts.boxed()),
        3 => one(2, b"content-length", lengths.boxed()),
        2 => one(3, b"transfer-encoding", select(codings).boxed()),
    ]
}

fn fields() -> impl Strategy<Value = Vec<Field>> {
    let own = (name(), value()).prop_map(|(name, value)| Field { id: 0, name, value });
    let known =
        (1..=LAST_ID, name(), value()).prop_map(|(id, name, value)| Field { id, name, value });
    let any = prop_oneof![4 => own, 5 => known, 1 => framing()];
    // Most requests need their Host to come to anything.
    let host = prop_oneof![Just(Field::known(1, b"h")), Just(Field::new(b"Host", b"h"))];
    (prop::option::weighted(0.8, host), vec(any, 0..8), prop::option::weighted(0.3, framing()))
        .prop_map(|(host, mut fields, last)| {
            fields.splice(0..0, host);
            fields.extend(last);
            fields
        })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(200) })]

    #[test]
    fn a_request_is_written_as_the_rules_are_told(
        method in prop_oneof![
            3 => select(vec![&b"GET"[..], b"POST", b"HEAD", b"TRACE", b"DELETE", b"M-SEARCH", b"g3t"])
                .prop_map(<[u8]>::to_vec),
            1 => name().prop_filter("has targets of its own", |name| name != b"OPTIONS"),
        ],
        target in vec(prop_oneof![60 => b'!'..=b'~', 1 => any::<u8>()], 0..90),
        fields in fields(),
    ) {
        let target = [b"/".as_slice(), &target].concat();
        compare(What::Request(&method, &target), &fields);
    }

    #[test]
    fn a_response_is_written_as_the_rules_are_told(
        status in prop_oneof![4 => select(vec![200u32, 404, 101, 204, 205, 304]), 1 => 90..610u32],
        phrase in value(), fields in fields(),
    ) {
        compare(What::Response(status, &phrase), &fields);
    }

    #[test]
    fn trailers_are_written_as_the_rules_are_told(fields in fields()) {
        compare(What::Trailers, &fields);
    }

    #[test]
    fn nothing_is_refused_that_would_be_read_back(
        fields in vec((vec(any::<u8>(), 0..4), vec(any::<u8>(), 0..6)), 0..4),
    ) {
        let mut all = vec![Field::new(b"Host", b"h")];
        all.extend(fields.iter().map(|(name, value)| Field::new(name, value)));
        let mut raw = b"GET / HTTP/1.1\r\n".to_vec();
        for field in &all {
            raw.extend([&field.name[..], b": ", &field.value, b"\r\n"].concat());
        }
        raw.extend(b"\r\n");
        let mut head = Head::new(None, 8);
        let is_whole = usize::try_from(head.decode(&raw, None)) == Ok(raw.len());
        let pairs = all.iter().map(|field| (field.name.clone(), field.value.clone()));
        let is_read_back = is_whole && abi::pairs(head.decoded(), &raw) == pairs.collect::<Vec<_>>();
        let lines: Vec<FieldLine> = all.iter().map(Field::line).collect();
        let encoded = answer(What::Request(b"GET", b"/"), &lines, raw.len());
        prop_assert_eq!(encoded.is_ok(), is_read_back);
        prop_assert!(encoded.is_err() || encoded == Ok(raw));
    }
}

/// Memory between two pages that cannot be touched, so that the byte before it and the byte behind it are
/// faults of the machine.
struct Guarded {
    start: *mut u8,
}

const PAGE: usize = 65_536;

impl Guarded {
    fn new() -> Self {
        let (flags, size) = (libc::MAP_PRIVATE | libc::MAP_ANONYMOUS, 3 * PAGE);
        // SAFETY: new memory, a part of which is then made usable; it is left to the end of the process.
        unsafe {
            let start = libc::mmap(ptr::null_mut(), size, libc::PROT_NONE, flags, -1, 0);
            assert_ne!(start, libc::MAP_FAILED);
            let start = start.cast::<u8>().add(PAGE);
            let usable = libc::PROT_READ | libc::PROT_WRITE;
            assert_eq!(libc::mprotect(start.cast(), PAGE, usable), 0);
            Self { start }
        }
    }

    /// A copy of the bytes that ends, or else begins, where the memory does.
    fn hold(&self, bytes: &[u8], at_end: bool) -> *mut u8 {
        let off = if at_end { PAGE - bytes.len() } else { 0 };
        // SAFETY: the page is large enough.
        unsafe {
            let place = self.start.add(off);
            ptr::copy_nonoverlapping(bytes.as_ptr(), place, bytes.len());
            place
        }
    }
}

#[test]
fn no_byte_is_read_or_written_beyond_its_end() {
    let (name, value, out) = (Guarded::new(), Guarded::new(), Guarded::new());
    let text: Vec<u8> = (0..200).map(|at| b'a' + at % 26).collect();
    for at_end in [true, false] {
        for name_len in (1..40).chain([64, 65]) {
            for value_len in (0..70).chain([95, 96, 97, 128, 129]) {
                let field = Field::new(&text[..name_len], &text[..value_len]);
                let lines = [FieldLine {
                    name: name.hold(&field.name, at_end),
                    value: value.hold(&field.value, at_end),
                    ..field.line()
                }];
                for what in [What::Response(200, b"OK"), What::Trailers] {
                    let expected = naive(what, std::slice::from_ref(&field)).unwrap();
                    let cap = expected.len();
                    let place = out.hold(&vec![0; cap], at_end);
                    let mut fault = Fault::default();
                    let len = encode_into(what.encoding(), &lines, place, cap, &mut fault);
                    // SAFETY: so many bytes of the page were written.
                    let written = unsafe { std::slice::from_raw_parts(place, cap) };
                    assert_eq!(
                        (len, written),
                        (cap as i64, &expected[..]),
                        "{name_len} {value_len}"
                    );
                }
            }
        }
    }
}

#[test]
fn no_byte_of_a_start_line_is_read_or_written_beyond_its_end() {
    let (part, out) = (Guarded::new(), Guarded::new());
    for at_end in [true, false] {
        for len in 1..100 {
            let target = [b"/".as_slice(), &vec![b'x'; len - 1]].concat();
            // SAFETY: the page holds so many bytes for as long as the process lives.
            let held = unsafe { std::slice::from_raw_parts(part.hold(&target, at_end), len) };
            let host = Field::known(1, b"h");
            for what in [
                What::Request(b"GET", held),
                What::Response(200, held),
                What::Request(&held[1..], b"/"),
            ] {
                let Ok(expected) = naive(what, std::slice::from_ref(&host)) else { continue };
                let cap = expected.len();
                let place = out.hold(&vec![0; cap], at_end);
                let len =
                    encode_into(what.encoding(), &[host.line()], place, cap, &mut Fault::default());
                // SAFETY: so many bytes of the page were written.
                let written = unsafe { std::slice::from_raw_parts(place, cap) };
                assert_eq!((len, written), (cap as i64, &expected[..]));
            }
        }
    }
}

#[test]
fn each_byte_at_each_place_of_a_value_and_a_name_is_judged() {
    let what = What::Response(200, b"OK");
    for len in [1, 2, 3, 4, 6, 8, 11, 16, 23, 32, 33, 64, 65] {
        for at in 0..len {
            for byte in 0..=u8::MAX {
                let mut text = vec![b'x'; len];
                text[at] = byte;
                for field in [
                    Field::new(b"Name", &text),
                    Field::known(LAST_ID, &text),
                    Field::new(&text, b"value"),
                ] {
                    let expected = naive(what, std::slice::from_ref(&field));
                    assert_eq!(answer(what, &[field.line()], 200), expected, "{field:?}");
                }
            }
        }
    }
}

#[test]
fn a_name_that_is_nearly_one_of_framing_is_another() {
    let what = What::Request(b"POST", b"/");
    for name in [&b"host"[..], b"content-length", b"transfer-encoding"] {
        for at in 0..name.len() {
            for byte in (0..=u8::MAX).filter(is_tchar) {
                let mut near = name.to_vec();
                near[at] = byte;
                // As Host it would be the second, as the others not be a number or a coding.
                let fields = [Field::known(1, b"h"), Field::new(&near, b"v")];
                let lines = [fields[0].line(), fields[1].line()];
                assert_eq!(answer(what, &lines, 200), naive(what, &fields), "{near:?}");
            }
        }
    }
}

#[test]
fn each_byte_of_a_content_length_is_judged() {
    let what = What::Response(200, b"OK");
    for len in 1..=21 {
        for at in 0..len {
            for byte in b' '..=b'~' {
                let mut number = vec![b'1'; len];
                number[at] = byte;
                for field in [Field::known(2, &number), Field::new(b"content-Length", &number)] {
                    let expected = naive(what, std::slice::from_ref(&field));
                    assert_eq!(answer(what, &[field.line()], 200), expected, "{field:?}");
                }
            }
        }
    }
}

#[test]
fn the_first_fault_in_the_order_of_the_lines_is_told() {
    let (good, bad) = (Field::known(49, b"s"), Field::new(b"A", b"\n"));
    let (length, coding) = (Field::known(2, b"x"), Field::new(b"transfer-encoding", b"gzip"));
    let all = [good, bad, length, coding, Field::known(2, b"1"), Field::known(3, b"chunked")];
    // All orders of up to five of them.
    for mut order in 0..6usize.pow(5) {
        let mut fields = vec![Field::known(1, b"h")];
        for _ in 0..5 {
            fields.push(all[order % 6].clone());
            order /= 6;
        }
        let what = What::Request(b"POST", b"/");
        let lines: Vec<FieldLine> = fields.iter().map(Field::line).collect();
        let expected = naive(what, &fields);
        assert_eq!(answer(what, &lines, 300), expected, "{fields:?}");
        assert_eq!(size(what, &lines), expected.map(|bytes| bytes.len()));
    }
}

#[test]
fn a_line_that_is_not_sound_is_the_callers_error_wherever_it_stands() {
    let fields = [Field::new(b"A", b"b"), Field::new(b"A", b"\n")];
    let [good, bad] = fields.each_ref().map(Field::line);
    let null = ptr::null();
    let too_long = usize::MAX / 2 + 1;
    let unsound = [
        FieldLine { name: null, ..good },
        FieldLine { value: null, ..good },
        FieldLine { name_len: too_long, ..good },
        FieldLine { value_len: too_long, ..good },
        FieldLine { value_len: usize::MAX, ..good },
        FieldLine { id: 4, name: null, ..good },
        FieldLine { id: 4, value: null, ..good },
        FieldLine { id: 4, name_len: usize::MAX, ..good },
        FieldLine { id: 4, value_len: usize::MAX, ..good },
        FieldLine { id: LAST_ID + 1, ..good },
        FieldLine { id: 0x1_0004, ..good },
        FieldLine { id: u32::MAX, ..good },
    ];
    let whats = [
        What::Request(b"GET", b"/"),
        What::Request(b"", b"/"),
        What::Response(200, b"OK"),
        What::Response(0, b"OK"),
        What::Trailers,
    ];
    for (line, what) in unsound.iter().flat_map(|line| whats.map(|what| (line, what))) {
        for lines in [vec![*line], vec![good, *line], vec![*line, bad], vec![bad, good, *line]] {
            let told = (ARG, "NONE".to_owned(), 0);
            for cap in [0, 1, 30, 300] {
                assert_eq!(answer(what, &lines, cap), Err(told.clone()), "{line:?} of {what:?}");
            }
            assert_eq!(size(what, &lines), Err(told), "{line:?} of {what:?}");
        }
    }
}

#[test]
fn null_is_an_empty_value_and_no_name_beside_an_id() {
    let line = FieldLine {
        name: ptr::null(),
        name_len: 0,
        value: ptr::null(),
        value_len: 0,
        id: 49,
        reserved: 0,
    };
    let what = What::Response(200, b"OK");
    for cap in [29, 30, 300] {
        assert_eq!(answer(what, &[line], cap), Ok(b"HTTP/1.1 200 OK\r\nServer: \r\n\r\n".to_vec()));
    }
    let nameless = FieldLine { id: 0, ..line };
    let told = (SYNTAX, "FIELD_NAME".to_owned(), 0);
    assert_eq!(answer(what, &[nameless], 300), Err(told));
}

#[test]
fn a_name_of_65_535_bytes_is_the_longest() {
    let what = What::Response(200, b"OK");
    for (len, id) in [(65_535, 0), (65_536, 0), (65_536, 49)] {
        let field = Field { id, ..Field::new(&vec![b'n'; len], b"v") };
        let expected = naive(what, std::slice::from_ref(&field));
        assert_eq!(expected.is_ok(), id != 0 || len == 65_535);
        assert_eq!(answer(what, &[field.line()], 70_000), expected);
    }
}

#[test]
fn every_id_writes_its_name() {
    for id in 1..=LAST_ID {
        for value in [&b"v"[..], b"a value that is longer than one block", &[b'v'; 200]] {
            let field = Field::known(id, value);
            let what = What::Trailers;
            let expected = naive(what, std::slice::from_ref(&field));
            assert_eq!(
                expected.is_err(),
                FORBIDDEN.contains(&&field.spelled().to_ascii_lowercase()[..])
            );
            assert_eq!(answer(what, &[field.line()], 300), expected);
            let what = What::Response(200, b"OK");
            if id != 2 && id != 3 {
                compare(what, &[field.clone(), field]);
            }
        }
    }
    assert_eq!(field_name(LAST_ID + 1), None, "there are more ids: LAST_ID is old");
}

#[test]
fn every_status_is_written_with_its_phrase() {
    for status in 0..700 {
        let mut out = [0; 80];
        let mut fault = Fault::default();
        let len = encode_into(Encoding::Status(status), &[], out.as_mut_ptr(), 80, &mut fault);
        if !(100..600).contains(&status) {
            assert_eq!((len, &reason_name(fault.reason)[..]), (SYNTAX, "STATUS"));
            continue;
        }
        let wire = &out[..usize::try_from(len).unwrap()];
        let mut head = Head::new(None, 1);
        assert_eq!(head.decode(wire, Some(1)), len);
        assert_eq!(u32::from(head.raw.status), status);
        for cap in 0..wire.len() {
            let len = encode_into(Encoding::Status(status), &[], out.as_mut_ptr(), cap, &mut fault);
            assert_eq!(len, SPACE);
        }
    }
}

#[test]
fn chunks_are_written_in_any_room() {
    for len in (1..70).chain([255, 256, 4095, 4096, 65_535, 65_536, 1_048_576]) {
        let data = vec![b'd'; len];
        let expected = [format!("{len:x}\r\n").as_bytes(), &data, b"\r\n"].concat();
        let size = expected.len();
        let caps = (1..=size + 20).filter(|cap| size < 300 || *cap > size - 20);
        for cap in caps {
            let mut memory = vec![0xa5; cap + 32];
            let what = Encoding::Chunk(&data);
            let got = encode_into(what, &[], memory.as_mut_ptr(), cap, &mut Fault::default());
            assert_eq!(got, if cap < size { SPACE } else { size as i64 });
            assert!(memory[cap..].iter().all(|&byte| byte == 0xa5), "written beyond {cap}");
            assert!(cap < size || memory[..size] == expected);
        }
    }
}
