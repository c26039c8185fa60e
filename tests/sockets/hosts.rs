//! Names that the caller answers for: the table and the resolver hook; and the options of connects.

use crate::handle::*;
use bojagi::capi::address::Address;
use bojagi::capi::connect::*;
use bojagi::capi::error::*;
use bojagi::capi::hosts::*;
use bojagi::capi::plan::*;
use std::ffi::{CStr, CString, c_char, c_void};
use std::ptr::{null, null_mut};

/// A table of hosts.
pub struct Hosts(pub *mut bojagi::capi::hosts::Hosts);

unsafe impl Sync for Hosts {}
unsafe impl Send for Hosts {}

impl Hosts {
    pub fn new() -> Self {
        made(Self, |out| unsafe { bojagi_hosts_new(out) }).unwrap()
    }

    /// A table with one name.
    pub fn of(name: &str, addresses: &[(&str, u32)]) -> Self {
        let hosts = Self::new();
        for (host, port) in addresses {
            assert_eq!(hosts.add(name, host, *port), 0);
        }
        hosts
    }

    pub fn add(&self, name: &str, host: &str, port: u32) -> i64 {
        self.add_address(name, &address(host, port).unwrap())
    }

    pub fn add_address(&self, name: &str, address: &Address) -> i64 {
        let name = c(name);
        unsafe { bojagi_hosts_add(self.0, name.as_ptr(), address) }
    }

    /// Options of a connect that asks this table.
    pub fn options(&self) -> ConnectOptions {
        ConnectOptions { hosts: self.0, ..ConnectOptions::default() }
    }
}

impl Drop for Hosts {
    fn drop(&mut self) {
        unsafe { bojagi_hosts_free(self.0) }
    }
}

pub fn tcp(
    host: &str,
    port: u32,
    options: &ConnectOptions,
    timeout_ms: i64,
) -> Result<Socket, i64> {
    let host = c(host);
    made(Socket, |out| unsafe { bojagi_tcp_connect(host.as_ptr(), port, options, timeout_ms, out) })
}

pub fn udp(
    host: &str,
    port: u32,
    options: &ConnectOptions,
    timeout_ms: i64,
) -> Result<Socket, i64> {
    let host = c(host);
    made(Socket, |out| unsafe { bojagi_udp_connect(host.as_ptr(), port, options, timeout_ms, out) })
}

/// The addresses that this thread's last failed connect tried, each with its code.
pub fn attempts() -> Vec<(i64, String)> {
    let attempt = |index| {
        let mut record = ErrorRecord::default();
        assert_eq!(unsafe { bojagi_error_attempt(index, &mut record) }, 0);
        let address = record.text().split(": ").next().unwrap().to_owned();
        (i64::from(record.code), address)
    };
    (0..last_error().attempts).map(attempt).collect()
}

fn peer(socket: Result<Socket, i64>) -> Result<String, i64> {
    socket.map(|socket| text(&socket.peer().unwrap()))
}

#[test]
fn names_in_the_table_need_no_look_up_and_match_whatever_their_case_and_dot() {
    let listener = Listener::tcp("127.0.0.1", PLAIN).unwrap();
    let hosts = Hosts::of("Some.Test.", &[("127.0.0.1", 0)]);
    for name in ["some.test", "SOME.TEST", "some.test."] {
        // A budget of 0 would not do for a look-up; that the connect itself would have to wait is fine.
        let result = tcp(name, listener.port(), &hosts.options(), 0);
        assert!(result.is_ok() || attempts().len() == 1, "{name}: {}", last_error().text());
        assert!(tcp(name, listener.port(), &hosts.options(), 10_000).is_ok(), "{name}");
        assert!(udp(name, listener.port(), &hosts.options(), 0).is_ok(), "{name}");
    }
    assert_eq!(tcp("other.test", 1, &hosts.options(), 0).err(), Some(BOJAGI_E_AGAIN));
}

#[test]
fn the_table_goes_on_with_sockets_after_it_was_freed_and_takes_names_meanwhile() {
    let listener = Listener::tcp("127.0.0.1", PLAIN).unwrap();
    let hosts = Hosts::of("a.test", &[("127.0.0.1", listener.port())]);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for number in 0..1000 {
                assert_eq!(hosts.add(&format!("{number}.test"), "127.0.0.1", 0), 0);
            }
        });
        for _ in 0..20 {
            // The port of the table is used, not that of the call.
            assert!(tcp("a.test", 1, &hosts.options(), 10_000).is_ok());
        }
    });
    let client = tcp("999.test", listener.port(), &hosts.options(), 10_000).unwrap();
    drop(hosts);
    assert_eq!(client.send(b"x", 1000), 1);
}

