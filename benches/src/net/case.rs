//! The cases: which work, how often, and what its figure is.

use bojagi_bench::measure::Role;

use crate::turn::Place;
use crate::work::{Half, Wait, Wire, Work};

/// One case of the table.
pub struct Case {
    pub name: &'static str,
    pub work: Work,
    pub place: Place,
    pub figure: Figure,
    /// How often the work is done in a turn.
    pub runs: usize,
    /// Turns of a whole run; a quick one has a tenth.
    pub turns: usize,
    /// How many runs have their system calls counted: 0 where they are no number, for who spins makes as
    /// many as there is time for.
    pub counted: usize,
    /// Who else takes part, in the same turns.
    pub beside: Vec<Beside>,
}

/// Somebody beside ours and C.
#[derive(Clone, Copy)]
pub struct Beside {
    pub name: &'static str,
    pub role: Role,
    /// Ours, else C.
    pub is_ours: bool,
    pub work: Work,
    /// How many times as fast as this one we have to be, where that is settled.
    pub least: Option<f64>,
}

/// What the times of a case become.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Figure {
    /// The median, in microseconds.
    Time,
    /// The median, in gigabytes a second, of so many bytes a run.
    Speed(usize),
    /// The median, in thousands of datagrams a second, of a batch a run.
    Rate,
    /// What is above the budget, in milliseconds: the median and the worst.
    Overshoot(u32),
    /// The median and the worst, in microseconds.
    Latency,
}

/// A section of the table.
pub struct Section {
    pub title: &'static str,
    pub cases: Vec<Case>,
}

pub fn sections() -> Vec<Section> {
    vec![
        Section { title: "There and back, 64 bytes", cases: pings() },
        Section { title: "One way, bytes a call", cases: streams() },
        Section { title: "Batches of 64 datagrams", cases: batches() },
        Section { title: "Connections", cases: vec![connect()] },
        Section { title: "Waits that end: a budget, a cancel", cases: ends() },
    ]
}

fn pings() -> Vec<Case> {
    let ping = |wire, wait| Work::Ping { wire, wait, size: 64 };
    let case = |name, work, place| Case {
        name,
        work,
        place,
        figure: Figure::Time,
        runs: 100,
        turns: 500,
        counted: 50,
        beside: Vec::new(),
    };
    let with_cancel = ping(Wire::Tcp, Wait::Cancel);
    let beside = || {
        let work = ping(Wire::Tcp, Wait::Plain);
        vec![Beside { name: "without", role: Role::Limit, is_ours: true, work, least: None }]
    };
    let with_spin = ping(Wire::Tcp, Wait::Spin);
    vec![
        case("ping tcp", ping(Wire::Tcp, Wait::Plain), Place::TwoCores),
        case("ping tcp 1 core", ping(Wire::Tcp, Wait::Plain), Place::OneCore),
        case("ping unix", ping(Wire::Unix, Wait::Plain), Place::TwoCores),
        case("ping unix 1 core", ping(Wire::Unix, Wait::Plain), Place::OneCore),
        case("ping udp", ping(Wire::Udp, Wait::Plain), Place::TwoCores),
        case("ping udp 1 core", ping(Wire::Udp, Wait::Plain), Place::OneCore),
        Case { beside: beside(), ..case("ping cancel", with_cancel, Place::TwoCores) },
        Case { beside: beside(), ..case("ping cancel 1 core", with_cancel, Place::OneCore) },
        Case { counted: 0, beside: beside(), ..case("ping spin", with_spin, Place::TwoCores) },
    ]
}

fn streams() -> Vec<Case> {
    let case = |name, wire, size: usize| Case {
        name,
        work: Work::Stream { wire, size },
        place: Place::TwoCores,
        figure: Figure::Speed(size),
        runs: STREAM_BYTES / size,
        turns: 800,
        counted: 50,
        beside: Vec::new(),
    };
    vec![
        case("stream tcp 4K", Wire::Tcp, 4 << 10),
        case("stream tcp 64K", Wire::Tcp, 64 << 10),
        case("stream tcp 256K", Wire::Tcp, 256 << 10),
        case("stream unix 4K", Wire::Unix, 4 << 10),
        case("stream unix 64K", Wire::Unix, 64 << 10),
        case("stream unix 256K", Wire::Unix, 256 << 10),
        Case {
            work: Work::Sendfile { size: FILE_BYTES },
            figure: Figure::Speed(FILE_BYTES),
            runs: 2,
            ..case("sendfile 8M", Wire::Tcp, FILE_BYTES)
        },
    ]
}

fn batches() -> Vec<Case> {
    let beside = |name, role, work, least| Beside { name, role, is_ours: false, work, least };
    // Receiving is a copy of what came, which no call is needed for: the bar is about sending.
    let least = |half| if half == Half::Recv { None } else { Some(OVER_SINGLES) };
    let case = |name, size, half| Case {
        name,
        work: Work::Batch { size, half },
        place: Place::OneCore,
        figure: Figure::Rate,
        runs: 20,
        turns: 300,
        counted: 50,
        beside: vec![
            beside("C in place", Role::Limit, Work::InPlace { size, half }, None),
            beside("C singly", Role::Peer, Work::Singles { size, half }, least(half)),
        ],
    };
    vec![
        case("batch 64 both", 64, Half::Both),
        case("batch 64 send", 64, Half::Send),
        case("batch 64 recv", 64, Half::Recv),
        case("batch 1400 both", 1400, Half::Both),
        case("batch 1400 send", 1400, Half::Send),
        case("batch 1400 recv", 1400, Half::Recv),
    ]
}

fn connect() -> Case {
    Case {
        name: "connect+close",
        work: Work::Connect,
        place: Place::TwoCores,
        figure: Figure::Time,
        runs: 25,
        turns: 800,
        counted: 50,
        beside: Vec::new(),
    }
}

fn ends() -> Vec<Case> {
    let budget = |name, budget_ms, turns| Case {
        name,
        work: Work::Silence { budget_ms },
        place: Place::TwoCores,
        figure: Figure::Overshoot(budget_ms),
        runs: 1,
        turns,
        counted: 2,
        beside: Vec::new(),
    };
    vec![
        budget("budget 1 ms", 1, 500),
        budget("budget 5 ms", 5, 300),
        budget("budget 20 ms", 20, 100),
        budget("budget 100 ms", 100, 50),
        Case { figure: Figure::Latency, work: Work::Cancel, ..budget("cancel", 0, 500) },
    ]
}

/// What a turn of a stream carries.
const STREAM_BYTES: usize = 8 << 20;
const FILE_BYTES: usize = 8 << 20;
/// A batch has to be so many times as fast as single calls.
const OVER_SINGLES: f64 = 10.0;
