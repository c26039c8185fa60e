//! The head of a message: start line and fields, decoded in place.
//!
//! A [`Head`] lives in the caller's memory and holds both the results and the place where the
//! decoder is. While a head is incomplete the caller keeps its bytes and calls again with the same
//! bytes from the start plus more; each byte is looked at once, and verdict, offset and spans are
//! the same wherever the data was cut.

use crate::fault::*;
use crate::field::{Field, Fields, Span};
use crate::framing::{BOJAGI_FRAMING_LENGTH, BOJAGI_FRAMING_NONE, BOJAGI_FRAMING_UNKNOWN, Notes};
use crate::method::BOJAGI_METHOD_CONNECT;
use crate::offset::index;
use crate::rules::*;
use crate::section::Section;
use crate::simd::{self, Level, Progress, View};
use crate::start_line::{COMPLETE, FAILED, FIELDS, REQUEST, RESPONSE, StartLine};
use crate::stop::Stop;

/// The connection may carry another message after this one and its body.
pub const BOJAGI_HEAD_KEEP_ALIVE: u16 = 1;
/// The client waits for a 100 before it sends the body (RFC 9110 §10.1.1).
pub const BOJAGI_HEAD_EXPECT_CONTINUE: u16 = 2;
/// Upgrade stands there and Connection names it (RFC 9110 §7.8).
pub const BOJAGI_HEAD_UPGRADE: u16 = 4;

/// A decoded head. Offsets count from the first byte of the data that was decoded.
///
/// The caller owns it; it holds no pointer and needs no free. Call `bojagi_head_init` once, and
/// `bojagi_head_reset` before the next message. The results are valid once a decode function
/// answered the head's length, `field_count` and `fault` at any time.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct Head {
    /// The length of the body, when `framing` is BOJAGI_FRAMING_LENGTH; else 0.
    pub content_length: u64,
    /// The length of the head in bytes once it is complete; else 0.
    pub length: u32,
    /// The number of fields decoded so far.
    pub field_count: u32,
    /// Request: the method.
    pub method: Span,
    /// Request: the target.
    pub target: Span,
    /// Response: the reason phrase, which may be empty.
    pub reason_phrase: Span,
    /// Response: the status, 100 to 599 (to 999 with BOJAGI_ALLOW_STATUS_999).
    pub status: u16,
    /// The version: 10 or 11; of a response also 9.
    pub version: u8,
    /// Request: one of BOJAGI_METHOD_.
    pub method_id: u8,
    /// The body that follows: one of BOJAGI_FRAMING_.
    pub framing: u8,
    /// Request: one of BOJAGI_TARGET_.
    pub target_form: u8,
    /// A sum of BOJAGI_HEAD_ bits.
    pub flags: u16,
    /// What was wrong, after BOJAGI_E_SYNTAX and BOJAGI_E_LIMIT.
    pub fault: Fault,
    /// Private.
    pub(crate) line: StartLine,
    /// Private.
    pub(crate) section: Section,
    /// Private.
    pub(crate) notes: Notes,
    /// The rules; private, set by `bojagi_head_init`.
    pub(crate) rules: Rules,
    /// Zero.
    pub(crate) reserved: [u32; 4],
}

/// All of it, from data that stays as it is.
const FULL: u8 = 0;
/// Where the parts are: no note is taken of what the fields say.
const SPANS: u8 = 1;
/// All of it, and folds are overwritten: a line is over once the next one has begun.
const FOLDS: u8 = 2;

impl Head {
    /// A head that waits for its first byte.
    pub fn new(rules: &Rules) -> Self {
        Self { rules: *rules, ..Self::default() }
    }

    /// Forgets the message, keeps the rules.
    pub fn reset(&mut self) {
        // Part by part, in place: a new head would be made elsewhere and copied here.
        self.content_length = 0;
        self.length = 0;
        self.field_count = 0;
        self.method = Span::default();
        self.target = Span::default();
        self.reason_phrase = Span::default();
        self.status = 0;
        self.version = 0;
        self.method_id = 0;
        self.framing = 0;
        self.target_form = 0;
        self.flags = 0;
        self.fault = Fault::default();
        self.line = StartLine::default();
        self.section = Section::default();
        self.notes = Notes::default();
    }

