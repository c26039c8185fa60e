//! What the system knows about a socket: TCP_INFO, what waits in its queues, where a redirected connection
//! was meant to go, who the peer is, and what has gone wrong meanwhile.

use super::addr::Address;
use super::listener::Listener;
use super::option::id::*;
use super::socket::Socket;
use super::sys::option::{
    NO_PEER, ORIGINAL, PEER_CREDENTIALS, PEER_PIDFD, Place, TCP_INFO, read, read_bytes,
};
use super::sys::queue::{UNACKED, UNREAD, UNSENT, ask};
use crate::error::{Error, Stage};
use std::os::fd::AsFd;

/// `bojagi_tcp_info.valid`: bytes_acked, bytes_received (Linux 4.1).
pub const BOJAGI_TCP_INFO_BYTES: u32 = 1;
/// `bojagi_tcp_info.valid`: segments_out, segments_in (Linux 4.2).
pub const BOJAGI_TCP_INFO_SEGMENTS: u32 = 2;
/// `bojagi_tcp_info.valid`: unsent_bytes, min_rtt_us, data_segments_in, data_segments_out (Linux 4.6).
pub const BOJAGI_TCP_INFO_MIN_RTT: u32 = 4;
/// `bojagi_tcp_info.valid`: delivery_rate (Linux 4.9).
pub const BOJAGI_TCP_INFO_RATE: u32 = 8;
/// `bojagi_tcp_info.valid`: busy_us, peer_limited_us, buffer_limited_us (Linux 4.10).
pub const BOJAGI_TCP_INFO_LIMITED: u32 = 16;
/// `bojagi_tcp_info.valid`: delivered, delivered_ecn (Linux 4.18).
pub const BOJAGI_TCP_INFO_DELIVERED: u32 = 32;
/// `bojagi_tcp_info.valid`: bytes_sent, bytes_retransmitted, duplicates, reorderings (Linux 4.19).
pub const BOJAGI_TCP_INFO_SENT: u32 = 64;
/// `bojagi_tcp_info.valid`: out_of_order_in, send_window (Linux 5.4).
pub const BOJAGI_TCP_INFO_SEND_WINDOW: u32 = 128;
/// `bojagi_tcp_info.valid`: recv_window (Linux 6.2).
pub const BOJAGI_TCP_INFO_RECV_WINDOW: u32 = 256;

/// `bojagi_tcp_info.options`: time stamps are in use (RFC 7323).
pub const BOJAGI_TCP_TIMESTAMPS: u32 = 1;
/// `bojagi_tcp_info.options`: selective acknowledgements are in use (RFC 2018).
pub const BOJAGI_TCP_SACK: u32 = 2;
/// `bojagi_tcp_info.options`: windows are scaled (RFC 7323).
pub const BOJAGI_TCP_WINDOW_SCALE: u32 = 4;
/// `bojagi_tcp_info.options`: congestion notification was agreed upon (RFC 3168).
pub const BOJAGI_TCP_ECN: u32 = 8;
/// `bojagi_tcp_info.options`: a packet with an ECN bit has come.
pub const BOJAGI_TCP_ECN_SEEN: u32 = 16;
/// `bojagi_tcp_info.options`: the data of our SYN was accepted (RFC 7413).
pub const BOJAGI_TCP_SYN_DATA: u32 = 32;

