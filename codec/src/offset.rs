//! Between the 32 bits of an offset in a struct and the `usize` of a slice.
//!
//! A value that does not fit becomes the largest one that does: what is then looked up with it is
//! "not there", never something else.

/// An offset or count as an index.
#[inline(always)]
pub(crate) fn index(offset: u32) -> usize {
    usize::try_from(offset).unwrap_or(usize::MAX)
}

/// An index as an offset or count.
#[inline(always)]
pub(crate) fn narrow(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}

/// An index that is known to be below 2^32 as an offset.
#[cfg(feature = "sweep")]
#[inline(always)]
pub(crate) fn low(index: usize) -> u32 {
    debug_assert!(u32::try_from(index).is_ok());
    index as u32
}

/// A length as a count of bytes of a body, which may be longer than memory.
#[inline(always)]
pub(crate) fn wide(len: usize) -> u64 {
    u64::try_from(len).unwrap_or(u64::MAX)
}
