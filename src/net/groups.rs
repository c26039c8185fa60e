//! Groups of datagrams that the system hands over as one message, because they have one length and came
//! from one sender (UDP_GRO in udp(7)).
//!
//! A group is received into room of ours and its datagrams are copied out of it: scattering it over the
//! caller's buffers would need its length to be known before, and is no faster. What does not fit into the
//! caller's array stays here for the next call.

use super::sys::message::{Incoming, Kept, Received};
use std::mem::MaybeUninit;

/// The groups that have come and are not handed over yet.
pub struct Groups {
    room: Box<[MaybeUninit<u8>]>,
    /// Where the room begins that is used: in the middle of a page, since callers' buffers often begin with
    /// one, and a copy is slower between places that lie alike in their pages.
    begin: usize,
    kept: Kept<SLOTS>,
    held: [Held; SLOTS],
    next: usize,
    /// How many datagrams the last group had: so many are expected in the next.
    expected: usize,
}

#[derive(Clone, Copy)]
struct Held {
    segment: usize,
    at: usize,
    end: usize,
    is_held: bool,
}

impl Groups {
    /// No groups. The system gives memory to as much of the room only as it writes to.
    pub fn new() -> Box<Self> {
        let room = Box::new_uninit_slice(SLOTS * SLOT + PAGE);
        let begin = room.as_ptr().wrapping_add(PAGE / 2).align_offset(PAGE).min(PAGE);
        let held = [Held { segment: 0, at: 0, end: 0, is_held: false }; SLOTS];
        Box::new(Self { room, begin, kept: Kept::NONE, held, next: 0, expected: 1 })
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
            && let Some(kept) = self.kept.datagrams().get(self.next)
        {
            let bytes = self.room.get(held.at..held.end).unwrap_or_default();
            let (count, len) = list.fill(done, bytes, held.segment, kept);
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
        attempt: impl FnOnce(&mut Incoming<'_>, &mut [usize]) -> Result<Received, E>,
    ) -> Result<bool, E> {
        let asked = wanted.div_ceil(self.expected).min(SLOTS);
        let room = self.room.get_mut(self.begin..).unwrap_or_default();
        let mut list = self.kept.over(room.chunks_exact_mut(SLOT).take(asked));
        let mut segments = [0; SLOTS];
        let received = attempt(&mut list, &mut segments)?;
        self.next = 0;
        let all = self.held.iter_mut().zip(list.filled(received.count)).zip(segments);
        for (index, ((held, datagram), segment)) in all.enumerate() {
            let segment = if segment == 0 { datagram.len } else { segment };
            let at = self.begin + index * SLOT;
            *held = Held { segment, at, end: at + datagram.len, is_held: true };
            self.expected = datagram.len.div_ceil(segment.max(1)).max(1);
        }
        Ok(received.is_full)
    }
}

/// The most messages of one system call.
const SLOTS: usize = 16;
/// No message of UDP is longer.
const SLOT: usize = 65_536;
const PAGE: usize = 4096;
