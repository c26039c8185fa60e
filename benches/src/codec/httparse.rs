//! The crate httparse.

use std::hint::black_box;
use std::mem::MaybeUninit;

use httparse::{ParserConfig, Request, Response, Status};

use crate::bojagi::FIELDS;
use crate::corpus::Head;
use bojagi_bench::measure::{Contender, Outcome, Role};

pub fn heads() -> Contender<Head> {
    Contender::new("httparse", Role::Peer, |head: &Head| {
        read(head.bytes(), head.response).unwrap_or_default()
    })
}

#[inline(always)]
fn read(data: &[u8], is_response: bool) -> Option<Outcome> {
    let mut fields = [MaybeUninit::uninit(); FIELDS];
    let (parsed, count) = if is_response {
        let mut response = Response::new(&mut []);
        let config = ParserConfig::default();
        let parsed = config.parse_response_with_uninit_headers(&mut response, data, &mut fields);
        (parsed, black_box(&response).headers.len())
    } else {
        let mut request = Request::new(&mut []);
        let parsed = request.parse_with_uninit_headers(data, &mut fields);
        (parsed, black_box(&request).headers.len())
    };
    match parsed {
        Ok(Status::Complete(length)) => Some(Outcome { length, count }),
        _ => None,
    }
}
