"""Addresses: (host, port) pairs to the programmer, sockaddr bytes to the library."""

from __future__ import annotations

import os
import threading
from concurrent.futures import Future
from ctypes import byref, create_string_buffer, memmove
from functools import lru_cache
from typing import Any, Callable, List, NamedTuple, Optional, Tuple, TypeVar, Union

from . import _bindings as c
from ._cancel import Cancel, lent
from ._errors import integer, last_error, make_error
from ._handle import Handle
from ._library import blocking, quick
from ._time import Timeout, wait

T = TypeVar("T")

_RESOLVED_MAX = 64
_HOST_MAX = 160


class Address(NamedTuple):
    """Where a socket is. `host` is an IP address, or the path (or @name) of a Unix socket, whose port is None."""

    host: str
    port: Optional[int]

    def __str__(self) -> str:
        if self.port is None:
            return f"unix:{self.host}"
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


AddressLike = Union[Address, Tuple[str, int], str, "os.PathLike[str]"]
"""(host, port) with a numeric host, or the path or @name of a Unix socket."""


def resolve(
    host: str, port: int, timeout: Timeout = None, *, cancel: Optional[Cancel] = None
) -> List[Address]:
    """The addresses of a name, at least one, in the order in which to try them."""
    name, number = host_bytes(host), port_number(port)
    found = (c.bojagi_address * _RESOLVED_MAX)()

    def look_up() -> List[Address]:
        with lent(cancel) as token:
            count = wait(
                lambda ms: blocking.bojagi_resolve(name, number, token, ms, byref(found), _RESOLVED_MAX),
                timeout,
            )
        return [read(found[index]) for index in range(count)]

    return _interruptible(look_up)


def _interruptible(work: Callable[[], T]) -> T:
    """Runs what signals do not end where it does not hinder them: beside the main thread, which waits for it.

    Ctrl-C ends the wait; the work ends by itself, unseen.
    """
    if threading.current_thread() is not threading.main_thread():
        return work()
    outcome: "Future[T]" = Future()

    def run() -> None:
        try:
            outcome.set_result(work())
        except BaseException as error:
            outcome.set_exception(error)

    threading.Thread(target=run, daemon=True).start()
    return outcome.result()


def host_bytes(host: str) -> bytes:
    """A host as the library takes it: names outside ASCII in their IDNA form."""
    if not isinstance(host, str):
        raise TypeError(f"a host is a str, not {type(host).__name__}")
    return _terminated(host.encode("ascii") if host.isascii() else host.encode("idna"), "a host")


def path_bytes(path: Union[str, bytes, "os.PathLike[str]"]) -> bytes:
    """The path or @name of a Unix socket as the library takes it."""
    return _terminated(os.fsencode(path), "a path")


def interface_bytes(name: str) -> bytes:
    """The name of a network interface as the library takes it."""
    if not isinstance(name, str):
        raise TypeError(f"an interface is a str, not {type(name).__name__}")
    return _terminated(os.fsencode(name), "an interface")


def port_number(port: int) -> int:
    """The port, checked: ctypes would cut a number that is too large."""
    number = integer(port, "a port")
    if not 0 <= number <= 65535:
        raise make_error(c.E_ARG, f"a port is 0 to 65535, not {number}")
    return number


def pack(address: AddressLike) -> Any:
    """The library's form of an address. It is shared: only read it."""
    if isinstance(address, tuple):
        if len(address) != 2:
            raise make_error(c.E_ARG, f"an address is (host, port), not {address!r}")
        host, port = address
        return _pack_unix(path_bytes(host)) if port is None else _pack_ip(host, port)
    return _pack_unix(path_bytes(address))


@lru_cache(maxsize=1024)
def _pack_ip(host: str, port: int) -> Any:
    packed = c.bojagi_address()
    if quick.bojagi_address_parse(host_bytes(host), port_number(port), byref(packed)) < 0:
        raise make_error(c.E_ARG, f"{host!r} is no numeric address; bojagi.resolve finds those of a name")
    return packed


@lru_cache(maxsize=1024)
def _pack_unix(path: bytes) -> Any:
    packed = c.bojagi_address()
    _check(quick.bojagi_address_unix(path, byref(packed)))
    return packed


def read(packed: Any) -> Address:
    """The `Address` of the library's form."""
    return read_bytes(bytes(packed.storage[: packed.len]))


@lru_cache(maxsize=1024)
def read_bytes(raw: bytes) -> Address:
    """The `Address` of the bytes of a `sockaddr`."""
    packed = c.bojagi_address(len(raw))
    memmove(packed.storage, raw, len(raw))
    out = create_string_buffer(_HOST_MAX)
    _check(quick.bojagi_address_host(byref(packed), out, _HOST_MAX))
    host = os.fsdecode(out.value)
    family = quick.bojagi_address_family(byref(packed))
    if family in (c.FAMILY_IPV4, c.FAMILY_IPV6):
        return Address(host, quick.bojagi_address_port(byref(packed)))
    return Address(host, None)


def ask(handle: Handle, call: Callable[[int, Any], int]) -> Address:
    """The address that a `_local` or `_peer` function gives of a handle."""
    packed = c.bojagi_address()
    handle._ask(lambda pointer: call(pointer, byref(packed)))
    return read(packed)


def _check(result: int) -> None:
    if result < 0:
        raise last_error(result)


def _terminated(text: bytes, subject: str) -> bytes:
    if b"\0" in text:
        raise make_error(c.E_ARG, f"{subject} must not hold a NUL")
    return text
