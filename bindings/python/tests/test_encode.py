"""Messages out: exact bytes, and nothing that a peer could misread."""

from __future__ import annotations

from typing import Any, Tuple

import bojagi
import pytest


def test_encodes_a_request_as_given() -> None:
    message = bojagi.encode_request("GET", "/a?b", [("Host", "x"), ("X-One", "1"), ("x-one", "2")])
    assert message == b"GET /a?b HTTP/1.1\r\nHost: x\r\nX-One: 1\r\nx-one: 2\r\n\r\n"


def test_takes_mappings_pairs_headers_and_bytes() -> None:
    wanted = b"GET / HTTP/1.1\r\nHost: x\r\nX: \xff\r\n\r\n"
    several: Tuple[Any, ...] = (
        {"Host": "x", "X": "\xff"},
        [("Host", b"x"), (b"X", "\xff")],
        bojagi.Headers([("Host", "x"), ("X", "\xff")]),
        iter([("Host", "x"), ("X", b"\xff")]),
    )
    for headers in several:
        assert bojagi.encode_request(b"GET", "/", headers) == wanted


def test_headers_keep_their_repetitions() -> None:
    cookies = bojagi.Headers([("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")])
    message = bojagi.encode_response(204, cookies)
    assert message == b"HTTP/1.1 204 No Content\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\n\r\n"


@pytest.mark.parametrize("body", [b"abc", bytearray(b"abc"), memoryview(b"abc")])
def test_adds_content_length_when_there_is_a_body(body: Any) -> None:
    assert bojagi.encode_response(200, {"A": "b"}, body) == (
        b"HTTP/1.1 200 OK\r\nA: b\r\nContent-Length: 3\r\n\r\nabc"
    )


def test_an_empty_body_has_a_length_and_no_body_has_none() -> None:
    assert bojagi.encode_response(200, {}, b"") == b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
    assert bojagi.encode_response(200, {}) == b"HTTP/1.1 200 OK\r\n\r\n"


def test_keeps_a_content_length_that_is_given() -> None:
    assert bojagi.encode_response(200, {"content-length": "1"}, b"x") == b"HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\nx"
    head = bojagi.encode_response(200, {"Content-Length": "10"})
    assert head.endswith(b"Content-Length: 10\r\n\r\n")


@pytest.mark.parametrize("length", ["2", "4", "-3", "3x", ""])
def test_refuses_a_content_length_that_does_not_match(length: str) -> None:
    with pytest.raises(ValueError):
        bojagi.encode_response(200, {"Content-Length": length}, b"abc")


def test_chunks_and_trailers_decode_to_what_went_in() -> None:
    body = bojagi.encode_chunk(b"hello") + bojagi.encode_chunk(b"x" * 300) + bojagi.encode_trailers({"T": "v"})
    assert body.startswith(b"5\r\nhello\r\n12c\r\n") and body.endswith(b"0\r\nT: v\r\n\r\n")
    message = bojagi.encode_response(200, {"Transfer-Encoding": "chunked"}, body)
    assert b"Content-Length" not in message
    response = bojagi.decode_response(message)
    assert response.body == b"hello" + b"x" * 300
    assert response.trailers.raw == [("T", "v")]


@pytest.mark.parametrize("body", [b"", b"abc", b"3\r\nabc\r\n", b"0\r\n\r\nx"])
def test_refuses_a_body_that_is_not_chunked_as_its_headers_say(body: bytes) -> None:
    with pytest.raises(ValueError):
        bojagi.encode_response(200, {"Transfer-Encoding": "chunked"}, body)


@pytest.mark.parametrize(
    "method, target, headers, reason",
    [
        ("GE T", "/", {"Host": "x"}, "METHOD"),
        ("", "/", {"Host": "x"}, "METHOD"),
        ("GET", "/ x", {"Host": "x"}, "TARGET"),
        ("GET", "", {"Host": "x"}, "TARGET"),
        ("GET", "/\r\nX: y", {"Host": "x"}, "TARGET"),
        ("GET", "/", {}, "HOST_MISSING"),
        ("GET", "/", {"Host": "x/y"}, "HOST_INVALID"),
        ("GET", "/", [("Host", "x"), ("host", "y")], "HOST_REPEATED"),
        ("GET", "/", {"Host": "x", "A b": "c"}, "FIELD_NAME"),
        ("GET", "/", {"Host": "x", "": "c"}, "FIELD_NAME"),
        ("GET", "/", {"Host": "x", "A": "b\r\nC: d"}, "FIELD_VALUE"),
        ("GET", "/", {"Host": "x", "A": "b\0"}, "FIELD_VALUE"),
        ("GET", "/", {"Host": "x", "A": " b"}, "FIELD_VALUE"),
        ("GET", "/", {"Host": "x", "A": "\x01"}, "FIELD_VALUE"),
        ("POST", "/", {"Host": "x", "Content-Length": "1", "Transfer-Encoding": "chunked"}, "FRAMING_CONFLICT"),
    ],
)
def test_refuses_requests_that_break_a_rule(method: str, target: str, headers: Any, reason: str) -> None:
    with pytest.raises(bojagi.ProtocolError) as caught:
        bojagi.encode_request(method, target, headers)
    assert (caught.value.reason, caught.value.stage) == (reason, "encode")


def test_an_error_names_the_header_at_fault() -> None:
    with pytest.raises(bojagi.ProtocolError) as caught:
        bojagi.encode_request("GET", "/", [("Host", "x"), ("Good", "1"), ("Bad", "\n")])
    assert caught.value.offset == 2
    assert "'Bad'" in str(caught.value)


@pytest.mark.parametrize("status", [0, 99, 600, 1000, -1, 2**40])
def test_refuses_a_status_out_of_range(status: int) -> None:
    with pytest.raises(ValueError):
        bojagi.encode_response(status)


@pytest.mark.parametrize("status", [100, 101, 204, 304])
def test_refuses_a_body_where_the_status_forbids_one(status: int) -> None:
    with pytest.raises(ValueError):
        bojagi.encode_response(status, {}, b"x")


def test_a_reason_phrase_can_be_given() -> None:
    assert bojagi.encode_response(200, reason="Fine") == b"HTTP/1.1 200 Fine\r\n\r\n"
    assert bojagi.encode_response(200, reason="") == b"HTTP/1.1 200 \r\n\r\n"
    with pytest.raises(bojagi.ProtocolError):
        bojagi.encode_response(200, reason="a\r\nb")


def test_refuses_what_is_not_text() -> None:
    with pytest.raises(TypeError):
        bojagi.encode_request("GET", "/", {"Host": "x", "N": 5})  # type: ignore[arg-type]
    with pytest.raises(UnicodeEncodeError):
        bojagi.encode_request("GET", "/", {"Host": "x", "N": "\u20ac"})
    with pytest.raises(TypeError):
        bojagi.encode_response(200, {}, "text")  # type: ignore[arg-type]


def test_an_empty_chunk_is_refused() -> None:
    with pytest.raises(ValueError):
        bojagi.encode_chunk(b"")


def test_encodes_large_heads_and_bodies() -> None:
    fields = [("Host", "x")] + [(f"X-{number}", "v" * 4000) for number in range(100)]
    message = bojagi.encode_request("POST", "/", fields, b"z" * 2_000_000)
    assert message.startswith(b"POST / HTTP/1.1\r\nHost: x\r\nX-0: vvv")
    assert message.endswith(b"Content-Length: 2000000\r\n\r\n" + b"z" * 2_000_000)
    assert message.count(b"\r\n") == 104
