//! Our part of the work with many datagrams: `bojagi_socket_send_batch` and `_recv_batch`.
#![allow(unsafe_code, reason = "the functions of a shared library are called")]

use std::ffi::c_void;
use std::ptr::null_mut;
use std::time::{Duration, Instant};

use bojagi_bench::library::Library;

use crate::exports::{Address, Handle, NO_ADDRESS, moved};
use crate::memory::Room;
use crate::work::{BATCH, BUDGET_MS, Front, Half};

/// `bojagi_datagram`.
#[repr(C)]
#[derive(Clone, Copy)]
struct Datagram {
    data: *mut u8,
    len: usize,
    cap: usize,
    full_len: usize,
    flags: u32,
    interface_index: u32,
    tos: u32,
    hops: u32,
    reserved: [u32; 2],
    peer: Address,
    local: Address,
}

type Socket = *mut c_void;
type Send = unsafe extern "C" fn(Socket, *const Datagram, usize, i64, *mut usize) -> i64;
type Recv = unsafe extern "C" fn(Socket, *mut Datagram, usize, i64) -> i64;
type Set = unsafe extern "C" fn(Socket, u32) -> i64;

/// An array of datagrams, each with room of its own in one piece of memory.
struct Datagrams {
    list: Vec<Datagram>,
    _room: Room,
}

impl Datagrams {
    fn new(size: usize) -> Self {
        let mut room = Room::new(BATCH * size);
        let begin = room.as_mut_ptr();
        let list = (0..BATCH).map(|index| Datagram {
            data: begin.wrapping_add(index * size),
            len: size,
            cap: size,
            full_len: 0,
            peer: NO_ADDRESS,
            local: NO_ADDRESS,
            interface_index: 0,
            flags: 0,
            tos: 0,
            hops: 0,
            reserved: [0; 2],
        });
        Self { list: list.collect(), _room: room }
    }

    /// Those that are left after so many. A method, so that whoever calls it holds the room as well.
    fn after(&mut self, count: usize) -> &mut [Datagram] {
        self.list.get_mut(count..).unwrap_or_default()
    }
}

/// Sends and receives batches of datagrams of so many bytes on one thread, and measures one half of it.
pub fn front(
    library: &Library,
    [sender, receiver]: [Handle; 2],
    size: usize,
    half: Half,
) -> Result<Front, String> {
    // SAFETY: the types are those of include/bojagi.h.
    let (send, recv, set) = unsafe {
        (
            library.function::<Send>(c"bojagi_socket_send_batch")?,
            library.function::<Recv>(c"bojagi_socket_recv_batch")?,
            library.function::<Set>(c"bojagi_socket_set_datagram")?,
        )
    };
    // SAFETY: a live handle, here and below. Where there are no groups, the answer says so.
    unsafe { set(receiver.raw(), GROUPED) };
    let (mut out, mut room) = (Datagrams::new(size), Datagrams::new(size));
    Ok(Box::new(move |count| {
        let mut times = [Duration::ZERO; 2];
        for _ in 0..count {
            let (began, list) = (Instant::now(), out.after(0).as_ptr());
            // SAFETY: so many datagrams, whose data is ours.
            let sent = unsafe { send(sender.raw(), list, BATCH, BUDGET_MS, null_mut()) };
            let between = Instant::now();
            moved(sent, BATCH)?;
            let mut all = 0;
            while all < BATCH {
                let rest = room.after(all);
                let (list, cap) = (rest.as_mut_ptr(), rest.len());
                // SAFETY: as above.
                let got = unsafe { recv(receiver.raw(), list, cap, BUDGET_MS) };
                all += usize::try_from(got).map_err(|_| format!("recv_batch answers {got}"))?;
            }
            let parts = [between - began, between.elapsed()];
            times = [times[0] + parts[0], times[1] + parts[1]];
            if room.after(0).iter().any(|datagram| datagram.len != size) {
                return Err("a datagram of another length came".to_owned());
            }
        }
        Ok(half.of(times))
    }))
}

/// BOJAGI_DATAGRAM_GROUPED.
const GROUPED: u32 = 16;
