//! A static table of hosts: names that are not looked up, because the caller knows where they are.

use super::addr::Address;
use super::lookup::ADDRESSES_MAX;
use super::resolve::Host;
use crate::error::Error;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The table. Any thread may read it and add to it.
#[derive(Debug, Default)]
pub struct Hosts {
    entries: Mutex<Vec<Entry>>,
}

/// A name and one of its addresses.
type Entry = (String, Address);

impl Hosts {
    /// Adds an address behind those that the name has already.
    pub fn add(&self, name: &Host, address: Address) -> Result<(), Error> {
        if Address::numeric(name.text(), 0).is_some() {
            return Err(Error::argument("a numeric host is its own address; pass a name"));
        }
        let mut entries = self.lock();
        if of(&entries, name).count() >= ADDRESSES_MAX {
            return Err(Error::argument(
                "a name has at most 64 addresses; add no more to this one",
            ));
        }
        entries.push((without_dot(name.text()).to_owned(), address));
        Ok(())
    }

    /// The addresses of a name in the order in which they were added; none of one that is not here.
    pub fn find(&self, name: &Host) -> Vec<Address> {
        of(&self.lock(), name).cloned().collect()
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Entry>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The addresses of a name.
fn of<'a>(entries: &'a [Entry], name: &'a Host) -> impl Iterator<Item = &'a Address> {
    let name = without_dot(name.text());
    let same = entries.iter().filter(move |(other, _)| other.eq_ignore_ascii_case(name));
    same.map(|(_, address)| address)
}

/// A name that ends in a dot is the same name, whole (RFC 1034 §3.1).
fn without_dot(name: &str) -> &str {
    name.strip_suffix('.').unwrap_or(name)
}
