//! One sender and one receiver at once; a second one is answered.

use crate::handle::*;
use crate::peer;
use crate::process::during;
use bojagi::capi::socket::{BOJAGI_SHUTDOWN_BOTH, BOJAGI_SHUTDOWN_RECV};

#[test]
fn second_receiver_is_a_state_error_and_a_sender_is_fine() {
    let (client, server) = tcp_pair(PLAIN);
    let received = during(
        || client.recv(&mut [0; 8], -1),
        || {
            assert_eq!(client.recv(&mut [0; 8], 0), BOJAGI_E_STATE);
            assert_eq!(client.recv_exact(&mut [0; 8], 0), (BOJAGI_E_STATE, 0));
            assert_eq!(client.set_cancel(None), BOJAGI_E_STATE);
            assert_eq!(client.send(b"x", 1000), 1);
            assert!(client.peer().is_ok() && client.fd() > 2);
            assert_eq!(server.send(b"y", 1000), 1);
        },
    );
    assert_eq!(received, 1);
    assert_eq!(server.recv(&mut [0; 8], 1000), 1);
}

#[test]
fn second_sender_and_second_acceptor_are_state_errors() {
    let (client, server) = tcp_pair(PLAIN);
    let much = vec![0; 64 << 20];
    let sent = during(
        || client.send_all(&much, -1).0,
        || {
            assert_eq!(client.send(b"x", 0), BOJAGI_E_STATE);
            assert_eq!(client.recv(&mut [0; 1], 0), BOJAGI_E_AGAIN);
            crate::tcp::linger_zero(server.fd());
            drop(server);
        },
    );
    assert_eq!(sent, BOJAGI_E_RESET);
    let listener = Listener::tcp("127.0.0.1", PLAIN).unwrap();
    let accepted = during(
        || listener.accept(-1).map_or_else(|code| code, |_| 0),
        || {
            assert_eq!(listener.accept(0).err(), Some(BOJAGI_E_STATE));
            drop(Socket::tcp("127.0.0.1", listener.port(), PLAIN, 1000).unwrap());
        },
    );
    assert_eq!(accepted, 0);
}

#[test]
fn shutdown_wakes_a_waiting_recv() {
    for how in [BOJAGI_SHUTDOWN_RECV, BOJAGI_SHUTDOWN_BOTH] {
        let (client, _server) = tcp_pair(PLAIN);
        let received =
            during(|| client.recv(&mut [0; 8], -1), || assert_eq!(client.shutdown(how), 0));
        assert_eq!(received, 0);
    }
}

#[test]
fn shutdown_wakes_a_waiting_recv_of_datagrams() {
    let cancel = Cancel::new();
    let name = peer::abstract_name();
    let unix = || Socket::unix_datagram_bind(Some(&name)).unwrap();
    let udp = || Socket::udp("127.0.0.1", crate::tcp::closed_port(), 1000).unwrap();
    for make in [&unix as &dyn Fn() -> Socket, &udp] {
        for cancel in [None, Some(&cancel)] {
            for how in [BOJAGI_SHUTDOWN_RECV, BOJAGI_SHUTDOWN_BOTH] {
                let socket = make();
                assert_eq!(socket.set_cancel(cancel), 0);
                let wake = || assert_eq!(socket.shutdown(how), 0);
                assert_eq!(during(|| socket.recv(&mut [0; 8], 30_000), wake), 0);
                assert_eq!(socket.recv_from(&mut [0; 8], 30_000).0, 0);
            }
        }
    }
}

#[test]
fn shutdown_of_a_connection_that_is_over_is_fine() {
    let (client, server) = tcp_pair(PLAIN);
    assert_eq!(client.shutdown(BOJAGI_SHUTDOWN_BOTH), 0);
    assert_eq!(server.recv(&mut [0; 1], 1000), 0);
    for _ in 0..2 {
        assert_eq!(server.shutdown(BOJAGI_SHUTDOWN_BOTH), 0);
        assert_eq!(client.shutdown(BOJAGI_SHUTDOWN_BOTH), 0);
    }
    let (client, server) = tcp_pair(PLAIN);
    crate::tcp::linger_zero(server.fd());
    drop(server);
    assert_eq!(client.recv(&mut [0; 1], 1000), BOJAGI_E_RESET);
    assert_eq!(client.shutdown(BOJAGI_SHUTDOWN_BOTH), 0);
    let never = Socket::udp_bind("127.0.0.1").unwrap();
    assert_eq!(never.shutdown(BOJAGI_SHUTDOWN_BOTH), BOJAGI_E_STATE);
}

#[test]
fn the_end_of_datagrams_is_told_to_who_may_wait() {
    let socket = Socket::udp("127.0.0.1", 9, 1000).unwrap();
    assert_eq!(socket.shutdown(BOJAGI_SHUTDOWN_RECV), 0);
    assert_eq!(socket.recv(&mut [0; 1], 0), BOJAGI_E_AGAIN);
    assert_eq!((socket.recv(&mut [0; 1], 10_000), socket.recv(&mut [0; 1], -1)), (0, 0));
}
