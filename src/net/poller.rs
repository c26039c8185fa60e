//! Waiting for many descriptors at once, on epoll or what the system has in its place, by way of mio.
//!
//! Each change of readiness is told once. `docs/adr/0012` says why, and what a host has to do for it.

use super::readiness::*;
use super::socket::poisoned;
use super::sys::flag;
use crate::cancel::Cancel;
use crate::deadline::{Deadline, Timeout};
use crate::error::{Cause, Error, Stage};
use mio::unix::SourceFd;
use mio::{Events, Interest, Poll, Registry, Token, Waker};
use std::io;
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, AsRawFd, RawFd};
use std::sync::{Arc, Mutex, MutexGuard, TryLockError};
use std::time::Duration;

/// Many descriptors, waited for at once. One thread at a time uses it; any may wake it.
#[derive(Debug)]
pub struct Poller {
    waker: Waker,
    fd: RawFd,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    poll: Poll,
    /// What the system said last.
    events: Events,
    /// One for each descriptor, by its number.
    entries: Vec<Entry>,
    cancel: Option<Arc<Cancel>>,
    interruptible: bool,
}

/// What a descriptor was added with; `wanted` is 0 where none was.
#[derive(Clone, Copy, Debug, Default)]
struct Entry {
    token: u64,
    wanted: u32,
}

/// How mio takes a descriptor, new or known.
type Register = fn(&Registry, &mut SourceFd<'_>, Token, Interest) -> io::Result<()>;

impl Poller {
    /// A poller without descriptors.
    pub fn new() -> io::Result<Self> {
        let poll = Poll::new()?;
        let waker = Waker::new(poll.registry(), WAKER)?;
        let (fd, events) = (poll.as_raw_fd(), Events::with_capacity(1));
        let state = State { poll, events, entries: Vec::new(), cancel: None, interruptible: false };
        Ok(Self { waker, fd, state: Mutex::new(state) })
    }

    /// Adds a descriptor, which is told about from now on, and at once if it is ready.
    pub fn add(&self, fd: i64, wanted: u32, token: u64) -> Result<(), Error> {
        self.with(|state| {
            state.register(fd, Entry { token, wanted }, |r, fd, t, i| r.register(fd, t, i))
        })
    }

    /// Changes what a descriptor is waited for and its token. If it is ready, that is told anew.
    pub fn change(&self, fd: i64, wanted: u32, token: u64) -> Result<(), Error> {
        self.with(|state| {
            state.register(fd, Entry { token, wanted }, |r, fd, t, i| r.reregister(fd, t, i))
        })
    }

    /// Removes a descriptor, which is not told about any more.
    pub fn remove(&self, fd: i64) -> Result<(), Error> {
        self.with(|state| {
            let fd = descriptor(fd)?;
            if let Some(entry) = usize::try_from(fd).ok().and_then(|fd| state.entries.get_mut(fd)) {
                *entry = Entry::default();
            }
            state.poll.registry().deregister(&mut SourceFd(&fd)).map_err(|e| refused(&e))
        })
    }

    /// Waits until there is something to tell, writes it to the front of `out` and says how much.
    pub fn wait(&self, timeout: Timeout, out: &mut [MaybeUninit<Event>]) -> Result<usize, Error> {
        let deadline = timeout.deadline();
        self.with(|state| state.wait(deadline, out))
    }

    /// Makes the wait of now, or the next one, tell it. Async-signal-safe, and `errno` is as before.
    pub fn wake(&self) -> io::Result<()> {
        let kept = flag::errno();
        let woken = self.waker.wake();
        flag::set_errno(kept);
        woken
    }

    /// Attaches a cancel, or detaches it.
    pub fn set_cancel(&self, cancel: Option<Arc<Cancel>>) -> Result<(), Error> {
        self.with(|state| Ok(state.set_cancel(cancel)?))
    }

    /// Says whether a signal ends a wait.
    pub fn set_interruptible(&self, interruptible: bool) -> Result<(), Error> {
        self.with(|state| {
            state.interruptible = interruptible;
            Ok(())
        })
    }

    /// The descriptor of the poller, which is readable while there is something to tell.
    pub fn fd(&self) -> RawFd {
        self.fd
    }

    fn with<T>(&self, call: impl FnOnce(&mut State) -> Result<T, Error>) -> Result<T, Error> {
        self.lock().and_then(|mut state| call(&mut state)).map_err(|error| error.at(Stage::Socket))
    }

    fn lock(&self) -> Result<MutexGuard<'_, State>, Error> {
        self.state.try_lock().map_err(|error| match error {
            TryLockError::WouldBlock => {
                let busy = "another thread is in the poller; wake it, and use one thread at a time";
                Error::state(busy)
            }
            TryLockError::Poisoned(_) => poisoned(),
        })
    }
}

impl State {
    fn wait(&mut self, deadline: Deadline, out: &mut [MaybeUninit<Event>]) -> Result<usize, Error> {
        loop {
            if self.cancel.as_ref().is_some_and(|cancel| cancel.fired()) {
                return Err(Cause::Cancelled.into());
            }
            self.ask(deadline, out.len())?;
            match self.tell(out) {
                0 if self.events.is_empty() && deadline.passed() => return Err(deadline.error()),
                0 => {}
                count => return Ok(count),
            }
        }
    }

