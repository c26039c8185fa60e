//! The table of options, driven by itself: every option on every kind of socket, through the C ABI, against
//! the system's own getsockopt(2).

use crate::handle::*;
use crate::need::skip;
use crate::option_handle::*;
use crate::peer::abstract_name;
use crate::tcp::has_ipv6;
use bojagi::net::option::id::*;
use std::ffi::CStr;

const KINDS: [u32; 7] = [
    BOJAGI_KIND_TCP,
    BOJAGI_KIND_TCP_LISTENER,
    BOJAGI_KIND_UDP,
    BOJAGI_KIND_UNIX_STREAM,
    BOJAGI_KIND_UNIX_DATAGRAM,
    BOJAGI_KIND_UNIX_SEQPACKET,
    BOJAGI_KIND_UNIX_LISTENER,
];

/// A handle of one kind, with what keeps it connected.
struct Subject {
    handle: Any,
    _rest: Vec<Any>,
}

fn subject(kind: u32, host: &str) -> Subject {
    let (handle, rest) = match kind {
        BOJAGI_KIND_TCP => {
            let listener = Listener::tcp(host, PLAIN).unwrap();
            let client = Socket::tcp(host, listener.port(), PLAIN, 10_000).unwrap();
            let server = listener.accept(10_000).unwrap();
            (Any::Socket(client), vec![Any::Socket(server)])
        }
        BOJAGI_KIND_TCP_LISTENER => (Any::Listener(Listener::tcp(host, PLAIN).unwrap()), vec![]),
        BOJAGI_KIND_UDP => (Any::Socket(Socket::udp_bind(host).unwrap()), vec![]),
        BOJAGI_KIND_UNIX_LISTENER => {
            (Any::Listener(Listener::unix(&abstract_name(), PLAIN).unwrap()), vec![])
        }
        _ => {
            let (one, other) = pair(kind, PLAIN).unwrap();
            (Any::Socket(one), vec![Any::Socket(other)])
        }
    };
    Subject { handle, _rest: rest }
}

/// IPv4, IPv6, and both on one socket.
fn hosts() -> &'static [&'static str] {
    if has_ipv6() {
        return &["127.0.0.1", "::1", ""];
    }
    skip("options of IPv6: this machine has none");
    &["127.0.0.1"]
}

fn a_host() -> &'static str {
    if has_ipv6() { "::1" } else { "127.0.0.1" }
}

/// What a value reads as after it was set.
fn reads(info: &Info, kind: u32, value: i64, got: i64) -> bool {
    match info.name {
        "send_buffer" => buffer(value, got, "wmem_max"),
        "recv_buffer" => buffer(value, got, "rmem_max"),
        "recv_lowat" if kind & BOJAGI_KIND_UNIX_STREAM == 0 => {
            got == value || (value > 1 << 20 && got >= 1 << 16)
        }
        "defer_accept" => got >= value && got <= 2 * value + 120,
        "fast_open" => got == value.min(limit("somaxconn")),
        _ => got == value,
    }
}

/// A buffer is cut to the machine's limit, and raised to the system's least.
fn buffer(value: i64, got: i64, name: &str) -> bool {
    let limit = limit(name);
    if value < 4096 { (value..=4096).contains(&got) } else { got == value.min(limit) }
}

fn limit(name: &str) -> i64 {
    let text = std::fs::read_to_string(format!("/proc/sys/net/core/{name}")).unwrap();
    text.trim().parse().unwrap()
}

/// Whether this process may do what the options in `privileged` need.
fn is_privileged() -> bool {
    let socket = Socket::udp_bind("127.0.0.1").unwrap();
    let one = 1i32;
    let at = (&raw const one).cast();
    let allowed =
        unsafe { libc::setsockopt(socket.fd(), libc::SOL_SOCKET, libc::SO_MARK, at, 4) == 0 };
    if !allowed {
        skip("options that need CAP_NET_ADMIN are only seen to be refused");
    }
    allowed
}

fn needs_privilege(info: &Info, value: i64) -> bool {
    match info.name {
        "mark" => true,
        "priority" => value > 6,
        "transparent" | "prefer_busy_poll" => value != 0,
        _ => false,
    }
}

