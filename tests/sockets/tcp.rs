//! Connecting, accepting, sending and receiving over TCP.

use crate::handle::*;
use bojagi::capi::socket::BOJAGI_SHUTDOWN_BOTH;
use bojagi::capi::socket::BOJAGI_SHUTDOWN_SEND;
use std::net::{TcpListener, TcpStream};
use std::os::fd::{AsFd, BorrowedFd};

#[test]
fn carries_bytes_both_ways_and_closes_in_order() {
    let (client, server) = tcp_pair(PLAIN);
    let mut buf = [0; 16];
    assert_eq!(client.send(b"ping", -1), 4);
    assert_eq!(server.recv(&mut buf, -1), 4);
    assert_eq!(&buf[..4], b"ping");
    assert_eq!(server.send_all(b"pong", 1000), (4, 4));
    assert_eq!(client.recv_exact(&mut buf[..4], 1000), (4, 4));
    assert_eq!(&buf[..4], b"pong");
    assert_eq!(client.shutdown(BOJAGI_SHUTDOWN_SEND), 0);
    assert_eq!(server.recv(&mut buf, 1000), 0);
    assert_eq!(server.send(b"bye", 1000), 3);
    assert_eq!(client.recv(&mut buf, 1000), 3);
}

#[test]
fn knows_both_addresses() {
    let (client, server) = tcp_pair(PLAIN);
    assert_eq!(text(&client.local()), text(&server.peer().unwrap()));
    assert_eq!(text(&client.peer().unwrap()), text(&server.local()));
    assert!(text(&client.local()).starts_with("127.0.0.1:"));
}

#[test]
fn peer_is_known_after_it_has_gone() {
    let (client, server) = tcp_pair(PLAIN);
    let name = text(&client.local());
    linger_zero(client.fd());
    drop(client);
    assert_eq!(server.recv(&mut [0; 1], 10_000), BOJAGI_E_RESET);
    assert_eq!(text(&server.peer().unwrap()), name);
    assert!(last_error().text().contains(&name), "{}", last_error().text());
}

#[test]
fn refused_is_refused() {
    let port = closed_port();
    assert_eq!(Socket::tcp("127.0.0.1", port, PLAIN, 1000).err(), Some(BOJAGI_E_REFUSED));
    let error = last_error();
    assert_eq!((error.os_error, error.attempts), (libc::ECONNREFUSED, 1));
    assert!(error.text().starts_with(&format!("connect to 127.0.0.1:{port}: connection refused;")));
    let cancel = Cancel::new();
    let options = Options { cancel: Some(&cancel), ..PLAIN };
    assert_eq!(Socket::tcp("127.0.0.1", port, options, 1000).err(), Some(BOJAGI_E_REFUSED));
}

#[test]
fn shutdown_twice_is_fine_and_sending_after_it_is_closed() {
    let (client, _server) = tcp_pair(PLAIN);
    assert_eq!(client.shutdown(BOJAGI_SHUTDOWN_BOTH), 0);
    assert_eq!(client.shutdown(BOJAGI_SHUTDOWN_BOTH), 0);
    assert_eq!(client.send(b"x", 1000), BOJAGI_E_CLOSED);
    assert_eq!(client.recv(&mut [0; 1], 1000), 0);
    assert_eq!(client.shutdown(0), BOJAGI_E_ARG);
    assert_eq!(client.shutdown(4), BOJAGI_E_ARG);
}

#[test]
fn order_of_frees_does_not_matter() {
    let cancel = Cancel::new();
    let options = Options { cancel: Some(&cancel), ..PLAIN };
    let listener = Listener::tcp("127.0.0.1", options).unwrap();
    let client = Socket::tcp("127.0.0.1", listener.port(), options, 1000).unwrap();
    let server = listener.accept(1000).unwrap();
    drop(cancel);
    drop(listener);
    assert_eq!(server.send(b"x", 1000), 1);
    drop(server);
    let mut buf = [0; 2];
    assert_eq!(client.recv(&mut buf, 1000), 1);
    assert_eq!(client.recv(&mut buf, 1000), 0);
}

