"""Values: the vectors that Rust and C are judged by too, and what only Python has."""

from __future__ import annotations

import json
import time
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any, Callable, Dict, List

import bojagi
import pytest
from bojagi import _bindings as c
from bojagi import _values
from bojagi._library import quick

VECTORS = Path(__file__).resolve().parents[3] / "tests" / "vectors" / "values"

CODES = {"SYNTAX": c.E_SYNTAX, "ARG": c.E_ARG, "UNSUPPORTED": c.E_UNSUPPORTED, "LIMIT": c.E_LIMIT}


def thousandths(quality: float) -> List[str]:
    return [str(round(quality * 1000))]


def media_type(text: str) -> List[str]:
    """As the vectors have it; the package gives names in lower case and values without quotes."""
    bojagi.parse_media_type(text)
    data = text.encode("latin-1")
    at = _values._call(quick.bojagi_media_type_parse, data, len(data), None, None)
    return [*text[:at].split("/"), *(part for pair in _values._parameters(data, at) for part in pair)]


def parameter(text: str, at: str, name: str) -> List[str]:
    found = [raw for key, raw in _values._parameters(text.encode("latin-1"), int(at)) if key.lower() == name.lower()]
    return found[:1]


def span_text(part: Any) -> str:
    return "*" if part is None else f"{part.start}-{part.stop - 1}"


def content_range(text: str) -> List[str]:
    part, length = bojagi.parse_content_range(text)
    return [span_text(part), "*" if length is None else str(length)]


def content_range_format(_: str, part: str, length: str) -> List[str]:
    first, _, last = part.partition("-")
    ends = None if part == "*" else range(int(first), int(last) + 1)
    return [bojagi.format_content_range(ends, None if length == "*" else int(length))]


def etag(text: str) -> List[str]:
    opaque, weak = bojagi.parse_etag(text)
    return ["weak" if weak else "strong", opaque]


def percent_decode(text: str, flags: str) -> List[str]:
    if int(flags) > 3:
        raise bojagi.ArgumentError  # keywords leave no room for other flags
    return [bojagi.percent_decode(text, plus=flags in "13", nul=flags in "23").decode("latin-1")]


def percent_encode(text: str, set_number: str) -> List[str]:
    keep = dict(enumerate(["unreserved", "segment", "query", "form"])).get(int(set_number), "none")
    return [bojagi.percent_encode(text.encode("latin-1"), keep)]


CALLS: Dict[str, Callable[..., List[str]]] = {
    "list": bojagi.parse_list,
    "media_type": media_type,
    "parameter": parameter,
    "quoted_decode": lambda text: [bojagi.unquote(text)],
    "quoted_encode": lambda text: [bojagi.quote(text)],
    "quality": lambda text: thousandths(bojagi.parse_quality(text)),
    "quality_coding": lambda text, offer: thousandths(bojagi.quality_coding(text, offer)),
    "quality_language": lambda text, offer: thousandths(bojagi.quality_language(text, offer)),
    "quality_media": lambda text, offer: thousandths(bojagi.quality_media(text, offer)),
    "content_length": lambda text: [str(bojagi.parse_content_length(text))],
    "content_length_format": lambda _, number: [str(int(number))],  # Python has this of its own
    "content_range": content_range,
    "content_range_format": content_range_format,
    "etag": etag,
    "etag_format": lambda text, strength: [bojagi.format_etag(text, strength == "weak")],
    "etag_match": lambda text, other, strength: [str(int(bojagi.etag_match(text, other, strength == "weak")))],
    "if_match": lambda text, exists, tag: [str(int(bojagi.if_match(text, tag, exists == "1")))],
    "if_none_match": lambda text, exists, tag: [str(int(bojagi.if_none_match(text, tag, exists == "1")))],
    "if_range": lambda text, tag, date: [str(int(bojagi.if_range(text, tag, date)))],
    "percent_decode": percent_decode,
    "percent_encode": percent_encode,
    "basic_decode": lambda text: list(bojagi.basic_decode(text, "latin-1")),
    "basic_encode": lambda text, password: [bojagi.basic_encode(text, password, "latin-1")],
    "date": lambda text: [str(int(bojagi.parse_date(text).timestamp()))],
    "date_format": lambda _, second: [bojagi.format_date(int(second))],
}


def vectors() -> List[Any]:
    lines = [line for path in sorted(VECTORS.glob("*.jsonl")) for line in path.read_text().splitlines()]
    return [json.loads(line) for line in lines]


def text_of(value: Any) -> str:
    return value if isinstance(value, str) else "".join(part * times for part, times in value)


@pytest.mark.skipif(not VECTORS.is_dir(), reason="not in a checkout")
def test_every_vector_is_met() -> None:
    judged = 0
    for vector in vectors():
        arguments = [text_of(vector["input"]), *vector.get("with", [])]
        if vector["call"] == "range":
            judge_range(vector, *arguments)
        elif "error" in vector:
            with pytest.raises(bojagi.Error) as caught:
                CALLS[vector["call"]](*arguments)
            judge_error(vector, caught.value)
        else:
            assert CALLS[vector["call"]](*arguments) == vector["expect"], vector
        judged += 1
    assert judged >= 500


