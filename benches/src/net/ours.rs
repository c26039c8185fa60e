//! Ours: the exported functions of the shared library, called as a C program calls them.
#![allow(unsafe_code, reason = "the functions of a shared library are called")]

use std::ffi::c_void;
use std::os::fd::AsRawFd;
use std::process;
use std::ptr::null_mut;
use std::sync::Arc;
use std::time::Instant;

use bojagi_bench::library::Library;

use crate::batch;
use crate::exports::{Exports, Handle, LOOPBACK, NO_ADDRESS, checked, moved};
use crate::eyeballs;
use crate::memory::{self, Room};
use crate::moment::Moment;
use crate::work::{BUDGET_MS, Back, Front, Pair, Party, SPIN_US, Wait, Wire, Work, fires, waits};

/// bojagi's part.
pub struct Ours {
    library: Library,
    exports: Exports,
}

impl Ours {
    pub fn open(library: Library) -> Result<Self, String> {
        Ok(Self { exports: Exports::find(&library)?, library })
    }

    /// The part of a child that connects past a black hole.
    pub fn connects(&self, rest: &[String]) -> Result<(), String> {
        eyeballs::child(&self.library, &self.exports, rest)
    }

    fn pair(&self, wire: Wire) -> Result<[Handle; 2], String> {
        let exports = &self.exports;
        match wire {
            Wire::Tcp => {
                let (listener, port) = exports.tcp_listen()?;
                Ok([exports.tcp_connect(port)?, exports.accept(&listener)?])
            }
            Wire::Unix => {
                let name = format!("@bojagi-bench-ours-{}", process::id());
                let listener = exports.unix_listen(&name)?;
                Ok([exports.unix_connect(&name)?, exports.accept(&listener)?])
            }
            Wire::Udp => {
                let (back, port) = exports.udp_bind()?;
                Ok([exports.udp_connect(port)?, back])
            }
        }
    }

    fn ping(&self, wire: Wire, wait: Wait, size: usize) -> Result<Pair, String> {
        let [front, back] = self.pair(wire)?;
        if wait == Wait::Cancel {
            self.exports.set_cancel(&front, &self.exports.cancel()?)?;
            self.exports.set_cancel(&back, &self.exports.cancel()?)?;
        }
        if wait == Wait::Spin {
            // SAFETY: the type is that of include/bojagi.h.
            let spin: Spin = unsafe { self.library.function(c"bojagi_socket_set_spin") }?;
            for socket in [&front, &back] {
                // SAFETY: a live handle.
                checked(unsafe { spin(socket.raw(), SPIN_US) }, "spin")?;
            }
        }
        let (send, recv) = (self.exports.socket_send, self.exports.socket_recv);
        let mut room = Room::new(size);
        let front = timed(move || {
            // SAFETY: a live handle and a buffer of its own, here and in all that follow.
            let sent = unsafe { send(front.raw(), room.as_ptr(), size, BUDGET_MS) };
            moved(sent, size)?;
            // SAFETY: as above.
            moved(unsafe { recv(front.raw(), room.as_mut_ptr(), size, BUDGET_MS) }, size)
        });
        let back =
            if wire == Wire::Udp { self.udp_pong(back, size) } else { self.pong(back, size) };
        Ok(Pair { front, back })
    }

    fn pong(&self, socket: Handle, size: usize) -> Option<Back> {
        let (send, recv) = (self.exports.socket_send, self.exports.socket_recv);
        let mut room = Room::new(size);
        behind(move || {
            // SAFETY: as above.
            let got = unsafe { recv(socket.raw(), room.as_mut_ptr(), size, BUDGET_MS) };
            moved(got, size)?;
            // SAFETY: as above.
            moved(unsafe { send(socket.raw(), room.as_ptr(), size, BUDGET_MS) }, size)
        })
    }

