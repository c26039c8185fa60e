//! Options that a socket has before it is bound or connected.

use crate::handle::*;
use crate::hosts::{Hosts, attempts, tcp, udp};
use crate::need::{lacks_ipv6, skip};
use crate::option_handle::{Any, getsockopt};
use crate::peer::{Full, abstract_name, std_pair};
use crate::syscalls::{mark, names, traced};
use crate::tcp::closed_port;
use bojagi::capi::connect::*;
use bojagi::capi::connector::*;
use bojagi::capi::listen::*;
use bojagi::capi::listener::bojagi_listener_from_fd;
use bojagi::capi::option::OptionValue;
use bojagi::capi::plan::*;
use bojagi::capi::socket::bojagi_socket_from_fd;
use bojagi::capi::unix::*;
use bojagi::net::option::id::*;
use std::ffi::CStr;
use std::os::fd::AsRawFd;
use std::ptr::{null, null_mut};

fn number(option: u32, value: i64) -> OptionValue {
    OptionValue { option, reserved: 0, value, text: null() }
}

fn text(option: u32, text: &'static CStr) -> OptionValue {
    OptionValue { option, reserved: 0, value: 0, text: text.as_ptr() }
}

fn connecting(values: &[OptionValue]) -> ConnectOptions {
    let (values, value_count) = (values.as_ptr(), values.len());
    ConnectOptions { values, value_count, ..PLAIN.connect() }
}

fn listening(values: &[OptionValue]) -> ListenOptions {
    let (values, value_count) = (values.as_ptr(), values.len());
    ListenOptions { values, value_count, ..PLAIN.listen() }
}

fn listen(host: &str, port: u32, values: &[OptionValue]) -> Result<Listener, i64> {
    let (host, options) = (c(host), listening(values));
    made(Listener, |out| unsafe { bojagi_tcp_listen(host.as_ptr(), port, &options, out) })
}

fn bind(host: &str, values: &[OptionValue]) -> Result<Socket, i64> {
    let (host, options) = (c(host), listening(values));
    made(Socket, |out| unsafe { bojagi_udp_bind(host.as_ptr(), 0, &options, out) })
}

/// The window scale that this side of a connection has announced.
fn window_scale(socket: &Socket) -> u8 {
    let mut info = [0u8; 8];
    let (mut len, at) = (8, info.as_mut_ptr().cast());
    let fd = socket.fd();
    let status = unsafe { libc::getsockopt(fd, libc::IPPROTO_TCP, libc::TCP_INFO, at, &mut len) };
    assert_eq!(status, 0);
    // `tcpi_snd_wscale : 4, tcpi_rcv_wscale : 4` is the seventh byte.
    if cfg!(target_endian = "little") { info[6] >> 4 } else { info[6] & 15 }
}

fn has_mark(socket: &Socket) -> bool {
    getsockopt(socket.fd(), libc::SOL_SOCKET, libc::SO_MARK) == 7
}

#[test]
fn freebind_lets_listeners_and_datagrams_have_an_address_of_another_machine() {
    assert_eq!(listen("192.0.2.1", 0, &[]).err(), Some(BOJAGI_E_OS));
    let freebind = [number(BOJAGI_OPTION_FREEBIND, 1)];
    let listener = listen("192.0.2.1", 0, &freebind).unwrap();
    assert!(crate::handle::text(&listener.local()).starts_with("192.0.2.1:"));
    let socket = bind("192.0.2.1", &freebind).unwrap();
    assert!(crate::handle::text(&socket.local()).starts_with("192.0.2.1:"));
    if !lacks_ipv6("freebind of IPv6") {
        assert!(listen("2001:db8::1", 0, &freebind).is_ok(), "{}", last_error().text());
    }
}

