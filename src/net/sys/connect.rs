//! What a socket is told before it connects, where systems differ.

use socket2::{Domain, Protocol, Socket, Type};
use std::io;

/// A TCP socket whose connect does not wait.
#[cfg(any(target_os = "linux", target_os = "android"))]
pub fn nonblocking(domain: Domain) -> io::Result<Socket> {
    Socket::new(domain, Type::STREAM.nonblocking(), Some(Protocol::TCP))
}

/// A TCP socket whose connect does not wait.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
pub fn nonblocking(domain: Domain) -> io::Result<Socket> {
    let socket = Socket::new(domain, Type::STREAM, Some(Protocol::TCP))?;
    socket.set_nonblocking(true)?;
    Ok(socket)
}

/// Binds to an interface by its name (SO_BINDTODEVICE in socket(7)); false where there is no such thing.
#[cfg(any(target_os = "linux", target_os = "android"))]
pub fn bind_interface(socket: &Socket, name: &[u8]) -> io::Result<bool> {
    socket.bind_device(Some(name)).map(|()| true)
}

/// Binds to an interface by its name; false where there is no such thing.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
pub fn bind_interface(_: &Socket, _: &[u8]) -> io::Result<bool> {
    Ok(false)
}

/// Lets the first data travel with the handshake (TCP_FASTOPEN_CONNECT in tcp(7)). Where the system
/// does not know how, the connect is a normal one.
#[cfg(any(target_os = "linux", target_os = "android"))]
pub fn fast_open(socket: &Socket) {
    turn_on(socket, libc::IPPROTO_TCP, libc::TCP_FASTOPEN_CONNECT);
}

/// Nothing: the connect is a normal one.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
pub fn fast_open(_: &Socket) {}

/// Takes the port of a bind to port 0 only when connecting, so that it has to be free for one peer and
/// not for all (IP_BIND_ADDRESS_NO_PORT in ip(7), which is for IPv6, too).
#[cfg(any(target_os = "linux", target_os = "android"))]
pub fn bind_without_port(socket: &Socket) {
    turn_on(socket, libc::IPPROTO_IP, libc::IP_BIND_ADDRESS_NO_PORT);
}

/// Nothing: there are fewer ports to have.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
pub fn bind_without_port(_: &Socket) {}

/// Turns an option on that one can do without.
#[cfg(any(target_os = "linux", target_os = "android"))]
fn turn_on(socket: &Socket, level: libc::c_int, option: libc::c_int) {
    use std::os::fd::AsRawFd;
    let one: libc::c_int = 1;
    let len = libc::socklen_t::try_from(size_of_val(&one)).unwrap_or(0);
    // SAFETY: the socket is open, and `one` has the bytes that `len` counts; both are only read.
    unsafe { libc::setsockopt(socket.as_raw_fd(), level, option, (&raw const one).cast(), len) };
}
