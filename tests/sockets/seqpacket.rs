//! Unix connections that keep messages apart, pairs, and names that the system chooses.

use crate::array::Array;
use crate::handle::*;
use crate::option_handle::pair;
use crate::peer::abstract_name;
use crate::process;
use bojagi::capi::unix::*;
use bojagi::net::option::id::*;
use std::ptr::null_mut;

pub fn listen(name: &str) -> Result<Listener, i64> {
    let (name, options, mut out) = (c(name), PLAIN.listen(), null_mut());
    match unsafe { bojagi_unix_seqpacket_listen(name.as_ptr(), &options, &mut out) } {
        0 => Ok(Listener(out)),
        code => Err(code),
    }
}

pub fn connect(name: &str, timeout_ms: i64) -> Result<Socket, i64> {
    let (name, options, mut out) = (c(name), PLAIN.connect(), null_mut());
    match unsafe { bojagi_unix_seqpacket_connect(name.as_ptr(), &options, timeout_ms, &mut out) } {
        0 => Ok(Socket(out)),
        code => Err(code),
    }
}

#[test]
fn messages_stay_apart_and_zero_is_the_end() {
    let name = abstract_name();
    let listener = listen(&name).unwrap();
    let client = connect(&name, 10_000).unwrap();
    let server = listener.accept(10_000).unwrap();
    let mut buf = [0; 8];
    assert_eq!((client.send(b"one", 1000), client.send_all(b"three", 1000)), (3, (5, 5)));
    assert_eq!(server.recv(&mut buf, 1000), 3);
    assert_eq!(server.recv_from(&mut buf, 1000).0, 5);
    assert_eq!(client.send(b"", 1000), BOJAGI_E_ARG);
    assert_eq!(client.send_all(b"", 1000), (BOJAGI_E_ARG, 0));
    assert_eq!(server.recv(&mut buf, 0), BOJAGI_E_AGAIN);
    assert_eq!(client.send(b"longer than it", 1000), 14);
    assert_eq!(server.recv(&mut buf, 1000), BOJAGI_E_SPACE);
    assert_eq!((last_error().offset, &buf), (14, b"longer t"));
    assert_eq!(server.recv_exact(&mut buf, 1000).0, BOJAGI_E_UNSUPPORTED);
    assert_eq!(server.send_to(b"x", &unix_address(&name).unwrap(), 1000), BOJAGI_E_UNSUPPORTED);
    assert_eq!(client.send(b"last", 1000), 4);
    drop(client);
    assert_eq!((server.recv(&mut buf, 1000), server.recv(&mut buf, 1000)), (4, 0));
    assert_eq!(server.recv(&mut buf, 0), 0);
    assert_eq!(server.send(b"x", 1000), BOJAGI_E_CLOSED);
}

#[test]
fn a_batch_ends_where_the_connection_does() {
    for waits in [0, 1000] {
        let (one, other) = pair(BOJAGI_KIND_UNIX_SEQPACKET, PLAIN).unwrap();
        assert_eq!(Array::of(["one", "three"]).send(&one, 1000), (2, 2));
        drop(one);
        let mut room = Array::room(8, 8);
        assert_eq!(room.recv(&other, waits), 2);
        assert_eq!((room.content(0), room.content(1)), (&b"one"[..], &b"three"[..]));
        for count in [8, 1] {
            assert_eq!(Array::room(count, 8).recv(&other, waits), 0);
        }
    }
}

#[test]
fn an_empty_message_is_refused_in_a_batch_too() {
    let (one, other) = pair(BOJAGI_KIND_UNIX_SEQPACKET, PLAIN).unwrap();
    assert_eq!(Array::of(["x", ""]).send(&one, 1000), (BOJAGI_E_ARG, 0));
    assert_eq!(other.recv(&mut [0; 8], 0), BOJAGI_E_AGAIN);
}

#[test]
fn the_end_comes_to_a_receiver_that_waits() {
    for options in [PLAIN, INTERRUPTIBLE] {
        let (one, other) = pair(BOJAGI_KIND_UNIX_SEQPACKET, options).unwrap();
        let got = process::during(|| one.recv(&mut [0; 4], 10_000), || drop(other));
        assert_eq!(got, 0);
        let (one, other) = pair(BOJAGI_KIND_UNIX_SEQPACKET, options).unwrap();
        let cancel = Cancel::new();
        assert_eq!(one.set_cancel(Some(&cancel)), 0);
        let got = process::during(|| one.recv(&mut [0; 4], -1), || cancel.fire());
        assert_eq!(got, BOJAGI_E_CANCELLED);
        cancel.reset();
        let got = process::during(|| one.recv(&mut [0; 4], -1), || drop(other));
        assert_eq!(got, 0);
    }
}

