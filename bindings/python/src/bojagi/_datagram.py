"""Datagrams: in batches, with what stands beside their bytes, and multicast groups."""

from __future__ import annotations

import struct
import sys
from ctypes import addressof, byref, c_char, c_char_p, c_size_t, c_void_p, cast, sizeof
from typing import Any, Dict, Iterable, List, NamedTuple, Optional, Tuple, Union

from . import _bindings as c
from ._address import Address, AddressLike, host_bytes, pack, read_bytes
from ._buffers import Buffer, checked_size
from ._errors import Error, Truncated, integer, make_error
from ._handle import Handle
from ._library import blocking, quick
from ._time import Deadline, Timeout, wait

_RECORD = struct.Struct("@PNNNIIII8x132s132s")
_NOBODY = bytes(sizeof(c.bojagi_address))
_ROOM_MAX = 1 << 22
_ROOMS_MAX = 8

assert _RECORD.size == sizeof(c.bojagi_datagram)


class Datagram(NamedTuple):
    """A datagram and what is known of it. What `set_datagram` did not ask for is None."""

    data: bytes
    peer: Optional[Address] = None
    """Who sent it; to send, the receiver, or None for the peer that the socket is connected to."""

    local: Optional[Address] = None
    """The address that it was sent to; to send, the address to send from."""

    interface: Optional[int] = None
    """The number of the network interface."""

    tos: Optional[int] = None
    """DSCP << 2 | ECN."""

    hops: Optional[int] = None
    """The time to live or hop limit."""

    truncated: bool = False
    """Whether it was longer than its room: the rest is lost."""

    length: int = 0
    """How long it was; not used to send."""


Sendable = Union[Buffer, Tuple[Buffer, Optional[AddressLike]], Datagram]
"""Bytes for the peer, or (bytes, address), or all of it."""


class DatagramCalls(Handle):
    """What a `Socket` of datagrams can do beyond `send_to` and `recv_from`."""

    __slots__ = ()

    def send_batch(self, items: Iterable[Sendable], timeout: Timeout = None) -> int:
        """Sends many datagrams in order with few system calls; returns how many were sent.

        Fewer than all when the time, or a failure, ended it after some had gone: the next call with the
        rest then raises.
        """
        array, count, _pin = _packed(items)
        deadline = Deadline(timeout) if isinstance(timeout, (int, float)) and timeout else timeout
        done = c_size_t()
        total = 0

        def call(ms: int) -> int:
            where = byref(array, total * _RECORD.size)
            result: int = blocking.bojagi_socket_send_batch(pointer, where, count - total, ms, byref(done))
            return result

        pointer = self._enter()
        try:
            while True:
                total += wait(call, deadline)
                if total >= count:
                    return total
        except Error:
            if total:
                return total
            self._check_open()
            raise
        finally:
            self._leave()

    def recv_batch(self, count: int = 64, size: int = 2048, timeout: Timeout = None) -> List[Datagram]:
        """Waits for a datagram and receives what is there: at most `count`, each of at most `size` bytes.

        An empty list says that the socket was shut down.
        """
        room = _take(integer(count, "a count"), integer(size, "a size"))
        array = room.array
        try:
            came = self._inside(
                lambda pointer, ms: blocking.bojagi_socket_recv_batch(pointer, array, count, ms), timeout
            )
            return [room.datagram(index) for index in range(came)]
        finally:
            _give(room)

    def send_datagram(
        self,
        data: Buffer,
        address: Optional[AddressLike] = None,
        timeout: Timeout = None,
        *,
        local: Optional[AddressLike] = None,
        interface: Optional[int] = None,
        tos: Optional[int] = None,
        hops: Optional[int] = None,
    ) -> int:
        """Sends one datagram, from a chosen address or interface, with a TOS and a hop limit of its own."""
        array, _, _pin = _packed([_Outgoing(data, address, local, interface, tos, hops)])
        return self._inside(
            lambda pointer, ms: blocking.bojagi_socket_send_datagram(pointer, array, ms), timeout
        )

    def recv_datagram(self, size: int = 65536, timeout: Timeout = None) -> Datagram:
        """One datagram and what is known of it. One that is larger than `size` raises `Truncated`."""
        room = _take(1, checked_size(size))
        array = room.array
        try:
            self._inside(lambda pointer, ms: blocking.bojagi_socket_recv_datagram(pointer, array, ms), timeout)
            return room.datagram(0)
        except Truncated as error:
            cut = room.datagram(0)
            error.data, error.sender = cut.data, cut.peer
            raise
        finally:
            _give(room)

    def set_datagram(
        self, *, local: bool = False, tos: bool = False, hops: bool = False, grouped: bool = False
    ) -> bool:
        """Chooses what is told of each datagram, and whether the system may hand over groups.

        Returns whether it may now. With groups, `fileno()` does not show what `pending()` counts: ask that
        before waiting for the descriptor. Groups stay once they are in force.
        """
        wanted = local * c.DATAGRAM_LOCAL | tos * c.DATAGRAM_TOS | hops * c.DATAGRAM_HOPS
        wanted |= grouped * c.DATAGRAM_GROUPED
        return bool(self._ask(lambda p: quick.bojagi_socket_set_datagram(p, wanted)) & c.DATAGRAM_GROUPED)

    def pending(self) -> int:
        """How many datagrams are in the socket that its descriptor does not show."""
        return self._ask(quick.bojagi_socket_pending)

    def multicast_join(
        self, group: str, interface: Union[str, int, None] = None, source: Optional[str] = None
    ) -> None:
        """Joins a multicast group on an interface, by name or number; of one sender only with `source`."""
        self._multicast(quick.bojagi_socket_multicast_join, group, interface, source)

    def multicast_leave(
        self, group: str, interface: Union[str, int, None] = None, source: Optional[str] = None
    ) -> None:
        """Leaves a group, with the arguments with which it was joined."""
        self._multicast(quick.bojagi_socket_multicast_leave, group, interface, source)

    def _multicast(self, call: Any, group: str, interface: Union[str, int, None], source: Optional[str]) -> None:
        to, name = byref(pack((group, 0))), None if interface is None else host_bytes(str(interface))
        sender = None if source is None else byref(pack((source, 0)))
        self._ask(lambda pointer: call(pointer, to, name, sender))


