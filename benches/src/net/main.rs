//! bojagi's sockets and hand-written C, doing the same in one process.
//!
//! `make bench-net [QUICK=1] [ONLY=beginning of a case's name]` prints a table and writes `target/bench/net.json`. Turns are
//! interleaved, so that what disturbs the machine disturbs everyone alike: trust the ratios, not the
//! times. The system calls of a run are counted by strace, in children of this program.

mod batch;
mod case;
mod count;
mod exports;
mod eyeballs;
mod memory;
mod moment;
mod ours;
mod plain;
mod table;
mod turn;
mod work;

use std::env;
use std::path::Path;

use bojagi_bench::measure::{Role, median};
use bojagi_bench::report::{self, Better, Row};
use bojagi_bench::{library, root, seed, variable};

use case::{Beside, Case, Figure};
use ours::Ours;
use plain::Plain;
use table::Line;
use turn::Plan;
use work::{BATCH, Pair, Party};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = root().join("target/bench");
    let bench = Bench {
        ours: Ours::open(library()?)?,
        plain: Plain::open(&folder.join("peers/net.so"))?,
        is_quick: variable("QUICK").is_some(),
        only: variable("ONLY"),
    };
    let arguments: Vec<String> = env::args().skip(1).collect();
    match arguments.split_first() {
        Some((flag, rest)) if flag == count::COUNT => return Ok(bench.count(rest)?),
        Some((flag, rest)) if flag == eyeballs::CONNECT => return Ok(bench.ours.connects(rest)?),
        _ => {}
    }
    let mut lines = Vec::new();
    for section in case::sections() {
        let mut all = Vec::new();
        for case in section.cases.iter().filter(|case| bench.wants(case.name)) {
            all.extend(bench.lines(case, &folder).map_err(|why| format!("{}: {why}", case.name))?);
        }
        if !all.is_empty() {
            table::print(section.title, &all);
        }
        lines.extend(all);
    }
    if bench.wants(eyeballs::CASE) {
        lines.extend(bench.eyeballs());
    }
    let rows: Vec<Row> = lines.into_iter().flat_map(Line::rows).collect();
    report::write(&folder.join("net.json"), seed()?, &rows)?;
    println!("\nx: above 1 we are ahead. target/bench/net.json has it all.");
    Ok(())
}

struct Bench {
    ours: Ours,
    plain: Plain,
    is_quick: bool,
    /// The beginning of the names of the cases that are wanted; all without it.
    only: Option<String>,
}

impl Bench {
    fn wants(&self, case: &str) -> bool {
        self.only.as_ref().is_none_or(|name| case.starts_with(name))
    }

    fn lines(&self, case: &Case, folder: &Path) -> Result<Vec<Line>, String> {
        let turns = if self.is_quick { case.turns.div_ceil(10) } else { case.turns };
        let openings = OPENINGS.min(turns);
        let plan = Plan { turns: turns / openings, runs: case.runs, place: case.place };
        let mut times: Vec<Vec<f64>> = vec![Vec::new(); 2 + case.beside.len()];
        for _ in 0..openings {
            for (all, some) in times.iter_mut().zip(turn::play(self.pairs(case)?, plan)?) {
                all.extend(some);
            }
        }
        let calls = if case.counted > 0 { self.calls(case, folder) } else { None };
        Ok(lines(case, &times, calls))
    }

    /// Everyone's ends: ours, those of C, and those of who is beside.
    fn pairs(&self, case: &Case) -> Result<Vec<Pair>, String> {
        let mut pairs = vec![self.ours.open(case.work)?, self.plain.open(case.work)?];
        for beside in &case.beside {
            let party: &dyn Party = if beside.is_ours { &self.ours } else { &self.plain };
            pairs.push(party.open(beside.work)?);
        }
        Ok(pairs)
    }

    /// The system calls of a run: ours, and those of C.
    fn calls(&self, case: &Case, folder: &Path) -> Option<[f64; 2]> {
        let count = |party| count::calls(folder, case, party);
        match count(OURS).and_then(|ours| Ok([ours, count(PLAIN)?])) {
            Ok(calls) => Some(calls),
            Err(why) => {
                eprintln!("## LEFT OUT: the system calls of {}: {why}", case.name);
                None
            }
        }
    }

