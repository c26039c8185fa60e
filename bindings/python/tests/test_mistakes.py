"""What beginners get wrong: each mistake is told by its name, in the words of Python."""

from __future__ import annotations

from typing import Any, Callable, Iterator, Type

import bojagi
import pytest

from conftest import GENEROUS, Pair

untyped: Any = bojagi
"""As those see it who do not check types."""

PAGE = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"


@pytest.fixture
def datagrams() -> Iterator[bojagi.Socket]:
    with bojagi.udp_bind("127.0.0.1", 0) as made:
        yield made


@pytest.mark.parametrize(
    "call, kind, words",
    [
        (lambda: untyped.connect("127.0.0.1", "80"), TypeError, "a port is an int, not str"),
        (lambda: untyped.connect("127.0.0.1", 80.0), TypeError, "a port is an int, not float"),
        (lambda: untyped.connect("127.0.0.1", 70000), ValueError, "a port is 0 to 65535, not 70000"),
        (lambda: untyped.connect(None, 80), TypeError, "a host is a str, not NoneType"),
        (lambda: untyped.connect(b"127.0.0.1", 80), TypeError, "a host is a str, not bytes"),
        (lambda: untyped.connect("", 80), ValueError, "the host is empty"),
        (lambda: untyped.connect("127.0.0.1", 80, "5"), TypeError, "a timeout is seconds, None or a Deadline, not str"),
        (lambda: untyped.connect("127.0.0.1", 80, -1), ValueError, "a timeout must be None or at least 0"),
        (lambda: untyped.connect("127.0.0.1", 80, cancel="c"), TypeError, "cancel is a bojagi.Cancel, not str"),
        (lambda: untyped.listen("127.0.0.1", 0, backlog=-1), ValueError, "a backlog is 0 to"),
        (lambda: untyped.listen("127.0.0.1", 0, backlog="5"), TypeError, "a backlog is an int, not str"),
        (lambda: untyped.resolve("localhost", None), TypeError, "a port is an int, not NoneType"),
        (lambda: untyped.Socket.from_fd("0"), TypeError, "a descriptor is an int, not str"),
        (lambda: untyped.Listener.from_fd("0"), TypeError, "a descriptor is an int, not str"),
        (lambda: untyped.Deadline("5"), TypeError, "a timeout is seconds"),
        (lambda: untyped.Deadline(float("nan")), ValueError, "a timeout must be None or at least 0"),
        (lambda: untyped.connect("127.0.0.1", 80, float("nan")), ValueError, "a timeout must be None or at least 0"),
        (lambda: untyped.Socket.from_fd(2**32), ValueError, "4294967296 is no descriptor"),
        (lambda: untyped.Socket.from_fd(2**64), ValueError, "no descriptor"),
        (lambda: untyped.Socket.from_fd(-1), ValueError, "-1 is no descriptor"),
        (lambda: untyped.Listener.from_fd(2**64), ValueError, "no descriptor"),
        (lambda: untyped.Socket(), TypeError, "bojagi.connect"),
        (lambda: untyped.Socket(0), TypeError, "bojagi.connect"),
        (lambda: untyped.Listener(5), TypeError, "bojagi.listen"),
        (lambda: untyped.listen("127.0.0.1", 0, interface="lo\0x"), ValueError, "an interface must not hold a NUL"),
        (lambda: untyped.listen("127.0.0.1", 0, interface=5), TypeError, "an interface is a str, not int"),
        (lambda: untyped.listen("127.0.0.1", 0, fast_open=2**32), ValueError, "fast_open is 0 to"),
        (lambda: untyped.listen("127.0.0.1", 0, defer_accept=1.5), TypeError, "defer_accept is an int, not float"),
        (lambda: untyped.unix_listen("@x", mode=2**32 + 0o600), ValueError, "a mode is"),
        (lambda: untyped.unix_pair(None), ValueError, "a pair is one of"),
        (lambda: untyped.connect("127.0.0.1", 80, family=5), ValueError, "a family is 4, 6 or None"),
        (lambda: untyped.connect("127.0.0.1", 80, attempt_delay=float("inf")), ValueError, "an attempt delay is"),
        (lambda: untyped.connect("127.0.0.1", 80, attempt_delay="1"), TypeError, "a timeout is seconds"),
        (lambda: untyped.connect("127.0.0.1", 80, hosts={"a": "b"}), TypeError, "hosts is a bojagi.Hosts, not dict"),
        (lambda: untyped.connect("127.0.0.1", 80, local=5), TypeError, "."),
        (lambda: untyped.connect("x.test", 80, resolver=5), TypeError, "not callable"),
        (lambda: untyped.Hosts({"x.test": "127.0.0.1"}), TypeError, "addresses are a list, not one str"),
        (lambda: untyped.connect("x.test", 80, 1, resolver=lambda *_: "::1"), TypeError, "addresses are a list, not"),
        (lambda: untyped.Poller(cancel=5), TypeError, "cancel is a bojagi.Cancel, not int"),
        (lambda: untyped.Frames("text", "u16"), TypeError, "frames are sent over a bojagi.Socket, not str"),
        (lambda: untyped.Reader(None), TypeError, "over a bojagi.Socket, not NoneType"),
        (lambda: untyped.FrameFormat("u24"), ValueError, "a kind of frame is one of"),
        (lambda: untyped.FrameFormat(5), TypeError, "a kind of frame is a str, not int"),
        (lambda: untyped.FrameFormat(), TypeError, "a frame has a kind or a delimiter"),
        (lambda: untyped.FrameFormat(delimiter="\n"), TypeError, "a delimiter is bytes, not str"),
        (lambda: untyped.FrameFormat("u8", limit=-1), ValueError, "a limit is 1 to"),
        (lambda: untyped.FrameFormat("u8", limit=2**64 + 1), ValueError, "a limit is 1 to"),
        (lambda: untyped.FrameFormat("u8", limit=1.5), TypeError, "a limit is an int, not float"),
        (lambda: untyped.FrameFormat("u8").encode(5), TypeError, "not 'int'"),
        (lambda: untyped.FrameFormat("u8").encode("x"), TypeError, "not 'str'"),
        (lambda: untyped.FrameFormat("u8").decode(5), TypeError, "not 'int'"),
    ],
)
def test_what_is_no_argument_of_a_socket(call: Callable[[], Any], kind: Type[Exception], words: str) -> None:
    with pytest.raises(kind, match=words):
        call()


