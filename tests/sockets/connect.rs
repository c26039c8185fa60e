//! Happy Eyeballs: several addresses of one name, side by side.

use crate::handle::*;
use crate::hosts::{Hosts, attempts, tcp, udp};
use crate::need::lacks_ipv6;
use crate::peer::{Full, open_descriptors};
use crate::process::{child, during, is_child, succeeds};
use crate::tcp::closed_port;
use bojagi::capi::plan::*;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// Far longer than any of these connects takes.
const GENEROUS: Duration = Duration::from_secs(10);

fn timed<T>(call: impl FnOnce() -> T) -> (T, Duration) {
    let begun = Instant::now();
    (call(), begun.elapsed())
}

fn peer(socket: &Socket) -> String {
    text(&socket.peer().unwrap())
}

#[test]
fn families_take_turns_and_every_attempt_is_listed_with_its_cause() {
    if lacks_ipv6("families_take_turns_and_every_attempt_is_listed_with_its_cause") {
        return;
    }
    let port = closed_port();
    let hosts = Hosts::of(
        "many.test",
        &[("::1", 0), ("::1", 0), ("127.0.0.1", 0), ("127.0.0.2", 0), ("::1", 1), ("127.0.0.1", 0)],
    );
    let result = tcp("many.test", port, &hosts.options(), 10_000);
    assert_eq!(result.err(), Some(BOJAGI_E_REFUSED));
    let four = |host: &str| (BOJAGI_E_REFUSED, format!("{host}:{port}"));
    let last = (BOJAGI_E_REFUSED, "[::1]:1".to_owned());
    assert_eq!(attempts(), [four("[::1]"), four("127.0.0.1"), last, four("127.0.0.2")]);
    let text = last_error().text();
    let expected =
        format!("connect to many.test:{port} (4 addresses tried: [::1]:{port} refused, ");
    assert!(text.starts_with(&expected) && text.ends_with("that the port is right"), "{text}");
}

#[test]
fn an_attempt_that_fails_makes_way_for_the_next_at_once() {
    let listener = Listener::tcp("127.0.0.2", PLAIN).unwrap();
    let hosts = Hosts::of("two.test", &[("127.0.0.1", 0), ("127.0.0.2", 0)]);
    let cancel = Cancel::new();
    for cancel in [std::ptr::null_mut(), cancel.0] {
        let options = ConnectOptions { attempt_delay_ms: 2000, cancel, ..hosts.options() };
        let (client, took) = timed(|| tcp("two.test", listener.port(), &options, 60_000));
        assert_eq!(peer(&client.unwrap()), format!("127.0.0.2:{}", listener.port()));
        assert!(took < Duration::from_millis(1900), "{took:?}");
    }
}

#[test]
fn a_black_hole_costs_the_attempt_delay() {
    let full = Full::new();
    let listener = Listener::tcp_on("127.0.0.2", full.port(), PLAIN).unwrap();
    let hosts = Hosts::of("two.test", &[("127.0.0.1", 0), ("127.0.0.2", 0)]);
    for (delay_ms, least) in [(0, 250), (50, 50), (400, 400)] {
        for budget in [-1, 60_000] {
            let options = ConnectOptions { attempt_delay_ms: delay_ms, ..hosts.options() };
            let (client, took) = timed(|| tcp("two.test", full.port(), &options, budget).unwrap());
            assert_eq!(peer(&client), format!("127.0.0.2:{}", listener.port()));
            assert!(took >= Duration::from_millis(least), "{took:?} of {least} ms");
            assert!(took < GENEROUS, "{took:?}");
        }
    }
}

#[test]
fn ipv6_that_is_black_holed_costs_the_attempt_delay() {
    if lacks_ipv6("ipv6_that_is_black_holed_costs_the_attempt_delay") {
        return;
    }
    let full = Full::on("::1");
    let _listener = Listener::tcp_on("127.0.0.1", full.port(), PLAIN).unwrap();
    let hosts = Hosts::of("both.test", &[("::1", 0), ("127.0.0.1", 0)]);
    let (client, took) = timed(|| tcp("both.test", full.port(), &hosts.options(), -1).unwrap());
    assert_eq!(peer(&client), format!("127.0.0.1:{}", full.port()));
    assert!(took >= Duration::from_millis(250) && took < GENEROUS, "{took:?}");
}

