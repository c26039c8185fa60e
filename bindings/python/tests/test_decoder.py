"""Incremental decoding gives the same however the bytes are cut."""

from __future__ import annotations

import time
from typing import Any, List, Tuple, Type, Union

import bojagi
import pytest

REQUESTS = (
    b"GET /1 HTTP/1.1\r\nHost: x\r\n\r\n"
    b"\r\nPOST /2 HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nbody"
    b"POST /3 HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nA\r\n0123456789\r\n0\r\nT: v\r\n\r\n"
    b"GET /4 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\nwhat follows"
)
RESPONSES = (
    b"HTTP/1.1 100 Continue\r\n\r\n"
    b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n"
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
    b"HTTP/1.1 204 No Content\r\n\r\n"
    b"HTTP/1.1 200 OK\r\n\r\nuntil the end"
)
Decoder = Union[bojagi.RequestDecoder, bojagi.ResponseDecoder]


def gather(events: List[Any]) -> List[Tuple[Any, ...]]:
    """Messages as plain tuples, the pieces of a body joined."""
    messages: List[List[Any]] = []
    for event in events:
        if isinstance(event, bojagi.Data):
            assert event.data
            messages[-1][1] += event.data
        elif isinstance(event, bojagi.End):
            messages[-1] += [event.trailers.raw, event.keep_alive]
        else:
            start = [getattr(event, name, None) for name in ("method", "target", "status", "reason", "version")]
            messages.append([(*start, tuple(event.headers.raw), event.consumed), b""])
    return [tuple(message) for message in messages]


def run(make: Any, pieces: List[bytes]) -> Tuple[Any, ...]:
    """Everything that can be told apart: messages, what is left, and the error."""
    decoder: Decoder = make()
    events: List[Any] = []
    try:
        for piece in pieces:
            events += decoder.feed(piece)
        events += decoder.feed(b"", eof=True)
    except bojagi.ProtocolError as error:
        events += error.events
        return gather(events), (error.reason, error.offset, error.status, error.code)
    return gather(events), (decoder.finished, decoder.rest)


def responses() -> bojagi.ResponseDecoder:
    decoder = bojagi.ResponseDecoder()
    decoder.expect("HEAD", "GET")
    return decoder


CASES = [
    (bojagi.RequestDecoder, REQUESTS),
    (responses, RESPONSES),
    (bojagi.RequestDecoder, REQUESTS[:60] + b"\x00" + REQUESTS[60:]),
    (bojagi.RequestDecoder, REQUESTS[:28] + b"GET / HTTP/1.1\r\n\r\n"),
    (bojagi.RequestDecoder, REQUESTS.replace(b"A\r\n0", b"G\r\n0")),
    (bojagi.RequestDecoder, REQUESTS.replace(b"abc\r\n", b"abcd\r\n")),
    (bojagi.RequestDecoder, REQUESTS.replace(b"T: v", b"Host: v")),
    (bojagi.RequestDecoder, REQUESTS.partition(b"T: v")[0]),
    (bojagi.RequestDecoder, REQUESTS.partition(b"ody")[0]),
    (responses, RESPONSES.replace(b"204 No", b"020 No")),
]


@pytest.mark.parametrize("make, data", CASES)
def test_byte_by_byte_is_the_same_as_whole(make: Any, data: bytes) -> None:
    assert run(make, [data[i : i + 1] for i in range(len(data))]) == run(make, [data])


@pytest.mark.parametrize("make, data", CASES)
def test_cut_in_two_anywhere_is_the_same_as_whole(make: Any, data: bytes) -> None:
    whole = run(make, [data])
    for cut in range(len(data) + 1):
        assert run(make, [data[:cut], data[cut:]]) == whole, cut


def test_the_same_as_decoding_whole_messages() -> None:
    events, position = gather(bojagi.RequestDecoder().feed(REQUESTS)), 0
    for (start, body, trailers, keep_alive) in events:
        request = bojagi.decode_request(REQUESTS[position:])
        assert (request.method, request.target, request.body) == (start[0], start[1], body)
        assert (request.trailers.raw, request.keep_alive) == (trailers, keep_alive)
        position += request.consumed
    assert REQUESTS[position:] == b"what follows"
    assert len(events) == 4


def test_nothing_follows_a_close() -> None:
    decoder = bojagi.RequestDecoder()
    decoder.feed(REQUESTS)
    assert decoder.finished
    assert decoder.rest == b"what follows"
    assert decoder.feed(b" and more") == []
    assert decoder.rest == b"what follows and more"


def test_a_body_until_the_end_has_no_end_before_it() -> None:
    decoder = bojagi.ResponseDecoder()
    head, piece = decoder.feed(b"HTTP/1.1 200 OK\r\n\r\nabc")
    assert isinstance(head, bojagi.Response) and piece == bojagi.Data(b"abc")
    assert decoder.feed(b"def") == [bojagi.Data(b"def")]
    assert not decoder.finished
    (end,) = decoder.feed(b"", eof=True)
    assert isinstance(end, bojagi.End) and not end.keep_alive
    assert decoder.finished and decoder.rest == b""


