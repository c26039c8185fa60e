"""Frames: whole messages over a stream, with limits, budgets and iteration."""

from __future__ import annotations

import threading
import time
from typing import Any, Dict, Iterator, List

import bojagi
import pytest

from conftest import GENEROUS, Pair

FORMATS: List[Dict[str, Any]] = [
    {"kind": "u8"},
    {"kind": "u16"},
    {"kind": "u32", "little_endian": True},
    {"kind": "u64"},
    {"kind": "varint"},
    {"delimiter": b"\n"},
    {"delimiter": b"--0123456789--"},
]


@pytest.fixture(params=FORMATS, ids=str)
def form(request: Any) -> Iterator[Dict[str, Any]]:
    yield request.param


def test_frames_are_iterated_until_the_peer_closes(pair: Pair, form: Dict[str, Any]) -> None:
    client, server = pair
    payloads = [b"", b"x", bytes(200), b"last"]
    with bojagi.Frames(client, **form) as ours:
        for payload in payloads:
            ours.send(payload, GENEROUS)
    assert client.closed
    with bojagi.Frames(server, **form, timeout=GENEROUS) as theirs:
        assert list(theirs) == payloads
        with pytest.raises(bojagi.EndOfStream):
            theirs.recv()


def test_encode_and_decode_agree_for_every_cut(form: Dict[str, Any]) -> None:
    numbers = bojagi.FrameFormat(**form)
    for payload in (b"", b"hello", bytearray(130)):
        whole = numbers.encode(payload)
        assert all(numbers.decode(whole[:cut]) is None for cut in range(len(whole)))
        assert numbers.decode(memoryview(whole + b"more")) == (bytes(payload), len(whole))


def test_encodes_as_python_would() -> None:
    assert bojagi.FrameFormat("u16").encode(b"hi") == b"\0\x02hi"
    assert bojagi.FrameFormat("u32", little_endian=True).encode(b"hi") == b"\x02\0\0\0hi"
    assert bojagi.FrameFormat("varint").encode(bytes(300))[:2] == b"\xac\x02"
    assert bojagi.FrameFormat(delimiter=b"\r\n").encode(b"hi") == b"hi\r\n"


def test_the_limit_holds_on_both_sides(pair: Pair, form: Dict[str, Any]) -> None:
    client, server = pair
    with bojagi.Frames(client, **form, limit=100) as ours, bojagi.Frames(server, **form, limit=99) as theirs:
        with pytest.raises(bojagi.LimitError):
            ours.send(bytes(101), 0)
        with pytest.raises(bojagi.LimitError):
            ours.format.encode(bytes(101))
        ours.send(bytes(99), GENEROUS)
        ours.send(bytes(100), GENEROUS)
        assert theirs.recv(GENEROUS) == bytes(99)
        for _ in range(2):
            with pytest.raises(bojagi.LimitError):
                theirs.recv(GENEROUS)


def test_large_frames_make_the_buffer_grow(pair: Pair) -> None:
    client, server = pair
    for form in ({"kind": "u32"}, {"delimiter": b"\r\n"}):
        frames = bojagi.Frames(client, **form, limit=4 << 20, timeout=GENEROUS)
        theirs = bojagi.Frames(server, **form, limit=4 << 20, timeout=GENEROUS)
        payload = bytes(4 << 20)
        sender = threading.Thread(target=frames.send, args=(payload,))
        sender.start()
        assert theirs.recv() == payload
        sender.join()
        frames.send(b"small")
        assert theirs.recv() == b"small"


def test_a_frame_that_was_half_sent_is_finished(pair: Pair) -> None:
    client, server = pair
    ours, theirs = bojagi.Frames(client, "u32", limit=1 << 25), bojagi.Frames(server, "u32", limit=1 << 25)
    payload = bytes(1 << 25)
    with pytest.raises(bojagi.Timeout) as caught:
        ours.send(payload, 0.03)
    assert 0 < caught.value.done < len(payload)
    with pytest.raises(bojagi.StateError):
        ours.send(b"another", 0)
    sender = threading.Thread(target=ours.send, args=(bytearray(payload), GENEROUS))
    sender.start()
    assert theirs.recv(GENEROUS) == payload
    sender.join()
    ours.send(b"another", GENEROUS)
    assert theirs.recv(GENEROUS) == b"another"


