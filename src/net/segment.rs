//! Which datagrams of a batch go as one message, which the system or the device cuts up (UDP_SEGMENT in
//! udp(7)).

use super::plain::*;
use super::sys::address;
use super::sys::control::{Run, can_segment};
use super::sys::message::MESSAGES;
use crate::error::Error;
use std::os::fd::BorrowedFd;

/// What is known of a socket's ability to send many datagrams as one message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Segmenting {
    /// Nobody has asked yet.
    #[default]
    Unknown,
    /// Datagrams of at most so many bytes can; 0: none.
    UpTo(u16),
}

impl Segmenting {
    /// Asks the system, once for each socket.
    pub fn probe(&mut self, socket: BorrowedFd<'_>) {
        if *self == Self::Unknown {
            *self = Self::UpTo(if can_segment(socket) { u16::MAX } else { 0 });
        }
    }

    /// The longest datagram that goes with others.
    pub fn limit(self) -> usize {
        match self {
            Self::Unknown => 0,
            Self::UpTo(limit) => usize::from(limit),
        }
    }

    /// Remembers that a message of datagrams of `segment` bytes was refused with `errno`. Whether that can
    /// have been because there were many of them.
    pub fn refuse(&mut self, errno: i32, segment: u16) -> bool {
        *self = match errno {
            // Longer than the route takes in one packet.
            libc::EINVAL | libc::EMSGSIZE => Self::UpTo(segment.saturating_sub(1)),
            // The device of the route cannot.
            libc::EIO | libc::EOPNOTSUPP | libc::ENOPROTOOPT => Self::UpTo(0),
            _ => return false,
        };
        true
    }
}

/// What holds for all datagrams that a socket sends.
#[derive(Clone, Copy)]
pub struct Terms<'a> {
    /// The longest datagram that goes with others.
    pub limit: usize,
    /// The most datagrams of a system call.
    pub most: usize,
    /// What the socket sends to when a datagram names nobody.
    pub is_ipv6: bool,
    /// Refuses a wrong datagram.
    pub check: &'a dyn Fn(&Datagram) -> Result<(), Error>,
}

/// Plans the messages of one system call. Says how many they are, and of how many datagrams, which it has
/// looked at once and all found right: those that are like a right one are right.
pub fn plan(
    list: &[Datagram],
    terms: &Terms<'_>,
    runs: &mut [Run; MESSAGES],
) -> Result<(usize, usize), Error> {
    let (mut rest, mut left, mut count) = (list, terms.most, 0);
    for run in runs.iter_mut() {
        let Some(first) = rest.first().filter(|_| left > 0) else { break };
        (terms.check)(first)?;
        let len = together(rest, terms.limit).min(left);
        *run = Run {
            count: u16::try_from(len).unwrap_or(1),
            segment: u16::try_from(first.len).unwrap_or(0),
            is_ipv6: goes_over_ipv6(first).unwrap_or(terms.is_ipv6),
        };
        (rest, left, count) = (rest.get(len..).unwrap_or_default(), left - len, count + 1);
    }
    Ok((count, terms.most - left))
}

/// How many datagrams at the front go as one message: of one length but the last, which may be shorter,
/// and with all else the same.
fn together(list: &[Datagram], limit: usize) -> usize {
    let Some((first, others)) = list.split_first() else { return 0 };
    let size = first.len;
    if size == 0 || size > limit {
        return 1;
    }
    let most = SEGMENTS.min(BYTES / size).saturating_sub(1);
    let others = others.get(..most).unwrap_or(others);
    // Nothing but bytes to the peer of the socket is what most batches are.
    let count = if first.flags | first.peer.len == 0 {
        let is_like = |next: &&Datagram| {
            next.len == size && next.flags | next.peer.len == 0 && !next.data.is_null()
        };
        others.iter().take_while(is_like).count()
    } else {
        let is_like =
            |next: &&Datagram| next.len == size && !next.data.is_null() && is_alike(first, next);
        others.iter().take_while(is_like).count()
    };
    let is_last = |next: &Datagram| {
        (1..size).contains(&next.len) && !next.data.is_null() && is_alike(first, next)
    };
    1 + count + usize::from(others.get(count).is_some_and(is_last))
}

/// Whether two datagrams go the same way.
fn is_alike(one: &Datagram, other: &Datagram) -> bool {
    let has = |part| one.flags & part != 0;
    one.flags == other.flags
        && one.peer.len == other.peer.len
        && (one.peer.len == 0 || one.peer.bytes() == other.peer.bytes())
        && (!has(BOJAGI_DATAGRAM_LOCAL)
            || (one.local.bytes(), one.interface_index)
                == (other.local.bytes(), other.interface_index))
        && (!has(BOJAGI_DATAGRAM_TOS) || one.tos == other.tos)
        && (!has(BOJAGI_DATAGRAM_HOPS) || one.hops == other.hops)
}