    /// Decodes a request head: its length, or 0 while it is incomplete.
    #[cfg_attr(feature = "sweep", inline(always))]
    pub fn decode_request(&mut self, fields: Fields<'_>, data: &[u8]) -> Result<usize, Error> {
        self.decode_padded(fields, data, data.len(), None)
    }

    /// Decodes a response head; `request_method` is the BOJAGI_METHOD_ of the request it answers.
    #[cfg_attr(feature = "sweep", inline(always))]
    pub fn decode_response(
        &mut self,
        fields: Fields<'_>,
        data: &[u8],
        request_method: u8,
    ) -> Result<usize, Error> {
        self.decode_padded(fields, data, data.len(), Some(request_method))
    }

    /// Decodes a request, or a response that answers a request of the given method: in one copy of the decoder,
    /// for where there is more to do than to decode.
    #[inline(never)]
    pub fn decode_either(
        &mut self,
        fields: Fields<'_>,
        data: &[u8],
        answers: Option<u8>,
    ) -> Result<usize, Error> {
        self.decode_padded(fields, data, data.len(), answers)
    }

    /// Decodes a request, or a response that answers a request of the given method; obsolete folds are
    /// overwritten with SP where the rules allow them.
    pub fn decode_in_place(
        &mut self,
        mut fields: Fields<'_>,
        data: &mut [u8],
        answers: Option<u8>,
    ) -> Result<usize, Error> {
        let folds = self.rules.has(BOJAGI_ALLOW_OBS_FOLD);
        let task = Task { mode: if folds { FOLDS } else { FULL }, ..Task::new(answers) };
        loop {
            let lent = fields.as_deref_mut();
            match self.advance(Level::best(), task, lent, View::whole(data)) {
                Err(Stop::FOLD) => {
                    let fold = self.section.fold(data);
                    data.get_mut(fold).unwrap_or(&mut []).fill(b' ');
                }
                result => return result.or_else(|stop| self.settle(stop, data.len())),
            }
        }
    }

    /// Decodes where the fields are, not what they say: no ids, and BOJAGI_FRAMING_UNKNOWN.
    #[cfg_attr(feature = "sweep", inline(always))]
    pub fn decode_spans(
        &mut self,
        fields: Fields<'_>,
        data: &[u8],
        answers: Option<u8>,
    ) -> Result<usize, Error> {
        let task = Task { mode: SPANS, ..Task::new(answers) };
        self.decode(Level::best(), task, fields, View::whole(data))
    }

    /// Decodes data of which only the first `end` bytes have arrived; those behind them may be read, and mean
    /// nothing.
    #[cfg_attr(feature = "sweep", inline(always))]
    pub fn decode_padded(
        &mut self,
        fields: Fields<'_>,
        bytes: &[u8],
        end: usize,
        answers: Option<u8>,
    ) -> Result<usize, Error> {
        self.decode_at(Level::best(), fields, (bytes, end), answers, true)
    }

    /// As [`Head::decode_padded`], with a kernel of the caller's choice: for tests.
    #[doc(hidden)]
    #[cfg_attr(feature = "sweep", inline(always))]
    pub fn decode_at(
        &mut self,
        level: Level,
        fields: Fields<'_>,
        (bytes, end): (&[u8], usize),
        answers: Option<u8>,
        full: bool,
    ) -> Result<usize, Error> {
        let task = Task { mode: if full { FULL } else { SPANS }, ..Task::new(answers) };
        self.decode(level, task, fields, View { bytes, end })
    }

    /// Whether a response has begun here: a fault in it, or in its body, is a bad gateway's.
    pub(crate) fn is_response(&self) -> bool {
        self.line.kind == RESPONSE
    }

    /// Whether the connection may carry another message after this one.
    pub fn keep_alive(&self) -> bool {
        self.flags & BOJAGI_HEAD_KEEP_ALIVE != 0
    }

