"""What only Unix sockets carry: descriptors, and who the peer is."""

from __future__ import annotations

from ctypes import byref, c_int64, c_size_t
from typing import Any, List, NamedTuple, Sequence, Tuple

from . import _bindings as c
from . import _scratch
from ._buffers import Buffer, checked_size, readable
from ._errors import Error, LimitError, Truncated, integer, make_error
from ._handle import Handle
from ._library import blocking, quick
from ._time import Timeout, wait

_FDS_MAX = 253


class Credentials(NamedTuple):
    """The process, user and group at the other end, as they were when the connection was made."""

    pid: int
    uid: int
    gid: int


class HasRights(Handle):
    """A socket that may be a Unix socket."""

    __slots__ = ()

    def send_fds(self, data: Buffer, fds: Sequence[int], timeout: Timeout = None) -> int:
        """Sends bytes, at least one on a stream, and descriptors with the first; returns how many bytes went.

        The receiver gets descriptors of its own; these stay open.
        """
        source, size = readable(data)
        numbers = _array([integer(fd, "a descriptor") for fd in fds])
        count = len(numbers)
        pointer = self._enter()
        try:
            return wait(
                lambda ms: blocking.bojagi_socket_send_fds(pointer, source, size, byref(numbers), count, ms),
                timeout,
            )
        finally:
            self._leave()

    def recv_fds(
        self, size: int = 65536, max_fds: int = _FDS_MAX, timeout: Timeout = None
    ) -> Tuple[bytes, List[int]]:
        """Bytes, and the descriptors that came with them, which are yours to close.

        When more than `max_fds` came the rest is closed and `Truncated` raised; its `data` and `fds` have
        what is there.
        """
        size = checked_size(size)
        room = min(checked_size(max_fds), _FDS_MAX)
        numbers, count = (c_int64 * max(room, 1))(), c_size_t()
        scratch = _scratch.take(size)
        pointer = self._enter()
        try:
            length = wait(
                lambda ms: blocking.bojagi_socket_recv_fds(
                    pointer, scratch.address, size, ms, byref(numbers), room, byref(count)
                ),
                timeout,
            )
            return bytes(scratch.view[:length]), numbers[: count.value]
        except (Truncated, LimitError) as error:
            _attach(error, bytes(scratch.view[: min(size, error.offset)]), numbers[: count.value])
            raise
        finally:
            self._leave()
            _scratch.give(scratch)

    @property
    def peer_credentials(self) -> Credentials:
        """Who is at the other end of a Unix connection."""
        raw = c.bojagi_credentials()
        quick.bojagi_credentials_init(byref(raw))
        self._ask(lambda pointer: quick.bojagi_socket_peer_credentials(pointer, byref(raw)))
        return Credentials(raw.pid, raw.uid, raw.gid)

    def peer_pidfd(self) -> int:
        """A descriptor of the process at the other end, which is yours to close (Linux 6.5)."""
        return self._ask(quick.bojagi_socket_peer_pidfd)


def _array(fds: List[int]) -> Any:
    """Descriptors as the library takes them; ctypes would cut a number that is too large."""
    for fd in fds:
        if not 0 <= fd < 2**31:
            raise make_error(c.E_ARG, f"{fd} is no descriptor; pass an open one")
    return (c_int64 * len(fds))(*fds)


def _attach(error: Error, data: bytes, fds: List[int]) -> None:
    error.data, error.fds = data, tuple(fds)
