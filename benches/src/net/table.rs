//! The table of the sockets: figures, ratio, and system calls a run.

use bojagi_bench::report::{Better, Row, digits};

/// A row, and the system calls of a run: ours, and those of C.
pub struct Line {
    pub row: Row,
    pub calls: Option<[f64; 2]>,
    /// How many times what the best peer takes we may take, where that is settled.
    pub bar: Option<f64>,
}

impl Line {
    /// The row of the report, and one of the system calls where they were counted.
    pub fn rows(self) -> Vec<Row> {
        let Self { row, calls, .. } = self;
        let calls = calls.filter(|_| row.what == "median").map(|[ours, plain]| Row {
            case: row.case.clone(),
            what: "calls",
            unit: "a run",
            better: Better::Less,
            ours,
            peers: vec![("C".to_owned(), plain)],
            limits: Vec::new(),
            bytes: 0.0,
        });
        [Some(row), calls].into_iter().flatten().collect()
    }
}

pub fn print(title: &str, lines: &[Line]) {
    println!("\n{title}");
    println!("{}", titles());
    for line in lines {
        println!("{}", text(line));
    }
}

fn titles() -> String {
    let head = format!("{:<20}{:<8}{:<7}{:>9}{:>9}", "case", "what", "unit", "ours", "C");
    format!("{head}{:>8}  {:<8}{:>7}{:>7}  {}", "x", "bar", "calls", "of C", "beside")
}

fn text(line: &Line) -> String {
    let Row { case, what, unit, ours, peers, limits, .. } = &line.row;
    let peer = peers.first().map_or_else(|| "-".to_owned(), |(_, figure)| digits(*figure));
    let head = format!("{case:<20}{what:<8}{unit:<7}{:>9}{peer:>9}", shown(*ours));
    let ratio = line.row.ratio(|_| true);
    let shown = ratio.map_or_else(|| "-".to_owned(), |ratio| format!("{ratio:.2}x"));
    let calls = line.calls.map_or_else(|| ["-", "-"].map(str::to_owned), |calls| calls.map(digits));
    let others = limits.iter().chain(peers.iter().skip(1));
    let beside: Vec<String> =
        others.map(|(name, figure)| format!("{name} {}", digits(*figure))).collect();
    let [ours, theirs] = calls;
    let verdict = verdict(line.bar, ratio);
    format!("{head}{shown:>8}  {verdict:<8}{ours:>7}{theirs:>7}  {}", beside.join(", "))
}

fn shown(figure: f64) -> String {
    if figure.is_nan() { "-".to_owned() } else { digits(figure) }
}

/// Whether the bar holds: our time is at most so many times the peer's.
fn verdict(bar: Option<f64>, ratio: Option<f64>) -> &'static str {
    match bar.zip(ratio) {
        None => "",
        Some((bar, ratio)) if ratio * bar >= 1.0 => "ok",
        Some(_) => "BEHIND",
    }
}
