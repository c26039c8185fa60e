//! The well-known fields: their ids, their names, and the way from one to the other.
//!
//! The list only ever grows at its end, so an id means the same field in every version.

use crate::spelling;
use crate::token::is_same;

/// `Host`.
pub const BOJAGI_FIELD_HOST: u16 = 1;
/// `Content-Length`.
pub const BOJAGI_FIELD_CONTENT_LENGTH: u16 = 2;
/// `Transfer-Encoding`.
pub const BOJAGI_FIELD_TRANSFER_ENCODING: u16 = 3;
/// `Connection`.
pub const BOJAGI_FIELD_CONNECTION: u16 = 4;
/// `Content-Type`.
pub const BOJAGI_FIELD_CONTENT_TYPE: u16 = 5;
/// `Content-Encoding`.
pub const BOJAGI_FIELD_CONTENT_ENCODING: u16 = 6;
/// `Content-Language`.
pub const BOJAGI_FIELD_CONTENT_LANGUAGE: u16 = 7;
/// `Content-Location`.
pub const BOJAGI_FIELD_CONTENT_LOCATION: u16 = 8;
/// `Content-Range`.
pub const BOJAGI_FIELD_CONTENT_RANGE: u16 = 9;
/// `Content-Disposition`.
pub const BOJAGI_FIELD_CONTENT_DISPOSITION: u16 = 10;
/// `Accept`.
pub const BOJAGI_FIELD_ACCEPT: u16 = 11;
/// `Accept-Charset`.
pub const BOJAGI_FIELD_ACCEPT_CHARSET: u16 = 12;
/// `Accept-Encoding`.
pub const BOJAGI_FIELD_ACCEPT_ENCODING: u16 = 13;
/// `Accept-Language`.
pub const BOJAGI_FIELD_ACCEPT_LANGUAGE: u16 = 14;
/// `Accept-Ranges`.
pub const BOJAGI_FIELD_ACCEPT_RANGES: u16 = 15;
/// `Age`.
pub const BOJAGI_FIELD_AGE: u16 = 16;
/// `Allow`.
pub const BOJAGI_FIELD_ALLOW: u16 = 17;
/// `Alt-Svc`.
pub const BOJAGI_FIELD_ALT_SVC: u16 = 18;
/// `Authorization`.
pub const BOJAGI_FIELD_AUTHORIZATION: u16 = 19;
/// `Cache-Control`.
pub const BOJAGI_FIELD_CACHE_CONTROL: u16 = 20;
/// `Clear-Site-Data`.
pub const BOJAGI_FIELD_CLEAR_SITE_DATA: u16 = 21;
/// `Cookie`.
pub const BOJAGI_FIELD_COOKIE: u16 = 22;
/// `Date`.
pub const BOJAGI_FIELD_DATE: u16 = 23;
/// `ETag`.
pub const BOJAGI_FIELD_ETAG: u16 = 24;
/// `Expect`.
pub const BOJAGI_FIELD_EXPECT: u16 = 25;
/// `Expires`.
pub const BOJAGI_FIELD_EXPIRES: u16 = 26;
/// `Forwarded`.
pub const BOJAGI_FIELD_FORWARDED: u16 = 27;
/// `From`.
pub const BOJAGI_FIELD_FROM: u16 = 28;
/// `If-Match`.
pub const BOJAGI_FIELD_IF_MATCH: u16 = 29;
/// `If-Modified-Since`.
pub const BOJAGI_FIELD_IF_MODIFIED_SINCE: u16 = 30;
/// `If-None-Match`.
pub const BOJAGI_FIELD_IF_NONE_MATCH: u16 = 31;
/// `If-Range`.
pub const BOJAGI_FIELD_IF_RANGE: u16 = 32;
/// `If-Unmodified-Since`.
pub const BOJAGI_FIELD_IF_UNMODIFIED_SINCE: u16 = 33;
/// `Keep-Alive`.
pub const BOJAGI_FIELD_KEEP_ALIVE: u16 = 34;
/// `Last-Modified`.
pub const BOJAGI_FIELD_LAST_MODIFIED: u16 = 35;
/// `Link`.
pub const BOJAGI_FIELD_LINK: u16 = 36;
/// `Location`.
pub const BOJAGI_FIELD_LOCATION: u16 = 37;
/// `Max-Forwards`.
pub const BOJAGI_FIELD_MAX_FORWARDS: u16 = 38;
/// `Origin`.
pub const BOJAGI_FIELD_ORIGIN: u16 = 39;
/// `Pragma`.
pub const BOJAGI_FIELD_PRAGMA: u16 = 40;
/// `Priority`.
pub const BOJAGI_FIELD_PRIORITY: u16 = 41;
/// `Proxy-Authenticate`.
pub const BOJAGI_FIELD_PROXY_AUTHENTICATE: u16 = 42;
/// `Proxy-Authorization`.
pub const BOJAGI_FIELD_PROXY_AUTHORIZATION: u16 = 43;
/// `Proxy-Connection`.
pub const BOJAGI_FIELD_PROXY_CONNECTION: u16 = 44;
/// `Range`.
pub const BOJAGI_FIELD_RANGE: u16 = 45;
/// `Referer`.
pub const BOJAGI_FIELD_REFERER: u16 = 46;
/// `Refresh`.
pub const BOJAGI_FIELD_REFRESH: u16 = 47;
/// `Retry-After`.
pub const BOJAGI_FIELD_RETRY_AFTER: u16 = 48;
/// `Server`.
pub const BOJAGI_FIELD_SERVER: u16 = 49;
/// `Set-Cookie`.
pub const BOJAGI_FIELD_SET_COOKIE: u16 = 50;
/// `Strict-Transport-Security`.
pub const BOJAGI_FIELD_STRICT_TRANSPORT_SECURITY: u16 = 51;
/// `TE`.
pub const BOJAGI_FIELD_TE: u16 = 52;
/// `Trailer`.
pub const BOJAGI_FIELD_TRAILER: u16 = 53;
/// `Upgrade`.
pub const BOJAGI_FIELD_UPGRADE: u16 = 54;
/// `Upgrade-Insecure-Requests`.
pub const BOJAGI_FIELD_UPGRADE_INSECURE_REQUESTS: u16 = 55;
/// `User-Agent`.
pub const BOJAGI_FIELD_USER_AGENT: u16 = 56;
/// `Vary`.
pub const BOJAGI_FIELD_VARY: u16 = 57;
/// `Via`.
pub const BOJAGI_FIELD_VIA: u16 = 58;
/// `WWW-Authenticate`.
pub const BOJAGI_FIELD_WWW_AUTHENTICATE: u16 = 59;
/// `Warning`.
pub const BOJAGI_FIELD_WARNING: u16 = 60;
/// `X-Forwarded-For`.
pub const BOJAGI_FIELD_X_FORWARDED_FOR: u16 = 61;
/// `X-Forwarded-Host`.
pub const BOJAGI_FIELD_X_FORWARDED_HOST: u16 = 62;
/// `X-Forwarded-Proto`.
pub const BOJAGI_FIELD_X_FORWARDED_PROTO: u16 = 63;
/// `X-Requested-With`.
pub const BOJAGI_FIELD_X_REQUESTED_WITH: u16 = 64;
/// `X-Request-ID`.
pub const BOJAGI_FIELD_X_REQUEST_ID: u16 = 65;
/// `X-Frame-Options`.
pub const BOJAGI_FIELD_X_FRAME_OPTIONS: u16 = 66;
/// `X-Content-Type-Options`.
pub const BOJAGI_FIELD_X_CONTENT_TYPE_OPTIONS: u16 = 67;
/// `Content-Security-Policy`.
pub const BOJAGI_FIELD_CONTENT_SECURITY_POLICY: u16 = 68;
/// `Access-Control-Allow-Origin`.
pub const BOJAGI_FIELD_ACCESS_CONTROL_ALLOW_ORIGIN: u16 = 69;
/// `Access-Control-Request-Method`.
pub const BOJAGI_FIELD_ACCESS_CONTROL_REQUEST_METHOD: u16 = 70;
/// `Access-Control-Request-Headers`.
pub const BOJAGI_FIELD_ACCESS_CONTROL_REQUEST_HEADERS: u16 = 71;
/// `Access-Control-Allow-Methods`.
pub const BOJAGI_FIELD_ACCESS_CONTROL_ALLOW_METHODS: u16 = 72;
/// `Access-Control-Allow-Headers`.
pub const BOJAGI_FIELD_ACCESS_CONTROL_ALLOW_HEADERS: u16 = 73;
/// `Access-Control-Allow-Credentials`.
pub const BOJAGI_FIELD_ACCESS_CONTROL_ALLOW_CREDENTIALS: u16 = 74;
/// `Sec-WebSocket-Key`.
pub const BOJAGI_FIELD_SEC_WEBSOCKET_KEY: u16 = 75;
/// `Sec-WebSocket-Version`.
pub const BOJAGI_FIELD_SEC_WEBSOCKET_VERSION: u16 = 76;
/// `Sec-WebSocket-Accept`.
pub const BOJAGI_FIELD_SEC_WEBSOCKET_ACCEPT: u16 = 77;
/// `Sec-Fetch-Mode`.
pub const BOJAGI_FIELD_SEC_FETCH_MODE: u16 = 78;
/// `Sec-Fetch-Site`.
pub const BOJAGI_FIELD_SEC_FETCH_SITE: u16 = 79;
/// `Sec-Fetch-Dest`.
pub const BOJAGI_FIELD_SEC_FETCH_DEST: u16 = 80;
/// `DNT`.
pub const BOJAGI_FIELD_DNT: u16 = 81;
/// `Traceparent`.
pub const BOJAGI_FIELD_TRACEPARENT: u16 = 82;

