//! Chunked bodies: ns a chunk, from the first size line to the end of the message.

use std::path::Path;

use crate::llhttp::Llhttp;
use crate::{bojagi, pico};
use bojagi_bench::library::Library;
use bojagi_bench::measure::{
    Contender, Outcome, Plan, Role, measure, median, median_of_differences,
};
use bojagi_bench::random::Random;
use bojagi_bench::report::Row;

/// A body as it stands on the wire, last chunk and empty trailer section included.
pub struct Body {
    pub wire: Vec<u8>,
    chunks: usize,
    bytes: usize,
}

impl Body {
    /// Chunks of these sizes, whose digits are of either case.
    fn new(sizes: &[usize], random: &mut Random) -> Self {
        let mut wire = Vec::new();
        for &size in sizes {
            let lower = format!("{size:x}\r\n");
            let line = if random.below(2) == 0 { lower.to_ascii_uppercase() } else { lower };
            wire.extend(line.bytes());
            wire.extend((0..size).map(|_| random.below(256) as u8));
            wire.extend(b"\r\n");
        }
        wire.extend(b"0\r\n\r\n");
        Self { wire, chunks: sizes.len(), bytes: sizes.iter().sum() }
    }

    pub fn copy_to(&self, room: &mut Vec<u8>) {
        room.clear();
        room.extend_from_slice(&self.wire);
    }

    fn outcome(&self) -> Outcome {
        Outcome { length: self.wire.len(), count: self.bytes }
    }
}

/// The rows `chunked-1k` and `chunked-64k`, whose bodies have 64 chunks, so that what a body costs once
/// weighs the same in both, and `chunked-mix`.
pub fn rows(
    library: &Library,
    peers: &Path,
    turns: usize,
    random: &mut Random,
) -> Result<Vec<Row>, String> {
    let mut contenders = vec![bojagi::chunked(library)?];
    contenders.extend(Llhttp::open(peers)?.map(Llhttp::chunked));
    contenders.extend(pico::chunked(peers)?);
    contenders.push(copy());
    let mixed: Vec<usize> = (0..MIX).map(|_| random.between(1, 4096)).collect();
    let cases = [
        ("chunked-1k", Body::new(&[1 << 10; 64], random)),
        ("chunked-64k", Body::new(&[1 << 16; 64], random)),
        ("chunked-mix", Body::new(&mixed, random)),
    ];
    let rows = cases.map(|(name, body)| row(name, body, &mut contenders, turns, random));
    rows.into_iter().collect()
}

fn row(
    name: &str,
    body: Body,
    contenders: &mut [Contender<Body>],
    turns: usize,
    random: &mut Random,
) -> Result<Row, String> {
    for contender in contenders.iter_mut() {
        contender.check(&body, body.outcome()).map_err(|told| format!("{name}: {told}"))?;
    }
    let (chunks, bytes) = (body.chunks as f64, body.bytes as f64);
    let plan = Plan { turns, runs: (CHUNKS_A_TURN / body.chunks).max(1) };
    let times = measure(contenders, &[body], plan, random);
    let (copies, others) = times.split_last().ok_or("nobody to measure")?;
    let figures = contenders.iter().zip(others).map(|(contender, times)| {
        match contender.name.starts_with("pico") {
            true => median_of_differences(times, copies) / chunks,
            false => median(times) / chunks,
        }
    });
    let figures: Vec<f64> = figures.chain([median(copies) / chunks]).collect();
    Ok(Row::new((name, "full", "ns"), "ours", contenders, &figures, bytes / chunks))
}

/// What picohttpparser's figure must be rid of, and a floor for whoever wants a body in one piece.
fn copy() -> Contender<Body> {
    let mut room = Vec::new();
    Contender::new("memcpy", Role::Limit, move |body: &Body| {
        body.copy_to(&mut room);
        std::hint::black_box(&mut room);
        Outcome { length: body.wire.len(), count: 0 }
    })
}

const MIX: usize = 256;
const CHUNKS_A_TURN: usize = 1024;
