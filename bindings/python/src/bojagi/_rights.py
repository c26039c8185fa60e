"""What only Unix sockets carry: descriptors, and who the peer is."""

from __future__ import annotations

from ctypes import byref, c_int64, c_size_t
from typing import Iterable, List, NamedTuple, Tuple

from . import _bindings as c
from . import _scratch
from ._buffers import Buffer, checked_size, readable
from ._errors import LimitError, Truncated, descriptor
from ._handle import Handle
from ._library import blocking, quick
from ._time import Timeout

_FDS_MAX = 253


class Credentials(NamedTuple):
    """The process, user and group at the other end, as they were when the connection was made."""

    pid: int
    uid: int
    gid: int


class HasRights(Handle):
    """A socket that may be a Unix socket."""

    __slots__ = ()

    def send_fds(self, data: Buffer, fds: Iterable[int], timeout: Timeout = None) -> int:
        """Sends bytes, at least one on a stream, and descriptors with the first; returns how many bytes went.

        The receiver gets descriptors of its own; these stay open.
        """
        numbers = [descriptor(fd) for fd in fds]
        count, array = len(numbers), (c_int64 * len(numbers))(*numbers)
        source, size, view = readable(data)
        try:
            return self._inside(
                lambda pointer, ms: blocking.bojagi_socket_send_fds(pointer, source, size, array, count, ms),
                timeout,
            )
        finally:
            if view is not None:
                view.release()

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
        try:
            length = self._inside(
                lambda pointer, ms: blocking.bojagi_socket_recv_fds(
                    pointer, scratch.address, size, ms, byref(numbers), room, byref(count)
                ),
                timeout,
            )
            return bytes(scratch.view[:length]), numbers[: count.value]
        except (Truncated, LimitError) as error:
            error.data, error.fds = bytes(scratch.view[: min(size, error.offset)]), tuple(numbers[: count.value])
            raise
        finally:
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
