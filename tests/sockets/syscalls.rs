//! The system calls of level 1, counted by strace.

use crate::handle::*;
use crate::peer;
use crate::process::{arguments, is_child};
use std::env;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

const CALLS: &str = "trace=network,poll,ppoll,read,write,epoll_wait,epoll_pwait,epoll_ctl";

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

/// Runs `body` in a child under strace, and returns the calls that it made between its two marks.
/// Nothing in the child, and where strace is missing, which is a failure in CI.
pub fn traced(test: &str, body: impl Fn()) -> Option<Vec<String>> {
    if is_child(test) {
        body();
        return None;
    }
    let trace = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(test.replace(':', "-"));
    let mut command = Command::new("strace");
    command.args(["-f", "-e", CALLS, "-o"]).arg(&trace).arg(env::current_exe().unwrap());
    command.args(arguments(test)).env("BOJAGI_TEST_CHILD", test);
    let Ok(output) = command.output() else {
        let is_ci = env::var("CI").is_ok_and(|value| value == "true");
        assert!(!is_ci, "strace is not installed: apt-get install strace");
        eprintln!("SKIPPED {test}: strace is not installed (apt-get install strace)");
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
