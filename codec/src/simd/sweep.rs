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
//!
//! Blocks are looked at one behind the other, wherever lines begin in them: so the processor need not know
//! where one line ends before it can look at the next.

use super::{BLOCK, Kernel, WINDOW};
use crate::field::{Field, Fields, Span};
use crate::head::{BEGIN, Head, REQUEST};
use crate::known::*;
use crate::method::{BOJAGI_METHOD_CONNECT, method_id};
use crate::offset::{index, low, narrow};
use crate::rules::BOJAGI_REFUSE_NON_URI;
use crate::target::BOJAGI_TARGET_ORIGIN;
use core::mem::MaybeUninit;

/// The data of one call.
#[derive(Clone, Copy)]
pub(crate) struct View<'a> {
    /// All bytes that may be read; those behind `end` mean nothing.
    pub bytes: &'a [u8],
    /// The number of bytes that have arrived.
    pub end: usize,
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
pub(super) fn lines<K: Kernel>(
    head: &mut Head,
    fields: &mut Fields<'_>,
    view: View<'_>,
) -> Progress {
    let Some(source) = Source::new(view) else { return Progress::Stopped };
    if head.line.phase == BEGIN {
        let taken = match head.line.kind {
            REQUEST => request_line::<K>(head, view.data(), source),
            _ => status_line::<K>(head, view.data(), source),
        };
        if taken.is_none() {
            return Progress::Stopped;
        }
    }
    let (mut noted, mut nowhere) = (Noted::new(), Field::default());
    let mut lines = Lines::new(head, fields, &mut nowhere, source);
    let (room, mut base) = (lines.room, lines.line);
    let progress = lines
        .take::<K, false>(&mut noted, source, &mut base)
        .or_else(|| lines.take::<K, true>(&mut noted, source, &mut base));
    head.section.at = low(lines.line);
    head.section.count += narrow(room - lines.room);
    for field in noted.taken() {
        note::<K>(head, field, view.data(), source);
    }
    progress.unwrap_or(Progress::Stopped)
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

/// Bytes that are read without looking at their number each time: at least a window of them.
#[derive(Clone, Copy)]
pub(crate) struct Source<'a> {
    bytes: &'a [u8],
    /// The number of bytes that have arrived.
    end: usize,
}

impl<'a> Source<'a> {
    #[inline(always)]
    fn new(view: View<'a>) -> Option<Self> {
        let end = view.end.min(view.bytes.len());
        (view.bytes.len() >= WINDOW).then_some(Self { bytes: view.bytes, end })
    }

    /// [`Kernel::not_text`] of up to 64 bytes at `at`, which must be below their number. Where fewer are there
    /// the mask is one of earlier bytes, and shifted.
    #[inline(always)]
    unsafe fn not_text<K: Kernel>(&self, at: usize) -> u64 {
        if self.bytes.len() >= BLOCK {
            let missing = (at + BLOCK).saturating_sub(self.bytes.len());
            // SAFETY: there is a block's bytes, and `at` is below their number: the block begins at or
            // behind the first of them and ends at or before the last.
            let block = unsafe { &*self.bytes.as_ptr().add(at - missing).cast() };
            return K::not_text(block) >> missing;
        }
        // SAFETY: `at` is below the number of bytes, and so is the other, where it is looked at.
        unsafe {
            let (window, missing) = self.window(at);
            let low = u64::from(K::not_text_half(window) >> missing);
            if at + WINDOW >= self.bytes.len() {
                return low;
            }
            let (window, missing) = self.window(at + WINDOW);
            low | u64::from(K::not_text_half(window) >> missing) << WINDOW
        }
    }

    /// [`Kernel::not_target`], likewise.
    #[inline(always)]
    unsafe fn not_target<K: Kernel>(&self, at: usize) -> u64 {
        if self.bytes.len() >= BLOCK {
            let missing = (at + BLOCK).saturating_sub(self.bytes.len());
            // SAFETY: there is a block's bytes, and `at` is below their number: the block begins at or
            // behind the first of them and ends at or before the last.
            let block = unsafe { &*self.bytes.as_ptr().add(at - missing).cast() };
            return K::not_target(block) >> missing;
        }
        // SAFETY: `at` is below the number of bytes, and so is the other, where it is looked at.
        unsafe {
            let (window, missing) = self.window(at);
            let low = u64::from(K::not_target_half(window) >> missing);
            if at + WINDOW >= self.bytes.len() {
                return low;
            }
            let (window, missing) = self.window(at + WINDOW);
            low | u64::from(K::not_target_half(window) >> missing) << WINDOW
        }
    }

