//! What ends the wait of a poller: its budget, a wake, a signal, a cancel.

use crate::handle::*;
use crate::poller::{BOTH, Poller};
use crate::process::{child, during, is_child, succeeds};
use bojagi::capi::poller::{bojagi_poller_set_flags, bojagi_poller_wake};
use bojagi::net::readiness::*;
use std::ptr::null_mut;
use std::sync::atomic::{AtomicPtr, Ordering};
use std::time::{Duration, Instant};

const WOKEN: [(u64, u32); 1] = [(0, BOJAGI_WOKEN)];

#[test]
fn wait_ends_with_its_budget_and_not_before() {
    let poller = Poller::new();
    assert_eq!(poller.wait(0), Err(BOJAGI_E_AGAIN));
    for budget in [1, 50] {
        let begun = Instant::now();
        assert_eq!(poller.wait(budget), Err(BOJAGI_E_TIMEOUT));
        assert!(begun.elapsed() >= Duration::from_millis(budget.cast_unsigned()));
        assert!(begun.elapsed() < Duration::from_secs(20));
    }
}

#[test]
fn wake_is_told_once_however_often_and_whenever_it_came() {
    let poller = Poller::new();
    for _ in 0..3 {
        poller.wake();
        poller.wake();
        assert_eq!(poller.wait(-1).unwrap(), WOKEN);
        assert_eq!(poller.wait(0), Err(BOJAGI_E_AGAIN));
    }
    assert_eq!(during(|| poller.code(-1), || poller.wake()), 1);
}

#[test]
fn wake_is_legal_in_a_signal_handler_and_keeps_errno() {
    static POLLER: AtomicPtr<bojagi::capi::poller::Poller> = AtomicPtr::new(null_mut());
    extern "C" fn handler(_: i32) {
        unsafe { bojagi_poller_wake(POLLER.load(Ordering::SeqCst)) };
    }
    let test = "wait::wake_is_legal_in_a_signal_handler_and_keeps_errno";
    if !is_child(test) {
        succeeds(child(test));
        return;
    }
    let poller = Poller::new();
    POLLER.store(poller.0, Ordering::SeqCst);
    crate::signal::install(libc::SIGUSR1, handler as *const () as usize, 0);
    let process = unsafe { libc::getpid() };
    let signal = || assert_eq!(unsafe { libc::kill(process, libc::SIGUSR1) }, 0);
    assert_eq!(during(|| poller.code(-1), signal), 1);
    let errno = unsafe { libc::__errno_location() };
    unsafe { *errno = 4711 };
    poller.wake();
    assert_eq!(unsafe { *errno }, 4711);
}

#[test]
fn signal_ends_a_wait_only_of_an_interruptible_poller() {
    extern "C" fn ignore(_: i32) {}
    let test = "wait::signal_ends_a_wait_only_of_an_interruptible_poller";
    if !is_child(test) {
        succeeds(child(test));
        return;
    }
    crate::signal::install(libc::SIGUSR2, ignore as *const () as usize, libc::SA_RESTART);
    let set = |poller: &Poller, flags| unsafe { bojagi_poller_set_flags(poller.0, flags) };
    let poller = Poller::new();
    assert_eq!([set(&poller, 2), set(&poller, 1)], [BOJAGI_E_ARG, 0]);
    for (flags, timeout_ms, expected) in [
        (1, -1, BOJAGI_E_INTERRUPTED),
        (1, 60_000, BOJAGI_E_INTERRUPTED),
        (0, 100, BOJAGI_E_TIMEOUT),
    ] {
        assert_eq!(set(&poller, flags), 0);
        let begun = Instant::now();
        let code = std::thread::scope(|scope| {
            let (send, recv) = std::sync::mpsc::channel();
            let poller = &poller;
            let call = scope.spawn(move || {
                send.send(crate::process::thread_id()).unwrap();
                poller.code(timeout_ms)
            });
            let thread = recv.recv().unwrap();
            crate::process::until_asleep(thread);
            let process = unsafe { libc::getpid() };
            let sent = unsafe { libc::syscall(libc::SYS_tgkill, process, thread, libc::SIGUSR2) };
            assert_eq!(sent, 0);
            call.join().unwrap()
        });
        assert_eq!(code, expected);
        assert!(flags == 1 || begun.elapsed() >= Duration::from_millis(100));
    }
}

#[test]
fn cancel_ends_waits_until_it_is_reset_and_loses_nothing() {
    let cancel = Cancel::new();
    let poller = Poller::new();
    let (client, server) = tcp_pair(PLAIN);
    assert_eq!(poller.add(server.fd(), BOJAGI_READABLE, 1), 0);
    assert_eq!([poller.set_cancel(Some(&cancel)), poller.set_cancel(Some(&cancel))], [0, 0]);
    assert_eq!(poller.wait(0), Err(BOJAGI_E_AGAIN));
    for timeout_ms in [-1, 60_000] {
        assert_eq!(during(|| poller.code(timeout_ms), || cancel.fire()), BOJAGI_E_CANCELLED);
        assert_eq!(client.send(b"x", 1000), 1);
        for timeout_ms in [-1, 0, 1000] {
            assert_eq!(poller.wait(timeout_ms), Err(BOJAGI_E_CANCELLED));
        }
        cancel.reset();
        assert_eq!(poller.wait(1000), Ok(vec![(1, BOJAGI_READABLE)]));
        assert_eq!(poller.wait(0), Err(BOJAGI_E_AGAIN));
    }
    cancel.fire();
    assert_eq!(poller.set_cancel(None), 0);
    assert_eq!(poller.wait(0), Err(BOJAGI_E_AGAIN));
    assert_eq!(poller.set_cancel(Some(&cancel)), 0);
    assert_eq!(poller.wait(-1), Err(BOJAGI_E_CANCELLED));
    let other = Cancel::new();
    assert_eq!(poller.set_cancel(Some(&other)), 0);
    assert_eq!(poller.wait(0), Err(BOJAGI_E_AGAIN));
    drop((cancel, other));
    assert_eq!(poller.wait(1), Err(BOJAGI_E_TIMEOUT));
}

#[test]
fn one_cancel_ends_many_pollers() {
    let cancel = Cancel::new();
    let pollers = [Poller::new(), Poller::new()];
    assert!(pollers.iter().all(|poller| poller.set_cancel(Some(&cancel)) == 0));
    for _ in 0..2 {
        let wait = || pollers[0].code(-1).min(pollers[1].code(-1));
        assert_eq!(during(wait, || cancel.fire()), BOJAGI_E_CANCELLED);
        cancel.reset();
    }
}

#[test]
fn second_thread_is_refused_and_may_wake() {
    let poller = Poller::new();
    let (client, _server) = tcp_pair(PLAIN);
    let meanwhile = || {
        assert_eq!(poller.add(client.fd(), BOTH, 0), BOJAGI_E_STATE);
        assert_eq!(poller.wait(0), Err(BOJAGI_E_STATE));
        assert_eq!(poller.set_cancel(None), BOJAGI_E_STATE);
        poller.wake();
    };
    assert_eq!(during(|| poller.code(-1), meanwhile), 1);
    assert_eq!(poller.add(client.fd(), BOTH, 0), 0);
}
