//! Heads to decode: right ones of every shape, and the same with something wrong in them.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};

const TCHAR: &[u8] =
    b"!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// Lines that the head as a whole is judged by, or that are nearly such lines.
const LINES: &[&[u8]] = &[
    b"Host: example.com\r\n",
    b"host: [::1]:80\r\n",
    b"Host:\r\n",
    b"Hos: t\r\n",
    b"HOST: a_b.c\t\r\n",
    b"Host: a b\r\n",
    b"Host: a-name-that-is-longer-than-what-a-kernel-looks-at.example.com:8080\r\n",
    b"Content-Length: 5\r\n",
    b"content-length:0012345678\r\n",
    b"Content-Length: 5, 5\r\n",
    b"Content-Length: 12345678\r\n",
    b"Content-Length: 1234567:\r\n",
    b"Content-Length: 18446744073709551616\r\n",
    b"Content-Length: +5\r\n",
    b"Content-Length: \r\n",
    b"Transfer-Encoding: chunked\r\n",
    b"Transfer-Encoding: gzip, chunked\r\n",
    b"Connection: keep-alive\r\n",
    b"Connection: Keep-Alive\r\n",
    b"Connection: close\r\n",
    b"Connection: keep-alivf\r\n",
    b"Connection: upgrade\r\nUpgrade: websocket\r\n",
    b"Expect: 100-continue\r\n",
    b"TE: trailers\r\n",
    b"DNT: 1\r\n",
    b"X-Request-ID: 1\r\n",
    b"x-forwarded-host: h\r\n",
    b"Access-Control-Allow-Credentials: true\r\n",
    b"Strict-Transport-Security: a\r\n",
    b"Upgrade-Insecure-Requests: 1\r\n",
    b"Cookie: a=b; c=d\r\n",
    b"A:b\r\n",
    b"a: \r\n",
    b"B:\t \r\n",
    b"C: d \t\r\n",
    b"D: \xe4\xff\x80\r\n",
    // Wrong, or right under a flag.
    b"A : b\r\n",
    b"A\t: b\r\n",
    b" A: b\r\n",
    b"A: b\n",
    b"A: b\r\n c\r\n",
    b"A: b\r\r\n",
    b": b\r\n",
    b"A\r\n",
    b"A: \x7f\r\n",
    b"A: \0\r\n",
    b"\n",
    b"\r\n",
];

const STARTS: &[(&[u8], bool)] = &[
    (b"GET / HTTP/1.1\r\n", true),
    (b"\r\nGET / HTTP/1.1\r\n", true),
    (b"POST /a?b=c HTTP/1.0\r\n", true),
    (b"CONNECT a:443 HTTP/1.1\r\n", true),
    (b"OPTIONS * HTTP/1.1\r\n", true),
    (b"GET http://u@h:8/p HTTP/1.1\r\n", true),
    (b"GET  / HTTP/1.1 \r\n", true),
    (b"GET\t/ HTTP/1.1\r\n", true),
    (b"GET /{} HTTP/1.1\n", true),
    (b"GET /# HTTP/1.1\r\n", true),
    (b"GET / HTTP/1.2\r\n", true),
    (b"GET / HTTP/0.9\r\n", true),
    (b"A-METHOD-LONGER-THAN-WHAT-A-KERNEL-LOOKS-AT / HTTP/1.1\r\n", true),
    (b"HTTP/1.1 200 OK\r\n", false),
    (b"HTTP/1.1 200  OK \r\n", false),
    (b"HTTP/1.1  200\tOK\t\r\n", false),
    (b"HTTP/1.1 200 \t\r\n", false),
    (b"HTTP/1.1 200\r\n", false),
    (b"HTTP/1.1 204 \r\n", false),
    (b"HTTP/1.0 404 Not Found\n", false),
    (b"HTTP/0.9 200 OK\r\n", false),
    (b"HTTP/1.1 101 Switching Protocols\r\n", false),
    (b"HTTP/1.1 600 x\r\n", false),
    (b"HTTP/1.1 20 x\r\n", false),
    (b"HTTP/1.1 200 \x7f\r\n", false),
    (
        b"\r\nHTTP/1.1 200 A phrase that goes on for longer than a block of sixty-four bytes\r\n",
        false,
    ),
];

