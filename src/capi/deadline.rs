//! Deadlines as plain integers, to share one budget over several calls.

use super::guard::guard;
use crate::deadline::Timeout;
use crate::error::Error;
use crate::net::sys::clock::now_ms;
use bojagi_codec::capi::code::BOJAGI_E_ARG;

/// The deadline of a budget that begins now: a millisecond of the monotonic clock, which is over when
/// that millisecond is. Pass `bojagi_deadline_left` of it as the `timeout_ms` of each call.
///
/// `timeout_ms`: -1 for ever, which returns -1; 0 is over at once. Errors: BOJAGI_E_ARG below -1, and
/// every call refuses that as a deadline or a budget, so it need not be checked at once.
#[unsafe(no_mangle)]
pub extern "C" fn bojagi_deadline_after(timeout_ms: i64) -> i64 {
    guard(|| {
        Ok(match Timeout::from_millis(timeout_ms)? {
            Timeout::Never => -1,
            Timeout::Immediate => now_ms().saturating_sub(1).max(0),
            Timeout::Millis(_) => now_ms().saturating_add(timeout_ms),
        })
    })
}

/// The milliseconds left until `deadline`, rounded up: 0 when it is over, never more than were asked
/// for.
///
/// -1 (for ever) stays -1, and an error of `bojagi_deadline_after` stays what it is. Cannot fail else.
#[unsafe(no_mangle)]
pub extern "C" fn bojagi_deadline_left(deadline: i64) -> i64 {
    if deadline < -1 {
        super::error::record(Error::argument("the deadline is an error code; mend its budget"));
        return if deadline == BOJAGI_E_ARG { BOJAGI_E_ARG } else { deadline };
    }
    if deadline == -1 {
        return -1;
    }
    let now = now_ms();
    if now > deadline { 0 } else { (deadline - now).max(1) }
}
