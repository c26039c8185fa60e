"""The examples do what they say, as programs."""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import Iterator, List, Tuple

import bojagi
import pytest

from conftest import GENEROUS

EXAMPLES = Path(__file__).resolve().parents[3] / "examples" / "python"

pytestmark = pytest.mark.skipif(not EXAMPLES.is_dir(), reason="not in a checkout")


def environment() -> "dict[str, str]":
    """The examples find the package that is tested here."""
    return {**os.environ, "PYTHONPATH": str(Path(bojagi.__file__).parents[1])}


def run(name: str, *arguments: str, data: bytes = b"") -> "subprocess.CompletedProcess[bytes]":
    return subprocess.run(
        [sys.executable, str(EXAMPLES / name), *arguments],
        input=data,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(),
        timeout=3 * GENEROUS,
    )


@contextmanager
def serving(name: str, *arguments: str) -> "Iterator[Tuple[int, subprocess.Popen[bytes]]]":
    """An example that listens, and its port; ended by Ctrl-C."""
    command = [sys.executable, str(EXAMPLES / name), *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment()) as server:
        try:
            assert server.stdout is not None
            line = server.stdout.readline().decode()
            match = re.fullmatch(r"listening on 127\.0\.0\.1:(\d+)\n", line)
            assert match, line
            yield int(match.group(1)), server
        finally:
            server.send_signal(signal.SIGINT)
            try:
                server.wait(GENEROUS)
            except subprocess.TimeoutExpired:
                server.kill()
                raise


def test_tcp_echo() -> None:
    with serving("tcp_echo.py", "serve", "0") as (port, _):
        result = run("tcp_echo.py", str(port), "one", "", "zwei \u00e4")
        assert (result.returncode, result.stdout.decode()) == (0, "one\n\nzwei \u00e4\n"), result.stderr


def test_poll_echo() -> None:
    with serving("poll_echo.py", "0") as (port, _):
        peers = [socket.create_connection(("127.0.0.1", port), GENEROUS) for _ in range(20)]
        for peer in peers:
            peer.sendall(b"hello" * 1000)
            peer.shutdown(socket.SHUT_WR)
        for peer in peers:
            with peer, peer.makefile("rb") as stream:
                assert stream.read() == b"hello" * 1000
def test_kv_server_keeps_any_bytes_and_says_what_is_wrong() -> None:
    with serving("kv_server.py", "0") as (port, _):
        blob = bytes(range(256))
        assert run("kv_client.py", str(port), "set", "k", "-", data=blob).returncode == 0
        result = run("kv_client.py", str(port), "get", "k", "list", "delete", "k", "get", "k")
        assert result.returncode == 1 and result.stdout == blob + b"\nk\n"
        assert result.stderr == b"kv_client: no such key\n"


def test_udp_ping() -> None:
    with serving("udp_ping.py", "serve", "0") as (port, _):
        result = run("udp_ping.py", str(port), "3")
        assert (result.returncode, result.stdout) == (0, b"3 of 3 came back\n"), result.stderr


def test_pipe_carries_two_exchanges_and_refuses_a_third() -> None:
    result = run("pipe.py")
    assert (result.returncode, result.stderr) == (0, b"")
    sent = [line[2:] for line in result.stdout.decode().replace("client", "").replace("server", "").splitlines()]
    texts = ["POST / HTTP/1.1", "HTTP/1.1 100 Continue", "wrapped", "HTTP/1.1 200 OK", "unwrapped"]
    texts += ["GET / HTTP/1.1", "HTTP/1.1 200 OK", "unwrapped"]
    assert [line.strip() for line in sent[:-1]] == [text for text in texts for _ in "><"]
    assert result.stdout.decode().splitlines()[-1].startswith("client: no message follows the last")


@pytest.mark.parametrize("name", ["tcp_echo.py", "udp_ping.py", "http_server.py", "kv_server.py", "kv_client.py"])
def test_wrong_arguments_end_in_one_line(name: str) -> None:
    result = run(name, "x")
    assert result.returncode == 1 and result.stderr.startswith(name[:-2].replace(".", ":").encode())
    assert result.stderr.count(b"\n") == 1


