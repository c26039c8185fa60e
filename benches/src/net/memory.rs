//! A file in memory.
#![allow(unsafe_code, reason = "memfd_create(2) has no other form")]

use std::fs::File;
use std::io::{self, Write};
use std::os::fd::FromRawFd;

/// What the receiver of a file asks for at a time; the files are made of so many.
pub const PIECE: usize = 1 << 18;

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
