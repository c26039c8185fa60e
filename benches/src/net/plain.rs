//! Hand-written C: the functions of `c/net.c`.
#![allow(unsafe_code, reason = "C functions are called")]

use std::ffi::{CStr, c_int};
use std::io;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::path::Path;
use std::time::{Duration, Instant};

use bojagi_bench::library::Library;

use crate::memory;
use crate::moment::Moment;
use crate::work::{Back, Front, Half, Pair, Party, Wait, Wire, Work, fires, waits};

type Open = unsafe extern "C" fn(*mut c_int) -> c_int;
type Listen = unsafe extern "C" fn(*mut c_int, *mut u16) -> c_int;
type Connect = unsafe extern "C" fn(u16, usize) -> c_int;
type End = unsafe extern "C" fn(c_int, usize, usize) -> c_int;
type EndWithTwo = unsafe extern "C" fn(c_int, c_int, usize, usize) -> c_int;
type Make = unsafe extern "C" fn() -> c_int;
type OfOne = unsafe extern "C" fn(c_int) -> c_int;
type OfTwo = unsafe extern "C" fn(c_int, c_int) -> c_int;
type Counted = unsafe extern "C" fn(c_int, usize) -> c_int;

pub struct Plain {
    library: Library,
}

impl Plain {
    pub fn open(path: &Path) -> Result<Self, String> {
        Ok(Self { library: Library::open(path)? })
    }

    /// The function of this name, of the type that `c/net.c` gives it.
    fn function<F: Copy>(&self, name: &CStr) -> Result<F, String> {
        // SAFETY: each use below names a function of net.c and its type.
        unsafe { self.library.function(name) }
    }

    fn pair(&self, wire: Wire) -> Result<[OwnedFd; 2], String> {
        let open: Open = self.function(match wire {
            Wire::Tcp => c"net_tcp_pair",
            Wire::Udp => c"net_udp_pair",
            Wire::Unix => c"net_unix_pair",
        })?;
        let mut pair = [-1; 2];
        // SAFETY: it writes two descriptors.
        done(unsafe { open(pair.as_mut_ptr()) }, "open")?;
        Ok(pair.map(owned))
    }

    fn ends(&self, wire: Wire, size: usize, names: [&CStr; 2]) -> Result<Pair, String> {
        let [front, back] = self.pair(wire)?;
        let [here, there] = [self.function::<End>(names[0])?, self.function::<End>(names[1])?];
        Ok(Pair {
            // SAFETY: the descriptor is open, and no message is larger than net.c has room for.
            front: timed(move |count| unsafe { here(front.as_raw_fd(), size, count) }),
            // SAFETY: as above.
            back: behind(move |count| unsafe { there(back.as_raw_fd(), size, count) }),
        })
    }

    fn ends_with_cancel(&self, wire: Wire, size: usize) -> Result<Pair, String> {
        let [front, back] = self.pair(wire)?;
        let here = self.function::<EndWithTwo>(c"net_cancel_ping")?;
        let there = self.function::<EndWithTwo>(c"net_cancel_pong")?;
        let (one, other) = (self.event()?, self.event()?);
        Ok(Pair {
            front: timed(move |count| {
                // SAFETY: both descriptors are open, and net.c has room for the message.
                unsafe { here(front.as_raw_fd(), one.as_raw_fd(), size, count) }
            }),
            back: behind(move |count| {
                // SAFETY: as above.
                unsafe { there(back.as_raw_fd(), other.as_raw_fd(), size, count) }
            }),
        })
    }

    fn sendfile(&self, size: usize) -> Result<Pair, String> {
        let [front, back] = self.pair(Wire::Tcp)?;
        let file = memory::file(size)?;
        let here: EndWithTwo = self.function(c"net_sendfile")?;
        let there: End = self.function(c"net_stream_recv")?;
        let pieces = size / memory::PIECE;
        Ok(Pair {
            front: timed(move |count| {
                // SAFETY: both descriptors are open.
                unsafe { here(front.as_raw_fd(), file.as_raw_fd(), size, count) }
            }),
            back: behind(move |count| {
                // SAFETY: the descriptor is open, and net.c has room for a piece.
                unsafe { there(back.as_raw_fd(), memory::PIECE, pieces * count) }
            }),
        })
    }

    /// Datagrams on one thread: what sends all of a batch, and what receives it.
    fn datagrams(&self, size: usize, half: Half, names: [&CStr; 2]) -> Result<Pair, String> {
        let [sender, receiver] = self.pair(Wire::Udp)?;
        let [send, recv] =
            [self.function::<Counted>(names[0])?, self.function::<Counted>(names[1])?];
        let begin: Counted = self.function(c"net_batch_begin")?;
        // SAFETY: the descriptor is open, here and below. Where there are no groups, each comes alone.
        unsafe { begin(receiver.as_raw_fd(), size) };
        let front: Front = Box::new(move |count| {
            let mut times = [Duration::ZERO; 2];
            for _ in 0..count {
                let began = Instant::now();
                // SAFETY: as above, and batch.c has room for the size.
                let sent = unsafe { send(sender.as_raw_fd(), size) };
                let between = Instant::now();
                done(sent, "send a batch")?;
                // SAFETY: as above.
                done(unsafe { recv(receiver.as_raw_fd(), size) }, "receive a batch")?;
                times = [times[0] + (between - began), times[1] + between.elapsed()];
            }
            Ok(half.of(times))
        });
        Ok(Pair { front, back: None })
    }

