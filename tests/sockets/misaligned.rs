//! Pointers that are not aligned for what they point to: refused, and nothing is done.

use crate::array::udp_pair;
use crate::handle::{Listener, *};
use crate::vector::piece;
use bojagi::capi::cancel::*;
use bojagi::capi::connect::*;
use bojagi::capi::datagram::*;
use bojagi::capi::frame::*;
use bojagi::capi::insight::*;
use bojagi::capi::listener::*;
use bojagi::capi::poller::*;
use bojagi::capi::rights::*;
use bojagi::capi::sendfile::*;
use bojagi::capi::socket::*;
use bojagi::capi::vector::*;
use bojagi::net::plain::Datagram;
use std::ptr::{null, null_mut};

/// Memory, and a place in it that is aligned for nothing but bytes.
struct Odd([u64; 64]);

impl Odd {
    fn new() -> Self {
        Self([0x5a5a_5a5a_5a5a_5a5a; 64])
    }

    fn at<T>(&mut self) -> *mut T {
        self.0.as_mut_ptr().cast::<u8>().wrapping_add(1).cast()
    }
}

#[test]
fn a_place_for_the_count_is_refused_before_anything_is_moved() {
    let (client, server) = tcp_pair(PLAIN);
    let (mut odd, mut byte, pieces) = (Odd::new(), [0u8; 1], [piece(b"x")]);
    let (data, room): (*const _, *mut _) = (b"x".as_ptr().cast(), byte.as_mut_ptr().cast());
    let codes = unsafe {
        [
            bojagi_socket_send_all(client.0, data, 1, 0, odd.at()),
            bojagi_socket_send_all_vectored(client.0, pieces.as_ptr(), 1, 0, odd.at()),
            bojagi_socket_sendfile(client.0, 0, 0, 0, 0, odd.at()),
            bojagi_socket_recv_exact(server.0, room, 1, 0, odd.at()),
        ]
    };
    assert_eq!(codes, [BOJAGI_E_ARG; 4]);
    assert!(last_error().text().contains("done is not aligned"), "{}", last_error().text());
    assert_eq!(server.recv(&mut [0; 1], 0), BOJAGI_E_AGAIN);
    let (one, other) = udp_pair("127.0.0.1");
    let datagram = Datagram { data: room, len: 1, ..Datagram::NONE };
    let codes = unsafe {
        [
            bojagi_socket_send_batch(one.0, &datagram, 1, 0, odd.at()),
            bojagi_socket_recv_from(other.0, room, 1, 0, odd.at()),
        ]
    };
    assert_eq!(codes, [BOJAGI_E_ARG; 2]);
    assert_eq!(other.recv(&mut [0; 1], 0), BOJAGI_E_AGAIN);
    assert_eq!(odd.0, Odd::new().0);
}

#[test]
fn a_handle_that_may_be_null_is_refused() {
    let (client, _server) = tcp_pair(PLAIN);
    let listener = Listener::tcp("127.0.0.1", PLAIN).unwrap();
    let (mut odd, mut poller, mut out) = (Odd::new(), null_mut(), null_mut());
    let host = c("127.0.0.1");
    let mut options = PLAIN.connect();
    options.cancel = odd.at();
    let mut other = PLAIN.connect();
    other.hosts = odd.at();
    let codes = unsafe {
        assert_eq!(bojagi_poller_new(&mut poller), 0);
        [
            bojagi_socket_set_cancel(client.0, odd.at()),
            bojagi_listener_set_cancel(listener.0, odd.at()),
            bojagi_poller_set_cancel(poller, odd.at()),
            bojagi_cancel_fire(odd.at()),
            bojagi_poller_wake(odd.at()),
            bojagi_tcp_connect(host.as_ptr(), 9, &options, 0, &mut out),
            bojagi_tcp_connect(host.as_ptr(), 9, &other, 0, &mut out),
        ]
    };
    unsafe { bojagi_poller_free(poller) };
    assert_eq!(codes, [BOJAGI_E_ARG; 7]);
    assert!(out.is_null());
}

#[test]
fn a_struct_or_an_array_is_refused() {
    let (client, _server) = tcp_pair(PLAIN);
    let mut odd = Odd::new();
    let mut poller = null_mut();
    let codes = unsafe {
        assert_eq!(bojagi_poller_new(&mut poller), 0);
        [
            bojagi_socket_tcp_info(client.0, odd.at()),
            bojagi_socket_queues(client.0, odd.at()),
            bojagi_socket_peer_credentials(client.0, odd.at()),
            bojagi_socket_recv_frame(client.0, odd.at(), odd.at(), 0),
            bojagi_socket_send_frame(client.0, odd.at(), null(), 0, 0, null_mut()),
            bojagi_poller_wait(poller, odd.at(), 1, 0),
            bojagi_socket_recv_batch(client.0, odd.at(), 1, 0),
            bojagi_socket_send_vectored(client.0, odd.at(), 1, 0),
            bojagi_socket_send_fds(client.0, null(), 0, odd.at(), 1, 0),
        ]
    };
    unsafe { bojagi_poller_free(poller) };
    assert_eq!(codes, [BOJAGI_E_ARG; 9]);
    assert_eq!(odd.0, Odd::new().0);
}

#[test]
fn the_message_names_the_argument() {
    let (client, _server) = tcp_pair(PLAIN);
    assert_eq!(unsafe { bojagi_socket_tcp_info(client.0, null_mut()) }, BOJAGI_E_ARG);
    let text = last_error().text();
    assert!(text.starts_with("the struct is NULL"), "{text}");
}
