"""Names that the program answers for: a table, and what else a connect may be told."""

from __future__ import annotations

import ctypes
from contextlib import contextmanager
from ctypes import byref, c_void_p, memmove, sizeof
from typing import Any, Callable, Iterable, Iterator, List, Optional, Tuple, Union

from . import _bindings as c
from . import _handle
from ._address import Address, host_bytes, interface_bytes, pack
from ._cancel import Cancel, lent
from ._errors import Error, last_error, make_error
from ._handle import Handle
from ._library import quick
from ._options import OptionValues
from ._socket import connect_options
from ._time import milliseconds

IpAddress = Union[str, Tuple[str, int], Address]
"""A numeric host, or (host, port) with one. Port 0, or none, stands for the port that is connected to."""

Resolver = Callable[[str, int], Optional[Iterable[IpAddress]]]
"""Called with a host and a port; the addresses of the host, or None to ask the system's resolver."""


class Hosts(Handle):
    """A table of names whose addresses are known, for the `hosts=` of connects. Any thread may use it.

    hosts = bojagi.Hosts({"api.test": ["127.0.0.1", "::1"]})
    """

    __slots__ = ()

    _subject = "table of hosts"
    _warns = False

    def __init__(self, entries: "Optional[dict[str, Iterable[IpAddress]]]" = None) -> None:
        out = c_void_p()
        result = quick.bojagi_hosts_new(byref(out))
        if result < 0:
            raise last_error(result)
        self._own(out.value or 0)
        for name, addresses in (entries or {}).items():
            for address in several(addresses):
                self.add(name, address)

    def add(self, name: str, address: IpAddress) -> None:
        """Adds an address behind those that the name has. Neither case nor a dot at the end matters."""
        encoded, packed = host_bytes(name), pack_ip(address)
        self._ask(lambda pointer: int(quick.bojagi_hosts_add(pointer, encoded, byref(packed))))

    def _free(self, pointer: int) -> None:
        quick.bojagi_hosts_free(pointer)

    def __repr__(self) -> str:
        return f"<bojagi.Hosts {'closed' if self.closed else 'ready'}>"


def pack_ip(address: IpAddress) -> Any:
    """The library's form of an IP address. It is shared: only read it."""
    return pack((address, 0) if isinstance(address, str) else address)


def several(addresses: Iterable[IpAddress]) -> Iterable[IpAddress]:
    """The addresses of one name. A str, which is iterable too, is none."""
    if isinstance(addresses, str):
        raise TypeError(f"addresses are a list, not one str: [{addresses!r}]")
    return addresses


@contextmanager
def connect_plan(
    cancel: Optional[Cancel],
    attempt_delay: Optional[float],
    local: Optional[IpAddress],
    interface: Optional[str],
    fast_open: bool,
    family: Optional[int],
    hosts: Optional[Hosts],
    resolver: Optional[Resolver],
    values: Optional[OptionValues],
) -> Iterator[Any]:
    """Options of a connect for the length of a call. What the resolver raises comes out of it."""
    failures: List[BaseException] = []
    with lent(cancel) as token, _handle.lent(hosts, Hosts, "hosts") as table:
        options = connect_options(token, values)
        options.flags |= _flags(fast_open, family)
        options.attempt_delay_ms = _delay_ms(attempt_delay)
        # What the struct points to lives as long as these names.
        source = None if local is None else pack_ip(local)
        name = None if interface is None else ctypes.create_string_buffer(interface_bytes(interface))
        hook = None if resolver is None else _HOOK(_Hook(resolver, failures))
        options.local = None if source is None else ctypes.addressof(source)
        options.interface_name = None if name is None else ctypes.addressof(name)
        options.hosts = table
        options.resolver = ctypes.cast(hook, c_void_p) if hook is not None else None
        try:
            yield options
        except Error:
            if failures:
                raise failures[-1] from None
            raise
        if failures:
            raise failures[-1]


class _Hook:
    """A Python resolver as one of the library's. What it raises is kept, and raised where it was called."""

    def __init__(self, resolver: Resolver, failures: List[BaseException]) -> None:
        self.resolver = resolver
        self.failures = failures

    def __call__(self, host: bytes, port: int, _ms: int, room: int, cap: int, _user: Optional[int]) -> int:
        try:
            found = self.resolver(host.decode(), port)
            if found is None:
                return 0
            packed = [pack_ip(address) for address in several(found)]
            if not packed:
                return c.E_RESOLVE
            if len(packed) > cap:
                raise make_error(c.E_ARG, f"a resolver gives at most {cap} addresses, not {len(packed)}")
            for index, address in enumerate(packed):
                memmove(room + index * sizeof(c.bojagi_address), byref(address), sizeof(c.bojagi_address))
            return len(packed)
        except BaseException as error:  # nothing may pass through the library
            self.failures.append(error)
            return c.E_RESOLVE


_HOOK = ctypes.CFUNCTYPE(
    ctypes.c_int64,
    ctypes.c_char_p,
    ctypes.c_uint32,
    ctypes.c_int64,
    ctypes.c_void_p,
    ctypes.c_size_t,
    ctypes.c_void_p,
)


def _flags(fast_open: bool, family: Optional[int]) -> int:
    families = {None: 0, 4: c.IPV4_ONLY, 6: c.IPV6_ONLY}
    if family not in families:
        raise make_error(c.E_ARG, f"a family is 4, 6 or None, not {family!r}")
    return families[family] | (c.FAST_OPEN if fast_open else 0)


def _delay_ms(seconds: Optional[float]) -> int:
    if seconds is None:
        return 0
    delay_ms = milliseconds(seconds)
    if not 10 <= delay_ms <= 2000:
        raise make_error(c.E_ARG, f"an attempt delay is 0.01 to 2 seconds, not {seconds}")
    return delay_ms
