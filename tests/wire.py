"""Feeds the bytes of a connection to the codec, in whatever pieces they come.

One connection may carry several messages. Heads and trailers are given again from their start
whenever more bytes have come; bodies are consumed, as the ABI asks.
"""

import base64
from dataclasses import dataclass, field

from codec_abi import DATA, DONE, TRAILERS, Body, Codec, Head


@dataclass
class Outcome:
    """What came out of a connection."""

    verdict: str = "incomplete"
    messages: list = field(default_factory=list)
    error: dict = field(default_factory=dict)
    remainder: bytes = b""

    def key(self) -> tuple:
        return (self.verdict, repr(self.messages), repr(self.error), self.remainder)


@dataclass
class Way:
    """How the bytes are fed: at which lengths the decoder is called, and with what arrays."""

    ends: list
    field_cap: int = 256
    span_cap: int = 16
    compact: bool = False


def whole(data: bytes) -> Way:
    return Way([len(data)], span_cap=16 if len(data) < 65536 else 1 << 20)


def byte_by_byte(data: bytes) -> Way:
    """The smallest arrays too: every SPACE and every full span array is met."""
    return Way(list(range(len(data) + 1)), field_cap=1, span_cap=1)


def compacted(data: bytes) -> Way:
    return Way(sorted({*range(0, len(data), 7), len(data)}), compact=True)


def cuts(data: bytes, most: int = 512, always_below: int = 4096) -> list:
    """Every two-piece way; of long inputs `most` of them, spread evenly."""
    length = len(data)
    if length <= always_below:
        places = range(1, length)
    else:
        places = sorted({1 + index * (length - 2) // (most - 1) for index in range(most)})
    return [Way([place, length]) for place in places]


class Connection:
    """One direction of a connection, decoded."""

    def __init__(self, codec: Codec, way: Way, request_method=None, rules=None,
                 in_place: bool = False) -> None:
        self.codec, self.way, self.rules, self.in_place = codec, way, rules, in_place
        self.request_method = request_method
        self.is_request = request_method is None
        self.outcome = Outcome()
        self.position = 0
        self.closed = False
        self._begin()

    def run(self, data: bytes, eof: bool) -> Outcome:
        self.data = bytearray(data)
        for end in self.way.ends:
            while not self.closed and self._step(bytes(self.data[self.position:end])):
                pass
        rest = bytes(self.data[self.position:])
        if not self.closed:
            self._end(rest, eof)
        self.outcome.remainder = rest if self.outcome.verdict == "accept" else b""
        return self.outcome

    def _begin(self) -> None:
        self.head = Head(self.codec, self.rules, self.way.field_cap)
        self.body = None

    def _step(self, piece: bytes) -> bool:
        """One call of the decoder; False when it needs more bytes."""
        if self.body is None:
            return self._step_head(piece)
        if self.body.state == TRAILERS:
            return self._step_trailers(piece)
        return self._step_body(piece)

    def _step_head(self, piece: bytes) -> bool:
        if not piece and self.outcome.messages:
            return False
        length, piece = self._decode_head(piece)
        if length < 0:
            return self._reject(self.codec.fault(length, self.head.fault, self.position))
        if length == 0:
            return False
        if length != self.head.length:
            raise AssertionError(f"returned {length}, head.length {self.head.length}")
        self.message = self.head.message(piece, self.is_request)
        self.message["upgrade"] |= self._is_tunnel()
        self.outcome.messages.append(self.message)
        self.position += length
        self.body_start = self.position
        self.body = Body(self.codec, self.head, self.way.span_cap, self.way.compact)
        self._note_body(False)
        if self.head.framing == "TUNNEL":
            return self._close()
        return self.body.state != DONE or self._finish()

    def _decode_head(self, piece: bytes) -> tuple:
        """The answer, and the bytes, which are others when a fold was overwritten."""
        if not self.in_place:
            return self.head.decode(piece, self.request_method), piece
        length, piece = self.head.decode_in_place(piece, self.request_method)
        self.data[self.position:self.position + len(piece)] = piece
        return length, piece

    def _step_body(self, piece: bytes) -> bool:
        used = self.body.decode(piece)
        if used < 0:
            return self._reject(self.codec.fault(used, self.body.fault, self.body_start))
        self.position += used
        if self.body.state == DONE:
            return self._finish()
        return used > 0 or self.body.state != DATA

    def _step_trailers(self, piece: bytes) -> bool:
        length = self.body.decode_trailers(piece)
        if length < 0:
            return self._reject(self.codec.fault(length, self.body.fault, self.body_start))
        self.position += length
        return length > 0 and self._finish()

    def _finish(self) -> bool:
        """The message is complete; says whether another may follow."""
        self._note_body(True)
        leaves_http = self.is_request and self.message["upgrade"]
        if leaves_http or not self.message["keep_alive"]:
            return self._close()
        self._begin()
        return True

    def _is_tunnel(self) -> bool:
        asked = self.is_request and self.message["method"] == "CONNECT"
        return asked or self.head.framing == "TUNNEL"

    def _close(self) -> bool:
        self._note_body(True)
        self.closed = True
        self.outcome.verdict = "accept"
        return False

    def _note_body(self, complete: bool) -> None:
        body = self.body.data
        if len(body) != self.body.total:
            raise AssertionError(f"{len(body)} body bytes in spans, total {self.body.total}")
        self.message["body_b64"] = base64.b64encode(body).decode()
        self.message["trailers"] = self.body.trailers
        self.message["complete"] = complete

    def _reject(self, error: dict) -> bool:
        if self.body is not None:
            self._note_body(False)
        self.outcome.verdict, self.outcome.error, self.closed = "reject", error, True
        return False

    def _end(self, rest: bytes, eof: bool) -> None:
        """No more bytes: complete, still open, or cut off by the close."""
        if self.body is None:
            empty_line = b"\r\n".startswith(rest) if self.is_request else not rest
            if self.outcome.messages and empty_line:
                self.outcome.verdict = "accept"
            elif eof:
                self._truncated(rest)
            elif rest:
                self.outcome.messages.append({"complete": False, "head_complete": False})
            return
        if eof and self.body.end() >= 0:
            self._note_body(True)
            self.outcome.verdict = "accept"
        elif eof:
            self._truncated(rest)
        else:
            self._note_body(False)

    def _truncated(self, rest: bytes) -> None:
        self._reject({
            "code": "TRUNCATED", "reason": "TRUNCATED", "offset": self.position + len(rest),
            "status": 400,
        })


def decode(codec: Codec, data: bytes, way: Way, eof=False, **how):
    """The outcome of one connection that carries `data`."""
    return Connection(codec, way, **how).run(data, eof)


def same_however_split(codec: Codec, data: bytes, expected: Outcome, ways: list, **how) -> str:
    """Empty when every way gives `expected`, else which way does not and what it gave."""
    for way in ways:
        got = decode(codec, data, way, **how)
        if got.key() != expected.key():
            first = way.ends[0] if len(way.ends) == 2 else ("compact" if way.compact else "bytes")
            return f"fed in pieces ({first}): {got} instead of {expected}"
    return ""


