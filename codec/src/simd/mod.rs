//! Finding the end of a run of bytes of one class: the one place where heads are scanned.
//!
//! Each function answers the length of the longest prefix whose bytes are all in the class. The
//! kernel behind it may change with the machine; the answers may not.

pub(crate) mod copy;
mod swar;

/// The length of the token that the bytes begin with (RFC 9110 §5.6.2).
#[inline]
pub(crate) fn token_len(bytes: &[u8]) -> usize {
    bytes.iter().position(|&byte| !crate::token::is_tchar(byte)).unwrap_or(bytes.len())
}

/// The length of the run of HTAB, SP, VCHAR and obs-text: a field value or reason phrase.
#[inline]
pub(crate) fn text_len(bytes: &[u8]) -> usize {
    swar::text_len(bytes)
}

/// The length of the run of 0x21 to 0x7e without `#`: a request target.
#[inline]
pub(crate) fn target_len(bytes: &[u8]) -> usize {
    swar::target_len(bytes)
}
