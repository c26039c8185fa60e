"""Datagram sockets: UDP and Unix."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Callable

import bojagi
import pytest

from conftest import GENEROUS


def test_a_datagram_comes_with_its_sender() -> None:
    with bojagi.udp_bind("127.0.0.1", 0) as server, bojagi.udp_bind("127.0.0.1", 0) as client:
        assert client.send_to(b"ping", server.local, GENEROUS) == 4
        data, sender = server.recv_from(100, GENEROUS)
        assert (data, sender) == (b"ping", client.local)
        server.send_to(b"pong", (sender.host, sender.port or 0), GENEROUS)
        assert client.recv_from(100, GENEROUS) == (b"pong", server.local)


def test_a_connected_socket_sends_and_receives() -> None:
    with bojagi.udp_bind("127.0.0.1", 0) as server:
        with bojagi.udp_connect("127.0.0.1", server.local.port or 0, GENEROUS) as client:
            client.send(b"x", GENEROUS)
            assert server.recv_from(10, GENEROUS) == (b"x", client.local)
            assert client.peer == server.local
        with pytest.raises(OSError) as caught:
            server.peer
        assert caught.value.errno == errno.ENOTCONN


def test_an_empty_datagram_is_not_the_end() -> None:
    with bojagi.udp_bind("127.0.0.1", 0) as server, bojagi.udp_bind("127.0.0.1", 0) as client:
        client.send_to(b"", server.local, GENEROUS)
        client.send_to(b"more", server.local, GENEROUS)
        assert server.recv_from(10, GENEROUS) == (b"", client.local)
        assert server.recv_from(10, GENEROUS) == (b"more", client.local)


def test_a_datagram_that_does_not_fit_says_so_and_gives_its_beginning() -> None:
    with bojagi.udp_bind("127.0.0.1", 0) as server, bojagi.udp_bind("127.0.0.1", 0) as client:
        for receive in (lambda: server.recv(4, GENEROUS), lambda: server.recv_from(4, GENEROUS)):
            client.send_to(b"0123456789", server.local, GENEROUS)
            with pytest.raises(bojagi.Truncated) as caught:
                receive()
            assert (caught.value.data, caught.value.offset) == (b"0123", 10)
        assert caught.value.sender == client.local
        assert isinstance(caught.value, OSError) and caught.value.errno == errno.EMSGSIZE


def test_a_receive_keeps_its_budget() -> None:
    with bojagi.udp_bind(None, 0) as server:
        with pytest.raises(TimeoutError):
            server.recv_from(10, 0.02)
        with pytest.raises(BlockingIOError):
            server.recv_from(10, 0)


@pytest.mark.parametrize("address", [("not-numeric.example", 1), ("127.0.0.1", 70000), ("", 1)])
def test_refuses_an_address_that_is_none(address: "tuple[str, int]") -> None:
    with bojagi.udp_bind("127.0.0.1", 0) as sock, pytest.raises(ValueError):
        sock.send_to(b"x", address, GENEROUS)


@pytest.mark.parametrize("name", [lambda folder: str(folder / "s"), lambda folder: f"@bojagi-dgram-{os.getpid()}"])
def test_unix_datagrams(tmp_path: Path, name: Callable[[Path], str]) -> None:
    where = name(tmp_path)
    with bojagi.unix_datagram_bind(where) as server:
        with bojagi.unix_datagram_connect(where) as client:
            client.send(b"one", GENEROUS)
            data, sender = server.recv_from(10, GENEROUS)
            assert (data, sender.port) == (b"one", None)
        with bojagi.unix_datagram_bind(str(tmp_path / "c")) as other:
            other.send_to(b"two", where, GENEROUS)
            data, sender = server.recv_from(10, GENEROUS)
            assert (data, sender) == (b"two", other.local)
            server.send_to(b"three", sender, GENEROUS)
            assert other.recv(10, GENEROUS) == b"three"
        with bojagi.unix_datagram_bind() as unnamed:
            unnamed.send_to(b"four", where, GENEROUS)
            assert server.recv_from(10, GENEROUS) == (b"four", bojagi.Address("", None))
