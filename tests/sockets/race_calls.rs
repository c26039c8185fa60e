//! The same as in `race.rs`, of calls on frames, batches, files, pollers and connectors.

use crate::array::{Array, set, udp_pair};
use crate::connector::Connector;
use crate::frame::{Reader, format, send};
use crate::handle::*;
use crate::peer::{abstract_name, open_descriptors};
use crate::poller::Poller;
use crate::process::{child, is_child, succeeds};
use crate::race::{PERIOD, Random, byte_at, received_bytes, under_fire_until};
use bojagi::capi::frame::BOJAGI_FRAME_U16;
use bojagi::net::plain::BOJAGI_DATAGRAM_GROUPED;
use bojagi::net::readiness::BOJAGI_READABLE;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

/// Cancels that each test waits for.
const CANCELS: usize = 500;

#[test]
fn no_part_of_a_frame_is_lost_between_recv_frame_and_a_cancel() {
    let cancel = Cancel::new();
    let (client, server) = tcp_pair(PLAIN);
    assert_eq!(server.set_cancel(Some(&cancel)), 0);
    let over = AtomicBool::new(false);
    let frames = format(BOJAGI_FRAME_U16);
    thread::scope(|scope| {
        let sender = scope.spawn(|| {
            let (mut random, mut number) = (Random(1), 0usize);
            while !over.load(Ordering::SeqCst) {
                let payload = vec![byte_at(number); 1 + number % 40];
                let frame = crate::frame::written(&frames, &payload);
                // A frame comes in two pieces, and the cancel in between.
                let (one, other) = frame.split_at(1 + number % (frame.len() - 1));
                assert_eq!(client.send_all(one, 10_000).1, one.len());
                random.moment();
                assert_eq!(client.send_all(other, 10_000).1, other.len());
                number += 1;
                random.moment();
            }
            let mut done = 0;
            assert!(send(&client, &frames, b"", 10_000, &mut done) >= 0);
            number
        });
        let (mut reader, mut next) = (Reader::new(128), 0);
        let mut take = |timeout_ms| match reader.recv(&server, &frames, timeout_ms) {
            Err(code) => code,
            Ok(payload) if payload.is_empty() => 1,
            Ok(payload) => {
                assert_eq!(payload, vec![byte_at(next); 1 + next % 40], "frame {next}");
                next += 1;
                0
            }
        };
        under_fire_until(CANCELS, &cancel, || take(-1));
        cancel.reset();
        over.store(true, Ordering::SeqCst);
        while take(10_000) == 0 {}
        assert_eq!(next, sender.join().unwrap());
        assert!(next > 100, "only {next} frames");
    });
}

#[test]
fn no_datagram_is_lost_between_recv_batch_and_a_cancel() {
    let name = abstract_name();
    let server = Socket::unix_datagram_bind(Some(&name)).unwrap();
    datagrams_under_fire(&Socket::unix_datagram(&name, PLAIN).unwrap(), &server);
    let (client, server) = udp_pair("127.0.0.1");
    datagrams_under_fire(&client, &server);
    let (client, server) = udp_pair("127.0.0.1");
    assert!(set(&server, BOJAGI_DATAGRAM_GROUPED) >= 0);
    datagrams_under_fire(&client, &server);
}

fn datagrams_under_fire(client: &Socket, server: &Socket) {
    let cancel = Cancel::new();
    assert_eq!(server.set_cancel(Some(&cancel)), 0);
    let over = AtomicBool::new(false);
    let come = AtomicUsize::new(0);
    thread::scope(|scope| {
        let sender = scope.spawn(|| {
            let (mut random, mut number) = (Random(1), 0usize);
            while !over.load(Ordering::SeqCst) {
                // What has no room would be dropped.
                if number - come.load(Ordering::SeqCst) < 64 {
                    let batch = Array::of((number..number + 5).map(usize::to_le_bytes));
                    // A Unix socket has room for ten.
                    let (code, done) = batch.send(client, 10_000);
                    assert!(code > 0, "{code}");
                    number += done;
                }
                random.moment();
            }
            number
        });
        let mut array = Array::room(3, 8);
        let mut take = |timeout_ms| {
            let code = array.recv(server, timeout_ms);
            for index in 0..usize::try_from(code).unwrap_or(0) {
                let next = come.fetch_add(1, Ordering::SeqCst);
                assert_eq!(array.content(index), next.to_le_bytes(), "datagram {next}");
            }
            code
        };
        under_fire_until(CANCELS, &cancel, || take(-1));
        cancel.reset();
        over.store(true, Ordering::SeqCst);
        // It may wait for room.
        while !sender.is_finished() {
            take(1);
        }
        let sent = sender.join().unwrap();
        while take(0) > 0 {}
        assert_eq!(come.load(Ordering::SeqCst), sent);
        assert!(sent > 100, "only {sent} datagrams");
    });
}

