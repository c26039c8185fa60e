//! Budgets end calls, never early and not much too late.

use crate::handle::*;
use crate::option_handle::pair;
use crate::peer;
use crate::vector::piece;
use bojagi::capi::deadline::*;
use bojagi::capi::option::bojagi_socket_set_option;
use bojagi::capi::rights::bojagi_socket_send_fds;
use bojagi::capi::sendfile::bojagi_socket_sendfile;
use bojagi::capi::vector::bojagi_socket_send_vectored;
use bojagi::net::option::id::{BOJAGI_KIND_UNIX_STREAM, BOJAGI_OPTION_SEND_BUFFER};
use std::os::fd::AsRawFd;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

const BUDGET: i64 = 40;

/// Runs a call that must use up its budget.
fn runs_out(call: impl FnOnce() -> i64) {
    let begun = Instant::now();
    assert_eq!(call(), BOJAGI_E_TIMEOUT);
    let took = begun.elapsed();
    assert!(took >= Duration::from_millis(40), "early: {took:?}");
    assert!(took < Duration::from_secs(10), "late: {took:?}");
}

#[test]
fn recv_ends_with_its_budget_in_every_mode() {
    let cancel = Cancel::new();
    for options in [PLAIN, INTERRUPTIBLE, Options { cancel: Some(&cancel), ..PLAIN }] {
        let (client, _server) = tcp_pair(options);
        runs_out(|| client.recv(&mut [0; 1], BUDGET));
        runs_out(|| client.recv(&mut [0; 1], BUDGET));
        assert_eq!(client.recv(&mut [0; 1], 0), BOJAGI_E_AGAIN);
    }
}

#[test]
fn accept_ends_with_its_budget_in_every_mode() {
    let cancel = Cancel::new();
    for options in [PLAIN, INTERRUPTIBLE, Options { cancel: Some(&cancel), ..PLAIN }] {
        let listener = Listener::tcp("127.0.0.1", options).unwrap();
        runs_out(|| listener.accept(BUDGET).err().unwrap());
        assert_eq!(listener.accept(0).err(), Some(BOJAGI_E_AGAIN));
        runs_out(|| listener.accept(BUDGET).err().unwrap());
        let _client = Socket::tcp("127.0.0.1", listener.port(), PLAIN, 1000).unwrap();
        assert!(listener.accept(-1).is_ok());
    }
}

#[test]
fn a_connection_does_not_inherit_the_budget_of_its_accept() {
    let listener = Listener::tcp("127.0.0.1", PLAIN).unwrap();
    runs_out(|| listener.accept(BUDGET).err().unwrap());
    let client = Socket::tcp("127.0.0.1", listener.port(), PLAIN, 1000).unwrap();
    let server = listener.accept(BUDGET).unwrap();
    std::thread::scope(|scope| {
        let thread = scope.spawn(|| server.recv(&mut [0; 1], -1));
        runs_out(|| client.recv(&mut [0; 1], BUDGET * 2).min(BOJAGI_E_TIMEOUT));
        assert!(!thread.is_finished());
        assert_eq!(client.send(b"x", 1000), 1);
        assert_eq!(thread.join().unwrap(), 1);
    });
}

#[test]
fn connect_ends_with_its_budget() {
    let full = peer::Full::new();
    let cancel = Cancel::new();
    for options in [PLAIN, INTERRUPTIBLE, Options { cancel: Some(&cancel), ..PLAIN }] {
        runs_out(|| Socket::tcp("127.0.0.1", full.port(), options, BUDGET).err().unwrap());
        let again = Socket::tcp("127.0.0.1", full.port(), options, 0).err();
        assert_eq!(again, Some(BOJAGI_E_AGAIN));
    }
}

#[test]
fn send_to_a_full_unix_peer_ends_with_its_budget() {
    let name = peer::abstract_name();
    let listener = Listener::unix(&name, PLAIN).unwrap();
    let client = Socket::unix(&name, PLAIN, 1000).unwrap();
    let server = listener.accept(1000).unwrap();
    runs_out(|| client.send_all(&vec![1; 8 << 20], BUDGET).0);
    runs_out(|| client.send(&vec![1; 1 << 20], BUDGET));
    runs_out(|| client.send(&[1; 64], BUDGET));
    drop(server);
}

#[test]
fn connect_to_a_full_unix_backlog_ends_with_its_budget() {
    let name = peer::abstract_name();
    let listener = Listener::unix(&name, Options { backlog: 1, ..PLAIN }).unwrap();
    let cancel = Cancel::new();
    let mut waiting = Vec::new();
    while let Ok(socket) = Socket::unix(&name, PLAIN, 0) {
        waiting.push(socket);
    }
    for options in [PLAIN, INTERRUPTIBLE, Options { cancel: Some(&cancel), ..PLAIN }] {
        runs_out(|| Socket::unix(&name, options, BUDGET).err().unwrap());
        assert_eq!(Socket::unix(&name, options, 0).err(), Some(BOJAGI_E_AGAIN));
    }
    assert!(listener.accept(1000).is_ok());
    assert!(Socket::unix(&name, PLAIN, 1000).is_ok());
}

