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
        (lambda sock: sock.set_cancel(5), TypeError, "cancel is a bojagi.Cancel, not int"),
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
    ],
)
def test_what_a_datagram_socket_refuses(
    datagrams: bojagi.Socket, call: Callable[[bojagi.Socket], Any], kind: Type[Exception], words: str
) -> None:
    with pytest.raises(kind, match=words):
        call(datagrams)


def test_only_a_peer_that_closed_is_an_end_of_stream(pair: Pair) -> None:
    client, server = pair
    server.send_all(b"ab", GENEROUS)
    with pytest.raises(bojagi.Timeout) as slow:
        client.recv_exact(5, 0.05)
    assert slow.value.data == b"ab"
    server.close()
    with pytest.raises(bojagi.EndOfStream):
        client.recv_exact(5, GENEROUS)
