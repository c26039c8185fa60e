//! Files and pipes into a stream: every byte once, in order, within the budget, and no SIGPIPE.

use crate::handle::*;
use crate::peer::abstract_name;
use crate::process;
use crate::signal::{install, signal, signal_until_over, signals, started};
use crate::vector::pattern;
use bojagi::capi::sendfile::bojagi_socket_sendfile;
use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::os::fd::{AsRawFd, FromRawFd};
use std::ptr::null_mut;
use std::thread;
use std::time::{Duration, Instant};

const TO_THE_END: u64 = u64::MAX;

impl Socket {
    pub fn sendfile(
        &self,
        fd: &impl AsRawFd,
        offset: i64,
        len: u64,
        timeout_ms: i64,
    ) -> (i64, u64) {
        let (fd, mut done) = (i64::from(fd.as_raw_fd()), u64::MAX);
        let result =
            unsafe { bojagi_socket_sendfile(self.0, fd, offset, len, timeout_ms, &mut done) };
        (result, done)
    }
}

/// A file without a name, in this directory or the usual one.
fn file_in(directory: &str, data: &[u8]) -> File {
    let path = format!("{directory}/{}", abstract_name().replace('@', ""));
    let mut file = OpenOptions::new().read(true).write(true).create_new(true).open(&path).unwrap();
    std::fs::remove_file(path).unwrap();
    file.write_all(data).unwrap();
    file.rewind().unwrap();
    file
}

pub fn file(data: &[u8]) -> File {
    file_in(env!("CARGO_TARGET_TMPDIR"), data)
}

fn pipe() -> (File, File) {
    let mut ends = [-1; 2];
    assert_eq!(unsafe { libc::pipe2(ends.as_mut_ptr(), libc::O_CLOEXEC) }, 0);
    unsafe { (File::from_raw_fd(ends[0]), File::from_raw_fd(ends[1])) }
}

fn is_nonblocking(socket: &Socket) -> bool {
    unsafe { libc::fcntl(socket.fd(), libc::F_GETFL) & libc::O_NONBLOCK != 0 }
}

/// What a peer receives until the sender, which is then dropped, has ended.
fn received(server: &Socket) -> Vec<u8> {
    let (mut all, mut buf) = (Vec::new(), vec![0; 1 << 16]);
    loop {
        match usize::try_from(server.recv(&mut buf, 20_000)).unwrap() {
            0 => return all,
            count => all.extend_from_slice(&buf[..count]),
        }
    }
}

#[test]
fn every_kind_of_call_sends_the_part_that_was_asked_for() {
    let cancel = Cancel::new();
    let data = pattern(3 << 20);
    let len = u64::try_from(data.len()).unwrap();
    let with_cancel = Options { cancel: Some(&cancel), ..PLAIN };
    for (options, timeout_ms) in
        [(PLAIN, -1), (PLAIN, 20_000), (INTERRUPTIBLE, -1), (with_cancel, -1)]
    {
        for (offset, part, expected) in [
            (0, len, &data[..]),
            (0, TO_THE_END, &data[..]),
            (1 << 20, TO_THE_END, &data[1 << 20..]),
            (7, 100_001, &data[7..100_008]),
            (5, 0, &[]),
            (9, 16_384, &data[9..16_393]),
            (9, 16_385, &data[9..16_394]),
            (3 << 20, TO_THE_END, &[]),
            (4 << 20, TO_THE_END, &[]),
            (-1, 1000, &data[10..1010]),
            (-1, TO_THE_END, &data[10..]),
        ] {
            let mut file = file(&data);
            file.seek(SeekFrom::Start(10)).unwrap();
            let (client, server) = tcp_pair(options);
            thread::scope(|scope| {
                let reader = scope.spawn(|| received(&server));
                let sent = client.sendfile(&file, offset, part, timeout_ms);
                let count = expected.len();
                assert_eq!(sent, (i64::try_from(count).unwrap(), u64::try_from(count).unwrap()));
                assert!(!is_nonblocking(&client));
                drop(client);
                assert!(reader.join().unwrap() == expected, "{offset} {part}");
            });
            let moved = if offset == -1 { expected.len() } else { 0 };
            assert_eq!(file.stream_position().unwrap(), 10 + u64::try_from(moved).unwrap());
        }
    }
}

