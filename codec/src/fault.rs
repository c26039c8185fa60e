//! What went wrong with a message: the rule that was broken, where, and what a server answers.
//!
//! A [`Fault`] lives in the head or body that the caller owns, so an error needs no thread-local
//! and no allocation. The number of a reason is stable; its text names the section of the RFC.

use crate::offset::index;
use crate::texts;
use core::num::NonZeroU64;

/// Why and where a message was refused.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Fault {
    /// The rule that was broken, one of BOJAGI_REASON_; 0 while nothing is wrong.
    pub reason: u16,
    /// The status that a server answers (a gateway, when a response is at fault); 0 for encoding and for
    /// values.
    pub status: u16,
    /// Decoding: the offset of the first byte that no valid message has there; for rules about the
    /// whole head, the offset of the value at fault, or the head's length when a field is missing;
    /// for limits of bytes, the offset at which the line or section, with the CR LF that ends it,
    /// had to be over; for a trailer that must not stand there, its own; when the transport closed,
    /// the bytes of the body used. In a body it counts from the first byte after the head and stops
    /// at 2^32-1. Encoding: the index of the field line at fault, 0 when a field is missing, or the
    /// offset within the part of the start line that the reason names. Values: the offset of the first
    /// byte that cannot stand there, the length of the value when it ends too early.
    pub offset: u32,
}

impl Fault {
    /// A fault of the given rule at the given offset, with the status that the rule asks for.
    pub(crate) fn new(reason: u16, offset: usize) -> Self {
        Self {
            reason,
            status: status_of(reason),
            offset: u32::try_from(offset).unwrap_or(u32::MAX),
        }
    }
}

/// Why a call of the codec did not succeed; each is one code of the C ABI, and has its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(i8)]
pub enum Error {
    /// The arguments contradict each other or an earlier call: fewer bytes than before, no room for
    /// a single span, a method that is not one of BOJAGI_METHOD_.
    Arg = -2,
    /// The call does not fit the state of the message: trailers before the last chunk.
    State = -3,
    /// The array or buffer is too small; call again with a larger one.
    Space = -5,
    /// A limit of the rules was reached; the fault says which.
    Limit = -6,
    /// The bytes break a rule of HTTP; the fault says which and where.
    Syntax = -7,
    /// The transport ended in the middle of the message.
    Truncated = -8,
}

/// A refusal on its way to the caller: the class that the code tells, and the detail. One word, and never 0,
/// so that a function answers it in a register.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Refusal(NonZeroU64);

impl Refusal {
    pub(crate) fn new(reason: u16, offset: usize) -> Self {
        Self::with_fault(error_of(reason), Fault::new(reason, offset))
    }

    /// From the lowest bit: 1, the class in seven bits, the reason in eight, the status, the offset.
    pub(crate) fn with_fault(error: Error, fault: Fault) -> Self {
        let detail = u64::from(fault.offset) << 32
            | u64::from(fault.status) << 16
            | u64::from(fault.reason & 0xff) << 8;
        Self(NonZeroU64::MIN | detail | u64::from((error as i8).unsigned_abs()) << 1)
    }

    pub(crate) fn with_status(self, status: u16) -> Self {
        Self::with_fault(self.error(), Fault { status, ..self.fault() })
    }

    pub(crate) fn with_error(self, error: Error) -> Self {
        Self::with_fault(error, self.fault())
    }

    pub(crate) fn error(self) -> Error {
        match self.0.get() >> 1 & 0x7f {
            2 => Error::Arg,
            3 => Error::State,
            5 => Error::Space,
            6 => Error::Limit,
            8 => Error::Truncated,
            _ => Error::Syntax,
        }
    }

    pub(crate) fn word(self) -> NonZeroU64 {
        self.0
    }

    /// The refusal that has this word; its lowest bit tells it from others.
    pub(crate) fn from_word(word: NonZeroU64) -> Option<Self> {
        (word.get() & 1 != 0).then_some(Self(word))
    }

    /// Whether the call is at fault, not the message: there is no detail.
    pub(crate) fn is_plain(self) -> bool {
        self.fault().reason == BOJAGI_REASON_NONE
    }

