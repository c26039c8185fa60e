//! A body, decoded in every way: whole, cut in two, byte by byte, in place; and what follows it.

use crate::machine::{FIELDS, body_after, chunked_body};
use crate::setting::Setting;
use crate::wall::{ROOM, Wall};
use bojagi_codec::body::*;
use bojagi_codec::capi::body::*;
use bojagi_codec::capi::code::BOJAGI_E_SPACE;
use bojagi_codec::fault::*;
use bojagi_codec::{Body, Fault, Field, Span};
use std::cell::RefCell;

/// What can be seen when a body is over or no more bytes come.
#[derive(Clone, Debug, Default, PartialEq)]
struct Outcome {
    answer: i64,
    used: usize,
    state: u8,
    remaining: u64,
    total: u64,
    trailers: u32,
    fault: Fault,
    offset: u64,
    ended: i64,
}

/// Memory that every input uses again.
struct Room {
    wall: Wall,
    pieces: Vec<u8>,
    spans: Vec<Span>,
    fields: Vec<Field>,
    body: Vec<u8>,
    other: Vec<u8>,
}

thread_local! {
    static ROOMS: RefCell<Room> = RefCell::new(Room {
        wall: Wall::new(),
        pieces: vec![0; ROOM],
        spans: vec![Span::default(); 256],
        fields: vec![Field::default(); FIELDS],
        body: Vec::with_capacity(ROOM),
        other: Vec::with_capacity(ROOM),
    });
}

/// Decodes the data as a body in every way and compares.
pub fn judge(setting: &Setting, data: &[u8]) {
    if data.len() > ROOM / 2 {
        return;
    }
    let fresh = begin(setting);
    ROOMS.with_borrow_mut(|room| {
        let whole = room.whole(fresh, data);
        room.cut(fresh, setting, data, &whole);
        room.bytes(fresh, setting, data, &whole);
        room.in_place(fresh, setting, data, &whole);
        check_fault(&whole, data.len());
        assert!(whole.total <= setting.rules.body_max, "a body of {}", whole.total);
        if fresh.framing == CHUNKED && setting.rules.flags == 0 && whole.state == BOJAGI_BODY_DONE {
            let extensions = check_chunks(&data[..whole.used], &room.body);
            assert!(extensions <= setting.rules.chunk_extension_max as usize, "{extensions}");
        }
        if whole.answer < 0 {
            check_completion(fresh, &whole, data);
        }
    });
}

const CHUNKED: u8 = bojagi_codec::framing::BOJAGI_FRAMING_CHUNKED;

/// The body of a request or response, mostly chunked, as the setting says.
fn begin(setting: &Setting) -> Body {
    let length = (setting.number() as u64).min(setting.rules.body_max);
    let head = format!("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: {length}\r\n\r\n");
    match setting.method {
        1 => body_after(&setting.rules, head.as_bytes(), None),
        2 => body_after(&setting.rules, b"HTTP/1.1 200 OK\r\n\r\n", Some(1)),
        3 => {
            let head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
            body_after(&setting.rules, head, Some(1))
        }
        _ => chunked_body(&setting.rules),
    }
}

/// One decoder at work: where it stands, and what it has handed out.
struct Feed<'a> {
    body: Body,
    at: usize,
    answer: i64,
    cap: usize,
    trailer_cap: usize,
    spans: &'a mut [Span],
    fields: &'a mut [Field],
    out: &'a mut Vec<u8>,
}

impl Room {
    fn whole(&mut self, fresh: Body, data: &[u8]) -> Outcome {
        let Self { wall, spans, fields, body, .. } = self;
        let mut feed = Feed::new(fresh, spans.len(), spans, fields, body);
        while feed.step(wall.at_end(&data[feed.at..])) {}
        feed.outcome()
    }

    fn cut(&mut self, fresh: Body, setting: &Setting, data: &[u8], whole: &Outcome) {
        let Self { wall, spans, fields, other, .. } = self;
        let mut feed = Feed::new(fresh, setting.cap as usize + 1, spans, fields, other);
        for end in [setting.cut(data.len()), data.len()] {
            while feed.at <= end && feed.step(wall.at_end(&data[feed.at..end])) {}
        }
        let outcome = feed.outcome();
        self.check_same(whole, outcome, "cut");
    }

