//! The system calls of level 1, counted by strace.

use crate::handle::*;
use crate::need::skip;
use crate::peer;
use crate::process::{arguments, is_child};
use bojagi::capi::option::{bojagi_socket_option, bojagi_socket_set_option};
use bojagi::capi::rights::{bojagi_socket_recv_fds, bojagi_socket_send_fds};
use bojagi::net::option::id::{BOJAGI_KIND_UNIX_STREAM, BOJAGI_OPTION_KEEPALIVE};
use std::env;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

const CALLS: &str =
    "trace=network,poll,ppoll,read,write,fcntl,ioctl,close,epoll_wait,epoll_pwait,epoll_ctl";

#[test]
fn a_blocking_call_is_one_system_call() {
    let body = || {
        let (client, server) = tcp_pair(PLAIN);
        let mut buf = [0; 8];
        // The budgets of connect and accept are told off once.
        assert_eq!(client.send(b"ping", -1), 4);
        assert_eq!(server.recv(&mut buf, -1), 4);
        mark("first");
        for _ in 0..3 {
            assert_eq!(client.send(b"ping", -1), 4);
            assert_eq!(server.recv(&mut buf, -1), 4);
            assert_eq!(server.send_all(b"pong", -1), (4, 4));
            assert_eq!(client.recv_exact(&mut buf[..4], -1), (4, 4));
        }
        mark("last");
    };
    let Some(calls) = traced("syscalls::a_blocking_call_is_one_system_call", body) else { return };
    let round = ["sendto", "recvfrom", "sendto", "recvfrom"];
    assert_eq!(names(&calls), [round, round, round].concat());
    assert!(
        calls
            .iter()
            .filter(|call| call.starts_with("sendto"))
            .all(|call| call.contains("MSG_NOSIGNAL"))
    );
    assert!(calls.iter().all(|call| !call.contains("MSG_DONTWAIT")), "{calls:#?}");
}

#[test]
fn a_budget_is_told_to_the_system_once() {
    let body = || {
        let (client, server) = tcp_pair(INTERRUPTIBLE);
        let mut buf = [0; 8];
        mark("first");
        for budget in [5000, 5000, -1, -1] {
            assert_eq!(client.send(b"ping", budget), 4);
            assert_eq!(server.recv(&mut buf, budget), 4);
        }
        mark("last");
    };
    let Some(calls) = traced("syscalls::a_budget_is_told_to_the_system_once", body) else { return };
    let set = ["setsockopt", "sendto", "setsockopt", "recvfrom"];
    let plain = ["sendto", "recvfrom"];
    assert_eq!(names(&calls), [&set[..], &plain, &set, &plain].concat());
}

#[test]
fn many_pieces_of_a_unix_stream_are_one_call_within_a_budget() {
    let body = || {
        let name = peer::abstract_name();
        let listener = Listener::unix(&name, PLAIN).unwrap();
        let client = Socket::unix(&name, PLAIN, -1).unwrap();
        let server = listener.accept(-1).unwrap();
        let data = vec![7; 64 << 10];
        mark("first");
        for len in [data.len(), 4096, data.len(), 100] {
            assert_eq!(client.send_all(&data[..len], 10_000), (i64::try_from(len).unwrap(), len));
            let mut room = vec![0; len];
            assert_eq!(server.recv_exact(&mut room, -1).1, len);
        }
        mark("last");
    };
    let test = "syscalls::many_pieces_of_a_unix_stream_are_one_call_within_a_budget";
    let Some(calls) = traced(test, body) else { return };
    let plain = ["sendto", "recvfrom"];
    assert_eq!(names(&calls), [&["setsockopt"][..], &plain, &plain, &plain, &plain].concat());
    assert!(calls.iter().all(|call| !call.contains("MSG_DONTWAIT")), "{calls:#?}");
}

