//! What the system knows about a socket, against what was sent and against getsockopt(2).

use crate::handle::*;
use crate::need::skip;
use crate::option_handle::pair;
use crate::peer::abstract_name;
use crate::tcp::linger_zero;
use bojagi::capi::insight::*;
use bojagi::capi::rights::*;
use bojagi::net::insight::*;
use bojagi::net::option::id::*;
use std::ffi::CStr;
use std::os::fd::IntoRawFd;
use std::time::{Duration, Instant};

fn tcp_info(socket: &Socket) -> Result<TcpInfo, i64> {
    let mut out = TcpInfo::default();
    unsafe { bojagi_tcp_info_init(&mut out) };
    match unsafe { bojagi_socket_tcp_info(socket.0, &mut out) } {
        0 => Ok(out),
        code => Err(code),
    }
}

fn queues(socket: &Socket) -> Queues {
    let mut out = Queues::default();
    unsafe { bojagi_queues_init(&mut out) };
    assert_eq!(unsafe { bojagi_socket_queues(socket.0, &mut out) }, 0, "{}", last_error().text());
    out
}

fn listener_queues(listener: &Listener) -> Result<Queues, i64> {
    let mut out = Queues::default();
    unsafe { bojagi_queues_init(&mut out) };
    match unsafe { bojagi_listener_queues(listener.0, &mut out) } {
        0 => Ok(out),
        code => Err(code),
    }
}

fn credentials(socket: &Socket) -> Result<Credentials, i64> {
    let mut out = Credentials::default();
    unsafe { bojagi_credentials_init(&mut out) };
    match unsafe { bojagi_socket_peer_credentials(socket.0, &mut out) } {
        0 => Ok(out),
        code => Err(code),
    }
}

/// What the system does behind a call is done in a moment, but not always at once.
fn until(holds: impl Fn() -> bool) {
    let begun = Instant::now();
    while !holds() {
        assert!(begun.elapsed() < Duration::from_secs(10), "does not come to hold");
        std::thread::yield_now();
    }
}

#[test]
fn tcp_info_counts_what_was_sent_and_knows_the_round_trip() {
    let (client, server) = tcp_pair(PLAIN);
    let data = vec![7; 100_000];
    assert_eq!(client.send_all(&data, 10_000).0, 100_000);
    assert_eq!(server.recv_exact(&mut vec![0; 100_000], 10_000).0, 100_000);
    assert_eq!(server.send_all(b"done", 10_000).0, 4);
    assert_eq!(client.recv_exact(&mut [0; 4], 10_000).0, 4);
    let (one, other) = (tcp_info(&client).unwrap(), tcp_info(&server).unwrap());
    // The SYN of the side that connected counts as a byte.
    assert_eq!((one.bytes_acked, one.bytes_sent), (100_001, 100_000));
    assert_eq!((one.bytes_received, other.bytes_received, other.bytes_sent), (4, 100_000, 4));
    assert!(one.rtt_us > 0 && one.min_rtt_us > 0 && one.cwnd > 0 && one.send_mss > 500);
    assert!(one.segments_out > 1 && one.data_segments_out > 0 && other.data_segments_in > 0);
    assert_eq!((one.retransmits_total, one.bytes_retransmitted, one.lost), (0, 0, 0));
    assert_eq!(usize::try_from(one.size), Ok(size_of::<TcpInfo>()));
    assert_ne!(one.options & BOJAGI_TCP_WINDOW_SCALE, 0);
    assert_eq!(one.state, 1);
    let name = |state| unsafe { CStr::from_ptr(bojagi_tcp_state_name(state)) }.to_str().unwrap();
    assert_eq!(name(one.state), "ESTABLISHED");
    assert_eq!(client.shutdown(2), 0);
    assert_eq!(server.recv(&mut [0; 1], 10_000), 0);
    assert_eq!(name(tcp_info(&server).unwrap().state), "CLOSE-WAIT");
    assert_eq!((name(0), name(99), name(u32::MAX)), ("UNKNOWN", "UNKNOWN", "UNKNOWN"));
}

