//! Pollers: what is told, and how often. What ends a wait is in `wait.rs`.

use crate::array::{Array, content, pending, set, udp_pair};
use crate::handle::{Listener, Socket, *};
use crate::need::skip;
use crate::process::{child, is_child, succeeds};
use crate::syscalls::{mark, names, traced};
use bojagi::capi::poller::*;
use bojagi::net::plain::BOJAGI_DATAGRAM_GROUPED;
use bojagi::net::readiness::*;
use std::collections::BTreeSet;
use std::fs;
use std::os::fd::AsRawFd;
use std::ptr::{null, null_mut};
use std::time::Duration;

pub struct Poller(pub *mut bojagi::capi::poller::Poller);

// Any thread may wake one, and that a second thread is refused is tested.
unsafe impl Sync for Poller {}

impl Poller {
    pub fn new() -> Self {
        made(Self, |out| unsafe { bojagi_poller_new(out) }).unwrap()
    }

    pub fn add(&self, fd: i32, events: u32, token: u64) -> i64 {
        unsafe { bojagi_poller_add(self.0, fd.into(), events, token) }
    }

    pub fn change(&self, fd: i32, events: u32, token: u64) -> i64 {
        unsafe { bojagi_poller_change(self.0, fd.into(), events, token) }
    }

    pub fn remove(&self, fd: i32) -> i64 {
        unsafe { bojagi_poller_remove(self.0, fd.into()) }
    }

    /// Tokens and bits, at most `cap`.
    pub fn wait_for(&self, cap: usize, timeout_ms: i64) -> Result<Vec<(u64, u32)>, i64> {
        let empty = Event { token: 4711, events: 4711, reserved: 4711 };
        let mut events = vec![empty; cap];
        let result =
            unsafe { bojagi_poller_wait(self.0, events.as_mut_ptr(), events.len(), timeout_ms) };
        let count = usize::try_from(result).unwrap_or(0);
        assert!(
            events[count..].iter().all(|event| *event == empty),
            "only what is told is written"
        );
        assert!(events[..count].iter().all(|event| event.reserved == 0));
        let told = events[..count].iter().map(|event| (event.token, event.events));
        if result < 0 { Err(result) } else { Ok(told.collect()) }
    }

    pub fn wait(&self, timeout_ms: i64) -> Result<Vec<(u64, u32)>, i64> {
        self.wait_for(16, timeout_ms)
    }

    pub fn code(&self, timeout_ms: i64) -> i64 {
        self.wait(timeout_ms).map_or_else(|code| code, |told| told.len() as i64)
    }

    pub fn wake(&self) {
        assert_eq!(unsafe { bojagi_poller_wake(self.0) }, 0);
    }

    pub fn set_cancel(&self, cancel: Option<&Cancel>) -> i64 {
        unsafe { bojagi_poller_set_cancel(self.0, cancel.map_or(null_mut(), |cancel| cancel.0)) }
    }
}

impl Drop for Poller {
    fn drop(&mut self) {
        unsafe { bojagi_poller_free(self.0) }
    }
}

pub const BOTH: u32 = BOJAGI_READABLE | BOJAGI_WRITABLE;

#[test]
fn change_of_readiness_is_told_once_until_there_is_another() {
    let (client, server) = tcp_pair(PLAIN);
    let poller = Poller::new();
    assert_eq!(poller.add(server.fd(), BOTH, u64::MAX), 0);
    assert_eq!(poller.wait(1000), Ok(vec![(u64::MAX, BOJAGI_WRITABLE)]));
    assert_eq!(poller.wait(0), Err(BOJAGI_E_AGAIN));
    for _ in 0..3 {
        assert_eq!(client.send(b"ab", 1000), 2);
        let told = poller.wait(1000).unwrap();
        assert_eq!(told.len(), 1);
        assert!(told[0].1 & BOJAGI_READABLE != 0, "{told:?}");
        assert_eq!(poller.wait(0), Err(BOJAGI_E_AGAIN), "told already");
        assert_eq!(server.recv(&mut [0; 1], 0), 1);
        assert_eq!(poller.wait(0), Err(BOJAGI_E_AGAIN), "one byte is left, and that is no news");
    }
    assert_eq!(server.recv(&mut [0; 9], 0), 3);
    assert_eq!(server.recv(&mut [0; 9], 0), BOJAGI_E_AGAIN);
}

