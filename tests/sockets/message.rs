//! The system calls of batches, counted by strace, and what happens where the system refuses them.

use crate::array::*;
use crate::handle::*;
use crate::network;
use crate::peer::abstract_name;
use crate::syscalls::{mark, names, traced, traced_with};
use bojagi::net::plain::BOJAGI_DATAGRAM_GROUPED;

#[test]
fn datagrams_of_one_length_are_one_message() {
    let body = || {
        let (client, server) = udp_pair("127.0.0.1");
        let (sent, mut room) = (Array::of([[1; 64]; 64]), Array::room(128, 64));
        mark("first");
        assert_eq!(sent.send(&client, -1), (64, 64));
        assert_eq!(room.recv(&server, -1), 64);
        assert_eq!(sent.send(&client, -1), (64, 64));
        mark("last");
    };
    let test = "message::datagrams_of_one_length_are_one_message";
    let Some(calls) = traced(test, body) else { return };
    // The system is asked once, and 64 messages are one call to receive: the next finds nothing.
    assert_eq!(names(&calls), ["getsockopt", "sendmsg", "recvmmsg", "recvmmsg", "sendmsg"]);
    assert!(calls[1].contains("UDP_SEGMENT") || calls[1].contains("0x67"), "{}", calls[1]);
    assert!(calls[1].contains("MSG_NOSIGNAL"), "{}", calls[1]);
}

#[test]
fn group_is_one_message_to_receive() {
    let body = || {
        let (client, server) = udp_pair("127.0.0.1");
        assert!(set(&server, BOJAGI_DATAGRAM_GROUPED) > 0);
        let (sent, mut room) = (Array::of([[1; 64]; 64]), Array::room(64, 64));
        for _ in 0..3 {
            assert_eq!(sent.send(&client, -1), (64, 64));
            mark("first");
            assert_eq!(room.recv(&server, -1), 64);
            mark("last");
        }
    };
    let test = "message::group_is_one_message_to_receive";
    let Some(calls) = traced(test, body) else { return };
    assert_eq!(names(&calls), ["recvmmsg"]);
}

#[test]
fn datagrams_of_several_lengths_are_one_call() {
    let body = || {
        let (client, server) = udp_pair("127.0.0.1");
        let sent = Array::of((0..40).map(|n| content(n, n + 1)));
        mark("first");
        assert_eq!(sent.send(&client, -1), (40, 40));
        assert_eq!(Array::room(64, 64).recv(&server, -1), 40);
        mark("last");
    };
    let test = "message::datagrams_of_several_lengths_are_one_call";
    let Some(calls) = traced(test, body) else { return };
    assert_eq!(names(&calls), ["getsockopt", "sendmmsg", "recvmmsg"]);
}

#[test]
fn unix_datagrams_are_one_call() {
    let body = || {
        let name = abstract_name();
        let server = Socket::unix_datagram_bind(Some(&name)).unwrap();
        let client = Socket::unix_datagram(&name, PLAIN).unwrap();
        mark("first");
        assert_eq!(Array::of([[1; 64]; 8]).send(&client, -1), (8, 8));
        assert_eq!(Array::room(64, 64).recv(&server, -1), 8);
        mark("last");
    };
    let Some(calls) = traced("message::unix_datagrams_are_one_call", body) else { return };
    assert_eq!(names(&calls), ["sendmmsg", "recvmmsg"]);
}

#[test]
fn batch_of_one_is_one_call_and_asks_nothing() {
    let body = || {
        let (client, server) = udp_pair("127.0.0.1");
        mark("first");
        assert_eq!(Array::of(["x"]).send(&client, -1), (1, 1));
        assert_eq!(Array::room(1, 64).recv(&server, -1), 1);
        assert_eq!(Array::room(9, 64).recv(&server, 0), BOJAGI_E_AGAIN);
        mark("last");
    };
    let Some(calls) = traced("message::batch_of_one_is_one_call_and_asks_nothing", body) else {
        return;
    };
    assert_eq!(names(&calls), ["sendmsg", "recvmsg", "recvmmsg"]);
    assert!(calls[2].contains("MSG_DONTWAIT"), "{}", calls[2]);
}

#[test]
fn system_without_segments_gets_one_message_a_datagram() {
    let inject = ["-e", "inject=getsockopt:error=ENOPROTOOPT"];
    let test = "message::system_without_segments_gets_one_message_a_datagram";
    let Some(calls) = traced_with(test, &inject, exchange) else { return };
    assert_eq!(names(&calls), ["getsockopt", "sendmmsg", "recvmmsg", "sendmmsg", "recvmmsg"]);
}

#[test]
fn device_that_cannot_segment_is_asked_once() {
    for error in ["EIO", "EINVAL", "EMSGSIZE", "EOPNOTSUPP"] {
        let inject = format!("inject=sendmsg:error={error}:when=1");
        let test = "message::device_that_cannot_segment_is_asked_once";
        let Some(calls) = traced_with(test, &["-e", &inject], exchange) else { return };
        let once = ["getsockopt", "sendmsg", "sendmmsg", "recvmmsg", "sendmmsg", "recvmmsg"];
        assert_eq!(names(&calls), once, "{error}");
    }
}

