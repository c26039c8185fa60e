"""Pollers: what is told, how often, and what ends a wait."""

from __future__ import annotations

import os
import signal
import socket
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Callable, Iterator, List

import bojagi
import pytest

from conftest import GENEROUS, Pair


@pytest.fixture
def poller() -> Iterator[bojagi.Poller]:
    with bojagi.Poller() as made:
        yield made


def test_a_change_is_told_once_with_its_source_and_data(poller: bojagi.Poller, pair: Pair) -> None:
    client, server = pair
    poller.add(server, data="mine")
    with pytest.raises(bojagi.WouldBlock):
        poller.wait(0)
    client.send(b"x")
    (ready,) = poller.wait(GENEROUS)
    assert ready.source is server and ready.data == "mine"
    assert ready.readable and not (ready.writable or ready.ended or ready.failed or ready.woken)
    with pytest.raises(bojagi.Timeout):
        poller.wait(0.01)
    poller.change(server, writable=True)
    (again,) = poller.wait(0)
    assert again.readable and again.writable and again.data == "mine"
    poller.change(server, data=None)
    assert poller.wait(0)[0].data is None
    client.close()
    (end,) = poller.wait(GENEROUS)
    assert end.ended and end.readable
    poller.remove(server)
    with pytest.raises(bojagi.StateError):
        poller.remove(server)


def test_listeners_and_plain_descriptors_can_be_added(
    poller: bojagi.Poller, listener: bojagi.Listener
) -> None:
    poller.add(listener)
    assert listener.port is not None
    with bojagi.connect("127.0.0.1", listener.port, GENEROUS):
        (ready,) = poller.wait(GENEROUS)
        assert ready.source is listener
        for accepted in listener.accept_many(timeout=0):
            accepted.close()
    one, other = socket.socketpair()
    with one, other:
        poller.add(one.fileno(), data=7)
        other.send(b"x")
        (ready,) = poller.wait(GENEROUS)
        assert (ready.source, ready.data) == (one.fileno(), 7)
        poller.remove(one.fileno())


def test_the_limit_leaves_the_rest_for_the_next_wait(poller: bojagi.Poller) -> None:
    pairs = [socket.socketpair() for _ in range(5)]
    for one, _ in pairs:
        poller.add(one, readable=False, writable=True)
    told = [len(poller.wait(0, limit)) for limit in (2, 1, 9)]
    assert told == [2, 1, 2]
    for one, other in pairs:
        poller.remove(one)
        one.close()
        other.close()


def test_wake_ends_a_wait_of_another_thread(poller: bojagi.Poller) -> None:
    with ThreadPoolExecutor() as pool:
        waiting = pool.submit(poller.wait)
        poller.wake()
        (ready,) = waiting.result(GENEROUS)
    assert ready.woken and ready.source is None and not ready.readable


def test_cancel_ends_a_wait_and_close_ends_it_too(poller: bojagi.Poller) -> None:
    cancel = bojagi.Cancel()
    poller.set_cancel(cancel)
    with ThreadPoolExecutor() as pool:
        waiting = pool.submit(poller.wait)
        cancel.fire()
        with pytest.raises(bojagi.Cancelled):
            waiting.result(GENEROUS)
        poller.set_cancel(None)
        waiting = pool.submit(poller.wait)
        while not waiting.running():
            pass
        poller.close()
        with pytest.raises(ValueError, match="closed"):
            waiting.result(GENEROUS)


def test_signal_handlers_run_during_a_wait(poller: bojagi.Poller) -> None:
    class Stop(Exception):
        pass

    def stop(*_: Any) -> None:
        raise Stop

    before = signal.signal(signal.SIGALRM, stop)
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.05)
        with pytest.raises(Stop):
            poller.wait(GENEROUS)
    finally:
        signal.signal(signal.SIGALRM, before)


def test_a_poller_is_readable_while_it_has_something_to_tell(poller: bojagi.Poller) -> None:
    with bojagi.Poller() as outer:
        outer.add(poller)
        poller.wake()
        (ready,) = outer.wait(GENEROUS)
        assert ready.source is poller
        assert "Poller of 1" in repr(outer)


def test_misuse_raises(poller: bojagi.Poller, pair: Pair) -> None:
    poller.add(pair[0])
    calls: List[Callable[[], Any]] = [
        lambda: poller.add(pair[0]),
        lambda: poller.change(pair[1]),
        lambda: poller.add(pair[1], readable=False),
        lambda: poller.add(-1),
        lambda: poller.wait(0, 0),
        lambda: poller.wait(0, 65537),
    ]
    for call in calls:
        with pytest.raises((bojagi.StateError, bojagi.ArgumentError)):
            call()
    with open(os.__file__) as file, pytest.raises(bojagi.Unsupported):
        poller.add(file)
    with pytest.raises(TypeError):
        poller.add("socket")  # type: ignore[arg-type]
    poller.remove(pair[0])
    poller.close()
    with pytest.raises(ValueError, match="closed"):
        poller.wait(0)
