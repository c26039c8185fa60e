//! Control messages: what stands beside the bytes of a datagram (cmsg(3), ip(7), ipv6(7), udp(7)).
//!
//! Only Linux's are known. Elsewhere nothing is written or read, and `options` refuses.

use crate::net::plain::*;
#[cfg(any(target_os = "linux", target_os = "android"))]
use std::os::fd::BorrowedFd;

/// Room for the control messages of one datagram, also for those that an option of the host's has asked
/// for: what does not fit is cut off, and that must not be UDP_GRO.
#[repr(C, align(8))]
#[derive(Clone, Copy)]
pub struct Control(pub [u8; 256]);

/// What a message needs to know to be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Run {
    /// How many datagrams go as one message.
    pub count: u16,
    /// The length of each but the last.
    pub segment: u16,
    /// Whether the message goes over IPv6.
    pub is_ipv6: bool,
}

impl Run {
    /// No message.
    pub const NONE: Self = Self { count: 0, segment: 0, is_ipv6: false };
}

#[cfg(any(target_os = "linux", target_os = "android"))]
pub use linux::*;

#[cfg(any(target_os = "linux", target_os = "android"))]
mod linux {
    use super::*;
    use crate::net::sys::address::{IPV6_AT, MAPPED, family};
    use std::ffi::c_int;
    use std::io;
    use std::mem::{offset_of, size_of};
    use std::os::fd::AsRawFd;

    /// Writes what `flags` and the run ask for; says how many bytes that are.
    pub fn write(control: &mut Control, datagram: &Datagram, run: Run) -> usize {
        let mut writer = Writer { control, len: 0 };
        if run.count > 1 {
            writer.put(libc::SOL_UDP, libc::UDP_SEGMENT, &run.segment.to_ne_bytes());
        }
        let has = |part| datagram.flags & part != 0;
        let of_family = |ipv4, ipv6| if run.is_ipv6 { ipv6 } else { ipv4 };
        let level = of_family(libc::IPPROTO_IP, libc::IPPROTO_IPV6);
        if has(BOJAGI_DATAGRAM_LOCAL) {
            let (info, len) = packet_info(datagram, run.is_ipv6);
            let kind = of_family(libc::IP_PKTINFO, libc::IPV6_PKTINFO);
            writer.put(level, kind, info.get(..len).unwrap_or_default());
        }
        if has(BOJAGI_DATAGRAM_TOS) {
            let kind = of_family(libc::IP_TOS, libc::IPV6_TCLASS);
            writer.put(level, kind, &datagram.tos.to_ne_bytes());
        }
        if has(BOJAGI_DATAGRAM_HOPS) {
            let kind = of_family(libc::IP_TTL, libc::IPV6_HOPLIMIT);
            writer.put(level, kind, &datagram.hops.to_ne_bytes());
        }
        writer.len
    }

    /// The bytes of an `in6_pktinfo` or `in_pktinfo`, and how many they are.
    fn packet_info(datagram: &Datagram, is_ipv6: bool) -> ([u8; 20], usize) {
        let mut info = [0; 20];
        let index = datagram.interface_index.to_ne_bytes();
        let local = if datagram.local.len == 0 { &[0; 128] } else { &datagram.local.storage };
        let is_mapped = datagram.local.bytes().and_then(family) == Some(libc::AF_INET6);
        let (ip, at, index_at, len) = if is_ipv6 {
            (local.get(IPV6_AT..IPV6_AT + 16), 0, 16, 20)
        } else {
            let ip_at = if is_mapped { IPV6_AT + MAPPED.len() } else { IPV4_AT };
            (local.get(ip_at..ip_at + 4), offset_of!(libc::in_pktinfo, ipi_spec_dst), 0, 12)
        };
        copy(&mut info, at, ip.unwrap_or_default());
        copy(&mut info, index_at, &index);
        (info, len)
    }