#[test]
fn a_sender_whose_peer_does_not_receive_keeps_its_budget() {
    for kind in [BOJAGI_KIND_UNIX_SEQPACKET, BOJAGI_KIND_UNIX_DATAGRAM] {
        let (one, other) = pair(kind, PLAIN).unwrap();
        let mut sent = 0;
        while one.send(&[1; 1000], 0) == 1000 {
            sent += 1;
        }
        assert!(sent > 0);
        assert_eq!(one.send(&[1; 1000], 20), BOJAGI_E_TIMEOUT);
        for _ in 0..sent {
            assert_eq!(other.recv(&mut [0; 1000], 0), 1000);
        }
        assert_eq!(other.recv(&mut [0; 1000], 0), BOJAGI_E_AGAIN);
    }
}

#[test]
fn descriptors_of_the_host_are_taken_over() {
    let (one, other) = pair(BOJAGI_KIND_UNIX_SEQPACKET, PLAIN).unwrap();
    let fd = unsafe { libc::dup(one.fd()) };
    let again = Socket::from_fd(fd.into(), PLAIN).unwrap();
    assert_eq!((again.send(b"ab", 1000), again.send(b"c", 1000)), (2, 1));
    assert_eq!(other.recv(&mut [0; 8], 1000), 2);

    let name = abstract_name();
    let listener = listen(&name).unwrap();
    let fd = unsafe { libc::dup(listener.fd()) };
    let again = Listener::from_fd(fd.into(), PLAIN).unwrap();
    let client = connect(&name, 1000).unwrap();
    let server = again.accept(1000).unwrap();
    assert_eq!((client.send(b"ab", 1000), client.send(b"c", 1000)), (2, 1));
    assert_eq!(server.recv(&mut [0; 8], 1000), 2);
}

#[test]
fn other_kinds_at_the_same_name_are_unsupported() {
    let path = |n: u32| {
        let name = abstract_name().replace('@', "");
        std::env::temp_dir().join(format!("{name}-{n}")).to_str().unwrap().to_owned()
    };
    let (stream, packet) = (path(1), path(2));
    let _stream = Listener::unix(&stream, PLAIN).unwrap();
    assert_eq!(connect(&stream, 1000).err(), Some(BOJAGI_E_UNSUPPORTED));
    let listener = listen(&packet).unwrap();
    assert_eq!(Socket::unix(&packet, PLAIN, 1000).err(), Some(BOJAGI_E_UNSUPPORTED));
    assert_eq!(listen(&packet).err(), Some(BOJAGI_E_IN_USE));
    drop(listener);
    assert!(!std::path::Path::new(&packet).exists());
    assert_eq!(connect(&packet, 1000).err(), Some(BOJAGI_E_REFUSED));
}

#[test]
fn a_pair_is_connected_both_ways_and_unnamed() {
    for kind in [BOJAGI_KIND_UNIX_STREAM, BOJAGI_KIND_UNIX_DATAGRAM, BOJAGI_KIND_UNIX_SEQPACKET] {
        let (one, other) = pair(kind, PLAIN).unwrap();
        assert_eq!((one.send(b"ping", 1000), other.send(b"pong!", 1000)), (4, 5));
        assert_eq!((other.recv(&mut [0; 9], 1000), one.recv(&mut [0; 9], 1000)), (4, 5));
        assert_eq!(
            (text(&one.peer().unwrap()), text(&one.local())),
            ("unix:".into(), "unix:".into())
        );
        assert_eq!(unsafe { libc::fcntl(other.fd(), libc::F_GETFD) }, libc::FD_CLOEXEC);
    }
    for kind in [0, BOJAGI_KIND_TCP, BOJAGI_KIND_UNIX_LISTENER, 24, u32::MAX] {
        assert_eq!(pair(kind, PLAIN).err(), Some(BOJAGI_E_ARG), "{kind}");
    }
}

#[test]
fn at_alone_lets_the_system_choose_a_name() {
    let listeners = [Listener::unix("@", PLAIN).unwrap(), listen("@").unwrap()];
    let names = listeners.map(|listener| (text(&listener.local()), listener));
    for (name, _) in &names {
        assert!(name.starts_with("unix:@") && name.len() > 7, "{name}");
    }
    assert_ne!(names[0].0, names[1].0);
    let client = Socket::unix(names[0].0.strip_prefix("unix:").unwrap(), PLAIN, 1000).unwrap();
    let server = names[0].1.accept(1000).unwrap();
    assert_eq!((client.send(b"x", 1000), server.recv(&mut [0; 1], 1000)), (1, 1));

    let bound = Socket::unix_datagram_bind(Some("@")).unwrap();
    let other = Socket::unix_datagram_bind(None).unwrap();
    assert_eq!(other.send_to(b"x", &bound.local(), 1000), 1);
    assert_eq!(bound.recv(&mut [0; 1], 1000), 1);
    assert_eq!(unix_address("@").unwrap().len, 0, "no name");
    assert_eq!(Socket::unix("@", PLAIN, 1000).err(), Some(BOJAGI_E_ARG));
    assert_eq!(Socket::unix_datagram("@", PLAIN).err(), Some(BOJAGI_E_ARG));
}