/// Whether the receiver, or else the sender, that a datagram names is of IPv6.
fn goes_over_ipv6(datagram: &Datagram) -> Option<bool> {
    let named = |address: &Address| address.bytes().and_then(address::is_over_ipv6);
    let local = (datagram.flags & BOJAGI_DATAGRAM_LOCAL != 0).then_some(&datagram.local);
    named(&datagram.peer).or_else(|| local.and_then(named))
}

/// What every system takes: UDP_MAX_SEGMENTS was 64 before Linux 6.9.
const SEGMENTS: usize = 64;
/// What an IPv4 packet has room for (RFC 791, RFC 768).
const BYTES: usize = 65_507;

#[cfg(test)]
mod tests {
    use super::*;

    fn lens(lens: &[usize]) -> Vec<Datagram> {
        let data = std::ptr::dangling_mut();
        lens.iter().map(|&len| Datagram { data, len, ..Datagram::NONE }).collect()
    }

    fn counts(list: &[Datagram], limit: usize, most: usize) -> Vec<u16> {
        let mut runs = [Run { count: 0, segment: 0, is_ipv6: false }; MESSAGES];
        let terms = Terms { limit, most, is_ipv6: false, check: &|_| Ok(()) };
        let (count, datagrams) = plan(list, &terms, &mut runs).unwrap();
        let counted: u16 = runs[..count].iter().map(|run| run.count).sum();
        assert_eq!(datagrams, usize::from(counted));
        runs[..count].iter().map(|run| run.count).collect()
    }

    #[test]
    fn run_has_one_length_and_perhaps_a_shorter_end() {
        assert_eq!(counts(&lens(&[8, 8, 8]), 9000, 512), [3]);
        assert_eq!(counts(&lens(&[8, 8, 3, 8, 9, 9]), 9000, 512), [3, 1, 2]);
        assert_eq!(counts(&lens(&[8, 0, 8, 8]), 9000, 512), [1, 1, 2]);
        assert_eq!(counts(&lens(&[0, 0]), 9000, 512), [1, 1]);
        assert_eq!(counts(&lens(&[8, 8, 8]), 7, 512), [1, 1, 1]);
        assert_eq!(counts(&lens(&[8, 8, 8]), 8, 2), [2]);
        assert!(counts(&lens(&[]), 8, 2).is_empty());
    }

    #[test]
    fn run_fits_one_packet() {
        assert_eq!(counts(&lens(&[1; 130]), 9000, 512), [64, 64, 2]);
        assert_eq!(counts(&lens(&[1400; 47]), 9000, 512), [46, 1]);
        assert_eq!(counts(&lens(&[32_753, 32_753, 32_754, 32_754]), 65_535, 512), [2, 1, 1]);
        assert_eq!(counts(&lens(&[1; 700]), 0, 512).len(), MESSAGES);
    }

    #[test]
    fn run_goes_one_way() {
        let mut list = lens(&[8, 8, 8, 8]);
        list[1].peer.set(&[2; 16]);
        list[3].flags = BOJAGI_DATAGRAM_TOS;
        assert_eq!(counts(&list, 9000, 512), [1, 1, 1, 1]);
        let mut list = lens(&[8, 8, 8]);
        list.iter_mut().for_each(|datagram| datagram.flags = BOJAGI_DATAGRAM_TOS);
        list[2].tos = 1;
        list[1].hops = 3;
        assert_eq!(counts(&list, 9000, 512), [2, 1]);
    }

    #[test]
    fn only_what_is_like_a_right_one_goes_unchecked() {
        let mut list = lens(&[8, 8, 8, 8, 3, 8]);
        list[2].data = std::ptr::null_mut();
        list[4].data = std::ptr::null_mut();
        let checked = std::cell::RefCell::new(Vec::new());
        let check = |datagram: &Datagram| {
            checked.borrow_mut().push(datagram.data.is_null());
            Ok(())
        };
        let terms = Terms { limit: 9000, most: 512, is_ipv6: false, check: &check };
        let mut runs = [Run { count: 0, segment: 0, is_ipv6: false }; MESSAGES];
        assert_eq!(plan(&list, &terms, &mut runs).unwrap(), (4, 6));
        // The second and the fourth are like the one before.
        assert_eq!(*checked.borrow(), [false, true, true, false]);
    }

    #[test]
    fn refusal_of_a_length_leaves_the_shorter_ones() {
        let mut segmenting = Segmenting::UpTo(u16::MAX);
        assert!(!segmenting.refuse(libc::ECONNREFUSED, 1400));
        assert_eq!(segmenting.limit(), 65_535);
        assert!(segmenting.refuse(libc::EINVAL, 1400));
        assert_eq!(segmenting.limit(), 1399);
        assert!(segmenting.refuse(libc::EIO, 1000));
        assert_eq!(segmenting.limit(), 0);
    }
}
