"""A connect for event loops: one descriptor to watch, one call to make when it is readable."""

from __future__ import annotations

from ctypes import byref, c_void_p
from functools import partial
from typing import Optional, Tuple

from ._address import host_bytes, port_number
from ._cancel import Cancel
from ._errors import Attempt, attempt, last_error
from ._handle import Handle
from ._hosts import Hosts, IpAddress, Resolver, connect_plan
from ._library import blocking, quick
from ._socket import Socket, made_waiting
from ._time import Timeout


class Connector(Handle):
    """A TCP connect that is under way. Takes what `connect` takes, but for the timeout: it has no end.

    connector = bojagi.Connector("example.org", 80)
    loop.add_reader(connector, ready)   # ready() calls connector.next(0)
    """

    __slots__ = ()

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
    ) -> None:
        name, number = host_bytes(host), port_number(port)
        out = c_void_p()
        plan = connect_plan(cancel, attempt_delay, local, interface, fast_open, family, hosts, resolver)
        try:
            with plan as options:
                result = blocking.bojagi_connector_new(name, number, byref(options), byref(out))
                if result < 0:
                    raise last_error(result)
        except BaseException:
            quick.bojagi_connector_free(out)
            raise
        super().__init__(out.value or 0)

    def next(self, timeout: Timeout = 0) -> Socket:
        """The socket, once it is connected.

        `WouldBlock` (without a timeout) and `Timeout` mean that it is still under way, `Cancelled` that
        its cancel is fired; any other error is the end, with every attempt in its `attempts`.
        """
        pointer = self._enter()
        try:
            return made_waiting(lambda ms, out: blocking.bojagi_connector_next(pointer, ms, out), timeout)
        finally:
            self._leave()

    def fileno(self) -> int:
        """A descriptor that is readable when `next` has something to do. Only watch it."""
        return self._ask(quick.bojagi_connector_fd)

    @property
    def attempts(self) -> Tuple[Attempt, ...]:
        """What has become of each attempt so far; its code is 0 unless it has failed."""
        pointer = self._enter()
        try:
            count = quick.bojagi_connector_attempts(pointer)
            if count < 0:
                raise last_error(count)
            call = quick.bojagi_connector_attempt
            return tuple(attempt(partial(call, pointer, index)) for index in range(count))
        finally:
            self._leave()

    def _free(self, pointer: int) -> None:
        quick.bojagi_connector_free(pointer)

    def __repr__(self) -> str:
        return "<bojagi.Connector closed>" if self.closed else f"<bojagi.Connector fd={self.fileno()}>"
