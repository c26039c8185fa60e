//! Time budgets. A [`Timeout`] is what a caller passes, in milliseconds, for one whole call; a
//! [`Deadline`] is the moment it ends, which every wait inside the call shares.

use crate::error::{Cause, Error};
use std::time::{Duration, Instant};

/// The budget of one call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Timeout {
    /// -1: no end.
    Never,
    /// 0: do not wait.
    Immediate,
    /// The time a call may take, in milliseconds.
    Millis(u64),
}

/// The moment at which a budget is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deadline {
    /// It never is.
    Never,
    /// There was none to begin with.
    Immediate,
    /// A point on the monotonic clock.
    At(Instant),
}

/// A budget that may not have begun yet: a call that need not wait does not look at the clock.
#[derive(Debug)]
pub struct Budget {
    timeout: Timeout,
    deadline: Option<Deadline>,
}

impl Budget {
    /// A budget that begins when its deadline is asked for.
    pub fn later(timeout: Timeout) -> Self {
        Self { timeout, deadline: None }
    }

    /// A budget that has begun.
    pub fn until(deadline: Deadline) -> Self {
        Self { timeout: Timeout::Never, deadline: Some(deadline) }
    }

    /// Its end.
    pub fn deadline(&mut self) -> Deadline {
        *self.deadline.get_or_insert_with(|| self.timeout.deadline())
    }
}

impl Timeout {
    /// Reads the integer of the ABI: -1 for ever, 0 do not wait, else milliseconds.
    #[inline]
    pub fn from_millis(timeout_ms: i64) -> Result<Self, Error> {
        match timeout_ms {
            -1 => Ok(Self::Never),
            0 => Ok(Self::Immediate),
            _ => u64::try_from(timeout_ms).map(Self::Millis).map_err(|_| wrong_millis(timeout_ms)),
        }
    }

    /// The deadline of a call that begins now. Only a budget that can run out reads the clock.
    #[inline]
    pub fn deadline(self) -> Deadline {
        match self {
            Self::Never => Deadline::Never,
            Self::Immediate => Deadline::Immediate,
            Self::Millis(ms) => after(ms),
        }
    }
}

impl Deadline {
    /// Whether the budget is over.
    pub fn passed(self) -> bool {
        match self {
            Self::Never => false,
            Self::Immediate => true,
            Self::At(point) => Instant::now() >= point,
        }
    }

    /// The time that is left; nothing for [`Deadline::Never`].
    pub fn left(self) -> Option<Duration> {
        match self {
            Self::Never => None,
            Self::Immediate => Some(Duration::ZERO),
            Self::At(point) => Some(point.saturating_duration_since(Instant::now())),
        }
    }

    /// What is left as a budget for the system: whole milliseconds, rounded up, at least one unless
    /// the caller does not wait at all.
    pub fn timeout(self) -> Timeout {
        match self {
            Self::Never => Timeout::Never,
            Self::Immediate => Timeout::Immediate,
            Self::At(_) => Timeout::Millis(self.left().map_or(u64::MAX, millis_up).max(1)),
        }
    }

    /// What a call answers when the budget is over.
    pub fn error(self) -> Error {
        let cause = if self == Self::Immediate { Cause::Again } else { Cause::Timeout };
        cause.into()
    }
}

fn after(ms: u64) -> Deadline {
    Instant::now().checked_add(Duration::from_millis(ms)).map_or(Deadline::Never, Deadline::At)
}

#[cold]
fn wrong_millis(timeout_ms: i64) -> Error {
    Error::wrong(format_args!("timeout_ms is {timeout_ms}; pass -1 (for ever), 0 or milliseconds"))
}

/// Whole milliseconds, rounded up.
pub fn millis_up(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos().div_ceil(1_000_000)).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_what_is_below_for_ever() {
        assert_eq!(Timeout::from_millis(-1).unwrap(), Timeout::Never);
        assert_eq!(Timeout::from_millis(0).unwrap(), Timeout::Immediate);
        for wrong in [-2, i64::MIN] {
            let error = Timeout::from_millis(wrong).unwrap_err();
            assert!(matches!(error.cause(), Cause::Argument(_)), "{error}");
        }
    }

    #[test]
    fn budget_begins_once() {
        let mut budget = Budget::later(Timeout::Millis(1000));
        let began = Timeout::Millis(1000).deadline();
        let end = budget.deadline();
        assert!(end.left().unwrap() > Duration::ZERO);
        assert_eq!(budget.deadline(), end);
        assert_eq!(Budget::until(began).deadline(), began);
    }

    #[test]
    fn longest_budget_does_not_overflow() {
        let deadline = Timeout::from_millis(i64::MAX).unwrap().deadline();
        assert!(!deadline.passed());
    }

    #[test]
    fn rounds_up_so_that_no_wait_is_short() {
        assert_eq!(millis_up(Duration::ZERO), 0);
        assert_eq!(millis_up(Duration::from_nanos(1)), 1);
        assert_eq!(millis_up(Duration::from_nanos(1_000_001)), 2);
    }
}
