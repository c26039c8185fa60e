//! Connections that break: a reset in the middle of a stream, and a host that swallows everything.

use crate::handle::*;
use crate::network;
use crate::process::during;
use crate::tcp::linger_zero;
use std::time::{Duration, Instant};

/// Waits until the reset is here.
fn until_reset(socket: &Socket) {
    let mut entry = libc::pollfd { fd: socket.fd(), events: 0, revents: 0 };
    assert_eq!(unsafe { libc::poll(&mut entry, 1, 10_000) }, 1);
}

fn reset(socket: Socket) {
    linger_zero(socket.fd());
    drop(socket);
}

#[test]
fn bytes_before_a_reset_are_received_and_then_it_is_told() {
    let cancel = Cancel::new();
    for cancel in [None, Some(&cancel)] {
        for timeout_ms in [-1, 10_000, 0] {
            let (client, server) = tcp_pair(PLAIN);
            assert_eq!(server.set_cancel(cancel), 0);
            assert_eq!(client.send(b"0123456789", 1000), 10);
            reset(client);
            until_reset(&server);
            let mut buf = [0; 8];
            assert_eq!(server.recv(&mut buf[..4], timeout_ms), 4);
            assert_eq!(&buf[..4], b"0123");
            assert_eq!(server.recv_exact(&mut buf, timeout_ms), (BOJAGI_E_RESET, 6));
            assert_eq!(&buf[..6], b"456789");
            assert_eq!(last_error().os_error, libc::ECONNRESET);
            // It is told once; what follows is the end (tcp(7)).
            assert_eq!(server.recv(&mut buf, timeout_ms), 0);
            assert_eq!(server.send(b"x", timeout_ms), BOJAGI_E_CLOSED);
        }
    }
}

#[test]
fn a_reset_ends_calls_that_wait() {
    let cancel = Cancel::new();
    let much = vec![0; 64 << 20];
    for cancel in [None, Some(&cancel)] {
        for timeout_ms in [-1, 60_000] {
            let pair = || {
                let (client, server) = tcp_pair(PLAIN);
                assert_eq!(client.set_cancel(cancel), 0);
                (client, server)
            };
            let (client, server) = pair();
            assert_eq!(server.send(b"abc", 1000), 3);
            let ended = during(
                || {
                    let (code, done) = client.recv_exact(&mut [0; 9], timeout_ms);
                    assert_eq!(done, 3);
                    code
                },
                || reset(server),
            );
            assert_eq!(ended, BOJAGI_E_RESET);

            let (client, server) = pair();
            let ended = during(
                || {
                    let (code, done) = client.send_all(&much, timeout_ms);
                    assert!((1000..much.len()).contains(&done), "{done}");
                    code
                },
                || {
                    assert_eq!(server.recv_exact(&mut [0; 1000], 10_000), (1000, 1000));
                    reset(server);
                },
            );
            assert_eq!(ended, BOJAGI_E_RESET);
            assert_eq!(client.send(b"x", timeout_ms), BOJAGI_E_CLOSED);
        }
    }
}

#[test]
fn a_connection_that_was_reset_before_it_was_accepted_harms_nobody_else() {
    let cancel = Cancel::new();
    for cancel in [None, Some(&cancel)] {
        let listener = Listener::tcp("127.0.0.1", Options { cancel, ..PLAIN }).unwrap();
        let connect = || Socket::tcp("127.0.0.1", listener.port(), PLAIN, 1000).unwrap();
        reset(connect());
        let second = connect();
        assert_eq!(second.send(b"2", 1000), 1);
        let mut buf = [0; 2];
        // Linux hands the dead one over, other systems pass it over.
        let mut server = listener.accept(10_000).unwrap();
        if server.recv(&mut buf, 10_000) == BOJAGI_E_RESET {
            server = listener.accept(10_000).unwrap();
            assert_eq!(server.recv(&mut buf, 10_000), 1);
        }
        assert_eq!(buf[0], b'2');
    }
}

#[test]
fn a_black_hole_ends_with_the_budget_or_the_cancel() {
    let test = "broken::a_black_hole_ends_with_the_budget_or_the_cancel";
    if network::is_own(test, NETWORK) {
        black_hole();
    }
}

/// A network of its own, with a host that a cable leads to and that nobody is.
const NETWORK: &str = "ip link set lo up && ip link add hole type veth peer name drain && \
    ip address add 192.0.2.1/24 dev hole && ip link set hole up && ip link set drain up && \
    ip neighbour add 192.0.2.7 lladdr 02:00:00:00:00:07 dev hole nud permanent";

fn black_hole() {
    let connect = |options, budget| Socket::tcp("192.0.2.7", 80, options, budget).err().unwrap();
    let cancel = Cancel::new();
    let with_cancel = Options { cancel: Some(&cancel), ..PLAIN };
    for options in [PLAIN, INTERRUPTIBLE, with_cancel] {
        let begun = Instant::now();
        assert_eq!(connect(options, 150), BOJAGI_E_TIMEOUT);
        assert!(begun.elapsed() >= Duration::from_millis(150));
        assert!(begun.elapsed() < Duration::from_secs(20));
        let text = last_error().text();
        assert!(text.starts_with("connect to 192.0.2.7:80: the time budget ran out"), "{text}");
        assert_eq!(last_error().attempts, 1);
        assert_eq!(connect(options, 0), BOJAGI_E_AGAIN);
    }
    for budget in [-1, 60_000] {
        assert_eq!(during(|| connect(with_cancel, budget), || cancel.fire()), BOJAGI_E_CANCELLED);
        cancel.reset();
    }
    // What is sent to nobody is sent.
    let udp = Socket::udp("192.0.2.7", 80, 1000).unwrap();
    assert_eq!(udp.send(b"x", 1000), 1);
    assert_eq!(udp.recv(&mut [0; 1], 50), BOJAGI_E_TIMEOUT);
}
