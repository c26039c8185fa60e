//! Which body follows a head: RFC 9112 §6.3, decided while the fields go by.
//!
//! [`Notes`] remembers what the fields of interest said. When the head is complete, the rules about
//! the head as a whole are judged in this order, and the first that is broken is the fault:
//!
//! 1. requests: Host once (needed in HTTP/1.1), and valid
//! 2. Transfer-Encoding: not in HTTP/1.0, then `chunked` once and last, then no other coding
//! 3. Content-Length: one number
//! 4. not both of them
//! 5. a Content-Length within `body_max`

use crate::fault::*;
use crate::field::Field;
use crate::known::*;
use crate::offset::{index, narrow};
use crate::rules::{BOJAGI_ALLOW_EQUAL_LENGTHS, Rules};
use crate::{target, token};

/// No body follows.
pub const BOJAGI_FRAMING_NONE: u8 = 0;
/// `content_length` bytes follow.
pub const BOJAGI_FRAMING_LENGTH: u8 = 1;
/// Chunks follow, then trailers.
pub const BOJAGI_FRAMING_CHUNKED: u8 = 2;
/// The body lasts until the transport closes.
pub const BOJAGI_FRAMING_UNTIL_CLOSE: u8 = 3;
/// The connection is no longer HTTP: a 101, a 2xx to CONNECT, or CONNECT itself. What follows the head
/// is not a message; a server that refuses a CONNECT closes the connection.
pub const BOJAGI_FRAMING_TUNNEL: u8 = 4;
/// Nobody has looked: only the spans of the head were asked for. Such a head has no body to decode.
pub const BOJAGI_FRAMING_UNKNOWN: u8 = 5;

/// Private state of a decoder: what Host, Content-Length, Transfer-Encoding, Connection, Upgrade
/// and Expect said so far.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct Notes {
    content_length: u64,
    /// Where each rule is broken, or else where the field's first value stands.
    host_off: u32,
    length_off: u32,
    coding_off: u32,
    /// 0, or the reason that the field is refused for.
    host_fault: u8,
    length_fault: u8,
    coding_fault: u8,
    padding: u8,
    /// Which fields stood there, and what they said, a bit each.
    seen: u32,
    reserved: u32,
}

const HOST: u32 = 1;
const LENGTH: u32 = 2;
const CODING: u32 = 4;
const CHUNKED: u32 = 8;
const CLOSE: u32 = 16;
const KEEP_ALIVE: u32 = 32;
const UPGRADE_TOKEN: u32 = 64;
const UPGRADE: u32 = 128;
const CONTINUE: u32 = 256;

impl Notes {
    /// Takes note of one field.
    pub(crate) fn see(&mut self, field: &Field, data: &[u8], rules: &Rules) {
        let value = field.value(data);
        match field.id {
            BOJAGI_FIELD_HOST => self.host(field.value_off, value),
            BOJAGI_FIELD_CONTENT_LENGTH => self.length(field.value_off, value, rules),
            BOJAGI_FIELD_TRANSFER_ENCODING => self.coding(field.value_off, value),
            BOJAGI_FIELD_CONNECTION => self.connection(value),
            BOJAGI_FIELD_UPGRADE => self.seen |= UPGRADE,
            BOJAGI_FIELD_EXPECT if token::list_holds(value, b"100-continue") => {
                self.seen |= CONTINUE;
            }
            _ => {}
        }
    }

    /// What the fields said so far, to be handed to the `plain_` functions and back.
    #[cfg(feature = "sweep")]
    #[inline(always)]
    pub(crate) fn seen(&self) -> u32 {
        self.seen
    }

    /// Takes back what the `plain_` functions have seen.
    #[cfg(feature = "sweep")]
    #[inline(always)]
    pub(crate) fn see_also(&mut self, seen: u32) {
        self.seen |= seen;
    }

    /// Takes note of a Host that is known to be a plain name, unless there was one before.
    #[cfg(feature = "sweep")]
    #[inline(always)]
    pub(crate) fn plain_host(&mut self, seen: &mut u32, off: u32) -> bool {
        let is_first = *seen & HOST == 0;
        if is_first {
            *seen |= HOST;
            self.host_off = off;
        }
        is_first
    }

