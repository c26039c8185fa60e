//! What is encoded is the naive writing of its parts and decodes to them; what is refused would not.

use crate::message::{End, Message};
use crate::parts::{Line, Parts, Start};
use crate::setting::strict;
use crate::wall::{ROOM, Wall};
use bojagi_codec::capi::code::BOJAGI_E_SPACE;
use bojagi_codec::capi::encode::*;
use bojagi_codec::capi::field::*;
use bojagi_codec::fault::*;
use bojagi_codec::framing::*;
use bojagi_codec::{Fault, Field, FieldLine};
use std::cell::RefCell;
use std::ffi::CStr;
use std::ptr::{null, null_mut};

thread_local! {
    static ROOMS: RefCell<(Wall, Message)> = RefCell::new((Wall::new(), Message::default()));
}

/// Writes the parts, and reads them.
pub fn judge(parts: &Parts<'_>) {
    ROOMS.with_borrow_mut(|(wall, message)| {
        let lines = parts.lines.iter().map(field_line).collect::<Vec<_>>();
        let naive = naive(parts);
        match write(wall, &naive, |out, cap, fault| head(parts.start, &lines, out, cap, fault)) {
            Ok(()) => {
                assert!(is_read_back(message, parts, &naive), "{:?}", naive.escape_ascii());
                judge_body(wall, message, parts, naive);
            }
            Err(fault) => check_refusal(message, parts, &naive, fault),
        }
    });
}

/// Asks for the size, writes it against the wall, and compares with the naive writing.
fn write(
    wall: &mut Wall,
    naive: &[u8],
    encode: impl Fn(*mut u8, usize, &mut Fault) -> i64,
) -> Result<(), Fault> {
    let mut fault = Fault::default();
    let size = encode(null_mut(), 0, &mut fault);
    let Ok(len) = usize::try_from(size) else {
        assert_eq!(size, if is_limit(fault.reason) { -6 } else { -7 }, "{fault:?}");
        assert!(fault.reason != 0 && fault.status == 0, "{fault:?}");
        return Err(fault);
    };
    assert!(len <= ROOM, "more than was asked for");
    let short = wall.end(len - 1);
    assert_eq!(encode(short.as_mut_ptr(), short.len(), &mut fault), BOJAGI_E_SPACE);
    let out = wall.end(len);
    assert_eq!(encode(out.as_mut_ptr(), out.len(), &mut fault), size, "the size asked for");
    assert_eq!(out.escape_ascii().to_string(), naive.escape_ascii().to_string());
    Ok(())
}

fn head(start: Start<'_>, lines: &[FieldLine], out: *mut u8, cap: usize, fault: &mut Fault) -> i64 {
    let (out, fields, count) = (out.cast(), lines.as_ptr(), lines.len());
    // SAFETY: there is room for `cap`, and the other lengths are those of slices.
    unsafe {
        match start {
            Start::Request(method, target) => {
                let (method, method_len) = (method.as_ptr().cast(), method.len());
                let (target, target_len) = (target.as_ptr().cast(), target.len());
                bojagi_request_encode(
                    out, cap, method, method_len, target, target_len, fields, count, fault,
                )
            }
            Start::Response(status, phrase) => {
                let (reason, len) = phrase.map_or((null(), 0), |p| (p.as_ptr().cast(), p.len()));
                bojagi_response_encode(out, cap, status, reason, len, fields, count, fault)
            }
        }
    }
}

