//! Wrong arguments: each is answered, none crashes, no output is touched.

use crate::handle::{Listener, Socket, *};
use bojagi::capi::address::*;
use bojagi::capi::cancel::*;
use bojagi::capi::connect::*;
use bojagi::capi::error::*;
use bojagi::capi::listen::*;
use bojagi::capi::listener::*;
use bojagi::capi::plan::*;
use bojagi::capi::resolve::*;
use bojagi::capi::socket::*;
use std::ffi::c_void;
use std::ptr::{null, null_mut};

#[test]
fn null_handle_is_an_argument_error_everywhere() {
    let (none, mut address) = (null_mut(), no_address());
    let (mut byte, mut done) = ([0u8; 1], 9);
    let at: *mut c_void = byte.as_mut_ptr().cast();
    let codes = unsafe {
        [
            bojagi_socket_send(none, at, 1, 0),
            bojagi_socket_send_all(none, at, 1, 0, &mut done),
            bojagi_socket_recv(none, at, 1, 0),
            bojagi_socket_recv_exact(none, at, 1, 0, null_mut()),
            bojagi_socket_send_to(none, at, 1, &address, 0),
            bojagi_socket_recv_from(none, at, 1, 0, &mut address),
            bojagi_socket_shutdown(none, BOJAGI_SHUTDOWN_BOTH),
            bojagi_socket_local(none, &mut address),
            bojagi_socket_peer(none, &mut address),
            bojagi_socket_fd(none),
            bojagi_socket_set_cancel(none, null_mut()),
            bojagi_listener_accept(null_mut(), 0, &mut null_mut()),
            bojagi_listener_local(null(), &mut address),
            bojagi_listener_fd(null()),
            bojagi_listener_set_cancel(null_mut(), null_mut()),
            bojagi_cancel_fire(null_mut()),
            bojagi_cancel_reset(null_mut()),
            bojagi_cancel_fired(null()),
            bojagi_address_format(null(), null_mut(), 0),
            bojagi_address_host(null(), null_mut(), 0),
            bojagi_address_port(null()),
            bojagi_address_family(null()),
        ]
    };
    assert_eq!(codes, [BOJAGI_E_ARG; 22]);
    assert_eq!(done, 0);
    unsafe {
        bojagi_socket_free(null_mut());
        bojagi_listener_free(null_mut());
        bojagi_cancel_free(null_mut());
        bojagi_error_init(null_mut());
        bojagi_connect_options_init(null_mut());
        bojagi_listen_options_init(null_mut());
    }
}

#[test]
fn null_out_and_null_text_are_argument_errors() {
    let (host, (server, _client)) = (c("127.0.0.1"), tcp_pair(PLAIN));
    let mut socket = null_mut();
    let mut listener = null_mut();
    let codes = unsafe {
        [
            bojagi_tcp_connect(host.as_ptr(), 1, null(), 0, null_mut()),
            bojagi_tcp_connect(null(), 1, null(), 0, &mut socket),
            bojagi_udp_connect(null(), 1, null(), 0, &mut socket),
            bojagi_unix_connect(null(), null(), 0, &mut socket),
            bojagi_unix_datagram_connect(null(), null(), &mut socket),
            bojagi_unix_listen(null(), null(), &mut listener),
            bojagi_tcp_listen(host.as_ptr(), 0, null(), null_mut()),
            bojagi_udp_bind(host.as_ptr(), 0, null(), null_mut()),
            bojagi_unix_datagram_bind(null(), null(), null_mut()),
            bojagi_cancel_new(null_mut()),
            bojagi_socket_from_fd(0, null(), null_mut()),
            bojagi_listener_from_fd(0, null(), null_mut()),
            bojagi_address_parse(host.as_ptr(), 1, null_mut()),
            bojagi_address_parse(null(), 1, &mut no_address()),
            bojagi_address_unix(null(), &mut no_address()),
            bojagi_socket_local(server.0, null_mut()),
            bojagi_resolve(host.as_ptr(), 1, null_mut(), 0, null_mut(), 1),
            bojagi_resolve(host.as_ptr(), 1, null_mut(), 0, null_mut(), 0),
        ]
    };
    assert_eq!(codes, [BOJAGI_E_ARG; 18]);
    assert!(socket.is_null() && listener.is_null());
}

#[test]
fn null_data_is_fine_only_without_length() {
    let (client, _server) = tcp_pair(PLAIN);
    unsafe {
        assert_eq!(bojagi_socket_send(client.0, null(), 0, 0), 0);
        assert_eq!(bojagi_socket_send(client.0, null(), 1, 0), BOJAGI_E_ARG);
        assert_eq!(bojagi_socket_send_all(client.0, null(), 1, 0, null_mut()), BOJAGI_E_ARG);
        assert_eq!(bojagi_socket_recv(client.0, null_mut(), 1, 0), BOJAGI_E_ARG);
        let data: *const c_void = [0u8; 1].as_ptr().cast();
        assert_eq!(bojagi_socket_send(client.0, data, usize::MAX, 0), BOJAGI_E_ARG);
    }
}

