//! How a connection is made: from where, how fast one address follows the other, and with what.

use super::addr::{Address, Family};
use super::connect::Options;
use super::option::id::{BOJAGI_KIND_TCP, BOJAGI_KIND_UDP};
use super::option::value::apply;
use super::sys::connect;
use crate::deadline::Deadline;
use crate::error::Error;
use socket2::{Protocol, Socket, Type};
use std::time::Duration;

/// What a connect takes beyond what every handle does, and beyond what is about names.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// What the socket keeps.
    pub options: Options,
    /// The time from one attempt to the next; nothing: what RFC 8305 recommends.
    pub delay: Option<Duration>,
    /// The address of this side.
    pub local: Option<Address>,
    /// The interface that the packets take.
    pub interface: Option<Vec<u8>>,
    /// Whether the first data may travel with the handshake.
    pub fast_open: bool,
}

impl Plan {
    /// The time from one of `count` attempts to the next. The one that nobody has chosen gives way to a
    /// budget that would end before the last attempt has begun.
    pub fn delay(&self, count: usize, deadline: Deadline) -> Duration {
        let Some(delay) = self.delay else {
            let count = u32::try_from(count.max(1)).unwrap_or(u32::MAX);
            let part = deadline.left().map_or(DELAY, |left| left / count);
            return part.clamp(DELAY_MIN, DELAY);
        };
        delay
    }

    /// A TCP socket that is ready to connect to an address.
    pub fn stream(&self, to: &Address, nonblocking: bool) -> Result<Socket, Error> {
        let domain = self.domain(to)?;
        let socket = if nonblocking {
            connect::nonblocking(domain)?
        } else {
            Socket::new(domain, Type::STREAM, Some(Protocol::TCP))?
        };
        socket.set_tcp_nodelay(true)?;
        if self.fast_open {
            connect::fast_open(&socket);
        }
        self.bind_interface(&socket)?;
        if let Some(local) = self.local.as_ref() {
            match local.port() {
                // Attempts that run side by side share the port, and no old connection is in the way.
                Some(1..) => socket.set_reuse_address(true)?,
                _ => connect::bind_without_port(&socket),
            }
        }
        self.apply(&socket, BOJAGI_KIND_TCP, to)?;
        self.bind(&socket)?;
        Ok(socket)
    }

    /// A UDP socket that is ready to connect to an address.
    pub fn datagram(&self, to: &Address) -> Result<Socket, Error> {
        let socket = Socket::new(self.domain(to)?, Type::DGRAM, Some(Protocol::UDP))?;
        self.bind_interface(&socket)?;
        self.apply(&socket, BOJAGI_KIND_UDP, to)?;
        self.bind(&socket)?;
        Ok(socket)
    }

    /// Whether an address can be reached from the address of this side.
    pub fn suits(&self, to: &Address) -> bool {
        self.local.as_ref().is_none_or(|local| local.family() == to.family())
    }

    fn domain(&self, to: &Address) -> Result<socket2::Domain, Error> {
        if !self.suits(to) {
            return Err(Error::unsupported(OTHER_FAMILY));
        }
        to.system().map(|to| to.domain()).ok_or_else(|| Error::argument(super::unix::NOBODY))
    }

    fn apply(&self, socket: &Socket, kind: u32, to: &Address) -> Result<(), Error> {
        apply(&self.options.values, socket, kind, to.family() == Family::Ipv6)
    }

    fn bind_interface(&self, socket: &Socket) -> Result<(), Error> {
        match &self.interface {
            Some(name) if connect::bind_interface(socket, name)? => Ok(()),
            Some(_) => Err(Error::unsupported(NO_INTERFACE)),
            None => Ok(()),
        }
    }

    fn bind(&self, socket: &Socket) -> Result<(), Error> {
        match self.local.as_ref().and_then(Address::system) {
            Some(local) => Ok(socket.bind(local)?),
            None => Ok(()),
        }
    }
}

const OTHER_FAMILY: &str =
    "skipped, the local address is of the other family; pass a local address of this one";
const NO_INTERFACE: &str = "this system cannot bind to an interface by name; leave it out";

/// The Connection Attempt Delay and its least value (RFC 8305 §8).
pub const DELAY: Duration = Duration::from_millis(250);
const DELAY_MIN: Duration = Duration::from_millis(10);

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Instant;

    #[test]
    fn only_a_delay_that_nobody_chose_gives_way_to_the_budget() {
        let plan = Plan::default();
        let soon = Deadline::At(Instant::now() + Duration::from_millis(400));
        assert_eq!(plan.delay(64, Deadline::Never), DELAY);
        assert_eq!(plan.delay(1, soon), DELAY);
        let shorter = plan.delay(4, soon);
        assert!(shorter <= Duration::from_millis(100) && shorter >= DELAY_MIN, "{shorter:?}");
        assert_eq!(plan.delay(64, Deadline::Immediate), DELAY_MIN);
        let chosen = Plan { delay: Some(Duration::from_secs(2)), ..plan };
        assert_eq!(chosen.delay(64, soon), Duration::from_secs(2));
    }
}
