"""Options by name, what the system knows about a socket, and what only Unix sockets carry."""

from __future__ import annotations

import errno
import os
import socket
import struct
import time
from types import MappingProxyType
from typing import Any, Callable, Dict, Iterator, List, Tuple

import bojagi
import pytest

from conftest import GENEROUS, Pair


@pytest.fixture(params=["stream", "datagram", "seqpacket"])
def unix(request: pytest.FixtureRequest) -> Iterator[Pair]:
    one, other = bojagi.unix_pair(request.param)
    with one, other:
        yield one, other


def test_every_option_of_the_table_reads_as_its_type(pair: Pair) -> None:
    found = dict(pair[0].options)
    assert len(found) > 30 and list(pair[0].options) == list(found)
    for name, value in found.items():
        option = bojagi.OPTIONS[name]
        assert option.readable and option.available and "tcp" in option.kinds
        assert type(value) is {"bool": bool, "text": str}.get(option.type, int)


def test_numbers_are_set_within_their_range_and_the_system_shows_them(pair: Pair) -> None:
    sock = pair[0]
    with socket.socket(fileno=os.dup(sock.fileno())) as plain:
        for name, number, value in [
            ("keepalive_idle", socket.TCP_KEEPIDLE, 33),
            ("keepalive_interval", socket.TCP_KEEPINTVL, 44),
            ("keepalive_count", socket.TCP_KEEPCNT, 5),
            ("user_timeout", 18, 1234),
        ]:
            sock.options[name] = value
            assert sock.options[name] == sock.option(bojagi.OPTIONS[name].id) == value
            assert plain.getsockopt(socket.IPPROTO_TCP, number) == value
            option = bojagi.OPTIONS[name]
            for wrong in (option.min - 1, option.max + 1, 2**63, -(2**70)):
                with pytest.raises(bojagi.ArgumentError, match=name):
                    sock.set_option(name, wrong)
            assert sock.options[name] == value
        sock.options["keepalive"] = True
        assert sock.options["keepalive"] is True
        assert plain.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 1
        sock.options["linger"] = 3
        linger = plain.getsockopt(socket.SOL_SOCKET, socket.SO_LINGER, 8)
        assert struct.unpack("ii", linger) == (1, 3)
        sock.options["linger"] = -1
        assert sock.options["linger"] == -1


def test_texts_are_texts(pair: Pair) -> None:
    sock = pair[0]
    sock.options["congestion"] = "reno"
    assert sock.options["congestion"] == "reno"
    for wrong in ("nonsense", "", "x\0y", "x" * 99):
        with pytest.raises(bojagi.ArgumentError, match="congestion"):
            sock.options["congestion"] = wrong
    with pytest.raises(TypeError, match="congestion"):
        sock.options["congestion"] = 1
    with pytest.raises(TypeError, match="keepalive"):
        sock.options["keepalive"] = "yes"


def test_what_is_unknown_or_of_another_socket_is_unsupported_and_named(pair: Pair) -> None:
    for wrong in ("nonsense", "KEEPALIVE", 0, 4711, -1):
        with pytest.raises(bojagi.Unsupported, match=str(wrong)):
            pair[0].option(wrong)
        with pytest.raises(bojagi.Unsupported, match=str(wrong)):
            pair[0].options[wrong] = 1
    with bojagi.udp_bind("127.0.0.1", 0) as udp:
        with pytest.raises(bojagi.Unsupported, match="nodelay"):
            udp.options["nodelay"] = True
        assert "nodelay" not in udp.options and "broadcast" in udp.options
    with pytest.raises(bojagi.Unsupported, match="accepting"):
        pair[0].options["accepting"] = True


def test_a_listener_has_options_that_its_connections_inherit(listener: bojagi.Listener) -> None:
    listener.options["keepalive_idle"] = 99
    assert listener.options["accepting"] is True and listener.option("keepalive_idle") == 99
    assert bojagi.OPTIONS["keepalive_idle"].inherited
    with bojagi.connect("127.0.0.1", listener.port or 0, GENEROUS):
        _until(lambda: listener.queues().pending == 1)
        with listener.accept(GENEROUS) as server:
            assert server.options["keepalive_idle"] == 99
        assert listener.queues().pending == 0


