"""The life of handles: threads, cancel, closing, garbage, forks of order."""

from __future__ import annotations

import contextlib
import copy
import gc
import itertools
import os
import pickle
import resource
import tempfile
import time
import warnings
import weakref
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Callable, Dict, Iterator, List

import bojagi
import pytest

from conftest import GENEROUS, Pair


def test_a_closed_handle_refuses_everything(pair: Pair, listener: bojagi.Listener) -> None:
    sock = pair[0]
    cancel = bojagi.Cancel()
    calls: List[Callable[[], Any]] = [
        lambda: sock.send(b"x"),
        lambda: sock.send_all(b"x"),
        lambda: sock.recv(1),
        lambda: sock.recv_into(bytearray(1)),
        lambda: sock.recv_exact(1),
        lambda: sock.send_to(b"x", ("127.0.0.1", 1)),
        lambda: sock.recv_from(1),
        lambda: sock.shutdown(),
        lambda: sock.local,
        lambda: sock.peer,
        lambda: sock.fileno(),
        lambda: sock.set_cancel(None),
        lambda: sock.__enter__(),
        lambda: listener.accept(),
        lambda: listener.local,
        lambda: listener.port,
        lambda: listener.fileno(),
        lambda: listener.set_cancel(None),
        lambda: cancel.fire(),
        lambda: cancel.reset(),
        lambda: cancel.fired,
        lambda: bojagi.connect("127.0.0.1", 1, 0, cancel=cancel),
    ]
    for handle in (sock, listener, cancel):
        assert not handle.closed
        handle.close()
        handle.close()
        assert handle.closed
    for call in calls:
        with pytest.raises(ValueError, match="closed"):
            call()
    assert list(listener) == []


def test_handles_may_be_closed_in_any_order() -> None:
    for order in itertools.permutations(range(4)):
        cancel = bojagi.Cancel()
        listener = bojagi.listen("127.0.0.1", 0, cancel=cancel)
        client = bojagi.connect("127.0.0.1", listener.port or 0, GENEROUS, cancel=cancel)
        server = listener.accept(GENEROUS, cancel=cancel)
        handles = (cancel, listener, client, server)
        for index in order:
            handles[index].close()


def test_a_socket_outlives_the_cancel_that_is_attached() -> None:
    cancel = bojagi.Cancel()
    with bojagi.udp_bind("127.0.0.1", 0, cancel=cancel) as sock:
        cancel.fire()
        cancel.close()
        with pytest.raises(bojagi.Cancelled):
            sock.recv_from(10, GENEROUS)
        sock.set_cancel(None)
        with pytest.raises(TimeoutError):
            sock.recv_from(10, 0.01)


def test_a_cancel_ends_waits_until_it_is_reset(pair: Pair) -> None:
    client, server = pair
    with bojagi.Cancel() as cancel, ThreadPoolExecutor() as threads:
        client.set_cancel(cancel)
        waiting = threads.submit(client.recv, 10, GENEROUS)
        cancel.fire()
        with pytest.raises(bojagi.Cancelled) as caught:
            waiting.result(GENEROUS)
        assert isinstance(caught.value, OSError)
        assert cancel.fired
        with pytest.raises(bojagi.Cancelled):
            client.recv(10, GENEROUS)
        cancel.reset()
        assert not cancel.fired
        server.send_all(b"x", GENEROUS)
        assert client.recv(10, GENEROUS) == b"x"


def test_one_cancel_ends_an_accept_and_a_receive(pair: Pair, listener: bojagi.Listener) -> None:
    with bojagi.Cancel() as cancel, ThreadPoolExecutor() as threads:
        listener.set_cancel(cancel)
        pair[0].set_cancel(cancel)
        waits: "List[Future[Any]]" = [threads.submit(listener.accept, GENEROUS), threads.submit(pair[0].recv, 1, GENEROUS)]
        cancel.fire()
        for wait in waits:
            with pytest.raises(bojagi.Cancelled):
                wait.result(GENEROUS)


def waits_in_a_call(handle: Any) -> None:
    """Returns once another thread is inside a call on the handle."""
    deadline = time.monotonic() + GENEROUS
    while not handle._users:
        assert time.monotonic() < deadline
        os.sched_yield()


def test_closing_ends_a_receive_in_another_thread(pair: Pair) -> None:
    client, _ = pair
    with ThreadPoolExecutor() as threads:
        waiting = threads.submit(client.recv, 10)
        waits_in_a_call(client)
        client.close()
        with pytest.raises((ValueError, OSError)):
            waiting.result(GENEROUS)


