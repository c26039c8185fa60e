//! The address of a socket, as the system has it and as people write it.

use super::sys::{address, name};
use socket2::SockAddr;
use std::ffi::{CString, OsStr};
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV6};
use std::os::unix::ffi::OsStrExt;

/// The address of a socket: IPv4, IPv6, Unix, or none at all (an unnamed Unix socket).
///
/// An IPv4 peer of a socket that serves both families is an IPv4 address here, not `::ffff:…`.
#[derive(Debug, PartialEq, Eq)]
pub struct Address(Option<SockAddr>);

/// Derived it would be compiled into every place where a failure names an address.
impl Clone for Address {
    #[inline(never)]
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

/// What kind of address it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// An unnamed Unix socket.
    None,
    /// A path or an abstract name.
    Unix,
    /// IPv4.
    Ipv4,
    /// IPv6.
    Ipv6,
}

/// Which addresses of a host are wanted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Families {
    /// IPv4 and IPv6.
    #[default]
    Both,
    /// IPv4 alone.
    Ipv4,
    /// IPv6 alone.
    Ipv6,
}

impl Families {
    /// Whether an address is among them.
    pub fn include(self, address: &Address) -> bool {
        match address.family() {
            Family::Ipv4 => self != Self::Ipv6,
            Family::Ipv6 => self != Self::Ipv4,
            Family::Unix | Family::None => false,
        }
    }
}

impl Address {
    /// The address of a socket that has none.
    pub const UNNAMED: Self = Self(None);

    /// Reads a numeric host: IPv4, or IPv6 with or without brackets and `%scope`.
    pub fn numeric(host: &str, port: u16) -> Option<Self> {
        let bracketed = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
        if bracketed.is_none()
            && let Ok(ip) = host.parse::<Ipv4Addr>()
        {
            return Some(SocketAddr::from((ip, port)).into());
        }
        let (ip, scope) = match bracketed.unwrap_or(host).split_once('%') {
            Some((ip, scope)) => (ip, scope_id(scope)?),
            None => (bracketed.unwrap_or(host), 0),
        };
        let ip: Ipv6Addr = ip.parse().ok()?;
        let address = SocketAddrV6::new(ip, port, 0, scope);
        // Not `from`: a mapped address that was written down stays what it is.
        Some(Self(Some(address.into())))
    }

    /// Reads the bytes of a `sockaddr`; no bytes are the unnamed address.
    pub fn read(bytes: &[u8]) -> Option<Self> {
        if bytes.is_empty() {
            return Some(Self::UNNAMED);
        }
        let address = address::read(bytes)?;
        if !address.is_unix() {
            return Some(Self(Some(address)));
        }
        Some(Self::unix(address, bytes.get(address::UNIX_PATH..)?))
    }

    /// A Unix address as the system writes it, which counts a NUL behind a path: some of those that
    /// fill a sockaddr_un do not, or leave more behind it (unix(7)).
    fn unix(address: SockAddr, name: &[u8]) -> Self {
        if name.is_empty() {
            return Self::UNNAMED;
        }
        let path = path_of(name);
        if path.is_empty() {
            return Self(Some(address));
        }
        Self(Some(SockAddr::unix(OsStr::from_bytes(path)).unwrap_or(address)))
    }

    /// The bytes of the `sockaddr`; none when it is unnamed.
    pub fn bytes(&self) -> &[u8] {
        self.0.as_ref().map_or(&[], address::bytes)
    }

    /// The address as socket2 has it, unless it is unnamed.
    pub fn system(&self) -> Option<&SockAddr> {
        self.0.as_ref()
    }

    /// The kind of address.
    pub fn family(&self) -> Family {
        match &self.0 {
            Some(address) if address.is_ipv4() => Family::Ipv4,
            Some(address) if address.is_ipv6() => Family::Ipv6,
            Some(address) if address.is_unix() => Family::Unix,
            _ => Family::None,
        }
    }

    /// The port of an IPv4 or IPv6 address.
    pub fn port(&self) -> Option<u16> {
        self.inet().map(|address| address.port())
    }

    /// Gives an IPv4 or IPv6 address whose port is 0 another one.
    pub fn default_port(&mut self, port: u16) {
        if let Some(mut address) = self.inet()
            && address.port() == 0
        {
            address.set_port(port);
            // Not `from`: a mapped address that was written down stays what it is.
            self.0 = Some(address.into());
        }
    }

    /// The host of an address: `127.0.0.1`, `::1`, `/path`, `@name`, or nothing.
    pub fn host(&self) -> Vec<u8> {
        match self.inet() {
            Some(SocketAddr::V6(address)) if address.scope_id() != 0 => {
                format!("{}%{}", address.ip(), address.scope_id()).into_bytes()
            }
            Some(address) => address.ip().to_string().into_bytes(),
            None => self.unix_name(),
        }
    }

    /// The whole address: `127.0.0.1:80`, `[::1]:80`, `unix:/path`, `unix:@name`, `unix:`.
    pub fn text(&self) -> Vec<u8> {
        match self.inet() {
            Some(address) => address.to_string().into_bytes(),
            None => [b"unix:".as_slice(), &self.unix_name()].concat(),
        }
    }

