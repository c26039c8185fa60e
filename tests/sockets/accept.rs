//! Accepting: in batches, and where there is no descriptor for a connection.

use crate::array::Array;
use crate::handle::{Listener, Socket, *};
use crate::peer::abstract_name;
use crate::process::{POLL, child, during, is_child, succeeds, thread_id, until_in_file};
use crate::syscalls::{mark, names, traced};
use bojagi::capi::listener::bojagi_listener_accept_batch;
use bojagi::capi::readiness::*;
use bojagi::net::readiness::*;
use std::net::TcpListener;
use std::os::fd::{IntoRawFd, OwnedFd};
use std::ptr::{null, null_mut};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::time::{Duration, Instant};

/// At most `cap` connections at once.
pub fn batch(listener: &Listener, timeout_ms: i64, cap: usize) -> Result<Vec<Socket>, i64> {
    let mut out = vec![null_mut(); cap];
    let result = unsafe {
        bojagi_listener_accept_batch(listener.0, timeout_ms, out.as_mut_ptr(), out.len())
    };
    let count = usize::try_from(result).unwrap_or(0);
    assert!(out[..count].iter().all(|socket| !socket.is_null()));
    assert!(
        out[count..].iter().all(|socket| socket.is_null()),
        "only what was accepted is written"
    );
    if result < 0 { Err(result) } else { Ok(out[..count].iter().map(|&s| Socket(s)).collect()) }
}

fn clients(listener: &Listener, count: usize) -> Vec<Socket> {
    let connect = |_| Socket::tcp("127.0.0.1", listener.port(), PLAIN, 10_000).unwrap();
    (0..count).map(connect).collect()
}

#[test]
fn batch_takes_what_is_there_and_no_more_than_it_has_room_for() {
    let listener = Listener::tcp("127.0.0.1", PLAIN).unwrap();
    assert_eq!(batch(&listener, 0, 4).err(), Some(BOJAGI_E_AGAIN));
    let begun = Instant::now();
    assert_eq!(batch(&listener, 30, 4).err(), Some(BOJAGI_E_TIMEOUT));
    assert!(begun.elapsed() >= Duration::from_millis(30));
    let clients = clients(&listener, 7);
    let ports: Vec<_> = clients.iter().map(|client| port(&client.local())).collect();
    let mut accepted = Vec::new();
    for (timeout_ms, count) in [(-1, 3), (0, 3), (1000, 1)] {
        let some = batch(&listener, timeout_ms, 3).unwrap();
        assert_eq!(some.len(), count);
        accepted.extend(some);
    }
    let peers: Vec<_> = accepted.iter().map(|s| port(&s.peer().unwrap())).collect();
    assert_eq!(peers, ports, "each once, in order");
    let echo = |(client, server): (&Socket, &Socket)| {
        client.send(b"x", 1000) == 1 && server.recv(&mut [0; 2], 1000) == 1
    };
    assert!(clients.iter().zip(&accepted).all(echo));
    assert_eq!(accepted[0].recv(&mut [0; 1], 1), BOJAGI_E_TIMEOUT, "they wait as others do");
}

#[test]
fn batch_waits_for_the_first_and_is_cancelled() {
    let cancel = Cancel::new();
    let name = abstract_name();
    let listener = Listener::unix(&name, Options { cancel: Some(&cancel), ..PLAIN }).unwrap();
    let wait = || batch(&listener, -1, 4).map_or_else(|code| code, |some| some.len() as i64);
    assert_eq!(during(wait, || cancel.fire()), BOJAGI_E_CANCELLED);
    cancel.reset();
    let mut client = None;
    assert_eq!(during(wait, || client = Socket::unix(&name, PLAIN, 1000).ok()), 1);
}