#[test]
fn a_file_that_ends_early_is_truncated_and_sent_as_far_as_it_goes() {
    for (data, offset, sent) in [(&b"abc"[..], 0, 3), (b"abc", 2, 1), (b"abc", 3, 0), (b"", 0, 0)] {
        let (client, server) = tcp_pair(PLAIN);
        assert_eq!(client.sendfile(&file(data), offset, 10, 1000), (BOJAGI_E_TRUNCATED, sent));
        assert!(last_error().text().contains("ended after"), "{}", last_error().text());
        drop(client);
        assert_eq!(received(&server), &data[usize::try_from(offset).unwrap()..]);
    }
}

#[test]
fn a_file_that_is_cut_during_the_send_is_truncated() {
    let cancel = Cancel::new();
    for options in [PLAIN, Options { cancel: Some(&cancel), ..PLAIN }] {
        let data = pattern(32 << 20);
        let (client, server) = tcp_pair(options);
        let file = file(&data);
        let mut sent = 0;
        let call = || {
            let (code, done) = client.sendfile(&file, 0, 32 << 20, -1);
            sent = done;
            drop(client);
            code
        };
        let mut all = Vec::new();
        let code = process::during(call, || {
            file.set_len(1 << 20).unwrap();
            all = received(&server);
        });
        assert_eq!(code, BOJAGI_E_TRUNCATED);
        assert!(sent < 32 << 20 && u64::try_from(all.len()) == Ok(sent));
        // What a page had when it was read; the rest of a page that was cut is zeroes (truncate(2)).
        assert!(all[..1 << 20] == data[..1 << 20]);
    }
}

#[test]
fn a_budget_and_a_cancel_hold_and_nothing_is_lost() {
    let data = pattern(16 << 20);
    let len = u64::try_from(data.len()).unwrap();
    let file = file(&data);
    for timeout_ms in [0, 60, -1] {
        let cancel = Cancel::new();
        let (client, server) = tcp_pair(PLAIN);
        let begun = Instant::now();
        let (code, mut done) = if timeout_ms < 0 {
            assert_eq!(client.set_cancel(Some(&cancel)), 0);
            let mut done = 0;
            let call = || {
                let (code, count) = client.sendfile(&file, 0, len, -1);
                done = count;
                code
            };
            (process::during(call, || cancel.fire()), done)
        } else {
            client.sendfile(&file, 0, len, timeout_ms)
        };
        let expected = match timeout_ms {
            0 => BOJAGI_E_AGAIN,
            60 => BOJAGI_E_TIMEOUT,
            _ => BOJAGI_E_CANCELLED,
        };
        assert_eq!(code, expected);
        assert!(begun.elapsed() >= Duration::from_millis(u64::try_from(timeout_ms).unwrap_or(0)));
        assert!(begun.elapsed() < Duration::from_secs(20));
        assert!(0 < done && done < len && !is_nonblocking(&client));
        assert_eq!(client.set_cancel(None), 0);
        thread::scope(|scope| {
            let reader = scope.spawn(|| received(&server));
            let at = i64::try_from(done).unwrap();
            done += client.sendfile(&file, at, TO_THE_END, 20_000).1;
            drop(client);
            assert!(reader.join().unwrap() == data);
        });
        assert_eq!(done, len);
    }
}

#[test]
fn a_peer_that_takes_a_little_now_and_then_does_not_stretch_the_budget() {
    let file = file(&pattern(64 << 20));
    let (client, server) = tcp_pair(PLAIN);
    thread::scope(|scope| {
        let sender = scope.spawn(|| {
            let begun = Instant::now();
            let code = client.sendfile(&file, 0, TO_THE_END, 300).0;
            let elapsed = begun.elapsed();
            assert_eq!(client.shutdown(3), 0);
            (code, elapsed)
        });
        // 64 KiB for each tenth of the budget: SO_SNDTIMEO would begin anew each time.
        let mut buf = vec![0; 1 << 16];
        let mut turns = 0;
        while server.recv_exact(&mut buf, 5000).0 > 0 && turns < 200 {
            turns += 1;
            unsafe { libc::poll(null_mut(), 0, 30) };
        }
        let (code, elapsed) = sender.join().unwrap();
        assert_eq!(code, BOJAGI_E_TIMEOUT);
        assert!((300..3000).contains(&elapsed.as_millis()), "{elapsed:?}");
    });
}

