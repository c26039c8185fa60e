//! What the benchmarks share: the library under test, turns that interleave, and the report.

pub mod library;
pub mod measure;
pub mod random;
pub mod report;

use std::env;
use std::num::ParseIntError;
use std::path::{Path, PathBuf};

use library::Library;

/// The repository.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The library under test, as `make library` builds it unless BOJAGI_LIBRARY names another.
pub fn library() -> Result<Library, String> {
    let built = || root().join("target/release/libbojagi.so");
    Library::open(&variable("BOJAGI_LIBRARY").map_or_else(built, PathBuf::from))
}

/// The seed of whatever is generated: SEED, or the one of every day.
pub fn seed() -> Result<u64, ParseIntError> {
    variable("SEED").map_or(Ok(DEFAULT_SEED), |seed| seed.parse())
}

/// An environment variable that is set and not empty.
pub fn variable(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}

const DEFAULT_SEED: u64 = 20_260_101;
