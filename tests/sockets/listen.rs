//! The options of listening and binding, and what becomes of a path.

use crate::handle::{Listener, Socket, *};
use crate::need::lacks_ipv6;
use crate::peer::abstract_name;
use crate::process::{child, during, is_child, succeeds};
use bojagi::capi::listen::*;
use bojagi::capi::plan::BOJAGI_INTERRUPTIBLE;
use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read, Write};
use std::os::fd::AsRawFd;
use std::os::unix::fs::{FileTypeExt, PermissionsExt};
use std::os::unix::net::{UnixDatagram, UnixListener, UnixStream};
use std::path::PathBuf;
use std::process::Stdio;
use std::ptr::{null, null_mut};

/// A directory that no other test has.
pub struct Directory(PathBuf);

impl Directory {
    pub fn new() -> Self {
        let path = std::env::temp_dir().join(abstract_name().replace('@', ""));
        fs::create_dir(&path).unwrap();
        Self(path)
    }

    pub fn path(&self, name: &str) -> String {
        self.0.join(name).to_str().unwrap().to_owned()
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn options(flags: u32) -> ListenOptions {
    Options { flags, ..PLAIN }.listen()
}

fn replacing() -> ListenOptions {
    options(BOJAGI_UNIX_REPLACE)
}

fn tcp(host: &str, port: u32, options: &ListenOptions) -> Result<Listener, i64> {
    let host = c(host);
    made(Listener, |out| unsafe { bojagi_tcp_listen(host.as_ptr(), port, options, out) })
}

fn udp(host: &str, port: u32, options: &ListenOptions) -> Result<Socket, i64> {
    let host = c(host);
    made(Socket, |out| unsafe { bojagi_udp_bind(host.as_ptr(), port, options, out) })
}

fn unix(path: &str, options: &ListenOptions) -> Result<Listener, i64> {
    let path = c(path);
    made(Listener, |out| unsafe { bojagi_unix_listen(path.as_ptr(), options, out) })
}

fn datagram(path: &str, options: &ListenOptions) -> Result<Socket, i64> {
    let path = c(path);
    made(Socket, |out| unsafe { bojagi_unix_datagram_bind(path.as_ptr(), options, out) })
}

/// An integer option of a descriptor.
fn option(fd: i32, level: i32, name: i32) -> i32 {
    let (mut value, mut len) = (-1i32, 4);
    let at = (&raw mut value).cast();
    assert_eq!(unsafe { libc::getsockopt(fd, level, name, at, &mut len) }, 0);
    value
}

#[test]
fn ports_are_shared_only_by_those_who_all_ask_for_it() {
    let shared = options(BOJAGI_REUSE_PORT);
    let first = tcp("127.0.0.1", 0, &shared).unwrap();
    assert_eq!(tcp("127.0.0.1", first.port(), &PLAIN.listen()).err(), Some(BOJAGI_E_IN_USE));
    let second = tcp("127.0.0.1", first.port(), &shared).unwrap();
    assert_eq!(first.port(), second.port());
    let first = udp("127.0.0.1", 0, &shared).unwrap();
    let number = u32::try_from(port(&first.local())).unwrap();
    assert_eq!(udp("127.0.0.1", number, &PLAIN.listen()).err(), Some(BOJAGI_E_IN_USE));
    assert!(udp("127.0.0.1", number, &shared).is_ok());
}

#[test]
fn address_of_old_connections_is_reused_unless_that_is_declined() {
    for (flags, expected) in [(0, 1), (BOJAGI_NO_REUSE_ADDRESS, 0)] {
        let listener = tcp("127.0.0.1", 0, &options(flags)).unwrap();
        assert_eq!(option(listener.fd(), libc::SOL_SOCKET, libc::SO_REUSEADDR), expected);
    }
}

#[test]
fn every_host_is_both_families_unless_ipv6_alone_is_asked_for() {
    if lacks_ipv6("listen::every_host_is_both_families_unless_ipv6_alone_is_asked_for") {
        return;
    }
    for host in ["", "::"] {
        let both = tcp(host, 0, &PLAIN.listen()).unwrap();
        for peer in ["127.0.0.1", "::1"] {
            assert!(Socket::tcp(peer, both.port(), PLAIN, 10_000).is_ok(), "{host:?} {peer}");
        }
        let alone = tcp(host, 0, &options(BOJAGI_V6_ONLY)).unwrap();
        assert_eq!(option(alone.fd(), libc::IPPROTO_IPV6, libc::IPV6_V6ONLY), 1);
        let four = tcp("127.0.0.1", alone.port(), &PLAIN.listen());
        assert!(four.is_ok(), "the IPv4 port is free");
        assert!(Socket::tcp("::1", alone.port(), PLAIN, 10_000).is_ok());
    }
    let alone = udp("", 0, &options(BOJAGI_V6_ONLY)).unwrap();
    assert_eq!(option(alone.fd(), libc::IPPROTO_IPV6, libc::IPV6_V6ONLY), 1);
    assert_eq!(tcp("127.0.0.1", 0, &options(BOJAGI_V6_ONLY)).err(), Some(BOJAGI_E_ARG));
    assert!(last_error().text().contains("BOJAGI_V6_ONLY"), "{}", last_error().text());
}

#[test]
fn interface_is_the_one_that_was_named() {
    let lo = c("lo");
    let bound = ListenOptions { interface_name: lo.as_ptr(), ..PLAIN.listen() };
    let listener = match tcp("", 0, &bound) {
        Err(BOJAGI_E_DENIED) => {
            crate::need::skip("listen: interface_name (SO_BINDTODEVICE needs Linux 5.7 or root)");
            return;
        }
        listener => listener.unwrap(),
    };
    let (mut name, mut len) = ([0u8; 16], 16);
    let at = name.as_mut_ptr().cast();
    let (level, device) = (libc::SOL_SOCKET, libc::SO_BINDTODEVICE);
    assert_eq!(unsafe { libc::getsockopt(listener.fd(), level, device, at, &mut len) }, 0);
    assert_eq!(&name[..3], b"lo\0");
    assert!(Socket::tcp("127.0.0.1", listener.port(), PLAIN, 10_000).is_ok());
    assert!(udp("127.0.0.1", 0, &bound).is_ok());
    for name in ["", "sixteen-letters-", "no-such"].map(c) {
        let wrong = ListenOptions { interface_name: name.as_ptr(), ..PLAIN.listen() };
        assert_eq!(tcp("", 0, &wrong).err(), Some(BOJAGI_E_ARG), "{name:?}");
    }
    assert_eq!(last_error().os_error, libc::ENODEV);
}

#[test]
fn fast_open_and_deferred_accept_are_told_to_the_system() {
    let asked = ListenOptions { fast_open: 7, defer_accept_s: 1, ..PLAIN.listen() };
    let listener = tcp("127.0.0.1", 0, &asked).unwrap();
    assert_eq!(option(listener.fd(), libc::IPPROTO_TCP, libc::TCP_FASTOPEN), 7);
    assert!(option(listener.fd(), libc::IPPROTO_TCP, libc::TCP_DEFER_ACCEPT) >= 1);
    let plain = tcp("127.0.0.1", 0, &PLAIN.listen()).unwrap();
    assert_eq!(option(plain.fd(), libc::IPPROTO_TCP, libc::TCP_FASTOPEN), 0);
    let client = Socket::tcp("127.0.0.1", listener.port(), PLAIN, 10_000).unwrap();
    assert_eq!(listener.accept(0).err(), Some(BOJAGI_E_AGAIN), "no data has come");
    assert_eq!(client.send(b"x", 1000), 1);
    assert!(listener.accept(10_000).is_ok());
}

#[test]
fn option_that_means_nothing_is_refused_and_named() {
    let directory = Directory::new();
    let path = directory.path("s");
    let lo = c("lo");
    let plain = || PLAIN.listen();
    let cases = [
        ("backlog", ListenOptions { backlog: 1, ..plain() }, "t.u.."),
        ("BOJAGI_NO_REUSE_ADDRESS", options(BOJAGI_NO_REUSE_ADDRESS), "t...."),
        ("fast_open", ListenOptions { fast_open: 1, ..plain() }, "t...."),
        ("defer_accept_s", ListenOptions { defer_accept_s: 1, ..plain() }, "t...."),
        ("BOJAGI_REUSE_PORT", options(BOJAGI_REUSE_PORT), "td..."),
        ("interface_name", ListenOptions { interface_name: lo.as_ptr(), ..plain() }, "td..."),
        ("BOJAGI_UNIX_REPLACE", replacing(), "..ug."),
        ("unix_mode", ListenOptions { unix_mode: 0o600, ..plain() }, "..ug."),
    ];
    for (name, options, fits) in cases {
        let pair = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let adopted = made(Listener, |out| unsafe {
            bojagi::capi::listener::bojagi_listener_from_fd(pair.as_raw_fd().into(), &options, out)
        });
        let codes = [
            ("t", tcp("127.0.0.1", 0, &options).err()),
            ("d", udp("127.0.0.1", 0, &options).err()),
            ("u", unix(&path, &options).err()),
            ("g", datagram(&path, &options).err()),
            ("a", adopted.as_ref().err().copied()),
        ];
        for (kind, code) in codes {
            let expected = (!fits.contains(kind)).then_some(BOJAGI_E_ARG);
            assert_eq!(code, expected, "{name} {kind}");
        }
        if let Err(code) = adopted {
            assert_eq!(code, BOJAGI_E_ARG);
            assert!(last_error().text().contains(name), "{}", last_error().text());
        }
    }
    for options in [replacing(), ListenOptions { unix_mode: 0o600, ..plain() }] {
        assert_eq!(unix(&abstract_name(), &options).err(), Some(BOJAGI_E_ARG));
    }
    let wrong = ListenOptions { unix_mode: 0o1000, ..plain() };
    assert_eq!(unix(&path, &wrong).err(), Some(BOJAGI_E_ARG));
    assert_eq!(tcp("", 0, &options(0x1000)).err(), Some(BOJAGI_E_ARG));
}

#[test]
fn path_that_a_crash_has_left_is_replaced_only_where_that_is_asked_for() {
    let directory = Directory::new();
    for name in ["stream", "datagram"] {
        let path = directory.path(name);
        match name {
            "stream" => drop(UnixListener::bind(&path).unwrap()),
            _ => drop(UnixDatagram::bind(&path).unwrap()),
        }
        assert!(fs::symlink_metadata(&path).unwrap().file_type().is_socket());
        assert_eq!(unix(&path, &PLAIN.listen()).err(), Some(BOJAGI_E_IN_USE));
        let listener = unix(&path, &replacing()).unwrap();
        assert_eq!(text(&listener.local()), format!("unix:{path}"));
        let client = UnixStream::connect(&path).unwrap();
        assert_eq!(client.peer_addr().unwrap().as_pathname().unwrap().to_str(), Some(&*path));
        assert!(listener.accept(1000).is_ok());
        drop(listener);
        assert!(!fs::exists(&path).unwrap());
        assert!(unix(&path, &replacing()).is_ok(), "nothing to replace is fine");
        drop(UnixListener::bind(&path).unwrap());
        let bound = datagram(&path, &replacing()).unwrap();
        let back = UnixDatagram::unbound().unwrap();
        back.send_to(b"x", &path).unwrap();
        assert_eq!(bound.recv(&mut [0; 1], 1000), 1);
    }
    assert_eq!(fs::read_dir(&directory.0).unwrap().count(), 0, "nothing is left behind");
}

#[test]
fn socket_that_lives_is_never_replaced_and_does_not_notice() {
    let directory = Directory::new();
    let [listening, bound, datagrams] = ["l", "b", "d"].map(|name| directory.path(name));
    let listener = UnixListener::bind(&listening).unwrap();
    let not_yet = socket2::Socket::new(socket2::Domain::UNIX, socket2::Type::STREAM, None).unwrap();
    not_yet.bind(&socket2::SockAddr::unix(&bound).unwrap()).unwrap();
    let _datagram = UnixDatagram::bind(&datagrams).unwrap();
    for path in [&listening, &bound, &datagrams] {
        assert_eq!(unix(path, &replacing()).err(), Some(BOJAGI_E_IN_USE), "{path}");
        assert_eq!(datagram(path, &replacing()).err(), Some(BOJAGI_E_IN_USE), "{path}");
        assert!(fs::exists(path).unwrap());
    }
    listener.set_nonblocking(true).unwrap();
    assert!(listener.accept().is_err(), "nobody has connected to find out");
}

#[test]
fn file_that_is_no_socket_is_never_replaced() {
    let directory = Directory::new();
    let [file, link, stale] = ["f", "l", "s"].map(|name| directory.path(name));
    fs::write(&file, "mine").unwrap();
    drop(UnixListener::bind(&stale).unwrap());
    std::os::unix::fs::symlink(&stale, &link).unwrap();
    for path in [&file, &link, &directory.path("")] {
        assert_eq!(unix(path, &replacing()).err(), Some(BOJAGI_E_IN_USE), "{path}");
    }
    assert_eq!(fs::read(&file).unwrap(), b"mine");
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert!(fs::symlink_metadata(&stale).is_ok());
    assert_eq!(unix(&directory.path("no/s"), &replacing()).err(), Some(BOJAGI_E_OS));
}

#[test]
fn of_processes_that_start_at_once_exactly_one_gets_the_path() {
    let test = "listen::of_processes_that_start_at_once_exactly_one_gets_the_path";
    if is_child(test) {
        let mut word = [0];
        println!("\nready");
        std::io::stdin().read_exact(&mut word).unwrap();
        let path = std::env::var("BOJAGI_TEST_PATH").unwrap();
        let listener = unix(&path, &replacing());
        println!("\n{}", listener.as_ref().map_or_else(|code| *code, |_| 0));
        // Keeps what it has until all have answered.
        std::io::stdin().read_exact(&mut word).unwrap();
        let accepts = listener.is_ok_and(|listener| listener.accept(10_000).is_ok());
        println!("\n{accepts}");
        return;
    }
    let directory = Directory::new();
    for round in 0..3 {
        let path = directory.path(&round.to_string());
        drop(UnixListener::bind(&path).unwrap());
        let mut rivals: Vec<_> = (0..8).map(|_| Rival::start(test, &path)).collect();
        rivals.iter_mut().for_each(|rival| assert_eq!(rival.said(), "ready"));
        rivals.iter_mut().for_each(Rival::go_on);
        let codes: Vec<_> = rivals.iter_mut().map(Rival::said).collect();
        let lost = codes.iter().filter(|code| **code == BOJAGI_E_IN_USE.to_string()).count();
        assert_eq!((codes.iter().filter(|code| *code == "0").count(), lost), (1, 7), "{codes:?}");
        let _client = UnixStream::connect(&path).unwrap();
        rivals.iter_mut().for_each(Rival::go_on);
        let reached: Vec<_> = rivals.iter_mut().map(|rival| rival.said() == "true").collect();
        let won: Vec<_> = codes.iter().map(|code| code == "0").collect();
        assert_eq!(reached, won, "the path leads to the winner");
    }
}

/// One of several processes that want a path at once.
struct Rival {
    process: std::process::Child,
    lines: std::io::Lines<BufReader<std::process::ChildStdout>>,
}

impl Rival {
    fn start(test: &str, path: &str) -> Self {
        let mut command = child(test);
        command.env("BOJAGI_TEST_PATH", path).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = command.spawn().unwrap();
        let lines = BufReader::new(process.stdout.take().unwrap()).lines();
        Self { process, lines }
    }

    fn go_on(&mut self) {
        self.process.stdin.as_mut().unwrap().write_all(b"x").unwrap();
    }

    /// The next line that the test has written, and not its harness.
    fn said(&mut self) -> String {
        let is_ours = |line: &String| {
            ["ready", "true", "false", "0"].contains(&&**line) || line.starts_with('-')
        };
        self.lines.by_ref().map(Result::unwrap).find(is_ours).unwrap()
    }
}

impl Drop for Rival {
    fn drop(&mut self) {
        drop(self.process.stdin.take());
        self.process.wait().unwrap();
    }
}

#[test]
fn turn_in_a_directory_is_waited_for_and_cancelled() {
    let directory = Directory::new();
    let path = directory.path("s");
    let lock = File::open(&directory.0).unwrap();
    lock.lock().unwrap();
    let cancel = Cancel::new();
    let asked = ListenOptions {
        flags: BOJAGI_UNIX_REPLACE,
        ..Options { cancel: Some(&cancel), ..PLAIN }.listen()
    };
    // The pointers in the options belong to this test, whichever thread reads them.
    struct Shared(ListenOptions);
    unsafe impl Sync for Shared {}
    let asked = Shared(asked);
    let asked = &asked;
    let call = || unix(&path, &asked.0).err().unwrap_or(0);
    assert_eq!(during(call, || cancel.fire()), BOJAGI_E_CANCELLED);
    cancel.reset();
    assert_eq!(during(call, || lock.unlock().unwrap()), 0);
}

#[test]
fn mode_of_a_path_is_what_was_asked_for_whatever_the_umask() {
    let test = "listen::mode_of_a_path_is_what_was_asked_for_whatever_the_umask";
    if !is_child(test) {
        succeeds(child(test));
        return;
    }
    let directory = Directory::new();
    for umask in [0, 0o022, 0o077, 0o777] {
        unsafe { libc::umask(umask) };
        for mode in [0o600, 0o660, 0o666, 0o777] {
            let path = directory.path("s");
            let asked = ListenOptions { unix_mode: mode, ..PLAIN.listen() };
            let bound = |path: &str| fs::metadata(path).unwrap().permissions().mode() & 0o7777;
            let listener = unix(&path, &asked).unwrap();
            assert_eq!(bound(&path), mode, "umask {umask:o}");
            drop(listener);
            let socket = datagram(&path, &asked).unwrap();
            assert_eq!(bound(&path), mode, "umask {umask:o}");
            drop(socket);
        }
    }
}

#[test]
fn flags_of_connecting_are_not_those_of_listening() {
    let mut out = null_mut();
    let mut connect = PLAIN.connect();
    connect.flags = BOJAGI_REUSE_PORT;
    let host = c("127.0.0.1");
    let code = unsafe {
        bojagi::capi::connect::bojagi_tcp_connect(host.as_ptr(), 1, &connect, 0, &mut out)
    };
    assert_eq!(code, BOJAGI_E_ARG);
    assert_ne!(BOJAGI_INTERRUPTIBLE, BOJAGI_REUSE_PORT);
    assert!(unsafe { bojagi_tcp_listen(null(), 0, null(), null_mut()) } == BOJAGI_E_ARG);
}
