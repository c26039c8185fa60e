//! HTTP-dates (RFC 9110 §5.6.7), both ways, and the text of the current second.
//!
//! Years are those of the Gregorian calendar from 1970 to 9999, which a few divisions make of a number of
//! days, and back.

use crate::net::sys::clock::now_s;
use std::ffi::c_char;

/// Bytes of an IMF-fixdate.
pub const BOJAGI_DATE_LEN: usize = 29;

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
///
/// A date is what would be written for the second that its numbers make: then the day exists, and has that
/// name.
pub fn parse(value: &[u8]) -> Option<i64> {
    let mut text = fixdate(value)?;
    // A leap second is the one after 23:59:59.
    let is_leap = text.ends_with(b"23:59:60 GMT");
    if is_leap {
        text.get_mut(23..25)?.copy_from_slice(b"59");
    }
    let month = MONTHS.as_bytes().chunks_exact(3).position(|name| text.get(8..11) == Some(name))?;
    let number = |at| two_digits(&text, at);
    let days = days(number(12) * 100 + number(14), i64::try_from(month).ok()?, number(5));
    let second = days * DAY + number(17) * 3600 + number(20) * 60 + number(23);
    (format(second)? == text).then_some(second + i64::from(is_leap))
}

/// A date of any form as an IMF-fixdate. Where it is none, neither is what becomes of it.
fn fixdate(value: &[u8]) -> Option<[u8; BOJAGI_DATE_LEN]> {
    if value.len() == BOJAGI_DATE_LEN {
        return value.try_into().ok();
    }
    let Some(comma) = value.iter().position(|&byte| byte == b',') else {
        let mut text = fill(b"***, ## &&& $$$$ @@@@@@@@ GMT", b"*** &&& ## @@@@@@@@ $$$$", value)?;
        // The day has a space in place of a zero, or does not.
        let tens = text.get_mut(5)?;
        *tens = if *tens == b' ' { b'0' } else { *tens };
        return Some(text);
    };
    let (name, rest) = value.split_at_checked(comma)?;
    let is_70_to_99 = rest.get(9).is_some_and(|&decade| decade >= b'7');
    let century = if is_70_to_99 {
        b"***, ## &&& 19$$ @@@@@@@@ GMT"
    } else {
        b"***, ## &&& 20$$ @@@@@@@@ GMT"
    };
    let mut text = fill(century, b", ##-&&&-$$ @@@@@@@@ GMT", rest)?;
    text.get_mut(..3)?.copy_from_slice(name.get(..3)?);
    DAYS.split(' ').any(|day| day.as_bytes() == name).then_some(text)
}

/// Moves each byte of the value to the next place of the text that has the sign which the picture has for it.
/// What is no such sign must be in the value as it is.
fn fill(
    text: &[u8; BOJAGI_DATE_LEN],
    picture: &[u8; 24],
    value: &[u8],
) -> Option<[u8; BOJAGI_DATE_LEN]> {
    let mut text = *text;
    if value.len() != picture.len() {
        return None;
    }
    for (&sign, &byte) in picture.iter().zip(value) {
        if b"*#&$@".contains(&sign) {
            *text.iter_mut().find(|place| **place == sign)? = byte;
        } else if sign != byte {
            return None;
        }
    }
    Some(text)
}

/// The number that stands there; any number where there is none.
fn two_digits(text: &[u8; BOJAGI_DATE_LEN], at: usize) -> i64 {
    let digit = |at: usize| text.get(at).map_or(0, |byte| i64::from(byte.wrapping_sub(b'0')));
    digit(at) * 10 + digit(at + 1)
}

/// The days from 1970-01-01 to a day; months count from 0.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let (year, month) = if month < 2 { (year - 1, month + 10) } else { (year, month - 2) };
    let leap_days = year / 4 - year / 100 + year / 400;
    year * 365 + leap_days + (153 * month + 2) / 5 + day - 1 - TO_1970
}

/// The IMF-fixdate of a second; `None` outside of 1970 to 9999.
pub fn format(second: i64) -> Option<[u8; BOJAGI_DATE_LEN]> {
    if !(0..END).contains(&second) {
        return None;
    }
    let (days, second) = (second / DAY, second % DAY);
    let (year, month, day) = civil(days);
    let mut text = *b"Thu, 01 Jan 1970 00:00:00 GMT";
    for (at, names, number) in [(0, "ThuFriSatSunMonTueWed", days % 7), (8, MONTHS, month)] {
        let name = names.as_bytes().chunks_exact(3).nth(usize::try_from(number).ok()?)?;
        text.get_mut(at..at + 3)?.copy_from_slice(name);
    }
    let pairs = [
        (5, day),
        (12, year / 100),
        (14, year % 100),
        (17, second / 3600),
        (20, second / 60 % 60),
        (23, second % 60),
    ];
    for (at, number) in pairs {
        let digits = [number / 10, number % 10].map(|digit| b'0' + (digit % 10) as u8);
        text.get_mut(at..at + 2)?.copy_from_slice(&digits);
    }
    Some(text)
}