def test_tcp_info_and_queues_count_bytes(pair: Pair) -> None:
    one, other = pair
    one.send_all(b"x" * 5000, GENEROUS)
    assert len(other.recv_exact(2000, GENEROUS)) == 2000
    _until(lambda: other.queues().unread == 3000)
    other.send_all(b"the acknowledgement comes with it", GENEROUS)
    assert one.recv(100, GENEROUS)
    info = one.tcp_info()
    assert (info.state, info.bytes_sent, info.bytes_acked) == ("ESTABLISHED", 5000, 5001)
    assert info.rtt_us > 0 and info.cwnd > 0 and info.send_mss > 500
    with bojagi.udp_bind("127.0.0.1", 0) as udp, pytest.raises(bojagi.Unsupported):
        udp.tcp_info()


def test_an_error_that_waits_is_taken_once(pair: Pair) -> None:
    one, other = pair
    assert one.pending_error() is None
    other.options["linger"] = 0
    other.close()
    with socket.socket(fileno=os.dup(one.fileno())) as plain:
        plain.setblocking(False)
        while not plain.getsockopt(6, 11, 1) == b"\x07":  # TCP_CLOSE: the reset is in
            pass
    error = one.pending_error()
    assert isinstance(error, bojagi.Reset) and error.errno == errno.ECONNRESET
    assert one.pending_error() is None


def test_a_connection_that_was_not_redirected_has_no_original_address(pair: Pair) -> None:
    with pytest.raises(bojagi.StateError, match="not redirected"):
        pair[1].original


def test_pairs_are_connected_and_know_each_other(unix: Pair) -> None:
    one, other = unix
    one.send_all(b"ping", GENEROUS)
    assert other.recv(10, GENEROUS) == b"ping"
    assert other.peer_credentials == (os.getpid(), os.geteuid(), os.getegid())
    with pytest.raises(ValueError, match="seqpacket"):
        bojagi.unix_pair("raw")


def test_seqpacket_keeps_messages_apart_and_has_an_end() -> None:
    with bojagi.unix_seqpacket_listen("@") as listener:
        name = listener.local.host
        with bojagi.unix_seqpacket_connect(name, GENEROUS) as client, listener.accept(GENEROUS) as server:
            client.send(b"one", GENEROUS)
            client.send(b"two!", GENEROUS)
            assert (server.recv(10, GENEROUS), server.recv(10, GENEROUS)) == (b"one", b"two!")
            with pytest.raises(bojagi.ArgumentError):
                client.send(b"")
            client.close()
            assert server.recv(10, GENEROUS) == b""


def test_descriptors_travel_and_are_the_receivers(unix: Pair) -> None:
    one, other = unix
    reader, writer = os.pipe()
    assert one.send_fds(b"pipe", [reader, writer], GENEROUS) == 4
    os.close(reader)
    os.close(writer)
    data, fds = other.recv_fds(timeout=GENEROUS)
    assert data == b"pipe" and len(fds) == 2 and not any(map(os.get_inheritable, fds))
    os.write(fds[1], b"through")
    assert os.read(fds[0], 100) == b"through"
    _close(fds)
    one.send_fds(b"none", [], GENEROUS)
    assert other.recv_fds(100, timeout=GENEROUS) == (b"none", [])


def test_descriptors_that_do_not_fit_are_closed_and_the_rest_is_there(unix: Pair) -> None:
    one, other = unix
    before = _open()
    one.send_fds(b"four", [0, 1, 2, 0], GENEROUS)
    with pytest.raises(bojagi.Truncated, match="4 descriptors") as caught:
        other.recv_fds(100, 1, GENEROUS)
    assert caught.value.data == b"four" and len(caught.value.fds) == 1
    assert len(_open()) == len(before) + 1
    _close(list(caught.value.fds))
    assert _open() == before


@pytest.mark.parametrize("fds", [[-1], [2**31], [2**70], [2**31 - 1], [0] * 254])
def test_what_is_no_descriptor_is_refused(unix: Pair, fds: List[int]) -> None:
    with pytest.raises(bojagi.ArgumentError, match="descriptor"):
        unix[0].send_fds(b"x", fds, GENEROUS)
    with pytest.raises(BlockingIOError):
        unix[1].recv_fds(timeout=0)


def test_the_budget_of_a_receive_holds(unix: Pair) -> None:
    with pytest.raises(TimeoutError):
        unix[1].recv_fds(timeout=0.02)


def _until(holds: Callable[[], bool]) -> None:
    """What the system does behind a call is done in a moment, but not always at once."""
    end = time.monotonic() + GENEROUS
    while not holds():
        assert time.monotonic() < end


def _open() -> Tuple[str, ...]:
    return tuple(sorted(fd for fd in os.listdir("/proc/self/fd") if os.path.exists(f"/proc/self/fd/{fd}")))


