#!/usr/bin/env python3
"""The examples against programs of other people, on the loopback interface.

bojagi's servers (C and Python) answer curl, Python's http.client and raw sockets that misbehave;
bojagi's clients (C and Python) read from nginx and from Python's http.server. Every peer is started
here on a port that the system chooses. A peer that is not installed is left out loudly, and with
CI=true its absence is a failure.
"""

import contextlib
import http.client
import http.server
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
EXAMPLES = ROOT / "target" / "examples"
PATIENCE = 20.0
LARGE = bytes(range(256)) * 4096  # 1 MiB, larger than any buffer of the examples
MEDIUM = b"0123456789abcdef" * 3750  # 60,000 bytes, within the server's limit
ENVIRONMENT = {
    **os.environ,
    "PYTHONPATH": str(ROOT / "bindings" / "python" / "src"),
    "BOJAGI_LIBRARY": str(ROOT / "target" / "release" / "libbojagi.so"),
}


def main() -> int:
    run = Run()
    for name, command in servers().items():
        run.server(name, command)
    for name, command in clients().items():
        run.client(name, command)
    print(f"interop: {run.passed} exchanges as they should be, {len(run.failures)} not, "
          f"{run.skipped} left out")
    return 1 if run.failures or (run.skipped and os.environ.get("CI") == "true") else 0


def servers() -> dict:
    return {
        "C server": [str(EXAMPLES / "http_server"), "0"],
        "Python server": [sys.executable, str(ROOT / "examples/python/http_server.py"), "0"],
    }


def clients() -> dict:
    return {
        "C client": [str(EXAMPLES / "http_get")],
        "Python client": [sys.executable, str(ROOT / "examples/python/http_get.py")],
    }


class Run:
    """Runs every check on its own and keeps count."""

    def __init__(self) -> None:
        self.passed, self.skipped, self.failures = 0, 0, []

    def server(self, name: str, command: list) -> None:
        with started(command) as port:
            for check in SERVER_CHECKS:
                self.check(f"{name}: {check.__name__}", lambda: check(port))
            if self.has("curl"):
                for check in CURL_CHECKS:
                    self.check(f"{name}: {check.__name__}", lambda: check(port))

    def client(self, name: str, command: list) -> None:
        with python_server() as port:
            for check in CLIENT_CHECKS:
                self.check(f"{name}, http.server: {check.__name__}", lambda: check(command, port))
        if not self.has("nginx"):
            return
        with nginx_server() as port:
            for check in NGINX_CHECKS:
                self.check(f"{name}, nginx: {check.__name__}", lambda: check(command, port))

    def has(self, tool: str) -> bool:
        if find(tool):
            return True
        line, what = "#" * 64, f"{tool} is not installed; tests/setup.sh says how"
        print(f"{line}\n## SKIPPED: {what}\n{line}", file=sys.stderr)
        with (ROOT / "target" / "skipped.txt").open("a") as listed:  # as tests/need.sh does
            print(what, file=listed)
        self.skipped += 1
        return False

    def check(self, name: str, body) -> None:
        try:
            body()
            self.passed += 1
        except Exception as error:  # every check is to be judged, whatever ends one of them
            self.failures.append(name)
            print(f"FAILED {name}: {type(error).__name__}: {error}", file=sys.stderr)


# ---- our servers, their clients


def http_client_keeps_the_connection(port: int) -> None:
    client = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    with contextlib.closing(client):
        local = None
        for turn in range(5):
            client.request("GET", f"/{turn}")
            response = client.getresponse()
            same(response.status, 200)
            true(response.read())
            local = local or client.sock.getsockname()
            same(client.sock.getsockname(), local)


def http_client_gets_its_post_back(port: int) -> None:
    for body in (b"", b"hello", MEDIUM):
        same(exchange(port, "POST", body), (200, body))


def http_client_posts_in_chunks(port: int) -> None:
    client = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    with contextlib.closing(client):
        pieces = iter([b"one ", b"two ", b"three"])
        client.request("POST", "/", body=pieces, encode_chunked=True,
                       headers={"Transfer-Encoding": "chunked"})
        same(client.getresponse().read(), b"one two three")


def head_has_no_body(port: int) -> None:
    client = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    with contextlib.closing(client):
        client.request("HEAD", "/")
        response = client.getresponse()
        same((response.status, response.read()), (200, b""))
        client.request("GET", "/")
        response = client.getresponse()
        same(response.status, 200)
        true(response.read())


