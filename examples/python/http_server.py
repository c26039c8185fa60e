"""GET gets a page, POST its body, one connection after the other.

    python3 http_server.py [-v] PORT        port 0: the system chooses; ends on SIGTERM and SIGINT
"""

from __future__ import annotations

import signal
import sys
from typing import List

import bojagi

TIMEOUT = 5.0
PAGE = b"Wrapped here, unwrapped there.\n"
BODY_MAX = 65536
ESCAPES = {9: "\\t", 10: "\\n", 13: "\\r", 92: "\\\\"}


def trace(step: str, text: str) -> None:
    if "-v" in sys.argv and text:
        print(f"@ server {step} {text}", file=sys.stderr, flush=True)


def escaped(data: bytes) -> str:
    return "".join(ESCAPES.get(b) or (chr(b) if 32 <= b < 127 else f"\\x{b:02x}") for b in data)


def serve(sock: bojagi.Socket) -> None:
    decoder = bojagi.RequestDecoder()
    error = None
    while not decoder.finished:
        data = sock.recv(timeout=TIMEOUT)
        trace("4 recv", escaped(data))
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
                    return answer(sock, 413, b"The body is too long.\n")
            else:
                trace("7 decode", f"{request.method} {request.target}, {summary(request)}")
                answer_request(sock, request)
        if error:
            return answer(sock, error.status, f"{error}\n".encode())
        if not data:
            return


def answer_request(sock: bojagi.Socket, request: bojagi.Request) -> None:
    keep_alive = request.keep_alive and not request.upgrade
    if request.method in ("GET", "HEAD"):
        answer(sock, 200, PAGE, request.method, keep_alive)
    elif request.method == "POST":
        answer(sock, 200, request.body, request.method, keep_alive)
    else:
        answer(sock, 405, b"GET, HEAD or POST.\n", request.method, keep_alive)


def answer(sock: bojagi.Socket, status: int, body: bytes, method: str = "GET", keep_alive: bool = False) -> None:
    headers = {"Content-Type": "text/plain", "Content-Length": str(len(body))}
    headers["Connection"] = "keep-alive" if keep_alive else "close"
    message = bojagi.encode_response(status, headers, None if method == "HEAD" else body)
    response = bojagi.decode_response(message, method)
    trace("7 encode", f"{status} {response.reason}, {summary(response)}")
    trace("4 send", escaped(message))
    sock.send_all(message, TIMEOUT)


def summary(message: bojagi.Message) -> str:
    fields = len(message.headers.raw)
    return f"{fields} field{'' if fields == 1 else 's'}, body {len(message.body)} bytes"


if len(sys.argv) < 2:
    sys.exit(__doc__)
signal.signal(signal.SIGTERM, signal.default_int_handler)
try:
    with bojagi.listen("127.0.0.1", int(sys.argv[-1])) as listener:
        print(f"listening on {listener.local}", flush=True)
        for connection in listener:
            with connection:
                try:
                    serve(connection)
                except OSError as failure:
                    print(f"http_server: {failure}", file=sys.stderr)
except KeyboardInterrupt:
    pass
except (OSError, ValueError) as failure:
    sys.exit(f"http_server: {failure}")
