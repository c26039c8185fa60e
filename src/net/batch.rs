//! Many datagrams with few system calls.
//!
//! Sending: runs of datagrams that go the same way and have one length are one message (`segment`), and
//! several messages are one system call. Receiving: several messages are one system call, and where the
//! caller has allowed it a message is a whole group (`groups`). What the system or the route cannot do is
//! found out as it refuses, and remembered for the socket.

use super::addr::Address;
use super::direction::{Direction, Mode};
use super::groups::Groups;
use super::plain::{self, *};
use super::segment::{self, Segmenting};
use super::socket::{Kind, Socket};
use super::sys::address;
use super::sys::control::{self, Run};
use super::sys::message::{self, DATAGRAMS, How, Incoming, MESSAGES, Outgoing, Received};
use super::sys::poll::{Interest, has_ended};
use crate::deadline::{Deadline, Timeout};
use crate::error::{Cause, Error, Stage, Subject};
use std::mem::MaybeUninit;
use std::os::fd::AsFd;

/// What a direction knows of its datagrams.
#[derive(Default)]
pub struct Datagrams {
    /// What is known about sending runs.
    segmenting: Segmenting,
    /// The groups of a socket that receives such.
    groups: Option<Box<Groups>>,
    /// The parts that are wanted of what is received.
    wanted: u32,
    /// The port of this side, for the local address of what is received.
    port: u16,
    /// A failure that struck when a part of a batch was done already.
    later: Option<i32>,
}

impl Socket {
    /// Sends all datagrams within one budget. `done` counts those that were sent. What stopped a batch that
    /// has sent some is left for the next call to tell.
    pub fn send_batch(
        &self,
        list: Outgoing<'_>,
        timeout: Timeout,
        done: &mut usize,
    ) -> Result<(), Error> {
        let Err(error) = self.send_list(list, timeout, done) else { return Ok(()) };
        if *done > 0 {
            return Ok(());
        }
        let peer = list.datagrams().first().and_then(|first| first.peer.bytes());
        Err(match peer.filter(|bytes| !bytes.is_empty()).and_then(Address::read) {
            Some(peer) => error.at(Stage::Send).about(Subject::Address(peer)),
            None => self.error(Stage::Send, error),
        })
    }

    /// Waits for a datagram and receives what is there; says how many those are. 0 when the socket was shut
    /// down.
    pub fn recv_batch(&self, mut list: Incoming<'_>, timeout: Timeout) -> Result<usize, Error> {
        let mut recv = || {
            self.check_has_datagrams()?;
            let mut direction = self.lock(Interest::Recv)?;
            self.recv_list(&mut direction, &mut list, timeout)
        };
        recv().map_err(|error| self.error(Stage::Recv, error))
    }

    /// Chooses which parts of `BOJAGI_DATAGRAM_` are received; says which are.
    pub fn set_datagram(&self, wanted: u32) -> Result<u32, Error> {
        let set = || {
            self.check_has_datagrams()?;
            let mut direction = self.lock(Interest::Recv)?;
            self.set_parts(&mut direction.datagrams, wanted)
        };
        set().map_err(|error: Error| self.error(Stage::Socket, error))
    }

    /// How many datagrams have come that the descriptor does not show.
    pub fn pending(&self) -> Result<usize, Error> {
        let recv = self.lock(Interest::Recv);
        let recv = recv.map_err(|error| self.error(Stage::Socket, error))?;
        Ok(recv.datagrams.groups.as_ref().map_or(0, |groups| groups.pending()))
    }

    /// Receives one datagram as `recv_from` does, on a socket that gets groups.
    pub(super) fn recv_one(
        &self,
        direction: &mut Direction,
        buf: &mut [MaybeUninit<u8>],
        timeout: Timeout,
        from: &mut Option<Address>,
    ) -> Result<usize, Error> {
        let cap = buf.len();
        let mut datagram = [Datagram::NONE];
        let mut list = Incoming::over(&mut datagram, std::iter::once(buf));
        self.recv_list(direction, &mut list, timeout)?;
        let [Datagram { full_len: len, peer, .. }] = datagram;
        *from = peer.bytes().and_then(Address::read);
        if len > cap { Err(Cause::Datagram { len, cap }.into()) } else { Ok(len) }
    }