    /// `N` bytes at `at`, all of which must be there, to look at where they stand.
    #[inline(always)]
    unsafe fn part<const N: usize>(&self, at: usize) -> &'a [u8; N] {
        debug_assert!(at + N <= self.bytes.len());
        // SAFETY: the caller says that they are there; an array of bytes needs no alignment.
        unsafe { &*self.bytes.as_ptr().add(at).cast() }
    }

    /// The window at `at`, which must be below the number of bytes: where fewer are there it begins earlier, by
    /// the number that is answered, below 32.
    #[inline(always)]
    unsafe fn window(&self, at: usize) -> (&'a [u8; WINDOW], usize) {
        let missing = (at + WINDOW).saturating_sub(self.bytes.len());
        // SAFETY: there is a window's bytes, and `at` is below their number: the window begins at or behind
        // the first of them and ends at or before the last.
        (unsafe { &*self.bytes.as_ptr().add(at - missing).cast() }, missing & (WINDOW - 1))
    }

    /// `N` bytes at `at`, all of which must be in the bytes.
    #[inline(always)]
    unsafe fn array<const N: usize>(&self, at: usize) -> [u8; N] {
        debug_assert!(at + N <= self.bytes.len());
        // SAFETY: the caller says that they are there; an array of bytes needs no alignment.
        unsafe { *self.bytes.as_ptr().add(at).cast() }
    }
}

/// `method SP target SP HTTP/1.x CR LF`, with the first byte of the data.
#[inline(always)]
fn request_line<K: Kernel>(head: &mut Head, data: &[u8], source: Source<'_>) -> Option<()> {
    // SAFETY: there is a first byte.
    let (window, _) = unsafe { source.window(0) };
    let method_len = K::not_token(window).trailing_zeros() as usize;
    let method = data.get(..method_len)?;
    let start = method_len + 1;
    let end = target_end::<K>(source, start)?;
    let target = data.get(start..end)?;
    let [b' ', version @ .., b'\r', b'\n'] = data.get(end..)?.first_chunk::<11>()? else {
        return None;
    };
    if method.is_empty() || data.get(method_len) != Some(&b' ') {
        return None;
    }
    let version = version_of(version)?;
    let after = line_end(head, end + 9)?;
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
    head.target = Span { off: narrow(start), len: narrow(target.len()) };
    head.begin_section(version, after);
    Some(())
}

/// Where the target that begins at `start` ends.
#[inline(always)]
fn target_end<K: Kernel>(source: Source<'_>, start: usize) -> Option<usize> {
    let mut at = start;
    while at < source.bytes.len() {
        // SAFETY: the loop's condition.
        let stops = unsafe { source.not_target::<K>(at) };
        if stops != 0 {
            return Some(at + stops.trailing_zeros() as usize);
        }
        at += BLOCK;
    }
    None
}

/// `HTTP/1.x SP status SP phrase CR LF`, with the first byte of the data.
#[inline(always)]
fn status_line<K: Kernel>(head: &mut Head, data: &[u8], source: Source<'_>) -> Option<()> {
    let line = data.first_chunk::<13>()?;
    let [version @ .., b' ', hundreds @ b'1'..=b'5', tens, ones, b' '] = line else { return None };
    if !tens.is_ascii_digit() || !ones.is_ascii_digit() {
        return None;
    }
    let version = version_of(version)?;
    let end = text_end::<K>(source, line.len())?;
    if data.get(end..)?.first_chunk() != Some(b"\r\n") {
        return None;
    }
    let after = line_end(head, end)?;
    let digit = |byte: &u8| u16::from(byte & 15);
    head.status = digit(hundreds) * 100 + digit(tens) * 10 + digit(ones);
    head.reason_phrase = Span::between(narrow(line.len()), narrow(end));
    head.begin_section(version, after);
    Some(())
}

/// Where the text that begins at `start` ends.
#[inline(always)]
fn text_end<K: Kernel>(source: Source<'_>, start: usize) -> Option<usize> {
    let mut at = start;
    while at < source.bytes.len() {
        // SAFETY: the loop's condition.
        let stops = unsafe { source.not_text::<K>(at) };
        if stops != 0 {
            return Some(at + stops.trailing_zeros() as usize);
        }
        at += BLOCK;
    }
    None
}

#[inline(always)]
fn version_of(bytes: &[u8; 8]) -> Option<u8> {
    match u64::from_le_bytes(*bytes) {
        HTTP_11 => Some(11),
        HTTP_10 => Some(10),
        _ => None,
    }
}

