"""A protocol of our own over TCP: a length in two bytes, then as many bytes of text.

    python3 tcp_echo.py serve 7000 & python3 tcp_echo.py 7000 hello "more of it"     (port 0: the system chooses)

The server sends back what one client says. It talks with examples/c/tcp_echo.c too.
"""

from __future__ import annotations

import sys

import bojagi

TIMEOUT = 5.0


def serve(port: int) -> None:
    with bojagi.listen("127.0.0.1", port) as listener:
        print(f"listening on {listener.local}", flush=True)
        with bojagi.Frames(listener.accept(), "u16", timeout=TIMEOUT) as texts:
            for text in texts:
                texts.send(text)


def say(port: int, words: list[str]) -> None:
    with bojagi.Frames(bojagi.connect("127.0.0.1", port, TIMEOUT), "u16", timeout=TIMEOUT) as texts:
        for word in words:
            texts.send(word.encode())
            print(texts.recv().decode())


if len(sys.argv) < 3:
    sys.exit("tcp_echo: use: tcp_echo.py serve PORT, or tcp_echo.py PORT WORD...")
try:
    if sys.argv[1] == "serve":
        serve(int(sys.argv[2]))
    else:
        say(int(sys.argv[1]), sys.argv[2:])
except (OSError, EOFError, ValueError, OverflowError) as failure:
    sys.exit(f"tcp_echo: {failure}")
