//! The body of a message: which bytes of the wire belong to it, and where it ends.
//!
//! A [`Body`] consumes: each call is given the bytes that follow those it used before, and answers
//! how many it used. The bytes of the body are reported as spans, never copied, and
//! [`Body::state`](Body#structfield.state) is the only sign of the end.

use crate::chunked::Chunks;
use crate::fault::*;
use crate::field::{Fields, Span};
use crate::framing::*;
use crate::head::{BAD_GATEWAY, Head};
use crate::known::*;
use crate::offset::{index, narrow, wide};
use crate::rules::Rules;
use crate::section::Section;
use crate::stop::Stop;
use core::mem::MaybeUninit;

/// More of the body, or of its framing, is to come.
pub const BOJAGI_BODY_DATA: u8 = 0;
/// The last chunk is in; the trailer section is next: call `bojagi_trailers_decode`.
pub const BOJAGI_BODY_TRAILERS: u8 = 1;
/// The message is complete; what follows belongs to the next one, or to the tunnel.
pub const BOJAGI_BODY_DONE: u8 = 2;

/// The state of a body that is being decoded.
///
/// The caller owns it; it holds no pointer and needs no free. Start each with `bojagi_body_init`.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct Body {
    /// Bytes that are still to come: of the body (LENGTH), or of the chunk (CHUNKED).
    pub remaining: u64,
    /// Bytes of the body decoded so far.
    pub total: u64,
    /// The spans that the last decode call wrote; after the trailers, the number of trailers.
    pub span_count: u32,
    /// One of BOJAGI_FRAMING_, as in the head.
    pub framing: u8,
    /// One of BOJAGI_BODY_.
    pub state: u8,
    /// Private: a fault was found; it stays.
    pub(crate) failed: u8,
    /// Private: it belongs to a response.
    pub(crate) is_response: u8,
    /// What was wrong, after BOJAGI_E_SYNTAX, BOJAGI_E_LIMIT and BOJAGI_E_TRUNCATED.
    pub fault: Fault,
    /// Bytes of the wire used so far, the framing included.
    pub offset: u64,
    /// Private.
    pub(crate) chunks: Chunks,
    /// Private.
    pub(crate) trailers: Section,
    /// The rules; private, taken from the head.
    pub(crate) rules: Rules,
    /// Zero.
    pub(crate) reserved: [u32; 4],
}

impl Body {
    /// The body that follows a complete head. A head that is not complete has no body.
    pub fn new(head: &Head) -> Self {
        Self::after(Some(head))
    }

    /// The body that follows a head, or that of nothing, which is over.
    pub(crate) fn after(head: Option<&Head>) -> Self {
        let mut body = Self { state: BOJAGI_BODY_DONE, ..Self::default() };
        let Some(head) = head else { return body };
        body.framing = head.framing;
        body.rules = head.rules;
        body.remaining = head.content_length;
        body.is_response = u8::from(head.is_response());
        body.trailers = Section::of_trailers(&head.rules);
        let has_more = match head.framing {
            BOJAGI_FRAMING_LENGTH => head.content_length > 0,
            framing => matches!(
                framing,
                BOJAGI_FRAMING_CHUNKED | BOJAGI_FRAMING_UNTIL_CLOSE | BOJAGI_FRAMING_UNKNOWN
            ),
        };
        if has_more {
            body.state = BOJAGI_BODY_DATA;
        }
        body
    }

    /// Decodes what comes next and answers the number of bytes used.
    ///
    /// Data that stands before a fault is reported first; the fault then comes with the next call.
    pub fn decode(&mut self, data: &[u8], spans: &mut [MaybeUninit<Span>]) -> Result<usize, Error> {
        self.decode_into(data, &mut Spans { spans, count: 0, last: Span::default() })
    }

