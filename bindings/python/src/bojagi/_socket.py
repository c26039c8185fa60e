"""Sockets: connected streams and datagram sockets, one class for both as in C."""

from __future__ import annotations

from ctypes import byref, c_char, c_size_t, c_void_p
from typing import Any, Callable, Optional, Tuple

from . import _bindings as c
from . import _scratch
from ._address import Address, AddressLike, ask, pack, read
from ._buffers import Buffer, WritableBuffer, checked_size, readable, writable
from ._cancel import Cancel, lent
from ._datagram import DatagramCalls
from ._errors import EndOfStream, Error, Truncated, closed_error, integer, last_error
from ._insight import HasInsight
from ._library import blocking, quick
from ._options import HasOptions, OptionValues, give
from ._readiness import SocketReadiness
from ._rights import HasRights
from ._stream import StreamCalls
from ._time import Timeout, wait


class Socket(HasOptions, HasInsight, HasRights, SocketReadiness, StreamCalls, DatagramCalls):
    """A stream or a datagram socket, made by `connect`, `Listener.accept`, `udp_bind` and their like.

    Every call that may wait takes `timeout`: seconds for the whole call, None for ever, 0 not to wait,
    or a `Deadline`. Ctrl-C ends any wait. One thread may send while another receives.
    """

    __slots__ = ()

    _subject = "socket"

    @classmethod
    def from_fd(cls, fd: int, *, cancel: Optional[Cancel] = None) -> "Socket":
        """The socket of a descriptor, which belongs to it from success on."""
        number = integer(fd, "a descriptor")
        with lent(cancel) as token:
            options = connect_options(token)
            return made(lambda out: quick.bojagi_socket_from_fd(number, byref(options), out))

    def send(self, data: Buffer, timeout: Timeout = None) -> int:
        """Sends what the transport takes now, at least one byte of a stream; returns how many."""
        source, size = readable(data)
        pointer = self._enter()
        try:
            return wait(lambda ms: blocking.bojagi_socket_send(pointer, source, size, ms), timeout)
        finally:
            self._leave()

    def send_all(self, data: Buffer, timeout: Timeout = None) -> None:
        """Sends everything. When it fails, the error's `done` says how many bytes had gone."""
        source, size = readable(data)
        done = c_size_t()
        total = 0

        def call(ms: int) -> int:
            nonlocal source, total
            result: int = blocking.bojagi_socket_send_all(pointer, source, size - total, ms, byref(done))
            if done.value and result < 0:  # a signal or a failure came half-way: what is left is sent from here
                total += done.value
                source = bytes(memoryview(data).cast("B")[total:])
            return result

        pointer = self._enter()
        try:
            wait(call, timeout)
        except Error as error:
            error.done = total
            raise
        finally:
            self._leave()

    def recv(self, size: int = 65536, timeout: Timeout = None) -> bytes:
        """What has arrived, at most `size` bytes; b"" when the peer of a stream has closed its side."""
        size = checked_size(size)
        scratch = _scratch.take(size)
        address = scratch.address
        pointer = self._enter()
        try:
            count = wait(lambda ms: blocking.bojagi_socket_recv(pointer, address, size, ms), timeout)
            self._check_open(count)
            return bytes(scratch.view[:count])
        except Truncated as error:
            error.data = bytes(scratch.view[:size])
            raise
        finally:
            self._leave()
            _scratch.give(scratch)

    def recv_into(self, buffer: WritableBuffer, timeout: Timeout = None) -> int:
        """Receives into a writable buffer; returns how many bytes of it were filled."""
        view = writable(buffer)
        target = c_char.from_buffer(view) if view.nbytes else None
        pointer = self._enter()
        try:
            where, size = None if target is None else byref(target), view.nbytes
            count = wait(lambda ms: blocking.bojagi_socket_recv(pointer, where, size, ms), timeout)
            self._check_open(count)
            return count
        finally:
            self._leave()

    def recv_exact(self, size: int, timeout: Timeout = None) -> bytes:
        """Exactly `size` bytes. When it fails, the error's `data` holds what had come."""
        size = checked_size(size)
        scratch = _scratch.take(size)
        done = c_size_t()
        total = 0

        def call(ms: int) -> int:
            nonlocal total
            where = scratch.address + total
            result: int = blocking.bojagi_socket_recv_exact(pointer, where, size - total, ms, byref(done))
            total += done.value
            return result

        pointer = self._enter()
        try:
            wait(call, timeout, EndOfStream)
            return bytes(scratch.view[:size])
        except Error as error:
            error.done, error.data = total, bytes(scratch.view[:total])
            raise
        finally:
            self._leave()
            _scratch.give(scratch)

    def send_to(self, data: Buffer, address: AddressLike, timeout: Timeout = None) -> int:
        """Sends one datagram to an address: (host, port) with a numeric host, or a Unix path or @name."""
        source, size = readable(data)
        to = byref(pack(address))
        pointer = self._enter()
        try:
            return wait(lambda ms: blocking.bojagi_socket_send_to(pointer, source, size, to, ms), timeout)
        finally:
            self._leave()

    def recv_from(self, size: int = 65536, timeout: Timeout = None) -> Tuple[bytes, Address]:
        """One datagram and its sender. One that is larger than `size` raises `Truncated`."""
        size = checked_size(size)
        scratch = _scratch.take(size)
        sender = c.bojagi_address()
        address, origin = scratch.address, byref(sender)
        pointer = self._enter()
        try:
            count = wait(
                lambda ms: blocking.bojagi_socket_recv_from(pointer, address, size, ms, origin), timeout
            )
            self._check_open(count)
            return bytes(scratch.view[:count]), read(sender)
        except Truncated as error:
            error.data, error.sender = bytes(scratch.view[:size]), read(sender)
            raise
        finally:
            self._leave()
            _scratch.give(scratch)

    def shutdown(self, how: int = c.SHUTDOWN_BOTH) -> None:
        """Closes one direction or both: SHUTDOWN_RECV, SHUTDOWN_SEND, SHUTDOWN_BOTH. Twice is fine."""
        number = integer(how, "how")
        self._ask(lambda pointer: quick.bojagi_socket_shutdown(pointer, number))

    @property
    def local(self) -> Address:
        """The address of this end."""
        return ask(self, quick.bojagi_socket_local)

    @property
    def peer(self) -> Address:
        """The address of the other end."""
        return ask(self, quick.bojagi_socket_peer)

    def fileno(self) -> int:
        """The descriptor, which stays the socket's."""
        return self._ask(quick.bojagi_socket_fd)

    def set_cancel(self, cancel: Optional[Cancel]) -> None:
        """Attaches a `Cancel` for the calls to come; None takes it off."""
        with lent(cancel) as token:
            self._ask(lambda pointer: quick.bojagi_socket_set_cancel(pointer, token))

    def _check_open(self, count: int) -> None:
        """An end of stream that our own `close` caused is not the peer's."""
        if self._closed and count == 0:
            raise closed_error(self._subject)

    def _wake(self, pointer: int) -> None:
        """Shuts the connection down: a receive then sees the end, a send a broken pipe."""
        quick.bojagi_socket_shutdown(pointer, c.SHUTDOWN_BOTH)

    def _free(self, pointer: int) -> None:
        quick.bojagi_socket_free(pointer)

    def __repr__(self) -> str:
        if self._closed:
            return "<bojagi.Socket closed>"
        return f"<bojagi.Socket fd={self.fileno()} local={_shown(self, 'local')} peer={_shown(self, 'peer')}>"


