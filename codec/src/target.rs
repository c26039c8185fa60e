//! Request targets and the authority inside them and inside Host.
//!
//! ```text
//! request-target = origin-form / absolute-form / authority-form / asterisk-form   RFC 9112 §3.2
//! Host           = uri-host [ ":" port ]                                          RFC 9110 §7.2
//! ```

use crate::ip;
use crate::method::{BOJAGI_METHOD_CONNECT, BOJAGI_METHOD_OPTIONS};
use crate::token::is_host_byte;

/// A target that is a path with an optional query: `/where?q`.
pub const BOJAGI_TARGET_ORIGIN: u8 = 1;
/// A target that is a whole URI: `http://host/path`; its host wins over Host.
pub const BOJAGI_TARGET_ABSOLUTE: u8 = 2;
/// A target that is `host:port`; with CONNECT, and only there.
pub const BOJAGI_TARGET_AUTHORITY: u8 = 3;
/// A target that is `*`; with OPTIONS, and only there.
pub const BOJAGI_TARGET_ASTERISK: u8 = 4;

/// The form of a target whose bytes are all 0x21 to 0x7e without `#`, or the offset of the first
/// byte that cannot stand there (the target's length when it ends too early).
pub(crate) fn form(method_id: u8, target: &[u8]) -> Result<u8, usize> {
    if method_id == BOJAGI_METHOD_CONNECT {
        return authority_form(target).map(|()| BOJAGI_TARGET_AUTHORITY);
    }
    match target {
        [b'/', ..] => Ok(BOJAGI_TARGET_ORIGIN),
        [b'*'] if method_id == BOJAGI_METHOD_OPTIONS => Ok(BOJAGI_TARGET_ASTERISK),
        [b'*', _, ..] if method_id == BOJAGI_METHOD_OPTIONS => Err(1),
        _ => absolute_form(target).map(|()| BOJAGI_TARGET_ABSOLUTE),
    }
}

/// Whether all bytes are those of a URI, percent triplets whole (RFC 3986 §2); else the offset of the first
/// that is not.
pub(crate) fn check_uri(target: &[u8]) -> Result<(), usize> {
    let mut at = 0;
    while let Some(&byte) = target.get(at) {
        match byte {
            b'%' => at = pct_encoded_end(target, at)?,
            byte if is_host_byte(byte) || b":/?#[]@".contains(&byte) => at += 1,
            _ => return Err(at),
        }
    }
    Ok(())
}

/// `host ":" port`, neither of them empty, the port not 0 (RFC 9110 §9.3.6).
fn authority_form(target: &[u8]) -> Result<(), usize> {
    if target.first() == Some(&b':') {
        return Err(0);
    }
    let port = authority(target)?.and_then(|start| target.get(start..)).unwrap_or(&[]);
    match port.iter().all(|&digit| digit == b'0') {
        true => Err(target.len()),
        false => Ok(()),
    }
}

/// `scheme "://" [ userinfo "@" ] host …`, with a host that is not empty (RFC 3986 §4.3, RFC 9110 §4.2.1).
/// Without the slashes `host:80` would be a URI too. Userinfo is taken here, and only here: proxies are
/// sent it.
fn absolute_form(target: &[u8]) -> Result<(), usize> {
    let scheme = scheme_len(target)?;
    let rest_at = scheme + 1;
    let rest = target.get(rest_at..).unwrap_or(&[]);
    let Some(after) = rest.strip_prefix(b"//") else {
        return Err(rest_at + rest.iter().take_while(|&&byte| byte == b'/').count());
    };
    let at = rest_at + 2;
    let len = after.iter().position(|byte| matches!(byte, b'/' | b'?')).unwrap_or(after.len());
    let whole = after.get(..len).unwrap_or(&[]);
    let skipped = userinfo_len(whole).map_err(|offset| at + offset)?;
    let host = whole.get(skipped..).unwrap_or(&[]);
    if host.is_empty() || host.first() == Some(&b':') {
        return Err(at + skipped);
    }
    authority(host).map(|_| ()).map_err(|offset| at + skipped + offset)
}

/// The length of `*( unreserved / pct-encoded / sub-delims / ":" ) "@"`; 0 without an `@`, and for an
/// IP literal, which goes wrong in its own way.
fn userinfo_len(bytes: &[u8]) -> Result<usize, usize> {
    if bytes.first() == Some(&b'[') {
        return Ok(0);
    }
    let Some(end) = bytes.iter().position(|&byte| byte == b'@') else { return Ok(0) };
    let mut at = 0;
    while at < end {
        let rest = bytes.get(at..end).unwrap_or(&[]);
        at += match rest.first() {
            Some(b':') => 1,
            _ => match reg_name_len(rest).map_err(|offset| at + offset)? {
                0 => return Err(at),
                run => run,
            },
        };
    }
    Ok(end + 1)
}

/// The length of `ALPHA *( ALPHA / DIGIT / "+" / "-" / "." )` with a colon behind it.
fn scheme_len(target: &[u8]) -> Result<usize, usize> {
    for (at, &byte) in target.iter().enumerate() {
        match byte {
            b':' if at > 0 => return Ok(at),
            byte if byte.is_ascii_alphabetic() => {}
            b'0'..=b'9' | b'+' | b'-' | b'.' if at > 0 => {}
            _ => return Err(at),
        }
    }
    Err(target.len())
}

