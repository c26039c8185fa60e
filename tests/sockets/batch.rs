//! Batches of datagrams: every way there and back.

use crate::array::*;
use crate::handle::*;
use crate::need::{lacks_ipv6, loopback_hosts};
use crate::peer::abstract_name;
use bojagi::capi::address::Address;
use bojagi::capi::datagram::*;
use bojagi::net::plain::*;
use std::ptr::{null, null_mut};
use std::thread;

/// What a batch may hold: runs of one length, with an end and without; nothing; the longest.
const LENS: &[usize] = &[
    64, 64, 64, 64, 10, 0, 1, 1400, 1400, 1400, 1400, 1400, 0, 0, 65_507, 3, 3, 3, 4, 4, 4, 64, 63,
    62, 9000, 9000,
];

#[test]
fn every_length_arrives_in_order_by_every_way() {
    for host in hosts() {
        for parts in [0, BOJAGI_DATAGRAM_GROUPED] {
            let (client, server) = udp_pair(host);
            assert_eq!(set(&server, parts), i64::from(parts));
            for size in [1, 3, 64, 200] {
                let sent: Vec<_> =
                    LENS.iter().enumerate().map(|(n, &len)| content(n, len)).collect();
                let array = Array::of(&sent);
                assert_eq!(array.send(&client, 1000), (count(sent.len()), sent.len()));
                let came = collect(&server, sent.len(), size);
                let from = text(&client.local());
                assert!(came.iter().all(|(_, peer)| text(peer) == from));
                let came: Vec<_> = came.into_iter().map(|(bytes, _)| bytes).collect();
                assert!(came == sent, "{host} {parts} {size}");
            }
        }
    }
}

#[test]
fn datagrams_of_one_batch_go_to_several_receivers() {
    for host in hosts() {
        let servers: Vec<_> = (0..3).map(|_| Socket::udp_bind(host).unwrap()).collect();
        assert_eq!(set(&servers[1], BOJAGI_DATAGRAM_GROUPED), i64::from(BOJAGI_DATAGRAM_GROUPED));
        let client = Socket::udp_bind(host).unwrap();
        let sent: Vec<_> = (0..90).map(|n| content(n, 100)).collect();
        let to = |n: usize| if n < 60 { n / 20 } else { n % 3 };
        let mut array = Array::of(&sent);
        for (n, datagram) in array.datagrams.iter_mut().enumerate() {
            datagram.peer = servers[to(n)].local();
        }
        assert_eq!(array.send(&client, 1000), (90, 90));
        for (index, server) in servers.iter().enumerate() {
            let own: Vec<_> =
                (0..90).filter(|&n| to(n) == index).map(|n| sent[n].clone()).collect();
            let came: Vec<_> =
                collect(server, 30, 64).into_iter().map(|(bytes, _)| bytes).collect();
            assert!(came == own, "{host} {index}");
        }
    }
}

#[test]
fn random_batches_arrive_as_they_were_sent() {
    let (client, plain) = udp_pair("127.0.0.1");
    let grouped = Socket::udp_bind("127.0.0.1").unwrap();
    assert_eq!(set(&grouped, BOJAGI_DATAGRAM_GROUPED), i64::from(BOJAGI_DATAGRAM_GROUPED));
    let mut random = Random(0x5eed);
    for round in 0..200 {
        let mut sent: [Vec<Vec<u8>>; 2] = Default::default();
        let mut array = Vec::new();
        let mut all = 0;
        while all < 60_000 && array.len() < 150 {
            let run = 1 + random.below(40);
            let len = [0, 1, 7, 64, 512, 1400][random.below(6)];
            let to = random.below(2);
            for _ in 0..run {
                let len = if random.below(12) == 0 { random.below(len + 2) } else { len };
                array.push((to, content(random.below(256), len)));
                sent[to].push(array.last().unwrap().1.clone());
                // What the receiver's queue counts for it, about.
                all += len + 700;
            }
        }
        let mut batch = Array::of(array.iter().map(|(_, bytes)| bytes));
        for (datagram, (to, _)) in batch.datagrams.iter_mut().zip(&array) {
            // The peer may be named, too: both forms in one batch.
            if *to == 1 || random.below(4) == 0 {
                datagram.peer = if *to == 1 { grouped.local() } else { plain.local() };
            }
        }
        assert_eq!(batch.send(&client, 1000), (count(array.len()), array.len()));
        for (server, sent) in [(&plain, &sent[0]), (&grouped, &sent[1])] {
            if !sent.is_empty() {
                let came = collect(server, sent.len(), 1 + random.below(130));
                let came: Vec<_> = came.into_iter().map(|(bytes, _)| bytes).collect();
                assert!(came == *sent, "round {round}");
            }
        }
    }
}

