//! Many sockets at once.

use crate::handle::{Listener, Socket, *};
use crate::poller::Poller;
use crate::process::{child, is_child, succeeds};
use bojagi::net::readiness::BOJAGI_READABLE;
use std::fs;

#[test]
fn ten_thousand_sockets_are_each_told_once_and_leave_nothing_behind() {
    let test = "crowd::ten_thousand_sockets_are_each_told_once_and_leave_nothing_behind";
    if !is_child(test) {
        let output = succeeds(child(test));
        let lines = String::from_utf8(output.stdout).unwrap();
        lines.lines().filter(|line| line.starts_with("10k:")).for_each(|line| println!("{line}"));
        if let Some(why) = lines.lines().find_map(|line| line.strip_prefix("skip:")) {
            crate::need::skip(why);
        }
        return;
    }
    let Some(pairs) = pairs_allowed() else {
        println!("\nskip: poller: 10,000 sockets (the limit of open files is below 10,100)");
        return;
    };
    let open = || fs::read_dir("/proc/self/fd").unwrap().count();
    let (before, memory) = (open(), resident());
    crowd(pairs, memory);
    assert_eq!(open(), before, "no descriptor is left");
}

/// How many connections, of which both ends are here, the limit of open files allows.
fn pairs_allowed() -> Option<usize> {
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    assert_eq!(unsafe { libc::getrlimit(libc::RLIMIT_NOFILE, &mut limit) }, 0);
    for wanted in [10_000, 5_000] {
        let files = 2 * wanted + 100;
        let more = libc::rlimit { rlim_cur: files, rlim_max: limit.rlim_max.max(files) };
        if limit.rlim_cur >= files || unsafe { libc::setrlimit(libc::RLIMIT_NOFILE, &more) } == 0 {
            return usize::try_from(wanted).ok();
        }
    }
    None
}

/// The memory that this process uses, in bytes.
fn resident() -> i64 {
    let status = fs::read_to_string("/proc/self/statm").unwrap();
    status.split(' ').nth(1).and_then(|pages| pages.parse::<i64>().ok()).unwrap() * 4096
}

fn crowd(pairs: usize, memory: i64) {
    let poller = Poller::new();
    let (mut clients, mut servers) = (Vec::new(), Vec::new());
    // Each address of the loopback network has ports of its own.
    let listeners: Vec<_> =
        (1..=4).map(|host| Listener::tcp(&format!("127.0.0.{host}"), PLAIN).unwrap()).collect();
    for token in 0..pairs {
        let listener = &listeners[token % listeners.len()];
        let host = format!("127.0.0.{}", token % listeners.len() + 1);
        clients.push(Socket::tcp(&host, listener.port(), PLAIN, 10_000).unwrap());
        servers.push(listener.accept(10_000).unwrap());
        assert_eq!(poller.add(servers[token].fd(), BOJAGI_READABLE, token as u64), 0);
    }
    assert_eq!(poller.wait(0), Err(BOJAGI_E_AGAIN));
    println!(
        "\n10k: {} bytes a socket, both ends counted",
        (resident() - memory) / (2 * pairs as i64)
    );
    for client in &clients {
        assert_eq!(client.send(b"x", 10_000), 1);
    }
    let mut seen = vec![0u32; pairs];
    let mut told = 0;
    while told < pairs {
        for (token, events) in poller.wait_for(1000, 10_000).unwrap() {
            assert_eq!(events, BOJAGI_READABLE);
            let token = usize::try_from(token).unwrap();
            seen[token] += 1;
            told += 1;
            assert_eq!(servers[token].recv(&mut [0; 2], 0), 1);
        }
    }
    assert_eq!(poller.wait(0), Err(BOJAGI_E_AGAIN));
    assert!(seen.iter().all(|&times| times == 1));
    println!("10k: {pairs} connections, each told once");
}
