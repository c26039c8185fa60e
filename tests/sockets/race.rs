//! A cancel that is fired at any moment around the completion of a call: either the call has done its
//! work or it says CANCELLED, and what it has not done the next one does.

use crate::handle::*;
use crate::peer::abstract_name;
use bojagi::capi::socket::{BOJAGI_SHUTDOWN_BOTH, BOJAGI_SHUTDOWN_SEND};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// Cancels that each test waits for; the four together see 10,000.
const CANCELS: usize = 2_500;

/// Makes `call` until it was cancelled [`CANCELS`] times, while another thread fires at random moments.
/// The call says its code; any but CANCELLED is its own business.
fn under_fire(cancel: &Cancel, call: impl FnMut() -> i64) {
    under_fire_until(CANCELS, cancel, call);
}

/// The same, until it was cancelled `cancels` times.
pub fn under_fire_until(cancels: usize, cancel: &Cancel, mut call: impl FnMut() -> i64) {
    let over = AtomicBool::new(false);
    let begun = Instant::now();
    thread::scope(|scope| {
        scope.spawn(|| {
            let mut random = Random(4711);
            while !over.load(Ordering::SeqCst) {
                random.moment();
                cancel.fire();
                while cancel.fired() && !over.load(Ordering::SeqCst) {
                    thread::yield_now();
                }
            }
        });
        let mut seen = 0;
        while seen < cancels {
            assert!(begun.elapsed() < Duration::from_secs(100), "only {seen} cancels");
            if call() == BOJAGI_E_CANCELLED {
                seen += 1;
                cancel.reset();
            }
        }
        over.store(true, Ordering::SeqCst);
    });
    works_after(cancel);
}

/// A cancel that was reset is as good as new.
fn works_after(cancel: &Cancel) {
    cancel.reset();
    let (one, other) = tcp_pair(PLAIN);
    assert_eq!(other.set_cancel(Some(cancel)), 0);
    assert_eq!(one.send(b"x", 1000), 1);
    assert_eq!(other.recv(&mut [0; 1], 10_000), 1);
    assert_eq!(other.recv(&mut [0; 1], 1), BOJAGI_E_TIMEOUT);
    cancel.fire();
    assert_eq!(other.recv(&mut [0; 1], 10_000), BOJAGI_E_CANCELLED);
}

#[test]
fn no_byte_is_lost_between_recv_recv_exact_and_a_cancel() {
    let cancel = Cancel::new();
    let (client, server) = tcp_pair(PLAIN);
    assert_eq!(server.set_cancel(Some(&cancel)), 0);
    let over = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            let (mut random, mut sent) = (Random(1), 0);
            while !over.load(Ordering::SeqCst) {
                let len = 1 + usize::try_from(random.below(40)).unwrap();
                let data: Vec<u8> = (sent..sent + len).map(byte_at).collect();
                assert_eq!(client.send_all(&data, 10_000).1, len);
                sent += len;
                random.moment();
            }
            assert_eq!(client.shutdown(BOJAGI_SHUTDOWN_SEND), 0);
        });
        let (mut come, mut buf, mut calls) = (0, [0; 16], 0);
        let mut take = |timeout_ms| {
            calls += 1;
            let (code, count) = if calls % 2 == 0 {
                server.recv_exact(&mut buf, timeout_ms)
            } else {
                let code = server.recv(&mut buf, timeout_ms);
                (code, usize::try_from(code).unwrap_or(0))
            };
            assert!(buf[..count].iter().zip(come..).all(|(&got, at)| got == byte_at(at)), "{come}");
            come += count;
            code
        };
        under_fire(&cancel, || take(-1));
        cancel.reset();
        over.store(true, Ordering::SeqCst);
        while !matches!(take(10_000), 0 | BOJAGI_E_CLOSED) {}
        assert!(come > CANCELS, "only {come} bytes");
    });
}

#[test]
fn no_byte_is_lost_between_send_send_all_and_a_cancel() {
    let cancel = Cancel::new();
    let (client, server) = tcp_pair(PLAIN);
    assert_eq!(client.set_cancel(Some(&cancel)), 0);
    thread::scope(|scope| {
        let receiver = scope.spawn(|| received_bytes(&server));
        let data: Vec<u8> = (0..PERIOD + 20_000).map(byte_at).collect();
        let (mut sent, mut calls) = (0, 0);
        under_fire(&cancel, || {
            calls += 1;
            let from = &data[sent % PERIOD..][..20_000];
            let (code, count) = if calls % 2 == 0 {
                client.send_all(from, -1)
            } else {
                let code = client.send(from, -1);
                (code, usize::try_from(code).unwrap_or(0))
            };
            sent += count;
            code
        });
        assert_eq!(client.shutdown(BOJAGI_SHUTDOWN_SEND), 0);
        assert_eq!(receiver.join().unwrap(), sent);
        assert!(sent > CANCELS, "only {sent} bytes");
    });
}

