//! Many datagrams received with few system calls, and what a socket knows of its datagrams.
//!
//! Several messages are one system call, and where the caller has allowed it a message is a whole group
//! (`groups`). `outgoing` sends.

use super::addr::Address;
use super::direction::{Direction, Mode};
use super::groups::Groups;
use super::plain::{self, *};
use super::segment::Segmenting;
use super::socket::{Kind, Socket};
use super::sys::address;
use super::sys::control::{self, Run};
use super::sys::message::{self, How, INET_MAX, Incoming, MESSAGES, Received};
use super::sys::poll::{Interest, has_ended};
use crate::deadline::Timeout;
use crate::error::{Cause, Error, Stage};
use std::mem::MaybeUninit;
use std::os::fd::AsFd;

/// What a direction knows of its datagrams.
#[derive(Default)]
pub struct Datagrams {
    /// What is known about sending runs.
    pub segmenting: Segmenting,
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
    /// Waits for a datagram and receives what is there; says how many those are. 0 when the socket was shut
    /// down.
    pub fn recv_batch(&self, mut list: Incoming<'_>, timeout: Timeout) -> Result<usize, Error> {
        let mut recv = || {
            self.check_has_datagrams()?;
            let mut direction = self.lock_here(Interest::Recv)?;
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
        from: &mut Option<plain::Address>,
    ) -> Result<usize, Error> {
        let cap = buf.len();
        let mut datagram = Datagram::NONE;
        let mut list = Incoming::over(&mut datagram, buf);
        self.recv_list(direction, &mut list, timeout)?;
        let Datagram { full_len: len, peer, .. } = datagram;
        *from = Some(peer);
        if len > cap { Err(Cause::Datagram { len, cap }.into()) } else { Ok(len) }
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
            match self.recv_some(direction, (&mut part, &mut []), timeout, done) {
                Ok(received) => {
                    let filled = part.filled(received.count);
                    filled.iter_mut().for_each(|datagram| settle_peer(&mut datagram.peer));
                    let count = self.before_end(filled);
                    done += count;
                    if count < received.count || !received.is_full {
                        break;
                    }
                }
                Err(error) if done == 0 => return Err(error),
                Err(error) => {
                    direction.datagrams.keep_for_later(&error);
                    direction.settle();
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
            let received = groups.receive(list.count() - done, |slots, segments| {
                let received = self.recv_some(direction, (slots, segments), timeout, done)?;
                let filled = slots.filled(received.count);
                filled.iter_mut().for_each(|datagram| settle_peer(&mut datagram.peer));
                is_end = self.before_end(filled) == 0;
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
                    direction.datagrams.keep_for_later(&error);
                    direction.settle();
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
        (list, segments): (&mut Incoming<'_>, &mut [usize]),
        timeout: Timeout,
        done: usize,
    ) -> Result<Received, Error> {
        let known = &direction.datagrams;
        let control = known.wanted != 0;
        let how = How { mode: Mode::NoWait, control, port: known.port };
        let timeout = if done == 0 { timeout } else { Timeout::Immediate };
        direction.perform(&self.recv_call(), timeout, timeout.deadline(), |mode| {
            message::recv(self.system.as_fd(), list, How { mode, ..how }, segments)
        })
    }

    /// How many datagrams have come. One that is empty and of nobody is how a socket that has ended answers
    /// (recv(2)): a datagram socket to a call that may wait, a seqpacket to each of those that were asked for.
    fn before_end(&self, filled: &[Datagram]) -> usize {
        let is_nobodys = |datagram: &&Datagram| datagram.full_len == 0 && datagram.peer.len == 0;
        let last = filled.iter().rev().take_while(is_nobodys).count();
        let may_be_end = last > 0 && (self.kind == Kind::Seqpacket || filled.len() == 1);
        if may_be_end && has_ended(self.system.as_fd()) {
            filled.len() - last
        } else {
            filled.len()
        }
    }

    fn set_parts(&self, datagrams: &mut Datagrams, wanted: u32) -> Result<u32, Error> {
        if wanted & !PARTS != 0 {
            return Err(Error::argument("a bit of parts is unknown; pass BOJAGI_DATAGRAM_ bits"));
        }
        if self.is_unix {
            return match wanted & !BOJAGI_DATAGRAM_GROUPED {
                0 => Ok(0),
                _ => Err(Error::unsupported(NO_PARTS)),
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

    pub(super) fn check_has_datagrams(&self) -> Result<(), Error> {
        match self.kind {
            Kind::Stream => Err(Error::unsupported("a stream has no datagrams; use send, recv")),
            _ => Ok(()),
        }
    }
}

impl Datagrams {
    /// Whether the socket gets groups.
    pub fn has_groups(&self) -> bool {
        self.groups.is_some()
    }

    /// Remembers that a message was refused, where that can be because it was of many datagrams.
    pub fn refuse(&mut self, error: &Error, run: Run) -> bool {
        run.count > 1 && self.segmenting.refuse(error.cause().os_error(), run.segment)
    }

    /// Keeps what a call that has moved something cannot tell.
    pub fn keep_for_later(&mut self, error: &Error) {
        let errno = error.cause().os_error();
        // Errors that an earlier datagram has caused, which the system tells once.
        if matches!(errno, libc::ECONNREFUSED | libc::EHOSTUNREACH | libc::ENETUNREACH) {
            self.later = Some(errno);
        }
    }

    /// Fails with what an earlier call has kept.
    pub fn tell_later(&mut self) -> Result<(), Error> {
        self.later.take().map_or(Ok(()), |errno| Err(Error::os(errno)))
    }
}

impl std::fmt::Debug for Datagrams {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Datagrams")
    }
}

/// The sender as callers know it: an IPv4 one of a socket of both families has an IPv4 address, a Unix
/// path ends where it ends, and nothing is left of what stood there before.
#[inline]
pub(super) fn settle_peer(peer: &mut plain::Address) {
    let bytes = peer.bytes().unwrap_or_default();
    let len = match address::family(bytes) {
        Some(libc::AF_INET) => size_of::<libc::sockaddr_in>(),
        Some(libc::AF_INET6) if !address::is_mapped(bytes) => size_of::<libc::sockaddr_in6>(),
        _ => return settle_other(peer),
    };
    // Behind INET_MAX nothing was ever written by a socket that has such senders.
    if let Some(rest) = peer.storage.get_mut(len..INET_MAX) {
        rest.fill(0);
    }
}

fn settle_other(peer: &mut plain::Address) {
    let read = Address::read(peer.bytes().unwrap_or_default());
    let settled = read.and_then(|address| address.system().cloned());
    let settled = settled.map_or(Address::UNNAMED, Address::from);
    peer.set(settled.bytes());
}

pub(super) const PARTS: u32 =
    BOJAGI_DATAGRAM_LOCAL | BOJAGI_DATAGRAM_TOS | BOJAGI_DATAGRAM_HOPS | BOJAGI_DATAGRAM_GROUPED;

pub(super) const NO_PARTS: &str =
    "local, tos and hops are of UDP on Linux alone; leave their flags out";
