//! What is looked at in one call, and how far that came.

/// The data of one call.
#[derive(Clone, Copy)]
pub(crate) struct View<'a> {
    /// All bytes that may be read; those behind `end` mean nothing.
    pub bytes: &'a [u8],
    /// The number of bytes that have arrived.
    pub end: usize,
}

impl<'a> View<'a> {
    #[inline(always)]
    pub(crate) fn whole(bytes: &'a [u8]) -> Self {
        Self { bytes, end: bytes.len() }
    }

    /// The bytes that have arrived.
    #[inline(always)]
    pub(crate) fn data(&self) -> &'a [u8] {
        self.bytes.get(..self.end).unwrap_or(self.bytes)
    }
}

/// How far the sweep came.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Progress {
    /// The empty line is behind us.
    Complete,
    /// The machine has to look at what comes next.
    Stopped,
}
