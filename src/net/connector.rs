//! Connecting for a loop that waits by itself: one descriptor to watch, one call to make when it is
//! readable.

use super::addr::{Address, Families};
use super::connect;
use super::lookup::{Answer, LookUp};
use super::option::id::BOJAGI_KIND_TCP;
use super::option::value::check;
use super::plan::Plan;
use super::race::{Outcome, Race, Won, interleaved};
use super::resolve::{Host, Names, wanted};
use super::socket::{Socket, poisoned};
use super::sys::poll::{Interest, poll_list};
use super::sys::watch::Watch;
use crate::deadline::{Deadline, Timeout};
use crate::error::{Error, Stage};
use std::os::fd::{AsFd, AsRawFd, RawFd};
use std::sync::{Arc, Mutex, MutexGuard, TryLockError};
use std::time::{Duration, Instant};

/// A connect that is under way.
pub struct Connector {
    watch: Arc<Watch>,
    state: Mutex<State>,
}

struct State {
    host: Host,
    port: u16,
    plan: Plan,
    families: Families,
    look_up: Option<LookUp>,
    race: Race,
    end: Option<End>,
}

/// What it has come to.
enum End {
    Connected(Box<Socket>),
    Given,
    Failed(Error),
}

impl Connector {
    /// Begins. What the network, or the resolver hook, refuses is told by `next`.
    pub fn new(host: Host, port: u16, names: &Names, plan: Plan) -> Result<Self, Error> {
        check(&plan.options.values, BOJAGI_KIND_TCP)?;
        let watch = Arc::new(Watch::new()?);
        if let Some(cancel) = &plan.options.cancel {
            watch.add(cancel.as_fd(), Interest::Recv)?;
        }
        let (families, look_up, race) = (names.families, None, Race::default());
        let mut state = State { host, port, plan, families, look_up, race, end: None };
        if let Err(error) = state.resolve(names, &watch) {
            state.fail(error.at(Stage::Resolve));
        }
        state.step(&watch)?;
        Ok(Self { watch, state: Mutex::new(state) })
    }

    /// Goes on, and waits for the connection within a budget.
    pub fn next(&self, timeout: Timeout) -> Result<Socket, Error> {
        let mut state = self.lock()?;
        let options = state.plan.options.of_wait();
        let waiter = options.waiter(timeout.deadline());
        waiter.check().map_err(|error| state.about(error))?;
        loop {
            state.step(&self.watch).map_err(|error| state.about(error))?;
            if let Some(end) = state.take_end() {
                if end.is_ok() {
                    // An alarm that stays on wakes the caller once too often, and loses nothing.
                    let _ = self.watch.set_alarm(None);
                }
                return end;
            }
            let ready = waiter.ready(self.watch.as_fd(), Interest::Recv);
            ready.map_err(|error| state.about(error))?;
        }
    }

    /// How many attempts have begun so far.
    pub fn attempts(&self) -> Result<usize, Error> {
        Ok(self.lock()?.race.tried().len())
    }

    /// Calls `body` with what has become of an attempt, if it has begun.
    pub fn attempt<T>(
        &self,
        index: usize,
        body: impl FnOnce(&Address, &Outcome) -> T,
    ) -> Result<Option<T>, Error> {
        let state = self.lock()?;
        let tried = state.race.tried().nth(index);
        Ok(tried.map(|(address, outcome)| body(address, outcome)))
    }

    /// The descriptor, which stays ours.
    pub fn fd(&self) -> Result<RawFd, Error> {
        if self.state.is_poisoned() {
            return Err(poisoned());
        }
        Ok(self.watch.as_fd().as_raw_fd())
    }

    fn lock(&self) -> Result<MutexGuard<'_, State>, Error> {
        self.state.try_lock().map_err(|error| match error {
            TryLockError::WouldBlock => Error::state(BUSY),
            TryLockError::Poisoned(_) => poisoned(),
        })
    }
}

