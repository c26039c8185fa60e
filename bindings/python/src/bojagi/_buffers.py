"""Python's buffers as the library takes them: pointer and length, without a copy where that can be.

A buffer is held by a memoryview for the length of a call, so that nothing resizes it meanwhile, and is let go when
the call ends, however it ends: a traceback keeps the names of a call alive, but a released view holds nothing.
"""

from __future__ import annotations

import mmap
from array import array
from ctypes import addressof, c_char, c_char_p, c_void_p
from typing import Any, Iterable, List, Optional, Tuple, Union

from . import _bindings as c
from ._errors import integer, make_error

Buffer = Union[bytes, bytearray, memoryview, "array[Any]", mmap.mmap]
"""What can be sent: any object with a buffer."""

WritableBuffer = Union[bytearray, memoryview, "array[Any]", mmap.mmap]
"""What can be received into."""

Source = Union[bytes, int]
"""Where bytes to send are."""


def readable(data: Buffer) -> Tuple[Source, int, Optional[memoryview]]:
    """Where the bytes are, how many, and the view to release in the end, if there is one."""
    if type(data) is bytes:
        return data, len(data), None
    view = memoryview(data)
    if view.readonly or not view.c_contiguous or not view.nbytes:
        copy = view.tobytes()
        return copy, len(copy), None
    return addressof(c_char.from_buffer(view)), view.nbytes, view


def writable(buffer: WritableBuffer) -> Tuple[Optional[int], int, memoryview]:
    """Where to receive to, how many bytes, and the view to release; TypeError for what is read-only or has gaps."""
    view = memoryview(buffer)
    if view.readonly:
        raise TypeError("a buffer to receive into must be writable")
    if not view.nbytes:
        return None, 0, view
    return addressof(c_char.from_buffer(view)), view.nbytes, view


def address(source: Source) -> int:
    """The address of bytes that somebody keeps."""
    if isinstance(source, int):
        return source
    return c_void_p.from_buffer(c_char_p(source)).value or 0


def gathered(buffers: Iterable[Buffer]) -> Tuple[Any, int, List[Any]]:
    """An array of `bojagi_iovec` over buffers to send, its length, and what to `let_go` in the end."""
    kept: List[Any] = []
    places: List[Tuple[int, int]] = []
    for data in buffers:
        source, size, view = readable(data)
        kept.append(source if view is None else view)
        places.append((address(source), size))
    return _vector(places), len(places), kept


def scattered(buffers: Iterable[WritableBuffer]) -> Tuple[Any, int, List[Any]]:
    """The same over buffers to receive into."""
    found = [writable(buffer) for buffer in buffers]
    places = [(where or 0, size) for where, size, _ in found]
    return _vector(places), len(places), [view for _, _, view in found]


def let_go(kept: List[Any]) -> None:
    """Releases the buffers of an array."""
    for held in kept:
        if isinstance(held, memoryview):
            held.release()


def checked_size(size: int) -> int:
    """The size of a receive, checked: ctypes would make a huge number of a negative one."""
    size = integer(size, "a size")
    if size < 0:
        raise make_error(c.E_ARG, f"a size must not be negative, not {size}")
    return size


def _vector(places: List[Tuple[int, int]]) -> Any:
    kind: Any = c.bojagi_iovec * len(places)
    return kind(*places)
