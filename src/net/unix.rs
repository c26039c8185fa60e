//! Unix sockets: paths, abstract names, and the file that a bound path leaves behind (unix(7)).

use super::addr::Address;
use super::sys::address::UNIX_PATH_MAX;
use super::sys::process::Process;
use crate::error::Error;
use socket2::SockAddr;
use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// The file of a bound path. Removed at the end, in the process that made it, and only while it is the
/// same file: somebody else may have put another one there.
#[derive(Debug)]
pub struct OwnedPath {
    path: PathBuf,
    device: u64,
    inode: u64,
    process: Process,
}

/// Reads `/path` or `@abstract`; `@` alone is no name.
pub fn address(name: &[u8]) -> Result<Address, Error> {
    let is_abstract = name.first() == Some(&b'@');
    if name.is_empty() {
        return Err(Error::argument("the path is empty; pass a path or @name"));
    }
    if is_abstract && cfg!(not(any(target_os = "linux", target_os = "android"))) {
        return Err(Error::unsupported("abstract names are Linux's; use a path"));
    }
    if name.len() > UNIX_PATH_MAX {
        return Err(Error::wrong(format_args!(
            "the path has {} bytes and a unix socket at most {UNIX_PATH_MAX}; use a shorter one",
            name.len()
        )));
    }
    if name == b"@" {
        return Ok(Address::UNNAMED);
    }
    let mut name = name.to_vec();
    if is_abstract && let Some(first) = name.first_mut() {
        *first = 0;
    }
    Ok(SockAddr::unix(Path::new(OsStr::from_bytes(&name)))?.into())
}

/// Binds a socket to a name that the system chooses (autobind in unix(7)).
pub(super) fn bind_unnamed(system: &socket2::Socket) -> Result<(), Error> {
    if cfg!(not(any(target_os = "linux", target_os = "android"))) {
        return Err(Error::unsupported("names are chosen on Linux only; pass a path"));
    }
    Ok(system.bind(&SockAddr::unix("")?)?)
}

impl OwnedPath {
    /// The file of an address that a socket of ours was just bound to; none for an abstract name.
    pub fn of(address: &Address) -> Option<Self> {
        let mut path = address.system()?.as_pathname()?.to_owned();
        if path.is_relative() {
            path = std::env::current_dir().ok()?.join(path);
        }
        let file = fs::symlink_metadata(&path).ok()?;
        Some(Self { path, device: file.dev(), inode: file.ino(), process: Process::current() })
    }

    fn is_ours(&self) -> bool {
        Process::current() == self.process
            && fs::symlink_metadata(&self.path)
                .is_ok_and(|file| file.dev() == self.device && file.ino() == self.inode)
    }
}

impl Drop for OwnedPath {
    fn drop(&mut self) {
        if self.is_ours() {
            // A file that cannot be removed stays; there is nobody to tell.
            let _ = fs::remove_file(&self.path);
        }
    }
}

pub(super) const NOBODY: &str = "an unnamed address reaches nobody; pass a path, @name or host";
