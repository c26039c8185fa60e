//! What stands beside the bytes of a datagram: local address, interface, TOS, hops.

use crate::array::*;
use crate::handle::*;
use crate::need::{lacks_ipv6, loopback_hosts};
use crate::peer::abstract_name;
use crate::signal::{signal_until_over, signals};
use bojagi::capi::address::Address;
use bojagi::capi::datagram::*;
use bojagi::net::plain::*;
use std::thread;

const ALL: u32 = BOJAGI_DATAGRAM_LOCAL | BOJAGI_DATAGRAM_TOS | BOJAGI_DATAGRAM_HOPS;

#[test]
fn datagram_tells_where_it_went_and_how() {
    let hosts = loopback_hosts("datagram::datagram_tells_where_it_went_and_how");
    for grouped in [0, BOJAGI_DATAGRAM_GROUPED] {
        let server = Socket::udp_bind("").unwrap();
        assert_eq!(set(&server, ALL | grouped), i64::from(ALL | grouped));
        for host in hosts {
            let client = Socket::udp(host, local_port(&server), 1000).unwrap();
            let mut sent = Array::of(["abc", "def", "ghi"]);
            for datagram in &mut sent.datagrams {
                // DSCP AF41 with ECT(0).
                (datagram.flags, datagram.tos, datagram.hops) =
                    (BOJAGI_DATAGRAM_TOS | BOJAGI_DATAGRAM_HOPS, 0x22 << 2 | 2, 7);
            }
            assert_eq!(sent.send(&client, 1000), (3, 3));
            let mut room = Array::room(8, 16);
            assert_eq!(room.recv(&server, 1000), 3);
            for datagram in &room.datagrams[..3] {
                assert_eq!((datagram.flags, datagram.tos, datagram.hops), (ALL, 0x8a, 7));
                assert_eq!(text(&datagram.local), text(&client.peer().unwrap()));
                assert_eq!(text(&datagram.peer), text(&client.local()));
                assert_eq!(datagram.interface_index, loopback());
            }
            // As it is, it goes back to where it came from, from where it went to.
            assert_eq!(send(&server, &room.datagrams[..3], 1000), (3, 3));
            assert_eq!(collect(&client, 3, 8).len(), 3);
        }
        assert_eq!(set(&server, grouped), i64::from(grouped));
        let client = Socket::udp("127.0.0.1", local_port(&server), 1000).unwrap();
        assert_eq!(client.send(b"x", 1000), 1);
        let mut room = Array::room(1, 16);
        assert_eq!(room.recv(&server, 1000), 1);
        assert_eq!((room.datagrams[0].flags, room.datagrams[0].local.len), (0, 0));
    }
}

/// A socket of both families sends to such an address over IPv4, whose parts are others.
#[test]
fn parts_go_along_to_an_ipv4_address_that_is_written_as_one_of_ipv6() {
    if lacks_ipv6("datagram::parts_go_along_to_an_ipv4_address_that_is_written_as_one_of_ipv6") {
        return;
    }
    let server = Socket::udp_bind("127.0.0.1").unwrap();
    let parts = BOJAGI_DATAGRAM_TOS | BOJAGI_DATAGRAM_HOPS;
    assert_eq!(set(&server, parts), i64::from(parts));
    let mapped = "::ffff:127.0.0.1";
    let bound = Socket::udp_bind("").unwrap();
    let connected = Socket::udp(mapped, local_port(&server), 1000).unwrap();
    let to = address(mapped, local_port(&server)).unwrap();
    for (client, peer) in [(&bound, to), (&connected, no_address())] {
        let mut sent = Array::of(["abc"]).to(&peer);
        let datagram = &mut sent.datagrams[0];
        (datagram.flags, datagram.tos, datagram.hops) = (ALL, 0x8a, 7);
        datagram.local = address("::ffff:127.0.0.4", 0).unwrap();
        assert_eq!(sent.send(client, 1000), (1, 1), "{}", last_error().text());
        let mut room = Array::room(1, 16);
        assert_eq!(room.recv(&server, 1000), 1);
        let datagram = &room.datagrams[0];
        assert_eq!((datagram.flags, datagram.tos, datagram.hops), (parts, 0x8a, 7));
        assert!(text(&datagram.peer).starts_with("127.0.0.4:"), "{}", text(&datagram.peer));
    }
}