#[test]
fn tcp_info_is_for_tcp_only() {
    let (unix, _other) = pair(BOJAGI_KIND_UNIX_STREAM, PLAIN).unwrap();
    for socket in [Socket::udp_bind("127.0.0.1").unwrap(), unix] {
        assert_eq!(tcp_info(&socket).err(), Some(BOJAGI_E_UNSUPPORTED));
    }
    let (client, _server) = tcp_pair(PLAIN);
    let mut small = TcpInfo::default();
    assert_eq!(unsafe { bojagi_socket_tcp_info(client.0, &mut small) }, BOJAGI_E_ARG);
    assert_eq!(unsafe { bojagi_socket_tcp_info(client.0, std::ptr::null_mut()) }, BOJAGI_E_ARG);
}

#[test]
fn queues_tell_what_was_not_received_and_not_acknowledged() {
    let (client, server) = tcp_pair(PLAIN);
    assert_eq!(client.send_all(&[1; 1000], 10_000).0, 1000);
    assert_eq!(server.recv_exact(&mut [0; 400], 10_000).0, 400);
    assert_eq!(queues(&server).unread, 600);
    // Nobody receives any more: bytes stay here, first in flight, then not even sent.
    while client.send(&[1; 65536], 0) > 0 {}
    let full = queues(&client);
    assert!(full.unacked > 0 && full.unsent > 0 && full.unsent <= full.unacked, "{full:?}");
    // Acknowledgements may still come in between, and never make it more.
    let between = u64::from(tcp_info(&client).unwrap().unsent_bytes);
    assert!(full.unsent >= between && between >= queues(&client).unsent);

    let server = Socket::udp_bind("127.0.0.1").unwrap();
    let client =
        Socket::udp("127.0.0.1", u32::try_from(port(&server.local())).unwrap(), 0).unwrap();
    assert_eq!((client.send(b"first", 0), client.send(b"second!", 0)), (5, 7));
    until(|| queues(&server).unread == 5);

    for (kind, unread) in [
        (BOJAGI_KIND_UNIX_STREAM, 8),
        (BOJAGI_KIND_UNIX_SEQPACKET, 8),
        (BOJAGI_KIND_UNIX_DATAGRAM, 5),
    ] {
        let (one, other) = pair(kind, PLAIN).unwrap();
        assert_eq!((one.send(b"first", 0), one.send(b"two", 0)), (5, 3));
        assert_eq!(queues(&other).unread, unread, "{kind}");
        assert!(queues(&one).unacked >= 8);
    }
}

#[test]
fn a_listener_tells_how_many_wait() {
    let listener = Listener::tcp("127.0.0.1", Options { backlog: 7, ..PLAIN }).unwrap();
    assert_eq!(listener_queues(&listener).unwrap().pending, 0);
    let connect = || Socket::tcp("127.0.0.1", listener.port(), PLAIN, 10_000).unwrap();
    let clients = [connect(), connect(), connect()];
    until(|| listener_queues(&listener).unwrap().pending == 3);
    let queues = listener_queues(&listener).unwrap();
    assert_eq!((queues.backlog, queues.unread), (7, 0));
    let _server = listener.accept(10_000).unwrap();
    assert_eq!(listener_queues(&listener).unwrap().pending, 2);
    drop(clients);
    let unix = Listener::unix(&abstract_name(), PLAIN).unwrap();
    assert_eq!(listener_queues(&unix).err(), Some(BOJAGI_E_UNSUPPORTED));
}