    fn send_list(
        &self,
        list: Outgoing<'_>,
        timeout: Timeout,
        done: &mut usize,
    ) -> Result<(), Error> {
        *done = 0;
        self.check_has_datagrams()?;
        self.check_to_send(list)?;
        let mut direction = self.lock(Interest::Send)?;
        direction.datagrams.tell_later()?;
        if list.datagrams().len() > 1 && !self.is_unix {
            direction.datagrams.segmenting.probe(self.system.as_fd());
        }
        let deadline = timeout.deadline();
        let mut before = None;
        while *done < list.datagrams().len() {
            let rest = list.after(*done);
            let known = direction.datagrams.segmenting;
            match self.send_some(&direction, rest, deadline) {
                Ok(count) => (*done, before) = (*done + count, None),
                Err((error, run)) => {
                    let errno = error.cause().os_error();
                    if run.count > 1 && direction.datagrams.segmenting.refuse(errno, run.segment) {
                        // Whether that was the reason shows when they are sent one by one.
                        before = before.or(Some(known));
                        continue;
                    }
                    direction.datagrams.segmenting = before.unwrap_or(known);
                    let to_peer = rest.datagrams().first().is_some_and(|first| first.peer.len == 0);
                    if *done > 0 && to_peer && !self.is_unix {
                        direction.datagrams.keep_for_later(errno);
                    }
                    return Err(error);
                }
            }
        }
        Ok(())
    }

    /// Sends the datagrams of one system call; says how many. On failure also what its first message was.
    fn send_some(
        &self,
        direction: &Direction,
        list: Outgoing<'_>,
        deadline: Deadline,
    ) -> Result<usize, (Error, Run)> {
        let mut runs = [Run { count: 1, segment: 0, is_ipv6: false }; MESSAGES];
        let limit = direction.datagrams.segmenting.limit();
        let count =
            segment::plan(list.datagrams(), limit, DATAGRAMS, self.peer_is_ipv6(), &mut runs);
        let planned = runs.get(..count).unwrap_or_default();
        let call = self.send_call(0, Timeout::Immediate);
        let sent =
            direction.poll(&call, deadline, || message::send(self.system.as_fd(), list, planned));
        let [first, ..] = runs;
        let sent = sent.map_err(|error| (error, first))?;
        Ok(planned.iter().take(sent).map(|run| usize::from(run.count)).sum())
    }

    fn recv_list(
        &self,
        direction: &mut Direction,
        list: &mut Incoming<'_>,
        timeout: Timeout,
    ) -> Result<usize, Error> {
        let Some(mut groups) = direction.datagrams.groups.take() else {
            return self.recv_plain(direction, list, timeout);
        };
        let result = self.recv_groups(direction, &mut groups, list, timeout);
        direction.datagrams.groups = Some(groups);
        result
    }

    fn recv_plain(
        &self,
        direction: &mut Direction,
        list: &mut Incoming<'_>,
        timeout: Timeout,
    ) -> Result<usize, Error> {
        let mut done = 0;
        while done < list.count() {
            let mut part = list.part(done, MESSAGES);
            match self.recv_some(direction, &mut part, timeout, done) {
                Ok(received) => {
                    let filled = part.filled(received.count);
                    filled.iter_mut().for_each(|datagram| settle_peer(&mut datagram.peer));
                    if done == 0 && self.is_the_end(filled) {
                        return Ok(0);
                    }
                    done += received.count;
                    if !received.is_full {
                        break;
                    }
                }
                Err(error) if done == 0 => return Err(error),
                Err(error) => {
                    direction.datagrams.keep_for_later(error.cause().os_error());
                    break;
                }
            }
        }
        Ok(done)
    }