#[test]
fn every_number_is_set_and_read_and_the_system_shows_the_same() {
    let privileged = is_privileged();
    let mut tried = 0;
    for &host in hosts() {
        for info in infos().filter(|info| info.can(BOJAGI_ACCESS_SET) && !info.is_text()) {
            for kind in KINDS.into_iter().filter(|kind| info.kinds & kind != 0) {
                // Other tests: it is too late for them.
                if info.name == "v6only" || info.name == "max_segment" && kind == BOJAGI_KIND_TCP {
                    continue;
                }
                let host = if host.is_empty() && kind == BOJAGI_KIND_TCP { "::1" } else { host };
                let middle = info.min + (info.max - info.min) / 2;
                for value in [info.min, middle, info.max] {
                    let subject = subject(kind, host);
                    let it = format!("{} = {value} of kind {kind} on {host:?}", info.name);
                    let result = subject.handle.set(info.id, value);
                    if info.name == "busy_poll" && result == BOJAGI_E_DENIED && !privileged {
                        continue; // As older kernels have it.
                    }
                    if needs_privilege(&info, value) && !privileged {
                        assert_eq!(result, BOJAGI_E_DENIED, "{it}");
                        names_option(&info);
                        continue;
                    }
                    assert_eq!(result, 0, "{it}: {}", last_error().text());
                    let got = subject.handle.read(info.id).unwrap();
                    assert!(reads(&info, kind, value, got), "{it} reads {got}");
                    assert_eq!(got, system(&subject.handle, &info, host != "127.0.0.1"), "{it}");
                    tried += 1;
                }
            }
        }
    }
    assert!(tried > 300, "{tried}");
}

#[test]
fn a_value_out_of_range_is_refused_before_the_system_sees_it_and_names_option_and_range() {
    for info in infos().filter(|info| info.can(BOJAGI_ACCESS_SET) && !info.is_text()) {
        let kind = KINDS.into_iter().find(|kind| info.kinds & kind != 0).unwrap();
        let subject = subject(kind, a_host());
        let before = subject.handle.read(info.id).unwrap();
        for value in [info.min - 1, info.max + 1, i64::MIN, i64::MAX] {
            assert_eq!(subject.handle.set(info.id, value), BOJAGI_E_ARG, "{}: {value}", info.name);
            names_option(&info);
            let text = last_error().text().to_owned();
            assert!(text.contains(&format!("{} to {}", info.min, info.max)), "{text}");
            assert!(text.contains(info.unit), "{text}");
        }
        assert_eq!(subject.handle.read(info.id).unwrap(), before, "{}", info.name);
    }
}

#[test]
fn an_option_of_another_kind_of_socket_is_unsupported_and_named() {
    let mut tried = 0;
    for kind in KINDS {
        let subject = subject(kind, a_host());
        for info in infos().filter(|info| info.kinds & kind == 0) {
            if info.is_text() {
                assert_eq!(subject.handle.set_text(info.id, "lo"), BOJAGI_E_UNSUPPORTED);
                names_option(&info);
                assert_eq!(subject.handle.read_text(info.id), Err(BOJAGI_E_UNSUPPORTED));
            } else {
                let set = subject.handle.set(info.id, info.max);
                assert_eq!(set, BOJAGI_E_UNSUPPORTED, "{}", info.name);
                names_option(&info);
                assert_eq!(subject.handle.read(info.id), Err(BOJAGI_E_UNSUPPORTED));
            }
            names_option(&info);
            tried += 1;
        }
    }
    assert!(tried > 150, "{tried}");
}

