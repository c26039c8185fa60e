//! Signals: they end calls of interruptible handles, and only those.

use crate::handle::*;
use crate::process::{thread_id, until_asleep, until_polling};
use std::mem::zeroed;
use std::os::unix::thread::JoinHandleExt;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc;
use std::thread::{self, JoinHandle};

static HANDLED: AtomicU32 = AtomicU32::new(0);

extern "C" fn count(_: i32) {
    HANDLED.fetch_add(1, Ordering::SeqCst);
}

/// Installs a handler for the whole process; tests send it to single threads.
pub fn install(signal: i32, handler: usize, flags: i32) {
    let mut action: libc::sigaction = unsafe { zeroed() };
    action.sa_sigaction = handler;
    action.sa_flags = flags;
    assert_eq!(unsafe { libc::sigaction(signal, &action, std::ptr::null_mut()) }, 0);
}

/// Two signals: a handler without SA_RESTART, and one with.
pub fn signals() -> [i32; 2] {
    let (plain, restart) = (libc::SIGRTMIN(), libc::SIGRTMIN() + 1);
    install(plain, count as *const () as usize, 0);
    install(restart, count as *const () as usize, libc::SA_RESTART);
    [plain, restart]
}

/// Starts a call on another thread and returns when it sleeps in the system.
pub fn started<T: Send + 'static>(call: impl FnOnce() -> T + Send + 'static) -> JoinHandle<T> {
    known(call).1
}

/// The same, with the system's number of the thread.
fn known<T: Send + 'static>(call: impl FnOnce() -> T + Send + 'static) -> (i32, JoinHandle<T>) {
    let (send, recv) = mpsc::channel();
    let thread = thread::spawn(move || {
        send.send(thread_id()).unwrap();
        call()
    });
    let number = recv.recv().unwrap();
    until_asleep(number);
    (number, thread)
}

/// Signals the thread, and waits until the handler has run there.
pub fn signal<T>(thread: &JoinHandle<T>, signal: i32) {
    let before = HANDLED.load(Ordering::SeqCst);
    assert_eq!(unsafe { libc::pthread_kill(thread.as_pthread_t(), signal) }, 0);
    while HANDLED.load(Ordering::SeqCst) == before {
        thread::yield_now();
    }
}

/// Signals the thread until its call is over: between two of the system's calls one signal says nothing.
/// One at a time, for a queue that is full takes no more, and then the last call would wait for ever.
pub fn signal_until_over<T>(thread: &JoinHandle<T>, signal: i32) {
    while !thread.is_finished() {
        let before = HANDLED.load(Ordering::SeqCst);
        assert_eq!(unsafe { libc::pthread_kill(thread.as_pthread_t(), signal) }, 0);
        while HANDLED.load(Ordering::SeqCst) == before && !thread.is_finished() {
            thread::yield_now();
        }
    }
}

#[test]
fn interrupts_every_waiting_call_of_an_interruptible_handle() {
    let test = "signal::interrupts_every_waiting_call_of_an_interruptible_handle";
    if !crate::process::is_child(test) {
        crate::process::succeeds(crate::process::child(test));
        return;
    }
    for number in signals() {
        for timeout_ms in [-1, 30_000] {
            let (client, server) = tcp_pair(INTERRUPTIBLE);
            let thread = started(move || (client.recv(&mut [0; 1], timeout_ms), client));
            signal(&thread, number);
            let (code, client) = thread.join().unwrap();
            assert_eq!(code, BOJAGI_E_INTERRUPTED, "recv {number} {timeout_ms}");
            assert_eq!(server.send(b"x", 1000), 1);
            assert_eq!(client.recv(&mut [0; 1], 1000), 1, "nothing is lost");

            let (thread_number, thread) = known(move || client.recv_exact(&mut [0; 9], timeout_ms));
            assert_eq!(server.send(b"abc", 1000), 3);
            until_polling(thread_number);
            signal(&thread, number);
            assert_eq!(thread.join().unwrap(), (BOJAGI_E_INTERRUPTED, 3));

            let listener = Listener::tcp("127.0.0.1", INTERRUPTIBLE).unwrap();
            let thread = started(move || listener.accept(timeout_ms).err());
            signal(&thread, number);
            assert_eq!(thread.join().unwrap(), Some(BOJAGI_E_INTERRUPTED));

            let full = crate::peer::Full::new();
            let port = full.port();
            let thread =
                started(move || Socket::tcp("127.0.0.1", port, INTERRUPTIBLE, timeout_ms).err());
            signal(&thread, number);
            assert_eq!(thread.join().unwrap(), Some(BOJAGI_E_INTERRUPTED), "connect");
        }
    }
}

#[test]
fn send_all_that_is_interrupted_says_how_far_it_got() {
    let test = "signal::send_all_that_is_interrupted_says_how_far_it_got";
    if !crate::process::is_child(test) {
        crate::process::succeeds(crate::process::child(test));
        return;
    }
    for number in signals() {
        let (client, server) = tcp_pair(INTERRUPTIBLE);
        let thread = started(move || (client.send_all(&vec![1; 64 << 20], -1), client));
        signal_until_over(&thread, number);
        let ((code, done), client) = thread.join().unwrap();
        assert_eq!(code, BOJAGI_E_INTERRUPTED);
        drop(client);
        let mut all = vec![0; done];
        assert_eq!(server.recv_exact(&mut all, 10_000).1, done);
        assert_eq!(server.recv(&mut [0; 1], 10_000), 0);
    }
}

#[test]
fn a_call_of_another_handle_goes_on() {
    let test = "signal::a_call_of_another_handle_goes_on";
    if !crate::process::is_child(test) {
        crate::process::succeeds(crate::process::child(test));
        return;
    }
    for number in signals() {
        for timeout_ms in [-1, 30_000] {
            let (client, server) = tcp_pair(PLAIN);
            let thread = started(move || client.recv(&mut [0; 1], timeout_ms));
            signal(&thread, number);
            signal(&thread, number);
            assert_eq!(server.send(b"x", 1000), 1);
            assert_eq!(thread.join().unwrap(), 1);

            let listener = Listener::tcp("127.0.0.1", PLAIN).unwrap();
            let port = listener.port();
            let thread = started(move || listener.accept(timeout_ms).is_ok());
            signal(&thread, number);
            let _client = Socket::tcp("127.0.0.1", port, PLAIN, 1000).unwrap();
            assert!(thread.join().unwrap());
        }
    }
}

#[test]
fn the_budget_holds_after_signals() {
    let test = "signal::the_budget_holds_after_signals";
    if !crate::process::is_child(test) {
        crate::process::succeeds(crate::process::child(test));
        return;
    }
    let [plain, _] = signals();
    let (client, _server) = tcp_pair(PLAIN);
    let begun = std::time::Instant::now();
    let thread = started(move || client.recv(&mut [0; 1], 300));
    for _ in 0..10 {
        signal(&thread, plain);
    }
    assert_eq!(thread.join().unwrap(), BOJAGI_E_TIMEOUT);
    assert!(begun.elapsed() >= std::time::Duration::from_millis(300));
    assert!(begun.elapsed() < std::time::Duration::from_secs(20));
}