#[test]
fn the_error_of_a_reset_is_taken_once() {
    let (client, server) = tcp_pair(PLAIN);
    assert_eq!(unsafe { bojagi_socket_error(client.0) }, 0);
    linger_zero(server.fd());
    drop(server);
    let mut reset = libc::pollfd { fd: client.fd(), events: 0, revents: 0 };
    assert_eq!(unsafe { libc::poll(&mut reset, 1, 10_000) }, 1);
    assert_eq!(unsafe { bojagi_socket_error(client.0) }, BOJAGI_E_RESET);
    assert_eq!(last_error().os_error, libc::ECONNRESET);
    assert_eq!(unsafe { bojagi_socket_error(client.0) }, 0);
}

#[test]
fn what_became_of_a_connect_of_the_host_is_told() {
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let socket = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None).unwrap();
    socket.set_nonblocking(true).unwrap();
    let _ = socket.connect(&closed.into());
    let socket = Socket::from_fd(socket.into_raw_fd().into(), PLAIN).unwrap();
    let mut over = libc::pollfd { fd: socket.fd(), events: libc::POLLOUT, revents: 0 };
    assert_eq!(unsafe { libc::poll(&mut over, 1, 10_000) }, 1);
    assert_eq!(unsafe { bojagi_socket_error(socket.0) }, BOJAGI_E_REFUSED);
    assert_eq!(unsafe { bojagi_socket_error(socket.0) }, 0);
}

#[test]
fn a_connection_that_was_not_redirected_has_no_other_destination() {
    let (client, server) = tcp_pair(PLAIN);
    let mut out = no_address();
    for socket in [&client, &server] {
        assert_eq!(unsafe { bojagi_socket_original(socket.0, &mut out) }, BOJAGI_E_STATE);
        assert!(last_error().text().contains("not redirected"), "{}", last_error().text());
    }
    let udp = Socket::udp_bind("127.0.0.1").unwrap();
    assert_eq!(unsafe { bojagi_socket_original(udp.0, &mut out) }, BOJAGI_E_UNSUPPORTED);
    assert_eq!(out.len, 0);
}

#[test]
fn the_peer_of_a_unix_socket_is_this_process() {
    let name = abstract_name();
    let listener = Listener::unix(&name, PLAIN).unwrap();
    let client = Socket::unix(&name, PLAIN, 10_000).unwrap();
    let server = listener.accept(10_000).unwrap();
    let (one, other) = pair(BOJAGI_KIND_UNIX_SEQPACKET, PLAIN).unwrap();
    for socket in [&client, &server, &one, &other] {
        let found = credentials(socket).unwrap();
        let (uid, gid) = unsafe { (libc::geteuid(), libc::getegid()) };
        assert_eq!((found.uid, found.gid), (uid, gid));
        assert_eq!(u32::try_from(found.pid), Ok(std::process::id()));
        let pidfd = unsafe { bojagi_socket_peer_pidfd(socket.0) };
        if pidfd == BOJAGI_E_UNSUPPORTED {
            skip("SO_PEERPIDFD needs Linux 6.5");
            continue;
        }
        let text = std::fs::read_to_string(format!("/proc/self/fdinfo/{pidfd}")).unwrap();
        assert!(text.contains(&format!("Pid:\t{}", std::process::id())), "{text}");
        let pidfd = i32::try_from(pidfd).unwrap();
        assert_eq!(unsafe { libc::fcntl(pidfd, libc::F_GETFD) }, libc::FD_CLOEXEC);
        assert_eq!(unsafe { libc::close(pidfd) }, 0);
    }
    let (tcp, _server) = tcp_pair(PLAIN);
    assert_eq!(credentials(&tcp).err(), Some(BOJAGI_E_UNSUPPORTED));
    assert_eq!(unsafe { bojagi_socket_peer_pidfd(tcp.0) }, BOJAGI_E_UNSUPPORTED);
    let lone = Socket::unix_datagram_bind(None).unwrap();
    assert_eq!(credentials(&lone).err(), Some(BOJAGI_E_STATE));
    assert_eq!(unsafe { bojagi_socket_peer_pidfd(lone.0) }, BOJAGI_E_STATE);
}
