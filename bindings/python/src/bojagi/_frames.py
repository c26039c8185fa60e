"""Frames: the messages of a protocol of your own, over any stream."""

from __future__ import annotations

import math
import time
from ctypes import addressof, byref, c_char, c_size_t
from types import TracebackType
from typing import Any, Iterator, Optional, Tuple, Type, TypeVar, Union

from . import _bindings as c
from ._buffers import Buffer, checked_size, readable
from ._errors import EndOfStream, Error, Incomplete, last_error, make_error, state_error
from ._library import blocking, quick
from ._socket import Socket
from ._time import Timeout, wait

Self = TypeVar("Self", bound="Reader")

_KINDS = {
    "u8": c.FRAME_U8,
    "u16": c.FRAME_U16,
    "u32": c.FRAME_U32,
    "u64": c.FRAME_U64,
    "varint": c.FRAME_VARINT,
}
_AROUND = 16
"""No prefix and no delimiter is longer."""
_LIMIT_MAX = 2**62
_FIRST_SIZE = 64 * 1024


class FrameFormat:
    """How frames are marked off: by a length before each ("u8", "u16", "u32", "u64", "varint") or a delimiter.

    `limit` is the length of the longest payload. Without a socket, `encode` and `decode` carry frames over
    anything:

        numbers = bojagi.FrameFormat("u16")
        numbers.decode(numbers.encode(b"hello") + b"more")      # (b"hello", 7)
    """

    __slots__ = ("_c", "delimiter", "limit")

    def __init__(
        self,
        kind: Optional[str] = None,
        *,
        delimiter: Optional[bytes] = None,
        little_endian: bool = False,
        limit: int = 1 << 20,
    ) -> None:
        if (kind is None) == (delimiter is None):
            raise TypeError("a frame has a kind or a delimiter")
        if kind is not None and kind not in _KINDS:
            raise make_error(c.E_ARG, f"a kind of frame is one of {', '.join(_KINDS)}, not {kind!r}")
        if delimiter is not None and not 1 <= len(delimiter) <= _AROUND:
            raise make_error(c.E_ARG, f"a delimiter has 1 to {_AROUND} bytes, not {len(delimiter)}")
        if not 1 <= checked_size(limit) <= _LIMIT_MAX:
            raise make_error(c.E_ARG, f"a limit is 1 to {_LIMIT_MAX} bytes, not {limit}")
        self._c = c.bojagi_frame_format()
        quick.bojagi_frame_format_init(byref(self._c), _KINDS.get(kind or "", c.FRAME_DELIMITED))
        self._c.flags = c.FRAME_LITTLE_ENDIAN if little_endian else 0
        self._c.limit = limit
        if delimiter is not None:
            self._c.delimiter_len = len(delimiter)
            self._c.delimiter[: len(delimiter)] = list(delimiter)
        self.delimiter = delimiter or b""
        self.limit = limit
        _checked(quick.bojagi_frame_encode(None, 0, byref(self._c), 0))

    def encode(self, data: Buffer) -> bytes:
        """The whole frame around a payload."""
        payload = bytes(data)
        out = (c_char * _AROUND)()
        size = _checked(quick.bojagi_frame_encode(out, _AROUND, byref(self._c), len(payload)))
        whole = out.raw[:size] + payload + self.delimiter
        if self.delimiter and whole.find(self.delimiter) != len(payload):
            raise make_error(c.E_ARG, "the payload holds the delimiter; use a length, or escape it")
        return whole

    def decode(self, data: Buffer) -> Optional[Tuple[bytes, int]]:
        """The payload of the frame at the beginning of `data`, and the frame's length; None when it is not whole."""
        source, size = readable(data)
        frame = c.bojagi_frame()
        total = _checked(quick.bojagi_frame_decode(byref(self._c), source, size, byref(frame)))
        if not total:
            return None
        return bytes(memoryview(data).cast("B")[frame.off : frame.off + frame.len]), total


