//! A client and a server that do at random what their connections allow, over two pipes of bytes that
//! come in any pieces. They never disagree: what one was allowed to send the other takes, each response
//! reaches the request that it answers, and each body comes out as it went in, though all of them look
//! like requests.

use std::collections::VecDeque;

use bojagi_codec::connection::*;
use bojagi_codec::{Body, Connection, Error, Head, Rules};
use proptest::collection::vec;
use proptest::prelude::*;

const BAIT: &[u8] = b"GET /smuggled HTTP/1.1\r\nHost: h\r\nX-Id: 999\r\n\r\n";

/// Choices, one byte each; when they run out the answer is always the plainest.
struct Chance<'a>(std::slice::Iter<'a, u8>);

impl Chance<'_> {
    fn of(&mut self, many: usize) -> usize {
        self.0.next().map_or(0, |byte| usize::from(*byte) % many)
    }

    fn pick<'b>(&mut self, from: &[&'b str]) -> &'b str {
        from[self.of(from.len())]
    }
}

/// What one side says of a message, and what the other side then makes of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Message {
    /// The number of the request, which a response repeats; None in interim responses.
    id: Option<usize>,
    status: u16,
    body: Vec<u8>,
    complete: bool,
}

struct Host {
    connection: Connection,
    is_server: bool,
    /// Bytes that came and are not used.
    inbox: Vec<u8>,
    body: Body,
    /// The head that was sent last said chunked.
    sends_chunks: bool,
    sent: Vec<Message>,
    received: Vec<Message>,
    /// Server: the requests that have no response yet. Client: those sent.
    ids: VecDeque<(usize, &'static str)>,
    count: usize,
    is_closed: bool,
    saw_close: bool,
    tunnel: Vec<u8>,
}

impl Host {
    fn new(role: u8) -> Self {
        Self {
            connection: Connection::new(role),
            is_server: role == BOJAGI_ROLE_SERVER,
            inbox: Vec::new(),
            body: Body::default(),
            sends_chunks: false,
            sent: Vec::new(),
            received: Vec::new(),
            ids: VecDeque::new(),
            count: 0,
            is_closed: false,
            saw_close: false,
            tunnel: Vec::new(),
        }
    }

    fn may(&self, bit: u32) -> bool {
        self.connection.may() & bit != 0
    }

    /// Sends something that may be sent; what to send is left to chance.
    fn send(&mut self, chance: &mut Chance<'_>, out: &mut Vec<u8>) -> bool {
        if self.is_closed {
            return false;
        }
        if self.may(BOJAGI_MUST_CLOSE) {
            self.is_closed = true;
            return true;
        }
        if self.may(BOJAGI_MAY_TUNNEL) && self.tunnel.is_empty() {
            self.tunnel = BAIT.to_vec();
            out.extend_from_slice(BAIT);
        } else if self.may(BOJAGI_MAY_WRITE_BODY) {
            self.send_body(chance, out);
        } else if self.may(BOJAGI_MAY_WRITE_HEAD) && self.is_server {
            self.send_response(chance, out);
        } else if self.may(BOJAGI_MAY_WRITE_HEAD) && self.count < 9 {
            self.send_request(chance, out);
        } else {
            return false;
        }
        true
    }

    fn send_head(&mut self, head: &str, out: &mut Vec<u8>) {
        let length = self.connection.send_head(head.as_bytes());
        assert_eq!(length, Ok(head.len()), "{head}{}", self.connection.fault.reason);
        out.extend_from_slice(head.as_bytes());
        self.sends_chunks = head.contains("chunked");
    }

    fn send_request(&mut self, chance: &mut Chance<'_>, out: &mut Vec<u8>) {
        let method = ["GET", "POST", "HEAD", "POST", "GET", "POST", "CONNECT"][chance.of(7)];
        let mut head = match method {
            "CONNECT" => String::from("CONNECT h:1 HTTP/1.1\r\nHost: h\r\n"),
            _ => format!("{method} / HTTP/1.1\r\nHost: h\r\n"),
        };
        head += &format!("X-Id: {}\r\n", self.count);
        let close = "Connection: close\r\n";
        let upgrade = "Connection: upgrade\r\nUpgrade: x\r\n";
        head += chance.pick(&["", "", "", "", close, upgrade]);
        if method == "POST" {
            head += chance.pick(&["", "", "Expect: 100-continue\r\n"]);
            head += chance.pick(&[
                "Content-Length: 0\r\n",
                "Content-Length: 50\r\n",
                "Transfer-Encoding: chunked\r\n",
            ]);
        }
        self.begin(Some(self.count), 0);
        self.ids.push_back((self.count, method));
        self.count += 1;
        self.send_head(&(head + "\r\n"), out);
        self.note_end();
    }

