//! The parsers that run against each other; each reads one head into arrays that it keeps.
#![allow(unsafe_code, reason = "a shared library and a C parser are called")]

use std::ffi::{CString, c_void};
use std::hint::black_box;
use std::{mem, ptr};

use picohttpparser_sys::{phr_header, phr_parse_request, phr_parse_response};

/// Reads one head and answers its length.
pub type Read = Box<dyn FnMut(&[u8], bool) -> usize>;

const FIELDS: usize = 64;
const METHOD_GET: u32 = 1;

type Init = unsafe extern "C" fn(*mut c_void, *const c_void);
type Request = unsafe extern "C" fn(*mut c_void, *mut c_void, u32, *const u8, usize) -> i64;
type Response = unsafe extern "C" fn(*mut c_void, *mut c_void, u32, *const u8, usize, u32) -> i64;
type Reset = unsafe extern "C" fn(*mut c_void);

/// The exported functions of the shared library at `path`, as a C program calls them: syntax,
/// field ids, framing.
pub fn bojagi(path: &str) -> Result<Read, String> {
    let name = CString::new(path).map_err(|_| "NUL in the path".to_owned())?;
    // SAFETY: the name is a C string; the library is never closed.
    let library = unsafe { libc::dlopen(name.as_ptr(), libc::RTLD_NOW) };
    if library.is_null() {
        return Err(format!("{path} cannot be loaded: run `cargo build --release`"));
    }
    let symbol = |name: &'static std::ffi::CStr| {
        // SAFETY: the library is open.
        let found = unsafe { libc::dlsym(library, name.as_ptr()) };
        if found.is_null() { Err(format!("{path} has no {name:?}")) } else { Ok(found) }
    };
    // SAFETY: the types are those of include/bojagi.h.
    let (init, reset, request, response) = unsafe {
        (
            mem::transmute::<*mut c_void, Init>(symbol(c"bojagi_head_init")?),
            mem::transmute::<*mut c_void, Reset>(symbol(c"bojagi_head_reset")?),
            mem::transmute::<*mut c_void, Request>(symbol(c"bojagi_request_decode")?),
            mem::transmute::<*mut c_void, Response>(symbol(c"bojagi_response_decode")?),
        )
    };
    let mut head = Box::new([0u64; 128]);
    let mut fields = Box::new([[0u64; 2]; FIELDS]);
    // SAFETY: the head is larger than a bojagi_head.
    unsafe { init(head.as_mut_ptr().cast(), ptr::null()) };
    let cap = u32::try_from(FIELDS).unwrap();
    Ok(Box::new(move |data, is_response| {
        let (head, fields) = (head.as_mut_ptr().cast(), fields.as_mut_ptr().cast());
        // SAFETY: the head was initialised, the fields have room for `cap`, the data is borrowed.
        let length = unsafe {
            reset(head);
            if is_response {
                response(head, fields, cap, data.as_ptr(), data.len(), METHOD_GET)
            } else {
                request(head, fields, cap, data.as_ptr(), data.len())
            }
        };
        usize::try_from(length).unwrap_or(0)
    }))
}

/// picohttpparser with SSE4.2, spans only.
pub fn picohttpparser() -> Read {
    let mut headers = [phr_header::default(); FIELDS];
    Box::new(move |data, is_response| {
        let (mut first, mut second) = (ptr::null(), ptr::null());
        let (mut first_len, mut second_len, mut count) = (0, 0, FIELDS);
        let (mut minor, mut status) = (0, 0);
        let (data, len, headers) = (data.as_ptr().cast(), data.len(), headers.as_mut_ptr());
        // SAFETY: the data is borrowed, `headers` has room for `count`, the rest are locals.
        let length = unsafe {
            if is_response {
                phr_parse_response(
                    data,
                    len,
                    &mut minor,
                    &mut status,
                    &mut first,
                    &mut first_len,
                    headers,
                    &mut count,
                    0,
                )
            } else {
                phr_parse_request(
                    data,
                    len,
                    &mut first,
                    &mut first_len,
                    &mut second,
                    &mut second_len,
                    &mut minor,
                    headers,
                    &mut count,
                    0,
                )
            }
        };
        black_box((first, second, first_len, second_len, minor, status, count));
        usize::try_from(length).unwrap_or(0)
    })
}

/// httparse, spans only.
pub fn httparse() -> Read {
    Box::new(|data, is_response| {
        let mut headers = [mem::MaybeUninit::uninit(); FIELDS];
        let parsed = if is_response {
            let mut response = httparse::Response::new(&mut []);
            let config = httparse::ParserConfig::default();
            let parsed =
                config.parse_response_with_uninit_headers(&mut response, data, &mut headers);
            black_box(&response);
            parsed
        } else {
            let mut request = httparse::Request::new(&mut []);
            let parsed = request.parse_with_uninit_headers(data, &mut headers);
            black_box(&request);
            parsed
        };
        match parsed {
            Ok(httparse::Status::Complete(length)) => length,
            _ => 0,
        }
    })
}

/// The floor: the same bytes copied.
pub fn memcpy() -> Read {
    let mut room = vec![0u8; 1 << 20];
    Box::new(move |data, _| {
        room[..data.len()].copy_from_slice(data);
        black_box(&mut room[..data.len()]);
        data.len()
    })
}
