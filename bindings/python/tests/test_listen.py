"""Listening: its options, accepting many, and descriptors from a service manager."""

from __future__ import annotations

import os
import socket
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any, Callable, List

import bojagi
import pytest

from conftest import GENEROUS


def connect(listener: bojagi.Listener) -> bojagi.Socket:
    assert listener.port is not None
    return bojagi.connect("127.0.0.1", listener.port, GENEROUS)


def stale(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(path))


def option(source: Any, level: int, name: int) -> int:
    with socket.socket(fileno=os.dup(source.fileno())) as twin:
        return twin.getsockopt(level, name)


def test_accept_many_takes_what_is_there_up_to_the_limit(listener: bojagi.Listener) -> None:
    with pytest.raises(bojagi.WouldBlock):
        listener.accept_many(timeout=0)
    with pytest.raises(bojagi.Timeout):
        listener.accept_many(timeout=0.01)
    clients = [connect(listener) for _ in range(5)]
    accepted = listener.accept_many(3)
    assert len(accepted) == 3
    accepted += listener.accept_many(timeout=GENEROUS)
    assert [sock.peer for sock in accepted] == [sock.local for sock in clients]
    for sock in clients + accepted:
        sock.close()


@pytest.mark.parametrize("limit", [0, -1, 65537])
def test_accept_many_refuses_a_limit_that_is_none(listener: bojagi.Listener, limit: int) -> None:
    with pytest.raises(bojagi.ArgumentError):
        listener.accept_many(limit)


def test_closing_a_listener_ends_accept_many(listener: bojagi.Listener) -> None:
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor() as pool:
        waiting = pool.submit(listener.accept_many)
        while not waiting.running():
            pass
        listener.close()
        with pytest.raises(ValueError, match="closed"):
            waiting.result(GENEROUS)


def test_ports_are_shared_by_those_who_ask_for_it() -> None:
    with bojagi.listen("127.0.0.1", 0, reuse_port=True) as first:
        assert first.port is not None
        with pytest.raises(bojagi.AddressInUse):
            bojagi.listen("127.0.0.1", first.port)
        bojagi.listen("127.0.0.1", first.port, reuse_port=True).close()
    with bojagi.udp_bind("127.0.0.1", 0, reuse_port=True) as udp:
        assert option(udp, socket.SOL_SOCKET, socket.SO_REUSEPORT) == 1


def test_options_reach_the_socket() -> None:
    with bojagi.listen("127.0.0.1", 0, reuse_address=False, fast_open=5, interface="lo") as listener:
        assert option(listener, socket.SOL_SOCKET, socket.SO_REUSEADDR) == 0
        assert option(listener, socket.IPPROTO_TCP, socket.TCP_FASTOPEN) == 5
        with socket.socket(fileno=os.dup(listener.fileno())) as twin:
            assert twin.getsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, 16) == b"lo\0"
        connect(listener).close()
    with bojagi.listen("127.0.0.1", 0, defer_accept=1) as listener:
        assert option(listener, socket.IPPROTO_TCP, socket.TCP_DEFER_ACCEPT) >= 1


def test_ipv6_alone_is_ipv6_alone() -> None:
    try:
        listener = bojagi.listen("::", 0, v6_only=True)
    except bojagi.Error as error:
        pytest.skip(f"no IPv6 here: {error}")
    with listener:
        assert option(listener, socket.IPPROTO_IPV6, socket.IPV6_V6ONLY) == 1
    with pytest.raises(bojagi.ArgumentError, match="V6_ONLY"):
        bojagi.listen("127.0.0.1", 0, v6_only=True)


def test_a_dead_path_is_replaced_and_a_live_one_or_a_file_is_not(tmp_path: Path) -> None:
    path = tmp_path / "s"
    stale(path)
    with pytest.raises(bojagi.AddressInUse):
        bojagi.unix_listen(path)
    with bojagi.unix_listen(path, replace=True) as listener:
        with pytest.raises(bojagi.AddressInUse):
            bojagi.unix_listen(path, replace=True)
        with pytest.raises(bojagi.WouldBlock):
            listener.accept(0)
        bojagi.unix_connect(path, GENEROUS).close()
    stale(path)
    with bojagi.unix_datagram_bind(path, replace=True):
        pass
    path.write_text("mine")
    with pytest.raises(bojagi.AddressInUse):
        bojagi.unix_listen(path, replace=True)
    assert path.read_text() == "mine"


