//! The parts of a message that is to be written, made from the fuzzer's bytes: mostly words that HTTP
//! knows, else anything.

use arbitrary::{Arbitrary, Result, Unstructured};

/// A message to be written.
#[derive(Debug)]
pub struct Parts<'a> {
    /// Its first line.
    pub start: Start<'a>,
    /// Its fields.
    pub lines: Vec<Line<'a>>,
    /// The chunks of its body, when it is chunked.
    pub chunks: Vec<&'a [u8]>,
    /// What follows the chunks.
    pub trailers: Vec<Line<'a>>,
}

/// The first line of a message.
#[derive(Clone, Copy, Debug)]
pub enum Start<'a> {
    /// Method and target.
    Request(&'a [u8], &'a [u8]),
    /// Status and reason phrase, which may be left to the library.
    Response(u32, Option<&'a [u8]>),
}

/// One field.
#[derive(Clone, Copy, Debug)]
pub struct Line<'a> {
    /// A BOJAGI_FIELD_, or 0 for the name.
    pub id: u32,
    /// The name when it has no id.
    pub name: &'a [u8],
    /// The value.
    pub value: &'a [u8],
}

impl<'a> Arbitrary<'a> for Parts<'a> {
    fn arbitrary(input: &mut Unstructured<'a>) -> Result<Self> {
        let start = match input.arbitrary()? {
            true => Start::Request(word(input, METHODS)?, word(input, TARGETS)?),
            false => Start::Response(status(input)?, phrase(input)?),
        };
        let lines = lines(input, 6)?;
        let chunks = list(input, 3, |input| word(input, VALUES))?;
        Ok(Self { start, lines, chunks, trailers: lines_of_trailers(input)? })
    }
}

fn status(input: &mut Unstructured<'_>) -> Result<u32> {
    let known = [200, 204, 304, 100, 101, 199, 599, 600, 99, 404];
    match input.arbitrary::<u8>()? {
        byte @ 0..=127 => Ok(known[usize::from(byte) % known.len()]),
        _ => Ok(u32::from(input.arbitrary::<u16>()?)),
    }
}

fn phrase<'a>(input: &mut Unstructured<'a>) -> Result<Option<&'a [u8]>> {
    let is_given = input.arbitrary()?;
    if is_given { word(input, VALUES).map(Some) } else { Ok(None) }
}

fn lines<'a>(input: &mut Unstructured<'a>, most: usize) -> Result<Vec<Line<'a>>> {
    list(input, most, line)
}

fn lines_of_trailers<'a>(input: &mut Unstructured<'a>) -> Result<Vec<Line<'a>>> {
    lines(input, 2)
}

/// A quarter of the names are given by an id.
fn line<'a>(input: &mut Unstructured<'a>) -> Result<Line<'a>> {
    let id = u32::from(input.arbitrary::<u8>()?);
    let id = if id < 64 { 1 + id } else { 0 };
    let name = if id == 0 { word(input, NAMES)? } else { b"" };
    Ok(Line { id, name, value: word(input, VALUES)? })
}

fn list<'a, T>(
    input: &mut Unstructured<'a>,
    most: usize,
    one: impl Fn(&mut Unstructured<'a>) -> Result<T>,
) -> Result<Vec<T>> {
    let count = input.int_in_range(0..=most)?;
    (0..count).map(|_| one(input)).collect()
}

/// One of the words, or as many bytes as the input says.
fn word<'a>(input: &mut Unstructured<'a>, words: &[&'static [u8]]) -> Result<&'a [u8]> {
    match input.arbitrary::<u8>()? {
        byte @ 0..=191 => Ok(words[usize::from(byte) % words.len()]),
        byte => {
            let len = usize::from(byte - 191).min(input.len());
            input.bytes(len)
        }
    }
}

const METHODS: &[&[u8]] =
    &[b"GET", b"POST", b"CONNECT", b"OPTIONS", b"TRACE", b"HEAD", b"get", b"A!#$%&'*+-.^_`|~9"];

const TARGETS: &[&[u8]] =
    &[b"/", b"*", b"h:1", b"http://h/a?b", b"/a?b=%zz", b"", b"[::1]:80", b"h:0", b"foo"];

#[rustfmt::skip]
const NAMES: &[&[u8]] = &[
    b"Host", b"host", b"Content-Length", b"CONTENT-LENGTH", b"Transfer-Encoding",
    b"transfer-encoding", b"Connection", b"Expect", b"Upgrade", b"Trailer", b"A", b"X-Long-Name",
    b"", b"A b", b"A:", b"\xe9",
];

#[rustfmt::skip]
const VALUES: &[&[u8]] = &[
    b"h", b"h:80", b"[::1]", b"5", b"0", b"chunked", b"gzip, chunked", b"Chunked", b"close",
    b"keep-alive, upgrade", b"100-continue", b"", b" a", b"a\t", b"a b\tc", b"\xe9\x80\xff", b"a\r\nB: c",
    b"a\0", b"a\x7f", b"18446744073709551615", b"18446744073709551616", b"5, 5", b"u@h", b"h/",
    b"a\nb", b"a\rb", b"text/plain; a=\"b\"",
];
