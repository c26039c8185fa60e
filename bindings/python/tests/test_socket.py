"""Stream sockets: bytes both ways, budgets, and errors that Python programmers catch already."""

from __future__ import annotations

import errno
import os
import socket
import time
from pathlib import Path
from typing import Any, Callable

import bojagi
import pytest

from conftest import GENEROUS, Pair


def test_bytes_go_both_ways(pair: Pair) -> None:
    client, server = pair
    client.send_all(b"ping", GENEROUS)
    assert server.recv_exact(4, GENEROUS) == b"ping"
    assert server.send(b"pong", GENEROUS) == 4
    assert client.recv(timeout=GENEROUS) == b"pong"


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview, lambda data: memoryview(bytearray(data))])
def test_sends_any_kind_of_bytes(pair: Pair, kind: Callable[[bytes], Any]) -> None:
    client, server = pair
    client.send_all(kind(b"some bytes"), GENEROUS)
    client.send_all(kind(b""), GENEROUS)
    assert server.recv_exact(10, GENEROUS) == b"some bytes"


@pytest.mark.parametrize("wrong", ["text", 5, None])
def test_refuses_to_send_what_is_not_bytes(pair: Pair, wrong: Any) -> None:
    for call in (pair[0].send, pair[0].send_all):
        with pytest.raises(TypeError):
            call(wrong)


def test_recv_into_fills_the_callers_buffer(pair: Pair) -> None:
    client, server = pair
    client.send_all(b"abcdef", GENEROUS)
    buffer = bytearray(b"----------")
    count = server.recv_into(memoryview(buffer)[2:6], GENEROUS)
    assert buffer == b"--" + b"abcdef"[:count] + b"----------"[2 + count :]
    with pytest.raises((TypeError, BufferError, ValueError)):
        server.recv_into(b"read-only")  # type: ignore[arg-type]


def test_the_peers_close_is_an_empty_recv_and_a_short_exact_recv(pair: Pair) -> None:
    client, server = pair
    client.send_all(b"abc", GENEROUS)
    client.shutdown(bojagi.SHUTDOWN_SEND)
    with pytest.raises(bojagi.EndOfStream) as caught:
        server.recv_exact(4, GENEROUS)
    assert (caught.value.data, caught.value.done) == (b"abc", 3)
    assert isinstance(caught.value, EOFError) and isinstance(caught.value, BrokenPipeError)
    assert server.recv(10, GENEROUS) == b""
    client.shutdown(bojagi.SHUTDOWN_SEND)
    client.shutdown()


def test_sends_more_than_the_transport_holds(pair: Pair) -> None:
    client, server = pair
    data = os.urandom(1 << 20)
    got = bytearray()
    view = memoryview(data)
    while view:
        try:
            view = view[client.send(view, 0) :]
        except BlockingIOError:
            got += server.recv(1 << 20, GENEROUS)
    client.shutdown(bojagi.SHUTDOWN_SEND)
    while True:
        piece = server.recv(1 << 20, GENEROUS)
        if not piece:
            break
        got += piece
    assert got == data


def test_send_all_says_how_far_it_got(pair: Pair) -> None:
    client, server = pair
    data = bytes(64 << 20)
    with pytest.raises(TimeoutError) as caught:
        client.send_all(data, 0.05)
    assert isinstance(caught.value, bojagi.Timeout)
    done = caught.value.done
    assert 0 < done < len(data)
    client.shutdown(bojagi.SHUTDOWN_SEND)
    assert server.recv_exact(done, GENEROUS) == data[:done]
    assert server.recv(1, GENEROUS) == b""


@pytest.mark.parametrize("timeout", [0.05, bojagi.Deadline(0.05)])
def test_a_budget_is_kept(pair: Pair, timeout: Any) -> None:
    if isinstance(timeout, bojagi.Deadline):
        timeout = bojagi.Deadline(0.05)
    began = time.monotonic()
    with pytest.raises(TimeoutError) as caught:
        pair[0].recv(10, timeout)
    assert 0.04 < time.monotonic() - began < GENEROUS
    assert isinstance(caught.value, bojagi.Error)
    assert (caught.value.name, caught.value.errno) == ("TIMEOUT", errno.ETIMEDOUT)


