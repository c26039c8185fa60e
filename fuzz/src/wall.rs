//! Memory between two pages that nobody may touch: a read or a write past its end ends the program.

use std::ptr::{NonNull, null_mut};

/// Bytes that can stand between the walls; longer inputs are not judged.
pub const ROOM: usize = 8192;

const PAGE: usize = 4096;

/// One such piece of memory, for the life of the program.
pub struct Wall {
    first: NonNull<u8>,
}

impl Wall {
    /// Memory from the system. Panics when it has none.
    #[expect(clippy::new_without_default, reason = "it takes memory that is never given back")]
    pub fn new() -> Self {
        let (all, open) = (ROOM + 2 * PAGE, libc::PROT_READ | libc::PROT_WRITE);
        let kind = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS;
        // SAFETY: a new mapping at a place that the system chooses touches nothing of ours.
        let base = unsafe { libc::mmap(null_mut(), all, libc::PROT_NONE, kind, -1, 0) };
        assert!(base != libc::MAP_FAILED, "no memory");
        // SAFETY: the pages between the first and the last one of the mapping just made.
        let first = unsafe { base.cast::<u8>().add(PAGE) };
        // SAFETY: as above.
        assert_eq!(unsafe { libc::mprotect(first.cast(), ROOM, open) }, 0, "no right to pages");
        Self { first: NonNull::new(first).expect("the system maps nothing at 0") }
    }

    /// The last bytes before the second wall.
    pub fn end(&mut self, len: usize) -> &mut [u8] {
        self.all().split_at_mut(ROOM - len).1
    }

    /// The first bytes behind the first wall.
    pub fn start(&mut self, len: usize) -> &mut [u8] {
        self.all().split_at_mut(len).0
    }

    /// A copy of the bytes whose last one stands before the second wall.
    pub fn at_end(&mut self, bytes: &[u8]) -> &mut [u8] {
        let place = self.end(bytes.len());
        place.copy_from_slice(bytes);
        place
    }

    /// A copy of the bytes whose first one stands behind the first wall.
    pub fn at_start(&mut self, bytes: &[u8]) -> &mut [u8] {
        let place = self.start(bytes.len());
        place.copy_from_slice(bytes);
        place
    }

    /// Everything between the walls.
    pub fn all(&mut self) -> &mut [u8] {
        // SAFETY: mapped for reading and writing, zeros or bytes written since, and only ours.
        unsafe { std::slice::from_raw_parts_mut(self.first.as_ptr(), ROOM) }
    }
}
