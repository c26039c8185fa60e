//! Judges the exported functions by the vectors of `tests/vectors/`, whole and cut everywhere.
//!
//! The form of the files is told in `tests/vectors.py`, which judges the shared library by them.
//! Those of kind `connection` are played by `connection/vectors.rs`.

mod abi;

use std::fs;
use std::path::Path;

use abi::connection::{Message, Outcome, Setting, Verdict, same_however_cut, whole};
use abi::{Encoding, KEEP_ALIVE, LIMIT, Rules, SYNTAX, TRUNCATED, UPGRADE};
use abi::{encode, method_id, reason_name};
use serde_json::Value;

#[test]
fn every_vector_is_met() {
    let mut judged = 0;
    let mut complaints = Vec::new();
    for (file, vector) in vectors() {
        judged += 1;
        let told = match text(&vector["kind"]) {
            "request" | "response" => judge_decoding(&vector),
            _ => judge_encoding(&vector),
        };
        if let Err(complaint) = told {
            complaints.push(format!("{file}: {}: {complaint}", vector["id"]));
        }
    }
    assert!(judged >= 250, "only {judged} vectors");
    assert!(complaints.is_empty(), "{} of {judged}:\n{}", complaints.len(), complaints.join("\n"));
}

#[test]
fn a_vector_is_the_same_however_it_is_cut() {
    for (_, vector) in vectors() {
        if !text(&vector["kind"]).starts_with("encode") {
            let data = bytes(&vector["input"]);
            let rules = rules(&vector);
            let most = if data.len() > 4096 { 16 } else { usize::MAX };
            same_however_cut(&data, most, setting(&vector, &rules));
        }
    }
}

fn vectors() -> Vec<(String, Value)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/vectors");
    let mut all = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            continue; // values/, which tests/values/ is judged by
        }
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        for line in fs::read_to_string(&path).unwrap().lines() {
            let vector: Value = serde_json::from_str(line).unwrap();
            if vector["kind"] != "connection" {
                all.push((name.clone(), vector));
            }
        }
    }
    all
}

fn judge_decoding(vector: &Value) -> Result<(), String> {
    let data = bytes(&vector["input"]);
    let rules = rules(vector);
    let setting = setting(vector, &rules);
    let outcome = whole(&data, setting);
    match (text(&vector["expect"]), &outcome.verdict) {
        ("incomplete", Verdict::Incomplete) => Ok(()),
        ("accept", Verdict::Accept { rest }) => {
            let wanted = vector.get("remainder").map(bytes).unwrap_or_default();
            expect(*rest == wanted, || format!("the remainder is {rest:?}"))?;
            judge_messages(vector, &outcome)
        }
        ("reject", Verdict::Reject(code, fault, offset)) => {
            judge_fault(vector, *code, &reason_name(fault.reason), *offset)?;
            let status = &vector["status"];
            let status_met = status.is_null() || among(status, &Value::from(fault.status));
            expect(status_met, || format!("status {}", fault.status))?;
            judge_messages(vector, &outcome)?;
            judge_prefix(&data, *code, &reason_name(fault.reason), *offset, setting)
        }
        _ => Err(format!("{:?}", outcome.verdict)),
    }
}

fn judge_fault(vector: &Value, code: i64, reason: &str, offset: usize) -> Result<(), String> {
    if code == TRUNCATED {
        return expect(among(&vector["reason"], &Value::from("TRUNCATED")), || "TRUNCATED".into());
    }
    expect(among(&vector["reason"], &Value::from(reason)), || format!("reason {reason}"))?;
    let wanted = if reason.ends_with("_LIMIT") { LIMIT } else { SYNTAX };
    expect(code == wanted, || format!("code {code} for {reason}"))?;
    let place = &vector["offset"];
    let met = place.is_null() || among(place, &Value::from(offset));
    expect(met, || format!("{reason} at {offset}, not {place}"))
}

/// The bytes before the offset are the beginning of some valid message, unless the rule is one
/// that is judged when the whole head is there.
fn judge_prefix(
    data: &[u8],
    code: i64,
    reason: &str,
    offset: usize,
    setting: Setting<'_>,
) -> Result<(), String> {
    let late = ["HOST_", "CONTENT_LENGTH_", "TRANSFER_", "FRAMING_", "TRAILER_F", "BODY_LIMIT"];
    if code == TRUNCATED || late.iter().any(|start| reason.starts_with(start)) {
        return Ok(());
    }
    // A limit is reached once so many bytes are there: its offset is one past the last good one.
    let offset = offset - usize::from(code == LIMIT);
    let earlier = whole(&data[..offset], Setting { eof: false, ..setting });
    let open = !matches!(earlier.verdict, Verdict::Reject(..));
    expect(open, || format!("its first {offset} bytes: {:?}", earlier.verdict))
}

