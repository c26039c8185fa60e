"""Many buffers, peeking, files and spinning: what a socket can do beyond one buffer."""

from __future__ import annotations

import io
import mmap
import os
import tempfile
import threading
import time
from array import array
from pathlib import Path
from typing import Any, Callable, Iterator, List

import bojagi
import pytest

from conftest import GENEROUS, Pair

KINDS: List[Callable[[bytes], Any]] = [
    bytes,
    bytearray,
    memoryview,
    lambda data: memoryview(bytearray(data)),
    lambda data: array("B", data),
    lambda data: array("H", data),
    lambda data: mapped(data),
]


def mapped(data: bytes) -> mmap.mmap:
    found = mmap.mmap(-1, len(data))
    found[:] = data
    return found


class Received:
    """What a peer receives on a thread of its own until the end."""

    def __init__(self, sock: bojagi.Socket) -> None:
        self.data = bytearray()
        self.thread = threading.Thread(target=self._run, args=(sock,))
        self.thread.start()

    def _run(self, sock: bojagi.Socket) -> None:
        while True:
            piece = sock.recv(1 << 20, GENEROUS)
            if not piece:
                return
            self.data += piece

    def whole(self) -> bytes:
        self.thread.join()
        return bytes(self.data)


@pytest.mark.parametrize("kind", KINDS)
def test_buffers_of_any_kind_go_out_and_come_in(pair: Pair, kind: Callable[[bytes], Any]) -> None:
    client, server = pair
    client.send_all_vectored([b"<", kind(b"some bytes"), b"", kind(b">>")], GENEROUS)
    assert server.recv_exact(13, GENEROUS) == b"<some bytes>>"
    assert client.send_vectored((piece for piece in (kind(b"ab"), b"c")), GENEROUS) == 3
    assert server.recv_exact(3, GENEROUS) == b"abc"
    assert client.send_vectored([], GENEROUS) == 0
    target = kind(b"......")
    if memoryview(target).readonly:
        with pytest.raises(TypeError):
            server.recv_into(target, 0)
        with pytest.raises(TypeError):
            server.recv_vectored_into([target], 0)
        return
    client.send_all(b"abcdefgh", GENEROUS)
    other = bytearray(4)
    assert server.recv_vectored_into([target, other], GENEROUS) == 8
    assert bytes(memoryview(target).cast("B")) == b"abcdef" and other == b"gh\0\0"
    client.send_all(b"123456", GENEROUS)
    assert server.recv_into(target, GENEROUS) == 6
    assert bytes(memoryview(target).cast("B")) == b"123456"


def test_the_end_is_zero_and_no_room_is_an_error(pair: Pair) -> None:
    client, server = pair
    client.close()
    assert server.recv_vectored_into([bytearray(1)], GENEROUS) == 0
    assert server.peek(1, GENEROUS) == b""
    for buffers in ([], [bytearray()]):
        with pytest.raises(ValueError):
            server.recv_vectored_into(buffers, 0)
    with pytest.raises(TypeError):
        server.send_vectored(["text"], 0)  # type: ignore[list-item]


def test_more_than_the_transport_holds_is_sent_whole_though_signals_come(pair: Pair) -> None:
    from test_signal import Alarms

    client, server = pair
    pieces = [os.urandom(size) for size in (1, 0, 1 << 20, 3 << 20, 17)] * 3
    with Alarms() as alarms:
        received = Received(server)
        client.send_all_vectored(pieces, GENEROUS)
        client.shutdown(bojagi.SHUTDOWN_SEND)
        assert received.whole() == b"".join(pieces)
    assert alarms.count >= 0


def test_a_vectored_send_says_how_far_it_got(pair: Pair) -> None:
    client, server = pair
    pieces = [os.urandom(1 << 20) for _ in range(16)]
    with pytest.raises(bojagi.Timeout) as caught:
        client.send_all_vectored(pieces, 0.05)
    done = caught.value.done
    assert 0 < done < 16 << 20
    assert server.recv_exact(done, GENEROUS) == b"".join(pieces)[:done]


def test_peeked_bytes_are_still_there(pair: Pair) -> None:
    client, server = pair
    with pytest.raises(BlockingIOError):
        server.peek(timeout=0)
    client.send_all(b"abc", GENEROUS)
    assert server.peek(2, GENEROUS) == b"ab"
    assert server.recv_exact(3, GENEROUS) == b"abc"
    with bojagi.udp_bind("127.0.0.1", 0) as receiver:
        with bojagi.udp_connect("127.0.0.1", receiver.local.port or 0) as sender:
            sender.send(b"0123456789", GENEROUS)
            with pytest.raises(bojagi.Truncated) as caught:
                receiver.peek(4, GENEROUS)
            assert (caught.value.data, caught.value.offset) == (b"0123", 10)
            assert receiver.recv(10, GENEROUS) == b"0123456789"


