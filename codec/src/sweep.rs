//! Whole lines at a time: the fast way through the head of a message.
//!
//! The state machines of `request.rs`, `response.rs` and `section.rs` know every rule, and where exactly
//! each is broken, but look at one part of a line after the other. Nearly all heads are valid, and nearly
//! all of their lines are there when they are looked at. For those a [`Kernel`] says of 64 bytes at once
//! where lines end, and of 32 bytes where a name does.
//!
//! A line that is not plainly right (a rule broken, a limit reached, a part missing, a leniency needed) is
//! left as it stands, and the machine reads it from its first byte. So there is one place that decides
//! about a fault, and the sweep only has to be right about what it takes.

use crate::field::{Field, Fields, Span};
use crate::head::{BEGIN, Head, REQUEST};
use crate::known::*;
use crate::method::{BOJAGI_METHOD_CONNECT, method_id};
use crate::offset::{index, narrow};
use crate::rules::BOJAGI_REFUSE_NON_URI;
use crate::simd::{BLOCK, Kernel, WINDOW, token_len};
use crate::target::BOJAGI_TARGET_ORIGIN;
use crate::token::{is_ows, trim, trim_start};
use core::mem::MaybeUninit;

/// The data of one call.
#[derive(Clone, Copy)]
pub(crate) struct View<'a> {
    /// All bytes that may be read; those behind `end` mean nothing.
    pub bytes: &'a [u8],
    /// The number of bytes that have arrived.
    pub end: usize,
}

impl<'a> View<'a> {
    #[inline(always)]
    pub(crate) fn whole(bytes: &'a [u8]) -> Self {
        Self { bytes, end: bytes.len() }
    }

    /// The bytes that have arrived.
    #[inline(always)]
    pub(crate) fn data(&self) -> &'a [u8] {
        self.bytes.get(..self.end).unwrap_or(self.bytes)
    }
}

/// How far the sweep came.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Progress {
    /// The empty line is behind us.
    Complete,
    /// The machine has to look at what comes next.
    Stopped,
}

/// Takes the start line, if it is still to come, and as many field lines as it can.
#[inline(always)]
pub(crate) fn lines<K: Kernel>(
    head: &mut Head,
    fields: &mut Fields<'_>,
    view: View<'_>,
) -> Progress {
    let mut copy = [0; COPY];
    let mut sight = Sight::new(view, &mut copy);
    if head.line.phase == BEGIN {
        let taken = match head.line.kind {
            REQUEST => request_line::<K>(head, view, sight),
            _ => status_line::<K>(head, view, sight),
        };
        if taken.is_none() {
            return Progress::Stopped;
        }
    }
    let mut rest = Rest::new(head, fields, view);
    let mut from = rest.line;
    let stop = loop {
        match field_lines::<K>(head, fields, &mut rest, sight, from) {
            Stop::Short(base) if !sight.is_copy => {
                from = base;
                sight = Sight::tail(view, base, &mut copy);
            }
            stop => break stop,
        }
    };
    rest.save(head);
    match stop {
        Stop::Complete => Progress::Complete,
        _ => Progress::Stopped,
    }
}

/// `method SP target SP HTTP/1.x CR LF`, with the first byte of the data.
#[inline(always)]
fn request_line<K: Kernel>(head: &mut Head, view: View<'_>, sight: Sight<'_>) -> Option<()> {
    let data = view.data();
    let method_len = K::not_token(sight.window(0)?).trailing_zeros() as usize;
    let method = data.get(..method_len)?;
    let start = method_len + 1;
    let target_len = target_len::<K>(sight, start)?;
    let target = data.get(start..start + target_len)?;
    let end = start + target_len;
    if method.is_empty() || data.get(method_len) != Some(&b' ') || data.get(end) != Some(&b' ') {
        return None;
    }
    let version = version(data.get(end + 1..)?.first_chunk()?)?;
    let after = line_end(head, data, end + 9)?;
    let id = method_id(method);
    let form = match target {
        [b'/', ..] if id != BOJAGI_METHOD_CONNECT && !head.rules.has(BOJAGI_REFUSE_NON_URI) => {
            BOJAGI_TARGET_ORIGIN
        }
        _ => head.form_of_target(id, target).ok()?,
    };
    head.method_id = id;
    head.target_form = form;
    head.method = Span { off: 0, len: narrow(method_len) };
    head.target = Span { off: narrow(start), len: narrow(target_len) };
    head.begin_section(version, after);
    Some(())
}

/// The length of the target that begins at `start`, when its end is in sight.
#[inline(always)]
fn target_len<K: Kernel>(sight: Sight<'_>, start: usize) -> Option<usize> {
    let mut at = start;
    loop {
        let stops = K::not_target(sight.block(at)?);
        if stops != 0 {
            return Some(at - start + stops.trailing_zeros() as usize);
        }
        at += BLOCK;
    }
}

