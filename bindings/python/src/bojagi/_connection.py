"""The state between messages: what may be read and written on a connection, whatever carries its bytes."""

from __future__ import annotations

from ctypes import addressof, c_char, string_at
from enum import IntFlag
from typing import List, Optional, Union

from . import _bindings as c
from ._decode import Buffer, as_bytes
from ._errors import Error, ProtocolError, integer, make_error, protocol_error, state_error
from ._head import Chunks, Workspace
from ._library import quick
from ._messages import Data, End, Message, Request, Response

Event = Union[Request, Response, Data, End]

_ROLES = {"client": c.ROLE_CLIENT, "server": c.ROLE_SERVER}


class May(IntFlag):
    """What may, and what must, happen next. `CLOSE` stands alone: nothing else may."""

    READ_HEAD = c.MAY_READ_HEAD
    READ_BODY = c.MAY_READ_BODY
    WRITE_HEAD = c.MAY_WRITE_HEAD
    WRITE_BODY = c.MAY_WRITE_BODY

    REUSE = c.MAY_REUSE
    """Nothing is pending: the next exchange may begin, or the connection be kept or closed."""

    TUNNEL = c.MAY_TUNNEL
    """Both directions are the other protocol's: what came of it is in `rest`."""

    CONTINUE = c.AWAITS_CONTINUE
    """The body waits for a 100: a client waits for it a while, a server sends it, or the final response."""

    DRAIN = c.MUST_DRAIN
    """A server has answered and not read the request's body: `receive` it, or close."""

    SAY_CLOSE = c.MUST_SAY_CLOSE
    """The final response that a server sends next is the last: it ought to say `Connection: close`."""

    CLOSE = c.MUST_CLOSE
    """Nothing may be read or written any more."""