#[test]
fn budget_zero_is_one_call_that_does_not_wait() {
    let body = || {
        let (client, server) = tcp_pair(PLAIN);
        mark("first");
        assert_eq!(client.recv(&mut [0; 1], 0), BOJAGI_E_AGAIN);
        assert_eq!(client.send(b"x", 0), 1);
        mark("last");
        drop(server);
    };
    let Some(calls) = traced("syscalls::budget_zero_is_one_call_that_does_not_wait", body) else {
        return;
    };
    assert_eq!(names(&calls), ["recvfrom", "sendto"]);
    assert!(calls.iter().all(|call| call.contains("MSG_DONTWAIT")));
}

#[test]
fn with_a_cancel_the_call_is_tried_before_it_waits() {
    let body = || {
        let cancel = Cancel::new();
        let (client, server) = tcp_pair(Options { cancel: Some(&cancel), ..PLAIN });
        assert_eq!(server.set_cancel(Some(&cancel)), 0);
        mark("first");
        assert_eq!(client.send(b"x", -1), 1);
        assert_eq!(server.recv(&mut [0; 1], -1), 1);
        assert_eq!(server.recv(&mut [0; 1], 1), BOJAGI_E_TIMEOUT);
        mark("last");
    };
    let Some(calls) = traced("syscalls::with_a_cancel_the_call_is_tried_before_it_waits", body)
    else {
        return;
    };
    let polled: Vec<_> = names(&calls).iter().map(|name| name.replace("ppoll", "poll")).collect();
    assert_eq!(polled, ["sendto", "recvfrom", "recvfrom", "poll"]);
    assert!(calls[..3].iter().all(|call| call.contains("MSG_DONTWAIT")));
}

#[test]
fn accept_is_one_system_call() {
    let body = || {
        let listener = Listener::tcp("127.0.0.1", PLAIN).unwrap();
        let _client = Socket::tcp("127.0.0.1", listener.port(), PLAIN, 1000).unwrap();
        mark("first");
        let _server = listener.accept(-1).unwrap();
        mark("last");
    };
    let Some(calls) = traced("syscalls::accept_is_one_system_call", body) else { return };
    assert_eq!(names(&calls), ["accept4"]);
    assert!(calls[0].contains("SOCK_CLOEXEC"));
}

#[test]
fn a_connect_to_one_address_is_what_a_plain_program_does() {
    let body = || {
        let listener = Listener::tcp("127.0.0.1", PLAIN).unwrap();
        let hosts = crate::hosts::Hosts::of("one.test", &[("127.0.0.1", 0), ("127.0.0.1", 0)]);
        mark("first");
        let numeric = Socket::tcp("127.0.0.1", listener.port(), PLAIN, -1);
        let named = crate::hosts::tcp("one.test", listener.port(), &hosts.options(), 1000);
        mark("last");
        assert!(numeric.is_ok() && named.is_ok());
    };
    let test = "syscalls::a_connect_to_one_address_is_what_a_plain_program_does";
    let Some(calls) = traced(test, body) else { return };
    // TCP_NODELAY; and the budget, where there is one.
    let plain = ["socket", "setsockopt", "connect"];
    let budget = ["socket", "setsockopt", "setsockopt", "connect"];
    assert_eq!(names(&calls), [&plain[..], &budget].concat());
    assert!(calls.iter().all(|call| !call.contains("SOCK_NONBLOCK")), "{calls:#?}");
    let set = calls.iter().filter(|call| call.starts_with("setsockopt"));
    let set = set.map(|call| ["TCP_NODELAY", "SO_SNDTIMEO"].map(|name| call.contains(name)));
    assert_eq!(set.collect::<Vec<_>>(), [[true, false], [true, false], [false, true]]);
}

