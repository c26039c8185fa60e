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

use crate::body::{BOJAGI_BODY_TRAILERS, Body, Spans};
use crate::fault::*;
use crate::field::Span;
use crate::offset::{index, narrow};
use crate::rules::{BOJAGI_ALLOW_BARE_LF, BOJAGI_ALLOW_CHUNK_SPACE};
use crate::simd;
use crate::size_line::{SizeLine, hex_digit};
use crate::token::{is_ows, is_tchar, is_text};

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
const VALUE: u8 = 3;
const TOKEN: u8 = 4;
const QUOTED: u8 = 5;
const QUOTED_PAIR: u8 = 6;
const EXTENSION_END: u8 = 7;
const SIZE_LF: u8 = 8;
const DATA: u8 = 9;
const DATA_CR: u8 = 10;
const DATA_LF: u8 = 11;
const NAME_END: u8 = 12;

impl Body {
    /// Decodes chunks until the data, the spans or the chunks end; the error tells the bytes used.
    pub(crate) fn chunked(
        &mut self,
        data: &[u8],
        out: &mut Spans<'_>,
    ) -> Result<usize, (usize, Refusal)> {
        let mut at = 0;
        loop {
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
            self.framing_byte(byte).map_err(|reason| (at, self.refusal_at(reason, at)))?;
            at += 1;
            if self.state == BOJAGI_BODY_TRAILERS {
                break;
            }
            at += self.extension_run(data.get(at..).unwrap_or(&[]));
        }
        Ok(at)
    }

    /// Takes the chunks that are all there and whose size lines are plain; answers where it stops, at
    /// the start of a size line. Whatever is not so, or is wrong, is left to the machine.
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

    fn chunk_data(&mut self, at: usize, available: usize, out: &mut Spans<'_>) -> usize {
        let len = usize::try_from(self.remaining).unwrap_or(usize::MAX).min(available);
        self.take(at, len, out);
        if self.remaining == 0 {
            self.chunks.phase = DATA_CR;
        }
        len
    }

    fn framing_byte(&mut self, byte: u8) -> Result<(), u16> {
        let bare_lf = byte == b'\n' && self.allows(BOJAGI_ALLOW_BARE_LF);
        match self.chunks.phase {
            SIZE => self.size_byte(byte),
            SIZE_LF if byte == b'\n' => self.begin_chunk(),
            SIZE_LF => Err(BOJAGI_REASON_LINE_END),
            DATA_CR if byte == b'\r' => self.chunk_phase(DATA_LF),
            DATA_CR if bare_lf => self.end_chunk(),
            DATA_LF if byte == b'\n' => self.end_chunk(),
            DATA_CR | DATA_LF => Err(BOJAGI_REASON_CHUNK_END),
            _ => self.extension_byte(byte),
        }
    }

    fn size_byte(&mut self, byte: u8) -> Result<(), u16> {
        let Some(digit) = hex_digit(byte) else {
            return match byte {
                _ if self.chunks.has_digit == 0 => Err(BOJAGI_REASON_CHUNK_SIZE),
                b';' => self.extension_next(NAME),
                b'\r' | b'\n' => self.line_end(byte),
                byte if self.is_space(byte) => self.extension_next(EXTENSION_END),
                _ => Err(BOJAGI_REASON_CHUNK_SIZE),
            };
        };
        if self.remaining >> 60 != 0 {
            return Err(BOJAGI_REASON_CHUNK_SIZE);
        }
        self.chunks.has_digit = 1;
        self.remaining = self.remaining << 4 | u64::from(digit);
        Ok(())
    }

    /// One byte of the extensions, each counted against the budget of the message.
    fn extension_byte(&mut self, byte: u8) -> Result<(), u16> {
        let phase = match (self.chunks.phase, byte) {
            (NAME | NAME_MORE, byte) if is_tchar(byte) => NAME_MORE,
            (NAME_MORE | NAME_END, b'=') => VALUE,
            (VALUE, b'"') => QUOTED,
            (VALUE | TOKEN, byte) if is_tchar(byte) => TOKEN,
            (QUOTED, b'"') => EXTENSION_END,
            (QUOTED, b'\\') => QUOTED_PAIR,
            (QUOTED | QUOTED_PAIR, byte) if is_text(byte) => QUOTED,
            (NAME_MORE | NAME_END | TOKEN | EXTENSION_END, b';') => NAME,
            (NAME_MORE | NAME_END | TOKEN | EXTENSION_END, b'\r' | b'\n') => {
                return self.line_end(byte);
            }
            (NAME_MORE | NAME_END, byte) if self.is_space(byte) => NAME_END,
            (TOKEN | EXTENSION_END, byte) if self.is_space(byte) => EXTENSION_END,
            (NAME | VALUE, byte) if self.is_space(byte) => self.chunks.phase,
            _ => return Err(BOJAGI_REASON_CHUNK_EXTENSION),
        };
        self.extension_next(phase)
    }

    fn extension_next(&mut self, phase: u8) -> Result<(), u16> {
        if self.chunks.extension_bytes >= self.rules.chunk_extension_max {
            return Err(BOJAGI_REASON_CHUNK_EXTENSION_LIMIT);
        }
        self.chunks.extension_bytes += 1;
        self.chunk_phase(phase)
    }

    /// Skips bytes of an extension that do not change the phase; a long one is nearly all such bytes.
    fn extension_run(&mut self, rest: &[u8]) -> usize {
        let budget = self.rules.chunk_extension_max.saturating_sub(self.chunks.extension_bytes);
        let rest = rest.get(..index(budget)).unwrap_or(rest);
        let ends_quoted = |&byte: &u8| !is_text(byte) || matches!(byte, b'"' | b'\\');
        let run = match self.chunks.phase {
            NAME_MORE | TOKEN => simd::token_len(rest),
            QUOTED => rest.iter().position(ends_quoted).unwrap_or(rest.len()),
            _ => 0,
        };
        self.chunks.extension_bytes = self.chunks.extension_bytes.saturating_add(narrow(run));
        run
    }

    fn line_end(&mut self, byte: u8) -> Result<(), u16> {
        match byte {
            b'\r' => self.chunk_phase(SIZE_LF),
            _ if self.allows(BOJAGI_ALLOW_BARE_LF) => self.begin_chunk(),
            _ => Err(BOJAGI_REASON_LINE_END),
        }
    }

    /// The size line is complete.
    fn begin_chunk(&mut self) -> Result<(), u16> {
        if self.remaining == 0 {
            self.state = BOJAGI_BODY_TRAILERS;
            return Ok(());
        }
        if self.remaining > self.rules.body_max.saturating_sub(self.total) {
            return Err(BOJAGI_REASON_BODY_LIMIT);
        }
        self.chunk_phase(DATA)
    }

    /// The line end behind the data is complete.
    fn end_chunk(&mut self) -> Result<(), u16> {
        self.chunks.has_digit = 0;
        self.chunk_phase(SIZE)
    }

    fn chunk_phase(&mut self, phase: u8) -> Result<(), u16> {
        self.chunks.phase = phase;
        Ok(())
    }

    fn allows(&self, flag: u32) -> bool {
        self.rules.flags & flag != 0
    }

    fn is_space(&self, byte: u8) -> bool {
        is_ows(byte) && self.allows(BOJAGI_ALLOW_CHUNK_SPACE)
    }
}
