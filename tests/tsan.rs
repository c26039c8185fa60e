//! What several threads may do at once, for ThreadSanitizer: `tests/tsan.sh` builds this crate and the
//! library with it. Run without it, the tests hold as well.
//!
//! The standard library is not instrumented: what threads tell each other through its channels and scopes
//! the sanitizer does not see. So these are threads of the system, which it knows, and they meet in atomics.
//! This is a program without the harness of the tests, for the same reason.
#![allow(
    clippy::undocumented_unsafe_blocks,
    reason = "each block calls the C ABI with handles and buffers that this crate keeps alive"
)]

#[path = "sockets/handle.rs"]
#[allow(dead_code, reason = "the other tests call the rest")]
mod handle;

use bojagi::capi::resolve::bojagi_resolve;
use bojagi::capi::socket::{BOJAGI_SHUTDOWN_BOTH, BOJAGI_SHUTDOWN_SEND};
use handle::*;
use std::ffi::c_void;
use std::ptr::{null, null_mut};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::yield_now;

type Body<'a> = Box<dyn FnOnce() + Send + 'a>;

/// Runs all of these at once, and ends when they have.
fn at_once(bodies: Vec<Body<'_>>) {
    extern "C" fn enter(body: *mut c_void) -> *mut c_void {
        let body = unsafe { Box::from_raw(body.cast::<Body<'static>>()) };
        // A claim that does not hold ends the program: it may not unwind into C.
        body();
        null_mut()
    }
    let begin = |body: Body<'_>| {
        let (mut thread, body) = (0, Box::into_raw(Box::new(body)));
        let status = unsafe { libc::pthread_create(&raw mut thread, null(), enter, body.cast()) };
        assert_eq!(status, 0);
        thread
    };
    let threads: Vec<_> = bodies.into_iter().map(begin).collect();
    for thread in threads {
        assert_eq!(unsafe { libc::pthread_join(thread, null_mut()) }, 0);
    }
}

fn main() {
    if std::env::args().any(|argument| argument == "race") {
        a_race_that_must_be_found();
        return;
    }
    let tests: [(&str, fn()); 5] = [
        ("a sender, a receiver and others share a socket", shared),
        ("a second caller and a change of the cancel are answered", answered),
        ("one cancel ends the calls of many sockets", many),
        ("what is freed after its threads have ended is nobody's any more", freed),
        ("many threads look names up", names),
    ];
    for (name, test) in tests {
        println!("test {name}");
        test();
    }
}

/// How much is sent under each test.
const AMOUNT: usize = 4 << 20;

fn shared() {
    let cancel = Cancel::new();
    let (client, server) = tcp_pair(PLAIN);
    assert_eq!(client.set_cancel(Some(&cancel)), 0);
    let over = AtomicBool::new(false);
    // The peer sends back what comes, until the end.
    let echo = || {
        let mut buf = vec![0; 50_000];
        loop {
            let count = usize::try_from(server.recv(&mut buf, -1)).unwrap();
            if count == 0 {
                break;
            }
            assert_eq!(server.send_all(&buf[..count], -1).1, count);
        }
        assert_eq!(server.shutdown(BOJAGI_SHUTDOWN_BOTH), 0);
    };
    let send = || {
        let (data, mut sent) = (vec![7; 40_000], 0);
        while sent < AMOUNT {
            let (code, done) = client.send_all(&data, 60_000);
            assert!(code == 40_000 || code == BOJAGI_E_CANCELLED, "{code}");
            sent += done;
        }
        assert_eq!(client.shutdown(BOJAGI_SHUTDOWN_SEND), 0);
    };
    let disturb = || {
        while !over.load(Ordering::SeqCst) {
            cancel.fire();
            assert!(client.fd() > 2 && client.peer().is_ok());
            client.local();
            cancel.reset();
            yield_now();
        }
    };
    let recv = || {
        let (mut buf, mut come) = (vec![0; 30_000], 0);
        loop {
            match client.recv(&mut buf, 60_000) {
                0 => break,
                BOJAGI_E_CANCELLED => {}
                count => come += usize::try_from(count).unwrap(),
            }
        }
        over.store(true, Ordering::SeqCst);
        assert!(come >= AMOUNT);
    };
    at_once(vec![Box::new(echo), Box::new(send), Box::new(disturb), Box::new(recv)]);
}

fn answered() {
    let (cancels, (client, server)) = ([Cancel::new(), Cancel::new()], tcp_pair(PLAIN));
    let (over, received) = (AtomicBool::new(false), AtomicUsize::new(0));
    let answered = |code: i64| assert!(code >= 0 || code == BOJAGI_E_STATE, "{code}");
    let attach = |cancel: &Cancel| {
        while !over.load(Ordering::SeqCst) {
            answered(client.set_cancel(Some(cancel)));
            answered(client.set_cancel(None));
            yield_now();
        }
    };
    let recv = || {
        while received.load(Ordering::SeqCst) < 2_000 {
            match client.recv(&mut [0; 1], 1) {
                1 => drop(received.fetch_add(1, Ordering::SeqCst)),
                code => assert!([BOJAGI_E_STATE, BOJAGI_E_TIMEOUT].contains(&code), "{code}"),
            }
        }
        over.store(true, Ordering::SeqCst);
    };
    let send = || {
        while !over.load(Ordering::SeqCst) {
            server.send(b"x", 1);
        }
    };
    at_once(vec![
        Box::new(|| attach(&cancels[0])),
        Box::new(|| attach(&cancels[1])),
        Box::new(recv),
        Box::new(recv),
        Box::new(send),
    ]);
}

fn many() {
    for _ in 0..20 {
        let cancel = Cancel::new();
        let options = Options { cancel: Some(&cancel), ..PLAIN };
        let listener = Listener::tcp("127.0.0.1", options).unwrap();
        let pairs: Vec<_> = (0..8).map(|_| tcp_pair(PLAIN)).collect();
        let sockets: Vec<&Socket> = pairs.iter().flat_map(|(one, other)| [one, other]).collect();
        let waiting = AtomicUsize::new(0);
        let mut bodies: Vec<Body<'_>> = Vec::new();
        for socket in &sockets {
            assert_eq!(socket.set_cancel(Some(&cancel)), 0);
            bodies.push(Box::new(|| {
                waiting.fetch_add(1, Ordering::SeqCst);
                assert_eq!(socket.recv(&mut [0; 1], -1), BOJAGI_E_CANCELLED);
            }));
        }
        bodies.push(Box::new(|| {
            waiting.fetch_add(1, Ordering::SeqCst);
            assert_eq!(listener.accept(-1).err(), Some(BOJAGI_E_CANCELLED));
        }));
        bodies.push(Box::new(|| {
            while waiting.load(Ordering::SeqCst) <= sockets.len() {
                yield_now();
            }
            cancel.fire();
        }));
        at_once(bodies);
    }
}

fn freed() {
    for _ in 0..100 {
        let (client, server) = tcp_pair(PLAIN);
        let cancel = Cancel::new();
        assert_eq!(client.set_cancel(Some(&cancel)), 0);
        at_once(vec![
            Box::new(|| assert_eq!(client.recv_exact(&mut [0; 4], -1), (4, 4))),
            Box::new(|| {
                assert_eq!(server.send_all(b"last", -1), (4, 4));
                drop(server);
            }),
            // The socket keeps what it needs of it.
            Box::new(|| drop(cancel)),
        ]);
        drop(client);
    }
}

fn names() {
    let cancel = Cancel::new();
    let look_up = |cancel: Option<&Cancel>, timeout_ms| {
        let cancel = cancel.map_or(null_mut(), |cancel| cancel.0);
        let (host, mut room) = (c("localhost"), [no_address(); 4]);
        unsafe { bojagi_resolve(host.as_ptr(), 80, cancel, timeout_ms, room.as_mut_ptr(), 4) }
    };
    let patient = || {
        for _ in 0..50 {
            assert!(look_up(None, 60_000) > 0);
        }
    };
    let hurried = || {
        for _ in 0..50 {
            let count = look_up(Some(&cancel), 1);
            let gave_up = [BOJAGI_E_TIMEOUT, BOJAGI_E_CANCELLED].contains(&count);
            assert!(count > 0 || gave_up, "{count}");
        }
    };
    let disturb = || {
        for _ in 0..200 {
            cancel.fire();
            cancel.reset();
            yield_now();
        }
    };
    let mut bodies: Vec<Body<'_>> = vec![Box::new(disturb)];
    for _ in 0..12 {
        bodies.push(Box::new(patient));
        bodies.push(Box::new(hurried));
    }
    at_once(bodies);
}

/// A buffer that a call fills while another thread looks into it: shows that the sanitizer sees what it
/// is here for. `tests/tsan.sh` expects it to end this.
fn a_race_that_must_be_found() {
    let (client, server) = tcp_pair(PLAIN);
    let mut buf = [0u8; 8];
    let at = buf.as_mut_ptr() as usize;
    at_once(vec![
        Box::new(move || assert!(unsafe { (at as *const u8).read_volatile() } < 2)),
        Box::new(move || {
            let buf = unsafe { std::slice::from_raw_parts_mut(at as *mut u8, 8) };
            assert_eq!(client.send(&[1], 1000), 1);
            assert_eq!(server.recv(buf, 1000), 1);
        }),
    ]);
}
