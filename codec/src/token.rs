//! The byte classes of RFC 9110 §5.6 and the list forms that framing needs.

pub(crate) const TCHAR: u8 = 1;
pub(crate) const HOST: u8 = 2;
pub(crate) const TEXT: u8 = 4;

/// One entry a byte: tchar (RFC 9110 §5.6.2), what a reg-name holds besides `%` (RFC 3986 §3.2.2), and text,
/// which is HTAB, SP, VCHAR and obs-text (RFC 9110 §5.5).
pub(crate) static CLASS: [u8; 256] = class_table();

const fn class_table() -> [u8; 256] {
    let mut table = [0; 256];
    let mut i = 0;
    while i < 256 {
        let byte = i as u8;
        if byte.is_ascii_alphanumeric() {
            table[i] = TCHAR | HOST;
        }
        if byte == b'\t' || (byte >= b' ' && byte != 0x7f) {
            table[i] |= TEXT;
        }
        i += 1;
    }
    mark(&mut table, b"!#$%&'*+-.^_`|~", TCHAR);
    mark(&mut table, b"-._~!$&'()*+,;=", HOST);
    table
}

const fn mark(table: &mut [u8; 256], bytes: &[u8], class: u8) {
    let mut i = 0;
    while i < bytes.len() {
        table[bytes[i] as usize] |= class;
        i += 1;
    }
}

/// tchar: a byte of a token (RFC 9110 §5.6.2).
pub(crate) fn is_tchar(byte: u8) -> bool {
    CLASS[usize::from(byte)] & TCHAR != 0
}

/// A byte that a reg-name holds as it is: unreserved or sub-delims (RFC 3986 §3.2.2).
pub(crate) fn is_host_byte(byte: u8) -> bool {
    CLASS[usize::from(byte)] & HOST != 0
}

/// A byte of a field value, reason phrase or quoted string: HTAB, SP, VCHAR, obs-text.
pub(crate) fn is_text(byte: u8) -> bool {
    CLASS[usize::from(byte)] & TEXT != 0
}

/// OWS: SP or HTAB (RFC 9110 §5.6.3).
pub(crate) fn is_ows(byte: u8) -> bool {
    byte == b' ' || byte == b'\t'
}

/// The bytes without the white space at both ends.
pub(crate) fn trim(bytes: &[u8]) -> &[u8] {
    trim_end(trim_start(bytes))
}

/// The bytes without the white space at their beginning.
pub(crate) fn trim_start(mut bytes: &[u8]) -> &[u8] {
    while let [first, rest @ ..] = bytes
        && is_ows(*first)
    {
        bytes = rest;
    }
    bytes
}

/// The bytes without the white space at their end.
pub(crate) fn trim_end(mut bytes: &[u8]) -> &[u8] {
    while let [rest @ .., last] = bytes
        && is_ows(*last)
    {
        bytes = rest;
    }
    bytes
}

/// Whether two names are the same, whatever their case. A plain loop: the names are short, and the
/// vector code of `eq_ignore_ascii_case` is longer than all of them.
pub(crate) fn is_same(one: &[u8], other: &[u8]) -> bool {
    let lower = u8::to_ascii_lowercase;
    one.len() == other.len() && one.iter().map(lower).eq(other.iter().map(lower))
}

/// Whether a comma-separated list holds this token, whatever its case (RFC 9110 §5.6.1).
#[inline(never)]
pub(crate) fn list_holds(list: &[u8], token: &[u8]) -> bool {
    list.split(|&byte| byte == b',').any(|element| is_same(trim(element), token))
}
