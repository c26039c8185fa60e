//! `clock_gettime(2)`, for the deadlines that cross the ABI as integers; `time(2)`, for dates.

/// The monotonic clock in whole milliseconds, rounded down.
pub fn now_ms() -> i64 {
    let mut now = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: `now` is a timespec that the call writes and does not keep.
    unsafe { libc::clock_gettime(libc::CLOCK_MONOTONIC, &raw mut now) };
    // The clock exists on every system (POSIX), so the call cannot fail.
    #[allow(clippy::useless_conversion, reason = "time_t has 32 bits on some systems")]
    let (seconds, nanos) = (i64::from(now.tv_sec), i64::from(now.tv_nsec));
    seconds.saturating_mul(1000).saturating_add(nanos / 1_000_000)
}

/// The wall clock in whole seconds, as coarse as the system's cheapest clock.
pub fn now_s() -> i64 {
    // SAFETY: NULL asks for the result alone; the call cannot fail then.
    let now = unsafe { libc::time(std::ptr::null_mut()) };
    #[allow(clippy::useless_conversion, reason = "time_t has 32 bits on some systems")]
    i64::from(now)
}