def pipelined_requests_are_answered_in_order(port: int) -> None:
    requests = b"".join(
        b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\n%d" % turn for turn in range(8))
    requests += b"GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"
    answer = raw(port, [requests])
    same(answer.count(b"HTTP/1.1 200 "), 9)
    places = [answer.find(b"\r\n\r\n%d" % turn) for turn in range(8)]
    same(places, sorted(places))
    true(-1 not in places)


def a_request_in_single_bytes_is_one_request(port: int) -> None:
    request = b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nConnection: close\r\n\r\nabc"
    answer = raw(port, [bytes([byte]) for byte in request])
    true(answer.startswith(b"HTTP/1.1 200 ") and answer.endswith(b"abc"), answer)


def garbage_gets_400_and_the_server_lives(port: int) -> None:
    for garbage in (b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n", b"GET / HTTP/1.1\nHost: h\n\n",
                    b"GET / HTTP/1.1\r\n\r\n", b"GET /\r\n\r\n",
                    b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1, 1\r\n\r\nx"):
        answer = raw(port, [garbage])
        true(answer.startswith(b"HTTP/1.1 400 "), (garbage, answer))
    lives(port)


def a_head_without_end_gets_431(port: int) -> None:
    answer = raw(port, [b"GET / HTTP/1.1\r\nHost: h\r\nA: ", b"a" * 80000])
    true(answer.startswith(b"HTTP/1.1 431 "), answer[:80])
    lives(port)


def a_close_in_mid_head_harms_nobody(port: int) -> None:
    for part in (b"", b"G", b"GET / HTTP/1.1\r\nHo",
                 b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nabc",
                 b"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab"):
        with connected(port) as peer:
            peer.sendall(part)
    lives(port)


def a_reset_in_mid_head_harms_nobody(port: int) -> None:
    with connected(port) as peer:
        peer.sendall(b"GET / HTT")
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    lives(port)


def curl_gets_and_posts(port: int) -> None:
    true(curl(port, "/"))
    same(curl(port, "/", "--data-binary", "hello"), b"hello")
    same(curl(port, "/", "--data-binary", "@-", given=MEDIUM), MEDIUM)


def curl_keeps_the_connection(port: int) -> None:
    url = f"http://127.0.0.1:{port}/"
    out = curl(port, "/", url, url, "--write-out", "%{num_connects} ")
    # The first transfer opens the connection, the others use it.
    same([out.count(b"1 "), out.count(b"0 ")], [1, 2])


def curl_posts_in_chunks(port: int) -> None:
    chunked = ("--header", "Transfer-Encoding: chunked", "--data-binary", "@-")
    same(curl(port, "/", *chunked, given=MEDIUM), MEDIUM)


def curl_head_has_no_body(port: int) -> None:
    true(curl(port, "/", "--head").startswith(b"HTTP/1.1 200 "))


SERVER_CHECKS = [
    http_client_keeps_the_connection, http_client_gets_its_post_back, http_client_posts_in_chunks,
    head_has_no_body, pipelined_requests_are_answered_in_order,
    a_request_in_single_bytes_is_one_request, garbage_gets_400_and_the_server_lives,
    a_head_without_end_gets_431, a_close_in_mid_head_harms_nobody,
    a_reset_in_mid_head_harms_nobody,
]
CURL_CHECKS = [
    curl_gets_and_posts, curl_keeps_the_connection, curl_posts_in_chunks, curl_head_has_no_body,
]


# ---- their servers, our clients


def gets_a_body_with_length(client: list, port: int) -> None:
    same(fetch(client, port, "/length"), b"with a length\n")


def gets_a_large_body(client: list, port: int) -> None:
    same(fetch(client, port, "/large"), LARGE)


def gets_a_body_in_chunks(client: list, port: int) -> None:
    same(fetch(client, port, "/chunked"), LARGE[:100000])


def gets_a_body_until_close(client: list, port: int) -> None:
    same(fetch(client, port, "/close"), b"until the close\n")


def gets_nothing_with_204(client: list, port: int) -> None:
    same(fetch(client, port, "/nothing"), b"")


def posts_and_gets_it_back(client: list, port: int) -> None:
    same(fetch(client, port, "/echo", "-d", "hello"), b"hello")


def fails_when_the_body_is_cut_off(client: list, port: int) -> None:
    result = subprocess.run([*client, f"http://127.0.0.1:{port}/cut"], env=ENVIRONMENT,
                            capture_output=True, timeout=PATIENCE, check=False)
    true(result.returncode not in (0, -11, -6), result)
    true(result.stderr, "nothing was said of the failure")


CLIENT_CHECKS = [
    gets_a_body_with_length, gets_a_large_body, gets_a_body_in_chunks, gets_a_body_until_close,
    gets_nothing_with_204, posts_and_gets_it_back, fails_when_the_body_is_cut_off,
]
NGINX_CHECKS = [gets_a_body_with_length, gets_a_large_body, gets_a_body_in_chunks]


# ---- the peers


@contextlib.contextmanager
def started(command: list):
    """A server of ours; the port that it says it listens on."""
    process = subprocess.Popen(command, stdout=subprocess.PIPE, env=ENVIRONMENT, text=True)
    try:
        line = process.stdout.readline()
        if not line.startswith("listening on 127.0.0.1:"):
            raise SystemExit(f"interop: {command[-2]} said {line!r}")
        yield int(line.rsplit(":", 1)[1])
        if process.poll() is not None:
            raise SystemExit(f"interop: {command[-2]} died with {process.returncode}")
    finally:
        process.terminate()
        process.wait(PATIENCE)


class Handler(http.server.BaseHTTPRequestHandler):
    """The pages that the clients read."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        pages = {
            "/length": lambda: self.page(b"with a length\n"), "/large": lambda: self.page(LARGE),
            "/chunked": self.chunked, "/close": self.until_close, "/nothing": self.nothing,
            "/cut": self.cut,
        }
        pages[self.path]()

    def do_POST(self) -> None:
        self.page(self.rfile.read(int(self.headers["Content-Length"])))

    def page(self, body: bytes) -> None:
        self.head(200, "Content-Length", str(len(body)))
        self.wfile.write(body)

    def chunked(self) -> None:
        self.head(200, "Transfer-Encoding", "chunked")
        for start in range(0, 100000, 777):
            piece = LARGE[start:min(start + 777, 100000)]
            self.wfile.write(b"%x;piece=\"%d\"\r\n%s\r\n" % (len(piece), start, piece))
        self.wfile.write(b"0\r\nDigest: none\r\n\r\n")

    def until_close(self) -> None:
        self.head(200, "Connection", "close")
        self.wfile.write(b"until the close\n")

    def nothing(self) -> None:
        self.head(204, "Server-Timing", "none")

    def cut(self) -> None:
        self.head(200, "Content-Length", "1000")
        self.wfile.write(b"not a thousand bytes")
        self.close_connection = True

    def head(self, status: int, name: str, value: str) -> None:
        self.send_response(status)
        self.send_header(name, value)
        self.end_headers()

    def log_message(self, *_) -> None:
        """Says nothing."""


@contextlib.contextmanager
def python_server():
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()


@contextlib.contextmanager
def nginx_server():
    """nginx with a configuration, files and log of its own under target/."""
    (ROOT / "target").mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="nginx-", dir=ROOT / "target") as folder:
        port = free_port()
        write_site(Path(folder), port)
        process = subprocess.Popen(
            [find("nginx"), "-p", folder, "-c", "nginx.conf", "-e", "error.log"])
        try:
            wait_for(port, process)
            yield port
        finally:
            process.terminate()
            process.wait(PATIENCE)


def write_site(folder: Path, port: int) -> None:
    (folder / "site").mkdir()
    (folder / "site" / "length").write_bytes(b"with a length\n")
    (folder / "site" / "large").write_bytes(LARGE)
    # A filter that may change the length makes nginx send chunks.
    (folder / "site" / "chunked").write_bytes(LARGE[:100000])
    user = "user root;" if os.geteuid() == 0 else ""
    temporary = "".join(f"{name}_temp_path {folder}/{name};" for name in
                        ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    (folder / "nginx.conf").write_text(
        f"daemon off; worker_processes 1; {user} pid {folder}/pid; error_log {folder}/error.log;"
        f"events {{}} http {{ access_log off; {temporary} default_type text/html;"
        f"server {{ listen 127.0.0.1:{port}; root {folder}/site;"
        "location = /chunked { sub_filter 'no such text' ''; } } }")


def free_port() -> int:
    """nginx cannot say which port it got, so it is told one that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(port: int, process: subprocess.Popen) -> None:
    """Returns once the port answers; connecting again is the only sign that nginx gives."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and process.poll() is None:
        with contextlib.suppress(ConnectionRefusedError), connected(port):
            return
    raise SystemExit("interop: nginx does not answer")


# ---- what the checks share


def exchange(port: int, method: str, body: bytes) -> tuple:
    client = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    with contextlib.closing(client):
        client.request(method, "/", body=body)
        response = client.getresponse()
        return response.status, response.read()


def connected(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)


def raw(port: int, pieces: list) -> bytes:
    """Everything that comes back before the server closes."""
    answer = b""
    with connected(port) as peer:
        peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            for piece in pieces:
                peer.sendall(piece)
            peer.shutdown(socket.SHUT_WR)
        with contextlib.suppress(ConnectionResetError):
            while data := peer.recv(65536):
                answer += data
    return answer


def lives(port: int) -> None:
    same(exchange(port, "POST", b"alive"), (200, b"alive"))


def curl(port: int, path: str, *options: str, given: bytes = b"") -> bytes:
    command = ["curl", "--silent", "--show-error", "--fail", "--max-time", str(int(PATIENCE)),
               *options, f"http://127.0.0.1:{port}{path}"]
    result = subprocess.run(command, input=given, capture_output=True, check=False)
    same(result.returncode, 0, result.stderr)
    return result.stdout


def fetch(client: list, port: int, path: str, *options: str) -> bytes:
    result = subprocess.run([*client, *options, f"http://127.0.0.1:{port}{path}"],
                            env=ENVIRONMENT, capture_output=True, timeout=PATIENCE, check=False)
    same(result.returncode, 0, result.stderr)
    return result.stdout


def find(tool: str):
    return shutil.which(tool, path=os.environ.get("PATH", "") + ":/usr/sbin")


def true(fact, told="") -> None:
    if not fact:
        raise AssertionError(f"not so {told}")


def same(got, wanted, told=b"") -> None:
    if got != wanted:
        shown = [repr(value)[:200] for value in (got, wanted)]
        raise AssertionError(f"{shown[0]} instead of {shown[1]} {told.decode(errors='replace')}")


if __name__ == "__main__":
    sys.exit(main())
