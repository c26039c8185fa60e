//! The connect of event loops: one descriptor, one call.

use crate::handle::*;
use crate::hosts::{Hosts, attempts};
use crate::peer::{Full, open_descriptors};
use crate::poller::Poller;
use crate::process::{child, during, is_child, succeeds};
use crate::tcp::closed_port;
use bojagi::capi::connector::*;
use bojagi::capi::error::ErrorRecord;
use bojagi::capi::plan::*;
use bojagi::net::readiness::BOJAGI_READABLE;
use std::collections::BTreeSet;
use std::ptr::{null, null_mut};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

pub struct Connector(pub *mut bojagi::capi::connector::Connector);

unsafe impl Sync for Connector {}

impl Connector {
    pub fn new(host: &str, port: u32, options: &ConnectOptions) -> Result<Self, i64> {
        let host = c(host);
        made(Self, |out| unsafe { bojagi_connector_new(host.as_ptr(), port, options, out) })
    }

    pub fn next(&self, timeout_ms: i64) -> Result<Socket, i64> {
        made(Socket, |out| unsafe { bojagi_connector_next(self.0, timeout_ms, out) })
    }

    pub fn fd(&self) -> i32 {
        i32::try_from(unsafe { bojagi_connector_fd(self.0) }).unwrap()
    }

    pub fn is_readable(&self, timeout_ms: i32) -> bool {
        let mut entry = libc::pollfd { fd: self.fd(), events: libc::POLLIN, revents: 0 };
        unsafe { libc::poll(&mut entry, 1, timeout_ms) > 0 }
    }

    /// Drives it as an event loop does: waits for its descriptor alone.
    fn drive(&self) -> Result<Socket, i64> {
        loop {
            match self.next(0) {
                Err(BOJAGI_E_AGAIN) => assert!(self.is_readable(10_000), "it never wakes"),
                end => return end,
            }
        }
    }

    /// The code and the text of each attempt.
    fn attempts(&self) -> Vec<(i64, String)> {
        let attempt = |index| {
            let mut record = ErrorRecord::default();
            assert_eq!(unsafe { bojagi_connector_attempt(self.0, index, &mut record) }, 0);
            (i64::from(record.code), record.text())
        };
        let count = unsafe { bojagi_connector_attempts(self.0) };
        (0..u32::try_from(count).unwrap()).map(attempt).collect()
    }
}

impl Drop for Connector {
    fn drop(&mut self) {
        unsafe { bojagi_connector_free(self.0) }
    }
}

#[test]
fn its_descriptor_alone_drives_it_to_the_connection() {
    let full = Full::new();
    let listener = Listener::tcp_on("127.0.0.2", full.port(), PLAIN).unwrap();
    let hosts = Hosts::of("two.test", &[("127.0.0.9", 0), ("127.0.0.1", 0), ("127.0.0.2", 0)]);
    let options = ConnectOptions { attempt_delay_ms: 100, ..hosts.options() };
    let begun = Instant::now();
    let connector = Connector::new("two.test", full.port(), &options).unwrap();
    let client = connector.drive().unwrap();
    assert!(begun.elapsed() >= Duration::from_millis(100), "{:?}", begun.elapsed());
    assert_eq!(text(&client.peer().unwrap()), format!("127.0.0.2:{}", full.port()));
    let said = connector.attempts();
    assert_eq!(said.iter().map(|(code, _)| *code).collect::<Vec<_>>(), [BOJAGI_E_REFUSED, 0, 0]);
    assert!(said[1].1.ends_with("another address was faster"), "{said:?}");
    assert_eq!(said[2].1, format!("127.0.0.2:{}: connected", full.port()));
    // It has nothing more to do, and the socket is one like any other.
    assert!(!connector.is_readable(0));
    assert_eq!(connector.next(0).err(), Some(BOJAGI_E_STATE));
    drop(connector);
    assert_eq!(unsafe { libc::fcntl(client.fd(), libc::F_GETFL) } & libc::O_NONBLOCK, 0);
    let server = listener.accept(10_000).unwrap();
    assert_eq!(server.send(b"x", 1000), 1);
    assert_eq!(client.recv(&mut [0; 1], 1000), 1);
}