#[test]
fn what_is_ready_is_told_anew_after_a_change() {
    let (client, server) = tcp_pair(PLAIN);
    let poller = Poller::new();
    assert_eq!(client.send(b"ab", 1000), 2);
    assert_eq!(poller.add(server.fd(), BOJAGI_READABLE, 1), 0);
    for token in 1..4 {
        assert_eq!(poller.wait(1000), Ok(vec![(token, BOJAGI_READABLE)]));
        assert_eq!(poller.wait(0), Err(BOJAGI_E_AGAIN));
        assert_eq!(poller.change(server.fd(), BOJAGI_READABLE, token + 1), 0);
    }
    assert_eq!(poller.change(server.fd(), BOJAGI_WRITABLE, 9), 0);
    assert_eq!(poller.wait(1000), Ok(vec![(9, BOJAGI_WRITABLE)]));
    assert_eq!(poller.remove(server.fd()), 0);
    assert_eq!(client.send(b"ab", 1000), 2);
    assert_eq!(poller.wait(0), Err(BOJAGI_E_AGAIN));
    assert_eq!(poller.add(server.fd(), BOJAGI_READABLE, 5), 0);
    assert_eq!(poller.wait(0), Ok(vec![(5, BOJAGI_READABLE)]));
}

#[test]
fn room_after_a_full_send_buffer_is_told() {
    let (client, server) = tcp_pair(PLAIN);
    let poller = Poller::new();
    assert_eq!(poller.add(client.fd(), BOTH, 1), 0);
    assert_eq!(poller.wait(1000), Ok(vec![(1, BOJAGI_WRITABLE)]));
    let much = vec![0; 1 << 20];
    let mut sent = 0;
    loop {
        match client.send(&much, 0) {
            BOJAGI_E_AGAIN => break,
            count => sent += count,
        }
    }
    let mut sink = vec![0; 1 << 20];
    while sent > 0 {
        sent -= server.recv(&mut sink, 10_000);
    }
    assert_eq!(poller.wait(10_000), Ok(vec![(1, BOJAGI_WRITABLE)]));
}

#[test]
fn end_and_failure_of_a_connection_are_told() {
    let poller = Poller::new();
    let (client, server) = tcp_pair(PLAIN);
    assert_eq!(poller.add(server.fd(), BOJAGI_READABLE, 1), 0);
    assert_eq!(client.shutdown(2), 0);
    assert_eq!(poller.wait(1000), Ok(vec![(1, BOJAGI_READABLE | BOJAGI_ENDED)]));
    assert_eq!(server.recv(&mut [0; 1], 0), 0);

    let (client, server) = tcp_pair(PLAIN);
    assert_eq!((client.send(b"x", 1000), client.shutdown(2)), (1, 0));
    let mut entry = libc::pollfd { fd: server.fd(), events: libc::POLLRDHUP, revents: 0 };
    assert_eq!(unsafe { libc::poll(&mut entry, 1, 10_000) }, 1);
    assert_eq!(poller.add(server.fd(), BOJAGI_READABLE, 3), 0);
    let told = poller.wait(1000);
    assert_eq!(told, Ok(vec![(3, BOJAGI_READABLE | BOJAGI_ENDED)]), "bytes and end are one event");

    let (client, server) = tcp_pair(PLAIN);
    assert_eq!(poller.add(server.fd(), BOTH, 2), 0);
    assert_eq!(poller.wait(1000).unwrap().len(), 1);
    let reset =
        socket2::SockRef::from(&unsafe { std::os::fd::BorrowedFd::borrow_raw(client.fd()) })
            .set_linger(Some(Duration::ZERO));
    reset.unwrap();
    drop(client);
    let told = poller.wait(1000).unwrap();
    assert_eq!(told, [(2, BOTH | BOJAGI_ENDED | BOJAGI_FAILED)]);
    assert_eq!(server.recv(&mut [0; 1], 0), BOJAGI_E_RESET);
}

