//! Vectored calls and peek: many pieces, one system call, and nothing of the caller's is changed.

use crate::handle::*;
use crate::process;
use bojagi::capi::socket::{bojagi_socket_peek, bojagi_socket_set_spin};
use bojagi::capi::vector::*;
use bojagi::net::sys::vector::IoVec;
use std::ptr::{null, null_mut};
use std::thread;

pub fn piece(data: &[u8]) -> IoVec {
    IoVec { data: data.as_ptr().cast_mut().cast(), len: data.len() }
}

fn room(buf: &mut [u8]) -> IoVec {
    IoVec { data: buf.as_mut_ptr().cast(), len: buf.len() }
}

const NOTHING: IoVec = IoVec { data: null_mut(), len: 0 };

impl Socket {
    fn send_vectored(&self, pieces: &[IoVec], timeout_ms: i64) -> i64 {
        unsafe { bojagi_socket_send_vectored(self.0, pieces.as_ptr(), pieces.len(), timeout_ms) }
    }

    pub fn send_all_vectored(&self, pieces: &[IoVec], timeout_ms: i64) -> (i64, usize) {
        let (at, len, mut done) = (pieces.as_ptr(), pieces.len(), usize::MAX);
        let result =
            unsafe { bojagi_socket_send_all_vectored(self.0, at, len, timeout_ms, &mut done) };
        (result, done)
    }

    fn recv_vectored(&self, pieces: &[IoVec], timeout_ms: i64) -> i64 {
        unsafe { bojagi_socket_recv_vectored(self.0, pieces.as_ptr(), pieces.len(), timeout_ms) }
    }

    fn peek(&self, buf: &mut [u8], timeout_ms: i64) -> i64 {
        unsafe { bojagi_socket_peek(self.0, buf.as_mut_ptr().cast(), buf.len(), timeout_ms) }
    }
}

/// Bytes that tell their place.
pub fn pattern(len: usize) -> Vec<u8> {
    (0..len).map(|at| u8::try_from(at % 251).unwrap()).collect()
}

#[test]
fn pieces_go_out_in_order_and_come_in_in_order() {
    let (client, server) = tcp_pair(PLAIN);
    let pieces = [NOTHING, piece(b"one "), NOTHING, piece(b""), piece(b"two "), piece(b"three")];
    assert_eq!(client.send_vectored(&pieces, 1000), 13);
    let (mut first, mut second, mut third) = ([0; 2], [0; 3], [0; 20]);
    let rooms = [NOTHING, room(&mut first), NOTHING, room(&mut second), room(&mut third)];
    assert_eq!(server.recv_vectored(&rooms, 1000), 13);
    assert_eq!((&first, &second, &third[..8]), (b"on", b"e t", &b"wo three"[..]));
    assert_eq!(client.send_vectored(&[], 1000), 0);
    assert_eq!(client.send_all_vectored(&[NOTHING; 3], 1000), (0, 0));
    assert_eq!(server.recv_vectored(&[], 0), BOJAGI_E_ARG);
    assert_eq!(server.recv_vectored(&[NOTHING; 2], 0), BOJAGI_E_ARG);
    drop(client);
    assert_eq!(server.recv_vectored(&rooms, 1000), 0);
}

#[test]
fn one_datagram_is_one_datagram() {
    let server = Socket::udp_bind("127.0.0.1").unwrap();
    let port = u32::try_from(port(&server.local())).unwrap();
    let client = Socket::udp("127.0.0.1", port, 1000).unwrap();
    assert_eq!(client.send_vectored(&[piece(b"ab"), NOTHING, piece(b"cd")], 1000), 4);
    assert_eq!(client.send_all_vectored(&[piece(b"ef"), piece(b"gh")], 1000), (4, 4));
    assert_eq!(client.send_vectored(&[], 1000), 0);
    let (mut first, mut second) = ([0; 1], [0; 3]);
    assert_eq!(server.recv_vectored(&[room(&mut first), room(&mut second)], 1000), 4);
    assert_eq!((&first, &second), (b"a", b"bcd"));
    assert_eq!(server.recv_vectored(&[room(&mut second)], 1000), BOJAGI_E_SPACE);
    assert_eq!((&second, last_error().offset), (b"efg", 4));
    assert_eq!(server.recv_vectored(&[room(&mut second)], 1000), 0, "the empty datagram");
    let many = vec![piece(b"x"); 1025];
    assert_eq!(client.send_vectored(&many[..1024], 1000), 1024);
    for code in [client.send_vectored(&many, 1000), client.send_all_vectored(&many, 1000).0] {
        assert_eq!(code, BOJAGI_E_ARG);
        assert!(last_error().text().contains("1024"), "{}", last_error().text());
    }
    assert_eq!(client.recv_vectored(&many, 0), BOJAGI_E_ARG);
}