#[test]
fn a_signal_interrupts_and_nothing_is_lost() {
    let test = "sendfile::a_signal_interrupts_and_nothing_is_lost";
    if !process::is_child(test) {
        process::succeeds(process::child(test));
        return;
    }
    let data = pattern(16 << 20);
    for number in signals() {
        let (client, server) = tcp_pair(INTERRUPTIBLE);
        let file = file(&data);
        let copy = file.try_clone().unwrap();
        let thread = started(move || (client.sendfile(&copy, 0, TO_THE_END, -1), client));
        signal_until_over(&thread, number);
        let ((code, done), client) = thread.join().unwrap();
        assert_eq!(code, BOJAGI_E_INTERRUPTED);
        thread::scope(|scope| {
            let reader = scope.spawn(|| received(&server));
            let at = i64::try_from(done).unwrap();
            assert!(client.sendfile(&file, at, TO_THE_END, 20_000).0 > 0);
            drop(client);
            assert!(reader.join().unwrap() == data);
        });
    }
}

#[test]
fn a_pipe_is_sent_from_until_it_is_closed_and_keeps_what_did_not_fit() {
    let cancel = Cancel::new();
    for options in [PLAIN, INTERRUPTIBLE, Options { cancel: Some(&cancel), ..PLAIN }] {
        let data = pattern(2 << 20);
        let (client, server) = tcp_pair(options);
        let (out, mut into) = pipe();
        assert_eq!(client.sendfile(&out, -1, 5, 0), (BOJAGI_E_AGAIN, 0));
        assert_eq!(client.sendfile(&out, -1, 5, 40), (BOJAGI_E_TIMEOUT, 0));
        into.write_all(b"0123456789").unwrap();
        assert_eq!(client.sendfile(&out, -1, 5, 1000), (5, 5));
        assert_eq!(client.sendfile(&out, -1, 6, 40), (BOJAGI_E_TIMEOUT, 5));
        assert_eq!(client.sendfile(&out, 0, 5, 1000).0, BOJAGI_E_ARG);
        thread::scope(|scope| {
            scope.spawn(|| {
                for piece in data.chunks(40_000) {
                    into.write_all(piece).unwrap();
                }
                drop(into);
            });
            // Nobody receives yet, so these budgets run out in the middle, on the socket or on the pipe.
            let mut done = 0;
            for timeout_ms in [0, 1, 20, 100] {
                done += client.sendfile(&out, -1, TO_THE_END, timeout_ms).1;
            }
            let reader = scope.spawn(|| received(&server));
            let (code, rest) = client.sendfile(&out, -1, TO_THE_END, -1);
            assert_eq!((u64::try_from(code), done + rest), (Ok(rest), 2 << 20));
            drop(client);
            assert!(reader.join().unwrap() == [b"0123456789", &data[..]].concat());
        });
    }
}

#[test]
fn a_cancel_ends_the_wait_for_a_pipe() {
    let cancel = Cancel::new();
    let (client, _server) = tcp_pair(Options { cancel: Some(&cancel), ..PLAIN });
    let (out, _into) = pipe();
    let code = process::during(|| client.sendfile(&out, -1, 1, -1).0, || cancel.fire());
    assert_eq!(code, BOJAGI_E_CANCELLED);
}