#[test]
fn listeners_and_datagrams_are_told_of() {
    let poller = Poller::new();
    let listener = Listener::tcp("127.0.0.1", PLAIN).unwrap();
    assert_eq!(listener.accept(0).err(), Some(BOJAGI_E_AGAIN));
    assert_eq!(poller.add(listener.fd(), BOJAGI_READABLE, 1), 0);
    let _client = Socket::tcp("127.0.0.1", listener.port(), PLAIN, 1000).unwrap();
    assert_eq!(poller.wait(1000), Ok(vec![(1, BOJAGI_READABLE)]));
    assert!(listener.accept(0).is_ok());
    let udp = Socket::udp_bind("127.0.0.1").unwrap();
    assert_eq!(poller.add(udp.fd(), BOJAGI_READABLE, 2), 0);
    assert_eq!(udp.send_to(b"x", &udp.local(), 1000), 1);
    assert_eq!(poller.wait(1000), Ok(vec![(2, BOJAGI_READABLE)]));
    assert_eq!(udp.recv(&mut [0; 1], 0), 1);
}

#[test]
fn what_has_no_room_is_told_by_the_next_wait() {
    let poller = Poller::new();
    let pairs: Vec<_> = (0..5).map(|_| tcp_pair(PLAIN)).collect();
    for (token, (_, server)) in (0..).zip(&pairs) {
        assert_eq!(poller.add(server.fd(), BOJAGI_WRITABLE, token), 0);
    }
    let mut tokens = Vec::new();
    for cap in [2, 1, 7] {
        let told = poller.wait_for(cap, 0).unwrap();
        assert_eq!(told.len(), cap.min(5 - tokens.len()));
        tokens.extend(told.iter().map(|(token, _)| *token));
    }
    tokens.sort_unstable();
    assert_eq!(tokens, [0, 1, 2, 3, 4]);
    assert_eq!(poller.wait(0), Err(BOJAGI_E_AGAIN));
}

#[test]
fn descriptors_of_a_poller_are_closed_on_exec() {
    let test = "poller::descriptors_of_a_poller_are_closed_on_exec";
    if !is_child(test) {
        succeeds(child(test));
        return;
    }
    let open = || -> BTreeSet<i32> {
        let entries = fs::read_dir("/proc/self/fd").unwrap();
        entries.map(|entry| entry.unwrap().file_name().to_str().unwrap().parse().unwrap()).collect()
    };
    // The one that the directory is read with is the lowest that is free, and so gets lost among them.
    let before = open();
    let _poller = Poller::new();
    let after = open();
    let flags = |fd: i32| unsafe { libc::fcntl(fd, libc::F_GETFD) };
    let made = after.difference(&before).filter(|&&fd| flags(fd) >= 0);
    assert!(made.clone().count() >= 1);
    assert!(made.into_iter().all(|&fd| flags(fd) == libc::FD_CLOEXEC));
}

#[test]
fn forked_child_frees_its_copy_and_the_parent_does_not_notice() {
    let test = "poller::forked_child_frees_its_copy_and_the_parent_does_not_notice";
    if !is_child(test) {
        succeeds(child(test));
        return;
    }
    let (poller, cancel) = (Poller::new(), Cancel::new());
    let (client, server) = tcp_pair(PLAIN);
    assert_eq!(poller.set_cancel(Some(&cancel)), 0);
    assert_eq!(poller.add(server.fd(), BOJAGI_READABLE, 1), 0);
    let process = unsafe { libc::fork() };
    if process == 0 {
        drop((poller, cancel, client, server));
        unsafe { libc::_exit(0) };
    }
    let mut status = -1;
    assert_eq!(unsafe { libc::waitpid(process, &mut status, 0) }, process);
    assert_eq!(status, 0);
    assert_eq!(poller.wait(0), Err(BOJAGI_E_AGAIN));
    assert_eq!(client.send(b"x", 1000), 1);
    assert_eq!(poller.wait(1000), Ok(vec![(1, BOJAGI_READABLE)]));
    cancel.fire();
    assert_eq!(poller.wait(-1), Err(BOJAGI_E_CANCELLED));
}