/// `HTTP/1.x SP status SP phrase CR LF`, with the first byte of the data.
#[inline(always)]
fn status_line<K: Kernel>(head: &mut Head, view: View<'_>, sight: Sight<'_>) -> Option<()> {
    let data = view.data();
    let (line, _) = data.split_first_chunk::<13>()?;
    let [start @ .., b' ', hundreds @ b'1'..=b'5', tens @ b'0'..=b'9', ones @ b'0'..=b'9', b' '] =
        line
    else {
        return None;
    };
    let version = version(start)?;
    let mut end = line.len();
    loop {
        let stops = K::not_text(sight.block(end)?);
        if stops != 0 {
            end += stops.trailing_zeros() as usize;
            break;
        }
        end += BLOCK;
    }
    let after = line_end(head, data, end)?;
    let digit = |byte: &u8| u16::from(byte & 15);
    head.status = digit(hundreds) * 100 + digit(tens) * 10 + digit(ones);
    head.reason_phrase = Span::between(narrow(line.len()), narrow(end));
    head.begin_section(version, after);
    Some(())
}

#[inline(always)]
fn version(bytes: &[u8; 8]) -> Option<u8> {
    match bytes {
        b"HTTP/1.1" => Some(11),
        b"HTTP/1.0" => Some(10),
        _ => None,
    }
}

/// The offset behind the CR LF at `end`, when the start line is within its limit.
#[inline(always)]
fn line_end(head: &Head, data: &[u8], end: usize) -> Option<u32> {
    let is_end = data.get(end..)?.first_chunk() == Some(b"\r\n");
    let is_within = end <= index(head.rules.start_line_max);
    (is_end && is_within).then(|| narrow(end + 2))
}

/// What stands between the field lines taken so far and the rest.
struct Rest<'a> {
    view: View<'a>,
    /// The offset of the next line.
    line: usize,
    count: u32,
    /// The number of fields that there may be.
    count_max: u32,
}

impl<'a> Rest<'a> {
    #[inline(always)]
    fn new(head: &Head, fields: &Fields<'_>, view: View<'a>) -> Self {
        let room = fields.as_ref().map_or(usize::MAX, |fields| fields.len());
        let section = &head.section;
        Self {
            view: View { bytes: view.bytes, end: view.end.min(index(section.end_max)) },
            line: index(section.at),
            count: section.count,
            count_max: section.count_max.min(narrow(room)),
        }
    }

    #[inline(always)]
    fn save(&self, head: &mut Head) {
        head.section.at = narrow(self.line);
        head.section.count = self.count;
    }
}

/// Why [`field_lines`] came back.
enum Stop {
    /// The empty line has been read.
    Complete,
    /// What begins here does not fill the block that would be looked at.
    Short(usize),
    /// A line is for the machine.
    Machine,
}

/// Takes field lines; `from` is where a block begins, in the line that comes next.
#[inline(always)]
fn field_lines<K: Kernel>(
    head: &mut Head,
    fields: &mut Fields<'_>,
    rest: &mut Rest<'_>,
    sight: Sight<'_>,
    from: usize,
) -> Stop {
    let data = rest.view.data();
    let mut base = from;
    loop {
        let Some(block) = sight.block_with_window(base) else { return Stop::Short(base) };
        // The LF of a line whose CR closed the last block is none of this line's.
        let mut stops = K::not_text(block) & !u64::from(rest.line > base);
        while stops != 0 {
            let end = base + stops.trailing_zeros() as usize;
            let line_end = data.get(end..).and_then(|tail| tail.first_chunk());
            if line_end != Some(b"\r\n") {
                return Stop::Machine;
            }
            if end == rest.line {
                rest.line = end + 2;
                return Stop::Complete;
            }
            let Some(field) = field::<K>(data, sight, rest, end) else { return Stop::Machine };
            if NOTED >> (field.id & 63) & 1 != 0 {
                note::<K>(head, &field, rest.view);
            }
            if let Some(slot) = fields.as_mut().and_then(|f| f.get_mut(index(rest.count))) {
                *slot = MaybeUninit::new(field);
            }
            rest.count += 1;
            rest.line = end + 2;
            stops &= stops.wrapping_sub(1);
            stops &= stops.wrapping_sub(1);
        }
        base += BLOCK;
    }
}

/// The field whose line ends at `end`.
#[inline(always)]
fn field<K: Kernel>(data: &[u8], sight: Sight<'_>, rest: &Rest<'_>, end: usize) -> Option<Field> {
    let line = rest.line;
    let window = sight.window(line).or_else(|| rest.view.bytes.get(line..)?.first_chunk())?;
    let name_len = K::not_token(window).trailing_zeros() as usize;
    if rest.count >= rest.count_max {
        return None;
    }
    if name_len >= WINDOW {
        return long_name(data, line, end);
    }
    if name_len == 0 || window.get(name_len) != Some(&b':') {
        return None;
    }
    let value = value(data, line + name_len + 1, end);
    Some(Field {
        name_off: narrow(line),
        name_len: name_len as u16,
        id: window_id::<K>(window, name_len),
        value_off: value.off,
        value_len: value.len,
    })
}

