//! What is set on a socket before it is bound or listens, where systems differ.

use crate::error::Error;
use socket2::Socket;
use std::ffi::c_int;
use std::path::Path;

/// Lets several sockets have the same port (SO_REUSEPORT).
#[cfg(not(any(target_os = "solaris", target_os = "illumos", target_os = "cygwin")))]
pub fn reuse_port(socket: &Socket) -> Result<(), Error> {
    Ok(socket.set_reuse_port(true)?)
}

/// Lets several sockets have the same port.
#[cfg(any(target_os = "solaris", target_os = "illumos", target_os = "cygwin"))]
pub fn reuse_port(_: &Socket) -> Result<(), Error> {
    Err(Error::unsupported("BOJAGI_REUSE_PORT is not on this system; leave it out"))
}

/// Uses one interface only (SO_BINDTODEVICE).
#[cfg(any(target_os = "linux", target_os = "android"))]
pub fn interface(socket: &Socket, name: &[u8]) -> Result<(), Error> {
    Ok(socket.bind_device(Some(name))?)
}

/// Uses one interface only.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
pub fn interface(_: &Socket, _: &[u8]) -> Result<(), Error> {
    Err(Error::unsupported("interface_name is Linux's; bind to an address of the interface"))
}

/// The queue of connections that bring data with their SYN (TCP_FASTOPEN, RFC 7413).
#[cfg(any(target_os = "linux", target_os = "android"))]
pub fn fast_open(socket: &Socket, queue: c_int) -> Result<(), Error> {
    tcp_option(socket, libc::TCP_FASTOPEN, queue)
}

/// The queue of connections that bring data with their SYN.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
pub fn fast_open(_: &Socket, _: c_int) -> Result<(), Error> {
    Err(Error::unsupported("fast_open is Linux's; pass 0"))
}

/// Accepts a connection only when data has come, or after so many seconds (TCP_DEFER_ACCEPT).
#[cfg(any(target_os = "linux", target_os = "android"))]
pub fn defer_accept(socket: &Socket, seconds: c_int) -> Result<(), Error> {
    tcp_option(socket, libc::TCP_DEFER_ACCEPT, seconds)
}

/// Accepts a connection only when data has come.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
pub fn defer_accept(_: &Socket, _: c_int) -> Result<(), Error> {
    Err(Error::unsupported("defer_accept_s is Linux's; pass 0"))
}

#[cfg(any(target_os = "linux", target_os = "android"))]
fn tcp_option(socket: &Socket, name: c_int, value: c_int) -> Result<(), Error> {
    use std::os::fd::AsRawFd;
    let len = libc::socklen_t::try_from(size_of::<c_int>()).unwrap_or(0);
    // SAFETY: the socket is open, and `value` has the `len` bytes that the call reads.
    let status = unsafe {
        let value = (&raw const value).cast();
        libc::setsockopt(socket.as_raw_fd(), libc::IPPROTO_TCP, name, value, len)
    };
    if status < 0 { Err(std::io::Error::last_os_error().into()) } else { Ok(()) }
}

/// Makes the file that a bind of this socket will make have at most these permissions, from its first
/// moment on: bind(2) of Linux takes them from the socket and then applies the umask.
#[cfg(any(target_os = "linux", target_os = "android"))]
pub fn restrict(socket: &Socket, mode: u32) -> Result<(), Error> {
    use std::os::fd::AsRawFd;
    // SAFETY: the socket is open; no pointers are passed.
    let status = unsafe { libc::fchmod(socket.as_raw_fd(), mode) };
    if status < 0 { Err(std::io::Error::last_os_error().into()) } else { Ok(()) }
}

/// Restricts the file that a bind of this socket will make.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
pub fn restrict(_: &Socket, _: u32) -> Result<(), Error> {
    Err(Error::unsupported("unix_mode is Linux's; set the umask of the process"))
}

/// Gives the file at `path` the permissions that the umask has taken away, if it is a socket: never
/// what a link points to, nor another file that somebody has put there.
#[cfg(any(target_os = "linux", target_os = "android"))]
pub fn widen(path: &Path, mode: u32) -> Result<(), Error> {
    use std::os::fd::AsRawFd;
    use std::os::unix::fs::{FileTypeExt, OpenOptionsExt, PermissionsExt};
    let flags = libc::O_PATH | libc::O_NOFOLLOW;
    let file = std::fs::OpenOptions::new().read(true).custom_flags(flags).open(path)?;
    let found = file.metadata()?;
    if !found.file_type().is_socket() {
        return Err(Error::os(libc::EADDRINUSE));
    }
    if found.permissions().mode() & 0o777 == mode {
        return Ok(());
    }
    // fchmod(2) takes no O_PATH descriptor; its entry in /proc leads to the same file and no other.
    let entry = format!("/proc/self/fd/{}", file.as_raw_fd());
    Ok(std::fs::set_permissions(entry, std::fs::Permissions::from_mode(mode))?)
}

/// Gives a file permissions that the umask has taken away.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
pub fn widen(_: &Path, _: u32) -> Result<(), Error> {
    Ok(())
}
