"""Sends datagrams, one at a time, and waits a second for each to come back.

    python3 udp_ping.py serve 7000 & python3 udp_ping.py 7000 3     (port 0: the system chooses)

The server returns what it gets until it gets an empty datagram. It talks with examples/c/udp_ping.c too.
"""

from __future__ import annotations

import sys

import bojagi


def serve(port: int) -> None:
    with bojagi.udp_bind("127.0.0.1", port) as sock:
        print(f"listening on {sock.local}", flush=True)
        while True:
            data, sender = sock.recv_from(1500)
            if not data:
                return
            sock.send_to(data, sender, 1)


def ping(port: int, count: int) -> None:
    came = 0
    with bojagi.udp_connect("127.0.0.1", port, 1) as sock:
        for number in range(1, count + 1):
            message = b"ping %d" % number
            sock.send(message, 1)
            try:
                came += sock.recv(1500, 1) == message
            except TimeoutError:
                pass
        print(f"{came} of {count} came back")
        sock.send(b"", 1)
    if came != count:
        raise TimeoutError("some did not come back")


if len(sys.argv) != 3:
    sys.exit("udp_ping: use: udp_ping.py serve PORT, or udp_ping.py PORT COUNT")
try:
    if sys.argv[1] == "serve":
        serve(int(sys.argv[2]))
    else:
        ping(int(sys.argv[1]), int(sys.argv[2]))
except (OSError, ValueError) as failure:
    sys.exit(f"udp_ping: {failure}")