#[test]
fn wrong_budget_is_refused_by_every_call_that_has_one() {
    let (client, _server) = tcp_pair(PLAIN);
    let listener = Listener::tcp("127.0.0.1", PLAIN).unwrap();
    for wrong in [-2, i64::MIN] {
        assert_eq!(client.recv(&mut [0; 1], wrong), BOJAGI_E_ARG);
        assert_eq!(client.send(b"x", wrong), BOJAGI_E_ARG);
        assert_eq!(client.send_all(b"x", wrong), (BOJAGI_E_ARG, 0));
        assert_eq!(client.recv_exact(&mut [0; 1], wrong), (BOJAGI_E_ARG, 0));
        assert_eq!(listener.accept(wrong).err(), Some(BOJAGI_E_ARG));
        let connected = Socket::tcp("127.0.0.1", listener.port(), PLAIN, wrong).err();
        assert_eq!(connected, Some(BOJAGI_E_ARG));
    }
    assert!(last_error().text().contains("timeout_ms"), "{}", last_error().text());
}

#[test]
fn wrong_port_is_refused() {
    assert_eq!(Socket::tcp("127.0.0.1", 65_536, PLAIN, 0).err(), Some(BOJAGI_E_ARG));
    assert!(last_error().text().contains("65536"), "{}", last_error().text());
    assert_eq!(Socket::tcp("127.0.0.1", 0, PLAIN, 0).err(), Some(BOJAGI_E_ARG));
    assert_eq!(Listener::tcp_on("127.0.0.1", u32::MAX, PLAIN).err(), Some(BOJAGI_E_ARG));
    assert_eq!(address("127.0.0.1", 65_536).err(), Some(BOJAGI_E_ARG));
}

#[test]
fn wrong_host_is_refused() {
    for host in ["", "a b", "[::1", "x\ny", "[localhost]"] {
        assert_eq!(Socket::tcp(host, 80, PLAIN, 0).err(), Some(BOJAGI_E_ARG), "{host:?}");
    }
    for host in ["localhost", "", "127.1"] {
        assert_eq!(address(host, 80).err(), Some(BOJAGI_E_ARG), "{host:?}");
    }
}

#[test]
fn options_are_checked_and_may_be_larger_than_ours() {
    let (host, mut out) = (c("127.0.0.1"), null_mut());
    let mut options = PLAIN.listen();
    let mut listen =
        |options: &ListenOptions| unsafe { bojagi_tcp_listen(host.as_ptr(), 0, options, &mut out) };
    options.flags = 2;
    assert_eq!(listen(&options), BOJAGI_E_ARG);
    assert!(last_error().text().contains("0x2"), "{}", last_error().text());
    options.flags = 0;
    options.size -= 1;
    assert_eq!(listen(&options), BOJAGI_E_ARG);
    assert!(last_error().text().contains("bojagi_listen_options_init"));
    options.size += 17;
    assert_eq!(listen(&options), 0);
    unsafe { bojagi_listener_free(out) };
}

#[test]
fn address_that_holds_none_is_refused() {
    let client = Socket::udp_bind("127.0.0.1").unwrap();
    for len in [1, 16, 129, u32::MAX] {
        let junk = Address { len, storage: [0xff; 128] };
        assert_eq!(client.send_to(b"x", &junk, 0), BOJAGI_E_ARG);
        assert_eq!(unsafe { bojagi_address_family(&junk) }, BOJAGI_E_ARG);
    }
}

#[test]
fn addresses_have_families_hosts_and_ports() {
    let cases = [
        (address("192.0.2.1", 80), BOJAGI_FAMILY_IPV4, "192.0.2.1", "192.0.2.1:80", 80),
        (address("[2001:db8::1]", 1), BOJAGI_FAMILY_IPV6, "2001:db8::1", "[2001:db8::1]:1", 1),
        (address("fe80::1%7", 0), BOJAGI_FAMILY_IPV6, "fe80::1%7", "[fe80::1%7]:0", 0),
        (unix_address("/a/b"), BOJAGI_FAMILY_UNIX, "/a/b", "unix:/a/b", BOJAGI_E_UNSUPPORTED),
        (unix_address("@a"), BOJAGI_FAMILY_UNIX, "@a", "unix:@a", BOJAGI_E_UNSUPPORTED),
        (Ok(no_address()), BOJAGI_FAMILY_NONE, "", "unix:", BOJAGI_E_UNSUPPORTED),
    ];
    for (address, family, host, written, number) in cases {
        let address = address.unwrap();
        assert_eq!(unsafe { bojagi_address_family(&address) }, family);
        assert_eq!(text(&address), written);
        assert_eq!(port(&address), number);
        let mut out = [b'#'.cast_signed(); 64];
        let len = unsafe { bojagi_address_host(&address, out.as_mut_ptr(), out.len()) };
        let bytes: Vec<u8> = out.iter().map(|byte| byte.cast_unsigned()).collect();
        let expected = [host.as_bytes(), b"\0#"].concat();
        assert_eq!(usize::try_from(len), Ok(host.len()));
        assert_eq!(&bytes[..expected.len()], expected);
    }
}

#[test]
fn text_that_does_not_fit_is_not_written() {
    let address = address("127.0.0.1", 80).unwrap();
    let mut out = [b'#'.cast_signed(); 12];
    let format = |out: &mut [i8]| unsafe {
        bojagi_address_format(&address, out.as_mut_ptr().cast(), out.len())
    };
    assert_eq!(format(&mut out), BOJAGI_E_SPACE);
    assert_eq!(out, [b'#'.cast_signed(); 12]);
    assert_eq!(format(&mut [0; 13]), 12);
}
