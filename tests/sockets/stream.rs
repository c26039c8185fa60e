//! All bytes or a failure that says how far it got.

use crate::handle::*;
use std::thread;
use std::time::{Duration, Instant};

const MUCH: usize = 8 << 20;

#[test]
fn send_is_short_and_send_all_is_not() {
    let (client, server) = tcp_pair(PLAIN);
    let data: Vec<u8> = (0..MUCH).map(|at| u8::try_from(at % 251).unwrap()).collect();
    let short = usize::try_from(client.send(&data, 0)).unwrap();
    assert!(0 < short && short < MUCH, "{short}");
    thread::scope(|scope| {
        let reader = scope.spawn(|| {
            let mut all = vec![0; MUCH];
            assert_eq!(server.recv_exact(&mut all, 20_000), (i64::try_from(MUCH).unwrap(), MUCH));
            all
        });
        let rest = MUCH - short;
        assert_eq!(client.send_all(&data[short..], 20_000), (i64::try_from(rest).unwrap(), rest));
        assert!(reader.join().unwrap() == data);
    });
}

#[test]
fn send_all_to_a_full_peer_says_how_far_it_got() {
    for options in [PLAIN, INTERRUPTIBLE] {
        for timeout_ms in [0, 60] {
            let (client, server) = tcp_pair(options);
            let begun = Instant::now();
            let (code, done) = client.send_all(&vec![7; MUCH], timeout_ms);
            let expected = if timeout_ms == 0 { BOJAGI_E_AGAIN } else { BOJAGI_E_TIMEOUT };
            assert_eq!(code, expected);
            assert!(begun.elapsed() >= Duration::from_millis(u64::try_from(timeout_ms).unwrap()));
            let mut all = vec![0; done];
            assert_eq!(server.recv_exact(&mut all, 10_000).1, done);
            assert_eq!(server.recv(&mut [0; 1], 0), BOJAGI_E_AGAIN);
        }
    }
}

#[test]
fn recv_exact_says_how_much_came_before_the_end() {
    let (client, server) = tcp_pair(PLAIN);
    assert_eq!(client.send(b"abc", 1000), 3);
    let mut buf = [0; 8];
    assert_eq!(server.recv_exact(&mut buf, 30), (BOJAGI_E_TIMEOUT, 3));
    assert_eq!(&buf[..3], b"abc");
    assert_eq!(client.send(b"de", 1000), 2);
    drop(client);
    assert_eq!(server.recv_exact(&mut buf, 1000), (BOJAGI_E_CLOSED, 2));
    assert!(last_error().text().contains("closed after 2 of 8 bytes"));
}

#[test]
fn recv_exact_collects_single_bytes() {
    let cancel = Cancel::new();
    for options in [PLAIN, INTERRUPTIBLE, Options { cancel: Some(&cancel), ..PLAIN }] {
        let (client, server) = tcp_pair(options);
        thread::scope(|scope| {
            scope.spawn(|| {
                for byte in b"one by one" {
                    assert_eq!(client.send(&[*byte], 1000), 1);
                }
            });
            let mut buf = [0; 10];
            assert_eq!(server.recv_exact(&mut buf, 10_000), (10, 10));
            assert_eq!(&buf, b"one by one");
        });
    }
}

#[test]
fn stream_needs_room_but_nothing_may_be_sent() {
    let (client, server) = tcp_pair(PLAIN);
    assert_eq!(client.send(b"", 1000), 0);
    assert_eq!(client.send_all(b"", 1000), (0, 0));
    assert_eq!(server.recv(&mut [], 1000), BOJAGI_E_ARG);
    assert_eq!(server.recv_exact(&mut [], 1000), (BOJAGI_E_ARG, 0));
}
