//! Random calls, legal or not, against a model that remembers every message and judges by looking back.

use bojagi_codec::connection::*;
use bojagi_codec::{Body, Connection};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::{answer, decode, may_text};

/// What is left of a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Left {
    Nothing,
    Bytes(u64),
    Chunks,
    UntilClose,
}

impl Left {
    fn of(length: u64) -> Self {
        if length == 0 { Self::Nothing } else { Self::Bytes(length) }
    }
}

/// What a head says, of which a request and a response each mean their part.
#[derive(Clone, Debug)]
struct Said {
    method: &'static str,
    status: u16,
    is_old: bool,
    connection: &'static str,
    upgrade: bool,
    expect: bool,
    body: Option<Left>,
    is_broken: bool,
}

impl Said {
    fn fields(&self) -> String {
        let mut text = String::from("Host: h\r\n");
        if !self.connection.is_empty() {
            text += &format!("Connection: {}\r\n", self.connection);
        }
        if self.upgrade {
            text += "Connection: upgrade\r\nUpgrade: x\r\n";
        }
        if self.expect {
            text += "Expect: 100-continue\r\n";
        }
        match self.body {
            Some(Left::Bytes(length)) => text += &format!("Content-Length: {length}\r\n"),
            Some(Left::Chunks) => text += "Transfer-Encoding: chunked\r\n",
            _ => {}
        }
        if self.is_broken {
            text += "a b: c\r\n";
        }
        text + "\r\n"
    }

    fn version(&self) -> &str {
        if self.is_old { "HTTP/1.0" } else { "HTTP/1.1" }
    }

    fn request(&self) -> String {
        let target = if self.method == "CONNECT" { "h:1" } else { "/" };
        format!("{} {target} {}\r\n{}", self.method, self.version(), self.fields())
    }

    fn response(&self) -> String {
        format!("{} {} x\r\n{}", self.version(), self.status, self.fields())
    }

    fn persists(&self, must_be_said: bool) -> bool {
        match self.connection {
            "close" => false,
            "keep-alive" => true,
            _ => !self.is_old && !must_be_said,
        }
    }

    fn is_chunked(&self) -> bool {
        self.body == Some(Left::Chunks)
    }
}

/// A request and what became of it.
#[derive(Debug)]
struct Exchange {
    is_old: bool,
    is_head: bool,
    is_connect: bool,
    persists: bool,
    upgrade: bool,
    waits: bool,
    request: Left,
    response: Option<Left>,
    /// The final response ends the connection.
    ends: bool,
    /// The request's body is given up.
    stops: bool,
    switched: bool,
}

impl Exchange {
    fn is_answered(&self) -> bool {
        self.response.is_some() || self.switched
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Idle,
    Body,
    Switching,
    Tunnel,
    Closed,
}

struct Model {
    client: bool,
    log: Vec<Exchange>,
    /// The peer, a client, sends nothing more.
    requests_cut: bool,
    /// The peer, a server, sends nothing more.
    over: bool,
    peer_is_old: bool,
}

impl Model {
    fn unanswered(&self) -> usize {
        let ended = !self.client && self.log.iter().any(|exchange| exchange.ends);
        let open = self.log.iter().filter(|exchange| !exchange.is_answered()).count();
        if ended { 0 } else { open }
    }

    fn request_phase(&self) -> Phase {
        let Some((last, before)) = self.log.split_last() else {
            return if self.over || self.requests_cut { Phase::Closed } else { Phase::Idle };
        };
        let incomplete = last.request != Left::Nothing;
        let done = self.log.iter().any(|one| one.ends && one.response == Some(Left::Nothing));
        if self.over || done || before.iter().any(|one| one.ends) {
            return Phase::Closed;
        }
        if incomplete {
            return if last.stops || self.requests_cut { Phase::Closed } else { Phase::Body };
        }
        if last.switched {
            return Phase::Tunnel;
        }
        if (last.upgrade || last.is_connect) && !last.is_answered() {
            return Phase::Switching;
        }
        let none_follows = self.requests_cut || last.ends || !last.persists;
        if none_follows { Phase::Closed } else { Phase::Idle }
    }

