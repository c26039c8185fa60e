//! A field section, line by line: the field lines of a head, and the trailers of a chunked body.
//!
//! ```text
//! field-section = *( field-name ":" OWS field-value OWS CRLF ) CRLF        RFC 9112 §5
//! ```
//!
//! The machine remembers the byte it will look at next, so that data which arrives byte by byte is
//! looked at once, and the verdict does not depend on where the data was cut.

use crate::fault::*;
use crate::field::{Field, Fields};
use crate::known::field_id;
use crate::offset::{index, narrow};
use crate::rules::*;
use crate::stop::Stop;
use crate::{simd, token};
use core::mem::MaybeUninit;
use core::ops::Range;

/// Private state of a decoder; nothing in it is for the caller.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct Section {
    /// The offset of the next byte to look at.
    pub(crate) at: u32,
    /// The offset at which the limit of the section is reached.
    pub(crate) end_max: u32,
    /// The first byte of the name, then of the value, that is being read.
    name_off: u32,
    value_off: u32,
    name_len: u16,
    /// The phase: which part of a field line comes next.
    phase: u8,
    /// It is part of a head, not of a body.
    is_head: u8,
    /// Fields decoded so far.
    pub(crate) count: u32,
    pub(crate) count_max: u32,
    /// The flags of the rules; with BOJAGI_ALLOW_OBS_FOLD only where folds can be overwritten.
    pub(crate) flags: u32,
    /// The offset of the first line.
    start: u32,
}

/// As many bytes are looked at one by one.
const FEW: u32 = 8;
/// A name that is shorter is within the limit of names.
const FEW_NAME: u32 = 0xff00;

const LINE: u8 = 0;
const NAME: u8 = 1;
const NAME_WHITE: u8 = 2;
const WHITE: u8 = 3;
const VALUE: u8 = 4;
const LINE_LF: u8 = 5;
const FOLD: u8 = 6;
const LAST_LF: u8 = 7;
const COMPLETE: u8 = 8;

impl Section {
    /// The fields of a head; the CR LF that ends them does not count as their bytes.
    pub(crate) fn of_head(start: u32, rules: &Rules) -> Self {
        let max = (rules.field_bytes_max, rules.field_count_max);
        Self { is_head: 1, ..Self::new(start, max, rules.flags & !BOJAGI_ALLOW_OBS_FOLD) }
    }

    /// The trailers of a body.
    pub(crate) fn of_trailers(rules: &Rules) -> Self {
        let max = (rules.trailer_bytes_max, rules.trailer_count_max);
        Self::new(0, max, rules.flags & !BOJAGI_ALLOW_OBS_FOLD)
    }

    /// The fields of a head that has been read before.
    pub(crate) fn again(&self) -> Self {
        Self::new(self.start, (u32::MAX, u32::MAX), self.flags & !BOJAGI_ALLOW_OBS_FOLD)
    }

    fn new(start: u32, (bytes_max, count_max): (u32, u32), flags: u32) -> Self {
        let end_max = start.saturating_add(bytes_max).saturating_add(2);
        Self { at: start, start, end_max, count_max, flags, ..Self::default() }
    }

    /// Whether the next byte is the first of a line.
    #[inline(always)]
    pub(crate) fn is_between_lines(&self) -> bool {
        self.phase == LINE
    }

    /// Takes a few bytes in the middle of a name or value; false when there is more to it than that.
    #[inline(always)]
    pub(crate) fn take_few(&mut self, data: &[u8]) -> bool {
        let (mut at, end) = (self.at, narrow(data.len()));
        let (class, end_max) = match self.phase {
            VALUE => (token::TEXT, self.end_max),
            NAME => (token::TCHAR, self.end_max.min(self.name_off.saturating_add(FEW_NAME))),
            _ => return false,
        };
        if end >= end_max || end.wrapping_sub(at) > FEW {
            return false;
        }
        while let Some(&byte) = data.get(index(at))
            && token::CLASS[usize::from(byte)] & class != 0
        {
            at += 1;
        }
        self.at = at;
        at == end
    }

