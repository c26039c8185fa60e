//! A whole head as one flat text, for languages in which a call costs more than a split.
//!
//! ```text
//! request    method LF target LF version     *( LF name LF value )
//! response   version LF status LF phrase     *( LF name LF value )
//! ```
//!
//! No part of a head can hold an LF, so a split at LF gives the parts back exactly. The version is
//! `1.0` or `1.1` (of a response also `0.9`); a text is never longer than the head that it was made from.

use crate::fault::Error;
use crate::head::Head;
use crate::offset::index;
use crate::writer::Writer;
use core::mem::MaybeUninit;

/// Decodes a request head and flattens it: the text's length, or 0 while the head is incomplete.
pub fn request(head: &mut Head, data: &[u8], out: &mut [MaybeUninit<u8>]) -> Result<usize, Error> {
    if head.decode_either(None, data, None)? == 0 {
        return Ok(0);
    }
    let mut writer = Writer::new(out);
    put_line(&mut writer, &[head.method.of(data), head.target.of(data), version(head)]);
    put_fields(&mut writer, head, data)?;
    writer.finish()
}

/// Decodes a response head and flattens it: the text's length, or 0 while the head is incomplete.
pub fn response(
    head: &mut Head,
    data: &[u8],
    request_method: u8,
    out: &mut [MaybeUninit<u8>],
) -> Result<usize, Error> {
    if head.decode_either(None, data, Some(request_method))? == 0 {
        return Ok(0);
    }
    let mut writer = Writer::new(out);
    put_line(&mut writer, &[version(head)]);
    writer.put(b"\n");
    writer.put_decimal(u64::from(head.status));
    writer.put(b"\n");
    writer.put(head.reason_phrase.of(data));
    put_fields(&mut writer, head, data)?;
    writer.finish()
}

fn version(head: &Head) -> &'static [u8] {
    match head.version {
        9 => b"0.9",
        10 => b"1.0",
        _ => b"1.1",
    }
}

fn put_line(writer: &mut Writer<'_>, parts: &[&[u8]]) {
    for (index, part) in parts.iter().enumerate() {
        if index > 0 {
            writer.put(b"\n");
        }
        writer.put(part);
    }
}

/// The section is known to be good: it is read a second time, now with somewhere to write.
fn put_fields(writer: &mut Writer<'_>, head: &Head, data: &[u8]) -> Result<(), Error> {
    let data = data.get(..index(head.length)).ok_or(Error::Arg)?;
    let mut section = head.section.again();
    while section.advance(data, None).is_ok() {
        let field = section.field(data);
        for part in [field.name(data), field.value(data)] {
            writer.put(b"\n");
            writer.put(part);
        }
    }
    Ok(())
}
