"""What decoding gives: requests, responses, and the events of the incremental decoders."""

from __future__ import annotations

from typing import NamedTuple, Union

from ._headers import Headers


class Message:
    """What a request and a response have in common."""

    __slots__ = ("version", "headers", "body", "trailers", "consumed", "keep_alive", "upgrade")

    version: str
    """Either "1.0" or "1.1"."""

    headers: Headers

    body: bytes
    """The decoded body; empty in the head that a decoder's `feed` gives, as the body comes in `Data`."""

    trailers: Headers

    consumed: int
    """How many bytes of the input the message took; the next one begins there."""

    keep_alive: bool
    """Another message may follow on the connection."""

    upgrade: bool
    """The message asks for, or switches to, another protocol."""


class Request(Message):
    """A decoded request."""

    __slots__ = ("method", "target", "expect_continue")

    method: str
    target: str

    expect_continue: bool
    """The client waits for 100 before it sends the body."""

    def __repr__(self) -> str:
        return f"<bojagi.Request {self.method} {self.target} HTTP/{self.version}, {_size(self)}>"


class Response(Message):
    """A decoded response."""

    __slots__ = ("status", "reason")

    status: int
    reason: str

    def __repr__(self) -> str:
        return f"<bojagi.Response {self.status} {self.reason} HTTP/{self.version}, {_size(self)}>"


class Data(NamedTuple):
    """A piece of the body of the message whose head came before."""

    data: bytes


class End(NamedTuple):
    """The message is complete."""

    trailers: Headers

    keep_alive: bool
    """Another message may follow on the connection."""


RequestEvent = Union[Request, Data, End]
ResponseEvent = Union[Response, Data, End]


def _size(message: Message) -> str:
    return f"{_count(len(message.headers.raw), 'field')}, body {_count(len(message.body), 'byte')}"


def _count(number: int, unit: str) -> str:
    return f"{number} {unit}" if number == 1 else f"{number} {unit}s"