#[test]
fn more_datagrams_than_one_system_call_takes() {
    let (client, server) = udp_pair("127.0.0.1");
    assert_eq!(set(&server, BOJAGI_DATAGRAM_GROUPED), i64::from(BOJAGI_DATAGRAM_GROUPED));
    let sent: Vec<_> = (0..1500).map(|n| content(n, 16)).collect();
    assert_eq!(Array::of(&sent).send(&client, 1000), (1500, 1500));
    let mut array = Array::room(2000, 16);
    assert_eq!(array.recv(&server, 1000), 1500);
    assert!((0..1500).all(|n| array.content(n) == sent[n]));
}

#[test]
fn unix_datagrams_wait_for_room_in_mid_batch_and_keep_their_senders() {
    let (from, to) = (abstract_name(), abstract_name());
    let server = Socket::unix_datagram_bind(Some(&to)).unwrap();
    let client = Socket::unix_datagram_bind(Some(&from)).unwrap();
    let sent: Vec<_> = (0..1200).map(|n| content(n, n % 90)).collect();
    let array = Array::of(&sent).to(&server.local());
    let came = thread::scope(|scope| {
        let (client, datagrams) = (&client, Sendable(array.datagrams.as_slice()));
        let sender = scope.spawn(move || send(client, datagrams.list(), -1));
        let came = collect(&server, 1200, 64);
        assert_eq!(sender.join().unwrap(), (1200, 1200));
        came
    });
    assert!(
        came.iter()
            .zip(&sent)
            .all(|((bytes, peer), sent)| { bytes == sent && text(peer) == format!("unix:{from}") })
    );
}

#[test]
fn budget_that_ends_in_mid_batch_tells_how_far_it_got() {
    let name = abstract_name();
    let server = Socket::unix_datagram_bind(Some(&name)).unwrap();
    let client = Socket::unix_datagram(&name, PLAIN).unwrap();
    let sent: Vec<_> = (0..900).map(|n| content(n, 8)).collect();
    let array = Array::of(&sent);
    let (result, done) = array.send(&client, 30);
    assert!(result > 0 && result < 900 && count(done) == result, "{result} {done}");
    let rest = &array.datagrams[done..];
    assert_eq!(send(&client, rest, 0), (BOJAGI_E_AGAIN, 0));
    assert_eq!(send(&client, rest, 20), (BOJAGI_E_TIMEOUT, 0));
    let cancel = Cancel::new();
    assert_eq!(client.set_cancel(Some(&cancel)), 0);
    cancel.fire();
    assert_eq!(send(&client, rest, 1000), (BOJAGI_E_CANCELLED, 0));
    let came = collect(&server, done, 1000);
    assert!(came.iter().zip(&sent).all(|((bytes, _), sent)| bytes == sent));
}

#[test]
fn cancel_wakes_a_batch_that_waits() {
    let (client, server) = udp_pair("127.0.0.1");
    for parts in [0, BOJAGI_DATAGRAM_GROUPED] {
        assert!(set(&server, parts) >= 0);
        let cancel = Cancel::new();
        assert_eq!(server.set_cancel(Some(&cancel)), 0);
        thread::scope(|scope| {
            let waits = scope.spawn(|| Array::room(4, 8).recv(&server, -1));
            cancel.fire();
            assert_eq!(waits.join().unwrap(), BOJAGI_E_CANCELLED);
        });
        assert_eq!(client.send(b"x", 1000), 1);
        assert_eq!(Array::room(4, 8).recv(&server, 1000), BOJAGI_E_CANCELLED);
        cancel.reset();
        assert_eq!(Array::room(4, 8).recv(&server, 1000), 1);
    }
}

