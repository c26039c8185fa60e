//! The chunked transfer coding.
//!
//! ```text
//! chunked-body   = *chunk last-chunk trailer-section CRLF             RFC 9112 §7.1
//! chunk          = chunk-size [ chunk-ext ] CRLF chunk-data CRLF
//! chunk-size     = 1*HEXDIG
//! chunk-ext      = *( ";" chunk-ext-name [ "=" chunk-ext-val ] )      RFC 9112 §7.1.1
//! chunk-ext-val  = token / quoted-string
//! ```
//!
//! The bad white space that the grammar lets stand around `;` and `=` is refused, unless a flag lets
//! it in, then also before the line's end: nobody sends it, and parsers disagree about it. A size is
//! below 2^64, however many zeros stand in front of it.
//!
//! A machine reads the framing byte by byte and can stop behind any of them. In front of it stands a
//! loop for what bodies are mostly made of: chunks that are all in view, behind plain size lines.

use crate::body::{BOJAGI_BODY_DATA, BOJAGI_BODY_TRAILERS, Body, Spans};
use crate::fault::*;
use crate::rules::{BOJAGI_ALLOW_BARE_LF, BOJAGI_ALLOW_CHUNK_SPACE};
use crate::token::{hex_digit, is_tchar, is_text};
#[cfg(feature = "sweep")]
use crate::{
    field::Span,
    offset::{index, narrow},
    simd,
    size_line::SizeLine,
};

/// Private state of a decoder: its place in the framing of a chunked body.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct Chunks {
    /// Bytes of chunk extensions so far, over the whole message.
    extension_bytes: u32,
    /// The phase: which part of the framing comes next.
    phase: u8,
    /// The current size has a digit.
    has_digit: u8,
    padding: u16,
}

const SIZE: u8 = 0;
const NAME: u8 = 1;
const NAME_MORE: u8 = 2;
const NAME_END: u8 = 3;
const VALUE: u8 = 4;
const TOKEN: u8 = 5;
const QUOTED: u8 = 6;
const QUOTED_PAIR: u8 = 7;
const EXTENSION_END: u8 = 8;
const SIZE_LF: u8 = 9;
const DATA: u8 = 10;
const DATA_CR: u8 = 11;
const DATA_LF: u8 = 12;

/// The phase that a byte leads to, by the phase before it, from NAME to EXTENSION_END, and the byte's kind: the
/// grammar of extensions.
#[rustfmt::skip]
static NEXT: [[u8; 8]; 8] = [
    // =    CR, LF  SP, HTAB             ;         "              \            tchar      text
    [NO,     NO,   NAME | BWS,          NO,       NO,            NO,          NAME_MORE, NO],
    [VALUE,  LINE, NAME_END | BWS,      NAME,     NO,            NO,          NAME_MORE, NO],
    [VALUE,  LINE, NAME_END | BWS,      NAME,     NO,            NO,          NO,        NO],
    [NO,     NO,   VALUE | BWS,         NO,       QUOTED,        NO,          TOKEN,     NO],
    [NO,     LINE, EXTENSION_END | BWS, NAME,     NO,            NO,          TOKEN,     NO],
    [QUOTED, NO,   QUOTED,              QUOTED,   EXTENSION_END, QUOTED_PAIR, QUOTED,    QUOTED],
    [QUOTED, NO,   QUOTED,              QUOTED,   QUOTED,        QUOTED,      QUOTED,    QUOTED],
    [NO,     LINE, EXTENSION_END | BWS, NAME,     NO,            NO,          NO,        NO],
];

/// The bytes that have a column of their own in [`NEXT`], two for each.
const OWN: &[u8; 12] = b"==\r\n \t;;\"\"\\\\";

/// No such byte may stand here.
const NO: u8 = 0;
/// The end of the size line.
const LINE: u8 = 0x40;
/// Bad white space: only where a flag lets it in (RFC 9112 §7.1.1).
const BWS: u8 = 0x80;

/// The column of a byte in [`NEXT`].
fn kind(byte: u8) -> Option<usize> {
    match OWN.iter().position(|&own| own == byte) {
        Some(place) => Some(place / 2),
        None if is_tchar(byte) => Some(6),
        None => is_text(byte).then_some(7),
    }
}

impl Body {
    /// Decodes chunks until the data, the spans or the chunks end. Answers the bytes used, and the reason why
    /// the next one is refused, or 0.
    pub(crate) fn chunked(&mut self, data: &[u8], out: &mut Spans<'_>) -> (usize, u16) {
        let mut at = 0;
        while self.state == BOJAGI_BODY_DATA {
            let begins = self.chunks.phase == SIZE && self.chunks.has_digit == 0;
            if begins {
                at = self.whole_chunks(data, at, out);
            }
            let Some(&byte) = data.get(at) else { break };
            let is_data = self.chunks.phase == DATA;
            if (begins || is_data) && out.is_full() {
                break;
            }
            if is_data {
                at += self.chunk_data(at, data.len() - at, out);
                continue;
            }
            let reason = self.framing_byte(byte);
            if reason != 0 {
                return (at, reason);
            }
            at += 1;
            #[cfg(feature = "sweep")]
            if matches!(self.chunks.phase, NAME_MORE | TOKEN | QUOTED) {
                at += self.extension_run(data.get(at..).unwrap_or(&[]));
            }
        }
        (at, 0)
    }