@pytest.fixture
def file() -> Iterator[Any]:
    with tempfile.TemporaryFile() as made:
        made.write(bytes(range(256)) * 1000)
        made.flush()
        made.seek(0)
        yield made


def test_sendfile_sends_the_part_and_moves_only_the_position_it_used(pair: Pair, file: Any) -> None:
    client, server = pair
    data = bytes(range(256)) * 1000
    received = Received(server)
    assert file.read(10) == data[:10]
    assert client.sendfile(file, count=100, timeout=GENEROUS) == 100
    assert file.tell() == 110
    assert client.sendfile(file, 5, 7, GENEROUS) == 7
    assert file.tell() == 110 and file.read(1) == data[110:111]
    assert client.sendfile(file, timeout=GENEROUS) == len(data) - 111
    assert file.read() == b""
    os.lseek(file.fileno(), 3, os.SEEK_SET)
    assert client.sendfile(file.fileno(), count=2, timeout=GENEROUS) == 2
    assert os.lseek(file.fileno(), 0, os.SEEK_CUR) == 5
    assert client.sendfile(file, 1 << 40, timeout=GENEROUS) == 0
    client.shutdown(bojagi.SHUTDOWN_SEND)
    assert received.whole() == data[10:110] + data[5:12] + data[111:] + data[3:5]


def test_sendfile_of_a_file_that_is_too_short_is_incomplete(pair: Pair, file: Any) -> None:
    with pytest.raises(bojagi.Incomplete) as caught:
        pair[0].sendfile(file, 255_990, 20, GENEROUS)
    assert caught.value.done == 10 and isinstance(caught.value, EOFError)


def test_sendfile_says_how_far_it_got_and_goes_on(pair: Pair) -> None:
    client, server = pair
    data = os.urandom(16 << 20)
    with tempfile.TemporaryFile() as file:
        file.write(data)
        file.seek(0)
        with pytest.raises(bojagi.Timeout) as caught:
            client.sendfile(file, timeout=0.05)
        assert 0 < caught.value.done == file.tell() < len(data)
        received = Received(server)
        assert client.sendfile(file, timeout=GENEROUS) == len(data) - caught.value.done
        client.shutdown(bojagi.SHUTDOWN_SEND)
        assert received.whole() == data


def test_sendfile_of_pipes_and_of_proc(pair: Pair) -> None:
    client, server = pair
    out, into = os.pipe()
    try:
        os.write(into, b"through a pipe")
        assert client.sendfile(out, count=7, timeout=GENEROUS) == 7
        os.close(into)
        assert client.sendfile(out, timeout=GENEROUS) == 7
    finally:
        os.close(out)
    assert server.recv_exact(14, GENEROUS) == b"through a pipe"
    version = Path("/proc/version")
    if version.exists():
        with version.open("rb") as file:
            size = client.sendfile(file, timeout=GENEROUS)
        assert server.recv_exact(size, GENEROUS) == version.read_bytes()


@pytest.mark.parametrize(
    "arguments, error",
    [
        ((-1,), ValueError),
        (("name",), (TypeError, AttributeError)),
        ((io.BytesIO(b"x"),), (OSError, ValueError)),
        ((0, -2), ValueError),
        ((0, None, -1), ValueError),
        ((0, "x"), TypeError),
    ],
)
def test_refuses_to_send_what_is_no_file(pair: Pair, arguments: Any, error: Any) -> None:
    untyped: Any = pair[0]
    with pytest.raises(error):
        untyped.sendfile(*arguments, timeout=0)


def test_refuses_text_files(pair: Pair, tmp_path: Path) -> None:
    path = tmp_path / "text"
    path.write_text("text")
    with path.open() as file, pytest.raises(TypeError):
        pair[0].sendfile(file)


def test_spin_keeps_the_budget(pair: Pair) -> None:
    client, server = pair
    server.set_spin(0.001)
    began = time.monotonic()
    with pytest.raises(TimeoutError):
        server.recv(1, 0.03)
    assert 0.025 < time.monotonic() - began < GENEROUS
    client.send_all(b"x", GENEROUS)
    assert server.recv(1, GENEROUS) == b"x"
    server.set_spin(0)
    for wrong in (-1, 0.0011, float("nan")):
        with pytest.raises(ValueError):
            server.set_spin(wrong)
