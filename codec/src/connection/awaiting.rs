//! The requests that await their responses, oldest first: a ring of one byte each.

use super::{BOJAGI_PIPELINE_MAX, Connection};
use crate::head::Head;

/// What a response must know of the request that it answers.
#[derive(Clone, Copy)]
pub(super) struct Request {
    /// One of BOJAGI_METHOD_.
    pub method: u8,
    /// HTTP/1.0: no interim response, no Transfer-Encoding, and persistence only where it is said.
    pub is_old: bool,
}

/// The bit of a byte of the ring that says HTTP/1.0; the method stands below it.
const OLD: u8 = 128;

impl Connection {
    pub(super) fn is_full(&self) -> bool {
        usize::from(self.awaiting) >= BOJAGI_PIPELINE_MAX
    }

    /// The request that the next response answers.
    pub(super) fn oldest_request(&self) -> Option<Request> {
        if self.awaiting == 0 {
            return None;
        }
        let byte = *self.methods.get(self.place(0))?;
        Some(Request { method: byte & !OLD, is_old: byte & OLD != 0 })
    }

    /// A request whose version is not known counts as HTTP/1.0. The caller has seen that there is room.
    pub(super) fn push(&mut self, method: u8, head: &Head) {
        let old = if head.version == 11 { 0 } else { OLD };
        let place = self.place(self.awaiting);
        if let Some(byte) = self.methods.get_mut(place) {
            *byte = method | old;
            self.awaiting = self.awaiting.saturating_add(1);
        }
    }

    pub(super) fn pop(&mut self) {
        self.awaiting = self.awaiting.saturating_sub(1);
        self.oldest = self.oldest.wrapping_add(1);
    }

    /// Where in the ring a request stands, counted from the oldest.
    fn place(&self, nth: u8) -> usize {
        usize::from(self.oldest.wrapping_add(nth)) % BOJAGI_PIPELINE_MAX
    }
}
