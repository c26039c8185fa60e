//! A good guest: no SIGPIPE, no leaked descriptors, no surviving threads in a fork.

use crate::fork::forked;
use crate::handle::*;
use crate::peer::abstract_name;
use crate::process::{child, is_child, succeeds};
use std::fs;
use std::time::{Duration, Instant};

#[test]
fn sends_to_a_closed_peer_twice_and_lives() {
    let test = "guest::sends_to_a_closed_peer_twice_and_lives";
    if !is_child(test) {
        succeeds(child(test));
        return;
    }
    unsafe { libc::signal(libc::SIGPIPE, libc::SIG_DFL) };
    let cancel = Cancel::new();
    for cancel in [None, Some(&cancel)] {
        let (client, server) = tcp_pair(PLAIN);
        assert_eq!(client.set_cancel(cancel), 0);
        drop(server);
        let mut codes = Vec::new();
        while codes.len() < 2 {
            match client.send(b"x", 1000) {
                1 => {}
                code => codes.push(code),
            }
        }
        assert_eq!(codes[1], BOJAGI_E_CLOSED);
        assert_eq!(client.send_all(b"x", 1000), (BOJAGI_E_CLOSED, 0));
    }
    let name = abstract_name();
    let listener = Listener::unix(&name, PLAIN).unwrap();
    let client = Socket::unix(&name, PLAIN, 1000).unwrap();
    drop(listener.accept(1000));
    assert_eq!(client.send(b"x", 1000), BOJAGI_E_CLOSED);
    assert_eq!(client.send(b"x", 1000), BOJAGI_E_CLOSED);
}

#[test]
fn closes_every_descriptor_that_it_opened() {
    let test = "guest::closes_every_descriptor_that_it_opened";
    if !is_child(test) {
        succeeds(child(test));
        return;
    }
    let open = || fs::read_dir("/proc/self/fd").unwrap().count();
    let round = || {
        let cancel = Cancel::new();
        let _pair = tcp_pair(Options { cancel: Some(&cancel), ..PLAIN });
        let listener = Listener::tcp("", PLAIN).unwrap();
        assert!(listener.accept(1).is_err());
        assert!(Socket::tcp("localhost", crate::tcp::closed_port(), PLAIN, 10_000).is_err());
        assert!(Socket::unix(&abstract_name(), PLAIN, 0).is_err());
        assert!(Listener::tcp("192.0.2.1", PLAIN).is_err());
    };
    let before = open();
    std::thread::spawn(round).join().unwrap();
    // A worker of the resolver lets go of a look-up just after it has woken the caller.
    let patience = Instant::now() + Duration::from_secs(10);
    while open() != before && Instant::now() < patience {
        std::thread::yield_now();
    }
    assert_eq!(open(), before);
}

#[test]
fn forked_child_looks_names_up_and_frees_what_it_inherited() {
    let test = "guest::forked_child_looks_names_up_and_frees_what_it_inherited";
    if !is_child(test) {
        succeeds(child(test));
        return;
    }
    let listener = Listener::tcp("127.0.0.1", PLAIN).unwrap();
    let port = listener.port();
    drop(Socket::tcp("localhost", port, PLAIN, 10_000).unwrap());
    let process = unsafe { libc::fork() };
    if process == 0 {
        let connected = Socket::tcp("localhost", port, PLAIN, 10_000).is_ok();
        drop(listener);
        unsafe { libc::_exit(if connected { 0 } else { 1 }) };
    }
    let mut status = -1;
    assert_eq!(unsafe { libc::waitpid(process, &mut status, 0) }, process);
    assert_eq!(status, 0);
    assert!(listener.accept(1000).is_ok() && listener.accept(1000).is_ok());
}

#[test]
fn child_with_the_number_of_its_parent_is_another_process() {
    let test = "guest::child_with_the_number_of_its_parent_is_another_process";
    if !is_child(test) {
        succeeds(child(test));
        return;
    }
    // Each is number 1 of a PID namespace of its own, as in a container.
    let status = in_namespace(libc::CLONE_NEWUSER, || {
        let path = format!("{}/numbered-{}", env!("CARGO_TARGET_TMPDIR"), std::process::id());
        let _ = fs::remove_file(&path);
        let listener = Listener::unix(&path, PLAIN).unwrap();
        assert_ne!(Socket::tcp("localhost", 1, PLAIN, 10_000).err(), Some(BOJAGI_E_TIMEOUT));
        let status = in_namespace(0, || {
            assert_ne!(Socket::tcp("localhost", 1, PLAIN, 10_000).err(), Some(BOJAGI_E_TIMEOUT));
            unsafe { bojagi::capi::listener::bojagi_listener_free(listener.0) };
        });
        assert!(fs::exists(&path).unwrap(), "it belongs to the parent");
        drop(listener);
        assert_eq!(status, 0);
    });
    if status == NOT_PERMITTED {
        crate::need::skip(&format!("{test}: the system permits no namespaces"));
        return;
    }
    assert_eq!(status, 0);
}

/// Runs `body` in a child that is number 1 of a new PID namespace; its exit status.
fn in_namespace(flags: i32, body: impl FnOnce()) -> i32 {
    forked(|| {
        if unsafe { libc::unshare(flags | libc::CLONE_NEWPID) } != 0 {
            return NOT_PERMITTED;
        }
        forked(|| {
            assert_eq!(std::process::id(), 1);
            body();
            0
        })
    })
}

const NOT_PERMITTED: i32 = 77;
