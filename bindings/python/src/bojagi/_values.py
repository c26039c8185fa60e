"""What stands in field values and targets: read and written as the RFCs have it.

Text is `str`, one character a byte (latin-1), or `bytes`. What breaks its grammar is a `ProtocolError`
with the offset; a field on several lines is what `headers[name]` gives, its lines joined by ", ".
"""

from __future__ import annotations

import threading
from ctypes import addressof, byref, c_size_t, c_uint64
from datetime import datetime, timezone
from math import floor
from typing import Any, Callable, Dict, Iterator, List, NamedTuple, Optional, Tuple, Union

from . import _bindings as c
from . import _scratch
from ._encode import Text, text_bytes
from ._errors import Error, integer, last_error, make_error, protocol_error
from ._library import quick

_SETS = {
    "unreserved": c.PERCENT_UNRESERVED,
    "segment": c.PERCENT_SEGMENT,
    "query": c.PERCENT_QUERY,
    "form": c.PERCENT_FORM,
}
_UINT64_MAX = 2**64 - 1


class MediaType(NamedTuple):
    """A media type, its names in lower case."""

    type: str
    subtype: str
    parameters: Dict[str, str]
    """Values without their quotes, by name in lower case; of several of one name the first."""


class _CurrentDate(threading.local):
    """One date a thread: its text is written anew once a second."""

    def __init__(self) -> None:
        self.record = c.bojagi_date()


_current = _CurrentDate()


def parse_list(value: Text) -> List[str]:
    """The elements of a comma-separated list (RFC 9110 5.6.1); a comma inside quotes parts nothing."""
    data, at, span = text_bytes(value), c_size_t(0), c.bojagi_span()
    elements = []
    while _call(quick.bojagi_list_next, data, len(data), byref(at), byref(span)):
        elements.append(_text(data, span))
    return elements


def parse_media_type(value: Text) -> MediaType:
    """A media type, such as the value of Content-Type (RFC 9110 8.3.1)."""
    data, kind, subtype = text_bytes(value), c.bojagi_span(), c.bojagi_span()
    at = _call(quick.bojagi_media_type_parse, data, len(data), byref(kind), byref(subtype))
    found: Dict[str, str] = {}
    for name, text in _parameters(data, at):
        found.setdefault(name.lower(), unquote(text))
    return MediaType(_text(data, kind).lower(), _text(data, subtype).lower(), found)


def parse_parameters(value: Text, at: int = 0) -> List[Tuple[str, str]]:
    """The parameters that begin at an offset (RFC 9110 5.6.6), as (name, value) without quotes.

    In Content-Disposition they begin behind its first token: `parse_parameters(value, value.index(";"))`.
    """
    return [(name, unquote(text)) for name, text in _parameters(text_bytes(value), at)]


def _parameters(data: bytes, start: int) -> Iterator[Tuple[str, str]]:
    at, name, text = c_size_t(start), c.bojagi_span(), c.bojagi_span()
    while _call(quick.bojagi_parameter_next, data, len(data), byref(at), byref(name), byref(text)):
        yield _text(data, name), _text(data, text)


def unquote(value: Text) -> str:
    """The text that a token or a quoted string stands for (RFC 9110 5.6.4)."""
    data = text_bytes(value)
    call = quick.bojagi_quoted_decode
    return _written(len(data), lambda out, cap, f: call(data, len(data), out, cap, f)).decode("latin-1")


def quote(text: Text) -> str:
    """A text as the value of a parameter: as it is when it is a token, else as a quoted string."""
    data = text_bytes(text)
    call = quick.bojagi_quoted_encode
    room = 2 * len(data) + 2
    return _written(room, lambda out, cap, f: call(out, cap, data, len(data), f)).decode("latin-1")


def parse_quality(value: Text) -> float:
    """A quality value, 0.0 to 1.0 (RFC 9110 12.4.2)."""
    data = text_bytes(value)
    return _call(quick.bojagi_quality_parse, data, len(data)) / 1000


def quality_coding(accept_encoding: Text, coding: Text) -> float:
    """How welcome a content coding is by the value of Accept-Encoding (RFC 9110 12.5.3); 0.0 is not at all."""
    return _quality(quick.bojagi_quality_coding, accept_encoding, coding)


def quality_language(accept_language: Text, tag: Text) -> float:
    """How welcome a language is by the value of Accept-Language (RFC 9110 12.5.4): `de` welcomes "de-CH"."""
    return _quality(quick.bojagi_quality_language, accept_language, tag)


def quality_media(accept: Text, media_type: Text) -> float:
    """How welcome a media type is by the value of Accept (RFC 9110 12.5.1): the most specific range decides."""
    return _quality(quick.bojagi_quality_media, accept, media_type)


