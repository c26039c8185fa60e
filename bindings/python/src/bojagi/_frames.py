"""Frames: the messages of a protocol of your own, over any stream."""

from __future__ import annotations

import math
import threading
import time
from ctypes import addressof, byref, c_char, c_size_t, string_at
from types import TracebackType
from typing import Any, Iterator, NoReturn, Optional, Tuple, Type, TypeVar, Union

from . import _bindings as c
from ._buffers import Buffer, Source, readable
from ._errors import EndOfStream, Error, Incomplete, last_error, make_error, ranged, state_error
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

    __slots__ = ("_c", "_shape", "delimiter", "limit")

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
        self.delimiter = b"" if delimiter is None else _delimiter(delimiter)
        self.limit = ranged(limit, "a limit", 1, _LIMIT_MAX)
        self._c = c.bojagi_frame_format()
        self._shape = byref(self._c)
        quick.bojagi_frame_format_init(byref(self._c), c.FRAME_DELIMITED if kind is None else _kind(kind))
        self._c.flags = c.FRAME_LITTLE_ENDIAN if little_endian else 0
        self._c.limit = self.limit
        self._c.delimiter_len = len(self.delimiter)
        self._c.delimiter[: len(self.delimiter)] = list(self.delimiter)
        _checked(quick.bojagi_frame_encode(None, 0, byref(self._c), 0))

    def encode(self, data: Buffer) -> bytes:
        """The whole frame around a payload."""
        payload = memoryview(data).tobytes()
        out = (c_char * _AROUND)()
        size = _checked(quick.bojagi_frame_encode(out, _AROUND, byref(self._c), len(payload)))
        whole = out.raw[:size] + payload + self.delimiter
        if self.delimiter and whole.find(self.delimiter) != len(payload):
            raise make_error(c.E_ARG, "the payload holds the delimiter; use a length, or escape it")
        return whole

    def decode(self, data: Buffer) -> Optional[Tuple[bytes, int]]:
        """The payload of the frame at the beginning of `data`, and the frame's length; None when it is not whole."""
        whole = data if type(data) is bytes else memoryview(data).tobytes()
        frame = c.bojagi_frame()
        total = _checked(quick.bojagi_frame_decode(byref(self._c), whole, len(whole), byref(frame)))
        if not total:
            return None
        return whole[frame.off : frame.off + frame.len], total


