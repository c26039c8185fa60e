"""Budgets of time: seconds in Python, whole milliseconds below."""

from __future__ import annotations

import math
import time
from typing import Callable, Optional, Type, Union

from . import _bindings as c
from ._errors import Error, last_error, make_error
from ._library import quick

_LONGEST_MS = 2**53
_LONGEST_S = 2**43


class Deadline:
    """One budget shared by several calls: pass it wherever a timeout goes.

    with bojagi.connect(host, port, deadline := bojagi.Deadline(5)) as sock:
        sock.send_all(request, deadline)
        answer = sock.recv(timeout=deadline)
    """

    __slots__ = ("_point",)

    def __init__(self, seconds: Optional[float]) -> None:
        self._point: int = quick.bojagi_deadline_after(milliseconds(seconds))

    def left_ms(self) -> int:
        """Milliseconds left: 0 when it has passed, -1 for ever."""
        left: int = quick.bojagi_deadline_left(self._point)
        return left

    def left(self) -> Optional[float]:
        """Seconds left: 0.0 when it has passed, None for ever."""
        left = self.left_ms()
        return None if left < 0 else left / 1000

    def __repr__(self) -> str:
        left = self.left()
        return "<bojagi.Deadline never>" if left is None else f"<bojagi.Deadline in {left} s>"


Timeout = Union[None, int, float, Deadline]
"""Seconds for the whole call; None for ever, 0 not to wait at all; or a `Deadline`."""


def milliseconds(seconds: Optional[float]) -> int:
    """Seconds as the library counts them, rounded up; None is -1, for ever."""
    kind = type(seconds)
    if (kind is int or kind is float) and 0 <= seconds < _LONGEST_S:  # type: ignore[operator]
        return math.ceil(seconds * 1000)  # type: ignore[operator]
    if seconds is None or seconds == math.inf:
        return -1
    try:
        fits = seconds >= 0  # NaN does not
    except TypeError:
        raise TypeError(f"a timeout is seconds, None or a Deadline, not {type(seconds).__name__}") from None
    if not fits:
        raise make_error(c.E_ARG, f"a timeout must be None or at least 0 seconds, not {seconds}")
    return min(math.ceil(seconds * 1000), _LONGEST_MS)


def wait(call: Callable[[int], int], timeout: Timeout, closed: Optional[Type[Error]] = None) -> int:
    """The result of `call(timeout_ms)`; raises what it reports, as `closed` that the peer has closed.

    A signal ends the wait inside: Python then runs its handlers, and if they do not raise, the wait
    goes on with what is left of the budget.
    """
    if timeout is None or isinstance(timeout, Deadline):
        deadline = timeout
        result = call(-1 if timeout is None else timeout.left_ms())
        if result >= 0:
            return result
    else:
        budget = milliseconds(timeout)
        expiry = time.monotonic() + budget / 1000 if budget > 0 else 0.0
        result = call(budget)
        if result >= 0:
            return result
        deadline = None
        while result == c.E_INTERRUPTED and budget > 0:
            result = _timed_out(call(max(0, math.ceil((expiry - time.monotonic()) * 1000))))
    while result == c.E_INTERRUPTED:
        result = call(-1 if deadline is None else deadline.left_ms())
    if result >= 0:
        return result
    if deadline is not None and result == c.E_AGAIN:
        raise make_error(c.E_TIMEOUT)
    raise last_error(result, closed if result == c.E_CLOSED else None)


def _timed_out(result: int) -> int:
    """A budget that was used up is a timeout, also where the last try did not wait any more."""
    return c.E_TIMEOUT if result == c.E_AGAIN else result
