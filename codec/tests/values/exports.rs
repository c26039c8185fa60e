//! The exported functions by the names that the vectors call them, all results as bytes.

use std::ffi::c_void;
use std::ptr::null_mut;

use bojagi_codec::capi::{basic, etag, list, parameter, percent, quality, range};
use bojagi_codec::values::range::BOJAGI_LENGTH_UNKNOWN;
use bojagi_codec::{Fault, Range, Span};

pub const ARG: i64 = -2;
pub const SPACE: i64 = -5;
pub const LIMIT: i64 = -6;
pub const SYNTAX: i64 = -7;
pub const UNSUPPORTED: i64 = -21;

pub type Parts = Vec<Vec<u8>>;
pub type Failure = (i64, Fault);

/// Calls a function; `with` are its arguments beside the value, numbers as digits. The value is copied
/// into an allocation of exactly its length, so that a tool sees the first byte read past its end.
pub fn call(name: &str, value: &[u8], with: &[&[u8]]) -> Result<Parts, Failure> {
    let value = value.to_vec().into_boxed_slice();
    let (data, len) = raw(&value);
    let arg = |at: usize| with.get(at).copied().unwrap_or_default();
    let (other, other_len) = raw(arg(0));
    let mut fault = Fault::default();
    // SAFETY: here and below, pointers and lengths are those of slices that outlive the call.
    unsafe {
        match name {
            "list" => elements(&value),
            "media_type" => media_type(&value),
            "parameter" => {
                let mut text = Span::default();
                let (name, name_len) = raw(arg(1));
                let at = number(arg(0));
                let found = parameter::bojagi_parameter_find(
                    data, len, at, name, name_len, &mut text, &mut fault,
                );
                if found == -1 {
                    return Ok(vec![]);
                }
                checked(found, fault)?;
                Ok(vec![text.of(&value).to_vec()])
            }
            "quoted_decode" => written(|out, cap, fault| {
                parameter::bojagi_quoted_decode(data, len, out, cap, fault)
            }),
            "quoted_encode" => written(|out, cap, fault| {
                parameter::bojagi_quoted_encode(out, cap, data, len, fault)
            }),
            "quality" => digits(quality::bojagi_quality_parse(data, len, &mut fault), fault),
            "quality_coding" | "quality_language" | "quality_media" => {
                let judge = match name {
                    "quality_coding" => quality::bojagi_quality_coding,
                    "quality_language" => quality::bojagi_quality_language,
                    _ => quality::bojagi_quality_media,
                };
                digits(judge(data, len, other, other_len, null_mut(), &mut fault), fault)
            }
            "content_length" => {
                let mut length = 0;
                let result = range::bojagi_content_length_parse(data, len, &mut length, &mut fault);
                checked(result, fault)?;
                Ok(vec![length.to_string().into_bytes()])
            }
            "content_length_format" => {
                written(|out, cap, _| range::bojagi_content_length_format(out, cap, number(arg(0))))
            }
            "range" => ranges(&value, number(arg(0)), number(arg(1))),
            "content_range" => content_range(&value),
            "content_range_format" => {
                let part = part(arg(0));
                let part = part.as_ref().map_or(std::ptr::null(), std::ptr::from_ref);
                let length = match arg(1) {
                    b"*" => BOJAGI_LENGTH_UNKNOWN,
                    digits => number(digits),
                };
                written(|out, cap, _| range::bojagi_content_range_format(out, cap, part, length))
            }
            "etag" => {
                let mut opaque = Span::default();
                let weak = etag::bojagi_etag_parse(data, len, &mut opaque, &mut fault);
                checked(weak, fault)?;
                let strength = if weak == 1 { &b"weak"[..] } else { b"strong" };
                Ok(vec![strength.to_vec(), opaque.of(&value).to_vec()])
            }
            "etag_format" => written(|out, cap, fault| {
                etag::bojagi_etag_format(out, cap, data, len, strength(arg(0)), fault)
            }),
            "etag_match" => digits(
                etag::bojagi_etag_match(data, len, other, other_len, strength(arg(1))),
                fault,
            ),
            "if_match" | "if_none_match" => {
                let judge = match name {
                    "if_match" => etag::bojagi_if_match,
                    _ => etag::bojagi_if_none_match,
                };
                let (etag, etag_len) = raw(arg(1));
                digits(judge(data, len, number(arg(0)), etag, etag_len, &mut fault), fault)
            }
            "if_range" => {
                let (date, date_len) = raw(arg(1));
                digits(etag::bojagi_if_range(data, len, other, other_len, date, date_len), fault)
            }
            "percent_decode" => written(|out, cap, fault| {
                percent::bojagi_percent_decode(data, len, number(arg(0)), out, cap, fault)
            }),
            "percent_encode" => written(|out, cap, _| {
                percent::bojagi_percent_encode(out, cap, data, len, number(arg(0)))
            }),
            "basic_decode" => basic_decode(&value),
            "basic_encode" => written(|out, cap, fault| {
                basic::bojagi_basic_encode(out, cap, data, len, other, other_len, fault)
            }),
            _ => panic!("a vector calls {name}"),
        }
    }
}