def test_decode_prints_json() -> None:
    result = run("decode.py", data=b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    assert result.stdout == (
        b'{"kind":"request","method":"GET","target":"/","version":"1.1","fields":[["Host","x"]],'
        b'"body":"","trailers":[],"keep_alive":true}\n'
    )
    response = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n\xff\n\r\n0\r\nT: v\r\n\r\n"
    assert json.loads(run("decode.py", data=response).stdout) == {
        "kind": "response",
        "status": 200,
        "reason": "OK",
        "version": "1.1",
        "fields": [["Transfer-Encoding", "chunked"]],
        "body": "\u00ff\n",
        "trailers": [["T", "v"]],
        "keep_alive": True,
    }


@pytest.mark.parametrize("data", [b"", b"GET / HTTP/1.1\r\n", b"GET / HTTP/1.1\r\n\r\n", b"HTTP/1.1 2"])
def test_decode_refuses_what_is_no_message(data: bytes) -> None:
    result = run("decode.py", data=data)
    assert result.returncode == 1 and result.stderr.startswith(b"decode: ") and not result.stdout


FIELDS = ["text/html, text/*;q=0.5", "bytes=0-99,-1", "Sun Nov  6 08:49:37 1994"]


def test_fields_prints_what_the_fields_say() -> None:
    result = run("fields.py", *FIELDS)
    assert result.stdout.decode().splitlines() == [
        "range text/html",
        "range text/*;q=0.5",
        "offer text/html 1000/1000",
        "offer text/plain 500/1000",
        "offer image/png 0/1000",
        "bytes 0 to 99",
        "bytes 999 to 999",
        "date Sun, 06 Nov 1994 08:49:37 GMT",
    ], result.stderr


@pytest.mark.parametrize("place", [0, 1, 2])
def test_fields_refuses_what_is_broken(place: int) -> None:
    result = run("fields.py", *FIELDS[:place], '"', *FIELDS[place + 1 :])
    assert result.returncode == 1 and result.stderr.startswith(b"fields: ")


def steps(trace: bytes) -> List[str]:
    return [" ".join(line.split(" ")[:4]) for line in trace.decode().splitlines() if line.startswith("@")]


def test_http_client_and_server_trace_every_step() -> None:
    with serving("http_server.py", "-v", "0") as (port, server):
        result = run("http_get.py", "-v", "-d", "some data", f"http://127.0.0.1:{port}/path?q=1")
        assert (result.returncode, result.stdout) == (0, b"some data"), result.stderr
        assert steps(result.stderr) == [
            "@ client 7 encode",
            "@ client 4 send",
            "@ client 4 recv",
            "@ client 7 decode",
        ]
        encoded, sent, received, decoded = result.stderr.decode().splitlines()
        assert encoded == "@ client 7 encode POST /path?q=1, 2 fields, body 9 bytes"
        assert sent.startswith("@ client 4 send POST /path?q=1 HTTP/1.1\\r\\nHost: 127.0.0.1:")
        assert received.endswith("\\r\\n\\r\\nsome data")
        assert decoded == "@ client 7 decode 200 OK, 3 fields, body 9 bytes"
        server.send_signal(signal.SIGINT)
        _, errors = server.communicate(timeout=GENEROUS)
    assert steps(errors)[:4] == [
        "@ server 4 recv",
        "@ server 7 decode",
        "@ server 7 encode",
        "@ server 4 send",
    ]
    assert "@ server 7 decode POST /path?q=1, 2 fields, body 9 bytes" in errors.decode()


def test_http_server_serves_pythons_own_client() -> None:
    with serving("http_server.py", "0") as (port, _):
        client = http.client.HTTPConnection("127.0.0.1", port, timeout=GENEROUS)
        for method, body, status, answer in [
            ("GET", None, 200, b"Wrapped here, unwrapped there.\n"),
            ("HEAD", None, 200, b""),
            ("POST", b"x" * 50_000, 200, b"x" * 50_000),
            ("GET", None, 200, b"Wrapped here, unwrapped there.\n"),
        ]:
            client.request(method, "/", body)
            response = client.getresponse()
            assert (response.status, response.read()) == (status, answer)
        client.request("POST", "/", iter([b"in ", b"chunks"]), {"Transfer-Encoding": "chunked"}, encode_chunked=True)
        assert client.getresponse().read() == b"in chunks"
        client.close()


def test_http_server_answers_what_is_wrong_after_what_was_right() -> None:
    with serving("http_server.py", "0") as (port, _), bojagi.connect("127.0.0.1", port, GENEROUS) as sock:
        sock.send_all(b"GET / HTTP/1.1\r\nHost: x\r\n\r\nGET / HTTP/1.1\r\n\r\n", GENEROUS)
        decoder, statuses = bojagi.ResponseDecoder(), []
        while not decoder.finished:
            data = sock.recv(timeout=GENEROUS)
            events = decoder.feed(data, eof=not data)
            statuses += [event.status for event in events if isinstance(event, bojagi.Response)]
        assert statuses == [200, 400]


def test_http_get_reports_failures() -> None:
    with bojagi.listen("127.0.0.1", 0) as listener:
        port = listener.port
    result = run("http_get.py", f"http://127.0.0.1:{port}/")
    assert result.returncode == 1 and result.stderr.startswith(b"http_get: ")
    assert run("http_get.py", "ftp://x/").returncode == 1