    /// Asks the system, for no more than there is room for: what stays with it shows on our descriptor.
    fn ask(&mut self, deadline: Deadline, room: usize) -> Result<(), Error> {
        let room = room.clamp(1, EVENTS_MAX);
        if self.events.capacity() != room {
            self.events = Events::with_capacity(room);
        }
        let left = deadline.left().map(|left| left.min(LONGEST));
        match self.poll.poll(&mut self.events, left) {
            Err(error) if error.kind() != io::ErrorKind::Interrupted => Err(error.into()),
            Err(_) if self.interruptible => Err(Error::interrupted()),
            _ => Ok(()),
        }
    }

    /// Writes what the system said to the front of `out`, and says how much.
    fn tell(&self, out: &mut [MaybeUninit<Event>]) -> usize {
        let events = self.events.iter().filter_map(|event| self.translate(event));
        let told = out.iter_mut().zip(events).map(|(room, event)| *room = MaybeUninit::new(event));
        told.count()
    }

    /// The event in the words of the ABI; none if it is the cancel's, or of a descriptor that was closed
    /// and not removed.
    fn translate(&self, event: &mio::event::Event) -> Option<Event> {
        let Token(key) = event.token();
        if event.token() == WAKER {
            return Some(Event { events: BOJAGI_WOKEN, ..Event::default() });
        }
        if event.token() == CANCEL {
            self.cancel.as_ref()?.settle();
            return None;
        }
        let Entry { token, wanted } = *self.entries.get(key)?;
        let (ended, failed) = (event.is_read_closed(), event.is_error());
        let readable = event.is_readable() || ended || failed;
        let writable = event.is_writable() || event.is_write_closed() || failed;
        let ready = bit(readable, BOJAGI_READABLE) | bit(writable, BOJAGI_WRITABLE);
        let events = (ready & wanted) | bit(ended, BOJAGI_ENDED) | bit(failed, BOJAGI_FAILED);
        (ready & wanted != 0).then_some(Event { token, events, reserved: 0 })
    }

    fn register(&mut self, fd: i64, entry: Entry, register: Register) -> Result<(), Error> {
        let (fd, interest) = (descriptor(fd)?, interest(entry.wanted)?);
        register(self.poll.registry(), &mut SourceFd(&fd), key(fd), interest)
            .map_err(|error| refused(&error))?;
        let Token(key) = key(fd);
        if key >= self.entries.len() {
            self.entries.resize(key + 1, Entry::default());
        }
        if let Some(place) = self.entries.get_mut(key) {
            *place = entry;
        }
        Ok(())
    }

    fn set_cancel(&mut self, cancel: Option<Arc<Cancel>>) -> io::Result<()> {
        let number = |cancel: &Arc<Cancel>| cancel.as_fd().as_raw_fd();
        let [old, new] = [&self.cancel, &cancel].map(|cancel| cancel.as_ref().map(number));
        if old == new {
            return Ok(());
        }
        let registry = self.poll.registry();
        if let Some(fd) = new {
            registry.register(&mut SourceFd(&fd), CANCEL, Interest::READABLE)?;
        }
        if let Some(fd) = old {
            registry.deregister(&mut SourceFd(&fd))?;
        }
        self.cancel = cancel;
        Ok(())
    }
}

fn bit(is_set: bool, bit: u32) -> u32 {
    if is_set { bit } else { 0 }
}

fn descriptor(fd: i64) -> Result<RawFd, Error> {
    let number = RawFd::try_from(fd).ok().filter(|&number| number >= 0);
    number.ok_or_else(|| Error::argument("fd is no descriptor; pass that of an open socket"))
}

/// What the system knows a descriptor by.
fn key(fd: RawFd) -> Token {
    // A descriptor is never negative.
    Token(usize::try_from(fd).unwrap_or(usize::MAX - 2))
}

fn interest(wanted: u32) -> Result<Interest, Error> {
    match wanted {
        BOJAGI_READABLE => Ok(Interest::READABLE),
        BOJAGI_WRITABLE => Ok(Interest::WRITABLE),
        both if both == BOJAGI_READABLE | BOJAGI_WRITABLE => {
            Ok(Interest::READABLE | Interest::WRITABLE)
        }
        _ => Err(Error::argument("pass BOJAGI_READABLE, BOJAGI_WRITABLE or both")),
    }
}

/// What the errors of epoll_ctl(2) and kevent(2) mean.
fn refused(error: &io::Error) -> Error {
    let cause = match error.raw_os_error() {
        Some(libc::EEXIST) => Cause::State("the descriptor is in the poller; change it instead"),
        Some(libc::ENOENT) => Cause::State("the descriptor is not in the poller; add it first"),
        Some(libc::EPERM) => Cause::Unsupported("a file is always ready; do not wait for it"),
        Some(libc::EINVAL | libc::ELOOP) => {
            return Error::argument("a poller cannot wait for itself; pass another descriptor");
        }
        Some(number) => Cause::Os(number),
        None => return Error::argument("the descriptor cannot be waited for; pass a socket"),
    };
    cause.into()
}

const WAKER: Token = Token(usize::MAX);
const CANCEL: Token = Token(usize::MAX - 1);
/// The most that the system is asked for at once.
const EVENTS_MAX: usize = 1024;
/// What epoll_wait(2) can count in milliseconds. A longer budget is waited for in parts.
const LONGEST: Duration = Duration::from_secs(20 * 24 * 3600);