#[test]
fn datagram_goes_out_from_a_chosen_address() {
    let server = Socket::udp_bind("127.0.0.1").unwrap();
    let client = Socket::udp_bind("0.0.0.0").unwrap();
    let mut sent = Array::of((0..6).map(|n| content(n, 9))).to(&server.local());
    for (n, datagram) in sent.datagrams.iter_mut().enumerate() {
        let host = if n < 3 { "127.0.0.2" } else { "127.0.0.3" };
        (datagram.flags, datagram.local) = (BOJAGI_DATAGRAM_LOCAL, address(host, 0).unwrap());
    }
    assert_eq!(sent.send(&client, 1000), (6, 6));
    let from: Vec<_> = collect(&server, 6, 8).iter().map(|(_, peer)| host(peer)).collect();
    assert_eq!(from, [["127.0.0.2"; 3], ["127.0.0.3"; 3]].concat());
}

#[test]
fn address_that_this_machine_lacks_cannot_be_sent_from() {
    let (client, server) = udp_pair("127.0.0.1");
    let mut sent = Array::of(["a", "b"]);
    for datagram in &mut sent.datagrams {
        (datagram.flags, datagram.local) =
            (BOJAGI_DATAGRAM_LOCAL, address("192.0.2.1", 0).unwrap());
    }
    let (code, done) = sent.send(&client, 1000);
    assert!(code < 0 && done == 0, "{code}");
    // A family that differs from the receiver's is the caller's mistake.
    let mut sent = Array::of(["a"]).to(&server.local());
    (sent.datagrams[0].flags, sent.datagrams[0].local) =
        (BOJAGI_DATAGRAM_LOCAL, address("::1", 0).unwrap());
    assert_eq!(sent.send(&client, 1000), (BOJAGI_E_ARG, 0));
}

#[test]
fn one_datagram_is_a_batch_of_one() {
    let (client, server) = udp_pair("127.0.0.1");
    assert_eq!(set(&server, BOJAGI_DATAGRAM_LOCAL), i64::from(BOJAGI_DATAGRAM_LOCAL));
    let (sent, mut room) = (Array::of(["0123456789"]), Array::room(1, 4));
    let one = |timeout_ms| unsafe {
        bojagi_socket_send_datagram(client.0, &sent.datagrams[0], timeout_ms)
    };
    assert_eq!((one(1000), one(-1)), (10, 10));
    let recv =
        |datagram: &mut Datagram| unsafe { bojagi_socket_recv_datagram(server.0, datagram, 1000) };
    assert_eq!(recv(&mut room.datagrams[0]), BOJAGI_E_SPACE);
    assert_eq!(last_error().offset, 10);
    let datagram = room.datagrams[0];
    assert_eq!((datagram.len, datagram.full_len), (4, 10));
    assert_eq!(datagram.flags, BOJAGI_DATAGRAM_TRUNCATED | BOJAGI_DATAGRAM_LOCAL);
    assert_eq!((room.content(0), text(&datagram.peer)), (&b"0123"[..], text(&client.local())));
    let mut room = Array::room(1, 10);
    assert_eq!(recv(&mut room.datagrams[0]), 10);
}

#[test]
fn signal_ends_a_batch_that_waits() {
    let test = "datagram::signal_ends_a_batch_that_waits";
    if !crate::process::is_child(test) {
        crate::process::succeeds(crate::process::child(test));
        return;
    }
    for number in signals() {
        for timeout_ms in [-1, 30_000] {
            let name = abstract_name();
            let _server = Socket::unix_datagram_bind(Some(&name)).unwrap();
            let client = Socket::unix_datagram(&name, INTERRUPTIBLE).unwrap();
            let recv = thread::spawn(move || {
                let result = Array::room(4, 8).recv(&client, timeout_ms);
                (result, client)
            });
            signal_until_over(&recv, number);
            let (result, client) = recv.join().unwrap();
            assert_eq!(result, BOJAGI_E_INTERRUPTED);
            let send = thread::spawn(move || Array::of([[1; 8]; 600]).send(&client, timeout_ms));
            signal_until_over(&send, number);
            let (result, done) = send.join().unwrap();
            assert!(done < 600 && (result == BOJAGI_E_INTERRUPTED || result > 0), "{result}");
        }
    }
}

fn loopback() -> u32 {
    unsafe { libc::if_nametoindex(c"lo".as_ptr()) }
}

fn host(address: &Address) -> String {
    text(address).split(':').next().unwrap().to_owned()
}
