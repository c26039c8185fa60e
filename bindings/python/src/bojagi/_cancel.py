"""Cancel: ends waits from another thread or from a signal handler."""

from __future__ import annotations

from ctypes import byref, c_void_p
from typing import ContextManager, Optional

from . import _handle
from ._errors import last_error
from ._handle import Handle
from ._library import quick


class Cancel(Handle):
    """A switch that ends the waits of every handle it is attached to, until it is reset.

    Attach it with the `cancel=` of connect, listen and accept, or with `set_cancel`; one may serve many.
    A call that it ends raises `bojagi.Cancelled`.
    """

    __slots__ = ()

    _subject = "cancel"
    _warns = False

    def __init__(self) -> None:
        out = c_void_p()
        result = quick.bojagi_cancel_new(byref(out))
        if result < 0:
            raise last_error(result)
        self._own(out.value or 0)

    def fire(self) -> None:
        """Ends the waits, and those to come. Any thread may call it, and any signal handler."""
        self._ask(quick.bojagi_cancel_fire)

    def reset(self) -> None:
        """Makes it as new."""
        self._ask(quick.bojagi_cancel_reset)

    @property
    def fired(self) -> bool:
        """True from `fire` to `reset`."""
        return bool(self._ask(quick.bojagi_cancel_fired))

    def _free(self, pointer: int) -> None:
        quick.bojagi_cancel_free(pointer)

    def __repr__(self) -> str:
        return "<bojagi.Cancel closed>" if self.closed else f"<bojagi.Cancel {'fired' if self.fired else 'ready'}>"


def lent(cancel: Optional[Cancel]) -> ContextManager[Optional[int]]:
    """The pointer of a cancel for the length of a call; None when there is no cancel."""
    return _handle.lent(cancel, Cancel, "cancel")