#[test]
fn any_number_of_pieces_arrives_whole_though_every_call_is_short() {
    let cancel = Cancel::new();
    for options in [PLAIN, INTERRUPTIBLE, Options { cancel: Some(&cancel), ..PLAIN }] {
        let (client, server) = tcp_pair(options);
        let data = pattern(4 << 20);
        // Pieces of every size from 0 on, more than one call takes, and two that no call takes whole.
        let (mut pieces, mut at) = (vec![NOTHING; 2000], 0);
        for size in (0..1000).chain([1 << 20, 2 << 20]) {
            pieces.push(piece(&data[at..at + size]));
            at += size;
        }
        pieces.push(piece(&data[at..]));
        let before: Vec<_> = pieces.iter().map(|piece| (piece.data, piece.len)).collect();
        thread::scope(|scope| {
            let reader = scope.spawn(|| {
                let mut all = vec![0; data.len()];
                assert_eq!(server.recv_exact(&mut all, 20_000).1, data.len());
                all
            });
            let len = i64::try_from(data.len()).unwrap();
            assert_eq!(client.send_all_vectored(&pieces, 20_000), (len, data.len()));
            assert!(reader.join().unwrap() == data);
        });
        let after: Vec<_> = pieces.iter().map(|piece| (piece.data, piece.len)).collect();
        assert!(before == after, "the caller's array was changed");
    }
}

#[test]
fn a_full_peer_and_a_cancel_say_how_far_it_got() {
    let cancel = Cancel::new();
    let data = pattern(8 << 20);
    let (front, back) = data.split_at(12_345);
    let pieces = [piece(front), NOTHING, piece(back)];
    for timeout_ms in [0, 60, -1] {
        let (client, server) = tcp_pair(PLAIN);
        let (code, done) = if timeout_ms < 0 {
            assert_eq!(client.set_cancel(Some(&cancel)), 0);
            let mut done = 0;
            let call = || {
                let (code, count) = client.send_all_vectored(&[piece(front), piece(back)], -1);
                done = count;
                code
            };
            let code = process::during(call, || cancel.fire());
            (code, done)
        } else {
            client.send_all_vectored(&pieces, timeout_ms)
        };
        let expected = match timeout_ms {
            0 => BOJAGI_E_AGAIN,
            60 => BOJAGI_E_TIMEOUT,
            _ => BOJAGI_E_CANCELLED,
        };
        assert_eq!(code, expected);
        let mut all = vec![0; done];
        assert_eq!(server.recv_exact(&mut all, 10_000).1, done);
        assert!(all == data[..done]);
        assert_eq!(server.recv(&mut [0; 1], 0), BOJAGI_E_AGAIN);
    }
}

#[test]
fn wrong_pieces_are_refused() {
    let (client, _server) = tcp_pair(PLAIN);
    let (bad, data) = (IoVec { data: null_mut(), len: 1 }, [0u8; 1]);
    let huge = IoVec { len: usize::MAX / 2, ..piece(&data) };
    for pieces in [&[piece(&data), bad][..], &[huge, huge], &[huge, piece(&data), huge]] {
        assert_eq!(client.send_vectored(pieces, 0), BOJAGI_E_ARG);
        assert_eq!(client.send_all_vectored(pieces, 0), (BOJAGI_E_ARG, 0));
        assert_eq!(client.recv_vectored(pieces, 0), BOJAGI_E_ARG);
    }
    let list = [piece(&data)];
    let skew = list.as_ptr().wrapping_byte_add(1);
    for (at, count) in [(null(), 1), (skew, 1), (list.as_ptr(), usize::MAX)] {
        assert_eq!(unsafe { bojagi_socket_send_vectored(client.0, at, count, 0) }, BOJAGI_E_ARG);
        assert_eq!(unsafe { bojagi_socket_recv_vectored(client.0, at, count, 0) }, BOJAGI_E_ARG);
    }
    assert_eq!(unsafe { bojagi_socket_send_vectored(null_mut(), null(), 0, 0) }, BOJAGI_E_ARG);
    assert_eq!(client.send_vectored(&list, -2), BOJAGI_E_ARG);
    assert_eq!(client.recv_vectored(&list, -2), BOJAGI_E_ARG);
}