#[test]
fn misuse_is_a_clear_code() {
    let poller = Poller::new();
    let (client, _server) = tcp_pair(PLAIN);
    let fd = client.fd();
    assert_eq!(poller.change(fd, BOTH, 0), BOJAGI_E_STATE);
    assert!(last_error().text().contains("add it first"), "{}", last_error().text());
    assert_eq!(poller.remove(fd), BOJAGI_E_STATE);
    assert_eq!(poller.add(fd, BOTH, 0), 0);
    assert_eq!(poller.add(fd, BOTH, 0), BOJAGI_E_STATE);
    assert!(last_error().text().contains("change it"), "{}", last_error().text());
    for events in [0, 4, BOTH | 4, u32::MAX] {
        assert_eq!(poller.add(fd, events, 0), BOJAGI_E_ARG);
        assert_eq!(poller.change(fd, events, 0), BOJAGI_E_ARG);
    }
    for wrong in [-1, i64::MIN, i64::from(i32::MAX), 1 << 32, i64::MAX] {
        let codes = unsafe {
            [
                bojagi_poller_add(poller.0, wrong, BOTH, 0),
                bojagi_poller_change(poller.0, wrong, BOTH, 0),
                bojagi_poller_remove(poller.0, wrong),
            ]
        };
        assert_eq!(codes, [BOJAGI_E_ARG; 3], "{wrong}");
    }
    let file = fs::File::open("/proc/self/exe").unwrap();
    assert_eq!(poller.add(file.as_raw_fd(), BOJAGI_READABLE, 0), BOJAGI_E_UNSUPPORTED);
    let own = i32::try_from(unsafe { bojagi_poller_fd(poller.0) }).unwrap();
    assert_eq!(poller.add(own, BOJAGI_READABLE, 0), BOJAGI_E_ARG);
    assert_eq!(poller.wait_for(0, 0), Err(BOJAGI_E_ARG));
    assert_eq!(poller.wait(-2), Err(BOJAGI_E_ARG));
    let (none, mut event) = (null_mut(), Event::default());
    let codes = unsafe {
        [
            bojagi_poller_new(null_mut()),
            bojagi_poller_add(none, fd.into(), BOTH, 0),
            bojagi_poller_change(none, fd.into(), BOTH, 0),
            bojagi_poller_remove(none, fd.into()),
            bojagi_poller_wait(none, &mut event, 1, 0),
            bojagi_poller_wait(poller.0, null_mut(), 1, 0),
            bojagi_poller_wake(none),
            bojagi_poller_set_flags(none, 0),
            bojagi_poller_set_cancel(none, null_mut()),
            bojagi_poller_fd(null()),
        ]
    };
    assert_eq!(codes, [BOJAGI_E_ARG; 10]);
    unsafe { bojagi_poller_free(null_mut()) };
}

#[test]
fn descriptor_that_was_closed_is_forgotten_and_its_number_may_be_added_again() {
    // Nobody else takes the number in a process of its own.
    let test = "poller::descriptor_that_was_closed_is_forgotten_and_its_number_may_be_added_again";
    if !is_child(test) {
        succeeds(child(test));
        return;
    }
    let poller = Poller::new();
    let (client, server) = tcp_pair(PLAIN);
    let fd = server.fd();
    assert_eq!(poller.add(fd, BOTH, 1), 0);
    drop((client, server));
    assert_eq!(poller.wait(0), Err(BOJAGI_E_AGAIN));
    assert_eq!(poller.remove(fd), BOJAGI_E_ARG);
    let (client, server) = tcp_pair(PLAIN);
    for (token, socket) in [(2, &client), (3, &server)] {
        assert_eq!(poller.add(socket.fd(), BOJAGI_WRITABLE, token), 0);
    }
    let mut told = poller.wait(1000).unwrap();
    told.sort_unstable();
    assert_eq!(told, [(2, BOJAGI_WRITABLE), (3, BOJAGI_WRITABLE)]);
}