    fn bytes(&mut self, fresh: Body, setting: &Setting, data: &[u8], whole: &Outcome) {
        let Self { pieces, spans, fields, other, .. } = self;
        let mut feed = Feed::new(fresh, 1, spans, fields, other);
        pieces[..=data.len()].fill(setting.noise);
        for end in 0..=data.len() {
            if let Some(at) = end.checked_sub(1) {
                pieces[at] = data[at];
            }
            while feed.step(&pieces[feed.at..end]) {}
        }
        let outcome = feed.outcome();
        self.check_same(whole, outcome, "byte by byte");
    }

    fn in_place(&mut self, fresh: Body, setting: &Setting, data: &[u8], whole: &Outcome) {
        let Self { wall, spans, fields, other, .. } = self;
        let mut feed = Feed::new(fresh, 1, spans, fields, other);
        for end in [setting.cut(data.len()), data.len()] {
            while feed.at <= end && feed.step_in_place(wall, &data[feed.at..end]) {}
        }
        let outcome = feed.outcome();
        self.check_same(whole, outcome, "in place");
    }

    fn check_same(&self, whole: &Outcome, other: Outcome, how: &str) {
        assert_eq!(other, *whole, "{how}");
        assert_eq!(self.other, self.body, "the body, {how}");
    }
}

impl<'a> Feed<'a> {
    fn new(
        body: Body,
        cap: usize,
        spans: &'a mut [Span],
        fields: &'a mut [Field],
        out: &'a mut Vec<u8>,
    ) -> Self {
        out.clear();
        Self { body, at: 0, answer: 0, cap, trailer_cap: 0, spans, fields, out }
    }

    /// One call with the bytes that follow those used; false when more must come, or nothing more will.
    fn step(&mut self, data: &[u8]) -> bool {
        match (self.answer, self.body.state) {
            (0.., BOJAGI_BODY_DATA) => self.data(data),
            (0.., BOJAGI_BODY_TRAILERS) => self.trailers(data),
            _ => false,
        }
    }

    fn data(&mut self, data: &[u8]) -> bool {
        let spans = &mut self.spans[..self.cap];
        let (bytes, len) = (data.as_ptr().cast(), data.len());
        let cap = u32::try_from(spans.len()).expect("few spans");
        // SAFETY: the body has begun, and the lengths are those of the slices.
        let used =
            unsafe { bojagi_body_decode(&mut self.body, bytes, len, spans.as_mut_ptr(), cap) };
        if used >= 0 {
            for span in &self.spans[..self.body.span_count as usize] {
                let end = (span.off + span.len) as usize;
                assert!(end <= usize::try_from(used).unwrap() && span.len > 0, "{span:?}");
                self.out.extend(&data[span.off as usize..end]);
            }
        }
        self.used(used)
    }

    fn step_in_place(&mut self, wall: &mut Wall, data: &[u8]) -> bool {
        let place = wall.at_end(data);
        if self.answer < 0 || self.body.state != BOJAGI_BODY_DATA {
            return self.step(place);
        }
        let mut kept = 0;
        let (bytes, len) = (place.as_mut_ptr().cast(), place.len());
        // SAFETY: the body has begun, and the length is that of the slice.
        let used = unsafe { bojagi_body_compact(&mut self.body, bytes, len, &mut kept) };
        if let Ok(used) = usize::try_from(used) {
            assert!(kept <= used, "more kept than used");
            assert_eq!(place[used..], data[used..], "what was not used has changed");
            self.out.extend(&place[..kept]);
        }
        self.used(used)
    }

    fn used(&mut self, used: i64) -> bool {
        self.answer = used.min(0);
        self.at += usize::try_from(used).unwrap_or(0);
        assert_eq!(self.body.total, self.out.len() as u64, "the total");
        used > 0 || (used == 0 && self.body.state != BOJAGI_BODY_DATA)
    }

    fn trailers(&mut self, data: &[u8]) -> bool {
        let (bytes, len) = (data.as_ptr().cast(), data.len());
        let mut length = BOJAGI_E_SPACE;
        while length == BOJAGI_E_SPACE {
            let fields = &mut self.fields[..self.trailer_cap];
            let cap = u32::try_from(fields.len()).expect("few fields");
            let (body, array) = (&mut self.body, fields.as_mut_ptr());
            // SAFETY: the body has begun, and the lengths are those of the slices.
            length = unsafe { bojagi_trailers_decode(body, array, cap, bytes, len) };
            self.trailer_cap += usize::from(length == BOJAGI_E_SPACE);
        }
        self.answer = length.min(0);
        self.at += usize::try_from(length).unwrap_or(0);
        length > 0
    }

