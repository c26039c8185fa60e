//! A moment that one thread sets and another measures from.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

/// Clones are the same moment.
#[derive(Clone, Default)]
pub struct Moment(Arc<AtomicU64>);

impl Moment {
    pub fn now(&self) {
        self.0.store(nanos(), Ordering::SeqCst);
    }

    pub fn since(&self) -> Duration {
        Duration::from_nanos(nanos().saturating_sub(self.0.load(Ordering::SeqCst)))
    }
}

/// Nanoseconds since somebody first asked.
fn nanos() -> u64 {
    static FIRST: OnceLock<Instant> = OnceLock::new();
    u64::try_from(FIRST.get_or_init(Instant::now).elapsed().as_nanos()).unwrap_or(u64::MAX)
}
