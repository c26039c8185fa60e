#!/usr/bin/env python3
"""bojagi's receiving functions against a peer that misbehaves by script.

Each fault is one connection on the loopback interface: the peer sends some bytes and then closes,
resets, falls silent or drips. The call under test must answer with that fault's own code, within
its budget, and the handle must then be freed without harm.
"""

import contextlib
import ctypes
import socket
import struct
import sys
import threading
import time

from codec_abi import DONE, Body, Codec, Head, library_path

BUDGET_MS = 300
GENEROUS_S = 10.0
CODES = {-5: "SPACE", -6: "LIMIT", -7: "SYNTAX", -8: "TRUNCATED", -9: "RESOLVE", -10: "REFUSED",
         -12: "RESET", -13: "CLOSED", -14: "TIMEOUT", -17: "AGAIN"}
OK_HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n"
CHUNKED_HEAD = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
CLOSE, RESET, SILENT, DRIP = "close", "reset", "silent", "drip"

# name, bytes of the peer, what it then does, bytes of the buffer, what must come of it
FAULTS = [
    ("closes before any byte", b"", CLOSE, 65536, "0"),
    ("closes in the start line", b"HTTP/1.1 2", CLOSE, 65536, "TRUNCATED"),
    ("closes in the head", b"HTTP/1.1 200 OK\r\nA: b", CLOSE, 65536, "TRUNCATED"),
    ("closes in the body", OK_HEAD + b"12345", CLOSE, 65536, "TRUNCATED"),
    ("closes in a chunk", CHUNKED_HEAD + b"5\r\nhel", CLOSE, 65536, "TRUNCATED"),
    ("closes in a chunk size", CHUNKED_HEAD + b"5", CLOSE, 65536, "TRUNCATED"),
    ("closes before the last chunk", CHUNKED_HEAD + b"2\r\nhi\r\n", CLOSE, 65536, "TRUNCATED"),
    ("closes in the trailers", CHUNKED_HEAD + b"0\r\nA: b\r\n", CLOSE, 65536, "TRUNCATED"),
    ("closes a body until close", b"HTTP/1.1 200 OK\r\n\r\nhi", CLOSE, 65536, "hi"),
    ("resets in the head", b"HTTP/1.1 200 OK\r\nA: b", RESET, 65536, "RESET"),
    ("resets in the body", OK_HEAD + b"12345", RESET, 65536, "RESET"),
    ("never answers", b"", SILENT, 65536, "TIMEOUT"),
    ("falls silent in the head", b"HTTP/1.1 200 OK\r\nA: b", SILENT, 65536, "TIMEOUT"),
    ("falls silent in the body", OK_HEAD + b"12345", SILENT, 65536, "TIMEOUT"),
    ("falls silent in a chunk", CHUNKED_HEAD + b"5\r\nhel", SILENT, 65536, "TIMEOUT"),
    ("drips a head without end", b"HTTP/1.1 200 OK\r\nA: ", DRIP, 65536, "TIMEOUT"),
    ("sends garbage", b"\x16\x03\x01\x02\x00\x01", SILENT, 65536, "SYNTAX VERSION"),
    ("sends a request", b"GET / HTTP/1.1\r\n\r\n", SILENT, 65536, "SYNTAX VERSION"),
    ("ends lines with LF", b"HTTP/1.1 200 OK\n\n", SILENT, 65536, "SYNTAX LINE_END"),
    ("sends a bad chunk size", CHUNKED_HEAD + b"x\r\n", SILENT, 65536, "SYNTAX CHUNK_SIZE"),
    ("sends two lengths", b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n", SILENT,
     65536, "SYNTAX CONTENT_LENGTH_REPEATED"),
    ("sends a head of 1 MiB", b"HTTP/1.1 200 OK\r\nA: " + b"a" * (1 << 20), SILENT, 1 << 21,
     "LIMIT FIELD_BYTES_LIMIT"),
    ("sends a head of 1 MiB to a small buffer", b"HTTP/1.1 200 OK\r\nA: " + b"a" * (1 << 20), SILENT,
     4096, "SPACE"),
    ("sends a body larger than the buffer", b"HTTP/1.1 200 OK\r\nContent-Length: 9000\r\n\r\n"
     + b"x" * 9000, SILENT, 4096, "x" * 9000),
]


class Buffer(ctypes.Structure):
    """`bojagi_buffer`."""

    _fields_ = [("data", ctypes.c_void_p)] + [
        (name, ctypes.c_size_t) for name in ("cap", "start", "body", "trailers", "next", "end")
    ] + [("state", ctypes.c_uint32), ("reserved", ctypes.c_uint32)]


