"""A connect for event loops: one descriptor to watch, one call to make when it is readable."""

from __future__ import annotations

import os
import select
from ctypes import byref, c_void_p
from functools import partial
from typing import Any, Optional, Tuple

from . import _bindings as c
from ._address import host_bytes, port_number
from ._cancel import Cancel
from ._errors import Attempt, Error, WouldBlock, attempt, last_error
from ._handle import Handle
from ._hosts import Hosts, IpAddress, Resolver, connect_plan
from ._library import blocking, quick
from ._options import OptionValues
from ._socket import Socket, made_waiting
from ._time import Deadline, Timeout

_LONGEST_POLL_MS = 2**31 - 1


class Connector(Handle):
    """A TCP connect that is under way. Takes what `connect` takes, but for the timeout: it has no end.

    connector = bojagi.Connector("example.org", 80)
    loop.add_reader(connector, ready)   # ready() calls connector.next(0)
    """

    __slots__ = ("_bell",)

    _subject = "connector"

    def __init__(
        self,
        host: str,
        port: int,
        *,
        cancel: Optional[Cancel] = None,
        attempt_delay: Optional[float] = None,
        local: Optional[IpAddress] = None,
        interface: Optional[str] = None,
        fast_open: bool = False,
        family: Optional[int] = None,
        hosts: Optional[Hosts] = None,
        resolver: Optional[Resolver] = None,
        options: Optional[OptionValues] = None,
    ) -> None:
        name, number = host_bytes(host), port_number(port)
        out = c_void_p()
        plan = connect_plan(
            cancel, attempt_delay, local, interface, fast_open, family, hosts, resolver, options
        )
        try:
            with plan as given:
                result = blocking.bojagi_connector_new(name, number, byref(given), byref(out))
                if result < 0:
                    raise last_error(result)
        except BaseException:
            quick.bojagi_connector_free(out)
            raise
        self._bell: Optional[Tuple[int, int]] = None
        self._own(out.value or 0)

    def next(self, timeout: Timeout = 0) -> Socket:
        """The socket, once it is connected.

        `WouldBlock` (without a timeout) and `Timeout` mean that it is still under way, `Cancelled` that
        its cancel is fired; any other error is the end, with every attempt in its `attempts`.
        """
        pointer = self._enter()
        try:
            if timeout == 0:
                return _next(pointer, timeout)
            return self._waited(pointer, timeout if isinstance(timeout, Deadline) else Deadline(timeout))
        finally:
            self._leave()

    def _waited(self, pointer: int, deadline: Deadline) -> Socket:
        """The socket after a wait for the descriptor, and for the bell that `close` rings."""
        ready = select.poll()
        ready.register(quick.bojagi_connector_fd(pointer), select.POLLIN)
        ready.register(self._listen(), select.POLLIN)
        while True:
            left = deadline.left_ms()
            try:
                # Whoever has no time left is told so by the library, after a moment.
                return _next(pointer, 0 if left else 0.001)
            except WouldBlock:
                ready.poll(min(left, _LONGEST_POLL_MS) if left >= 0 else None)
            self._check_open()

    def _listen(self) -> int:
        """The end of the bell that is readable once `close` has rung it."""
        if self._bell is None:
            self._bell = os.pipe()
        self._check_open()  # who closes it from here on finds the bell
        return self._bell[0]

    def fileno(self) -> int:
        """A descriptor that is readable when `next` has something to do. Only watch it."""
        return self._ask(quick.bojagi_connector_fd)

    @property
    def attempts(self) -> Tuple[Attempt, ...]:
        """What has become of each attempt so far; its code is 0 unless it has failed."""
        pointer = self._enter()
        try:
            return _attempts(pointer)
        finally:
            self._leave()

    def _wake(self, pointer: int) -> None:
        if self._bell is not None:
            os.write(self._bell[1], b"\0")

    def _free(self, pointer: int) -> None:
        for end in self._bell or ():
            os.close(end)
        quick.bojagi_connector_free(pointer)

    def __repr__(self) -> str:
        return "<bojagi.Connector closed>" if self.closed else f"<bojagi.Connector fd={self.fileno()}>"


def _next(pointer: int, timeout: float) -> Socket:
    return made_waiting(lambda ms, out: blocking.bojagi_connector_next(pointer, ms, out), timeout)


def connected(name: bytes, port: int, options: Any, timeout: Timeout) -> Socket:
    """The socket of `bojagi_tcp_connect`. What a signal interrupts goes on as a connector, where nothing is lost.

    Else a timer that is faster than the network would begin it anew for ever.
    """
    connector = c_void_p()

    def call(ms: int, out: Any) -> int:
        if connector:
            return int(blocking.bojagi_connector_next(connector, ms, out))
        result: int = blocking.bojagi_tcp_connect(name, port, byref(options), ms, out)
        if result == c.E_INTERRUPTED:  # should there be no connector, it begins anew after all
            blocking.bojagi_connector_new(name, port, byref(options), byref(connector))
        return result

    try:
        return made_waiting(call, timeout)
    except Error as error:
        if connector and not error.attempts:
            error.attempts = _attempts(connector)
        raise
    finally:
        quick.bojagi_connector_free(connector)


def _attempts(pointer: Any) -> Tuple[Attempt, ...]:
    count = quick.bojagi_connector_attempts(pointer)
    if count < 0:
        raise last_error(count)
    call = quick.bojagi_connector_attempt
    return tuple(attempt(partial(call, pointer, index)) for index in range(count))