#[test]
fn shutdown_wakes_a_batch_that_waits() {
    for parts in [0, BOJAGI_DATAGRAM_GROUPED] {
        let (client, _server) = udp_pair("127.0.0.1");
        assert_eq!(set(&client, parts), i64::from(parts));
        thread::scope(|scope| {
            let waits = scope.spawn(|| Array::room(4, 8).recv(&client, -1));
            assert_eq!(client.shutdown(3), 0);
            assert_eq!(waits.join().unwrap(), 0);
        });
        assert_eq!(Array::room(4, 8).recv(&client, 1000), 0);
        assert_eq!(Array::of(["x"]).send(&client, 1000), (BOJAGI_E_CLOSED, 0));
    }
}

#[test]
fn each_datagram_tells_whether_it_was_cut() {
    for parts in [0, BOJAGI_DATAGRAM_GROUPED] {
        let (client, server) = udp_pair("127.0.0.1");
        assert_eq!(set(&server, parts), i64::from(parts));
        assert_eq!(Array::of(["0123456789", "abcdefghij", "xyz", ""]).send(&client, 1000), (4, 4));
        let mut array = Array::room(4, 4);
        array.datagrams[1].cap = 0;
        array.datagrams[1].data = null_mut();
        assert_eq!(array.recv(&server, 1000), 4);
        let seen: Vec<_> = array.datagrams.iter().map(|d| (d.len, d.full_len, d.flags)).collect();
        assert_eq!(seen, [(4, 10, 1), (0, 10, 1), (3, 3, 0), (0, 0, 0)]);
        assert_eq!((array.content(0), array.content(2)), (&b"0123"[..], &b"xyz"[..]));
    }
}

#[test]
fn what_has_no_place_in_the_array_stays_for_any_later_call() {
    let (client, server) = udp_pair("127.0.0.1");
    assert_eq!(set(&server, BOJAGI_DATAGRAM_GROUPED), i64::from(BOJAGI_DATAGRAM_GROUPED));
    // Once in force it stays: what the system has gathered must be taken apart.
    assert_eq!(set(&server, 0), i64::from(BOJAGI_DATAGRAM_GROUPED));
    let sent: Vec<_> = (0..20).map(|n| content(n, 50 - n / 19)).collect();
    assert_eq!(Array::of(&sent).send(&client, 1000), (20, 20));
    assert_eq!(client.send(b"last", 1000), 4);
    assert_eq!(pending(&server), 0);
    let mut array = Array::room(3, 64);
    assert_eq!(array.recv(&server, 1000), 3);
    assert!((0..3).all(|n| array.content(n) == sent[n]));
    assert!(pending(&server) >= 17);
    let mut buf = [0; 64];
    assert_eq!(server.recv(&mut buf, 0), 50);
    assert_eq!(buf[..50], sent[3]);
    let (len, from) = server.recv_from(&mut buf, 0);
    assert_eq!((len, text(&from)), (50, text(&client.local())));
    assert_eq!(buf[..50], sent[4]);
    let (len, from) = server.recv_from(&mut buf[..10], 0);
    assert_eq!((len, last_error().offset), (BOJAGI_E_SPACE, 50));
    assert_eq!((&buf[..10], text(&from)), (&sent[5][..10], text(&client.local())));
    let came = collect(&server, 15, 4);
    assert!(came.iter().zip(&sent[6..]).all(|((bytes, _), sent)| bytes == sent));
    assert_eq!((came[13].0.len(), came[14].0.as_slice()), (49, &b"last"[..]));
    assert_eq!(pending(&server), 0);
}