    fn response_phase(&self) -> Phase {
        let is_under_way = |one: &Exchange| one.response.is_some_and(|left| left != Left::Nothing);
        match self.log.iter().any(|one| one.ends) {
            _ if self.over => Phase::Closed,
            _ if self.log.iter().any(is_under_way) => Phase::Body,
            true => Phase::Closed,
            false if self.log.last().is_some_and(|last| last.switched) => Phase::Tunnel,
            false => Phase::Idle,
        }
    }

    fn waits(&self) -> bool {
        self.request_phase() == Phase::Body && self.log.last().is_some_and(|last| last.waits)
    }

    fn none_follows(&self) -> bool {
        self.requests_cut || self.log.last().is_some_and(|last| !last.persists)
    }

    fn may(&self) -> String {
        let (request, response) = (self.request_phase(), self.response_phase());
        let unanswered = self.unanswered();
        let room = unanswered < BOJAGI_PIPELINE_MAX;
        let answers = response == Phase::Idle && unanswered > 0;
        let done = response == Phase::Idle && unanswered == 0;
        let (ask, reply) = if self.client { ("WRITE", "READ") } else { ("READ", "WRITE") };
        let mut may = [
            (request == Phase::Idle && room, format!("{ask}_HEAD")),
            (request == Phase::Body, format!("{ask}_BODY")),
            (answers, format!("{reply}_HEAD")),
            (response == Phase::Body, format!("{reply}_BODY")),
        ];
        if self.client {
            may.rotate_left(2);
        }
        let duties = [
            (request == Phase::Idle && done, "REUSE"),
            (request == Phase::Tunnel && response == Phase::Tunnel, "TUNNEL"),
            (self.waits() && (self.client || (answers && unanswered == 1)), "CONTINUE"),
            (!self.client && done && request == Phase::Body, "DRAIN"),
            (
                !self.client && answers && unanswered == 1 && (self.none_follows() || self.waits()),
                "SAY_CLOSE",
            ),
        ];
        let names: Vec<String> = may
            .into_iter()
            .chain(duties.map(|(holds, name)| (holds, name.to_owned())))
            .filter_map(|(holds, name)| holds.then_some(name))
            .collect();
        if names.is_empty() { "CLOSE".into() } else { names.join(" ") }
    }

    fn break_off(&mut self) {
        if self.client {
            self.over = true;
        } else {
            self.requests_cut = true;
        }
    }

    fn request(&mut self, said: &Said) -> String {
        match self.request_phase() {
            Phase::Idle if self.unanswered() >= BOJAGI_PIPELINE_MAX => return "SPACE".into(),
            Phase::Idle => {}
            Phase::Body | Phase::Switching => return "STATE NOT_YET".into(),
            _ => return "STATE AFTER_LAST".into(),
        }
        let is_connect = said.method == "CONNECT";
        let framed = said.body.is_some_and(|body| body != Left::UntilClose);
        if said.is_broken {
            if !self.client {
                // It can still be answered, as what it began as, but for a tunnel.
                let method = if is_connect { "GET" } else { said.method };
                let said = Said { method, connection: "close", ..said.clone() };
                self.log.push(self.exchange(&said, Left::Nothing));
                self.break_off();
            }
            return "SYNTAX FIELD_NAME".into();
        }
        if self.client && said.is_chunked() && self.peer_is_old {
            return "STATE TRANSFER_ENCODING_VERSION".into();
        }
        if self.client && framed && is_connect {
            return "SYNTAX FIELD_FORBIDDEN".into();
        }
        if !self.client {
            self.peer_is_old = said.is_old;
        }
        let body = match said.body {
            _ if is_connect => Left::Nothing,
            Some(Left::Bytes(length)) => Left::of(length),
            Some(Left::Chunks) => Left::Chunks,
            _ => Left::Nothing,
        };
        self.log.push(self.exchange(said, body));
        String::new()
    }

    fn exchange(&self, said: &Said, request: Left) -> Exchange {
        let is_connect = said.method == "CONNECT";
        Exchange {
            is_old: said.is_old,
            is_head: said.method == "HEAD",
            is_connect,
            persists: said.persists(false) && !is_connect,
            upgrade: said.upgrade && !said.is_old && !said.is_broken,
            waits: said.expect && !said.is_old && request != Left::Nothing,
            request,
            response: None,
            ends: false,
            stops: false,
            switched: false,
        }
    }