    fn udp_pong(&self, socket: Handle, size: usize) -> Option<Back> {
        let (send_to, recv_from) = (self.exports.socket_send_to, self.exports.socket_recv_from);
        let (cap, mut room) = (1 << 16, Room::new(1 << 16));
        let mut from = NO_ADDRESS;
        behind(move || {
            let socket = socket.raw();
            // SAFETY: as above, and a place for the address.
            let got = unsafe { recv_from(socket, room.as_mut_ptr(), cap, BUDGET_MS, &mut from) };
            moved(got, size)?;
            // SAFETY: as above.
            moved(unsafe { send_to(socket, room.as_ptr(), size, &from, BUDGET_MS) }, size)
        })
    }

    fn stream(&self, wire: Wire, size: usize) -> Result<Pair, String> {
        let [front, back] = self.pair(wire)?;
        let (send, recv) = (self.exports.socket_send_all, self.exports.socket_recv_exact);
        let mut room = Room::new(size);
        let front: Front = Box::new(move |count| {
            let began = Instant::now();
            for _ in 0..count {
                // SAFETY: as above.
                let sent = unsafe { send(front.raw(), room.as_ptr(), size, BUDGET_MS, null_mut()) };
                moved(sent, size)?;
            }
            // SAFETY: as above.
            moved(unsafe { recv(front.raw(), room.as_mut_ptr(), 1, BUDGET_MS, null_mut()) }, 1)?;
            Ok(began.elapsed())
        });
        Ok(Pair { front, back: self.drain(back, size, 1) })
    }

    /// Receives so many pieces for each time, and says in one byte when it has everything.
    fn drain(&self, socket: Handle, piece: usize, pieces: usize) -> Option<Back> {
        let (send, recv) = (self.exports.socket_send_all, self.exports.socket_recv_exact);
        let mut room = Room::new(piece);
        Some(Box::new(move |count| {
            let socket = socket.raw();
            for _ in 0..count * pieces {
                // SAFETY: as above.
                let got = unsafe { recv(socket, room.as_mut_ptr(), piece, BUDGET_MS, null_mut()) };
                moved(got, piece)?;
            }
            // SAFETY: as above.
            moved(unsafe { send(socket, room.as_ptr(), 1, BUDGET_MS, null_mut()) }, 1)
        }))
    }

    fn sendfile(&self, size: usize) -> Result<Pair, String> {
        let [front, back] = self.pair(Wire::Tcp)?;
        let file = memory::file(size)?;
        // SAFETY: the type is that of include/bojagi.h.
        let send: Sendfile = unsafe { self.library.function(c"bojagi_socket_sendfile") }?;
        let recv = self.exports.socket_recv_exact;
        let len = u64::try_from(size).map_err(|error| error.to_string())?;
        let mut room = [0; 1];
        let front: Front = Box::new(move |count| {
            let (began, fd) = (Instant::now(), i64::from(file.as_raw_fd()));
            for _ in 0..count {
                // SAFETY: a live handle and an open file.
                let sent = unsafe { send(front.raw(), fd, 0, len, FOR_EVER, null_mut()) };
                moved(sent, size)?;
            }
            // SAFETY: as above.
            moved(unsafe { recv(front.raw(), room.as_mut_ptr(), 1, BUDGET_MS, null_mut()) }, 1)?;
            Ok(began.elapsed())
        });
        Ok(Pair { front, back: self.drain(back, memory::PIECE, size / memory::PIECE) })
    }

    fn connect(&self) -> Result<Pair, String> {
        let (listener, port) = self.exports.tcp_listen()?;
        let Exports { tcp_connect, listener_accept, socket_free, .. } = self.exports;
        let front = timed(move || {
            let (host, mut socket) = (LOOPBACK.as_ptr(), null_mut());
            // SAFETY: a C string, and a place for the handle.
            let result = unsafe { tcp_connect(host, port, null_mut(), BUDGET_MS, &mut socket) };
            // SAFETY: the handle, or NULL.
            unsafe { socket_free(socket) };
            checked(result, "connect")
        });
        let back = behind(move || {
            let mut socket = null_mut();
            // SAFETY: a live handle and a place for the new one.
            let result = unsafe { listener_accept(listener.raw(), BUDGET_MS, &mut socket) };
            // SAFETY: the handle, or NULL.
            unsafe { socket_free(socket) };
            checked(result, "accept")
        });
        Ok(Pair { front, back })
    }

