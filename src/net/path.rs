//! Binding to a path: the permissions of its file, and what to do about a file that is there already.
//!
//! A path outlives the process that bound it. Whether anybody has it still can only be asked and then
//! acted upon, two steps between which another process may take them both; so processes take turns,
//! by a lock on the directory. `docs/adr/0011` has the reasons.

use super::sys::bind::{restrict, widen};
use super::wait::Waiter;
use crate::error::Error;
use socket2::{Domain, SockAddr, Socket, Type};
use std::fs::{self, File, TryLockError};
use std::io::ErrorKind;
use std::os::unix::fs::FileTypeExt;
use std::path::Path;
use std::time::Duration;

/// The turn of this process in a directory. Ends when it is dropped, or with the process.
#[derive(Debug)]
pub struct Turn(File);

impl Turn {
    /// Waits for its turn in the directory of `path`.
    pub fn take(path: &Path, waiter: &Waiter<'_>) -> Result<Self, Error> {
        let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
        let directory = File::open(parent.unwrap_or(Path::new(".")))?;
        let mut pause = FIRST_PAUSE;
        loop {
            match directory.try_lock() {
                Ok(()) => return Ok(Self(directory)),
                Err(TryLockError::Error(error)) => return Err(error.into()),
                Err(TryLockError::WouldBlock) => waiter.pause(pause)?,
            }
            pause = (pause * 2).min(LAST_PAUSE);
        }
    }

    /// Removes the file at the path if it is a socket that nobody has any more. EADDRINUSE if it is
    /// anything else.
    pub fn clear(&self, path: &Path, name: &SockAddr) -> Result<(), Error> {
        match fs::symlink_metadata(path) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(error.into()),
            Ok(file) if !file.file_type().is_socket() => return Err(in_use()),
            Ok(_) => {}
        }
        if !is_stale(name)? {
            return Err(in_use());
        }
        match fs::remove_file(path) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(error.into()),
            _ => Ok(()),
        }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        // A child that another thread has forked meanwhile has the descriptor, too, so that closing ours
        // would not end the lock.
        let _ = self.0.unlock();
    }
}

/// Binds a socket to a path whose file has `mode` and at no moment more.
pub fn bind(system: &Socket, name: &SockAddr, mode: Option<u32>) -> Result<(), Error> {
    if let Some(mode) = mode {
        restrict(system, mode)?;
    }
    Ok(system.bind(name)?)
}

/// Gives the file of a path that was just bound what the umask has taken from `mode`.
pub fn set_mode(path: &Path, mode: Option<u32>) -> Result<(), Error> {
    mode.map_or(Ok(()), |mode| widen(path, mode))
}

/// Whether no process has a socket of this name. The one that asks is of the datagram kind: it leaves no
/// connection in the backlog of a listener, and a stream that is bound and does not listen yet is told
/// from one that is gone.
fn is_stale(name: &SockAddr) -> Result<bool, Error> {
    let Err(error) = Socket::new(Domain::UNIX, Type::DGRAM, None)?.connect(name) else {
        return Ok(false);
    };
    match error.raw_os_error() {
        Some(libc::ECONNREFUSED | libc::ENOENT) => Ok(true),
        // A stream, or a datagram socket that is connected to somebody else.
        Some(libc::EPROTOTYPE | libc::EPERM) => Ok(false),
        _ => Err(error.into()),
    }
}

fn in_use() -> Error {
    Error::os(libc::EADDRINUSE)
}

const FIRST_PAUSE: Duration = Duration::from_millis(1);
const LAST_PAUSE: Duration = Duration::from_millis(16);