@pytest.mark.parametrize("mode", [0o600, 0o666])
def test_mode_is_what_was_asked_for(tmp_path: Path, mode: int) -> None:
    makers: List[Callable[..., Any]] = [bojagi.unix_listen, bojagi.unix_datagram_bind]
    for make in makers:
        with make(tmp_path / "s", mode=mode):
            assert stat.S_IMODE((tmp_path / "s").stat().st_mode) == mode


@pytest.mark.parametrize(
    "call",
    [
        lambda: bojagi.unix_listen("@x", mode=0o600),
        lambda: bojagi.unix_listen("/x", mode=0),
        lambda: bojagi.unix_listen("/x", mode=0o1000),
        lambda: bojagi.unix_listen("@x", replace=True),
        lambda: bojagi.listen("127.0.0.1", 0, interface=""),
        lambda: bojagi.listen("127.0.0.1", 0, interface="x" * 16),
        lambda: bojagi.listen("127.0.0.1", 0, fast_open=-1),
        lambda: bojagi.listen("127.0.0.1", 0, defer_accept=2**31),
    ],
)
def test_wrong_options_are_argument_errors(call: Callable[[], Any]) -> None:
    with pytest.raises(bojagi.ArgumentError):
        call()


def test_wanted_is_what_selectors_takes(listener: bojagi.Listener) -> None:
    import selectors

    assert (bojagi.READABLE, bojagi.WRITABLE) == (selectors.EVENT_READ, selectors.EVENT_WRITE)
    assert listener.wanted == 0
    with pytest.raises(bojagi.WouldBlock):
        listener.accept(0)
    assert listener.wanted == bojagi.READABLE
    with connect(listener) as client, listener.accept(GENEROUS) as server, selectors.DefaultSelector() as loop:
        assert (listener.wanted, server.wanted) == (0, 0)
        with pytest.raises(bojagi.WouldBlock):
            server.recv(timeout=0)
        loop.register(server, server.wanted)
        assert loop.select(0) == []
        client.send(b"x")
        assert [mask for _, mask in loop.select(GENEROUS)] == [selectors.EVENT_READ]
        assert server.recv(timeout=0) == b"x"
        assert server.wanted == 0


CHILD = """
import os, sys
os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS=sys.argv[1], LISTEN_FDNAMES=sys.argv[2])
import bojagi
try:
    passed = bojagi.listen_fds()
except bojagi.ArgumentError as error:
    print("error", error)
    sys.exit()
print(*passed)
assert not any(os.get_inheritable(fd) for fd, _ in passed)
with bojagi.Listener.from_fd(passed[0][0]) as listener:
    print(listener.port)
"""


def start(listening: socket.socket, *arguments: str) -> List[str]:
    """Runs CHILD with the listener as its descriptor 3."""
    code = (
        "import os, sys; fd = int(sys.argv[1]); fd == 3 or os.dup2(fd, 3); os.set_inheritable(3, True); "
        "os.execv(sys.executable, [sys.executable, '-c', *sys.argv[2:]])"
    )
    command = [sys.executable, "-c", code, str(listening.fileno()), CHILD, *arguments]
    done = subprocess.run(
        command, pass_fds=[listening.fileno()], stdout=subprocess.PIPE, check=True, timeout=60, text=True
    )
    return done.stdout.splitlines()


def test_listen_fds_gives_what_the_manager_passed() -> None:
    assert bojagi.listen_fds() == []
    with socket.create_server(("127.0.0.1", 0)) as listening:
        assert start(listening, "1", "web") == ["(3, 'web')", str(listening.getsockname()[1])]
        assert start(listening, "x", "web")[0].startswith("error")
        assert "LISTEN_FDNAMES" in start(listening, "1", "a:b")[0]
