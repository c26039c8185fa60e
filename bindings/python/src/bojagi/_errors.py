"""The exceptions: each is `bojagi.Error` and also what Python programmers catch already."""

from __future__ import annotations

import errno
from ctypes import byref
from functools import partial
from operator import index
from socket import EAI_NONAME, gaierror
from typing import Any, Callable, Dict, List, NamedTuple, Optional, Tuple, Type

from . import _bindings as c
from ._library import quick

_STAGES = {
    value: name[len("STAGE_") :].lower()
    for name, value in vars(c).items()
    if name.startswith("STAGE_") and value != c.STAGE_NONE
}


class Attempt(NamedTuple):
    """One address that a failed connect tried."""

    code: int
    errno: Optional[int]
    message: str


class Error(Exception):
    """Whatever bojagi reports. The subclasses say what a caller can act on."""

    code: int = 0
    """The `BOJAGI_E_` code of the C library."""

    stage: Optional[str] = None
    """What was being done: resolve, connect, listen, accept, send, recv, decode, encode or socket."""

    offset: int = 0
    """The byte at which it went wrong, where that means something."""

    attempts: Tuple[Attempt, ...] = ()
    """The addresses that a connect tried before it gave up."""

    message: str = ""
    """One line that names the subject."""

    done: int = 0
    """How many bytes `send_all` or `recv_exact` had moved before it failed."""

    data: bytes = b""
    """What had come: the first bytes of a truncated datagram, or what `recv_exact` had so far."""

    fds: Tuple[int, ...] = ()
    """The descriptors that `recv_fds` had received before it failed; they are yours to close."""

    def __str__(self) -> str:
        return self.message or super().__str__()

    @property
    def name(self) -> str:
        """The name of the code, such as "TIMEOUT"."""
        return _text(quick.bojagi_error_name(self.code))


class ArgumentError(Error, ValueError):
    """An argument is not what it must be."""


class StateError(Error, OSError):
    """The call does not fit the state of the handle: not connected, or in use by another thread."""

    reason: str = ""
    """The rule that a `Connection` holds to, as a stable name such as "AFTER_LAST"."""


class OutOfMemory(Error, MemoryError):
    """The system has no memory for this."""


class Truncated(Error, OSError):
    """A datagram was larger than the buffer; `offset` is its full length, `data` its beginning."""

    sender: Any = None
    """The address it came from, when `recv_from` received it."""


class LimitError(Error, OSError):
    """A limit was reached, such as that of open files."""


class ResolveError(Error, gaierror):
    """The name could not be turned into an address."""


class Refused(Error, ConnectionRefusedError):
    """Nobody listens at the address."""


class Unreachable(Error, OSError):
    """No route leads to the address."""


class Reset(Error, ConnectionResetError):
    """The peer broke the connection off."""


class Closed(Error, BrokenPipeError):
    """The peer, or an earlier shutdown, has closed this direction."""


class EndOfStream(Closed, EOFError):
    """The peer closed before `recv_exact` had all it was asked for."""


class Timeout(Error, TimeoutError):
    """The time budget ran out."""


class Cancelled(Error, OSError):
    """The `Cancel` attached to the handle was fired."""


class Interrupted(Error, InterruptedError):
    """A signal arrived while the call waited. bojagi goes on by itself: this is not seen outside."""


class WouldBlock(Error, BlockingIOError):
    """The call would have to wait and its budget is 0."""


class AddressInUse(Error, OSError):
    """The address or path is taken."""


class Denied(Error, PermissionError):
    """The system does not permit this."""


class SystemFailure(Error, OSError):
    """Another failure of the system: `errno` says which."""


class Unsupported(Error, OSError):
    """This system or this build cannot do that."""


class Panic(Error, RuntimeError):
    """A defect of the library was caught. The handle can only be closed now."""


class Incomplete(Error, EOFError):
    """The bytes so far are the beginning of a message; more are needed."""


