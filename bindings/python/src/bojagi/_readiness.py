"""Readiness: what an event loop, ours or another, waits for."""

from __future__ import annotations

from typing import Any, NamedTuple

from . import _bindings as c
from ._handle import Handle
from ._library import quick

READABLE: int = c.READABLE
"""The same as `selectors.EVENT_READ`."""

WRITABLE: int = c.WRITABLE
"""The same as `selectors.EVENT_WRITE`."""


class SocketReadiness(Handle):
    """What a socket says of its readiness."""

    __slots__ = ()

    @property
    def wanted(self) -> int:
        """What to wait for before the calls that raised `WouldBlock` or `Timeout` are made again.

        The sum of READABLE and WRITABLE, as `selectors` takes it; 0 when there is nothing to wait for.
        Make calls with timeout 0 until one raises `WouldBlock`, then wait for `fileno()` and this.
        """
        return self._ask(quick.bojagi_socket_wanted)


class ListenerReadiness(Handle):
    """What a listener says of its readiness."""

    __slots__ = ()

    @property
    def wanted(self) -> int:
        """READABLE when the last accept raised `WouldBlock` or `Timeout`, else 0."""
        return self._ask(quick.bojagi_listener_wanted)


class Ready(NamedTuple):
    """What a `Poller` tells about one of its descriptors, or that it was woken."""

    source: Any
    """What was added; None when the poller was woken."""

    data: Any
    """What was given for it."""

    events: int
    """The bits of the C library."""

    @property
    def readable(self) -> bool:
        """Something can be received, or accepted, or the end has come."""
        return bool(self.events & c.READABLE)

    @property
    def writable(self) -> bool:
        """There is room to send."""
        return bool(self.events & c.WRITABLE)

    @property
    def ended(self) -> bool:
        """The peer has sent its last byte, or is gone."""
        return bool(self.events & c.ENDED)

    @property
    def failed(self) -> bool:
        """There is an error, which the next call raises."""
        return bool(self.events & c.FAILED)

    @property
    def woken(self) -> bool:
        """`Poller.wake` was called."""
        return bool(self.events & c.WOKEN)
