//! The numbers of the options, as C sees them. They are never used for anything else: a new option takes
//! the next one.

/// An option: the type of the socket, SOCK_STREAM, SOCK_DGRAM or SOCK_SEQPACKET (socket(7)). Read only.
pub const BOJAGI_OPTION_TYPE: u32 = 1;
/// An option: the family of its addresses, AF_INET, AF_INET6 or AF_UNIX. Read only.
pub const BOJAGI_OPTION_FAMILY: u32 = 2;
/// An option: its protocol, such as IPPROTO_TCP. Read only.
pub const BOJAGI_OPTION_PROTOCOL: u32 = 3;
/// An option: 1 when connections can be accepted from it. Read only.
pub const BOJAGI_OPTION_ACCEPTING: u32 = 4;
/// An option, 0 or 1: others may bind to an address that is still held by connections that have ended. On
/// for our listeners.
pub const BOJAGI_OPTION_REUSE_ADDRESS: u32 = 5;
/// An option, 0 or 1: several sockets that all have it may be bound to one address, and the system spreads
/// what comes over them.
pub const BOJAGI_OPTION_REUSE_PORT: u32 = 6;
/// An option, 0 or 1: datagrams may be sent to a broadcast address (UDP on IPv4).
pub const BOJAGI_OPTION_BROADCAST: u32 = 7;
/// An option, 0 or 1: a silent peer is asked now and then whether it is still there (tcp(7)).
pub const BOJAGI_OPTION_KEEPALIVE: u32 = 8;
/// An option, in seconds: how long the peer is silent before the first such question.
pub const BOJAGI_OPTION_KEEPALIVE_IDLE: u32 = 9;
/// An option, in seconds: how long the peer has to answer one, before the next.
pub const BOJAGI_OPTION_KEEPALIVE_INTERVAL: u32 = 10;
/// An option: after how many without an answer the connection is over.
pub const BOJAGI_OPTION_KEEPALIVE_COUNT: u32 = 11;
/// An option, in milliseconds: how long sent bytes may stay unacknowledged before the connection is over;
/// 0: as long as the system likes.
pub const BOJAGI_OPTION_USER_TIMEOUT: u32 = 12;
/// An option, in seconds: how long the _free of a connection waits for unsent bytes; 0 drops them and resets
/// the connection; -1 does not wait and sends them all the same, which is the default.
pub const BOJAGI_OPTION_LINGER: u32 = 13;
/// An option, in bytes: room for what was sent and not acknowledged. The system cuts it to the limit of the
/// machine (net.core.wmem_max) and raises it to a least one; reading tells what it became, and that is what
/// was asked for: the system's number, with what it keeps for itself, is twice that on Linux. Setting it
/// ends the automatic growth of TCP.
pub const BOJAGI_OPTION_SEND_BUFFER: u32 = 14;
/// An option, in bytes: room for what has come and was not received. As the one for sending, with
/// net.core.rmem_max.
pub const BOJAGI_OPTION_RECV_BUFFER: u32 = 15;
/// An option, 0 or 1: small pieces are sent at once (Nagle's algorithm is off). On for our connections.
pub const BOJAGI_OPTION_NODELAY: u32 = 16;
/// An option, 0 or 1: only full segments are sent, for at most 200 ms; 0 sends the rest.
pub const BOJAGI_OPTION_CORK: u32 = 17;
/// An option, 0 or 1: what comes is acknowledged at once. The system changes it by itself: set it before
/// each receive that it is meant for.
pub const BOJAGI_OPTION_QUICKACK: u32 = 18;
/// An option, in bytes: a connection counts as writable only below so many unsent bytes; 0: the system's
/// own bound.
pub const BOJAGI_OPTION_NOTSENT_LOWAT: u32 = 19;
/// An option: the Differentiated Services code point of what is sent (RFC 2474). The ECN bits beside it are
/// left alone. On a socket for both families it is set for both.
pub const BOJAGI_OPTION_DSCP: u32 = 20;
/// An option: the whole TOS or traffic class byte of datagrams, the ECN bits included. On a socket for both
/// families it is set for both.
pub const BOJAGI_OPTION_TRAFFIC_CLASS: u32 = 21;
/// An option, a text: the congestion control algorithm, such as "cubic". /proc/sys/net/ipv4 lists what the
/// machine has (tcp_available_congestion_control).
pub const BOJAGI_OPTION_CONGESTION: u32 = 22;
/// An option: the firewall mark of what is sent. Needs a privilege (CAP_NET_ADMIN or CAP_NET_RAW).
pub const BOJAGI_OPTION_MARK: u32 = 23;
/// An option: the queueing priority of what is sent; above 6 it needs a privilege (CAP_NET_ADMIN).
pub const BOJAGI_OPTION_PRIORITY: u32 = 24;
/// An option, 0 or 1: an IPv6 socket is not for IPv4 as well. Only before it is bound, so one of the `values`
/// that it is made with, else BOJAGI_E_STATE.
pub const BOJAGI_OPTION_V6ONLY: u32 = 25;
/// An option, 0 or 1: addresses that the machine does not have (yet) may be bound to and sent from. One of
/// the `values` that a socket is made with, to be in time for its own bind.
pub const BOJAGI_OPTION_FREEBIND: u32 = 26;
/// An option, 0 or 1: as freebind, for transparent proxies. Needs a privilege (CAP_NET_ADMIN).
pub const BOJAGI_OPTION_TRANSPARENT: u32 = 27;
/// An option, in microseconds: how long a receive asks the network device itself before it sleeps. Older
/// kernels let only the privileged (CAP_NET_ADMIN) raise it.
pub const BOJAGI_OPTION_BUSY_POLL: u32 = 28;
/// An option, 0 or 1: busy polling goes before interrupts. Setting it needs a privilege (CAP_NET_ADMIN).
pub const BOJAGI_OPTION_PREFER_BUSY_POLL: u32 = 29;
/// An option: the processor whose traffic comes to this one of the sockets of one address; of a connection
/// the processor that its last bytes came through. -1: none.
pub const BOJAGI_OPTION_INCOMING_CPU: u32 = 30;
/// An option, in bytes: a receive that has no cancel waits for so many, and so does a poll. TCP cuts it to half
/// of the largest buffer of the machine; a budget that is over ends the wait with what is there.
pub const BOJAGI_OPTION_RECV_LOWAT: u32 = 31;
/// An option, in bytes: the largest segment that a connection, or those of a listener, announce and send. Of a
/// connection that is made it reads as the one in use, and is too late to be set (BOJAGI_E_STATE): pass it
/// among the `values` of the connect.
pub const BOJAGI_OPTION_MAX_SEGMENT: u32 = 32;
/// An option, in seconds: a connection is accepted when its first bytes are there, or this time is over. The
/// system rounds it up to a number of retries.
pub const BOJAGI_OPTION_DEFER_ACCEPT: u32 = 33;
/// An option: how many connections may wait whose first bytes came with the SYN (RFC 7413); 0: none. Cut to
/// net.core.somaxconn.
pub const BOJAGI_OPTION_FAST_OPEN: u32 = 34;
/// An option: what is done about the path's largest packet, an IP_PMTUDISC_: 0 fragment, 1 as the route says,
/// 2 never fragment, 3 probe, 4 and 5 use the interface's own (ip(7)). For both families where it is for both.
pub const BOJAGI_OPTION_PMTU_DISCOVERY: u32 = 35;
/// An option, in bytes: the largest packet of the path as the system knows it, of a connected socket. Read
/// only.
pub const BOJAGI_OPTION_MTU: u32 = 36;
/// An option: how many routers what is sent may pass, the TTL of IPv4 and the hop limit of IPv6. On a socket
/// for both families it is set for both.
pub const BOJAGI_OPTION_TTL: u32 = 37;
/// An option: packets with fewer hops left are dropped (RFC 5082: 255 is for neighbours only).
pub const BOJAGI_OPTION_MIN_TTL: u32 = 38;
/// An option: how many routers a multicast datagram may pass; 0 keeps it on this machine.
pub const BOJAGI_OPTION_MULTICAST_TTL: u32 = 39;
/// An option, 0 or 1: the machine receives what it sends to a group that it has joined.
pub const BOJAGI_OPTION_MULTICAST_LOOP: u32 = 40;
/// An option, 0 or 1: what comes for any group that anybody on the machine has joined is received, not only
/// for those that this socket has. The system's default, 1, is seldom wanted.
pub const BOJAGI_OPTION_MULTICAST_ALL: u32 = 41;
/// An option, a text: the interface that multicast goes out of, such as "eth0"; "": as the routes say. The
/// system does not tell it of an IPv4 socket.
pub const BOJAGI_OPTION_MULTICAST_INTERFACE: u32 = 42;
/// An option, a text: the only interface that is sent through and received from; "": any.
pub const BOJAGI_OPTION_INTERFACE: u32 = 43;
/// An option, 0 or 1: only neighbours are sent to, no router.
pub const BOJAGI_OPTION_DONT_ROUTE: u32 = 44;
/// An option, 0 or 1: urgent bytes are received in their place, among the others.
pub const BOJAGI_OPTION_OOB_INLINE: u32 = 45;

