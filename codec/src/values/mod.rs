//! What stands in field values and targets, read and written as the RFCs have it.
//!
//! A head gives its values as they came. The functions here take one apart, or write one: lists
//! and parameters, media types, quality values, entity-tags, ranges, percent-coding, credentials.
//! Each looks at a whole value of the caller's and answers with spans of it, or writes into the
//! caller's buffer; nothing is allocated, nothing is kept, and each is linked only where it is
//! called. A value that its grammar does not have is refused with the offset of the first byte
//! that cannot stand there.

pub mod basic;
pub mod content_length;
pub mod etag;
pub mod list;
pub mod media_type;
pub mod parameter;
pub mod percent;
pub mod quality;
pub mod quoted;
pub mod range;
mod scan;

use crate::fault::Fault;
use crate::writer::Writer;

/// Why a value was not read, or not written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Error {
    /// An argument cannot be: an unknown flag, an offer that is no media type, a range that is none.
    Arg,
    /// The buffer is too small; call again with a larger one.
    Space,
    /// There is more of something than the caller takes.
    Limit,
    /// The value is of a kind that is not read here: another range unit, another scheme.
    Unsupported,
    /// The value breaks its grammar; the fault says which and where.
    Syntax(Fault),
}

/// A broken rule at this offset. What a server answers depends on the field: the status is 0.
fn syntax(reason: u16) -> impl Fn(usize) -> Error {
    move |at| broken(reason, at)
}

// Off the hot path size counts: what follows is one function, and not one at each place that needs it.

#[inline(never)]
fn broken(reason: u16, at: usize) -> Error {
    Error::Syntax(Fault { status: 0, ..Fault::new(reason, at) })
}

/// Appends bytes.
#[inline(never)]
fn put(writer: &mut Writer<'_>, bytes: &[u8]) {
    writer.put(bytes);
}

/// The number of bytes that were written, or that would be.
#[inline(never)]
fn finish(writer: Writer<'_>) -> Result<usize, Error> {
    writer.finish().map_err(|_| Error::Space)
}