/// A body behind the head, and the message read whole.
fn judge_body(wall: &mut Wall, message: &mut Message, parts: &Parts<'_>, mut wire: Vec<u8>) {
    let mut body = Vec::new();
    let mut has_trailers = false;
    match message.head.framing {
        BOJAGI_FRAMING_CHUNKED => {
            body = parts.chunks.concat();
            write_chunks(wall, parts, &mut wire);
            has_trailers = write_trailers(wall, parts, &mut wire);
        }
        BOJAGI_FRAMING_LENGTH if message.head.content_length < 100 => {
            body.resize(usize::try_from(message.head.content_length).unwrap(), b'x');
            wire.extend(&body);
        }
        _ => return,
    }
    let end = decode(message, parts, &wire);
    assert_eq!(end, End::Complete(wire.len()), "{:?}", wire.escape_ascii());
    assert_eq!(message.body, body, "the body");
    let trailers: &[Line<'_>] = if has_trailers { &parts.trailers } else { &[] };
    assert!(are_lines(message.trailers(), trailers, &wire[message.trailers_at..]), "the trailers");
}

fn write_chunks(wall: &mut Wall, parts: &Parts<'_>, wire: &mut Vec<u8>) {
    for chunk in parts.chunks.iter().filter(|chunk| !chunk.is_empty()) {
        let mut naive = format!("{:x}\r\n", chunk.len()).into_bytes();
        naive.extend(*chunk);
        naive.extend(b"\r\n");
        let written = write(wall, &naive, |out, cap, _| {
            // SAFETY: there is room for `cap`, the length is that of the chunk.
            unsafe { bojagi_chunk_encode(out.cast(), cap, chunk.as_ptr().cast(), chunk.len()) }
        });
        assert_eq!(written, Ok(()), "a chunk is refused");
        wire.extend(naive);
    }
}

/// The trailers of the parts, or none where these are refused: whether they were taken.
fn write_trailers(wall: &mut Wall, parts: &Parts<'_>, wire: &mut Vec<u8>) -> bool {
    let lines = parts.trailers.iter().map(field_line).collect::<Vec<_>>();
    let mut naive = b"0\r\n".to_vec();
    naive_lines(&mut naive, &parts.trailers);
    let written = write(wall, &naive, |out, cap, fault| {
        // SAFETY: there is room for `cap`, the count is that of the lines.
        unsafe { bojagi_trailers_encode(out.cast(), cap, lines.as_ptr(), lines.len(), fault) }
    });
    wire.extend(if written.is_ok() { &naive[..] } else { b"0\r\n\r\n" });
    written.is_ok()
}

/// What was refused is refused when it is read, or read as something else, or breaks a rule that
/// only a sender has.
fn check_refusal(message: &mut Message, parts: &Parts<'_>, naive: &[u8], fault: Fault) {
    let is_sender_rule = match fault.reason {
        // "A sender MUST NOT" (RFC 9112 section 6.1, RFC 9110 section 8.6); a recipient reads past it.
        BOJAGI_REASON_FIELD_FORBIDDEN => true,
        // Behind a 101 nothing is framed, so nothing is judged (RFC 9110 section 15.2.2).
        BOJAGI_REASON_CONTENT_LENGTH_INVALID..=BOJAGI_REASON_FRAMING_CONFLICT => {
            matches!(parts.start, Start::Response(101, _))
        }
        _ => false,
    };
    let shown = || naive.escape_ascii().to_string();
    assert!(is_sender_rule || !is_read_back(message, parts, naive), "{fault:?}: {}", shown());
}

/// Whether the wire is a head with exactly these parts.
fn is_read_back(message: &mut Message, parts: &Parts<'_>, wire: &[u8]) -> bool {
    if matches!(decode(message, parts, wire), End::NoHead(_) | End::PartOfHead) {
        return false;
    }
    let head = &message.head;
    let is_start = match parts.start {
        Start::Request(method, target) => {
            head.method.of(wire) == method && head.target.of(wire) == target
        }
        Start::Response(status, reason) => {
            let phrase = head.reason_phrase.of(wire);
            u32::from(head.status) == status && reason.is_none_or(|reason| phrase == reason)
        }
    };
    let is_whole = head.length as usize == wire.len() && head.version == 11;
    is_start && is_whole && are_lines(message.fields(), &parts.lines, wire)
}

fn decode(message: &mut Message, parts: &Parts<'_>, wire: &[u8]) -> End {
    let method = match parts.start {
        Start::Request(..) => None,
        Start::Response(..) => Some(1),
    };
    message.decode(&strict(), method, wire)
}

fn are_lines(fields: &[Field], lines: &[Line<'_>], data: &[u8]) -> bool {
    let is = |(field, line): (&Field, &Line<'_>)| {
        field.name(data) == name(line) && field.value(data) == line.value
    };
    fields.len() == lines.len() && fields.iter().zip(lines).all(is)
}

/// The parts, one after the other, unchecked.
fn naive(parts: &Parts<'_>) -> Vec<u8> {
    let mut wire = Vec::with_capacity(512);
    match parts.start {
        Start::Request(method, target) => {
            wire.extend([method, b" ", target, b" HTTP/1.1\r\n"].concat());
        }
        Start::Response(status, reason) => {
            // SAFETY: the answer is a static text.
            let known = unsafe { CStr::from_ptr(bojagi_status_phrase(status)) };
            wire.extend(format!("HTTP/1.1 {status} ").into_bytes());
            wire.extend(reason.unwrap_or(known.to_bytes()));
            wire.extend(b"\r\n");
        }
    }
    naive_lines(&mut wire, &parts.lines);
    wire
}

fn naive_lines(wire: &mut Vec<u8>, lines: &[Line<'_>]) {
    for line in lines {
        wire.extend([name(line), b": ", line.value, b"\r\n"].concat());
    }
    wire.extend(b"\r\n");
}

fn name<'a>(line: &Line<'a>) -> &'a [u8] {
    let known = bojagi_field_name(line.id);
    if known.is_null() {
        return line.name;
    }
    // SAFETY: not NULL, so a static text.
    unsafe { CStr::from_ptr(known) }.to_bytes()
}

fn field_line(line: &Line<'_>) -> FieldLine {
    FieldLine {
        name: line.name.as_ptr().cast(),
        name_len: line.name.len(),
        value: line.value.as_ptr().cast(),
        value_len: line.value.len(),
        id: line.id,
        reserved: 0,
    }
}
