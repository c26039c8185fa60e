//! Media types: `type "/" subtype parameters` (RFC 9110 §8.3.1).

use super::parameter::parameter;
use super::scan::Scanner;
use super::{Error, syntax};
use crate::fault::BOJAGI_REASON_MEDIA_TYPE;
use crate::field::Span;

/// The two names of a media type; what stands behind the second are its parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Names {
    /// The type; its case means nothing.
    pub main: Span,
    /// The subtype; its case means nothing.
    pub sub: Span,
}

/// The names of a media type whose parameters are well-formed, and where these begin.
pub fn parse(value: &[u8]) -> Result<(Names, usize), Error> {
    whole(value).map_err(syntax(BOJAGI_REASON_MEDIA_TYPE))
}

fn whole(value: &[u8]) -> Result<(Names, usize), usize> {
    let mut scan = Scanner::new(value);
    let names = names(&mut scan)?;
    let at = scan.at;
    while parameter(&mut scan)?.is_some() {}
    Ok((names, at))
}

#[inline(never)]
pub(super) fn names(scan: &mut Scanner<'_>) -> Result<Names, usize> {
    let main = scan.token()?;
    scan.expect(b'/')?;
    Ok(Names { main, sub: scan.token()? })
}
