"""GET gets a page, POST its body, one connection after the other.

    python3 http_server.py [-v] PORT        port 0: the system chooses; ends on SIGTERM and SIGINT
"""

from __future__ import annotations

import signal
import sys
from typing import List

import bojagi
from show import Trace

TIMEOUT, BODY_MAX = 5.0, 65536
PAGE = b"Wrapped here, unwrapped there.\n"


def serve(sock: bojagi.Socket) -> None:
    decoder, error = bojagi.RequestDecoder(), None
    while not decoder.finished:
        data = sock.recv(timeout=TIMEOUT)
        trace.bytes("recv", data)
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
                trace.message("decode", request)
                answer_request(sock, request)
    if error:
        answer(sock, error.status, f"{error}\n".encode())


def answer_request(sock: bojagi.Socket, request: bojagi.Request) -> None:
    pages = {"GET": PAGE, "HEAD": PAGE, "POST": request.body}
    status = 200 if request.method in pages else 405
    page = pages.get(request.method, b"GET, HEAD or POST.\n")
    answer(sock, status, page, request.method, request.keep_alive and not request.upgrade)


def answer(sock: bojagi.Socket, status: int, body: bytes, method: str = "GET", keep: bool = False) -> None:
    headers = {"Content-Type": "text/plain", "Content-Length": str(len(body))}
    headers["Connection"] = "keep-alive" if keep else "close"
    message = bojagi.encode_response(status, headers, None if method == "HEAD" else body)
    trace.message("encode", bojagi.decode_response(message, method))
    trace.bytes("send", message)
    sock.send_all(message, TIMEOUT)


signal.signal(signal.SIGTERM, signal.default_int_handler)
trace = Trace("server", "-v" in sys.argv)
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
