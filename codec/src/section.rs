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
use crate::{simd, token};
use core::mem::MaybeUninit;

/// Private state of a decoder; nothing in it is for the caller.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct Section {
    /// The offset of the next byte to look at.
    pub(crate) at: u32,
    /// The offset at which the limit of the section is reached.
    end_max: u32,
    /// The first byte of the name, then of the value, that is being read.
    name_off: u32,
    value_off: u32,
    name_len: u16,
    /// The phase: which part of a field line comes next.
    phase: u8,
    padding: u8,
    /// Fields decoded so far.
    pub(crate) count: u32,
    count_max: u32,
}

/// What a section is part of: it decides which reason a limit has.
#[derive(Clone, Copy)]
pub(crate) struct Limits {
    pub bytes_reason: u16,
    pub count_reason: u16,
}

impl Limits {
    pub const HEAD: Self = Self {
        bytes_reason: BOJAGI_REASON_FIELD_BYTES_LIMIT,
        count_reason: BOJAGI_REASON_FIELD_COUNT_LIMIT,
    };
    pub const TRAILERS: Self = Self {
        bytes_reason: BOJAGI_REASON_TRAILER_BYTES_LIMIT,
        count_reason: BOJAGI_REASON_TRAILER_COUNT_LIMIT,
    };
}

/// How far a call came.
pub(crate) enum Step {
    /// The empty line has been read; `at` is the length of all up to there.
    Complete,
    /// More bytes are needed.
    Incomplete,
    /// The array of fields is full, and another field begins.
    Full,
}

const LINE: u8 = 0;
const NAME: u8 = 1;
const WHITE: u8 = 2;
const VALUE: u8 = 3;
const LINE_LF: u8 = 4;
const LAST_LF: u8 = 5;
const COMPLETE: u8 = 6;

impl Section {
    /// A section that begins at the given offset; the final CR LF does not count as its bytes.
    pub(crate) fn new(start: u32, bytes_max: u32, count_max: u32) -> Self {
        let end_max = start.saturating_add(bytes_max).saturating_add(2);
        Self { at: start, end_max, count_max, ..Self::default() }
    }

    /// Reads on. `seen` is shown each field and may refuse it with a reason, at the name's offset.
    pub(crate) fn advance(
        &mut self,
        data: &[u8],
        mut fields: Fields<'_>,
        limits: Limits,
        mut seen: impl FnMut(&Field, &[u8]) -> u16,
    ) -> Result<Step, Refusal> {
        let permitted = usize::try_from(self.end_max).unwrap_or(usize::MAX);
        let window = data.get(..permitted).unwrap_or(data);
        loop {
            let Some(&byte) = window.get(index(self.at)) else {
                self.check_name_len()?;
                return match window.len() == permitted {
                    true => Err(Refusal::new(limits.bytes_reason, permitted)),
                    false => Ok(Step::Incomplete),
                };
            };
            match self.phase {
                LINE if byte == b'\r' => self.step_to(LAST_LF),
                LINE => {
                    if let Some(full) = self.begin_line(byte, &fields, limits)? {
                        return Ok(full);
                    }
                }
                NAME => self.name(window)?,
                WHITE if token::is_ows(byte) => self.at += 1,
                WHITE => {
                    self.value_off = self.at;
                    self.phase = VALUE;
                }
                VALUE => self.value(window)?,
                LINE_LF => {
                    self.expect_lf(byte)?;
                    let field = self.field(window);
                    let reason = seen(&field, window);
                    if reason != BOJAGI_REASON_NONE {
                        return Err(Refusal::new(reason, index(field.name_off)));
                    }
                    self.push(&mut fields, field);
                    self.step_to(LINE);
                }
                LAST_LF => {
                    self.expect_lf(byte)?;
                    self.step_to(COMPLETE);
                    return Ok(Step::Complete);
                }
                _ => return Ok(Step::Complete),
            }
        }
    }

    fn step_to(&mut self, phase: u8) {
        self.at += 1;
        self.phase = phase;
    }

    fn begin_line(
        &mut self,
        byte: u8,
        fields: &Fields<'_>,
        limits: Limits,
    ) -> Result<Option<Step>, Refusal> {
        if token::is_ows(byte) {
            return Err(Refusal::new(BOJAGI_REASON_OBS_FOLD, index(self.at)));
        }
        if !token::is_tchar(byte) {
            let reason =
                if byte == b'\n' { BOJAGI_REASON_LINE_END } else { BOJAGI_REASON_FIELD_NAME };
            return Err(Refusal::new(reason, index(self.at)));
        }
        if self.count >= self.count_max {
            return Err(Refusal::new(limits.count_reason, index(self.at)));
        }
        if let Some(fields) = fields
            && index(self.count) >= fields.len()
        {
            return Ok(Some(Step::Full));
        }
        self.name_off = self.at;
        self.phase = NAME;
        Ok(None)
    }

    fn name(&mut self, window: &[u8]) -> Result<(), Refusal> {
        let rest = window.get(index(self.at)..).unwrap_or(&[]);
        let run = simd::token_len(rest);
        self.at += narrow(run);
        self.check_name_len()?;
        match rest.get(run) {
            Some(b':') => {
                self.name_len =
                    u16::try_from(self.at.saturating_sub(self.name_off)).unwrap_or(u16::MAX);
                self.step_to(WHITE);
                Ok(())
            }
            Some(_) => Err(Refusal::new(BOJAGI_REASON_FIELD_NAME, index(self.at))),
            None => Ok(()),
        }
    }

    /// A name over 65,535 bytes does not fit a [`Field`], whatever the rules say.
    fn check_name_len(&self) -> Result<(), Refusal> {
        let longest = u32::from(u16::MAX);
        if self.phase == NAME && self.at.saturating_sub(self.name_off) > longest {
            let offset = self.name_off.saturating_add(longest);
            return Err(Refusal::new(BOJAGI_REASON_FIELD_NAME_LIMIT, index(offset)));
        }
        Ok(())
    }

    fn value(&mut self, window: &[u8]) -> Result<(), Refusal> {
        let rest = window.get(index(self.at)..).unwrap_or(&[]);
        let run = simd::text_len(rest);
        self.at += narrow(run);
        match rest.get(run) {
            Some(b'\r') => {
                self.step_to(LINE_LF);
                Ok(())
            }
            Some(b'\n') => Err(Refusal::new(BOJAGI_REASON_LINE_END, index(self.at))),
            Some(_) => Err(Refusal::new(BOJAGI_REASON_FIELD_VALUE, index(self.at))),
            None => Ok(()),
        }
    }

    fn expect_lf(&self, byte: u8) -> Result<(), Refusal> {
        match byte {
            b'\n' => Ok(()),
            _ => Err(Refusal::new(BOJAGI_REASON_LINE_END, index(self.at))),
        }
    }

    /// The field whose CR has just been read; `at` is its LF.
    fn field(&self, window: &[u8]) -> Field {
        let (start, end) = (index(self.value_off), (index(self.at)).saturating_sub(1));
        let value = token::trim_end(window.get(start..end).unwrap_or(&[]));
        let mut field = Field {
            name_off: self.name_off,
            name_len: self.name_len,
            id: 0,
            value_off: self.value_off,
            value_len: narrow(value.len()),
        };
        field.id = field_id(field.name(window));
        field
    }

    fn push(&mut self, fields: &mut Fields<'_>, field: Field) {
        if let Some(fields) = fields
            && let Some(slot) = fields.get_mut(index(self.count))
        {
            *slot = MaybeUninit::new(field);
        }
        self.count = self.count.saturating_add(1);
    }
}