#[test]
fn nobody_there_shows_after_the_batch_and_nothing_is_lost() {
    let gone = Socket::udp_bind("127.0.0.1").unwrap();
    let client = Socket::udp("127.0.0.1", local_port(&gone), 1000).unwrap();
    let port = local_port(&gone);
    drop(gone);
    let array = Array::of((0..8).map(|n| content(n, 10 + n)));
    let (result, done) = array.send(&client, 1000);
    assert!(result >= 1 && count(done) == result, "{result}");
    assert_eq!(Array::room(2, 8).recv(&client, 10_000), BOJAGI_E_REFUSED);
    // Somebody is there again, and all goes on.
    let host = c("127.0.0.1");
    let mut again = null_mut();
    let bound =
        unsafe { bojagi::capi::listen::bojagi_udp_bind(host.as_ptr(), port, null(), &mut again) };
    if bound == 0 {
        let again = Socket(again);
        assert_eq!(array.send(&client, 1000), (8, 8));
        assert_eq!(collect(&again, 8, 64).len(), 8);
    }
}

#[test]
fn failure_of_one_datagram_leaves_those_before_it_sent() {
    let (client, server) = udp_pair("127.0.0.1");
    let mut array = Array::of([vec![1; 10], vec![2; 10], vec![3; 65_508], vec![4; 10]]);
    assert_eq!(array.send(&client, 1000), (2, 2));
    assert_eq!(send(&client, &array.datagrams[2..], 1000), (BOJAGI_E_LIMIT, 0));
    assert_eq!(last_error().os_error, libc::EMSGSIZE);
    array.datagrams[2].len = 10;
    assert_eq!(send(&client, &array.datagrams[2..], 1000), (2, 2));
    assert_eq!(collect(&server, 4, 64).len(), 4);
}

#[test]
fn socket_of_both_families_names_ipv4_senders_as_such() {
    if lacks_ipv6("batch::socket_of_both_families_names_ipv4_senders_as_such") {
        return;
    }
    let server = Socket::udp_bind("").unwrap();
    for parts in [0, BOJAGI_DATAGRAM_GROUPED] {
        assert_eq!(set(&server, parts), i64::from(parts));
        for host in ["127.0.0.1", "::1"] {
            let client = Socket::udp(host, local_port(&server), 1000).unwrap();
            assert_eq!(Array::of([[7; 20]; 5]).send(&client, 1000), (5, 5));
            let came = collect(&server, 5, 8);
            assert!(came.iter().all(|(_, peer)| text(peer) == text(&client.local())));
            // And the answers go back, both families in one batch.
            let answer = Array::of([[8; 20]; 5]).to(&came[0].1);
            assert_eq!(answer.send(&server, 1000), (5, 5));
            assert_eq!(collect(&client, 5, 8).len(), 5);
        }
    }
}

#[test]
fn wrong_arguments_are_told_and_nothing_is_sent() {
    let (client, server) = udp_pair("127.0.0.1");
    let (mut done, none) = (7, Datagram::NONE);
    unsafe {
        let send = |datagrams, len, timeout| {
            bojagi_socket_send_batch(client.0, datagrams, len, timeout, null_mut())
        };
        assert_eq!(send(null(), 0, 0), 0);
        assert_eq!(send(null(), 1, 0), BOJAGI_E_ARG);
        assert_eq!(send(&Datagram::NONE, usize::MAX / 8, 0), BOJAGI_E_ARG);
        assert_eq!(send((&raw const none).byte_add(1), 1, 0), BOJAGI_E_ARG);
        assert_eq!(send(&Datagram::NONE, 1, -2), BOJAGI_E_ARG);
        let code = bojagi_socket_send_batch(null_mut(), null(), 0, 0, &mut done);
        assert_eq!((code, done), (BOJAGI_E_ARG, 0));
        let mut datagram = Datagram::NONE;
        assert_eq!(bojagi_socket_recv_batch(server.0, &mut datagram, 0, 0), BOJAGI_E_ARG);
        assert_eq!(bojagi_socket_recv_batch(server.0, null_mut(), 1, 0), BOJAGI_E_ARG);
        datagram.cap = 1;
        assert_eq!(bojagi_socket_recv_batch(server.0, &mut datagram, 1, 0), BOJAGI_E_ARG);
        assert_eq!(bojagi_socket_recv_datagram(server.0, null_mut(), 0), BOJAGI_E_ARG);
        assert_eq!(bojagi_socket_send_datagram(client.0, null(), 0), BOJAGI_E_ARG);
    }
    let wrong: [fn(&mut Datagram); 7] = [
        |d| d.data = null_mut(),
        |d| d.peer.len = 129,
        |d| d.peer.len = 3,
        |d| d.flags = 1 << 20,
        |d| (d.flags, d.tos) = (BOJAGI_DATAGRAM_TOS, 256),
        |d| (d.flags, d.hops) = (BOJAGI_DATAGRAM_HOPS, 0),
        |d| (d.flags, d.local) = (BOJAGI_DATAGRAM_LOCAL, Address { len: 9, storage: [1; 128] }),
    ];
    for (index, change) in wrong.iter().enumerate() {
        // The last one is behind the first system call.
        for (len, at) in [(1, 0), (2, 1), (600, 40), (600, 599)] {
            let mut array = Array::of(vec!["one"; len]);
            change(&mut array.datagrams[at]);
            assert_eq!(array.send(&client, 0), (BOJAGI_E_ARG, 0), "{index}, {at} of {len}");
        }
    }
    let unix = Array::of(["x"]).to(&unix_address("/nowhere").unwrap());
    assert_eq!(unix.send(&client, 0), (BOJAGI_E_UNSUPPORTED, 0));
    assert_eq!(set(&server, 1), BOJAGI_E_ARG);
    assert_eq!(set(&server, 1 << 9), BOJAGI_E_ARG);
    assert_eq!(Array::of(["x"]).send(&server, 0), (BOJAGI_E_STATE, 0));
    assert_eq!(Array::room(1, 1).recv(&server, 0), BOJAGI_E_AGAIN);
}