/// The year, the month from 0 and the day of the month, that many days after 1970-01-01.
fn civil(days: i64) -> (i64, i64, i64) {
    const ERA: i64 = 400 * 365 + 97;
    // Years begin in March, so that the day of a leap year is its last.
    let days = days + TO_1970;
    let (era, day) = (days / ERA, days % ERA);
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    // Five months have 153 days, from March on and from August on.
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let (year, month) = if month < 10 { (year, month + 2) } else { (year + 1, month - 10) };
    (400 * era + year, month, day)
}

/// The days from 0000-03-01 to 1970-01-01.
const TO_1970: i64 = 719_468;
const DAY: i64 = 24 * 3600;
const MONTHS: &str = "JanFebMarAprMayJunJulAugSepOctNovDec";
const DAYS: &str = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday";

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::{Duration, UNIX_EPOCH};

    #[test]
    fn every_second_that_is_written_is_read_back() {
        for second in (0..END).step_by(86_399 * 97).chain([END - 1]) {
            assert_eq!(parse(&format(second).unwrap()), Some(second));
        }
    }

    #[test]
    fn writes_what_the_crate_httpdate_writes() {
        for second in (0..END).step_by(86_399 * 31).chain([951_782_400, 4_107_542_400, END - 1]) {
            let at = UNIX_EPOCH + Duration::from_secs(second.unsigned_abs());
            let expected = httpdate::fmt_http_date(at);
            assert_eq!(format(second).unwrap().as_slice(), expected.as_bytes());
        }
    }

    /// What the crate makes of a date. It takes what stands around one as white space, does not look at the byte
    /// between year and time of RFC 850, and knows no leap second.
    fn expected(value: &str) -> Option<i64> {
        let bytes = value.as_bytes();
        let is_bare = [bytes.first()?, bytes.last()?].iter().all(|byte| byte.is_ascii_graphic());
        let is_parted = match value.find(',') {
            Some(comma) if bytes.len() != BOJAGI_DATE_LEN => bytes.get(comma + 11) == Some(&b' '),
            _ => true,
        };
        let plain = value.replacen("23:59:60", "23:59:59", 1);
        let at = httpdate::parse_http_date(&plain).ok().filter(|_| is_bare && is_parted)?;
        let second = at.duration_since(UNIX_EPOCH).ok()?.as_secs();
        Some(i64::try_from(second).unwrap() + i64::from(plain != value))
    }

    /// Every form of many seconds, as it is and with a byte or two made another: what the crate takes is
    /// taken, and nothing else.
    #[test]
    fn reads_what_the_crate_httpdate_reads() {
        let mut seed = 1u32;
        let mut random = |below: usize| {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (seed >> 8) as usize % below
        };
        let (mut taken, mut refused) = (0, 0);
        for second in (0..END).step_by(86_399 * 7919 / 3) {
            let text = String::from_utf8(format(second).unwrap().to_vec()).unwrap();
            let [day, date, month, year, time] =
                [0..3, 5..7, 8..11, 12..16, 17..25].map(|part| text.get(part).unwrap());
            let name = DAYS.split(' ').find(|name| name.starts_with(day)).unwrap();
            let spaced =
                date.strip_prefix('0').map_or(date.to_owned(), |digit| format!(" {digit}"));
            let forms = [
                text.clone(),
                format!("{name}, {date}-{month}-{} {time} GMT", &year[2..]),
                format!("{day} {month} {spaced} {time} {year}"),
                format!("{day} {month} {date} {time} {year}"),
                text.replace(time, "23:59:60"),
            ];
            for form in forms {
                assert_eq!(parse(form.as_bytes()), expected(&form), "{form}");
                for _ in 0..60 {
                    let mut bytes = form.clone().into_bytes();
                    for _ in 0..=random(2) {
                        let at = random(bytes.len());
                        match random(8) {
                            0 => drop(bytes.remove(at)),
                            1 => bytes.insert(at, bytes[random(bytes.len())]),
                            2 => bytes[at] = b" 0:,-"[random(5)],
                            3 => bytes[at] ^= 0x20,
                            4 => bytes[at] = b"Mm"[random(2)],
                            _ => bytes[at] = b'0' + random(10) as u8,
                        }
                    }
                    let changed = String::from_utf8_lossy(&bytes);
                    let second = parse(changed.as_bytes());
                    assert_eq!(second, expected(&changed), "{changed}");
                    *if second.is_some() { &mut taken } else { &mut refused } += 1;
                }
            }
        }
        assert!(taken > 100 && refused > 1000, "{taken} taken, {refused} refused");
    }

    #[test]
    fn the_time_is_parted_from_the_year() {
        assert_eq!(parse(b"Thursday, 01-Jan-70 00:00:00 GMT"), Some(0));
        assert_eq!(parse(b"Thursday, 01-Jan-70200:00:00 GMT"), None);
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
