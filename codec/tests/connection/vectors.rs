//! Plays the vectors of `tests/vectors/connection-state.jsonl`: each is a role and a list of steps,
//! `[what, with what, what it answers, what may happen then]`. `tests/vectors.py` plays them in C's way.

use bojagi_codec::connection::{BOJAGI_ROLE_CLIENT, BOJAGI_ROLE_SERVER};
use bojagi_codec::{Body, Connection, Head, Rules};
use serde_json::Value;

use super::{answer, decode, may_text};

#[test]
fn every_vector_is_met() {
    let lines = include_str!("../../../tests/vectors/connection-state.jsonl").lines();
    let mut complaints = Vec::new();
    let mut played = 0;
    for line in lines {
        let vector: Value = serde_json::from_str(line).unwrap();
        played += 1;
        if let Err(complaint) = play(&vector) {
            complaints.push(format!("{} ({}): {complaint}", vector["id"], vector["rule"]));
        }
    }
    assert!(played >= 85, "only {played} vectors");
    assert!(complaints.is_empty(), "{} of {played}:\n{}", complaints.len(), complaints.join("\n"));
}

fn play(vector: &Value) -> Result<(), String> {
    let role = match vector["role"].as_str().unwrap() {
        "client" => BOJAGI_ROLE_CLIENT,
        _ => BOJAGI_ROLE_SERVER,
    };
    let mut side = Side { connection: Connection::new(role), role, body: Body::default() };
    for (index, step) in vector["steps"].as_array().unwrap().iter().enumerate() {
        let got = side.step(step[0].as_str().unwrap(), &step[1]);
        let may = may_text(side.connection.may());
        if (got.as_str(), may.as_str()) != (step[2].as_str().unwrap(), step[3].as_str().unwrap()) {
            return Err(format!("step {index} {step}: answers '{got}', then may '{may}'"));
        }
    }
    Ok(())
}

struct Side {
    connection: Connection,
    role: u8,
    body: Body,
}

impl Side {
    fn step(&mut self, what: &str, with: &Value) -> String {
        let connection = &mut self.connection;
        let before = *connection;
        match what {
            "send" => {
                let data = bytes(with);
                let result = connection.send_head(&data);
                let got = answer(connection, result);
                assert!(
                    got.is_empty() || unchanged(&before, connection),
                    "{with} changed something"
                );
                assert!(!got.is_empty() || result == Ok(data.len()));
                got
            }
            "send-body" => {
                let result = connection.send_body(with.as_u64().unwrap());
                answer(connection, result)
            }
            "send-end" => {
                let result = connection.send_end();
                answer(connection, result)
            }
            "receive" => {
                let head = decode(connection, self.role, &bytes(with));
                let result = connection.received_head(&head);
                if result.is_ok() {
                    self.body = Body::new(&head);
                }
                answer(connection, result)
            }
            "receive-body" => {
                decode_body(&mut self.body, bytes(with));
                let result = connection.received_body(&self.body);
                answer(connection, result)
            }
            "close" => {
                let result = connection.received_close(with.as_u64().unwrap().try_into().unwrap());
                answer(connection, result)
            }
            _ => panic!("a vector does {what}"),
        }
    }
}

/// Decodes what is there, as far as it is good.
fn decode_body(body: &mut Body, mut data: Vec<u8>) {
    let Ok((used, _)) = body.compact(&mut data) else { return };
    if body.state == 1 {
        let _ = body.decode_trailers(None, &data[used..]);
    }
}

/// Whether two connections are the same but for the fault.
fn unchanged(before: &Connection, after: &Connection) -> bool {
    let text = |connection: &Connection| {
        let mut connection = *connection;
        connection.fault = Head::new(&Rules::STRICT).fault;
        format!("{connection:?}")
    };
    text(before) == text(after)
}

/// A latin-1 image, or a list of `[image, times]`, as bytes.
fn bytes(value: &Value) -> Vec<u8> {
    let Some(pieces) = value.as_array() else { return value.as_str().unwrap().into() };
    let piece = |piece: &Value| {
        piece[0].as_str().unwrap().repeat(usize::try_from(piece[1].as_u64().unwrap()).unwrap())
    };
    pieces.iter().map(piece).collect::<String>().into()
}
