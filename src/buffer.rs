//! Between the levels: receive one head, then its body, in a buffer of the caller.
//!
//! Every user of a codec writes the same loop: receive, decode, keep what is left over, and not lose
//! the place when a time-out comes in between. This is that loop, written once. It knows no socket: it
//! is given a function that receives, and the memory that the [`Buffer`] describes.
//!
//! ```text
//! data   start          body            trailers   next         end       cap
//!   | old |  head        |  piece of body |  trailers | not decoded | free  |
//! ```
//!
//! Between two calls the bytes of the head, of the piece and of the trailers stay where they are. The
//! next head moves the start forward; bytes are moved only when the room behind them runs out, or may
//! run out with the body.

use crate::error::Cause;
use bojagi_codec::body::{BOJAGI_BODY_DATA, BOJAGI_BODY_DONE, BOJAGI_BODY_TRAILERS};
use bojagi_codec::field::Fields;
use bojagi_codec::framing::{BOJAGI_FRAMING_LENGTH, BOJAGI_FRAMING_TUNNEL};
use bojagi_codec::{Body, Error, Fault, Head};

mod frame;

/// A receive buffer in the caller's memory, and what stands where in it.
///
/// The caller owns it and the memory behind `data`; `bojagi_buffer_init` makes it ready. Nothing needs a
/// free. The places are offsets from `data`, for the caller to read; only the library changes them.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Buffer {
    /// The memory.
    pub data: *mut u8,
    /// Its size in bytes.
    pub cap: usize,
    /// The first byte of the current head: the offsets of its fields count from here. Or of the frame.
    pub start: usize,
    /// The first byte of the latest piece of the body, or of the payload of the latest frame.
    pub body: usize,
    /// The first byte of the trailers: the offsets of their fields count from here.
    pub trailers: usize,
    /// The first byte that has not been decoded.
    pub next: usize,
    /// One past the last byte that has been received.
    pub end: usize,
    /// Private.
    pub(crate) state: u32,
    /// Private.
    pub(crate) last: u32,
}

/// Why receiving a message stopped.
#[derive(Debug)]
pub enum Failure<E> {
    /// The transport failed.
    Transport(E),
    /// The message broke a rule, or the caller's array is too small.
    Message(Error, Fault),
    /// A frame is malformed, or longer than a limit or the memory.
    Frame(Cause),
    /// The transport closed in the middle of a message, at this offset.
    Truncated(u64),
    /// The buffer is full and the head, the trailers or the frame are not complete.
    Full,
    /// The call does not fit what was received before.
    State(&'static str),
    /// The places in the buffer contradict each other.
    Corrupt,
}

/// Between two messages.
const BETWEEN: u32 = 0;
/// In a head, whose first byte is at `start`.
const IN_HEAD: u32 = 1;
/// Before a body, or after a piece of it that the caller has been given.
const BODY: u32 = 2;
/// In a piece, from `body` to `next`, that the caller has not been given yet.
const IN_PIECE: u32 = 3;
/// The connection is a tunnel.
const TUNNEL: u32 = 4;

impl Buffer {
    /// An empty buffer over `cap` bytes at `data`.
    pub fn new(data: *mut u8, cap: usize) -> Self {
        let (start, body, trailers, next, end) = (0, 0, 0, 0, 0);
        Self { data, cap, start, body, trailers, next, end, state: BETWEEN, last: 0 }
    }

