//! The state between messages: by the vectors of `tests/vectors/connection-state.jsonl`, against a
//! model that remembers every message, and with a client and a server that talk to each other.

mod calls;
mod model;
mod pair;
mod vectors;

use bojagi_codec::connection::*;
use bojagi_codec::fault::reason_name;
use bojagi_codec::{Connection, Error, Head, Rules};

/// The bits of `may`, as vectors name them, in order.
const MAY: [(u32, &str); 10] = [
    (BOJAGI_MAY_READ_HEAD, "READ_HEAD"),
    (BOJAGI_MAY_READ_BODY, "READ_BODY"),
    (BOJAGI_MAY_WRITE_HEAD, "WRITE_HEAD"),
    (BOJAGI_MAY_WRITE_BODY, "WRITE_BODY"),
    (BOJAGI_MAY_REUSE, "REUSE"),
    (BOJAGI_MAY_TUNNEL, "TUNNEL"),
    (BOJAGI_AWAITS_CONTINUE, "CONTINUE"),
    (BOJAGI_MUST_DRAIN, "DRAIN"),
    (BOJAGI_MUST_SAY_CLOSE, "SAY_CLOSE"),
    (BOJAGI_MUST_CLOSE, "CLOSE"),
];

fn may_text(may: u32) -> String {
    assert_ne!(may, 0, "may is never 0");
    let names: Vec<&str> =
        MAY.iter().filter(|(bit, _)| may & bit != 0).map(|(_, name)| *name).collect();
    assert_eq!(may.count_ones() as usize, names.len(), "a bit without a name in {may}");
    names.join(" ")
}

/// The answer of a call: empty, or the code and where there is one the reason.
fn answer<T>(connection: &Connection, result: Result<T, Error>) -> String {
    let code = match result {
        Ok(_) => return String::new(),
        Err(Error::Arg) => return "ARG".into(),
        Err(Error::Space) => return "SPACE".into(),
        Err(Error::State) => "STATE",
        Err(Error::Limit) => "LIMIT",
        Err(Error::Syntax) => "SYNTAX",
        Err(Error::Truncated) => "TRUNCATED",
    };
    let reason = reason_name(connection.fault.reason.into()).to_str().unwrap();
    format!("{code} {reason}")
}

/// The head at the beginning of the bytes, decoded as the connection needs it.
fn decode(connection: &Connection, role: u8, data: &[u8]) -> Head {
    let mut head = Head::new(&Rules::STRICT);
    let length = match role {
        BOJAGI_ROLE_SERVER => head.decode_request(None, data),
        _ => head.decode_response(None, data, connection.request_method().unwrap_or(1)),
    };
    assert_ne!(length, Ok(0), "a whole head: {}", data.escape_ascii());
    head
}

#[test]
fn a_connection_is_small() {
    assert_eq!(size_of::<Connection>(), 88);
}

#[test]
fn a_head_of_the_other_kind_or_another_method_is_refused() {
    let mut client = Connection::new(BOJAGI_ROLE_CLIENT);
    client.send_head(b"HEAD / HTTP/1.1\r\nHost: h\r\n\r\n").unwrap();
    assert_eq!(client.request_method(), Ok(2));
    let response = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n";
    for method in [0, 1, 3, 6] {
        let mut head = Head::new(&Rules::STRICT);
        head.decode_response(None, response, method).unwrap();
        assert_eq!(client.received_head(&head), Err(Error::Arg), "decoded with {method}");
    }
    let mut request = Head::new(&Rules::STRICT);
    assert_eq!(client.received_head(&request), Err(Error::Arg), "incomplete");
    request.decode_request(None, b"GET / HTTP/1.1\r\nHost: h\r\n\r\n").unwrap();
    assert_eq!(client.received_head(&request), Err(Error::Arg), "a request");
    assert_eq!(client.fault.reason, 0);

    let mut head = Head::new(&Rules::STRICT);
    head.decode_response(None, response, 2).unwrap();
    assert_eq!(Connection::new(BOJAGI_ROLE_SERVER).received_head(&head), Err(Error::Arg));
    assert_eq!(client.received_head(&head), Ok(()));
    assert_eq!(client.request_method(), Err(Error::State));
}