    fn response(&mut self, said: &Said) -> String {
        match self.response_phase() {
            Phase::Idle => {}
            Phase::Body => return "STATE NOT_YET".into(),
            _ => return "STATE AFTER_LAST".into(),
        }
        if self.unanswered() == 0 {
            return self.refuse("RESPONSE_UNASKED");
        }
        if said.is_broken {
            if self.client {
                self.over = true;
            }
            return "SYNTAX FIELD_NAME".into();
        }
        let last = self.log.len() - 1;
        let at = self.log.iter().position(|exchange| !exchange.is_answered()).unwrap();
        let asked = &self.log[at];
        if asked.is_old && said.status < 200 {
            return self.refuse("INTERIM_VERSION");
        }
        let cut = self.requests_cut && asked.request != Left::Nothing;
        let agreed = at == last && asked.upgrade && said.upgrade && !said.is_old && !cut;
        if said.status == 101 && !agreed {
            return self.refuse("SWITCH_UNASKED");
        }
        if said.status == 101 && !self.client && self.waits() {
            return "STATE NOT_YET".into();
        }
        let framed = said.body.is_some_and(|body| body != Left::UntilClose);
        let switches =
            said.status == 101 || (asked.is_connect && (200..300).contains(&said.status));
        if !self.client && said.is_chunked() && asked.is_old {
            return "STATE TRANSFER_ENCODING_VERSION".into();
        }
        if !self.client && framed && (switches || said.status < 200 || said.status == 204) {
            return "SYNTAX FIELD_FORBIDDEN".into();
        }
        if self.client {
            self.peer_is_old = said.is_old;
        }
        self.take_response(said, at, switches);
        String::new()
    }

    fn refuse(&mut self, reason: &str) -> String {
        if self.client {
            self.over = true;
            return format!("SYNTAX {reason}");
        }
        format!("STATE {reason}")
    }

    fn take_response(&mut self, said: &Said, at: usize, switches: bool) {
        let is_last = at + 1 == self.log.len();
        let (client, waits, early) =
            (self.client, self.waits(), is_last && self.request_phase() == Phase::Body);
        let none_follows = is_last && self.none_follows();
        let asked = &mut self.log[at];
        if switches {
            asked.switched = true;
            asked.waits = false;
            return;
        }
        if said.status < 200 {
            asked.waits &= said.status != 100;
            return;
        }
        let left = match said.body {
            _ if asked.is_head || said.status == 204 || said.status == 304 => Left::Nothing,
            Some(Left::Bytes(length)) => Left::of(length),
            Some(body) => body,
            None => Left::UntilClose,
        };
        let until_close = left == Left::UntilClose;
        let persists = said.persists(false) && (!asked.is_old || said.persists(true));
        asked.stops = early && (waits || (client && said.status >= 400));
        asked.ends = !persists || until_close || none_follows || asked.stops;
        asked.response = Some(left);
    }

    /// Takes `count` bytes from the body that goes in this direction, or ends it.
    fn body(&mut self, of_request: bool, count: Option<u64>) {
        let left = if of_request {
            let last = self.log.last_mut().unwrap();
            last.waits = false;
            &mut last.request
        } else {
            let busy = |one: &&mut Exchange| one.response.is_some_and(|l| l != Left::Nothing);
            self.log.iter_mut().find(busy).unwrap().response.as_mut().unwrap()
        };
        *left = match (*left, count) {
            (Left::Bytes(length), Some(count)) => Left::of(length - count),
            (other, Some(_)) => other,
            (_, None) => Left::Nothing,
        };
    }

    fn left(&self, of_request: bool) -> Left {
        let phase = if of_request { self.request_phase() } else { self.response_phase() };
        if phase != Phase::Body {
            return Left::Nothing;
        }
        match of_request {
            true => self.log.last().unwrap().request,
            false => {
                let mut bodies = self.log.iter().filter_map(|one| one.response);
                bodies.find(|left| *left != Left::Nothing).unwrap()
            }
        }
    }

