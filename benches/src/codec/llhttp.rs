//! llhttp, behind the callbacks of `c/llhttp.c`.
#![allow(unsafe_code, reason = "a C parser is called")]

use std::ffi::c_int;
use std::path::Path;

use crate::chunked::Body;
use crate::corpus::Head;
use bojagi_bench::library::Library;
use bojagi_bench::measure::{Contender, Outcome, Role};

const REQUEST: c_int = 0;
const RESPONSE: c_int = 1;
const CHUNKED: c_int = 2;
const HEAD_COMPLETE: c_int = 1;
const MESSAGE_COMPLETE: c_int = 2;

/// The functions of the shim.
#[derive(Clone, Copy)]
pub struct Llhttp {
    begin: unsafe extern "C" fn(c_int),
    feed: unsafe extern "C" fn(*const u8, usize) -> c_int,
    fields: unsafe extern "C" fn() -> usize,
    body: unsafe extern "C" fn() -> usize,
}

impl Llhttp {
    /// None when it was not built: `peers.sh` has said why.
    pub fn open(folder: &Path) -> Result<Option<Self>, String> {
        let path = folder.join("llhttp.so");
        if !path.exists() {
            return Ok(None);
        }
        let library = Library::open(&path)?;
        // SAFETY: the types are those of c/llhttp.c.
        unsafe {
            Ok(Some(Self {
                begin: library.function(c"bench_llhttp_begin")?,
                feed: library.function(c"bench_llhttp_feed")?,
                fields: library.function(c"bench_llhttp_fields")?,
                body: library.function(c"bench_llhttp_body")?,
            }))
        }
    }

    pub fn heads(self) -> Contender<Head> {
        Contender::new("llhttp", Role::Peer, move |head: &Head| {
            self.begin(if head.response { RESPONSE } else { REQUEST });
            self.head(head.bytes().len(), self.feed(head.bytes()))
        })
    }

    /// A head that comes byte by byte.
    pub fn bytewise(self) -> Contender<Head> {
        Contender::new("llhttp", Role::Peer, move |head: &Head| {
            self.begin(if head.response { RESPONSE } else { REQUEST });
            let mut answer = 0;
            for byte in head.bytes().chunks_exact(1) {
                answer = self.feed(byte);
            }
            self.head(head.bytes().len(), answer)
        })
    }

    pub fn chunked(self) -> Contender<Body> {
        Contender::new("llhttp", Role::Peer, move |body: &Body| {
            self.begin(CHUNKED);
            match self.feed(&body.wire) {
                // SAFETY: it only reads a number.
                MESSAGE_COMPLETE => unsafe {
                    Outcome { length: body.wire.len(), count: (self.body)() }
                },
                _ => Outcome::default(),
            }
        })
    }

    #[inline(always)]
    fn begin(self, kind: c_int) {
        // SAFETY: it takes any number.
        unsafe { (self.begin)(kind) }
    }

    #[inline(always)]
    fn feed(self, data: &[u8]) -> c_int {
        // SAFETY: the data is borrowed. The spans that are kept are never followed.
        unsafe { (self.feed)(data.as_ptr(), data.len()) }
    }

    #[inline(always)]
    fn head(self, length: usize, answer: c_int) -> Outcome {
        match answer {
            // SAFETY: it only reads a number.
            HEAD_COMPLETE | MESSAGE_COMPLETE => unsafe {
                Outcome { length, count: (self.fields)() }
            },
            _ => Outcome::default(),
        }
    }
}
