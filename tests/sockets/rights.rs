//! Descriptors over Unix sockets: handed over whole, or closed; never leaked.

use crate::handle::*;
use crate::option_handle::pair;
use crate::process;
use bojagi::capi::rights::*;
use bojagi::net::option::id::*;
use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::{AsRawFd, FromRawFd};
use std::ptr::{null, null_mut};

const KINDS: [u32; 3] =
    [BOJAGI_KIND_UNIX_STREAM, BOJAGI_KIND_UNIX_DATAGRAM, BOJAGI_KIND_UNIX_SEQPACKET];

fn send(socket: &Socket, data: &[u8], fds: &[i64], timeout_ms: i64) -> i64 {
    let (at, len) = (data.as_ptr().cast(), data.len());
    unsafe { bojagi_socket_send_fds(socket.0, at, len, fds.as_ptr(), fds.len(), timeout_ms) }
}

/// The result, and the descriptors, which are the caller's.
fn recv(socket: &Socket, buf: &mut [u8], room: usize, timeout_ms: i64) -> (i64, Vec<File>) {
    let mut fds = vec![-7; room];
    let mut count = usize::MAX;
    let (at, cap) = (buf.as_mut_ptr().cast(), buf.len());
    let (list, out) = (fds.as_mut_ptr(), &mut count);
    let result = unsafe { bojagi_socket_recv_fds(socket.0, at, cap, timeout_ms, list, room, out) };
    assert!(count <= room && fds[count..].iter().all(|&fd| fd == -7), "{count}: {fds:?}");
    let own = |&fd: &i64| unsafe { File::from_raw_fd(i32::try_from(fd).unwrap()) };
    (result, fds[..count].iter().map(own).collect())
}

fn pipe() -> [File; 2] {
    let mut ends = [0; 2];
    assert_eq!(unsafe { libc::pipe2(ends.as_mut_ptr(), libc::O_CLOEXEC) }, 0);
    ends.map(|fd| unsafe { File::from_raw_fd(fd) })
}

fn number(file: &File) -> i64 {
    file.as_raw_fd().into()
}

/// Whether the test is alone in its process, so that nobody else opens or closes descriptors. Where it is
/// not, it has been run so.
fn is_alone(test: &str) -> bool {
    let is_alone = process::is_child(test);
    if !is_alone {
        process::succeeds(process::child(test));
    }
    is_alone
}

fn open_count() -> usize {
    std::fs::read_dir("/proc/self/fd").unwrap().count()
}

#[test]
fn a_pipe_and_a_listener_work_at_the_other_end() {
    for kind in KINDS {
        let (one, other) = pair(kind, PLAIN).unwrap();
        let [reader, mut writer] = pipe();
        let listener = Listener::tcp("127.0.0.1", PLAIN).unwrap();
        let port = listener.port();
        let fds = [number(&reader), listener.fd().into()];
        assert_eq!(send(&one, b"two", &fds, 1000), 3);
        drop((reader, listener));
        let mut buf = [0; 8];
        let (len, mut files) = recv(&other, &mut buf, 4, 1000);
        assert_eq!((len, files.len(), &buf[..3]), (3, 2, &b"two"[..]));
        for file in &files {
            let flags = unsafe { libc::fcntl(file.as_raw_fd(), libc::F_GETFD) };
            assert_eq!(flags, libc::FD_CLOEXEC);
        }
        let listener = files.pop().unwrap();
        let again = Listener::from_fd(number(&listener), PLAIN).unwrap();
        std::mem::forget(listener);
        let _client = Socket::tcp("127.0.0.1", port, PLAIN, 1000).unwrap();
        assert!(again.accept(1000).is_ok());
        writer.write_all(b"through").unwrap();
        drop(writer);
        let mut text = String::new();
        files.pop().unwrap().read_to_string(&mut text).unwrap();
        assert_eq!(text, "through");
    }
}