    /// What the caller is told in the head or body.
    pub(crate) fn fault(self) -> Fault {
        let word = self.0.get();
        Fault {
            reason: (word >> 8 & 0xff) as u16,
            status: (word >> 16 & 0xffff) as u16,
            offset: (word >> 32) as u32,
        }
    }
}

/// What the caller is told about a refusal for this reason.
pub(crate) fn error_of(reason: u16) -> Error {
    if is_limit(reason) { Error::Limit } else { Error::Syntax }
}

/// Whether a refusal for this reason is LIMIT, not SYNTAX.
pub fn is_limit(reason: u16) -> bool {
    (BOJAGI_REASON_START_LINE_LIMIT..=BOJAGI_REASON_BODY_LIMIT).contains(&reason)
}

fn status_of(reason: u16) -> u16 {
    match reason {
        BOJAGI_REASON_NONE => 0,
        BOJAGI_REASON_TRANSFER_ENCODING_UNKNOWN => 501,
        BOJAGI_REASON_START_LINE_LIMIT => 414,
        BOJAGI_REASON_FIELD_BYTES_LIMIT
        | BOJAGI_REASON_FIELD_COUNT_LIMIT
        | BOJAGI_REASON_FIELD_NAME_LIMIT
        | BOJAGI_REASON_TRAILER_BYTES_LIMIT
        | BOJAGI_REASON_TRAILER_COUNT_LIMIT => 431,
        BOJAGI_REASON_BODY_LIMIT => 413,
        _ => 400,
    }
}