    /// Takes over what the system says of a datagram, whose local address gets `port`. Returns the length of
    /// the datagrams that came as one, 0 when there is one only.
    pub fn read(control: &[u8], datagram: &mut Datagram, port: u16) -> usize {
        let mut segment = 0;
        let mut rest = control;
        while let Some((level, kind, data, next)) = first(rest) {
            match (level, kind) {
                (libc::SOL_UDP, libc::UDP_GRO) => {
                    segment = number(data).and_then(|n| usize::try_from(n).ok()).unwrap_or(0);
                }
                (libc::IPPROTO_IP, libc::IP_PKTINFO) => read_info(data, false, port, datagram),
                (libc::IPPROTO_IPV6, libc::IPV6_PKTINFO) => read_info(data, true, port, datagram),
                (libc::IPPROTO_IP, libc::IP_TOS) | (libc::IPPROTO_IPV6, libc::IPV6_TCLASS) => {
                    if let Some(tos) = number(data) {
                        datagram.tos = tos;
                        datagram.flags |= BOJAGI_DATAGRAM_TOS;
                    }
                }
                (libc::IPPROTO_IP, libc::IP_TTL) | (libc::IPPROTO_IPV6, libc::IPV6_HOPLIMIT) => {
                    if let Some(hops) = number(data) {
                        datagram.hops = hops;
                        datagram.flags |= BOJAGI_DATAGRAM_HOPS;
                    }
                }
                _ => {}
            }
            rest = next;
        }
        segment
    }

    /// An IPv4 datagram of a socket of both families has an IPv4 address, as its peer has.
    fn read_info(data: &[u8], is_ipv6: bool, port: u16, datagram: &mut Datagram) {
        let (ip_at, index_at) =
            if is_ipv6 { (0, 16) } else { (offset_of!(libc::in_pktinfo, ipi_addr), 0) };
        let Some(ip) = data.get(ip_at..ip_at + if is_ipv6 { 16 } else { 4 }) else { return };
        let Some(index) = data.get(index_at..).and_then(number) else { return };
        let plain = ip.strip_prefix(&MAPPED).unwrap_or(ip);
        let (family, len, at) = match plain.len() {
            4 => (libc::AF_INET, size_of::<libc::sockaddr_in>(), IPV4_AT),
            _ => (libc::AF_INET6, size_of::<libc::sockaddr_in6>(), IPV6_AT),
        };
        let mut name = [0; size_of::<libc::sockaddr_in6>()];
        let family = libc::sa_family_t::try_from(family).unwrap_or(0);
        copy(&mut name, 0, &family.to_ne_bytes());
        copy(&mut name, 2, &port.to_be_bytes());
        copy(&mut name, at, plain);
        if plain.len() == 16 && needs_scope(plain) {
            copy(&mut name, offset_of!(libc::sockaddr_in6, sin6_scope_id), &index.to_ne_bytes());
        }
        datagram.local.set(name.get(..len).unwrap_or_default());
        datagram.interface_index = index;
        datagram.flags |= BOJAGI_DATAGRAM_LOCAL;
    }

    /// Whether an IPv6 address means nothing without its interface: it is of the link or of the interface
    /// (RFC 4007 §5).
    fn needs_scope(ip: &[u8]) -> bool {
        match ip {
            [0xfe, second, ..] => second & 0xc0 == 0x80,
            [0xff, second, ..] => matches!(second & 0x0f, 1 | 2),
            _ => false,
        }
    }

    /// The first control message, and what stands behind it.
    fn first(control: &[u8]) -> Option<(c_int, c_int, &[u8], &[u8])> {
        let head = control.get(..size_of::<libc::cmsghdr>())?;
        // SAFETY: as many bytes as a cmsghdr has, which is plain data; they need no alignment.
        let head: libc::cmsghdr = unsafe { head.as_ptr().cast::<libc::cmsghdr>().read_unaligned() };
        #[allow(clippy::useless_conversion, reason = "socklen_t with some C libraries")]
        let len = usize::try_from(head.cmsg_len).ok()?;
        let data = control.get(HEAD..len)?;
        let next = control.get(len.next_multiple_of(ALIGN)..).unwrap_or_default();
        Some((head.cmsg_level, head.cmsg_type, data, next))
    }

    /// A number of one or four bytes: IP_TOS comes as one (ip(7)).
    fn number(data: &[u8]) -> Option<u32> {
        match data {
            [byte] => Some(u32::from(*byte)),
            _ => Some(u32::from_ne_bytes(data.get(..4)?.try_into().ok()?)),
        }
    }