/// The names, in the order of their ids; 0 stands for every field that is not here. They are not used where
/// the program runs: see `spelling.rs`.
pub(crate) const NAMES: [&core::ffi::CStr; 83] = [
    c"",
    c"Host",
    c"Content-Length",
    c"Transfer-Encoding",
    c"Connection",
    c"Content-Type",
    c"Content-Encoding",
    c"Content-Language",
    c"Content-Location",
    c"Content-Range",
    c"Content-Disposition",
    c"Accept",
    c"Accept-Charset",
    c"Accept-Encoding",
    c"Accept-Language",
    c"Accept-Ranges",
    c"Age",
    c"Allow",
    c"Alt-Svc",
    c"Authorization",
    c"Cache-Control",
    c"Clear-Site-Data",
    c"Cookie",
    c"Date",
    c"ETag",
    c"Expect",
    c"Expires",
    c"Forwarded",
    c"From",
    c"If-Match",
    c"If-Modified-Since",
    c"If-None-Match",
    c"If-Range",
    c"If-Unmodified-Since",
    c"Keep-Alive",
    c"Last-Modified",
    c"Link",
    c"Location",
    c"Max-Forwards",
    c"Origin",
    c"Pragma",
    c"Priority",
    c"Proxy-Authenticate",
    c"Proxy-Authorization",
    c"Proxy-Connection",
    c"Range",
    c"Referer",
    c"Refresh",
    c"Retry-After",
    c"Server",
    c"Set-Cookie",
    c"Strict-Transport-Security",
    c"TE",
    c"Trailer",
    c"Upgrade",
    c"Upgrade-Insecure-Requests",
    c"User-Agent",
    c"Vary",
    c"Via",
    c"WWW-Authenticate",
    c"Warning",
    c"X-Forwarded-For",
    c"X-Forwarded-Host",
    c"X-Forwarded-Proto",
    c"X-Requested-With",
    c"X-Request-ID",
    c"X-Frame-Options",
    c"X-Content-Type-Options",
    c"Content-Security-Policy",
    c"Access-Control-Allow-Origin",
    c"Access-Control-Request-Method",
    c"Access-Control-Request-Headers",
    c"Access-Control-Allow-Methods",
    c"Access-Control-Allow-Headers",
    c"Access-Control-Allow-Credentials",
    c"Sec-WebSocket-Key",
    c"Sec-WebSocket-Version",
    c"Sec-WebSocket-Accept",
    c"Sec-Fetch-Mode",
    c"Sec-Fetch-Site",
    c"Sec-Fetch-Dest",
    c"DNT",
    c"Traceparent",
];

