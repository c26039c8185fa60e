"""The life of a C handle: freed once, and never under a call that another thread is in."""

from __future__ import annotations

import warnings
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Callable, Iterator, List, NoReturn, Optional, Type, TypeVar

from ._errors import Error, closed_error, last_error
from ._time import Timeout, wait

Self = TypeVar("Self", bound="Handle")


class Handle:
    """Owns a pointer of the library.

    A call holds the handle between `_enter` and `_leave`; `close` takes the handle away from later calls
    at once, wakes the calls that are waiting, and frees it when the last of them has left. No lock is needed
    for that: a list's `append` and `pop` are whole, and who comes in is counted before it looks whether the
    handle is closed, as `close` first says so and then looks who is in.
    """

    __slots__ = ("_pointer", "_users", "_owned", "_unclosed", "_closed", "__weakref__")

    _subject = "handle"
    _makers = "the functions of bojagi"

    def __init__(self, *_: Any, **__: Any) -> None:
        raise TypeError(f"a bojagi.{type(self).__name__} is made by {self._makers}")

    @classmethod
    def _of(cls: Type[Self], pointer: int) -> Self:
        """The handle that owns a pointer from now on."""
        handle = cls.__new__(cls)
        handle._own(pointer)
        return handle

    def _own(self, pointer: int) -> None:
        self._pointer = pointer
        self._users: List[None] = []
        self._owned = [pointer]
        self._unclosed: List[None] = [None]
        self._closed = False

    @property
    def closed(self) -> bool:
        """True from the first `close` on."""
        return self._closed

    def close(self) -> None:
        """Ends the handle. Closing twice is fine; so is closing while another thread waits on it."""
        try:
            self._unclosed.pop()
        except IndexError:
            return
        self._users.append(None)  # nobody frees it while it is woken
        try:
            self._closed = True
            if len(self._users) > 1:
                self._wake(self._pointer)
        finally:
            self._leave()

    def _enter(self) -> int:
        self._users.append(None)
        if self._closed:
            self._leave()
            raise closed_error(self._subject)
        return self._pointer

    def _leave(self) -> None:
        self._users.pop()
        if self._closed and not self._users:
            self._release()

    def _ask(self, call: Callable[[int], int]) -> int:
        """What a function of the library that does not wait answers about the handle."""
        pointer = self._enter()
        try:
            result = call(pointer)
            if result < 0:
                raise last_error(result)
            return result
        finally:
            self._leave()

    def _inside(
        self, call: Callable[[int, int], int], timeout: Timeout, closed: Optional[Type[Error]] = None
    ) -> int:
        """Waits in `call(pointer, timeout_ms)`, with the handle held."""
        pointer = self._enter()
        try:
            count = wait(lambda ms: call(pointer, ms), timeout, closed)
            self._check_open(count)
            return count
        except Error:
            self._check_open()
            raise
        finally:
            self._leave()

    def _check_open(self, count: int = 0) -> None:
        """What our own `close` ended, be it as a failure or as the end of a stream, is not the peer's doing."""
        if self._closed and count == 0:
            raise closed_error(self._subject) from None

    def _release(self) -> None:
        try:
            pointer = self._owned.pop()
        except IndexError:
            return  # another thread left at the same time, and has it
        self._pointer = 0
        if pointer:
            self._free(pointer)

    def _free(self, pointer: int) -> None:
        raise NotImplementedError

    def _wake(self, pointer: int) -> None:
        """Ends the waits of the calls that are in the handle."""

    def __reduce_ex__(self, _protocol: Any) -> NoReturn:
        """A copy would free the same pointer once more."""
        raise TypeError(f"a bojagi.{type(self).__name__} cannot be copied")

    def __enter__(self: Self) -> Self:
        if self._closed:
            raise closed_error(self._subject)
        return self

    def __exit__(
        self,
        kind: Optional[Type[BaseException]],
        error: Optional[BaseException],
        traceback: Optional[TracebackType],
    ) -> None:
        self.close()

    def __del__(self) -> None:
        if getattr(self, "_closed", True):
            return
        if self._warns:
            warnings.warn(f"unclosed {self!r}", ResourceWarning, stacklevel=2, source=self)
        self.close()

    _warns = True


@contextmanager
def lent(handle: Optional[Handle], kind: Type[Handle], name: str) -> Iterator[Optional[int]]:
    """The pointer of a handle of this kind for the length of a call; None when there is no handle."""
    if handle is None:
        yield None
        return
    if not isinstance(handle, kind):
        raise TypeError(f"{name} is a bojagi.{kind.__name__}, not {type(handle).__name__}")
    pointer = handle._enter()
    try:
        yield pointer
    finally:
        handle._leave()