def test_nothing_is_lost_when_a_budget_runs_out(pair: Pair) -> None:
    client, server = pair
    theirs = bojagi.Frames(server, "u16", timeout=0.02)
    for piece in (b"\0", b"\5he", b"ll"):
        client.send_all(piece, GENEROUS)
        began = time.monotonic()
        with pytest.raises(TimeoutError):
            theirs.recv()
        assert 0.015 < time.monotonic() - began < GENEROUS
    client.send_all(b"o\0\1!", GENEROUS)
    assert [theirs.recv(), theirs.recv(0)] == [b"hello", b"!"]
    with pytest.raises(BlockingIOError):
        theirs.recv(0)


def test_a_peer_that_closes_inside_a_frame_leaves_what_came(pair: Pair) -> None:
    client, server = pair
    client.send_all(b"\0\5hel", GENEROUS)
    client.close()
    with pytest.raises(bojagi.Incomplete) as caught:
        bojagi.Frames(server, "u16").recv(GENEROUS)
    assert caught.value.data == b"\0\5hel" and isinstance(caught.value, EOFError)
    assert not isinstance(caught.value, bojagi.EndOfStream)


def test_a_malformed_length_is_a_protocol_error(pair: Pair) -> None:
    client, server = pair
    client.send_all(b"\x80\x00", GENEROUS)
    with pytest.raises(bojagi.ProtocolError):
        bojagi.Frames(server, "varint").recv(GENEROUS)


def test_a_payload_that_holds_the_delimiter_is_refused(pair: Pair) -> None:
    lines = bojagi.Frames(pair[0], delimiter=b"\r\n")
    for call in (lines.send, lines.format.encode):
        with pytest.raises(ValueError):
            call(b"a\r\nb")


def test_a_reader_goes_from_delimiter_to_delimiter(pair: Pair) -> None:
    client, server = pair
    client.send_all(b"one two\r\nthree\0", GENEROUS)
    with bojagi.Reader(server, limit=16) as reader:
        assert reader.recv_until(b" ", GENEROUS) == b"one"
        assert reader.recv_until(b"\r\n", GENEROUS) == b"two"
        assert reader.recv_until(b"\0", GENEROUS) == b"three"
        client.send_all(b"x" * 16 + b"\n" + b"y" * 17 + b"\n", GENEROUS)
        assert reader.recv_until(b"\n", GENEROUS) == b"x" * 16
        with pytest.raises(bojagi.LimitError):
            reader.recv_until(b"\n", GENEROUS)
        with pytest.raises(ValueError):
            reader.recv_until(b"")
    assert server.closed


@pytest.mark.parametrize(
    "arguments, error",
    [
        ({"kind": "u24"}, ValueError),
        ({}, TypeError),
        ({"kind": "u8", "delimiter": b"x"}, TypeError),
        ({"delimiter": b""}, ValueError),
        ({"delimiter": b"x" * 17}, ValueError),
        ({"kind": "varint", "little_endian": True}, ValueError),
        ({"kind": "u8", "limit": 0}, ValueError),
        ({"kind": "u8", "limit": -1}, ValueError),
        ({"kind": "u8", "limit": 2**64}, ValueError),
    ],
)
def test_refuses_formats_that_are_none(arguments: Dict[str, Any], error: Any) -> None:
    with pytest.raises(error):
        bojagi.FrameFormat(**arguments)


def test_frames_need_a_stream() -> None:
    with bojagi.Frames(bojagi.udp_bind("127.0.0.1", 0), "u16") as frames, pytest.raises(bojagi.Unsupported):
        frames.recv(0)
