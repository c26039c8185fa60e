//! The cases: which work, how often, and what its figure is.

use crate::turn::Place;
use crate::work::{Wait, Wire, Work};

/// One case of the table.
#[derive(Clone, Copy)]
pub struct Case {
    pub name: &'static str,
    pub work: Work,
    pub place: Place,
    pub figure: Figure,
    /// How often the work is done in a turn.
    pub runs: usize,
    /// Turns of a whole run; a quick one has a tenth.
    pub turns: usize,
    /// Work of ours that the case is held against: what it costs without.
    pub without: Option<Work>,
}

/// What the times of a case become.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Figure {
    /// The median, in microseconds.
    Time,
    /// The median, in gigabytes a second, of so many bytes a run.
    Speed(usize),
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
        runs: 200,
        turns: 400,
        without: None,
    };
    let with_cancel = ping(Wire::Tcp, Wait::Cancel);
    let without = Some(ping(Wire::Tcp, Wait::Plain));
    vec![
        case("tcp", ping(Wire::Tcp, Wait::Plain), Place::TwoCores),
        case("tcp one core", ping(Wire::Tcp, Wait::Plain), Place::OneCore),
        case("unix", ping(Wire::Unix, Wait::Plain), Place::TwoCores),
        case("unix one core", ping(Wire::Unix, Wait::Plain), Place::OneCore),
        case("udp", ping(Wire::Udp, Wait::Plain), Place::TwoCores),
        case("udp one core", ping(Wire::Udp, Wait::Plain), Place::OneCore),
        Case { without, ..case("cancel", with_cancel, Place::TwoCores) },
        Case { without, ..case("cancel one core", with_cancel, Place::OneCore) },
    ]
}

fn streams() -> Vec<Case> {
    let case = |name, wire, size: usize| Case {
        name,
        work: Work::Stream { wire, size },
        place: Place::TwoCores,
        figure: Figure::Speed(size),
        runs: STREAM_BYTES / size,
        turns: 300,
        without: None,
    };
    vec![
        case("tcp 4K", Wire::Tcp, 4 << 10),
        case("tcp 64K", Wire::Tcp, 64 << 10),
        case("tcp 256K", Wire::Tcp, 256 << 10),
        case("unix 4K", Wire::Unix, 4 << 10),
        case("unix 64K", Wire::Unix, 64 << 10),
        case("unix 256K", Wire::Unix, 256 << 10),
    ]
}

fn connect() -> Case {
    Case {
        name: "connect+close",
        work: Work::Connect,
        place: Place::TwoCores,
        figure: Figure::Time,
        runs: 25,
        turns: 300,
        without: None,
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
        without: None,
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
