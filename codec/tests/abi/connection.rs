//! Feeds the bytes of one direction of a connection to the codec, in whatever pieces they come.

use super::{Body, FRAMINGS, Fault, Head, KEEP_ALIVE, Rules, TRUNCATED, UPGRADE, pairs};

pub const DATA: u8 = 0;
pub const TRAILERS: u8 = 1;
pub const DONE: u8 = 2;

/// What is known about a connection beside its bytes.
#[derive(Clone, Copy, Default)]
pub struct Setting<'a> {
    pub eof: bool,
    /// Responses: the method of the request that they answer.
    pub request_method: Option<u32>,
    pub rules: Option<&'a Rules>,
    /// Heads are decoded by the functions that may change the data.
    pub in_place: bool,
}

/// One message that came out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    pub method: Vec<u8>,
    pub target: Vec<u8>,
    pub reason: Vec<u8>,
    pub status: u16,
    pub version: u8,
    pub framing: &'static str,
    pub flags: u16,
    pub fields: Vec<(Vec<u8>, Vec<u8>)>,
    pub ids: Vec<u16>,
    pub body: Vec<u8>,
    pub trailers: Vec<(Vec<u8>, Vec<u8>)>,
    pub complete: bool,
}

/// How it went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    Accept {
        rest: Vec<u8>,
    },
    Incomplete,
    /// The code, the fault, and its offset in the whole input.
    Reject(i64, Fault, usize),
}

/// Everything that came out of a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    pub verdict: Verdict,
    pub messages: Vec<Message>,
}

/// Decodes `data` with one call each time as many bytes as one of `ends` says have come.
pub fn feed(data: &[u8], ends: &[usize], small: bool, setting: Setting<'_>) -> Outcome {
    let mut connection = Connection::new(small, setting);
    let mut data = data.to_vec();
    for &end in ends {
        while connection.verdict.is_none() && connection.step(&mut data[connection.position..end]) {
        }
    }
    connection.finish(&data)
}

/// All at once.
pub fn whole(data: &[u8], setting: Setting<'_>) -> Outcome {
    feed(data, &[data.len()], false, setting)
}

/// One byte after the other, with arrays of one field and one span.
pub fn byte_by_byte(data: &[u8], setting: Setting<'_>) -> Outcome {
    feed(data, &(0..=data.len()).collect::<Vec<_>>(), true, setting)
}

/// Panics unless every way to cut the data gives what the whole gives; of long data, `most` cuts.
pub fn same_however_cut(data: &[u8], most: usize, setting: Setting<'_>) -> Outcome {
    let expected = whole(data, setting);
    let step = data.len().div_ceil(most).max(1);
    for cut in (1..data.len()).step_by(step) {
        let got = feed(data, &[cut, data.len()], false, setting);
        assert_eq!(got, expected, "cut at {cut}: {:?}", data.escape_ascii().to_string());
    }
    if data.len() <= 8192 {
        let got = byte_by_byte(data, setting);
        assert_eq!(got, expected, "byte by byte: {:?}", data.escape_ascii().to_string());
    }
    expected
}

struct Connection<'a> {
    setting: Setting<'a>,
    small: bool,
    head: Head,
    body: Option<Body>,
    body_start: usize,
    position: usize,
    messages: Vec<Message>,
    verdict: Option<Verdict>,
}

impl<'a> Connection<'a> {
    fn new(small: bool, setting: Setting<'a>) -> Self {
        let head = Head::new(setting.rules, if small { 1 } else { 256 });
        let (messages, verdict) = (Vec::new(), None);
        Self { setting, small, head, body: None, body_start: 0, position: 0, messages, verdict }
    }

    /// One call of the codec; false when it needs more bytes.
    fn step(&mut self, piece: &mut [u8]) -> bool {
        match self.body.as_ref().map(|body| body.raw.state) {
            None => self.step_head(piece),
            Some(TRAILERS) => self.step_trailers(piece),
            Some(_) => self.step_body(piece),
        }
    }

    fn step_head(&mut self, piece: &mut [u8]) -> bool {
        if piece.is_empty() && !self.messages.is_empty() {
            return false;
        }
        let method = self.setting.request_method;
        let length = match self.setting.in_place {
            true => self.head.decode_in_place(piece, method),
            false => self.head.decode(piece, method),
        };
        if length < 0 {
            return self.reject(length, self.head.raw.fault, self.position);
        }
        if length == 0 {
            return false;
        }
        assert_eq!(length, i64::from(self.head.raw.length));
        self.messages.push(message(&self.head, piece));
        self.position += self.head.raw.length as usize;
        self.body_start = self.position;
        let body = Body::new(&self.head, if self.small { 1 } else { 16 });
        let done = body.raw.state == DONE;
        self.body = Some(body);
        if self.message().framing == "TUNNEL" {
            return self.close();
        }
        !done || self.complete()
    }

