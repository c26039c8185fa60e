//! picohttpparser, in as many builds as there are shared objects of it.
#![allow(unsafe_code, reason = "a C parser is called")]

use std::ffi::{c_char, c_int};
use std::path::Path;
use std::{mem, ptr};

use libc::ssize_t;
use picohttpparser_sys::{phr_chunked_decoder, phr_header};

use crate::bojagi::FIELDS;
use crate::chunked::Body;
use crate::corpus::Head;
use bojagi_bench::library::Library;
use bojagi_bench::measure::{Contender, Outcome, Role};

type Text = *const c_char;
type Request = unsafe extern "C" fn(
    Text,
    usize,
    *mut Text,
    *mut usize,
    *mut Text,
    *mut usize,
    *mut c_int,
    *mut phr_header,
    *mut usize,
    usize,
) -> c_int;
type Response = unsafe extern "C" fn(
    Text,
    usize,
    *mut c_int,
    *mut c_int,
    *mut Text,
    *mut usize,
    *mut phr_header,
    *mut usize,
    usize,
) -> c_int;
type Chunked = unsafe extern "C" fn(*mut phr_chunked_decoder, *mut c_char, *mut usize) -> ssize_t;

/// One build of the parser, and where it puts what it finds.
struct Pico {
    request: Request,
    response: Response,
    chunked: Chunked,
    fields: Box<[phr_header; FIELDS]>,
}

/// The builds that are there, each with its name.
fn builds(folder: &Path) -> Result<Vec<(String, Pico)>, String> {
    let names = ["generic", "sse42", "native"].map(|name| format!("picohttpparser-{name}"));
    let paths = names.into_iter().map(|name| (folder.join(format!("{name}.so")), name));
    paths
        .filter(|(path, _)| path.exists())
        .map(|(path, name)| Ok((name, Pico::new(&Library::open(&path)?)?)))
        .collect()
}

pub fn heads(folder: &Path) -> Result<Vec<Contender<Head>>, String> {
    let contender = |(name, mut pico): (String, Pico)| {
        Contender::new(&name, Role::Peer, move |head: &Head| {
            pico.read(head.bytes(), head.response, 0).unwrap_or_default()
        })
    };
    Ok(builds(folder)?.into_iter().map(contender).collect())
}

/// A head that comes byte by byte; the parser is told how much it has seen before.
pub fn bytewise(folder: &Path) -> Result<Vec<Contender<Head>>, String> {
    let contender = |(name, mut pico): (String, Pico)| {
        Contender::new(&name, Role::Peer, move |head: &Head| {
            let data = head.bytes();
            let mut calls = (1..=data.len()).map(|end| (&data[..end], end - 1));
            let found = calls.find_map(|(data, seen)| pico.read(data, head.response, seen));
            found.unwrap_or_default()
        })
    };
    Ok(builds(folder)?.into_iter().map(contender).collect())
}

/// Decodes in place, so it is given a fresh copy; `chunked.rs` takes the time of the copy off.
pub fn chunked(folder: &Path) -> Result<Vec<Contender<Body>>, String> {
    let contender = |(name, pico): (String, Pico)| {
        let mut room = Vec::new();
        Contender::new(&name, Role::Peer, move |body: &Body| {
            body.copy_to(&mut room);
            pico.decode(&mut room)
        })
    };
    Ok(builds(folder)?.into_iter().map(contender).collect())
}

impl Pico {
    fn new(library: &Library) -> Result<Self, String> {
        // SAFETY: the types are those of picohttpparser.h.
        unsafe {
            Ok(Self {
                request: library.function(c"phr_parse_request")?,
                response: library.function(c"phr_parse_response")?,
                chunked: library.function(c"phr_decode_chunked")?,
                fields: Box::new([phr_header::default(); FIELDS]),
            })
        }
    }

    /// None while the head is incomplete, and when it is refused.
    #[inline(always)]
    fn read(&mut self, data: &[u8], response: bool, seen: usize) -> Option<Outcome> {
        let (mut first, mut second) = (ptr::null(), ptr::null());
        let (mut first_len, mut second_len, mut count) = (0, 0, FIELDS);
        let (mut minor, mut status) = (0, 0);
        let (data, len, fields) = (data.as_ptr().cast(), data.len(), self.fields.as_mut_ptr());
        let (to_first, to_len) = (&mut first, &mut first_len);
        // SAFETY: the data is borrowed, the fields have room for `count`, the rest are locals.
        let length = unsafe {
            if response {
                let (minor, status) = (&mut minor, &mut status);
                (self.response)(
                    data, len, minor, status, to_first, to_len, fields, &mut count, seen,
                )
            } else {
                let (path, path_len) = (&mut second, &mut second_len);
                let (request, minor) = (self.request, &mut minor);
                request(
                    data, len, to_first, to_len, path, path_len, minor, fields, &mut count, seen,
                )
            }
        };
        std::hint::black_box((first, second, first_len, second_len, minor, status));
        let length = usize::try_from(length).ok()?;
        Some(Outcome { length, count })
    }

    fn decode(&self, data: &mut [u8]) -> Outcome {
        // SAFETY: the header asks for a decoder that is all zero.
        let mut decoder: phr_chunked_decoder = unsafe { mem::zeroed() };
        decoder.consume_trailer = 1;
        let mut len = data.len();
        // SAFETY: the data is ours to write, and `len` is its length.
        let left = unsafe { (self.chunked)(&mut decoder, data.as_mut_ptr().cast(), &mut len) };
        match usize::try_from(left) {
            Ok(left) => Outcome { length: data.len() - left, count: len },
            Err(_) => Outcome::default(),
        }
    }
}
