"""Unix connections that keep messages apart, and pairs."""

from __future__ import annotations

from ctypes import byref, c_void_p
from typing import Optional, Tuple

from . import _bindings as c
from . import _listener
from ._address import path_bytes
from ._cancel import Cancel, lent
from ._connect import Path
from ._errors import last_error, make_error
from ._library import blocking, quick
from ._listener import Listener, listen_options
from ._options import OptionValues
from ._socket import Socket, connect_options, made_waiting
from ._time import Timeout

_KINDS = {
    "stream": c.KIND_UNIX_STREAM,
    "datagram": c.KIND_UNIX_DATAGRAM,
    "seqpacket": c.KIND_UNIX_SEQPACKET,
}


def unix_seqpacket_connect(
    path: Path,
    timeout: Timeout = None,
    *,
    cancel: Optional[Cancel] = None,
    options: Optional[OptionValues] = None,
) -> Socket:
    """Connects to a Unix seqpacket socket at a path or @name: each `send` is one `recv`, b"" is the end."""
    name = path_bytes(path)
    with lent(cancel) as token:
        given = connect_options(token, options)
        return made_waiting(
            lambda ms, out: blocking.bojagi_unix_seqpacket_connect(name, byref(given), ms, out), timeout
        )


def unix_seqpacket_listen(
    path: Path,
    *,
    backlog: int = 0,
    replace: bool = False,
    mode: Optional[int] = None,
    cancel: Optional[Cancel] = None,
    options: Optional[OptionValues] = None,
) -> Listener:
    """Listens for seqpacket connections; the arguments are those of `unix_listen`."""
    name = path_bytes(path)
    flags = c.UNIX_REPLACE if replace else 0
    with lent(cancel) as token:
        given = listen_options(token, backlog, flags=flags, mode=mode, values=options)
        return _listener.made(
            lambda out: blocking.bojagi_unix_seqpacket_listen(name, byref(given), out)
        )


def unix_pair(
    kind: str = "stream", *, cancel: Optional[Cancel] = None, options: Optional[OptionValues] = None
) -> Tuple[Socket, Socket]:
    """Two Unix sockets that are connected to each other: "stream", "datagram" or "seqpacket"."""
    number = _KINDS.get(kind) if isinstance(kind, str) else None
    if number is None:
        raise make_error(c.E_ARG, f"a pair is one of {', '.join(_KINDS)}, not {kind!r}")
    one, other = c_void_p(), c_void_p()
    with lent(cancel) as token:
        given = connect_options(token, options)
        result = quick.bojagi_unix_pair(number, byref(given), byref(one), byref(other))
    if result < 0:
        raise last_error(result)
    return Socket._of(one.value or 0), Socket._of(other.value or 0)
