//! Memory in which the first byte read outside of the data ends the test.

#[cfg(all(unix, not(miri)))]
mod pages {
    use std::ptr;

    /// Pages between two that nobody may touch.
    pub struct Pages {
        base: *mut u8,
        page: usize,
        room: usize,
    }

    impl Pages {
        /// Room for so many bytes at least.
        pub fn new(len: usize) -> Self {
            // SAFETY: asks for a number; asks for memory of our own, and gives half of it up.
            unsafe {
                let page = usize::try_from(libc::sysconf(libc::_SC_PAGESIZE)).unwrap();
                let room = len.div_ceil(page).max(1) * page;
                let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS;
                let all =
                    libc::mmap(ptr::null_mut(), room + 2 * page, libc::PROT_NONE, flags, -1, 0);
                assert_ne!(all, libc::MAP_FAILED);
                let inner = all.add(page);
                assert_eq!(libc::mprotect(inner, room, libc::PROT_READ | libc::PROT_WRITE), 0);
                Self { base: inner.cast(), page, room }
            }
        }

        fn place(&mut self, bytes: &[u8], at: usize) -> &[u8] {
            assert!(at + bytes.len() <= self.room);
            // SAFETY: the bytes fit behind `at`, and the pages are ours alone.
            unsafe {
                let start = self.base.add(at);
                ptr::copy_nonoverlapping(bytes.as_ptr(), start, bytes.len());
                std::slice::from_raw_parts(start, bytes.len())
            }
        }

        /// The bytes, with nothing behind them.
        pub fn at_end(&mut self, bytes: &[u8]) -> &[u8] {
            let at = self.room - bytes.len();
            self.place(bytes, at)
        }

        /// The bytes, with nothing in front of them.
        pub fn at_start(&mut self, bytes: &[u8]) -> &[u8] {
            self.place(bytes, 0)
        }

        /// The bytes, so many behind a border of blocks.
        pub fn aligned(&mut self, bytes: &[u8], at: usize) -> &[u8] {
            self.place(bytes, at)
        }
    }

    impl Drop for Pages {
        fn drop(&mut self) {
            // SAFETY: it is what was mapped.
            unsafe { libc::munmap(self.base.sub(self.page).cast(), self.room + 2 * self.page) };
        }
    }
}

/// Where there are no such pages: a tool must watch an allocation of exactly the bytes.
#[cfg(not(all(unix, not(miri))))]
mod pages {
    pub struct Pages(Box<[u8]>);

    impl Pages {
        pub fn new(_: usize) -> Self {
            Self(Box::default())
        }

        pub fn at_end(&mut self, bytes: &[u8]) -> &[u8] {
            self.0 = bytes.into();
            &self.0
        }

        pub fn at_start(&mut self, bytes: &[u8]) -> &[u8] {
            self.at_end(bytes)
        }

        pub fn aligned(&mut self, bytes: &[u8], at: usize) -> &[u8] {
            self.0 = vec![0; at + bytes.len()].into();
            self.0[at..].copy_from_slice(bytes);
            &self.0[at..]
        }
    }
}

pub use pages::Pages;

/// As many bytes may be read behind the data by the padded form.
pub const PADDING: usize = bojagi_codec::capi::head::BOJAGI_PADDING;

/// What a caller may have left behind the data, of many kinds: nearly all of it would change the head if it
/// were looked at.
pub fn padding(kind: usize) -> [u8; PADDING] {
    const TEXTS: [&[u8]; 9] = [
        b"\r\n\r\nX: y\r\nHost: evil\r\nContent-Length: 7\r\n\r\n",
        b"\n\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"\n",
        b"\r\n",
        b": v\r\n\r\n",
        b" HTTP/1.1\r\nHost: h\r\n\r\n",
        b"abcdefghijklmnopqrstuvwxyz0123456789",
        b"\0",
        b"\xff",
    ];
    let text = TEXTS[kind % TEXTS.len()];
    std::array::from_fn(|at| text[at % text.len()])
}
