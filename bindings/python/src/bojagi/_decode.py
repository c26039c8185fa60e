"""Whole messages: bytes in, a message with its decoded body out."""

from __future__ import annotations

from ctypes import addressof, c_char
from typing import List, Optional, TypeVar, Union

from . import _bindings as c
from ._errors import Incomplete, make_error
from ._head import Workspace, method_id, truncated
from ._messages import Message, Request, Response

Buffer = Union[bytes, bytearray, memoryview]
M = TypeVar("M", bound=Message)

_pool: List[Workspace] = []


def decode_request(data: Buffer) -> Request:
    """The request at the beginning of the data, body decoded; `consumed` says where the next one begins.

    Raises `Incomplete` when more bytes are needed and `ProtocolError` when none can help.
    """
    data = as_bytes(data)
    work = _take()
    try:
        return _with_body(work.request(data, len(data)), work, data, False)
    finally:
        _pool.append(work)


def decode_response(data: Buffer, request_method: str = "GET", eof: bool = False) -> Response:
    """The response at the beginning of the data, body decoded.

    The method of the request decides whether there is a body at all. `eof` says that the transport has
    ended: that completes a body without a length, and makes any other incomplete message an error.
    """
    data = as_bytes(data)
    method = method_id(request_method)
    work = _take()
    try:
        return _with_body(work.response(data, len(data), method), work, data, eof)
    finally:
        _pool.append(work)


def as_bytes(data: Buffer) -> bytes:
    """The data as bytes, which nobody can change under the decoder."""
    return data if type(data) is bytes else memoryview(data).tobytes()


def _take() -> Workspace:
    try:
        work = _pool.pop()
    except IndexError:
        return Workspace()
    work.reset()
    return work


def _with_body(message: Optional[M], work: Workspace, data: bytes, eof: bool) -> M:
    if message is None:
        raise _incomplete(data, eof)
    framing = work.head.framing
    if framing == c.FRAMING_LENGTH:
        _read_length(message, work.head.content_length, data, eof)
    elif framing == c.FRAMING_CHUNKED:
        _read_chunks(message, work, data, eof)
    elif framing == c.FRAMING_UNTIL_CLOSE:
        if not eof:
            raise _incomplete(data, eof)
        message.body = data[message.consumed :]
        message.consumed = len(data)
    return message


def _read_length(message: Message, length: int, data: bytes, eof: bool) -> None:
    end = message.consumed + length
    if end > len(data):
        raise _incomplete(data, eof)
    message.body = data[message.consumed : end]
    message.consumed = end


def _read_chunks(message: Message, work: Workspace, data: bytes, eof: bool) -> None:
    chunks = work.chunks()
    copy, position = bytearray(data), message.consumed
    pin = c_char.from_buffer(copy)
    address, pieces = addressof(pin), []
    while not chunks.done:
        used, kept = chunks.read(address + position, len(data) - position)
        if not used:
            raise _incomplete(data, eof)
        pieces.append(copy[position : position + kept])
        position += used
    message.body = b"".join(pieces)
    message.trailers = chunks.trailers
    message.consumed = position


def _incomplete(data: bytes, eof: bool) -> Exception:
    if eof:
        return truncated(len(data))
    error = make_error(c.E_TRUNCATED, "the message is not complete yet", kind=Incomplete)
    error.stage, error.offset = "decode", len(data)
    return error
