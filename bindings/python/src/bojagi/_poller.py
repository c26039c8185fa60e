"""A poller: waits for many sockets at once."""

from __future__ import annotations

from ctypes import byref, c_void_p
from typing import Any, Dict, List, Optional, Protocol, Tuple, Union

from . import _bindings as c
from ._cancel import Cancel, lent
from ._errors import descriptor, last_error, ranged
from ._handle import Handle
from ._library import blocking, quick
from ._readiness import Ready
from ._time import Timeout

_LIMIT_MAX = 65536
_KEPT: Any = object()


class HasFileno(Protocol):
    """Anything with a descriptor."""

    def fileno(self) -> int: ...


Source = Union[int, HasFileno]


class Poller(Handle):
    """Waits for many sockets, listeners or other descriptors at once.

    A change of readiness is told ONCE (edge-triggered): go on with timeout 0 until `WouldBlock`, and then wait
    again. `change` makes what is still ready be told anew. One thread at a time uses a poller; any thread, and
    any signal handler, may `wake` it.

    with bojagi.Poller() as poller:
        poller.add(listener)
        for ready in poller.wait(timeout=10):
            for sock in ready.source.accept_many(timeout=0): ...
    """

    __slots__ = ("_sources",)

    _subject = "poller"

    def __init__(self, *, cancel: Optional[Cancel] = None) -> None:
        out = c_void_p()
        result = quick.bojagi_poller_new(byref(out))
        if result < 0:
            raise last_error(result)
        self._sources: Dict[int, Tuple[Any, Any]] = {}
        self._own(out.value or 0)
        try:
            # Ctrl-C ends a wait.
            self._ask(lambda pointer: quick.bojagi_poller_set_flags(pointer, c.INTERRUPTIBLE))
            self.set_cancel(cancel)
        except BaseException:
            self.close()
            raise

    def add(self, source: Source, readable: bool = True, writable: bool = False, data: Any = None) -> None:
        """Adds a socket, a listener, a descriptor, or whatever has one. Remove it before it is closed."""
        fd = _number(source)
        events = _events(readable, writable)
        self._ask(lambda pointer: quick.bojagi_poller_add(pointer, fd, events, fd))
        self._sources[fd] = (source, data)

    def change(self, source: Source, readable: bool = True, writable: bool = False, data: Any = _KEPT) -> None:
        """Changes what a source is waited for, and its data if any is given. What is ready is told anew."""
        fd = _number(source)
        events = _events(readable, writable)
        self._ask(lambda pointer: quick.bojagi_poller_change(pointer, fd, events, fd))
        self._sources[fd] = (source, self._sources[fd][1] if data is _KEPT else data)

    def remove(self, source: Source) -> None:
        """Removes a source: nothing is told about it any more."""
        fd = _number(source)
        self._ask(lambda pointer: quick.bojagi_poller_remove(pointer, fd))
        self._sources.pop(fd, None)

    def wait(self, timeout: Timeout = None, limit: int = 256) -> List[Ready]:
        """What is ready, at least one and at most `limit`; raises `Timeout`, or with timeout 0 `WouldBlock`."""
        limit = ranged(limit, "a limit", 1, _LIMIT_MAX)
        events = (c.bojagi_event * limit)()
        count = self._inside(lambda pointer, ms: blocking.bojagi_poller_wait(pointer, events, limit, ms), timeout)
        self._check_open()
        return [self._ready(event.token, event.events) for event in events[:count]]

    def wake(self) -> None:
        """Makes the wait of now, or the next one, tell a `Ready` that is `woken`."""
        self._ask(quick.bojagi_poller_wake)

    def fileno(self) -> int:
        """The poller's own descriptor, readable while there is something to tell."""
        return self._ask(quick.bojagi_poller_fd)

    def set_cancel(self, cancel: Optional[Cancel]) -> None:
        """Attaches a `Cancel` for the waits to come; None takes it off."""
        with lent(cancel) as token:
            self._ask(lambda pointer: quick.bojagi_poller_set_cancel(pointer, token))

    def _ready(self, token: int, events: int) -> Ready:
        source, data = (None, None) if events & c.WOKEN else self._sources.get(token, (token, None))
        return Ready(source, data, events)

    def _wake(self, pointer: int) -> None:
        quick.bojagi_poller_wake(pointer)

    def _free(self, pointer: int) -> None:
        self._sources.clear()
        quick.bojagi_poller_free(pointer)

    def __repr__(self) -> str:
        return "<bojagi.Poller closed>" if self._closed else f"<bojagi.Poller of {len(self._sources)}>"


def _number(source: Source) -> int:
    return descriptor(source.fileno() if hasattr(source, "fileno") else source, "a source")


def _events(readable: bool, writable: bool) -> int:
    return (c.READABLE if readable else 0) | (c.WRITABLE if writable else 0)
