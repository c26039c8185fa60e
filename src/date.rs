//! HTTP-dates (RFC 9110 §5.6.7), both ways, and the text of the current second.
//!
//! The crate `httpdate` knows the calendar and the three forms. It takes what stands around a date
//! as white space and knows no leap second, so both are seen to here.

use crate::net::sys::clock::now_s;
use httpdate::HttpDate;
use std::ffi::c_char;
use std::fmt::{self, Write};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Bytes of an IMF-fixdate.
pub const BOJAGI_DATE_LEN: usize = 29;

/// Bytes of the longest date, `Wednesday, 09-Nov-94 08:49:37 GMT`.
const LONGEST: usize = 33;
/// The first second of the year 10000, which has five digits.
const END: i64 = 253_402_300_800;

/// The current date as text, in the caller's memory. Zeros are a date that is not yet written.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Date {
    /// The second that `text` names, from 1970-01-01 00:00:00 UTC.
    pub second: i64,
    /// An IMF-fixdate and a NUL, such as "Sun, 06 Nov 1994 08:49:37 GMT".
    pub text: [c_char; 30],
    /// Private.
    pub(crate) is_written: u8,
    /// Private.
    pub(crate) reserved: u8,
}

impl Date {
    /// Writes the text anew when it is another second than before; false when the clock is outside of
    /// 1970 to 9999.
    pub fn update(&mut self) -> bool {
        let now = now_s();
        if self.is_written != 1 || self.second != now {
            let Some(text) = format(now) else { return false };
            *self = Self { second: now, is_written: 1, ..Self::default() };
            for (to, from) in self.text.iter_mut().zip(text) {
                *to = c_char::from_ne_bytes([from]);
            }
        }
        true
    }
}

/// The second that a date names, from 1970 on; `None` when it is no date.
pub fn parse(value: &[u8]) -> Option<i64> {
    // httpdate takes white space around a date for nothing.
    let is_bare = [value.first()?, value.last()?].iter().all(|byte| byte.is_ascii_graphic());
    let mut date = [0; LONGEST];
    let date = date.get_mut(..value.len()).filter(|_| is_bare)?;
    date.copy_from_slice(value);
    // A leap second is the one after 23:59:59, which httpdate does not know.
    let leap = date.windows(8).position(|time| time == b"23:59:60");
    if let Some(time) = leap.and_then(|at| date.get_mut(at..at + 8)) {
        time.copy_from_slice(b"23:59:59");
    }
    let date = str::from_utf8(date).ok()?.parse::<HttpDate>().ok()?;
    let second = SystemTime::from(date).duration_since(UNIX_EPOCH).ok()?.as_secs();
    Some(i64::try_from(second).ok()? + i64::from(leap.is_some()))
}

/// The IMF-fixdate of a second; `None` outside of 1970 to 9999.
pub fn format(second: i64) -> Option<[u8; BOJAGI_DATE_LEN]> {
    let seconds = u64::try_from(second).ok().filter(|_| second < END)?;
    let mut line = Line { text: [0; BOJAGI_DATE_LEN], at: 0 };
    write!(line, "{}", HttpDate::from(UNIX_EPOCH + Duration::from_secs(seconds))).ok()?;
    Some(line.text)
}

/// A line of exactly one date.
struct Line {
    text: [u8; BOJAGI_DATE_LEN],
    at: usize,
}

impl Write for Line {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let end = self.at + text.len();
        self.text.get_mut(self.at..end).ok_or(fmt::Error)?.copy_from_slice(text.as_bytes());
        self.at = end;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_second_that_is_written_is_read_back() {
        for second in (0..END).step_by(86_399 * 97).chain([END - 1]) {
            assert_eq!(parse(&format(second).unwrap()), Some(second));
        }
    }

    #[test]
    fn years_of_more_or_fewer_digits_are_not_written() {
        for second in [i64::MIN, -1, END, i64::MAX] {
            assert_eq!(format(second), None);
        }
    }

    #[test]
    fn a_text_is_written_anew_only_in_another_second() {
        let mut date = Date::default();
        assert!(date.update());
        let text = date.text.map(|byte| byte.to_ne_bytes()[0]);
        assert_eq!(parse(&text[..BOJAGI_DATE_LEN]), Some(date.second));
        assert_eq!(text[BOJAGI_DATE_LEN], 0);
        // A text that is kept shows its mark; one that is written anew does not.
        loop {
            let before = date.second;
            date.text[0] = c_char::from_ne_bytes(*b"?");
            assert!(date.update());
            let is_kept = date.text[0] == c_char::from_ne_bytes(*b"?");
            assert_eq!(is_kept, date.second == before);
            if is_kept {
                break;
            }
        }
        date.second -= 1;
        assert!(date.update());
        assert_ne!(date.text[0], c_char::from_ne_bytes(*b"?"));
    }
}
