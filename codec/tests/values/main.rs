//! Judges the functions of the values by the vectors of `tests/vectors/values/`, by their properties, and
//! by arguments that are wrong. What the keys of a vector mean is told in `tests/README.md`.

mod argument;
mod exports;
mod property;

use std::fs;
use std::path::Path;

use exports::{ARG, LIMIT, Parts, SYNTAX, UNSUPPORTED, call};
use serde_json::Value;

#[test]
fn every_vector_is_met() {
    let mut judged = 0;
    for vector in vectors() {
        // Dates need a calendar, which the codec has not: `tests/date.rs` judges them.
        if text(&vector["call"]).starts_with("date") {
            continue;
        }
        judged += 1;
        judge(&vector);
    }
    assert!(judged >= 400, "only {judged} vectors");
}

fn judge(vector: &Value) {
    let id = text(&vector["id"]);
    let with = parts(&vector["with"]);
    let with: Vec<&[u8]> = with.iter().map(Vec::as_slice).collect();
    let value = bytes(&vector["input"]);
    match call(text(&vector["call"]), &value, &with) {
        Ok(got) => {
            assert!(vector["error"].is_null(), "{id}: taken: {got:?}");
            assert_eq!(got, parts(&vector["expect"]), "{id}");
        }
        Err((code, fault)) => {
            let wanted = match text(&vector["error"]) {
                "SYNTAX" => SYNTAX,
                "ARG" => ARG,
                "LIMIT" => LIMIT,
                "UNSUPPORTED" => UNSUPPORTED,
                _ => panic!("{id}: refused: {code} {fault:?}"),
            };
            assert_eq!(code, wanted, "{id}: {fault:?}");
            if code == SYNTAX {
                let name = bojagi_codec::fault::reason_name(fault.reason.into());
                assert_eq!(name.to_str(), Ok(text(&vector["reason"])), "{id}");
                assert_eq!(Some(u64::from(fault.offset)), vector["offset"].as_u64(), "{id}");
                assert_eq!(fault.status, 0, "{id}");
            }
        }
    }
}

fn vectors() -> Vec<Value> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/vectors/values");
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let text: String = files.map(|path| fs::read_to_string(path).unwrap()).collect();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn parts(value: &Value) -> Parts {
    value.as_array().map(|list| list.iter().map(bytes).collect()).unwrap_or_default()
}

/// A latin-1 image, or a list of `[image, times]`, as bytes.
fn bytes(value: &Value) -> Vec<u8> {
    let image = |text: &str| text.chars().map(|c| u8::try_from(c).unwrap()).collect::<Vec<_>>();
    let Some(pieces) = value.as_array() else { return image(text(value)) };
    let piece = |piece: &Value| {
        image(text(&piece[0])).repeat(usize::try_from(piece[1].as_u64().unwrap()).unwrap())
    };
    pieces.iter().flat_map(piece).collect()
}