    #[inline(always)]
    fn decode(
        &mut self,
        level: Level,
        task: Task,
        mut fields: Fields<'_>,
        view: View<'_>,
    ) -> Result<usize, Error> {
        // Nearly all heads are complete when they are first looked at, and are nothing special.
        let is_first_look = self.line.kind == 0 && view.end >= SHORTEST_LINE;
        if is_first_look {
            self.begin(task);
            let progress = simd::sweep(level, task.is_full(), self, &mut fields, view);
            if progress == Progress::Complete {
                return match self.finish_plainly(task) {
                    true => Ok(index(self.length)),
                    false => self.finish_otherwise(task.request_method),
                };
            }
        }
        let is_within = self.line.phase == FIELDS && self.is_begun(task);
        if cfg!(feature = "sweep") && is_within && self.section.take_few(view.data()) {
            return Ok(0);
        }
        self.decode_on(level, task, fields, view)
    }

    #[cold]
    #[inline(never)]
    fn decode_on(
        &mut self,
        level: Level,
        task: Task,
        fields: Fields<'_>,
        view: View<'_>,
    ) -> Result<usize, Error> {
        self.advance(level, task, fields, view).or_else(|stop| self.settle(stop, view.end))
    }

    #[cold]
    #[inline(never)]
    fn finish_otherwise(&mut self, request_method: u8) -> Result<usize, Error> {
        match self.finish(request_method) {
            Ok(()) => Ok(index(self.length)),
            Err(refusal) => self.settle(refusal.into(), 0),
        }
    }

    /// Judges a head that has nothing special about it, as [`Head::finish`] would; false when it has.
    #[inline(always)]
    fn finish_plainly(&mut self, task: Task) -> bool {
        if !task.is_full() {
            self.finish_spans();
            return true;
        }
        let is_request = self.line.kind == REQUEST;
        let method = if is_request { self.method_id } else { task.request_method };
        let is_named = if is_request { self.notes.has_host() } else { self.status != 101 };
        let is_plain = self.notes.is_plain() & is_named & (self.version == 11);
        if !is_plain || method == BOJAGI_METHOD_CONNECT {
            return false;
        }
        // Which statuses come is not to be guessed: no branch depends on one.
        let is_bare = !is_request & self.has_no_body(method);
        let length = self.notes.plain_length();
        let has_body = length.is_some() & !is_bare;
        let content_length = length.unwrap_or(0) * u64::from(has_body);
        let lasts_until_close = length.is_none() & !is_request & !is_bare;
        if lasts_until_close || content_length > self.rules.body_max {
            return false;
        }
        self.close();
        self.framing = if has_body { BOJAGI_FRAMING_LENGTH } else { BOJAGI_FRAMING_NONE };
        self.content_length = content_length;
        self.flags = BOJAGI_HEAD_KEEP_ALIVE;
        true
    }

    #[inline(always)]
    fn finish_spans(&mut self) {
        self.close();
        self.framing = BOJAGI_FRAMING_UNKNOWN;
    }

    /// The head ends where the fields do.
    #[inline(always)]
    fn close(&mut self) {
        self.length = self.section.at;
        self.field_count = self.section.count;
        self.line.phase = COMPLETE;
    }

    /// The machine sees to what the sweep leaves, and after each of its lines the sweep tries again.
    fn advance(
        &mut self,
        level: Level,
        task: Task,
        mut fields: Fields<'_>,
        view: View<'_>,
    ) -> Result<usize, Stop> {
        if self.line.kind == 0 {
            self.begin(task);
        }
        if !self.is_begun(task) {
            return Err(Stop::plain(Error::State));
        }
        loop {
            match self.step(task, &mut fields, view.data()) {
                Ok(()) => {}
                Err(Stop::COMPLETE) => break,
                Err(stop) => return Err(stop),
            }
            let is_complete = self.may_sweep(task, view.end)
                && simd::sweep(level, task.is_full(), self, &mut fields, view)
                    == Progress::Complete;
            if is_complete {
                break;
            }
        }
        match task.is_full() {
            true => self.finish(task.request_method)?,
            false => self.finish_spans(),
        }
        Ok(index(self.length))
    }

    /// Whether whole lines may be in sight. Where folds are taken no line is whole before the next one.
    #[inline(always)]
    fn may_sweep(&self, task: Task, end: usize) -> bool {
        let left = end.saturating_sub(index(self.section.at));
        let is_between_lines = self.line.phase == FIELDS && self.section.is_between_lines();
        is_between_lines && left >= SHORTEST_LINE && task.mode != FOLDS
    }