def test_closing_ends_an_accept_in_another_thread() -> None:
    listener = bojagi.listen("127.0.0.1", 0)
    with ThreadPoolExecutor() as threads:
        waiting = threads.submit(listener.accept)
        waits_in_a_call(listener)
        listener.close()
        with pytest.raises((ValueError, OSError)):
            waiting.result(GENEROUS)
    assert listener._pointer == 0


def test_closing_ends_a_receive_of_datagrams_in_another_thread() -> None:
    sock = bojagi.udp_bind("127.0.0.1", 0)
    with ThreadPoolExecutor() as threads:
        waiting = threads.submit(sock.recv_from, 10)
        waits_in_a_call(sock)
        sock.close()
        with pytest.raises((ValueError, OSError)):
            waiting.result(GENEROUS)


@pytest.mark.parametrize("fires", [False, True])
def test_closing_ends_a_receive_of_datagrams_that_has_a_cancel(fires: bool) -> None:
    with bojagi.Cancel() as cancel, ThreadPoolExecutor() as threads:
        sock = bojagi.udp_bind("127.0.0.1", 0, cancel=cancel)
        waiting = threads.submit(sock.recv_from, 10)
        waits_in_a_call(sock)
        sock.close()
        assert sock.closed
        if fires:
            cancel.fire()
        with pytest.raises((ValueError, bojagi.Cancelled)):
            waiting.result(GENEROUS)
        assert sock._pointer == 0


Wait = Callable[[Any], Any]

STREAM_WAITS: Dict[str, Wait] = {
    "recv": lambda sock: sock.recv(10),
    "recv_into": lambda sock: sock.recv_into(bytearray(10)),
    "recv_exact": lambda sock: sock.recv_exact(10),
    "recv_exact_into": lambda sock: sock.recv_exact_into(bytearray(10)),
    "recv_vectored_into": lambda sock: sock.recv_vectored_into([bytearray(10)]),
    "recv_from": lambda sock: sock.recv_from(10),
    "peek": lambda sock: sock.peek(10),
    "recv_until": lambda sock: bojagi.Reader(sock).recv_until(b"\n"),
    "Frames.recv": lambda sock: bojagi.Frames(sock, "u32").recv(),
    "send": lambda sock: [sock.send(bytes(1 << 20)) for _ in range(100)],
    "send_all": lambda sock: sock.send_all(bytes(1 << 26)),
    "send_vectored": lambda sock: [sock.send_vectored([bytes(1 << 20)]) for _ in range(100)],
    "send_all_vectored": lambda sock: sock.send_all_vectored([bytes(1 << 26)]),
    "sendfile": lambda sock: endless(sock.sendfile),
    "Frames.send": lambda sock: bojagi.Frames(sock, "u32", limit=1 << 27).send(bytes(1 << 26)),
}
UNIX_WAITS: Dict[str, Wait] = {
    "recv_fds": lambda sock: sock.recv_fds(10),
    "send_fds": lambda sock: [sock.send_fds(bytes(1 << 20), [0]) for _ in range(100)],
}
DATAGRAM_WAITS: Dict[str, Wait] = {
    "recv": lambda sock: sock.recv(10),
    "recv_from": lambda sock: sock.recv_from(10),
    "recv_batch": lambda sock: sock.recv_batch(),
    "recv_datagram": lambda sock: sock.recv_datagram(),
}


def endless(sendfile: Callable[[Any], int]) -> None:
    with tempfile.TemporaryFile() as file:
        file.truncate(1 << 28)
        sendfile(file)


def ends_when_closed(handle: Any, call: Wait) -> None:
    with ThreadPoolExecutor() as threads:
        waiting = threads.submit(call, handle)
        waits_in_a_call(handle)
        handle.close()
        with pytest.raises(ValueError, match=f"the {handle._subject} is closed"):
            waiting.result(GENEROUS)
    assert handle._pointer == 0


@pytest.mark.parametrize("call", STREAM_WAITS.values(), ids=STREAM_WAITS.keys())
def test_closing_a_stream_ends_every_call_on_it(pair: Pair, call: Wait) -> None:
    ends_when_closed(pair[0], call)