    fn step_body(&mut self, piece: &[u8]) -> bool {
        let body = self.body.as_mut().unwrap();
        let used = body.decode(piece);
        if used < 0 {
            let fault = body.raw.fault;
            return self.reject(used, fault, self.body_start);
        }
        assert_eq!(body.raw.total, body.data.len() as u64);
        self.position += usize::try_from(used).unwrap();
        match body.raw.state {
            DONE => self.complete(),
            TRAILERS => true,
            _ => used > 0,
        }
    }

    fn step_trailers(&mut self, piece: &[u8]) -> bool {
        let body = self.body.as_mut().unwrap();
        let (length, trailers) = body.decode_trailers(piece);
        if length < 0 {
            let fault = body.raw.fault;
            return self.reject(length, fault, self.body_start);
        }
        if length == 0 {
            return false;
        }
        assert_eq!(body.raw.state, DONE);
        self.position += usize::try_from(length).unwrap();
        self.message().trailers = trailers;
        self.complete()
    }

    /// The message is complete; says whether another may follow.
    fn complete(&mut self) -> bool {
        let request = self.setting.request_method.is_none();
        let message = self.message();
        let upgraded = request && message.flags & UPGRADE != 0;
        let tunnel = request && message.method == b"CONNECT";
        if upgraded || tunnel || message.flags & KEEP_ALIVE == 0 {
            return self.close();
        }
        self.store_body(true);
        self.body = None;
        self.head = Head::new(self.setting.rules, if self.small { 1 } else { 256 });
        true
    }

    fn close(&mut self) -> bool {
        self.store_body(true);
        self.verdict = Some(Verdict::Accept { rest: Vec::new() });
        false
    }

    fn store_body(&mut self, complete: bool) {
        if let Some(body) = &mut self.body {
            let data = std::mem::take(&mut body.data);
            let message = self.message();
            message.body = data;
            message.complete = complete;
        }
    }

    fn message(&mut self) -> &mut Message {
        self.messages.last_mut().unwrap()
    }

    fn reject(&mut self, code: i64, fault: Fault, base: usize) -> bool {
        self.store_body(false);
        self.verdict = Some(Verdict::Reject(code, fault, base + fault.offset as usize));
        false
    }

    fn finish(mut self, data: &[u8]) -> Outcome {
        if self.verdict.is_none() {
            self.verdict = Some(self.end(&data[self.position..]));
        }
        let rest = data[self.position..].to_vec();
        let verdict = match self.verdict.take() {
            Some(Verdict::Accept { .. }) => Verdict::Accept { rest },
            other => other.unwrap(),
        };
        Outcome { verdict, messages: self.messages }
    }

    /// No more bytes: complete, still open, or cut off by the close.
    fn end(&mut self, rest: &[u8]) -> Verdict {
        let accepted = Verdict::Accept { rest: Vec::new() };
        let cut_off = Verdict::Reject(TRUNCATED, Fault::default(), self.position + rest.len());
        let eof = self.setting.eof;
        let Some(body) = &mut self.body else {
            let request = self.setting.request_method.is_none();
            let nothing = rest.is_empty() || (request && b"\r\n".starts_with(rest));
            return match (self.messages.is_empty(), nothing, eof) {
                (false, true, _) => accepted,
                (_, _, true) => cut_off,
                _ => Verdict::Incomplete,
            };
        };
        let ended = if eof { body.end() } else { 1 };
        self.store_body(ended == 0);
        match ended {
            0 => accepted,
            1 => Verdict::Incomplete,
            _ => cut_off,
        }
    }
}

fn message(head: &Head, data: &[u8]) -> Message {
    let raw = &head.raw;
    let part =
        |span: super::Span| data[span.off as usize..span.off as usize + span.len as usize].to_vec();
    Message {
        method: part(raw.method),
        target: part(raw.target),
        reason: part(raw.reason_phrase),
        status: raw.status,
        version: raw.version,
        framing: FRAMINGS[usize::from(raw.framing)],
        flags: raw.flags,
        fields: pairs(head.decoded(), data),
        ids: head.decoded().iter().map(|field| field.id).collect(),
        body: Vec::new(),
        trailers: Vec::new(),
        complete: false,
    }
}
