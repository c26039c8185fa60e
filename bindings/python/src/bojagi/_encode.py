"""Encoding: start line, fields and body in, the bytes of a message out, every rule checked."""

from __future__ import annotations

import struct
from ctypes import addressof
from functools import lru_cache
from typing import Any, Callable, Iterable, List, Mapping, Optional, Tuple, Union

from . import _bindings as c
from . import _scratch
from ._decode import Buffer, as_bytes, decode_response
from ._errors import Error, integer, make_error, protocol_error
from ._headers import Headers
from ._library import quick

Text = Union[str, bytes]
HeadersLike = Union[Mapping[str, Text], Mapping[bytes, Text], Iterable[Tuple[Text, Text]]]
"""A mapping, a `Headers`, or (name, value) pairs; text is str of latin-1 characters, or bytes."""

Pair = Tuple[bytes, bytes]

_START_LINE = {
    c.REASON_METHOD: "method",
    c.REASON_TARGET: "target",
    c.REASON_STATUS: "status",
    c.REASON_REASON_PHRASE: "reason phrase",
}
_LINE_ROOM = 64
_CHUNK_HEAD_MAX = 18
_CHUNKED_HEAD = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


def encode_request(
    method: Text, target: Text, headers: HeadersLike = (), body: Optional[Buffer] = None
) -> bytes:
    """A request, HTTP/1.1. Content-Length is added when there is a body and neither it nor Transfer-Encoding is given.

    With Transfer-Encoding the body is the chunked coding itself, as `encode_chunk` and `encode_trailers` make it.
    """
    verb, where = text_bytes(method), text_bytes(target)
    pairs, content = _framed(_pairs(headers), body)

    def call(out: int, size: int, lines: bytes, fault: Any) -> int:
        result: int = quick.bojagi_request_encode(
            out, size, verb, len(verb), where, len(where), lines, len(pairs), fault
        )
        return result

    return _encode(call, len(verb) + len(where), pairs, content)


def encode_response(
    status: int, headers: HeadersLike = (), body: Optional[Buffer] = None, reason: Optional[Text] = None
) -> bytes:
    """A response, HTTP/1.1. Content-Length is added as for requests; the reason phrase is the usual one unless given."""
    if not 0 <= integer(status, "a status") <= 999:
        raise make_error(c.E_ARG, f"a status is 100 to 599, not {status}")
    phrase = quick.bojagi_status_phrase(status) if reason is None else text_bytes(reason)
    if body is not None and len(body) and (status < 200 or status in (204, 304)):
        raise make_error(c.E_ARG, f"a response with status {status} has no body")
    pairs, content = _framed(_pairs(headers), body)

    def call(out: int, size: int, lines: bytes, fault: Any) -> int:
        result: int = quick.bojagi_response_encode(
            out, size, status, phrase, len(phrase), lines, len(pairs), fault
        )
        return result

    return _encode(call, len(phrase), pairs, content)


def encode_chunk(data: Buffer) -> bytes:
    """One chunk of a body with `Transfer-Encoding: chunked`. Empty data is refused: an empty chunk ends the body."""
    content = as_bytes(data)
    if not content:
        raise make_error(c.E_ARG, "a chunk holds at least one byte; encode_trailers ends the body")
    scratch = _scratch.take(_CHUNK_HEAD_MAX)
    try:
        length = quick.bojagi_chunk_head_encode(scratch.address, scratch.size, len(content))
        if length < 0:
            raise make_error(length)
        return b"".join((scratch.view[:length], content, b"\r\n"))
    finally:
        _scratch.give(scratch)


def encode_trailers(trailers: HeadersLike = ()) -> bytes:
    """The end of a chunked body: the last chunk and the trailers."""
    pairs = _pairs(trailers)

    def call(out: int, size: int, lines: bytes, fault: Any) -> int:
        result: int = quick.bojagi_trailers_encode(out, size, lines, len(pairs), fault)
        return result

    return _encode(call, 0, pairs, b"")


