//! A field to encode, as the caller hands it over.

use crate::field::FieldLine;
use crate::{simd, token};
use core::marker::PhantomData;

/// A field to encode: a value, and a name of its own or that of a well-known field.
#[repr(transparent)]
#[derive(Clone, Copy, Debug)]
pub struct Line<'a> {
    /// Each of its two pointers is NULL, or can be read for its length as long as `'a`.
    pub(super) raw: FieldLine,
    borrowed: PhantomData<&'a [u8]>,
}

impl<'a> Line<'a> {
    /// A field with this name.
    pub fn new(name: &'a [u8], value: &'a [u8]) -> Self {
        let raw = FieldLine {
            name: name.as_ptr().cast(),
            name_len: name.len(),
            value: value.as_ptr().cast(),
            value_len: value.len(),
            id: 0,
            reserved: 0,
        };
        Self { raw, borrowed: PhantomData }
    }

    /// The well-known field of this BOJAGI_FIELD_; a number that is none is refused by the encoder.
    pub fn known(id: u16, value: &'a [u8]) -> Self {
        let mut line = Self::new(&[], value);
        line.raw.id = id.into();
        line
    }

    /// The lines of an array from C.
    ///
    /// # Safety
    ///
    /// The pointers of each line are NULL, or can be read for their lengths as long as `'a`. NULL with
    /// a length is refused by the encoder, and so is a length that no object can have.
    pub(crate) unsafe fn array(raw: &'a [FieldLine]) -> &'a [Self] {
        // SAFETY: a `Line` is a `FieldLine` whose pointers are as the caller says.
        unsafe { core::slice::from_raw_parts(raw.as_ptr().cast(), raw.len()) }
    }

    /// One of BOJAGI_FIELD_, 0 for a name of its own, or a number that is no id.
    pub(crate) fn id(&self) -> u32 {
        self.raw.id
    }

    /// The name as given, which does not count beside an id; `None` for NULL with a length.
    #[inline]
    pub(crate) fn name(&self) -> Option<&'a [u8]> {
        // SAFETY: the invariant of `raw`.
        unsafe { bytes(self.raw.name.cast(), self.raw.name_len) }
    }

    /// The value; `None` for NULL with a length.
    #[inline]
    pub(crate) fn value(&self) -> Option<&'a [u8]> {
        // SAFETY: the invariant of `raw`.
        unsafe { bytes(self.raw.value.cast(), self.raw.value_len) }
    }
}

/// A name is 1*tchar (RFC 9110 §5.1).
pub(crate) fn is_name(name: &[u8]) -> bool {
    !name.is_empty() && simd::token_len(name) == name.len()
}

/// A value holds no control byte, and no white space at either end: it would not be read back.
pub(crate) fn is_value(value: &[u8]) -> bool {
    let has_white_ends =
        [value.first(), value.last()].into_iter().flatten().any(|&byte| token::is_ows(byte));
    !has_white_ends && simd::text_len(value) == value.len()
}

#[inline]
unsafe fn bytes<'a>(data: *const u8, len: usize) -> Option<&'a [u8]> {
    if data.is_null() || isize::try_from(len).is_err() {
        return empty(data, len);
    }
    // SAFETY: not NULL, no longer than an object can be, and readable by the word of the caller.
    Some(unsafe { core::slice::from_raw_parts(data, len) })
}

/// Apart, so that what is rare costs a jump that is not taken.
#[cold]
fn empty<'a>(data: *const u8, len: usize) -> Option<&'a [u8]> {
    (data.is_null() && len == 0).then_some(&[])
}