/// A poller tells each change once: none may be missed, whatever ends or begins.
#[test]
fn a_poller_drives_many_of_them_at_once() {
    let full = Full::new();
    let _listener = Listener::tcp_on("127.0.0.2", full.port(), PLAIN).unwrap();
    let (hangs, answers) = ("127.0.0.1", "127.0.0.2");
    let refuses = ["127.0.0.7", "127.0.0.8", "127.0.0.9"];
    let orders = [
        &[hangs, answers][..],
        &[hangs, refuses[0], refuses[1], answers],
        &[refuses[0], hangs, answers],
        &[answers],
        &refuses,
    ];
    let poller = Poller::new();
    let mut all: Vec<_> = (0..20)
        .map(|index| {
            let addresses: Vec<_> =
                orders[index % orders.len()].iter().map(|host| (*host, 0)).collect();
            let hosts = Hosts::of("many.test", &addresses);
            let options = ConnectOptions { attempt_delay_ms: 10, ..hosts.options() };
            let connector = Connector::new("many.test", full.port(), &options).unwrap();
            let token = u64::try_from(index).unwrap();
            assert_eq!(poller.add(connector.fd(), BOJAGI_READABLE, token), 0);
            Some(connector)
        })
        .collect();
    while all.iter().any(Option::is_some) {
        for (token, events) in poller.wait(10_000).expect("each wakes until it has ended") {
            assert_eq!(events, BOJAGI_READABLE);
            let index = usize::try_from(token).unwrap();
            let Some(connector) = &all[index] else { continue };
            let end = match index % orders.len() {
                4 => Err(BOJAGI_E_REFUSED),
                _ => Ok(()),
            };
            match connector.next(0).map(drop) {
                Err(BOJAGI_E_AGAIN) => {}
                ended => {
                    assert_eq!(ended, end, "{index}");
                    all[index] = None;
                }
            }
        }
    }
}

#[test]
fn one_address_and_a_name_of_the_system_do_as_well() {
    let listener = Listener::tcp("127.0.0.1", PLAIN).unwrap();
    for host in ["127.0.0.1", "localhost"] {
        let options = ConnectOptions { flags: BOJAGI_IPV4_ONLY, ..ConnectOptions::default() };
        let connector = Connector::new(host, listener.port(), &options).unwrap();
        assert!(connector.drive().is_ok(), "{host}");
        let connector = Connector::new(host, listener.port(), &options).unwrap();
        assert!(connector.next(10_000).is_ok(), "{host}");
    }
}

#[test]
fn total_failure_wakes_and_stays_and_lists_every_attempt() {
    let port = closed_port();
    let hosts = Hosts::of("two.test", &[("127.0.0.9", 0), ("127.0.0.1", 0)]);
    let connector = Connector::new("two.test", port, &hosts.options()).unwrap();
    assert_eq!(connector.drive().err(), Some(BOJAGI_E_REFUSED));
    let both = ["127.0.0.9", "127.0.0.1"].map(|host| (BOJAGI_E_REFUSED, format!("{host}:{port}")));
    for _ in 0..2 {
        assert_eq!(attempts(), both);
        assert!(connector.is_readable(0));
        assert_eq!(connector.next(-1).err(), Some(BOJAGI_E_REFUSED));
    }
    // A failure of the first step is told in the same way.
    let local = address("192.0.2.1", 0).unwrap();
    let options = ConnectOptions { local: &local, ..hosts.options() };
    let connector = Connector::new("two.test", port, &options).unwrap();
    assert!(connector.is_readable(0));
    assert_eq!(connector.next(0).err(), Some(BOJAGI_E_UNREACHABLE));
    assert_eq!(attempts().len(), 2);
    let options = ConnectOptions { flags: BOJAGI_IPV6_ONLY, ..hosts.options() };
    let connector = Connector::new("two.test", port, &options).unwrap();
    assert!(connector.is_readable(0));
    assert_eq!(connector.next(0).err(), Some(BOJAGI_E_RESOLVE));
}

