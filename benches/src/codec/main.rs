//! bojagi's exported functions and other parsers, on the same bytes in one process.
//!
//! `make bench-codec [SEED=n] [INPUTS=folder] [QUICK=1]` prints a table of medians and writes
//! `target/bench/codec.json`. Turns are interleaved, so that what disturbs the machine disturbs
//! everyone alike: trust the ratios, not the times.

mod bojagi;
mod chunked;
mod corpus;
mod encode;
mod floor;
mod heads;
mod hostile;
mod httparse;
mod llhttp;
mod pico;
mod table;

use std::path::Path;

use bojagi_bench::library::Library;
use bojagi_bench::random::Random;
use bojagi_bench::report::{self, Row};
use bojagi_bench::{library, root, seed, variable};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let root = root();
    let seed = seed()?;
    let turns = if variable("QUICK").is_some() { 31 } else { 201 };
    let library = library()?;
    let peers = root.join("target/bench/peers");
    let random = &mut Random::new(seed);

    let mut all = heads(&library, &peers, turns, random)?;
    let sections: [(&str, Section); 4] = [
        ("Chunked bodies, per chunk; pico: less the copy it decodes in place", chunked::rows),
        ("Encoding a response head; the peers check nothing", encode::rows),
        ("Hostile heads, per byte", hostile::rows),
        ("A head of 64 KiB byte by byte, per byte", hostile::bytewise),
    ];
    for (title, section) in sections {
        let rows = section(&library, &peers, turns, random)?;
        table::print(title, &rows);
        all.extend(rows);
    }
    report::write(&root.join("target/bench/codec.json"), seed, &all)?;
    println!("\nx: above 1 we are ahead. Seed {seed}; target/bench/codec.json has it all.");
    Ok(())
}

type Section = fn(&Library, &Path, usize, &mut Random) -> Result<Vec<Row>, String>;

/// The rows of the fixed heads, the mixes, and the heads of a folder.
fn heads(
    library: &Library,
    peers: &Path,
    turns: usize,
    random: &mut Random,
) -> Result<Vec<Row>, Box<dyn std::error::Error>> {
    let mut cases = corpus::cases(random);
    if let Some(folder) = variable("INPUTS") {
        for case in corpus::from_folder(Path::new(&folder))? {
            cases.push(heads::readable(case, library)?);
        }
    }
    let mut rows = Vec::new();
    for case in cases.iter().filter(|case| !case.heads.is_empty()) {
        rows.extend(heads::rows(case, library, peers, turns, random)?);
    }
    table::print("Heads", &rows);
    Ok(rows)
}