#[test]
fn no_byte_is_lost_between_sendfile_and_a_cancel() {
    let cancel = Cancel::new();
    let (client, server) = tcp_pair(PLAIN);
    assert_eq!(client.set_cancel(Some(&cancel)), 0);
    let data: Vec<u8> = (0..PERIOD + 20_000).map(byte_at).collect();
    let file = crate::sendfile::file(&data);
    thread::scope(|scope| {
        let receiver = scope.spawn(|| received_bytes(&server));
        let mut sent = 0;
        under_fire_until(CANCELS, &cancel, || {
            let offset = i64::try_from(sent % PERIOD).unwrap();
            let (code, done) = client.sendfile(&file, offset, 20_000, -1);
            sent += usize::try_from(done).unwrap();
            code
        });
        assert_eq!(client.shutdown(bojagi::capi::socket::BOJAGI_SHUTDOWN_SEND), 0);
        assert_eq!(receiver.join().unwrap(), sent);
        assert!(sent > CANCELS, "only {sent} bytes");
    });
}

#[test]
fn no_event_is_lost_between_poller_wait_and_a_cancel() {
    let cancel = Cancel::new();
    let (client, server) = tcp_pair(PLAIN);
    let poller = Poller::new();
    assert_eq!(poller.add(server.fd(), BOJAGI_READABLE, 7), 0);
    assert_eq!(poller.set_cancel(Some(&cancel)), 0);
    let over = AtomicBool::new(false);
    let come = AtomicUsize::new(0);
    thread::scope(|scope| {
        let sender = scope.spawn(|| {
            let (mut random, mut sent) = (Random(1), 0);
            while !over.load(Ordering::SeqCst) {
                // Only a byte that was told makes room for the next.
                if sent == come.load(Ordering::SeqCst) {
                    assert_eq!(client.send(b"x", 10_000), 1);
                    sent += 1;
                }
                random.moment();
            }
            sent
        });
        let take = |timeout_ms| {
            let code = poller.code(timeout_ms);
            if code > 0 {
                while server.recv(&mut [0; 1], 0) == 1 {
                    come.fetch_add(1, Ordering::SeqCst);
                }
            }
            code
        };
        under_fire_until(CANCELS, &cancel, || take(-1));
        cancel.reset();
        over.store(true, Ordering::SeqCst);
        let sent = sender.join().unwrap();
        while come.load(Ordering::SeqCst) < sent {
            assert_eq!(take(10_000), 1, "an event was lost");
        }
        assert!(sent > 100, "only {sent} events");
    });
}

#[test]
fn no_connection_is_lost_between_connector_next_and_a_cancel() {
    let test = "race_calls::no_connection_is_lost_between_connector_next_and_a_cancel";
    if !is_child(test) {
        succeeds(child(test));
        return;
    }
    let before = open_descriptors();
    connectors_under_fire();
    assert_eq!(open_descriptors(), before);
}

fn connectors_under_fire() {
    let cancel = Cancel::new();
    let options = Options { cancel: Some(&cancel), ..PLAIN }.connect();
    let listener = Listener::tcp("127.0.0.1", PLAIN).unwrap();
    let over = AtomicBool::new(false);
    thread::scope(|scope| {
        let server = scope.spawn(|| {
            let mut count = 0;
            while !over.load(Ordering::SeqCst) {
                if let Ok(server) = listener.accept(20) {
                    assert_eq!(server.send(b"x", 1000), 1);
                    // No port stays busy behind a reset.
                    let _ = server.recv(&mut [0; 1], 10_000);
                    crate::tcp::linger_zero(server.fd());
                    count += 1;
                }
            }
            count
        });
        let (mut made, mut under_way) = (0, None);
        let mut take = |timeout_ms| {
            let connector = under_way
                .take()
                .unwrap_or_else(|| Connector::new("127.0.0.1", listener.port(), &options).unwrap());
            match connector.next(timeout_ms) {
                Err(code) => {
                    under_way = Some(connector);
                    code
                }
                Ok(client) => {
                    made += 1;
                    assert_eq!(client.set_cancel(None), 0);
                    assert_eq!(client.recv(&mut [0; 1], 10_000), 1);
                    0
                }
            }
        };
        under_fire_until(CANCELS, &cancel, || take(-1));
        cancel.reset();
        assert_eq!(take(10_000), 0, "{}", last_error().text());
        over.store(true, Ordering::SeqCst);
        assert_eq!(server.join().unwrap(), made, "a connection for each that was accepted");
        assert!(made > 100, "only {made} connections");
    });
}