@pytest.mark.parametrize("status, method", [(b"101 Switching Protocols", "GET"), (b"200 OK", "CONNECT")])
def test_nothing_follows_a_switch_of_protocol(status: bytes, method: str) -> None:
    decoder = bojagi.ResponseDecoder(method)
    events = decoder.feed(b"HTTP/1.1 " + status + b"\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\nHTTP/1.1 200")
    assert [type(event) for event in events] == [bojagi.Response, bojagi.End]
    assert decoder.finished and decoder.rest == b"HTTP/1.1 200"


UPGRADE = b"GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n"
CONNECT = b"CONNECT x:443 HTTP/1.1\r\nHost: x:443\r\n\r\n"


def test_a_declined_upgrade_can_be_followed_by_requests() -> None:
    decoder = bojagi.RequestDecoder()
    events: List[Any] = decoder.feed(UPGRADE + REQUESTS[:28])
    assert [type(event) for event in events] == [bojagi.Request, bojagi.End]
    assert decoder.finished and decoder.rest == REQUESTS[:28]
    events = [*decoder.resume()]
    assert events[0].target == "/1"
    assert not decoder.finished and decoder.rest == b""


@pytest.mark.parametrize("last", [REQUESTS[: -len(b"what follows")], CONNECT])
def test_a_close_and_a_tunnel_cannot_be_resumed(last: bytes) -> None:
    decoder = bojagi.RequestDecoder()
    decoder.feed(last + b"what follows")
    assert decoder.finished and decoder.resume() == []
    assert decoder.finished and decoder.rest == b"what follows"


def test_methods_in_flight_are_used_up_by_final_responses_only() -> None:
    decoder = bojagi.ResponseDecoder("GET")
    decoder.expect("HEAD")
    decoder.expect("GET", "HEAD")
    early = b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
    final = b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n"
    events = decoder.feed(early + early + final + early + final + b"x" + final + final + b"y")
    assert [body for _, body, *_ in gather(list(events))] == [b"", b"", b"", b"", b"x", b"", b"y"]


def test_an_error_brings_the_events_before_it_and_stays() -> None:
    decoder = bojagi.RequestDecoder()
    good, bad = REQUESTS[:28], b"BAD\x00 / HTTP/1.1\r\n"
    with pytest.raises(bojagi.ProtocolError) as caught:
        decoder.feed(good + bad)
    assert [type(event) for event in caught.value.events] == [bojagi.Request, bojagi.End]
    assert caught.value.offset == 3
    assert decoder.finished and decoder.rest == bad
    with pytest.raises(bojagi.ProtocolError):
        decoder.feed(good)


def test_the_end_between_messages_is_fine() -> None:
    decoder = bojagi.RequestDecoder()
    assert len(decoder.feed(REQUESTS[:28], eof=True)) == 2
    assert decoder.feed(b"", eof=True) == []
    with pytest.raises(bojagi.StateError):
        decoder.feed(b"more")


@pytest.mark.parametrize("kind", [bytearray, memoryview])
def test_takes_any_kind_of_bytes(kind: Type[Any]) -> None:
    assert len(bojagi.RequestDecoder().feed(kind(REQUESTS[:28]))) == 2


@pytest.mark.parametrize(
    "start, unit, end",
    [
        (b"GET / HTTP/1.1\r\nHost: x\r\nX: ", b"y", b"\r\n\r\n"),
        (b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\nz\r\n", b"0\r\n\r\n"),
        (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n", b"z", b""),
    ],
)
def test_feeding_byte_by_byte_costs_linear_time(start: bytes, unit: bytes, end: bytes) -> None:
    def cost(size: int) -> float:
        data = (start % size if b"%d" in start else start) + unit * (size // len(unit)) + end
        pieces = [data[i : i + 1] for i in range(len(data))]
        best = 1e9
        for _ in range(3):
            decoder = bojagi.RequestDecoder()
            began = time.process_time()
            for piece in pieces:
                decoder.feed(piece)
            best = min(best, time.process_time() - began)
        return best

    # Eight times the bytes: eight times the time if it is linear, 64 times if it is quadratic.
    assert cost(48_000) < 24 * cost(6_000)


def test_a_decoder_is_finished_when_the_transport_is() -> None:
    decoder = bojagi.ResponseDecoder("GET")
    assert decoder.feed(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n") and not decoder.finished
    assert decoder.feed(b"", eof=True) == [] and decoder.finished


def test_an_empty_line_before_the_end_of_the_transport_is_no_message() -> None:
    decoder = bojagi.RequestDecoder()
    events = decoder.feed(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nhi\r\n")
    assert [type(event) for event in events] == [bojagi.Request, bojagi.Data, bojagi.End]
    assert decoder.feed(b"", eof=True) == []
    assert decoder.finished
    with pytest.raises(bojagi.ProtocolError):
        bojagi.RequestDecoder().feed(b"\r\nG", eof=True)
