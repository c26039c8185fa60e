"""Whole messages in, objects out."""

from __future__ import annotations

import pickle
from typing import Callable, Union

import bojagi
import pytest

GET = b"GET /a?b=c HTTP/1.1\r\nHost: x\r\nX-One: 1\r\nx-one: 2\r\n\r\n"
CHUNKED = (
    b"POST /up HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    b"5\r\nhello\r\n7;a=b\r\n, world\r\n0\r\nX-Sum: 9\r\nx-sum: 10\r\n\r\n"
)


def test_decodes_a_request_head() -> None:
    request = bojagi.decode_request(GET + b"the next one")
    assert (request.method, request.target, request.version) == ("GET", "/a?b=c", "1.1")
    assert request.headers.raw == [("Host", "x"), ("X-One", "1"), ("x-one", "2")]
    assert (request.body, request.trailers.raw) == (b"", [])
    assert request.consumed == len(GET)
    assert request.keep_alive and not request.upgrade and not request.expect_continue


def test_decodes_a_body_with_a_length() -> None:
    data = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\nabcdef"
    request = bojagi.decode_request(data)
    assert request.body == b"abc"
    assert request.consumed == len(data) - 3
    assert request.expect_continue


def test_decodes_a_chunked_body_and_its_trailers() -> None:
    request = bojagi.decode_request(CHUNKED + b"rest")
    assert request.body == b"hello, world"
    assert request.trailers.raw == [("X-Sum", "9"), ("x-sum", "10")]
    assert request.consumed == len(CHUNKED)


def test_decodes_a_response() -> None:
    response = bojagi.decode_response(b"HTTP/1.0 404 Not Here\r\nContent-Length: 2\r\n\r\nno")
    assert (response.version, response.status, response.reason) == ("1.0", 404, "Not Here")
    assert (response.body, response.keep_alive) == (b"no", False)


def test_a_response_may_have_no_reason_phrase() -> None:
    assert bojagi.decode_response(b"HTTP/1.1 204 \r\n\r\n").reason == ""


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview, lambda data: memoryview(bytearray(data))])
def test_takes_any_kind_of_bytes(kind: Callable[[bytes], Union[bytes, bytearray, memoryview]]) -> None:
    assert bojagi.decode_request(kind(CHUNKED)).body == b"hello, world"


def test_does_not_change_what_it_is_given() -> None:
    data = bytearray(CHUNKED)
    bojagi.decode_request(data)
    assert data == CHUNKED


@pytest.mark.parametrize("wrong", ["GET / HTTP/1.1", 7, None, [1]])
def test_refuses_what_is_not_bytes(wrong: object) -> None:
    with pytest.raises(TypeError):
        bojagi.decode_request(wrong)  # type: ignore[arg-type]


def test_text_is_one_character_a_byte() -> None:
    every = bytes(range(0x80, 0x100))
    request = bojagi.decode_request(b"GET / HTTP/1.1\r\nHost: x\r\nX: a" + every + b"\r\n\r\n")
    assert request.headers["X"].encode("latin-1") == b"a" + every


def test_headers_are_found_in_any_case_and_keep_order_and_case() -> None:
    headers = bojagi.decode_request(GET).headers
    assert headers["HOST"] == headers["host"] == "x"
    assert headers["x-ONE"] == "1, 2"
    assert headers.all("X-One") == ["1", "2"]
    assert headers.all("none") == []
    assert list(headers) == ["Host", "X-One"]
    assert len(headers) == 2
    assert "hOST" in headers and "nothing" not in headers
    assert headers.get("nothing") is None
    with pytest.raises(KeyError):
        headers["nothing"]
    assert headers == bojagi.Headers([("host", "x"), ("X-ONE", "1"), ("X-ONE", "2")])
    assert headers != bojagi.Headers([("host", "x")])


@pytest.mark.parametrize("size", range(len(CHUNKED)))
def test_every_prefix_is_incomplete(size: int) -> None:
    with pytest.raises(bojagi.Incomplete) as caught:
        bojagi.decode_request(CHUNKED[:size])
    assert isinstance(caught.value, bojagi.Error)
    assert not isinstance(caught.value, ValueError)


def test_the_end_of_the_transport_completes_a_body_without_a_length() -> None:
    data = b"HTTP/1.1 200 OK\r\n\r\nall of it"
    with pytest.raises(bojagi.Incomplete):
        bojagi.decode_response(data)
    response = bojagi.decode_response(data, eof=True)
    assert (response.body, response.consumed, response.keep_alive) == (b"all of it", len(data), False)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"HTTP/1.1 200",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\nX: y\r\n",
    ],
)
def test_the_end_of_the_transport_in_mid_message_is_an_error(data: bytes) -> None:
    with pytest.raises(bojagi.ProtocolError) as caught:
        bojagi.decode_response(data, eof=True)
    assert (caught.value.reason, caught.value.offset) == ("TRUNCATED", len(data))


