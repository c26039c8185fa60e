//! Names: within the budget, whatever the resolver does.

use crate::handle::*;
use crate::process::{child, is_child, succeeds};
use bojagi::capi::resolve::bojagi_resolve;
use std::env;
use std::path::PathBuf;
use std::process::Command;
use std::ptr::null_mut;
use std::thread;
use std::time::{Duration, Instant};

fn resolve(host: &str, cancel: Option<&Cancel>, timeout_ms: i64) -> Result<Vec<String>, i64> {
    let (host, mut room) = (c(host), [no_address(); 4]);
    let cancel = cancel.map_or(null_mut(), |cancel| cancel.0);
    let count = unsafe {
        bojagi_resolve(host.as_ptr(), 80, cancel, timeout_ms, room.as_mut_ptr(), room.len())
    };
    let count = usize::try_from(count).map_err(|_| count)?;
    Ok(room[..count].iter().map(text).collect())
}

#[test]
fn numeric_hosts_need_no_time_and_names_do() {
    assert_eq!(resolve("127.0.0.1", None, 0), Ok(vec!["127.0.0.1:80".to_owned()]));
    assert_eq!(resolve("[::1]", None, 0), Ok(vec!["[::1]:80".to_owned()]));
    assert_eq!(resolve("localhost", None, 0), Err(BOJAGI_E_AGAIN));
    let found = resolve("localhost", None, 10_000).unwrap();
    assert!(found.contains(&"127.0.0.1:80".to_owned()), "{found:?}");
    let mut one = [no_address()];
    let host = c("localhost");
    let count =
        unsafe { bojagi_resolve(host.as_ptr(), 80, null_mut(), 10_000, one.as_mut_ptr(), 1) };
    assert_eq!(count, 1);
}

#[test]
fn name_that_does_not_exist_is_a_resolve_error() {
    let test = "resolve::name_that_does_not_exist_is_a_resolve_error";
    if !is_child(test) {
        succeeds(with_resolver(child(test)));
        return;
    }
    assert_eq!(resolve("nobody.test", None, 10_000), Err(BOJAGI_E_RESOLVE));
    assert_eq!(Socket::tcp("nobody.test", 80, PLAIN, -1).err(), Some(BOJAGI_E_RESOLVE));
    let text = last_error().text();
    assert!(text.starts_with("resolve nobody.test:80: "), "{text}");
    assert!(text.contains("check the spelling"), "{text}");
    assert_eq!(last_error().stage, bojagi::capi::error::BOJAGI_STAGE_RESOLVE);
    assert_eq!(Listener::tcp("nobody.test", PLAIN).err(), Some(BOJAGI_E_RESOLVE));
}

#[test]
fn a_resolver_that_hangs_is_ended_by_budget_cancel_and_signal() {
    let test = "resolve::a_resolver_that_hangs_is_ended_by_budget_cancel_and_signal";
    if !is_child(test) {
        succeeds(with_resolver(child(test)));
        return;
    }
    let begun = Instant::now();
    assert_eq!(Socket::tcp("hang.test", 80, PLAIN, 50).err(), Some(BOJAGI_E_TIMEOUT));
    assert!(begun.elapsed() >= Duration::from_millis(50));
    let cancel = Cancel::new();
    let options = Options { cancel: Some(&cancel), ..PLAIN };
    thread::scope(|scope| {
        let waiting = [
            scope.spawn(|| resolve("hang.test", Some(&cancel), -1).err()),
            scope.spawn(|| Socket::tcp("hang.test", 80, options, -1).err()),
            scope.spawn(|| Socket::udp("hang.test", 80, 50).err().map(|_| BOJAGI_E_CANCELLED)),
        ];
        cancel.fire();
        for thread in waiting {
            assert_eq!(thread.join().unwrap(), Some(BOJAGI_E_CANCELLED));
        }
    });
    interrupted();
    forked();
    // Far more than there are workers: the ones that hang must not keep the rest from an answer.
    for _ in 0..20 {
        assert_eq!(resolve("hang.test", None, 1), Err(BOJAGI_E_TIMEOUT));
    }
    let threads = std::fs::read_dir("/proc/self/task").unwrap().count();
    assert!(threads <= 16 + 3, "{threads} threads");
    assert!(begun.elapsed() < Duration::from_secs(20));
}