    fn decode_into(&mut self, data: &[u8], out: &mut Spans<'_>) -> Result<usize, Error> {
        self.span_count = 0;
        if out.is_full() {
            return Err(Error::Arg);
        }
        self.check_failed()?;
        if self.framing == BOJAGI_FRAMING_UNKNOWN {
            return Err(Error::State);
        }
        if self.state != BOJAGI_BODY_DATA {
            return Ok(0);
        }
        // An offset of a span has 32 bits: what lies beyond waits for the next call.
        let data = data.get(..index(u32::MAX)).unwrap_or(data);
        let (used, reason) = match self.framing {
            BOJAGI_FRAMING_CHUNKED => self.chunked(data, out),
            BOJAGI_FRAMING_LENGTH => (self.plain(data, out), 0),
            _ => self.until_close(data, out),
        };
        self.span_count = out.count;
        if reason != 0 && self.span_count == 0 {
            return Err(self.fail(self.refusal_at(reason, used)));
        }
        self.offset = self.offset.saturating_add(wide(used));
        Ok(used)
    }

    /// Decodes the trailer section: its length, or 0 while it is incomplete.
    ///
    /// As with a head, the caller comes again with the same bytes from the start plus more.
    pub fn decode_trailers(&mut self, fields: Fields<'_>, data: &[u8]) -> Result<usize, Error> {
        self.check_failed()?;
        if self.state != BOJAGI_BODY_TRAILERS {
            return Err(Error::State);
        }
        if data.len() < index(self.trailers.at) {
            return Err(Error::Arg);
        }
        let stop = self.trailer_lines(fields, data);
        self.span_count = self.trailers.count;
        if stop == Stop::COMPLETE {
            self.state = BOJAGI_BODY_DONE;
            self.offset = self.offset.saturating_add(u64::from(self.trailers.at));
            return Ok(index(self.trailers.at));
        }
        let Some(refusal) = stop.refusal() else { return Ok(0) };
        if refusal.is_plain() {
            return Err(refusal.error());
        }
        let error = self.fail(refusal);
        let at = u64::from(self.fault.offset).saturating_add(self.offset);
        self.fault.offset = u32::try_from(at).unwrap_or(u32::MAX);
        Err(error)
    }

    /// Takes trailers as long as there are any.
    fn trailer_lines(&mut self, mut fields: Fields<'_>, data: &[u8]) -> Stop {
        let room = fields.as_ref().map(|fields| fields.len());
        loop {
            if let Err(stop) = self.trailers.advance(data, room) {
                return stop;
            }
            let field = self.trailers.field(data);
            if is_forbidden_trailer(field.id) {
                let at = index(field.name_off);
                return Refusal::new(BOJAGI_REASON_TRAILER_FORBIDDEN, at).into();
            }
            self.trailers.push(&mut fields, field);
        }
    }

    /// The transport closed: fine when the message is complete or lasts until the close.
    pub fn end(&mut self) -> Result<(), Error> {
        self.check_failed()?;
        if self.framing == BOJAGI_FRAMING_UNTIL_CLOSE {
            self.state = BOJAGI_BODY_DONE;
        }
        if self.state == BOJAGI_BODY_DONE {
            return Ok(());
        }
        self.set_fault(self.refusal_at(BOJAGI_REASON_TRUNCATED, 0));
        Err(Error::Truncated)
    }

    /// Decodes like [`Body::decode`] and moves the bytes of the body to the front of `data`.
    /// Answers the bytes used and the bytes kept.
    pub fn compact(&mut self, data: &mut [u8]) -> Result<(usize, usize), Error> {
        let (mut used, mut kept) = (0, 0);
        loop {
            let mut slot = [MaybeUninit::uninit()];
            let mut out = Spans { spans: &mut slot, count: 0, last: Span::default() };
            let step = match self.decode_into(data.get(used..).unwrap_or(&[]), &mut out) {
                // The failure stays, and the next call answers it.
                Err(_) if kept > 0 => return Ok((used, kept)),
                outcome => outcome?,
            };
            let start = used.saturating_add(index(out.last.off));
            let end = start.saturating_add(index(out.last.len));
            if out.count > 0 {
                let moved = data.get_mut(kept..end).unwrap_or_default();
                kept += close_gap(moved, start.saturating_sub(kept));
            }
            used += step;
            if step == 0 || self.state != BOJAGI_BODY_DATA {
                return Ok((used, kept));
            }
        }
    }

