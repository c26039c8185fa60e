"""Batches of datagrams, what stands beside their bytes, and multicast."""

from __future__ import annotations

import os
import signal
import sys
import threading
from typing import Any, Iterator, List, Tuple

import bojagi
import pytest

from conftest import GENEROUS

Pair = Tuple[bojagi.Socket, bojagi.Socket]

linux = pytest.mark.skipif(sys.platform != "linux", reason="parts are Linux's")


@pytest.fixture
def ends() -> Iterator[Pair]:
    """A bound socket, and one that is connected to it."""
    with bojagi.udp_bind("127.0.0.1", 0) as server:
        with bojagi.udp_connect("127.0.0.1", server.local.port or 0, GENEROUS) as client:
            yield server, client


@pytest.mark.parametrize("grouped", [False, True])
@pytest.mark.parametrize("count", [1, 7, 100])
def test_a_batch_arrives_as_it_was_sent(ends: Pair, grouped: bool, count: int) -> None:
    server, client = ends
    assert server.set_datagram(grouped=grouped) in (False, grouped)
    sent = [bytes([index]) * (64 if index % 7 else index) for index in range(100)]
    assert client.send_batch(sent, GENEROUS) == 100
    came: List[bojagi.Datagram] = []
    while len(came) < 100:
        came += server.recv_batch(count, 128, GENEROUS)
    assert [datagram.data for datagram in came] == sent
    assert {datagram.peer for datagram in came} == {client.local}
    assert server.pending() == 0


def test_a_batch_goes_to_several_receivers(ends: Pair) -> None:
    server, client = ends
    with bojagi.udp_bind("127.0.0.1", 0) as other:
        batch: List[bojagi.Sendable] = [b"one", (bytearray(b"two"), other.local), (memoryview(b"three"), None), (b"", other.local)]
        assert other.send_batch([], 0) == 0
        assert client.send_batch(batch, GENEROUS) == 4
        assert [d.data for d in server.recv_batch(8, 16, GENEROUS)] == [b"one", b"three"]
        assert [d.data for d in other.recv_batch(8, 16, GENEROUS)] == [b"two", b""]


def test_a_batch_keeps_its_budget(ends: Pair) -> None:
    server, _ = ends
    with pytest.raises(TimeoutError):
        server.recv_batch(4, 16, 0.02)
    with pytest.raises(BlockingIOError):
        server.recv_batch(4, 16, 0)
    with bojagi.unix_datagram_bind(f"@bojagi-batch-{os.getpid()}") as full:
        with bojagi.unix_datagram_connect(f"@bojagi-batch-{os.getpid()}") as sender:
            done = sender.send_batch([b"x"] * 2000, 0.02)
            assert 0 < done < 2000
            with pytest.raises(TimeoutError):
                sender.send_batch([b"x"], 0.02)
            assert len(full.recv_batch(2000, 1, GENEROUS)) == done


def test_a_signal_handler_runs_during_a_batch(ends: Pair) -> None:
    server, client = ends
    handled = threading.Event()

    def handle(*_: Any) -> None:
        handled.set()
        client.send(b"x", GENEROUS)

    before = signal.signal(signal.SIGUSR1, handle)
    try:
        timer = threading.Timer(0.05, os.kill, (os.getpid(), signal.SIGUSR1))
        timer.start()
        assert [d.data for d in server.recv_batch(4, 16, GENEROUS)] == [b"x"]
        assert handled.is_set()
        timer.join()
    finally:
        signal.signal(signal.SIGUSR1, before)


def test_a_closed_socket_ends_a_batch_that_waits(ends: Pair) -> None:
    _, client = ends
    threading.Timer(0.05, client.close).start()
    with pytest.raises(ValueError):
        client.recv_batch(4, 16, GENEROUS)


def test_each_datagram_tells_whether_it_was_cut(ends: Pair) -> None:
    server, client = ends
    client.send_batch([b"0123456789", b"abc"], GENEROUS)
    cut, whole = server.recv_batch(2, 4, GENEROUS)
    assert (cut.data, cut.truncated, cut.length) == (b"0123", True, 10)
    assert (whole.data, whole.truncated, whole.length) == (b"abc", False, 3)
    client.send(b"0123456789", GENEROUS)
    with pytest.raises(bojagi.Truncated) as caught:
        server.recv_datagram(4, GENEROUS)
    assert (caught.value.data, caught.value.offset, caught.value.sender) == (b"0123", 10, client.local)


@linux
def test_parts_come_with_a_datagram_and_go_back(ends: Pair) -> None:
    server, client = ends
    server.set_datagram(local=True, tos=True, hops=True)
    assert client.send_datagram(b"x", None, GENEROUS, tos=0xB9, hops=9) == 1
    came = server.recv_datagram(timeout=GENEROUS)
    assert (came.data, came.peer, came.local) == (b"x", client.local, server.local)
    assert (came.tos, came.hops) == (0xB9, 9) and (came.interface or 0) > 0
    assert server.send_batch([came], GENEROUS) == 1
    assert client.recv_datagram(timeout=GENEROUS)[:3] == (b"x", server.local, None)
    server.set_datagram()
    client.send(b"y", GENEROUS)
    assert server.recv_datagram(timeout=GENEROUS) == bojagi.Datagram(b"y", client.local, length=1)


@linux
def test_a_datagram_goes_out_from_a_chosen_address(ends: Pair) -> None:
    server, _ = ends
    with bojagi.udp_bind("0.0.0.0", 0) as client:
        client.send_datagram(b"x", server.local, GENEROUS, local=("127.0.0.9", 0))
        sender = server.recv_datagram(timeout=GENEROUS).peer
        assert sender is not None and sender.host == "127.0.0.9"


@linux
def test_joins_and_leaves_groups(ends: Pair) -> None:
    server, _ = ends
    server.multicast_join("239.255.77.9", "lo")
    with pytest.raises(bojagi.AddressInUse):
        server.multicast_join("239.255.77.9", 1)
    server.multicast_leave("239.255.77.9", "lo")
    server.multicast_join("239.255.77.9", 1, "127.0.0.1")
    server.multicast_leave("239.255.77.9", 1, source="127.0.0.1")


def test_wrong_arguments_are_told(ends: Pair) -> None:
    server, client = ends
    for count, size in [(0, 1), (1, -1), (-1, 1)]:
        with pytest.raises(ValueError):
            server.recv_batch(count, size, 0)
    for wrong in [{"tos": 256}, {"tos": -1}, {"hops": 0}, {"hops": 1 << 40}, {"interface": -1}]:
        with pytest.raises(ValueError):
            client.send_datagram(b"x", None, 0, **wrong)  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        client.send_batch([7], 0)  # type: ignore[list-item]
    with pytest.raises(ValueError):
        server.multicast_join("127.0.0.1")
    with pytest.raises(ValueError):
        server.multicast_join("239.1.1.1", "no such interface")