def main() -> int:
    codec, net, failures = Codec(), network(), []
    for name, data, then, room, wanted in FAULTS:
        for single in (False, True) if len(data) < 200 else (False,):
            began = time.monotonic()
            with peer(data, then, single) as port:
                got = receive(codec, net, port, room)
            spent = time.monotonic() - began
            label = f"a peer that {name}" + (", byte by byte" if single else "")
            if got != wanted:
                failures.append(f"{label}: {got[:80]}, not {wanted[:80]}")
            elif wanted == "TIMEOUT" and not BUDGET_MS / 1000 <= spent <= GENEROUS_S:
                failures.append(f"{label}: TIMEOUT after {spent:.3f} s of {BUDGET_MS} ms")
            elif spent > GENEROUS_S:
                failures.append(f"{label}: {spent:.1f} s")
    failures += unreachable(net)
    print("\n".join(failures) or f"faults: {len(FAULTS)} peers that misbehave, each told apart")
    return 1 if failures else 0


def network() -> ctypes.CDLL:
    library = ctypes.CDLL(str(library_path()))
    pointer, i64, u32, size = ctypes.c_void_p, ctypes.c_int64, ctypes.c_uint32, ctypes.c_size_t
    for name, result, arguments in [
        ("tcp_connect", i64, [ctypes.c_char_p, u32, pointer, i64, pointer]),
        ("socket_free", None, [pointer]),
        ("buffer_init", None, [pointer, pointer, size]),
        ("socket_recv_response", i64, [pointer, pointer, pointer, pointer, u32, u32, i64]),
        ("socket_recv_body", i64, [pointer, pointer, pointer, pointer, u32, i64]),
    ]:
        function = getattr(library, "bojagi_" + name)
        function.restype, function.argtypes = result, arguments
    return library


def receive(codec: Codec, net: ctypes.CDLL, port: int, room: int) -> str:
    """The body of one response, or the code and reason of the failure."""
    handle = ctypes.c_void_p()
    connected = net.bojagi_tcp_connect(b"127.0.0.1", port, None, 5000, ctypes.byref(handle))
    if connected < 0:
        return told(connected)
    try:
        return receive_response(codec, net, handle, room)
    finally:
        net.bojagi_socket_free(handle)


def receive_response(codec: Codec, net: ctypes.CDLL, handle, room: int) -> str:
    data, buffer, head = ctypes.create_string_buffer(room), Buffer(), Head(codec)
    net.bojagi_buffer_init(ctypes.byref(buffer), data, room)
    length = net.bojagi_socket_recv_response(
        handle, ctypes.byref(buffer), head.words, head.fields, head.cap, 1, BUDGET_MS)
    head.read()
    if length <= 0:
        return told(length, codec, head.fault)
    body, whole = Body(codec, head), b""
    trailers = ctypes.create_string_buffer(16 * 16)
    while body.state != DONE:
        count = net.bojagi_socket_recv_body(
            handle, ctypes.byref(buffer), body.words, trailers, 16, BUDGET_MS)
        body.read()
        if count < 0:
            return told(count, codec, body.fault)
        whole += data.raw[buffer.body:buffer.body + count]
    return whole.decode("latin-1")


def told(code: int, codec=None, fault=(0, 0, 0)) -> str:
    name = CODES.get(code, str(code))
    return f"{name} {codec.reason(fault[0])}" if name in ("SYNTAX", "LIMIT") and codec else name


def unreachable(net: ctypes.CDLL) -> list:
    """Nobody listens; the name is none."""
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
        failures = []
        for host, wanted in [(b"127.0.0.1", "REFUSED"), (b"no.such.name.invalid", "RESOLVE")]:
            handle = ctypes.c_void_p()
            code = net.bojagi_tcp_connect(host, port, None, 5000, ctypes.byref(handle))
            if told(code) not in (wanted, "TIMEOUT" if wanted == "RESOLVE" else wanted):
                failures.append(f"{host.decode()}: {told(code)}, not {wanted}")
            if handle.value is not None:
                failures.append(f"{host.decode()}: a handle came with the error")
        return failures


@contextlib.contextmanager
def peer(data: bytes, then: str, single: bool):
    """Takes one connection, sends `data`, byte by byte if `single`, and misbehaves."""
    over = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=misbehave, args=(listener, data, then, single, over))
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            over.set()
            thread.join(GENEROUS_S)


def misbehave(listener, data: bytes, then: str, single: bool, over: threading.Event) -> None:
    connection, _ = listener.accept()
    with connection, contextlib.suppress(BrokenPipeError, ConnectionResetError):
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        step = 1 if single else max(1, len(data))
        for start in range(0, len(data), step):
            connection.sendall(data[start:start + step])
        if then == RESET:
            linger = struct.pack("ii", 1, 0)
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        elif then == SILENT:
            over.wait(GENEROUS_S)
        elif then == DRIP:
            while not over.wait(0.02):
                connection.sendall(b"a")


if __name__ == "__main__":
    sys.exit(main())
