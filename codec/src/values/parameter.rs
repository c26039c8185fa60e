//! Parameters: `*( OWS ";" OWS [ name "=" ( token / quoted-string ) ] )` (RFC 9110 §5.6.6).

use super::scan::Scanner;
use super::{Error, syntax};
use crate::fault::BOJAGI_REASON_PARAMETER;
use crate::field::Span;

/// One parameter. The value is as it came: a quoted string keeps its quotes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parameter {
    /// The name; its case means nothing.
    pub name: Span,
    /// A token or a quoted string, for [`super::quoted::decode`].
    pub value: Span,
}

/// The next parameter at or after `*at`, which then is the place behind it; `None` at the end.
pub fn next(value: &[u8], at: &mut usize) -> Result<Option<Parameter>, Error> {
    let mut scan = Scanner::new(value);
    scan.at = *at;
    let parameter = parameter(&mut scan).map_err(syntax(BOJAGI_REASON_PARAMETER))?;
    *at = scan.at;
    Ok(parameter)
}

/// The value of the first parameter at or after `*at` that has this name, whatever its case.
pub fn find(value: &[u8], at: &mut usize, name: &[u8]) -> Result<Option<Span>, Error> {
    let mut scan = Scanner::new(value);
    scan.at = *at;
    while let Some(found) = parameter(&mut scan).map_err(syntax(BOJAGI_REASON_PARAMETER))? {
        if scan.is(found.name, name) {
            *at = scan.at;
            return Ok(Some(found.value));
        }
    }
    Ok(None)
}

#[inline(never)]
pub(super) fn parameter(scan: &mut Scanner<'_>) -> Result<Option<Parameter>, usize> {
    loop {
        if scan.peek().is_none() {
            return Ok(None);
        }
        scan.skip_ows();
        scan.expect(b';')?;
        scan.skip_ows();
        if !matches!(scan.peek(), None | Some(b';')) {
            break;
        }
    }
    let name = scan.token()?;
    scan.expect(b'=')?;
    Ok(Some(Parameter { name, value: scan.token_or_quoted()? }))
}