def test_a_passed_deadline_is_a_timeout_and_a_budget_of_nothing_would_block(pair: Pair) -> None:
    client, server = pair
    with pytest.raises(BlockingIOError) as caught:
        client.recv(10, 0)
    assert isinstance(caught.value, bojagi.WouldBlock) and caught.value.errno == errno.EAGAIN
    passed = bojagi.Deadline(0)
    assert passed.left() == 0
    with pytest.raises(TimeoutError):
        client.recv(10, passed)
    server.send_all(b"x", GENEROUS)
    assert client.recv(10, bojagi.Deadline(GENEROUS)) == b"x"
    assert bojagi.Deadline(None).left() is None


@pytest.mark.parametrize("timeout", [-1, -0.001, float("nan"), float("-inf")])
def test_refuses_a_timeout_that_is_none(pair: Pair, timeout: float) -> None:
    with pytest.raises(ValueError):
        pair[0].recv(10, timeout)


def test_forever_can_be_said_in_three_ways(pair: Pair) -> None:
    client, server = pair
    for timeout in (None, float("inf"), bojagi.Deadline(None)):
        server.send_all(b"x")
        assert client.recv(1, timeout) == b"x"


@pytest.mark.parametrize("size", [-1, 0])
def test_refuses_a_size_that_holds_nothing(pair: Pair, size: int) -> None:
    with pytest.raises(ValueError):
        pair[0].recv(size, 0)


def test_addresses_are_pairs_that_print_well(pair: Pair, listener: bojagi.Listener) -> None:
    client, server = pair
    assert client.peer == server.local == listener.local
    assert client.local == server.peer
    host, port = client.peer
    assert (host, port) == ("127.0.0.1", listener.port)
    assert str(client.peer) == f"127.0.0.1:{port}"
    assert str(bojagi.Address("::1", 80)) == "[::1]:80"
    assert str(bojagi.Address("/p", None)) == "unix:/p"


def test_repr_is_clear(pair: Pair, listener: bojagi.Listener) -> None:
    client, _ = pair
    assert repr(client) == f"<bojagi.Socket fd={client.fileno()} local={client.local} peer={client.peer}>"
    assert repr(listener) == f"<bojagi.Listener {listener.local}>"
    client.close()
    listener.close()
    assert (repr(client), repr(listener)) == ("<bojagi.Socket closed>", "<bojagi.Listener closed>")


def test_ipv6_works_like_ipv4() -> None:
    try:
        listener = bojagi.listen("::1", 0)
    except OSError:
        pytest.skip("no IPv6 on this machine")
    with listener, bojagi.connect("::1", listener.port or 0, GENEROUS) as client:
        assert client.peer.host == "::1"
        listener.accept(GENEROUS).close()


def test_nobody_listening_is_refused() -> None:
    with bojagi.listen("127.0.0.1", 0) as listener:
        port = listener.port or 0
    with pytest.raises(ConnectionRefusedError) as caught:
        bojagi.connect("127.0.0.1", port, GENEROUS)
    error = caught.value
    assert isinstance(error, bojagi.Refused)
    assert (error.name, error.errno, error.stage) == ("REFUSED", errno.ECONNREFUSED, "connect")
    assert len(error.attempts) == 1 and error.attempts[0].errno == errno.ECONNREFUSED
    assert str(port) in str(error)


def test_a_port_that_is_taken_is_in_use(listener: bojagi.Listener) -> None:
    with pytest.raises(OSError) as caught:
        bojagi.listen("127.0.0.1", listener.port or 0)
    assert isinstance(caught.value, bojagi.AddressInUse) and caught.value.errno == errno.EADDRINUSE


def test_a_name_that_cannot_be_is_not_resolved() -> None:
    with pytest.raises(socket.gaierror) as caught:
        bojagi.connect("no-such-name.invalid", 80, GENEROUS)
    assert isinstance(caught.value, bojagi.ResolveError) and caught.value.stage == "resolve"


