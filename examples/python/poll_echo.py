"""python poll_echo.py 7000     (port 0: the system chooses; Ctrl-C ends it)

Sends every client its own bytes back, any number of them on one thread.
"""

from __future__ import annotations

import signal
import sys

import bojagi


class Client:
    """One client, and what has to go back to it."""

    def __init__(self, sock: bojagi.Socket) -> None:
        self.sock = sock
        self.rest = b""

    def echo(self) -> bool:
        """Goes on until there is no more to do without waiting; false when the client has ended."""
        try:
            while True:
                while self.rest:
                    self.rest = self.rest[self.sock.send(self.rest, 0) :]
                self.rest = self.sock.recv(timeout=0)
                if not self.rest:
                    return False
        except bojagi.WouldBlock:
            return True
        except OSError as failure:
            print(f"poll_echo: {failure}", file=sys.stderr)
            return False


def welcome(listener: bojagi.Listener, poller: bojagi.Poller) -> bool:
    """Takes all who have come; false when somebody waits for whom there is no descriptor left."""
    try:
        while True:
            for sock in listener.accept_many(timeout=0):
                poller.add(sock, writable=True, data=Client(sock))
    except bojagi.WouldBlock:
        return True
    except bojagi.LimitError:
        return False


signal.signal(signal.SIGTERM, signal.default_int_handler)
try:
    with bojagi.Poller() as poller, bojagi.listen("127.0.0.1", int(sys.argv[1])) as listener:
        print(f"listening on {listener.local}", flush=True)
        poller.add(listener)
        has_all = True
        while True:
            for ready in poller.wait():
                if ready.source is listener:
                    has_all = welcome(listener, poller)
                elif not ready.data.echo():
                    poller.remove(ready.source)
                    ready.source.close()
            if not has_all:  # the listener is no news; a client may be gone
                has_all = welcome(listener, poller)
except KeyboardInterrupt:
    pass
except (OSError, ValueError) as failure:
    sys.exit(f"poll_echo: {failure}")