#[test]
fn send_to_a_full_unix_datagram_queue_ends_with_its_budget() {
    let name = peer::abstract_name();
    let receiver = Socket::unix_datagram_bind(Some(&name)).unwrap();
    let cancel = Cancel::new();
    let to = unix_address(&name).unwrap();
    for cancel in [None, Some(&cancel)] {
        let connected = Socket::unix_datagram(&name, Options { cancel, ..PLAIN }).unwrap();
        while connected.send(b"x", 0) == 1 {}
        runs_out(|| connected.send(b"x", BUDGET));
        let sender = Socket::unix_datagram_bind(None).unwrap();
        assert_eq!(sender.set_cancel(cancel), 0);
        assert_eq!(sender.send_to(b"x", &to, 0), BOJAGI_E_AGAIN);
        runs_out(|| sender.send_to(b"x", &to, BUDGET));
    }
    assert_eq!(receiver.recv(&mut [0; 1], 0), 1);
}

#[test]
fn deadline_shares_one_budget_over_calls() {
    let (client, _server) = tcp_pair(PLAIN);
    let begun = Instant::now();
    let deadline = bojagi_deadline_after(60);
    let left = bojagi_deadline_left(deadline);
    assert!((1..=60).contains(&left), "{left}");
    while bojagi_deadline_left(deadline) > 0 {
        let slice = bojagi_deadline_left(deadline).min(25);
        assert_eq!(
            client.recv(&mut [0; 1], slice),
            if slice == 0 { BOJAGI_E_AGAIN } else { BOJAGI_E_TIMEOUT }
        );
    }
    assert!(begun.elapsed() >= Duration::from_millis(60));
    assert!(begun.elapsed() < Duration::from_secs(10));
}

#[test]
fn deadline_passes_for_ever_and_errors_through() {
    assert_eq!(bojagi_deadline_after(-1), -1);
    assert_eq!(bojagi_deadline_left(-1), -1);
    assert_eq!(bojagi_deadline_left(bojagi_deadline_after(0)), 0);
    let wrong = bojagi_deadline_after(-2);
    assert_eq!((wrong, bojagi_deadline_left(wrong)), (BOJAGI_E_ARG, BOJAGI_E_ARG));
    let (client, _server) = tcp_pair(PLAIN);
    assert_eq!(client.recv(&mut [0; 1], bojagi_deadline_left(wrong)), BOJAGI_E_ARG);
    assert!(bojagi_deadline_left(bojagi_deadline_after(i64::MAX)) > 1 << 40);
}

/// The system begins its own time-out anew for each piece that it makes of the bytes.
#[test]
fn unix_stream_that_drains_slowly_does_not_stretch_a_budget() {
    const LONG: i64 = 400;
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/include/bojagi.h");
    let file = std::fs::File::open(path).unwrap();
    let fd = i64::from(file.as_raw_fd());
    let (data, fds, none) = (vec![7; 40_000], [fd], std::ptr::null_mut());
    let (at, len, pieces) = (data.as_ptr().cast(), data.len(), [piece(&data)]);
    type Send<'a> = &'a dyn Fn(&Socket) -> i64;
    let calls: [Send<'_>; 4] = [
        &|one| one.send(&data, LONG),
        &|one| unsafe { bojagi_socket_send_vectored(one.0, pieces.as_ptr(), 1, LONG) },
        &|one| unsafe { bojagi_socket_send_fds(one.0, at, len, fds.as_ptr(), 1, LONG) },
        &|one| unsafe { bojagi_socket_sendfile(one.0, fd, 0, 16_384, LONG, none) },
    ];
    for (index, call) in calls.iter().enumerate() {
        let (one, other) = pair(BOJAGI_KIND_UNIX_STREAM, PLAIN).unwrap();
        let small = unsafe { bojagi_socket_set_option(one.0, BOJAGI_OPTION_SEND_BUFFER, 1) };
        assert_eq!(small, 0);
        let is_over = AtomicBool::new(false);
        let took = thread::scope(|scope| {
            scope.spawn(|| {
                let (idle, mut room) = (Socket::udp_bind("127.0.0.1").unwrap(), [0; 4096]);
                while !is_over.load(Ordering::SeqCst) {
                    assert_eq!(idle.recv(&mut [0; 1], LONG - 50), BOJAGI_E_TIMEOUT);
                    assert!(other.recv(&mut room, 0) != 0);
                }
            });
            let begun = Instant::now();
            call(&one);
            is_over.store(true, Ordering::SeqCst);
            begun.elapsed()
        });
        assert!(took < Duration::from_secs(2), "{index}: {took:?}");
    }
}