class ProtocolError(Error, ValueError):
    """The bytes break a rule of HTTP, so that no further byte can help."""

    reason: str = ""
    """The rule, as a stable name such as "HOST_MISSING"."""

    status: int = 0
    """The status that a server answers: 400, 414, 431 …"""

    events: List[Any]
    """What a decoder's `feed` had decoded from the same data before it came to the error."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message
        self.events = []


_CLASSES: Dict[int, Tuple[Type[Error], int]] = {
    c.E_ARG: (ArgumentError, errno.EINVAL),
    c.E_STATE: (StateError, errno.EINVAL),
    c.E_MEMORY: (OutOfMemory, errno.ENOMEM),
    c.E_SPACE: (Truncated, errno.EMSGSIZE),
    c.E_LIMIT: (LimitError, errno.EMFILE),
    c.E_SYNTAX: (ProtocolError, 0),
    c.E_TRUNCATED: (Incomplete, 0),
    c.E_RESOLVE: (ResolveError, EAI_NONAME),
    c.E_REFUSED: (Refused, errno.ECONNREFUSED),
    c.E_UNREACHABLE: (Unreachable, errno.EHOSTUNREACH),
    c.E_RESET: (Reset, errno.ECONNRESET),
    c.E_CLOSED: (Closed, errno.EPIPE),
    c.E_TIMEOUT: (Timeout, errno.ETIMEDOUT),
    c.E_CANCELLED: (Cancelled, errno.ECANCELED),
    c.E_INTERRUPTED: (Interrupted, errno.EINTR),
    c.E_AGAIN: (WouldBlock, errno.EAGAIN),
    c.E_IN_USE: (AddressInUse, errno.EADDRINUSE),
    c.E_DENIED: (Denied, errno.EACCES),
    c.E_OS: (SystemFailure, errno.EIO),
    c.E_UNSUPPORTED: (Unsupported, errno.EOPNOTSUPP),
    c.E_PANIC: (Panic, 0),
}


def last_error(code: int, kind: Optional[Type[Error]] = None) -> Error:
    """The exception for a failure that this thread's last call reported with `code`."""
    record = c.bojagi_error()
    quick.bojagi_error_init(byref(record))
    quick.bojagi_error_last(byref(record))
    if record.code != code:  # a signal handler came between the call and this question
        quick.bojagi_error_init(byref(record))
        record.code = code
    error = make_error(code, record.message.decode("utf-8", "replace"), record.os_error, kind)
    error.stage = _STAGES.get(record.stage)
    error.offset = record.offset
    error.attempts = tuple(
        attempt(partial(quick.bojagi_error_attempt, index)) for index in range(record.attempts)
    )
    return error


def make_error(code: int, message: str = "", os_error: int = 0, kind: Optional[Type[Error]] = None) -> Error:
    """The exception of a code, with the library's general words where there are no particular ones."""
    usual, number = _CLASSES.get(code, (Error, 0))
    cls = kind or usual
    message = message or _text(quick.bojagi_error_text(code))
    error = cls(os_error or number, message) if issubclass(cls, OSError) else cls(message)
    error.code, error.message = code, message
    return error


def protocol_error(code: int, reason: int, offset: int, status: int, where: str = "") -> ProtocolError:
    """The exception of a broken rule; `where` names the place when it is not a byte of the input."""
    error = ProtocolError(f"{_text(quick.bojagi_reason_text(reason))}, {where or f'at byte {offset}'}")
    error.reason = _text(quick.bojagi_reason_name(reason))
    error.code, error.offset, error.status = code, offset, status
    error.stage = "encode" if where else "decode"
    return error


def state_error(reason: int, message: str = "", code: int = c.E_STATE) -> StateError:
    """The exception of a call that a connection does not allow now."""
    message = message or _text(quick.bojagi_reason_text(reason))
    error = StateError(errno.EINVAL, message)
    error.code, error.message, error.reason = code, message, _text(quick.bojagi_reason_name(reason))
    return error


def integer(value: Any, what: str) -> int:
    """The value as an int; a TypeError that names it where it is none, which ctypes would not."""
    try:
        return index(value)
    except TypeError:
        raise TypeError(f"{what} is an int, not {type(value).__name__}") from None


def ranged(value: Any, what: str, least: int, most: int) -> int:
    """The value as an int of a range, checked: ctypes would cut one that is too large, in silence."""
    number = integer(value, what)
    if not least <= number <= most:
        raise make_error(c.E_ARG, f"{what} is {least} to {most}, not {number}")
    return number


def descriptor(value: Any, what: str = "a descriptor") -> int:
    """The value as a descriptor, which may or may not be open."""
    number = integer(value, what)
    if not 0 <= number < 2**31:
        raise make_error(c.E_ARG, f"{number} is no descriptor; pass an open one")
    return number


def closed_error(subject: str) -> ValueError:
    """What any call on a closed handle raises, as Python's own files do."""
    return ValueError(f"the {subject} is closed")


def attempt(fill: Callable[[Any], int]) -> Attempt:
    """The attempt that `fill` writes to a record."""
    record = c.bojagi_error()
    quick.bojagi_error_init(byref(record))
    fill(byref(record))
    return Attempt(record.code, record.os_error or None, record.message.decode("utf-8", "replace"))


def _text(text: Optional[bytes]) -> str:
    return text.decode("ascii") if text else ""