#[test]
fn nothing_is_lost_when_a_wait_ends_early() {
    let full = Full::new();
    let hosts = Hosts::of("two.test", &[("127.0.0.9", 0), ("127.0.0.1", 0)]);
    let cancel = Cancel::new();
    let options = ConnectOptions { cancel: cancel.0, attempt_delay_ms: 10, ..hosts.options() };
    let connector = Connector::new("two.test", full.port(), &options).unwrap();
    let begun = Instant::now();
    assert_eq!(connector.next(0).err(), Some(BOJAGI_E_AGAIN));
    assert_eq!(connector.next(60).err(), Some(BOJAGI_E_TIMEOUT));
    assert!(begun.elapsed() >= Duration::from_millis(60));
    assert_eq!(last_error().attempts, 0);
    let said = connector.attempts();
    assert_eq!((said[0].0, said[1].0), (BOJAGI_E_REFUSED, 0), "{said:?}");
    assert!(said[1].1.ends_with(": under way"), "{said:?}");
    let waiting = || connector.next(-1).err().unwrap();
    assert_eq!(during(waiting, || cancel.fire()), BOJAGI_E_CANCELLED);
    assert!(connector.is_readable(0));
    assert_eq!(connector.next(0).err(), Some(BOJAGI_E_CANCELLED));
    cancel.reset();
    assert!(!connector.is_readable(0));
    let done = AtomicBool::new(false);
    let client = std::thread::scope(|scope| {
        scope.spawn(|| full.accept_until(&done));
        let client = connector.drive();
        done.store(true, Ordering::SeqCst);
        client
    });
    assert!(client.is_ok());
}

/// The descriptors of this process.
fn descriptors() -> BTreeSet<i32> {
    let entries = std::fs::read_dir("/proc/self/fd").unwrap();
    entries.map(|entry| entry.unwrap().file_name().to_str().unwrap().parse().unwrap()).collect()
}

#[test]
fn a_second_thread_is_told_and_freeing_half_way_closes_everything() {
    let test = "connector::a_second_thread_is_told_and_freeing_half_way_closes_everything";
    if !is_child(test) {
        succeeds(child(test));
        return;
    }
    let full = Full::new();
    let hosts = Hosts::of("two.test", &[("127.0.0.9", 0), ("127.0.0.1", 0)]);
    let cancel = Cancel::new();
    let (before, old) = (open_descriptors(), descriptors());
    let options = ConnectOptions { cancel: cancel.0, ..hosts.options() };
    let connector = Connector::new("two.test", full.port(), &options).unwrap();
    for &fd in descriptors().difference(&old) {
        // The directory was closed again.
        let flags = unsafe { libc::fcntl(fd, libc::F_GETFD) };
        assert!(flags < 0 || flags & libc::FD_CLOEXEC != 0, "descriptor {fd}");
    }
    let (connector, cancel) = (&connector, &cancel);
    let other = || {
        assert_eq!(connector.next(0).err(), Some(BOJAGI_E_STATE));
        assert_eq!(unsafe { bojagi_connector_attempts(connector.0) }, BOJAGI_E_STATE);
        cancel.fire();
    };
    assert_eq!(during(|| connector.next(-1).err().unwrap(), other), BOJAGI_E_CANCELLED);
    cancel.reset();
    for steps in 0..4 {
        let connector = Connector::new("two.test", full.port(), &options).unwrap();
        for _ in 0..steps {
            assert_eq!(connector.next(5).err(), Some(BOJAGI_E_TIMEOUT));
        }
    }
    // The connector of above, and its attempt that is still under way.
    assert_eq!(open_descriptors(), before + 3);
}

