//! Happy Eyeballs, version 2 (RFC 8305): connects to the addresses of a host side by side, each a moment
//! after the one before it, and the first that answers wins.
//!
//! A [`Race`] waits for nothing. Whoever drives it begins what is due, waits for the descriptors of the
//! attempts that are under way, and lets it judge those that are ready. `connect.rs` does so with
//! `poll(2)`, `connector.rs` for the loop of a caller.

use super::addr::{Address, Family};
use super::plan::Plan;
use super::sys::poll::Interest;
use super::sys::watch::Watch;
use crate::error::{Attempt, Cause, Error, Stage};
use socket2::Socket;
use std::mem;
use std::os::fd::{AsFd, BorrowedFd};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Attempts at the addresses of one host.
#[derive(Debug, Default)]
pub struct Race {
    addresses: Vec<Address>,
    /// Of those addresses that were tried so far.
    outcomes: Vec<Outcome>,
    running: Vec<Running>,
    delay: Duration,
    /// When the next attempt begins; nothing: at once.
    due: Option<Instant>,
    /// Why the last attempt failed that was really made.
    verdict: Option<Cause>,
    watch: Option<Arc<Watch>>,
}

/// What has become of an attempt.
#[derive(Debug)]
pub enum Outcome {
    /// It is under way.
    Running,
    /// It is the connection.
    Connected,
    /// Another was faster.
    Beaten,
    /// It will not do.
    Failed(Cause),
}

/// The socket that won, still non-blocking, and whom it is connected to.
pub type Won = (Socket, Address);

#[derive(Debug)]
struct Running {
    /// Its place among those that were tried.
    index: usize,
    socket: Socket,
}

impl Race {
    /// A race whose attempts begin `delay` after one another. `watch` is told of their descriptors.
    pub fn new(addresses: Vec<Address>, delay: Duration, watch: Option<Arc<Watch>>) -> Self {
        Self { addresses, delay, watch, ..Self::default() }
    }

    /// Begins the attempts that are due. One that has failed makes way for the next at once.
    pub fn begin(&mut self, plan: &Plan) -> Option<Won> {
        while self.due.is_none_or(|due| Instant::now() >= due)
            && let Some(address) = self.addresses.get(self.outcomes.len())
        {
            let address = address.clone();
            if self.running.len() >= RUNNING_MAX {
                let oldest = self.running.remove(0);
                self.fail(oldest, Cause::Timeout);
            }
            if let Some(won) = self.attempt(plan, address) {
                return Some(won);
            }
        }
        None
    }

    /// Looks at the attempts that are under way, of which `ready` tells in the order of `descriptors`
    /// which have ended.
    pub fn judge(&mut self, ready: &[bool]) -> Option<Won> {
        let mut won = None;
        for (attempt, &ready) in mem::take(&mut self.running).into_iter().zip(ready) {
            if !ready || won.is_some() {
                self.running.push(attempt);
                continue;
            }
            match attempt.socket.take_error() {
                Ok(None) => won = Some(attempt),
                Ok(Some(error)) | Err(error) => self.fail(attempt, error.into()),
            }
        }
        won.and_then(|attempt| self.win(attempt))
    }