    /// Takes note of a Content-Length that is known to be a number, unless there was one before.
    #[cfg(feature = "sweep")]
    #[inline(always)]
    pub(crate) fn plain_length_of(&mut self, seen: &mut u32, length: u64, off: u32) -> bool {
        let is_first = *seen & LENGTH == 0;
        if is_first {
            *seen |= LENGTH;
            self.content_length = length;
            self.length_off = off;
        }
        is_first
    }

    /// Takes note of a Connection that says `keep-alive`.
    #[cfg(feature = "sweep")]
    #[inline(always)]
    pub(crate) fn plain_keep_alive(seen: &mut u32) -> bool {
        *seen |= KEEP_ALIVE;
        true
    }

    fn host(&mut self, off: u32, value: &[u8]) {
        if self.seen & HOST != 0 {
            if u16::from(self.host_fault) != BOJAGI_REASON_HOST_REPEATED {
                self.host_off = off;
            }
            self.host_fault = BOJAGI_REASON_HOST_REPEATED as u8;
            return;
        }
        self.seen |= HOST;
        self.host_off = off;
        if let Err(at) = target::authority(value) {
            self.host_off = later(off, at);
            self.host_fault = BOJAGI_REASON_HOST_INVALID as u8;
        }
    }

    fn length(&mut self, off: u32, value: &[u8], rules: &Rules) {
        if self.length_fault != 0 {
            return;
        }
        if !rules.has(BOJAGI_ALLOW_EQUAL_LENGTHS) {
            return self.one_length(off, value, false);
        }
        let mut at = 0;
        for element in value.split(|&byte| byte == b',') {
            let white = element.len() - token::trim_start(element).len();
            self.one_length(later(off, at + white), token::trim(element), true);
            at += element.len() + 1;
        }
    }

    fn one_length(&mut self, off: u32, value: &[u8], may_repeat: bool) {
        let length = decimal(value);
        let is_same = may_repeat && length == Ok(self.content_length);
        if self.length_fault != 0 || (self.seen & LENGTH != 0 && is_same) {
            return;
        }
        self.length_off = off;
        if self.seen & LENGTH != 0 && (!may_repeat || length.is_ok()) {
            self.length_fault = BOJAGI_REASON_CONTENT_LENGTH_REPEATED as u8;
            return;
        }
        self.seen |= LENGTH;
        match length {
            Ok(length) => self.content_length = length,
            Err(at) => {
                self.length_off = later(off, at);
                self.length_fault = BOJAGI_REASON_CONTENT_LENGTH_INVALID as u8;
            }
        }
    }

    fn coding(&mut self, off: u32, value: &[u8]) {
        if self.seen & CODING == 0 {
            self.coding_off = off;
        }
        self.seen |= CODING;
        let mut at = 0;
        for element in value.split(|&byte| byte == b',') {
            let reason = self.coding_element(token::trim(element));
            // INVALID outranks UNKNOWN; within one reason the first place counts.
            if reason != 0 && (self.coding_fault == 0 || reason < self.coding_fault) {
                let white = element.iter().take_while(|&&byte| token::is_ows(byte)).count();
                self.coding_off = later(off, at + white);
                self.coding_fault = reason;
            }
            at += element.len() + 1;
        }
    }

    fn coding_element(&mut self, element: &[u8]) -> u8 {
        let is_token = !element.is_empty() && element.iter().all(|&byte| token::is_tchar(byte));
        if self.seen & CHUNKED != 0 || !is_token {
            return BOJAGI_REASON_TRANSFER_ENCODING_INVALID as u8;
        }
        if token::is_same(element, b"chunked") {
            self.seen |= CHUNKED;
            return 0;
        }
        BOJAGI_REASON_TRANSFER_ENCODING_UNKNOWN as u8
    }

    fn connection(&mut self, value: &[u8]) {
        for element in value.split(|&byte| byte == b',') {
            self.seen |= match token::trim(element) {
                option if token::is_same(option, b"close") => CLOSE,
                option if token::is_same(option, b"keep-alive") => KEEP_ALIVE,
                option if token::is_same(option, b"upgrade") => UPGRADE_TOKEN,
                _ => 0,
            };
        }
    }

