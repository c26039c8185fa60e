//! Lists: `#element` (RFC 9110 §5.6.1).

use super::scan::Scanner;
use super::{Error, syntax};
use crate::fault::BOJAGI_REASON_LIST;
use crate::field::Span;
use crate::token::{is_text, trim_end};

/// The next element at or after `*at`, which then is the place behind it; `None` at the end.
pub fn next(value: &[u8], at: &mut usize) -> Result<Option<Span>, Error> {
    let mut scan = Scanner::new(value);
    scan.at = *at;
    let element = element(&mut scan).map_err(syntax(BOJAGI_REASON_LIST))?;
    *at = scan.at;
    Ok(element)
}

/// Empty elements are passed over, white space around one is no part of it, and a comma between
/// quotes parts nothing.
#[inline(never)]
pub(super) fn element(scan: &mut Scanner<'_>) -> Result<Option<Span>, usize> {
    scan.skip_commas();
    let start = scan.at;
    while let Some(byte) = scan.peek() {
        match byte {
            b',' => break,
            b'"' => {
                scan.quoted()?;
            }
            byte if is_text(byte) => scan.at += 1,
            _ => return Err(scan.at),
        }
    }
    let whole = scan.since(start);
    let len = trim_end(scan.of(whole)).len();
    Ok((len > 0).then(|| Span { off: whole.off, len: crate::offset::narrow(len) }))
}
