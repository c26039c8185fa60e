//! From a host to addresses: numeric ones at once, names by the caller's table and hook, and else by the
//! system's resolver.

use super::addr::{Address, Families};
use super::hosts::Hosts;
use super::lookup::{self, ADDRESSES_MAX};
use super::wait::Waiter;
use crate::deadline::{Deadline, Timeout};
use crate::error::{Cause, Error, Stage, Subject};
use std::sync::Arc;

/// A host as a caller may write it: a name, or a numeric address, with or without brackets.
#[derive(Clone, Debug)]
pub struct Host(String);

impl Host {
    /// Refuses what no host looks like, so that it reaches neither the resolver nor a message.
    pub fn parse(text: &[u8]) -> Result<Self, Error> {
        let wrong = |what| Error::wrong(format_args!("the host {what}; pass a name or an address"));
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

    /// The host as it was written.
    pub fn text(&self) -> &str {
        &self.0
    }

    /// The subject of an error that is about this host.
    pub fn subject(&self, port: u16) -> Subject {
        Subject::Host(self.0.clone(), port)
    }
}

/// A resolver of the caller: the addresses of a name, or none when the system is to be asked.
pub type Hook = dyn Fn(&Host, u16, Timeout) -> Result<Vec<Address>, Error>;

/// Where names are looked up, and which addresses are wanted.
#[derive(Default)]
pub struct Names {
    /// Asked first.
    pub hosts: Option<Arc<Hosts>>,
    /// Asked next, before the system.
    pub hook: Option<Box<Hook>>,
    /// Addresses of another family are left out.
    pub families: Families,
}

impl Names {
    /// The addresses of a host that the system need not be asked for.
    pub fn known(
        &self,
        host: &Host,
        port: u16,
        deadline: Deadline,
    ) -> Result<Option<Vec<Address>>, Error> {
        if let Some(address) = Address::numeric(&host.0, port) {
            return wanted(self.families, vec![address], port).map(Some);
        }
        let mut found = self.hosts.as_ref().map_or_else(Vec::new, |hosts| hosts.find(host));
        if found.is_empty()
            && let Some(hook) = &self.hook
        {
            found = hook(host, port, deadline.timeout())?;
        }
        if found.is_empty() { Ok(None) } else { wanted(self.families, found, port).map(Some) }
    }
}

/// The addresses of the families that are wanted, at least one, each with its port.
pub fn wanted(
    families: Families,
    mut found: Vec<Address>,
    port: u16,
) -> Result<Vec<Address>, Error> {
    found.retain(|address| families.include(address));
    found.iter_mut().for_each(|address| address.default_port(port));
    if found.is_empty() {
        let reason = "the host has no address of the family that is asked for".to_owned();
        let advice = "allow both, or pass another host";
        return Err(Cause::Resolve { reason, advice }.into());
    }
    Ok(found)
}

/// The addresses of a host, at least one, in the order of the resolver (RFC 6724).
pub fn resolve(
    host: &Host,
    port: u16,
    names: &Names,
    waiter: &Waiter<'_>,
) -> Result<Vec<Address>, Error> {
    let look_up = || {
        if names.hook.is_some() {
            waiter.check()?;
        }
        if let Some(known) = names.known(host, port, waiter.deadline)? {
            return Ok(known);
        }
        if waiter.deadline == Deadline::Immediate {
            return Err(Error::again());
        }
        let found = lookup::look_up(&host.0, names.families, waiter)?;
        wanted(names.families, found, port)
    };
    look_up().map_err(|error: Error| error.at(Stage::Resolve).about(host.subject(port)))
}

/// As many addresses as a table or a hook may give.
pub const HOOK_MAX: usize = ADDRESSES_MAX;

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
