//! The kernels: each of them gives the answers of the machine that reads byte by byte.
//!
//! The sweep takes whole lines that are plainly right and leaves the rest, so a kernel that is wrong about a
//! byte, or looks at one that is not there, would show as another verdict, another offset, another span: or
//! as a fault of the processor, for the data stands at the border of pages that nobody may touch.

#[cfg(all(target_os = "linux", target_pointer_width = "64", not(miri)))]
mod far;
mod heads;
mod place;
mod told;

use std::fs;
use std::path::Path;

use bojagi_codec::framing::{BOJAGI_FRAMING_NONE, BOJAGI_FRAMING_UNKNOWN};
use bojagi_codec::known::{BOJAGI_FIELD_TRACEPARENT, field_name};
use bojagi_codec::rules::*;
use bojagi_codec::simd::Level;
use bojagi_codec::{Error, Rules};
use place::{Pages, padding};
use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::Value;
use told::{Case, Reader, Told, byte_by_byte};

/// Panics unless every kernel tells of the first `end` bytes what the machine tells, wherever they stand.
fn same_at(case: Case<'_>, data: &[u8], end: usize, pages: &mut Pages, wanted: &Told) {
    // Each end has another padding.
    let padded = [&data[..end], &padding(end)].concat();
    for level in Level::all() {
        let mut reader = Reader::new(case, 64);
        let mut check = |what: &str, bytes: &[u8]| {
            reader.reset();
            let told = reader.look(level, bytes, end);
            assert_eq!(told, *wanted, "{level:?}, {what}, {end} of {}", data.escape_ascii());
        };
        check("at the end of a page", pages.at_end(&data[..end]));
        check("at the start of a page", pages.at_start(&data[..end]));
        check("with the rest behind it", pages.at_end(data));
        check("padded", pages.at_end(&padded));
    }
}

/// As [`same_at`], of these ends.
fn same(case: Case<'_>, data: &[u8], ends: impl IntoIterator<Item = usize>, pages: &mut Pages) {
    let machine = byte_by_byte(case, data);
    let blind = byte_by_byte(case.blind(), data);
    for end in ends {
        same_at(case, data, end, pages, &machine[end]);
        same_at(case.blind(), data, end, pages, &blind[end]);
        assert_is_blind(&blind[end], &machine[end]);
    }
}

/// Spans alone are those of the whole decoding, and the rules that it judges at the end are not broken.
fn assert_is_blind(blind: &Told, full: &Told) {
    assert!(blind.fields.iter().all(|field| field.id == 0));
    let framing = if blind.length > 0 { BOJAGI_FRAMING_UNKNOWN } else { BOJAGI_FRAMING_NONE };
    assert_eq!((blind.framing, blind.flags, blind.content_length), (framing, 0, 0));
    if let (Err(Error::Syntax | Error::Limit), Ok(length)) = (full.answer, blind.answer) {
        // Host, Content-Length, Transfer-Encoding, both, and the limit of bodies.
        assert!(length > 0 && matches!(full.fault.reason, 10..=18 | 30), "{full:?}");
        return;
    }
    assert_eq!(blind.clone().without_meaning(), full.clone().without_meaning());
}

/// All kernels cut in two: what the first call left is taken up by the second one.
fn same_in_two(case: Case<'_>, data: &[u8], cut: usize, room: usize, pages: &mut Pages) {
    let mut reader = Reader::new(case, 0);
    let wanted = reader.look(Level::Swar, data, data.len());
    for level in Level::all() {
        let mut reader = Reader::new(case, room);
        reader.look(level, pages.at_end(&data[..cut]), cut);
        let told = reader.look(level, pages.at_end(data), data.len());
        assert_eq!(told, wanted, "{level:?}, cut at {cut} of {}", data.escape_ascii());
    }
}

#[cfg(feature = "detect")]
#[test]
fn this_machine_is_asked_for_its_best() {
    let levels: Vec<Level> = Level::all().collect();
    assert_eq!(levels.first(), Some(&Level::Swar));
    assert_eq!(levels.last(), Some(&Level::best()));
    #[cfg(all(target_arch = "x86_64", not(miri)))]
    {
        let has_avx2 = std::is_x86_feature_detected!("avx2")
            && std::is_x86_feature_detected!("bmi1")
            && std::is_x86_feature_detected!("bmi2");
        let has = |wanted: fn(&Level) -> bool| levels.iter().any(wanted);
        assert_eq!(has(|level| matches!(level, Level::Avx2 { .. })), has_avx2);
        let has_ssse3 = std::is_x86_feature_detected!("ssse3");
        assert_eq!(has(|level| matches!(level, Level::Ssse3 { .. })), has_ssse3);
    }
    #[cfg(target_arch = "aarch64")]
    assert!(levels.contains(&Level::Neon));
}

