#!/usr/bin/env python3
"""Runs the C examples as their users do, and checks what they print.

    tests/examples.py DIRECTORY [COMMAND...]      the command is put before each program
"""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
from contextlib import contextmanager

DIRECTORY, *UNDER = sys.argv[1:]
PATIENCE = 60
# The Python package of the checkout, with the library that was built here.
PATHS = {**os.environ, "PYTHONPATH": "bindings/python/src"}
PAGE = b"Wrapped here, unwrapped there.\n"


def program(name, *arguments):
    return [*UNDER, f"{DIRECTORY}/{name}", *map(str, arguments)]


def run(name, *arguments, status=0, stdin=b""):
    return run_command(program(name, *arguments), status, stdin)


def run_command(command, status=0, stdin=b""):
    done = subprocess.run(command, input=stdin, capture_output=True, timeout=PATIENCE, env=PATHS)
    assert done.returncode == status, (command, done)
    return done


def server(name, *arguments, end=None):
    """A server of the examples and its port; `end` is the signal that ends it."""
    return started(program(name, *arguments), end)


@contextmanager
def started(command, end=None):
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          env=PATHS) as process:
        try:
            line = process.stdout.readline().decode()
            assert line.startswith("listening on 127.0.0.1:"), line
            yield int(line.rsplit(":", 1)[1])
            if end:
                process.send_signal(end)
            _, errors = process.communicate(timeout=PATIENCE)
            assert process.returncode == 0, (command, process.returncode, errors)
        finally:
            process.kill()


def answer(port, data):
    """What the server says to these bytes until it closes."""
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as peer:
        peer.sendall(data)
        peer.shutdown(socket.SHUT_WR)
        got = b""
        while piece := peer.recv(65536):
            got += piece
        return got


def exactly(peer, size):
    with peer.makefile("rb") as stream:
        return stream.read(size)


def check_echo():
    with server("tcp_echo", "serve", 0) as port:
        done = run("tcp_echo", port, "one", "", "two words")
        assert done.stdout == b"one\n\ntwo words\n", done


def check_poll_echo():
    with server("poll_echo", 0, end=signal.SIGTERM) as port:
        peers = [socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
                 for _ in range(50)]
        much = b"wrapped" * 100000
        for peer in peers:
            peer.sendall(b"hello")
        for peer in peers:
            assert exactly(peer, 5) == b"hello"
        # More than the buffers on the way hold, so that room has to be waited for.
        writer = threading.Thread(target=peers[0].sendall, args=(much,))
        writer.start()
        assert exactly(peers[0], len(much)) == much
        writer.join()
        for peer in peers:
            peer.shutdown(socket.SHUT_WR)
            assert peer.recv(1) == b""
            peer.close()
        # Those who are still there when it ends are let go, too.
        left = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
        left.sendall(b"hello")
        assert exactly(left, 5) == b"hello"
    assert left.recv(1) == b""
    left.close()


def check_few_descriptors():
    """A client for whom the server has no descriptor left waits until another has gone."""
    few = ["sh", "-c", "ulimit -n 24; exec \"$@\"", "sh"]
    for command in (program("poll_echo", 0), python("poll_echo", 0)):
        with started([*few, *command], end=signal.SIGTERM) as port:
            peers = [socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
                     for _ in range(50)]
            for peer in peers:
                peer.sendall(b"hello")
            for peer in peers:
                assert exactly(peer, 5) == b"hello"
                peer.shutdown(socket.SHUT_WR)
                assert peer.recv(1) == b""
                peer.close()


def python(name, *arguments):
    """The twin of an example in Python."""
    return [sys.executable, f"examples/python/{name}.py", *map(str, arguments)]


def check_keys():
    """C and Python, as the server and as the client, in each of the four ways."""
    for serve in (program, python):
        with started(serve("kv_server", 0), end=signal.SIGTERM) as port:
            for ask in (program, python):
                check_values(lambda *words, **how: run_command(ask("kv_client", port, *words), **how))
            check_broken_frames(port)