/// Nothing is wrong.
pub const BOJAGI_REASON_NONE: u16 = 0;
/// The method is not a token (RFC 9110 §9.1), or no single SP follows it.
pub const BOJAGI_REASON_METHOD: u16 = 1;
/// The request target is not in a form that the method allows (RFC 9112 §3.2).
pub const BOJAGI_REASON_TARGET: u16 = 2;
/// The version is neither HTTP/1.0 nor HTTP/1.1 (RFC 9112 §2.3).
pub const BOJAGI_REASON_VERSION: u16 = 3;
/// The status is not three digits from 100 to 599 (RFC 9110 §15).
pub const BOJAGI_REASON_STATUS: u16 = 4;
/// The reason phrase holds a control byte (RFC 9112 §4).
pub const BOJAGI_REASON_REASON_PHRASE: u16 = 5;
/// A line does not end in exactly CR LF (RFC 9112 §2.2).
pub const BOJAGI_REASON_LINE_END: u16 = 6;
/// A field name is not a token with a colon at once behind it (RFC 9112 §5.1).
pub const BOJAGI_REASON_FIELD_NAME: u16 = 7;
/// A field value holds a control byte, or white space at its ends when encoding (RFC 9110 §5.5).
pub const BOJAGI_REASON_FIELD_VALUE: u16 = 8;
/// White space opens a field line: obsolete line folding (RFC 9112 §5.2).
pub const BOJAGI_REASON_OBS_FOLD: u16 = 9;
/// An HTTP/1.1 request has no Host (RFC 9112 §3.2).
pub const BOJAGI_REASON_HOST_MISSING: u16 = 10;
/// A request has more than one Host (RFC 9112 §3.2).
pub const BOJAGI_REASON_HOST_REPEATED: u16 = 11;
/// Host is not a host with an optional port (RFC 9110 §7.2).
pub const BOJAGI_REASON_HOST_INVALID: u16 = 12;
/// Content-Length is not a decimal number below 2^64 (RFC 9110 §8.6).
pub const BOJAGI_REASON_CONTENT_LENGTH_INVALID: u16 = 13;
/// Content-Length stands more than once (RFC 9110 §8.6).
pub const BOJAGI_REASON_CONTENT_LENGTH_REPEATED: u16 = 14;
/// Transfer-Encoding is not a list of codings with chunked once and last (RFC 9112 §6.1).
pub const BOJAGI_REASON_TRANSFER_ENCODING_INVALID: u16 = 15;
/// Transfer-Encoding names a coding other than chunked (RFC 9112 §6.1).
pub const BOJAGI_REASON_TRANSFER_ENCODING_UNKNOWN: u16 = 16;
/// Transfer-Encoding stands in an HTTP/1.0 message, or goes to an HTTP/1.0 peer (RFC 9112 §6.1).
pub const BOJAGI_REASON_TRANSFER_ENCODING_VERSION: u16 = 17;
/// Content-Length and Transfer-Encoding stand in one message (RFC 9112 §6.1).
pub const BOJAGI_REASON_FRAMING_CONFLICT: u16 = 18;
/// A chunk size is not a hexadecimal number below 2^64 (RFC 9112 §7.1).
pub const BOJAGI_REASON_CHUNK_SIZE: u16 = 19;
/// A chunk extension is not `;token`, `;token=token` or `;token="quoted"` (RFC 9112 §7.1.1).
pub const BOJAGI_REASON_CHUNK_EXTENSION: u16 = 20;
/// A chunk's data does not end in CR LF (RFC 9112 §7.1).
pub const BOJAGI_REASON_CHUNK_END: u16 = 21;
/// A trailer is a field that frames or routes the message (RFC 9110 §6.5.1).
pub const BOJAGI_REASON_TRAILER_FORBIDDEN: u16 = 22;
/// The start line is longer than `start_line_max`.
pub const BOJAGI_REASON_START_LINE_LIMIT: u16 = 23;
/// The field lines are longer than `field_bytes_max`.
pub const BOJAGI_REASON_FIELD_BYTES_LIMIT: u16 = 24;
/// There are more fields than `field_count_max`.
pub const BOJAGI_REASON_FIELD_COUNT_LIMIT: u16 = 25;
/// A field name is longer than 65,535 bytes.
pub const BOJAGI_REASON_FIELD_NAME_LIMIT: u16 = 26;
/// The chunk extensions of the message are longer than `chunk_extension_max`.
pub const BOJAGI_REASON_CHUNK_EXTENSION_LIMIT: u16 = 27;
/// The trailer section is longer than `trailer_bytes_max`.
pub const BOJAGI_REASON_TRAILER_BYTES_LIMIT: u16 = 28;
/// There are more trailers than `trailer_count_max`.
pub const BOJAGI_REASON_TRAILER_COUNT_LIMIT: u16 = 29;
/// The body is longer than `body_max`.
pub const BOJAGI_REASON_BODY_LIMIT: u16 = 30;
/// Encoding: Content-Length or Transfer-Encoding where the message can have no body, or no content
/// (RFC 9110 §8.6, RFC 9110 §15.3.6, RFC 9112 §6.1).
pub const BOJAGI_REASON_FIELD_FORBIDDEN: u16 = 31;
/// The transport closed in the middle of a message (RFC 9112 §8).
pub const BOJAGI_REASON_TRUNCATED: u16 = 32;
/// A response that no request awaits (RFC 9112 §9.2).
pub const BOJAGI_REASON_RESPONSE_UNASKED: u16 = 33;
/// A 101 without Upgrade, or to a request without it (RFC 9110 §7.8).
pub const BOJAGI_REASON_SWITCH_UNASKED: u16 = 34;
/// An interim response (1xx) to an HTTP/1.0 request (RFC 9110 §15.2).
pub const BOJAGI_REASON_INTERIM_VERSION: u16 = 35;
/// A message before the one that must be complete, or answered, first (RFC 9112 §9.3).
pub const BOJAGI_REASON_NOT_YET: u16 = 36;
/// A message behind the last one: after close, a fault, the end of the transport, or a switch to another
/// protocol (RFC 9112 §9.6).
pub const BOJAGI_REASON_AFTER_LAST: u16 = 37;
/// A body longer or shorter than its head announced (RFC 9112 §6.2).
pub const BOJAGI_REASON_BODY_MISMATCH: u16 = 38;
/// The transport closed before the response began; the request may be sent again on another connection
/// when its method is idempotent (RFC 9112 §9.3.1).
pub const BOJAGI_REASON_UNANSWERED: u16 = 39;
/// Values: a list holds a control byte, or a quoted string does not end (RFC 9110 §5.6.1).
pub const BOJAGI_REASON_LIST: u16 = 40;
/// Values: not `;name=token` or `;name="text"`, or not a token or quoted string (RFC 9110 §5.6.6).
pub const BOJAGI_REASON_PARAMETER: u16 = 41;
/// Values: not `type/subtype` with parameters (RFC 9110 §8.3.1).
pub const BOJAGI_REASON_MEDIA_TYPE: u16 = 42;
/// Values: not a quality value, or not a list of ranges with weights (RFC 9110 §12.4.2).
pub const BOJAGI_REASON_QUALITY: u16 = 43;
/// Values: not a Range or Content-Range (RFC 9110 §14).
pub const BOJAGI_REASON_RANGE: u16 = 44;
/// Values: not an entity-tag or a list of them (RFC 9110 §8.8.3).
pub const BOJAGI_REASON_ETAG: u16 = 45;
/// Values: `%` without two hexadecimal digits, or a NUL (RFC 3986 §2.1).
pub const BOJAGI_REASON_PERCENT: u16 = 46;
/// Values: not Basic credentials, or a control byte or colon where they have none (RFC 7617 §2).
pub const BOJAGI_REASON_CREDENTIALS: u16 = 47;
/// Values: not an HTTP-date (RFC 9110 §5.6.7).
pub const BOJAGI_REASON_DATE: u16 = 48;

