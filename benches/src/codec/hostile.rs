//! Heads that a hostile sender makes slow, and heads that come byte by byte: ns a byte.

use std::path::Path;

use crate::bojagi::Decoder;
use crate::corpus::{Case, Head};
use crate::llhttp::Llhttp;
use crate::{heads, pico};
use bojagi_bench::library::Library;
use bojagi_bench::measure::{
    Contender, Outcome, Plan, Role, measure, median, median_of_differences,
};
use bojagi_bench::random::Random;
use bojagi_bench::report::Row;

/// The rows of heads that are read whole.
pub fn rows(
    library: &Library,
    peers: &Path,
    turns: usize,
    random: &mut Random,
) -> Result<Vec<Row>, String> {
    let mut rows = Vec::new();
    for case in cases() {
        let mut contenders = heads::contenders(library, peers)?;
        heads::check(&case, library, &mut contenders)?;
        let runs = (BYTES_A_TURN / case.bytes() as usize).max(1);
        let times = measure(&mut contenders, &case.heads, Plan { turns, runs }, random);
        let figures: Vec<f64> = times.iter().map(|times| median(times) / case.bytes()).collect();
        rows.push(Row::new((&case.name, "full", "ns/byte"), "full", &contenders, &figures, 1.0));
    }
    Ok(rows)
}

/// What a hostile sender may try. Each is valid and near a limit of the rules or of a peer.
fn cases() -> Vec<Case> {
    let obs_text: Vec<u8> = (0x80..=0xff).collect();
    let tabs: Vec<u8> = b"a\t".iter().copied().cycle().take(200).collect();
    let many = |line: &[u8], count| head((0..count).map(|_| line.to_vec()));
    let numbered = head((0..FIELDS).map(|index| format!("name-{index}:\r\n").into_bytes()));
    let cases = [
        ("obs-text", many(&field(b"X-Text", &obs_text), 32)),
        ("htab", many(&field(b"X-Tabs", &tabs), 32)),
        ("tiny-fields", many(b"a:b\r\n", FIELDS)),
        ("empty-values", numbered),
        ("huge-value", many(&field(b"X-Huge", &[b'v'; 1 << 15]), 1)),
        ("huge-name", many(&field(&[b'n'; 1 << 15], b"v"), 1)),
    ];
    cases.into_iter().map(|(name, head)| Case::new(name, [head])).collect()
}

fn field(name: &[u8], value: &[u8]) -> Vec<u8> {
    [name, b": ", value, b"\r\n"].concat()
}

fn head(lines: impl Iterator<Item = Vec<u8>>) -> Vec<u8> {
    let mut head = b"GET / HTTP/1.1\r\nHost: h\r\n".to_vec();
    lines.for_each(|line| head.extend(line));
    head.extend(b"\r\n");
    head
}

/// A head of nearly 64 KiB that comes byte by byte; beside it the same head `whole`, and as many
/// calls that bring no new byte. `bytewise-net` is what feeding costs beyond its calls.
pub fn bytewise(
    library: &Library,
    peers: &Path,
    turns: usize,
    random: &mut Random,
) -> Result<Vec<Row>, String> {
    let line = |index| field(format!("X-{index}").as_bytes(), &[b'v'; 248]);
    let case = Case::new("bytewise", [head((0..FIELDS).map(line))]);
    let mut contenders = vec![fed(library)?, whole(library)?, calls(library)?];
    contenders.extend(pico::bytewise(peers)?);
    contenders.extend(Llhttp::open(peers)?.map(Llhttp::bytewise));
    heads::check(&case, library, &mut contenders)?;
    let times = measure(&mut contenders, &case.heads, Plan { turns, runs: 1 }, random);
    let figures: Vec<f64> = times.iter().map(|times| median(times) / case.bytes()).collect();
    let row = |name| Row::new((name, "full", "ns/byte"), "fed", &contenders, &figures, 1.0);
    let [fed, _, calls, ..] = &times[..] else { return Err("nobody to measure".to_owned()) };
    let net = median_of_differences(fed, calls) / case.bytes();
    let limits = row("bytewise").limits.into_iter().filter(|(name, _)| name == "whole").collect();
    let net = Row { ours: net, peers: Vec::new(), limits, ..row("bytewise-net") };
    Ok(vec![row("bytewise"), net])
}

fn whole(library: &Library) -> Result<Contender<Head>, String> {
    let mut decoder = Decoder::full(library)?;
    Ok(Contender::new("whole", Role::Limit, move |head: &Head| {
        decoder.read(head.bytes(), head.response)
    }))
}

fn fed(library: &Library) -> Result<Contender<Head>, String> {
    let mut decoder = Decoder::full(library)?;
    Ok(Contender::new("fed", Role::Ours, move |head: &Head| {
        let data = head.bytes();
        decoder.reset();
        for end in 1..data.len() {
            decoder.decode(&data[..end], head.response);
        }
        decoder.complete(data, head.response)
    }))
}

/// As many calls as the head has bytes, each of which finds nothing new.
fn calls(library: &Library) -> Result<Contender<Head>, String> {
    let mut decoder = Decoder::full(library)?;
    Ok(Contender::new("calls", Role::Limit, move |head: &Head| {
        let data = head.bytes();
        decoder.reset();
        decoder.decode(&data[..IDLE_AT], head.response);
        for _ in 0..data.len() {
            decoder.decode(&data[..IDLE_AT], head.response);
        }
        Outcome { length: data.len(), count: 0 }
    }))
}

const FIELDS: usize = 250;
const BYTES_A_TURN: usize = 1 << 17;
/// In the middle of a value.
const IDLE_AT: usize = 200;
