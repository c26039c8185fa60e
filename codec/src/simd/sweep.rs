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

use super::names::known_line;
use super::view::{Progress, View};
use super::{BLOCK, Kernel, WINDOW};
use crate::field::{Field, Fields, Span};
use crate::framing::Notes;
use crate::head::Head;
use crate::known::*;
use crate::method::{BOJAGI_METHOD_CONNECT, known_method};
use crate::offset::{index, low};
use crate::rules::{BOJAGI_ALLOW_START_LINE_SPACE, BOJAGI_REFUSE_NON_URI};
use crate::start_line::{BEGIN, REQUEST};
use crate::target::BOJAGI_TARGET_ORIGIN;
use crate::token::{trim_end, trim_start};
use core::mem::MaybeUninit;

/// Takes the start line, if it is still to come, and as many field lines as it can. Unless it is to be
/// `full` the fields get no id, and nothing is noted of what they say.
#[inline(always)]
pub(super) fn lines<K: Kernel>(
    full: bool,
    head: &mut Head,
    fields: &mut Fields<'_>,
    view: View<'_>,
) -> Progress {
    let Some(source) = Source::new(view) else { return Progress::Stopped };
    // What is looked at in front of a line stands in the one before it. Only a head that its owner has written
    // over has fields where no start line fits.
    if head.line.phase != BEGIN && index(head.section.at) < SHORTEST_START_LINE {
        return Progress::Stopped;
    }
    if head.line.phase == BEGIN {
        let taken = match head.line.kind {
            REQUEST => request_line::<K>(head, source),
            _ => status_line::<K>(head, source),
        };
        if taken.is_none() {
            return Progress::Stopped;
        }
    }
    // Without an array for the fields a small one has to do, a few lines at a time.
    let mut few = [const { MaybeUninit::uninit() }; FEW];
    let section = &head.section;
    let count = index(section.count);
    let room = match fields {
        Some(fields) => fields.get_mut(count..).unwrap_or(&mut []),
        None => &mut few,
    };
    let mut lines = Lines {
        room_max: index(section.count_max).saturating_sub(count).min(room.len()),
        out: room,
        taken: 0,
        line: index(section.at),
        last: source.end.min(index(section.end_max)).saturating_sub(2),
    };
    let (mut noted, mut base) = (Noted::new(), lines.line);
    // What the first look stopped at stops the second one as well.
    let is_over = lines.take::<K, false>(full, &mut noted, source, &mut base)
        || lines.take::<K, true>(full, &mut noted, source, &mut base);
    head.section.at = low(lines.line);
    head.section.count += low(lines.taken);
    note_all::<K>(head, &noted, view.data(), source);
    if is_over { Progress::Complete } else { Progress::Stopped }
}

