"""An HTTP/1.1 server on bojagi's sockets and codec: greets a GET, sends a POST's body back.

    python3 http_server.py [-v] [PORT]        PORT 0, the default, lets the system choose; -v: trace on stderr
"""

from __future__ import annotations

import argparse
import sys
import threading
from typing import List

import bojagi

TIMEOUT = 30.0
BODY_MAX = 1 << 20
ESCAPES = {9: "\\t", 10: "\\n", 13: "\\r", 92: "\\\\"}


def trace(step: str, text: str) -> None:
    if options.verbose:
        print(f"@ server {step} {text}", file=sys.stderr, flush=True)


def escaped(data: bytes) -> str:
    return "".join(ESCAPES.get(b) or (chr(b) if 32 <= b < 127 else f"\\x{b:02x}") for b in data)


def serve(sock: bojagi.Socket) -> None:
    """Answers the requests of one connection, in their order, until it ends."""
    decoder = bojagi.RequestDecoder()
    while not decoder.finished:
        data = sock.recv(timeout=TIMEOUT)
        trace("4 recv", escaped(data))
        error = None
        try:
            events: List[bojagi.RequestEvent] = decoder.feed(data, eof=not data)
        except bojagi.ProtocolError as failure:
            events, error = failure.events, failure
        for event in events:
            if isinstance(event, bojagi.Request):
                request = event
                if request.expect_continue:
                    sock.send_all(bojagi.encode_response(100), TIMEOUT)
            elif isinstance(event, bojagi.Data):
                request.body += event.data
                if len(request.body) > BODY_MAX:
                    raise ValueError("the body is too long")
            else:
                trace("7 decode", f"{request.method} {request.target}, {summary(request)}")
                body = request.body if request.method == "POST" else b"hello from bojagi\n"
                answer(sock, 200, body, request.method, request.keep_alive and not request.upgrade)
        if error:
            answer(sock, error.status, f"{error}\n".encode(), "GET", False)
        if error or not data:
            return


def answer(sock: bojagi.Socket, status: int, body: bytes, method: str, keep_alive: bool) -> None:
    headers = {"Content-Type": "text/plain", "Content-Length": str(len(body))}
    if not keep_alive:
        headers["Connection"] = "close"
    message = bojagi.encode_response(status, headers, None if method == "HEAD" else body)
    response = bojagi.decode_response(message, method)
    trace("7 encode", f"{status} {response.reason}, {summary(response)}")
    trace("4 send", escaped(message))
    sock.send_all(message, TIMEOUT)


def summary(message: bojagi.Message) -> str:
    return f"{len(message.headers.raw)} fields, body {len(message.body)} bytes"


def serve_and_close(sock: bojagi.Socket) -> None:
    try:
        with sock:
            serve(sock)
    except (OSError, ValueError) as failure:
        print(f"http_server: {failure}", file=sys.stderr)


parser = argparse.ArgumentParser(description="Serve HTTP/1.1 on the loopback interface.")
parser.add_argument("port", nargs="?", type=int, default=0)
parser.add_argument("-v", action="store_true", dest="verbose", help="trace each step on stderr")
options = parser.parse_args()
try:
    with bojagi.listen("127.0.0.1", options.port) as listener:
        print(f"listening on {listener.local}", flush=True)
        for connection in listener:
            threading.Thread(target=serve_and_close, args=(connection,), daemon=True).start()
except KeyboardInterrupt:
    pass
except OSError as failure:
    sys.exit(f"http_server: {failure}")