#[test]
fn files_that_only_look_empty_and_devices_are_copied() {
    for path in ["/proc/self/maps", "/proc/version", "/sys/kernel/mm/transparent_hugepage/enabled"]
    {
        let Ok(file) = File::open(path) else { continue };
        let expected = std::fs::read(path).unwrap();
        for timeout_ms in [-1, 5000] {
            for offset in [0, -1] {
                (&file).rewind().unwrap();
                let (client, server) = tcp_pair(PLAIN);
                let (code, done) = client.sendfile(&file, offset, TO_THE_END, timeout_ms);
                assert!(code > 0 && u64::try_from(code) == Ok(done), "{path} {code}");
                drop(client);
                let got = received(&server);
                assert_eq!(u64::try_from(got.len()), Ok(done));
                // The map may change while it is read.
                assert!(got == expected || path.ends_with("maps"), "{path}");
            }
        }
    }
    let (client, server) = tcp_pair(PLAIN);
    let zero = File::open("/dev/zero").unwrap();
    thread::scope(|scope| {
        let reader = scope.spawn(|| received(&server));
        assert_eq!(client.sendfile(&zero, 0, 1 << 20, 10_000), (1 << 20, 1 << 20));
        drop(client);
        assert!(reader.join().unwrap() == vec![0; 1 << 20]);
    });
}

#[test]
fn tmpfs_and_files_beyond_4_gib_are_sent() {
    for directory in [env!("CARGO_TARGET_TMPDIR"), "/dev/shm"] {
        let mut file = file_in(directory, b"");
        let far = (5 << 30) + 1;
        file.seek(SeekFrom::Start(far)).unwrap();
        file.write_all(b"far").unwrap();
        let (client, server) = tcp_pair(PLAIN);
        let begin = i64::try_from(far).unwrap() - 2;
        assert_eq!(client.sendfile(&file, begin, TO_THE_END, 5000), (5, 5));
        file.seek(SeekFrom::Start(far)).unwrap();
        assert_eq!(client.sendfile(&file, -1, 3, 5000), (3, 3));
        drop(client);
        assert_eq!(received(&server), b"\0\0farfar");
    }
}

#[test]
fn a_unix_stream_is_sent_to_like_tcp() {
    let data = pattern(1 << 20);
    let name = abstract_name();
    let listener = Listener::unix(&name, PLAIN).unwrap();
    for timeout_ms in [-1, 10_000] {
        let client = Socket::unix(&name, PLAIN, 1000).unwrap();
        let server = listener.accept(1000).unwrap();
        let file = file(&data);
        let (code, done) = client.sendfile(&file, 0, TO_THE_END, 30);
        assert_eq!(code, BOJAGI_E_TIMEOUT);
        thread::scope(|scope| {
            let reader = scope.spawn(|| received(&server));
            let at = i64::try_from(done).unwrap();
            assert!(client.sendfile(&file, at, TO_THE_END, timeout_ms).0 > 0);
            drop(client);
            assert!(reader.join().unwrap() == data);
        });
    }
}

#[test]
fn what_cannot_be_sent_from_or_to_is_refused() {
    let (client, server) = tcp_pair(PLAIN);
    let readable = file(b"abc");
    for (offset, timeout_ms) in [(-2, 0), (i64::MIN, 0), (0, -2)] {
        assert_eq!(client.sendfile(&readable, offset, 1, timeout_ms), (BOJAGI_E_ARG, 0));
    }
    let mut done = 7;
    for fd in [-1, i64::from(i32::MAX), 1 << 40, i64::MIN] {
        let code = unsafe { bojagi_socket_sendfile(client.0, fd, 0, 1, 0, &mut done) };
        assert_eq!((code, done), (BOJAGI_E_ARG, 0), "{fd}");
        assert!(last_error().text().contains("not open for reading"), "{}", last_error().text());
    }
    assert_eq!(unsafe { bojagi_socket_sendfile(null_mut(), 0, 0, 1, 0, null_mut()) }, BOJAGI_E_ARG);
    let path = format!("{}/{}", env!("CARGO_TARGET_TMPDIR"), abstract_name());
    let write_only = File::create(&path).unwrap();
    std::fs::remove_file(path).unwrap();
    assert_eq!(client.sendfile(&write_only, 0, 1, 0), (BOJAGI_E_ARG, 0));
    assert_eq!(client.sendfile(&File::open("/").unwrap(), 0, 1, 0), (BOJAGI_E_OS, 0));
    let (other, _other) = crate::peer::std_pair();
    assert_eq!(client.sendfile(&other, -1, 1, 0), (BOJAGI_E_UNSUPPORTED, 0));
    assert!(last_error().text().contains("could be lost"), "{}", last_error().text());
    let datagram = Socket::udp("127.0.0.1", 9, 1000).unwrap();
    assert_eq!(datagram.sendfile(&readable, 0, 1, 0), (BOJAGI_E_UNSUPPORTED, 0));
    assert_eq!(client.sendfile(&readable, i64::MAX, TO_THE_END, 0), (BOJAGI_E_OS, 0));
    assert_eq!(server.recv(&mut [0; 1], 0), BOJAGI_E_AGAIN, "nothing was sent");
}