fn judge_messages(vector: &Value, outcome: &Outcome) -> Result<(), String> {
    let Some(wanted) = vector["messages"].as_array() else { return Ok(()) };
    let accepted = matches!(outcome.verdict, Verdict::Accept { .. });
    let count = outcome.messages.len();
    expect(!accepted || count == wanted.len(), || format!("{count} messages"))?;
    for (index, wanted) in wanted.iter().enumerate() {
        let got = outcome.messages.get(index).ok_or(format!("message {index} is missing"))?;
        for (key, value) in wanted.as_object().unwrap() {
            let same = stated_key_is_met(got, key, value);
            expect(same, || format!("message {index}: {key} is not {value} in {got:?}"))?;
        }
    }
    Ok(())
}

fn stated_key_is_met(got: &Message, key: &str, value: &Value) -> bool {
    match key {
        "method" => got.method == bytes(value),
        "target" => got.target == bytes(value),
        "reason" => got.reason == bytes(value),
        "status" => value.as_u64() == Some(got.status.into()),
        "version" => text(value) == format!("{}.{}", got.version / 10, got.version % 10),
        "framing" => text(value) == got.framing,
        "headers" => got.fields == pairs(value),
        "trailers" => got.trailers == pairs(value),
        "body" => got.body == bytes(value),
        "keep_alive" => value.as_bool() == Some(got.flags & KEEP_ALIVE != 0),
        "expect_continue" => value.as_bool() == Some(got.flags & 2 != 0),
        "upgrade" => value.as_bool() == Some(got.flags & UPGRADE != 0),
        "target_form" | "method_id" => true, // judged by tests/vectors.py
        _ => panic!("a vector states {key}"),
    }
}

fn judge_encoding(vector: &Value) -> Result<(), String> {
    let (method, target) = (bytes(&vector["method"]), bytes(&vector["target"]));
    let (phrase, data) = (bytes(&vector["reason_phrase"]), bytes(&vector["input"]));
    let what = match text(&vector["kind"]) {
        "encode-request" => Encoding::Request(&method, &target),
        "encode-response" => {
            let status = vector["status"].as_u64().unwrap();
            Encoding::Response(u32::try_from(status).unwrap(), &phrase)
        }
        "encode-trailers" => Encoding::Trailers,
        "encode-chunk" => Encoding::Chunk(&data),
        kind => panic!("a vector of kind {kind}"),
    };
    match (text(&vector["expect"]), encode(what, &pairs(&vector["fields"]))) {
        ("accept", Ok(out)) => {
            let met = out == bytes(&vector["output"]);
            expect(met, || format!("wrote {:?}", out.escape_ascii().to_string()))
        }
        ("reject", Err((code, fault))) => {
            judge_fault(vector, code, &reason_name(fault.reason), fault.offset as usize)
        }
        (_, got) => Err(format!("{got:?}")),
    }
}

fn setting<'a>(vector: &Value, rules: &'a Rules) -> Setting<'a> {
    let method = vector["request_method"].as_str().unwrap_or("GET");
    Setting {
        eof: vector["eof"].as_bool().unwrap_or(false),
        request_method: (vector["kind"] == "response").then(|| method_id(method)),
        rules: Some(rules),
        in_place: vector["in_place"].as_bool().unwrap_or(false),
    }
}

fn rules(vector: &Value) -> Rules {
    let mut rules = Rules::strict();
    for (name, value) in vector["rules"].as_object().into_iter().flatten() {
        if name == "flags" {
            rules.flags = value.as_array().unwrap().iter().map(flag).sum();
            continue;
        }
        let limit = u32::try_from(value.as_u64().unwrap()).unwrap();
        match name.as_str() {
            "start_line_max" => rules.start_line_max = limit,
            "field_bytes_max" => rules.field_bytes_max = limit,
            "field_count_max" => rules.field_count_max = limit,
            "trailer_bytes_max" => rules.trailer_bytes_max = limit,
            "trailer_count_max" => rules.trailer_count_max = limit,
            "chunk_extension_max" => rules.chunk_extension_max = limit,
            "body_max" => rules.body_max = limit.into(),
            _ => panic!("a vector sets {name}"),
        }
    }
    rules
}

/// The bit of `flags` that has this name.
fn flag(name: &Value) -> u32 {
    const FLAGS: [&str; 9] = [
        "ALLOW_BARE_LF",
        "ALLOW_EQUAL_LENGTHS",
        "ALLOW_MISSING_HOST",
        "ALLOW_STATUS_999",
        "ALLOW_SPACE_BEFORE_COLON",
        "ALLOW_CHUNK_SPACE",
        "ALLOW_START_LINE_SPACE",
        "ALLOW_OBS_FOLD",
        "REFUSE_NON_URI",
    ];
    1 << FLAGS.iter().position(|known| *known == text(name)).expect("a flag")
}

fn expect(met: bool, complaint: impl FnOnce() -> String) -> Result<(), String> {
    if met { Ok(()) } else { Err(complaint()) }
}

fn among(allowed: &Value, value: &Value) -> bool {
    allowed == value || allowed.as_array().is_some_and(|list| list.contains(value))
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
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

fn pairs(value: &Value) -> Vec<(Vec<u8>, Vec<u8>)> {
    let list = value.as_array().map(Vec::as_slice).unwrap_or_default();
    list.iter().map(|pair| (bytes(&pair[0]), bytes(&pair[1]))).collect()
}