def text_bytes(text: Text) -> bytes:
    """Text of a head as bytes; characters outside latin-1 raise UnicodeEncodeError, which is a ValueError."""
    if isinstance(text, str):
        return text.encode("latin-1")
    if isinstance(text, bytes):
        return text
    raise TypeError(f"{text!r} is {type(text).__name__}, where str or bytes is wanted")


def _pairs(headers: HeadersLike) -> List[Pair]:
    items: Iterable[Tuple[Text, Text]]
    if isinstance(headers, Headers):
        items = headers.raw
    elif isinstance(headers, Mapping):
        items = headers.items()
    else:
        items = headers
    try:
        return [(text_bytes(name), text_bytes(value)) for name, value in items]
    except UnicodeEncodeError:
        raise
    except (TypeError, ValueError) as error:
        raise TypeError(f"headers are a mapping or (name, value) pairs of str or bytes: {error}") from None


def _framed(pairs: List[Pair], body: Optional[Buffer]) -> Tuple[List[Pair], bytes]:
    """The fields and the body, made to agree, or an error."""
    if body is None:
        return pairs, b""
    content = as_bytes(body)
    lengths = [value for name, value in pairs if name.lower() == b"content-length"]
    if any(name.lower() == b"transfer-encoding" for name, _ in pairs):
        if not _is_chunked(content):
            raise make_error(c.E_ARG, "with Transfer-Encoding the body must be whole chunks and their end")
    elif not lengths:
        pairs.append((b"Content-Length", b"%d" % len(content)))
    elif any(not value.isdigit() or int(value) != len(content) for value in lengths):
        given = lengths[0].decode("latin-1")
        raise make_error(c.E_ARG, f"Content-Length is {given}, but the body has {len(content)} bytes")
    return pairs, content


def _is_chunked(content: bytes) -> bool:
    """True when the bytes are one whole chunked body and nothing else."""
    try:
        decoded = decode_response(_CHUNKED_HEAD + content)
    except Error:
        return False
    return decoded.consumed == len(_CHUNKED_HEAD) + len(content)


def _encode(
    call: Callable[[int, int, bytes, Any], int], start: int, pairs: List[Pair], content: bytes
) -> bytes:
    """Runs an encoder: the fields lie in a scratch buffer, the head is written behind them."""
    fields = b"".join([part for pair in pairs for part in pair])
    given = len(fields)
    room = start + given + 4 * len(pairs) + _LINE_ROOM
    scratch = _scratch.take(given + room)
    try:
        scratch.view[:given] = fields
        lines = _lines(pairs, scratch.address)
        length = call(scratch.address + given, room, lines, None)
        if length < 0:
            raise _failure(length, call, scratch.address + given, room, lines, pairs)
        return b"".join((scratch.view[given : given + length], content))
    finally:
        _scratch.give(scratch)


def _lines(pairs: List[Pair], address: int) -> bytes:
    """The array of `bojagi_field_line` for fields that lie one behind the other from the address on."""
    numbers: List[int] = []
    for name, value in pairs:
        behind = address + len(name)
        numbers += (address, len(name), behind, len(value), 0, 0)
        address = behind + len(value)
    return _layout(len(pairs)).pack(*numbers)


@lru_cache(maxsize=256)
def _layout(count: int) -> struct.Struct:
    return struct.Struct("@" + "PNPNII" * count)


def _failure(
    code: int, call: Callable[[int, int, bytes, Any], int], out: int, room: int, lines: bytes, pairs: List[Pair]
) -> Error:
    """The exception of an encoder that refused, which says why when it is asked again."""
    if code not in (c.E_SYNTAX, c.E_LIMIT):
        return make_error(code)
    fault = c.bojagi_fault()
    call(out, room, lines, addressof(fault))
    where = "in the fields given"
    if fault.reason in _START_LINE:
        where = f"at character {fault.offset} of the {_START_LINE[fault.reason]}"
    elif fault.offset < len(pairs) and fault.reason != c.REASON_HOST_MISSING:
        where = f"in header {pairs[fault.offset][0].decode('latin-1')!r}"
    return protocol_error(code, fault.reason, fault.offset, fault.status, where)
