//! The well-known names as a field line has them, to compare a whole window with.

use super::WINDOW;
use crate::known::NAMES;

/// The line of an id, behind `skip` other bytes, of which there are a window's at most.
#[inline(always)]
pub(crate) fn known_line(id: u16, skip: usize) -> Option<&'static [u8; WINDOW]> {
    let at = (usize::from(id) + 1) * WINDOW;
    LINES.0.get(at.wrapping_sub(skip)..)?.first_chunk()
}

/// The names in lower case with their colon, a window each, for one comparison; those that do not fit are
/// left empty. A window may begin earlier, in the one before it.
static LINES: Lines = Lines(lines());

/// Aligned so that no line crosses a line of the cache.
#[repr(align(64))]
struct Lines([u8; WINDOW * (NAMES.len() + 1)]);

const fn lines() -> [u8; WINDOW * (NAMES.len() + 1)] {
    let mut lines = [0; WINDOW * (NAMES.len() + 1)];
    let mut id = 1;
    while id < NAMES.len() {
        let name = NAMES[id].to_bytes();
        let mut at = 0;
        while at < name.len() && name.len() < WINDOW {
            lines[(id + 1) * WINDOW + at] = name[at].to_ascii_lowercase();
            at += 1;
        }
        if name.len() < WINDOW {
            lines[(id + 1) * WINDOW + at] = b':';
        }
        id += 1;
    }
    lines
}