#[test]
fn the_vectors_are_judged_alike() {
    let mut pages = Pages::new(1 << 20);
    for vector in vectors() {
        let kind = vector["kind"].as_str().unwrap();
        if kind != "request" && kind != "response" {
            continue;
        }
        let data = bytes(&vector["input"]);
        let rules = rules(&vector);
        let case = Case { answers: (kind == "response").then_some(1), ..Case::request(&rules) };
        // Of the long ones the ends, around which the limits are.
        let is_short = data.len() < 2000;
        let ends = (0..=data.len()).filter(|end| is_short && *end < 300 || data.len() - end < 4);
        same(case, &data, ends, &mut pages);
    }
}

#[test]
fn a_line_may_end_at_every_place_of_a_block() {
    let mut pages = Pages::new(1024);
    let rules = Rules::STRICT;
    for (name, value) in (1..70).map(|len| (len, 3)).chain((0..140).map(|len| (9, len))) {
        let line = [&b"X".repeat(name)[..], b": ", &b"v".repeat(value), b"\r\n"].concat();
        for (start, answers) in
            [(&b"GET / HTTP/1.1\r\n"[..], None), (b"HTTP/1.1 200 OK\r\n", Some(1))]
        {
            let data = [start, &line, b"Host: h\r\n", &line, b"Accept: */*\r\nA:\r\n\r\n"].concat();
            let ends = (0..=data.len()).filter(|end| end % 7 == 0 || data.len() - end < 40);
            same(Case { answers, ..Case::request(&rules) }, &data, ends, &mut pages);
        }
    }
}

#[test]
fn a_start_line_may_end_at_every_place_of_a_block() {
    let mut pages = Pages::new(1024);
    let rules = Rules::STRICT;
    for len in 0..200 {
        let part = b"a".repeat(len);
        let request = [b"GET /", &part[..], b" HTTP/1.1\r\nHost: h\r\n\r\n"].concat();
        let response = [b"HTTP/1.1 204 ", &part[..], b"\r\nDate: x\r\n\r\n"].concat();
        for (data, answers) in [(request, None), (response, Some(1))] {
            let ends = (data.len() - 40.min(data.len() - 1)..=data.len()).step_by(1 + len / 100);
            same(Case { answers, ..Case::request(&rules) }, &data, ends, &mut pages);
        }
    }
}

#[test]
fn every_byte_at_every_place_is_judged_alike() {
    let requests: [&[u8]; 2] = [
        b"GET /where?q=now HTTP/1.1\r\nHost: www.example.com\r\nContent-Length: 5\r\nConnection: keep-alive\r\nTE:\r\n\r\n",
        b"OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n",
    ];
    let response = b"HTTP/1.1 204 No Content\r\nDate: x\r\nX-A: b\r\n\r\n";
    let mut pages = Pages::new(1024);
    let rules = Rules::STRICT;
    for (wire, answers) in [(requests[0], None), (requests[1], None), (response, Some(1))] {
        let case = Case { answers, ..Case::request(&rules) };
        for place in 0..wire.len() {
            for byte in 0..=u8::MAX {
                let mut data = wire.to_vec();
                data[place] = byte;
                let wanted = byte_by_byte(case, &data).pop().unwrap();
                for level in Level::all() {
                    let told = Reader::new(case, 8).look(level, pages.at_end(&data), data.len());
                    assert_eq!(told, wanted, "{level:?}: {}", data.escape_ascii());
                }
            }
        }
    }
}

#[test]
fn the_place_in_memory_does_not_matter() {
    let wire = [
        b"GET /a/path HTTP/1.1\r\nHost: example.com\r\nContent-Length: 12\r\nA: ",
        &b"v".repeat(90)[..],
        b"\r\nX-Forwarded-For: 127.0.0.1\r\n\r\n",
    ]
    .concat();
    let rules = Rules::STRICT;
    let mut pages = Pages::new(4096);
    for case in [Case::request(&rules), Case::request(&rules).blind()] {
        let wanted = byte_by_byte(case, &wire);
        for level in Level::all() {
            for at in 0..128 {
                for end in (0..=wire.len()).step_by(5).chain([wire.len()]) {
                    let bytes = pages.aligned(&wire[..end], at);
                    let told = Reader::new(case, 8).look(level, bytes, end);
                    assert_eq!(told, wanted[end], "{level:?}, {end} bytes at {at}");
                }
            }
        }
    }
}