    fn connect(&self) -> Result<Pair, String> {
        let listen: Listen = self.function(c"net_tcp_listen")?;
        let (mut listener, mut port) = (-1, 0);
        // SAFETY: it writes a descriptor and a port.
        done(unsafe { listen(&mut listener, &mut port) }, "listen")?;
        let listener = owned(listener);
        let here: Connect = self.function(c"net_connect")?;
        let there: Counted = self.function(c"net_accept")?;
        Ok(Pair {
            // SAFETY: integers only.
            front: timed(move |count| unsafe { here(port, count) }),
            // SAFETY: the descriptor is open.
            back: behind(move |count| unsafe { there(listener.as_raw_fd(), count) }),
        })
    }

    fn silence(&self, budget_ms: u32) -> Result<Pair, String> {
        let [front, back] = self.pair(Wire::Tcp)?;
        let tell: OfTwo = self.function(c"net_set_timeout")?;
        let recv: Counted = self.function(c"net_silence")?;
        let budget_ms = c_int::try_from(budget_ms).map_err(|error| error.to_string())?;
        // SAFETY: the descriptor is open.
        done(unsafe { tell(front.as_raw_fd(), budget_ms) }, "set a time-out")?;
        let front = timed(move |count| {
            let _keeps_open = &back;
            // SAFETY: as above.
            unsafe { recv(front.as_raw_fd(), count) }
        });
        Ok(Pair { front, back: None })
    }

    fn cancel(&self) -> Result<Pair, String> {
        let [front, back] = self.pair(Wire::Tcp)?;
        let event = self.event()?;
        let other = event.try_clone().map_err(|error| error.to_string())?;
        let wait: OfTwo = self.function(c"net_cancelled")?;
        let fire: OfOne = self.function(c"net_fire")?;
        let reset: OfOne = self.function(c"net_reset")?;
        let moment = Moment::default();
        let fired = moment.clone();
        Ok(Pair {
            front: waits(move || {
                let _keeps_open = &back;
                // SAFETY: both descriptors are open.
                let result = unsafe { wait(front.as_raw_fd(), event.as_raw_fd()) };
                let latency = fired.since();
                done(result, "be cancelled")?;
                // SAFETY: as above.
                done(unsafe { reset(event.as_raw_fd()) }, "reset")?;
                Ok(latency)
            }),
            back: fires(move || {
                moment.now();
                // SAFETY: as above.
                done(unsafe { fire(other.as_raw_fd()) }, "fire")
            }),
        })
    }

    fn event(&self) -> Result<OwnedFd, String> {
        let make: Make = self.function(c"net_event")?;
        // SAFETY: no arguments.
        let event = unsafe { make() };
        done(if event < 0 { -1 } else { 0 }, "make an event")?;
        Ok(owned(event))
    }
}

impl Party for Plain {
    fn open(&self, work: Work) -> Result<Pair, String> {
        match work {
            Work::Ping { wire, wait: Wait::Cancel, size } => self.ends_with_cancel(wire, size),
            Work::Ping { wire, wait: Wait::Spin, size } => {
                self.ends(wire, size, [c"net_spin_ping", c"net_spin_pong"])
            }
            Work::Ping { wire: Wire::Udp, size, .. } => {
                self.ends(Wire::Udp, size, [c"net_ping", c"net_udp_pong"])
            }
            Work::Ping { wire, size, .. } => self.ends(wire, size, [c"net_ping", c"net_pong"]),
            Work::Stream { wire, size } => {
                self.ends(wire, size, [c"net_stream_send", c"net_stream_recv"])
            }
            Work::Sendfile { size } => self.sendfile(size),
            Work::Batch { size, half } => {
                self.datagrams(size, half, [c"net_batch_send", c"net_batch_recv"])
            }
            Work::InPlace { size, half } => {
                self.datagrams(size, half, [c"net_place_send", c"net_place_recv"])
            }
            Work::Singles { size, half } => {
                self.datagrams(size, half, [c"net_single_send", c"net_single_recv"])
            }
            Work::Connect => self.connect(),
            Work::Silence { budget_ms } => self.silence(budget_ms),
            Work::Cancel => self.cancel(),
        }
    }
}

fn timed(mut run: impl FnMut(usize) -> c_int + 'static) -> Front {
    Box::new(move |count| {
        let began = Instant::now();
        let result = run(count);
        let took = began.elapsed();
        done(result, "do its part").map(|()| took)
    })
}

fn behind(mut run: impl FnMut(usize) -> c_int + Send + 'static) -> Option<Back> {
    Some(Box::new(move |count| done(run(count), "do the other part")))
}

fn done(result: c_int, what: &str) -> Result<(), String> {
    match result {
        0 => Ok(()),
        _ => Err(format!("C cannot {what}: {}", io::Error::last_os_error())),
    }
}

/// A descriptor that net.c has just made.
fn owned(fd: c_int) -> OwnedFd {
    // SAFETY: it is open, and nobody else closes it.
    unsafe { OwnedFd::from_raw_fd(fd) }
}