def _quality(function: Any, value: Text, offer: Text) -> float:
    data, wanted = text_bytes(value), text_bytes(offer)
    return _call(function, data, len(data), wanted, len(wanted), None) / 1000


def parse_content_length(value: Text) -> int:
    """A Content-Length: digits only, below 2**64 (RFC 9110 8.6)."""
    data, length = text_bytes(value), c_uint64(0)
    _call(quick.bojagi_content_length_parse, data, len(data), byref(length))
    return length.value


def parse_range(value: Text, length: int, most: int = 16) -> Optional[List[range]]:
    """The parts of a representation of `length` bytes that a Range asks for (RFC 9110 14.2).

    None: go on as if there were no Range, since it is broken, of another unit, or asks for more than `most`
    parts, or for more bytes than there are. An empty list: none of them is there; answer 416.
    """
    data = text_bytes(value)
    found = (c.bojagi_range * _number(most, 2**16, "most"))()
    count = quick.bojagi_range_parse(data, len(data), _number(length, _UINT64_MAX, "a length"), found, most, None)
    if count == c.E_ARG:
        raise make_error(count)
    return None if count < 0 else [range(part.first, part.last + 1) for part in found[:count]]


def parse_content_range(value: Text) -> Tuple[Optional[range], Optional[int]]:
    """The part and the whole length that a Content-Range tells (RFC 9110 14.4), None where it leaves one open."""
    data, part, length = text_bytes(value), c.bojagi_range(), c_uint64(0)
    has_part = _call(quick.bojagi_content_range_parse, data, len(data), byref(part), byref(length))
    return (
        range(part.first, part.last + 1) if has_part else None,
        None if length.value == c.LENGTH_UNKNOWN else length.value,
    )


def format_content_range(part: Optional[range], length: Optional[int]) -> str:
    """The value of a Content-Range; None as the part is what goes with a 416, as the length that it is unknown."""
    whole = c.LENGTH_UNKNOWN if length is None else _number(length, _UINT64_MAX - 1, "a length")
    record = None
    if part is not None:
        if part.step != 1 or not part:
            raise make_error(c.E_ARG, f"a part has bytes, one behind the other, unlike {part}")
        first, last = (_number(end, _UINT64_MAX, "an end of a part") for end in (part[0], part[-1]))
        record = byref(c.bojagi_range(first, last))
    call = quick.bojagi_content_range_format
    return _written(68, lambda out, cap, _: call(out, cap, record, whole)).decode("ascii")


def parse_etag(value: Text) -> Tuple[str, bool]:
    """What stands between the quotes of an entity-tag, and whether it is weak (RFC 9110 8.8.3)."""
    data, opaque = text_bytes(value), c.bojagi_span()
    is_weak = _call(quick.bojagi_etag_parse, data, len(data), byref(opaque))
    return _text(data, opaque), bool(is_weak)


def format_etag(opaque: Text, weak: bool = False) -> str:
    """An entity-tag around a text."""
    data = text_bytes(opaque)
    call = quick.bojagi_etag_format
    return _written(len(data) + 4, lambda out, cap, f: call(out, cap, data, len(data), weak, f)).decode("latin-1")


def etag_match(one: Text, other: Text, weak: bool = False) -> bool:
    """Whether two entity-tags are the same by strong, or weak, comparison (RFC 9110 8.8.3.2)."""
    a, b = text_bytes(one), text_bytes(other)
    return bool(_check(quick.bojagi_etag_match(a, len(a), b, len(b), weak)))


def if_match(value: Text, etag: Optional[Text], exists: bool = True) -> bool:
    """Whether If-Match holds (RFC 9110 13.1.1); if not, answer 412. `etag` is the current one, or None."""
    return _condition(quick.bojagi_if_match, value, etag, exists)


def if_none_match(value: Text, etag: Optional[Text], exists: bool = True) -> bool:
    """Whether If-None-Match holds (RFC 9110 13.1.2); if not, answer 304 to GET and HEAD, else 412."""
    return _condition(quick.bojagi_if_none_match, value, etag, exists)


def _condition(function: Any, value: Text, etag: Optional[Text], exists: bool) -> bool:
    data, current = text_bytes(value), text_bytes(etag or b"")
    return bool(_call(function, data, len(data), bool(exists), current, len(current)))


def if_range(value: Text, etag: Optional[Text] = None, last_modified: Optional[Text] = None) -> bool:
    """Whether If-Range holds (RFC 9110 13.1.5); if not, ignore the Range."""
    data, tag, date = text_bytes(value), text_bytes(etag or b""), text_bytes(last_modified or b"")
    return bool(_check(quick.bojagi_if_range(data, len(data), tag, len(tag), date, len(date))))


