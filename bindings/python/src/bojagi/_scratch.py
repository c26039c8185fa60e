"""Buffers that calls write into, kept for the next call.

A buffer is taken out of the pool for the length of a call, so that threads, signal handlers and
finalizers, any of which may come in the middle of another call, never share one.
"""

from __future__ import annotations

import ctypes
from typing import List

KEPT_SIZE = 128 * 1024
"""The size of a buffer in the pool: more than any head under the default limits, or one receive."""


class Scratch:
    """A writable block of memory with its address."""

    __slots__ = ("data", "view", "address", "size", "_pin")

    def __init__(self, size: int) -> None:
        self.data = bytearray(size)
        self.view = memoryview(self.data)
        self._pin = ctypes.c_char.from_buffer(self.data)
        self.address = ctypes.addressof(self._pin)
        self.size = size


_pool: List[Scratch] = []


def take(size: int) -> Scratch:
    """A buffer of at least `size` bytes, for the caller alone until it gives it back."""
    if size > KEPT_SIZE:
        return Scratch(size)
    try:
        return _pool.pop()
    except IndexError:
        return Scratch(KEPT_SIZE)


def give(scratch: Scratch) -> None:
    """Puts a buffer back. Large ones are not kept."""
    if scratch.size == KEPT_SIZE:
        _pool.append(scratch)