@pytest.mark.parametrize("port", [-1, 65536, 2**32 + 80])
def test_refuses_a_port_out_of_range(port: int) -> None:
    for call in (bojagi.connect, bojagi.listen, bojagi.udp_bind, bojagi.udp_connect, bojagi.resolve):
        with pytest.raises(ValueError):
            call("127.0.0.1", port)


def test_refuses_a_host_with_a_nul_in_it() -> None:
    with pytest.raises(ValueError):
        bojagi.connect("127.0.0.1\0.example", 80, 0)
    with pytest.raises(TypeError):
        bojagi.connect(7, 80, 0)  # type: ignore[arg-type]


def test_resolves_numeric_hosts_and_localhost() -> None:
    assert bojagi.resolve("127.0.0.1", 80, GENEROUS) == [("127.0.0.1", 80)]
    assert {address.host for address in bojagi.resolve("localhost", 80, GENEROUS)} <= {"127.0.0.1", "::1"}


def test_sending_to_a_closed_peer_is_a_broken_pipe_or_a_reset(pair: Pair) -> None:
    client, server = pair
    server.close()
    with pytest.raises((BrokenPipeError, ConnectionResetError)) as caught:
        for _ in range(100):
            client.send_all(bytes(65536), GENEROUS)
    assert isinstance(caught.value, bojagi.Error) and caught.value.stage == "send"


def test_descriptors_go_out_and_come_in(pair: Pair, listener: bojagi.Listener) -> None:
    client, server = pair
    client.send_all(b"abc", GENEROUS)
    with bojagi.Socket.from_fd(os.dup(server.fileno())) as twin:
        assert twin.recv_exact(3, GENEROUS) == b"abc"
    with bojagi.Listener.from_fd(os.dup(listener.fileno())) as other:
        assert other.port == listener.port
    assert not os.get_inheritable(client.fileno())
    with pytest.raises((OSError, ValueError)):
        bojagi.Socket.from_fd(-1)


def test_a_listener_is_iterated_until_it_is_closed(listener: bojagi.Listener) -> None:
    clients = [bojagi.connect("127.0.0.1", listener.port or 0, GENEROUS) for _ in range(3)]
    accepted = []
    for number, sock in enumerate(listener):
        accepted.append(sock)
        if number == 2:
            listener.close()
    assert [sock.peer for sock in accepted] == [client.local for client in clients]
    for sock in (*clients, *accepted):
        sock.close()


def test_talks_with_pythons_own_sockets(listener: bojagi.Listener) -> None:
    with socket.create_connection(("127.0.0.1", listener.port or 0)) as theirs, listener.accept(GENEROUS) as ours:
        theirs.sendall(b"from Python")
        assert ours.recv_exact(11, GENEROUS) == b"from Python"
        ours.send_all(b"from bojagi", GENEROUS)
        assert theirs.recv(100) == b"from bojagi"


def test_unix_streams_by_path_and_by_name(tmp_path: Path) -> None:
    path = tmp_path / "s"
    for where in (path, str(path), os.fsencode(path), f"@bojagi-test-{os.getpid()}"):
        with bojagi.unix_listen(where) as listener, bojagi.unix_connect(where, GENEROUS) as client:
            with listener.accept(GENEROUS) as server:
                client.send_all(b"x", GENEROUS)
                assert server.recv(1, GENEROUS) == b"x"
                assert client.peer == bojagi.Address(os.fsdecode(where), None)
            assert listener.port is None
        assert not path.exists()


def test_unix_errors(tmp_path: Path) -> None:
    path = tmp_path / "s"
    with pytest.raises(ConnectionRefusedError):
        bojagi.unix_connect(path, GENEROUS)
    with bojagi.unix_listen(path), pytest.raises(bojagi.AddressInUse):
        bojagi.unix_listen(path)
    with pytest.raises(ValueError):
        bojagi.unix_connect("a" * 200, GENEROUS)
    with pytest.raises(ValueError):
        bojagi.unix_connect("a\0b", GENEROUS)
