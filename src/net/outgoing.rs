//! Many datagrams sent with few system calls.
//!
//! Runs of datagrams that go the same way and have one length are one message (`segment`), and several
//! messages are one system call. What the system or the route cannot do is found out as it refuses, and
//! remembered for the socket.

use super::addr::Address;
use super::batch::{Datagrams, NO_PARTS, PARTS};
use super::direction::Direction;
use super::plain::{self, *};
use super::segment::{self, Terms};
use super::socket::Socket;
use super::sys::address;
use super::sys::control::Run;
use super::sys::message::{self, DATAGRAMS, MESSAGES, Outgoing};
use super::sys::poll::Interest;
use crate::deadline::{Budget, Timeout};
use crate::error::{Error, Stage, Subject};
use std::os::fd::AsFd;

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

    fn send_list(
        &self,
        list: Outgoing<'_>,
        timeout: Timeout,
        done: &mut usize,
    ) -> Result<(), Error> {
        *done = 0;
        self.check_has_datagrams()?;
        let mut direction = self.lock_here(Interest::Send)?;
        direction.datagrams.tell_later()?;
        if list.datagrams().len() > 1 && !self.is_unix {
            direction.datagrams.segmenting.probe(self.system.as_fd());
        }
        // A batch of one system call that need not wait does without the clock.
        let mut budget = Budget::later(timeout);
        // What was known before a message of many was refused: whether that was because they were many
        // shows when they are sent one by one.
        let mut before = None;
        while *done < list.datagrams().len() {
            let known = direction.datagrams.segmenting;
            match self.send_some(&direction, (list.after(*done), *done == 0), &mut budget) {
                Ok(count) => {
                    (*done, before) = (*done + count, None);
                    if *done < list.datagrams().len() {
                        budget.deadline();
                    }
                }
                Err((error, run)) if direction.datagrams.refuse(&error, run) => {
                    before = before.or(Some(known));
                }
                Err((error, _)) => {
                    direction.datagrams.segmenting = before.unwrap_or(known);
                    if *done > 0 {
                        direction.settle();
                    }
                    self.keep_for_later(&mut direction.datagrams, list, *done, &error);
                    return Err(error);
                }
            }
        }
        Ok(())
    }

    /// Keeps what an earlier datagram may have caused, where this call will tell of its success.
    fn keep_for_later(
        &self,
        datagrams: &mut Datagrams,
        list: Outgoing<'_>,
        done: usize,
        error: &Error,
    ) {
        let next = list.after(done).datagrams().first();
        if done > 0 && !self.is_unix && next.is_some_and(|next| next.peer.len == 0) {
            datagrams.keep_for_later(error);
        }
    }

    /// Sends the datagrams of one system call; says how many. On failure also what its first message was.
    fn send_some(
        &self,
        direction: &Direction,
        (list, is_first): (Outgoing<'_>, bool),
        budget: &mut Budget,
    ) -> Result<usize, (Error, Run)> {
        let mut runs = [Run::NONE; MESSAGES];
        let check = |datagram: &Datagram| self.check_to_send(datagram);
        let limit = direction.datagrams.segmenting.limit();
        let terms = Terms { limit, most: DATAGRAMS, is_ipv6: self.peer_is_ipv6(), check: &check };
        let planned = segment::plan(list.datagrams(), &terms, &mut runs);
        let (count, datagrams) = planned.map_err(|error| (error, Run::NONE))?;
        if is_first {
            // What is wrong is refused before anything is sent.
            let later = list.after(datagrams).datagrams();
            later.iter().try_for_each(check).map_err(|error| (error, Run::NONE))?;
        }
        let planned = runs.get(..count).unwrap_or_default();
        let call = self.send_call(0, Timeout::Immediate);
        let sent = direction
            .poll_budget(&call, budget, || message::send(self.system.as_fd(), list, planned));
        let sent = sent.map_err(|error| (error, *runs.first().unwrap_or(&Run::NONE)))?;
        if sent == count {
            return Ok(datagrams);
        }
        Ok(planned.iter().take(sent).map(|run| usize::from(run.count)).sum())
    }

    fn check_to_send(&self, datagram: &Datagram) -> Result<(), Error> {
        datagram.check_to_send()?;
        self.check_message(datagram.len)?;
        if datagram.peer.len != 0 {
            self.check_address(&datagram.peer)?;
        }
        if datagram.flags == 0 { Ok(()) } else { self.check_parts(datagram) }
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
            return Err(Error::unsupported(NO_PARTS));
        }
        if has(BOJAGI_DATAGRAM_LOCAL) { self.check_local(datagram) } else { Ok(()) }
    }

    fn check_address(&self, address: &plain::Address) -> Result<(), Error> {
        let Some(family) = address.bytes().and_then(address::family) else {
            return Err(Error::argument("the address of a datagram is none; set its len to 0"));
        };
        if (family == libc::AF_UNIX) != self.is_unix {
            let what = "the address is of another family; use a socket of that family";
            return Err(Error::unsupported(what));
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
        self.peer.as_ref().and_then(|peer| address::is_over_ipv6(peer.bytes())).unwrap_or(false)
    }
}

const CAN_SEND_PARTS: bool = cfg!(any(target_os = "linux", target_os = "android"));
