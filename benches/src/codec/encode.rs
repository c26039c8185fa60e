//! Encoding the heads of responses: ours checks all that it writes, the peers write it as it is.
#![allow(unsafe_code, reason = "a C function is called")]

use std::cell::Cell;
use std::ffi::{CStr, c_char};
use std::hint::black_box;
use std::io::Write as _;
use std::path::Path;

use crate::bojagi::{self, FieldLine};
use crate::corpus;
use bojagi_bench::library::Library;
use bojagi_bench::measure::{Contender, Outcome, Plan, Role, measure, median};
use bojagi_bench::random::Random;
use bojagi_bench::report::Row;

/// The output buffer of every contender.
pub const ROOM: usize = 4096;

/// A head to encode, and the bytes that must come out.
pub struct Message {
    pub status: u32,
    phrase: &'static CStr,
    /// They point into `text`.
    pub lines: Vec<FieldLine>,
    text: Box<[u8]>,
    checking: Cell<bool>,
}

impl Message {
    /// The message whose head this is, its fields named by id where `id` knows one.
    fn new(head: &[u8], id: impl Fn(&[u8]) -> Result<u32, String>) -> Result<Self, String> {
        let text: Box<[u8]> = head.into();
        let lines = std::str::from_utf8(&text).map_err(|_| "a head that is no text")?;
        let mut lines = lines.split_terminator("\r\n");
        let status = lines.next().and_then(|line| line.get(9..12)).and_then(|s| s.parse().ok());
        let status = status.ok_or("a head without a status")?;
        let mut fields = Vec::new();
        for (name, value) in lines.filter_map(|line| line.split_once(": ")) {
            let (id, value_len) = (id(name.as_bytes())?, value.len());
            let (name_len, value) = (name.len(), value.as_ptr());
            fields.push(FieldLine {
                name: name.as_ptr(),
                name_len,
                value,
                value_len,
                id,
                reserved: 0,
            });
        }
        let phrase = PHRASES.iter().find(|(listed, _)| *listed == status);
        let phrase = phrase.ok_or("a status without a phrase")?.1;
        Ok(Self { status, phrase, lines: fields, text, checking: Cell::new(false) })
    }

    /// What was written, compared with the text while that is being checked.
    #[inline(always)]
    pub fn outcome(&self, written: &[u8]) -> Outcome {
        let is_text = !self.checking.get() || written == &*self.text;
        Outcome { length: written.len(), count: usize::from(is_text) }
    }
}

/// The rows `encode` and `encode-mix`, by id, and `encode-names`.
pub fn rows(
    library: &Library,
    peers: &Path,
    turns: usize,
    random: &mut Random,
) -> Result<Vec<Row>, String> {
    let by_id = |name: &[u8]| bojagi::field_id(library, name);
    let mix = corpus::responses(random);
    let mix: Result<Vec<_>, _> = mix.iter().map(|head| Message::new(head, by_id)).collect();
    let one = corpus::RESPONSE.as_bytes();
    let cases = [
        ("encode", vec![Message::new(one, by_id)?]),
        ("encode-names", vec![Message::new(one, |_| Ok(0))?]),
        ("encode-mix", mix?),
    ];
    let mut contenders = vec![bojagi::encode(library)?, vec_appends(), snprintf(peers)?, memcpy()];
    let mut rows = Vec::new();
    for (name, messages) in cases {
        check(name, &messages, &mut contenders)?;
        let bytes: usize = messages.iter().map(|message| message.text.len()).sum();
        let times = measure(&mut contenders, &messages, Plan { turns, runs: 2048 }, random);
        let figures: Vec<f64> = times.iter().map(|times| median(times)).collect();
        let bytes = bytes as f64 / messages.len() as f64;
        rows.push(Row::new((name, "full", "ns"), "ours", &contenders, &figures, bytes));
    }
    Ok(rows)
}

fn check(
    name: &str,
    messages: &[Message],
    contenders: &mut [Contender<Message>],
) -> Result<(), String> {
    for message in messages {
        message.checking.set(true);
        let expected = Outcome { length: message.text.len(), count: 1 };
        for contender in contenders.iter_mut() {
            contender.check(message, expected).map_err(|told| format!("{name}: {told}"))?;
        }
        message.checking.set(false);
    }
    Ok(())
}

/// What a Rust program does by hand, into a Vec that it keeps.
fn vec_appends() -> Contender<Message> {
    let mut out = Vec::with_capacity(ROOM);
    Contender::new("vec", Role::Peer, move |message: &Message| {
        out.clear();
        out.extend_from_slice(b"HTTP/1.1 ");
        let _ = write!(out, "{}", message.status);
        out.push(b' ');
        out.extend_from_slice(message.phrase.to_bytes());
        out.extend_from_slice(b"\r\n");
        for line in &message.lines {
            // SAFETY: name and value point into the text of the message.
            let (name, value) = unsafe {
                (
                    std::slice::from_raw_parts(line.name, line.name_len),
                    std::slice::from_raw_parts(line.value, line.value_len),
                )
            };
            for part in [name, b": ", value, b"\r\n"] {
                out.extend_from_slice(part);
            }
        }
        out.extend_from_slice(b"\r\n");
        message.outcome(black_box(&out))
    })
}

type Snprintf =
    unsafe extern "C" fn(*mut u8, usize, u32, *const c_char, *const FieldLine, usize) -> usize;

/// What a C program does by hand.
fn snprintf(peers: &Path) -> Result<Contender<Message>, String> {
    // SAFETY: the type is that of c/snprintf.c.
    let snprintf: Snprintf =
        unsafe { Library::open(&peers.join("snprintf.so"))?.function(c"bench_snprintf")? };
    let mut out = vec![0u8; ROOM];
    Ok(Contender::new("snprintf", Role::Peer, move |message: &Message| {
        let (phrase, lines) = (message.phrase.as_ptr(), &message.lines);
        let (room, cap) = (out.as_mut_ptr(), out.len());
        // SAFETY: `out` has that room, the lines point into the message.
        let written =
            unsafe { snprintf(room, cap, message.status, phrase, lines.as_ptr(), lines.len()) };
        message.outcome(&out[..written])
    }))
}

fn memcpy() -> Contender<Message> {
    let mut out = vec![0u8; ROOM];
    Contender::new("memcpy", Role::Limit, move |message: &Message| {
        let len = message.text.len();
        out[..len].copy_from_slice(&message.text);
        message.outcome(black_box(&out[..len]))
    })
}

const PHRASES: [(u32, &CStr); 4] =
    [(200, c"OK"), (301, c"Moved Permanently"), (304, c"Not Modified"), (404, c"Not Found")];
