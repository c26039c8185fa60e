//! Datagrams over UDP.

use crate::handle::*;
use crate::need::loopback_hosts;

#[test]
fn carries_datagrams_whole_and_says_from_whom() {
    let server = Socket::udp_bind("127.0.0.1").unwrap();
    let client = Socket::udp("127.0.0.1", local_port(&server), 1000).unwrap();
    assert_eq!(client.send(b"one", 1000), 3);
    assert_eq!(client.send(b"three", 1000), 5);
    let mut buf = [0; 16];
    let (len, from) = server.recv_from(&mut buf, 1000);
    assert_eq!((len, text(&from)), (3, text(&client.local())));
    assert_eq!(server.recv(&mut buf, 1000), 5);
    assert_eq!(&buf[..5], b"three");
    assert_eq!(server.send_to(b"answer", &from, 1000), 6);
    assert_eq!(client.recv(&mut buf, 1000), 6);
    assert_eq!(text(&client.peer().unwrap()), text(&server.local()));
}

#[test]
fn empty_datagram_is_zero_with_an_address() {
    let server = Socket::udp_bind("127.0.0.1").unwrap();
    let client = Socket::udp("127.0.0.1", local_port(&server), 1000).unwrap();
    assert_eq!(client.send(b"", 1000), 0);
    assert_eq!(client.send_all(b"", 1000), (0, 0));
    let (len, from) = server.recv_from(&mut [0; 4], 1000);
    assert_eq!((len, text(&from)), (0, text(&client.local())));
    assert_eq!(server.recv(&mut [], 1000), 0);
    assert_eq!(server.recv(&mut [0; 1], 0), BOJAGI_E_AGAIN);
}

#[test]
fn datagram_that_does_not_fit_tells_its_length_and_sender() {
    let server = Socket::udp_bind("127.0.0.1").unwrap();
    let client = Socket::udp("127.0.0.1", local_port(&server), 1000).unwrap();
    for _ in 0..3 {
        assert_eq!(client.send(b"0123456789", 1000), 10);
    }
    let mut buf = [0; 4];
    let (len, from) = server.recv_from(&mut buf, 1000);
    assert_eq!((len, text(&from)), (BOJAGI_E_SPACE, text(&client.local())));
    assert_eq!((&buf, last_error().offset), (b"0123", 10));
    assert_eq!(server.recv(&mut buf, 1000), BOJAGI_E_SPACE);
    assert_eq!(last_error().offset, 10);
    assert_eq!(server.recv(&mut [0; 10], 1000), 10);
}

#[test]
fn datagram_too_long_to_send_is_a_limit() {
    let server = Socket::udp_bind("127.0.0.1").unwrap();
    let client = Socket::udp("127.0.0.1", local_port(&server), 1000).unwrap();
    assert_eq!(client.send(&[0; 65_536], 1000), BOJAGI_E_LIMIT);
    assert_eq!(last_error().os_error, libc::EMSGSIZE);
}

#[test]
fn nobody_there_shows_as_refused() {
    let gone = Socket::udp_bind("127.0.0.1").unwrap();
    let client = Socket::udp("127.0.0.1", local_port(&gone), 1000).unwrap();
    drop(gone);
    assert_eq!(client.send(b"x", 1000), 1);
    assert_eq!(client.recv(&mut [0; 1], 10_000), BOJAGI_E_REFUSED);
}

#[test]
fn unconnected_socket_has_no_peer_and_needs_an_address() {
    let server = Socket::udp_bind("127.0.0.1").unwrap();
    assert_eq!(server.peer().err(), Some(BOJAGI_E_STATE));
    assert_eq!(server.send(b"x", 1000), BOJAGI_E_STATE);
    assert_eq!(server.recv_exact(&mut [0; 1], 0), (BOJAGI_E_UNSUPPORTED, 0));
}

#[test]
fn socket_of_every_interface_answers_both_families() {
    let server = Socket::udp_bind("").unwrap();
    let hosts = loopback_hosts("udp::socket_of_every_interface_answers_both_families");
    for host in hosts {
        let client = Socket::udp(host, local_port(&server), 1000).unwrap();
        assert_eq!(client.send(b"ping", 1000), 4);
        let mut buf = [0; 4];
        let (len, from) = server.recv_from(&mut buf, 1000);
        assert_eq!((len, text(&from)), (4, text(&client.local())));
        assert_eq!(server.send_to(b"pong", &from, 1000), 4);
        assert_eq!(client.recv(&mut buf, 1000), 4);
    }
}

#[test]
fn stream_has_one_peer() {
    let (client, server) = tcp_pair(PLAIN);
    let to = client.peer().unwrap();
    assert_eq!(client.send_to(b"x", &to, 1000), BOJAGI_E_UNSUPPORTED);
    assert_eq!(client.send(b"x", 1000), 1);
    let (len, from) = server.recv_from(&mut [0; 1], 1000);
    assert_eq!((len, text(&from)), (1, text(&client.local())));
}

#[test]
fn address_of_another_family_is_unsupported() {
    let name = crate::peer::abstract_name();
    let unix = Socket::unix_datagram_bind(Some(&name)).unwrap();
    let udp = Socket::udp_bind("127.0.0.1").unwrap();
    let ipv4 = udp.local();
    let ipv6 = address("::1", 9).unwrap();
    for (socket, to) in [(&unix, &ipv4), (&unix, &ipv6), (&udp, &ipv6), (&udp, &unix.local())] {
        assert_eq!(socket.send_to(b"x", to, 1000), BOJAGI_E_UNSUPPORTED, "{}", text(to));
    }
}

fn local_port(socket: &Socket) -> u32 {
    u32::try_from(port(&socket.local())).unwrap()
}