    fn send_response(&mut self, chance: &mut Chance<'_>, out: &mut Vec<u8>) {
        let (id, _) = self.ids[0];
        let status = ["200", "200", "103", "204", "404", "100", "101"][chance.of(7)];
        if status < "200" {
            self.send_interim(status, out);
            return;
        }
        let mut head = format!("HTTP/1.1 {status} x\r\nX-Id: {id}\r\n");
        if self.may(BOJAGI_MUST_SAY_CLOSE) || chance.of(9) == 8 {
            head += "Connection: close\r\n";
        }
        let is_tunnel = status != "404" && self.connection.request_method() == Ok(6);
        if status != "204" && !is_tunnel {
            head += chance.pick(&[
                "Content-Length: 0\r\n",
                "Content-Length: 50\r\n",
                "Transfer-Encoding: chunked\r\n",
                "",
            ]);
        }
        self.ids.pop_front();
        self.begin(Some(id), status.parse().unwrap());
        self.send_head(&(head + "\r\n"), out);
        self.note_end();
    }

    /// A 101 where one may be, and else nothing of the kind.
    fn send_interim(&mut self, status: &str, out: &mut Vec<u8>) {
        let fields = if status == "101" { "Connection: upgrade\r\nUpgrade: x\r\n" } else { "" };
        let head = format!("HTTP/1.1 {status} x\r\n{fields}\r\n");
        let before = self.connection.may();
        if self.connection.send_head(head.as_bytes()).is_err() {
            assert_eq!(status, "101");
            assert_eq!(self.connection.may(), before);
            return;
        }
        self.sent.push(Message { status: status.parse().unwrap(), ..Message::default() });
        out.extend_from_slice(head.as_bytes());
    }

    fn send_body(&mut self, chance: &mut Chance<'_>, out: &mut Vec<u8>) {
        let left = self.connection.outgoing_left;
        let is_chunked = self.sends_chunks;
        let sent = self.sent.iter().rfind(|message| message.id.is_some()).unwrap().body.len();
        if left == 0 && (sent > 60 || chance.of(3) == 0) {
            self.connection.send_end().unwrap();
            out.extend_from_slice(if is_chunked { b"0\r\n\r\n" } else { b"" });
            self.note_end();
            return;
        }
        let count = chance.of(40) + 1;
        let count = if left > 0 { count.min(usize::try_from(left).unwrap()) } else { count };
        let piece: Vec<u8> = BAIT.iter().cycle().skip(sent).take(count).copied().collect();
        self.connection.send_body(count as u64).unwrap();
        let (size, end) =
            if is_chunked { (format!("{count:x}\r\n"), "\r\n") } else { Default::default() };
        out.extend_from_slice(&[size.as_bytes(), &piece, end.as_bytes()].concat());
        self.sent.iter_mut().rfind(|message| message.id.is_some()).unwrap().body.extend(piece);
        self.note_end();
    }

    fn begin(&mut self, id: Option<usize>, status: u16) {
        self.sent.push(Message { id, status, ..Message::default() });
    }

    /// The message is complete when its body may not be sent any more.
    fn note_end(&mut self) {
        let complete = !self.may(BOJAGI_MAY_WRITE_BODY);
        self.sent.iter_mut().rfind(|message| message.id.is_some()).unwrap().complete = complete;
    }

    /// Uses what came as far as it may be read now.
    fn receive(&mut self) {
        while self.step() {}
    }

    fn step(&mut self) -> bool {
        if self.may(BOJAGI_MAY_READ_BODY) {
            return self.receive_body();
        }
        if self.may(BOJAGI_MAY_READ_HEAD) {
            return self.receive_head();
        }
        let idle = self.may(BOJAGI_MAY_WRITE_HEAD | BOJAGI_MAY_WRITE_BODY | BOJAGI_MAY_REUSE);
        assert!(self.is_server || !idle || self.inbox.is_empty(), "nobody asked for this");
        false
    }

