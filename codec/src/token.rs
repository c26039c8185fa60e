//! The byte classes of RFC 9110 §5.6 and the list forms that framing needs.

/// tchar: a byte of a token (RFC 9110 §5.6.2).
pub(crate) const TCHAR: u8 = 1;
/// What a reg-name holds as it is: unreserved and sub-delims (RFC 3986 §3.2.2).
pub(crate) const HOST: u8 = 2;
/// HTAB, SP, VCHAR and obs-text (RFC 9110 §5.5).
pub(crate) const TEXT: u8 = 4;
/// What an entity-tag holds between its quotes: text without white space and quotes (RFC 9110 §8.8.3).
pub(crate) const ETAGC: u8 = 8;
/// OWS: SP and HTAB (RFC 9110 §5.6.3).
pub(crate) const OWS: u8 = 16;
/// DIGIT.
pub(crate) const DIGIT: u8 = 32;
/// ALPHA.
pub(crate) const ALPHA: u8 = 64;
/// What a request target holds: 0x21 to 0x7e without `#` (RFC 9112 §3.2).
pub(crate) const TARGET: u8 = 128;

/// The classes of each byte.
pub(crate) static CLASS: [u8; 256] = class_table();

const fn class_table() -> [u8; 256] {
    let mut table = [0; 256];
    let mut i = 0;
    while i < 256 {
        let byte = i as u8;
        if byte.is_ascii_digit() {
            table[i] = TCHAR | HOST | DIGIT;
        } else if byte.is_ascii_alphabetic() {
            table[i] = TCHAR | HOST | ALPHA;
        }
        if byte > b' ' && byte != 0x7f {
            table[i] |= TEXT;
            if byte != b'"' {
                table[i] |= ETAGC;
            }
            if byte < 0x7f && byte != b'#' {
                table[i] |= TARGET;
            }
        }
        i += 1;
    }
    mark(&mut table, b" \t", TEXT | OWS);
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

/// Whether a byte is in one of these classes.
#[inline(always)]
pub(crate) fn is_in(classes: u8, byte: u8) -> bool {
    CLASS[usize::from(byte)] & classes != 0
}

/// A byte of a token.
pub(crate) fn is_tchar(byte: u8) -> bool {
    is_in(TCHAR, byte)
}

/// A byte that a reg-name holds as it is.
pub(crate) fn is_host_byte(byte: u8) -> bool {
    is_in(HOST, byte)
}

/// A byte of a field value, reason phrase or quoted string.
pub(crate) fn is_text(byte: u8) -> bool {
    is_in(TEXT, byte)
}

/// The value of a hexadecimal digit of either case.
pub(crate) fn hex_digit(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        _ => match byte | 0x20 {
            letter @ b'a'..=b'f' => Some(letter - b'a' + 10),
            _ => None,
        },
    }
}

/// OWS: SP or HTAB (RFC 9110 §5.6.3).
pub(crate) fn is_ows(byte: u8) -> bool {
    byte == b' ' || byte == b'\t'
}

/// The bytes without the white space at both ends.
#[inline(never)]
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
#[inline(never)]
pub(crate) fn is_same(one: &[u8], other: &[u8]) -> bool {
    let is_same = |(one, other): (&u8, &u8)| one.eq_ignore_ascii_case(other);
    one.len() == other.len() && one.iter().zip(other).all(is_same)
}

/// Whether a comma-separated list holds this token, whatever its case (RFC 9110 §5.6.1).
#[inline(never)]
pub(crate) fn list_holds(list: &[u8], token: &[u8]) -> bool {
    list.split(|&byte| byte == b',').any(|element| is_same(trim(element), token))
}
