"""HTTP without a socket: a client and a server in one process, two buffers between them.

    python3 pipe.py        what each may do next, its `bojagi.Connection` says
"""

from __future__ import annotations

import sys
from typing import Iterator

import bojagi
from bojagi import May

POST = {"Host": "pipe", "Expect": "100-continue", "Content-Length": "7"}
LAST = {"Host": "pipe", "Connection": "close"}


class Side:
    """One side, and the bytes on their way to it."""

    def __init__(self, role: str) -> None:
        self.role, self.connection, self.inbox = role, bojagi.Connection(role), bytearray()

    def read(self) -> None:
        data, self.inbox = bytes(self.inbox), bytearray()
        for event in self.connection.receive(data):
            if isinstance(event, bojagi.Request):
                print(f"{self.role} < {event.method} {event.target} HTTP/{event.version}")
            elif isinstance(event, bojagi.Response):
                print(f"{self.role} < HTTP/{event.version} {event.status} {event.reason}")
            elif isinstance(event, bojagi.Data):
                print(f"{self.role} < {event.data.decode()}")

    def send_head(self, peer: Side, head: bytes) -> None:
        self.connection.send_head(head)
        print(f"{self.role} > {head.decode().splitlines()[0]}")
        peer.inbox += head

    def send_body(self, peer: Side, body: str, chunked: bool) -> None:
        content = body.encode()
        self.connection.send_body(len(content))
        self.connection.send_end()
        print(f"{self.role} > {body}")
        peer.inbox += bojagi.encode_chunk(content) + bojagi.encode_trailers() if chunked else content


def client_write(client: Side, server: Side, requests: Iterator[bytes]) -> None:
    """A POST whose body waits for 100, a GET that closes, and one too many."""
    may = client.connection.may
    if may & May.WRITE_BODY and not may & May.CONTINUE:
        client.send_body(server, "wrapped", chunked=False)
    elif may & (May.REUSE | May.CLOSE):
        client.send_head(server, next(requests))


def server_write(server: Side, client: Side) -> None:
    """100 where it is awaited, else one answer to all, once the body is in."""
    may = server.connection.may
    if may & May.CONTINUE:
        server.send_head(client, bojagi.encode_response(100))
    elif may & May.WRITE_BODY:
        server.send_body(client, "unwrapped", chunked=True)
    elif may & May.WRITE_HEAD and not may & May.READ_BODY:
        headers = {"Transfer-Encoding": "chunked"}
        if may & May.SAY_CLOSE:
            headers["Connection"] = "close"
        server.send_head(client, bojagi.encode_response(200, headers))


def main() -> None:
    client, server = Side("client"), Side("server")
    last = bojagi.encode_request("GET", "/", LAST)
    requests = iter([bojagi.encode_request("POST", "/", POST), last, last])
    while True:
        client_write(client, server, requests)
        server.read()
        server_write(server, client)
        client.read()


if __name__ == "__main__":
    try:
        main()
    except bojagi.StateError as refused:
        print(f"client: {refused}")
        sys.exit(refused.reason != "AFTER_LAST")