#[test]
fn what_was_peeked_at_is_still_there() {
    let (client, server) = tcp_pair(PLAIN);
    let mut buf = [0; 8];
    assert_eq!(server.peek(&mut buf, 0), BOJAGI_E_AGAIN);
    assert_eq!(server.peek(&mut buf, 30), BOJAGI_E_TIMEOUT);
    assert_eq!(server.peek(&mut [], 0), BOJAGI_E_ARG);
    assert_eq!(client.send(b"abcdef", 1000), 6);
    for _ in 0..2 {
        assert_eq!(server.peek(&mut buf[..3], 1000), 3);
        assert_eq!(&buf[..3], b"abc");
    }
    assert_eq!(server.recv_exact(&mut buf[..6], 1000), (6, 6));
    assert_eq!(&buf[..6], b"abcdef");
    drop(client);
    assert_eq!((server.peek(&mut buf, 1000), server.peek(&mut buf, 1000)), (0, 0));
}

#[test]
fn a_cancel_ends_a_peek() {
    let cancel = Cancel::new();
    let (_client, server) = tcp_pair(Options { cancel: Some(&cancel), ..PLAIN });
    assert_eq!(server.set_cancel(Some(&cancel)), 0);
    let code = process::during(|| server.peek(&mut [0; 1], -1), || cancel.fire());
    assert_eq!(code, BOJAGI_E_CANCELLED);
}

#[test]
fn a_datagram_that_was_peeked_at_is_not_lost_when_it_did_not_fit() {
    let server = Socket::udp_bind("127.0.0.1").unwrap();
    let port = u32::try_from(port(&server.local())).unwrap();
    let client = Socket::udp("127.0.0.1", port, 1000).unwrap();
    assert_eq!(client.send(b"0123456789", 1000), 10);
    let mut buf = [0; 16];
    for cap in [0, 4] {
        assert_eq!(server.peek(&mut buf[..cap], 1000), BOJAGI_E_SPACE);
        assert_eq!(last_error().offset, 10);
        assert!(last_error().text().contains("still there"), "{}", last_error().text());
    }
    assert_eq!(&buf[..4], b"0123");
    assert_eq!(server.peek(&mut buf, 1000), 10);
    assert_eq!(server.recv(&mut buf, 1000), 10);
    assert_eq!(&buf[..10], b"0123456789");
    assert_eq!(server.peek(&mut buf, 0), BOJAGI_E_AGAIN);
}

#[test]
fn spin_keeps_budget_and_cancel() {
    let (client, server) = tcp_pair(PLAIN);
    let set = |us| unsafe { bojagi_socket_set_spin(server.0, us) };
    assert_eq!((set(1001), set(u32::MAX), set(1000)), (BOJAGI_E_ARG, BOJAGI_E_ARG, 0));
    assert_eq!(unsafe { bojagi_socket_set_spin(null_mut(), 0) }, BOJAGI_E_ARG);
    let mut buf = [0; 4];
    assert_eq!(server.recv(&mut buf, 0), BOJAGI_E_AGAIN);
    for timeout_ms in [1, 30] {
        let begun = std::time::Instant::now();
        assert_eq!(server.recv(&mut buf, timeout_ms), BOJAGI_E_TIMEOUT);
        let most = std::time::Duration::from_secs(10);
        let least = std::time::Duration::from_millis(u64::try_from(timeout_ms).unwrap());
        assert!((least..most).contains(&begun.elapsed()));
    }
    assert_eq!(client.send(b"ping", 1000), 4);
    assert_eq!(server.recv(&mut buf, -1), 4);
    assert_eq!(
        process::during(|| server.recv(&mut [0; 4], -1), || assert_eq!(client.send(b"x", 9), 1)),
        1
    );
    let cancel = Cancel::new();
    assert_eq!(server.set_cancel(Some(&cancel)), 0);
    let code = process::during(|| server.recv(&mut [0; 4], -1), || cancel.fire());
    assert_eq!(code, BOJAGI_E_CANCELLED);
    assert_eq!(server.recv(&mut buf, -1), BOJAGI_E_CANCELLED, "a fired cancel ends it at once");
}