#[test]
fn an_earlier_attempt_runs_on_while_later_ones_fail() {
    // The first gets through when its SYN is sent again, a second later.
    let full = Full::new();
    let hosts = Hosts::of("two.test", &[("127.0.0.1", 0), ("127.0.0.9", 0)]);
    let done = AtomicBool::new(false);
    let waiting = || {
        let options = ConnectOptions { attempt_delay_ms: 10, ..hosts.options() };
        let client = tcp("two.test", full.port(), &options, 60_000);
        done.store(true, Ordering::SeqCst);
        assert_eq!(peer(&client.unwrap()), format!("127.0.0.1:{}", full.port()));
        0
    };
    assert_eq!(during(waiting, || full.accept_until(&done)), 0);
}

#[test]
fn the_last_attempt_runs_on_to_the_end_of_the_budget() {
    let full = Full::new();
    let hosts = Hosts::of("two.test", &[("127.0.0.9", 0), ("127.0.0.1", 0)]);
    for (budget, code) in [(0, BOJAGI_E_AGAIN), (300, BOJAGI_E_TIMEOUT)] {
        let (result, took) = timed(|| tcp("two.test", full.port(), &hosts.options(), budget));
        assert_eq!(result.err(), Some(code));
        let least = Duration::from_millis(u64::try_from(budget).unwrap());
        assert!(took >= least && took < least + GENEROUS, "{took:?}");
        let first = (BOJAGI_E_REFUSED, format!("127.0.0.9:{}", full.port()));
        assert_eq!(attempts(), [first, (code, format!("127.0.0.1:{}", full.port()))]);
    }
}

#[test]
fn a_budget_with_every_address_black_holed_gives_each_of_them_a_chance() {
    let full = Full::new();
    let port = full.port();
    let wide: Vec<_> = (0..4).map(|_| Full::new()).collect();
    let mut addresses = vec![("127.0.0.1", port)];
    addresses.extend(wide.iter().map(|full| ("127.0.0.1", full.port())));
    let hosts = Hosts::of("five.test", &addresses);
    let (result, took) = timed(|| tcp("five.test", port, &hosts.options(), 200));
    assert_eq!(result.err(), Some(BOJAGI_E_TIMEOUT));
    assert!(took >= Duration::from_millis(200) && took < GENEROUS, "{took:?}");
    let tried = attempts();
    assert_eq!(tried.len(), 5);
    assert!(tried.iter().all(|(code, _)| *code == BOJAGI_E_TIMEOUT), "{tried:?}");
    // A delay that was asked for is kept, and what was not begun is not listed.
    let options = ConnectOptions { attempt_delay_ms: 150, ..hosts.options() };
    assert_eq!(tcp("five.test", port, &options, 200).err(), Some(BOJAGI_E_TIMEOUT));
    assert_eq!(attempts().len(), 2);
}

#[test]
fn at_most_sixteen_are_under_way_and_none_is_left_out() {
    let test = "connect::at_most_sixteen_are_under_way_and_none_is_left_out";
    if !is_child(test) {
        succeeds(child(test));
        return;
    }
    let full: Vec<_> = (0..20).map(|_| Full::new()).collect();
    let listener = Listener::tcp("127.0.0.1", PLAIN).unwrap();
    let mut addresses: Vec<_> = full.iter().map(|full| ("127.0.0.1", full.port())).collect();
    addresses.push(("127.0.0.1", listener.port()));
    let hosts = Hosts::of("many.test", &addresses);
    let options = ConnectOptions { attempt_delay_ms: 10, ..hosts.options() };
    let before = open_descriptors();
    let client = tcp("many.test", 1, &options, 60_000).unwrap();
    assert_eq!(peer(&client), format!("127.0.0.1:{}", listener.port()));
    drop(client);
    assert_eq!(open_descriptors(), before);
    addresses.pop();
    let hosts = Hosts::of("many.test", &addresses);
    let (_, most) = std::thread::scope(|scope| {
        let waiting = scope.spawn(|| {
            let options = ConnectOptions { attempt_delay_ms: 10, ..hosts.options() };
            tcp("many.test", 1, &options, 500).err()
        });
        let mut most = 0;
        while !waiting.is_finished() {
            most = most.max(open_descriptors());
        }
        (waiting.join().unwrap(), most)
    });
    // One more while the directory is read.
    assert!(most <= before + 16 + 1, "{most} of {before}");
    assert!(most >= before + 10, "{most} of {before}");
}

