//! The names of the well-known fields as they are written, one behind the other.
//!
//! The encoder copies a name by one wide load and store, whatever its length: what is too much of it is
//! overwritten.

use crate::known::NAMES;
use core::ffi::CStr;

/// No name is longer.
pub(crate) const LONGEST: usize = 32;

/// The bytes between two names, as many as a colon and SP: from the end of one name to that of the next it
/// is as far as a line's value is from its beginning.
pub(crate) const GAP: usize = 2;

/// The first number that is no id.
pub(crate) const END: u32 = NAMES.len() as u32;

/// The names in the order of their ids, each with a NUL before and after it.
pub(crate) struct Table {
    /// Where the NUL after each name is. The one of the id before it is the NUL before it.
    pub(crate) ends: [u16; NAMES.len()],
    /// The names, and so much more that [`LONGEST`] bytes can be read where any of them begins.
    pub(crate) bytes: [u8; LEN],
}

pub(crate) static TABLE: Table = Table { ends: ENDS, bytes: bytes() };

/// The name behind an id; `None` for 0 and for numbers that are no id.
pub(crate) fn name(id: u32) -> Option<&'static [u8]> {
    let (start, end) = place(id)?;
    TABLE.bytes.get(start..end)
}

/// The same for C.
pub(crate) fn name_for_c(id: u32) -> Option<&'static CStr> {
    let (start, end) = place(id)?;
    CStr::from_bytes_with_nul(TABLE.bytes.get(start..=end)?).ok()
}

fn place(id: u32) -> Option<(usize, usize)> {
    let id = usize::try_from(id).ok()?;
    let before = TABLE.ends.get(id.checked_sub(1)?)?;
    let end = TABLE.ends.get(id)?;
    Some((usize::from(*before) + GAP, usize::from(*end)))
}

const ENDS: [u16; NAMES.len()] = ends();
const LEN: usize = ENDS[NAMES.len() - 1] as usize + GAP + LONGEST;

const fn ends() -> [u16; NAMES.len()] {
    let mut ends = [0; NAMES.len()];
    let mut id = 1;
    while id < NAMES.len() {
        let len = NAMES[id].to_bytes().len();
        assert!(len <= LONGEST, "a name is longer than LONGEST");
        ends[id] = ends[id - 1] + (GAP + len) as u16;
        id += 1;
    }
    ends
}

const fn bytes() -> [u8; LEN] {
    let mut bytes = [0; LEN];
    let mut id = 1;
    while id < NAMES.len() {
        let (name, start) = (NAMES[id].to_bytes(), ENDS[id - 1] as usize + GAP);
        let mut i = 0;
        while i < name.len() {
            bytes[start + i] = name[i];
            i += 1;
        }
        id += 1;
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spells_each_name_and_nothing_else() {
        for (id, spelled) in (0u32..).zip(NAMES).skip(1) {
            assert_eq!(name(id), Some(spelled.to_bytes()));
            assert_eq!(name_for_c(id), Some(spelled));
        }
        for id in [0, END, u32::MAX] {
            assert_eq!(name(id), None);
            assert_eq!(name_for_c(id), None);
        }
    }
}