#[test]
fn poller_in_a_poller_is_readable_while_there_is_something_to_tell() {
    let (inner, outer) = (Poller::new(), Poller::new());
    let (client, server) = tcp_pair(PLAIN);
    assert_eq!(inner.add(server.fd(), BOJAGI_READABLE, 1), 0);
    let fd = i32::try_from(unsafe { bojagi_poller_fd(inner.0) }).unwrap();
    assert_eq!(outer.add(fd, BOJAGI_READABLE, 2), 0);
    assert_eq!(outer.wait(0), Err(BOJAGI_E_AGAIN));
    assert_eq!(client.send(b"x", 1000), 1);
    assert_eq!(outer.wait(1000), Ok(vec![(2, BOJAGI_READABLE)]));
    assert_eq!(inner.wait(0), Ok(vec![(1, BOJAGI_READABLE)]));
    let mut entry = libc::pollfd { fd, events: libc::POLLIN, revents: 0 };
    assert_eq!(unsafe { libc::poll(&mut entry, 1, 0) }, 0);
    inner.wake();
    assert_eq!(unsafe { libc::poll(&mut entry, 1, 0) }, 1);
}

#[test]
fn what_a_grouped_socket_holds_comes_until_again_and_is_not_told() {
    let (client, server) = udp_pair("127.0.0.1");
    if set(&server, BOJAGI_DATAGRAM_GROUPED) != i64::from(BOJAGI_DATAGRAM_GROUPED) {
        skip("groups of datagrams: this system has none");
        return;
    }
    let poller = Poller::new();
    assert_eq!(poller.add(server.fd(), BOJAGI_READABLE, 1), 0);
    for size in [1, 3, 40, 64] {
        let contents: Vec<_> = (0..40).map(|number| content(number, 100)).collect();
        assert_eq!(Array::of(&contents).send(&client, 10_000), (40, 40));
        assert_eq!(poller.wait(10_000), Ok(vec![(1, BOJAGI_READABLE)]));
        let (mut came, mut array) = (0, Array::room(size, 100));
        let mut most = 0;
        let end = loop {
            let got = array.recv(&server, 0);
            let Ok(count) = usize::try_from(got) else { break got };
            assert!((0..count).all(|at| array.content(at) == contents[came + at]), "{came}");
            came += count;
            most = most.max(pending(&server));
            if pending(&server) > 0 {
                poller.code(0);
                assert_eq!(poller.code(0), BOJAGI_E_AGAIN, "the descriptor does not show it");
            }
        };
        assert_eq!((end, came, pending(&server)), (BOJAGI_E_AGAIN, 40, 0));
        assert!(size >= 40 || most > 0, "nothing was held");
    }
    assert_eq!(client.send(b"x", 1000), 1);
    assert_eq!(poller.wait(10_000), Ok(vec![(1, BOJAGI_READABLE)]), "what comes later is told");
}

#[test]
fn wait_is_one_system_call_and_so_is_each_change() {
    let body = || {
        let cancel = Cancel::new();
        let poller = Poller::new();
        let (client, server) = tcp_pair(PLAIN);
        assert_eq!(poller.set_cancel(Some(&cancel)), 0);
        mark("first");
        assert_eq!(poller.add(server.fd(), BOTH, 1), 0);
        assert_eq!(poller.code(-1), 1);
        assert_eq!(client.send(b"x", 0), 1);
        assert_eq!(poller.code(-1), 1);
        assert_eq!(server.recv(&mut [0; 9], 0), 1);
        assert_eq!(poller.change(server.fd(), BOTH, 1), 0);
        assert_eq!(poller.code(0), 1);
        assert_eq!(poller.code(5), BOJAGI_E_TIMEOUT);
        assert_eq!(poller.remove(server.fd()), 0);
        mark("last");
    };
    let Some(calls) = traced("poller::wait_is_one_system_call_and_so_is_each_change", body) else {
        return;
    };
    let names: Vec<_> = names(&calls).iter().map(|name| name.replace("pwait", "wait")).collect();
    let (ctl, wait) = ("epoll_ctl", "epoll_wait");
    assert_eq!(names, [ctl, wait, "sendto", wait, "recvfrom", ctl, wait, wait, ctl]);
}