    fn send_body(&mut self, count: u64) -> String {
        let phase = if self.client { self.request_phase() } else { self.response_phase() };
        match (phase, self.left(self.client)) {
            _ if count == 0 => return String::new(),
            (Phase::Body, Left::Bytes(left)) if count > left => {}
            (Phase::Body, _) => {
                self.body(self.client, Some(count));
                return String::new();
            }
            (Phase::Closed | Phase::Tunnel, _) => return "STATE AFTER_LAST".into(),
            _ => {}
        }
        "STATE BODY_MISMATCH".into()
    }

    fn send_end(&mut self) -> String {
        match self.left(self.client) {
            Left::Nothing => String::new(),
            Left::Bytes(_) => "STATE BODY_MISMATCH".into(),
            _ => {
                self.body(self.client, None);
                String::new()
            }
        }
    }

    fn close(&mut self, left: usize) -> String {
        let phase = if self.client { self.response_phase() } else { self.request_phase() };
        if matches!(phase, Phase::Closed | Phase::Tunnel) {
            return String::new();
        }
        if self.left(!self.client) == Left::UntilClose && left == 0 {
            self.body(!self.client, None);
            return String::new();
        }
        let unanswered = self.client && phase == Phase::Idle && self.unanswered() > 0;
        self.break_off();
        match phase {
            Phase::Switching => String::new(),
            _ if left > 0 => "TRUNCATED TRUNCATED".into(),
            Phase::Body => "TRUNCATED TRUNCATED".into(),
            _ if unanswered => "TRUNCATED UNANSWERED".into(),
            _ => String::new(),
        }
    }
}

/// A call, before it is known whether it is legal.
#[derive(Clone, Debug)]
enum Call {
    Request(Said),
    Response(Said),
    SendBody(u64),
    SendEnd,
    ReceiveBody(u64),
    ReceiveEnd,
    Close(usize),
}

fn said() -> impl Strategy<Value = Said> {
    let words = (
        select(&["GET", "GET", "HEAD", "POST", "POST", "CONNECT"][..]),
        select(&[100, 101, 101, 103, 200, 200, 200, 204, 304, 400][..]),
        prop::bool::weighted(0.1),
        select(&["", "", "", "", "", "", "close", "keep-alive"][..]),
    );
    let bits = (
        prop::bool::weighted(0.25),
        prop::bool::weighted(0.3),
        prop_oneof![
            3 => Just(None),
            3 => (0..4u64).prop_map(|length| Some(Left::Bytes(length))),
            2 => Just(Some(Left::Chunks)),
        ],
        prop::bool::weighted(0.02),
    );
    (words, bits).prop_map(|((method, status, is_old, connection), bits)| {
        let (upgrade, expect, body, is_broken) = bits;
        // Transfer-Encoding in HTTP/1.0 is a matter of the head alone.
        let body = if is_old && body == Some(Left::Chunks) { None } else { body };
        Said { method, status, is_old, connection, upgrade, expect, body, is_broken }
    })
}

fn call() -> impl Strategy<Value = Call> {
    prop_oneof![
        4 => said().prop_map(Call::Request),
        4 => said().prop_map(Call::Response),
        3 => (0..4u64).prop_map(Call::SendBody),
        2 => Just(Call::SendEnd),
        3 => (1..4u64).prop_map(Call::ReceiveBody),
        2 => Just(Call::ReceiveEnd),
        1 => prop_oneof![3 => Just(0), 1 => 1..9usize].prop_map(Call::Close),
    ]
}

struct Run {
    role: u8,
    connection: Connection,
    body: Body,
    model: Model,
}

impl Run {
    fn new(client: bool) -> Self {
        let role = if client { BOJAGI_ROLE_CLIENT } else { BOJAGI_ROLE_SERVER };
        let (connection, body) = (Connection::new(role), Body::default());
        let (requests_cut, over, peer_is_old) = (false, false, false);
        let model = Model { client, log: Vec::new(), requests_cut, over, peer_is_old };
        Self { role, connection, body, model }
    }

