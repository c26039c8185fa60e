//! Children: of `exec`, which must inherit nothing, and of `fork` alone, which may free everything.

use crate::connector::Connector;
use crate::handle::*;
use crate::hosts::Hosts;
use crate::option_handle::pair;
use crate::peer::{Full, abstract_name};
use crate::poller::Poller;
use crate::process::{child, during, is_child, succeeds};
use crate::{array, seqpacket};
use bojagi::capi::plan::ConnectOptions;
use bojagi::net::option::id::*;
use bojagi::net::plain::BOJAGI_DATAGRAM_GROUPED;
use bojagi::net::readiness::BOJAGI_READABLE;
use std::net::TcpListener;
use std::os::fd::IntoRawFd;
use std::os::unix::net::UnixStream;
use std::process::Command;
use std::ptr::null_mut;
use std::sync::atomic::{AtomicBool, Ordering};

/// One handle of every kind and every origin.
struct All {
    sockets: Vec<Socket>,
    listeners: Vec<Listener>,
    cancel: Cancel,
    poller: Poller,
    connectors: Vec<Connector>,
    /// To which the connectors connect until somebody accepts.
    full: Full,
    hosts: Hosts,
}

impl All {
    fn new() -> Self {
        let cancel = Cancel::new();
        let (mut sockets, mut listeners) = (Vec::new(), Vec::new());
        for options in [PLAIN, Options { cancel: Some(&cancel), ..PLAIN }] {
            let (path, listener) = (abstract_name(), Listener::tcp("127.0.0.1", options).unwrap());
            let connect = || Socket::tcp("127.0.0.1", listener.port(), options, 10_000).unwrap();
            sockets.extend([connect(), listener.accept(10_000).unwrap()]);
            let unix = Listener::unix(&path, options).unwrap();
            sockets.push(Socket::unix(&path, options, 10_000).unwrap());
            sockets.push(unix.accept(10_000).unwrap());
            listeners.extend([listener, unix]);
            sockets.push(
                Socket::from_fd(inheritable(UnixStream::pair().unwrap().0), options).unwrap(),
            );
            let other = TcpListener::bind("127.0.0.1:0").unwrap();
            listeners.push(Listener::from_fd(inheritable(other), options).unwrap());
        }
        let path = abstract_name();
        sockets.push(Socket::unix_datagram_bind(Some(&path)).unwrap());
        sockets.push(Socket::unix_datagram(&path, PLAIN).unwrap());
        sockets.push(Socket::udp_bind("").unwrap());
        sockets.push(Socket::udp("localhost", 9, 10_000).unwrap());
        let grouped = Socket::udp_bind("127.0.0.1").unwrap();
        assert!(array::set(&grouped, BOJAGI_DATAGRAM_GROUPED) >= 0);
        sockets.push(grouped);
        let path = abstract_name();
        listeners.push(seqpacket::listen(&path).unwrap());
        sockets.push(seqpacket::connect(&path, 10_000).unwrap());
        sockets.push(listeners.last().unwrap().accept(10_000).unwrap());
        for kind in [BOJAGI_KIND_UNIX_STREAM, BOJAGI_KIND_UNIX_DATAGRAM, BOJAGI_KIND_UNIX_SEQPACKET]
        {
            let (one, other) = pair(kind, PLAIN).unwrap();
            sockets.extend([one, other]);
        }
        let poller = Poller::new();
        assert_eq!(poller.add(sockets[1].fd(), BOJAGI_READABLE, 1), 0);
        let full = Full::new();
        let hosts = Hosts::of("full.test", &[("127.0.0.1", full.port())]);
        let connectors = [null_mut(), cancel.0].map(|cancel| {
            let options = ConnectOptions { cancel, ..hosts.options() };
            let connector = Connector::new("full.test", 1, &options).unwrap();
            assert_eq!(connector.next(0).err(), Some(BOJAGI_E_AGAIN));
            connector
        });
        Self { sockets, listeners, cancel, poller, connectors: connectors.into(), full, hosts }
    }
}

/// The descriptor as a host may have it: an `exec` keeps it open.
fn inheritable(owned: impl IntoRawFd) -> i64 {
    let fd = owned.into_raw_fd();
    assert_eq!(unsafe { libc::fcntl(fd, libc::F_SETFD, 0) }, 0);
    fd.into()
}