#[test]
fn every_interface_serves_both_families() {
    let listener = Listener::tcp("", PLAIN).unwrap();
    let client = Socket::tcp("127.0.0.1", listener.port(), PLAIN, 1000).unwrap();
    let server = listener.accept(1000).unwrap();
    assert_eq!(text(&server.peer().unwrap()), text(&client.local()));
    assert!(text(&server.local()).starts_with("127.0.0.1:"));
    if !crate::need::lacks_ipv6("tcp::every_interface_serves_both_families") {
        let _client = Socket::tcp("::1", listener.port(), PLAIN, 1000).unwrap();
        let server = listener.accept(1000).unwrap();
        assert!(text(&server.peer().unwrap()).starts_with("[::1]:"));
    }
}

#[test]
fn nagle_is_off_on_both_sides() {
    let (client, server) = tcp_pair(PLAIN);
    for socket in [&client, &server] {
        let fd = unsafe { BorrowedFd::borrow_raw(socket.fd()) };
        assert!(socket2::SockRef::from(&fd.as_fd()).tcp_nodelay().unwrap());
    }
}

#[test]
fn port_in_use_is_in_use() {
    let listener = Listener::tcp("127.0.0.1", PLAIN).unwrap();
    let again = Listener::tcp_on("127.0.0.1", listener.port(), PLAIN);
    assert_eq!(again.err(), Some(BOJAGI_E_IN_USE));
    let error = last_error();
    assert!(error.text().contains(&text(&listener.local())), "{}", error.text());
}

#[test]
fn address_of_another_machine_cannot_be_listened_on() {
    assert_eq!(Listener::tcp("192.0.2.1", PLAIN).err(), Some(BOJAGI_E_OS));
    assert_eq!(last_error().os_error, libc::EADDRNOTAVAIL);
}

#[test]
fn no_descriptor_left_is_a_limit_that_can_be_waited_out() {
    if crate::process::is_child("tcp::no_descriptor_left_is_a_limit_that_can_be_waited_out") {
        let listener = Listener::tcp("127.0.0.1", PLAIN).unwrap();
        let _client = Socket::tcp("127.0.0.1", listener.port(), PLAIN, 1000).unwrap();
        let few = libc::rlimit { rlim_cur: 3, rlim_max: 4096 };
        let many = libc::rlimit { rlim_cur: 1024, rlim_max: 4096 };
        assert_eq!(unsafe { libc::setrlimit(libc::RLIMIT_NOFILE, &few) }, 0);
        let refused = listener.accept(1000).err();
        let text = last_error().text();
        assert_eq!(unsafe { libc::setrlimit(libc::RLIMIT_NOFILE, &many) }, 0);
        assert_eq!(refused, Some(BOJAGI_E_LIMIT));
        assert!(text.contains("ulimit"), "{text}");
        assert!(listener.accept(1000).is_ok());
        return;
    }
    let name = "tcp::no_descriptor_left_is_a_limit_that_can_be_waited_out";
    crate::process::succeeds(crate::process::child(name));
}

/// A port on which nobody listens: one that a connected socket occupies.
pub fn closed_port() -> u32 {
    thread_local! {
        static TAKEN: std::cell::RefCell<Vec<TcpStream>> = const { std::cell::RefCell::new(Vec::new()) };
    }
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let stream = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let (accepted, _) = listener.accept().unwrap();
    let port = stream.local_addr().unwrap().port();
    TAKEN.with_borrow_mut(|taken| taken.extend([stream, accepted]));
    port.into()
}

/// Makes a close send a reset.
pub fn linger_zero(fd: i32) {
    let fd = unsafe { BorrowedFd::borrow_raw(fd) };
    socket2::SockRef::from(&fd.as_fd()).set_linger(Some(std::time::Duration::ZERO)).unwrap();
}

pub fn has_ipv6() -> bool {
    TcpListener::bind("[::1]:0").is_ok()
}