@pytest.mark.parametrize(
    "call, kind, words",
    [
        (lambda: untyped.encode_request("GET", "/", None), TypeError, "headers are a mapping"),
        (lambda: untyped.encode_request("GET", "/", "Host: x"), TypeError, "headers are a mapping"),
        (lambda: untyped.encode_request("GET", "/", ["Host: x"]), TypeError, "headers are a mapping"),
        (lambda: untyped.encode_request("GET", "/", {"Host": 5}), TypeError, "5 is int, where str or bytes"),
        (lambda: untyped.encode_request("GET", "/", {"Host": "x", "a b": "c"}), ValueError, "in header 'a b'"),
        (lambda: untyped.encode_request("GET", "/", {"Host": "\u20ac"}), UnicodeEncodeError, "latin-1"),
        (lambda: untyped.encode_request("GET", "/", {"Host": "x"}, "text"), TypeError, "not 'str'"),
        (lambda: untyped.encode_response("200"), TypeError, "a status is an int, not str"),
        (lambda: untyped.encode_response(200, b"hello"), TypeError, "headers are a mapping"),
        (lambda: untyped.decode_response(PAGE, True), TypeError, "a method is a str, not bool"),
        (lambda: untyped.decode_response("text"), TypeError, "not 'str'"),
        (lambda: untyped.ResponseDecoder(5), TypeError, "a method is a str, not int"),
    ],
)
def test_what_is_no_message(call: Callable[[], Any], kind: Type[Exception], words: str) -> None:
    with pytest.raises(kind, match=words):
        call()


