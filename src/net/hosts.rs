//! A static table of hosts: names that are not looked up, because the caller knows where they are.

use super::addr::Address;
use super::lookup::ADDRESSES_MAX;
use super::resolve::Host;
use crate::error::Error;
use std::sync::{Mutex, PoisonError};

/// The table. Any thread may read it and add to it.
#[derive(Debug, Default)]
pub struct Hosts {
    entries: Mutex<Vec<(String, Address)>>,
}

impl Hosts {
    /// Adds an address behind those that the name has already.
    pub fn add(&self, name: &Host, address: Address) -> Result<(), Error> {
        if Address::numeric(name.text(), 0).is_some() {
            return Err(Error::argument("a numeric host is its own address; pass a name"));
        }
        if self.find(name).len() >= ADDRESSES_MAX {
            return Err(Error::argument(
                "a name has at most 64 addresses; add no more to this one",
            ));
        }
        let entry = (without_dot(name.text()).to_owned(), address);
        self.entries.lock().unwrap_or_else(PoisonError::into_inner).push(entry);
        Ok(())
    }

    /// The addresses of a name in the order in which they were added; none of one that is not here.
    pub fn find(&self, name: &Host) -> Vec<Address> {
        let name = without_dot(name.text());
        let entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        let found = entries.iter().filter(|(other, _)| other.eq_ignore_ascii_case(name));
        found.map(|(_, address)| address.clone()).collect()
    }
}

/// A name that ends in a dot is the same name, whole (RFC 1034 §3.1).
fn without_dot(name: &str) -> &str {
    name.strip_suffix('.').unwrap_or(name)
}