@pytest.mark.parametrize("method, body", [("GET", b"abc"), ("HEAD", b""), ("POST", b"abc")])
def test_the_request_method_decides_whether_there_is_a_body(method: str, body: bytes) -> None:
    data = b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc"
    assert bojagi.decode_response(data, method).body == body


def test_a_tunnel_has_no_body() -> None:
    data = b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n"
    response = bojagi.decode_response(data + b"abc", request_method="CONNECT")
    assert (response.body, response.consumed) == (b"", len(data))


@pytest.mark.parametrize(
    "data, reason, offset, status",
    [
        (b"GET / HTTP/1.1\r\n\r\n", "HOST_MISSING", 18, 400),
        (b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", "HOST_REPEATED", None, 400),
        (b"GET /\x01 HTTP/1.1\r\n", "TARGET", 5, 400),
        (b"G@T / HTTP/1.1\r\n", "METHOD", 1, 400),
        (b"GET / HTTP/2.0\r\n", "VERSION", None, 505),
        (b"GET / HTTP/1.1\nHost: a\n\n", "LINE_END", 14, 400),
        (b"GET / HTTP/1.1\r\nHost : a\r\n\r\n", "FIELD_NAME", 20, 400),
        (b"GET / HTTP/1.1\r\nHost: a\r\nX: \x00\r\n\r\n", "FIELD_VALUE", 28, 400),
        (b"GET / HTTP/1.1\r\nHost: a\r\nX: y\r\n z\r\n\r\n", "OBS_FOLD", 31, 400),
        (b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +1\r\n\r\n", "CONTENT_LENGTH_INVALID", None, 400),
        (
            b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
            "FRAMING_CONFLICT",
            None,
            400,
        ),
        (b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n", "TRANSFER_ENCODING_UNKNOWN", None, 501),
        (b"GET /" + b"a" * 20000, "START_LINE_LIMIT", None, 414),
        (b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 300, "FIELD_COUNT_LIMIT", None, 431),
        (b"GET / HTTP/1.1\r\nX: " + b"y" * 2**20, "FIELD_BYTES_LIMIT", None, 431),
    ],
)
def test_bad_requests_say_what_is_wrong_and_where(data: bytes, reason: str, offset: int, status: int) -> None:
    with pytest.raises(bojagi.ProtocolError) as caught:
        bojagi.decode_request(data)
    error = caught.value
    assert (error.reason, error.status, error.stage) == (reason, status, "decode")
    assert offset is None or error.offset == offset
    assert isinstance(error, ValueError) and isinstance(error, bojagi.Error)
    assert error.name in ("SYNTAX", "LIMIT")
    assert str(error.offset) in str(error)


def test_faults_of_a_body_count_from_the_start_of_the_message() -> None:
    head = b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
    for body, reason, offset in [
        (b"zz\r\n", "CHUNK_SIZE", 0),
        (b"3\r\nabcX", "CHUNK_END", 6),
        (b"0\r\nContent-Length: 3\r\n\r\n", "TRAILER_FORBIDDEN", None),
    ]:
        with pytest.raises(bojagi.ProtocolError) as caught:
            bojagi.decode_request(head + body)
        assert caught.value.reason == reason
        assert offset is None or caught.value.offset == len(head) + offset
        assert caught.value.offset >= len(head)


def test_errors_can_be_pickled() -> None:
    with pytest.raises(bojagi.ProtocolError) as caught:
        bojagi.decode_request(b"\x00")
    copy = pickle.loads(pickle.dumps(caught.value))
    assert (copy.reason, copy.offset, str(copy)) == (caught.value.reason, 0, str(caught.value))


def test_a_head_at_the_limits_is_decoded() -> None:
    fields = [("Host", "x")] + [(f"X-{number}", "v" * 200) for number in range(250)]
    message = bojagi.encode_request("GET", "/" + "a" * 16000, fields)
    assert bojagi.decode_request(message).headers.raw == fields


def test_repr_is_short_and_clear() -> None:
    assert repr(bojagi.decode_request(GET)) == "<bojagi.Request GET /a?b=c HTTP/1.1, 3 fields, body 0 bytes>"
    response = bojagi.decode_response(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx")
    assert repr(response) == "<bojagi.Response 200 OK HTTP/1.1, 1 field, body 1 byte>"
