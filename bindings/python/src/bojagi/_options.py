"""The options of sockets and listeners: by name, with types and ranges from the library's own table."""

from __future__ import annotations

from collections import abc
from ctypes import addressof, byref, c_int64, create_string_buffer, string_at
from types import MappingProxyType
from typing import Any, Dict, FrozenSet, Iterator, List, Mapping, NamedTuple, Optional, Tuple, Union

from . import _bindings as c
from ._errors import StateError, Unsupported, integer, last_error, make_error
from ._handle import Handle
from ._library import quick

OptionValue = Union[bool, int, str]

OptionValues = Union[
    Mapping[str, OptionValue], Mapping[int, OptionValue], Mapping[Union[str, int], OptionValue]
]
"""Options by name or id, for a socket that is to be made: `options={"keepalive": True, "congestion": "reno"}`."""

_TEXT_MAX = 16
_TYPES = {
    c.VALUE_BOOL: "bool",
    c.VALUE_INTEGER: "integer",
    c.VALUE_DURATION: "duration",
    c.VALUE_TEXT: "text",
}
_KINDS = {
    value: name[len("KIND_") :].lower() for name, value in vars(c).items() if name.startswith("KIND_")
}


class Option(NamedTuple):
    """What is known about an option."""

    name: str
    id: int
    type: str
    """bool, integer, duration (an int, in `unit`) or text."""

    unit: str
    """Such as "seconds"; "" for a plain number."""

    min: int
    max: int
    """The range; of a text that of its length in bytes."""

    readable: bool
    settable: bool
    available: bool
    """Whether this system has it."""

    inherited: bool
    """Whether accepted connections have what is set on their listener."""

    kinds: FrozenSet[str]
    """The sockets that have it: tcp, tcp_listener, udp, unix_stream, unix_datagram, ..."""


def _describe(index: int) -> Option:
    info = c.bojagi_option_info()
    quick.bojagi_option_info_init(byref(info))
    result = quick.bojagi_option_describe(index, byref(info))
    if result < 0:
        raise last_error(result)
    return Option(
        name=_static(info.name),
        id=info.id,
        type=_TYPES[info.value_type],
        unit=_static(info.unit),
        min=info.min,
        max=info.max,
        readable=bool(info.flags & c.ACCESS_READ),
        settable=bool(info.flags & c.ACCESS_SET),
        available=bool(info.flags & c.ACCESS_HERE),
        inherited=bool(info.flags & c.ACCESS_INHERIT),
        kinds=frozenset(name for value, name in _KINDS.items() if info.kinds & value),
    )


def _static(address: int) -> str:
    return string_at(address).decode("ascii")


_BY_ID: Dict[int, Option] = {
    option.id: option for option in map(_describe, range(quick.bojagi_option_count()))
}

OPTIONS: Mapping[str, Option] = MappingProxyType({option.name: option for option in _BY_ID.values()})
"""Every option by name, in the order of the ids."""


class HasOptions(Handle):
    """A handle with options."""

    __slots__ = ()

    @property
    def options(self) -> "Options":
        """The options, to read and to set: `sock.options["keepalive"] = True`."""
        return Options(self)

    def option(self, option: Union[str, int]) -> OptionValue:
        """The value of an option, named or by id: a bool, an int in the option's unit, or a str."""
        known = _find(option)
        if known.type == "text":
            return self._option_text(known)
        value = c_int64()
        read = getattr(quick, f"bojagi_{self._subject}_option")
        self._ask(lambda pointer: read(pointer, known.id, byref(value)))
        return bool(value.value) if known.type == "bool" else value.value

    def set_option(self, option: Union[str, int], value: OptionValue) -> None:
        """Sets an option, named or by id. A value of the wrong kind or out of range is refused."""
        known = _find(option)
        if known.type == "text":
            self._set_option_text(known, value)
            return
        number = _number(known, value)
        change = getattr(quick, f"bojagi_{self._subject}_set_option")
        self._ask(lambda pointer: change(pointer, known.id, number))

    def _option_text(self, option: Option) -> str:
        out = create_string_buffer(_TEXT_MAX)
        read = getattr(quick, f"bojagi_{self._subject}_option_text")
        self._ask(lambda pointer: read(pointer, option.id, out, _TEXT_MAX))
        return out.value.decode("utf-8", "surrogateescape")

    def _set_option_text(self, option: Option, value: OptionValue) -> None:
        text = _text(option, value)
        change = getattr(quick, f"bojagi_{self._subject}_set_option_text")
        self._ask(lambda pointer: change(pointer, option.id, text))


class Options:
    """The options of one handle, like a dict: `options[name]`, `options[name] = value`, `dict(options)`."""

    __slots__ = ("_handle",)

    def __init__(self, handle: HasOptions) -> None:
        self._handle = handle

    def __getitem__(self, option: Union[str, int]) -> OptionValue:
        return self._handle.option(option)

    def __setitem__(self, option: Union[str, int], value: OptionValue) -> None:
        self._handle.set_option(option, value)

    def __iter__(self) -> Iterator[str]:
        """The names of those that this handle has."""
        return (name for name, _ in self.items())

    def keys(self) -> List[str]:
        """The names of those that this handle has."""
        return [name for name, _ in self.items()]

    def items(self) -> List[Tuple[str, OptionValue]]:
        """Names and values of those that this handle has and the system tells now."""
        found = []
        for option in OPTIONS.values():
            try:
                found.append((option.name, self[option.id]))
            except (Unsupported, StateError):
                pass
        return found

    def __repr__(self) -> str:
        return f"<bojagi.Options of {self._handle!r}>"


def _find(option: Union[str, int]) -> Option:
    """The option of a name or an id. One that there is not is unsupported, as in C."""
    known = OPTIONS.get(option) if isinstance(option, str) else _BY_ID.get(integer(option, "an option"))
    if known is None:
        raise make_error(c.E_UNSUPPORTED, f"there is no option {option!r}; bojagi.OPTIONS lists them")
    return known


def give(values: Optional[OptionValues], to: Any) -> None:
    """Puts options of a socket that is to be made into those of a connect or a listen, which keeps them alive."""
    if values is None:
        return
    if not isinstance(values, abc.Mapping):
        raise TypeError(f"options are a mapping of names to values, not {type(values).__name__}")
    array = (c.bojagi_option_value * len(values))()
    texts = []
    for entry, (option, value) in zip(array, values.items()):
        known = _find(option)
        entry.option = known.id
        if known.type == "text":
            texts.append(create_string_buffer(_text(known, value)))
            entry.text = addressof(texts[-1])
        else:
            entry.value = _number(known, value)
    to.values, to.value_count = addressof(array), len(array)
    to.kept = (array, texts)


def _number(option: Option, value: OptionValue) -> int:
    number = integer(value, f"the value of {option.name}")
    if not -(2**63) <= number < 2**63:
        raise make_error(c.E_ARG, f"socket option {option.name}: {number} is out of range")
    return number


def _text(option: Option, value: OptionValue) -> bytes:
    if not isinstance(value, str):
        raise TypeError(f"the value of {option.name} is a str, not {type(value).__name__}")
    text = value.encode("utf-8", "surrogateescape")
    if b"\0" in text:
        raise make_error(c.E_ARG, f"socket option {option.name}: a text must not hold a NUL")
    return text