/// Bytes that are read without looking at their number each time: at least a window of them.
#[derive(Clone, Copy)]
struct Source<'a> {
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
fn request_line<K: Kernel>(head: &mut Head, source: Source<'_>) -> Option<()> {
    // SAFETY: there is a window's bytes.
    let (window, word) = unsafe { (source.part(0), source.array(0)) };
    let method_len = K::not_token(window).trailing_zeros() as usize;
    if method_len.wrapping_sub(1) >= WINDOW - 1 {
        return None;
    }
    let start = method_len + 1;
    let stop = target_end::<K>(source, start)?;
    let end = stop + 1 + VERSION_LEN;
    if end + 2 > source.end || end > line_max(head) {
        return None;
    }
    // SAFETY: all of these are below `end` + 2, where bytes have arrived.
    let (sp, version, line_end) = unsafe {
        let sp = (source.array(method_len), source.array(stop));
        (sp, source.array(stop + 1), source.array(end))
    };
    if sp != (*b" ", *b" ") || line_end != *b"\r\n" {
        return None;
    }
    let version = version_of(version)?;
    let id = known_method(word, method_len);
    // SAFETY: `start` is below `end`.
    let is_path = unsafe { source.array(start) } == *b"/" && id != BOJAGI_METHOD_CONNECT;
    let form = match is_path && !head.rules.has(BOJAGI_REFUSE_NON_URI) {
        true => BOJAGI_TARGET_ORIGIN,
        false => head.form_of_target(id, source.bytes.get(start..stop)?).ok()?,
    };
    head.method_id = id;
    head.target_form = form;
    head.method = Span { off: 0, len: low(method_len) };
    head.target = Span { off: low(start), len: low(stop - start) };
    head.begin_section(version, low(end + 2));
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
fn status_line<K: Kernel>(head: &mut Head, source: Source<'_>) -> Option<()> {
    // White space around the phrase is part of it, unless more of it may stand there.
    if head.rules.has(BOJAGI_ALLOW_START_LINE_SPACE) {
        return None;
    }
    // SAFETY: there is a window's bytes.
    let (version, status) = unsafe { (source.array(0), source.array::<5>(VERSION_LEN)) };
    let [b' ', hundreds @ b'1'..=b'5', tens, ones, b' '] = status else { return None };
    if !tens.is_ascii_digit() || !ones.is_ascii_digit() {
        return None;
    }
    let version = version_of(version)?;
    let start = VERSION_LEN + status.len();
    let end = text_end::<K>(source, start)?;
    // SAFETY: the two bytes at `end` have arrived.
    let is_over = end + 2 <= source.end && unsafe { source.array(end) } == *b"\r\n";
    if !is_over || end > line_max(head) {
        return None;
    }
    let digit = |byte: u8| u16::from(byte & 15);
    head.status = digit(hundreds) * 100 + digit(tens) * 10 + digit(ones);
    head.reason_phrase = Span { off: low(start), len: low(end - start) };
    head.begin_section(version, low(end + 2));
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

/// Where a start line ends at the latest: the offset behind its CR LF has 32 bits.
#[inline(always)]
fn line_max(head: &Head) -> usize {
    index(head.rules.start_line_max.min(u32::MAX - 2))
}

#[inline(always)]
fn version_of(bytes: [u8; VERSION_LEN]) -> Option<u8> {
    match u64::from_le_bytes(bytes) {
        HTTP_11 => Some(11),
        HTTP_10 => Some(10),
        _ => None,
    }
}

/// Where the fields go that are taken, and how far the lines are.
struct Lines<'a> {
    out: &'a mut [MaybeUninit<Field>],
    /// The number of fields that have been written, and how many there may be.
    taken: usize,
    room_max: usize,
    /// The offset of the next line.
    line: usize,
    /// The offset of the last CR that can end a line, below 2^32, as is every offset of a line that is taken.
    last: usize,
}

impl Lines<'_> {
    /// Takes field lines, up to one that is not plainly right, or not all there; true when the empty line was
    /// the last one. `base` is where a block begins, in the line that comes next.
    ///
    /// At first the `TAIL` is left out: only blocks that are whole are looked at, with another byte or two
    /// behind them, and lines with a window behind their start. What then remains needs more care.
    #[inline(always)]
    fn take<K: Kernel, const TAIL: bool>(
        &mut self,
        full: bool,
        noted: &mut Noted,
        source: Source<'_>,
        base: &mut usize,
    ) -> bool {
        let (len, window_max) = (source.bytes.len(), source.bytes.len().saturating_sub(WINDOW));
        let until = if TAIL { len } else { len.saturating_sub(BLOCK + 1) };
        while *base < until {
            // SAFETY: the loop's condition.
            let mut stops = unsafe {
                if TAIL { source.not_text::<K>(*base) } else { K::not_text(source.part(*base)) }
            };
            while stops != 0 {
                let end = *base + stops.trailing_zeros() as usize;
                if end < self.line {
                    // The LF of a line whose CR closed the last block.
                    stops &= stops.wrapping_sub(1);
                    continue;
                }
                // SAFETY: the two bytes at `end` have arrived.
                if end > self.last || unsafe { source.array(end) } != *b"\r\n" {
                    return false;
                }
                if end == self.line {
                    self.line += 2;
                    return true;
                }
                if !TAIL && self.line > window_max {
                    return false;
                }
                if self.taken >= self.room_max {
                    return false;
                }
                // SAFETY: from `line` to the CR LF at `end` is at least one byte; and without the tail there
                // is a window.
                let field = unsafe { field::<K, TAIL>(source, full, self.line, end) };
                let Some((field, candidate)) = field else { return false };
                // The candidate, which a comparison may yet refuse, is known earlier than the id.
                if full && NOTED >> (candidate & 63) & 1 != 0 && !noted.add(field) {
                    return false;
                }
                // SAFETY: `taken` is below the number of elements.
                unsafe { self.out.get_unchecked_mut(self.taken) }.write(field);
                self.taken += 1;
                self.line = end + 2;
                stops &= stops.wrapping_sub(1);
                stops &= stops.wrapping_sub(1);
            }
            *base += BLOCK;
        }
        false
    }
}