#[test]
fn what_can_only_be_read_is_read_and_cannot_be_set() {
    for info in infos().filter(|info| !info.can(BOJAGI_ACCESS_SET)) {
        for kind in KINDS.into_iter().filter(|kind| info.kinds & kind != 0) {
            let subject = subject(kind, "127.0.0.1");
            assert_eq!(
                subject.handle.set(info.id, info.min),
                BOJAGI_E_UNSUPPORTED,
                "{}",
                info.name
            );
            names_option(&info);
            if info.name == "mtu" && kind == BOJAGI_KIND_UDP {
                assert_eq!(subject.handle.read(info.id), Err(BOJAGI_E_STATE), "not connected");
                names_option(&info);
                continue;
            }
            let got = subject.handle.read(info.id).unwrap();
            let wanted = match (info.name, kind) {
                ("type", BOJAGI_KIND_UDP | BOJAGI_KIND_UNIX_DATAGRAM) => libc::SOCK_DGRAM,
                ("type", BOJAGI_KIND_UNIX_SEQPACKET) => libc::SOCK_SEQPACKET,
                ("type", _) => libc::SOCK_STREAM,
                ("family", BOJAGI_KIND_TCP..=BOJAGI_KIND_UDP) => libc::AF_INET,
                ("family", _) => libc::AF_UNIX,
                ("protocol", BOJAGI_KIND_TCP | BOJAGI_KIND_TCP_LISTENER) => libc::IPPROTO_TCP,
                ("protocol", BOJAGI_KIND_UDP) => libc::IPPROTO_UDP,
                ("protocol", _) => 0,
                ("accepting", BOJAGI_KIND_TCP_LISTENER | BOJAGI_KIND_UNIX_LISTENER) => 1,
                ("accepting", _) => 0,
                ("mtu", _) => 65535,
                _ => panic!("{} has no wanted value here", info.name),
            };
            assert_eq!(got, i64::from(wanted), "{} of kind {kind}", info.name);
        }
    }
}

#[test]
fn accepted_connections_have_what_the_table_says_they_inherit() {
    let privileged = is_privileged();
    for &host in hosts().iter().filter(|&&host| host != "::1") {
        let listener = Any::Listener(Listener::tcp(host, PLAIN).unwrap());
        let mut set = Vec::new();
        for info in infos().filter(|info| info.can(BOJAGI_ACCESS_INHERIT)) {
            if info.is_text() || (needs_privilege(&info, 1) && !privileged) {
                continue;
            }
            let value = match info.name {
                "ttl" | "dscp" | "keepalive_count" => 33,
                "pmtu_discovery" => 2,
                "linger" | "recv_lowat" | "min_ttl" => 5,
                _ if info.max == 1 => 1 - listener.read(info.id).unwrap(),
                _ => 20_000,
            };
            // Their own replies would not come to this connection.
            if ["dont_route", "transparent", "min_ttl", "freebind"].contains(&info.name) {
                continue;
            }
            assert_eq!(listener.set(info.id, value), 0, "{}", info.name);
            set.push((info, value));
        }
        assert_eq!(listener.set_text(BOJAGI_OPTION_CONGESTION, "reno"), 0);
        let port = listener.listener().port();
        let _client = Socket::tcp("127.0.0.1", port, PLAIN, 10_000).unwrap();
        let server = Any::Socket(listener.listener().accept(10_000).unwrap());
        assert!(set.len() >= 15, "{}", set.len());
        for (info, value) in set {
            assert_eq!(server.read(info.id).unwrap(), value, "{}", info.name);
        }
        assert_eq!(server.read_text(BOJAGI_OPTION_CONGESTION).unwrap(), "reno");
    }
}

#[test]
fn texts_are_names_that_the_system_knows() {
    for &host in hosts() {
        let tcp_host = if host.is_empty() { "::1" } else { host };
        let tcp = subject(BOJAGI_KIND_TCP, tcp_host).handle;
        assert_eq!(tcp.set_text(BOJAGI_OPTION_CONGESTION, "reno"), 0);
        assert_eq!(tcp.read_text(BOJAGI_OPTION_CONGESTION).unwrap(), "reno");
        for wrong in ["", "nonsense", "a name of sixteen", "0123456789abcdef"] {
            assert_eq!(tcp.set_text(BOJAGI_OPTION_CONGESTION, wrong), BOJAGI_E_ARG, "{wrong:?}");
            assert!(last_error().text().contains("congestion"), "{}", last_error().text());
        }
        assert_eq!(tcp.set(BOJAGI_OPTION_CONGESTION, 1), BOJAGI_E_ARG);
        assert_eq!(tcp.read(BOJAGI_OPTION_CONGESTION), Err(BOJAGI_E_ARG));
        assert_eq!(tcp.set_text(BOJAGI_OPTION_NODELAY, "1"), BOJAGI_E_ARG);
        assert_eq!(tcp.read_text(BOJAGI_OPTION_NODELAY), Err(BOJAGI_E_ARG));

        let udp = subject(BOJAGI_KIND_UDP, host).handle;
        for name in ["lo", ""] {
            assert_eq!(
                udp.set_text(BOJAGI_OPTION_MULTICAST_INTERFACE, name),
                0,
                "{host:?} {name:?}"
            );
            let read = udp.read_text(BOJAGI_OPTION_MULTICAST_INTERFACE);
            match host {
                "127.0.0.1" => assert_eq!(read, Err(BOJAGI_E_UNSUPPORTED)),
                _ => assert_eq!(read.unwrap(), name),
            }
        }
        assert_eq!(udp.read_text(BOJAGI_OPTION_INTERFACE).unwrap(), "");
        assert_eq!(udp.set_text(BOJAGI_OPTION_INTERFACE, "lo"), 0, "{}", last_error().text());
        assert_eq!(udp.read_text(BOJAGI_OPTION_INTERFACE).unwrap(), "lo");
        for option in [BOJAGI_OPTION_INTERFACE, BOJAGI_OPTION_MULTICAST_INTERFACE] {
            assert_eq!(udp.set_text(option, "nonsense"), BOJAGI_E_ARG);
            assert!(last_error().text().contains("no such interface"), "{}", last_error().text());
        }
    }
}