impl State {
    /// Finds the addresses, or has them looked up.
    fn resolve(&mut self, names: &Names, watch: &Arc<Watch>) -> Result<(), Error> {
        if let Some(addresses) = names.known(&self.host, self.port, Deadline::Never)? {
            return self.found(Ok(addresses), watch);
        }
        let look_up = LookUp::begin(self.host.text(), self.families)?;
        watch.add(look_up.as_fd(), Interest::Recv)?;
        self.look_up = Some(look_up);
        Ok(())
    }

    fn found(&mut self, found: Answer, watch: &Arc<Watch>) -> Result<(), Error> {
        let addresses = interleaved(found?);
        let delay = self.plan.delay(addresses.len(), Deadline::Never);
        self.race = Race::new(addresses, delay, Some(Arc::clone(watch)));
        Ok(())
    }

    /// Does what can be done without waiting, and lets the watch tell when there is more to do.
    fn step(&mut self, watch: &Arc<Watch>) -> Result<(), Error> {
        self.answered(watch);
        if self.end.is_none() && self.look_up.is_none() {
            self.run()?;
        }
        let alarm = match self.end {
            None => self.race.due().map(|due| due.saturating_duration_since(Instant::now())),
            Some(End::Given) => None,
            Some(_) => Some(Duration::ZERO),
        };
        Ok(watch.set_alarm(alarm)?)
    }

    /// Takes the answer of the look-up once there is one.
    fn answered(&mut self, watch: &Arc<Watch>) {
        let Some(look_up) = &self.look_up else { return };
        let Some(answer) = look_up.answer() else { return };
        watch.remove(look_up.as_fd());
        self.look_up = None;
        let found = answer.and_then(|found| wanted(self.families, found, self.port));
        if let Err(error) = self.found(found, watch) {
            self.fail(error.at(Stage::Resolve));
        }
    }

    /// Judges the attempts that have ended, and begins those that are due.
    fn run(&mut self) -> Result<(), Error> {
        let descriptors = self.race.descriptors().into_iter();
        let running: Vec<_> = descriptors.map(|fd| (fd, Interest::Send)).collect();
        let ready = loop {
            match poll_list(&running, 0) {
                // A signal: nothing has been looked at, and nobody would wake the caller for it.
                Err(error) if error.raw_os_error() == Some(libc::EINTR) => {}
                ready => break ready?,
            }
        };
        let won = self.race.judge(&ready).or_else(|| self.race.begin(&self.plan));
        match won.map(|won| self.socket(won)) {
            Some(Ok(socket)) => self.end = Some(End::Connected(Box::new(socket))),
            Some(Err(error)) => self.fail(error),
            None if self.race.is_lost() => self.fail(self.race.failure(None)),
            None => {}
        }
        Ok(())
    }

    fn socket(&self, (system, peer): Won) -> Result<Socket, Error> {
        system.set_nonblocking(false)?;
        Ok(connect::stream(system, peer, &self.plan.options))
    }

    /// What it has come to, the socket only once.
    fn take_end(&mut self) -> Option<Result<Socket, Error>> {
        let (left, end) = match self.end.take()? {
            End::Connected(socket) => (End::Given, Ok(*socket)),
            End::Given => (End::Given, Err(Error::state(GIVEN))),
            End::Failed(error) => (End::Failed(error.clone()), Err(error)),
        };
        self.end = Some(left);
        Some(end)
    }

    fn fail(&mut self, error: Error) {
        let error = error.about(self.host.subject(self.port));
        self.end = Some(End::Failed(error));
    }

    /// A failure to wait, which ends nothing.
    fn about(&self, error: Error) -> Error {
        let stage = if self.look_up.is_some() { Stage::Resolve } else { Stage::Connect };
        error.at(stage).about(self.host.subject(self.port))
    }
}

const GIVEN: &str = "the connector has given its socket away; free it";
const BUSY: &str = "another thread is in this connector; use it from one at a time";
