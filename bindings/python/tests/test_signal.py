"""Signals: Ctrl-C ends any wait at once, and other signals end none."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from typing import Any, List

import bojagi
import pytest

from conftest import GENEROUS, Pair

WAITS = {
    "recv": "bojagi.connect('127.0.0.1', listener.port, 5).recv(10, 30)",
    "recv for ever": "bojagi.connect('127.0.0.1', listener.port, 5).recv()",
    "recv until a deadline": "bojagi.connect('127.0.0.1', listener.port, 5).recv(10, bojagi.Deadline(30))",
    "recv_exact": "bojagi.connect('127.0.0.1', listener.port, 5).recv_exact(10, 30)",
    "recv on an accepted socket": (
        "peer = bojagi.connect('127.0.0.1', listener.port, 5); listener.accept().recv(1, 30)"
    ),
    "send_all": "bojagi.connect('127.0.0.1', listener.port, 5).send_all(bytes(1 << 28), 30)",
    "accept": "listener.accept(30)",
    "iteration": "list(listener)",
    "recv_from": "bojagi.udp_bind('127.0.0.1', 0).recv_from(10, 30)",
    "recv_into": "one.recv_into(bytearray(10), 30)",
    "recv_exact_into": "one.recv_exact_into(bytearray(10), 30)",
    "recv_vectored_into": "one.recv_vectored_into([bytearray(10)], 30)",
    "peek": "one.peek(10, 30)",
    "recv_until": "bojagi.Reader(one).recv_until(b'.', 30)",
    "Frames.recv": "bojagi.Frames(one, 'u16').recv(30)",
    "iteration over frames": "list(bojagi.Frames(one, 'u16'))",
    "recv_fds": "one.recv_fds(timeout=30)",
    "recv_batch": "bojagi.udp_bind('127.0.0.1', 0).recv_batch(timeout=30)",
    "recv_datagram": "bojagi.udp_bind('127.0.0.1', 0).recv_datagram(timeout=30)",
    "send for ever": "while True: one.send(bytes(1 << 20))",
    "send_vectored": "while True: one.send_vectored([bytes(1 << 20)], 30)",
    "send_all_vectored": "one.send_all_vectored([bytes(1 << 28)], 30)",
    "send_fds": "while True: one.send_fds(bytes(1 << 20), [0], 30)",
    "Frames.send": "bojagi.Frames(one, 'u32', limit=1 << 28).send(bytes(1 << 28), 30)",
    "send_batch": "while True: datagrams[0].send_batch([b'x'] * 1000, 30)",
    "send_datagram": "while True: datagrams[0].send_datagram(b'x', timeout=30)",
    "send_to": "while True: datagrams[0].send(b'x', 30)",
    "sendfile": "file = tempfile.TemporaryFile(); file.truncate(1 << 30); one.sendfile(file, timeout=30)",
    "sendfile of a pipe": "one.sendfile(os.pipe()[0], timeout=30)",
    "accept_many": "listener.accept_many(timeout=30)",
    "Poller.wait": "bojagi.Poller().wait(30)",
    "Poller.wait for ever": "bojagi.Poller().wait()",
    "connect": "bojagi.connect('127.0.0.1', full(), 30)",
    "connect with a cancel": "bojagi.connect('127.0.0.1', full(), 30, cancel=bojagi.Cancel())",
    "connect to several": (
        "bojagi.connect('x.test', full(), 30, hosts=bojagi.Hosts({'x.test': ['127.0.0.1', '127.0.0.2']}))"
    ),
    "connect with a resolver": "bojagi.connect('x.test', 80, 30, resolver=lambda *_: time.sleep(30))",
    "connector with a resolver": "bojagi.Connector('x.test', 80, resolver=lambda *_: time.sleep(30))",
    "Connector.next": "bojagi.Connector('127.0.0.1', full()).next(30)",
    "Connector.next for ever": "bojagi.Connector('127.0.0.1', full()).next(None)",
    "unix_connect": "path = full_unix(); bojagi.unix_connect(path, 30)",
    "unix_seqpacket_connect": "path = full_unix('seqpacket_'); bojagi.unix_seqpacket_connect(path, 30)",
    "recv with a cancel": "bojagi.udp_bind('127.0.0.1', 0, cancel=bojagi.Cancel()).recv(10, 30)",
}


PRELUDE = """
import bojagi, os, signal, tempfile, time
signal.signal(signal.SIGINT, signal.default_int_handler)
listener = bojagi.listen('127.0.0.1', 0)
one, other = bojagi.unix_pair()
datagrams = bojagi.unix_pair('datagram')
kept = []

def full():
    "The port of a listener that takes no more connections."
    kept.append(bojagi.listen('127.0.0.1', 0, backlog=1))
    fill(lambda: bojagi.connect('127.0.0.1', kept[0].port, 0.1))
    return kept[0].port

def full_unix(kind=''):
    path = f'@bojagi-full-{os.getpid()}'
    kept.append(getattr(bojagi, f'unix_{kind}listen')(path, backlog=1))
    fill(lambda: getattr(bojagi, f'unix_{kind}connect')(path, 0))
    return path