/// The field of a line, with the candidate for its id, unless its name does not fit a window. The line must end in a CR LF at `end`, which
/// is in the bytes, behind one more byte at least, and nothing before it must be other than text.
#[inline(always)]
unsafe fn field<K: Kernel, const TAIL: bool>(
    source: Source<'_>,
    full: bool,
    line: usize,
    end: usize,
) -> Option<(Field, u16)> {
    // SAFETY: the line is in the bytes, and with a window when this is not the tail.
    let (window, missing) =
        unsafe { if TAIL { source.window(line) } else { (source.part(line), 0) } };
    let len = (K::not_token(window) >> missing).trailing_zeros() as usize;
    if len.wrapping_sub(1) >= WINDOW - 1 {
        return None;
    }
    // SAFETY: what stops a token is at most the CR; behind it is one byte at least.
    let colon = unsafe { source.array(line + len) };
    let start = line + len + 2;
    // SAFETY: the SP is text, as is the colon, so the value begins at `end` or before it.
    let has_value = colon == *b": "
        && unsafe {
            // The one byte of text below SP is HTAB; an empty value is none because of its CR.
            source.array(start) > *b" " && source.array(end - 1) > *b" "
        };
    let value = match has_value {
        true => Span { off: low(start), len: low(end - start) },
        false => unusual_value(source.bytes, line + len, end)?,
    };
    let (candidate, id) = match full {
        // SAFETY: as above.
        true => unsafe { id::<K>(source, window, missing, line, len)? },
        false => (0, 0),
    };
    let field = Field {
        name_off: low(line),
        name_len: len as u16,
        id,
        value_off: value.off,
        value_len: value.len,
    };
    Some((field, candidate))
}

/// The one id that the name of `len` bytes at `line` may have, and the one it has.
#[inline(always)]
unsafe fn id<K: Kernel>(
    source: Source<'_>,
    window: &[u8; WINDOW],
    missing: usize,
    line: usize,
    len: usize,
) -> Option<(u16, u16)> {
    // SAFETY: three bytes and the colon, of which two at most are of the line before; the start line has more.
    let ([first], ending) = unsafe { (source.array(line), source.array(line + len - 3)) };
    let candidate = candidate(first, ending, len);
    // The colon of the known line stands where the name's does: the length is right, too.
    let differs = K::differs(window, known_line(candidate, missing)?) >> missing;
    let is_same = differs.trailing_zeros() as usize > len;
    Some((candidate, if is_same { candidate } else { 0 }))
}

/// The value of a line that does not have exactly one SP around it, in front: its span, if what stands at
/// `colon` is one.
#[cold]
#[inline(never)]
fn unusual_value(bytes: &[u8], colon: usize, end: usize) -> Option<Span> {
    let [b':', value @ ..] = bytes.get(colon..end)? else { return None };
    let opened = trim_start(value);
    Some(Span { off: low(end - opened.len()), len: low(trim_end(opened).len()) })
}

/// The fields that the head as a whole is judged by, in a place of their own until the lines are taken.
struct Noted {
    fields: [MaybeUninit<Field>; NOTED_MAX],
    count: usize,
}

impl Noted {
    #[inline(always)]
    fn new() -> Self {
        Self { fields: [const { MaybeUninit::uninit() }; NOTED_MAX], count: 0 }
    }

    /// Keeps the field, if there is room.
    #[inline(always)]
    fn add(&mut self, field: Field) -> bool {
        let Some(slot) = self.fields.get_mut(self.count) else { return false };
        slot.write(field);
        self.count += 1;
        true
    }

    #[inline(always)]
    fn taken(&self) -> &[Field] {
        let taken = self.fields.get(..self.count).unwrap_or(&[]);
        // SAFETY: `add` has filled each element below `count`.
        unsafe { core::slice::from_raw_parts(taken.as_ptr().cast(), taken.len()) }
    }
}