@pytest.mark.parametrize(
    "call, kind, words",
    [
        (lambda sock: sock.send_all("text", GENEROUS), TypeError, "not 'str'"),
        (lambda sock: sock.recv("10", GENEROUS), TypeError, "a size is an int, not str"),
        (lambda sock: sock.recv(10.0, GENEROUS), TypeError, "a size is an int, not float"),
        (lambda sock: sock.recv(-1, GENEROUS), ValueError, "a size must not be negative"),
        (lambda sock: sock.recv(0, GENEROUS), ValueError, "a buffer without room"),
        (lambda sock: sock.shutdown("both"), TypeError, "how is an int, not str"),
        (lambda sock: sock.shutdown(2**32 + 1), ValueError, "how is one of"),
        (lambda sock: sock.shutdown(-1), ValueError, "how is one of"),
        (lambda sock: sock.set_cancel(5), TypeError, "cancel is a bojagi.Cancel, not int"),
        (lambda sock: sock.recv(10, float("nan")), ValueError, "a timeout must be None or at least 0"),
        (lambda sock: sock.recv_into(b"read-only", GENEROUS), TypeError, "writable"),
        (lambda sock: sock.recv_into(5, GENEROUS), TypeError, "not 'int'"),
        (lambda sock: sock.recv_exact(-1, GENEROUS), ValueError, "a size must not be negative"),
        (lambda sock: sock.recv_exact(2**64 + 1, GENEROUS), (OverflowError, MemoryError), "."),
        (lambda sock: sock.peek(-1, GENEROUS), ValueError, "a size must not be negative"),
        (lambda sock: sock.peek(2**64 + 1, GENEROUS), (OverflowError, MemoryError), "."),
        (lambda sock: sock.send_vectored(b"bytes", GENEROUS), TypeError, "not 'int'"),
        (lambda sock: sock.send_vectored(["text"], GENEROUS), TypeError, "not 'str'"),
        (lambda sock: sock.recv_vectored_into([b"read-only"], GENEROUS), TypeError, "writable"),
        (lambda sock: sock.send_fds(b"x", [2**64]), ValueError, "no descriptor"),
        (lambda sock: sock.send_fds(b"x", ["0"]), TypeError, "a descriptor is an int, not str"),
        (lambda sock: sock.recv_fds(max_fds=-1), ValueError, "a size must not be negative"),
        (lambda sock: sock.set_spin(float("nan")), ValueError, "a spin is 0 to 0.001 seconds"),
        (lambda sock: sock.set_spin("1"), TypeError, "."),
        (lambda sock: sock.set_option("keepalive_idle", 2**64), ValueError, "out of range"),
        (lambda sock: sock.set_option("keepalive_idle", 1.5), TypeError, "keepalive_idle is an int, not float"),
        (lambda sock: sock.set_option("congestion", 5), TypeError, "congestion is a str, not int"),
        (lambda sock: sock.set_option(2**32 + 1, 1), bojagi.Unsupported, "there is no option"),
        (lambda sock: sock.option(None), TypeError, "an option is an int, not NoneType"),
        (lambda sock: untyped.Reader(sock, limit=0), ValueError, "a limit is 1 to"),
        (lambda sock: untyped.Reader(sock, limit=2**64), ValueError, "a limit is 1 to"),
        (lambda sock: untyped.Reader(sock).recv_until("\n", GENEROUS), TypeError, "a delimiter is bytes, not str"),
        (lambda sock: untyped.Reader(sock).recv_until(b"", GENEROUS), ValueError, "a delimiter has 1 to 16 bytes"),
        (lambda sock: untyped.Frames(sock, "u8").send("text"), TypeError, "not 'str'"),
        (lambda sock: untyped.Frames(sock, "u8").send(5), TypeError, "not 'int'"),
    ],
)
def test_what_a_stream_refuses(
    pair: Pair, call: Callable[[bojagi.Socket], Any], kind: Type[Exception], words: str
) -> None:
    with pytest.raises(kind, match=words):
        call(pair[0])


