//! From a host to addresses: numeric ones at once, names by the system's resolver.

use super::addr::Address;
use super::lookup;
use super::wait::Waiter;
use crate::deadline::Deadline;
use crate::error::{Cause, Error, Stage, Subject};

/// A host as a caller may write it: a name, or a numeric address, with or without brackets.
#[derive(Clone, Debug)]
pub struct Host(String);

impl Host {
    /// Refuses what no host looks like, so that it reaches neither the resolver nor a message.
    pub fn parse(text: &[u8]) -> Result<Self, Error> {
        let wrong = |what| Error::argument(format!("the host {what}; pass a name or an address"));
        if text.is_empty() {
            return Err(wrong("is empty"));
        }
        if text.len() > HOST_MAX {
            return Err(wrong("has more than 255 bytes"));
        }
        if text.iter().any(|&byte| byte <= b' ' || byte == 0x7f) {
            return Err(wrong("has a space or a control character in it"));
        }
        match str::from_utf8(text) {
            Ok(text) if text.starts_with('[') && Address::numeric(text, 0).is_none() => {
                Err(wrong("has brackets around what is no IPv6 address"))
            }
            Ok(text) if !text.contains(char::is_control) => Ok(Self(text.to_owned())),
            _ => Err(wrong("is not UTF-8")),
        }
    }

    /// The subject of an error that is about this host.
    pub fn subject(&self, port: u16) -> Subject {
        Subject::Host(self.0.clone(), port)
    }
}

/// The addresses of a host, at least one, in the order of the resolver (RFC 6724).
pub fn resolve(host: &Host, port: u16, waiter: &Waiter<'_>) -> Result<Vec<Address>, Error> {
    let look_up = || {
        if let Some(address) = Address::numeric(&host.0, port) {
            return Ok(vec![address]);
        }
        if waiter.deadline == Deadline::Immediate {
            return Err(Cause::Again.into());
        }
        let found = lookup::look_up(&host.0, waiter)?;
        Ok(found
            .into_iter()
            .map(|mut address| {
                address.set_port(port);
                address.into()
            })
            .collect())
    };
    look_up().map_err(|error: Error| error.at(Stage::Resolve).about(host.subject(port)))
}

/// A fully qualified name has at most 253 characters (RFC 1035 §2.3.4).
const HOST_MAX: usize = 255;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_what_no_host_looks_like() {
        for text in ["", "a b", "a\n", "a\u{7f}", "[::1", "[x]", "a\u{85}", &"x".repeat(256)] {
            let error = Host::parse(text.as_bytes()).unwrap_err();
            assert!(matches!(error.cause(), Cause::Argument(_)), "{text:?}");
        }
        assert!(matches!(Host::parse(b"\xff").unwrap_err().cause(), Cause::Argument(_)));
        for text in ["localhost", "[::1]", "::1", "127.0.0.1", "b\u{fc}cher.example"] {
            assert!(Host::parse(text.as_bytes()).is_ok(), "{text:?}");
        }
    }
}