/// What a function writes: its size is asked for, then exactly it is given, then one byte less.
fn written(call: impl Fn(*mut c_void, usize, *mut Fault) -> i64) -> Result<Parts, Failure> {
    let mut fault = Fault::default();
    let size = call(null_mut(), 0, &mut fault);
    checked(size, fault)?;
    let size = usize::try_from(size).unwrap();
    let mut out = vec![0xaa; size + 8];
    if size > 0 {
        assert_eq!(call(out.as_mut_ptr().cast(), 0, null_mut()), SPACE);
        assert_eq!(call(out.as_mut_ptr().cast(), size - 1, null_mut()), SPACE);
        assert_eq!(out[size - 1..], [0xaa; 9], "wrote past its end");
    }
    let written = call(out.as_mut_ptr().cast(), size, &mut fault);
    assert_eq!(usize::try_from(written), Ok(size), "the size asked for is the size written");
    assert_eq!(out[size..], [0xaa; 8], "wrote past its end");
    out.truncate(size);
    Ok(vec![out])
}

fn elements(value: &[u8]) -> Result<Parts, Failure> {
    let (data, len) = raw(value);
    let (mut at, mut span, mut fault) = (0, Span::default(), Fault::default());
    let mut found = Vec::new();
    loop {
        let before = at;
        // SAFETY: pointers and lengths are those of borrowed slices.
        let result = unsafe { list::bojagi_list_next(data, len, &mut at, &mut span, &mut fault) };
        if result < 0 {
            assert_eq!(at, before, "the place stays on an error");
        }
        if checked(result, fault)? == 0 {
            return Ok(found);
        }
        assert!(at > before && at <= len, "the place moves on");
        found.push(span.of(value).to_vec());
    }
}

fn media_type(value: &[u8]) -> Result<Parts, Failure> {
    let (data, len) = raw(value);
    let (mut one, mut other, mut fault) = (Span::default(), Span::default(), Fault::default());
    // SAFETY: here and below, pointers and lengths are those of borrowed slices.
    let result =
        unsafe { parameter::bojagi_media_type_parse(data, len, &mut one, &mut other, &mut fault) };
    let mut at = usize::try_from(checked(result, fault)?).unwrap();
    let mut parts = vec![one.of(value).to_vec(), other.of(value).to_vec()];
    loop {
        // SAFETY: as above.
        let result = unsafe {
            parameter::bojagi_parameter_next(data, len, &mut at, &mut one, &mut other, &mut fault)
        };
        assert!(result >= 0, "the parameters were looked at before");
        if result == 0 {
            return Ok(parts);
        }
        parts.extend([one.of(value).to_vec(), other.of(value).to_vec()]);
    }
}

fn ranges(value: &[u8], length: u64, cap: u32) -> Result<Parts, Failure> {
    let (data, len) = raw(value);
    let mut found = vec![Range::default(); cap as usize];
    let mut fault = Fault::default();
    // SAFETY: pointers and lengths are those of borrowed slices.
    let count = unsafe {
        range::bojagi_range_parse(data, len, length, found.as_mut_ptr(), cap, &mut fault)
    };
    found.truncate(usize::try_from(checked(count, fault)?).unwrap());
    assert!(found.iter().all(|part| part.first <= part.last && part.last < length));
    Ok(found.iter().map(|part| format!("{}-{}", part.first, part.last).into_bytes()).collect())
}

fn content_range(value: &[u8]) -> Result<Parts, Failure> {
    let (data, len) = raw(value);
    let (mut part, mut length, mut fault) = (Range::default(), 0, Fault::default());
    // SAFETY: pointers and lengths are those of borrowed slices.
    let has_part =
        unsafe { range::bojagi_content_range_parse(data, len, &mut part, &mut length, &mut fault) };
    let part = match checked(has_part, fault)? {
        1 => format!("{}-{}", part.first, part.last),
        _ => "*".into(),
    };
    let length = if length == BOJAGI_LENGTH_UNKNOWN { "*".into() } else { length.to_string() };
    Ok(vec![part.into_bytes(), length.into_bytes()])
}

fn basic_decode(value: &[u8]) -> Result<Parts, Failure> {
    let (data, len) = raw(value);
    let places = std::cell::Cell::new((Span::default(), Span::default()));
    let pair = written(|out, cap, fault| {
        let (mut user, mut password) = places.get();
        // SAFETY: pointers and lengths are those of borrowed slices.
        let result = unsafe {
            basic::bojagi_basic_decode(data, len, out, cap, &mut user, &mut password, fault)
        };
        places.set((user, password));
        result
    })?;
    let (user, password) = places.get();
    assert_eq!(user.len + 1, password.off);
    Ok(vec![user.of(&pair[0]).to_vec(), password.of(&pair[0]).to_vec()])
}

fn checked(result: i64, fault: Fault) -> Result<i64, Failure> {
    if result < 0 { Err((result, fault)) } else { Ok(result) }
}

fn digits(result: i64, fault: Fault) -> Result<Parts, Failure> {
    checked(result, fault).map(|number| vec![number.to_string().into_bytes()])
}

fn part(text: &[u8]) -> Option<Range> {
    let dash = text.iter().position(|byte| *byte == b'-')?;
    Some(Range { first: number(&text[..dash]), last: number(&text[dash + 1..]) })
}

fn number<T: std::str::FromStr>(digits: &[u8]) -> T {
    std::str::from_utf8(digits).ok().and_then(|text| text.parse().ok()).expect("a number")
}

fn strength(name: &[u8]) -> u32 {
    u32::from(name == b"weak")
}

pub fn raw(bytes: &[u8]) -> (*const c_void, usize) {
    (bytes.as_ptr().cast(), bytes.len())
}
