//! Multicast groups: join and leave.

use super::addr::Address;
use super::socket::{Kind, Socket};
use super::sys::{multicast, name};
use crate::error::{Error, Stage, Subject};
use socket2::SockAddr;
use std::ffi::CStr;
use std::net::IpAddr;
use std::os::fd::AsFd;

/// Whether a group is joined or left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Membership {
    /// Joined.
    Join,
    /// Left.
    Leave,
}

impl Socket {
    /// Joins or leaves a multicast group, for what `source` sends where there is one.
    pub fn multicast(
        &self,
        membership: Membership,
        group: &Address,
        interface: Option<&CStr>,
        source: Option<&Address>,
    ) -> Result<(), Error> {
        let change = || {
            // For its answer after a panic.
            self.fd()?;
            if self.kind == Kind::Stream || self.is_unix {
                let what = "groups are of UDP alone; use a socket of bojagi_udp_bind";
                return Err(Error::unsupported(what));
            }
            let joins = membership == Membership::Join;
            let (system, source) = checked(group, source)?;
            let interface = interface.map_or(Ok(scope(system)), index)?;
            let changed = multicast::change(self.system.as_fd(), joins, interface, system, source);
            changed.map_err(|error| match error.raw_os_error() {
                Some(libc::ENODEV) if interface != 0 => Error::argument(NO_INTERFACE),
                _ => error.into(),
            })
        };
        change()
            .map_err(|error: Error| error.at(Stage::Socket).about(Subject::Address(group.clone())))
    }
}

fn checked<'a>(
    group: &'a Address,
    source: Option<&'a Address>,
) -> Result<(&'a SockAddr, Option<&'a SockAddr>), Error> {
    let system = group.system().filter(|system| ip(system).is_some_and(|ip| ip.is_multicast()));
    let system = system.ok_or_else(|| Error::argument("the address is no multicast group"))?;
    let Some(source) = source else { return Ok((system, None)) };
    match source.system() {
        Some(source) if source.family() == system.family() => Ok((system, Some(source))),
        _ => Err(Error::argument("the source is not of the group's family; pass one that is")),
    }
}

fn ip(address: &SockAddr) -> Option<IpAddr> {
    Some(address.as_socket()?.ip())
}

/// The interface that an IPv6 group names itself.
fn scope(group: &SockAddr) -> u32 {
    group.as_socket_ipv6().map_or(0, |group| group.scope_id())
}

/// An interface by number or by name.
fn index(interface: &CStr) -> Result<u32, Error> {
    let number = interface.to_str().ok().and_then(|text| text.parse().ok());
    number.or_else(|| name::interface(interface)).ok_or_else(|| Error::argument(NO_INTERFACE))
}

const NO_INTERFACE: &str = "there is no such interface; pass its name or number, or NULL";
