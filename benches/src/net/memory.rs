//! Memory to send from and to receive into, and a file in memory.
#![allow(unsafe_code, reason = "memfd_create(2) has no other form")]

use std::fs::File;
use std::io::{self, Write};
use std::os::fd::FromRawFd;

/// What the receiver of a file asks for at a time; the files are made of so many.
pub const PIECE: usize = 1 << 18;

/// Bytes that begin with a page, as the buffers of net.c do: how fast the system copies depends on it.
pub struct Room {
    bytes: Vec<u8>,
    begin: usize,
}

impl Room {
    pub fn new(size: usize) -> Self {
        let bytes = vec![b'r'; size + PAGE];
        let begin = bytes.as_ptr().align_offset(PAGE);
        Self { bytes, begin }
    }

    pub fn as_ptr(&self) -> *const u8 {
        self.bytes[self.begin..].as_ptr()
    }

    pub fn as_mut_ptr(&mut self) -> *mut u8 {
        self.bytes[self.begin..].as_mut_ptr()
    }
}

const PAGE: usize = 4096;

/// A file of so many bytes, a multiple of the piece.
pub fn file(size: usize) -> Result<File, String> {
    // SAFETY: the name is a C string.
    let fd = unsafe { libc::memfd_create(c"bojagi-bench".as_ptr(), libc::MFD_CLOEXEC) };
    if fd < 0 {
        return Err(format!("no file in memory: {}", io::Error::last_os_error()));
    }
    // SAFETY: it was made just now, and nobody else knows it.
    let mut file = unsafe { File::from_raw_fd(fd) };
    for _ in 0..size / PIECE {
        file.write_all(&[b'f'; PIECE]).map_err(|error| error.to_string())?;
    }
    Ok(file)
}
