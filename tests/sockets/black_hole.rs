//! Addresses behind which nobody answers, of both families, in a network namespace of the test's own.

use crate::handle::*;
use crate::hosts::{Hosts, attempts, tcp};
use crate::network;
use bojagi::capi::plan::*;
use std::time::{Duration, Instant};

/// An interface whose packets reach a peer that they are not meant for, which drops them.
const SET_UP: &str = "ip link set lo up &&
    ip link add hole type veth peer name end &&
    ip addr add 192.0.2.1/24 dev hole && ip addr add 2001:db8::1/64 dev hole nodad &&
    ip link set hole up && ip link set end up &&
    ip neigh add 192.0.2.2 lladdr 02:00:00:00:00:02 dev hole &&
    ip neigh add 2001:db8::2 lladdr 02:00:00:00:00:02 dev hole &&
    echo 5 > /proc/sys/net/ipv4/tcp_fastopen";

const HOLES: [(&str, u32); 2] = [("2001:db8::2", 0), ("192.0.2.2", 0)];

#[test]
fn each_black_hole_costs_the_attempt_delay() {
    let test = "black_hole::each_black_hole_costs_the_attempt_delay";
    if !network::is_own(test, SET_UP) {
        return;
    }
    let listener = Listener::tcp("127.0.0.1", PLAIN).unwrap();
    for (holes, least) in [(&HOLES[..1], 250), (&HOLES[..], 500)] {
        let hosts = Hosts::of("dead.test", holes);
        assert_eq!(hosts.add("dead.test", "127.0.0.1", 0), 0);
        let begun = Instant::now();
        let client = tcp("dead.test", listener.port(), &hosts.options(), 60_000).unwrap();
        let took = begun.elapsed();
        assert_eq!(text(&client.peer().unwrap()), format!("127.0.0.1:{}", listener.port()));
        assert!(took >= Duration::from_millis(least), "{took:?}");
        assert!(took < Duration::from_millis(least) + Duration::from_secs(10), "{took:?}");
    }
}

#[test]
fn a_total_failure_lists_every_black_hole() {
    let test = "black_hole::a_total_failure_lists_every_black_hole";
    if !network::is_own(test, SET_UP) {
        return;
    }
    let hosts = Hosts::of("dead.test", &HOLES);
    let cancel = Cancel::new();
    for cancel in [std::ptr::null_mut(), cancel.0] {
        let options = ConnectOptions { cancel, ..hosts.options() };
        let begun = Instant::now();
        assert_eq!(tcp("dead.test", 80, &options, 600).err(), Some(BOJAGI_E_TIMEOUT));
        assert!(begun.elapsed() >= Duration::from_millis(600));
        let expected = ["[2001:db8::2]:80", "192.0.2.2:80"];
        let expected = expected.map(|address| (BOJAGI_E_TIMEOUT, address.to_owned()));
        assert_eq!(attempts(), expected);
        let text = last_error().text();
        let list = "(2 addresses tried: [2001:db8::2]:80 timeout, 192.0.2.2:80 timeout): ";
        assert!(text.contains(list), "{text}");
    }
    // One address alone ends in time as well.
    let begun = Instant::now();
    assert_eq!(tcp("192.0.2.2", 80, &hosts.options(), 100).err(), Some(BOJAGI_E_TIMEOUT));
    assert!(begun.elapsed() >= Duration::from_millis(100));
    assert!(begun.elapsed() < Duration::from_secs(10));
}

#[test]
fn fast_open_reports_success_before_the_handshake() {
    let test = "black_hole::fast_open_reports_success_before_the_handshake";
    if !network::is_own(test, SET_UP) {
        return;
    }
    // The namespace sends data with the first packet also where it has no cookie of the server.
    let hosts = Hosts::of("dead.test", &HOLES);
    let fast = ConnectOptions { flags: BOJAGI_FAST_OPEN, ..hosts.options() };
    for host in ["192.0.2.2", "dead.test"] {
        assert_eq!(tcp(host, 80, &hosts.options(), 50).err(), Some(BOJAGI_E_TIMEOUT), "{host}");
        let client = tcp(host, 80, &fast, 50).unwrap();
        assert_eq!(client.send(b"x", 50), 1);
        assert_eq!(client.recv(&mut [0; 1], 50), BOJAGI_E_TIMEOUT);
    }
}