#[test]
fn a_buffer_set_before_the_handshake_decides_the_window_scale() {
    let listener = Listener::tcp("127.0.0.1", PLAIN).unwrap();
    let plain = tcp("127.0.0.1", listener.port(), &connecting(&[]), 10_000).unwrap();
    let options = [number(BOJAGI_OPTION_RECV_BUFFER, 8192)];
    let small = tcp("127.0.0.1", listener.port(), &connecting(&options), 10_000).unwrap();
    assert_eq!(Any::Socket(small).read(BOJAGI_OPTION_RECV_BUFFER), Ok(8192));
    let small = tcp("127.0.0.1", listener.port(), &connecting(&options), 10_000).unwrap();
    assert!(window_scale(&small) < window_scale(&plain), "{}", window_scale(&plain));
    let listener = listen("127.0.0.1", 0, &options).unwrap();
    let client = Socket::tcp("127.0.0.1", listener.port(), PLAIN, 10_000).unwrap();
    assert!(window_scale(&listener.accept(10_000).unwrap()) < window_scale(&client));
}

#[test]
fn every_way_to_connect_to_a_host_gives_the_values_in_their_order() {
    let listener = Listener::tcp("127.0.0.2", PLAIN).unwrap();
    let full = Full::new();
    let hosts =
        Hosts::of("two.test", &[("127.0.0.1", full.port()), ("127.0.0.2", listener.port())]);
    let values = [
        number(BOJAGI_OPTION_KEEPALIVE, 1),
        number(BOJAGI_OPTION_TTL, 3),
        number(BOJAGI_OPTION_TTL, 9),
        number(BOJAGI_OPTION_NODELAY, 0),
        text(BOJAGI_OPTION_CONGESTION, c"reno"),
        number(BOJAGI_OPTION_DSCP, 46),
        number(BOJAGI_OPTION_MAX_SEGMENT, 500),
    ];
    let options = ConnectOptions { hosts: hosts.0, ..connecting(&values) };
    let single = tcp("127.0.0.2", listener.port(), &options, -1).unwrap();
    let raced = tcp("two.test", 1, &options, 60_000).unwrap();
    let connector = {
        let mut connector = null_mut();
        let host = c("two.test");
        assert_eq!(unsafe { bojagi_connector_new(host.as_ptr(), 1, &options, &mut connector) }, 0);
        let next = |out| unsafe { bojagi_connector_next(connector, 60_000, out) };
        let socket = made(Socket, next).unwrap();
        unsafe { bojagi_connector_free(connector) };
        socket
    };
    for socket in [single, raced, connector] {
        let it = Any::Socket(socket);
        assert_eq!(it.read(BOJAGI_OPTION_KEEPALIVE), Ok(1));
        assert_eq!(it.read(BOJAGI_OPTION_TTL), Ok(9));
        assert_eq!(it.read(BOJAGI_OPTION_NODELAY), Ok(0), "ours comes first");
        assert_eq!(it.read_text(BOJAGI_OPTION_CONGESTION), Ok("reno".to_owned()));
        assert_eq!(it.read(BOJAGI_OPTION_DSCP), Ok(46));
        assert!(it.read(BOJAGI_OPTION_MAX_SEGMENT).unwrap() <= 500);
    }
    let values = [number(BOJAGI_OPTION_TRAFFIC_CLASS, 3), number(BOJAGI_OPTION_DSCP, 10)];
    let it = Any::Socket(udp("127.0.0.1", 9, &connecting(&values), 0).unwrap());
    assert_eq!(it.read(BOJAGI_OPTION_TRAFFIC_CLASS), Ok(10 << 2 | 3), "ECN is left alone");
}

#[test]
fn a_mark_is_on_every_attempt_or_its_refusal_names_it() {
    let listener = Listener::tcp("127.0.0.2", PLAIN).unwrap();
    let hosts = Hosts::of("two.test", &[("127.0.0.1", closed_port()), ("127.0.0.2", 0)]);
    let values = [number(BOJAGI_OPTION_MARK, 7)];
    let options = ConnectOptions { hosts: hosts.0, ..connecting(&values) };
    match tcp("two.test", listener.port(), &options, 10_000) {
        Ok(socket) => assert!(has_mark(&socket)),
        Err(code) => {
            skip("a mark that is set: it needs CAP_NET_ADMIN");
            assert_eq!(code, BOJAGI_E_DENIED);
            assert!(last_error().text().contains(": socket option mark: "));
            assert_eq!(last_error().os_error, libc::EPERM);
            assert_eq!(attempts().len(), 2);
        }
    }
}

