"""Fetches a URL over HTTP/1.1 with bojagi's sockets and codec, and writes the body to stdout.

    python3 http_get.py [-v] [-d DATA] http://HOST[:PORT]/PATH        -d: POST the data; -v: trace on stderr
"""

from __future__ import annotations

import argparse
import sys
from typing import Optional
from urllib.parse import urlsplit

import bojagi

TIMEOUT = 10.0
ESCAPES = {9: "\\t", 10: "\\n", 13: "\\r", 92: "\\\\"}


def trace(step: str, text: str) -> None:
    if options.verbose and text:
        print(f"@ client {step} {text}", file=sys.stderr, flush=True)


def escaped(data: bytes) -> str:
    return "".join(ESCAPES.get(b) or (chr(b) if 32 <= b < 127 else f"\\x{b:02x}") for b in data)


def summary(fields: int, size: int) -> str:
    return f"{fields} field{'' if fields == 1 else 's'}, body {size} bytes"


def fetch(url: str, data: Optional[bytes]) -> bojagi.Response:
    parts = urlsplit(url)
    if parts.scheme != "http" or not parts.hostname:
        raise ValueError(f"{url!r} is not an http:// URL")
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    method = "GET" if data is None else "POST"
    request = bojagi.encode_request(method, target, {"Host": parts.netloc.rpartition("@")[2]}, data)
    fields = len(bojagi.decode_request(request).headers.raw)
    trace("7 encode", f"{method} {target}, {summary(fields, len(data or b''))}")
    with bojagi.connect(parts.hostname, parts.port or 80, TIMEOUT) as sock:
        trace("4 send", escaped(request))
        sock.send_all(request, TIMEOUT)
        return receive(sock, method)


def receive(sock: bojagi.Socket, method: str) -> bojagi.Response:
    """The final response, its body put together."""
    decoder = bojagi.ResponseDecoder(method)
    body = bytearray()
    while True:
        data = sock.recv(timeout=TIMEOUT)
        trace("4 recv", escaped(data))
        for event in decoder.feed(data, eof=not data):
            if isinstance(event, bojagi.Response):
                response = event
            elif isinstance(event, bojagi.Data):
                body += event.data
            elif response.status >= 200 or response.status == 101:
                response.body, response.trailers = bytes(body), event.trailers
                fields = len(response.headers.raw)
                trace("7 decode", f"{response.status} {response.reason}, {summary(fields, len(body))}")
                return response
        if not data:
            raise ConnectionError("the server closed without an answer")


parser = argparse.ArgumentParser(description="Fetch a URL over HTTP/1.1.")
parser.add_argument("url")
parser.add_argument("-d", metavar="DATA", dest="data", help="POST this")
parser.add_argument("-v", action="store_true", dest="verbose", help="trace each step on stderr")
options = parser.parse_args()
try:
    answer = fetch(options.url, None if options.data is None else options.data.encode())
except (OSError, ValueError) as failure:
    sys.exit(f"http_get: {failure}")
sys.stdout.buffer.write(answer.body)
sys.exit(0 if answer.status < 400 else 1)
