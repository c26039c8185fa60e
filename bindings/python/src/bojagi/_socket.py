"""Sockets: connected streams and datagram sockets, one class for both as in C."""

from __future__ import annotations

from ctypes import byref, c_size_t, c_void_p
from typing import Any, Callable, Optional, Tuple

from . import _bindings as c
from . import _scratch
from ._address import Address, AddressLike, ask, pack, read
from ._buffers import Buffer, WritableBuffer, address, checked_size, readable, writable
from ._cancel import Cancel, lent
from ._datagram import DatagramCalls
from ._errors import EndOfStream, Error, Truncated, descriptor, integer, last_error, make_error
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
    _makers = "bojagi.connect, Listener.accept, udp_bind and their like, of a descriptor by Socket.from_fd"

    @classmethod
    def from_fd(cls, fd: int, *, cancel: Optional[Cancel] = None) -> "Socket":
        """The socket of a descriptor, which belongs to it from success on."""
        number = descriptor(fd)
        with lent(cancel) as token:
            options = connect_options(token)
            return made(lambda out: quick.bojagi_socket_from_fd(number, byref(options), out))

    def send(self, data: Buffer, timeout: Timeout = None) -> int:
        """Sends what the transport takes now, at least one byte of a stream; returns how many."""
        source, size, view = (data, len(data), None) if type(data) is bytes else readable(data)
        try:
            pointer = self._enter()
            try:
                return wait(lambda ms: blocking.bojagi_socket_send(pointer, source, size, ms), timeout)
            except Error:
                self._check_open()
                raise
            finally:
                self._leave()
        finally:
            if view is not None:
                view.release()

    def send_all(self, data: Buffer, timeout: Timeout = None) -> None:
        """Sends everything. When it fails, the error's `done` says how many bytes had gone."""
        source, size, view = readable(data)
        done = c_size_t()
        total = 0

        def call(pointer: int, ms: int) -> int:
            nonlocal total
            where = address(source) + total if total else source
            result: int = blocking.bojagi_socket_send_all(pointer, where, size - total, ms, byref(done))
            if result < 0:  # a signal or a failure came half-way: what is left is sent from there
                total += done.value
            return result or 1  # 0 is no sign that we were closed

        try:
            self._inside(call, timeout)
        except Error as error:
            error.done = total
            raise
        finally:
            if view is not None:
                view.release()

    def recv(self, size: int = 65536, timeout: Timeout = None) -> bytes:
        """What has arrived, at most `size` bytes; b"" when the peer of a stream has closed its side."""
        size = checked_size(size)
        scratch = _scratch.take(size)
        where = scratch.address
        pointer = self._enter()
        try:
            count = wait(lambda ms: blocking.bojagi_socket_recv(pointer, where, size, ms), timeout)
            if not count:
                self._check_open()
            return bytes(scratch.view[:count])
        except Error as error:
            self._check_open()
            if isinstance(error, Truncated):
                error.data = bytes(scratch.view[:size])
            raise
        finally:
            self._leave()
            _scratch.give(scratch)

    def recv_into(self, buffer: WritableBuffer, timeout: Timeout = None) -> int:
        """Receives into a writable buffer; returns how many bytes of it were filled."""
        where, size, view = writable(buffer)
        try:
            return self._inside(
                lambda pointer, ms: blocking.bojagi_socket_recv(pointer, where, size, ms), timeout
            )
        finally:
            view.release()

    def recv_exact(self, size: int, timeout: Timeout = None) -> bytes:
        """Exactly `size` bytes. When it fails, the error's `data` holds what had come."""
        size = checked_size(size)
        scratch = _scratch.take(size)
        try:
            self._recv_exact(scratch.address, size, timeout)
            return bytes(scratch.view[:size])
        except Error as error:
            error.data = bytes(scratch.view[: error.done])
            raise
        finally:
            _scratch.give(scratch)

    def recv_exact_into(self, buffer: WritableBuffer, timeout: Timeout = None) -> None:
        """Fills a writable buffer to its end. When it fails, the error's `done` says how many bytes had come."""
        where, size, view = writable(buffer)
        try:
            self._recv_exact(where or 0, size, timeout)
        finally:
            view.release()

    def _recv_exact(self, where: int, size: int, timeout: Timeout) -> None:
        done = c_size_t()
        total = 0

        def call(pointer: int, ms: int) -> int:
            nonlocal total
            result: int = blocking.bojagi_socket_recv_exact(pointer, where + total, size - total, ms, byref(done))
            total += done.value
            return result

        pointer = self._enter()
        try:
            wait(lambda ms: call(pointer, ms), timeout, EndOfStream)
        except Error as error:
            self._check_open()
            error.done = total
            raise
        finally:
            self._leave()

    def send_to(self, data: Buffer, address: AddressLike, timeout: Timeout = None) -> int:
        """Sends one datagram to an address: (host, port) with a numeric host, or a Unix path or @name."""
        to = byref(pack(address))
        source, size, view = readable(data)
        try:
            return self._inside(
                lambda pointer, ms: blocking.bojagi_socket_send_to(pointer, source, size, to, ms), timeout
            )
        finally:
            if view is not None:
                view.release()

    def recv_from(self, size: int = 65536, timeout: Timeout = None) -> Tuple[bytes, Address]:
        """One datagram and its sender. One that is larger than `size` raises `Truncated`."""
        size = checked_size(size)
        scratch = _scratch.take(size)
        sender = c.bojagi_address()
        where, origin = scratch.address, byref(sender)
        try:
            count = self._inside(
                lambda pointer, ms: blocking.bojagi_socket_recv_from(pointer, where, size, ms, origin), timeout
            )
            return bytes(scratch.view[:count]), read(sender)
        except Truncated as error:
            error.data, error.sender = bytes(scratch.view[:size]), read(sender)
            raise
        finally:
            _scratch.give(scratch)

    def shutdown(self, how: int = c.SHUTDOWN_BOTH) -> None:
        """Closes one direction or both: SHUTDOWN_RECV, SHUTDOWN_SEND, SHUTDOWN_BOTH. Twice is fine."""
        number = integer(how, "how")
        if number not in (c.SHUTDOWN_RECV, c.SHUTDOWN_SEND, c.SHUTDOWN_BOTH):
            raise make_error(c.E_ARG, f"how is one of SHUTDOWN_RECV, SHUTDOWN_SEND and SHUTDOWN_BOTH, not {number}")
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
    return Socket._of(made_pointer(create))


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
    return Socket._of(out.value or 0)


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
