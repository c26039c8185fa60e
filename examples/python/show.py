"""What -v prints on stderr: 7 is the message as the codec sees it, 4 the bytes as the socket does."""

from __future__ import annotations

import sys

import bojagi

ESCAPES = {9: "\\t", 10: "\\n", 13: "\\r", 92: "\\\\"}


class Trace:
    """One side of the exchanges, client or server."""

    def __init__(self, side: str, on: bool) -> None:
        self.side, self.on = side, on

    def message(self, step: str, message: bojagi.Message) -> None:
        """A message in a line: method and target, or status and reason."""
        if isinstance(message, bojagi.Request):
            first = f"{message.method} {message.target}"
        elif isinstance(message, bojagi.Response):
            first = f"{message.status} {message.reason}"
        fields = len(message.headers.raw)
        self._line(f"7 {step} {first}, {fields} field{'s'[:fields != 1]}, body {len(message.body)} bytes")

    def bytes(self, step: str, data: bytes) -> None:
        """The bytes of a send or recv, escaped as in a C string."""
        if data:
            text = (ESCAPES.get(b) or (chr(b) if 32 <= b < 127 else f"\\x{b:02x}") for b in data)
            self._line(f"4 {step} {''.join(text)}")

    def _line(self, text: str) -> None:
        if self.on:
            print(f"@ {self.side} {text}", file=sys.stderr, flush=True)
