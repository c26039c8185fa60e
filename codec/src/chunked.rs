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
//! The bad white space that the grammar lets stand around `;` and `=` is refused: nobody sends it,
//! and parsers disagree about it. A size is below 2^64, however many zeros stand in front of it.

use crate::body::{BOJAGI_BODY_TRAILERS, Body, Spans};
use crate::fault::*;
use crate::token::{is_tchar, is_text};

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

impl Body {
    /// Decodes chunks until the data, the spans or the chunks end; the error tells the bytes used.
    pub(crate) fn chunked(
        &mut self,
        data: &[u8],
        out: &mut Spans<'_>,
    ) -> Result<usize, (usize, Refusal)> {
        let mut at = 0;
        while let Some(&byte) = data.get(at) {
            if self.chunks.phase == DATA {
                if out.is_full() {
                    break;
                }
                at += self.chunk_data(at, data.len() - at, out);
                continue;
            }
            self.framing_byte(byte).map_err(|reason| (at, self.refusal_at(reason, at)))?;
            at += 1;
            if self.state == BOJAGI_BODY_TRAILERS {
                break;
            }
        }
        Ok(at)
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
        match self.chunks.phase {
            SIZE => self.size_byte(byte),
            SIZE_LF if byte == b'\n' => self.begin_chunk(),
            SIZE_LF => Err(BOJAGI_REASON_LINE_END),
            DATA_CR if byte == b'\r' => self.chunk_phase(DATA_LF),
            DATA_LF if byte == b'\n' => {
                self.chunks.has_digit = 0;
                self.chunk_phase(SIZE)
            }
            DATA_CR | DATA_LF => Err(BOJAGI_REASON_CHUNK_END),
            _ => self.extension_byte(byte),
        }
    }

    fn size_byte(&mut self, byte: u8) -> Result<(), u16> {
        let digit = match byte {
            b'0'..=b'9' => byte - b'0',
            b'a'..=b'f' => byte - b'a' + 10,
            b'A'..=b'F' => byte - b'A' + 10,
            b'\r' if self.chunks.has_digit != 0 => return self.chunk_phase(SIZE_LF),
            b';' if self.chunks.has_digit != 0 => return self.extension_next(NAME),
            b'\n' if self.chunks.has_digit != 0 => return Err(BOJAGI_REASON_LINE_END),
            _ => return Err(BOJAGI_REASON_CHUNK_SIZE),
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
            (NAME, byte) if is_tchar(byte) => NAME_MORE,
            (NAME_MORE, byte) if is_tchar(byte) => NAME_MORE,
            (NAME_MORE, b'=') => VALUE,
            (VALUE, b'"') => QUOTED,
            (VALUE | TOKEN, byte) if is_tchar(byte) => TOKEN,
            (QUOTED, b'"') => EXTENSION_END,
            (QUOTED, b'\\') => QUOTED_PAIR,
            (QUOTED | QUOTED_PAIR, byte) if is_text(byte) => QUOTED,
            (NAME_MORE | TOKEN | EXTENSION_END, b';') => NAME,
            (NAME_MORE | TOKEN | EXTENSION_END, b'\r') => return self.chunk_phase(SIZE_LF),
            (NAME_MORE | TOKEN | EXTENSION_END, b'\n') => return Err(BOJAGI_REASON_LINE_END),
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

    fn chunk_phase(&mut self, phase: u8) -> Result<(), u16> {
        self.chunks.phase = phase;
        Ok(())
    }
}