#[test]
fn a_connect_to_several_addresses_polls_all_of_them_at_once() {
    let body = || {
        let listener = Listener::tcp("127.0.0.2", PLAIN).unwrap();
        let full = crate::peer::Full::new();
        let addresses = [("127.0.0.1", full.port()), ("127.0.0.2", listener.port())];
        let hosts = crate::hosts::Hosts::of("two.test", &addresses);
        mark("first");
        let client = crate::hosts::tcp("two.test", 1, &hosts.options(), 60_000);
        mark("last");
        assert!(client.is_ok());
    };
    let test = "syscalls::a_connect_to_several_addresses_polls_all_of_them_at_once";
    let Some(calls) = traced(test, body) else { return };
    // Without optimization the standard library looks at a descriptor before it closes it.
    let calls: Vec<_> = calls.into_iter().filter(|call| !call.contains("F_GETFD")).collect();
    let polled: Vec<_> = names(&calls).iter().map(|name| name.replace("ppoll", "poll")).collect();
    let attempt = ["socket", "setsockopt", "connect", "poll"];
    let end = ["getsockopt", "close", "fcntl", "fcntl"];
    assert_eq!(polled, [&attempt[..], &attempt, &end].concat());
    assert!(calls.iter().all(|call| !call.contains("SO_SNDTIMEO")), "{calls:#?}");
}

#[test]
fn descriptors_and_options_are_one_system_call_each() {
    let body = || {
        let (one, other) = crate::option_handle::pair(BOJAGI_KIND_UNIX_STREAM, PLAIN).unwrap();
        let (tcp, _server) = tcp_pair(PLAIN);
        let (mut fds, mut count, mut value) = ([2; 2], 0, 0);
        let buf = [0u8; 1].as_mut_ptr().cast();
        mark("first");
        unsafe {
            assert_eq!(bojagi_socket_send_fds(one.0, buf, 1, fds.as_ptr(), 2, -1), 1);
            let out = fds.as_mut_ptr();
            assert_eq!(bojagi_socket_recv_fds(other.0, buf, 1, -1, out, 2, &mut count), 1);
            assert_eq!(bojagi_socket_set_option(tcp.0, BOJAGI_OPTION_KEEPALIVE, 1), 0);
            assert_eq!(bojagi_socket_option(tcp.0, BOJAGI_OPTION_KEEPALIVE, &mut value), 0);
        }
        mark("last");
    };
    let Some(calls) = traced("syscalls::descriptors_and_options_are_one_system_call_each", body)
    else {
        return;
    };
    assert_eq!(names(&calls), ["sendmsg", "recvmsg", "setsockopt", "getsockopt"]);
    assert!(calls[1].contains("MSG_CMSG_CLOEXEC"), "{}", calls[1]);
}

/// Runs `body` in a child under strace, and returns the calls that it made between its two marks.
/// Nothing in the child, and where strace is missing, which is a failure in CI.
pub fn traced(test: &str, body: impl Fn()) -> Option<Vec<String>> {
    traced_with(test, &[], body)
}

/// The same, of these calls.
pub fn traced_as(test: &str, which: &str, body: impl Fn()) -> Option<Vec<String>> {
    traced_with(test, &["-e", which], body)
}

/// The same, with more arguments for strace.
pub fn traced_with(test: &str, more: &[&str], body: impl Fn()) -> Option<Vec<String>> {
    if is_child(test) {
        body();
        return None;
    }
    let trace = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(test.replace(':', "-"));
    let mut command = Command::new("strace");
    command
        .args(["-f", "-e", CALLS])
        .args(more)
        .arg("-o")
        .arg(&trace)
        .arg(env::current_exe().unwrap());
    command.args(arguments(test)).env("BOJAGI_TEST_CHILD", test);
    let Ok(output) = command.output() else {
        skip(&format!("{test}: strace is not installed (apt-get install strace)"));
        return None;
    };
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let lines = fs::read_to_string(&trace).unwrap();
    let calls = lines.lines().map(|line| line.split_once(' ').map_or("", |(_, call)| call.trim()));
    let between = calls.skip_while(|call| !call.contains("mark:first")).skip(1);
    Some(between.take_while(|call| !call.contains("mark:last")).map(str::to_owned).collect())
}

/// A call that the trace shows and nobody minds.
pub fn mark(name: &str) {
    let text = format!("mark:{name}");
    unsafe { libc::write(-1, text.as_ptr().cast(), text.len()) };
}

pub fn names(calls: &[String]) -> Vec<&str> {
    calls.iter().map(|call| call.split('(').next().unwrap_or("")).collect()
}
