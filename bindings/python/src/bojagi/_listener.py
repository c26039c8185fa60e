"""Listeners: sockets that accept connections."""

from __future__ import annotations

import socket
from ctypes import addressof, byref, c_void_p, create_string_buffer
from typing import Any, Callable, Iterator, List, Optional

from . import _bindings as c
from ._address import Address, ask, interface_bytes
from ._cancel import Cancel, lent
from ._errors import descriptor, make_error, ranged
from ._insight import HasQueues
from ._library import blocking, quick
from ._options import HasOptions, OptionValues, give
from ._readiness import ListenerReadiness
from ._socket import Socket, made_pointer
from ._time import Timeout

_NUMBER_MAX = 2**31 - 1
_LIMIT_MAX = 65536


class Listener(HasOptions, HasQueues, ListenerReadiness):
    """Accepts connections; made by `listen` and `unix_listen`. Iterating over it accepts until it is closed."""

    __slots__ = ()

    _subject = "listener"
    _makers = "bojagi.listen and unix_listen, of a descriptor by Listener.from_fd"

    @classmethod
    def from_fd(cls, fd: int, *, cancel: Optional[Cancel] = None) -> "Listener":
        """The listener of a descriptor that listens already, which belongs to it from success on."""
        number = descriptor(fd)
        with lent(cancel) as token:
            options = listen_options(token, 0)
            return made(lambda out: quick.bojagi_listener_from_fd(number, byref(options), out))

    def accept(self, timeout: Timeout = None, *, cancel: Optional[Cancel] = None) -> Socket:
        """The next connection; `cancel` is attached to it, not to this wait."""
        out = c_void_p()
        with lent(cancel) as token:
            # 0 is a connection here, and no sign that we were closed.
            self._inside(
                lambda pointer, ms: blocking.bojagi_listener_accept(pointer, ms, byref(out)) or 1, timeout
            )
            accepted = Socket._of(out.value or 0)
            if token is not None:
                accepted.set_cancel(cancel)
        return accepted

    def accept_many(self, limit: int = 64, timeout: Timeout = None) -> List[Socket]:
        """Waits for a connection and takes what else is there without waiting, at most `limit` in all."""
        limit = ranged(limit, "a limit", 1, _LIMIT_MAX)
        out = (c_void_p * limit)()
        count = self._inside(
            lambda pointer, ms: blocking.bojagi_listener_accept_batch(pointer, ms, out, limit), timeout
        )
        return [Socket._of(accepted or 0) for accepted in out[:count]]

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
        """Shuts the listening socket down: `accept` then fails at once."""
        try:
            borrowed = socket.socket(fileno=quick.bojagi_listener_fd(pointer))
            try:
                borrowed.shutdown(socket.SHUT_RDWR)
            finally:
                borrowed.detach()
        except OSError:
            pass  # not listening any more: then nobody waits

    def _free(self, pointer: int) -> None:
        quick.bojagi_listener_free(pointer)

    def __repr__(self) -> str:
        return "<bojagi.Listener closed>" if self._closed else f"<bojagi.Listener {self.local}>"


def made(create: Callable[[Any], int]) -> Listener:
    """The listener that `create(out)` makes."""
    return Listener._of(made_pointer(create))


def listen_options(
    token: Optional[int],
    backlog: int = 0,
    *,
    flags: int = 0,
    fast_open: int = 0,
    defer_accept: int = 0,
    mode: Optional[int] = None,
    interface: Optional[str] = None,
    values: Optional[OptionValues] = None,
) -> Any:
    """Options of a listen or bind: signals may interrupt, so that Ctrl-C works; backlog 0 is the system's most."""
    if mode == 0:
        raise make_error(c.E_ARG, "a mode is 1 to 0o777, or None for what the umask leaves, not 0")
    options = c.bojagi_listen_options()
    quick.bojagi_listen_options_init(byref(options))
    options.flags = c.INTERRUPTIBLE | flags
    options.cancel = token
    options.backlog = ranged(backlog, "a backlog", 0, _NUMBER_MAX)
    options.fast_open = ranged(fast_open, "fast_open", 0, _NUMBER_MAX)
    options.defer_accept_s = ranged(defer_accept, "defer_accept", 0, _NUMBER_MAX)
    options.unix_mode = ranged(mode or 0, "a mode", 0, 0o777)
    if interface is not None:
        name = create_string_buffer(interface_bytes(interface))
        options.interface_name = addressof(name)
        options.interface = name  # lives as long as the options
    give(values, options)
    return options
