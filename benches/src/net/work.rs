//! What is measured: a piece of work that each party does in its own way.

use std::thread;
use std::time::Duration;

/// What the two ends of a connection do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Work {
    /// A message of so many bytes there and back.
    Ping { wire: Wire, wait: Wait, size: usize },
    /// Bytes one way, so many a call.
    Stream { wire: Wire, size: usize },
    /// Bytes of a file in memory one way, so many a call.
    Sendfile { size: usize },
    /// So many datagrams of so many bytes, sent and received on one thread.
    Batch { size: usize, half: Half },
    /// The same, where they stand one behind the other, and are left there.
    InPlace { size: usize, half: Half },
    /// The same, in a call for each.
    Singles { size: usize, half: Half },
    /// A connection that is made and closed.
    Connect,
    /// A recv to which nobody sends anything, with a budget in milliseconds.
    Silence { budget_ms: u32 },
    /// A recv that another thread ends: from the fire to the return.
    Cancel,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wire {
    Tcp,
    Udp,
    Unix,
}

/// How a call waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wait {
    /// In the system.
    Plain,
    /// So that another thread can end it.
    Cancel,
    /// In the system, after some tries: `SPIN_US`.
    Spin,
}

/// What is measured of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Half {
    Send,
    Recv,
    Both,
}

impl Half {
    /// What counts of the time that sending took, and receiving.
    pub fn of(self, [send, recv]: [Duration; 2]) -> Duration {
        match self {
            Self::Send => send,
            Self::Recv => recv,
            Self::Both => send + recv,
        }
    }
}

/// The end of which the clock is read. Does the work so many times, and says how long that took.
pub type Front = Box<dyn FnMut(usize) -> Result<Duration, String>>;

/// The other end, on a thread of its own.
pub type Back = Box<dyn FnMut(usize) -> Result<(), String> + Send>;

/// Both ends.
pub struct Pair {
    pub front: Front,
    /// None where nobody else has a part in it.
    pub back: Option<Back>,
}

/// Somebody who can do the work.
pub trait Party {
    fn open(&self, work: Work) -> Result<Pair, String>;
}

/// The budget of every call that has none of its own.
pub const BUDGET_MS: i64 = 10_000;

/// A front that measures for itself how late each of its waits ended.
pub fn waits(mut once: impl FnMut() -> Result<Duration, String> + 'static) -> Front {
    Box::new(move |count| (0..count).try_fold(Duration::ZERO, |sum, _| Ok(sum + once()?)))
}

/// A back that ends waits of the front, which it lets fall asleep first.
pub fn fires(mut once: impl FnMut() -> Result<(), String> + Send + 'static) -> Option<Back> {
    Some(Box::new(move |count| {
        (0..count).try_for_each(|_| {
            thread::sleep(LULL);
            once()
        })
    }))
}

/// Datagrams of a batch.
pub const BATCH: usize = 64;

/// How long a call spins, in microseconds, as net.c does.
pub const SPIN_US: u32 = 50;

const LULL: Duration = Duration::from_millis(2);