def judge_range(vector: Any, text: str, length: str, most: str) -> None:
    found = bojagi.parse_range(text, int(length), int(most))
    wanted = vector.get("expect")
    assert (found if found is None else [span_text(part) for part in found]) == wanted, vector


def judge_error(vector: Any, error: bojagi.Error) -> None:
    if isinstance(error, bojagi.ProtocolError):
        assert (vector["error"], error.reason, error.offset) == ("SYNTAX", vector["reason"], vector["offset"]), vector
        assert error.status == 0 and "RFC" in str(error)
    else:
        assert isinstance(error, (bojagi.ArgumentError, bojagi.Unsupported)), vector
        assert error.code in (CODES[vector["error"]], 0), vector


def test_a_media_type_is_named_in_lower_case_and_unquoted() -> None:
    kind = bojagi.parse_media_type('Text/HTML; Charset="UTF-8"; charset=x; Title="a \\"b\\""')
    assert kind == ("text", "html", {"charset": "UTF-8", "title": 'a "b"'})
    assert bojagi.parse_parameters('attachment; filename="a;b"', 10) == [("filename", "a;b")]


def test_a_field_on_several_lines_is_one_list() -> None:
    request = bojagi.decode_request(b"GET / HTTP/1.1\r\nHost: h\r\nAccept: a/b;q=0.5\r\nAccept: c/d\r\n\r\n")
    accept = request.headers["accept"]
    assert bojagi.parse_list(accept) == ["a/b;q=0.5", "c/d"]
    assert [bojagi.quality_media(accept, offer) for offer in ("a/b", "c/d", "e/f")] == [0.5, 1.0, 0.0]


def test_text_is_bytes_or_latin_1() -> None:
    assert bojagi.parse_list(b"a, \xe9") == ["a", "\xe9"]
    with pytest.raises(UnicodeEncodeError):
        bojagi.parse_list("\u20ac")
    with pytest.raises(TypeError):
        bojagi.parse_list(5)  # type: ignore[arg-type]


def test_percent_coding_takes_text_as_utf_8() -> None:
    assert bojagi.percent_encode("a b/\u20ac") == "a%20b%2F%E2%82%AC"
    assert bojagi.percent_encode("a b/\u20ac", keep="segment") == "a%20b%2F%E2%82%AC"
    assert bojagi.percent_decode("%E2%82%AC").decode() == "\u20ac"
    every = bytes(range(256)) * 1000
    for keep in ("unreserved", "segment", "query"):
        assert bojagi.percent_decode(bojagi.percent_encode(every, keep), nul=True) == every
    assert bojagi.percent_decode(bojagi.percent_encode(every, "form"), plus=True, nul=True) == every


def test_credentials_are_utf_8_unless_told() -> None:
    value = bojagi.basic_encode("t\u00e9st", "p\u20ac:")
    assert bojagi.basic_decode(value) == ("t\u00e9st", "p\u20ac:")
    with pytest.raises(UnicodeDecodeError):
        bojagi.basic_decode(bojagi.basic_encode("t\u00e9st", "p", "latin-1"))
    for length in range(70):
        assert bojagi.basic_decode(bojagi.basic_encode("u" * length, "p")) == ("u" * length, "p")


def test_parts_are_ranges_of_python() -> None:
    body = b"0123456789"
    parts = bojagi.parse_range("bytes=0-2,-3", len(body))
    assert parts is not None and [body[part.start : part.stop] for part in parts] == [b"012", b"789"]
    assert bojagi.format_content_range(parts[1], len(body)) == "bytes 7-9/10"
    for part in (range(0), range(5, 5), range(0, 9, 2), range(-1, 5)):
        with pytest.raises(bojagi.ArgumentError):
            bojagi.format_content_range(part, 10)
    with pytest.raises(bojagi.ArgumentError):
        bojagi.parse_range("bytes=0-1", -1)
    with pytest.raises(bojagi.ArgumentError):
        bojagi.format_content_range(None, 2**64 - 1)


def test_dates_are_datetimes_in_utc() -> None:
    when = datetime(1994, 11, 6, 8, 49, 37, tzinfo=timezone.utc)
    assert bojagi.parse_date("Sun, 06 Nov 1994 08:49:37 GMT") == when
    assert bojagi.format_date(when) == "Sun, 06 Nov 1994 08:49:37 GMT"
    assert bojagi.format_date(when.astimezone(timezone(timedelta(hours=9)))) == "Sun, 06 Nov 1994 08:49:37 GMT"
    assert bojagi.format_date(when + timedelta(microseconds=999999)) == "Sun, 06 Nov 1994 08:49:37 GMT"
    with pytest.raises(ValueError):
        bojagi.format_date(datetime(1994, 11, 6))
    for second in (-1, 2**63, -(2**63) - 1):
        with pytest.raises(ValueError):
            bojagi.format_date(second)


def test_the_current_date_is_between_two_looks_at_the_clock() -> None:
    before = int(time.time()) - 1  # the library's clock may be a tick behind
    written = bojagi.parse_date(bojagi.format_date()).timestamp()
    assert before <= written <= time.time()