@pytest.mark.parametrize("call", UNIX_WAITS.values(), ids=UNIX_WAITS.keys())
def test_closing_a_unix_stream_ends_every_call_on_it(call: Wait) -> None:
    one, other = bojagi.unix_pair()
    with one, other:
        ends_when_closed(one, call)


@pytest.mark.parametrize("call", DATAGRAM_WAITS.values(), ids=DATAGRAM_WAITS.keys())
def test_closing_a_datagram_socket_ends_every_call_on_it(call: Wait) -> None:
    ends_when_closed(bojagi.udp_bind("127.0.0.1", 0), call)


def test_closing_a_unix_datagram_socket_ends_a_send_that_has_no_room() -> None:
    one, other = bojagi.unix_pair("datagram")
    with other:
        with contextlib.suppress(BlockingIOError):
            while True:
                one.send(b"x", 0)
        ends_when_closed(one, lambda sock: sock.send(b"x"))


def test_a_cancel_ends_the_wait_for_an_empty_pipe(pair: Pair) -> None:
    """`close` cannot: what is waited for is not the socket."""
    reader, writer = os.pipe()
    try:
        with bojagi.Cancel() as cancel, ThreadPoolExecutor() as threads:
            pair[0].set_cancel(cancel)
            waiting = threads.submit(pair[0].sendfile, reader)
            waits_in_a_call(pair[0])
            cancel.fire()
            with pytest.raises(bojagi.Cancelled):
                waiting.result(GENEROUS)
    finally:
        os.close(reader)
        os.close(writer)


def test_closing_a_poller_ends_a_wait() -> None:
    ends_when_closed(bojagi.Poller(), lambda poller: poller.wait())


@pytest.mark.parametrize("call", [lambda it: it.accept(), lambda it: it.accept_many()], ids=["one", "many"])
def test_closing_a_listener_ends_every_call_on_it(call: Wait) -> None:
    ends_when_closed(bojagi.listen("127.0.0.1", 0), call)


def test_closing_a_socket_ends_the_iteration_over_its_frames(pair: Pair) -> None:
    with ThreadPoolExecutor() as threads:
        waiting = threads.submit(list, bojagi.Frames(pair[0], "u32"))
        waits_in_a_call(pair[0])
        pair[0].close()
        assert waiting.result(GENEROUS) == []
    assert list(bojagi.Frames(pair[0], "u32")) == []


def test_closing_a_listener_needs_no_descriptor() -> None:
    """It wakes the waiting thread also where no more files may be opened."""
    listener = bojagi.listen("127.0.0.1", 0)
    with ThreadPoolExecutor() as threads:
        waiting = threads.submit(listener.accept)
        waits_in_a_call(listener)
        before = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (0, before[1]))
        try:
            listener.close()
            with pytest.raises(ValueError, match="the listener is closed"):
                waiting.result(GENEROUS)
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, before)


@pytest.fixture
def full(listener: bojagi.Listener) -> Iterator[bojagi.Listener]:
    """A listener that takes no more connections: whoever connects to it waits."""
    with bojagi.listen("127.0.0.1", 0, backlog=1) as made, contextlib.ExitStack() as kept:
        try:
            while True:
                kept.enter_context(bojagi.connect("127.0.0.1", made.port or 0, 0.2))
        except TimeoutError:
            pass
        yield made


def test_closing_a_connector_ends_its_wait(full: bojagi.Listener) -> None:
    ends_when_closed(bojagi.Connector("127.0.0.1", full.port or 0), lambda connector: connector.next(None))


def test_a_connector_waits_for_as_long_as_it_is_told_and_for_its_cancel(full: bojagi.Listener) -> None:
    with bojagi.Cancel() as cancel, bojagi.Connector("127.0.0.1", full.port or 0, cancel=cancel) as connector:
        began = time.monotonic()
        for make in (float, bojagi.Deadline):
            with pytest.raises(TimeoutError):
                connector.next(make(0.05))
        assert 0.1 <= time.monotonic() - began < GENEROUS
        with pytest.raises(BlockingIOError):
            connector.next()
        with ThreadPoolExecutor() as threads:
            waiting = threads.submit(connector.next, GENEROUS)
            waits_in_a_call(connector)
            cancel.fire()
            with pytest.raises(bojagi.Cancelled):
                waiting.result(GENEROUS)