/// Takes note of the fields that the head as a whole is judged by.
#[inline(always)]
fn note_all<K: Kernel>(head: &mut Head, noted: &Noted, data: &[u8], source: Source<'_>) {
    // Kept in a register: a byte that is written to memory and read back as part of a word takes its time.
    let mut seen = head.notes.seen();
    for field in noted.taken() {
        if !note::<K>(&mut head.notes, &mut seen, field, source) {
            head.notes.see_also(seen);
            head.note(field, data);
            seen = head.notes.seen();
        }
    }
    head.notes.see_also(seen);
}

/// Takes note of a field of the plainest kind, as [`Notes::see`] would; false when it is another.
#[inline(always)]
fn note<K: Kernel>(notes: &mut Notes, seen: &mut u32, field: &Field, source: Source<'_>) -> bool {
    let (off, len) = (index(field.value_off), index(field.value_len));
    match field.id {
        BOJAGI_FIELD_HOST if len < WINDOW => {
            // SAFETY: the line of the field ends in CR LF, which is behind the value.
            let (window, missing) = unsafe { source.window(off) };
            let run = (K::not_host(window) >> missing).trailing_zeros() as usize;
            run == len && notes.plain_host(seen, field.value_off)
        }
        // SAFETY: the value is in the bytes.
        BOJAGI_FIELD_CONNECTION if len == KEEP_ALIVE.len() => unsafe {
            source.array(off) == *KEEP_ALIVE && Notes::plain_keep_alive(seen)
        },
        BOJAGI_FIELD_CONTENT_LENGTH if (1..=8).contains(&len) => {
            // SAFETY: the value is in the bytes, behind a name of more than eight.
            let digits = decimal(unsafe { source.array(off + len - 8) }, len);
            digits.is_some_and(|length| notes.plain_length_of(seen, length, field.value_off))
        }
        _ => false,
    }
}

/// The number that the last `len` of eight bytes are, when all of those are digits; `len` is 1 to 8.
#[inline(always)]
fn decimal(bytes: [u8; 8], len: usize) -> Option<u64> {
    const ONES: u64 = u64::MAX / 255;
    let kept = u64::MAX << (64 - 8 * len);
    // The bytes in front become zeros, which count for nothing.
    let digits = (u64::from_le_bytes(bytes) & kept | ((ONES * 0x30) & !kept)) ^ (ONES * 0x30);
    if digits.wrapping_add(ONES * (0x7f - 9)) & (ONES * 0x80) != 0 || digits & (ONES * 0x80) != 0 {
        return None;
    }
    // Two digits a step, then four, then eight.
    let pairs = digits.wrapping_mul(10).wrapping_add(digits >> 8) & 0x00ff_00ff_00ff_00ff;
    let fours = pairs.wrapping_mul(100).wrapping_add(pairs >> 16) & 0x0000_ffff_0000_ffff;
    Some(fours.wrapping_mul(10_000).wrapping_add(fours >> 32) & 0xffff_ffff)
}

/// The ids of Host, Content-Length, Transfer-Encoding, Connection, Expect and Upgrade. An id from 64 on
/// looks like one of them at times; the notes look again.
const NOTED: u64 = 1 << BOJAGI_FIELD_HOST
    | 1 << BOJAGI_FIELD_CONTENT_LENGTH
    | 1 << BOJAGI_FIELD_TRANSFER_ENCODING
    | 1 << BOJAGI_FIELD_CONNECTION
    | 1 << BOJAGI_FIELD_EXPECT
    | 1 << BOJAGI_FIELD_UPGRADE;

/// As many are noted in one sweep; the machine and another sweep see to more.
const NOTED_MAX: usize = 8;
/// As many fields are taken at a time when there is no array for them.
const FEW: usize = 16;
const KEEP_ALIVE: &[u8; 10] = b"keep-alive";
const VERSION_LEN: usize = b"HTTP/1.1".len();
/// With its LF: where the first field may stand.
const SHORTEST_START_LINE: usize = b"HTTP/1.1 200\n".len();
const HTTP_10: u64 = u64::from_le_bytes(*b"HTTP/1.0");
const HTTP_11: u64 = u64::from_le_bytes(*b"HTTP/1.1");