/// A field whose name is longer than the window.
#[cold]
#[inline(never)]
fn long_name(data: &[u8], line: usize, end: usize) -> Option<Field> {
    let bytes = data.get(line..end)?;
    let len = token_len(bytes);
    let name_len = u16::try_from(len).ok()?;
    if bytes.get(len) != Some(&b':') {
        return None;
    }
    let value = value(data, line + len + 1, end);
    Some(Field {
        name_off: narrow(line),
        name_len,
        id: field_id(bytes.get(..len)?),
        value_off: value.off,
        value_len: value.len,
    })
}

/// The value between a colon and the end of its line, without the white space around it.
#[inline(always)]
fn value(data: &[u8], after_colon: usize, end: usize) -> Span {
    let is_white = |at: usize| data.get(at).is_some_and(|&byte| is_ows(byte));
    let start = after_colon + usize::from(data.get(after_colon) == Some(&b' '));
    match is_white(start) || is_white(end.wrapping_sub(1)) {
        true => trimmed(data, start, end),
        false => Span { off: narrow(start), len: narrow(end.wrapping_sub(start)) },
    }
}

#[cold]
#[inline(never)]
fn trimmed(data: &[u8], start: usize, end: usize) -> Span {
    let bytes = data.get(start..end).unwrap_or(&[]);
    let value = trim(bytes);
    let white = bytes.len() - trim_start(bytes).len();
    Span { off: narrow(start + white), len: narrow(value.len()) }
}

/// Takes note of a field that the head as a whole is judged by.
#[inline(always)]
fn note<K: Kernel>(head: &mut Head, field: &Field, view: View<'_>) {
    let window = view.bytes.get(index(field.value_off)..).and_then(|tail| tail.first_chunk());
    if field.id == BOJAGI_FIELD_HOST
        && let Some(window) = window
        && K::not_host(window).trailing_zeros() == field.value_len
        && field.value_len < 32
        && head.notes.plain_host(field.value_off)
    {
        return;
    }
    head.note(field, view.data());
}

/// Where blocks and windows are read: in the data itself, or, near its end, in a copy with zeros behind.
#[derive(Clone, Copy)]
struct Sight<'a> {
    bytes: &'a [u8],
    /// The offset that the first of the bytes has in the data.
    shift: usize,
    is_copy: bool,
}

impl<'a> Sight<'a> {
    #[inline(always)]
    fn new(view: View<'a>, copy: &'a mut [u8; COPY]) -> Self {
        match view.bytes.len() <= SMALL {
            true => Self::tail(view, 0, copy),
            false => Self { bytes: view.bytes, shift: 0, is_copy: false },
        }
    }

    /// What stands from `base` on, with a window's width of what stands before it.
    #[inline(always)]
    fn tail(view: View<'a>, base: usize, copy: &'a mut [u8; COPY]) -> Self {
        let shift = base.saturating_sub(WINDOW);
        let rest = view.bytes.get(shift..).unwrap_or(&[]);
        if let Some(room) = copy.get_mut(..rest.len()) {
            room.copy_from_slice(rest);
        }
        Self { bytes: copy, shift, is_copy: true }
    }

    #[inline(always)]
    fn from(&self, at: usize) -> Option<&'a [u8]> {
        self.bytes.get(at.checked_sub(self.shift)?..)
    }

    #[inline(always)]
    fn window(&self, at: usize) -> Option<&'a [u8; WINDOW]> {
        self.from(at)?.first_chunk()
    }

    #[inline(always)]
    fn block(&self, at: usize) -> Option<&'a [u8; BLOCK]> {
        self.from(at)?.first_chunk()
    }

    /// The block, if the window of each line that may begin in it, or behind it, is in sight as well.
    #[inline(always)]
    fn block_with_window(&self, at: usize) -> Option<&'a [u8; BLOCK]> {
        let rest = self.from(at)?;
        rest.first_chunk::<REACH>()?;
        rest.first_chunk()
    }
}

/// The ids of Host, Content-Length, Transfer-Encoding, Connection, Expect and Upgrade. An id from 64 on
/// looks like one of them at times; the notes look again.
const NOTED: u64 = 1 << BOJAGI_FIELD_HOST
    | 1 << BOJAGI_FIELD_CONTENT_LENGTH
    | 1 << BOJAGI_FIELD_TRANSFER_ENCODING
    | 1 << BOJAGI_FIELD_CONNECTION
    | 1 << BOJAGI_FIELD_EXPECT
    | 1 << BOJAGI_FIELD_UPGRADE;

/// A block, and the window of a line that begins behind its last byte.
const REACH: usize = BLOCK + WINDOW + 2;
/// The bytes of a copy: what cannot be looked at in place, and then two blocks at least.
const COPY: usize = 256;
/// Data that is looked at in the copy alone.
const SMALL: usize = COPY - REACH;