    fn inet(&self) -> Option<SocketAddr> {
        self.0.as_ref().and_then(SockAddr::as_socket)
    }

    /// The path, or the abstract name with `@` where NUL stands, as in /proc/net/unix.
    fn unix_name(&self) -> Vec<u8> {
        let name = self.bytes().get(address::UNIX_PATH..).unwrap_or_default();
        match name.first() {
            Some(0) => name.iter().map(|&byte| if byte == 0 { b'@' } else { byte }).collect(),
            _ => path_of(name).to_vec(),
        }
    }
}

impl From<SockAddr> for Address {
    fn from(address: SockAddr) -> Self {
        match address.as_socket() {
            Some(inet) => inet.into(),
            None if address.is_unix() && !address.is_unnamed() => {
                Self(Some(address::without_nul(address)))
            }
            None => Self::UNNAMED,
        }
    }
}

impl From<SocketAddr> for Address {
    fn from(address: SocketAddr) -> Self {
        let plain = match address.ip().to_canonical() {
            ip @ IpAddr::V4(_) => SocketAddr::new(ip, address.port()),
            IpAddr::V6(_) => address,
        };
        Self(Some(plain.into()))
    }
}

/// One line, of which the end is left out where it would take the room of what follows.
impl fmt::Display for Address {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut room = SHOWN_MAX;
        for letter in String::from_utf8_lossy(&self.text()).chars() {
            if room == 0 {
                return out.write_str("...");
            }
            if letter.is_control() {
                write!(out, "{}", letter.escape_default())?;
                room = room.saturating_sub(ESCAPED);
            } else {
                write!(out, "{letter}")?;
                room = room.saturating_sub(letter.len_utf8());
            }
        }
        Ok(())
    }
}

/// No path of a Unix socket is longer, unless it has odd letters.
const SHOWN_MAX: usize = 120;
/// Of `\u{85}`.
const ESCAPED: usize = 6;

/// What stands before the first NUL.
fn path_of(name: &[u8]) -> &[u8] {
    name.split(|&byte| byte == 0).next().unwrap_or_default()
}

/// An interface by number or by name.
fn scope_id(scope: &str) -> Option<u32> {
    match scope.parse() {
        Ok(number) => Some(number),
        Err(_) => name::interface(&CString::new(scope).ok()?),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(host: &str) -> String {
        Address::numeric(host, 80).map(|address| address.to_string()).unwrap_or_default()
    }

    #[test]
    fn reads_numeric_hosts_only() {
        assert_eq!(text("127.0.0.1"), "127.0.0.1:80");
        assert_eq!(text("::1"), "[::1]:80");
        assert_eq!(text("[::1]"), "[::1]:80");
        assert_eq!(text("fe80::1%2"), "[fe80::1%2]:80");
        assert_eq!(text("[fe80::1%2]"), "[fe80::1%2]:80");
        for host in ["", "localhost", "127.1", "[127.0.0.1]", "[::1", "::1]", "1.2.3.4.5", "::1%"] {
            assert_eq!(text(host), "", "{host}");
        }
    }

    #[test]
    fn bytes_come_back_as_the_same_address() {
        for host in ["192.0.2.1", "2001:db8::1", "fe80::1%3"] {
            let address = Address::numeric(host, 443).unwrap();
            assert_eq!(Address::read(address.bytes()), Some(address));
        }
    }

    #[test]
    fn reads_unix_addresses_however_long_they_are_said_to_be() {
        let full = crate::net::unix::address(b"/tmp/a").unwrap();
        let mut bytes = full.bytes().to_vec();
        bytes.resize(address::UNIX_PATH + address::UNIX_PATH_MAX + 1, 0);
        for len in [full.bytes().len() - 1, full.bytes().len(), bytes.len()] {
            assert_eq!(Address::read(&bytes[..len]).as_ref(), Some(&full), "{len}");
        }
        assert_eq!(Address::read(&bytes[..address::UNIX_PATH]), Some(Address::UNNAMED));
    }

    #[test]
    fn refuses_bytes_of_the_wrong_length_or_family() {
        let address = Address::numeric("192.0.2.1", 443).unwrap();
        let bytes = address.bytes();
        assert_eq!(Address::read(&bytes[..bytes.len() - 1]), None);
        assert_eq!(Address::read(&bytes[..1]), None);
        assert_eq!(Address::read(&[0xff; 28]), None);
        assert_eq!(Address::read(&[0; 129]), None);
    }

    #[test]
    fn mapped_peer_is_an_ipv4_address() {
        let mapped: SocketAddr = "[::ffff:192.0.2.1]:9".parse().unwrap();
        assert_eq!(Address::from(mapped).to_string(), "192.0.2.1:9");
    }

    #[test]
    fn text_for_people_has_no_control_characters() {
        let address = crate::net::unix::address(b"/tmp/a\nb").unwrap();
        assert_eq!(address.to_string(), "unix:/tmp/a\\nb");
        assert_eq!(address.text(), b"unix:/tmp/a\nb");
    }
}
