//! llhttp beside us: what we accept it accepts, with the same parts, the same body, the same end.
//!
//! We are stricter, so nothing follows from what it accepts. The exceptions, where it refuses or reads in
//! another way what we read, each with the RFC's word:
//!
//! - It knows a list of methods; `method = token` (RFC 9110 section 9.1), so other methods are left out.
//! - It takes letters alone in the scheme of an absolute target; digits, `+`, `-` and `.` may follow the
//!   first (RFC 3986 section 3.1).
//! - It does not read a Transfer-Encoding, Connection or Content-Length with HTAB around its tokens as what
//!   it is; `OWS = *( SP / HTAB )` (RFC 9110 section 5.6.3).
//! - It judges Content-Length and Transfer-Encoding also where a tunnel begins; "a client MUST ignore any"
//!   of them "received in a successful response to CONNECT" (RFC 9110 section 9.3.6).
//! - It knows 100 to 103 alone to have no body; "any response with a 1xx (Informational)" has none,
//!   "regardless of the header fields present" (RFC 9112 section 6.3).
//! - It says of a tunnel whether it keeps alive; behind a 2xx to CONNECT, and a 101, no message follows
//!   (RFC 9110 section 9.3.6, section 7.8), so nobody may ask.
//! - It ends the connection behind an interim response with `Connection: close`, or of HTTP/1.0; "a
//!   client MUST be able to parse one or more 1xx responses received prior to a final response" (RFC
//!   9110 section 15.2).
//! - It lets keep-alive win over close in HTTP/1.0, and takes it in HTTP/0.9; close comes first, and
//!   keep-alive counts when "the received protocol is HTTP/1.0" (RFC 9112 section 9.3).

use crate::message::{End, Message};
use crate::peer::{check_line, with_accepted};
use crate::wall::ROOM;
use bojagi_codec::framing::*;
use bojagi_codec::head::BOJAGI_HEAD_KEEP_ALIVE;
use bojagi_codec::known::*;
use bojagi_codec::method::BOJAGI_METHOD_HEAD;
use bojagi_codec::target::BOJAGI_TARGET_ABSOLUTE;
use bojagi_codec::{Field, Head};
use std::cell::RefCell;
use std::ffi::c_int;

/// A part of the data.
#[repr(C)]
#[derive(Clone, Copy, Default)]
struct Piece {
    off: usize,
    len: usize,
}

/// What llhttp said: `struct said` of `c/llhttp.c`.
#[repr(C)]
#[derive(Default)]
struct Said {
    error: i32,
    head_is_complete: i32,
    is_complete: i32,
    version: i32,
    status: i32,
    keeps_alive: i32,
    target: Piece,
    reason: Piece,
    end: usize,
    fields: usize,
    all_fields: usize,
    body: usize,
}

unsafe extern "C" {
    fn bojagi_fuzz_llhttp(
        data: *const u8,
        len: usize,
        is_response: c_int,
        what_follows: c_int,
        said: *mut Said,
        lines: *mut Piece,
        cap: usize,
        body: *mut u8,
    );
    fn bojagi_fuzz_llhttp_knows(method: *const u8, len: usize) -> c_int;
}

/// Memory that every input uses again.
struct Theirs {
    said: Said,
    lines: Vec<Piece>,
    body: Vec<u8>,
}

thread_local! {
    static THEIRS: RefCell<Theirs> = RefCell::new(Theirs {
        said: Said::default(),
        lines: vec![Piece::default(); 2048],
        body: vec![0; ROOM],
    });
}

/// Holds one input against llhttp.
pub fn judge(input: &[u8]) {
    with_accepted(input, |data, method, ours, end| {
        if !is_exception(data, &ours.head) && !has_tab(ours, data) && !is_framed_bodiless(ours) {
            THEIRS.with_borrow_mut(|theirs| {
                theirs.read(data, method, &ours.head);
                theirs.check(data, ours, end);
            });
        }
    });
}

/// Whether llhttp is known to see it differently; the module's page says why.
fn is_exception(data: &[u8], head: &Head) -> bool {
    let method = head.method.of(data);
    // SAFETY: the bytes are borrowed for the call.
    let knows = || unsafe { bojagi_fuzz_llhttp_knows(method.as_ptr(), method.len()) } == 1;
    let scheme = head.target.of(data).split(|&byte| byte == b':').next();
    let is_absolute = head.target_form == BOJAGI_TARGET_ABSOLUTE;
    let has_letters = scheme.is_some_and(|scheme| scheme.iter().all(u8::is_ascii_alphabetic));
    head.status == 0 && (!knows() || (is_absolute && !has_letters))
}

