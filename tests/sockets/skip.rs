//! What a machine lacks is said loudly.

use crate::tcp::has_ipv6;
use std::io::Write;

/// Says loudly, and to `target/skipped.txt`, that a test was left out; a failure in CI.
pub fn skipped(test: &str, why: &str) {
    let is_ci = std::env::var("CI").is_ok_and(|value| value == "true");
    assert!(!is_ci, "{test}: {why}");
    eprintln!("SKIPPED {test}: {why}");
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/target/skipped.txt");
    let file = std::fs::OpenOptions::new().create(true).append(true).open(path);
    let _ = file.and_then(|mut file| writeln!(file, "{test}: {why}"));
}

/// Whether a test that needs IPv6 has to be left out.
pub fn lacks_ipv6(test: &str) -> bool {
    let lacks = !has_ipv6();
    if lacks {
        skipped(test, "the system has no IPv6");
    }
    lacks
}