#[test]
fn from_none_to_as_many_as_a_message_carries() {
    if !is_alone("rights::from_none_to_as_many_as_a_message_carries") {
        return;
    }
    for kind in KINDS {
        let (one, other) = pair(kind, PLAIN).unwrap();
        let file = File::open("/proc/self/stat").unwrap();
        let before = open_count();
        for count in [0, 1, 2, 252, 253] {
            assert_eq!(send(&one, b"x", &vec![number(&file); count], 1000), 1);
            let (len, files) = recv(&other, &mut [0; 4], 253, 1000);
            assert_eq!((len, files.len()), (1, count));
            assert_eq!(open_count(), before + count);
        }
        assert_eq!(send(&one, b"x", &vec![number(&file); 254], 1000), BOJAGI_E_ARG);
        assert!(last_error().text().contains("253"), "{}", last_error().text());
        assert_eq!(recv(&other, &mut [0; 4], 253, 0).0, BOJAGI_E_AGAIN, "nothing was sent");
        assert_eq!(open_count(), before);
    }
}

#[test]
fn the_surplus_is_closed_and_the_bytes_are_there() {
    if !is_alone("rights::the_surplus_is_closed_and_the_bytes_are_there") {
        return;
    }
    for kind in KINDS {
        let (one, other) = pair(kind, PLAIN).unwrap();
        let file = File::open("/proc/self/stat").unwrap();
        let before = open_count();
        for (count, room) in [(1, 0), (2, 1), (253, 0), (253, 252), (253, 10)] {
            assert_eq!(send(&one, b"bytes", &vec![number(&file); count], 1000), 5);
            let mut buf = [0; 8];
            let (result, files) = recv(&other, &mut buf, room, 1000);
            assert_eq!((result, files.len()), (BOJAGI_E_SPACE, room));
            assert_eq!((last_error().offset, &buf[..5]), (5, &b"bytes"[..]));
            let text = last_error().text().to_owned();
            assert!(text.contains(&format!("{count} descriptors")), "{text}");
            assert_eq!(open_count(), before + room);
        }
        assert_eq!(open_count(), before);
    }
}

#[test]
fn a_plain_receive_leaks_none() {
    if !is_alone("rights::a_plain_receive_leaks_none") {
        return;
    }
    for kind in KINDS {
        let (one, other) = pair(kind, PLAIN).unwrap();
        let file = File::open("/proc/self/stat").unwrap();
        let before = open_count();
        let mut buf = [0; 8];
        for _ in 0..4 {
            assert_eq!(send(&one, b"bytes", &[number(&file); 5], 1000), 5);
        }
        assert_eq!(other.recv(&mut buf, 1000), 5);
        assert_eq!(other.recv_from(&mut buf, 1000).0, 5);
        if kind == BOJAGI_KIND_UNIX_STREAM {
            assert_eq!(other.recv_exact(&mut buf[..5], 1000).0, 5);
        } else {
            assert_eq!(other.recv(&mut buf[..2], 1000), BOJAGI_E_SPACE);
        }
        assert_eq!(open_count(), before);
        // What nobody has received goes with the socket.
        drop((one, other));
        assert_eq!(open_count(), before - 2);
    }
}

#[test]
fn descriptors_beyond_the_limit_of_the_process_are_reported_and_the_rest_handed_over() {
    if !is_alone(
        "rights::descriptors_beyond_the_limit_of_the_process_are_reported_and_the_rest_handed_over",
    ) {
        return;
    }
    let (one, other) = pair(BOJAGI_KIND_UNIX_STREAM, PLAIN).unwrap();
    let file = File::open("/proc/self/stat").unwrap();
    assert_eq!(send(&one, b"bytes", &[number(&file); 9], 1000), 5);
    let next = unsafe { libc::dup(file.as_raw_fd()) };
    unsafe { libc::close(next) };
    let limit = u64::try_from(next).unwrap() + 4;
    let limit = libc::rlimit { rlim_cur: limit, rlim_max: limit };
    assert_eq!(unsafe { libc::setrlimit(libc::RLIMIT_NOFILE, &limit) }, 0);
    let mut buf = [0; 8];
    let (result, files) = recv(&other, &mut buf, 253, 1000);
    assert_eq!((result, files.len(), last_error().offset), (BOJAGI_E_LIMIT, 4, 5));
    assert_eq!(&buf[..5], b"bytes");
}

