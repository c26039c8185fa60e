"""The functions that make sockets and listeners."""

from __future__ import annotations

import os
from ctypes import byref
from typing import Optional, Union

from . import _listener, _socket
from ._address import host_bytes, path_bytes, port_number
from ._cancel import Cancel, lent
from ._hosts import Hosts, IpAddress, Resolver, connect_plan
from ._library import blocking, quick
from ._listener import Listener, listen_options
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
) -> Socket:
    """Connects to a TCP server. The timeout covers the resolution of the name and every address tried.

    Several addresses are tried side by side, each `attempt_delay` seconds (0.25) after the one before it, or
    as soon as that has failed. `local` and `interface` say where from, `family` (4 or 6) which addresses;
    `hosts` and then `resolver` are asked for the addresses before the system is. `fast_open` sends the
    first data along with the handshake where the system allows it. The error of a failure lists all
    `attempts`.
    """
    name, number = host_bytes(host), port_number(port)
    plan = connect_plan(cancel, attempt_delay, local, interface, fast_open, family, hosts, resolver)
    with plan as options:
        return made_waiting(
            lambda ms, out: blocking.bojagi_tcp_connect(name, number, byref(options), ms, out), timeout
        )


def listen(
    host: Optional[str], port: int, *, backlog: int = 0, cancel: Optional[Cancel] = None
) -> Listener:
    """Listens for TCP connections; port 0 lets the system choose, host None or "" is every interface."""
    name, number = host_bytes(host or ""), port_number(port)
    with lent(cancel) as token:
        options = listen_options(token, backlog)
        return _listener.made(lambda out: blocking.bojagi_tcp_listen(name, number, byref(options), out))


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
) -> Socket:
    """A UDP socket that sends to one peer and receives from it alone. The timeout covers the name's resolution.

    The options are those of `connect`; of them `attempt_delay` and `fast_open` change nothing here.
    """
    name, number = host_bytes(host), port_number(port)
    plan = connect_plan(cancel, attempt_delay, local, interface, fast_open, family, hosts, resolver)
    with plan as options:
        return made_waiting(
            lambda ms, out: blocking.bojagi_udp_connect(name, number, byref(options), ms, out), timeout
        )


def udp_bind(host: Optional[str], port: int, *, cancel: Optional[Cancel] = None) -> Socket:
    """A UDP socket at an address, for `recv_from` and `send_to`; host None or "" is every interface."""
    name, number = host_bytes(host or ""), port_number(port)
    with lent(cancel) as token:
        options = listen_options(token, 0)
        return _socket.made(lambda out: blocking.bojagi_udp_bind(name, number, byref(options), out))


def unix_connect(path: Path, timeout: Timeout = None, *, cancel: Optional[Cancel] = None) -> Socket:
    """Connects to a Unix stream socket at a path, or at @name in the abstract namespace."""
    name = path_bytes(path)
    with lent(cancel) as token:
        options = connect_options(token)
        return made_waiting(
            lambda ms, out: blocking.bojagi_unix_connect(name, byref(options), ms, out), timeout
        )


def unix_listen(path: Path, *, backlog: int = 0, cancel: Optional[Cancel] = None) -> Listener:
    """Listens at a path, which must not exist and is removed by `close`, or at @name."""
    name = path_bytes(path)
    with lent(cancel) as token:
        options = listen_options(token, backlog)
        return _listener.made(lambda out: quick.bojagi_unix_listen(name, byref(options), out))


def unix_datagram_bind(path: Optional[Path] = None, *, cancel: Optional[Cancel] = None) -> Socket:
    """A Unix datagram socket at a path or @name; without one it can send, and nobody can answer."""
    name = None if path is None else path_bytes(path)
    with lent(cancel) as token:
        options = listen_options(token, 0)
        return _socket.made(lambda out: quick.bojagi_unix_datagram_bind(name, byref(options), out))


def unix_datagram_connect(path: Path, *, cancel: Optional[Cancel] = None) -> Socket:
    """A Unix datagram socket that sends to one peer."""
    name = path_bytes(path)
    with lent(cancel) as token:
        options = connect_options(token)
        return _socket.made(lambda out: quick.bojagi_unix_datagram_connect(name, byref(options), out))