/// What the system knows about a TCP connection (TCP_INFO in tcp(7)). Begin with `bojagi_tcp_info_init`.
/// What the kernel is too old to tell is 0, and `valid` says which that is; the rest is always there.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TcpInfo {
    /// The size of this struct, as the caller knows it.
    pub size: u32,
    /// A sum of BOJAGI_TCP_INFO_: which later members the kernel has told.
    pub valid: u32,
    /// The state of RFC 9293, which `bojagi_tcp_state_name` names.
    pub state: u32,
    /// A sum of BOJAGI_TCP_TIMESTAMPS, _SACK, _WINDOW_SCALE, _ECN, _ECN_SEEN, _SYN_DATA.
    pub options: u32,
    /// The congestion control: 0 open, 1 disorder, 2 window reduced, 3 recovery, 4 loss.
    pub congestion_state: u32,
    /// By how many bits the window that the peer names is shifted.
    pub send_window_scale: u32,
    /// By how many bits ours is.
    pub recv_window_scale: u32,
    /// The smoothed round-trip time, in microseconds.
    pub rtt_us: u32,
    /// How much it varies, in microseconds.
    pub rtt_variation_us: u32,
    /// The least that was seen of late, in microseconds; 4294967295: none yet.
    pub min_rtt_us: u32,
    /// The round-trip time as the receiver guesses it, in microseconds.
    pub recv_rtt_us: u32,
    /// When a segment without an acknowledgement is sent again, in microseconds.
    pub retransmit_timeout_us: u32,
    /// How long an acknowledgement of ours may wait, in microseconds.
    pub delayed_ack_us: u32,
    /// The largest segment that is sent, in bytes.
    pub send_mss: u32,
    /// The largest segment that the peer seems to send, in bytes.
    pub recv_mss: u32,
    /// The largest segment that we have announced, in bytes.
    pub announced_mss: u32,
    /// The largest packet of the path, in bytes.
    pub path_mtu: u32,
    /// The congestion window, in segments.
    pub cwnd: u32,
    /// Where its slow start ends, in segments; 2147483647: not yet known.
    pub ssthresh: u32,
    /// The receive window's own threshold, in bytes.
    pub recv_ssthresh: u32,
    /// What the system has set aside for the application to receive, in bytes.
    pub recv_space: u32,
    /// How far apart segments may arrive before one counts as lost, in segments.
    pub reordering: u32,
    /// Segments on their way.
    pub unacked: u32,
    /// Of those, the ones that the peer has, with a gap before them.
    pub sacked: u32,
    /// Of those, the ones that count as lost.
    pub lost: u32,
    /// Of those, the ones that were sent again.
    pub retransmits: u32,
    /// All segments that were ever sent again.
    pub retransmits_total: u32,
    /// Time-outs in a row without an answer.
    pub timeouts: u32,
    /// Probes in a row without an answer, of keepalive or of a closed window.
    pub probes: u32,
    /// How often the time-out was doubled.
    pub backoff: u32,
    /// How long ago data was sent, in milliseconds.
    pub last_send_ms: u32,
    /// How long ago data came, in milliseconds.
    pub last_recv_ms: u32,
    /// How long ago an acknowledgement came, in milliseconds.
    pub last_ack_ms: u32,
    /// Segments sent.
    pub segments_out: u32,
    /// Segments received.
    pub segments_in: u32,
    /// Segments sent that had data.
    pub data_segments_out: u32,
    /// Segments received that had data.
    pub data_segments_in: u32,
    /// Bytes that were handed over and never sent yet.
    pub unsent_bytes: u32,
    /// Segments that the peer has acknowledged having, sent again or not.
    pub delivered: u32,
    /// Of those, the ones with a congestion mark.
    pub delivered_ecn: u32,
    /// Segments that the peer had already when they were sent again.
    pub duplicates: u32,
    /// How often segments were seen to arrive in another order.
    pub reorderings: u32,
    /// Segments that came before their turn.
    pub out_of_order_in: u32,
    /// The window that the peer has named, in bytes.
    pub send_window: u32,
    /// The window that we have named, in bytes.
    pub recv_window: u32,
    /// Zero.
    pub reserved: u32,
    /// At what rate segments are sent at most now, in bytes a second; 2^64 - 1: no limit.
    pub pacing_rate: u64,
    /// The largest such rate that was allowed, in bytes a second; 2^64 - 1: no limit.
    pub pacing_rate_max: u64,
    /// At what rate they have arrived of late, in bytes a second.
    pub delivery_rate: u64,
    /// Bytes that the peer has acknowledged. The SYN of a connection that we made counts as one.
    pub bytes_acked: u64,
    /// Bytes that have come, in order.
    pub bytes_received: u64,
    /// Bytes sent, also again.
    pub bytes_sent: u64,
    /// Bytes sent again.
    pub bytes_retransmitted: u64,
    /// For how long there was something to send, in microseconds.
    pub busy_us: u64,
    /// Of that, for how long the peer's window was closed, in microseconds.
    pub peer_limited_us: u64,
    /// Of that, for how long the send buffer was too small, in microseconds.
    pub buffer_limited_us: u64,
}

