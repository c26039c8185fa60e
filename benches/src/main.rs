//! Reads the same heads with bojagi's exported functions and with other parsers, turn by turn.
//!
//! `make bench-codec [SEED=n] [INPUTS=folder]` prints a table of medians and writes
//! `target/bench/codec.json`. Turns are interleaved within one process, so that what disturbs the
//! machine disturbs everyone alike: trust the ratios, not the times.

mod contender;
mod corpus;

use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::time::Instant;
use std::{env, fs};

use contender::Read;
use corpus::Case;
use serde_json::{Value, json};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let seed = variable("SEED").map_or(Ok(DEFAULT_SEED), |seed| seed.parse())?;
    let library = variable("BOJAGI_LIBRARY")
        .map_or_else(|| root.join("target/release/libbojagi.so"), PathBuf::from);
    let mut contenders = contenders(&library.to_string_lossy())?;
    let mut cases = corpus::cases(seed);
    if let Some(folder) = variable("INPUTS") {
        cases.extend(corpus::from_folder(Path::new(&folder))?);
    }
    println!("{:<16}{}{:>9}", "ns a head", titles(), "ratio");
    let rows: Vec<Value> = cases.iter().map(|case| row(case, &mut contenders)).collect();
    let report = json!({ "machine": machine(), "seed": seed, "rows": rows });
    let folder = root.join("target/bench");
    fs::create_dir_all(&folder)?;
    fs::write(folder.join("codec.json"), serde_json::to_string_pretty(&report)? + "\n")?;
    println!("ratio: the best peer's time over ours; seed {seed}; target/bench/codec.json");
    Ok(())
}

/// An environment variable that is set and not empty.
fn variable(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}

fn contenders(library: &str) -> Result<Vec<Read>, String> {
    let ours = contender::bojagi(library)?;
    Ok(vec![ours, contender::picohttpparser(), contender::httparse(), contender::memcpy()])
}

fn titles() -> String {
    NAMES.iter().map(|name| format!("{name:>22}")).collect()
}

/// Measures one case, prints its line and answers its row of the report.
fn row(case: &Case, contenders: &mut [Read]) -> Value {
    for (name, read) in NAMES.iter().zip(contenders.iter_mut()) {
        for head in &case.heads {
            let length = read(head, case.response);
            assert_eq!(length, head.len(), "{name} does not read {}", head.escape_ascii());
        }
    }
    let times = measure(case, contenders);
    let ratio = times[1].min(times[2]) / times[0];
    let figures: String = times.iter().map(|time| format!("{time:>22.1}")).collect();
    println!("{:<16}{figures}{ratio:>9.2}", case.name);
    json!({
        "case": case.name, "what": "full", "unit": "ns", "ours": rounded(times[0]),
        "peers": { NAMES[1]: rounded(times[1]), NAMES[2]: rounded(times[2]) },
        "limit": { NAMES[3]: rounded(times[3]) }, "ratio": rounded(ratio),
    })
}

/// The median time a head takes each contender, in ns.
fn measure(case: &Case, contenders: &mut [Read]) -> Vec<f64> {
    let laps = (HEADS_A_TURN / case.heads.len()).max(1);
    let mut times = vec![Vec::with_capacity(TURNS); contenders.len()];
    for _ in 0..TURNS {
        for (read, times) in contenders.iter_mut().zip(&mut times) {
            let began = Instant::now();
            for _ in 0..laps {
                for head in &case.heads {
                    black_box(read(black_box(head), case.response));
                }
            }
            times.push(began.elapsed().as_secs_f64() * 1e9 / (laps * case.heads.len()) as f64);
        }
    }
    times.iter_mut().map(|times| median(times)).collect()
}

fn median(times: &mut [f64]) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

fn rounded(figure: f64) -> f64 {
    (figure * 100.0).round() / 100.0
}

fn machine() -> Value {
    let text = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = text.lines().find_map(|line| line.strip_prefix("model name"));
    let model = model.map(|rest| rest.trim_start_matches([' ', '\t', ':']));
    json!({ "arch": env::consts::ARCH, "os": env::consts::OS, "cpu": model })
}

const NAMES: [&str; 4] = ["bojagi", "picohttpparser-sse42", "httparse", "memcpy"];
const DEFAULT_SEED: u64 = 20_260_101;
const TURNS: usize = 301;
const HEADS_A_TURN: usize = 2048;