#[test]
fn the_winner_waits_again_and_the_losers_are_closed() {
    let test = "connect::the_winner_waits_again_and_the_losers_are_closed";
    if !is_child(test) {
        succeeds(child(test));
        return;
    }
    let full = Full::new();
    let listener = Listener::tcp_on("127.0.0.2", full.port(), PLAIN).unwrap();
    let hosts = Hosts::of("two.test", &[("127.0.0.1", 0), ("127.0.0.2", 0)]);
    let options = ConnectOptions { attempt_delay_ms: 20, ..hosts.options() };
    let closed = closed_port();
    let before = open_descriptors();
    let client = tcp("two.test", full.port(), &options, 60_000).unwrap();
    assert_eq!(open_descriptors(), before + 1);
    let flags = unsafe { libc::fcntl(client.fd(), libc::F_GETFL) };
    assert_eq!(flags & libc::O_NONBLOCK, 0);
    let flags = unsafe { libc::fcntl(client.fd(), libc::F_GETFD) };
    assert_eq!(flags & libc::FD_CLOEXEC, libc::FD_CLOEXEC);
    // The system's own time-outs are what the socket takes them for.
    let (code, took) = timed(|| client.recv(&mut [0; 1], 60));
    assert_eq!(code, BOJAGI_E_TIMEOUT);
    assert!(took >= Duration::from_millis(60), "{took:?}");
    let server = listener.accept(10_000).unwrap();
    assert_eq!(server.send(b"x", 1000), 1);
    assert_eq!(client.recv(&mut [0; 1], -1), 1);
    drop((client, server));
    assert_eq!(tcp("two.test", closed, &options, 1000).err(), Some(BOJAGI_E_REFUSED));
    assert_eq!(tcp("two.test", full.port(), &options, 0).err(), Some(BOJAGI_E_AGAIN));
    assert_eq!(open_descriptors(), before);
}

#[test]
fn a_cancel_ends_the_race_and_every_attempt() {
    let full = Full::new();
    let hosts = Hosts::of("two.test", &[("127.0.0.9", 0), ("127.0.0.1", 0)]);
    let (cancel, hosts) = (&Cancel::new(), &hosts);
    let waiting = || {
        let options = ConnectOptions { cancel: cancel.0, ..hosts.options() };
        let result = tcp("two.test", full.port(), &options, -1);
        let first = (BOJAGI_E_REFUSED, format!("127.0.0.9:{}", full.port()));
        let second = (BOJAGI_E_CANCELLED, format!("127.0.0.1:{}", full.port()));
        assert_eq!(attempts(), [first, second]);
        result.err().unwrap()
    };
    assert_eq!(during(waiting, || cancel.fire()), BOJAGI_E_CANCELLED);
    let options = ConnectOptions { cancel: cancel.0, ..hosts.options() };
    assert_eq!(tcp("two.test", full.port(), &options, -1).err(), Some(BOJAGI_E_CANCELLED));
}

#[test]
fn a_signal_ends_the_race_of_an_interruptible_connect_alone() {
    let test = "connect::a_signal_ends_the_race_of_an_interruptible_connect_alone";
    if !is_child(test) {
        succeeds(child(test));
        return;
    }
    extern "C" fn handler(_: i32) {}
    crate::signal::install(libc::SIGUSR1, handler as *const () as usize, libc::SA_RESTART);
    let full = Full::new();
    let hosts = Hosts::of("two.test", &[("127.0.0.1", 0), ("127.0.0.9", 0)]);
    for (flags, budget, expected) in
        [(BOJAGI_INTERRUPTIBLE, -1, BOJAGI_E_INTERRUPTED), (0, 400, BOJAGI_E_TIMEOUT)]
    {
        let (send, recv) = std::sync::mpsc::channel();
        let (hosts, full) = (&hosts, &full);
        let (code, took) = std::thread::scope(|scope| {
            let thread = scope.spawn(move || {
                send.send(unsafe { libc::pthread_self() }).unwrap();
                let options = ConnectOptions { flags, ..hosts.options() };
                timed(|| tcp("two.test", full.port(), &options, budget).err().unwrap())
            });
            let target = recv.recv().unwrap();
            while !thread.is_finished() {
                unsafe { libc::pthread_kill(target, libc::SIGUSR1) };
                std::thread::yield_now();
            }
            thread.join().unwrap()
        });
        assert_eq!(code, expected);
        if budget > 0 {
            assert!(took >= Duration::from_millis(400), "{took:?}");
        }
    }
}

