//! Groups of datagrams that the system hands over as one message, because they have one length and came
//! from one sender (UDP_GRO in udp(7)).
//!
//! A group is received into room of ours and its datagrams are copied out of it: scattering it over the
//! caller's buffers would need its length to be known before, and is no faster. What does not fit into the
//! caller's array stays here for the next call.

use super::plain::Datagram;
use super::sys::message::{Incoming, Kept, Received};
use std::mem::MaybeUninit;

/// The groups that have come and are not handed over yet.
pub struct Groups {
    room: Box<[MaybeUninit<u8>]>,
    held: [Held; SLOTS],
    next: usize,
    /// How many datagrams the last group had: so many are expected in the next.
    expected: usize,
}

#[derive(Clone, Copy)]
struct Held {
    kept: Kept,
    segment: usize,
    at: usize,
    end: usize,
    is_held: bool,
}

impl Groups {
    /// No groups. The system gives memory to as much of the room only as it writes to.
    pub fn new() -> Box<Self> {
        let room = Box::new_uninit_slice(SLOTS * SLOT);
        let held = [Held { kept: Kept::NONE, segment: 0, at: 0, end: 0, is_held: false }; SLOTS];
        Box::new(Self { room, held, next: 0, expected: 1 })
    }

    /// How many datagrams are held.
    pub fn pending(&self) -> usize {
        let held = self.held.iter().filter(|held| held.is_held);
        held.map(|held| (held.end - held.at).div_ceil(held.segment.max(1)).max(1)).sum()
    }

    /// Drops what is held.
    pub fn forget(&mut self) {
        self.held.iter_mut().for_each(|held| held.is_held = false);
    }

    /// Hands over what is held, from `done` on; says where it ended.
    pub fn hand_over(&mut self, list: &mut Incoming<'_>, mut done: usize) -> usize {
        while done < list.count()
            && let Some(held) = self.held.get_mut(self.next).filter(|held| held.is_held)
        {
            let bytes = self.room.get(held.at..held.end).unwrap_or_default();
            let (count, len) = list.fill(done, bytes, held.segment, &held.kept);
            (done, held.at) = (done + count, held.at + len);
            if held.at >= held.end {
                held.is_held = false;
                self.next += 1;
            }
        }
        done
    }

    /// Receives with `attempt` into room that is free because nothing is held; `wanted` datagrams would
    /// be welcome. Says whether there may be more to receive.
    pub fn receive<E>(
        &mut self,
        wanted: usize,
        attempt: impl FnOnce(&mut Incoming<'_>) -> Result<Received, E>,
    ) -> Result<bool, E> {
        let asked = wanted.div_ceil(self.expected).min(SLOTS);
        let (mut one, mut many);
        let datagrams = if asked == 1 {
            one = [Datagram::NONE];
            one.as_mut_slice()
        } else {
            many = [Datagram::NONE; SLOTS];
            many.get_mut(..asked).unwrap_or_default()
        };
        let mut list = Incoming::over(datagrams, self.room.chunks_exact_mut(SLOT));
        let received = attempt(&mut list)?;
        self.next = 0;
        let all = self.held.iter_mut().zip(list.filled(received.count)).zip(received.segments);
        for (index, ((held, datagram), segment)) in all.enumerate() {
            let segment = if segment == 0 { datagram.len } else { segment };
            let (at, end) = (index * SLOT, index * SLOT + datagram.len);
            *held = Held { kept: Kept::new(datagram), segment, at, end, is_held: true };
            self.expected = datagram.len.div_ceil(segment.max(1)).max(1);
        }
        Ok(received.is_full)
    }
}

/// The most messages of one system call.
const SLOTS: usize = 16;
/// No message of UDP is longer.
const SLOT: usize = 65_536;
