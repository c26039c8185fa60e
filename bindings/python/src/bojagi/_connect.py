"""The functions that make sockets and listeners."""

from __future__ import annotations

import os
from ctypes import byref
from typing import Optional, Tuple, Union

from . import _bindings as c
from . import _listener, _socket
from ._address import host_bytes, path_bytes, port_number
from ._cancel import Cancel, lent
from ._connector import connected
from ._hosts import Hosts, IpAddress, Resolver, connect_plan
from ._library import blocking, quick
from ._listener import Listener, listen_options
from ._options import OptionValues
from ._socket import Socket, connect_options, made_waiting
from ._time import Timeout

Path = Union[str, bytes, "os.PathLike[str]"]


def connect(
    host: str,
    port: int,
    timeout: Timeout = None,
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
) -> Socket:
    """Connects to a TCP server. The timeout covers the resolution of the name and every address tried.

    Several addresses are tried side by side, each `attempt_delay` seconds (0.25) after the one before it, or
    as soon as that has failed. `local` and `interface` say where from, `family` (4 or 6) which addresses;
    `hosts` and then `resolver` are asked for the addresses before the system is. `fast_open` sends the
    first data along with the handshake where the system allows it. `options` are set before the connect, on
    the socket of every attempt: `options={"keepalive": True, "congestion": "reno"}`. The error of a failure
    lists all `attempts`.
    """
    name, number = host_bytes(host), port_number(port)
    plan = connect_plan(
        cancel, attempt_delay, local, interface, fast_open, family, hosts, resolver, options
    )
    with plan as given:
        return connected(name, number, given, timeout)


def listen(
    host: Optional[str],
    port: int,
    *,
    backlog: int = 0,
    reuse_port: bool = False,
    reuse_address: bool = True,
    v6_only: bool = False,
    interface: Optional[str] = None,
    fast_open: int = 0,
    defer_accept: int = 0,
    cancel: Optional[Cancel] = None,
    options: Optional[OptionValues] = None,
) -> Listener:
    """Listens for TCP connections; port 0 lets the system choose, host None or "" is every interface.

    `reuse_port` lets several listeners share the port; `reuse_address` false makes old connections keep it;
    `v6_only` leaves IPv4 out. `interface` is the only one used, `fast_open` the length of that queue (0 is
    off), `defer_accept` the seconds for which a connection may wait for its first data before it is told.
    `options` are set before the bind, and win: `options={"freebind": True}`.
    """
    name, number = host_bytes(host or ""), port_number(port)
    flags = _flags(
        (reuse_port, c.REUSE_PORT), (not reuse_address, c.NO_REUSE_ADDRESS), (v6_only, c.V6_ONLY)
    )
    with lent(cancel) as token:
        given = listen_options(
            token,
            backlog,
            flags=flags,
            interface=interface,
            fast_open=fast_open,
            defer_accept=defer_accept,
            values=options,
        )
        return _listener.made(lambda out: blocking.bojagi_tcp_listen(name, number, byref(given), out))


def udp_connect(
    host: str,
    port: int,
    timeout: Timeout = None,
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
) -> Socket:
    """A UDP socket that sends to one peer and receives from it alone. The timeout covers the name's resolution.

    The options are those of `connect`; of them `attempt_delay` and `fast_open` change nothing here.
    """
    name, number = host_bytes(host), port_number(port)
    plan = connect_plan(
        cancel, attempt_delay, local, interface, fast_open, family, hosts, resolver, options
    )
    with plan as given:
        return made_waiting(
            lambda ms, out: blocking.bojagi_udp_connect(name, number, byref(given), ms, out), timeout
        )


def udp_bind(
    host: Optional[str],
    port: int,
    *,
    reuse_port: bool = False,
    v6_only: bool = False,
    interface: Optional[str] = None,
    cancel: Optional[Cancel] = None,
    options: Optional[OptionValues] = None,
) -> Socket:
    """A UDP socket at an address, for `recv_from` and `send_to`; host None or "" is every interface."""
    name, number = host_bytes(host or ""), port_number(port)
    flags = _flags((reuse_port, c.REUSE_PORT), (v6_only, c.V6_ONLY))
    with lent(cancel) as token:
        given = listen_options(token, flags=flags, interface=interface, values=options)
        return _socket.made(lambda out: blocking.bojagi_udp_bind(name, number, byref(given), out))


def unix_connect(
    path: Path,
    timeout: Timeout = None,
    *,
    cancel: Optional[Cancel] = None,
    options: Optional[OptionValues] = None,
) -> Socket:
    """Connects to a Unix stream socket at a path, or at @name in the abstract namespace."""
    name = path_bytes(path)
    with lent(cancel) as token:
        given = connect_options(token, options)
        return made_waiting(
            lambda ms, out: blocking.bojagi_unix_connect(name, byref(given), ms, out), timeout
        )


def unix_listen(
    path: Path,
    *,
    backlog: int = 0,
    replace: bool = False,
    mode: Optional[int] = None,
    cancel: Optional[Cancel] = None,
    options: Optional[OptionValues] = None,
) -> Listener:
    """Listens at a path, which must not exist and is removed by `close`, or at @name.

    `replace` first removes a socket at the path that no process has any more, never a live one nor any other
    file. `mode` are the permissions of the path, such as 0o660; None leaves them to the umask.
    """
    name = path_bytes(path)
    flags = _flags((replace, c.UNIX_REPLACE))
    with lent(cancel) as token:
        given = listen_options(token, backlog, flags=flags, mode=mode, values=options)
        return _listener.made(lambda out: blocking.bojagi_unix_listen(name, byref(given), out))


def unix_datagram_bind(
    path: Optional[Path] = None,
    *,
    replace: bool = False,
    mode: Optional[int] = None,
    cancel: Optional[Cancel] = None,
    options: Optional[OptionValues] = None,
) -> Socket:
    """A Unix datagram socket at a path or @name; without one it can send, and nobody can answer.

    `replace` and `mode` as `unix_listen` has them.
    """
    name = None if path is None else path_bytes(path)
    flags = _flags((replace, c.UNIX_REPLACE))
    with lent(cancel) as token:
        given = listen_options(token, flags=flags, mode=mode, values=options)
        return _socket.made(lambda out: blocking.bojagi_unix_datagram_bind(name, byref(given), out))


def unix_datagram_connect(
    path: Path, *, cancel: Optional[Cancel] = None, options: Optional[OptionValues] = None
) -> Socket:
    """A Unix datagram socket that sends to one peer."""
    name = path_bytes(path)
    with lent(cancel) as token:
        given = connect_options(token, options)
        return _socket.made(lambda out: quick.bojagi_unix_datagram_connect(name, byref(given), out))


def _flags(*given: Tuple[bool, int]) -> int:
    return sum(flag for is_set, flag in given if is_set)