def check_values(ask):
    blob = bytes(range(256)) * 100 + b"-"
    assert ask("list").stdout == b""
    assert ask("set", "key", "value", "get", "key").stdout == b"value\n"
    assert ask("set", "key", "other", "set", "", "", "get", "key", "get", "").stdout == b"other\n\n"
    ask("set", "blob", "-", stdin=blob)
    assert ask("get", "blob").stdout == blob + b"\n"
    assert sorted(ask("list").stdout.split(b"\n")) == [b"", b"", b"blob", b"key"]
    done = ask("get", "missing", "get", "key", status=1)
    assert (done.stdout, done.stderr) == (b"other\n", b"kv_client: no such key\n"), done
    assert b"no such key" in ask("delete", "missing", status=1).stderr
    ask("delete", "key", "delete", "blob", "delete", "")
    assert ask("list").stdout == b""
    # A value that no frame holds is refused, not cut.
    ask("set", "much", "-", stdin=bytes(40000), status=1)
    assert b"no such key" in ask("get", "much", status=1).stderr
    assert b"what is nonsense?" in ask("nonsense", status=2).stderr


def check_broken_frames(port):
    """A request that is none is refused; a frame that is too long, or half of one, ends the connection."""
    assert answer(port, b"\0\0\0\1?") == b"\0\0\0\x0a-malformed"
    assert answer(port, b"\0\0\0\0") == b"\0\0\0\x0a-malformed"
    assert answer(port, b"\0\0\0\4S\0\5x") == b"\0\0\0\x0a-malformed"
    assert answer(port, b"\0\0\0\4\0\0\1x") == b"\0\0\0\x0a-malformed"
    assert answer(port, b"\xff\xff\xff\xff") == b""
    assert answer(port, b"\0\0\0\7S\0") == b""


def check_ping():
    with server("udp_ping", "serve", 0) as port:
        assert run("udp_ping", port, 3).stdout == b"3 of 3 came back\n"


def check_http():
    with server("http_server", 0, end=signal.SIGTERM) as port:
        url = f"http://127.0.0.1:{port}/a/path?q"
        assert run("http_get", url).stdout == PAGE
        assert run("http_get", "-d", "some data", url).stdout == b"some data"
        assert run("http_get", "-d", "", url).stdout == b""
        shown = run("http_get", "-v", "-d", "a\tb", url).stderr.decode().splitlines()
        assert [line.split(" ")[:4] for line in shown] == [
            ["@", "client", "7", "encode"], ["@", "client", "4", "send"],
            ["@", "client", "4", "recv"], ["@", "client", "7", "decode"]], shown
        assert shown[0].endswith("encode POST /a/path?q, 2 fields, body 3 bytes"), shown
        assert shown[1].endswith(r"\r\n\r\na\tb"), shown
        assert shown[3].endswith("decode 200 OK, 3 fields, body 3 bytes"), shown
        check_faults(port)
        check_kept_alive(port)
    with server("http_server", 0, end=signal.SIGINT):
        pass
    assert b"refused" in run("http_get", f"http://127.0.0.1:{port}/", status=1).stderr.lower()
    run("http_get", "ftp://x/", status=2)


def check_faults(port):
    host = b"Host: x\r\n"
    for status, data in [
        (400, b"GET / HTTP/1.1\r\n\r\n"),
        (400, b"garbage\r\n\r\n"),
        (405, b"DELETE / HTTP/1.1\r\n" + host + b"\r\n"),
        (413, b"POST / HTTP/1.1\r\n" + host + b"Content-Length: 65537\r\n\r\n"),
        (413, b"POST / HTTP/1.1\r\n" + host + b"Transfer-Encoding: chunked\r\n\r\n10001\r\n"),
        (400, b"POST / HTTP/1.1\r\n" + host + b"Transfer-Encoding: chunked\r\n\r\nxyz\r\n"),
        (414, b"GET /" + b"a" * 20000 + b" HTTP/1.1\r\n" + host + b"\r\n"),
        (431, b"GET / HTTP/1.1\r\n" + host + b"X: " + b"a" * 70000 + b"\r\n\r\n"),
        (431, b"GET / HTTP/1.1\r\n" + host + b"X: y\r\n" * 300 + b"\r\n"),
        (501, b"POST / HTTP/1.1\r\n" + host + b"Transfer-Encoding: gzip, chunked\r\n\r\n"),
    ]:
        got = answer(port, data)
        assert got.startswith(b"HTTP/1.1 %d " % status), (status, data[:60], got[:80])
        assert b"\r\nConnection: close\r\n" in got, got[:200]


