//! `bojagi_date_…`

use super::guard::{count, guard};
use super::ptr;
use crate::date::{self, Date};
use crate::error::{Cause, Error};
use bojagi_codec::Fault;
use bojagi_codec::fault::BOJAGI_REASON_DATE;
use std::ffi::c_void;

/// Reads an HTTP-date in any of its three forms (RFC 9110 §5.6.7): IMF-fixdate, RFC 850, asctime.
///
/// Returns the seconds from 1970-01-01 00:00:00 UTC; 23:59:60 is the second after. The day must exist and
/// the day name be its own, case counts, and nothing may stand around the date. The two digits of an RFC 850
/// year are 1970 to 2069; a year before 1970 is refused.
///
/// Errors: BOJAGI_E_SYNTAX, with `*fault`, whose offset is 0 since a date is judged as a whole; BOJAGI_E_ARG for
/// NULL with a length. `fault` may be NULL. If-Modified-Since and its like are ignored when their date is
/// refused (RFC 9110 §13.1.3).
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn bojagi_date_parse(
    value: *const c_void,
    len: usize,
    fault: *mut Fault,
) -> i64 {
    guard(|| {
        // SAFETY: from C, under the contract of the header.
        let value = unsafe { ptr::bytes(value, len) }?;
        date::parse(value).ok_or_else(|| {
            let detail = Fault { reason: BOJAGI_REASON_DATE, ..Fault::default() };
            // SAFETY: from C, under the contract of the header.
            unsafe { ptr::write_optional(fault, detail) };
            Error::from(Cause::Value(detail))
        })
    })
}

/// Writes the IMF-fixdate of a second, such as "Sun, 06 Nov 1994 08:49:37 GMT", to `out`, without a NUL.
///
/// Returns 29, BOJAGI_DATE_LEN; `(NULL, 0)` only measures. Errors: BOJAGI_E_SPACE; BOJAGI_E_ARG outside of the
/// years 1970 to 9999 and for NULL with a length.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn bojagi_date_format(out: *mut c_void, cap: usize, second: i64) -> i64 {
    guard(|| {
        // SAFETY: from C, under the contract of the header.
        let room = unsafe { ptr::room(out.cast::<u8>(), cap, "out") }?;
        let text = date::format(second)
            .ok_or_else(|| Error::argument("the second is not in the years 1970 to 9999"))?;
        if !out.is_null() {
            let fitting = room.get_mut(..text.len());
            fitting.ok_or(Cause::Space { len: text.len(), cap })?.write_copy_of_slice(&text);
        }
        Ok(count(text.len()))
    })
}

/// Brings a date up to now: the value of Date for a response that is sent in this second (RFC 9110 §6.6.1).
///
/// `date` is memory of the caller's, zeros before the first call, for one thread at a time. The text is
/// written anew only when the second has changed, so a call costs little more than a look at the clock.
///
/// Returns 29, the length of `date->text`, behind which stands a NUL. Errors: BOJAGI_E_ARG for NULL;
/// BOJAGI_E_UNSUPPORTED when the system's clock is outside of the years 1970 to 9999.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn bojagi_date_now(date: *mut Date) -> i64 {
    guard(|| {
        // SAFETY: from C, under the contract of the header.
        let date = unsafe { ptr::object_mut(date, "date") }?;
        if !date.update() {
            let why = "the system's clock is outside of the years 1970 to 9999; set it";
            return Err(Error::unsupported(why));
        }
        Ok(count(date::BOJAGI_DATE_LEN))
    })
}