/// `bojagi_option_info.value_type`: 0 or 1.
pub const BOJAGI_VALUE_BOOL: u32 = 1;
/// `bojagi_option_info.value_type`: a number.
pub const BOJAGI_VALUE_INTEGER: u32 = 2;
/// `bojagi_option_info.value_type`: a time, in the unit that `unit` names.
pub const BOJAGI_VALUE_DURATION: u32 = 3;
/// `bojagi_option_info.value_type`: a text, for the functions whose names end in _text.
pub const BOJAGI_VALUE_TEXT: u32 = 4;

/// `bojagi_option_info.flags`: it can be read.
pub const BOJAGI_ACCESS_READ: u32 = 1;
/// `bojagi_option_info.flags`: it can be set.
pub const BOJAGI_ACCESS_SET: u32 = 2;
/// `bojagi_option_info.flags`: this system has it; elsewhere it is BOJAGI_E_UNSUPPORTED.
pub const BOJAGI_ACCESS_HERE: u32 = 4;
/// `bojagi_option_info.flags`: what is set on a listener the connections accepted from it have, too.
pub const BOJAGI_ACCESS_INHERIT: u32 = 8;

/// A kind of socket: a TCP connection.
pub const BOJAGI_KIND_TCP: u32 = 1;
/// A kind of socket: a TCP listener.
pub const BOJAGI_KIND_TCP_LISTENER: u32 = 2;
/// A kind of socket: UDP.
pub const BOJAGI_KIND_UDP: u32 = 4;
/// A kind of socket: a Unix stream.
pub const BOJAGI_KIND_UNIX_STREAM: u32 = 8;
/// A kind of socket: Unix datagrams.
pub const BOJAGI_KIND_UNIX_DATAGRAM: u32 = 16;
/// A kind of socket: a Unix connection that keeps messages apart.
pub const BOJAGI_KIND_UNIX_SEQPACKET: u32 = 32;
/// A kind of socket: a Unix listener, stream or seqpacket.
pub const BOJAGI_KIND_UNIX_LISTENER: u32 = 64;