/// The offset behind the CR LF at `end`, when the start line is within its limit.
#[inline(always)]
fn line_end(head: &Head, end: usize) -> Option<u32> {
    (end <= index(head.rules.start_line_max)).then(|| narrow(end + 2))
}

/// Where the fields go that are taken, and how far the lines are.
struct Lines {
    /// The next element of the caller's array, or a place that is written over again and again.
    out: *mut Field,
    /// The number of elements to the next one: 1, or 0.
    step: usize,
    /// The number of fields that may still come.
    room: usize,
    /// The offset of the next line.
    line: usize,
    /// Lines end before this offset, which is below 2^32; and so is every offset of a line that is taken.
    end_max: usize,
}

impl Lines {
    #[inline(always)]
    fn new(head: &Head, fields: &mut Fields<'_>, nowhere: &mut Field, source: Source<'_>) -> Self {
        let section = &head.section;
        let (count, count_max) = (index(section.count), index(section.count_max));
        let (out, step, cap) = match fields {
            Some(fields) => (fields.as_mut_ptr().cast(), 1, fields.len()),
            None => (core::ptr::from_mut(nowhere), 0, usize::MAX),
        };
        Self {
            // Below the capacity, or not used: there is no room then.
            out: out.wrapping_add(count * step),
            step,
            room: count_max.min(cap).saturating_sub(count),
            line: index(section.at),
            end_max: source.end.min(index(section.end_max)),
        }
    }

    /// Takes field lines, up to one that is not plainly right, or not all there; `base` is where a block
    /// begins, in the line that comes next.
    ///
    /// At first the `TAIL` is left out: all blocks that hold only bytes that have arrived, with a window
    /// behind each line that may begin there. What then remains is looked at with more care.
    #[inline(always)]
    fn take<K: Kernel, const TAIL: bool>(
        &mut self,
        noted: &mut Noted,
        source: Source<'_>,
        base: &mut usize,
    ) -> Option<Progress> {
        let reach = source.bytes.len().saturating_sub(REACH);
        let arrived = self.end_max.saturating_sub(BLOCK + 2);
        let until = if TAIL { source.bytes.len() } else { reach.min(arrived) };
        while *base < until {
            // SAFETY: the loop's condition.
            let stops = unsafe {
                if TAIL { source.not_text::<K>(*base) } else { K::not_text(source.part(*base)) }
            };
            // The LF of a line whose CR closed the last block is none of this line's.
            let mut stops = stops & !u64::from(self.line > *base);
            while stops != 0 {
                let end = *base + stops.trailing_zeros() as usize;
                // SAFETY: the two bytes at `end` are below `end_max`, or the block's and the two behind it.
                if (TAIL && end + 2 > self.end_max) || unsafe { source.array(end) } != *b"\r\n" {
                    return Some(Progress::Stopped);
                }
                if end == self.line {
                    self.line += 2;
                    return Some(Progress::Complete);
                }
                // SAFETY: from `line` to the CR LF at `end` is at least one byte; and without the tail there
                // is a window, as a block and a window follow the base.
                let field = unsafe { field::<K, TAIL>(source, self.line, end) };
                let Some(field) = field.filter(|field| self.room > 0 && noted.has_room(field)) else {
                    return Some(Progress::Stopped);
                };
                // SAFETY: there is room for it.
                unsafe { self.out.write(field) };
                noted.add(field);
                self.out = self.out.wrapping_add(self.step);
                self.room -= 1;
                self.line = end + 2;
                stops &= stops.wrapping_sub(1);
                stops &= stops.wrapping_sub(1);
            }
            *base += BLOCK;
        }
        None
    }
}

/// The field of a line, unless its name does not fit a window. The line must end in a CR LF at `end`, which
/// is in the bytes, behind one more byte at least, and nothing before it must be other than text.
#[inline(always)]
unsafe fn field<K: Kernel, const TAIL: bool>(
    source: Source<'_>,
    line: usize,
    end: usize,
) -> Option<Field> {
    // SAFETY: the line is in the bytes, and with a window when this is not the tail.
    let (window, missing) =
        unsafe { if TAIL { source.window(line) } else { (source.part(line), 0) } };
    let len = (K::not_token(window) >> missing).trailing_zeros() as usize;
    if len.wrapping_sub(1) >= WINDOW - 1 {
        return None;
    }
    // SAFETY: what stops a token is at most the CR; behind it is one byte at least.
    let colon = unsafe { source.array(line + len) };
    let (start, stop) = match colon {
        // SAFETY: the colon is text, so all that is looked at is at most `end`.
        [b':', white] => unsafe { value(source, line + len + 1, usize::from(white == b' '), end) },
        _ => return None,
    };
    // SAFETY: three bytes and the colon, of which two at most are of the line before; the start line has more.
    let ([first], ending) = unsafe { (source.array(line), source.array(line + len - 3)) };
    let id = candidate(first, ending, len);
    // The colon of the known line stands where the name's does: the length is right, too.
    let differs = K::differs(window, known_line(id, missing)?) >> missing;
    let is_same = differs.trailing_zeros() as usize > len;
    Some(Field {
        name_off: low(line),
        name_len: len as u16,
        id: if is_same { id } else { 0 },
        value_off: low(start),
        value_len: low(stop - start),
    })
}