#[test]
fn every_unix_socket_takes_values() {
    let values = [number(BOJAGI_OPTION_SEND_BUFFER, 9000)];
    let options = connecting(&values);
    let (stream, packets, datagrams) = (abstract_name(), abstract_name(), abstract_name());
    let _stream = Listener::unix(&stream, PLAIN).unwrap();
    let _packets = crate::seqpacket::listen(&packets).unwrap();
    let name = c(&datagrams);
    let bound = listening(&values);
    let mut all = vec![
        made(Socket, |out| unsafe { bojagi_unix_datagram_bind(name.as_ptr(), &bound, out) }),
        made(Socket, |out| unsafe { bojagi_unix_datagram_connect(name.as_ptr(), &options, out) }),
    ];
    let name = c(&stream);
    all.push(made(Socket, |out| unsafe { bojagi_unix_connect(name.as_ptr(), &options, -1, out) }));
    let name = c(&packets);
    all.push(made(Socket, |out| unsafe {
        bojagi_unix_seqpacket_connect(name.as_ptr(), &options, 1000, out)
    }));
    for kind in [BOJAGI_KIND_UNIX_STREAM, BOJAGI_KIND_UNIX_DATAGRAM, BOJAGI_KIND_UNIX_SEQPACKET] {
        let (mut one, mut other) = (null_mut(), null_mut());
        assert_eq!(unsafe { bojagi_unix_pair(kind, &options, &mut one, &mut other) }, 0);
        all.extend([Ok(Socket(one)), Ok(Socket(other))]);
    }
    assert_eq!(all.len(), 10);
    for socket in all {
        assert_eq!(Any::Socket(socket.unwrap()).read(BOJAGI_OPTION_SEND_BUFFER), Ok(9000));
    }
}

#[test]
fn a_listener_is_bound_with_its_values_and_connections_inherit_them() {
    let shared = [number(BOJAGI_OPTION_REUSE_PORT, 1), number(BOJAGI_OPTION_KEEPALIVE, 1)];
    let one = listen("127.0.0.1", 0, &shared).unwrap();
    assert_eq!(listen("127.0.0.1", one.port(), &[]).err(), Some(BOJAGI_E_IN_USE));
    let other = listen("127.0.0.1", one.port(), &shared).unwrap();
    assert_eq!(Any::Listener(other).read(BOJAGI_OPTION_KEEPALIVE), Ok(1));
    let listener = listen("127.0.0.1", 0, &shared[1..]).unwrap();
    let _client = Socket::tcp("127.0.0.1", listener.port(), PLAIN, 10_000).unwrap();
    let server = listener.accept(10_000).unwrap();
    assert_eq!(Any::Socket(server).read(BOJAGI_OPTION_KEEPALIVE), Ok(1));
    // What the struct has besides comes first.
    let off = [number(BOJAGI_OPTION_REUSE_ADDRESS, 0)];
    let listener = Any::Listener(listen("127.0.0.1", 0, &off).unwrap());
    assert_eq!(listener.read(BOJAGI_OPTION_REUSE_ADDRESS), Ok(0));
}

