"""Fetches a URL over HTTP/1.1 with bojagi's sockets and codec, and writes the body to stdout.

    python3 http_get.py [-v] [-d DATA] http://HOST[:PORT]/PATH        -d: POST the data; -v: trace on stderr
"""

from __future__ import annotations

import argparse
import sys
from typing import Optional
from urllib.parse import urlsplit

import bojagi
from show import Trace

TIMEOUT = 10.0


def fetch(url: str, data: Optional[bytes]) -> bojagi.Response:
    parts = urlsplit(url)
    if parts.scheme != "http" or not parts.hostname:
        raise ValueError(f"{url!r} is not an http:// URL")
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    method = "GET" if data is None else "POST"
    request = bojagi.encode_request(method, target, {"Host": parts.netloc.rpartition("@")[2]}, data)
    trace.message("encode", bojagi.decode_request(request))
    with bojagi.connect(parts.hostname, parts.port or 80, TIMEOUT) as sock:
        trace.bytes("send", request)
        sock.send_all(request, TIMEOUT)
        return receive(sock, bojagi.ResponseDecoder(method))


def receive(sock: bojagi.Socket, decoder: bojagi.ResponseDecoder) -> bojagi.Response:
    """The final response, its body put together."""
    while not decoder.finished:
        data = sock.recv(timeout=TIMEOUT)
        trace.bytes("recv", data)
        for event in decoder.feed(data, eof=not data):
            if isinstance(event, bojagi.Response):
                response, pieces = event, []
            elif isinstance(event, bojagi.Data):
                pieces.append(event.data)
            elif response.status >= 200 or response.status == 101:
                response.body, response.trailers = b"".join(pieces), event.trailers
                trace.message("decode", response)
                return response
    raise ConnectionError("the server closed without an answer")


parser = argparse.ArgumentParser(description="Fetch a URL over HTTP/1.1.")
parser.add_argument("url")
parser.add_argument("-d", metavar="DATA", dest="data", type=str.encode, help="POST this")
parser.add_argument("-v", action="store_true", dest="verbose", help="trace each step on stderr")
options = parser.parse_args()
trace = Trace("client", options.verbose)
try:
    answer = fetch(options.url, options.data)
except (OSError, ValueError) as failure:
    sys.exit(f"http_get: {failure}")
sys.stdout.buffer.write(answer.body)
sys.exit(0 if answer.status < 400 else 1)
