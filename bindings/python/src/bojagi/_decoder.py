"""Incremental decoders: bytes as they come in, events out, the same for every way to cut the bytes."""

from __future__ import annotations

from collections import deque
from ctypes import addressof, c_char, string_at
from typing import Deque, Generic, List, Optional, TypeVar, Union, cast

from . import _bindings as c
from ._decode import Buffer, as_bytes
from ._errors import ProtocolError, make_error
from ._head import Chunks, Workspace, method_id, truncated
from ._headers import Headers
from ._messages import Data, End, Message, Request, RequestEvent, Response, ResponseEvent

H = TypeVar("H", Request, Response)

_HEAD, _BODY, _FINISHED = range(3)
_EMPTY_LINE = b"\r\n"  # some clients send one behind a body


class Decoder(Generic[H]):
    """What both decoders do. Feeding costs time in proportion to the bytes, however they are cut."""

    def __init__(self) -> None:
        self._work = Workspace()
        self._buffer = bytearray()
        self._state = _HEAD
        self._framing = 0
        self._remaining = 0
        self._chunks: Optional[Chunks] = None
        self._message: Optional[H] = None
        self._size = 0  # bytes of the current message that are decoded and gone from the buffer
        self._eof = False
        self._error: Optional[ProtocolError] = None

    @property
    def finished(self) -> bool:
        """No further message will come: the last one closed the connection or switched the protocol, or it is `eof`."""
        return self._state == _FINISHED or self._eof

    @property
    def rest(self) -> bytes:
        """The bytes that were fed and are not decoded: after `finished`, those of whatever comes next."""
        return bytes(self._buffer)

    def _feed(self, data: Buffer, eof: bool) -> "List[Union[H, Data, End]]":
        if self._error is not None:
            raise self._error
        if self._eof and len(data):
            raise make_error(c.E_STATE, "bytes were fed after the end of the transport")
        self._buffer += as_bytes(data)
        self._eof = self._eof or eof
        events: List[Union[H, Data, End]] = []
        try:
            self._decode(events)
        except ProtocolError as error:
            error.events = list(events)
            self._error, self._state = error, _FINISHED
            raise
        return events

    def _decode(self, events: "List[Union[H, Data, End]]") -> None:
        buffer, position = self._buffer, 0
        pin = c_char.from_buffer(buffer) if buffer else None
        address, end = addressof(pin) if pin is not None else 0, len(buffer)
        try:
            while self._state != _FINISHED:
                read = self._read_head if self._state == _HEAD else self._read_body
                used = read(address + position, end - position, events)
                if used < 0:
                    break
                position += used
        finally:
            del pin  # the buffer can change its size again
            del buffer[:position]

    def _read_head(self, address: int, size: int, events: "List[Union[H, Data, End]]") -> int:
        """Bytes used; -1 when there is nothing to do before more bytes come."""
        message = self._read_message(address, size) if size else None
        if message is None:
            if size and self._eof and string_at(address, size) != _EMPTY_LINE:
                raise truncated(size)
            return -1
        self._begin(message)
        events.append(message)
        return message.consumed

    def _begin(self, message: H) -> None:
        head = self._work.head
        self._message = message
        self._size = message.consumed
        self._state = _BODY
        self._framing, self._remaining = head.framing, head.content_length
        if self._framing == c.FRAMING_CHUNKED:
            self._chunks = self._work.chunks()

    def _read_body(self, address: int, size: int, events: "List[Union[H, Data, End]]") -> int:
        """Bytes used; -1 when there is nothing to do before more bytes come."""
        framing = self._framing
        if framing == c.FRAMING_CHUNKED:
            return self._read_chunks(address, size, events)
        if framing == c.FRAMING_LENGTH:
            size = min(size, self._remaining)
            self._remaining -= size
            complete = self._remaining == 0
        elif framing == c.FRAMING_UNTIL_CLOSE:
            complete = self._eof
        else:
            size, complete = 0, True
        self._size += size
        if size:
            events.append(Data(string_at(address, size)))
        if complete:
            self._end(Headers(), events)
            return size
        return self._progress(size, 0)

    def _read_chunks(self, address: int, size: int, events: "List[Union[H, Data, End]]") -> int:
        chunks = self._chunks
        assert chunks is not None
        used, kept = chunks.read(address, size) if size else (0, 0)
        self._size += used
        if kept:
            events.append(Data(string_at(address, kept)))
        if chunks.done:
            self._end(chunks.trailers, events)
            return used
        return self._progress(used, size - used)

    def _progress(self, used: int, left: int) -> int:
        """What a reader of an open body returns: bytes used, or -1 when it needs more than is `left`."""
        if used:
            return used
        if self._eof:
            raise truncated(self._size + left)
        return -1

    def _end(self, trailers: Headers, events: "List[Union[H, Data, End]]") -> None:
        message = cast(Message, self._message)
        events.append(End(trailers, message.keep_alive))
        stops = self._stops(cast(H, message))
        last = not message.keep_alive or self._framing in (c.FRAMING_UNTIL_CLOSE, c.FRAMING_TUNNEL)
        self._state = _FINISHED if last or stops else _HEAD
        self._message = None
        self._work.reset()

    def _read_message(self, address: int, size: int) -> Optional[H]:
        raise NotImplementedError

    def _stops(self, message: H) -> bool:
        """The bytes after this message may be of another protocol."""
        raise NotImplementedError


class RequestDecoder(Decoder[Request]):
    """Decodes the requests of a connection, one after the other.

    `feed` returns a `Request` for each head, `Data` for the pieces of its body, `End` when it is complete.
    After a request that closes the connection or asks for another protocol (CONNECT, Upgrade) it is
    `finished`, and what follows stays in `rest`; `resume` goes on when the server declines the Upgrade.
    """

    def feed(self, data: Buffer, eof: bool = False) -> List[RequestEvent]:
        """What the data completes; `eof` says that nothing comes after it. Raises `ProtocolError`."""
        return self._feed(data, eof)

    def resume(self) -> List[RequestEvent]:
        """Goes on with the bytes in `rest` as requests, after an upgrade that the server declined."""
        if self._error is None and self._resumable:
            self._state = _HEAD
        return self._feed(b"", False)

    _resumable = False

    def _read_message(self, address: int, size: int) -> Optional[Request]:
        return self._work.request(address, size)

    def _stops(self, message: Request) -> bool:
        self._resumable = message.keep_alive
        return message.upgrade


class ResponseDecoder(Decoder[Response]):
    """Decodes the responses of a connection, one after the other.

    Which body a response has depends on the request, so name the methods of the requests in flight with
    `expect`; where none is named the response is taken as one to `request_method`. Interim (1xx)
    responses come as messages of their own and use up no method.
    """

    def __init__(self, request_method: str = "GET") -> None:
        super().__init__()
        self._default = method_id(request_method)
        self._expected: Deque[int] = deque()

    def expect(self, *methods: str) -> None:
        """Names the methods of requests that were sent, in their order."""
        self._expected.extend(method_id(method) for method in methods)

    def feed(self, data: Buffer, eof: bool = False) -> List[ResponseEvent]:
        """What the data completes; `eof` says that nothing comes after it. Raises `ProtocolError`."""
        return self._feed(data, eof)

    def _method(self) -> int:
        return self._expected[0] if self._expected else self._default

    def _read_message(self, address: int, size: int) -> Optional[Response]:
        return self._work.response(address, size, self._method())

    def _stops(self, message: Response) -> bool:
        if self._expected and (message.status >= 200 or message.status == 101):
            self._expected.popleft()
        return message.status == 101