    fn plain(&mut self, data: &[u8], out: &mut Spans<'_>) -> usize {
        let used = usize::try_from(self.remaining).unwrap_or(usize::MAX).min(data.len());
        self.take(0, used, out);
        if self.remaining == 0 {
            self.state = BOJAGI_BODY_DONE;
        }
        used
    }

    fn until_close(&mut self, data: &[u8], out: &mut Spans<'_>) -> (usize, u16) {
        let room = self.rules.body_max.saturating_sub(self.total);
        let used = usize::try_from(room).unwrap_or(usize::MAX).min(data.len());
        self.remaining = wide(used);
        self.take(0, used, out);
        (used, if used < data.len() { BOJAGI_REASON_BODY_LIMIT } else { 0 })
    }

    /// Reports `len` bytes at `off` as data.
    pub(crate) fn take(&mut self, off: usize, len: usize, out: &mut Spans<'_>) {
        if len == 0 {
            return;
        }
        out.push(Span { off: narrow(off), len: narrow(len) });
        self.remaining = self.remaining.saturating_sub(wide(len));
        self.total = self.total.saturating_add(wide(len));
    }

    /// A refusal `used` bytes into this call's data.
    fn refusal_at(&self, reason: u16, used: usize) -> Refusal {
        let offset = self.offset.saturating_add(wide(used));
        Refusal::new(reason, usize::try_from(offset).unwrap_or(usize::MAX))
    }

    fn fail(&mut self, refusal: Refusal) -> Error {
        self.failed = 1;
        self.set_fault(refusal);
        refusal.error()
    }

    fn set_fault(&mut self, refusal: Refusal) {
        self.fault = refusal.fault();
        if self.is_response != 0 {
            self.fault.status = BAD_GATEWAY;
        }
    }

    fn check_failed(&self) -> Result<(), Error> {
        match self.failed {
            0 => Ok(()),
            _ => Err(error_of(self.fault.reason)),
        }
    }
}

/// Moves what stands behind the first `gap` bytes to the front, and answers how much that is.
fn close_gap(bytes: &mut [u8], gap: usize) -> usize {
    // Without framing in front of them the bytes stand where they belong.
    if gap == 0 {
        return bytes.len();
    }
    let Some(behind) = bytes.len().checked_sub(gap) else { return 0 };
    bytes.copy_within(gap.., 0);
    behind
}

/// The caller's array of spans and how much of it is used.
pub(crate) struct Spans<'a> {
    spans: &'a mut [MaybeUninit<Span>],
    count: u32,
    last: Span,
}

impl Spans<'_> {
    pub(crate) fn is_full(&self) -> bool {
        index(self.count) >= self.spans.len()
    }

    /// Adds spans until they are full or there is none.
    #[inline(always)]
    #[cfg(feature = "sweep")]
    pub(crate) fn fill(&mut self, mut next: impl FnMut() -> Option<Span>) {
        let free = self.spans.get_mut(index(self.count)..).unwrap_or(&mut []);
        let (mut added, mut last) = (0, self.last);
        for slot in free {
            let Some(span) = next() else { break };
            *slot = MaybeUninit::new(span);
            last = span;
            added += 1;
        }
        self.count += added;
        self.last = last;
    }

    fn push(&mut self, span: Span) {
        if let Some(slot) = self.spans.get_mut(index(self.count)) {
            *slot = MaybeUninit::new(span);
            self.last = span;
            self.count += 1;
        }
    }
}

/// Fields that frame the message, route it or belong to the connection must stand in the head:
/// a recipient that merged them from the trailers could be led astray (RFC 9110 §6.5.1).
pub(crate) fn is_forbidden_trailer(id: u16) -> bool {
    matches!(
        id,
        BOJAGI_FIELD_HOST
            | BOJAGI_FIELD_CONTENT_LENGTH
            | BOJAGI_FIELD_TRANSFER_ENCODING
            | BOJAGI_FIELD_CONNECTION
            | BOJAGI_FIELD_KEEP_ALIVE
            | BOJAGI_FIELD_PROXY_CONNECTION
            | BOJAGI_FIELD_TE
            | BOJAGI_FIELD_TRAILER
            | BOJAGI_FIELD_UPGRADE
            | BOJAGI_FIELD_EXPECT
            | BOJAGI_FIELD_MAX_FORWARDS
    )
}