    /// What a dead first address costs; nothing where no black hole can be made.
    fn eyeballs(&self) -> Vec<Line> {
        let lines = eyeballs::lines(if self.is_quick { 3 } else { 21 });
        let lines = lines.unwrap_or_else(|why| {
            eprintln!("## LEFT OUT: Happy Eyeballs: no black hole: {why}");
            vec![eyeballs::left_out()]
        });
        table::print("Happy Eyeballs: the first of two addresses is a black hole", &lines);
        lines
    }

    /// The part of a child whose system calls are counted.
    fn count(&self, rest: &[String]) -> Result<(), String> {
        let [case, party] = rest else { return Err("no case, no party".to_owned()) };
        let all = case::sections();
        let mut cases = all.iter().flat_map(|section| &section.cases);
        let case = cases.find(|known| known.name == *case).ok_or("no such case")?;
        let pair = match party.as_str() {
            OURS => self.ours.open(case.work)?,
            _ => self.plain.open(case.work)?,
        };
        count::child(pair, case.counted)
    }
}

/// The lines of a case: its times are ours, those of C, and those of what is beside.
fn lines(case: &Case, times: &[Vec<f64>], calls: Option<[f64; 2]>) -> Vec<Line> {
    let line = |what, unit, better, bar, figure: &dyn Fn(&[f64]) -> f64| {
        let figures: Vec<f64> = times.iter().map(|times| figure(times)).collect();
        let of = |role| {
            let all = case.beside.iter().zip(figures.iter().skip(2));
            let some = all.filter(move |(beside, _)| beside.role == role);
            some.map(|(beside, figure)| (beside.name.to_owned(), *figure))
        };
        let row = Row {
            case: case.name.to_owned(),
            what,
            unit,
            better,
            ours: figures[0],
            peers: [("C".to_owned(), figures[1])].into_iter().chain(of(Role::Peer)).collect(),
            limits: of(Role::Limit).collect(),
            bytes: 0.0,
        };
        Line { row, calls, bar }
    };
    let worst = |times: &[f64]| times.iter().copied().fold(0.0, f64::max);
    let micros = |times: &[f64]| median(times) * 1e6;
    match case.figure {
        Figure::Time => vec![line("median", "us", Better::Less, Some(BAR), &micros)],
        Figure::Speed(bytes) => {
            let speed = |times: &[f64]| bytes as f64 / median(times) / 1e9;
            vec![line("median", "GB/s", Better::More, Some(BAR), &speed)]
        }
        Figure::Rate => {
            let rate = |times: &[f64]| BATCH as f64 / median(times) / 1e3;
            let line = line("median", "k/s", Better::More, Some(BAR), &rate);
            let over = case.beside.iter().filter_map(|beside| over(case, beside, &line.row));
            over.collect::<Vec<_>>().into_iter().chain([line]).rev().collect()
        }
        Figure::Overshoot(budget_ms) => {
            let above = |time: f64| time * 1e3 - f64::from(budget_ms);
            vec![
                line("median", "ms", Better::Less, None, &|times| above(median(times))),
                line("worst", "ms", Better::Less, None, &|times| above(worst(times))),
            ]
        }
        Figure::Latency => vec![
            line("median", "us", Better::Less, None, &micros),
            line("worst", "us", Better::Less, None, &|times| worst(times) * 1e6),
        ],
    }
}

/// How many times as fast as another one we are, where that is settled.
fn over(case: &Case, beside: &Beside, row: &Row) -> Option<Line> {
    let least = beside.least?;
    let (name, figure) = row.peers.iter().find(|(name, _)| name == beside.name)?;
    let row = Row {
        case: case.name.to_owned(),
        what: "batch",
        unit: "times",
        better: Better::More,
        ours: row.ours / figure,
        peers: vec![(name.clone(), 1.0)],
        limits: vec![("bar".to_owned(), least)],
        bytes: 0.0,
    };
    Some(Line { row, calls: None, bar: Some(1.0 / least) })
}

/// What each of the cases may take of what C takes.
const BAR: f64 = 1.05;
/// How often everyone opens anew in the turns of a case: where the buffers of a connection came to lie, and
/// how large the system has let them grow, is luck that each opening draws again.
const OPENINGS: usize = 10;
const OURS: &str = "ours";
const PLAIN: &str = "c";