/// Where the port begins, if there is one, or the offset of the first byte that no
/// `uri-host [ ":" port ]` has there. Host and port may be empty, as RFC 3986 §3.2 lets them be.
pub(crate) fn authority(bytes: &[u8]) -> Result<Option<usize>, usize> {
    let host = match bytes {
        [b'[', ..] => ip_literal_len(bytes)?,
        _ => reg_name_len(bytes)?,
    };
    match bytes.get(host) {
        None => Ok(None),
        Some(b':') => port(bytes, host + 1).map(|()| Some(host + 1)),
        Some(_) => Err(host),
    }
}

fn port(bytes: &[u8], start: usize) -> Result<(), usize> {
    let mut value = 0u32;
    for (at, &byte) in bytes.iter().enumerate().skip(start) {
        let digit = match byte {
            b'0'..=b'9' => u32::from(byte - b'0'),
            _ => return Err(at),
        };
        value = value * 10 + digit;
        if value > 65_535 {
            return Err(at);
        }
    }
    Ok(())
}

/// reg-name, which an IPv4 address also is: `*( unreserved / pct-encoded / sub-delims )`.
fn reg_name_len(bytes: &[u8]) -> Result<usize, usize> {
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'%' => at = pct_encoded_end(bytes, at)?,
            byte if is_host_byte(byte) => at += 1,
            _ => break,
        }
    }
    Ok(at)
}

fn pct_encoded_end(bytes: &[u8], at: usize) -> Result<usize, usize> {
    for digit in [at + 1, at + 2] {
        if !bytes.get(digit).is_some_and(u8::is_ascii_hexdigit) {
            return Err(digit);
        }
    }
    Ok(at + 3)
}

/// `"[" ( IPv6address / IPvFuture ) "]"`; a zone has no place in HTTP.
fn ip_literal_len(bytes: &[u8]) -> Result<usize, usize> {
    let end = bytes.iter().position(|&byte| byte == b']').unwrap_or(bytes.len());
    let inside = bytes.get(1..end).unwrap_or(&[]);
    let checked = match inside {
        [b'v' | b'V', ..] => check_ip_future(inside),
        _ => ip::check_v6(inside),
    };
    checked.map_err(|at| 1 + at)?;
    if end == bytes.len() { Err(end) } else { Ok(end + 1) }
}

/// `"v" 1*HEXDIG "." 1*( unreserved / sub-delims / ":" )`.
fn check_ip_future(inside: &[u8]) -> Result<(), usize> {
    let digits = inside.iter().skip(1).take_while(|byte| byte.is_ascii_hexdigit()).count();
    let dot = 1 + digits;
    if digits == 0 || inside.get(dot) != Some(&b'.') {
        return Err(dot);
    }
    let tail = inside.get(dot + 1..).unwrap_or(&[]);
    let run = tail.iter().take_while(|&&byte| is_host_byte(byte) || byte == b':').count();
    if run == 0 || run < tail.len() { Err(dot + 1 + run) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::method::BOJAGI_METHOD_GET;

    #[test]
    fn tells_the_four_forms_apart() {
        assert_eq!(form(BOJAGI_METHOD_GET, b"/a?b=#"), Ok(BOJAGI_TARGET_ORIGIN));
        assert_eq!(form(BOJAGI_METHOD_GET, b"http://a:80/b"), Ok(BOJAGI_TARGET_ABSOLUTE));
        assert_eq!(form(BOJAGI_METHOD_CONNECT, b"a:443"), Ok(BOJAGI_TARGET_AUTHORITY));
        assert_eq!(form(BOJAGI_METHOD_OPTIONS, b"*"), Ok(BOJAGI_TARGET_ASTERISK));
    }

    #[test]
    fn says_where_a_target_goes_wrong() {
        let get = |target: &[u8]| form(BOJAGI_METHOD_GET, target);
        assert_eq!(get(b"*"), Err(0));
        assert_eq!(get(b"foo"), Err(3));
        assert_eq!(get(b"foo:80"), Err(4));
        assert_eq!(get(b"1a:b"), Err(0));
        assert_eq!(get(b"http:/a"), Err(6));
        assert_eq!(get(b"http:///a"), Err(7));
        assert_eq!(get(b"http://u:p%20@h/"), Ok(BOJAGI_TARGET_ABSOLUTE));
        assert_eq!(get(b"http://u@@h/"), Err(9));
        assert_eq!(get(b"http://u@/"), Err(9));
        assert_eq!(get(b"http://h:65536/"), Err(13));
        assert_eq!(form(BOJAGI_METHOD_CONNECT, b"/"), Err(0));
        assert_eq!(form(BOJAGI_METHOD_CONNECT, b"a"), Err(1));
        assert_eq!(form(BOJAGI_METHOD_CONNECT, b"a:"), Err(2));
        assert_eq!(form(BOJAGI_METHOD_CONNECT, b"a:00"), Err(4));
        assert_eq!(form(BOJAGI_METHOD_CONNECT, b":x"), Err(0));
        assert_eq!(form(BOJAGI_METHOD_OPTIONS, b"*a"), Err(1));
    }

    #[test]
    fn judges_authorities() {
        for good in
            [&b""[..], b"a", b"a:", b"a:65535", b"[::1]", b"[::1]:80", b"[v1.a:b]", b"%41_b"]
        {
            assert!(authority(good).is_ok(), "{good:?}");
        }
        for (bad, at) in [
            (&b"a b"[..], 1),
            (b"a@b", 1),
            (b"a/", 1),
            (b"[::1", 4),
            (b"[::1%25e]", 4),
            (b"[::g]", 3),
            (b"[v.a]", 2),
            (b"[v1.]", 4),
            (b"[]", 1),
            (b"[::1]x", 5),
            (b"a:8x", 3),
            (b"a%4g", 3),
        ] {
            assert_eq!(authority(bad), Err(at), "{bad:?}");
        }
    }
}
