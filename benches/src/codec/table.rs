//! The table of the codec, whose bars are about each of the parsers.

use bojagi_bench::report::{Row, digits};

/// A section of the table: its rows have the same peers.
pub fn print(title: &str, rows: &[Row]) {
    println!("\n{title}");
    let mut shape = String::new();
    for row in rows {
        let titles = titles(row);
        if titles != shape {
            println!("{titles}");
            shape = titles;
        }
        println!("{}", line(row));
    }
}

fn titles(row: &Row) -> String {
    let others = row.limits.iter().chain(&row.peers);
    let others: String = others.map(|(name, _)| format!("{:>13}", short(name))).collect();
    let head =
        format!("{:<16}{:<7}{:<8}{:>7}{:>9}{:>9}", "case", "what", "unit", "bytes", "ours", "GB/s");
    let ratios: String = ratios(row).iter().map(|(name, _)| format!("{name:>10}")).collect();
    format!("{head}{others}{ratios}")
}

fn line(row: &Row) -> String {
    let others = row.limits.iter().chain(&row.peers);
    let others: String = others.map(|(_, figure)| format!("{:>13}", digits(*figure))).collect();
    let (bytes, speed) = (row.bytes.round(), row.bytes / row.ours);
    let ours = digits(row.ours);
    let head = format!("{:<16}{:<7}{:<8}{bytes:>7}{ours:>9}", row.case, row.what, row.unit);
    let head = format!("{head}{:>9}", format!("{speed:.2}"));
    let ratios = ratios(row).into_iter();
    let ratios: String =
        ratios.map(|(_, ratio)| format!("{:>10}", format!("{ratio:.2}x"))).collect();
    format!("{head}{others}{ratios}")
}

/// What the bars are about: how often our time is what the best picohttpparser, llhttp and the best
/// peer take; and how often a floor is what we take.
fn ratios(row: &Row) -> Vec<(&'static str, f64)> {
    let floor = |name: &str| {
        row.limits.iter().find(|(limit, _)| limit == name).map(|(_, figure)| row.ours / figure)
    };
    let all = [
        ("of pico", row.ratio(|name| name.starts_with("pico"))),
        ("of llhttp", row.ratio(|name| name == "llhttp")),
        ("of best", row.ratio(|_| true)),
        ("memcpys", floor("memcpy")),
        ("wholes", floor("whole")),
    ];
    all.into_iter().filter_map(|(name, ratio)| Some((name, ratio?))).collect()
}

fn short(name: &str) -> String {
    name.replace("picohttpparser-", "pico-")
}
