"""Plays the vectors of kind `connection`: a role, and steps of what goes out and what comes in.

A step is `[what, with what, what it answers, what may happen then]`. `send` and `receive` take the
bytes of a head (or a list of `[text, times]`), `send-body` a number of bytes, `receive-body` the bytes
as they stand on the wire, `close` the number of bytes left over. An answer is empty for success, else
the code and, where there is one, the reason; what may happen is named in the order of the bits.
"""

import ctypes
import struct

from codec_abi import CODES, TRAILERS, Body, Codec, Head

ROLES = {"client": 1, "server": 2}
MAY = ["READ_HEAD", "READ_BODY", "WRITE_HEAD", "WRITE_BODY", "REUSE", "TUNNEL", "CONTINUE",
       "DRAIN", "SAY_CLOSE", "CLOSE"]
_FAULT = struct.Struct("<HHI")
_FAULT_AT = 16
_GET = 1


class Connection:
    """A `bojagi_connection`, and the body that is coming in on it."""

    def __init__(self, codec: Codec, role: str) -> None:
        self.codec, self.role, self.body = codec, role, None
        self.words = (ctypes.c_uint64 * 64)()
        if codec.connection_init(self.words, ROLES[role]) != 0:
            raise AssertionError(f"no {role}")

    def may(self) -> str:
        bits = self.codec.connection_may(self.words)
        return " ".join(name for bit, name in enumerate(MAY) if bits >> bit & 1)

    def answer(self, result: int) -> str:
        if result >= 0:
            return ""
        code = CODES.get(result, str(result))
        if code in ("ARG", "SPACE"):
            return code
        return f"{code} {self.codec.reason(_FAULT.unpack_from(self.words, _FAULT_AT)[0])}"

    def step(self, what: str, argument) -> int:
        call = getattr(self.codec, "connection_" + what.replace("-", "_"), None)
        if what == "send":
            return self.send(image(argument))
        if what == "send-end":
            return call(self.words)
        if what == "send-body":
            return call(self.words, argument)
        if what == "receive":
            return self.receive(image(argument))
        if what == "receive-body":
            return self.receive_body(image(argument))
        return self.codec.connection_received_close(self.words, argument)

    def send(self, data: bytes) -> int:
        result = self.codec.connection_send_head(self.words, data, len(data))
        if result >= 0 and result != len(data):
            raise AssertionError(f"a head of {len(data)} bytes is {result} long")
        return result

    def receive(self, data: bytes) -> int:
        head, method = Head(self.codec), None
        if self.role == "client":
            method = self.codec.connection_request_method(self.words)
        head.decode(data, _GET if method is not None and method < 0 else method)
        result = self.codec.connection_received_head(self.words, head.words)
        if result == 0:
            self.body = Body(self.codec, head)
        return result

    def receive_body(self, data: bytes) -> int:
        used = self.body.decode(data)
        if used >= 0 and self.body.state == TRAILERS:
            self.body.decode_trailers(data[used:])
        return self.codec.connection_received_body(self.words, self.body.words)


def play(codec: Codec, vector: dict):
    """What differs from the vector, as far as the first step that does."""
    connection = Connection(codec, vector["role"])
    for index, (what, argument, answer, may) in enumerate(vector["steps"]):
        got = connection.answer(connection.step(what, argument)), connection.may()
        if got != (answer, may):
            yield f"step {index}, {what}: answers {got[0]!r}, then may {got[1]!r}"
            return


def image(text) -> bytes:
    if isinstance(text, list):
        text = "".join(part * times for part, times in text)
    return text.encode("latin-1")
