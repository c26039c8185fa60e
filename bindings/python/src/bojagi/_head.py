"""Heads and chunked bodies, read by the C codec into Python objects.

A head crosses in one call: the library decodes and flattens it to one text, which one `split` takes
apart. The workspaces are kept for the next message, each used by one caller at a time.
"""

from __future__ import annotations

from ctypes import addressof, byref, c_size_t, sizeof, string_at
from functools import lru_cache
from typing import Any, List, Optional, Tuple, Union

from . import _bindings as c
from ._errors import Error, make_error, protocol_error
from ._headers import Headers
from ._library import blocking, quick
from ._messages import Message, Request, Response
from ._scratch import KEPT_SIZE, Scratch

Source = Union[bytes, int]
"""Bytes, or the address of some."""

_HEAD_SIZE = sizeof(c.bojagi_head)
_TRAILERS_MAX = 64


class Workspace:
    """The codec's structs and a text buffer, for one message at a time."""

    __slots__ = ("head", "pointer", "text", "_image", "_fresh", "_chunks")

    def __init__(self) -> None:
        self._image = bytearray(_HEAD_SIZE)
        self.head = c.bojagi_head.from_buffer(self._image)
        self.pointer = addressof(self.head)
        quick.bojagi_head_init(self.pointer, None)
        self._fresh = bytes(self._image)
        self.text = Scratch(KEPT_SIZE)
        self._chunks: Optional[Chunks] = None

    def reset(self) -> None:
        """Makes the head ready for the next message: the bytes that `bojagi_head_init` wrote."""
        self._image[:] = self._fresh

    def chunks(self) -> "Chunks":
        """A reader for the body of the head that was read last."""
        if self._chunks is None:
            self._chunks = Chunks()
        self._chunks.start(self.pointer, self.head.length)
        return self._chunks

    def request(self, data: Source, size: int) -> Optional[Request]:
        """The request at the beginning of the data, without its body; None when more is needed."""
        text = self.text
        length = quick.bojagi_request_text(self.pointer, data, size, text.address, text.size)
        if length <= 0:
            return self.request(data, size) if self._has_grown(length, size) else None
        parts = str(text.view[:length], "latin-1").split("\n")
        request = Request()
        request.method, request.target, request.version = parts[0], parts[1], parts[2]
        flags = self._complete(request, parts)
        request.expect_continue = flags & c.HEAD_EXPECT_CONTINUE != 0
        return request

    def response(self, data: Source, size: int, method: int) -> Optional[Response]:
        """The response to a request of the method (an id), without its body; None when more is needed."""
        text = self.text
        length = quick.bojagi_response_text(self.pointer, data, size, method, text.address, text.size)
        if length <= 0:
            return self.response(data, size, method) if self._has_grown(length, size) else None
        parts = str(text.view[:length], "latin-1").split("\n")
        response = Response()
        response.version, response.status, response.reason = parts[0], int(parts[1]), parts[2]
        self._complete(response, parts)
        return response

    def _complete(self, message: Message, parts: List[str]) -> int:
        head = self.head
        flags: int = head.flags
        message.headers = Headers(zip(parts[3::2], parts[4::2]))
        message.body = b""
        message.trailers = Headers()
        message.consumed = head.length
        message.keep_alive = flags & c.HEAD_KEEP_ALIVE != 0
        message.upgrade = flags & c.HEAD_UPGRADE != 0
        return flags

    def _has_grown(self, result: int, size: int) -> bool:
        """What to do without a text: try again with a larger buffer (True), wait for bytes, or raise."""
        if result == c.E_SPACE and self.text.size < size:  # a text is never longer than the data it comes from
            self.text = Scratch(size)
            return True
        if result < 0:
            raise fault_error(result, self.head.fault)
        return False


class Chunks:
    """Reads a body, chunked or not, and its trailers."""

    __slots__ = ("trailers", "done", "pointer", "_base", "_body", "_fields", "_kept")

    def __init__(self) -> None:
        self._body = c.bojagi_body()
        self.pointer = addressof(self._body)
        self._fields = (c.bojagi_field * _TRAILERS_MAX)()
        self._kept = c_size_t()

    def start(self, head: int, length: int) -> None:
        """Begins the body of a head, given by its address; `length` is how many bytes it took."""
        quick.bojagi_body_init(self.pointer, head)
        self.trailers = Headers()
        self.done = self._body.state == c.BODY_DONE
        self._base = length

    def read(self, address: int, size: int) -> Tuple[int, int]:
        """Decodes what is there, in place; returns how many bytes it used, and how many of them are body now.

        It may use less than it could: only a call that uses nothing says that more bytes are needed.
        """
        kept = self._kept
        used: int = blocking.bojagi_body_compact(self.pointer, address, size, byref(kept))
        if used < 0:
            raise fault_error(used, self._body.fault, self._base)
        if self._body.state == c.BODY_TRAILERS and not kept.value:  # first the body, so that it is not lost
            used += self._read_trailers(address + used, size - used)
        self.done = self._body.state == c.BODY_DONE
        return used, kept.value

    def _read_trailers(self, address: int, size: int) -> int:
        used: int = quick.bojagi_trailers_decode(self.pointer, self._fields, _TRAILERS_MAX, address, size)
        if used < 0:
            raise fault_error(used, self._body.fault, self._base)
        if used > 0:
            data = string_at(address, used)
            fields = self._fields[: self._body.span_count]
            self.trailers = Headers(_pair(data, field) for field in fields)
        return used


def fault_error(code: int, fault: Any, base: int = 0) -> Error:
    """The exception for a failure of the decoder, whose fault counts bytes from `base`."""
    if code in (c.E_SYNTAX, c.E_LIMIT, c.E_TRUNCATED):
        return protocol_error(code, fault.reason, base + fault.offset, fault.status)
    return make_error(code)


def truncated(offset: int) -> Error:
    """The exception for a transport that ended in the middle of a message."""
    return protocol_error(c.E_TRUNCATED, c.REASON_TRUNCATED, offset, 400)


@lru_cache(maxsize=64)
def method_id(method: Union[str, bytes]) -> int:
    """The number of a request method, by which the codec knows what body a response has."""
    if not isinstance(method, (str, bytes)):
        raise TypeError(f"a method is a str, not {type(method).__name__}")
    name = method.encode("latin-1") if isinstance(method, str) else method
    number: int = quick.bojagi_method_id(name, len(name))
    return number


def _pair(data: bytes, field: Any) -> Tuple[str, str]:
    name = data[field.name_off : field.name_off + field.name_len]
    value = data[field.value_off : field.value_off + field.value_len]
    return name.decode("latin-1"), value.decode("latin-1")