#[test]
fn an_address_whose_family_lacks_an_option_is_passed_over() {
    if lacks_ipv6("open_options::an_address_whose_family_lacks_an_option_is_passed_over") {
        return;
    }
    let listener = Listener::tcp("::1", PLAIN).unwrap();
    let values = [number(BOJAGI_OPTION_V6ONLY, 1)];
    let hosts = Hosts::of("both.test", &[("127.0.0.1", 0), ("::1", 0)]);
    let options = ConnectOptions { hosts: hosts.0, ..connecting(&values) };
    let client = tcp("both.test", listener.port(), &options, 10_000).unwrap();
    assert_eq!(Any::Socket(client).read(BOJAGI_OPTION_V6ONLY), Ok(1));
    assert!(udp("both.test", 9, &options, 0).is_ok());
    // Of a total failure it is not the cause, but where nothing else was.
    let hosts = Hosts::of("both.test", &[("::1", 0), ("127.0.0.1", 0)]);
    let options = ConnectOptions { hosts: hosts.0, ..options };
    let closed = closed_port();
    assert_eq!(tcp("both.test", closed, &options, 10_000).err(), Some(BOJAGI_E_REFUSED));
    let codes: Vec<_> = attempts().into_iter().map(|(code, _)| code).collect();
    assert_eq!(codes, [BOJAGI_E_REFUSED, BOJAGI_E_UNSUPPORTED]);
    for connect in [tcp, udp] {
        let result = connect("127.0.0.1", listener.port(), &options, 10_000);
        assert_eq!(result.err(), Some(BOJAGI_E_UNSUPPORTED));
        let said = last_error().text();
        assert!(said.contains("127.0.0.1:") && said.contains("socket option v6only: "), "{said}");
    }
    assert_eq!(listen("127.0.0.1", 0, &values).err(), Some(BOJAGI_E_UNSUPPORTED));
    assert!(last_error().text().contains("socket option v6only: only an IPv6 socket"));
    let listener = listen("", 0, &values).unwrap();
    let refused = Socket::tcp("127.0.0.1", listener.port(), PLAIN, 10_000);
    assert_eq!(refused.err(), Some(BOJAGI_E_REFUSED));
}

#[test]
fn a_wrong_value_names_its_option_before_anything_is_looked_up() {
    let good = number(BOJAGI_OPTION_KEEPALIVE, 1);
    let wrong = [
        (number(0, 1), BOJAGI_E_UNSUPPORTED, "option 0: "),
        (number(999, 1), BOJAGI_E_UNSUPPORTED, "option 999: "),
        (number(BOJAGI_OPTION_KEEPALIVE, 2), BOJAGI_E_ARG, "option keepalive: "),
        (number(BOJAGI_OPTION_TTL, -1), BOJAGI_E_ARG, "option ttl: "),
        (number(BOJAGI_OPTION_MTU, 1), BOJAGI_E_UNSUPPORTED, "option mtu: "),
        (number(BOJAGI_OPTION_FAST_OPEN, 1), BOJAGI_E_UNSUPPORTED, "option fast_open: "),
        (number(BOJAGI_OPTION_BROADCAST, 1), BOJAGI_E_UNSUPPORTED, "option broadcast: "),
        (number(BOJAGI_OPTION_CONGESTION, 1), BOJAGI_E_ARG, "option congestion: "),
        (text(BOJAGI_OPTION_CONGESTION, c""), BOJAGI_E_ARG, "option congestion: "),
        (text(BOJAGI_OPTION_TTL, c"9"), BOJAGI_E_ARG, "option ttl: "),
        (OptionValue { reserved: 1, ..number(9, 1) }, BOJAGI_E_ARG, "option 9: "),
        (OptionValue { value: 1, ..text(22, c"reno") }, BOJAGI_E_ARG, "option 22: "),
    ];
    for (value, code, name) in wrong {
        let values = [good, value];
        // A look-up would not be done within a budget of 0.
        let result = tcp("localhost", 9, &connecting(&values), 0);
        let said = last_error().text();
        assert_eq!(result.err(), Some(code), "{said}");
        assert!(said.contains(name), "{said}");
        let mut connector = null_mut();
        let (host, options) = (c("localhost"), connecting(&values));
        let result = unsafe { bojagi_connector_new(host.as_ptr(), 9, &options, &mut connector) };
        assert_eq!((result, last_error().text()), (code, said));
    }
    for (value, name) in [(BOJAGI_OPTION_CORK, "cork"), (BOJAGI_OPTION_QUICKACK, "quickack")] {
        assert_eq!(listen("", 0, &[number(value, 1)]).err(), Some(BOJAGI_E_UNSUPPORTED));
        assert!(last_error().text().contains(name), "{}", last_error().text());
    }
    let name = c("@");
    let options = listening(&[good]);
    let result = made(Listener, |out| unsafe { bojagi_unix_listen(name.as_ptr(), &options, out) });
    assert_eq!(result.err(), Some(BOJAGI_E_UNSUPPORTED), "a Unix listener has none");
}