#[test]
fn a_closed_peer_raises_no_sigpipe_and_leaves_none_behind() {
    let test = "sendfile::a_closed_peer_raises_no_sigpipe_and_leaves_none_behind";
    if !process::is_child(test) {
        process::succeeds(process::child(test));
        return;
    }
    install(libc::SIGPIPE, libc::SIG_DFL, 0);
    let large = file(&pattern(8 << 20));
    for is_blocked in [false, true] {
        let mut set = unsafe { std::mem::zeroed() };
        unsafe {
            libc::sigemptyset(&mut set);
            libc::sigaddset(&mut set, libc::SIGPIPE);
        }
        if is_blocked {
            assert_eq!(unsafe { libc::pthread_sigmask(libc::SIG_BLOCK, &set, null_mut()) }, 0);
        }
        for timeout_ms in [-1, 5000] {
            let name = abstract_name();
            let listener = Listener::unix(&name, PLAIN).unwrap();
            let unix = Socket::unix(&name, PLAIN, 1000).unwrap();
            drop(listener.accept(1000).unwrap());
            let (tcp, _peer) = tcp_pair(PLAIN);
            assert_eq!(tcp.shutdown(2), 0);
            let (out, mut into) = pipe();
            into.write_all(&[7; 4096]).unwrap();
            for socket in [&unix, &tcp] {
                for len in [TO_THE_END, 1 << 20] {
                    assert_eq!(socket.sendfile(&large, 0, len, timeout_ms), (BOJAGI_E_CLOSED, 0));
                }
                assert_eq!(socket.sendfile(&out, -1, 10, timeout_ms), (BOJAGI_E_CLOSED, 0));
            }
            // Closed in the middle of a call, which then comes back short, with the signal behind it.
            let unix = Socket::unix(&name, PLAIN, 1000).unwrap();
            let server = listener.accept(1000).unwrap();
            let call = || unix.sendfile(&large, 0, TO_THE_END, timeout_ms).0;
            let code = process::during(call, || drop(server));
            assert!([BOJAGI_E_CLOSED, BOJAGI_E_RESET].contains(&code), "{code}");
        }
        let mut pending = unsafe { std::mem::zeroed() };
        assert_eq!(unsafe { libc::sigpending(&mut pending) }, 0);
        assert_eq!(unsafe { libc::sigismember(&pending, libc::SIGPIPE) }, 0);
        let mut now = unsafe { std::mem::zeroed() };
        assert_eq!(
            unsafe { libc::pthread_sigmask(libc::SIG_BLOCK, std::ptr::null(), &mut now) },
            0
        );
        assert_eq!(unsafe { libc::sigismember(&now, libc::SIGPIPE) }, i32::from(is_blocked));
    }
    // One that the host had before us is still the host's.
    let (tcp, _peer) = tcp_pair(PLAIN);
    assert_eq!(tcp.shutdown(2), 0);
    assert_eq!(unsafe { libc::raise(libc::SIGPIPE) }, 0);
    assert_eq!(tcp.sendfile(&large, 0, 1, 1000), (BOJAGI_E_CLOSED, 0));
    let mut pending = unsafe { std::mem::zeroed() };
    assert_eq!(unsafe { libc::sigpending(&mut pending) }, 0);
    assert_eq!(unsafe { libc::sigismember(&pending, libc::SIGPIPE) }, 1);
}

