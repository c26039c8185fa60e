"""Connecting: several addresses side by side, names of the program's own, and connects in event loops."""

from __future__ import annotations

import os
import select
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Iterator, List, Optional, Tuple

import bojagi
import pytest

from conftest import GENEROUS


@pytest.fixture
def black_hole() -> Iterator[int]:
    """The port of a listener at 127.0.0.1 whose backlog is full: a connect to it gets no answer."""
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        waiting = [socket.socket() for _ in range(4)]
        for one in waiting:
            one.setblocking(False)
            one.connect_ex(full.getsockname())
        yield full.getsockname()[1]
        for one in waiting:
            one.close()


@pytest.fixture
def refused() -> Iterator[int]:
    """A port that nobody listens at, and nobody will while the test runs."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


def test_a_black_hole_costs_the_attempt_delay(listener: bojagi.Listener, black_hole: int) -> None:
    hosts = bojagi.Hosts({"two.test": [("127.0.0.1", black_hole), listener.local]})
    for delay in (None, 0.05):
        begun = time.monotonic()
        with bojagi.connect("two.test", 1, GENEROUS, hosts=hosts, attempt_delay=delay) as client:
            took = time.monotonic() - begun
            assert (delay or 0.25) <= took < GENEROUS
            assert client.peer == listener.local


def test_an_error_lists_every_attempt(black_hole: int, refused: int) -> None:
    hosts = bojagi.Hosts({"two.test": [("127.0.0.1", refused), ("127.0.0.1", black_hole)]})
    with pytest.raises(bojagi.Timeout) as failure:
        bojagi.connect("two.test", 1, 0.1, hosts=hosts)
    first, second = failure.value.attempts
    assert first.code != second.code == failure.value.code
    assert first.message.startswith(f"127.0.0.1:{refused}: connection refused")
    assert second.message.startswith(f"127.0.0.1:{black_hole}: ")
    assert f"(2 addresses tried: 127.0.0.1:{refused} refused, " in str(failure.value)


def test_a_table_may_be_closed_and_used_again(listener: bojagi.Listener) -> None:
    with bojagi.Hosts() as hosts:
        hosts.add("some.test", "127.0.0.1")
        for name in ("some.test", "SOME.test."):
            bojagi.connect(name, listener.port or 0, GENEROUS, hosts=hosts).close()
        with pytest.raises(bojagi.ArgumentError):
            hosts.add("127.0.0.1", "127.0.0.1")
        with pytest.raises(bojagi.ArgumentError):
            hosts.add("some.test", "not numeric")
    with pytest.raises(ValueError):
        bojagi.connect("some.test", 1, GENEROUS, hosts=hosts)
    with pytest.raises(TypeError):
        bojagi.connect("some.test", 1, GENEROUS, hosts={})  # type: ignore[arg-type]


def test_the_resolver_is_asked(listener: bojagi.Listener) -> None:
    asked: List[Tuple[str, int]] = []

    def resolver(host: str, port: int) -> Optional[List[str]]:
        asked.append((host, port))
        return None if host == "localhost" else ["127.0.0.1"]

    port = listener.port or 0
    for connect in (bojagi.connect, bojagi.udp_connect):
        with connect("some.test", port, GENEROUS, resolver=resolver) as client:
            assert client.peer == ("127.0.0.1", port)
    bojagi.connect("localhost", port, GENEROUS, resolver=resolver, family=4).close()
    assert asked == [("some.test", port)] * 2 + [("localhost", port)]


@pytest.mark.parametrize(
    "answer, expected",
    [
        ([], bojagi.ResolveError),
        (["127.0.0.1"] * 65, bojagi.ArgumentError),
        (["nonsense"], bojagi.ArgumentError),
        ([5], TypeError),
        (7, TypeError),
        (["/path", ("@x", None)], bojagi.ArgumentError),
        (ZeroDivisionError("mine"), ZeroDivisionError),
        (KeyboardInterrupt(), KeyboardInterrupt),
    ],
)
def test_what_the_resolver_does_wrong_is_raised(answer: Any, expected: Any) -> None:
    def resolver(host: str, port: int) -> Any:
        if isinstance(answer, BaseException):
            raise answer
        return answer

    with pytest.raises(expected) as failure:
        bojagi.connect("some.test", 1, GENEROUS, resolver=resolver)
    if isinstance(answer, BaseException):
        assert failure.value is answer


def test_local_interface_and_family(listener: bojagi.Listener, refused: int) -> None:
    port = listener.port or 0
    for local in ("127.0.0.2", ("127.0.0.2", 0)):
        with bojagi.connect("127.0.0.1", port, GENEROUS, local=local) as client:
            assert client.local.host == "127.0.0.2"
    with pytest.raises(bojagi.Unsupported):
        bojagi.connect("127.0.0.1", port, GENEROUS, local="::1")
    bojagi.connect("127.0.0.1", port, GENEROUS, interface="lo").close()
    with pytest.raises(bojagi.ArgumentError, match="interface"):
        bojagi.connect("127.0.0.1", port, GENEROUS, interface="bojagi-none")
    with pytest.raises(bojagi.ResolveError):
        bojagi.connect("127.0.0.1", port, GENEROUS, family=6)
    with bojagi.connect("127.0.0.1", port, GENEROUS, fast_open=True) as client:
        client.send_all(b"x", GENEROUS)


@pytest.mark.parametrize(
    "wrong",
    [{"family": 5}, {"attempt_delay": 0}, {"attempt_delay": 3}, {"interface": ""}, {"interface": "a\0"}],
)
def test_wrong_options_are_refused(wrong: Any) -> None:
    for connect in (bojagi.connect, bojagi.udp_connect, bojagi.Connector):
        with pytest.raises(bojagi.ArgumentError):
            connect("127.0.0.1", 1, **wrong)


def driven(connector: bojagi.Connector) -> bojagi.Socket:
    """Drives a connector as an event loop does."""
    while True:
        try:
            return connector.next(0)
        except bojagi.WouldBlock:
            assert select.select([connector], [], [], GENEROUS)[0], "it never wakes"


def test_a_connector_is_driven_by_its_descriptor(
    listener: bojagi.Listener, black_hole: int, refused: int
) -> None:
    hosts = bojagi.Hosts(
        {"many.test": [("127.0.0.1", refused), ("127.0.0.1", black_hole), listener.local]}
    )
    with bojagi.Connector("many.test", 1, hosts=hosts, attempt_delay=0.05) as connector:
        with driven(connector) as client:
            assert client.peer == listener.local
        assert [attempt.code == 0 for attempt in connector.attempts] == [False, True, True]
        with pytest.raises(bojagi.StateError):
            connector.next()
    with pytest.raises(ValueError):
        connector.next()


def test_a_connector_loses_nothing(black_hole: int) -> None:
    with bojagi.Cancel() as cancel, bojagi.Connector("127.0.0.1", black_hole, cancel=cancel) as connector:
        with pytest.raises(bojagi.Timeout):
            connector.next(0.02)
        thread = threading.Timer(0, cancel.fire)
        thread.start()
        with pytest.raises(bojagi.Cancelled):
            connector.next(GENEROUS)
        thread.join()
        cancel.reset()
        with pytest.raises(bojagi.WouldBlock):
            connector.next()
        (attempt,) = connector.attempts
        assert attempt == (0, None, f"127.0.0.1:{black_hole}: under way")


def test_close_ends_the_wait_of_a_connector_and_leaves_no_descriptor(black_hole: int) -> None:
    def descriptors() -> int:
        return len(os.listdir("/proc/self/fd"))

    before = descriptors()
    for timeout in (None, GENEROUS, bojagi.Deadline(GENEROUS)):
        connector = bojagi.Connector("127.0.0.1", black_hole)
        with ThreadPoolExecutor() as pool:
            waiting = pool.submit(connector.next, timeout)
            while not waiting.running():
                pass
            connector.close()
            with pytest.raises(ValueError, match="closed"):
                waiting.result(GENEROUS / 2)
    assert descriptors() == before


def test_a_table_of_hosts_may_be_closed_while_connects_use_it(listener: bojagi.Listener) -> None:
    entered, closed = threading.Event(), threading.Event()

    def resolver(host: str, port: int) -> None:
        entered.set()
        assert closed.wait(GENEROUS)

    hosts = bojagi.Hosts({"some.test": [listener.local]})
    connector = bojagi.Connector("some.test", 1, hosts=hosts)
    with ThreadPoolExecutor() as pool:
        connecting = pool.submit(
            bojagi.connect, "localhost", listener.port or 0, GENEROUS, hosts=hosts, resolver=resolver
        )
        assert entered.wait(GENEROUS)
        hosts.close()
        with pytest.raises(ValueError, match="closed"):
            hosts.add("other.test", "127.0.0.1")
        closed.set()
        with connecting.result(GENEROUS) as client, connector, connector.next(GENEROUS) as other:
            assert client.peer.port == other.peer.port == listener.port


def test_a_connector_says_at_last_why_it_failed(refused: int) -> None:
    with bojagi.Connector("127.0.0.1", refused) as connector:
        for _ in range(2):
            with pytest.raises(bojagi.Refused) as failure:
                driven(connector)
            assert len(failure.value.attempts) == 1


def test_what_the_resolver_of_a_connector_raises_is_raised_at_once() -> None:
    def resolver(host: str, port: int) -> List[str]:
        raise LookupError(host)

    with pytest.raises(LookupError):
        bojagi.Connector("some.test", 1, resolver=resolver)
