//! The system calls of vectored calls, sendfile, spin and frames, counted by strace.

use crate::frame::{Reader, format, send};
use crate::handle::*;
use crate::syscalls::{mark, names, traced_as};
use crate::vector::{pattern, piece};
use bojagi::capi::frame::{BOJAGI_FRAME_DELIMITED, BOJAGI_FRAME_U32};
use bojagi::capi::sendfile::bojagi_socket_sendfile;
use bojagi::capi::socket::bojagi_socket_set_spin;
use std::io::Write;
use std::os::fd::AsRawFd;
use std::ptr::null_mut;
use std::thread;

const CALLS: &str = "trace=network,poll,ppoll,read,write,pread64,sendfile,splice,fcntl,fstat,statx,\
                     lseek,rt_sigprocmask,rt_sigpending,rt_sigtimedwait";

/// A connection that has told off the budgets of connect and accept.
fn warm_pair() -> (Socket, Socket) {
    let (client, server) = tcp_pair(PLAIN);
    assert_eq!(client.send(b"x", -1), 1);
    assert_eq!(server.recv(&mut [0; 1], -1), 1);
    (client, server)
}

#[test]
fn many_pieces_are_one_system_call_and_more_than_1024_are_two() {
    let body = || {
        let (client, _server) = warm_pair();
        mark("first");
        assert_eq!(client.send_all_vectored(&[piece(b"ab"), piece(b"c")], -1), (3, 3));
        assert_eq!(client.send_all_vectored(&vec![piece(b"x"); 1025], -1), (1025, 1025));
        mark("last");
    };
    let test = "calls::many_pieces_are_one_system_call_and_more_than_1024_are_two";
    let Some(calls) = traced_as(test, CALLS, body) else { return };
    // Several calls of send_all do not block: what is left was not taken by one that did.
    assert_eq!(names(&calls), ["sendmsg"; 3], "{calls:#?}");
    assert!(calls.iter().all(|call| call.contains("MSG_NOSIGNAL")));
}

#[test]
fn a_frame_is_one_call_to_send_and_many_are_one_to_receive() {
    let body = || {
        let (client, server) = warm_pair();
        mark("first");
        for kind in [BOJAGI_FRAME_U32, BOJAGI_FRAME_DELIMITED] {
            let (mut reader, format) = (Reader::new(1024), format(kind));
            for turn in [1, 3] {
                for _ in 0..turn {
                    assert_eq!(send(&client, &format, b"hello", -1, &mut 0), 5);
                }
                for _ in 0..turn {
                    assert_eq!(reader.recv(&server, &format, -1).unwrap(), b"hello");
                }
            }
        }
        mark("last");
    };
    let test = "calls::a_frame_is_one_call_to_send_and_many_are_one_to_receive";
    let Some(calls) = traced_as(test, CALLS, body) else { return };
    let turns = ["sendmsg", "recvfrom", "sendmsg", "sendmsg", "sendmsg", "recvfrom"];
    assert_eq!(names(&calls), [turns, turns].concat(), "{calls:#?}");
}

#[test]
fn sendfile_is_the_systems_own_between_two_signal_masks() {
    let body = || {
        let path = format!("{}/calls-sendfile", env!("CARGO_TARGET_TMPDIR"));
        std::fs::write(&path, pattern(100_000)).unwrap();
        let file = std::fs::File::open(&path).unwrap();
        let (client, server) = warm_pair();
        let fd = i64::from(file.as_raw_fd());
        let sendfile = |fd, offset, len, timeout_ms| unsafe {
            bojagi_socket_sendfile(client.0, fd, offset, len, timeout_ms, null_mut())
        };
        let (out, mut into) = std::io::pipe().unwrap();
        into.write_all(b"through a pipe").unwrap();
        mark("first");
        assert_eq!(sendfile(fd, 0, 100_000, -1), 100_000);
        assert_eq!(sendfile(fd, 0, 100_000, 5000), 100_000);
        assert_eq!(sendfile(fd, 0, u64::MAX, -1), 100_000);
        assert_eq!(sendfile(fd, 5, 16_384, -1), 16_384);
        assert_eq!(sendfile(out.as_raw_fd().into(), -1, 14, -1), 14);
        mark("last");
        drop(server);
    };
    let test = "calls::sendfile_is_the_systems_own_between_two_signal_masks";
    let Some(calls) = traced_as(test, CALLS, body) else { return };
    let mask = "rt_sigprocmask";
    let expected = [
        &[mask, "sendfile", mask][..],
        &["fcntl", "fcntl", mask, "sendfile", mask, "fcntl"],
        &[mask, "sendfile", "sendfile", "rt_sigtimedwait", mask],
        &["pread64", "sendto"],
        &[mask, "sendfile", "splice", mask],
    ];
    assert_eq!(names(&calls), expected.concat(), "{calls:#?}");
}

#[test]
fn a_spin_waits_without_a_poll_for_what_comes_soon_and_off_is_off() {
    let body = || {
        let (client, server) = warm_pair();
        let spin = |us| assert_eq!(unsafe { bojagi_socket_set_spin(server.0, us) }, 0);
        assert_eq!(server.recv(&mut [0; 1], 1), BOJAGI_E_TIMEOUT);
        mark("first");
        spin(1000);
        thread::scope(|scope| {
            scope.spawn(|| assert_eq!(client.send(b"x", -1), 1));
            assert_eq!(server.recv(&mut [0; 1], -1), 1);
        });
        spin(0);
        mark("off");
        assert_eq!(client.send(b"x", -1), 1);
        assert_eq!(server.recv(&mut [0; 1], 1), 1);
        mark("last");
    };
    let test = "calls::a_spin_waits_without_a_poll_for_what_comes_soon_and_off_is_off";
    let Some(calls) = traced_as(test, CALLS, body) else { return };
    let spun = calls.iter().take_while(|call| !call.contains("mark:off"));
    // The flags of a call that may wait; two threads are traced, so a call may take two lines.
    let mut spun = spun.filter(|call| call.contains("recvfrom"));
    assert!(spun.all(|call| !call.contains(", 1, 0, NULL")), "{calls:#?}");
    let off = calls.iter().skip_while(|call| !call.contains("mark:off"));
    let off: Vec<_> =
        off.filter(|call| call.starts_with("recv") || call.contains("poll")).collect();
    assert!(off.len() == 1 && !off[0].contains("DONTWAIT"), "{off:#?}");
}
