//! The flat text of a head is what the spans say.

use crate::machine::{Machine, Outcome};
use crate::wall::Wall;
use bojagi_codec::capi::code::BOJAGI_E_SPACE;
use bojagi_codec::capi::text::*;
use bojagi_codec::{Field, Head};
use std::ptr::null_mut;

/// Flattens the head into memory that ends at a wall, and compares.
pub fn judge(fresh: Machine, whole: &Outcome, fields: &[Field], data: &[u8], out: &mut Wall) {
    if let Machine::Trailers(_) = fresh {
        return;
    }
    let mut machine = fresh;
    let size = call(&mut machine, data, None);
    if whole.answer <= 0 {
        assert_eq!(size, whole.answer, "the text's verdict");
        return;
    }
    let len = usize::try_from(size).expect("a size");
    assert!(len <= data.len(), "a text longer than its head");
    let short = out.end(len - 1);
    assert_eq!(call(&mut machine, data, Some(short)), BOJAGI_E_SPACE, "one byte short");
    let written = out.end(len);
    assert_eq!(call(&mut machine, data, Some(written)), size, "the size asked for");
    let head = machine.head().expect("it is a head");
    let mut rest = &written[..];
    for part in start(&fresh, head, data) {
        rest = after(rest, &part);
    }
    for field in fields {
        rest = after(rest, field.name(data));
        rest = after(rest, field.value(data));
    }
    assert!(rest.is_empty(), "more text than the head has");
}

fn call(machine: &mut Machine, data: &[u8], out: Option<&mut [u8]>) -> i64 {
    let (out, cap) = out.map_or((null_mut(), 0), |out| (out.as_mut_ptr().cast(), out.len()));
    let (bytes, len) = (data.as_ptr().cast(), data.len());
    // SAFETY: the head has begun, and the lengths are those of the slices.
    unsafe {
        match machine {
            Machine::Request(head) => bojagi_request_text(head, bytes, len, out, cap),
            Machine::Response(head, method) => {
                bojagi_response_text(head, bytes, len, *method, out, cap)
            }
            Machine::Trailers(_) => unreachable!("trailers have no text"),
        }
    }
}

fn start(machine: &Machine, head: &Head, data: &[u8]) -> [Vec<u8>; 3] {
    let version = format!("{}.{}", head.version / 10, head.version % 10).into_bytes();
    match machine {
        Machine::Request(_) => [head.method.of(data).into(), head.target.of(data).into(), version],
        _ => [version, head.status.to_string().into(), head.reason_phrase.of(data).into()],
    }
}

/// What follows this part and its LF.
fn after<'a>(text: &'a [u8], part: &[u8]) -> &'a [u8] {
    let rest = text.strip_prefix(part).expect("the part that the spans name");
    rest.strip_prefix(b"\n").unwrap_or(rest)
}