#[test]
fn addresses_of_the_other_family_than_the_local_one_are_skipped_with_their_cause() {
    let listener = Listener::tcp("127.0.0.1", PLAIN).unwrap();
    let local = address("127.0.0.3", 0).unwrap();
    let hosts = Hosts::of("both.test", &[("::1", 0), ("127.0.0.1", 0)]);
    let options = ConnectOptions { local: &local, ..hosts.options() };
    let client = tcp("both.test", listener.port(), &options, 10_000).unwrap();
    assert!(text(&client.local()).starts_with("127.0.0.3:"));
    let port = closed_port();
    assert_eq!(tcp("both.test", port, &options, 10_000).err(), Some(BOJAGI_E_REFUSED));
    let skipped = (BOJAGI_E_UNSUPPORTED, format!("[::1]:{port}"));
    assert_eq!(attempts(), [skipped, (BOJAGI_E_REFUSED, format!("127.0.0.1:{port}"))]);
    // What was really tried is the verdict, whatever comes last.
    let hosts = Hosts::of("both.test", &[("127.0.0.1", 0), ("::1", 0)]);
    let options = ConnectOptions { hosts: hosts.0, ..options };
    assert_eq!(tcp("both.test", port, &options, 10_000).err(), Some(BOJAGI_E_REFUSED));
    // So it is of UDP: broadcasts have to be allowed first.
    let hosts = Hosts::of("both.test", &[("255.255.255.255", 0), ("::1", 0)]);
    let options = ConnectOptions { hosts: hosts.0, ..options };
    assert_eq!(udp("both.test", 9, &options, 1000).err(), Some(BOJAGI_E_DENIED));
    // A port of this side is shared by all attempts.
    let fixed = address("127.0.0.3", closed_port()).unwrap();
    let full = Full::new();
    let hosts =
        Hosts::of("two.test", &[("127.0.0.1", full.port()), ("127.0.0.1", listener.port())]);
    let options = ConnectOptions { hosts: hosts.0, local: &fixed, attempt_delay_ms: 10, ..options };
    assert!(tcp("two.test", 1, &options, 10_000).is_ok());
}

#[test]
fn an_address_for_which_no_descriptor_is_left_does_not_end_those_under_way() {
    let test = "connect::an_address_for_which_no_descriptor_is_left_does_not_end_those_under_way";
    if !is_child(test) {
        succeeds(child(test));
        return;
    }
    let full = Full::new();
    let addresses = [("127.0.0.1", full.port()), ("127.0.0.1", closed_port())];
    let hosts = Hosts::of("two.test", &addresses);
    let options = ConnectOptions { attempt_delay_ms: 10, ..hosts.options() };
    let codes = || attempts().into_iter().map(|(code, _)| code).collect::<Vec<_>>();
    crate::accept::limit_files(64);
    let open = || std::fs::File::open("/proc/self/exe");
    let mut hoard: Vec<_> = std::iter::from_fn(|| open().ok()).collect();
    assert!(hoard.pop().is_some(), "one descriptor is left");
    assert_eq!(tcp("two.test", 1, &options, 100).err(), Some(BOJAGI_E_TIMEOUT));
    assert_eq!(codes(), [BOJAGI_E_TIMEOUT, BOJAGI_E_LIMIT]);
    hoard.push(open().unwrap());
    assert_eq!(tcp("two.test", 1, &options, 100).err(), Some(BOJAGI_E_LIMIT));
    assert_eq!(codes(), [BOJAGI_E_LIMIT; 2]);
    assert!(last_error().text().ends_with("(ulimit -n)"), "{}", last_error().text());
}