    /// Reads on to the end of a field line, which [`Section::field`] then tells; `room` is the number of fields
    /// that the caller's array holds.
    pub(crate) fn advance(&mut self, data: &[u8], room: Option<usize>) -> Result<(), Stop> {
        let permitted = index(self.end_max);
        let window = data.get(..permitted).unwrap_or(data);
        loop {
            let rest = window.get(index(self.at)..).unwrap_or(&[]);
            if let class @ 1.. = self.class() {
                self.at += narrow(simd::run_len(class, rest));
            }
            if self.phase == NAME {
                self.see_name_len()?;
            }
            let Some(&byte) = window.get(index(self.at)) else {
                return match window.len() == permitted {
                    true => Err(Refusal::new(self.bytes_reason(), permitted).into()),
                    false => Err(Stop::INCOMPLETE),
                };
            };
            match self.phase {
                LINE if byte == b'\r' => self.step_to(LAST_LF),
                LINE if byte == b'\n' && self.allows(BOJAGI_ALLOW_BARE_LF) => {
                    return Err(self.end());
                }
                LINE => self.begin_line(byte, room)?,
                NAME | NAME_WHITE if byte == b':' => self.step_to(WHITE),
                NAME if token::is_ows(byte) && self.allows(BOJAGI_ALLOW_SPACE_BEFORE_COLON) => {
                    self.phase = NAME_WHITE;
                }
                NAME | NAME_WHITE => return Err(self.refuse(BOJAGI_REASON_FIELD_NAME)),
                WHITE => {
                    self.value_off = self.at;
                    self.phase = VALUE;
                }
                VALUE if byte == b'\r' => self.step_to(LINE_LF),
                VALUE if byte != b'\n' => return Err(self.refuse(BOJAGI_REASON_FIELD_VALUE)),
                VALUE if !self.allows(BOJAGI_ALLOW_BARE_LF) => {
                    return Err(self.refuse(BOJAGI_REASON_LINE_END));
                }
                LINE_LF | LAST_LF if byte != b'\n' => {
                    return Err(self.refuse(BOJAGI_REASON_LINE_END));
                }
                // The LF of a field line; the line is over unless the next one may continue it.
                VALUE | LINE_LF if self.allows(BOJAGI_ALLOW_OBS_FOLD) => self.step_to(FOLD),
                VALUE | LINE_LF => {
                    self.step_to(LINE);
                    return Ok(());
                }
                FOLD if token::is_ows(byte) => {
                    self.step_to(VALUE);
                    return Err(Stop::FOLD);
                }
                FOLD => {
                    self.phase = LINE;
                    return Ok(());
                }
                LAST_LF => return Err(self.end()),
                _ => return Err(Stop::COMPLETE),
            }
        }
    }

    /// The class of the bytes that are passed over now.
    fn class(&self) -> u8 {
        match self.phase {
            NAME => token::TCHAR,
            NAME_WHITE | WHITE => token::OWS,
            VALUE => token::TEXT,
            _ => 0,
        }
    }

    /// Takes a field in.
    pub(crate) fn push(&mut self, fields: &mut Fields<'_>, field: Field) {
        if let Some(slot) = fields.as_mut().and_then(|all| all.get_mut(index(self.count))) {
            *slot = MaybeUninit::new(field);
        }
        self.count = self.count.saturating_add(1);
    }

    fn allows(&self, flag: u32) -> bool {
        self.flags & flag != 0
    }

    fn step_to(&mut self, phase: u8) {
        self.at += 1;
        self.phase = phase;
    }

    fn end(&mut self) -> Stop {
        self.step_to(COMPLETE);
        Stop::COMPLETE
    }

    fn begin_line(&mut self, byte: u8, room: Option<usize>) -> Result<(), Stop> {
        let reason = match byte {
            byte if token::is_tchar(byte) => BOJAGI_REASON_NONE,
            b' ' | b'\t' => BOJAGI_REASON_OBS_FOLD,
            b'\n' => BOJAGI_REASON_LINE_END,
            _ => BOJAGI_REASON_FIELD_NAME,
        };
        if reason != BOJAGI_REASON_NONE {
            return Err(self.refuse(reason));
        }
        if self.count >= self.count_max {
            return Err(self.refuse(self.count_reason()));
        }
        if room.is_some_and(|room| index(self.count) >= room) {
            return Err(Stop::plain(Error::Space));
        }
        self.name_off = self.at;
        self.phase = NAME;
        Ok(())
    }

    /// A name over 65,535 bytes does not fit a [`Field`], whatever the rules say.
    fn see_name_len(&mut self) -> Result<(), Refusal> {
        let len = u16::try_from(self.at.saturating_sub(self.name_off));
        self.name_len = len.map_err(|_| {
            let offset = self.name_off.saturating_add(u32::from(u16::MAX));
            Refusal::new(BOJAGI_REASON_FIELD_NAME_LIMIT, index(offset))
        })?;
        Ok(())
    }

    /// The end of the last line and the white space that opens this one, once reading stopped at a fold: they
    /// become part of the value.
    pub(crate) fn fold(&self, data: &[u8]) -> Range<usize> {
        let white = index(self.at);
        line_end(data, white.saturating_sub(1))..white
    }

    fn refuse(&self, reason: u16) -> Stop {
        Refusal::new(reason, index(self.at)).into()
    }

    fn bytes_reason(&self) -> u16 {
        match self.is_head {
            0 => BOJAGI_REASON_TRAILER_BYTES_LIMIT,
            _ => BOJAGI_REASON_FIELD_BYTES_LIMIT,
        }
    }

    fn count_reason(&self) -> u16 {
        match self.is_head {
            0 => BOJAGI_REASON_TRAILER_COUNT_LIMIT,
            _ => BOJAGI_REASON_FIELD_COUNT_LIMIT,
        }
    }

    /// The field whose line has just been read.
    pub(crate) fn field(&self, data: &[u8]) -> Field {
        let start = index(self.value_off);
        let raw = data.get(start..line_end(data, index(self.at))).unwrap_or(&[]);
        let opened = token::trim_start(raw);
        let mut field = Field {
            name_off: self.name_off,
            name_len: self.name_len,
            id: 0,
            value_off: narrow(start + raw.len() - opened.len()),
            value_len: narrow(token::trim_end(opened).len()),
        };
        field.id = field_id(field.name(data));
        field
    }
}

/// The offset of the CR LF, or LF, that ends right before this one.
fn line_end(data: &[u8], at: usize) -> usize {
    let lf = at.saturating_sub(1);
    let cr = lf.saturating_sub(1);
    if data.get(cr) == Some(&b'\r') { cr } else { lf }
}