#[test]
fn a_dead_first_address_leaves_time_for_the_next() {
    let test = "resolve::a_dead_first_address_leaves_time_for_the_next";
    if !is_child(test) {
        succeeds(with_resolver(child(test)));
        return;
    }
    // The interposed resolver gives 127.0.0.1 and then 127.0.0.2 for this name.
    let full = crate::peer::Full::new();
    let port = full.port();
    let listener = Listener::tcp_on("127.0.0.2", port, PLAIN).unwrap();
    let cancel = Cancel::new();
    for options in [PLAIN, Options { cancel: Some(&cancel), ..PLAIN }] {
        let begun = Instant::now();
        let client = Socket::tcp("two.test", port, options, 400).unwrap();
        assert!(begun.elapsed() >= Duration::from_millis(180));
        assert_eq!(text(&client.peer().unwrap()), format!("127.0.0.2:{port}"));
    }
    drop(listener);
    assert_eq!(Socket::tcp("two.test", port, PLAIN, 100).err(), Some(BOJAGI_E_TIMEOUT));
    let error = last_error();
    assert_eq!(error.attempts, 2);
    let expected = format!(
        "connect to two.test:{port} (2 addresses tried: 127.0.0.1:{port} timeout, \
         127.0.0.2:{port} refused): "
    );
    assert!(error.text().starts_with(&expected), "{}", error.text());
    let mut first = error;
    assert_eq!(unsafe { bojagi::capi::error::bojagi_error_attempt(0, &mut first) }, 0);
    assert_eq!(i64::from(first.code), BOJAGI_E_TIMEOUT);
}

/// A signal ends the look-up of an interruptible connect, and no worker can be the one to handle it.
fn interrupted() {
    extern "C" fn handler(_: i32) {}
    crate::signal::install(libc::SIGUSR1, handler as *const () as usize, libc::SA_RESTART);
    use std::os::unix::thread::JoinHandleExt;
    let (send, recv) = std::sync::mpsc::channel();
    let thread = thread::spawn(move || {
        send.send(crate::process::thread_id()).unwrap();
        Socket::tcp("hang.test", 80, INTERRUPTIBLE, -1).err()
    });
    crate::process::until_asleep(recv.recv().unwrap());
    while !thread.is_finished() {
        unsafe { libc::pthread_kill(thread.as_pthread_t(), libc::SIGUSR1) };
        thread::yield_now();
    }
    assert_eq!(thread.join().unwrap(), Some(BOJAGI_E_INTERRUPTED));
    let blocked = workers().into_iter().map(|status| {
        let line = status.lines().find(|line| line.starts_with("SigBlk:")).unwrap();
        u64::from_str_radix(line["SigBlk:".len()..].trim(), 16).unwrap()
    });
    let blocked: Vec<u64> = blocked.collect();
    assert!(!blocked.is_empty());
    assert!(blocked.iter().all(|mask| mask >> (libc::SIGUSR1 - 1) & 1 == 1), "{blocked:x?}");
}

/// What the system says of each thread of the resolver.
fn workers() -> Vec<String> {
    let tasks = std::fs::read_dir("/proc/self/task").unwrap();
    let status = |task: std::fs::DirEntry| std::fs::read_to_string(task.path().join("status")).ok();
    tasks.filter_map(|task| status(task.ok()?)).filter(|s| s.contains("bojagi-resolve")).collect()
}

/// A fork while look-ups hang: the child has workers of its own, and the parent's wait is undisturbed.
fn forked() {
    let cancel = Cancel::new();
    let ended = crate::process::during(
        || resolve("hang.test", Some(&cancel), -1).unwrap_err(),
        || {
            let status = crate::fork::forked(|| {
                let found = resolve("localhost", None, 10_000).is_ok();
                let ended = resolve("hang.test", None, 20) == Err(BOJAGI_E_TIMEOUT);
                i32::from(!(found && ended))
            });
            assert_eq!(status, 0);
            cancel.fire();
        },
    );
    assert_eq!(ended, BOJAGI_E_CANCELLED);
}

/// The same command with a getaddrinfo of our own in front of the system's.
pub fn with_resolver(mut command: Command) -> Command {
    let target = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    let source = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/sockets/resolver.c");
    let library = target.join(format!("resolver-{}-{}.so", std::process::id(), unique()));
    let built =
        Command::new("cc").args(["-shared", "-fPIC", "-o"]).arg(&library).arg(source).status();
    assert!(built.expect("cc, to build the resolver of this test").success());
    command.env("LD_PRELOAD", library);
    command
}

fn unique() -> usize {
    static COUNT: std::sync::atomic::AtomicUsize = std::sync::atomic::AtomicUsize::new(0);
    COUNT.fetch_add(1, std::sync::atomic::Ordering::Relaxed)
}