class Reader:
    """Receives from a stream into a buffer of its own, so that what came too early is kept for the next call.

    `limit` is the most that `recv_until` gives at once; the buffer grows up to it. A `with` closes the socket.
    """

    __slots__ = ("socket", "limit", "_memory", "_pin", "_c")

    def __init__(self, sock: Socket, limit: int = 1 << 20) -> None:
        self.socket = sock
        self.limit = checked_size(limit)
        self._c = c.bojagi_buffer()
        self._memory = bytearray()
        self._allocate(min(_FIRST_SIZE, self.limit + _AROUND))

    def recv_until(self, delimiter: bytes, timeout: Timeout = None) -> bytes:
        """The bytes before the next `delimiter`, which is not among them.

        `EndOfStream`: the peer closed and nothing more had come. `Incomplete`: it closed before the delimiter; the
        error's `data` is what came. `LimitError`: there was none within the limit.
        """
        return self._recv(FrameFormat(delimiter=delimiter, limit=self.limit)._c, timeout)

    def close(self) -> None:
        """Closes the socket."""
        self.socket.close()

    def _recv(self, form: Any, timeout: Timeout) -> bytes:
        pointer = self.socket._enter()
        buffer, shape = byref(self._c), byref(form)

        def call(ms: int) -> int:
            end = time.monotonic() + ms / 1000
            result: int = blocking.bojagi_socket_recv_frame(pointer, buffer, shape, ms)
            while result == c.E_SPACE:
                self._grow(last_error(result).offset)
                left = ms if ms <= 0 else max(1, math.ceil((end - time.monotonic()) * 1000))
                result = blocking.bojagi_socket_recv_frame(pointer, buffer, shape, left)
            return result

        try:
            size = wait(call, timeout, EndOfStream)
            begin = self._c.body
            return bytes(self._memory[begin : begin + size])
        except Incomplete as error:
            error.data = bytes(self._memory[self._c.start : self._c.end])
            raise
        finally:
            self.socket._leave()

    def _grow(self, wanted: int) -> None:
        size = max(2 * len(self._memory), wanted)
        old, end = self._memory, self._c.end
        self._allocate(min(size, self.limit + _AROUND), keep=True)
        self._memory[:end] = old[:end]

    def _allocate(self, size: int, keep: bool = False) -> None:
        if keep and size <= len(self._memory):
            raise make_error(c.E_LIMIT, f"a frame is longer than the limit of {self.limit} bytes")
        self._memory = bytearray(size)
        self._pin = c_char.from_buffer(self._memory)
        if keep:
            self._c.data, self._c.cap = addressof(self._pin), size
        else:
            quick.bojagi_buffer_init(byref(self._c), addressof(self._pin), size)

    def __enter__(self: Self) -> Self:
        self.socket.__enter__()
        return self

    def __exit__(
        self,
        kind: Optional[Type[BaseException]],
        error: Optional[BaseException],
        traceback: Optional[TracebackType],
    ) -> None:
        self.close()


class Frames(Reader):
    """Sends and receives frames over a stream; iterating over it receives until the peer closes.

        with bojagi.Frames(bojagi.connect("127.0.0.1", 7000), "u16", timeout=5) as frames:
            frames.send(b"hello")
            for frame in frames:
                print(frame)

    The arguments are those of `FrameFormat`, or one of these. `timeout` is for calls that are given none, and for
    each step of an iteration. One thread may send while another receives.
    """

    __slots__ = ("format", "timeout", "_sent", "_half")

    def __init__(
        self,
        sock: Socket,
        kind: Union[str, FrameFormat, None] = None,
        *,
        delimiter: Optional[bytes] = None,
        little_endian: bool = False,
        limit: int = 1 << 20,
        timeout: Timeout = None,
    ) -> None:
        if not isinstance(kind, FrameFormat):
            kind = FrameFormat(kind, delimiter=delimiter, little_endian=little_endian, limit=limit)
        super().__init__(sock, kind.limit)
        self.format = kind
        self.timeout = timeout
        self._sent = c_size_t()
        self._half = b""

    def send(self, data: Buffer, timeout: Timeout = None) -> None:
        """Sends one frame. One that was sent in part when it failed is finished by sending the same once more."""
        source, size = readable(data)
        if self._sent.value and bytes(data) != self._half:
            raise state_error(0, "a frame was sent in part: send the same once more")
        shape, done = byref(self.format._c), byref(self._sent)
        pointer = self.socket._enter()
        try:
            wait(
                lambda ms: blocking.bojagi_socket_send_frame(pointer, shape, source, size, ms, done),
                self.timeout if timeout is None else timeout,
            )
        except Error as error:
            error.done = self._sent.value
            self._half = bytes(data) if error.done else b""
            raise
        finally:
            self.socket._leave()

    def recv(self, timeout: Timeout = None) -> bytes:
        """The payload of the next frame.

        `EndOfStream`: the peer closed after the last one. `Incomplete`: it closed inside one. `LimitError`: it is
        longer than the limit. `ProtocolError`: its length is malformed.
        """
        return self._recv(self.format._c, self.timeout if timeout is None else timeout)

    def __iter__(self) -> Iterator[bytes]:
        while True:
            try:
                frame = self.recv()
            except EndOfStream:
                return
            yield frame


def _checked(result: int) -> int:
    if result < 0:
        raise last_error(result)
    return result