def check_kept_alive(port):
    get = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
    assert answer(port, get * 3).count(b"HTTP/1.1 200 OK\r\n") == 3
    chunked = (b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
               b"3\r\nabc\r\n4\r\ndefg\r\n0\r\nX-T: 1\r\n\r\n")
    got = answer(port, chunked + get)
    assert b"\r\n\r\nabcdefgHTTP/1.1 200" in got and got.endswith(PAGE), got
    got = answer(port, b"GET / HTTP/1.0\r\n\r\n" + get)
    assert got.count(b"HTTP/1.1 200 OK\r\n") == 1 and b"Connection: close" in got, got
    got = answer(port, b"HEAD / HTTP/1.1\r\nHost: x\r\n\r\n")
    assert b"Content-Length: %d\r\n" % len(PAGE) in got and got.endswith(b"\r\n\r\n"), got
    got = answer(port, b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n"
                       b"Expect: 100-continue\r\n\r\nhi")
    assert got.startswith(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n"), got


def check_decode():
    got = json.loads(run("decode", stdin=b"GET / HTTP/1.1\r\nHost: x\r\n\r\n").stdout)
    assert got == {"kind": "request", "method": "GET", "target": "/", "version": "1.1",
                   "fields": [["Host", "x"]], "body": "", "trailers": [],
                   "keep_alive": True}, got
    got = json.loads(run("decode", stdin=(
        b'HTTP/1.1 404 Not "F\\\r\nX: \xe9\t.\r\nTransfer-Encoding: chunked\r\n\r\n'
        b"3\r\na\x00\xff\r\n2\r\n\r\n\r\n0\r\nX-T: 1\r\n\r\n")).stdout)
    assert got == {"kind": "response", "status": 404, "reason": 'Not "F\\', "version": "1.1",
                   "fields": [["X", "\xe9\t."], ["Transfer-Encoding", "chunked"]],
                   "body": "a\x00\xff\r\n", "trailers": [["X-T", "1"]],
                   "keep_alive": True}, got
    for data, words in [
        (b"GET / HTTP/1.1\r\n\r\n", ["HOST_MISSING", "offset 18", "status 400"]),
        (b"GET / HTTP/1.1\r\nHost: x", ["TRUNCATED", "offset 23"]),
        (b"", ["TRUNCATED", "offset 0"]),
        (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nabc", ["TRUNCATED", "offset 50"]),
        (b"GET / HTTP/1.1\r\nHost: x\r\nA : b\r\n\r\n", ["FIELD_NAME", "offset 26"]),
    ]:
        done = run("decode", stdin=data, status=1)
        assert done.stdout == b"" and all(word in done.stderr.decode() for word in words), done


def check_pipe():
    first, last = "POST / HTTP/1.1", "GET / HTTP/1.1"
    answer = [("server", "client", "HTTP/1.1 200 OK"), ("server", "client", "unwrapped")]
    wanted = [f"{side} {sign} {text}" for sender, receiver, text in [
        ("client", "server", first), ("server", "client", "HTTP/1.1 100 Continue"),
        ("client", "server", "wrapped"), *answer, ("client", "server", last), *answer]
        for side, sign in [(sender, ">"), (receiver, "<")]]
    got = run("pipe").stdout.decode().splitlines()
    assert got[:-1] == wanted and got[-1].startswith("client: no message follows the last"), got


def check_fields():
    arguments = ["text/html, text/*;q=0.5", "bytes=0-99,-1", "Sun Nov  6 08:49:37 1994"]
    assert run("fields", *arguments).stdout.decode().splitlines() == [
        "range text/html", "range text/*;q=0.5", "offer text/html 1000/1000",
        "offer text/plain 500/1000", "offer image/png 0/1000", "bytes 0 to 99", "bytes 999 to 999",
        "date Sun, 06 Nov 1994 08:49:37 GMT"]
    for place, wrong, words in [(0, 'a/b, "', "offset 6"), (0, "*", "offset 1"),
                                (1, "bytes=2-1", "offset 8"), (2, "yesterday", "5.6.7")]:
        broken = [*arguments[:place], wrong, *arguments[place + 1:]]
        assert words in run("fields", *broken, status=1).stderr.decode(), wrong
    run("fields", status=2)


check_echo()
check_poll_echo()
if not UNDER:  # valgrind has descriptors of its own
    check_few_descriptors()
check_keys()
check_ping()
check_pipe()
check_http()
check_decode()
check_fields()
