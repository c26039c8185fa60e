//! The structs of sockets that live in the caller's memory: an address and a datagram.

use std::ffi::c_void;

/// `bojagi_datagram.flags`: the datagram was longer than `cap`; the rest is lost.
pub const BOJAGI_DATAGRAM_TRUNCATED: u32 = 1;
/// `bojagi_datagram.flags`: `local` and `interface_index` are known, or to be used (IP_PKTINFO in ip(7)).
pub const BOJAGI_DATAGRAM_LOCAL: u32 = 2;
/// `bojagi_datagram.flags`: `tos` is known, or to be used (IP_TOS in ip(7), RFC 3168 §5 for ECN).
pub const BOJAGI_DATAGRAM_TOS: u32 = 4;
/// `bojagi_datagram.flags`: `hops` is known, or to be used (IP_TTL in ip(7), RFC 3542 §6.3).
pub const BOJAGI_DATAGRAM_HOPS: u32 = 8;
/// `bojagi_socket_set_datagram`: let the system hand over many datagrams at once (UDP_GRO in udp(7)).
pub const BOJAGI_DATAGRAM_GROUPED: u32 = 16;

/// The address of a socket, as the system has it: the first `len` bytes of `storage` are a `sockaddr`.
/// `len` 0 is an unnamed Unix socket. Copy and compare it freely; it owns nothing.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Address {
    /// Bytes used of `storage`.
    pub len: u32,
    /// A `sockaddr_in`, `sockaddr_in6` or `sockaddr_un`, not necessarily aligned for one.
    pub storage: [u8; 128],
}

/// One datagram of a batch, in the caller's memory; `data` points to bytes of the caller's. Frozen, so that
/// arrays of it keep their layout: set all of it to 0, then fill in what is wanted. What is looked at for
/// every datagram stands first.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Datagram {
    /// Send: the bytes, only read. Receive: where to write.
    pub data: *mut c_void,
    /// Send: how many bytes. Receive: how many were written.
    pub len: usize,
    /// Receive: the room at `data`, at least what is wanted of a datagram.
    pub cap: usize,
    /// Receive: the length of the datagram, more than `len` when it was truncated (on Linux).
    pub full_len: usize,
    /// BOJAGI_DATAGRAM_ bits. Send: which parts to use. Receive: which are known; written, never read.
    pub flags: u32,
    /// With BOJAGI_DATAGRAM_LOCAL: the number of the network interface. Send: 0 leaves it to the system.
    pub interface_index: u32,
    /// With BOJAGI_DATAGRAM_TOS: the DSCP shifted left by 2, and the ECN bits; 0 to 255.
    pub tos: u32,
    /// With BOJAGI_DATAGRAM_HOPS: the time to live or hop limit; to send 1 to 255.
    pub hops: u32,
    /// Room for later versions: 0.
    pub reserved: [u32; 2],
    /// Send: the receiver; `len` 0 is the peer that the socket is connected to. Receive: the sender; `len`
    /// 0 is an unnamed Unix socket.
    pub peer: Address,
    /// With BOJAGI_DATAGRAM_LOCAL. Send: the address to send from, its port not used; `len` 0 leaves the
    /// choice to the system. Receive: the address that the datagram was sent to, such as a multicast group.
    pub local: Address,
}

impl Address {
    /// No address.
    pub const NONE: Self = Self { len: 0, storage: [0; 128] };

    /// The address with these bytes, none where they are too many.
    pub fn of(bytes: &[u8]) -> Self {
        let mut address = Self::NONE;
        address.set(bytes);
        address
    }

    /// The bytes that are used.
    pub fn bytes(&self) -> Option<&[u8]> {
        self.storage.get(..usize::try_from(self.len).ok()?)
    }

    /// Becomes the address with these bytes, none where they are too many.
    pub fn set(&mut self, bytes: &[u8]) {
        self.len = 0;
        if let Some((used, rest)) = self.storage.split_at_mut_checked(bytes.len()) {
            used.copy_from_slice(bytes);
            rest.fill(0);
            self.len = u32::try_from(bytes.len()).unwrap_or(0);
        }
    }
}
