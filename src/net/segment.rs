//! Which datagrams of a batch go as one message, which the system or the device cuts up (UDP_SEGMENT in
//! udp(7)).

use super::plain::*;
use super::sys::address;
use super::sys::control::{Run, can_segment};
use super::sys::message::MESSAGES;
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

/// Plans the messages of one system call: how many there are is returned. `is_ipv6` is what the socket
/// sends to when a datagram names nobody.
pub fn plan(
    list: &[Datagram],
    limit: usize,
    most: usize,
    is_ipv6: bool,
    runs: &mut [Run; MESSAGES],
) -> usize {
    let (mut rest, mut left, mut count) = (list, most, 0);
    for run in runs.iter_mut() {
        let Some(first) = rest.first().filter(|_| left > 0) else { break };
        let len = together(rest, limit).min(left);
        *run = Run {
            count: u16::try_from(len).unwrap_or(1),
            segment: u16::try_from(first.len).unwrap_or(0),
            is_ipv6: goes_over_ipv6(first).unwrap_or(is_ipv6),
        };
        (rest, left, count) = (rest.get(len..).unwrap_or_default(), left - len, count + 1);
    }
    count
}

/// How many datagrams at the front go as one message: of one length but the last, which may be shorter,
/// and with all else the same.
fn together(list: &[Datagram], limit: usize) -> usize {
    let Some((first, others)) = list.split_first() else { return 0 };
    let size = first.len;
    if size == 0 || size > limit {
        return 1;
    }
    let most = SEGMENTS.min(BYTES / size);
    let mut count = 1;
    for next in others.iter().take(most.saturating_sub(1)) {
        if next.len == 0 || next.len > size || !is_alike(first, next) {
            break;
        }
        count += 1;
        if next.len < size {
            break;
        }
    }
    count
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
        lens.iter().map(|&len| Datagram { len, ..Datagram::NONE }).collect()
    }

    fn counts(list: &[Datagram], limit: usize, most: usize) -> Vec<u16> {
        let mut runs = [Run { count: 0, segment: 0, is_ipv6: false }; MESSAGES];
        let count = plan(list, limit, most, false, &mut runs);
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