@pytest.mark.parametrize(
    "call, kind, words",
    [
        (lambda sock: sock.send_to(b"x", ("localhost", 9)), ValueError, "'localhost' is no numeric address"),
        (lambda sock: sock.send_to(b"x", ("127.0.0.1",)), ValueError, r"an address is \(host, port\)"),
        (lambda sock: sock.send_to(b"x", ("::1", 9, 0, 0)), ValueError, r"an address is \(host, port\)"),
        (lambda sock: sock.send(b"x", GENEROUS), bojagi.StateError, "send_to"),
        (lambda sock: sock.recv_exact(1, GENEROUS), bojagi.Unsupported, "a datagram comes whole"),
        (lambda sock: sock.send_batch(b"bytes", GENEROUS), TypeError, "bytes-like object"),
        (lambda sock: sock.send_batch(["text"], GENEROUS), TypeError, "bytes-like object"),
        (lambda sock: sock.send_batch(5, GENEROUS), TypeError, "not iterable"),
        (lambda sock: sock.send_batch([b"x"], float("nan")), ValueError, "a timeout must be None or at least 0"),
        (lambda sock: sock.recv_batch(0), ValueError, "a batch has room for 1 datagram or more"),
        (lambda sock: sock.recv_batch(1, -1), ValueError, "a batch has room for 1 datagram or more"),
        (lambda sock: sock.recv_batch("1"), TypeError, "a count is an int, not str"),
        (lambda sock: sock.recv_batch(2**64 + 1, 1), (OverflowError, MemoryError), "."),
        (lambda sock: sock.recv_datagram(-1), ValueError, "a size must not be negative"),
        (lambda sock: sock.send_datagram(b"x", ("127.0.0.1", 9), tos=2**32), ValueError, "a tos is a small number"),
        (lambda sock: sock.send_datagram(b"x", ("127.0.0.1", 9), hops=-1), ValueError, "a hop limit is a small"),
        (lambda sock: sock.send_datagram(b"x", ("127.0.0.1", 9), hops="1"), TypeError, "a hop limit is an int"),
        (lambda sock: sock.send_datagram(b"x", ("127.0.0.1", 9), interface=2**32), ValueError, "an interface is a"),
        (lambda sock: sock.multicast_join("nobody"), ValueError, "no numeric address"),
        (lambda sock: sock.multicast_join(5), TypeError, "a host is a str, not int"),
        (lambda sock: sock.multicast_join("224.0.0.251", interface=-1), ValueError, "."),
    ],
)
def test_what_a_datagram_socket_refuses(
    datagrams: bojagi.Socket, call: Callable[[bojagi.Socket], Any], kind: Type[Exception], words: str
) -> None:
    with pytest.raises(kind, match=words):
        call(datagrams)


@pytest.mark.parametrize(
    "call, kind, words",
    [
        (lambda poller: poller.add("0"), TypeError, "a source is an int, not str"),
        (lambda poller: poller.add(-1), ValueError, "-1 is no descriptor"),
        (lambda poller: poller.add(2**64), ValueError, "no descriptor"),
        (lambda poller: poller.change(2**64), ValueError, "no descriptor"),
        (lambda poller: poller.remove(2**64), ValueError, "no descriptor"),
        (lambda poller: poller.add(0, readable=False), ValueError, "."),
        (lambda poller: poller.wait(0, limit=0), ValueError, "a limit is 1 to"),
        (lambda poller: poller.wait(0, limit=2**64 + 1), ValueError, "a limit is 1 to"),
        (lambda poller: poller.wait(0, limit="1"), TypeError, "a limit is an int, not str"),
        (lambda poller: poller.wait(float("nan")), ValueError, "a timeout must be None or at least 0"),
    ],
)
def test_what_a_poller_refuses(call: Callable[[bojagi.Poller], Any], kind: Type[Exception], words: str) -> None:
    with bojagi.Poller() as poller, pytest.raises(kind, match=words):
        call(poller)


@pytest.mark.parametrize(
    "call, kind, words",
    [
        (lambda listener: listener.accept(cancel=5), TypeError, "cancel is a bojagi.Cancel, not int"),
        (lambda listener: listener.accept_many(0), ValueError, "a limit is 1 to"),
        (lambda listener: listener.accept_many(2**64 + 1), ValueError, "a limit is 1 to"),
        (lambda listener: listener.accept_many(1.0), TypeError, "a limit is an int, not float"),
    ],
)
def test_what_a_listener_refuses_costs_no_connection(
    listener: bojagi.Listener, call: Callable[[bojagi.Listener], Any], kind: Type[Exception], words: str
) -> None:
    with bojagi.connect("127.0.0.1", listener.port or 0, GENEROUS):
        with pytest.raises(kind, match=words):
            call(listener)
        listener.accept(GENEROUS).close()


def test_a_listener_is_no_socket(listener: bojagi.Listener) -> None:
    """The library could not tell their pointers apart."""
    with pytest.raises(TypeError, match="frames are sent over a bojagi.Socket, not Listener"):
        untyped.Frames(listener, "u16")


def test_only_a_peer_that_closed_is_an_end_of_stream(pair: Pair) -> None:
    client, server = pair
    server.send_all(b"ab", GENEROUS)
    with pytest.raises(bojagi.Timeout) as slow:
        client.recv_exact(5, 0.05)
    assert slow.value.data == b"ab"
    server.close()
    with pytest.raises(bojagi.EndOfStream):
        client.recv_exact(5, GENEROUS)