#[test]
fn a_program_that_is_executed_inherits_no_descriptor() {
    let test = "fork::a_program_that_is_executed_inherits_no_descriptor";
    if !is_child(test) {
        succeeds(child(test));
        return;
    }
    // Number 3 is the folder itself.
    let list = || {
        let output = Command::new("ls").arg("/proc/self/fd").output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    let before = list();
    let kept = inheritable(UnixStream::pair().unwrap().0);
    assert_ne!(list(), before, "the list shows what is inherited");
    unsafe { libc::close(kept.try_into().unwrap()) };
    let all = All::new();
    assert_eq!(list(), before);
    // Also while calls wait, one of them for the resolver.
    let listener = &all.listeners[0];
    let ended = during(
        || listener.accept(-1).map_or_else(|code| code, |_| 0),
        || {
            assert_eq!(list(), before);
            drop(Socket::tcp("localhost", listener.port(), PLAIN, 10_000));
        },
    );
    assert_eq!(ended, 0);
}

#[test]
fn a_child_frees_every_handle_and_its_parent_goes_on() {
    let test = "fork::a_child_frees_every_handle_and_its_parent_goes_on";
    if !is_child(test) {
        succeeds(child(test));
        return;
    }
    let all = All::new();
    let open = || std::fs::read_dir("/proc/self/fd").unwrap().count();
    let before = open();
    let status = forked(|| {
        free_copies(&all);
        // One of a cancel, two of a poller, two of a connector and one of its attempt.
        let closed = all.sockets.len() + all.listeners.len() + 1 + 2 + 3 * all.connectors.len();
        i32::from(open() + closed != before)
    });
    assert_eq!(status, 0);
    for pair in all.sockets[..4].chunks(2).chain(all.sockets[5..9].chunks(2)) {
        assert_eq!(pair[0].send(b"x", 1000), 1);
        assert_eq!(pair[1].recv(&mut [0; 2], 10_000), 1);
    }
    assert_eq!(all.sockets[0].send(b"x", 1000), 1);
    assert_eq!(all.poller.wait(10_000), Ok(vec![(1, BOJAGI_READABLE)]));
    let connected = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| all.full.accept_until(&connected));
        for connector in &all.connectors {
            assert!(connector.next(60_000).is_ok(), "{}", last_error().text());
        }
        connected.store(true, Ordering::SeqCst);
    });
    assert_eq!(all.hosts.add("more.test", "127.0.0.1", 0), 0);
    all.cancel.fire();
    assert_eq!(all.sockets[5].recv(&mut [0; 1], 10_000), BOJAGI_E_CANCELLED);
}

#[test]
fn a_child_uses_a_socket_through_its_descriptor() {
    let test = "fork::a_child_uses_a_socket_through_its_descriptor";
    if !is_child(test) {
        succeeds(child(test));
        return;
    }
    let (client, server) = tcp_pair(PLAIN);
    let status = forked(|| {
        let copy = unsafe { libc::dup(client.fd()) };
        let mine = Socket::from_fd(copy.into(), PLAIN).unwrap();
        let sent = mine.send(b"child", 1000);
        i32::from(sent != 5)
    });
    assert_eq!(status, 0);
    let mut buf = [0; 5];
    assert_eq!(server.recv_exact(&mut buf, 10_000), (5, 5));
    assert_eq!(&buf, b"child");
}

#[test]
fn a_fork_during_calls_of_other_threads_disturbs_neither_side() {
    let test = "fork::a_fork_during_calls_of_other_threads_disturbs_neither_side";
    if !is_child(test) {
        succeeds(child(test));
        return;
    }
    let cancel = Cancel::new();
    for cancel in [None, Some(&cancel)] {
        let (client, server) = tcp_pair(PLAIN);
        assert_eq!(client.set_cancel(cancel), 0);
        let received = during(
            || client.recv(&mut [0; 2], 60_000),
            || {
                // The lock of the receiving direction is held by a thread that the child has not got.
                let status = forked(|| {
                    let code = client.recv(&mut [0; 1], 0);
                    let is_open = client.fd() > 2;
                    unsafe { bojagi::capi::socket::bojagi_socket_free(client.0) };
                    i32::from(code != BOJAGI_E_STATE || !is_open)
                });
                assert_eq!(status, 0);
                assert_eq!(server.send(b"x", 1000), 1);
            },
        );
        assert_eq!(received, 1);
    }
}

/// Frees what the parent has, in the child's copy of its memory.
fn free_copies(all: &All) {
    for socket in &all.sockets {
        unsafe { bojagi::capi::socket::bojagi_socket_free(socket.0) };
    }
    for listener in &all.listeners {
        unsafe { bojagi::capi::listener::bojagi_listener_free(listener.0) };
    }
    for connector in &all.connectors {
        unsafe { bojagi::capi::connector::bojagi_connector_free(connector.0) };
    }
    unsafe { bojagi::capi::poller::bojagi_poller_free(all.poller.0) };
    unsafe { bojagi::capi::hosts::bojagi_hosts_free(all.hosts.0) };
    unsafe { bojagi::capi::cancel::bojagi_cancel_free(all.cancel.0) };
}

/// Runs `body` in a child of `fork(2)`; its status, 101 after a panic. A child that hangs is ended with
/// the whole test.
pub fn forked(body: impl FnOnce() -> i32) -> i32 {
    let process = unsafe { libc::fork() };
    assert!(process >= 0);
    if process == 0 {
        let status = std::panic::catch_unwind(std::panic::AssertUnwindSafe(body)).unwrap_or(101);
        unsafe { libc::_exit(status) };
    }
    let mut status = -1;
    assert_eq!(unsafe { libc::waitpid(process, &mut status, 0) }, process);
    if libc::WIFEXITED(status) { libc::WEXITSTATUS(status) } else { 102 }
}
