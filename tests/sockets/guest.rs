//! A good guest: no SIGPIPE, no leaked descriptors, no surviving threads in a fork.

use crate::accept::batch;
use crate::array::Array;
use crate::connector::Connector;
use crate::fork::forked;
use crate::handle::*;
use crate::option_handle::pair;
use crate::peer::{Full, abstract_name};
use crate::poller::Poller;
use crate::process::{child, is_child, succeeds};
use crate::vector::piece;
use bojagi::capi::frame::*;
use bojagi::capi::rights::*;
use bojagi::capi::vector::*;
use bojagi::net::option::id::*;
use std::collections::BTreeSet;
use std::fs;
use std::ptr::null_mut;
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
fn no_way_to_send_raises_sigpipe() {
    let test = "guest::no_way_to_send_raises_sigpipe";
    if !is_child(test) {
        succeeds(child(test));
        return;
    }
    unsafe { libc::signal(libc::SIGPIPE, libc::SIG_DFL) };
    let mut lines =
        FrameFormat { size: 0, kind: 0, limit: 0, flags: 0, delimiter_len: 0, delimiter: [0; 16] };
    unsafe { bojagi_frame_format_init(&mut lines, BOJAGI_FRAME_DELIMITED) };
    let (at, pieces, fds, none) = (b"x".as_ptr().cast(), [piece(b"x"); 2], [0], null_mut());
    let stream: &[&dyn Fn(&Socket) -> i64] = &[
        &|one| unsafe { bojagi_socket_send_vectored(one.0, pieces.as_ptr(), 2, 1000) },
        &|one| one.send_all_vectored(&pieces, 1000).0,
        &|one| unsafe { bojagi_socket_send_frame(one.0, &lines, at, 1, 1000, none) },
        &|one| unsafe { bojagi_socket_send_fds(one.0, at, 1, fds.as_ptr(), 1, 1000) },
    ];
    let messages: &[&dyn Fn(&Socket) -> i64] = &[
        &|one| one.send_all(b"x", 1000).0,
        &|one| unsafe { bojagi_socket_send_vectored(one.0, pieces.as_ptr(), 2, 1000) },
        &|one| unsafe { bojagi_socket_send_fds(one.0, at, 1, fds.as_ptr(), 1, 1000) },
        &|one| Array::of(["x"]).send(one, 1000).0,
        &|one| Array::of(["x", "y"]).send(one, 1000).0,
    ];
    for (kind, calls) in [(BOJAGI_KIND_UNIX_STREAM, stream), (BOJAGI_KIND_UNIX_SEQPACKET, messages)]
    {
        let (one, other) = pair(kind, PLAIN).unwrap();
        drop(other);
        for (index, call) in calls.iter().enumerate() {
            assert_eq!(call(&one), BOJAGI_E_CLOSED, "{kind} {index}");
        }
    }
}

#[test]
fn every_descriptor_is_close_on_exec() {
    let test = "guest::every_descriptor_is_close_on_exec";
    if !is_child(test) {
        succeeds(child(test));
        return;
    }
    let list = || -> BTreeSet<i32> {
        let names = fs::read_dir("/proc/self/fd").unwrap().map(|entry| entry.unwrap().file_name());
        names.map(|name| name.to_str().unwrap().parse().unwrap()).collect()
    };
    let full = Full::new();
    let before = list();
    let (cancel, _poller) = (Cancel::new(), Poller::new());
    let listener = Listener::tcp("127.0.0.1", Options { cancel: Some(&cancel), ..PLAIN }).unwrap();
    let clients: Vec<_> =
        (0..2).map(|_| Socket::tcp("127.0.0.1", listener.port(), PLAIN, 1000).unwrap()).collect();
    let servers = batch(&listener, 1000, 8).unwrap();
    let under_way = Connector::new("127.0.0.1", full.port(), &PLAIN.connect()).unwrap();
    let looked_up = Connector::new("localhost", full.port(), &PLAIN.connect()).unwrap();
    let (one, other) = pair(BOJAGI_KIND_UNIX_SEQPACKET, PLAIN).unwrap();
    let (fds, mut came, mut count, mut buf) = ([0], [-1], 0, [0u8; 1]);
    let at = buf.as_mut_ptr().cast();
    unsafe {
        assert_eq!(bojagi_socket_send_fds(one.0, b"x".as_ptr().cast(), 1, fds.as_ptr(), 1, 0), 1);
        let list = came.as_mut_ptr();
        assert_eq!(bojagi_socket_recv_fds(other.0, at, 1, 1000, list, 1, &mut count), 1);
        assert!(bojagi_socket_peer_pidfd(one.0) != 0);
    }
    // Their ends, and what each of them needs beside.
    let new: Vec<_> = list().difference(&before).copied().collect();
    assert!(new.len() >= 14 && new.contains(&i32::try_from(came[0]).unwrap()), "{new:?}");
    for fd in new {
        let flags = unsafe { libc::fcntl(fd, libc::F_GETFD) };
        // -1: what listed them.
        assert!(flags == -1 || flags & libc::FD_CLOEXEC != 0, "{fd}");
    }
    drop((clients, servers, under_way, looked_up));
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