#[test]
fn a_text_that_does_not_fit_is_space_and_writes_nothing() {
    let tcp = subject(BOJAGI_KIND_TCP, "127.0.0.1").handle;
    assert_eq!(tcp.set_text(BOJAGI_OPTION_CONGESTION, "reno"), 0);
    let socket = tcp.socket();
    let mut out = [7; 5];
    let at = out.as_mut_ptr();
    unsafe {
        let read = bojagi::capi::option::bojagi_socket_option_text;
        assert_eq!(read(socket.0, BOJAGI_OPTION_CONGESTION, std::ptr::null_mut(), 0), 4);
        assert_eq!(read(socket.0, BOJAGI_OPTION_CONGESTION, at, 4), BOJAGI_E_SPACE);
        assert_eq!(out, [7; 5]);
        assert_eq!(read(socket.0, BOJAGI_OPTION_CONGESTION, at, 5), 4);
        assert_eq!(CStr::from_ptr(out.as_ptr()).to_str(), Ok("reno"));
    }
}

#[test]
fn dscp_leaves_the_ecn_bits_alone() {
    for &host in hosts() {
        let udp = subject(BOJAGI_KIND_UDP, host).handle;
        assert_eq!(udp.set(BOJAGI_OPTION_TRAFFIC_CLASS, 3), 0);
        assert_eq!(udp.set(BOJAGI_OPTION_DSCP, 10), 0);
        assert_eq!(udp.read(BOJAGI_OPTION_TRAFFIC_CLASS), Ok(43));
        assert_eq!(udp.read(BOJAGI_OPTION_DSCP), Ok(10));
    }
}

#[test]
fn a_socket_for_both_families_gets_both() {
    if hosts().len() == 1 {
        return;
    }
    let udp = subject(BOJAGI_KIND_UDP, "").handle;
    assert_eq!(udp.set(BOJAGI_OPTION_DSCP, 46), 0);
    assert_eq!(udp.set(BOJAGI_OPTION_TTL, 7), 0);
    assert_eq!(udp.set(BOJAGI_OPTION_MULTICAST_TTL, 9), 0);
    assert_eq!(udp.set(BOJAGI_OPTION_PMTU_DISCOVERY, 3), 0);
    let get = |level, name| getsockopt(udp.fd(), level, name);
    for (v4, v6, wanted) in [
        (libc::IP_TOS, libc::IPV6_TCLASS, 46 << 2),
        (libc::IP_TTL, libc::IPV6_UNICAST_HOPS, 7),
        (libc::IP_MULTICAST_TTL, libc::IPV6_MULTICAST_HOPS, 9),
        (libc::IP_MTU_DISCOVER, libc::IPV6_MTU_DISCOVER, 3),
    ] {
        assert_eq!(get(libc::IPPROTO_IP, v4), wanted);
        assert_eq!(get(libc::IPPROTO_IPV6, v6), wanted);
    }
}