/// Nobody knows where such a message ends, so it must not pass for one without a body.
#[test]
fn a_head_of_which_only_the_spans_are_known_is_refused() {
    let mut server = Connection::new(BOJAGI_ROLE_SERVER);
    let mut head = Head::new(&Rules::STRICT);
    let request = b"PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\n";
    assert_eq!(head.decode_spans(None, request, None), Ok(request.len()));
    assert_eq!(server.received_head(&head), Err(Error::Arg));
    assert_eq!((server.may(), server.awaiting), (Connection::new(BOJAGI_ROLE_SERVER).may(), 0));

    let mut client = Connection::new(BOJAGI_ROLE_CLIENT);
    client.send_head(b"GET / HTTP/1.1\r\nHost: h\r\n\r\n").unwrap();
    let mut head = Head::new(&Rules::STRICT);
    let response = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n";
    assert_eq!(head.decode_spans(None, response, Some(1)), Ok(response.len()));
    assert_eq!(client.received_head(&head), Err(Error::Arg));
    assert_eq!((client.fault.reason, client.awaiting), (0, 1));
}

#[test]
fn a_body_that_was_not_announced_is_refused() {
    let mut server = Connection::new(BOJAGI_ROLE_SERVER);
    let short = decode(&server, 2, b"PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\n");
    let long = decode(&server, 2, b"PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\n");
    let chunked =
        decode(&server, 2, b"PUT / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n");
    let mut response = Head::new(&Rules::STRICT);
    response.decode_response(None, b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n", 1).unwrap();
    server.received_head(&long).unwrap();
    for other in [&short, &chunked, &response] {
        let body = bojagi_codec::Body::new(other);
        assert_eq!(server.received_body(&body), Err(Error::Arg));
    }
    assert_eq!(may_text(server.may()), "READ_BODY WRITE_HEAD");
    let mut body = bojagi_codec::Body::new(&long);
    let mut data = *b"hi";
    body.compact(&mut data).unwrap();
    assert_eq!(server.received_body(&body), Ok(()));
    assert_eq!(server.received_body(&body), Ok(()), "a body that is done may be told again");
    let unread = bojagi_codec::Body::new(&long);
    assert_eq!(answer(&server, Err::<(), _>(Error::State)), "STATE NONE");
    let result = server.received_body(&unread);
    assert_eq!(answer(&server, result), "STATE BODY_MISMATCH");
}

#[test]
fn what_a_peer_did_wrong_has_a_status_and_what_we_did_has_none() {
    let mut server = Connection::new(BOJAGI_ROLE_SERVER);
    let head = decode(&server, 2, b"GET / HTTP/1.1\r\n\r\n");
    assert_eq!(server.received_head(&head), Err(Error::Syntax));
    assert_eq!((server.fault.status, server.fault.offset), (400, 18));
    assert_eq!(server.send_head(b"HTTP/1.1 200\n"), Err(Error::Syntax));
    assert_eq!((server.fault.status, server.fault.offset), (0, 12));
    assert_eq!(server.send_head(b"HTTP/1.1 101 x\r\n\r\n"), Err(Error::State));
    assert_eq!((server.fault.status, server.fault.offset), (0, 0));

    let mut client = Connection::new(BOJAGI_ROLE_CLIENT);
    client.send_head(b"GET / HTTP/1.1\r\nHost: h\r\n\r\n").unwrap();
    assert_eq!(client.received_close(0), Err(Error::Truncated));
    assert_eq!(client.fault.status, 502);
    assert_eq!(client.awaiting, 1, "unanswered");
}

#[test]
fn what_follows_a_head_in_the_data_is_not_looked_at() {
    let mut server = Connection::new(BOJAGI_ROLE_SERVER);
    let head = decode(&server, 2, b"GET / HTTP/1.0\r\n\r\n");
    server.received_head(&head).unwrap();
    assert_eq!((server.peer_version, server.awaiting), (10, 1));
    assert_eq!(server.send_head(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"), Ok(38));
    assert_eq!(server.outgoing_left, 2);
    server.send_body(2).unwrap();
    assert_eq!(server.may(), BOJAGI_MUST_CLOSE);
}