    /// Whether nothing was seen but a Host, a Content-Length that is good and keep-alive: then framing and
    /// persistence follow without a look at the rest, and no rule is broken but what a missing Host breaks.
    #[inline(always)]
    pub(crate) fn is_plain(&self) -> bool {
        let faults = self.host_fault | self.length_fault | self.coding_fault;
        faults == 0 && self.seen & !(HOST | LENGTH | KEEP_ALIVE) == 0
    }

    /// The length of a plain message's body, if it has a Content-Length.
    #[inline(always)]
    pub(crate) fn plain_length(&self) -> Option<u64> {
        (self.seen & LENGTH != 0).then_some(self.content_length)
    }

    /// Whether a Host was seen.
    #[inline(always)]
    pub(crate) fn has_host(&self) -> bool {
        self.seen & HOST != 0
    }

    /// The rules about Host; `length` is the head's, where a missing field is missing.
    pub(crate) fn judge_host(&self, needs_host: bool, length: usize) -> Result<(), Refusal> {
        if self.host_fault != 0 {
            return Err(Refusal::new(u16::from(self.host_fault), index(self.host_off)));
        }
        if self.seen & HOST == 0 && needs_host {
            return Err(Refusal::new(BOJAGI_REASON_HOST_MISSING, length));
        }
        Ok(())
    }

    /// The rules about Transfer-Encoding and Content-Length.
    pub(crate) fn judge_framing(&self, version: u8) -> Result<(), Refusal> {
        if self.seen & CODING != 0 {
            if version != 11 {
                let reason = BOJAGI_REASON_TRANSFER_ENCODING_VERSION;
                return Err(Refusal::new(reason, index(self.coding_off)));
            }
            if self.coding_fault != 0 {
                return Err(Refusal::new(u16::from(self.coding_fault), index(self.coding_off)));
            }
        }
        if self.length_fault != 0 {
            return Err(Refusal::new(u16::from(self.length_fault), index(self.length_off)));
        }
        if self.seen & (CODING | LENGTH) == CODING | LENGTH {
            let offset = self.coding_off.max(self.length_off);
            return Err(Refusal::new(BOJAGI_REASON_FRAMING_CONFLICT, index(offset)));
        }
        Ok(())
    }

    /// The body that the fields announce, with its length, once [`Notes::judge_framing`] is content.
    pub(crate) fn body(&self, body_max: u64) -> Result<Option<(u8, u64)>, Refusal> {
        if self.seen & CHUNKED != 0 {
            return Ok(Some((BOJAGI_FRAMING_CHUNKED, 0)));
        }
        if self.seen & LENGTH == 0 {
            return Ok(None);
        }
        if self.content_length > body_max {
            return Err(Refusal::new(BOJAGI_REASON_BODY_LIMIT, index(self.length_off)));
        }
        Ok(Some((BOJAGI_FRAMING_LENGTH, self.content_length)))
    }

    /// Whether the connection persists after this message (RFC 9112 §9.3).
    pub(crate) fn keep_alive(&self, version: u8) -> bool {
        let is_asked_for = version == 10 && self.seen & KEEP_ALIVE != 0;
        self.seen & CLOSE == 0 && (version == 11 || is_asked_for)
    }

    /// Whether Expect says 100-continue (RFC 9110 §10.1.1).
    pub(crate) fn expects_continue(&self) -> bool {
        self.seen & CONTINUE != 0
    }

    /// Whether the message asks for, or agrees to, another protocol (RFC 9110 §7.8).
    pub(crate) fn upgrade(&self, version: u8) -> bool {
        version == 11 && self.seen & UPGRADE != 0 && self.seen & UPGRADE_TOKEN != 0
    }
}

/// `1*DIGIT` below 2^64, or the offset of the byte that breaks it.
pub(crate) fn decimal(bytes: &[u8]) -> Result<u64, usize> {
    let mut value = 0u64;
    for (at, &byte) in bytes.iter().enumerate() {
        let digit = match byte {
            b'0'..=b'9' => u64::from(byte - b'0'),
            _ => return Err(at),
        };
        value = value.checked_mul(10).and_then(|v| v.checked_add(digit)).ok_or(at)?;
    }
    if bytes.is_empty() { Err(0) } else { Ok(value) }
}

fn later(off: u32, at: usize) -> u32 {
    off.saturating_add(narrow(at))
}
