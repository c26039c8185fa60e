//! HTTP/1.1 without I/O: heads, bodies and framing, decoded and encoded in the caller's memory.
//!
//! Bytes come in and spans go out: [`head::Head`] decodes a request or response head and decides
//! which body follows, [`body::Body`] says which of the next bytes belong to it, and [`encode`]
//! writes the other way. Nothing is allocated, nothing is hidden, nothing is copied, so the same
//! code serves a socket, a serial line or a file.
//!
//! The decoder is strict: what two parsers could read in two ways (RFC 9112 §11) is refused, with
//! the rule, the offset and the status to answer in a [`fault::Fault`]. Feeding it byte by byte
//! costs no more looks at a byte than feeding it whole, and gives the same result.
#![no_std]
#![deny(unsafe_code)]

pub mod body;
pub mod capi;
mod checks;
mod chunked;
pub mod encode;
pub mod fault;
pub mod field;
pub mod framing;
pub mod head;
mod ip;
pub mod known;
pub mod method;
mod offset;
mod request;
mod response;
pub mod rules;
mod section;
mod simd;
mod spelling;
pub mod target;
pub mod text;
mod token;
mod writer;

pub use body::Body;
pub use chunked::Chunks;
pub use fault::{Error, Fault};
pub use field::{Field, FieldLine, Span};
pub use framing::Notes;
pub use head::{Head, StartLine};
pub use rules::Rules;
pub use section::Section;
