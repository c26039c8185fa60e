//! What datagram sockets do: bind, and send to and receive from an address.

use super::addr::Address;
use super::batch::settle_peer;
use super::bind::{self, Purpose};
use super::connect::Options;
use super::direction::Kernel;
use super::plain;
use super::resolve::Host;
use super::socket::{Kind, Origin, Socket, recv_flags, send_flags};
use super::sys::poll::Interest;
use super::sys::{self, address, flag};
use super::unix::{self, OwnedPath};
use crate::deadline::Timeout;
use crate::error::{Cause, Error, Stage, Subject};
use std::mem::MaybeUninit;
use std::os::fd::AsFd;

impl Socket {
    /// A UDP socket bound to `host` (none: every interface, both families) and `port`.
    pub fn udp_bind(
        host: Option<&Host>,
        port: u16,
        options: &bind::Options,
    ) -> Result<Self, Error> {
        let system = bind::inet(host, port, options, Purpose::Udp)?;
        Ok(Self::new(system, origin(&options.common, None, None)))
    }

    /// A Unix datagram socket bound to an address, of which none lets the system choose; or not bound.
    pub fn unix_datagram_bind(
        address: Option<&Address>,
        options: &bind::Options,
    ) -> Result<Self, Error> {
        let (system, path) = bind::unix(address, Kind::Datagram, options, Purpose::UnixDatagram)?;
        let origin = Origin { is_unix: true, ..origin(&options.common, None, path) };
        Ok(Self::new(system, origin))
    }

    /// Receives one datagram and says who sent it. `from` is written also when the datagram did not
    /// fit. On a stream it is the peer.
    pub fn recv_from(
        &self,
        buf: &mut [MaybeUninit<u8>],
        timeout: Timeout,
        from: &mut Option<plain::Address>,
    ) -> Result<usize, Error> {
        if self.kind != Kind::Datagram {
            let count = self.recv(buf, timeout)?;
            // What has come is handed over, also when nobody can say any more from whom.
            *from = self.peer().ok().map(|peer| plain::Address::of(peer.bytes()));
            return Ok(count);
        }
        self.recv_datagram(buf, timeout, from).map_err(|error| self.error(Stage::Recv, error))
    }

    /// Sends one datagram to `to`.
    pub fn send_to(
        &self,
        data: &[u8],
        to: &plain::Address,
        timeout: Timeout,
    ) -> Result<usize, Error> {
        let bytes = to.bytes().unwrap_or_default();
        self.send_to_bytes(data, bytes, timeout).map_err(|error| {
            let subject = Address::read(bytes).map_or(Subject::None, Subject::Address);
            error.at(Stage::Send).about(subject)
        })
    }

    fn send_to_bytes(&self, data: &[u8], to: &[u8], timeout: Timeout) -> Result<usize, Error> {
        let Some(family) = address::family(to) else {
            return Err(Error::argument(if to.is_empty() { unix::NOBODY } else { NO_ADDRESS }));
        };
        if self.kind != Kind::Datagram {
            return Err(Error::unsupported("a connection has one peer; use send"));
        }
        if (family == libc::AF_UNIX) != self.is_unix {
            let what = "the address is of another family; use a socket of that family";
            return Err(Error::unsupported(what));
        }
        let mut direction = self.lock_here(Interest::Send)?;
        let call = self.send_call(data.len(), timeout);
        direction.perform(&call, timeout, timeout.deadline(), |mode| {
            sys::datagram::send_to(self.system.as_fd(), data, to, send_flags(mode))
        })
    }

    fn recv_datagram(
        &self,
        buf: &mut [MaybeUninit<u8>],
        timeout: Timeout,
        from: &mut Option<plain::Address>,
    ) -> Result<usize, Error> {
        let mut direction = self.lock_here(Interest::Recv)?;
        if direction.datagrams.has_groups() {
            return self.recv_one(&mut direction, buf, timeout, from);
        }
        let deadline = timeout.deadline();
        let mut sender = plain::Address::NONE;
        let len = direction.perform(&self.recv_call(), timeout, deadline, |mode| {
            let flags = recv_flags(mode) | flag::FULL_LENGTH;
            sys::datagram::recv_from(self.system.as_fd(), buf, &mut sender, flags)
        })?;
        settle_peer(from.insert(sender));
        if len > buf.len() { Err(Cause::Datagram { len, cap: buf.len() }.into()) } else { Ok(len) }
    }
}

pub(super) fn origin(
    options: &Options,
    peer: Option<Address>,
    path: Option<OwnedPath>,
) -> Origin<'_> {
    let kernel = [Kernel::Millis(0); 2];
    Origin { kind: Kind::Datagram, is_unix: false, options, peer, kernel, path }
}

const NO_ADDRESS: &str = "the address holds none; fill it with bojagi_address_parse first";