    fn recv_groups(
        &self,
        direction: &mut Direction,
        groups: &mut Groups,
        list: &mut Incoming<'_>,
        timeout: Timeout,
    ) -> Result<usize, Error> {
        if direction.cancel.as_ref().is_some_and(|cancel| cancel.fired()) {
            return Err(Cause::Cancelled.into());
        }
        let mut done = groups.hand_over(list, 0);
        let mut has_more = done < list.count();
        while has_more && done < list.count() {
            let mut is_end = false;
            let received = groups.receive(list.count() - done, |slots| {
                let received = self.recv_some(direction, slots, timeout, done)?;
                let filled = slots.filled(received.count);
                filled.iter_mut().for_each(|datagram| settle_peer(&mut datagram.peer));
                is_end = self.is_the_end(filled);
                Ok(received)
            });
            match received {
                Ok(_) if is_end => {
                    groups.forget();
                    break;
                }
                Ok(more) => has_more = more,
                Err(error) if done == 0 => return Err(error),
                Err(error) => {
                    let error: Error = error;
                    direction.datagrams.keep_for_later(error.cause().os_error());
                    break;
                }
            }
            done = groups.hand_over(list, done);
        }
        Ok(done)
    }

    /// One system call that receives; it waits only while nothing is `done`.
    fn recv_some(
        &self,
        direction: &mut Direction,
        list: &mut Incoming<'_>,
        timeout: Timeout,
        done: usize,
    ) -> Result<Received, Error> {
        let known = &direction.datagrams;
        let control = known.wanted != 0;
        let how = How { mode: Mode::NoWait, control, port: known.port };
        let timeout = if done == 0 { timeout } else { Timeout::Immediate };
        direction.perform(&self.recv_call(), timeout, timeout.deadline(), |mode| {
            message::recv(self.system.as_fd(), list, How { mode, ..how })
        })
    }

    /// An empty datagram of nobody is how a socket that was shut down answers (recv(2)).
    fn is_the_end(&self, filled: &[Datagram]) -> bool {
        matches!(filled, [only] if only.full_len == 0 && only.peer.len == 0)
            && has_ended(self.system.as_fd())
    }

    fn set_parts(&self, datagrams: &mut Datagrams, wanted: u32) -> Result<u32, Error> {
        if wanted & !PARTS != 0 {
            return Err(Error::argument("a bit of parts is unknown; pass BOJAGI_DATAGRAM_ bits"));
        }
        if self.is_unix {
            return match wanted & !BOJAGI_DATAGRAM_GROUPED {
                0 => Ok(0),
                _ => Err(Cause::Unsupported(NO_PARTS).into()),
            };
        }
        let local = Address::from(self.system.local_addr()?);
        // As the system has it: a socket of both families is one of IPv6.
        let is_ipv6 = self.system.local_addr()?.is_ipv6();
        datagrams.port = local.port().unwrap_or(0);
        for part in [BOJAGI_DATAGRAM_LOCAL, BOJAGI_DATAGRAM_TOS, BOJAGI_DATAGRAM_HOPS] {
            if (wanted ^ datagrams.wanted) & part != 0 {
                control::set(self.system.as_fd(), part, is_ipv6, wanted & part != 0)?;
                datagrams.wanted ^= part;
            }
        }
        if wanted & BOJAGI_DATAGRAM_GROUPED != 0
            && datagrams.groups.is_none()
            && control::set(self.system.as_fd(), BOJAGI_DATAGRAM_GROUPED, is_ipv6, true).is_ok()
        {
            datagrams.groups = Some(Groups::new());
            datagrams.wanted |= BOJAGI_DATAGRAM_GROUPED;
        }
        Ok(datagrams.wanted)
    }

    fn check_has_datagrams(&self) -> Result<(), Error> {
        match self.kind {
            Kind::Stream => {
                Err(Cause::Unsupported("a stream has no datagrams; use send, recv").into())
            }
            _ => Ok(()),
        }
    }

    /// Refuses what is wrong before anything is sent.
    fn check_to_send(&self, list: Outgoing<'_>) -> Result<(), Error> {
        for datagram in list.datagrams() {
            if datagram.peer.len != 0 {
                self.check_address(&datagram.peer)?;
            }
            if datagram.flags != 0 {
                self.check_parts(datagram)?;
            }
        }
        Ok(())
    }