HANDLES: Dict[str, Callable[[], Any]] = {
    "Socket": lambda: bojagi.udp_bind("127.0.0.1", 0),
    "Listener": lambda: bojagi.listen("127.0.0.1", 0),
    "Poller": bojagi.Poller,
    "Cancel": bojagi.Cancel,
    "Hosts": bojagi.Hosts,
    "Connector": lambda: bojagi.Connector("127.0.0.1", 9),
}


@pytest.mark.parametrize("make", HANDLES.values(), ids=HANDLES.keys())
@pytest.mark.parametrize("take", [copy.copy, copy.deepcopy, pickle.dumps], ids=["copy", "deepcopy", "pickle"])
def test_a_handle_cannot_be_copied(make: Callable[[], Any], take: Callable[[Any], Any]) -> None:
    """Two owners would free it twice."""
    with make() as handle:
        with pytest.raises(TypeError, match=f"a bojagi.{type(handle).__name__} cannot be copied"):
            take(handle)


def test_two_threads_do_not_share_the_buffer_of_a_reader(pair: Pair) -> None:
    frames = bojagi.Frames(pair[0], "u32", limit=1 << 24)
    with ThreadPoolExecutor() as threads:
        waiting = threads.submit(frames.recv, GENEROUS)
        waits_in_a_call(pair[0])
        for call in (frames.recv, lambda timeout: frames.recv_until(b"\n", timeout)):
            with pytest.raises(bojagi.StateError, match="another thread"):
                call(GENEROUS)
        bojagi.Frames(pair[1], "u32").send(b"x" * 1000, GENEROUS)
        assert waiting.result(GENEROUS) == b"x" * 1000
    bojagi.Frames(pair[1], "u32").send(b"more", GENEROUS)
    assert frames.recv(GENEROUS) == b"more"


def test_a_handle_is_not_freed_under_a_call(listener: bojagi.Listener) -> None:
    """Many threads use and close the same sockets; nothing but the documented errors may come of it."""

    def use(sock: bojagi.Socket) -> None:
        while True:
            try:
                sock.send(b"x" * 100, 0)
                sock.recv(100, 0)
            except BlockingIOError:
                pass
            except (ValueError, OSError):
                if sock.closed:
                    return

    with ThreadPoolExecutor(8) as threads:
        for _ in range(20):
            client = bojagi.connect("127.0.0.1", listener.port or 0, GENEROUS)
            server = listener.accept(GENEROUS)
            users = [threads.submit(use, sock) for sock in (client, server) for _ in range(2)]
            for _ in range(50):
                server.local
            client.close()
            server.close()
            for user in users:
                user.result(GENEROUS)
            assert client._pointer == server._pointer == 0


def test_many_threads_decode_and_encode_at_once() -> None:
    def work(number: int) -> None:
        for turn in range(200):
            path, body = f"/{number}/{turn}", b"%d" % number * (turn % 7)
            message = bojagi.encode_request("POST", path, {"Host": f"h{number}"}, body)
            request = bojagi.decode_request(message)
            assert (request.target, request.headers["host"], request.body) == (path, f"h{number}", body)
            with pytest.raises(bojagi.ProtocolError) as caught:
                bojagi.decode_request(b"A" * (number + 1) + b"\x00")
            assert caught.value.offset == number + 1

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(work, range(8)))


def test_a_sender_and_a_receiver_share_a_socket(pair: Pair) -> None:
    client, server = pair
    data = bytes(range(256)) * 4096
    with ThreadPoolExecutor() as threads:
        sends = [threads.submit(sock.send_all, data, GENEROUS) for sock in pair]
        for receive in [threads.submit(sock.recv_exact, len(data), GENEROUS) for sock in pair]:
            assert receive.result(GENEROUS) == data
        for send in sends:
            send.result(GENEROUS)


def test_a_forgotten_socket_is_closed_with_a_warning(listener: bojagi.Listener) -> None:
    client = bojagi.connect("127.0.0.1", listener.port or 0, GENEROUS)
    with listener.accept(GENEROUS) as server:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            del client
            gc.collect()
        assert [warning.category for warning in caught] == [ResourceWarning]
        assert "unclosed <bojagi.Socket" in str(caught[0].message)
        assert server.recv(1, GENEROUS) == b""


def test_decoders_are_freed() -> None:
    decoder = bojagi.RequestDecoder()
    with pytest.raises(bojagi.ProtocolError):
        decoder.feed(b"\x00")
    reference = weakref.ref(decoder)
    del decoder
    gc.collect()
    assert reference() is None