/// Whether HTAB stands in the line of a field that llhttp gives a meaning.
fn has_tab(ours: &Message, data: &[u8]) -> bool {
    ours.fields().iter().any(|field| {
        let line = data[field.name_off as usize..].split(|&byte| byte == b'\r').next();
        MEANINGS.contains(&field.id) && line.is_some_and(|line| line.contains(&b'\t'))
    })
}

/// Whether a response frames a body where none can follow and llhttp does not know it.
fn is_framed_bodiless(ours: &Message) -> bool {
    let frames = [BOJAGI_FIELD_TRANSFER_ENCODING, BOJAGI_FIELD_CONTENT_LENGTH];
    let opens = ours.head.status != 0 && ours.head.framing == BOJAGI_FRAMING_TUNNEL;
    let is_unknown = (104..200).contains(&ours.head.status);
    (opens || is_unknown) && ours.fields().iter().any(|field| frames.contains(&field.id))
}

const MEANINGS: [u16; 3] =
    [BOJAGI_FIELD_TRANSFER_ENCODING, BOJAGI_FIELD_CONNECTION, BOJAGI_FIELD_CONTENT_LENGTH];

impl Theirs {
    fn read(&mut self, data: &[u8], method: Option<u32>, head: &Head) {
        let (bytes, len) = (data.as_ptr(), data.len());
        let follows = match method {
            Some(_) if head.framing == BOJAGI_FRAMING_TUNNEL => 2,
            Some(method) if method == u32::from(BOJAGI_METHOD_HEAD) => 1,
            _ => 0,
        };
        let response = c_int::from(method.is_some());
        let (lines, cap, body) =
            (self.lines.as_mut_ptr(), self.lines.len(), self.body.as_mut_ptr());
        // SAFETY: `lines` has room for `cap`, `body` for as many bytes as an input can have.
        unsafe {
            bojagi_fuzz_llhttp(bytes, len, response, follows, &mut self.said, lines, cap, body);
        }
    }

    fn check(&self, data: &[u8], ours: &Message, end: End) {
        let said = &self.said;
        let error = || format!("llhttp's error {} in {}", said.error, data.escape_ascii());
        let may_be_bad = matches!(end, End::BadBody(_) | End::PartOfTrailers);
        assert!(said.error == 0 || may_be_bad, "{}", error());
        assert!(said.head_is_complete == 1, "llhttp sees no head: {}", error());
        self.check_head(data, ours);
        match end {
            End::Complete(length) => {
                assert_eq!((said.is_complete, said.end), (1, length), "the end");
                assert_eq!(self.body[..said.body], ours.body, "the body");
                let trailers = &self.lines[said.fields..said.all_fields];
                check_lines(ours.trailers(), ours.trailers_at, trailers, data);
            }
            End::PartOfBody => {
                assert_eq!(said.is_complete, 0, "complete for llhttp alone");
                assert_eq!(self.body[..said.body], ours.body, "the body so far");
            }
            _ => {}
        }
    }

    fn check_head(&self, data: &[u8], ours: &Message) {
        let (said, head) = (&self.said, &ours.head);
        assert_eq!(said.version, i32::from(head.version), "the version");
        assert_eq!(said.status, i32::from(head.status), "the status");
        let part = |piece: Piece| &data[piece.off..piece.off + piece.len];
        assert_eq!(part(said.target), head.target.of(data), "the target");
        assert_eq!(part(said.reason), head.reason_phrase.of(data), "the reason phrase");
        check_lines(ours.fields(), 0, &self.lines[..said.fields], data);
        let keeps_alive = i32::from(head.flags & BOJAGI_HEAD_KEEP_ALIVE != 0);
        if !(is_interim(head) || head.framing == BOJAGI_FRAMING_TUNNEL || says_both(ours, data)) {
            assert_eq!(said.keeps_alive, keeps_alive, "keep-alive");
        }
    }
}

fn is_interim(head: &Head) -> bool {
    (100..200).contains(&head.status)
}

/// Whether an HTTP/1.0 message has both close and keep-alive in Connection, or is of an older version.
fn says_both(ours: &Message, data: &[u8]) -> bool {
    let is = |field: &&Field| field.id == BOJAGI_FIELD_CONNECTION;
    let values = ours.fields().iter().filter(is).map(|field| field.value(data));
    let all = values.collect::<Vec<_>>().join(&b',').to_ascii_lowercase();
    let says = |token: &[u8]| all.windows(token.len()).any(|part| part == token);
    (ours.head.version == 10 && says(b"close") && says(b"keep-alive")) || ours.head.version < 10
}

fn check_lines(ours: &[Field], base: usize, theirs: &[Piece], data: &[u8]) {
    assert_eq!(theirs.len(), 2 * ours.len(), "the number of fields");
    for (ours, theirs) in ours.iter().zip(theirs.chunks(2)) {
        let [name, value] = [theirs[0], theirs[1]].map(|piece| (piece.off, piece.len));
        check_line(ours, base, data, name, value);
    }
}