    fn check_parts(&self, datagram: &Datagram) -> Result<(), Error> {
        let has = |part| datagram.flags & part != 0;
        if datagram.flags & !(PARTS | BOJAGI_DATAGRAM_TRUNCATED) != 0 {
            return Err(Error::argument("flags of a datagram has an unknown bit; set it to 0"));
        }
        if has(BOJAGI_DATAGRAM_TOS) && datagram.tos > 255 {
            return Err(Error::argument("tos of a datagram is above 255; pass 0 to 255"));
        }
        if has(BOJAGI_DATAGRAM_HOPS) && !(1..=255).contains(&datagram.hops) {
            return Err(Error::argument("hops of a datagram is out of range; pass 1 to 255"));
        }
        if !has(BOJAGI_DATAGRAM_LOCAL | BOJAGI_DATAGRAM_TOS | BOJAGI_DATAGRAM_HOPS) {
            return Ok(());
        }
        if self.is_unix || !CAN_SEND_PARTS {
            return Err(Cause::Unsupported(NO_PARTS).into());
        }
        if has(BOJAGI_DATAGRAM_LOCAL) { self.check_local(datagram) } else { Ok(()) }
    }

    fn check_address(&self, address: &plain::Address) -> Result<(), Error> {
        let Some(family) = address.bytes().and_then(address::family) else {
            return Err(Error::argument("the address of a datagram is none; set its len to 0"));
        };
        if (family == libc::AF_UNIX) != self.is_unix {
            let what = "the address is of another family; use a socket of that family";
            return Err(Cause::Unsupported(what).into());
        }
        Ok(())
    }

    /// The address to send from is of the family of the one to send to.
    fn check_local(&self, datagram: &Datagram) -> Result<(), Error> {
        if datagram.local.len != 0 {
            self.check_address(&datagram.local)?;
        }
        let family = |address: &plain::Address| address.bytes().and_then(address::family);
        match (family(&datagram.local), family(&datagram.peer)) {
            (Some(local), Some(peer)) if local != peer => {
                Err(Error::argument("local and peer of a datagram differ in family; use one"))
            }
            _ => Ok(()),
        }
    }

    fn peer_is_ipv6(&self) -> bool {
        self.peer.as_ref().and_then(Address::system).is_some_and(socket2::SockAddr::is_ipv6)
    }
}

impl Datagrams {
    /// Whether the socket gets groups.
    pub fn has_groups(&self) -> bool {
        self.groups.is_some()
    }

    /// Keeps what a call that has moved something cannot tell.
    fn keep_for_later(&mut self, errno: i32) {
        // Errors that an earlier datagram has caused, which the system tells once.
        if matches!(errno, libc::ECONNREFUSED | libc::EHOSTUNREACH | libc::ENETUNREACH) {
            self.later = Some(errno);
        }
    }

    /// Fails with what an earlier call has kept.
    pub fn tell_later(&mut self) -> Result<(), Error> {
        self.later.take().map_or(Ok(()), |errno| Err(Cause::Os(errno).into()))
    }
}

impl std::fmt::Debug for Datagrams {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Datagrams")
    }
}

/// The sender as callers know it: an IPv4 one of a socket of both families has an IPv4 address, a Unix
/// path ends where it ends, and nothing is left of what stood there before.
fn settle_peer(peer: &mut plain::Address) {
    let bytes = peer.bytes().unwrap_or_default();
    if address::family(bytes) == Some(libc::AF_INET) {
        let len = bytes.len();
        peer.storage.iter_mut().skip(len).for_each(|byte| *byte = 0);
        return;
    }
    let read = Address::read(bytes).and_then(|address| address.system().cloned());
    let settled = read.map_or(Address::UNNAMED, Address::from);
    peer.set(settled.bytes());
}

const PARTS: u32 =
    BOJAGI_DATAGRAM_LOCAL | BOJAGI_DATAGRAM_TOS | BOJAGI_DATAGRAM_HOPS | BOJAGI_DATAGRAM_GROUPED;

const CAN_SEND_PARTS: bool = cfg!(any(target_os = "linux", target_os = "android"));
const NO_PARTS: &str = "local, tos and hops are of UDP on Linux alone; leave their flags out";