def _close(fds: List[int]) -> None:
    for fd in fds:
        os.close(fd)


def test_options_are_set_before_the_connect_and_before_the_bind() -> None:
    given: "dict[object, object]" = {"keepalive": True, "congestion": "reno", bojagi.OPTIONS["ttl"].id: 9}
    options: Any = given
    with bojagi.listen("127.0.0.1", 0, options=options) as listener:
        assert listener.options["keepalive"] is True
        port = listener.port or 0
        with bojagi.connect("127.0.0.1", port, GENEROUS, options=options) as one:
            with bojagi.Connector("127.0.0.1", port, options=options) as connector:
                with connector.next(GENEROUS) as other, listener.accept(GENEROUS) as accepted:
                    for sock in (one, other, accepted):
                        assert sock.options["keepalive"] is True
                        assert (sock.options["congestion"], sock.options["ttl"]) == ("reno", 9)
    with bojagi.listen("192.0.2.1", 0, options={"freebind": True}) as foreign:
        assert foreign.local.host == "192.0.2.1"
    with bojagi.udp_bind("192.0.2.1", 0, options={"freebind": True}) as datagrams:
        assert datagrams.local.host == "192.0.2.1"
    with bojagi.udp_connect("127.0.0.1", 9, options={"ttl": 3}) as datagrams:
        assert datagrams.options["ttl"] == 3


def test_unix_sockets_take_options_when_they_are_made() -> None:
    options: bojagi.OptionValues = {"send_buffer": 9000}
    made: List[bojagi.Socket] = []
    stream, packets = f"@bojagi-options-{os.getpid()}", f"@bojagi-packets-{os.getpid()}"
    with bojagi.unix_listen(stream), bojagi.unix_seqpacket_listen(packets):
        made += bojagi.unix_pair("datagram", options=options)
        made.append(bojagi.unix_connect(stream, GENEROUS, options=options))
        made.append(bojagi.unix_seqpacket_connect(packets, GENEROUS, options=options))
        made.append(bojagi.unix_datagram_bind(f"{stream}-datagrams", options=options))
        made.append(bojagi.unix_datagram_connect(f"{stream}-datagrams", options=options))
        for sock in made:
            with sock:
                assert sock.options["send_buffer"] == 9000
        for listen in (bojagi.unix_listen, bojagi.unix_seqpacket_listen):
            with pytest.raises(bojagi.Unsupported, match="keepalive"):
                listen("@", options={"keepalive": True})


@pytest.mark.parametrize(
    ("options", "kind", "name"),
    [
        ({"no_such": 1}, bojagi.Unsupported, "no_such"),
        ({"keepalive": 2}, bojagi.ArgumentError, "keepalive"),
        ({"ttl": 2**64}, bojagi.ArgumentError, "ttl"),
        ({"ttl": "9"}, TypeError, "ttl"),
        ({"congestion": 9}, TypeError, "congestion"),
        ({"congestion": "a\0b"}, bojagi.ArgumentError, "congestion"),
        ({"congestion": "no_such"}, bojagi.ArgumentError, "congestion"),
        ({"mtu": 9}, bojagi.Unsupported, "mtu"),
        ({"fast_open": 9}, bojagi.Unsupported, "fast_open"),
    ],
)
def test_a_wrong_option_of_a_connect_is_named(
    listener: bojagi.Listener, options: Any, kind: Any, name: str
) -> None:
    makers: Any = (bojagi.connect, bojagi.Connector)
    for connect in makers:
        with pytest.raises(kind, match=name):
            with connect("127.0.0.1", listener.port or 0, options=options) as made:
                made.next(GENEROUS)


def test_options_of_a_socket_that_is_to_be_made_are_any_mapping(listener: bojagi.Listener) -> None:
    """Typed by names, by ids or by both: mypy reads this test, too."""
    by_name: Dict[str, bool] = {"keepalive": True}
    by_id: Dict[int, int] = {bojagi.OPTIONS["keepalive"].id: 1}
    every: List[bojagi.OptionValues] = [by_name, by_id, MappingProxyType(by_name)]
    for options in every:
        with bojagi.connect("127.0.0.1", listener.port or 0, GENEROUS, options=options) as sock:
            assert sock.option("keepalive") is True
    untyped: Any = bojagi
    for wrong in (["keepalive"], "keepalive", 5, {"keepalive"}):
        with pytest.raises(TypeError, match="options are a mapping of names to values"):
            untyped.connect("127.0.0.1", listener.port, GENEROUS, options=wrong)