def made(create: Callable[[Any], int]) -> Socket:
    """The socket that `create(out)` makes."""
    return Socket(made_pointer(create))


def made_pointer(create: Callable[[Any], int]) -> int:
    """The handle that `create(out)` makes; a signal that ends a look-up only runs Python's handlers."""
    out = c_void_p()
    result = create(byref(out))
    while result == c.E_INTERRUPTED:
        result = create(byref(out))
    if result < 0:
        raise last_error(result)
    return out.value or 0


def made_waiting(create: Callable[[int, Any], int], timeout: Timeout) -> Socket:
    """The socket that `create(timeout_ms, out)` makes after a wait."""
    out = c_void_p()
    wait(lambda ms: create(ms, byref(out)), timeout)
    return Socket(out.value or 0)


def connect_options(token: Optional[int], values: Optional[OptionValues] = None) -> Any:
    """Options of a connect: signals may interrupt, so that Ctrl-C works; `token` is a cancel's pointer."""
    options = c.bojagi_connect_options()
    quick.bojagi_connect_options_init(byref(options))
    options.flags = c.INTERRUPTIBLE
    options.cancel = token
    give(values, options)
    return options


def _shown(sock: Socket, end: str) -> str:
    try:
        return str(getattr(sock, end))
    except OSError:
        return "-"