#[test]
fn datagrams_longer_than_the_route_takes_go_one_by_one() {
    let test = "message::datagrams_longer_than_the_route_takes_go_one_by_one";
    // Its loopback interface takes as much as Ethernet.
    if !network::is_own(test, "ip link set lo mtu 1500 up") {
        return;
    }
    let (client, server) = udp_pair("127.0.0.1");
    for len in [9000, 1473, 1472, 100] {
        let sent: Vec<_> = (0..5).map(|n| content(n, len)).collect();
        for _ in 0..2 {
            assert_eq!(Array::of(&sent).send(&client, 1000), (5, 5));
            let came = collect(&server, 5, 64);
            assert!(came.iter().zip(&sent).all(|((bytes, _), sent)| bytes == sent), "{len}");
        }
    }
}

#[test]
fn failure_that_is_not_about_segments_is_told_and_changes_nothing() {
    let body = || {
        let (client, server) = udp_pair("127.0.0.1");
        let sent = Array::of([[1; 64]; 4]);
        mark("first");
        assert_eq!(sent.send(&client, -1), (BOJAGI_E_OS, 0));
        assert_eq!(sent.send(&client, -1), (4, 4));
        mark("last");
        assert_eq!(collect(&server, 4, 64).len(), 4);
    };
    // The message of all and each alone are refused: it is not that they are many.
    let inject =
        ["-e", "inject=sendmsg:error=EINVAL:when=1", "-e", "inject=sendmmsg:error=EINVAL:when=1"];
    let test = "message::failure_that_is_not_about_segments_is_told_and_changes_nothing";
    let Some(calls) = traced_with(test, &inject, body) else { return };
    assert_eq!(names(&calls), ["getsockopt", "sendmsg", "sendmmsg", "sendmsg"]);
}

#[test]
fn failure_in_mid_batch_is_told_by_the_next_call_and_nothing_is_lost() {
    let body = || {
        for plainly in [false, true] {
            let (client, server) = udp_pair("127.0.0.1");
            let sent: Vec<_> = (0..100).map(|n| content(n, n + 1)).collect();
            let array = Array::of(&sent);
            assert_eq!(array.send(&client, -1), (64, 64));
            let told = if plainly { client.send(b"x", -1) } else { array.send(&client, -1).0 };
            assert_eq!(told, BOJAGI_E_REFUSED);
            assert_eq!(send(&client, &array.datagrams[64..], -1), (36, 36));
            let mut room = Array::room(200, 128);
            assert_eq!(room.recv(&server, -1), 64);
            let told = if plainly { server.recv(&mut [0; 9], -1) } else { room.recv(&server, -1) };
            assert_eq!(told, BOJAGI_E_REFUSED);
            let mut rest = Array::room(200, 128);
            assert_eq!(rest.recv(&server, -1), 36);
            assert!((0..64).all(|n| room.content(n) == sent[n]));
            assert!((0..36).all(|n| rest.content(n) == sent[n + 64]));
        }
    };
    // Of each three of either call the second fails: those behind the full ones.
    let inject = [
        "-e",
        "inject=sendmmsg:error=ECONNREFUSED:when=2+3",
        "-e",
        "inject=recvmmsg:error=ECONNREFUSED:when=2+3",
    ];
    let test = "message::failure_in_mid_batch_is_told_by_the_next_call_and_nothing_is_lost";
    traced_with(test, &inject, body);
}

#[test]
fn system_without_calls_for_many_gets_single_calls() {
    let inject = [
        "-e",
        "inject=getsockopt:error=ENOPROTOOPT",
        "-e",
        "inject=sendmmsg:error=ENOSYS",
        "-e",
        "inject=recvmmsg:error=ENOSYS",
    ];
    let test = "message::system_without_calls_for_many_gets_single_calls";
    let Some(calls) = traced_with(test, &inject, exchange) else { return };
    let count = |name| names(&calls).iter().filter(|&&call| call == name).count();
    assert_eq!((count("sendmsg"), count("sendmmsg")), (16, 1), "{calls:#?}");
    // The array has more room than there is to receive: that nothing is left shows in a call of its own.
    assert_eq!((count("recvmsg"), count("recvmmsg")), (18, 0));
}

#[test]
fn system_without_groups_says_so_and_delivers() {
    let inject = ["-e", "inject=setsockopt:error=ENOPROTOOPT"];
    let body = || {
        let (client, server) = udp_pair("127.0.0.1");
        mark("first");
        assert_eq!(set(&server, BOJAGI_DATAGRAM_GROUPED), 0);
        mark("last");
        assert_eq!(Array::of([[1; 64]; 8]).send(&client, -1), (8, 8));
        assert_eq!(Array::room(64, 64).recv(&server, -1), 8);
    };
    let test = "message::system_without_groups_says_so_and_delivers";
    let Some(calls) = traced_with(test, &inject, body) else { return };
    assert_eq!(names(&calls).last(), Some(&"setsockopt"));
}

/// Eight datagrams of one length, twice.
fn exchange() {
    let (client, server) = udp_pair("127.0.0.1");
    let sent: Vec<_> = (0..8).map(|n| content(n, 64)).collect();
    let (array, mut room) = (Array::of(&sent), Array::room(64, 64));
    mark("first");
    for _ in 0..2 {
        assert_eq!(array.send(&client, -1), (8, 8));
        assert_eq!(room.recv(&server, -1), 8);
        assert!((0..8).all(|n| room.content(n) == sent[n]));
    }
    mark("last");
}