#[test]
fn batch_of_a_nonblocking_descriptor_of_the_host_leaves_it_so() {
    let theirs = TcpListener::bind("127.0.0.1:0").unwrap();
    theirs.set_nonblocking(true).unwrap();
    let fd = theirs.into_raw_fd();
    let listener = Listener::from_fd(fd.into(), PLAIN).unwrap();
    assert_eq!(batch(&listener, 1, 4).err(), Some(BOJAGI_E_TIMEOUT));
    let _clients = clients(&listener, 3);
    assert_eq!(batch(&listener, 1000, 4).unwrap().len(), 3);
    assert_eq!(listener.accept(1).err(), Some(BOJAGI_E_TIMEOUT));
    assert!(unsafe { libc::fcntl(fd, libc::F_GETFL) } & libc::O_NONBLOCK != 0);
}

#[test]
fn batch_without_room_is_refused() {
    let listener = Listener::tcp("127.0.0.1", PLAIN).unwrap();
    let mut out = [null_mut(); 1];
    let codes = unsafe {
        [
            bojagi_listener_accept_batch(listener.0, 0, out.as_mut_ptr(), 0),
            bojagi_listener_accept_batch(listener.0, 0, null_mut(), 0),
            bojagi_listener_accept_batch(listener.0, 0, null_mut(), 1),
            bojagi_listener_accept_batch(listener.0, -2, out.as_mut_ptr(), 1),
            bojagi_listener_accept_batch(null_mut(), 0, out.as_mut_ptr(), 1),
        ]
    };
    assert_eq!(codes, [BOJAGI_E_ARG; 5]);
}

#[test]
fn batch_costs_a_call_for_each_connection_and_one_that_says_there_are_no_more() {
    let body = || {
        let listener = Listener::tcp("127.0.0.1", PLAIN).unwrap();
        let _clients = clients(&listener, 5);
        // Switches the descriptor, once.
        let _first = batch(&listener, -1, 1).unwrap();
        mark("first");
        let full = batch(&listener, -1, 2).unwrap();
        let rest = batch(&listener, -1, 8).unwrap();
        mark("last");
        assert_eq!((full.len(), rest.len()), (2, 2));
    };
    let test = "accept::batch_costs_a_call_for_each_connection_and_one_that_says_there_are_no_more";
    let Some(calls) = traced(test, body) else { return };
    assert_eq!(names(&calls), ["accept4"; 5]);
    assert!(calls[4].contains("EAGAIN"), "{calls:#?}");
}

/// Runs `body` in a child of `test` that has no descriptor left but what `body` frees.
fn starved(test: &str, body: impl Fn(&Listener, Vec<OwnedFd>)) {
    if !is_child(test) {
        succeeds(child(test));
        return;
    }
    let listener = Listener::tcp("127.0.0.1", INTERRUPTIBLE).unwrap();
    let client = clients(&listener, 1);
    limit_files(64);
    let open = || std::fs::File::open("/proc/self/exe").map(OwnedFd::from);
    let hoard: Vec<_> = std::iter::from_fn(|| open().ok()).collect();
    assert!(hoard.len() > 10);
    body(&listener, hoard);
    assert_eq!(client[0].send(b"x", 1000), 1);
}

#[test]
fn no_descriptor_left_is_told_about_ten_times_a_second_and_loses_nothing() {
    let test = "accept::no_descriptor_left_is_told_about_ten_times_a_second_and_loses_nothing";
    starved(test, |listener, mut hoard| {
        let begun = Instant::now();
        let mut codes = Vec::new();
        while begun.elapsed() < Duration::from_millis(500) {
            codes.push(listener.accept(-1).err());
        }
        assert!(codes.iter().all(|code| *code == Some(BOJAGI_E_LIMIT)), "{codes:?}");
        assert!(codes.len() <= 5, "a naive loop does not spin: {}", codes.len());
        assert_eq!(last_error().os_error, libc::EMFILE);

        for budget in [1, 30] {
            let begun = Instant::now();
            assert_eq!(listener.accept(budget).err(), Some(BOJAGI_E_LIMIT));
            assert!(begun.elapsed() >= Duration::from_millis(budget.cast_unsigned()));
        }
        assert_eq!(listener.accept(0).err(), Some(BOJAGI_E_LIMIT), "at once");
        assert_eq!(batch(listener, -1, 4).err(), Some(BOJAGI_E_LIMIT));
        hoard.pop();
        let server = listener.accept(10_000).unwrap();
        assert_eq!(listener.accept(-1).err(), Some(BOJAGI_E_LIMIT));
        drop(hoard);
        assert_eq!(server.recv(&mut [0; 1], 0), BOJAGI_E_AGAIN);
    });
}