/// What waits in a socket or at a listener. Begin with `bojagi_queues_init`. What has no meaning there is 0.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Queues {
    /// The size of this struct, as the caller knows it.
    pub size: u32,
    /// Of a TCP listener: connections that wait to be accepted.
    pub pending: u32,
    /// Of a TCP listener: how many may wait.
    pub backlog: u32,
    /// Zero.
    pub reserved: u32,
    /// Bytes that have come and were not received; of datagrams those of the next one.
    pub unread: u64,
    /// Bytes that were sent and not acknowledged (TCP); else the memory that what was sent and not received
    /// (Unix) or not put on the wire (UDP) takes up, which is more than its bytes.
    pub unacked: u64,
    /// Of those, the bytes that TCP has not sent at all yet.
    pub unsent: u64,
}

/// Who is at the other end of a Unix socket. Begin with `bojagi_credentials_init`.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Credentials {
    /// The size of this struct, as the caller knows it.
    pub size: u32,
    /// The effective user when the connection, the listener or the pair was made.
    pub uid: u32,
    /// The effective group then.
    pub gid: u32,
    /// The process then; 0 when it is not visible from here. It may have ended, and its number be another's.
    pub pid: i32,
}

impl Socket {
    /// What the system knows about the connection.
    pub fn tcp_info(&self) -> Result<TcpInfo, Error> {
        let info = || {
            self.check()?;
            let place = TCP_INFO.filter(|_| self.option_kind() == BOJAGI_KIND_TCP);
            tcp_info(&self.system, place)
        };
        info().map_err(|error| self.error(Stage::Socket, error))
    }

    /// What waits in both directions.
    pub fn queues(&self) -> Result<Queues, Error> {
        let queues = || {
            self.check()?;
            let fd = self.system.as_fd();
            let unacked = UNACKED.map_or(Ok(0), |question| ask(fd, question))?;
            let unsent = UNSENT.filter(|_| self.option_kind() == BOJAGI_KIND_TCP);
            let unsent = unsent.map_or(Ok(0), |question| ask(fd, question))?;
            Ok(Queues { unread: ask(fd, UNREAD)?, unacked, unsent, ..Queues::default() })
        };
        queues().map_err(|error| self.error(Stage::Socket, error))
    }

    /// Where a connection that was redirected to us was going.
    pub fn original(&self) -> Result<Address, Error> {
        let original = || {
            self.check()?;
            self.original_address()
        };
        original().map_err(|error| self.error(Stage::Socket, error))
    }

    /// Takes the error that waits for the next call.
    pub fn take_error(&self) -> Result<(), Error> {
        let take = || {
            self.check()?;
            self.system.take_error()?.map_or(Ok(()), |error| Err(error.into()))
        };
        take().map_err(|error| self.error(Stage::Recv, error))
    }

    /// Who is at the other end.
    pub fn peer_credentials(&self) -> Result<Credentials, Error> {
        let credentials = || {
            let mut bytes = [0; 12];
            read_bytes(self.system.as_fd(), self.unix_place(PEER_CREDENTIALS)?, &mut bytes)?;
            let [pid, uid, gid] = [word(&bytes, 0), word(&bytes, 4), word(&bytes, 8)];
            if uid == u32::MAX {
                return Err(Error::os(libc::ENOTCONN));
            }
            Ok(Credentials { size: 0, uid, gid, pid: pid.cast_signed() })
        };
        credentials().map_err(|error: Error| self.error(Stage::Socket, error))
    }

    /// A descriptor of the process at the other end, which is the caller's.
    pub fn peer_pidfd(&self) -> Result<i32, Error> {
        let pidfd = || match read(self.system.as_fd(), self.unix_place(PEER_PIDFD)?) {
            Err(error) if error.raw_os_error() == Some(NO_PEER) => Err(Error::os(libc::ENOTCONN)),
            fd => Ok(fd?),
        };
        pidfd().map_err(|error: Error| self.error(Stage::Socket, error))
    }

