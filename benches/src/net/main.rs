//! bojagi's sockets and hand-written C, doing the same in one process.
//!
//! `make bench-net [QUICK=1]` prints a table and writes `target/bench/net.json`. Turns are
//! interleaved, so that what disturbs the machine disturbs everyone alike: trust the ratios, not the
//! times. The system calls of a run are counted by strace, in children of this program.

mod case;
mod count;
mod exports;
mod moment;
mod ours;
mod plain;
mod table;
mod turn;
mod work;

use std::env;
use std::path::Path;

use bojagi_bench::measure::median;
use bojagi_bench::report::{self, Better, Row};
use bojagi_bench::{library, root, seed, variable};

use case::{Case, Figure};
use ours::Ours;
use plain::Plain;
use table::Line;
use turn::Plan;
use work::Party;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = root().join("target/bench");
    let bench = Bench {
        ours: Ours::open(&library()?)?,
        plain: Plain::open(&folder.join("peers/net.so"))?,
        is_quick: variable("QUICK").is_some(),
        only: variable("ONLY"),
    };
    let arguments: Vec<String> = env::args().skip(1).collect();
    if let [flag, case, party] = arguments.as_slice()
        && flag == count::COUNT
    {
        return Ok(bench.count(case, party)?);
    }
    let mut lines = Vec::new();
    for section in case::sections() {
        let mut all = Vec::new();
        for case in section.cases.iter().filter(|case| bench.wants(case)) {
            all.extend(bench.lines(case, &folder).map_err(|why| format!("{}: {why}", case.name))?);
        }
        table::print(section.title, &all);
        lines.extend(all);
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
    fn wants(&self, case: &Case) -> bool {
        self.only.as_ref().is_none_or(|name| case.name.starts_with(name))
    }

    fn lines(&self, case: &Case, folder: &Path) -> Result<Vec<Line>, String> {
        let mut pairs = vec![self.ours.open(case.work)?, self.plain.open(case.work)?];
        if let Some(work) = case.without {
            pairs.push(self.ours.open(work)?);
        }
        let turns = if self.is_quick { case.turns.div_ceil(10) } else { case.turns };
        let times = turn::play(pairs, Plan { turns, runs: case.runs, place: case.place })?;
        let calls = count::calls(folder, case.name, OURS)
            .and_then(|ours| Ok([ours, count::calls(folder, case.name, PLAIN)?]));
        let calls = match calls {
            Ok(calls) => Some(calls),
            Err(why) => {
                eprintln!("## LEFT OUT: the system calls of {}: {why}", case.name);
                None
            }
        };
        Ok(lines(case, &times, calls))
    }

    /// The part of a child whose system calls are counted.
    fn count(&self, case: &str, party: &str) -> Result<(), String> {
        let all = case::sections();
        let mut cases = all.iter().flat_map(|section| &section.cases);
        let case = cases.find(|known| known.name == case).ok_or("no such case")?;
        count::child(match party {
            OURS => self.ours.open(case.work)?,
            _ => self.plain.open(case.work)?,
        })
    }
}

/// The rows of a case: ours first, then C, then what it costs without.
fn lines(case: &Case, times: &[Vec<f64>], calls: Option<[f64; 2]>) -> Vec<Line> {
    let line = |what, unit, figure: &dyn Fn(&[f64]) -> f64, better, bar| {
        let [ours, plain] = [figure(&times[0]), figure(&times[1])];
        let limits = times.get(2).map(|times| ("without".to_owned(), figure(times)));
        let row = Row {
            case: case.name.to_owned(),
            what,
            unit,
            better,
            ours,
            peers: vec![("C".to_owned(), plain)],
            limits: limits.into_iter().collect(),
            bytes: 0.0,
        };
        Line { row, calls, bar }
    };
    let worst = |times: &[f64]| times.iter().copied().fold(0.0, f64::max);
    match case.figure {
        Figure::Time => {
            vec![line("median", "us", &|times| median(times) * 1e6, Better::Less, Some(BAR))]
        }
        Figure::Speed(bytes) => {
            let speed = |times: &[f64]| bytes as f64 / median(times) / 1e9;
            vec![line("median", "GB/s", &speed, Better::More, Some(BAR))]
        }
        Figure::Overshoot(budget_ms) => {
            let above = |time: f64| time * 1e3 - f64::from(budget_ms);
            let middle = |times: &[f64]| above(median(times));
            let top = |times: &[f64]| above(worst(times));
            vec![
                line("median", "ms", &middle, Better::Less, None),
                line("worst", "ms", &top, Better::Less, None),
            ]
        }
        Figure::Latency => vec![
            line("median", "us", &|times| median(times) * 1e6, Better::Less, None),
            line("worst", "us", &|times| worst(times) * 1e6, Better::Less, None),
        ],
    }
}

/// What each of the cases may take of what C takes.
const BAR: f64 = 1.05;
const OURS: &str = "ours";
const PLAIN: &str = "c";
