//! Descriptors in and out.

use crate::handle::*;
use std::fs::File;
use std::io::Write;
use std::net::TcpListener;
use std::os::fd::{AsRawFd, BorrowedFd, IntoRawFd};
use std::os::unix::net::{UnixDatagram, UnixStream};
use std::time::{Duration, Instant};

#[test]
fn refuses_what_is_no_socket_and_leaves_it_open() {
    let file = File::open("/proc/self/stat").unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    for fd in [-1, i64::from(i32::MAX), i64::MAX, i64::MIN, file.as_raw_fd().into()] {
        assert_eq!(Socket::from_fd(fd, PLAIN).err(), Some(BOJAGI_E_ARG), "{fd}");
        assert_eq!(Listener::from_fd(fd, PLAIN).err(), Some(BOJAGI_E_ARG), "{fd}");
    }
    assert!(last_error().text().contains("not a socket"), "{}", last_error().text());
    assert_eq!(Socket::from_fd(listener.as_raw_fd().into(), PLAIN).err(), Some(BOJAGI_E_ARG));
    assert!(last_error().text().contains("bojagi_listener_from_fd"));
    let (stream, _other) = UnixStream::pair().unwrap();
    assert_eq!(Listener::from_fd(stream.as_raw_fd().into(), PLAIN).err(), Some(BOJAGI_E_ARG));
    assert!(is_open(file.as_raw_fd()) && is_open(listener.as_raw_fd()));
    assert!(is_open(stream.as_raw_fd()));
}

#[test]
fn learns_the_kind_and_closes_what_it_owns() {
    let (one, other) = UnixStream::pair().unwrap();
    let fd = one.into_raw_fd();
    unsafe { libc::fcntl(fd, libc::F_SETFD, 0) };
    let socket = Socket::from_fd(fd.into(), PLAIN).unwrap();
    assert_eq!(socket.fd(), fd);
    assert_eq!(unsafe { libc::fcntl(fd, libc::F_GETFD) }, libc::FD_CLOEXEC);
    drop(other);
    assert_eq!(socket.recv(&mut [0; 1], 1000), 0);
    assert_eq!(socket.send(b"x", 1000), BOJAGI_E_CLOSED);

    let (one, other) = UnixDatagram::pair().unwrap();
    let socket = Socket::from_fd(one.into_raw_fd().into(), PLAIN).unwrap();
    other.send(b"0123").unwrap();
    assert_eq!(socket.recv(&mut [0; 2], 1000), BOJAGI_E_SPACE);
    drop(socket);
    assert!(other.send(b"0123").is_err());
}

#[test]
fn budgets_hold_on_a_nonblocking_descriptor() {
    let (one, other) = crate::peer::std_pair();
    one.set_nonblocking(true).unwrap();
    let socket = Socket::from_fd(one.into_raw_fd().into(), PLAIN).unwrap();
    let begun = Instant::now();
    assert_eq!(socket.recv(&mut [0; 1], 40), BOJAGI_E_TIMEOUT);
    assert_eq!(socket.send_all(&vec![0; 64 << 20], 40).0, BOJAGI_E_TIMEOUT);
    assert!(begun.elapsed() >= Duration::from_millis(80));
    drop(other);

    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let listener = Listener::from_fd(listener.into_raw_fd().into(), PLAIN).unwrap();
    let begun = Instant::now();
    assert_eq!(listener.accept(40).err(), Some(BOJAGI_E_TIMEOUT));
    assert!(begun.elapsed() >= Duration::from_millis(40));
    let _client = Socket::tcp("127.0.0.1", listener.port(), PLAIN, 1000).unwrap();
    let server = listener.accept(-1).unwrap();
    let flags = |fd| unsafe { libc::fcntl(fd, libc::F_GETFL) } & libc::O_NONBLOCK;
    assert_ne!(flags(listener.fd()), 0, "the host relies on it");
    assert_eq!(flags(server.fd()), 0);
    let fd = unsafe { BorrowedFd::borrow_raw(server.fd()) };
    assert!(socket2::SockRef::from(&fd).tcp_nodelay().unwrap());
}

#[test]
fn time_out_that_the_host_has_set_does_not_shorten_a_call() {
    let (one, other) = crate::peer::std_pair();
    one.set_read_timeout(Some(Duration::from_millis(1))).unwrap();
    let socket = Socket::from_fd(one.into_raw_fd().into(), PLAIN).unwrap();
    let begun = Instant::now();
    assert_eq!(socket.recv(&mut [0; 1], 50), BOJAGI_E_TIMEOUT);
    assert!(begun.elapsed() >= Duration::from_millis(50));
    drop(other);
    assert_eq!(socket.recv(&mut [0; 1], -1), 0);
}

#[test]
fn bytes_of_a_peer_that_has_gone_are_not_lost() {
    let (one, other) = crate::peer::std_pair();
    (&other).write_all(b"last").unwrap();
    crate::tcp::linger_zero(other.as_raw_fd());
    drop(other);
    let mut reset = libc::pollfd { fd: one.as_raw_fd(), events: 0, revents: 0 };
    assert_eq!(unsafe { libc::poll(&mut reset, 1, 10_000) }, 1);
    let socket = Socket::from_fd(one.into_raw_fd().into(), PLAIN).unwrap();
    assert_eq!(socket.peer().err(), Some(BOJAGI_E_STATE));
    assert_eq!(socket.recv_from(&mut [0; 8], 1000).0, 4);
}

fn is_open(fd: i32) -> bool {
    unsafe { libc::fcntl(fd, libc::F_GETFD) >= 0 }
}
