"""Descriptors from a service manager."""

from __future__ import annotations

from ctypes import c_int64, create_string_buffer
from typing import List, Tuple

from ._errors import last_error
from ._library import quick


def listen_fds() -> List[Tuple[int, str]]:
    """The descriptors that a service manager such as systemd has passed to this process, and their names.

    Hand each to `Listener.from_fd` or `Socket.from_fd`. Reads LISTEN_PID, LISTEN_FDS and LISTEN_FDNAMES
    (sd_listen_fds(3)) as the process was started with them; call it once, early. A name that the manager
    has not given is "unknown".
    """
    count = _checked(quick.bojagi_listen_fds(None, 0))
    fds = (c_int64 * count)()
    _checked(quick.bojagi_listen_fds(fds, count))
    return [(fds[index], _name(index)) for index in range(count)]


def _name(index: int) -> str:
    size = _checked(quick.bojagi_listen_fd_name(index, None, 0)) + 1
    out = create_string_buffer(size)
    _checked(quick.bojagi_listen_fd_name(index, out, size))
    return out.value.decode("utf-8", "surrogateescape")


def _checked(result: int) -> int:
    if result < 0:
        raise last_error(result)
    return result