/// The value between a colon and the end of its line, without the white space around it.
#[inline(always)]
unsafe fn value(
    source: Source<'_>,
    after_colon: usize,
    spaces: usize,
    end: usize,
) -> (usize, usize) {
    let (mut start, mut stop) = (after_colon + spaces, end);
    // SAFETY: all of these are at most `end`, where the CR is, and none is before the colon.
    let byte = |at: usize| unsafe { source.array::<1>(at)[0] };
    // The one byte of text below SP is HTAB; an empty value comes here, too, because of its CR.
    if byte(start) <= b' ' || byte(end - 1) <= b' ' {
        while start < stop && byte(start) <= b' ' {
            start += 1;
        }
        while start < stop && byte(stop - 1) <= b' ' {
            stop -= 1;
        }
    }
    (start, stop)
}

/// The fields that the head as a whole is judged by, in a place of their own until the lines are taken.
struct Noted {
    fields: [MaybeUninit<Field>; NOTED_MAX],
    count: usize,
}

impl Noted {
    #[inline(always)]
    fn new() -> Self {
        Self { fields: [MaybeUninit::uninit(); NOTED_MAX], count: 0 }
    }

    #[inline(always)]
    fn is_of_interest(field: &Field) -> bool {
        NOTED >> (field.id & 63) & 1 != 0
    }

    #[inline(always)]
    fn has_room(&self, field: &Field) -> bool {
        !Self::is_of_interest(field) || self.count < NOTED_MAX
    }

    /// Keeps the field, if it is of interest and there is room.
    #[inline(always)]
    fn add(&mut self, field: Field) {
        if Self::is_of_interest(&field)
            && let Some(slot) = self.fields.get_mut(self.count)
        {
            *slot = MaybeUninit::new(field);
            self.count += 1;
        }
    }

    #[inline(always)]
    fn taken(&self) -> &[Field] {
        let taken = self.fields.get(..self.count).unwrap_or(&[]);
        // SAFETY: `add` has filled each element below `count`.
        unsafe { core::slice::from_raw_parts(taken.as_ptr().cast(), taken.len()) }
    }
}

/// Takes note of a field that the head as a whole is judged by.
#[inline(always)]
fn note<K: Kernel>(head: &mut Head, field: &Field, data: &[u8], source: Source<'_>) {
    if field.id == BOJAGI_FIELD_HOST && index(field.value_len) < WINDOW {
        // SAFETY: the line of the field ends in CR LF, which is behind the value.
        let (window, missing) = unsafe { source.window(index(field.value_off)) };
        let len = (K::not_host(window) >> missing).trailing_zeros();
        if len == field.value_len && head.notes.plain_host(field.value_off) {
            return;
        }
    }
    head.note(field, data);
}

/// The ids of Host, Content-Length, Transfer-Encoding, Connection, Expect and Upgrade. An id from 64 on
/// looks like one of them at times; the notes look again.
const NOTED: u64 = 1 << BOJAGI_FIELD_HOST
    | 1 << BOJAGI_FIELD_CONTENT_LENGTH
    | 1 << BOJAGI_FIELD_TRANSFER_ENCODING
    | 1 << BOJAGI_FIELD_CONNECTION
    | 1 << BOJAGI_FIELD_EXPECT
    | 1 << BOJAGI_FIELD_UPGRADE;

/// A block, the two bytes that end a line behind its last one, and the window of the line after that.
const REACH: usize = BLOCK + 2 + WINDOW;
/// As many are noted in one sweep; the machine and another sweep see to more.
const NOTED_MAX: usize = 8;
const HTTP_10: u64 = u64::from_le_bytes(*b"HTTP/1.0");
const HTTP_11: u64 = u64::from_le_bytes(*b"HTTP/1.1");