    /// The attempts that are under way.
    pub fn descriptors(&self) -> Vec<BorrowedFd<'_>> {
        self.running.iter().map(|attempt| attempt.socket.as_fd()).collect()
    }

    /// When the next attempt is to begin, if there is one.
    pub fn due(&self) -> Option<Instant> {
        if self.has_begun_all() { None } else { self.due }
    }

    /// Whether no attempt is left.
    pub fn is_lost(&self) -> bool {
        self.running.is_empty() && self.has_begun_all()
    }

    /// The attempts so far, in the order in which they began.
    pub fn tried(&self) -> impl ExactSizeIterator<Item = (&Address, &Outcome)> {
        self.addresses.iter().zip(&self.outcomes)
    }

    /// The failure of all attempts. `end` is why no more is waited for, and becomes the cause of those
    /// that are under way.
    pub fn failure(&self, end: Option<Cause>) -> Error {
        let verdict = end.or_else(|| self.verdict.clone()).unwrap_or(Cause::Timeout);
        let attempt = |(address, outcome): (&Address, &Outcome)| {
            let cause = if let Outcome::Failed(cause) = outcome { cause } else { &verdict };
            Attempt { address: address.clone(), cause: cause.clone() }
        };
        let attempts = self.tried().map(attempt).collect();
        Error::new(Stage::Connect, verdict).after(attempts)
    }

    fn attempt(&mut self, plan: &Plan, address: Address) -> Option<Won> {
        let index = self.outcomes.len();
        let suits = plan.suits(&address);
        let begun = self.connect(plan, &address);
        self.outcomes.push(Outcome::Running);
        match begun {
            Ok((socket, true)) => return self.win(Running { index, socket }),
            Ok((socket, false)) => {
                self.running.push(Running { index, socket });
                self.due = Instant::now().checked_add(self.delay);
            }
            Err(error) => {
                let cause = error.into_cause();
                let made = suits && !matches!(cause, Cause::Option(..));
                self.note(index, cause, made);
            }
        }
        None
    }

    /// A socket that connects, and whether it has done so already.
    fn connect(&self, plan: &Plan, address: &Address) -> Result<(Socket, bool), Error> {
        let socket = plan.stream(address, true)?;
        let connected = match address.system().map(|name| socket.connect(name)) {
            Some(Err(error)) => match error.raw_os_error() {
                // Interrupted, the connect goes on by itself (connect(2)).
                Some(libc::EINTR | libc::EINPROGRESS) => false,
                _ => return Err(error.into()),
            },
            _ => true,
        };
        if let Some(watch) = &self.watch {
            watch.add(socket.as_fd(), Interest::Send)?;
        }
        Ok((socket, connected))
    }

    fn win(&mut self, attempt: Running) -> Option<Won> {
        self.forget(&attempt);
        for loser in mem::take(&mut self.running) {
            self.forget(&loser);
            self.set(loser.index, Outcome::Beaten);
        }
        self.set(attempt.index, Outcome::Connected);
        Some((attempt.socket, self.addresses.get(attempt.index)?.clone()))
    }

    fn fail(&mut self, attempt: Running, cause: Cause) {
        self.forget(&attempt);
        self.note(attempt.index, cause, true);
    }

    /// Keeps why an attempt failed. What was not `made` at all is the verdict only if all were not.
    fn note(&mut self, index: usize, cause: Cause, made: bool) {
        if made || self.verdict.is_none() {
            self.verdict = Some(cause.clone());
        }
        if index + 1 == self.outcomes.len() {
            self.due = None;
        }
        self.set(index, Outcome::Failed(cause));
    }

    fn set(&mut self, index: usize, outcome: Outcome) {
        if let Some(of_attempt) = self.outcomes.get_mut(index) {
            *of_attempt = outcome;
        }
    }

    fn has_begun_all(&self) -> bool {
        self.outcomes.len() == self.addresses.len()
    }

    fn forget(&self, attempt: &Running) {
        if let Some(watch) = &self.watch {
            watch.remove(attempt.socket.as_fd());
        }
    }
}

/// The order in which addresses are tried (RFC 8305 §4): the family of the first, then the other, in
/// turns; each family in the order that it came in, and nothing twice.
pub fn interleaved(addresses: Vec<Address>) -> Vec<Address> {
    let mut rest = distinct(addresses);
    let mut order = Vec::with_capacity(rest.len());
    let mut turn = rest.first().map_or(Family::None, Address::family);
    while !rest.is_empty() {
        let at = rest.iter().position(|address| address.family() == turn).unwrap_or(0);
        let next = rest.remove(at);
        turn = if next.family() == Family::Ipv6 { Family::Ipv4 } else { Family::Ipv6 };
        order.push(next);
    }
    order
}

/// The addresses in their order, nothing twice.
pub fn distinct(addresses: Vec<Address>) -> Vec<Address> {
    let mut distinct = Vec::new();
    for address in addresses {
        if !distinct.contains(&address) {
            distinct.push(address);
        }
    }
    distinct
}

/// Attempts that are under way at once. One more takes the place of the oldest, which has had its time.
const RUNNING_MAX: usize = 16;

#[cfg(test)]
mod tests {
    use super::*;

    fn order(texts: &[&str]) -> Vec<String> {
        let addresses = texts.iter().map(|text| Address::numeric(text, 1).unwrap()).collect();
        interleaved(addresses).iter().map(|a| String::from_utf8(a.host()).unwrap()).collect()
    }

    #[test]
    fn families_take_turns_and_nothing_is_tried_twice() {
        assert_eq!(order(&[]), [""; 0]);
        assert_eq!(order(&["1.1.1.1", "1.1.1.2"]), ["1.1.1.1", "1.1.1.2"]);
        assert_eq!(
            order(&["::1", "::2", "::3", "1.1.1.1", "::1", "1.1.1.2"]),
            ["::1", "1.1.1.1", "::2", "1.1.1.2", "::3"]
        );
        assert_eq!(
            order(&["1.1.1.1", "::1", "::2", "::3", "1.1.1.1"]),
            ["1.1.1.1", "::1", "::2", "::3"]
        );
    }
}