    fn silence(&self, budget_ms: u32) -> Result<Pair, String> {
        let [front, back] = self.pair(Wire::Tcp)?;
        let recv = self.exports.socket_recv;
        let mut room = [0; 1];
        let mut wait = move |budget_ms| {
            let _keeps_open = &back;
            // SAFETY: as above.
            unsafe { recv(front.raw(), room.as_mut_ptr(), 1, budget_ms) }
        };
        let front = timed(move || ended(wait(i64::from(budget_ms)), TIMEOUT));
        Ok(Pair { front, back: None })
    }

    fn cancel(&self) -> Result<Pair, String> {
        let [front, back] = self.pair(Wire::Tcp)?;
        let cancel = Arc::new(self.exports.cancel()?);
        self.exports.set_cancel(&front, &cancel)?;
        let Exports { socket_recv, cancel_fire, cancel_reset, .. } = self.exports;
        let (moment, other) = (Moment::default(), Arc::clone(&cancel));
        let fired = moment.clone();
        let mut room = [0; 1];
        let front = waits(move || {
            let _keeps_open = &back;
            // SAFETY: as above.
            let answer = unsafe { socket_recv(front.raw(), room.as_mut_ptr(), 1, BUDGET_MS) };
            let latency = fired.since();
            ended(answer, CANCELLED)?;
            // SAFETY: a live handle.
            checked(unsafe { cancel_reset(cancel.raw()) }, "reset a cancel")?;
            Ok(latency)
        });
        let back = fires(move || {
            moment.now();
            // SAFETY: a live handle; any thread may fire.
            checked(unsafe { cancel_fire(other.raw()) }, "fire a cancel")
        });
        Ok(Pair { front, back })
    }
}

type Spin = unsafe extern "C" fn(*mut c_void, u32) -> i64;
type Sendfile = unsafe extern "C" fn(*mut c_void, i64, i64, u64, i64, *mut u64) -> i64;

impl Party for Ours {
    fn open(&self, work: Work) -> Result<Pair, String> {
        match work {
            Work::Ping { wire, wait, size } => self.ping(wire, wait, size),
            Work::Stream { wire, size } => self.stream(wire, size),
            Work::Sendfile { size } => self.sendfile(size),
            Work::Batch { size, half } => {
                let pair = self.pair(Wire::Udp)?;
                Ok(Pair { front: batch::front(&self.library, pair, size, half)?, back: None })
            }
            Work::InPlace { .. } | Work::Singles { .. } => Err("only C does that".to_owned()),
            Work::Connect => self.connect(),
            Work::Silence { budget_ms } => self.silence(budget_ms),
            Work::Cancel => self.cancel(),
        }
    }
}

fn timed(mut once: impl FnMut() -> Result<(), String> + 'static) -> Front {
    Box::new(move |count| {
        let began = Instant::now();
        for _ in 0..count {
            once()?;
        }
        Ok(began.elapsed())
    })
}

fn behind(mut once: impl FnMut() -> Result<(), String> + Send + 'static) -> Option<Back> {
    Some(Box::new(move |count| (0..count).try_for_each(|_| once())))
}

/// A wait that has to end in this way.
fn ended(answer: i64, code: i64) -> Result<(), String> {
    match answer == code {
        true => Ok(()),
        false => Err(format!("the library answers {answer}, not {code}")),
    }
}

/// A budget of sendfile would have to be kept with O_NONBLOCK, which costs calls that C saves by keeping
/// none: SO_SNDTIMEO begins anew for each few pages.
const FOR_EVER: i64 = -1;
const TIMEOUT: i64 = -14;
const CANCELLED: i64 = -15;
