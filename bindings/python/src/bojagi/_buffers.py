"""Python's buffers as the library takes them: pointer and length, without a copy where that can be."""

from __future__ import annotations

import ctypes
import mmap
from array import array
from ctypes import byref, c_char
from typing import Any, Iterable, List, Tuple, Union

from . import _bindings as c
from ._errors import integer, make_error

Buffer = Union[bytes, bytearray, memoryview, "array[Any]", mmap.mmap]
"""What can be sent: any object with a contiguous buffer."""

WritableBuffer = Union[bytearray, memoryview, "array[Any]", mmap.mmap]
"""What can be received into."""


def readable(data: Buffer) -> Tuple[Any, int]:
    """Bytes as the library takes them, without a copy where the object allows it, and their length."""
    if type(data) is bytes:
        return data, len(data)
    view = memoryview(data)
    if not view.nbytes:
        return b"", 0
    if view.readonly or not view.contiguous:
        return view.tobytes(), view.nbytes
    return byref(c_char.from_buffer(view)), view.nbytes


def writable(buffer: WritableBuffer) -> memoryview:
    """The bytes of a buffer to receive into; TypeError for one that is read-only."""
    view = memoryview(buffer)
    if view.readonly:
        raise TypeError("a buffer to receive into must be writable")
    return view.cast("B") if view.nbytes else memoryview(bytearray())


def gathered(buffers: Iterable[Buffer]) -> Tuple[Any, int, List[Any]]:
    """An array of `bojagi_iovec` over buffers to send, its length, and what must live as long as it."""
    kept: List[Any] = []
    places: List[Tuple[int, int]] = []
    for data in buffers:
        source, size = readable(data)
        if isinstance(source, bytes):
            kept.append(source)
            address = ctypes.cast(ctypes.c_char_p(source), ctypes.c_void_p).value or 0
        else:
            pin = c_char.from_buffer(memoryview(data))
            kept.append(pin)
            address = ctypes.addressof(pin)
        places.append((address, size))
    return _vector(places), len(places), kept


def scattered(buffers: Iterable[WritableBuffer]) -> Tuple[Any, int, List[Any]]:
    """The same over buffers to receive into."""
    views = [writable(buffer) for buffer in buffers]
    pins = [c_char.from_buffer(view) if view.nbytes else None for view in views]
    places = [(0 if pin is None else ctypes.addressof(pin), view.nbytes) for pin, view in zip(pins, views)]
    return _vector(places), len(places), pins


def checked_size(size: int) -> int:
    """The size of a receive, checked: ctypes would make a huge number of a negative one."""
    size = integer(size, "a size")
    if size < 0:
        raise make_error(c.E_ARG, f"a size must not be negative, not {size}")
    return size


def _vector(places: List[Tuple[int, int]]) -> Any:
    return (c.bojagi_iovec * len(places))(*(c.bojagi_iovec(*place) for place in places))