    #[inline(always)]
    fn begin(&mut self, task: Task) {
        (self.line.kind, self.line.mode) = (task.kind, task.mode);
    }

    /// Whether the head was begun as what it is decoded as.
    #[inline(always)]
    fn is_begun(&self, task: Task) -> bool {
        (self.line.kind, self.line.mode) == (task.kind, task.mode)
    }

    /// Reads one line, or what there is of it, part by part.
    #[cold]
    #[inline(never)]
    fn step(&mut self, task: Task, fields: &mut Fields<'_>, data: &[u8]) -> Result<(), Stop> {
        match self.line.phase {
            COMPLETE | FAILED => Err(Stop::SETTLED),
            FIELDS => self.field_line(task, fields, data),
            _ => self.start_line(data),
        }
    }

    fn field_line(&mut self, task: Task, fields: &mut Fields<'_>, data: &[u8]) -> Result<(), Stop> {
        if data.len() < index(self.section.at) {
            return Err(Stop::plain(Error::Arg));
        }
        if task.mode == FOLDS {
            self.section.flags |= BOJAGI_ALLOW_OBS_FOLD;
        }
        let room = fields.as_ref().map(|fields| fields.len());
        self.section.advance(data, room)?;
        let mut field = self.section.field(data);
        match task.is_full() {
            true => self.note(&field, data),
            false => field.id = 0,
        }
        self.section.push(fields, field);
        Ok(())
    }

    /// What the caller is told when the head did not become complete in this call.
    #[cold]
    #[inline(never)]
    fn settle(&mut self, stop: Stop, len: usize) -> Result<usize, Error> {
        self.field_count = self.section.count;
        if stop == Stop::SETTLED {
            return match self.line.phase {
                FAILED => Err(error_of(self.fault.reason)),
                _ if len < index(self.length) => Err(Error::Arg),
                _ => Ok(index(self.length)),
            };
        }
        let Some(refusal) = stop.refusal() else { return Ok(0) };
        if !refusal.is_plain() {
            self.fault = refusal.fault();
            if self.is_response() {
                self.fault.status = BAD_GATEWAY;
            }
            self.line.phase = FAILED;
        }
        Err(refusal.error())
    }

    /// Takes note of a field that the head as a whole is judged by.
    #[inline(never)]
    pub(crate) fn note(&mut self, field: &Field, data: &[u8]) {
        self.notes.see(field, data, &self.rules);
    }

    /// Judges the head as a whole and decides what follows it.
    fn finish(&mut self, request_method: u8) -> Result<(), Refusal> {
        self.close();
        let verdict = match self.line.kind {
            REQUEST => self.finish_request(),
            _ => self.finish_response(request_method),
        };
        if verdict.is_err() {
            self.length = 0;
        }
        verdict
    }

    /// Sets what both kinds of message end with: framing, length, flags.
    #[inline(never)]
    pub(crate) fn conclude(&mut self, framing: u8, content_length: u64, keep_alive: bool) {
        self.framing = framing;
        self.content_length = if framing == BOJAGI_FRAMING_LENGTH { content_length } else { 0 };
        if keep_alive {
            self.flags |= BOJAGI_HEAD_KEEP_ALIVE;
        }
        if self.notes.upgrade(self.version) {
            self.flags |= BOJAGI_HEAD_UPGRADE;
        }
    }
}

/// What a call is about.
#[derive(Clone, Copy)]
struct Task {
    kind: u8,
    /// Response: the method of the request that it answers.
    request_method: u8,
    mode: u8,
}

impl Task {
    #[inline(always)]
    fn new(answers: Option<u8>) -> Self {
        match answers {
            None => Self { kind: REQUEST, request_method: 0, mode: FULL },
            Some(method) => Self { kind: RESPONSE, request_method: method, mode: FULL },
        }
    }

    /// Whether ids and framing are asked for.
    #[inline(always)]
    fn is_full(self) -> bool {
        self.mode != SPANS
    }
}

/// What can be a line: `a:` CR LF.
const SHORTEST_LINE: usize = 4;
pub(crate) const BAD_GATEWAY: u16 = 502;
