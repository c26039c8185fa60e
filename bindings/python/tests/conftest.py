"""What the tests share."""

from __future__ import annotations

import os
import signal
import threading
from typing import Iterator, Tuple

import bojagi
import pytest

Pair = Tuple[bojagi.Socket, bojagi.Socket]

GENEROUS = 10.0
"""Seconds that no test needs: a wait that lasts so long has hung."""


def pytest_configure() -> None:
    """A background job of a shell ignores SIGINT, and so would the programs that the tests end with it."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True)
def _no_hang() -> Iterator[None]:
    """A test that hangs ends the run; pytest's `faulthandler_timeout` has shown where by then."""
    watchdog = threading.Timer(90, os._exit, [70])
    watchdog.daemon = True
    watchdog.start()
    yield
    watchdog.cancel()


@pytest.fixture
def listener() -> Iterator[bojagi.Listener]:
    with bojagi.listen("127.0.0.1", 0) as made:
        yield made


@pytest.fixture
def pair(listener: bojagi.Listener) -> Iterator[Pair]:
    """Two ends of one TCP connection."""
    assert listener.port is not None
    with bojagi.connect("127.0.0.1", listener.port, GENEROUS) as client, listener.accept(GENEROUS) as server:
        yield client, server