#[test]
fn stream_has_no_datagrams_and_unix_no_parts() {
    let (client, _server) = tcp_pair(PLAIN);
    assert_eq!(Array::of(["x"]).send(&client, 0), (BOJAGI_E_UNSUPPORTED, 0));
    assert_eq!(Array::room(1, 1).recv(&client, 0), BOJAGI_E_UNSUPPORTED);
    assert_eq!(set(&client, BOJAGI_DATAGRAM_GROUPED), BOJAGI_E_UNSUPPORTED);
    let name = abstract_name();
    let server = Socket::unix_datagram_bind(Some(&name)).unwrap();
    let client = Socket::unix_datagram(&name, PLAIN).unwrap();
    assert_eq!(set(&server, BOJAGI_DATAGRAM_GROUPED), 0);
    assert_eq!(set(&server, BOJAGI_DATAGRAM_TOS), BOJAGI_E_UNSUPPORTED);
    let mut array = Array::of(["x"]);
    array.datagrams[0].flags = BOJAGI_DATAGRAM_TOS;
    assert_eq!(array.send(&client, 0), (BOJAGI_E_UNSUPPORTED, 0));
}

#[test]
fn second_thread_in_a_direction_is_told_so() {
    let (client, server) = udp_pair("127.0.0.1");
    let cancel = Cancel::new();
    assert_eq!(server.set_cancel(Some(&cancel)), 0);
    thread::scope(|scope| {
        let waits = scope.spawn(|| Array::room(1, 1).recv(&server, -1));
        while pending(&server) != BOJAGI_E_STATE {
            thread::yield_now();
        }
        assert_eq!(Array::room(1, 1).recv(&server, -1), BOJAGI_E_STATE);
        assert_eq!(set(&server, 0), BOJAGI_E_STATE);
        assert_eq!(client.send(b"x", 1000), 1);
        assert_eq!(waits.join().unwrap(), 1);
    });
}

fn hosts() -> &'static [&'static str] {
    loopback_hosts("batch")
}

fn count(len: usize) -> i64 {
    i64::try_from(len).unwrap()
}

/// Datagrams whose bytes another thread may read.
struct Sendable<'a>(&'a [Datagram]);

unsafe impl Send for Sendable<'_> {}

impl<'a> Sendable<'a> {
    fn list(self) -> &'a [Datagram] {
        self.0
    }
}

/// Numbers that are the same in every run (xorshift64).
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % 1_000_003).unwrap() % end.max(1)
    }
}
