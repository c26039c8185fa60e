//! The rows of all measurements: what a table shows, and what `target/bench/NAME.json` holds.

use std::path::Path;
use std::process::Command;
use std::{env, fs, io};

use serde_json::{Map, Value, json};

use crate::measure::{Contender, Role};

/// One line: what we took for a case, and what the others took.
pub struct Row {
    /// The input, or what is done.
    pub case: String,
    /// What of it was measured.
    pub what: &'static str,
    /// What the figures count.
    pub unit: &'static str,
    /// Which figures are good ones.
    pub better: Better,
    /// Our figure.
    pub ours: f64,
    /// Those of who does the same.
    pub peers: Vec<(String, f64)>,
    /// Those of who does less.
    pub limits: Vec<(String, f64)>,
    /// Bytes to a unit, for the GB/s of the table.
    pub bytes: f64,
}

/// Which of two figures is the better one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Better {
    /// The smaller one: times and costs.
    Less,
    /// The larger one: rates.
    More,
}

impl Row {
    /// The figures of a measurement, by role; `ours` names which of ours the row is about.
    pub fn new<I>(
        (case, what, unit): (&str, &'static str, &'static str),
        ours: &str,
        contenders: &[Contender<I>],
        figures: &[f64],
        bytes: f64,
    ) -> Self {
        let of = |role: Role| {
            let pairs = contenders.iter().zip(figures).filter(move |(one, _)| one.role == role);
            pairs.map(|(one, figure)| (one.name.clone(), *figure)).collect::<Vec<_>>()
        };
        let mine = of(Role::Ours).into_iter().find(|(name, _)| name == ours);
        let ours = mine.map_or(f64::NAN, |(_, figure)| figure);
        let case = case.to_owned();
        let (peers, limits) = (of(Role::Peer), of(Role::Limit));
        Self { case, what, unit, better: Better::Less, ours, peers, limits, bytes }
    }

    /// How much better than the best peer we are: above 1 we are ahead.
    pub fn ratio(&self, among: impl Fn(&str) -> bool) -> Option<f64> {
        let figures = self.peers.iter().filter(|(name, _)| among(name)).map(|(_, figure)| *figure);
        match self.better {
            Better::Less => figures.min_by(f64::total_cmp).map(|best| best / self.ours),
            Better::More => figures.max_by(f64::total_cmp).map(|best| self.ours / best),
        }
    }

    fn json(&self) -> Value {
        let figures = |pairs: &[(String, f64)]| {
            pairs
                .iter()
                .map(|(name, figure)| (name.clone(), rounded(*figure)))
                .collect::<Map<_, _>>()
        };
        json!({
            "case": self.case, "what": self.what, "unit": self.unit, "ours": rounded(self.ours),
            "peers": figures(&self.peers), "limit": figures(&self.limits),
            "ratio": self.ratio(|_| true).map(rounded),
        })
    }
}

/// A figure with as many digits as it deserves.
pub fn digits(figure: f64) -> String {
    if figure.abs() < 10.0 { format!("{figure:.3}") } else { format!("{figure:.1}") }
}

fn rounded(figure: f64) -> Value {
    let scale = if figure.abs() < 10.0 { 10_000.0 } else { 100.0 };
    json!((figure * scale).round() / scale)
}

/// Writes the report of a whole run.
pub fn write(path: &Path, seed: u64, rows: &[Row]) -> io::Result<()> {
    let rows: Vec<Value> = rows.iter().map(Row::json).collect();
    let report = json!({ "machine": machine(), "seed": seed, "rows": rows });
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(path, serde_json::to_string_pretty(&report)? + "\n")
}

fn machine() -> Value {
    let text = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = text.lines().find_map(|line| line.strip_prefix("model name"));
    let model = model.map(|rest| rest.trim_start_matches([' ', '\t', ':']));
    let cpus = std::thread::available_parallelism().map_or(0, |count| count.get());
    json!({
        "arch": env::consts::ARCH, "os": env::consts::OS, "cpu": model, "cpus": cpus,
        "cc": version(&env::var("CC").unwrap_or_else(|_| "cc".to_owned())),
    })
}

/// The first line of what a compiler says of itself.
fn version(compiler: &str) -> Option<String> {
    let output = Command::new(compiler).arg("--version").output().ok()?;
    String::from_utf8_lossy(&output.stdout).lines().next().map(str::to_owned)
}
