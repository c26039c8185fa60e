"""What the system knows about a socket: TCP_INFO, queues, the original address, the pending error."""

from __future__ import annotations

from ctypes import byref
from typing import Any, NamedTuple, Optional

from . import _bindings as c
from ._address import Address, ask
from ._errors import Error, last_error
from ._handle import Handle
from ._library import quick


class TcpInfo(NamedTuple):
    """What the system knows about a TCP connection. Times end in their unit, the rest are bytes or segments."""

    state: str
    """Such as "ESTABLISHED" (RFC 9293)."""

    valid: int
    """A sum of the `TCP_INFO_` constants of the header: which later fields the kernel has told; the others are 0."""

    options: int
    """A sum: 1 time stamps, 2 selective acknowledgements, 4 window scale, 8 ECN, 16 ECN seen, 32 SYN data."""

    congestion_state: int
    send_window_scale: int
    recv_window_scale: int
    rtt_us: int
    rtt_variation_us: int
    min_rtt_us: int
    """4294967295 when none was measured yet."""

    recv_rtt_us: int
    retransmit_timeout_us: int
    delayed_ack_us: int
    send_mss: int
    recv_mss: int
    announced_mss: int
    path_mtu: int
    cwnd: int
    """In segments."""

    ssthresh: int
    """In segments; 2147483647 when it is not yet known."""

    recv_ssthresh: int
    recv_space: int
    reordering: int
    unacked: int
    sacked: int
    lost: int
    retransmits: int
    retransmits_total: int
    timeouts: int
    probes: int
    backoff: int
    last_send_ms: int
    last_recv_ms: int
    last_ack_ms: int
    segments_out: int
    segments_in: int
    data_segments_out: int
    data_segments_in: int
    unsent_bytes: int
    delivered: int
    delivered_ecn: int
    duplicates: int
    reorderings: int
    out_of_order_in: int
    send_window: int
    recv_window: int
    pacing_rate: int
    """In bytes a second; 2**64 - 1 without a limit."""

    pacing_rate_max: int
    delivery_rate: int
    bytes_acked: int
    """The SYN of a connection that we made counts as one."""

    bytes_received: int
    bytes_sent: int
    bytes_retransmitted: int
    busy_us: int
    peer_limited_us: int
    buffer_limited_us: int


class Queues(NamedTuple):
    """What waits. What has no meaning for a socket is 0."""

    pending: int
    """Of a TCP listener: connections that wait to be accepted."""

    backlog: int
    """Of a TCP listener: how many may wait."""

    unread: int
    """Bytes that have come and were not received; of datagrams those of the next one."""

    unacked: int
    """Bytes that were sent and not acknowledged; but for TCP the memory that they take up."""

    unsent: int
    """Of those, what TCP has not sent at all yet."""


class HasQueues(Handle):
    """A handle with queues."""

    __slots__ = ()

    def queues(self) -> Queues:
        """How much waits in it."""
        raw = c.bojagi_queues()
        quick.bojagi_queues_init(byref(raw))
        read = getattr(quick, f"bojagi_{self._subject}_queues")
        self._ask(lambda pointer: read(pointer, byref(raw)))
        return Queues(**_members(raw, Queues._fields))


class HasInsight(HasQueues):
    """A socket, as the system sees it."""

    __slots__ = ()

    def tcp_info(self) -> TcpInfo:
        """What the system knows about the connection, also after it has ended."""
        raw = c.bojagi_tcp_info()
        quick.bojagi_tcp_info_init(byref(raw))
        self._ask(lambda pointer: quick.bojagi_socket_tcp_info(pointer, byref(raw)))
        members = _members(raw, TcpInfo._fields)
        members["state"] = quick.bojagi_tcp_state_name(raw.state).decode("ascii")
        return TcpInfo(**members)

    @property
    def original(self) -> Address:
        """Where a connection that the system redirected to us was going."""
        return ask(self, quick.bojagi_socket_original)

    def pending_error(self) -> Optional[Error]:
        """Takes the error that waits for the next call, which then does not see it; None when there is none."""
        pointer = self._enter()
        try:
            result = quick.bojagi_socket_error(pointer)
            return last_error(result) if result < 0 else None
        finally:
            self._leave()


def _members(raw: Any, names: "tuple[str, ...]") -> "dict[str, Any]":
    return {name: getattr(raw, name) for name in names}