#[test]
fn wrong_entries_are_refused() {
    let hosts = Hosts::new();
    for name in ["127.0.0.1", "::1", "", "a b"] {
        assert_eq!(hosts.add(name, "127.0.0.1", 0), BOJAGI_E_ARG, "{name:?}");
    }
    assert_eq!(hosts.add_address("a.test", &unix_address("@x").unwrap()), BOJAGI_E_ARG);
    assert_eq!(hosts.add_address("a.test", &no_address()), BOJAGI_E_ARG);
    for port in 0..64 {
        assert_eq!(hosts.add("a.test", "127.0.0.1", port), 0);
    }
    assert_eq!(hosts.add("a.test", "127.0.0.1", 64), BOJAGI_E_ARG);
    let name = c("a.test");
    let some = address("127.0.0.1", 0).unwrap();
    unsafe {
        assert_eq!(bojagi_hosts_new(null_mut()), BOJAGI_E_ARG);
        assert_eq!(bojagi_hosts_add(null_mut(), name.as_ptr(), &some), BOJAGI_E_ARG);
        assert_eq!(bojagi_hosts_add(hosts.0, null(), &some), BOJAGI_E_ARG);
        assert_eq!(bojagi_hosts_add(hosts.0, name.as_ptr(), null()), BOJAGI_E_ARG);
        bojagi_hosts_free(null_mut());
    }
}

/// What a hook is to answer, and what it was asked.
struct Script {
    answer: i64,
    addresses: Vec<Address>,
    asked: Vec<(CString, u32, i64)>,
}

impl Script {
    fn new(answer: i64, addresses: Vec<Address>) -> Self {
        Self { answer, addresses, asked: Vec::new() }
    }

    fn options(&mut self) -> ConnectOptions {
        let user: *mut Self = self;
        ConnectOptions {
            resolver: Some(hook),
            resolver_user: user.cast(),
            ..ConnectOptions::default()
        }
    }
}

unsafe extern "C" fn hook(
    host: *const c_char,
    port: u32,
    timeout_ms: i64,
    addresses: *mut Address,
    cap: usize,
    user: *mut c_void,
) -> i64 {
    let script = unsafe { &mut *user.cast::<Script>() };
    let host = unsafe { CStr::from_ptr(host) }.to_owned();
    script.asked.push((host, port, timeout_ms));
    for (index, address) in script.addresses.iter().take(cap).enumerate() {
        unsafe { addresses.add(index).write(*address) };
    }
    script.answer
}

#[test]
fn the_hook_answers_before_the_system_and_after_the_table() {
    let listener = Listener::tcp("127.0.0.1", PLAIN).unwrap();
    let port = listener.port();
    let mut script = Script::new(1, vec![address("127.0.0.1", 0).unwrap()]);
    let expected = Ok(format!("127.0.0.1:{port}"));
    assert_eq!(peer(tcp("hook.test", port, &script.options(), 10_000)), expected);
    assert_eq!(peer(udp("hook.test", port, &script.options(), 0)), expected);
    assert_eq!(peer(tcp("127.0.0.1", port, &script.options(), -1)), expected);
    let hosts = Hosts::of("table.test", &[("127.0.0.1", 0)]);
    let both = ConnectOptions { hosts: hosts.0, ..script.options() };
    assert_eq!(peer(tcp("table.test", port, &both, -1)), expected);
    assert_eq!(script.asked.len(), 2);
    let (host, asked, left) = &script.asked[0];
    assert_eq!((host.as_c_str(), *asked), (c"hook.test", port));
    assert!((1..=10_000).contains(left), "{left}");
    assert_eq!(script.asked[1].2, 0);
}

#[test]
fn a_hook_that_knows_nothing_leaves_it_to_the_system() {
    let listener = Listener::tcp("127.0.0.1", PLAIN).unwrap();
    let mut script = Script::new(0, vec![]);
    assert!(tcp("localhost", listener.port(), &script.options(), 10_000).is_ok());
    assert_eq!(script.asked.len(), 1);
}

