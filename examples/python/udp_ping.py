"""Sends numbered datagrams over UDP and measures how long the answers take; the other end sends them back.

    python3 udp_ping.py [COUNT]             both ends, in one process
    python3 udp_ping.py server [PORT]       answers until Ctrl-C
    python3 udp_ping.py client PORT [COUNT]
"""

from __future__ import annotations

import sys
import threading
import time

import bojagi


def serve(sock: bojagi.Socket) -> None:
    while True:
        data, sender = sock.recv_from(2048)
        sock.send_to(data, sender)


def ping(port: int, count: int) -> None:
    with bojagi.udp_connect("127.0.0.1", port) as sock:
        for number in range(count):
            message = b"ping %d" % number
            start = time.perf_counter()
            sock.send(message)
            answer = sock.recv(2048, timeout=1)
            if answer != message:
                raise ValueError(f"{answer!r} came back for {message!r}")
            print(f"{message.decode()}: {(time.perf_counter() - start) * 1e6:.0f} us")


def main(arguments: list[str]) -> None:
    if arguments[:1] == ["client"]:
        return ping(int(arguments[1]), int(arguments[2]) if len(arguments) > 2 else 3)
    serving = arguments[:1] == ["server"]
    with bojagi.udp_bind("127.0.0.1", int(arguments[1]) if serving and len(arguments) > 1 else 0) as sock:
        if serving:
            print(f"listening on {sock.local}", flush=True)
            return serve(sock)
        with bojagi.Cancel() as cancel:
            sock.set_cancel(cancel)
            server = threading.Thread(target=answer_until_cancelled, args=(sock,))
            server.start()
            try:
                ping(sock.local.port or 0, int(arguments[0]) if arguments else 3)
            finally:
                cancel.fire()
                server.join()


def answer_until_cancelled(sock: bojagi.Socket) -> None:
    try:
        serve(sock)
    except bojagi.Cancelled:
        pass


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except (OSError, ValueError, IndexError) as failure:
        sys.exit(f"udp_ping: {failure}")
    except KeyboardInterrupt:
        pass