#[test]
fn a_receiver_on_the_same_socket_does_not_notice() {
    let (client, server) = tcp_pair(PLAIN);
    let file = file(&pattern(1000));
    thread::scope(|scope| {
        let receiver = scope.spawn(|| {
            let mut buf = [0; 100];
            (0..200).all(|_| client.recv_exact(&mut buf, 10_000) == (100, 100))
        });
        for _ in 0..200 {
            assert_eq!(client.sendfile(&file, 0, TO_THE_END, 10_000), (1000, 1000));
            assert_eq!(server.send_all(&[1; 50], 10_000), (50, 50));
            assert_eq!(server.recv_exact(&mut [0; 1000], 10_000), (1000, 1000));
            assert_eq!(server.send_all(&[1; 50], 10_000), (50, 50));
        }
        assert!(receiver.join().unwrap());
    });
}

#[test]
fn a_signal_does_not_end_the_send_of_another_handle() {
    let test = "sendfile::a_signal_does_not_end_the_send_of_another_handle";
    if !process::is_child(test) {
        process::succeeds(process::child(test));
        return;
    }
    for number in signals() {
        for timeout_ms in [-1, 30_000] {
            let data = pattern(16 << 20);
            let (client, server) = tcp_pair(PLAIN);
            let file = file(&data);
            let thread = started(move || client.sendfile(&file, 0, TO_THE_END, timeout_ms).0);
            for _ in 0..3 {
                signal(&thread, number);
            }
            assert!(received(&server) == data);
            assert_eq!(thread.join().unwrap(), 16 << 20);
        }
    }
}

#[test]
fn a_small_part_keeps_budget_cancel_and_silence_too() {
    let cancel = Cancel::new();
    let file = file(&pattern(16_384));
    for options in [PLAIN, INTERRUPTIBLE] {
        let (client, server) = tcp_pair(options);
        let mut sent = 0;
        let code = loop {
            match client.sendfile(&file, 0, 16_384, 0) {
                (16_384, done) => sent += done,
                (code, done) => {
                    sent += done;
                    break code;
                }
            }
        };
        assert_eq!(code, BOJAGI_E_AGAIN);
        let begun = Instant::now();
        let (code, done) = client.sendfile(&file, 0, 16_384, 60);
        assert_eq!(code, BOJAGI_E_TIMEOUT);
        assert!((60..10_000).contains(&begun.elapsed().as_millis()));
        sent += done;
        assert_eq!(client.set_cancel(Some(&cancel)), 0);
        // The peer's buffer may have grown meanwhile.
        let call = || loop {
            match client.sendfile(&file, 0, 16_384, -1).0 {
                16_384 => {}
                code => break code,
            }
        };
        assert_eq!(process::during(call, || cancel.fire()), BOJAGI_E_CANCELLED);
        cancel.reset();
        drop(client);
        assert!(u64::try_from(received(&server).len()).unwrap() >= sent);
    }
    let (client, _server) = tcp_pair(PLAIN);
    assert_eq!(client.shutdown(2), 0);
    assert_eq!(client.sendfile(&file, 0, 100, -1), (BOJAGI_E_CLOSED, 0));
}

#[test]
fn a_reset_in_the_middle_is_an_error_and_no_hang() {
    let large = file(&pattern(32 << 20));
    for timeout_ms in [-1, 20_000] {
        let (client, mut server) = {
            let listener = Listener::tcp("127.0.0.1", PLAIN).unwrap();
            let port = u16::try_from(listener.port()).unwrap();
            let theirs = std::net::TcpStream::connect(("127.0.0.1", port)).unwrap();
            (listener.accept(1000).unwrap(), theirs)
        };
        let call = || client.sendfile(&large, 0, TO_THE_END, timeout_ms).0;
        let code = process::during(call, || {
            server.read_exact(&mut [0; 100]).unwrap();
            socket2::SockRef::from(&server).set_linger(Some(Duration::ZERO)).unwrap();
            drop(server);
        });
        assert!([BOJAGI_E_CLOSED, BOJAGI_E_RESET].contains(&code), "{code}");
    }
}