#[test]
fn codes_of_the_hook_are_those_of_the_connect_and_garbage_is_an_argument() {
    for code in BOJAGI_E_PANIC..=BOJAGI_E_ARG {
        let mut script = Script::new(code, vec![]);
        assert_eq!(tcp("hook.test", 1, &script.options(), 1000).err(), Some(code));
        let error = last_error();
        assert_eq!(error.stage, BOJAGI_STAGE_RESOLVE);
        assert!(error.text().starts_with("resolve hook.test:1: "), "{}", error.text());
        assert!(error.text().contains(&code.to_string()), "{}", error.text());
    }
    let some = address("127.0.0.1", 0).unwrap();
    let huge = Address { len: u32::MAX, ..some };
    let answers: [(i64, Vec<Address>); 8] = [
        (-1, vec![]),
        (i64::MIN, vec![]),
        (-1000, vec![]),
        (65, vec![some; 64]),
        (i64::MAX, vec![]),
        (2, vec![some]),
        (1, vec![huge]),
        (1, vec![unix_address("@x").unwrap()]),
    ];
    for (answer, addresses) in answers {
        let mut script = Script::new(answer, addresses);
        let result = tcp("hook.test", 1, &script.options(), 1000);
        assert_eq!(result.err(), Some(BOJAGI_E_ARG), "{answer}: {}", last_error().text());
        assert!(last_error().text().contains("hook"), "{}", last_error().text());
    }
}

#[test]
fn one_family_alone_is_tried_when_asked_for() {
    if crate::need::lacks_ipv6("one_family_alone_is_tried_when_asked_for") {
        return;
    }
    let listener = Listener::tcp("", PLAIN).unwrap();
    let port = listener.port();
    let hosts = Hosts::of("both.test", &[("::1", 0), ("127.0.0.1", 0)]);
    let only = |flags| ConnectOptions { flags, ..hosts.options() };
    let four = Ok(format!("127.0.0.1:{port}"));
    let six = Ok(format!("[::1]:{port}"));
    for connect in [tcp, udp] {
        assert_eq!(peer(connect("both.test", port, &only(BOJAGI_IPV4_ONLY), 10_000)), four);
        assert_eq!(peer(connect("both.test", port, &only(BOJAGI_IPV6_ONLY), 10_000)), six);
        assert_eq!(peer(connect("localhost", port, &only(BOJAGI_IPV4_ONLY), 10_000)), four);
        let wrong = connect("::1", port, &only(BOJAGI_IPV4_ONLY), 10_000);
        assert_eq!(wrong.err(), Some(BOJAGI_E_RESOLVE));
        assert!(last_error().text().contains("family"), "{}", last_error().text());
        let none = connect("::1", port, &only(BOJAGI_IPV4_ONLY | BOJAGI_IPV6_ONLY), 10_000);
        assert_eq!(none.err(), Some(BOJAGI_E_ARG));
    }
}

#[test]
fn the_local_address_is_the_one_asked_for() {
    let listener = Listener::tcp("", PLAIN).unwrap();
    let port = listener.port();
    let local = address("127.0.0.3", 0).unwrap();
    let options = ConnectOptions { local: &local, ..ConnectOptions::default() };
    for connect in [tcp, udp] {
        let client = connect("127.0.0.1", port, &options, 10_000).unwrap();
        assert!(text(&client.local()).starts_with("127.0.0.3:"), "{}", text(&client.local()));
        let other = connect("::1", port, &options, 10_000);
        assert_eq!(other.err(), Some(BOJAGI_E_UNSUPPORTED));
        assert!(last_error().text().contains("other family"), "{}", last_error().text());
    }
    // The port, too, and again at once: a connection of before is not in the way.
    let free = crate::tcp::closed_port();
    let fixed = address("127.0.0.3", free).unwrap();
    let options = ConnectOptions { local: &fixed, ..options };
    for host in ["127.0.0.1", "127.0.0.2", "127.0.0.4"] {
        let client = tcp(host, port, &options, 10_000).unwrap();
        assert_eq!(text(&client.local()), format!("127.0.0.3:{free}"));
    }
    let away = address("192.0.2.1", 0).unwrap();
    let options = ConnectOptions { local: &away, ..options };
    assert_eq!(tcp("127.0.0.1", port, &options, 10_000).err(), Some(BOJAGI_E_UNREACHABLE));
}