def percent_decode(data: Text, plus: bool = False, nul: bool = False) -> bytes:
    """The bytes behind percent-coding (RFC 3986 2.1). `plus`: a plus is a space; `nul`: %00 is taken."""
    raw = text_bytes(data)
    flags = (c.PERCENT_PLUS if plus else 0) | (c.PERCENT_NUL if nul else 0)
    call = quick.bojagi_percent_decode
    return _written(len(raw), lambda out, cap, f: call(raw, len(raw), flags, out, cap, f))


def percent_encode(data: Union[str, bytes], keep: str = "unreserved") -> str:
    """Bytes, or text as UTF-8, for a place in a URI. `keep`: "unreserved", "segment", "query", or "form"."""
    if keep not in _SETS:
        raise make_error(c.E_ARG, f"keep is one of {', '.join(_SETS)}, not {keep!r}")
    raw = data.encode("utf-8") if isinstance(data, str) else text_bytes(data)
    call = quick.bojagi_percent_encode
    return _written(3 * len(raw), lambda out, cap, _: call(out, cap, raw, len(raw), _SETS[keep])).decode("ascii")


def basic_decode(value: Text, encoding: str = "utf-8") -> Tuple[str, str]:
    """User and password of the value of an Authorization (RFC 7617). `Unsupported` for another scheme."""
    data, user, password = text_bytes(value), c.bojagi_span(), c.bojagi_span()
    call, spans = quick.bojagi_basic_decode, (byref(user), byref(password))
    pair = _written(len(data), lambda out, cap, f: call(data, len(data), out, cap, *spans, f))
    parts = (pair[: user.len], pair[password.off :])
    return parts[0].decode(encoding), parts[1].decode(encoding)


def basic_encode(user: str, password: str, encoding: str = "utf-8") -> str:
    """The value of an Authorization for a user and a password (RFC 7617)."""
    a, b = user.encode(encoding), password.encode(encoding)
    call = quick.bojagi_basic_encode
    room = 8 + (len(a) + len(b)) * 4 // 3 + 8
    return _written(room, lambda out, cap, f: call(out, cap, a, len(a), b, len(b), f)).decode("ascii")


def parse_date(value: Text) -> datetime:
    """An HTTP-date in any of its three forms (RFC 9110 5.6.7), in UTC."""
    data, fault = text_bytes(value), c.bojagi_fault()
    second = quick.bojagi_date_parse(data, len(data), byref(fault))
    if second < 0:
        raise _failure(second, fault)
    try:
        return datetime.fromtimestamp(second, timezone.utc)
    except (OverflowError, ValueError):  # the leap second of the year 9999
        raise make_error(c.E_ARG, "a datetime ends with the year 9999") from None


def format_date(when: Union[datetime, int, None] = None) -> str:
    """An HTTP-date, an IMF-fixdate: of a datetime that knows its zone, of a Unix time in seconds, or of now."""
    if when is None:
        _check(quick.bojagi_date_now(byref(_current.record)))
        return str(_current.record.text.decode("ascii"))
    if isinstance(when, datetime):
        if when.tzinfo is None:
            raise make_error(c.E_ARG, "the datetime has no zone: give it one, such as datetime.timezone.utc")
        when = floor(when.timestamp())
    second = integer(when, "a second")
    if not -(2**63) <= second < 2**63:
        raise make_error(c.E_ARG, "the second is not in the years 1970 to 9999")
    scratch = _scratch.take(c.DATE_LEN)
    try:
        length = quick.bojagi_date_format(scratch.address, scratch.size, second)
        if length < 0:
            raise last_error(length)
        return bytes(scratch.view[:length]).decode("ascii")
    finally:
        _scratch.give(scratch)


def _call(function: Any, *arguments: Any) -> int:
    """What a function returns whose last argument is a fault."""
    fault = c.bojagi_fault()
    result: int = function(*arguments, byref(fault))
    if result < 0:
        raise _failure(result, fault)
    return result


def _written(room: int, call: Callable[[int, int, Any], int]) -> bytes:
    """What a function writes into room for so many bytes."""
    fault, scratch = c.bojagi_fault(), _scratch.take(max(room, 1))
    try:
        length = call(scratch.address, scratch.size, addressof(fault))
        if length < 0:
            raise _failure(length, fault)
        return bytes(scratch.view[:length])
    finally:
        _scratch.give(scratch)


def _failure(code: int, fault: c.bojagi_fault) -> Error:
    if code == c.E_SYNTAX:
        return protocol_error(code, fault.reason, fault.offset, fault.status)
    return make_error(code)


def _check(result: int) -> int:
    if result < 0:
        raise make_error(result)
    return result


def _number(value: Any, most: int, what: str) -> int:
    number = integer(value, what)
    if not 0 <= number <= most:
        raise make_error(c.E_ARG, f"{what} is 0 to {most}, not {number}")
    return number


def _text(data: bytes, span: c.bojagi_span) -> str:
    return data[span.off : span.off + span.len].decode("latin-1")