class _Outgoing(NamedTuple):
    """A datagram to send, with addresses in any form."""

    data: Buffer
    peer: Optional[AddressLike]
    local: Optional[AddressLike] = None
    interface: Optional[int] = None
    tos: Optional[int] = None
    hops: Optional[int] = None


class _Room:
    """An array of datagrams with a buffer that they point to, ready to receive."""

    __slots__ = ("key", "array", "_records", "_bytes", "_pin", "_size")

    def __init__(self, count: int, size: int) -> None:
        data = bytearray(max(count * size, 1))
        self.key = (count, size)
        self._records = bytearray(count * _RECORD.size)
        self.array = (c.bojagi_datagram * count).from_buffer(self._records)
        self._bytes = memoryview(data)
        self._pin = c_char.from_buffer(data)
        self._size = size
        start = addressof(self._pin)
        for index in range(count):
            at = start + index * size
            _RECORD.pack_into(self._records, index * _RECORD.size, at, 0, size, 0, 0, 0, 0, 0, _NOBODY, _NOBODY)

    def datagram(self, index: int) -> Datagram:
        """What has come there."""
        record = _RECORD.unpack_from(self._records, index * _RECORD.size)
        _, size, _, length, flags, interface, tos, hops, peer, local = record
        start = index * self._size
        data = bytes(self._bytes[start : start + size])
        sender = _address(peer)
        if not flags:
            return Datagram(data, sender, length=length)
        has_local = flags & c.DATAGRAM_LOCAL
        return Datagram(
            data,
            sender,
            _address(local) if has_local else None,
            interface if has_local else None,
            tos if flags & c.DATAGRAM_TOS else None,
            hops if flags & c.DATAGRAM_HOPS else None,
            bool(flags & c.DATAGRAM_TRUNCATED),
            length,
        )


_rooms: Dict[Tuple[int, int], List[_Room]] = {}


def _take(count: int, size: int) -> _Room:
    """Room for the caller alone until it gives it back."""
    if count < 1 or size < 0:
        raise make_error(c.E_ARG, f"a batch has room for 1 datagram or more of 0 bytes or more, not {count}, {size}")
    try:
        return _rooms[count, size].pop()
    except (KeyError, IndexError):
        return _Room(count, size)


def _give(room: _Room) -> None:
    """Keeps room for the next call of its size, unless it is large or there are many sizes."""
    count, size = room.key
    if count * (size + _RECORD.size) > _ROOM_MAX:
        return
    if len(_rooms) >= _ROOMS_MAX and room.key not in _rooms:
        _rooms.clear()
    _rooms.setdefault(room.key, []).append(room)


def _address(raw: bytes) -> Address:
    return read_bytes(raw[4 : 4 + int.from_bytes(raw[:4], sys.byteorder)])


def _packed(items: Iterable[Union[Sendable, _Outgoing]]) -> Tuple[Any, int, Any]:
    """The array of the library's, how many, and what must live as long as it is used."""
    listed = [_outgoing(item) for item in items]
    joined = b"".join([item.data for item in listed])
    count = len(listed)
    records = bytearray(max(count, 1) * _RECORD.size)
    at = cast(c_char_p(joined), c_void_p).value or 0
    for index, (data, peer, local, interface, tos, hops) in enumerate(listed):
        size = memoryview(data).nbytes
        to = _NOBODY if peer is None else bytes(pack(peer))
        flags = 0
        if local is not None or interface or tos is not None or hops is not None:
            flags = _flags(local, interface, tos, hops)
        origin = bytes(pack(local)) if local is not None else _NOBODY
        _RECORD.pack_into(
            records, index * _RECORD.size, at, size, 0, 0, flags, interface or 0, tos or 0, hops or 0, to, origin
        )
        at += size
    return (c.bojagi_datagram * max(count, 1)).from_buffer(records), count, joined


def _outgoing(item: Union[Sendable, _Outgoing]) -> _Outgoing:
    if isinstance(item, (_Outgoing, Datagram)):
        return _Outgoing(*item[:6])
    if isinstance(item, tuple):
        data, address = item
        return _Outgoing(data, address)
    return _Outgoing(item, None)


def _flags(local: Any, interface: Optional[int], tos: Optional[int], hops: Optional[int]) -> int:
    """Which parts are to be used; a value that no field can hold is refused here."""
    for number, name in ((interface, "an interface"), (tos, "a tos"), (hops, "a hop limit")):
        if number is not None and not 0 <= integer(number, name) < 1 << 32:
            raise make_error(c.E_ARG, f"{name} is a small number, not {number}")
    flags = c.DATAGRAM_LOCAL if local is not None or interface else 0
    flags |= c.DATAGRAM_TOS if tos is not None else 0
    return flags | (c.DATAGRAM_HOPS if hops is not None else 0)