/// What the head is judged by is looked at as carefully near the end of the data as elsewhere.
#[test]
fn a_field_that_frames_is_judged_alike_wherever_it_stands() {
    let lines: [&[u8]; 9] = [
        b"Host: a b\r\n",
        b"Host: [::1]\r\n",
        b"Host: h \r\n",
        b"Host: h\r\nHost: h\r\n",
        b"Host: h\r\nContent-Length: 5x\r\n",
        b"Host: h\r\nContent-Length: 12345678\r\n",
        b"Host: h\r\nContent-Length: 1\r\nContent-Length: 1\r\n",
        b"Host: h\r\nConnection: keep-alivf\r\n",
        b"Host: h\r\nConnection: close, te\r\nTransfer-Encoding: chunked\r\n",
    ];
    let rules = Rules::STRICT;
    let mut pages = Pages::new(4096);
    for (line, fill) in lines.iter().flat_map(|line| (0..100).map(move |fill| (line, fill))) {
        let filler = [&b"X:"[..], &b"v".repeat(fill), b"\r\n\r\n"].concat();
        let wire = [b"GET / HTTP/1.1\r\n", *line, &filler].concat();
        let case = Case::request(&rules);
        let wanted = byte_by_byte(case, &wire).pop().unwrap();
        for level in Level::all() {
            let told = Reader::new(case, 8).look(level, pages.at_end(&wire), wire.len());
            assert_eq!(told, wanted, "{level:?}: {}", wire.escape_ascii());
        }
    }
}

/// The sweep knows the names by a hash and one comparison: of all that is nearly a name it must know none.
#[test]
fn a_name_is_known_alike_however_it_is_spelled() {
    let rules = Rules::STRICT;
    let case = Case::request(&rules);
    let known = (1..=u32::from(BOJAGI_FIELD_TRACEPARENT)).map(|id| field_name(id).unwrap());
    for name in known.map(std::ffi::CStr::to_bytes) {
        let mut names = vec![name.to_ascii_lowercase(), name.to_ascii_uppercase()];
        names.extend((1..name.len()).map(|len| name[..len].to_vec()));
        names.extend((1..name.len()).map(|start| name[start..].to_vec()));
        names.extend([b"s", b"-", b":"].map(|more| [name, more].concat()));
        for (place, bit) in (0..name.len()).flat_map(|place| (0..7).map(move |bit| (place, bit))) {
            let mut other = name.to_vec();
            other[place] ^= 1 << bit;
            names.push(other);
        }
        for name in names {
            let wire = [b"GET / HTTP/1.0\r\n", &name[..], b": x\r\n\r\n"].concat();
            let wanted = byte_by_byte(case, &wire).pop().unwrap();
            for level in Level::all() {
                let padded = [&wire[..], &padding(4)].concat();
                let told = Reader::new(case, 8).look(level, &padded, wire.len());
                assert_eq!(told, wanted, "{level:?}: {}", wire.escape_ascii());
            }
        }
    }
}

/// More fields to take note of than one sweep takes, and more fields than there is room for.
#[test]
fn no_field_is_lost_where_a_sweep_ends() {
    let rules = Rules::STRICT;
    let mut pages = Pages::new(4096);
    for count in 0..40 {
        let lines =
            b"Connection: a\r\nX-Request-ID: 1\r\nExpect: b\r\nUpgrade: c\r\n".repeat(count);
        let wire =
            [b"GET / HTTP/1.1\r\nHost: h\r\n", &lines[..], b"Connection: close\r\n\r\n"].concat();
        let case = Case::request(&rules);
        let wanted = byte_by_byte(case, &wire).pop().unwrap();
        assert_eq!((wanted.answer, wanted.flags), (Ok(wire.len()), 0), "{wanted:?}");
        for level in Level::all() {
            for room in 0..12 {
                let told = Reader::new(case, room).look(level, pages.at_end(&wire), wire.len());
                assert_eq!(told, wanted, "{level:?}, {count} times, room for {room}");
            }
        }
    }
}