    fn receive_head(&mut self) -> bool {
        let mut head = Head::new(&Rules::STRICT);
        let length = if self.is_server {
            head.decode_request(None, &self.inbox)
        } else {
            head.decode_response(None, &self.inbox, self.connection.request_method().unwrap())
        };
        let length = length.expect("what the other side may send can be decoded");
        if length == 0 {
            return false;
        }
        let text = String::from_utf8(self.inbox.drain(..length).collect()).unwrap();
        assert_eq!(self.connection.received_head(&head), Ok(()), "{text}");
        let id = text.split("X-Id: ").nth(1).map(|rest| rest.split('\r').next().unwrap());
        let id = id.map(|id| id.parse().unwrap());
        self.received.push(Message { id, status: head.status, ..Message::default() });
        if self.is_server {
            self.ids.push_back((id.unwrap(), ""));
        } else if id.is_some() {
            assert_eq!(self.ids.pop_front().map(|(id, _)| id), id, "the answer to another request");
        }
        self.body = Body::new(&head);
        self.note_received();
        true
    }

    fn receive_body(&mut self) -> bool {
        let (used, kept) = self.body.compact(&mut self.inbox).unwrap();
        let piece = self.inbox[..kept].to_vec();
        self.inbox.drain(..used);
        self.received.last_mut().unwrap().body.extend(piece);
        let trailers = match self.body.state {
            1 => self.body.decode_trailers(None, &self.inbox).unwrap(),
            _ => 0,
        };
        self.inbox.drain(..trailers);
        assert_eq!(self.connection.received_body(&self.body), Ok(()));
        self.note_received();
        used + trailers > 0
    }

    fn note_received(&mut self) {
        let complete = !self.may(BOJAGI_MAY_READ_BODY);
        self.received.last_mut().unwrap().complete = complete;
    }

    /// The other side closed, and all that it sent has come.
    fn see_close(&mut self) {
        self.saw_close = true;
        match self.connection.received_close(self.inbox.len()) {
            Ok(()) | Err(Error::Truncated) => {}
            Err(error) => panic!("a close is not {error:?}"),
        }
        if let Some(last) = self.received.last_mut() {
            last.complete |= self.body.framing == 3;
        }
    }
}

/// Moves some bytes, or what is left and the news that there is no more.
fn deliver(from: &Host, wire: &mut Vec<u8>, to: &mut Host, most: usize) -> bool {
    if wire.is_empty() {
        if from.is_closed && !to.saw_close {
            to.see_close();
            return true;
        }
        return false;
    }
    to.inbox.extend(wire.drain(..most.min(wire.len())));
    to.receive();
    true
}

/// What came is what was sent, as far as it came.
fn assert_same(sent: &[Message], received: &[Message]) {
    assert!(received.len() <= sent.len(), "{received:?} of {sent:?}");
    for (came, went) in received.iter().zip(sent) {
        assert_eq!((came.id, came.status), (went.id, went.status));
        assert!(went.body.starts_with(&came.body), "{came:?} of {went:?}");
        if came.complete && went.complete {
            assert_eq!(came.body.len(), went.body.len(), "{came:?} of {went:?}");
        }
    }
}

fn converse(choices: &[u8]) -> (Host, Host) {
    let mut chance = Chance(choices.iter());
    let (mut client, mut server) = (Host::new(BOJAGI_ROLE_CLIENT), Host::new(BOJAGI_ROLE_SERVER));
    let (mut requests, mut responses) = (Vec::new(), Vec::new());
    for _ in 0..2000 {
        let first = chance.of(4);
        let pieces = [1, 7, 60, 4000];
        let most = pieces[3 - chance.of(4)];
        let moved = (0..4).any(|turn| match (first + turn) % 4 {
            0 => client.send(&mut chance, &mut requests),
            1 => deliver(&client, &mut requests, &mut server, most),
            2 => server.send(&mut chance, &mut responses),
            _ => deliver(&server, &mut responses, &mut client, most),
        });
        if !moved {
            return (client, server);
        }
    }
    panic!("they never come to an end");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(3000) })]

    #[test]
    fn a_client_and_a_server_never_disagree(choices in vec(any::<u8>(), 0..300)) {
        let (client, server) = converse(&choices);
        assert_same(&client.sent, &server.received);
        assert_same(&server.sent, &client.received);
        let tunnels = [&client, &server].map(|host| host.may(BOJAGI_MAY_TUNNEL));
        if tunnels == [true, true] {
            prop_assert_eq!(&client.inbox, &server.tunnel);
            prop_assert_eq!(&server.inbox, &client.tunnel);
        } else if !client.is_closed {
            // It has asked for all that it wanted, and all of it was answered.
            prop_assert!(client.may(BOJAGI_MAY_REUSE), "the client may {}", client.connection.may());
            prop_assert_eq!(client.sent.len(), client.count);
        }
    }
}
