//! Why a decoder stopped.

use crate::fault::{Error, Fault, Refusal};
use core::num::NonZeroU64;

/// Why a decoder stopped: what to do next, or a refusal. One word, and never 0, so that a function answers it,
/// or that it may go on, in a register.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stop(NonZeroU64);

impl Stop {
    /// More bytes are needed.
    pub const INCOMPLETE: Self = Self::of(0);
    /// The empty line has been read.
    pub const COMPLETE: Self = Self::of(1);
    /// The head was complete, or refused, before.
    pub const SETTLED: Self = Self::of(2);
    /// The line end before the place that was reached must become SP.
    pub const FOLD: Self = Self::of(3);

    /// A refusal is an odd number, so these are not.
    const fn of(number: u64) -> Self {
        Self(NonZeroU64::MIN.saturating_add(number * 2 + 1))
    }

    /// The call is at fault, not the message.
    pub fn plain(error: Error) -> Self {
        Refusal::with_fault(error, Fault::default()).into()
    }

    /// The refusal, unless it is another reason to stop.
    pub fn refusal(self) -> Option<Refusal> {
        Refusal::from_word(self.0)
    }
}

impl From<Refusal> for Stop {
    fn from(refusal: Refusal) -> Self {
        Self(refusal.word())
    }
}