#[test]
fn the_interface_is_the_one_asked_for() {
    let listener = Listener::tcp("127.0.0.1", PLAIN).unwrap();
    let with =
        |name: &CStr| ConnectOptions { interface_name: name.as_ptr(), ..ConnectOptions::default() };
    for connect in [tcp, udp] {
        let client = connect("127.0.0.1", listener.port(), &with(c"lo"), 10_000).unwrap();
        let device = socket2::SockRef::from(&borrowed(&client)).device().unwrap();
        assert_eq!(device.as_deref(), Some(&b"lo"[..]));
        let none = connect("127.0.0.1", listener.port(), &with(c"bojagi-none"), 10_000);
        assert_eq!(none.err(), Some(BOJAGI_E_ARG));
        assert!(last_error().text().contains("interface"), "{}", last_error().text());
        for name in [c"", c"0123456789abcdef"] {
            let wrong = connect("127.0.0.1", listener.port(), &with(name), 10_000);
            assert_eq!(wrong.err(), Some(BOJAGI_E_ARG));
        }
    }
}

fn borrowed(socket: &Socket) -> std::os::fd::BorrowedFd<'_> {
    unsafe { std::os::fd::BorrowedFd::borrow_raw(socket.fd()) }
}

#[test]
fn fast_open_connects_whether_or_not_the_server_can() {
    let listener = Listener::tcp("127.0.0.1", PLAIN).unwrap();
    let hosts = Hosts::of("two.test", &[("127.0.0.1", 0), ("127.0.0.2", 0)]);
    let options = ConnectOptions { flags: BOJAGI_FAST_OPEN, ..hosts.options() };
    for host in ["127.0.0.1", "two.test"] {
        let client = tcp(host, listener.port(), &options, 10_000).unwrap();
        assert_eq!(client.send(b"x", 10_000), 1);
        let server = listener.accept(10_000).unwrap();
        assert_eq!(server.recv(&mut [0; 2], 10_000), 1);
    }
    let closed = crate::tcp::closed_port();
    assert_eq!(tcp("127.0.0.1", closed, &options, 10_000).err(), Some(BOJAGI_E_REFUSED));
    assert!(udp("127.0.0.1", listener.port(), &options, 0).is_ok());
}

#[test]
fn what_has_no_meaning_for_a_unix_socket_or_a_descriptor_is_refused() {
    let hosts = Hosts::new();
    let mut script = Script::new(0, vec![]);
    let local = address("127.0.0.1", 0).unwrap();
    let plain = ConnectOptions::default();
    let wrong = [
        ConnectOptions { flags: BOJAGI_FAST_OPEN, ..plain },
        ConnectOptions { flags: BOJAGI_IPV4_ONLY, ..plain },
        ConnectOptions { flags: BOJAGI_IPV6_ONLY, ..plain },
        ConnectOptions { attempt_delay_ms: 250, ..plain },
        ConnectOptions { local: &local, ..plain },
        ConnectOptions { interface_name: c"lo".as_ptr(), ..plain },
        hosts.options(),
        script.options(),
    ];
    let path = c("@nobody");
    for options in &wrong {
        let results = [
            made(Socket, |out| unsafe { bojagi_unix_connect(path.as_ptr(), options, 1000, out) }),
            made(Socket, |out| unsafe {
                bojagi_unix_datagram_connect(path.as_ptr(), options, out)
            }),
            made(Socket, |out| unsafe {
                bojagi::capi::socket::bojagi_socket_from_fd(0, options, out)
            }),
        ];
        for result in results {
            assert_eq!(result.err(), Some(BOJAGI_E_ARG), "{}", last_error().text());
        }
    }
}

#[test]
fn wrong_options_are_refused() {
    let unix = unix_address("@x").unwrap();
    let none = no_address();
    let plain = ConnectOptions::default();
    let wrong = [
        ConnectOptions { attempt_delay_ms: 9, ..plain },
        ConnectOptions { attempt_delay_ms: 2001, ..plain },
        ConnectOptions { local: &unix, ..plain },
        ConnectOptions { local: &none, ..plain },
        ConnectOptions { flags: 1 << 31, ..plain },
        ConnectOptions { size: plain.size - 1, ..plain },
    ];
    for options in &wrong {
        for connect in [tcp, udp] {
            let result = connect("127.0.0.1", 1, options, 1000);
            assert_eq!(result.err(), Some(BOJAGI_E_ARG), "{}", last_error().text());
        }
    }
}