    /// What both answer.
    fn call(&mut self, call: &Call) -> (String, String) {
        let client = self.model.client;
        match call {
            Call::Request(said) if client => (self.send(&said.request()), self.model.request(said)),
            Call::Request(said) => (self.receive(&said.request()), self.model.request(said)),
            Call::Response(said) if client => {
                (self.receive(&said.response()), self.model.response(said))
            }
            Call::Response(said) => (self.send(&said.response()), self.model.response(said)),
            Call::SendBody(count) => {
                let result = self.connection.send_body(*count);
                (answer(&self.connection, result), self.model.send_body(*count))
            }
            Call::SendEnd => {
                let result = self.connection.send_end();
                (answer(&self.connection, result), self.model.send_end())
            }
            Call::ReceiveBody(count) => self.receive_body(Some(*count)),
            Call::ReceiveEnd => self.receive_body(None),
            Call::Close(left) => {
                let result = self.connection.received_close(*left);
                (answer(&self.connection, result), self.model.close(*left))
            }
        }
    }

    fn send(&mut self, head: &str) -> String {
        let result = self.connection.send_head(head.as_bytes());
        answer(&self.connection, result)
    }

    fn receive(&mut self, head: &str) -> String {
        let head = decode(&self.connection, self.role, head.as_bytes());
        let result = self.connection.received_head(&head);
        if result.is_ok() {
            self.body = Body::new(&head);
        }
        answer(&self.connection, result)
    }

    fn receive_body(&mut self, count: Option<u64>) -> (String, String) {
        let of_request = !self.model.client;
        let (data, count) = match (self.model.left(of_request), count) {
            (Left::Bytes(left), Some(count)) => (vec![b'x'; count as usize], Some(count.min(left))),
            (Left::UntilClose, Some(count)) => (vec![b'x'; count as usize], Some(count)),
            (Left::Chunks, Some(count)) => {
                (format!("{count:x}\r\n{}\r\n", "x".repeat(count as usize)).into(), Some(count))
            }
            (Left::Chunks, None) => (b"0\r\n\r\n".to_vec(), None),
            _ => return Default::default(),
        };
        let mut data = data;
        let (used, _) = self.body.compact(&mut data).unwrap();
        if count.is_none() {
            self.body.decode_trailers(None, &data[used..]).unwrap();
        }
        self.model.body(of_request, count);
        let result = self.connection.received_body(&self.body);
        (answer(&self.connection, result), String::new())
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(6000) })]

    #[test]
    fn any_calls_do_what_a_look_back_at_all_messages_says(client: bool, calls in vec(call(), 0..60)) {
        let mut run = Run::new(client);
        for (index, call) in calls.iter().enumerate() {
            let (got, wanted) = run.call(call);
            let before = &calls[..index];
            prop_assert_eq!(got, wanted, "{:?} after {:#?}", call, before);
            let may = may_text(run.connection.may());
            prop_assert_eq!(may, run.model.may(), "after {:?} after {:#?}", call, before);
            let unanswered = usize::from(run.connection.awaiting);
            prop_assert_eq!(unanswered, run.model.unanswered(), "after {:?} after {:#?}", call, before);
        }
    }

    #[test]
    fn any_contents_of_the_struct_do_no_harm(bytes in vec(any::<u8>(), 88), calls in vec(call(), 1..20)) {
        let mut run = Run::new(bytes[0] & 1 == 0);
        // SAFETY: the struct is plain integers and as long as the bytes: any contents are valid.
        run.connection = unsafe { std::ptr::read_unaligned(bytes.as_ptr().cast()) };
        for call in &calls {
            may_text(run.connection.may());
            match call {
                Call::Request(said) if run.connection.may() & BOJAGI_MAY_READ_HEAD != 0 => {
                    let head = decode(&Connection::new(2), 2, said.request().as_bytes());
                    let _ = run.connection.received_head(&head);
                }
                Call::Request(said) => drop(run.connection.send_head(said.request().as_bytes())),
                Call::Response(said) => drop(run.connection.send_head(said.response().as_bytes())),
                Call::SendBody(count) => drop(run.connection.send_body(*count)),
                Call::SendEnd => drop(run.connection.send_end()),
                Call::ReceiveBody(_) | Call::ReceiveEnd => {
                    let _ = run.connection.received_body(&run.body);
                }
                Call::Close(left) => drop(run.connection.received_close(*left)),
            }
        }
    }
}