    /// Receives until one head is complete; its length, or 0 when there is none: the peer closed before
    /// it began, or the message before it was the last of its connection (RFC 9112 §9.6).
    ///
    /// `memory` is what `data` and `cap` describe. It is a request's, or that of a response which answers a
    /// request of the given method. The head is reset when a new message begins; after a failure of the
    /// transport the next call goes on where this one stopped.
    pub fn recv_head<E>(
        &mut self,
        memory: &mut [u8],
        (head, mut fields): (&mut Head, Fields<'_>),
        answers: Option<u8>,
        mut recv: impl FnMut(&mut [u8]) -> Result<usize, E>,
    ) -> Result<usize, Failure<E>> {
        self.check(memory)?;
        match self.state {
            BETWEEN if self.last != 0 => return Ok(0),
            BETWEEN => {
                self.begin_at(self.next);
                self.state = IN_HEAD;
                head.reset();
            }
            IN_HEAD => {}
            TUNNEL => return Err(Failure::State("the connection is a tunnel: no message follows")),
            _ => {
                return Err(Failure::State(
                    "receive the body of the last message, or the frame, to its end first",
                ));
            }
        }
        loop {
            let received = memory.get(self.start..self.end).unwrap_or(&[]);
            if !received.is_empty() {
                match head.decode_either(fields.as_deref_mut(), received, answers) {
                    Ok(0) => {}
                    Ok(length) => return Ok(self.finish_head(memory, head, length)),
                    Err(error) => return Err(Failure::Message(error, head.fault)),
                }
            }
            self.make_room(memory);
            if self.end == self.cap {
                return Err(Failure::Full);
            }
            match self.fill(memory, &mut recv)? {
                0 => return self.closed_in_head(memory),
                _ => continue,
            }
        }
    }

    /// Receives until the body is complete or the buffer is full; the number of bytes at `body`.
    ///
    /// `message.state` DONE says that they were the last; otherwise the next call replaces them. What
    /// stands before a fault, or before an early close, is handed over first.
    pub fn recv_body<E>(
        &mut self,
        memory: &mut [u8],
        message: &mut Body,
        mut trailers: Fields<'_>,
        mut recv: impl FnMut(&mut [u8]) -> Result<usize, E>,
    ) -> Result<usize, Failure<E>> {
        self.check(memory)?;
        match self.state {
            BETWEEN | TUNNEL if message.state == BOJAGI_BODY_DONE => return Ok(0),
            BODY | IN_PIECE if self.is_another(message) => {
                return Err(Failure::State("this is not the body of that head: init it, once"));
            }
            BODY => self.drop_piece(memory),
            IN_PIECE => {}
            _ => return Err(Failure::State("receive a head first: no body is open")),
        }
        self.state = IN_PIECE;
        loop {
            let piece = match self.decode_body(memory, message, &mut trailers) {
                // The fault stays, and is the answer of the next call.
                Err(Failure::Message(Error::Syntax | Error::Limit, _)) if self.body < self.next => {
                    self.state = BODY;
                    return Ok(self.next - self.body);
                }
                outcome => outcome?,
            };
            if message.state == BOJAGI_BODY_DATA && self.next < self.end {
                continue; // What it left is at fault: do not wait for more before asking why.
            }
            if message.state == BOJAGI_BODY_DONE {
                self.state = BETWEEN;
                return Ok(piece);
            }
            if self.end == self.cap {
                if piece == 0 {
                    return Err(Failure::Full);
                }
                self.state = BODY;
                return Ok(piece);
            }
            if self.fill(memory, &mut recv)? == 0 && message.end().is_err() {
                if piece == 0 {
                    return Err(Failure::Truncated(self.come(message)));
                }
                // The peer stays closed, which is the answer of the next call.
                self.state = BODY;
                return Ok(piece);
            }
        }
    }

    /// Decodes what has been received; the length of the piece, which ends where `next` stands unless
    /// trailers were read behind it.
    fn decode_body<E>(
        &mut self,
        memory: &mut [u8],
        message: &mut Body,
        trailers: &mut Fields<'_>,
    ) -> Result<usize, Failure<E>> {
        let (mut gap, mut length) = (0, Ok(0));
        if message.state == BOJAGI_BODY_DATA {
            let raw = memory.get_mut(self.next..self.end).unwrap_or(&mut []);
            let (used, kept) =
                message.compact(raw).map_err(|error| Failure::Message(error, message.fault))?;
            self.next += kept;
            gap = used - kept;
        }
        let has_trailers = message.state == BOJAGI_BODY_TRAILERS;
        if has_trailers {
            let raw = memory.get(self.next + gap..self.end).unwrap_or(&[]);
            length = message
                .decode_trailers(trailers.as_deref_mut(), raw)
                .map_err(|error| Failure::Message(error, message.fault));
        }
        self.close_gap(memory, gap, message.state == BOJAGI_BODY_DONE);
        let piece = self.next.saturating_sub(self.body);
        if has_trailers {
            self.trailers = self.next;
        }
        self.next += length?;
        Ok(piece)
    }

    /// Whether the body cannot be the one that is being received: it is complete already, or has fewer
    /// bytes than the piece.
    fn is_another(&self, message: &Body) -> bool {
        let piece = wide(self.next.saturating_sub(self.body));
        message.state == BOJAGI_BODY_DONE || message.total < piece
    }

    /// The bytes of the message that have come, those that the caller is done with included.
    fn come(&self, message: &Body) -> u64 {
        let head = self.body.saturating_sub(self.start);
        let rest = self.end.saturating_sub(self.next);
        message.offset.saturating_add(wide(head)).saturating_add(wide(rest))
    }

    /// Of the bytes from `next` on, the first `gap` were framing: what follows them moves up behind the
    /// piece. When the body is complete the piece may move instead: else each of many small messages
    /// would cost as much as the buffer is long.
    fn close_gap(&mut self, memory: &mut [u8], gap: usize, is_done: bool) {
        let from = self.next + gap;
        if gap == 0 {
            return;
        }
        if is_done && self.next - self.body < self.end - from {
            memory.copy_within(self.body..self.next, self.body + gap);
            self.body += gap;
            self.next = from;
        } else {
            memory.copy_within(from..self.end, self.next);
            self.end -= gap;
        }
    }

    fn finish_head(&mut self, memory: &mut [u8], head: &Head, length: usize) -> usize {
        let body = Body::new(head);
        self.last = u32::from(!head.keep_alive());
        self.state = match body.state {
            _ if head.framing == BOJAGI_FRAMING_TUNNEL => TUNNEL,
            BOJAGI_BODY_DONE => BETWEEN,
            _ => BODY,
        };
        let room = wide(self.cap.saturating_sub(self.start).saturating_sub(length));
        let fits = head.framing == BOJAGI_FRAMING_LENGTH && body.remaining <= room;
        // A body gets at least a quarter of the buffer, and no byte is moved more often than a few times.
        let is_cheap = self.start >= self.end - self.start || length > self.cap / 4;
        if self.state == BODY && !fits && self.start > 0 && is_cheap {
            self.move_to_front(memory);
        }
        self.next = self.start + length;
        self.body = self.next;
        self.trailers = self.next;
        length
    }

    /// Before a head goes on: an unused front is given up when nothing, or no room, is left behind it.
    fn make_room(&mut self, memory: &mut [u8]) {
        let is_empty = self.start == self.end;
        if self.start > 0 && (is_empty || self.end == self.cap) {
            self.move_to_front(memory);
            self.begin_at(0);
        }
    }

    /// Gives what follows the head all the room there is, wherever the head came to stand.
    fn move_to_front(&mut self, memory: &mut [u8]) {
        memory.copy_within(self.start..self.end, 0);
        self.end -= self.start;
        self.start = 0;
    }

    /// The head begins here, and nothing of it has been decoded.
    fn begin_at(&mut self, start: usize) {
        (self.start, self.body, self.trailers, self.next) = (start, start, start, start);
    }

    /// The caller is done with the piece: what follows it moves up behind the head.
    fn drop_piece(&mut self, memory: &mut [u8]) {
        let piece = self.next.saturating_sub(self.body);
        memory.copy_within(self.next..self.end, self.body);
        self.next = self.body;
        self.end -= piece;
    }

    fn fill<E>(
        &mut self,
        memory: &mut [u8],
        recv: &mut impl FnMut(&mut [u8]) -> Result<usize, E>,
    ) -> Result<usize, Failure<E>> {
        let room = memory.get_mut(self.end..).unwrap_or(&mut []);
        let room_len = room.len();
        let count = recv(room).map_err(Failure::Transport)?.min(room_len);
        self.end += count;
        Ok(count)
    }

    /// The peer may close between two messages, also after the empty line that some clients send.
    fn closed_in_head<E>(&mut self, memory: &[u8]) -> Result<usize, Failure<E>> {
        let received = memory.get(self.start..self.end).unwrap_or(&[]);
        if !received.is_empty() && received != b"\r\n" {
            return Err(Failure::Truncated(wide(received.len())));
        }
        self.next = self.end;
        self.state = BETWEEN;
        Ok(0)
    }

    /// The struct lives in the caller's memory: what it says is checked before it is believed.
    fn check<E>(&self, memory: &[u8]) -> Result<(), Failure<E>> {
        let is_ordered = self.start <= self.end
            && self.body <= self.end
            && self.next <= self.end
            && self.end <= self.cap;
        let is_body = matches!(self.state, BODY | IN_PIECE);
        if !is_ordered || self.cap != memory.len() || (is_body && self.body > self.next) {
            return Err(Failure::Corrupt);
        }
        Ok(())
    }
}

/// A length as the codec counts.
fn wide(len: usize) -> u64 {
    u64::try_from(len).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use bojagi_codec::fault::*;

    /// A peer that sends `script` in pieces of `step` bytes, failing once before each, then closes.
    pub(super) struct Peer<'a> {
        pub(super) script: &'a [u8],
        pub(super) step: usize,
        pub(super) fails: bool,
    }