#[test]
fn shortage_that_ends_within_the_budget_is_not_told() {
    let test = "accept::shortage_that_ends_within_the_budget_is_not_told";
    if !is_child(test) {
        succeeds(child(test));
        return;
    }
    let listener = Listener::tcp("127.0.0.1", PLAIN).unwrap();
    let _client = clients(&listener, 1);
    let (said, thread) = mpsc::channel();
    let (go, gone) = mpsc::channel();
    let listener = &listener;
    let code = std::thread::scope(|scope| {
        let call = scope.spawn(move || {
            said.send(thread_id()).unwrap();
            gone.recv().unwrap();
            // The pauses end after 100 ms, and on a busy machine the other thread may take that long.
            (0..50).find_map(|_| listener.accept(-1).map_or_else(|_| None, |_| Some(1)))
        });
        let file = format!("/proc/self/task/{}/syscall", thread.recv().unwrap());
        let file = std::fs::File::open(file).unwrap();
        limit_files(3);
        go.send(()).unwrap();
        until_in_file(&file, &POLL);
        limit_files(64);
        call.join().unwrap()
    });
    assert_eq!(code, Some(1));
}

/// Makes this process have at most so many descriptors; those that it has stay.
pub fn limit_files(most: u64) {
    let limit = libc::rlimit { rlim_cur: most, rlim_max: 64 };
    assert_eq!(unsafe { libc::setrlimit(libc::RLIMIT_NOFILE, &limit) }, 0);
}

#[test]
fn shortage_is_paused_for_and_not_spun_upon() {
    let test = "accept::shortage_is_paused_for_and_not_spun_upon";
    let body = || {
        let listener = Listener::tcp("127.0.0.1", PLAIN).unwrap();
        let _client = clients(&listener, 1);
        limit_files(3);
        mark("first");
        assert_eq!(listener.accept(-1).err(), Some(BOJAGI_E_LIMIT));
        assert_eq!(listener.accept(0).err(), Some(BOJAGI_E_LIMIT));
        mark("last");
    };
    let Some(calls) = traced(test, body) else { return };
    let count = |name: &str| names(&calls).iter().filter(|call| call.contains(name)).count();
    // 1, 2, 4 ... 64 milliseconds, of which the last is cut short.
    assert_eq!(count("poll"), 7, "{calls:#?}");
    assert_eq!(count("accept4"), 8 + 1, "{calls:#?}");
}

#[test]
fn shortage_is_ended_by_a_cancel() {
    let test = "accept::shortage_is_ended_by_a_cancel";
    if !is_child(test) {
        succeeds(child(test));
        return;
    }
    let cancel = Cancel::new();
    let options = Options { cancel: Some(&cancel), ..PLAIN };
    let listener = Listener::tcp("127.0.0.1", options).unwrap();
    let _client = clients(&listener, 1);
    limit_files(3);
    // The last pause is the longest; a cancel that comes in it finds the call there.
    let code = std::thread::scope(|scope| {
        let call = scope.spawn(|| {
            (0..50).find_map(|_| match listener.accept(-1).err() {
                Some(BOJAGI_E_LIMIT) => None,
                code => code,
            })
        });
        cancel.fire();
        call.join().unwrap()
    });
    assert_eq!(code, Some(BOJAGI_E_CANCELLED));
}