const SLOTS: usize = 256;

/// Open addressing: a slot holds an id, or 0 where a search ends.
static TABLE: [u8; SLOTS] = table();

/// The hash sees the length, the first, the middle and the last byte, with ASCII case folded.
const fn slot(name: &[u8]) -> usize {
    let (Some(first), Some(last), Some(middle)) = (name.first(), name.last(), middle(name)) else {
        return 0;
    };
    let sum = name.len() * 7
        + (*first | 0x20) as usize * 3
        + (*last | 0x20) as usize * 11
        + (middle | 0x20) as usize * 29;
    sum % SLOTS
}

const fn middle(name: &[u8]) -> Option<u8> {
    match name.split_at_checked(name.len() / 2) {
        Some((_, [byte, ..])) => Some(*byte),
        _ => None,
    }
}

const fn table() -> [u8; SLOTS] {
    let mut table = [0; SLOTS];
    let mut id = 1;
    while id < NAMES.len() {
        let mut at = slot(NAMES[id].to_bytes());
        while table[at] != 0 {
            at = (at + 1) % SLOTS;
        }
        table[at] = id as u8;
        id += 1;
    }
    table
}

/// The id of a field name, whatever its case; 0 when it is not one of ours.
pub fn field_id(name: &[u8]) -> u16 {
    let mut at = slot(name);
    while let Some(&id) = TABLE.get(at)
        && id != 0
    {
        if is_same(known(id), name) {
            return u16::from(id);
        }
        at = (at + 1) % SLOTS;
    }
    0
}

/// The name behind an id in the spelling of its RFC; `None` for 0 and for ids of later versions.
pub fn field_name(id: u32) -> Option<&'static core::ffi::CStr> {
    spelling::name_for_c(id)
}

fn known(id: u8) -> &'static [u8] {
    spelling::name(id.into()).unwrap_or(&[])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_each_name_in_any_case_and_nothing_else() {
        for (id, name) in NAMES.iter().enumerate().skip(1) {
            let mut upper = [0; 64];
            let upper = &mut upper[..name.to_bytes().len()];
            upper.copy_from_slice(name.to_bytes());
            assert_eq!(usize::from(field_id(upper)), id);
            upper.make_ascii_uppercase();
            assert_eq!(usize::from(field_id(upper)), id);
            upper[0] ^= 1;
            assert_ne!(usize::from(field_id(upper)), id);
        }
        assert_eq!(field_id(b""), 0);
        assert_eq!(field_id(b"Hos"), 0);
    }

    #[test]
    fn names_end_where_the_ids_end() {
        assert!(field_name(0).is_none());
        assert_eq!(field_name(u32::from(BOJAGI_FIELD_TRACEPARENT)), Some(c"Traceparent"));
        assert!(field_name(u32::from(BOJAGI_FIELD_TRACEPARENT) + 1).is_none());
    }
}
