"""Listeners: sockets that accept connections."""

from __future__ import annotations

import os
import socket
from ctypes import byref, c_void_p
from typing import Any, Callable, Iterator, Optional

from . import _bindings as c
from ._address import Address, ask
from ._cancel import Cancel, lent
from ._errors import Error, closed_error, integer, last_error, make_error
from ._handle import Handle
from ._library import blocking, quick
from ._socket import Socket, made_waiting
from ._time import Timeout

_BACKLOG_MAX = 2**31 - 1


class Listener(Handle):
    """Accepts connections; made by `listen` and `unix_listen`. Iterating over it accepts until it is closed."""

    __slots__ = ()

    _subject = "listener"

    @classmethod
    def from_fd(cls, fd: int, *, cancel: Optional[Cancel] = None) -> "Listener":
        """The listener of a descriptor that listens already, which belongs to it from success on."""
        number = integer(fd, "a descriptor")
        with lent(cancel) as token:
            options = listen_options(token, 0)
            return made(lambda out: quick.bojagi_listener_from_fd(number, byref(options), out))

    def accept(self, timeout: Timeout = None, *, cancel: Optional[Cancel] = None) -> Socket:
        """The next connection; `cancel` is attached to it, not to this wait."""
        pointer = self._enter()
        try:
            accepted = made_waiting(
                lambda ms, out: blocking.bojagi_listener_accept(pointer, ms, out), timeout
            )
        except Error:
            if self._closed:
                raise closed_error(self._subject) from None
            raise
        finally:
            self._leave()
        if cancel is not None:
            accepted.set_cancel(cancel)
        return accepted

    @property
    def local(self) -> Address:
        """The address it listens at."""
        return ask(self, quick.bojagi_listener_local)

    @property
    def port(self) -> Optional[int]:
        """The port it listens at, the one the system chose for port 0; None for a Unix path."""
        return self.local.port

    def fileno(self) -> int:
        """The descriptor, which stays the listener's."""
        return self._ask(quick.bojagi_listener_fd)

    def set_cancel(self, cancel: Optional[Cancel]) -> None:
        """Attaches a `Cancel` for the waits to come; None takes it off."""
        with lent(cancel) as token:
            self._ask(lambda pointer: quick.bojagi_listener_set_cancel(pointer, token))

    def __iter__(self) -> Iterator[Socket]:
        while not self._closed:
            try:
                accepted = self.accept()
            except ValueError:
                if self._closed:
                    return
                raise
            yield accepted

    def _wake(self, pointer: int) -> None:
        """Shuts the listening socket down through a second descriptor: `accept` then fails at once."""
        try:
            with socket.socket(fileno=os.dup(quick.bojagi_listener_fd(pointer))) as twin:
                twin.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass  # not listening any more: then nobody waits

    def _free(self, pointer: int) -> None:
        quick.bojagi_listener_free(pointer)

    def __repr__(self) -> str:
        return "<bojagi.Listener closed>" if self._closed else f"<bojagi.Listener {self.local}>"


def made(create: Callable[[Any], int]) -> Listener:
    """The listener that `create(out)` makes."""
    out = c_void_p()
    result = create(byref(out))
    if result < 0:
        raise last_error(result)
    return Listener(out.value or 0)


def listen_options(token: Optional[int], backlog: int) -> Any:
    """Options of a listen or bind: signals may interrupt, so that Ctrl-C works; backlog 0 is the system's most."""
    if not 0 <= integer(backlog, "a backlog") <= _BACKLOG_MAX:
        raise make_error(c.E_ARG, f"a backlog is 0 to {_BACKLOG_MAX}, not {backlog}")
    options = c.bojagi_listen_options()
    quick.bojagi_listen_options_init(byref(options))
    options.flags = c.INTERRUPTIBLE
    options.cancel = token
    options.backlog = backlog
    return options