#[test]
fn each_set_comes_with_its_own_bytes() {
    let (one, other) = pair(BOJAGI_KIND_UNIX_STREAM, PLAIN).unwrap();
    let file = File::open("/proc/self/stat").unwrap();
    let fd = number(&file);
    assert_eq!(send(&one, b"ab", &[fd; 1], 1000), 2);
    assert_eq!(one.send(b"cd", 1000), 2);
    assert_eq!(send(&one, b"ef", &[fd; 3], 1000), 2);
    let mut got = Vec::new();
    let mut bytes = 0;
    while bytes < 6 {
        let (len, files) = recv(&other, &mut [0; 64], 253, 1000);
        bytes += len;
        got.push(files.len());
    }
    assert_eq!(got.iter().filter(|&&count| count > 0).collect::<Vec<_>>(), [&1, &3]);
}

#[test]
fn wrong_arguments_are_refused_and_nothing_is_sent() {
    let (one, other) = pair(BOJAGI_KIND_UNIX_STREAM, PLAIN).unwrap();
    let file = File::open("/proc/self/stat").unwrap();
    for fds in [&[-1][..], &[i64::from(i32::MAX)], &[i64::MAX], &[number(&file), 1 << 32]] {
        assert_eq!(send(&one, b"x", fds, 1000), BOJAGI_E_ARG, "{fds:?}");
        assert!(last_error().text().contains("descriptor"), "{}", last_error().text());
    }
    assert_eq!(send(&one, b"", &[number(&file)], 1000), BOJAGI_E_ARG);
    assert_eq!(send(&one, b"x", &[number(&file)], -2), BOJAGI_E_ARG);
    let x = b"x".as_ptr().cast();
    let send_raw = |fds, count| unsafe { bojagi_socket_send_fds(one.0, x, 1, fds, count, 1000) };
    assert_eq!(send_raw(null(), 1), BOJAGI_E_ARG);
    assert_eq!(send_raw(std::ptr::without_provenance(3), 1), BOJAGI_E_ARG);
    assert_eq!(send_raw(null(), usize::MAX), BOJAGI_E_ARG);
    assert_eq!(recv(&other, &mut [0; 1], 1, 0).0, BOJAGI_E_AGAIN);
    assert_eq!(recv(&other, &mut [], 1, 0).0, BOJAGI_E_ARG);
    let buf = [0u8; 1].as_mut_ptr().cast();
    let none = unsafe { bojagi_socket_recv_fds(other.0, buf, 1, 0, null_mut(), 0, null_mut()) };
    assert_eq!(none, BOJAGI_E_ARG, "where would the count go");
    let mut count = 7;
    let none = unsafe { bojagi_socket_recv_fds(other.0, buf, 1, 0, null_mut(), 3, &mut count) };
    assert_eq!((none, count), (BOJAGI_E_ARG, 0));

    let (tcp, server) = tcp_pair(PLAIN);
    assert_eq!(send(&tcp, b"x", &[number(&file)], 1000), BOJAGI_E_UNSUPPORTED);
    assert_eq!(recv(&server, &mut [0; 1], 1, 0).0, BOJAGI_E_UNSUPPORTED);
}

#[test]
fn budgets_cancels_and_the_end_are_those_of_a_plain_receive() {
    let (one, other) = pair(BOJAGI_KIND_UNIX_STREAM, PLAIN).unwrap();
    assert_eq!(recv(&other, &mut [0; 4], 1, 20).0, BOJAGI_E_TIMEOUT);
    while one.send(&[0; 4096], 0) > 0 {}
    let file = File::open("/proc/self/stat").unwrap();
    assert_eq!(send(&one, b"x", &[number(&file)], 20), BOJAGI_E_TIMEOUT);
    let (one, other) = pair(BOJAGI_KIND_UNIX_SEQPACKET, PLAIN).unwrap();
    let cancel = Cancel::new();
    assert_eq!(other.set_cancel(Some(&cancel)), 0);
    let call = || recv(&other, &mut [0; 4], 1, -1).0;
    assert_eq!(process::during(call, || cancel.fire()), BOJAGI_E_CANCELLED);
    assert_eq!(other.set_cancel(None), 0);
    assert_eq!(send(&one, b"x", &[number(&file)], 1000), 1);
    drop(one);
    let (len, files) = recv(&other, &mut [0; 4], 1, -1);
    assert_eq!((len, files.len()), (1, 1));
    assert_eq!(recv(&other, &mut [0; 4], 1, -1).0, 0);
}
