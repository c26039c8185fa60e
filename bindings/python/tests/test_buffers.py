"""Buffers that a call works in: held while it does, let go when it ends, whatever its kind."""

from __future__ import annotations

import io
import mmap
import os
import tempfile
from array import array
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Callable, Dict

import bojagi
import pytest

from conftest import GENEROUS, Pair
from test_life import waits_in_a_call

untyped: Any = bojagi

WAITS: Dict[str, Callable[[bojagi.Socket, bytearray], Any]] = {
    "recv_into": lambda sock, data: sock.recv_into(data, 0),
    "recv_exact_into": lambda sock, data: sock.recv_exact_into(data, 0),
    "recv_vectored_into": lambda sock, data: sock.recv_vectored_into([data], 0),
    "send": lambda sock, data: sock.send(data, 0),
    "send_all": lambda sock, data: sock.send_all(data, 0),
    "send_vectored": lambda sock, data: sock.send_vectored([data], 0),
    "send_all_vectored": lambda sock, data: sock.send_all_vectored([data], 0),
    "send_to": lambda sock, data: sock.send_to(data, ("127.0.0.1", 9), 0),
    "send_batch": lambda sock, data: sock.send_batch([data], 0),
    "send_datagram": lambda sock, data: sock.send_datagram(data, timeout=0),
    "Frames.send": lambda sock, data: bojagi.Frames(sock, "u32").send(data, 0),
}


@pytest.mark.parametrize("call", WAITS.values(), ids=WAITS.keys())
def test_a_call_that_failed_lets_go_of_its_buffer(pair: Pair, call: Callable[[bojagi.Socket, bytearray], Any]) -> None:
    """Also inside `except`, where the traceback still knows the frames of the call."""
    sock, data = pair[0], bytearray(1 << 16)
    try:
        while True:  # until nothing more goes
            call(sock, data)
    except (OSError, ValueError):
        data.append(1)


@pytest.mark.parametrize("call", ["recv_into", "recv_exact_into", "recv_vectored_into"])
def test_a_buffer_cannot_be_resized_under_a_call(pair: Pair, call: str) -> None:
    client, server = pair
    data = bytearray(4)
    with ThreadPoolExecutor() as threads:
        argument = [data] if call == "recv_vectored_into" else data
        waiting = threads.submit(getattr(client, call), argument, GENEROUS)
        waits_in_a_call(client)
        with pytest.raises(BufferError):
            data.extend(bytes(1 << 20))
        server.send_all(b"here", GENEROUS)
        waiting.result(GENEROUS)
    data.extend(b"!")
    assert data == b"here!"


def test_every_kind_of_buffer_is_sent_and_filled(pair: Pair) -> None:
    client, server = pair
    with mmap.mmap(-1, 4) as mapped:
        mapped[:] = b"mmap"
        grid = memoryview(bytes(range(4))).cast("B", (2, 2))
        every_other = memoryview(bytearray(b"a-b-c-d-"))[::2]
        kinds: Any = [b"byte", bytearray(b"arry"), memoryview(b"view"), mapped, array("H", [1, 2]), grid, every_other]
        whole = b"".join(memoryview(kind).tobytes() for kind in kinds)
        for send in (client.send, client.send_all):
            for kind in kinds:
                send(kind, GENEROUS)
            assert server.recv_exact(len(whole), GENEROUS) == whole
        client.send_all_vectored(kinds, GENEROUS)
        assert server.recv_exact(len(whole), GENEROUS) == whole
        frames = bojagi.Frames(client, "u8")
        for kind in kinds:
            frames.send(kind, GENEROUS)
        assert [bojagi.Frames.recv(got, GENEROUS) for got in [bojagi.Frames(server, "u8")] for _ in kinds] == [
            memoryview(kind).tobytes() for kind in kinds
        ]
        client.send_all(b"1234" * 3, GENEROUS)
        numbers = array("I", [0])
        for into in (mapped, numbers, memoryview(bytearray(4)).cast("B", (2, 2))):
            server.recv_exact_into(into, GENEROUS)
            assert memoryview(into).tobytes() == b"1234"


def test_what_is_left_of_a_buffer_with_gaps_is_sent_on(pair: Pair) -> None:
    """`send_all` of it times out half-way, and says how much has gone."""
    client, server = pair
    data = memoryview(bytearray(os.urandom(1 << 24)))[::2]
    with pytest.raises(bojagi.Timeout) as caught:
        client.send_all(data, 0.05)
    assert 0 < caught.value.done < len(data)
    assert server.recv_exact(caught.value.done, GENEROUS) == data.tobytes()[: caught.value.done]


def test_receiving_exactly_into_a_buffer(pair: Pair) -> None:
    client, server = pair
    data = bytearray(8)
    server.send_all(b"first", GENEROUS)
    with pytest.raises(bojagi.Timeout) as slow:
        client.recv_exact_into(data, 0.05)
    assert (slow.value.done, bytes(data[:5])) == (5, b"first")
    server.send_all(b"sec", GENEROUS)
    client.recv_exact_into(memoryview(data)[5:], GENEROUS)
    assert data == b"firstsec"
    server.close()
    with pytest.raises(bojagi.EndOfStream):
        client.recv_exact_into(data, GENEROUS)
    for wrong in (b"read-only", "text", 5, memoryview(bytearray(8))[::2]):
        with pytest.raises(TypeError):
            untyped.Socket.recv_exact_into(client, wrong, 0)


def test_a_file_without_a_descriptor_cannot_be_sent(pair: Pair) -> None:
    with pytest.raises(io.UnsupportedOperation):
        pair[0].sendfile(io.BytesIO(b"data"))
    for wrong in ("name", None, b"name", 5.0):
        with pytest.raises(TypeError, match="a file is a descriptor or an object with fileno"):
            pair[0].sendfile(wrong)
    with tempfile.TemporaryFile() as file:
        file.write(b"data")
        for offset, count, words in [
            (2**64, None, "an offset is 0 to"),
            (2**63, None, "an offset is 0 to"),
            (-1, None, "an offset is 0 to"),
            (0, 2**64 + 4, "a count is 0 to"),
            (0, -1, "a count is 0 to"),
        ]:
            with pytest.raises(ValueError, match=words):
                pair[0].sendfile(file, offset, count)
        with pytest.raises(ValueError, match="no descriptor"):
            pair[0].sendfile(2**64 + file.fileno(), 0, 4)