#[test]
fn shortage_is_ended_by_a_signal() {
    extern "C" fn ignore(_: i32) {}
    let test = "accept::shortage_is_ended_by_a_signal";
    if !is_child(test) {
        succeeds(child(test));
        return;
    }
    crate::signal::install(libc::SIGALRM, ignore as *const () as usize, libc::SA_RESTART);
    let listener = Listener::tcp("127.0.0.1", INTERRUPTIBLE).unwrap();
    let _client = clients(&listener, 1);
    limit_files(3);
    let (process, thread, over) = (unsafe { libc::getpid() }, thread_id(), AtomicBool::new(false));
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !over.load(Ordering::SeqCst) {
                // Goes to the thread that accepts, wherever it is.
                unsafe { libc::syscall(libc::SYS_tgkill, process, thread, libc::SIGALRM) };
                std::thread::yield_now();
            }
        });
        let is_told = |_: &i32| listener.accept(-1).err() == Some(BOJAGI_E_INTERRUPTED);
        let told = (0..50).find(is_told);
        over.store(true, Ordering::SeqCst);
        assert!(told.is_some());
    });
    limit_files(64);
    assert!(listener.accept(0).is_ok(), "nothing is lost");
}

#[test]
fn wanted_is_what_the_last_calls_would_have_waited_for() {
    let wanted = |socket: &Socket| unsafe { bojagi_socket_wanted(socket.0) };
    let [none, readable, writable] = [0, BOJAGI_READABLE, BOJAGI_WRITABLE].map(i64::from);
    let listener = Listener::tcp("127.0.0.1", PLAIN).unwrap();
    let listens = || unsafe { bojagi_listener_wanted(listener.0) };
    assert_eq!(listens(), none);
    assert_eq!(listener.accept(0).err(), Some(BOJAGI_E_AGAIN));
    assert_eq!(listens(), readable);
    let client = &clients(&listener, 1)[0];
    let server = listener.accept(1000).unwrap();
    assert_eq!(listens(), none);
    assert_eq!(batch(&listener, 1, 1).err(), Some(BOJAGI_E_TIMEOUT));
    assert_eq!(listens(), readable);

    assert_eq!(wanted(client), none);
    assert_eq!(client.recv(&mut [0; 1], 0), BOJAGI_E_AGAIN);
    assert_eq!(wanted(client), readable);
    let much = vec![0; 1 << 20];
    while client.send(&much, 0) > 0 {}
    assert_eq!(wanted(client), readable | writable);
    assert_eq!(server.send(b"xy", 1000), 2);
    assert_eq!(client.recv(&mut [0; 1], 1000), 1);
    assert_eq!(wanted(client), writable);
    assert_eq!(client.recv_exact(&mut [0; 2], 1).0, BOJAGI_E_TIMEOUT);
    assert_eq!(wanted(client), readable | writable);
    let mut sink = vec![0; 1 << 20];
    while server.recv(&mut sink, 200) > 0 {}
    assert_eq!(client.send(b"x", 1000), 1);
    assert_eq!(wanted(client), readable);
    let waits = || client.recv(&mut [0; 1], 10_000);
    let send = || {
        assert_eq!(wanted(client), none, "a direction in which a call waits is its own affair");
        assert_eq!(server.send(b"x", 1000), 1);
    };
    assert_eq!(during(waits, send), 1);
    let name = abstract_name();
    let receiver = Socket::unix_datagram_bind(Some(&name)).unwrap();
    let sender = Socket::unix_datagram(&name, PLAIN).unwrap();
    let many = Array::of(vec!["x"; 3000]);
    let (sent, done) = many.send(&sender, 0);
    assert!(sent > 0 && done < 3000, "{sent}");
    assert_eq!(wanted(&sender), none, "a call that has sent something has succeeded");
    while Array::room(100, 1).recv(&receiver, 0) > 0 {
        assert_eq!(wanted(&receiver), none);
    }
    assert_eq!(wanted(&receiver), readable);
    unsafe {
        assert_eq!(bojagi_socket_wanted(null()), BOJAGI_E_ARG);
        assert_eq!(bojagi_listener_wanted(null()), BOJAGI_E_ARG);
    }
}
