//! What a machine may lack is said loudly.

use crate::tcp::has_ipv6;
use std::fs::{OpenOptions, create_dir_all};
use std::io::Write;
use std::path::Path;

/// Says loudly that a part is left out, as tests/need.sh does; in CI that is a failure.
pub fn skip(what: &str) {
    eprintln!("################\n## SKIPPED: {what}\n################");
    let target = Path::new(env!("CARGO_MANIFEST_DIR")).join("target");
    create_dir_all(&target).unwrap();
    let list = OpenOptions::new().create(true).append(true).open(target.join("skipped.txt"));
    writeln!(list.unwrap(), "{what}").unwrap();
    let is_ci = std::env::var("CI").is_ok_and(|value| value == "true");
    assert!(!is_ci, "with CI=true nothing may be left out");
}

/// Whether a test that needs IPv6 has to be left out.
pub fn lacks_ipv6(test: &str) -> bool {
    let lacks = !has_ipv6();
    if lacks {
        skip(&format!("{test}: what is about IPv6, which the system does not have"));
    }
    lacks
}

/// The loopback hosts of both families, as far as there are both.
pub fn loopback_hosts(test: &str) -> &'static [&'static str] {
    if lacks_ipv6(test) { &["127.0.0.1"] } else { &["127.0.0.1", "::1"] }
}