    struct Writer<'a> {
        control: &'a mut Control,
        len: usize,
    }

    impl Writer<'_> {
        fn put(&mut self, level: c_int, kind: c_int, data: &[u8]) {
            let end = self.len + (HEAD + data.len()).next_multiple_of(ALIGN);
            let Some(room) = self.control.0.get_mut(self.len..end) else { return };
            room.fill(0);
            // SAFETY: cmsghdr is plain data for which all zeros are a valid value.
            let mut head: libc::cmsghdr = unsafe { std::mem::zeroed() };
            #[allow(clippy::useless_conversion, reason = "socklen_t with some C libraries")]
            let len = (HEAD + data.len()).try_into().unwrap_or(0);
            (head.cmsg_len, head.cmsg_level, head.cmsg_type) = (len, level, kind);
            // SAFETY: `room` has at least HEAD bytes, which is no less than a cmsghdr.
            unsafe { room.as_mut_ptr().cast::<libc::cmsghdr>().write_unaligned(head) };
            copy(room, HEAD, data);
            self.len = end;
        }
    }

    fn copy(to: &mut [u8], at: usize, from: &[u8]) {
        if let Some(to) = to.get_mut(at..at + from.len()) {
            to.copy_from_slice(from);
        }
    }

    /// Turns the delivery of control messages on or off for the families that the socket serves. UDP_GRO
    /// is only ever turned on.
    pub fn set(socket: BorrowedFd<'_>, part: u32, is_ipv6: bool, on: bool) -> io::Result<()> {
        let (ipv4, ipv6) = match part {
            BOJAGI_DATAGRAM_LOCAL => (libc::IP_PKTINFO, libc::IPV6_RECVPKTINFO),
            BOJAGI_DATAGRAM_TOS => (libc::IP_RECVTOS, libc::IPV6_RECVTCLASS),
            BOJAGI_DATAGRAM_HOPS => (libc::IP_RECVTTL, libc::IPV6_RECVHOPLIMIT),
            _ => return set_option(socket, libc::SOL_UDP, libc::UDP_GRO, 1),
        };
        // IPV6_RECVPKTINFO tells of IPv4 datagrams too, with mapped addresses.
        if !is_ipv6 || part != BOJAGI_DATAGRAM_LOCAL {
            set_option(socket, libc::IPPROTO_IP, ipv4, c_int::from(on))?;
        }
        if is_ipv6 {
            set_option(socket, libc::IPPROTO_IPV6, ipv6, c_int::from(on))?;
        }
        Ok(())
    }

    /// Whether the system can send many datagrams as one message. An old one would ignore the control
    /// message and send a datagram of all the bytes.
    pub fn can_segment(socket: BorrowedFd<'_>) -> bool {
        let mut value: c_int = 0;
        let mut len = LEN_OF_INT;
        // SAFETY: `value` has `len` bytes, and both are ours for the call.
        let result = unsafe {
            libc::getsockopt(
                socket.as_raw_fd(),
                libc::SOL_UDP,
                libc::UDP_SEGMENT,
                (&raw mut value).cast(),
                &raw mut len,
            )
        };
        result == 0
    }

    fn set_option(
        socket: BorrowedFd<'_>,
        level: c_int,
        name: c_int,
        value: c_int,
    ) -> io::Result<()> {
        let at = (&raw const value).cast();
        // SAFETY: `value` has LEN_OF_INT bytes, and is only read.
        match unsafe { libc::setsockopt(socket.as_raw_fd(), level, name, at, LEN_OF_INT) } {
            0 => Ok(()),
            _ => Err(io::Error::last_os_error()),
        }
    }

    const ALIGN: usize = size_of::<usize>();
    const HEAD: usize = size_of::<libc::cmsghdr>().next_multiple_of(ALIGN);
    const LEN_OF_INT: libc::socklen_t = 4;
    const IPV4_AT: usize = offset_of!(libc::sockaddr_in, sin_addr);
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
pub use other::*;

#[cfg(not(any(target_os = "linux", target_os = "android")))]
mod other {
    use super::*;
    use std::io;

    /// Nothing is known here.
    pub fn write(_: &mut Control, _: &Datagram, _: Run) -> usize {
        0
    }

    /// Nothing is known here.
    pub fn read(_: &[u8], _: &mut Datagram, _: u16) -> usize {
        0
    }

    /// Nothing is known here.
    pub fn set(_: BorrowedFd<'_>, _: u32, _: bool, _: bool) -> io::Result<()> {
        Err(io::Error::from_raw_os_error(libc::ENOPROTOOPT))
    }

    /// It cannot.
    pub fn can_segment(_: BorrowedFd<'_>) -> bool {
        false
    }
}
