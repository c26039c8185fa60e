//! What the framing and routing fields of a head say that is being encoded.
//!
//! A head that says two things about its body, or says where none can be, is not written: somebody would
//! read it differently (RFC 9112 §11.2).

use crate::fault::*;
use crate::known::*;
use crate::simd::copy::{IS_WIDE, Line};
use crate::{framing, target, token};

/// What the fields are part of.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    Request,
    Response,
}

/// What the framing and routing fields of one section say.
pub(crate) struct Checks {
    part: Part,
    has_body: bool,
    /// A body can be framed, but only one without content.
    is_empty: bool,
    host: bool,
    length: bool,
    coding: bool,
}

impl Checks {
    pub(crate) fn new(part: Part, has_body: bool) -> Self {
        Self { part, has_body, is_empty: false, host: false, length: false, coding: false }
    }

    /// Whether only a body without content can be framed, as for a 205 (RFC 9110 §15.3.6).
    pub(crate) fn empty(self, is_empty: bool) -> Self {
        Self { is_empty, ..self }
    }

    /// Whether this is a request in which no Host was seen.
    pub(crate) fn lacks_host(&self) -> bool {
        self.part == Part::Request && !self.host
    }

    /// Sees a line that was found good as such; the reason that it is refused for, if it is.
    #[inline(never)]
    pub(crate) fn see(&mut self, line: &Line<'_>) -> u16 {
        let (Some(name), Some(value)) = (line.name(), line.value()) else {
            return BOJAGI_REASON_NONE;
        };
        let id = if line.id() == 0 { framing_id(name) } else { line.id() };
        match u16::try_from(id) {
            Ok(BOJAGI_FIELD_CONTENT_LENGTH) => self.length(value),
            Ok(BOJAGI_FIELD_TRANSFER_ENCODING) => self.coding(value),
            Ok(BOJAGI_FIELD_HOST) if self.part == Part::Request => self.host(value),
            _ => BOJAGI_REASON_NONE,
        }
    }

    #[inline(never)]
    fn host(&mut self, value: &[u8]) -> u16 {
        if self.host {
            return BOJAGI_REASON_HOST_REPEATED;
        }
        self.host = true;
        match target::authority(value) {
            Ok(_) => BOJAGI_REASON_NONE,
            Err(_) => BOJAGI_REASON_HOST_INVALID,
        }
    }

    fn length(&mut self, value: &[u8]) -> u16 {
        if self.length {
            return BOJAGI_REASON_CONTENT_LENGTH_REPEATED;
        }
        self.length = true;
        if !is_decimal(value) {
            return BOJAGI_REASON_CONTENT_LENGTH_INVALID;
        }
        if self.is_empty && value.iter().any(|&digit| digit != b'0') {
            return BOJAGI_REASON_FIELD_FORBIDDEN;
        }
        self.body_reason()
    }

    #[inline(never)]
    fn coding(&mut self, value: &[u8]) -> u16 {
        if self.coding {
            return BOJAGI_REASON_TRANSFER_ENCODING_INVALID;
        }
        self.coding = true;
        if !token::is_same(value, b"chunked") {
            return BOJAGI_REASON_TRANSFER_ENCODING_UNKNOWN;
        }
        if self.is_empty {
            return BOJAGI_REASON_FIELD_FORBIDDEN;
        }
        self.body_reason()
    }

    fn body_reason(&self) -> u16 {
        if !self.has_body {
            return BOJAGI_REASON_FIELD_FORBIDDEN;
        }
        if self.length && self.coding { BOJAGI_REASON_FRAMING_CONFLICT } else { BOJAGI_REASON_NONE }
    }
}

/// The id of a token, if it is one of the three that are seen; others have 0.
fn framing_id(name: &[u8]) -> u32 {
    if !IS_WIDE {
        return field_id(name).into();
    }
    let is = |lower| folded(name) == folded(lower);
    match name.len() {
        4 if token::is_same(name, b"Host") => BOJAGI_FIELD_HOST.into(),
        14 if is(b"content-length") => BOJAGI_FIELD_CONTENT_LENGTH.into(),
        17 if is(b"transfer-encoding") => BOJAGI_FIELD_TRANSFER_ENCODING.into(),
        _ => 0,
    }
}

/// A token of 8 to 17 bytes without its case. Letters and hyphens can be told apart by it: no other byte
/// of a token becomes one of them when the bit of the case is set.
fn folded(token: &[u8]) -> Option<(u64, u8, u64)> {
    const CASE: u64 = u64::MAX / 255 * 0x20;
    let first = u64::from_ne_bytes(*token.first_chunk()?);
    let last = u64::from_ne_bytes(*token.last_chunk()?);
    Some((first | CASE, token.get(token.len() / 2)? | 0x20, last | CASE))
}

/// `1*DIGIT` below 2^64; most often 4 to 8 digits, which are looked at in two words.
fn is_decimal(value: &[u8]) -> bool {
    match (value.first_chunk(), value.last_chunk()) {
        (Some(first), Some(last)) if IS_WIDE && value.len() <= 8 => {
            are_digits(*first) && are_digits(*last)
        }
        _ => framing::decimal(value).is_ok(),
    }
}

/// The high half of each byte is 3, and stays 3 when 6 is added: 0x30 to 0x39.
fn are_digits(bytes: [u8; 4]) -> bool {
    let word = u32::from_ne_bytes(bytes);
    let more = word.wrapping_add(0x0606_0606);
    (word & 0xf0f0_f0f0) == 0x3030_3030 && (more & 0xf0f0_f0f0) == 0x3030_3030
}