#[test]
fn no_connection_is_lost_between_accept_and_a_cancel() {
    let cancel = Cancel::new();
    let name = abstract_name();
    let listener = Listener::unix(&name, Options { cancel: Some(&cancel), ..PLAIN }).unwrap();
    let over = AtomicBool::new(false);
    thread::scope(|scope| {
        let clients = scope.spawn(|| {
            let (mut random, mut number) = (Random(1), 0u64);
            while !over.load(Ordering::SeqCst) {
                let client = Socket::unix(&name, PLAIN, 10_000).unwrap();
                assert_eq!(client.send(&number.to_le_bytes(), 1000), 8);
                number += 1;
                random.moment();
            }
            number
        });
        let mut next = 0;
        let mut accept = |timeout_ms| match listener.accept(timeout_ms) {
            Err(code) => code,
            Ok(server) => {
                let mut buf = [0; 8];
                assert_eq!(server.recv_exact(&mut buf, 10_000).1, 8);
                assert_eq!(u64::from_le_bytes(buf), next);
                next += 1;
                0
            }
        };
        under_fire(&cancel, || accept(-1));
        cancel.reset();
        over.store(true, Ordering::SeqCst);
        while !clients.is_finished() {
            accept(1);
        }
        while accept(0) == 0 {}
        assert_eq!(next, clients.join().unwrap());
        assert!(next > 100, "only {next} connections");
    });
}

#[test]
fn a_connect_is_made_or_cancelled_and_leaves_no_descriptor() {
    let test = "race::a_connect_is_made_or_cancelled_and_leaves_no_descriptor";
    if !crate::process::is_child(test) {
        crate::process::succeeds(crate::process::child(test));
        return;
    }
    let open = || std::fs::read_dir("/proc/self/fd").unwrap().count();
    let before = open();
    connect_under_fire();
    assert_eq!(open(), before);
}

fn connect_under_fire() {
    let cancel = Cancel::new();
    let options = Options { cancel: Some(&cancel), ..PLAIN };
    let listener = Listener::tcp("127.0.0.1", PLAIN).unwrap();
    let over = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            while !over.load(Ordering::SeqCst) {
                if let Ok(server) = listener.accept(20) {
                    // The one that was cancelled may have gone, and no port stays busy behind a reset.
                    server.send(b"x", 1000);
                    let _ = server.recv(&mut [0; 1], 10_000);
                    crate::tcp::linger_zero(server.fd());
                }
            }
        });
        let mut made = 0;
        under_fire(&cancel, || match Socket::tcp("127.0.0.1", listener.port(), options, -1) {
            Err(code) => code,
            Ok(client) => {
                made += 1;
                assert_eq!(client.set_cancel(None), 0);
                assert_eq!(client.recv(&mut [0; 1], 10_000), 1);
                assert_eq!(client.shutdown(BOJAGI_SHUTDOWN_BOTH), 0);
                0
            }
        });
        over.store(true, Ordering::SeqCst);
        assert!(made > 100, "only {made} connections");
    });
}

/// Receives the stream to its end; how many bytes that were.
pub fn received_bytes(server: &Socket) -> usize {
    let (mut come, mut buf) = (0, vec![0; 60_000]);
    loop {
        let count = usize::try_from(server.recv(&mut buf, 100_000)).unwrap();
        let got = &buf[..count];
        assert!(got.iter().zip(come..).all(|(&got, at)| got == byte_at(at)), "{come}");
        come += count;
        if count == 0 {
            return come;
        }
    }
}

/// The stream that is sent: a byte that is lost or doubled shows within a few.
pub fn byte_at(at: usize) -> u8 {
    let at = u32::try_from(at % PERIOD).unwrap();
    u8::try_from(at.wrapping_mul(2_654_435_761) >> 24).unwrap()
}

/// After so many bytes the stream begins again.
pub const PERIOD: usize = 65_521;

/// Numbers that look random, the same in each run (xorshift).
pub struct Random(pub u64);

impl Random {
    pub fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % end
    }

    /// Lets a moment pass that is long for a system call, or none.
    pub fn moment(&mut self) {
        for _ in 0..self.below(4_000) {
            std::hint::spin_loop();
        }
    }
}
