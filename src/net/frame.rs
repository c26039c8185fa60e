//! Frames: the messages of a protocol of one's own on a stream, marked off by a length in front of each
//! or a delimiter behind it.
//!
//! ```text
//! length      | 0 5 | h e l l o | 0 2 | h i |
//! varint      | 5 | h e l l o | 2 | h i |
//! delimiter   | h e l l o | \n | h i | \n |
//! ```
//!
//! Bytes in, places out: nothing here receives, copies or allocates. The verdict about a frame does not
//! depend on where its bytes were cut.

use super::sys::search::find;
use crate::error::{Cause, Error};

/// How frames are marked off, and how long they may be.
#[derive(Clone, Copy, Debug)]
pub struct Format<'a> {
    /// What stands around a payload.
    pub mark: Mark<'a>,
    /// The length of the longest payload.
    pub limit: u64,
}

/// What stands around a payload.
#[derive(Clone, Copy, Debug)]
pub enum Mark<'a> {
    /// Its length before it, in this many bytes (1, 2, 4 or 8).
    Length {
        /// The bytes.
        width: usize,
        /// The least significant one first.
        is_little: bool,
    },
    /// Its length before it, seven bits a byte, the least significant first (LEB128).
    Varint,
    /// These bytes behind it, at least one.
    Delimiter(&'a [u8]),
}

/// What stands before a payload.
#[derive(Clone, Copy, Debug, Default)]
pub struct Prefix {
    bytes: [u8; VARINT_MAX],
    len: usize,
}

/// What the bytes that have come are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// A whole frame.
    Whole(Frame),
    /// The beginning of one.
    Part {
        /// No delimiter begins before this place.
        searched: usize,
        /// The length of the whole, where its prefix has told it.
        total: Option<u64>,
    },
}

/// The places of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Frame {
    /// The first byte of the payload.
    pub off: usize,
    /// The length of the payload.
    pub len: usize,
    /// The length of all.
    pub total: usize,
}

impl<'a> Format<'a> {
    /// What stands before a payload of `len` bytes.
    pub fn prefix(&self, len: usize) -> Result<Prefix, Error> {
        let len = wide(len);
        let most = match self.mark {
            Mark::Length { width, .. } => largest(width),
            _ => u64::MAX,
        };
        if len > self.limit.min(most) {
            return Err(Cause::FrameLimit(self.limit.min(most)).into());
        }
        Ok(match self.mark {
            Mark::Length { width, is_little } => Prefix::fixed(len, width, is_little),
            Mark::Varint => Prefix::varint(len),
            Mark::Delimiter(_) => Prefix::default(),
        })
    }

    /// What stands behind a payload.
    pub fn suffix(&self) -> &'a [u8] {
        if let Mark::Delimiter(delimiter) = self.mark { delimiter } else { &[] }
    }

    /// Refuses a payload that would end early: the delimiter stands in it, or begins in it and ends
    /// with what is put behind it.
    pub fn check(&self, payload: &[u8]) -> Result<(), Error> {
        let Mark::Delimiter(delimiter) = self.mark else { return Ok(()) };
        let overlap = payload.len().min(delimiter.len().saturating_sub(1));
        let tail = payload.get(payload.len() - overlap..).unwrap_or(&[]);
        let seam = find(&[tail, delimiter].concat(), delimiter);
        if find(payload, delimiter).is_some() || seam != Some(overlap) {
            return Err(Error::argument(
                "the payload holds the delimiter; use a length, or escape it",
            ));
        }
        Ok(())
    }

    /// Looks at the bytes from the beginning of a frame on; `searched` is what `Part` said before of
    /// fewer of them.
    pub fn decode(&self, data: &[u8], searched: usize) -> Result<Found, Cause> {
        let (off, len) = match self.mark {
            Mark::Delimiter(delimiter) => return self.decode_delimited(data, delimiter, searched),
            Mark::Length { width, is_little } => match data.get(..width) {
                Some(bytes) => (width, number(bytes, is_little)),
                None => return Ok(Found::Part { searched: 0, total: None }),
            },
            Mark::Varint => match read_varint(data)? {
                Some(read) => read,
                None => return Ok(Found::Part { searched: 0, total: None }),
            },
        };
        if len > self.limit {
            return Err(Cause::FrameLimit(self.limit));
        }
        let total = wide(off).saturating_add(len);
        match usize::try_from(total) {
            Ok(total) if total <= data.len() => {
                Ok(Found::Whole(Frame { off, len: total - off, total }))
            }
            _ => Ok(Found::Part { searched: off, total: Some(total) }),
        }
    }

    fn decode_delimited(
        &self,
        data: &[u8],
        delimiter: &[u8],
        searched: usize,
    ) -> Result<Found, Cause> {
        let most = self.limit.saturating_add(wide(delimiter.len()));
        let most = usize::try_from(most).unwrap_or(usize::MAX);
        let view = data.get(..most).unwrap_or(data);
        let from = searched.min(view.len());
        match find(view.get(from..).unwrap_or(&[]), delimiter) {
            Some(at) => {
                let len = from + at;
                Ok(Found::Whole(Frame { off: 0, len, total: len + delimiter.len() }))
            }
            None if data.len() >= most => Err(Cause::FrameLimit(self.limit)),
            None => {
                let searched = (view.len() + 1).saturating_sub(delimiter.len()).max(from);
                Ok(Found::Part { searched, total: None })
            }
        }
    }
}

