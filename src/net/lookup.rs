//! Looking a name up on a thread of our own, so that a budget, a cancel and a signal hold however
//! long `getaddrinfo(3)` takes.
//!
//! Workers start when a look-up finds none idle, at most [`WORKERS_MAX`], run with all signals blocked,
//! and end when nothing has come for [`IDLE`]. A caller that has given up takes its look-up out of the
//! queue; one that is under way ends on its own, unseen.

use super::addr::{Address, Families};
use super::sys::event::Event;
use super::sys::poll::Interest;
use super::sys::process::PerProcess;
#[cfg(loom)]
use super::sys::sync::{Arc, Condvar, Mutex, MutexGuard};
use super::sys::{name, thread};
use super::wait::Waiter;
use crate::error::Error;
use std::collections::VecDeque;
use std::ffi::CString;
use std::os::fd::{AsFd, BorrowedFd};
use std::panic;
use std::sync::PoisonError;
#[cfg(not(loom))]
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::time::Duration;

/// What a look-up comes to.
pub type Answer = Result<Vec<Address>, Error>;

/// The addresses of a name, ports 0, in the order of the resolver.
pub fn look_up(host: &str, families: Families, waiter: &Waiter<'_>) -> Answer {
    waiter.check()?;
    let look_up = LookUp::begin(host, families)?;
    waiter.ready(look_up.as_fd(), Interest::Recv)?;
    look_up.answer().unwrap_or_else(|| Err(Error::state("the resolver gave no answer; try again")))
}

/// A look-up that is under way; its descriptor is readable once it is over.
pub struct LookUp(Arc<Job>);

impl LookUp {
    /// Asks for the addresses of a name.
    pub fn begin(host: &str, families: Families) -> Result<Self, Error> {
        let name = CString::new(host).map_err(|_| Error::argument("the host has a NUL in it"))?;
        let job = Arc::new(Job { name, families, done: Event::new()?, answer: Mutex::new(None) });
        POOL.value(Pool::default).submit(&job)?;
        Ok(Self(job))
    }

    /// The answer, once; nothing while there is none.
    pub fn answer(&self) -> Option<Answer> {
        lock(&self.0.answer).take()
    }
}

impl AsFd for LookUp {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.done.as_fd()
    }
}

impl Drop for LookUp {
    fn drop(&mut self) {
        POOL.value(Pool::default).withdraw(&self.0);
    }
}

/// One look-up.
struct Job {
    name: CString,
    families: Families,
    done: Event,
    answer: Mutex<Option<Answer>>,
}

impl Job {
    fn run(&self) {
        let answer =
            panic::catch_unwind(|| name::look_up(&self.name, self.families, ADDRESSES_MAX))
                .unwrap_or_else(|_| Err(Error::panic("in the resolver")));
        *lock(&self.answer) = Some(answer);
        self.done.raise();
    }
}

/// The workers and what they have to do.
#[derive(Default)]
struct Pool {
    state: Mutex<State>,
    work: Condvar,
}

#[derive(Default)]
struct State {
    jobs: VecDeque<Arc<Job>>,
    workers: usize,
    idle: usize,
}

impl Pool {
    fn submit(&'static self, job: &Arc<Job>) -> Result<(), Error> {
        let mut state = lock(&self.state);
        state.jobs.push_back(Arc::clone(job));
        if state.jobs.len() > state.idle && state.workers < WORKERS_MAX {
            match self.start() {
                Ok(()) => state.workers += 1,
                Err(error) if state.workers == 0 => {
                    state.jobs.pop_back();
                    return Err(error.into());
                }
                // The workers that there are will come to it.
                Err(_) => {}
            }
        }
        self.work.notify_one();
        Ok(())
    }

    fn start(&'static self) -> std::io::Result<()> {
        thread::start(STACK, || self.serve())
    }

    fn withdraw(&self, job: &Arc<Job>) {
        lock(&self.state).jobs.retain(|other| !Arc::ptr_eq(other, job));
    }

    fn serve(&self) {
        while let Some(job) = self.next() {
            job.run();
        }
    }

    /// The next job; nothing when the worker is to end.
    fn next(&self) -> Option<Arc<Job>> {
        let mut state = lock(&self.state);
        loop {
            if let Some(job) = state.jobs.pop_front() {
                return Some(job);
            }
            state.idle += 1;
            let (woken, waited) =
                self.work.wait_timeout(state, IDLE).unwrap_or_else(PoisonError::into_inner);
            state = woken;
            state.idle -= 1;
            if waited.timed_out() && state.jobs.is_empty() {
                state.workers -= 1;
                return None;
            }
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

static POOL: PerProcess<Pool> = PerProcess::empty();
const WORKERS_MAX: usize = 16;
const IDLE: Duration = Duration::from_secs(5);
/// What getaddrinfo and the modules of the name service switch need; only what is touched is used.
const STACK: usize = 1 << 20;
/// More addresses of one name than anybody tries.
pub const ADDRESSES_MAX: usize = 64;