class Connection:
    """One side of an HTTP/1.1 connection without its transport: `role` is "client" or "server".

    Hand the bytes that come to `receive`, which gives events as the decoders do, and tell `send_head`,
    `send_body` and `send_end` of what goes out before it does; what a rule of HTTP forbids here they
    refuse with a `StateError` whose `reason` names the rule, and nothing has changed.
    """

    def __init__(self, role: str) -> None:
        if role not in _ROLES:
            raise make_error(c.E_ARG, f'a role is "client" or "server", not {role!r}')
        self._is_server = role == "server"
        self._state = c.bojagi_connection()
        self._pointer = addressof(self._state)
        self._check(quick.bojagi_connection_init(self._pointer, _ROLES[role]))
        self._work = Workspace()
        self._body: Optional[Chunks] = None
        self._message: Optional[Message] = None
        self._buffer = bytearray()
        self._eof = False

    @property
    def may(self) -> May:
        """What may happen now."""
        return May(quick.bojagi_connection_may(self._pointer))

    @property
    def request_method(self) -> Optional[str]:
        """The method of the request that the next response answers: "" for an uncommon one, None when there is none."""
        number = quick.bojagi_connection_request_method(self._pointer)
        if number < 0:
            return None
        name = quick.bojagi_method_name(number)
        return name.decode("ascii") if name else ""

    @property
    def awaiting(self) -> int:
        """How many requests have no final response yet."""
        count: int = self._state.awaiting
        return count

    @property
    def outgoing_left(self) -> int:
        """How many bytes of the outgoing body are still to be sent, when it has a Content-Length."""
        left: int = self._state.outgoing_left
        return left

    @property
    def rest(self) -> bytes:
        """The bytes that were received and not used: of later messages, or of the protocol that follows."""
        return bytes(self._buffer)

    def send_head(self, data: Buffer) -> int:
        """A head is about to be sent, and is checked as the peer will; returns its length in `data`."""
        content = as_bytes(data)
        return self._check(quick.bojagi_connection_send_head(self._pointer, content, len(content)))

    def send_body(self, count: int) -> None:
        """That many bytes of the body are about to be sent, the framing of chunks not counted."""
        if not 0 <= integer(count, "a count") < 2**64:
            raise make_error(c.E_ARG, f"a count of bytes is not {count}")
        self._check(quick.bojagi_connection_send_body(self._pointer, count))

    def send_end(self) -> None:
        """The body is about to end: with `encode_trailers`, or with the close of the transport."""
        self._check(quick.bojagi_connection_send_end(self._pointer))

    def receive(self, data: Buffer = b"", eof: bool = False) -> List[Event]:
        """What the data completes, as far as it may be read now; `eof` says that the peer sends no more.

        What may not be read yet stays: call again, without data, when a response has made room for it.
        Raises `ProtocolError`, with the events before it, when the peer is at fault.
        """
        self._buffer += as_bytes(data)
        events: List[Event] = []
        try:
            while self._step(events):
                pass
            self._eof = self._eof or eof
            if self._eof:
                self._close(events)
        except ProtocolError as error:
            error.events = list(events)
            raise
        return events

    def _step(self, events: List[Event]) -> bool:
        """Reads one part of a message; False when there is nothing to do before more bytes come."""
        may = quick.bojagi_connection_may(self._pointer)
        size = len(self._buffer)
        if size == 0 or may & (c.MAY_TUNNEL | c.MUST_CLOSE):
            return False
        if may & c.MAY_READ_BODY:
            read = self._read_body
        elif may & c.MAY_READ_HEAD or (not self._is_server and self.awaiting == 0):
            read = self._read_head
        else:
            return False
        pin = c_char.from_buffer(self._buffer)
        try:
            used = read(addressof(pin), size, events)
        finally:
            del pin  # the buffer can change its size again
        del self._buffer[:used]
        return used > 0

    def _read_head(self, address: int, size: int, events: List[Event]) -> int:
        work = self._work
        try:
            message = self._decode(address, size)
        except ProtocolError:
            quick.bojagi_connection_received_head(self._pointer, work.pointer)
            raise
        if message is None:
            return 0
        self._check(quick.bojagi_connection_received_head(self._pointer, work.pointer))
        self._message, self._body = message, work.chunks()
        work.reset()
        events.append(message)
        if self._body.done:
            events.append(End(self._body.trailers, message.keep_alive))
        return message.consumed

    def _decode(self, address: int, size: int) -> Union[Request, Response, None]:
        if self._is_server:
            return self._work.request(address, size)
        method = quick.bojagi_connection_request_method(self._pointer)
        if method < 0:  # nobody asked for this, as the connection says
            self._check(quick.bojagi_connection_received_head(self._pointer, self._work.pointer))
        return self._work.response(address, size, method)

    def _read_body(self, address: int, size: int, events: List[Event]) -> int:
        body, message = self._body, self._message
        assert body is not None and message is not None
        try:
            used, kept = body.read(address, size)
        except ProtocolError:
            quick.bojagi_connection_received_body(self._pointer, body.pointer)
            raise
        if kept:
            events.append(Data(string_at(address, kept)))
        self._check(quick.bojagi_connection_received_body(self._pointer, body.pointer))
        if body.done:
            events.append(End(body.trailers, message.keep_alive))
        return used

    def _close(self, events: List[Event]) -> None:
        """Tells the connection of the end, unless there are messages before it that may not be read yet."""
        has_body = self.may & May.READ_BODY
        if self._buffer and not self.may & (May.READ_HEAD | May.READ_BODY):
            return
        self._check(quick.bojagi_connection_received_close(self._pointer, len(self._buffer)))
        if has_body and self._body is not None and self._message is not None:
            events.append(End(self._body.trailers, self._message.keep_alive))

    def _check(self, result: int) -> int:
        if result < 0:
            raise self._error(result)
        return result

    def _error(self, code: int) -> Error:
        fault = self._state.fault
        if code in (c.E_SYNTAX, c.E_LIMIT, c.E_TRUNCATED):
            return protocol_error(code, fault.reason, fault.offset, fault.status)
        if code == c.E_STATE:
            return state_error(fault.reason)
        if code == c.E_SPACE:
            return state_error(c.REASON_NONE, f"{self.awaiting} requests await their responses", code)
        return make_error(code, "the head is not complete")
