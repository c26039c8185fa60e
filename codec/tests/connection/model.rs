//! A model of a connection that remembers every message and judges by looking back.

use bojagi_codec::connection::BOJAGI_PIPELINE_MAX;

/// What is left of a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Left {
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
pub struct Said {
    pub method: &'static str,
    pub status: u16,
    pub is_old: bool,
    pub connection: &'static str,
    pub upgrade: bool,
    pub expect: bool,
    pub body: Option<Left>,
    pub is_broken: bool,
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

    pub fn request(&self) -> String {
        let target = if self.method == "CONNECT" { "h:1" } else { "/" };
        format!("{} {target} {}\r\n{}", self.method, self.version(), self.fields())
    }

    pub fn response(&self) -> String {
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

pub struct Model {
    pub client: bool,
    log: Vec<Exchange>,
    /// The peer, a client, sends nothing more.
    requests_cut: bool,
    /// The peer, a server, sends nothing more.
    over: bool,
    peer_is_old: bool,
}

impl Model {
    pub fn new(client: bool) -> Self {
        let (requests_cut, over, peer_is_old) = (false, false, false);
        Self { client, log: Vec::new(), requests_cut, over, peer_is_old }
    }

    pub fn unanswered(&self) -> usize {
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

    pub fn may(&self) -> String {
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

    pub fn request(&mut self, said: &Said) -> String {
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

    pub fn response(&mut self, said: &Said) -> String {
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
    pub fn body(&mut self, of_request: bool, count: Option<u64>) {
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

    pub fn left(&self, of_request: bool) -> Left {
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

    pub fn send_body(&mut self, count: u64) -> String {
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

    pub fn send_end(&mut self) -> String {
        match self.left(self.client) {
            Left::Nothing => String::new(),
            Left::Bytes(_) => "STATE BODY_MISMATCH".into(),
            _ => {
                self.body(self.client, None);
                String::new()
            }
        }
    }

    pub fn close(&mut self, left: usize) -> String {
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