    /// Takes the chunks that are all there and whose size lines are plain; answers where it stops, at
    /// the start of a size line. Whatever is not so, or is wrong, is left to the machine.
    #[cfg(feature = "sweep")]
    #[inline(never)]
    fn whole_chunks(&mut self, data: &[u8], at: usize, out: &mut Spans<'_>) -> usize {
        let mut rest = data.get(at..).unwrap_or(&[]);
        // Neither it nor a size line's end overflows: the data has fewer bytes than 2^32.
        let mut off = narrow(at);
        let permitted = self.rules.body_max.saturating_sub(self.total);
        let mut left = permitted;
        let mut line = SizeLine::NONE;
        out.fill(|| {
            let bytes = rest.first_chunk()?;
            if !line.begins(bytes) {
                line = SizeLine::read(bytes)?;
            }
            let len = line.len + line.size + 2;
            let (chunk, tail) = rest.split_at_checked(index(len))?;
            if !chunk.ends_with(b"\r\n") {
                return None;
            }
            left = left.checked_sub(u64::from(line.size))?;
            let span = Span { off: off.wrapping_add(line.len), len: line.size };
            (rest, off) = (tail, off.wrapping_add(len));
            Some(span)
        });
        self.total = self.total.saturating_add(permitted - left);
        index(off)
    }

    /// Without the feature the machine reads all chunks, in a smaller image.
    #[cfg(not(feature = "sweep"))]
    fn whole_chunks(&mut self, _: &[u8], at: usize, _: &mut Spans<'_>) -> usize {
        at
    }

    fn chunk_data(&mut self, at: usize, available: usize, out: &mut Spans<'_>) -> usize {
        let len = usize::try_from(self.remaining).unwrap_or(usize::MAX).min(available);
        self.take(at, len, out);
        if self.remaining == 0 {
            self.chunks.phase = DATA_CR;
        }
        len
    }

    /// Reads one byte between the data; answers the reason why it is refused, or 0.
    fn framing_byte(&mut self, byte: u8) -> u16 {
        let bare_lf = byte == b'\n' && self.allows(BOJAGI_ALLOW_BARE_LF);
        match self.chunks.phase {
            SIZE => return self.size_byte(byte),
            SIZE_LF if byte == b'\n' => return self.begin_chunk(),
            SIZE_LF => return BOJAGI_REASON_LINE_END,
            DATA_CR if byte == b'\r' => self.chunks.phase = DATA_LF,
            DATA_CR if bare_lf => self.end_chunk(),
            DATA_LF if byte == b'\n' => self.end_chunk(),
            DATA_CR | DATA_LF => return BOJAGI_REASON_CHUNK_END,
            phase => return self.extension_byte(phase, byte, BOJAGI_REASON_CHUNK_EXTENSION),
        }
        0
    }

    fn size_byte(&mut self, byte: u8) -> u16 {
        match hex_digit(byte) {
            Some(digit) if self.remaining >> 60 == 0 => {
                self.chunks.has_digit = 1;
                self.remaining = self.remaining << 4 | u64::from(digit);
                0
            }
            None if self.chunks.has_digit != 0 => {
                self.extension_byte(EXTENSION_END, byte, BOJAGI_REASON_CHUNK_SIZE)
            }
            _ => BOJAGI_REASON_CHUNK_SIZE,
        }
    }

    /// One byte of the extensions, or that which ends the line, behind a phase of theirs; `reason` is for one
    /// that has no place there.
    fn extension_byte(&mut self, phase: u8, byte: u8, reason: u16) -> u16 {
        let row = NEXT.get(usize::from(phase).wrapping_sub(usize::from(NAME)));
        let next = row.zip(kind(byte)).and_then(|(row, kind)| row.get(kind)).copied().unwrap_or(NO);
        match next {
            NO => return reason,
            LINE => return self.line_end(byte),
            next if next & BWS != 0 && !self.allows(BOJAGI_ALLOW_CHUNK_SPACE) => return reason,
            _ => {}
        }
        // Each counts against the budget of the message.
        if self.chunks.extension_bytes >= self.rules.chunk_extension_max {
            return BOJAGI_REASON_CHUNK_EXTENSION_LIMIT;
        }
        self.chunks.extension_bytes += 1;
        self.chunks.phase = next & !BWS;
        0
    }

    /// Passes over bytes of an extension that do not change the phase; a long one is nearly all such bytes.
    #[cfg(feature = "sweep")]
    fn extension_run(&mut self, rest: &[u8]) -> usize {
        let budget = self.rules.chunk_extension_max.saturating_sub(self.chunks.extension_bytes);
        let run = simd::token_len(rest.get(..index(budget)).unwrap_or(rest));
        self.chunks.extension_bytes = self.chunks.extension_bytes.saturating_add(narrow(run));
        run
    }

    fn line_end(&mut self, byte: u8) -> u16 {
        if byte == b'\r' {
            self.chunks.phase = SIZE_LF;
            return 0;
        }
        match self.allows(BOJAGI_ALLOW_BARE_LF) {
            true => self.begin_chunk(),
            false => BOJAGI_REASON_LINE_END,
        }
    }

    /// The size line is complete.
    fn begin_chunk(&mut self) -> u16 {
        if self.remaining == 0 {
            self.state = BOJAGI_BODY_TRAILERS;
        } else if self.remaining > self.rules.body_max.saturating_sub(self.total) {
            return BOJAGI_REASON_BODY_LIMIT;
        }
        self.chunks.phase = DATA;
        0
    }

    /// The line end behind the data is complete.
    fn end_chunk(&mut self) {
        self.chunks.has_digit = 0;
        self.chunks.phase = SIZE;
    }

    fn allows(&self, flag: u32) -> bool {
        self.rules.flags & flag != 0
    }
}
