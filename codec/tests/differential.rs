//! What we accept, httparse accepts, with the same spans.
//!
//! The exceptions, each with the RFC's word:
//!
//! - httparse skips any number of empty lines before a message and takes bare LF; we are stricter,
//!   so nothing follows from what it accepts.
//! - It leaves white space at the end of a value in place where we trim it (RFC 9110 section 5.5),
//!   so values are compared without their trailing SP and HTAB.
//! - It reads a target up to a space and refuses `DEL`, as we do, but takes obs-text, which we do
//!   not (RFC 3986 section 2).
//! - It turns a reason phrase that holds obs-text into an empty one ("A reason phrase with obs-text
//!   is ignored", its documentation), which RFC 9112 section 4 permits; there only its presence counts.

mod abi;

use abi::{Head, pairs};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

/// Words that make heads, right ones and wrong ones.
const WORDS: &[&[u8]] = &[
    b"GET ",
    b"POST ",
    b"/",
    b"/a?b",
    b"http://h/",
    b"*",
    b" HTTP/1.1\r\n",
    b" HTTP/1.0\r\n",
    b"Host: h\r\n",
    b"Host:h\r\n",
    b"A: b\r\n",
    b"A:\r\n",
    b"A: \t b \t\r\n",
    b"A : b\r\n",
    b"\r\n",
    b"\n",
    b"\r",
    b" ",
    b"\t",
    b"A: \xe9\x80\r\n",
    b"A: b\x01\r\n",
    b": b\r\n",
    b"a",
    b"HTTP/1.1 200 OK\r\n",
    b"HTTP/1.0 404 \r\n",
    b"HTTP/1.1 204\r\n",
    b"HTTP/1.1 200 \xe9\r\n",
    b"Content-Length: 3\r\n",
    b"Transfer-Encoding: chunked\r\n",
    b"\0",
    b" x: y\r\n",
    b"OPTIONS ",
];

fn head() -> impl Strategy<Value = Vec<u8>> {
    let request = vec(select(&WORDS[8..]), 0..7).prop_map(|words| {
        [b"GET /a HTTP/1.1\r\nHost: h\r\n".as_slice(), &words.concat(), b"\r\n"].concat()
    });
    let response = vec(select(&WORDS[8..]), 0..7)
        .prop_map(|words| [b"HTTP/1.1 200 OK\r\n".as_slice(), &words.concat(), b"\r\n"].concat());
    let soup = vec(select(WORDS), 1..12).prop_map(|words| [&words.concat()[..], b"\r\n"].concat());
    prop_oneof![request, response, soup]
}

/// name and value of each field, and where each begins.
type Spans = Vec<(Vec<u8>, Vec<u8>, usize)>;

fn ours(head: &Head, data: &[u8]) -> Spans {
    let text = pairs(head.decoded(), data).into_iter();
    text.zip(head.decoded())
        .map(|((name, value), field)| (name, value, field.name_off as usize))
        .collect()
}

fn theirs(fields: &[httparse::Header<'_>], data: &[u8]) -> Spans {
    fields
        .iter()
        .map(|field| {
            let value = field.value.trim_ascii_end().to_vec();
            let place = field.name.as_ptr() as usize - data.as_ptr() as usize;
            (field.name.as_bytes().to_vec(), value, place)
        })
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(4000) })]

    #[test]
    fn a_request_that_we_accept_httparse_accepts(data in head()) {
        let mut head = Head::new(None, 64);
        let length = head.decode(&data, None);
        if length <= 0 {
            return Ok(());
        }
        let mut fields = [httparse::EMPTY_HEADER; 64];
        let mut request = httparse::Request::new(&mut fields);
        let parsed = request.parse(&data);
        prop_assert_eq!(parsed, Ok(httparse::Status::Complete(usize::try_from(length).unwrap())));
        let target = head.raw.target;
        let span = target.off as usize..(target.off + target.len) as usize;
        prop_assert_eq!(request.path.unwrap().as_bytes(), &data[span]);
        prop_assert_eq!(request.version, Some(head.raw.version % 10));
        prop_assert_eq!(theirs(request.headers, &data), ours(&head, &data));
    }

    #[test]
    fn a_response_that_we_accept_httparse_accepts(data in head()) {
        let mut head = Head::new(None, 64);
        let length = head.decode(&data, Some(1));
        if length <= 0 {
            return Ok(());
        }
        let mut fields = [httparse::EMPTY_HEADER; 64];
        let mut response = httparse::Response::new(&mut fields);
        let parsed = response.parse(&data);
        prop_assert_eq!(parsed, Ok(httparse::Status::Complete(usize::try_from(length).unwrap())));
        prop_assert_eq!(response.code, Some(head.raw.status));
        prop_assert_eq!(theirs(response.headers, &data), ours(&head, &data));
    }
}