#[test]
fn a_resolver_that_hangs_holds_up_nobody() {
    let test = "connector::a_resolver_that_hangs_holds_up_nobody";
    if !is_child(test) {
        succeeds(crate::resolve::with_resolver(child(test)));
        return;
    }
    let options = ConnectOptions::default();
    for _ in 0..20 {
        let connector = Connector::new("hang.test", 80, &options).unwrap();
        assert!(!connector.is_readable(0));
        assert_eq!(connector.next(0).err(), Some(BOJAGI_E_AGAIN));
        assert_eq!(connector.next(2).err(), Some(BOJAGI_E_TIMEOUT));
        assert_eq!(last_error().stage, bojagi::capi::error::BOJAGI_STAGE_RESOLVE);
        assert_eq!(connector.attempts(), []);
    }
}

#[test]
fn a_name_that_does_not_exist_is_told_by_next() {
    let test = "connector::a_name_that_does_not_exist_is_told_by_next";
    if !is_child(test) {
        succeeds(crate::resolve::with_resolver(child(test)));
        return;
    }
    let connector = Connector::new("nobody.test", 80, &ConnectOptions::default()).unwrap();
    assert_eq!(connector.drive().err(), Some(BOJAGI_E_RESOLVE));
    assert!(last_error().text().starts_with("resolve nobody.test:80: "), "{}", last_error().text());
}

#[test]
fn a_child_of_fork_that_holds_the_descriptors_does_not_keep_it_awake() {
    // A failed attempt that was closed but never taken out would make the descriptor readable for
    // ever while a child has it open.
    let test = "connector::a_child_of_fork_that_holds_the_descriptors_does_not_keep_it_awake";
    if !is_child(test) {
        succeeds(child(test));
        return;
    }
    let full = Full::new();
    let hosts = Hosts::of("two.test", &[("127.0.0.9", 0), ("127.0.0.1", 0)]);
    let options = ConnectOptions { attempt_delay_ms: 2000, ..hosts.options() };
    let connector = Connector::new("two.test", full.port(), &options).unwrap();
    let mut pipe = [0; 2];
    assert_eq!(unsafe { libc::pipe(pipe.as_mut_ptr()) }, 0);
    let child = unsafe { libc::fork() };
    if child == 0 {
        unsafe {
            libc::close(pipe[1]);
            libc::read(pipe[0], [0u8; 1].as_mut_ptr().cast(), 1);
            libc::_exit(0);
        }
    }
    while connector.attempts().len() < 2 {
        assert_eq!(connector.next(1).err(), Some(BOJAGI_E_TIMEOUT));
    }
    assert!(!connector.is_readable(0));
    unsafe {
        libc::close(pipe[1]);
        libc::waitpid(child, null_mut(), 0);
    }
}

#[test]
fn wrong_arguments_are_refused() {
    let host = c("127.0.0.1");
    let connector = Connector::new("127.0.0.1", closed_port(), &ConnectOptions::default()).unwrap();
    let mut record = ErrorRecord::default();
    unsafe {
        let mut out = null_mut();
        assert_eq!(bojagi_connector_new(null(), 1, null(), &mut out), BOJAGI_E_ARG);
        assert_eq!(bojagi_connector_new(host.as_ptr(), 0, null(), &mut out), BOJAGI_E_ARG);
        assert_eq!(bojagi_connector_new(host.as_ptr(), 1, null(), null_mut()), BOJAGI_E_ARG);
        assert_eq!(bojagi_connector_fd(null()), BOJAGI_E_ARG);
        assert_eq!(bojagi_connector_next(null_mut(), 0, &mut null_mut()), BOJAGI_E_ARG);
        assert_eq!(bojagi_connector_next(connector.0, 0, null_mut()), BOJAGI_E_ARG);
        assert_eq!(bojagi_connector_next(connector.0, -2, &mut null_mut()), BOJAGI_E_ARG);
        assert_eq!(bojagi_connector_attempts(null()), BOJAGI_E_ARG);
        assert_eq!(bojagi_connector_attempt(connector.0, 9, &mut record), BOJAGI_E_ARG);
        assert_eq!(bojagi_connector_attempt(connector.0, 0, null_mut()), BOJAGI_E_ARG);
        record.size = 1;
        assert_eq!(bojagi_connector_attempt(connector.0, 0, &mut record), BOJAGI_E_ARG);
        bojagi_connector_free(null_mut());
    }
}
