//! HTTP/1.1 without I/O: heads, bodies and framing, decoded and encoded in the caller's memory.
//!
//! Bytes come in and spans go out: [`head::Head`] decodes a request or response head and decides
//! which body follows, [`body::Body`] says which of the next bytes belong to it, and [`encode`]
//! writes the other way. Between the messages [`connection::Connection`] knows what may be read and
//! written, and [`values`] reads and writes what stands in fields and targets. Nothing is allocated,
//! nothing is hidden, nothing is copied, so the same code serves a socket, a serial line or a file.
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
pub mod connection;
pub mod encode;
pub mod fault;
pub mod field;
pub mod framing;
pub mod head;
mod ip;
pub mod known;
pub mod method;
mod offset;
pub mod phrase;
mod request;
mod response;
pub mod rules;
mod section;
pub mod simd;
#[cfg(feature = "sweep")]
mod size_line;
mod spelling;
mod start_line;
mod stop;
pub mod target;
pub mod text;
#[doc(hidden)]
pub mod texts;
mod token;
pub mod values;
mod writer;

pub use body::Body;
pub use chunked::Chunks;
pub use connection::Connection;
pub use fault::{Error, Fault};
pub use field::{Field, FieldLine, Span};
pub use framing::Notes;
pub use head::Head;
pub use rules::Rules;
pub use section::Section;
pub use start_line::StartLine;
pub use values::range::Range;
