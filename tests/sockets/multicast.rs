//! Multicast, over an interface of a network of the test's own: that of loopback need not take part.

use crate::array::*;
use crate::handle::*;
use crate::network;
use bojagi::capi::address::Address;
use bojagi::capi::multicast::*;
use std::ffi::{c_int, c_void};
use std::ptr::null;

#[test]
fn group_is_heard_from_join_to_leave() {
    if !network::is_own("multicast::group_is_heard_from_join_to_leave", NETWORK) {
        return;
    }
    for (any, group, interface) in groups() {
        let server = Socket::udp_bind(any).unwrap();
        let group = address(group, local_port(&server)).unwrap();
        let client = sender(&group);
        assert_eq!(join(&server, &group, Some(interface), None), 0);
        assert!(is_heard(&client, &server, &group), "{any}");
        assert_eq!(join(&server, &group, Some(interface), None), BOJAGI_E_IN_USE);
        assert_eq!(leave(&server, &group, Some(interface), None), 0);
        assert!(is_unheard(&client, &server, &group), "{any}");
        assert!(leave(&server, &group, Some(interface), None) < 0);
        // By number, too, and with the group as the local address of what comes.
        assert_eq!(join(&server, &group, Some(&index().to_string()), None), 0);
        assert!(set(&server, 2) == 2 && client.send_to(b"x", &group, 1000) == 1);
        let mut room = Array::room(1, 4);
        assert_eq!(room.recv(&server, 1000), 1);
        let plain = |address: &Address| text(address).replace(&format!("%{}", index()), "");
        assert_eq!(plain(&room.datagrams[0].local), plain(&group));
        assert_eq!(room.datagrams[0].interface_index, index());
    }
}

#[test]
fn source_that_was_not_joined_is_not_heard() {
    if !network::is_own("multicast::source_that_was_not_joined_is_not_heard", NETWORK) {
        return;
    }
    let server = Socket::udp_bind("0.0.0.0").unwrap();
    let group = address("232.1.2.3", local_port(&server)).unwrap();
    let client = sender(&group);
    let (ours, other) = (address("192.0.2.1", 0).unwrap(), address("192.0.2.9", 0).unwrap());
    assert_eq!(join(&server, &group, Some("hole"), Some(&ours)), 0);
    assert!(is_heard(&client, &server, &group));
    assert_eq!(leave(&server, &group, Some("hole"), Some(&ours)), 0);
    assert_eq!(join(&server, &group, Some("hole"), Some(&other)), 0);
    assert!(is_unheard(&client, &server, &group));
    assert_eq!(leave(&server, &group, Some("hole"), Some(&other)), 0);
}

#[test]
fn wrong_groups_are_arguments() {
    let server = Socket::udp_bind("0.0.0.0").unwrap();
    let group = address("239.1.2.3", 0).unwrap();
    for wrong in ["127.0.0.1", "::1"] {
        let wrong = address(wrong, 0).unwrap();
        assert_eq!(join(&server, &wrong, None, None), BOJAGI_E_ARG);
    }
    for interface in ["no such", "2147483647"] {
        assert_eq!(join(&server, &group, Some(interface), None), BOJAGI_E_ARG, "{interface}");
    }
    let ipv6 = address("::1", 0).unwrap();
    assert_eq!(join(&server, &group, None, Some(&ipv6)), BOJAGI_E_ARG);
    let code = unsafe { bojagi_socket_multicast_join(server.0, null(), null(), null()) };
    assert_eq!(code, BOJAGI_E_ARG);
    let code =
        unsafe { bojagi_socket_multicast_leave(std::ptr::null_mut(), &group, null(), null()) };
    assert_eq!(code, BOJAGI_E_ARG);
    let (tcp, _peer) = tcp_pair(PLAIN);
    let unix = Socket::unix_datagram_bind(None).unwrap();
    for socket in [&tcp, &unix] {
        assert_eq!(join(socket, &group, None, None), BOJAGI_E_UNSUPPORTED);
    }
}

/// Where to bind, the group, and the interface.
fn groups() -> Vec<(&'static str, &'static str, &'static str)> {
    let mut groups = vec![("0.0.0.0", "239.255.77.1", "hole")];
    if !crate::need::lacks_ipv6("multicast::group_is_heard_from_join_to_leave") {
        groups.push(("::", "ff01::7701%hole", "hole"));
        // A socket of both families joins groups of both.
        groups.push(("", "239.255.77.2", "hole"));
    }
    groups
}

/// A socket that sends to groups over the interface.
fn sender(group: &Address) -> Socket {
    let ipv4 = text(group).starts_with('2');
    let socket = Socket::udp_bind(if ipv4 { "192.0.2.1" } else { "fd00::1" }).unwrap();
    let set = |level: c_int, name: c_int, value: *const c_void, len: usize| {
        let len = libc::socklen_t::try_from(len).unwrap();
        assert_eq!(unsafe { libc::setsockopt(socket.fd(), level, name, value, len) }, 0);
    };
    let (number, local) = (c_int::try_from(index()).unwrap(), [192u8, 0, 2, 1]);
    match ipv4 {
        true => set(libc::IPPROTO_IP, libc::IP_MULTICAST_IF, local.as_ptr().cast(), 4),
        false => {
            let at = (&raw const number).cast();
            set(libc::IPPROTO_IPV6, libc::IPV6_MULTICAST_IF, at, 4);
        }
    }
    socket
}

/// Whether what is sent to the group comes.
fn is_heard(client: &Socket, server: &Socket, group: &Address) -> bool {
    client.send_to(b"hello", group, 1000) == 5 && Array::room(1, 16).recv(server, 5000) == 1
}

/// Whether what is sent to the group does not come: what is sent to the socket itself behind it is the first.
fn is_unheard(client: &Socket, server: &Socket, group: &Address) -> bool {
    let host = if text(group).starts_with('2') { "192.0.2.1" } else { "fd00::1" };
    let own = address(host, local_port(server)).unwrap();
    assert_eq!(client.send_to(b"hello", group, 1000), 5);
    assert_eq!(client.send_to(b"marker", &own, 1000), 6);
    let mut buf = [0; 16];
    server.recv(&mut buf, 5000) == 6 && server.recv(&mut buf, 0) == BOJAGI_E_AGAIN
}

fn join(socket: &Socket, group: &Address, interface: Option<&str>, from: Option<&Address>) -> i64 {
    let name = interface.map(c);
    let (name, from) = (name.as_ref().map_or(null(), |n| n.as_ptr()), from.map_or(null(), |f| f));
    unsafe { bojagi_socket_multicast_join(socket.0, group, name, from) }
}

fn leave(socket: &Socket, group: &Address, interface: Option<&str>, from: Option<&Address>) -> i64 {
    let name = interface.map(c);
    let (name, from) = (name.as_ref().map_or(null(), |n| n.as_ptr()), from.map_or(null(), |f| f));
    unsafe { bojagi_socket_multicast_leave(socket.0, group, name, from) }
}

/// The number of the interface.
fn index() -> u32 {
    unsafe { libc::if_nametoindex(c"hole".as_ptr()) }
}

const NETWORK: &str = "ip link set lo up && ip link add hole type veth peer name drain && \
    ip address add 192.0.2.1/24 dev hole && ip link set hole up && ip link set drain up && \
    { [ ! -e /proc/net/if_inet6 ] || ip address add fd00::1/64 dev hole nodad; }";
