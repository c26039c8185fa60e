"""Bytes as the library takes them, and sizes."""

from __future__ import annotations

from ctypes import byref, c_char
from typing import Any, Tuple, Union

from . import _bindings as c
from ._errors import integer, make_error

Buffer = Union[bytes, bytearray, memoryview]


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


def checked_size(size: int) -> int:
    """The size of a receive, checked: ctypes would make a huge number of a negative one."""
    size = integer(size, "a size")
    if size < 0:
        raise make_error(c.E_ARG, f"a size must not be negative, not {size}")
    return size