#[test]
fn what_the_system_refuses_names_its_option() {
    let listener = Listener::tcp("127.0.0.1", PLAIN).unwrap();
    for value in
        [text(BOJAGI_OPTION_CONGESTION, c"no_such"), text(BOJAGI_OPTION_INTERFACE, c"no_such0")]
    {
        let name =
            if value.option == BOJAGI_OPTION_CONGESTION { "congestion" } else { "interface" };
        let results = [
            tcp("127.0.0.1", listener.port(), &connecting(&[value]), 1000).map(drop),
            tcp("127.0.0.1", listener.port(), &connecting(&[value]), 0).map(drop),
            listen("127.0.0.1", 0, &[value]).map(drop),
        ];
        for result in results {
            assert_eq!(result.err(), Some(BOJAGI_E_ARG));
        }
        let said = last_error().text();
        assert!(said.contains(&format!("socket option {name}: ")), "{said}");
    }
}

#[test]
fn an_array_that_is_none_and_values_of_an_open_descriptor_are_refused() {
    let options = ConnectOptions { value_count: 1, ..connecting(&[]) };
    let options = ConnectOptions { values: null(), ..options };
    assert_eq!(tcp("127.0.0.1", 9, &options, 0).err(), Some(BOJAGI_E_ARG));
    assert!(last_error().text().contains("values is NULL"), "{}", last_error().text());
    let values = [number(BOJAGI_OPTION_KEEPALIVE, 1)];
    let (mine, _other) = std_pair();
    let options = connecting(&values);
    let fd = i64::from(mine.as_raw_fd());
    let result = made(Socket, |out| unsafe { bojagi_socket_from_fd(fd, &options, out) });
    assert_eq!(result.err(), Some(BOJAGI_E_ARG));
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let (fd, options) = (i64::from(listener.as_raw_fd()), listening(&values));
    let result = made(Listener, |out| unsafe { bojagi_listener_from_fd(fd, &options, out) });
    assert_eq!(result.err(), Some(BOJAGI_E_ARG));
    assert!(last_error().text().contains("values means nothing here"));
}

#[test]
fn each_value_is_one_setsockopt_of_each_attempt() {
    let values = [
        number(BOJAGI_OPTION_KEEPALIVE, 1),
        number(BOJAGI_OPTION_TTL, 9),
        number(BOJAGI_OPTION_DSCP, 46),
        number(BOJAGI_OPTION_MAX_SEGMENT, 500),
        text(BOJAGI_OPTION_CONGESTION, c"reno"),
    ];
    let body = || {
        let listener = Listener::tcp("127.0.0.2", PLAIN).unwrap();
        let full = Full::new();
        let addresses = [("127.0.0.1", full.port()), ("127.0.0.2", listener.port())];
        let hosts = Hosts::of("two.test", &addresses);
        let options = ConnectOptions { hosts: hosts.0, ..connecting(&values) };
        mark("first");
        let single = tcp("127.0.0.2", listener.port(), &options, -1);
        let raced = tcp("two.test", 1, &options, 60_000);
        let bound = listen("127.0.0.1", 0, &values);
        mark("last");
        assert!(single.is_ok() && raced.is_ok() && bound.is_ok());
    };
    let test = "open_options::each_value_is_one_setsockopt_of_each_attempt";
    let Some(calls) = traced(test, body) else { return };
    let calls: Vec<_> = calls.into_iter().filter(|call| !call.contains("F_GETFD")).collect();
    let given = ["SO_KEEPALIVE", "IP_TTL", "IP_TOS", "TCP_MAXSEG", "TCP_CONGESTION"];
    let set: Vec<_> = calls.iter().filter(|call| call.starts_with("setsockopt")).collect();
    let connects = [&["TCP_NODELAY"][..], &given].concat();
    let listens = [&["SO_REUSEADDR", "TCP_NODELAY"][..], &given].concat();
    let wanted = [&connects[..], &connects, &connects, &listens].concat();
    assert!(set.iter().zip(&wanted).all(|(call, name)| call.contains(name)), "{set:#?}");
    assert_eq!(set.len(), wanted.len());
    // Nothing is asked but how the attempts have ended, and the address of the listener.
    let asked = names(&calls).iter().filter(|name| name.starts_with("getsock")).count();
    assert_eq!(asked, 2, "{calls:#?}");
}