/// Limits that strike in the middle of such heads, and no limits.
fn rules_for_any() -> impl Strategy<Value = Rules> {
    let limit = |most: u32| prop_oneof![3 => Just(u32::MAX), 1 => 0..most];
    let flags = prop_oneof![2 => Just(0u32), 1 => 0..512u32];
    (limit(60), limit(200), limit(8), flags).prop_map(|(line, bytes, count, flags)| Rules {
        start_line_max: line,
        field_bytes_max: bytes,
        field_count_max: count,
        flags,
        ..Rules::STRICT
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(CASES) })]

    #[test]
    fn right_heads_are_judged_alike((data, answers) in heads::right_head(), ends in prop::collection::vec(any::<Index>(), 4)) {
        let rules = Rules::STRICT;
        let ends = ends.iter().map(|end| end.index(data.len())).chain([data.len()]);
        same(Case { answers, ..Case::request(&rules) }, &data, ends, &mut Pages::new(8192));
    }

    #[test]
    fn any_heads_are_judged_alike(
        (data, answers) in heads::any_head(), rules in rules_for_any(), ends in prop::collection::vec(any::<Index>(), 2),
    ) {
        let ends = ends.iter().map(|end| end.index(data.len())).chain([data.len()]);
        same(Case { answers, ..Case::request(&rules) }, &data, ends, &mut Pages::new(8192));
    }

    #[test]
    fn a_second_call_goes_on_where_the_first_one_stopped(
        (data, answers) in heads::any_head(), rules in rules_for_any(), cut in any::<Index>(), room in 0..12usize, full: bool,
    ) {
        let case = Case { rules: &rules, answers, full };
        same_in_two(case, &data, cut.index(data.len()), room, &mut Pages::new(8192));
    }
}

/// The heads of each kind that are made up.
const CASES: u32 = if cfg!(miri) { 3 } else { 600 };

fn vectors() -> impl Iterator<Item = Value> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/vectors");
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let texts = files.filter(|path| path.is_file()).map(|path| fs::read_to_string(path).unwrap());
    texts.flat_map(|text| {
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect::<Vec<_>>()
    })
}

/// A latin-1 image, or a list of `[image, times]`, as bytes.
fn bytes(value: &Value) -> Vec<u8> {
    let image = |text: &Value| {
        text.as_str().unwrap().chars().map(|c| u8::try_from(c).unwrap()).collect::<Vec<_>>()
    };
    let Some(pieces) = value.as_array() else { return image(value) };
    let times = |piece: &Value| usize::try_from(piece[1].as_u64().unwrap()).unwrap();
    pieces.iter().flat_map(|piece| image(&piece[0]).repeat(times(piece))).collect()
}

/// The rules about heads.
fn rules(vector: &Value) -> Rules {
    let limit = |name: &str, default| {
        vector["rules"][name].as_u64().map_or(default, |limit| u32::try_from(limit).unwrap())
    };
    let strict = Rules::STRICT;
    Rules {
        start_line_max: limit("start_line_max", strict.start_line_max),
        field_bytes_max: limit("field_bytes_max", strict.field_bytes_max),
        field_count_max: limit("field_count_max", strict.field_count_max),
        flags: vector["rules"]["flags"].as_array().into_iter().flatten().map(flag).sum(),
        ..strict
    }
}

/// The bit of the flags that has this name.
fn flag(name: &Value) -> u32 {
    match name.as_str().unwrap() {
        "ALLOW_BARE_LF" => BOJAGI_ALLOW_BARE_LF,
        "ALLOW_EQUAL_LENGTHS" => BOJAGI_ALLOW_EQUAL_LENGTHS,
        "ALLOW_MISSING_HOST" => BOJAGI_ALLOW_MISSING_HOST,
        "ALLOW_STATUS_999" => BOJAGI_ALLOW_STATUS_999,
        "ALLOW_SPACE_BEFORE_COLON" => BOJAGI_ALLOW_SPACE_BEFORE_COLON,
        "ALLOW_CHUNK_SPACE" => BOJAGI_ALLOW_CHUNK_SPACE,
        "ALLOW_START_LINE_SPACE" => BOJAGI_ALLOW_START_LINE_SPACE,
        "ALLOW_OBS_FOLD" => BOJAGI_ALLOW_OBS_FOLD,
        "REFUSE_NON_URI" => BOJAGI_REFUSE_NON_URI,
        name => panic!("a vector sets {name}"),
    }
}