    impl Peer<'_> {
        pub(super) fn recv(&mut self, room: &mut [u8]) -> Result<usize, &'static str> {
            self.fails = !self.fails;
            if self.fails {
                return Err("timeout");
            }
            assert!(!room.is_empty());
            let count = self.step.min(room.len()).min(self.script.len());
            let (now, later) = self.script.split_at(count);
            room[..count].copy_from_slice(now);
            self.script = later;
            Ok(count)
        }
    }

    struct Side<'a> {
        buffer: Buffer,
        memory: Vec<u8>,
        head: Head,
        peer: Peer<'a>,
    }

    impl<'a> Side<'a> {
        fn new(script: &'a [u8], step: usize, cap: usize) -> Self {
            let mut memory = vec![0; cap];
            let buffer = Buffer::new(memory.as_mut_ptr(), cap);
            let head = Head::new(&bojagi_codec::Rules::STRICT);
            Self { buffer, memory, head, peer: Peer { script, step, fails: false } }
        }

        fn head(&mut self) -> Result<usize, Failure<&'static str>> {
            loop {
                let result =
                    self.buffer.recv_head(&mut self.memory, (&mut self.head, None), None, |room| {
                        self.peer.recv(room)
                    });
                match result {
                    Err(Failure::Transport("timeout")) => continue,
                    result => return result,
                }
            }
        }

        fn piece(&mut self, body: &mut Body) -> Result<Vec<u8>, Failure<&'static str>> {
            loop {
                let result = self
                    .buffer
                    .recv_body(&mut self.memory, body, None, |room| self.peer.recv(room));
                match result {
                    Err(Failure::Transport("timeout")) => continue,
                    Err(failure) => return Err(failure),
                    Ok(len) => {
                        let at = self.buffer.body;
                        return Ok(self.memory[at..at + len].to_vec());
                    }
                }
            }
        }

        fn body(&mut self) -> Result<Vec<u8>, Failure<&'static str>> {
            let mut body = Body::new(&self.head);
            let mut all = self.piece(&mut body)?;
            while body.state != BOJAGI_BODY_DONE {
                all.extend(self.piece(&mut body)?);
            }
            Ok(all)
        }
    }

    const SCRIPT: &[u8] = b"POST /1 HTTP/1.1\r\nHost: a\r\nContent-Length: 11\r\n\r\nhello world\
        POST /2 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n\
        5\r\nhello\r\n6;x=y\r\n world\r\n0\r\nA: b\r\n\r\n\
        GET /3 HTTP/1.1\r\nHost: a\r\n\r\n\r\n";

    #[test]
    fn receives_messages_however_they_arrive() {
        for step in 1..=SCRIPT.len() {
            for cap in [65, 66, 67, 70, 100, 117, 118, 119, 300] {
                let mut side = Side::new(SCRIPT, step, cap);
                for expected in [&b"hello world"[..], b"hello world", b""] {
                    assert!(side.head().unwrap() > 0, "step {step}, cap {cap}");
                    assert_eq!(side.body().unwrap(), expected, "step {step}, cap {cap}");
                }
                assert_eq!(side.head().unwrap(), 0, "step {step}, cap {cap}");
            }
        }
    }

    #[test]
    fn tells_a_close_inside_a_message_from_one_between() {
        for len in 1..50 {
            let mut side = Side::new(&SCRIPT[..len], 7, 300);
            let result = side.head();
            match len {
                49 => assert_eq!(result.unwrap(), 49),
                _ => assert!(matches!(result, Err(Failure::Truncated(at)) if at == wide(len))),
            }
        }
        let mut side = Side::new(&SCRIPT[..55], 7, 300);
        side.head().unwrap();
        assert!(matches!(side.body(), Err(Failure::Truncated(55))));
    }

    /// However it arrives, and without waiting for more than the byte at fault.
    #[test]
    fn hands_over_what_stands_before_a_fault() {
        let head = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
        for (body, reason) in [
            ("5\r\nhello!", BOJAGI_REASON_CHUNK_END),
            ("3\r\nhel\r\n2\r\nlo\r\ng", BOJAGI_REASON_CHUNK_SIZE),
            ("5\r\nhello\r\n0\r\nA\0", BOJAGI_REASON_FIELD_NAME),
        ] {
            let script = [head, body].concat();
            for step in 1..=script.len() {
                let mut side = Side::new(script.as_bytes(), step, 300);
                side.head().unwrap();
                let mut message = Body::new(&side.head);
                assert_eq!(side.piece(&mut message).unwrap(), b"hello", "step {step}");
                for _ in 0..2 {
                    let failure = side.piece(&mut message).unwrap_err();
                    assert!(
                        matches!(failure, Failure::Message(_, fault) if fault.reason == reason),
                        "step {step}: {failure:?}"
                    );
                }
            }
        }
    }

    /// Else the cost of a small message would be the size of the buffer.
    #[test]
    fn moves_the_messages_behind_a_body_only_a_few_times() {
        let one = b"POST / HTTP/1.1\r\nHost:\r\nTransfer-Encoding: chunked\r\n\r\n\
            1;a\r\nx\r\n2\r\nyz\r\n0\r\nA: b\r\n\r\n";
        let script = one.repeat(64);
        let mut side = Side::new(&script, script.len(), script.len() + 1);
        let mut moves = 0;
        for count in 1..=64 {
            let end = side.buffer.end;
            side.head().unwrap();
            assert_eq!(side.body().unwrap(), b"xyz");
            assert_eq!(&side.memory[side.buffer.trailers..][..4], b"A: b");
            assert_eq!(side.buffer.end - side.buffer.next, script.len() - count * one.len());
            moves += usize::from(end > 0 && side.buffer.end != end);
        }
        assert!(moves <= 6, "{moves} moves: each should halve what is left");
    }

    #[test]
    fn tells_how_many_bytes_came_before_a_close_however_they_were_received() {
        for len in [57, 58, 63, 75, 88, 92] {
            let head_and_body = &SCRIPT[60..60 + len];
            for (step, cap) in [(1, 300), (7, 70), (200, 300), (200, 66)] {
                let mut side = Side::new(head_and_body, step, cap);
                side.head().unwrap();
                let result = side.body();
                let expected = wide(len);
                assert!(
                    matches!(result, Err(Failure::Truncated(at)) if at == expected),
                    "{expected} in steps of {step}, cap {cap}: {result:?}"
                );
            }
        }
    }

    #[test]
    fn tells_a_fault_behind_good_bytes_at_once() {
        let script = b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n\
            5\r\nhello\r\nZ";
        for step in [1, 70, script.len()] {
            let mut side = Side::new(script, step, 300);
            side.head().unwrap();
            let result = side.body();
            assert!(
                matches!(result, Err(Failure::Message(bojagi_codec::Error::Syntax, _))),
                "{step}: {result:?}"
            );
        }
    }

    #[test]
    fn refuses_a_body_that_belongs_to_another_head() {
        let mut side = Side::new(SCRIPT, 7, 66);
        side.head().unwrap();
        let mut body = Body::new(&side.head);
        while body.state != BOJAGI_BODY_DONE {
            side.piece(&mut body).unwrap();
        }
        side.head().unwrap();
        assert!(matches!(side.piece(&mut body), Err(Failure::State(_))), "the last one");
        let mut body = Body::new(&side.head);
        assert!(!side.piece(&mut body).unwrap().is_empty());
        body = Body::new(&side.head);
        assert!(matches!(side.piece(&mut body), Err(Failure::State(_))), "begun anew");
    }

    #[test]
    fn refuses_a_head_that_the_buffer_cannot_hold() {
        let mut side = Side::new(SCRIPT, 7, 40);
        assert!(matches!(side.head(), Err(Failure::Full)));
    }

    #[test]
    fn refuses_the_next_head_while_a_body_is_open() {
        let mut side = Side::new(SCRIPT, 100, 300);
        side.head().unwrap();
        assert!(matches!(side.head(), Err(Failure::State(_))));
    }

    #[test]
    fn receives_nothing_after_the_last_message_of_a_connection() {
        let script =
            b"POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 2\r\n\r\nhi\
            GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n";
        let mut side = Side::new(script, 300, 300);
        assert!(side.head().unwrap() > 0);
        assert_eq!(side.body().unwrap(), b"hi");
        assert_eq!(side.head().unwrap(), 0);
        assert_eq!(side.head().unwrap(), 0);
    }

    #[test]
    fn does_not_believe_a_struct_that_was_written_over() {
        let mut side = Side::new(SCRIPT, 100, 300);
        side.buffer.end = 301;
        assert!(matches!(side.head(), Err(Failure::Corrupt)));
        side.buffer.end = 0;
        side.buffer.next = usize::MAX;
        assert!(matches!(side.head(), Err(Failure::Corrupt)));
    }
}
