//! The hand-shake of a cancel, the wait that it ends, and the pool of the resolver, in every order in which
//! threads may run: `src/cancel.rs`, `src/net/wait.rs` and `src/net/lookup.rs` themselves, on a model of the
//! system.
//! `tests/loom.sh` runs it; without `--cfg loom` there is nothing here.
#![cfg(loom)]
#![allow(dead_code, reason = "what is under test is more than these tests call")]

#[path = "../src/cancel.rs"]
#[allow(missing_docs)]
mod cancel;

#[path = "loom/net.rs"]
mod net;

use bojagi::{deadline, error};
use cancel::Cancel;
use deadline::Deadline;
use error::Cause;
use loom::sync::Arc;
use loom::thread;
use net::addr::Families;
use net::sys::event::Event;
use net::sys::poll::{Interest, poll};
use net::wait::Waiter;
use std::os::fd::AsFd;

/// Runs `body` in every order of its threads in which the system takes a processor away from one that
/// could go on at most `preemptions` times: loom's manual finds two or three enough, and every order of all
/// would take days.
fn in_every_order(preemptions: usize, body: impl Fn() + Sync + Send + 'static) {
    let mut model = loom::model::Builder::new();
    model.preemption_bound = Some(preemptions);
    model.check(body);
}

/// Waits for data, until the cancel is fired. Whether the data came.
fn wait(cancel: &Cancel, data: &Event) -> bool {
    let waiter = Waiter { deadline: Deadline::Never, cancel: Some(cancel), interruptible: false };
    match waiter.ready(data.as_fd(), Interest::Recv) {
        Ok(()) => true,
        Err(error) => {
            assert_eq!(*error.cause(), Cause::Cancelled);
            false
        }
    }
}

fn readable(cancel: &Cancel) -> bool {
    let [ready] = poll([(cancel.as_fd(), Interest::Recv)], 0).unwrap();
    ready
}

fn made() -> (Arc<Cancel>, Arc<Event>) {
    (Arc::new(Cancel::new().unwrap()), Arc::new(Event::new().unwrap()))
}

/// A thread that waits until the cancel ends it.
fn waiting(cancel: &Arc<Cancel>, data: &Arc<Event>) -> thread::JoinHandle<bool> {
    let (cancel, data) = (Arc::clone(cancel), Arc::clone(data));
    thread::spawn(move || wait(&cancel, &data))
}

#[test]
fn a_fire_ends_waits_that_began_before_or_begin_after() {
    in_every_order(3, || {
        let (cancel, data) = made();
        let early = waiting(&cancel, &data);
        cancel.fire();
        assert!(!wait(&cancel, &data));
        assert!(!early.join().unwrap());
        assert!(cancel.fired() && readable(&cancel));
    });
}

#[test]
fn a_fire_after_a_race_of_fire_and_reset_ends_the_wait() {
    in_every_order(3, || {
        let (cancel, data) = made();
        let waits = waiting(&cancel, &data);
        let resets = {
            let cancel = Arc::clone(&cancel);
            thread::spawn(move || cancel.reset())
        };
        cancel.fire();
        resets.join().unwrap();
        if !cancel.fired() {
            cancel.fire();
        }
        assert!(!waits.join().unwrap());
    });
}

#[test]
fn no_order_of_fire_and_reset_leaves_a_fire_unseen() {
    in_every_order(3, || {
        let (cancel, _) = made();
        let other = {
            let cancel = Arc::clone(&cancel);
            thread::spawn(move || {
                cancel.fire();
                cancel.reset();
            })
        };
        cancel.reset();
        cancel.fire();
        other.join().unwrap();
        assert!(readable(&cancel) || !cancel.fired(), "fired, and nobody would wake");
        // Readable and not fired is what the next wait puts right, at its first look.
        cancel.settle();
        assert_eq!(readable(&cancel), cancel.fired());
    });
}

#[test]
fn waits_that_settle_take_no_wake_up_from_each_other() {
    in_every_order(3, || {
        let (cancel, data) = made();
        // What a reset leaves behind that has overtaken a fire between its two steps.
        net::sys::raise(cancel.as_fd());
        assert!(readable(&cancel) && !cancel.fired());
        let one = waiting(&cancel, &data);
        let other = waiting(&cancel, &data);
        cancel.fire();
        assert!(!one.join().unwrap());
        assert!(!other.join().unwrap());
    });
}

#[test]
fn data_is_seen_in_spite_of_a_stale_wake_up() {
    in_every_order(3, || {
        let (cancel, data) = made();
        net::sys::raise(cancel.as_fd());
        let waits = waiting(&cancel, &data);
        data.raise();
        assert!(waits.join().unwrap());
        cancel.settle();
        assert!(!readable(&cancel));
    });
}

#[test]
fn a_fire_and_data_at_once_end_the_wait_with_either_and_keep_both() {
    in_every_order(3, || {
        let (cancel, data) = made();
        let waits = waiting(&cancel, &data);
        let fires = {
            let cancel = Arc::clone(&cancel);
            thread::spawn(move || cancel.fire())
        };
        data.raise();
        fires.join().unwrap();
        waits.join().unwrap();
        assert!(!wait(&cancel, &data));
        cancel.reset();
        assert!(wait(&cancel, &data), "the data is still there");
    });
}

/// Looks a name up, as the resolver does. Whether it has an answer, and not the cancel's.
fn look_up(cancel: Option<&Cancel>) -> bool {
    let waiter = Waiter { deadline: Deadline::Never, cancel, interruptible: false };
    match net::lookup::look_up("host", Families::Both, &waiter) {
        Ok(found) => {
            assert_eq!(found.len(), 1);
            true
        }
        Err(error) => {
            assert_eq!(*error.cause(), Cause::Cancelled);
            false
        }
    }
}

#[test]
fn every_look_up_is_answered_whenever_a_worker_ends() {
    in_every_order(2, || {
        net::sys::process::begin();
        let other = thread::spawn(|| assert!(look_up(None)));
        assert!(look_up(None));
        other.join().unwrap();
    });
}

#[test]
fn a_look_up_that_is_given_up_leaves_nothing_in_the_queue() {
    in_every_order(1, || {
        net::sys::process::begin();
        let (cancel, _) = made();
        let other = {
            let cancel = Arc::clone(&cancel);
            thread::spawn(move || look_up(Some(&cancel)))
        };
        cancel.fire();
        // What is still in the queue at the end loom finds as a job that leaks.
        other.join().unwrap();
    });
}

#[test]
fn a_fire_ends_the_wait_for_any_of_many() {
    in_every_order(3, || {
        let (cancel, data) = made();
        net::sys::raise(cancel.as_fd());
        let waits = {
            let (cancel, data) = (Arc::clone(&cancel), Arc::clone(&data));
            thread::spawn(move || {
                let waiter = Waiter {
                    deadline: Deadline::Never,
                    cancel: Some(&cancel),
                    interruptible: false,
                };
                waiter.any(&[data.as_fd(), data.as_fd()], None).err()
            })
        };
        cancel.fire();
        assert_eq!(*waits.join().unwrap().unwrap().cause(), Cause::Cancelled);
    });
}