class Reader:
    """Receives from a stream into a buffer of its own, so that what came too early is kept for the next call.

    `limit` is the most that `recv_until` gives at once; the buffer grows up to it. A `with` closes the socket.
    """

    __slots__ = ("socket", "limit", "_memory", "_view", "_pin", "_c", "_buffer", "_receiving", "_line")

    def __init__(self, sock: Socket, limit: int = 1 << 20) -> None:
        if not isinstance(sock, Socket):
            raise TypeError(f"frames are sent over a bojagi.Socket, not {type(sock).__name__}")
        self.socket = sock
        self.limit = ranged(limit, "a limit", 1, _LIMIT_MAX)
        self._c = c.bojagi_buffer()
        self._buffer = byref(self._c)
        self._memory = bytearray()
        self._receiving = threading.Lock()
        self._line: Optional[FrameFormat] = None
        self._allocate(min(_FIRST_SIZE, self.limit + _AROUND))

    def recv_until(self, delimiter: bytes, timeout: Timeout = None) -> bytes:
        """The bytes before the next `delimiter`, which is not among them.

        `EndOfStream`: the peer closed and nothing more had come. `Incomplete`: it closed before the delimiter; the
        error's `data` is what came. `LimitError`: there was none within the limit.
        """
        if self._line is None or self._line.delimiter != delimiter:
            self._line = FrameFormat(delimiter=delimiter, limit=self.limit)
        return self._recv(self._line._shape, timeout)

    def close(self) -> None:
        """Closes the socket."""
        self.socket.close()

    def _recv(self, shape: Any, timeout: Timeout) -> bytes:
        if not self._receiving.acquire(False):
            raise state_error(0, "another thread receives from this reader; use it from one at a time")
        sock = self.socket
        try:
            pointer = sock._enter()
            try:
                size = wait(lambda ms: self._call(pointer, shape, ms), timeout, EndOfStream)
                begin = self._c.body
                return bytes(self._view[begin : begin + size])
            except Error as error:
                sock._check_open()
                if isinstance(error, Incomplete):
                    error.data = bytes(self._view[self._c.start : self._c.end])
                raise
            finally:
                sock._leave()
        finally:
            self._receiving.release()

    def _call(self, pointer: int, shape: Any, ms: int) -> int:
        buffer = self._buffer
        end = time.monotonic() + ms / 1000 if ms > 0 else 0.0
        result: int = blocking.bojagi_socket_recv_frame(pointer, buffer, shape, ms)
        while result == c.E_SPACE:
            self._grow(last_error(result).offset)
            left = ms if ms <= 0 else max(1, math.ceil((end - time.monotonic()) * 1000))
            result = blocking.bojagi_socket_recv_frame(pointer, buffer, shape, left)
        return result

    def _grow(self, wanted: int) -> None:
        size = max(2 * len(self._memory), wanted)
        old, end = self._view, self._c.end
        self._allocate(min(size, self.limit + _AROUND), keep=True)
        self._view[:end] = old[:end]

    def _allocate(self, size: int, keep: bool = False) -> None:
        if keep and size <= len(self._memory):
            raise make_error(c.E_LIMIT, f"a frame is longer than the limit of {self.limit} bytes")
        self._memory = bytearray(size)
        self._view = memoryview(self._memory)
        self._pin = c_char.from_buffer(self._memory)
        if keep:
            self._c.data, self._c.cap = addressof(self._pin), size
        else:
            quick.bojagi_buffer_init(byref(self._c), addressof(self._pin), size)

    def __reduce_ex__(self, _protocol: Any) -> NoReturn:
        raise TypeError(f"a bojagi.{type(self).__name__} cannot be copied")

    def __repr__(self) -> str:
        return f"<bojagi.{type(self).__name__} of {self.socket!r}>"

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

    __slots__ = ("format", "timeout", "_sent", "_done", "_half", "_sending")

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
        self._done = byref(self._sent)
        self._half = b""
        self._sending = threading.Lock()

    def send(self, data: Buffer, timeout: Timeout = None) -> None:
        """Sends one frame. One that was sent in part when it failed is finished by sending the same once more."""
        if not self._sending.acquire(False):
            raise state_error(0, "another thread sends over these frames; use them from one at a time")
        try:
            source, size, view = readable(data)
            try:
                self._send(source, size, self.timeout if timeout is None else timeout)
            finally:
                if view is not None:
                    view.release()
        finally:
            self._sending.release()

    def _send(self, source: Source, size: int, timeout: Timeout) -> None:
        if self._sent.value and string_at(source, size) != self._half:
            raise state_error(0, "a frame was sent in part: send the same once more")
        shape, done = self.format._shape, self._done
        pointer = self.socket._enter()
        try:
            wait(lambda ms: blocking.bojagi_socket_send_frame(pointer, shape, source, size, ms, done), timeout)
        except Error as error:
            self.socket._check_open()
            error.done = self._sent.value
            self._half = string_at(source, size) if error.done else b""
            raise
        finally:
            self.socket._leave()

    def recv(self, timeout: Timeout = None) -> bytes:
        """The payload of the next frame.

        `EndOfStream`: the peer closed after the last one. `Incomplete`: it closed inside one. `LimitError`: it is
        longer than the limit. `ProtocolError`: its length is malformed.
        """
        return self._recv(self.format._shape, self.timeout if timeout is None else timeout)

    def __iter__(self) -> Iterator[bytes]:
        while not self.socket.closed:
            try:
                frame = self.recv()
            except EndOfStream:
                return
            except ValueError:
                if self.socket.closed:
                    return
                raise
            yield frame


def _kind(name: str) -> int:
    if not isinstance(name, str):
        raise TypeError(f"a kind of frame is a str, not {type(name).__name__}")
    if name not in _KINDS:
        raise make_error(c.E_ARG, f"a kind of frame is one of {', '.join(_KINDS)}, not {name!r}")
    return _KINDS[name]


def _delimiter(delimiter: bytes) -> bytes:
    if not isinstance(delimiter, (bytes, bytearray, memoryview)):
        raise TypeError(f"a delimiter is bytes, not {type(delimiter).__name__}")
    if not 1 <= len(delimiter) <= _AROUND:
        raise make_error(c.E_ARG, f"a delimiter has 1 to {_AROUND} bytes, not {len(delimiter)}")
    return bytes(delimiter)


def _checked(result: int) -> int:
    if result < 0:
        raise last_error(result)
    return result