/// The bytes, and the method that they answer if they are a response.
pub type Wire = (Vec<u8>, Option<u8>);

fn token(len: std::ops::Range<usize>) -> impl Strategy<Value = Vec<u8>> {
    vec(select(TCHAR), len)
}

fn value() -> impl Strategy<Value = Vec<u8>> {
    let byte =
        prop_oneof![8 => 0x21..=0x7eu8, 1 => 0x80..=0xffu8, 1 => Just(b' '), 1 => Just(b'\t')];
    prop_oneof![4 => vec(byte.clone(), 0..20), 2 => vec(byte, 0..150), 1 => Just(vec![])]
}

/// A line with a name of any length, and white space wherever it may stand.
fn any_line() -> impl Strategy<Value = Vec<u8>> {
    let open = select(vec![&b": "[..], b": ", b": ", b":", b":\t", b":  ", b": \t "]);
    let close = select(vec![&b"\r\n"[..], b"\r\n", b"\r\n", b" \r\n", b"\t \r\n"]);
    (token(1..70), open, value(), close)
        .prop_map(|(name, open, value, close)| [&name, open, &value, close].concat())
}

fn line() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![2 => any_line(), 3 => select(LINES).prop_map(<[u8]>::to_vec)]
}

fn right_start() -> impl Strategy<Value = Wire> {
    let visible = (0x21..=0x7eu8).prop_filter("no fragment", |byte| *byte != b'#');
    let target = prop_oneof![vec(visible.clone(), 0..20), vec(visible, 0..300)];
    let request = (token(1..9), target).prop_map(|(method, target)| {
        ([&method[..], b" /", &target, b" HTTP/1.1\r\n"].concat(), None)
    });
    let response = (100..600u16, value(), 0..10u8).prop_map(|(status, phrase, method)| {
        let status = status.to_string().into_bytes();
        ([b"HTTP/1.1 ", &status[..], b" ", &phrase, b"\r\n"].concat(), Some(method))
    });
    prop_oneof![request, response]
}

fn start() -> impl Strategy<Value = Wire> {
    let known = (select(STARTS), 0..10u8).prop_map(|((bytes, is_request), method)| {
        (bytes.to_vec(), (!is_request).then_some(method))
    });
    prop_oneof![right_start(), known]
}

fn whole(start: Wire, lines: Vec<Vec<u8>>, rest: &[u8]) -> Wire {
    ([&start.0[..], &lines.concat(), b"\r\n", rest].concat(), start.1)
}

/// A head that breaks no rule about bytes.
pub fn right_head() -> impl Strategy<Value = Wire> {
    let rest = select(vec![&b""[..], b"body", b"GET / HTTP/1.1\r\n\r\n"]);
    (right_start(), vec(any_line(), 0..9), rest)
        .prop_map(|(start, lines, rest)| whole(start, lines, rest))
}

/// A head of lines of all kinds, in which a few bytes were then changed, put in or taken out.
pub fn any_head() -> impl Strategy<Value = Wire> {
    let byte = prop_oneof![any::<u8>(), select(b"\r\n\0 \t:/,#\x7f\x80a".as_slice())];
    let changes = prop_oneof![
        2 => vec((any::<Index>(), 0..4u8, byte.clone()), 0..1),
        2 => vec((any::<Index>(), 0..4u8, byte.clone()), 1..2),
        1 => vec((any::<Index>(), 0..4u8, byte), 2..5),
    ];
    (start(), vec(line(), 0..9), changes).prop_map(|(start, lines, changes)| {
        let (mut bytes, answers) = whole(start, lines, b"body");
        for (place, kind, byte) in changes {
            let at = place.index(bytes.len());
            match kind {
                0 | 1 => bytes[at] = byte,
                2 => bytes.insert(at, byte),
                _ if bytes.len() > 1 => drop(bytes.remove(at)),
                _ => {}
            }
        }
        (bytes, answers)
    })
}