impl Prefix {
    /// Its bytes.
    pub fn bytes(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or(&[])
    }

    fn fixed(len: u64, width: usize, is_little: bool) -> Self {
        let mut prefix = Self { len: width, ..Self::default() };
        let (little, big) = (len.to_le_bytes(), len.to_be_bytes());
        let bytes = if is_little { little.get(..width) } else { big.get(big.len() - width..) };
        for (to, from) in prefix.bytes.iter_mut().zip(bytes.unwrap_or(&[])) {
            *to = *from;
        }
        prefix
    }

    fn varint(mut len: u64) -> Self {
        let mut prefix = Self::default();
        for to in &mut prefix.bytes {
            let [low, ..] = len.to_le_bytes();
            len >>= 7;
            prefix.len += 1;
            if len == 0 {
                *to = low & 0x7f;
                break;
            }
            *to = low | 0x80;
        }
        prefix
    }
}

/// The place behind a varint, and what it says. Only the shortest form of a number is one.
fn read_varint(data: &[u8]) -> Result<Option<(usize, u64)>, Cause> {
    let mut len = 0;
    for (at, &byte) in data.iter().take(VARINT_MAX).enumerate() {
        let bits = u64::from(byte & 0x7f);
        let is_last = byte & 0x80 == 0;
        // The tenth byte has the 64th bit alone.
        let is_too_large = at + 1 == VARINT_MAX && byte > 1;
        if is_too_large || (is_last && byte == 0 && at > 0) {
            return Err(Cause::FrameLength);
        }
        len |= bits << (7 * at);
        if is_last {
            return Ok(Some((at + 1, len)));
        }
    }
    Ok(None)
}

fn number(bytes: &[u8], is_little: bool) -> u64 {
    let add = |sum, byte: &u8| sum << 8 | u64::from(*byte);
    if is_little { bytes.iter().rev().fold(0, add) } else { bytes.iter().fold(0, add) }
}

/// The largest number in so many bytes.
fn largest(width: usize) -> u64 {
    if width < 8 { (1 << (8 * width)) - 1 } else { u64::MAX }
}

fn wide(len: usize) -> u64 {
    u64::try_from(len).unwrap_or(u64::MAX)
}

const VARINT_MAX: usize = 10;

#[cfg(test)]
mod tests {
    use super::*;

    fn format(mark: Mark<'_>) -> Format<'_> {
        Format { mark, limit: u64::MAX }
    }

    #[test]
    fn varints_read_back_and_only_in_their_shortest_form() {
        for shift in 0..64 {
            for number in [(1u64 << shift) - 1, 1 << shift, u64::MAX >> shift] {
                let prefix = Prefix::varint(number);
                let read = read_varint(prefix.bytes()).unwrap();
                assert_eq!(read, Some((prefix.len, number)));
                for cut in 0..prefix.len {
                    assert_eq!(read_varint(&prefix.bytes()[..cut]).unwrap(), None);
                }
                if prefix.len < VARINT_MAX {
                    let mut longer = prefix.bytes().to_vec();
                    *longer.last_mut().unwrap() |= 0x80;
                    longer.push(0);
                    assert_eq!(read_varint(&longer), Err(Cause::FrameLength));
                }
            }
        }
        assert_eq!(read_varint(&[0xff; 10]), Err(Cause::FrameLength));
        assert_eq!(read_varint(&[&[0xff; 9][..], &[2]].concat()), Err(Cause::FrameLength));
    }

    #[test]
    fn a_length_that_no_memory_holds_is_only_incomplete() {
        let huge = format(Mark::Length { width: 8, is_little: false });
        let found = huge.decode(&[0xff; 8], 0).unwrap();
        assert_eq!(found, Found::Part { searched: 8, total: Some(u64::MAX) });
    }

    #[test]
    fn payloads_that_would_end_early_are_refused() {
        for (delimiter, payload, is_fine) in [
            ("\r\n", "a\r", true),
            ("\r\n", "a\r\nb", false),
            ("aba", "ab", false),
            ("aba", "xb", true),
            ("aab", "aaa", true),
            ("\n", "", true),
        ] {
            let format = format(Mark::Delimiter(delimiter.as_bytes()));
            assert_eq!(
                format.check(payload.as_bytes()).is_ok(),
                is_fine,
                "{delimiter:?} {payload:?}"
            );
            let whole = [payload, delimiter].concat();
            let found = format.decode(whole.as_bytes(), 0).unwrap();
            let len = payload.len();
            let expected = Found::Whole(Frame { off: 0, len, total: whole.len() });
            assert_eq!(found == expected, is_fine);
        }
    }
}
