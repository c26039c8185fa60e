//! `getaddrinfo(3)`, `if_nametoindex(3)` and `if_indextoname(3)`.

use crate::error::{Cause, Error};
use crate::net::addr::{Address, Families};
use std::ffi::CStr;
use std::ptr;

/// The addresses of a host in the order of the resolver (RFC 6724), ports 0, at most `max`, of one family or
/// both. Blocks for as long as the resolver likes.
pub fn look_up(host: &CStr, families: Families, max: usize) -> Result<Vec<Address>, Error> {
    // SAFETY: addrinfo is plain data for which all zeros are a valid value.
    let mut hints: libc::addrinfo = unsafe { std::mem::zeroed() };
    hints.ai_family = match families {
        Families::Both => libc::AF_UNSPEC,
        Families::Ipv4 => libc::AF_INET,
        Families::Ipv6 => libc::AF_INET6,
    };
    hints.ai_socktype = libc::SOCK_STREAM;
    let mut list = ptr::null_mut();
    // SAFETY: `host` ends in NUL, the service may be NULL, `hints` and `list` are ours for the call.
    let status =
        unsafe { libc::getaddrinfo(host.as_ptr(), ptr::null(), &raw const hints, &raw mut list) };
    if status != 0 {
        return Err(failure(status));
    }
    let list = List(list);
    let addresses: Vec<_> = list.addresses().take(max).collect();
    if addresses.is_empty() {
        return Err(failure(libc::EAI_NONAME));
    }
    Ok(addresses)
}

/// The number of a network interface.
pub fn interface(name: &CStr) -> Option<u32> {
    // SAFETY: `name` ends in NUL.
    let index = unsafe { libc::if_nametoindex(name.as_ptr()) };
    (index != 0).then_some(index)
}

/// The name of a network interface.
pub fn interface_name(index: u32) -> Option<Vec<u8>> {
    let mut name = [0; libc::IF_NAMESIZE];
    // SAFETY: `name` has the room that the call asks for; it writes a text that ends in NUL, or nothing.
    let found = unsafe { libc::if_indextoname(index, name.as_mut_ptr()) };
    if found.is_null() {
        return None;
    }
    // SAFETY: written above, with its NUL.
    Some(unsafe { CStr::from_ptr(name.as_ptr()) }.to_bytes().to_vec())
}

fn failure(status: i32) -> Error {
    let advice = match status {
        libc::EAI_SYSTEM => return Cause::Os(super::flag::errno()).into(),
        libc::EAI_MEMORY => return Error::os(libc::ENOMEM),
        libc::EAI_AGAIN => "the name server does not answer: check the network, or try later",
        _ => "check the spelling of the name and the name server",
    };
    // SAFETY: the call takes any integer and returns a static text.
    let text = unsafe { CStr::from_ptr(libc::gai_strerror(status)) }.to_string_lossy();
    Cause::Resolve { reason: text.to_ascii_lowercase(), advice }.into()
}

/// What getaddrinfo has allocated.
struct List(*mut libc::addrinfo);

impl List {
    fn addresses(&self) -> impl Iterator<Item = Address> + '_ {
        let mut next = self.0.cast_const();
        std::iter::from_fn(move || {
            // SAFETY: `next` is NULL or an element of the list, which lives as long as `self`.
            let entry = unsafe { next.as_ref() }?;
            next = entry.ai_next;
            Some(entry)
        })
        .filter_map(address)
    }
}

impl Drop for List {
    fn drop(&mut self) {
        // SAFETY: the list comes from getaddrinfo and is freed once.
        unsafe { libc::freeaddrinfo(self.0) };
    }
}

fn address(entry: &libc::addrinfo) -> Option<Address> {
    let len = usize::try_from(entry.ai_addrlen).ok()?;
    if entry.ai_addr.is_null() {
        return None;
    }
    // SAFETY: not NULL, and getaddrinfo says how many bytes stand there.
    let bytes = unsafe { std::slice::from_raw_parts(entry.ai_addr.cast::<u8>(), len) };
    super::address::read(bytes).map(Address::from)
}