    fn outcome(mut self) -> Outcome {
        let trailers = if self.body.state == BOJAGI_BODY_DATA { 0 } else { self.body.span_count };
        let (fault, offset) = (self.body.fault, self.body.offset);
        // SAFETY: the body has begun.
        let ended = unsafe { bojagi_body_end(&mut self.body) };
        // Where a call fails, how much was used before it depends on where the call began.
        let (used, offset) = if self.answer < 0 { (0, 0) } else { (self.at, offset) };
        Outcome {
            answer: self.answer,
            used,
            state: self.body.state,
            remaining: self.body.remaining,
            total: self.body.total,
            trailers,
            fault,
            offset,
            ended,
        }
    }
}

fn check_fault(whole: &Outcome, len: usize) {
    let fault = whole.fault;
    if whole.answer >= 0 {
        assert_eq!(fault, Fault::default(), "a fault though nothing is wrong");
        return;
    }
    assert_eq!(whole.answer, if is_limit(fault.reason) { -6 } else { -7 }, "{fault:?}");
    assert_eq!(whole.ended, whole.answer, "the end of a body that has failed");
    assert!(fault.reason != 0 && fault.status >= 400, "{fault:?}");
    assert!(fault.offset as usize <= len, "{fault:?} beyond the data");
}

/// The chunks, read in the plainest way, hold the body: the bytes of their extensions. Strict input only.
fn check_chunks(wire: &[u8], body: &[u8]) -> usize {
    let (mut rest, mut left, mut extensions) = (wire, body, 0);
    loop {
        let end = rest.windows(2).position(|two| two == b"\r\n").expect("a size line");
        let line = &rest[..end];
        let digits = line.split(|&byte| byte == b';').next().expect("a size");
        let size = str::from_utf8(digits).ok().and_then(|d| usize::from_str_radix(d, 16).ok());
        let size = size.expect("a hexadecimal size");
        extensions += line.len() - digits.len();
        rest = &rest[end + 2..];
        if size == 0 {
            break;
        }
        left = left.strip_prefix(&rest[..size]).expect("the data of the chunk");
        rest = rest[size..].strip_prefix(b"\r\n").expect("CR LF behind the data");
    }
    assert!(left.is_empty(), "more body than chunks");
    assert!(rest == b"\r\n" || rest.ends_with(b"\r\n\r\n"), "the end of the trailers");
    extensions
}

/// What stands before the fault can be completed, and with the byte at fault it cannot.
fn check_completion(fresh: Body, whole: &Outcome, data: &[u8]) {
    let chunk_reasons = BOJAGI_REASON_CHUNK_SIZE..=BOJAGI_REASON_CHUNK_END;
    let offset = whole.fault.offset as usize;
    if !chunk_reasons.contains(&whole.fault.reason) {
        return;
    }
    let shown = || data[..offset].escape_ascii().to_string();
    assert!(has_completion(fresh, &data[..offset]), "nothing begins with {:?}", shown());
    assert!(!is_open(fresh, &data[..=offset]), "{:?} was not wrong: {:?}", data[offset], shown());
}

fn is_open(fresh: Body, data: &[u8]) -> bool {
    skip(fresh, data).is_some()
}

fn has_completion(fresh: Body, data: &[u8]) -> bool {
    let Some(body) = skip(fresh, data) else { return false };
    let tails = [&b"\r\n"[..], b"0\r\n", b"\n", b"a\r\n", b"\"\r\n", b"a\"\r\n"];
    tails.into_iter().filter_map(|tail| skip(body, tail)).any(|body| {
        let is_in_data = body.remaining > 0 || body.state != BOJAGI_BODY_DATA;
        is_in_data || skip(body, b"0\r\n").is_some()
    })
}

/// The decoder behind these bytes, unless they are refused.
fn skip(mut body: Body, mut data: &[u8]) -> Option<Body> {
    let mut span = Span::default();
    loop {
        let (bytes, len) = (data.as_ptr().cast(), data.len());
        // SAFETY: the body has begun, and there is room for one span.
        let used = unsafe { bojagi_body_decode(&mut body, bytes, len, &mut span, 1) };
        match usize::try_from(used) {
            Ok(0) => return Some(body),
            Ok(used) => data = &data[used..],
            // A limit says nothing about the bytes.
            Err(_) => return (used == -6).then_some(body),
        }
    }
}