#[test]
fn v6only_is_for_ipv6_sockets_that_are_not_bound_yet() {
    if hosts().len() == 1 {
        return;
    }
    let bound = subject(BOJAGI_KIND_UDP, "::1").handle;
    assert_eq!(bound.set(BOJAGI_OPTION_V6ONLY, 1), BOJAGI_E_STATE);
    assert!(last_error().text().contains("v6only"), "{}", last_error().text());
    let ipv4 = subject(BOJAGI_KIND_UDP, "127.0.0.1").handle;
    assert_eq!(ipv4.set(BOJAGI_OPTION_V6ONLY, 1), BOJAGI_E_UNSUPPORTED);
    assert!(last_error().text().contains("v6only"), "{}", last_error().text());
    let fd = unsafe { libc::socket(libc::AF_INET6, libc::SOCK_DGRAM, 0) };
    let free = Any::Socket(Socket::from_fd(fd.into(), PLAIN).unwrap());
    for value in [1, 0, 1] {
        assert_eq!(free.set(BOJAGI_OPTION_V6ONLY, value), 0);
        assert_eq!(free.read(BOJAGI_OPTION_V6ONLY), Ok(value));
        assert_eq!(i64::from(getsockopt(fd, libc::IPPROTO_IPV6, libc::IPV6_V6ONLY)), value);
    }
}

#[test]
fn the_segments_of_a_connection_are_those_that_its_listener_allows() {
    let listener = Any::Listener(Listener::tcp("127.0.0.1", PLAIN).unwrap());
    assert_eq!(listener.set(BOJAGI_OPTION_MAX_SEGMENT, 1000), 0);
    let port = listener.listener().port();
    let client = Any::Socket(Socket::tcp("127.0.0.1", port, PLAIN, 10_000).unwrap());
    let server = Any::Socket(listener.listener().accept(10_000).unwrap());
    for end in [client, server] {
        let got = end.read(BOJAGI_OPTION_MAX_SEGMENT).unwrap();
        assert!((900..=1000).contains(&got), "{got}");
        assert_eq!(end.set(BOJAGI_OPTION_MAX_SEGMENT, 500), BOJAGI_E_STATE);
        assert!(last_error().text().contains("max_segment"), "{}", last_error().text());
    }
}

#[test]
fn every_option_is_found_by_its_name_and_no_other_is() {
    for info in infos() {
        assert_eq!(find(info.name), i64::from(info.id), "{}", info.name);
        assert_eq!(find(&info.name.to_uppercase()), -1);
        assert_eq!(find(&info.name[1..]), -1, "{}", info.name);
    }
    for name in ["", "nonsense", "keepaliv", "keepalive ", "rcvtimeo"] {
        assert_eq!(find(name), -1);
    }
    assert_eq!(unsafe { bojagi::capi::option::bojagi_option_find(std::ptr::null()) }, BOJAGI_E_ARG);
}

#[test]
fn a_number_of_no_option_is_unsupported_and_named() {
    let tcp = subject(BOJAGI_KIND_TCP, "127.0.0.1").handle;
    for id in [0, count() + 1, u32::MAX] {
        assert_eq!(tcp.set(id, 1), BOJAGI_E_UNSUPPORTED);
        assert!(last_error().text().contains(&id.to_string()), "{}", last_error().text());
        assert_eq!(tcp.read(id), Err(BOJAGI_E_UNSUPPORTED));
        assert_eq!(tcp.set_text(id, "x"), BOJAGI_E_UNSUPPORTED);
        assert_eq!(tcp.read_text(id), Err(BOJAGI_E_UNSUPPORTED));
    }
}

#[test]
fn an_option_is_set_and_read_while_another_thread_receives() {
    let (client, server) = tcp_pair(PLAIN);
    let client = Any::Socket(client);
    let meanwhile = || {
        assert_eq!(client.set(BOJAGI_OPTION_KEEPALIVE_IDLE, 77), 0);
        assert_eq!(client.read(BOJAGI_OPTION_KEEPALIVE_IDLE), Ok(77));
        assert_eq!(server.send(b"x", 1000), 1);
    };
    let received = || client.socket().recv(&mut [0; 1], 10_000);
    assert_eq!(crate::process::during(received, meanwhile), 1);
}

fn names_option(info: &Info) {
    let text = last_error().text().to_owned();
    assert!(text.starts_with(&format!("socket option {}: ", info.name)), "{text}");
}
