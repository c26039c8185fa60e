//! Fields as the decoder reports them and as the encoder takes them.

use core::ffi::c_void;
use core::mem::MaybeUninit;

/// A run of bytes of the caller's data, by offset: it stays right when the data moves.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Span {
    /// The offset of the first byte.
    pub off: u32,
    /// The number of bytes.
    pub len: u32,
}

impl Span {
    /// The bytes of the span; empty when the data does not hold it.
    pub fn of<'a>(&self, data: &'a [u8]) -> &'a [u8] {
        slice(data, self.off, self.len)
    }

    pub(crate) fn between(start: u32, end: u32) -> Self {
        Self { off: start, len: end.saturating_sub(start) }
    }
}

/// One decoded field. Offsets count from the first byte of the data that was decoded.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Field {
    /// The offset of the name.
    pub name_off: u32,
    /// The length of the name.
    pub name_len: u16,
    /// One of BOJAGI_FIELD_, or 0 for a field that has no id.
    pub id: u16,
    /// The offset of the value; white space around the value is not part of it.
    pub value_off: u32,
    /// The length of the value, which may be 0.
    pub value_len: u32,
}

impl Field {
    /// The bytes of the name; empty when the data does not hold it.
    pub fn name<'a>(&self, data: &'a [u8]) -> &'a [u8] {
        slice(data, self.name_off, u32::from(self.name_len))
    }

    /// The bytes of the value; empty when the data does not hold it.
    pub fn value<'a>(&self, data: &'a [u8]) -> &'a [u8] {
        slice(data, self.value_off, self.value_len)
    }
}

/// One field to encode. The bytes are borrowed for the call.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct FieldLine {
    /// The name; may be NULL when `id` is not 0.
    pub name: *const c_void,
    /// The length of the name.
    pub name_len: usize,
    /// The value; may be NULL when `value_len` is 0.
    pub value: *const c_void,
    /// The length of the value.
    pub value_len: usize,
    /// One of BOJAGI_FIELD_ to write that well-known name, or 0 to write `name`.
    pub id: u32,
    /// Zero.
    pub reserved: u32,
}

/// Where decoded fields go: an array of the caller, or nowhere (`None`: framing only).
pub type Fields<'a> = Option<&'a mut [MaybeUninit<Field>]>;

/// The index of the first field at or after `from` that `wanted` accepts.
pub fn find(fields: &[Field], from: usize, wanted: impl Fn(&Field) -> bool) -> Option<usize> {
    let at = fields.get(from..)?.iter().position(wanted)?;
    Some(from + at)
}

fn slice(data: &[u8], off: u32, len: u32) -> &[u8] {
    let (Ok(off), Ok(len)) = (usize::try_from(off), usize::try_from(len)) else { return &[] };
    data.get(off..).and_then(|tail| tail.get(..len)).unwrap_or(&[])
}
