//! Entity-tags and the conditions that are made of them (RFC 9110 §8.8.3, §13.1).
//!
//! A backslash in an entity-tag escapes nothing and a comma is a byte like others, so lists of them
//! are read here and not as lists of quoted strings.

use super::scan::Scanner;
use super::{Error, broken, finish, put, syntax};
use crate::fault::BOJAGI_REASON_ETAG;
use crate::field::Span;
use crate::token;
use crate::writer::Writer;
use core::mem::MaybeUninit;

/// An entity-tag that changes with every byte of the representation.
pub const BOJAGI_ETAG_STRONG: u32 = 0;
/// An entity-tag that may stay when the representation means the same: `W/"..."`. As a comparison: one
/// that does not look at the difference.
pub const BOJAGI_ETAG_WEAK: u32 = 1;

/// One entity-tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tag {
    /// Whether `W/` stands before it.
    pub is_weak: bool,
    /// What stands between the quotes.
    pub opaque: Span,
}

/// What a condition is judged against: whether there is a current representation, and its entity-tag,
/// empty when it has none.
#[derive(Clone, Copy, Debug)]
pub struct Current<'a> {
    /// Whether there is a representation at all.
    pub exists: bool,
    /// Its entity-tag, or nothing.
    pub etag: &'a [u8],
}

/// One entity-tag: `[ "W/" ] DQUOTE *etagc DQUOTE`.
pub fn parse(value: &[u8]) -> Result<Tag, Error> {
    whole(value).map_err(syntax(BOJAGI_REASON_ETAG))
}

/// Writes an entity-tag around what is to stand between its quotes.
pub fn format(opaque: &[u8], is_weak: bool, out: &mut [MaybeUninit<u8>]) -> Result<usize, Error> {
    if let Some(at) = opaque.iter().position(|&byte| !token::is_in(token::ETAGC, byte)) {
        return Err(broken(BOJAGI_REASON_ETAG, at));
    }
    let mut writer = Writer::new(out);
    put(&mut writer, if is_weak { b"W/\"" } else { b"\"" });
    put(&mut writer, opaque);
    writer.push(b'"');
    finish(writer)
}

/// Whether two entity-tags are the same by strong or weak comparison (RFC 9110 §8.8.3.2). What is none
/// is the same as nothing.
#[inline(never)]
pub fn is_match(one: &[u8], other: &[u8], is_weak: bool) -> bool {
    match (whole(one), whole(other)) {
        (Ok(a), Ok(b)) => {
            (is_weak || !(a.is_weak || b.is_weak)) && a.opaque.of(one) == b.opaque.of(other)
        }
        _ => false,
    }
}

/// Whether If-Match holds, by strong comparison (RFC 9110 §13.1.1).
pub fn if_match(value: &[u8], current: Current<'_>) -> Result<bool, Error> {
    let is_named = names(value, current.etag, false)?;
    Ok(current.exists && is_named)
}

/// Whether If-None-Match holds, by weak comparison (RFC 9110 §13.1.2).
pub fn if_none_match(value: &[u8], current: Current<'_>) -> Result<bool, Error> {
    let is_named = names(value, current.etag, true)?;
    Ok(!(current.exists && is_named))
}

/// Whether If-Range holds: an entity-tag by strong comparison, anything else as a date that must be
/// the very text of Last-Modified (RFC 9110 §13.1.5).
pub fn if_range(value: &[u8], etag: &[u8], last_modified: &[u8]) -> bool {
    match value {
        [b'"', ..] | [b'W', b'/', ..] => is_match(value, etag, false),
        _ => !value.is_empty() && value == last_modified,
    }
}

/// Whether `"*" / #entity-tag` names this entity-tag. The list is read to its end: whether it is
/// well-formed does not depend on what is there.
#[inline(never)]
fn names(value: &[u8], etag: &[u8], is_weak: bool) -> Result<bool, Error> {
    if !etag.is_empty() {
        whole(etag).map_err(|_| Error::Arg)?;
    }
    if value == b"*" {
        return Ok(true);
    }
    listed(value, etag, is_weak).map_err(syntax(BOJAGI_REASON_ETAG))
}

fn listed(value: &[u8], etag: &[u8], is_weak: bool) -> Result<bool, usize> {
    let mut scan = Scanner::new(value);
    let mut is_listed = false;
    loop {
        scan.skip_commas();
        if scan.peek().is_none() {
            return Ok(is_listed);
        }
        let start = scan.at;
        tag(&mut scan)?;
        is_listed |= is_match(scan.of(scan.since(start)), etag, is_weak);
        scan.skip_ows();
        if scan.peek().is_some() {
            scan.expect(b',')?;
        }
    }
}

#[inline(never)]
fn whole(value: &[u8]) -> Result<Tag, usize> {
    let mut scan = Scanner::new(value);
    let tag = tag(&mut scan)?;
    scan.end()?;
    Ok(tag)
}

#[inline(never)]
fn tag(scan: &mut Scanner<'_>) -> Result<Tag, usize> {
    let is_weak = scan.eat(b'W');
    if is_weak {
        scan.expect(b'/')?;
    }
    scan.expect(b'"')?;
    let opaque = scan.run(token::ETAGC);
    scan.expect(b'"')?;
    Ok(Tag { is_weak, opaque })
}
