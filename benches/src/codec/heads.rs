//! Heads of the usual kind: ns a head.

use std::path::Path;

use crate::bojagi::Decoder;
use crate::corpus::{Case, Head};
use crate::llhttp::Llhttp;
use crate::{bojagi, floor, httparse, pico};
use bojagi_bench::library::Library;
use bojagi_bench::measure::{Contender, Outcome, Plan, Role, measure, median};
use bojagi_bench::random::Random;
use bojagi_bench::report::Row;

/// Everyone who reads heads.
pub fn contenders(library: &Library, peers: &Path) -> Result<Vec<Contender<Head>>, String> {
    let mut all = bojagi::heads(library)?;
    all.extend(pico::heads(peers)?);
    all.push(httparse::heads());
    all.extend(Llhttp::open(peers)?.map(Llhttp::heads));
    all.extend(floor::heads());
    Ok(all)
}

/// The rows of a case: `spans`, `full`, and `padded` where the library has that entry. Without an
/// entry for spans alone the full one is both: it does more.
pub fn rows(
    case: &Case,
    library: &Library,
    peers: &Path,
    turns: usize,
    random: &mut Random,
) -> Result<Vec<Row>, String> {
    let mut contenders = contenders(library, peers)?;
    check(case, library, &mut contenders)?;
    let times = measure(&mut contenders, &case.heads, Plan { turns, runs: 2048 }, random);
    let figures: Vec<f64> = times.iter().map(|times| median(times)).collect();
    let has = |name: &str| contenders.iter().any(|one| one.name == name);
    let mut rows = Vec::new();
    for what in ["spans", "full", "padded"] {
        let ours = if what == "spans" && !has("spans") { "full" } else { what };
        if has(ours) {
            let name = (&*case.name, what, "ns");
            rows.push(Row::new(name, ours, &contenders, &figures, case.bytes()));
        }
    }
    Ok(rows)
}

/// Ours says what a head is, and the others must see the same length and number of fields.
///
/// Of heads that were given to us a peer may fail to read some; then it is left out of the case.
pub fn check(
    case: &Case,
    library: &Library,
    contenders: &mut Vec<Contender<Head>>,
) -> Result<(), String> {
    let mut decoder = Decoder::full(library)?;
    let expected = |head: &Head| decoder.read(head.bytes(), head.response);
    let expected: Vec<Outcome> = case.heads.iter().map(expected).collect();
    let mut failure = None;
    contenders.retain_mut(|contender| {
        let mut pairs = case.heads.iter().zip(&expected);
        let told = pairs.find_map(|(head, outcome)| contender.check(head, *outcome).err());
        let Some(told) = told else { return true };
        eprintln!("## {}: {told}: left out", case.name);
        if !case.given || contender.role == Role::Ours {
            failure = Some(format!("{}: {told}", case.name));
        }
        false
    });
    match failure {
        None => Ok(()),
        Some(told) => Err(told),
    }
}

/// What is a head to ours, without what follows it; the others of a folder are left out, loudly.
pub fn readable(case: Case, library: &Library) -> Result<Case, String> {
    let mut decoder = Decoder::full(library)?;
    let given = case.heads.len();
    let heads = case.heads.iter().filter_map(|head| {
        let length = decoder.read(head.bytes(), head.response).length;
        (length > 0).then(|| Head::new(&head.bytes()[..length]))
    });
    let heads: Vec<Head> = heads.collect();
    if heads.len() < given {
        eprintln!("## {}: {} files are no head to us: left out", case.name, given - heads.len());
    }
    Ok(Case { heads, ..case })
}
