"""What sockets can do beyond one buffer: many buffers, peeking, files, a wait that spins."""

from __future__ import annotations

import io
import math
from ctypes import addressof, byref, c_size_t, c_uint64, sizeof
from typing import Any, Iterable, Optional

from . import _bindings as c
from . import _scratch
from ._buffers import Buffer, WritableBuffer, checked_size, gathered, let_go, scattered
from ._errors import Error, Truncated, descriptor, make_error, ranged
from ._handle import Handle
from ._library import blocking, quick
from ._time import Timeout

_TO_THE_END = 2**64 - 1
_OFFSET_MAX = 2**63 - 1


class StreamCalls(Handle):
    """A part of `Socket`."""

    __slots__ = ()

    def send_vectored(self, buffers: Iterable[Buffer], timeout: Timeout = None) -> int:
        """Sends buffers one behind the other, or together as one datagram; returns how many bytes went."""
        pieces, count, kept = gathered(buffers)
        try:
            return self._inside(
                lambda pointer, ms: blocking.bojagi_socket_send_vectored(pointer, pieces, count, ms), timeout
            )
        finally:
            let_go(kept)

    def send_all_vectored(self, buffers: Iterable[Buffer], timeout: Timeout = None) -> None:
        """Sends everything in the buffers. When it fails, the error's `done` says how many bytes had gone."""
        pieces, count, kept = gathered(buffers)
        first = total = 0
        done = c_size_t()

        def call(pointer: int, ms: int) -> int:
            nonlocal first, total
            where = addressof(pieces) + first * sizeof(c.bojagi_iovec)
            result: int = blocking.bojagi_socket_send_all_vectored(pointer, where, count - first, ms, byref(done))
            if result < 0:  # a signal or a failure came half-way: what is left is sent from here
                total += done.value
                first = _advance(pieces, first, done.value)
            return result or 1  # 0 is no sign that we were closed

        try:
            self._inside(call, timeout)
        except Error as error:
            error.done = total
            raise
        finally:
            let_go(kept)

    def recv_vectored_into(self, buffers: Iterable[WritableBuffer], timeout: Timeout = None) -> int:
        """Receives into buffers, the first of which is filled first; how many bytes came, 0 at the end."""
        pieces, count, kept = scattered(buffers)
        try:
            return self._inside(
                lambda pointer, ms: blocking.bojagi_socket_recv_vectored(pointer, pieces, count, ms), timeout
            )
        finally:
            let_go(kept)

    def peek(self, size: int = 65536, timeout: Timeout = None) -> bytes:
        """What the next receive will find, at most `size` bytes, left where it is; b"" at the end of a stream.

        A datagram that is larger than `size` raises `Truncated`, and is not lost.
        """
        size = checked_size(size)
        scratch = _scratch.take(size)
        address = scratch.address
        try:
            count = self._inside(
                lambda pointer, ms: blocking.bojagi_socket_peek(pointer, address, size, ms), timeout
            )
            return bytes(scratch.view[:count])
        except Truncated as error:
            error.data = bytes(scratch.view[:size])
            raise
        finally:
            _scratch.give(scratch)

    def sendfile(
        self, file: Any, offset: Optional[int] = None, count: Optional[int] = None, timeout: Timeout = None
    ) -> int:
        """Sends of a file, or of a pipe, without copying where the system can; returns how many bytes.

        `file` is a descriptor or a binary file that has one. `offset` None is the file's own position, which
        moves by what was sent, also on failure; else it is where the part begins, and the position stays. `count` None
        is to its end; a file that ends before `count` raises `Incomplete`. The error's `done` says how many bytes
        had gone. Of a pipe with a buffered reader, what that has read ahead is not sent; a wait for an empty pipe
        ends with a `Cancel`, its writer or its time, but not when another thread closes the socket.
        """
        position = _position(file) if offset is None else None
        fd = descriptor(file if isinstance(file, int) else file.fileno())
        begin = position if offset is None else ranged(offset, "an offset", 0, _OFFSET_MAX)
        begin = -1 if begin is None else begin
        left = _TO_THE_END if count is None else ranged(count, "a count", 0, _OFFSET_MAX)
        done = c_uint64()
        total = 0

        def call(pointer: int, ms: int) -> int:
            nonlocal total
            where = begin if begin < 0 else begin + total
            size = left if left == _TO_THE_END else left - total
            result: int = blocking.bojagi_socket_sendfile(pointer, fd, where, size, ms, byref(done))
            total += done.value
            return result or 1  # 0 is no sign that we were closed

        try:
            self._inside(call, timeout)
            return total
        except Error as error:
            error.done = total
            raise
        finally:
            if position is not None and total:
                file.seek(position + total)

    def set_spin(self, seconds: float) -> None:
        """Calls that would wait try again and again for so long, at most a millisecond, before they do; 0 is off."""
        if not 0 <= seconds <= 0.001:
            raise make_error(c.E_ARG, f"a spin is 0 to 0.001 seconds, not {seconds}")
        self._ask(lambda pointer: quick.bojagi_socket_set_spin(pointer, math.ceil(seconds * 1e6)))


def _position(file: Any) -> Optional[int]:
    """Where a file object is, which may have read ahead; None for a descriptor, and for what has no position."""
    if isinstance(file, int):
        return None
    if not hasattr(file, "fileno"):
        raise TypeError(f"a file is a descriptor or an object with fileno(), not {type(file).__name__}")
    if isinstance(file, io.TextIOBase):
        raise TypeError("sendfile needs a binary file, or a descriptor")
    if not (hasattr(file, "seekable") and file.seekable()):
        return None
    position: int = file.tell()
    return position


def _advance(pieces: Any, first: int, step: int) -> int:
    """Takes `step` bytes off the pieces from `first` on; the first of what is left."""
    while step and step >= pieces[first].len:
        step -= pieces[first].len
        first += 1
    if step:
        pieces[first].data += step
        pieces[first].len -= step
    return first