    fn unix_place(&self, place: Option<Place>) -> Result<Place, Error> {
        self.check()?;
        if !self.is_unix {
            return Err(Error::unsupported("only a Unix socket knows its peer; pass one"));
        }
        place.ok_or_else(|| Error::unsupported("this system does not tell the peer"))
    }

    fn original_address(&self) -> Result<Address, Error> {
        let local = self.system.local_addr()?;
        // A connection over IPv4 on a socket for both families was redirected as IPv4.
        let is_ipv6 = local.as_socket_ipv6().is_some_and(|a| a.ip().to_ipv4_mapped().is_none());
        let [v4, v6] = ORIGINAL;
        // The system tells no length: it is that of the family's `sockaddr`.
        let (place, len) = if is_ipv6 { (v6, 28) } else { (v4, 16) };
        let place = place.filter(|_| self.option_kind() == BOJAGI_KIND_TCP);
        let place = place
            .ok_or_else(|| Error::unsupported("only TCP on Linux is redirected; use local"))?;
        let mut bytes = [0; 28];
        if let Err(error) = read_bytes(self.system.as_fd(), place, &mut bytes) {
            return Err(match error.raw_os_error() {
                Some(libc::ENOENT | libc::ENOPROTOOPT) => {
                    Error::state("the connection was not redirected; use local")
                }
                _ => error.into(),
            });
        }
        let address = bytes.get(..len).and_then(Address::read);
        address.ok_or_else(|| Error::os(libc::EAFNOSUPPORT))
    }
}

impl Listener {
    /// What waits to be accepted.
    pub fn queues(&self) -> Result<Queues, Error> {
        let queues = || {
            self.check()?;
            // Of a listener two members mean something else (tcp_diag.c in Linux).
            let info = tcp_info(&self.system, TCP_INFO.filter(|_| !self.is_unix))?;
            Ok(Queues { pending: info.unacked, backlog: info.sacked, ..Queues::default() })
        };
        queues().map_err(|error| self.error(Stage::Socket, error))
    }
}

/// The name of a state of RFC 9293.
pub fn state_name(state: u32) -> &'static std::ffi::CStr {
    match state {
        1 => c"ESTABLISHED",
        2 => c"SYN-SENT",
        3 => c"SYN-RECEIVED",
        4 => c"FIN-WAIT-1",
        5 => c"FIN-WAIT-2",
        6 => c"TIME-WAIT",
        7 => c"CLOSED",
        8 => c"CLOSE-WAIT",
        9 => c"LAST-ACK",
        10 => c"LISTEN",
        11 => c"CLOSING",
        12 => c"NEW-SYN-RECEIVED",
        _ => c"UNKNOWN",
    }
}

fn tcp_info(socket: &socket2::Socket, place: Option<Place>) -> Result<TcpInfo, Error> {
    let place =
        place.ok_or_else(|| Error::unsupported("only TCP on Linux has this; use it there"))?;
    let mut bytes = [0; RAW];
    let len = read_bytes(socket.as_fd(), place, &mut bytes)?;
    Ok(TcpInfo::read(&bytes, len))
}