def fill(connect):
    try:
        while True:
            kept.append(connect())
    except (TimeoutError, BlockingIOError):
        pass
"""


@pytest.mark.parametrize("wait", WAITS.values(), ids=WAITS.keys())
def test_ctrl_c_ends_a_wait_at_once(wait: str) -> None:
    program = f"{PRELUDE}print('ready', flush=True)\n{wait}\n"
    with subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        began = time.monotonic()
        errors = b""
        # A signal that comes between Python's last look and the system call is seen after the wait only, as
        # with Python's own sockets: the second one reaches the wait.
        while process.poll() is None and time.monotonic() - began < GENEROUS:
            process.send_signal(signal.SIGINT)
            try:
                _, errors = process.communicate(timeout=GENEROUS / 4)
            except subprocess.TimeoutExpired:
                pass
        process.kill()
    assert time.monotonic() - began < GENEROUS
    assert b"KeyboardInterrupt" in errors
    assert process.returncode in (-signal.SIGINT, 1)


class Alarms:
    """A handler that counts, on a timer that fires again and again."""

    def __init__(self) -> None:
        self.count = 0

    def __enter__(self) -> "Alarms":
        self.before = signal.signal(signal.SIGALRM, self.handle)
        signal.setitimer(signal.ITIMER_REAL, 0.01, 0.01)
        return self

    def __exit__(self, *_: Any) -> None:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, self.before)

    def handle(self, *_: Any) -> None:
        self.count += 1


def test_other_signals_neither_end_nor_stretch_a_wait(pair: Pair) -> None:
    began = time.monotonic()
    with Alarms() as alarms, pytest.raises(TimeoutError):
        pair[0].recv(10, 0.2)
    assert 0.19 < time.monotonic() - began < GENEROUS
    assert alarms.count > 1


def test_signals_lose_no_byte_of_a_long_transfer(pair: Pair) -> None:
    client, server = pair
    data = os.urandom(1 << 20) * 64
    sent: List[BaseException] = []

    def send() -> None:
        try:
            view = memoryview(data)
            for start in range(0, len(data), 1 << 22):
                server.send_all(view[start : start + (1 << 22)], GENEROUS)
        except BaseException as error:
            sent.append(error)

    sender = threading.Thread(target=send)
    with Alarms() as alarms:
        sender.start()
        got = client.recv_exact(len(data), GENEROUS * 3)
        sender.join()
        while not alarms.count:
            signal.pause()
    assert not sent
    assert got == data


def test_a_handler_may_use_the_library_in_the_middle_of_a_call(pair: Pair) -> None:
    client, server = pair
    seen: List[str] = []

    def handle(*_: Any) -> None:
        seen.append(bojagi.decode_request(b"GET /signal HTTP/1.1\r\nHost: x\r\n\r\n").target)
        server.send_all(b"x", GENEROUS)

    before = signal.signal(signal.SIGALRM, handle)
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.02)
        assert client.recv(10, GENEROUS) == b"x"
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert seen == ["/signal"]


def test_a_handler_may_close_the_socket_it_interrupts(pair: Pair) -> None:
    client, _ = pair
    before = signal.signal(signal.SIGALRM, lambda *_: client.close())
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.02)
        with pytest.raises((ValueError, OSError)):
            client.recv(10, GENEROUS)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert client.closed and client._pointer == 0


def test_a_cancel_may_be_fired_from_a_handler(pair: Pair) -> None:
    client, _ = pair
    with bojagi.Cancel() as cancel:
        client.set_cancel(cancel)
        before = signal.signal(signal.SIGALRM, lambda *_: cancel.fire())
        try:
            signal.setitimer(signal.ITIMER_REAL, 0.02)
            with pytest.raises(bojagi.Cancelled):
                client.recv(10, GENEROUS)
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, before)


def test_signals_do_not_begin_a_connect_anew() -> None:
    """A profiler's timer is faster than many networks: what it interrupts goes on instead."""
    asked: List[str] = []

    def look_up(host: str, _port: int) -> List[str]:
        asked.append(host)
        return ["127.0.0.1"]

    with bojagi.listen("127.0.0.1", 0, backlog=1) as listener, contextlib.ExitStack() as kept:
        with contextlib.suppress(TimeoutError):
            while True:
                kept.enter_context(bojagi.connect("127.0.0.1", listener.port or 0, 0.1))
        began = time.monotonic()
        with Alarms() as alarms, pytest.raises(bojagi.Timeout) as caught:
            bojagi.connect("x.test", listener.port or 0, 0.3, resolver=look_up)
        assert len(caught.value.attempts) == 1
        assert 0.3 <= time.monotonic() - began < GENEROUS
        assert alarms.count > 5
        assert len(asked) <= 2
        with Alarms(), contextlib.ExitStack() as accepted:
            threading.Timer(0.1, lambda: [accepted.enter_context(sock) for sock in listener.accept_many()]).start()
            bojagi.connect("x.test", listener.port or 0, GENEROUS, resolver=look_up).close()
