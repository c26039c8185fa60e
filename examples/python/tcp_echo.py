"""A protocol of our own over TCP: a length in two bytes, then as many bytes of text.

    python3 tcp_echo.py serve 7000 & python3 tcp_echo.py 7000 hello "more of it"     (port 0: the system chooses)

The server sends back what one client says. It talks with examples/c/tcp_echo.c too.
"""

from __future__ import annotations

import sys

import bojagi

TIMEOUT = 5.0


def put(sock: bojagi.Socket, text: bytes) -> None:
    sock.send_all(len(text).to_bytes(2, "big") + text, TIMEOUT)


def take(sock: bojagi.Socket) -> bytes:
    size = int.from_bytes(sock.recv_exact(2, TIMEOUT), "big")
    return sock.recv_exact(size, TIMEOUT) if size else b""


def serve(port: int) -> None:
    with bojagi.listen("127.0.0.1", port) as listener:
        print(f"listening on {listener.local}", flush=True)
        with listener.accept() as sock:
            try:
                while True:
                    put(sock, take(sock))
            except bojagi.EndOfStream:
                pass  # the client has closed


def say(port: int, texts: list[str]) -> None:
    with bojagi.connect("127.0.0.1", port, TIMEOUT) as sock:
        for text in texts:
            put(sock, text.encode())
            print(take(sock).decode())


if len(sys.argv) < 3:
    sys.exit("tcp_echo: use: tcp_echo.py serve PORT, or tcp_echo.py PORT WORD...")
try:
    if sys.argv[1] == "serve":
        serve(int(sys.argv[2]))
    else:
        say(int(sys.argv[1]), sys.argv[2:])
except (OSError, ValueError, OverflowError) as failure:
    sys.exit(f"tcp_echo: {failure}")