/// The name and the text of each reason, in order of its number.
const REASONS: [(&core::ffi::CStr, &core::ffi::CStr); 49] = [
    (c"NONE", c"nothing is wrong"),
    (c"METHOD", c"the method is not a token followed by one SP (RFC 9110 9.1)"),
    (c"TARGET", c"the request target is not in a form that the method allows (RFC 9112 3.2)"),
    (c"VERSION", c"the version is neither HTTP/1.0 nor HTTP/1.1 (RFC 9112 2.3)"),
    (c"STATUS", c"the status is not three digits from 100 to 599 (RFC 9110 15)"),
    (c"REASON_PHRASE", c"the reason phrase holds a control byte (RFC 9112 4)"),
    (c"LINE_END", c"a line does not end in exactly CR LF (RFC 9112 2.2)"),
    (c"FIELD_NAME", c"a field name is not a token with a colon at once behind it (RFC 9112 5.1)"),
    (c"FIELD_VALUE", c"a field value holds a byte or white space that it must not (RFC 9110 5.5)"),
    (c"OBS_FOLD", c"white space opens a field line (RFC 9112 5.2)"),
    (c"HOST_MISSING", c"an HTTP/1.1 request has no Host (RFC 9112 3.2)"),
    (c"HOST_REPEATED", c"a request has more than one Host (RFC 9112 3.2)"),
    (c"HOST_INVALID", c"Host is not a host with an optional port (RFC 9110 7.2)"),
    (
        c"CONTENT_LENGTH_INVALID",
        c"Content-Length is not a decimal number below 2^64 (RFC 9110 8.6)",
    ),
    (c"CONTENT_LENGTH_REPEATED", c"Content-Length stands more than once (RFC 9110 8.6)"),
    (
        c"TRANSFER_ENCODING_INVALID",
        c"Transfer-Encoding does not end in chunked, once (RFC 9112 6.1)",
    ),
    (
        c"TRANSFER_ENCODING_UNKNOWN",
        c"Transfer-Encoding names a coding other than chunked (RFC 9112 6.1)",
    ),
    (
        c"TRANSFER_ENCODING_VERSION",
        c"Transfer-Encoding stands in an HTTP/1.0 message or goes to such a peer (RFC 9112 6.1)",
    ),
    (c"FRAMING_CONFLICT", c"Content-Length and Transfer-Encoding stand together (RFC 9112 6.1)"),
    (c"CHUNK_SIZE", c"a chunk size is not a hexadecimal number below 2^64 (RFC 9112 7.1)"),
    (
        c"CHUNK_EXTENSION",
        c"a chunk extension is not ;name, ;name=token or ;name=\"text\" (RFC 9112 7.1.1)",
    ),
    (c"CHUNK_END", c"a chunk's data does not end in CR LF (RFC 9112 7.1)"),
    (c"TRAILER_FORBIDDEN", c"a trailer frames or routes the message (RFC 9110 6.5.1)"),
    (c"START_LINE_LIMIT", c"the start line is longer than start_line_max (RFC 9112 3)"),
    (c"FIELD_BYTES_LIMIT", c"the field lines are longer than field_bytes_max (RFC 9110 5.4)"),
    (c"FIELD_COUNT_LIMIT", c"there are more fields than field_count_max (RFC 9110 5.4)"),
    (c"FIELD_NAME_LIMIT", c"a field name is longer than 65535 bytes (RFC 9110 5.4)"),
    (
        c"CHUNK_EXTENSION_LIMIT",
        c"the chunk extensions are longer than chunk_extension_max (RFC 9112 7.1.1)",
    ),
    (
        c"TRAILER_BYTES_LIMIT",
        c"the trailer section is longer than trailer_bytes_max (RFC 9110 5.4)",
    ),
    (c"TRAILER_COUNT_LIMIT", c"there are more trailers than trailer_count_max (RFC 9110 5.4)"),
    (c"BODY_LIMIT", c"the body is longer than body_max (RFC 9110 15.5.14)"),
    (c"FIELD_FORBIDDEN", c"a message that can have no body must not frame one (RFC 9110 8.6)"),
    (c"TRUNCATED", c"the transport closed in the middle of the message (RFC 9112 8)"),
    (c"RESPONSE_UNASKED", c"no request awaits this response (RFC 9112 9.2)"),
    (c"SWITCH_UNASKED", c"a 101 lacks Upgrade, or its request does (RFC 9110 7.8)"),
    (c"INTERIM_VERSION", c"a 1xx answers an HTTP/1.0 request (RFC 9110 15.2)"),
    (c"NOT_YET", c"another message must be complete or answered first (RFC 9112 9.3)"),
    (c"AFTER_LAST", c"no message follows the last one of the connection (RFC 9112 9.6)"),
    (c"BODY_MISMATCH", c"the body is not as long as its head announced (RFC 9112 6.2)"),
    (c"UNANSWERED", c"the transport closed before the response began (RFC 9112 9.3.1)"),
    (c"LIST", c"a list holds a control byte or a quoted string without end (RFC 9110 5.6.1)"),
    (c"PARAMETER", c"a parameter is not ;name=token or ;name=\"text\" (RFC 9110 5.6.6)"),
    (c"MEDIA_TYPE", c"a media type is not type/subtype with parameters (RFC 9110 8.3.1)"),
    (c"QUALITY", c"a quality is not 0 to 1 with three digits, behind a range (RFC 9110 12.4.2)"),
    (c"RANGE", c"a range is not first-last, first- or -length (RFC 9110 14)"),
    (c"ETAG", c"an entity-tag is not \"text\" or W/\"text\" (RFC 9110 8.8.3)"),
    (c"PERCENT", c"two hexadecimal digits do not follow a %, or they are 00 (RFC 3986 2.1)"),
    (c"CREDENTIALS", c"the credentials are not Basic with user:password in base64 (RFC 7617 2)"),
    (c"DATE", c"a date is in none of the three forms, or no such day (RFC 9110 5.6.7)"),
];

/// All of the above, where a program that never asks for them can be without.
static JOINED: [u8; texts::joined_len(&REASONS)] = texts::join(&REASONS);

/// The stable name of a reason, such as `HOST_MISSING`; `UNKNOWN` for a number that is none.
pub fn reason_name(reason: u32) -> &'static core::ffi::CStr {
    text(reason, 0).unwrap_or(c"UNKNOWN")
}

/// One line that says what rule a reason stands for, with the section of the RFC.
pub fn reason_text(reason: u32) -> &'static core::ffi::CStr {
    text(reason, 1).unwrap_or(c"no such reason")
}

fn text(reason: u32, which: usize) -> Option<&'static core::ffi::CStr> {
    texts::nth(&JOINED, index(reason).checked_mul(2)?.checked_add(which)?)
}