impl TcpInfo {
    /// Reads `struct tcp_info` of `linux/tcp.h`, of which older kernels give less than we know and newer ones
    /// more; what the kernel has not written is zero.
    fn read(bytes: &[u8; RAW], len: usize) -> Self {
        let u8_at = |at: usize| u32::from(bytes.get(at).copied().unwrap_or(0));
        let u32_at = |at| word(bytes, at);
        let u64_at = |at| long(bytes, at);
        let scale = u8_at(6);
        // Bit fields begin at the other end on a big-endian machine.
        let (low, high) = (scale & 15, scale >> 4);
        let big = cfg!(target_endian = "big");
        let (send_window_scale, recv_window_scale) = if big { (high, low) } else { (low, high) };
        Self {
            size: 0,
            valid: valid(len),
            state: u8_at(0),
            congestion_state: u8_at(1),
            timeouts: u8_at(2),
            probes: u8_at(3),
            backoff: u8_at(4),
            options: u8_at(5),
            send_window_scale,
            recv_window_scale,
            retransmit_timeout_us: u32_at(8),
            delayed_ack_us: u32_at(12),
            send_mss: u32_at(16),
            recv_mss: u32_at(20),
            unacked: u32_at(24),
            sacked: u32_at(28),
            lost: u32_at(32),
            retransmits: u32_at(36),
            last_send_ms: u32_at(44),
            last_recv_ms: u32_at(52),
            last_ack_ms: u32_at(56),
            path_mtu: u32_at(60),
            recv_ssthresh: u32_at(64),
            rtt_us: u32_at(68),
            rtt_variation_us: u32_at(72),
            ssthresh: u32_at(76),
            cwnd: u32_at(80),
            announced_mss: u32_at(84),
            reordering: u32_at(88),
            recv_rtt_us: u32_at(92),
            recv_space: u32_at(96),
            retransmits_total: u32_at(100),
            pacing_rate: u64_at(104),
            pacing_rate_max: u64_at(112),
            bytes_acked: u64_at(120),
            bytes_received: u64_at(128),
            segments_out: u32_at(136),
            segments_in: u32_at(140),
            unsent_bytes: u32_at(144),
            min_rtt_us: u32_at(148),
            data_segments_in: u32_at(152),
            data_segments_out: u32_at(156),
            delivery_rate: u64_at(160),
            busy_us: u64_at(168),
            peer_limited_us: u64_at(176),
            buffer_limited_us: u64_at(184),
            delivered: u32_at(192),
            delivered_ecn: u32_at(196),
            bytes_sent: u64_at(200),
            bytes_retransmitted: u64_at(208),
            duplicates: u32_at(216),
            reorderings: u32_at(220),
            out_of_order_in: u32_at(224),
            send_window: u32_at(228),
            recv_window: u32_at(232),
            reserved: 0,
        }
    }
}

/// Which groups of members a kernel has told that gave `len` bytes.
fn valid(len: usize) -> u32 {
    const ENDS: [(usize, u32); 9] = [
        (136, BOJAGI_TCP_INFO_BYTES),
        (144, BOJAGI_TCP_INFO_SEGMENTS),
        (160, BOJAGI_TCP_INFO_MIN_RTT),
        (168, BOJAGI_TCP_INFO_RATE),
        (192, BOJAGI_TCP_INFO_LIMITED),
        (200, BOJAGI_TCP_INFO_DELIVERED),
        (224, BOJAGI_TCP_INFO_SENT),
        (232, BOJAGI_TCP_INFO_SEND_WINDOW),
        (236, BOJAGI_TCP_INFO_RECV_WINDOW),
    ];
    ENDS.iter().filter(|(end, _)| len >= *end).map(|(_, group)| group).sum()
}

/// How much of `struct tcp_info` is read: all that is known of it, in one go.
const RAW: usize = 256;

/// The number at an offset, 0 when it is not all there. Inlined, so that nothing is left to check.
#[inline(always)]
fn word(bytes: &[u8], at: usize) -> u32 {
    let found = bytes.get(at..).and_then(|rest| rest.first_chunk());
    found.map_or(0, |found| u32::from_ne_bytes(*found))
}

#[inline(always)]
fn long(bytes: &[u8], at: usize) -> u64 {
    let found = bytes.get(at..).and_then(|rest| rest.first_chunk());
    found.map_or(0, |found| u64::from_ne_bytes(*found))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_old_kernel_leaves_the_rest_at_zero_and_says_so() {
        let given = |len| {
            let mut bytes = [0; RAW];
            bytes[..len].fill(0xff);
            TcpInfo::read(&bytes, len)
        };
        let info = given(104);
        assert_eq!((info.retransmits_total, info.pacing_rate, info.valid), (u32::MAX, 0, 0));
        let info = given(166);
        assert_eq!((info.data_segments_out, info.busy_us, info.valid), (u32::MAX, 0, 7));
        assert_eq!(given(0), TcpInfo::default());
    }
}
