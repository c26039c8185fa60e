"""An HTTP/1.1 server on bojagi's sockets and codec: greets a GET, sends a POST's body back.

    python3 http_server.py [-v] [PORT]        PORT 0, the default, lets the system choose; -v: trace on stderr
"""

from __future__ import annotations

import argparse
import sys
import threading
from typing import Dict, Iterator, List

import bojagi

TIMEOUT = 30.0
BODY_MAX = 1 << 20
ESCAPES = {9: "\\t", 10: "\\n", 13: "\\r", 92: "\\\\"}


def trace(step: str, text: str) -> None:
    if options.verbose:
        print(f"@ server {step} {text}", file=sys.stderr, flush=True)


def escaped(data: bytes) -> str:
    return "".join(ESCAPES.get(b) or (chr(b) if 32 <= b < 127 else f"\\x{b:02x}") for b in data)


def requests(sock: bojagi.Socket) -> Iterator[bojagi.Request]:
    """The requests of a connection, each with its whole body; a bad one raises after those before it."""
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
                yield request
        if error:
            raise error
        if not data:
            return


def serve(sock: bojagi.Socket) -> None:
    """Answers every request of a connection until it ends."""
    try:
        with sock:
            try:
                for request in requests(sock):
                    answer(sock, request)
            except bojagi.ProtocolError as error:
                send(sock, error.status, {"Connection": "close"}, f"{error}\n".encode())
    except (OSError, ValueError) as failure:
        print(f"http_server: {failure}", file=sys.stderr)


def answer(sock: bojagi.Socket, request: bojagi.Request) -> None:
    headers = {"Content-Type": "text/plain"}
    if not request.keep_alive or request.upgrade:
        headers["Connection"] = "close"
    if request.method in ("GET", "HEAD"):
        send(sock, 200, headers, b"hello from bojagi\n", request.method)
    elif request.method == "POST":
        send(sock, 200, headers, request.body)
    else:
        send(sock, 405, {**headers, "Allow": "GET, HEAD, POST"}, b"GET, HEAD or POST\n")


def send(sock: bojagi.Socket, status: int, headers: Dict[str, str], body: bytes, method: str = "GET") -> None:
    """Sends a response; one to HEAD says how long the body would be and has none."""
    headers = {**headers, "Content-Length": str(len(body))}
    message = bojagi.encode_response(status, headers, None if method == "HEAD" else body)
    shown = bojagi.decode_response(message, method)
    trace("7 encode", f"{shown.status} {shown.reason}, {summary(shown)}")
    trace("4 send", escaped(message))
    sock.send_all(message, TIMEOUT)


def summary(message: bojagi.Message) -> str:
    return f"{len(message.headers.raw)} fields, body {len(message.body)} bytes"


parser = argparse.ArgumentParser(description="Serve HTTP/1.1 on the loopback interface.")
parser.add_argument("port", nargs="?", type=int, default=0)
parser.add_argument("-v", action="store_true", dest="verbose", help="trace each step on stderr")
options = parser.parse_args()
try:
    with bojagi.listen("127.0.0.1", options.port) as listener:
        print(f"listening on {listener.local}", flush=True)
        for connection in listener:
            threading.Thread(target=serve, args=(connection,), daemon=True).start()
except KeyboardInterrupt:
    pass
except OSError as failure:
    sys.exit(f"http_server: {failure}")
