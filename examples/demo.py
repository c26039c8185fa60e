#!/usr/bin/env python3
"""`make demo`: real exchanges between C, Python, curl and nginx, shown layer by layer.

Each exchange goes down the client's layers and up the server's, then back. What one side sent is
compared with what the other received, and what was decoded with what was encoded. Exits 1 when
anything disagrees. Needs only what the project builds; curl and nginx take part where they are.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import textwrap
from dataclasses import dataclass, field
from pathlib import Path
from typing import Optional

ROOT = Path(__file__).resolve().parent.parent
EXAMPLES = ROOT / "target" / "examples"
PLACE = ROOT / "target" / "demo"
PATIENCE = 30
UNTOLD = "(it does not tell)"
DATA = "wrapped\tand unwrapped"
UNESCAPED = {"r": b"\r", "n": b"\n", "t": b"\t", "\\": b"\\"}


@dataclass
class Side:
    """What one side said of an exchange; None where a peer does not tell."""

    encoded: Optional[str] = None
    sent: Optional[bytes] = None
    received: Optional[bytes] = None
    decoded: Optional[str] = None


@dataclass
class Exchange:
    title: str
    client: Side
    server: Side
    wrong: list[str] = field(default_factory=list)

    def compare(self, what: str, left: object, right: object) -> None:
        if left is not None and right is not None and left != right:
            self.wrong.append(f"{what}: {left!r} is not {right!r}")

    def judge(self, status: int, errors: str, body: bytes, wanted: bytes) -> None:
        client, server = self.client, self.server
        if status != 0:
            self.wrong.append(f"the client ended with {status}: {errors.strip()}")
        self.compare("sent and received, request", client.sent, server.received)
        self.compare("sent and received, response", server.sent, client.received)
        self.compare("encoded and decoded, request", client.encoded, server.decoded)
        self.compare("encoded and decoded, response", server.encoded, client.decoded)
        self.compare("body", body, wanted)
        if None in (client.sent, client.received):
            self.wrong.append("the client showed no bytes")


def traced(lines: str, name: str) -> Side:
    """A side out of its `@ name layer step text` lines."""
    side = Side()
    for line in lines.splitlines():
        words = line.split(" ", 4)
        if words[:2] != ["@", name] or len(words) < 5:
            continue
        step, text = words[3], words[4]
        if step == "encode":
            side.encoded = text
        elif step == "decode":
            side.decoded = text
        elif step == "send":
            side.sent = (side.sent or b"") + unescaped(text)
        elif step == "recv":
            side.received = (side.received or b"") + unescaped(text)
    return side


def unescaped(text: str) -> bytes:
    def byte(match: re.Match[str]) -> str:
        code = match[1]
        plain = UNESCAPED.get(code) or bytes([int(code[1:], 16)])
        return plain.decode("latin-1")

    return re.sub(r"\\(x[0-9a-f]{2}|[rnt\\])", byte, text).encode("latin-1")


def dumped(trace: str) -> Side:
    """A side out of what `curl --trace` writes: hexadecimal, 16 bytes a line."""
    side, step = Side(sent=b"", received=b""), ""
    for line in trace.splitlines():
        if line[:2] in ("=>", "<="):
            step = line
        elif re.match(r"[0-9a-f]{4}: ", line) and step.startswith(("=> Send ", "<= Recv ")):
            data = bytes.fromhex(line[6:54])
            if step[:2] == "=>":
                side.sent += data
            else:
                side.received += data
    return side


class Server:
    """The C server of the examples, tracing into a file."""

    def __enter__(self) -> "Server":
        self.log = PLACE / "server.txt"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen([EXAMPLES / "http_server", "-v", "0"],
                                            stdout=subprocess.PIPE, stderr=log, text=True)
        line = self.process.stdout.readline().strip()
        if not line.startswith("listening on "):
            sys.exit(f"demo: http_server did not start: {self.log.read_text()}")
        self.url, self.read = f"http://{line.split()[-1]}", 0
        return self

    def __exit__(self, *_: object) -> None:
        self.process.send_signal(signal.SIGTERM)
        self.status = self.process.wait(PATIENCE)
        self.process.stdout.close()

    def side(self) -> Side:
        """All since the last call: the server shows what it does before it sends."""
        text = self.log.read_text()
        new, self.read = text[self.read:], len(text)
        return traced(new, "server")

    def exchange(self, title: str, command: list, wanted: bytes, env: Optional[dict] = None,
                 trace: Optional[Path] = None) -> Exchange:
        done = subprocess.run(command, capture_output=True, timeout=PATIENCE, env=env)
        errors = done.stderr.decode("latin-1")
        client = dumped(trace.read_text("latin-1")) if trace and trace.exists() else (
            traced(errors, "client"))
        told = "\n".join(line for line in errors.splitlines() if not line.startswith("@ "))
        exchange = Exchange(title, client, self.side())
        exchange.judge(done.returncode, told, done.stdout, wanted)
        if exchange.server.received is None:
            exchange.wrong.append("the server showed no bytes")
        return exchange


def with_c_server() -> list[Exchange]:
    page = b"Wrapped here, unwrapped there.\n"
    c_client = [EXAMPLES / "http_get", "-v"]
    python = [sys.executable, ROOT / "examples" / "python" / "http_get.py", "-v"]
    env = os.environ | {"BOJAGI_LIBRARY": str(ROOT / "target" / "release" / "libbojagi.so"),
                        "PYTHONPATH": str(ROOT / "bindings" / "python" / "src")}
    exchanges = []
    with Server() as server:
        def both(client: str, command: list, env: Optional[dict] = None,
                 trace: Optional[Path] = None) -> None:
            url = f"{server.url}/{client.split()[0].lower()}"
            for method, extra, wanted in [("GET", [], page),
                                          ("POST", ["-d", DATA], DATA.encode())]:
                title = f"{client} {method}s from the C server" if method == "GET" else (
                    f"{client} {method}s to the C server")
                exchanges.append(server.exchange(title, [*command, *extra, url], wanted, env,
                                                 trace))

        both("C client", c_client)
        both("Python client", python, env)
        if shutil.which("curl"):
            trace = PLACE / "curl.txt"
            both("curl", ["curl", "-q", "-sS", "--noproxy", "*", "--trace", trace], None, trace)
        else:
            print("curl is not installed: it takes no part.")
    if server.status != 0:
        exchanges[-1].wrong.append(f"the server ended with {server.status} on SIGTERM")
    return exchanges


NGINX = """
daemon off;
master_process off;
pid nginx.pid;
error_log error.log;
events {{ worker_connections 16; }}
http {{
    log_format told '$request_method $request_uri\t$request_length\t$status\t$bytes_sent';
    access_log access.log told;
    client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi;
    uwsgi_temp_path uwsgi; scgi_temp_path scgi;
    server {{ listen 127.0.0.1:{port}; root page; }}
}}
"""


def with_nginx() -> list[Exchange]:
    nginx = shutil.which("nginx", path=os.environ.get("PATH", "") + ":/usr/sbin")
    if nginx is None:
        print("nginx is not installed: it takes no part.")
        return []
    place = PLACE / "nginx"
    (place / "page").mkdir(parents=True)
    page = b"<!doctype html><title>bojagi</title><p>A page of a real nginx.\n"
    (place / "page" / "index.html").write_bytes(page)
    with socket.socket() as probe:      # nginx cannot choose a port by itself
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    (place / "nginx.conf").write_text(NGINX.format(port=port))
    with subprocess.Popen([nginx, "-p", f"{place}/", "-c", "nginx.conf", "-e", "error.log"],
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:
        try:
            wait_until_it_listens(process, port)
            done = subprocess.run([EXAMPLES / "http_get", "-v", f"http://127.0.0.1:{port}/"],
                                  capture_output=True, timeout=PATIENCE)
        finally:
            process.send_signal(signal.SIGQUIT)     # nginx ends in order, its log written
            process.wait(PATIENCE)
    client = traced(done.stderr.decode("latin-1"), "client")
    exchange = Exchange("C client GETs a page of nginx", client, Side())
    exchange.judge(done.returncode, done.stderr.decode("latin-1"), done.stdout, page)
    request, length, status, sent = (place / "access.log").read_text().strip().split("\t")
    exchange.server.decoded = f"{request}, {length} bytes (its log)"
    exchange.server.encoded = f"{status}, {sent} bytes (its log)"
    exchange.compare("the request in nginx's log", (client.encoded or "").split(",")[0], request)
    exchange.compare("its length", len(client.sent or b""), int(length))
    exchange.compare("the length of the response", len(client.received or b""), int(sent))
    exchange.compare("the status", (client.decoded or "").split()[:1], [status])
    return [exchange]


def wait_until_it_listens(process: subprocess.Popen, port: int) -> None:
    for _ in range(500):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except ConnectionRefusedError:
            pass
        try:
            process.wait(0.02)
        except subprocess.TimeoutExpired:
            continue
        break
    sys.exit(f"demo: nginx did not start: {process.stdout.read().decode('latin-1')}")


class Picture:
    """Prints exchanges: the client left, the server right, layer 7 above layer 4."""

    def __init__(self) -> None:
        screen = sys.stdout.isatty()
        self.width = max(80, min(100, shutil.get_terminal_size((96, 24)).columns))
        self.column = (self.width - 2) // 2
        self.colour = screen and "NO_COLOR" not in os.environ
        pretty = screen and (sys.stdout.encoding or "").lower().startswith("utf")
        self.down, self.up, self.corner, self.rise, self.line = (
            ("↓", "↑", "╰", "╯", "─") if pretty else ("v", "^", "`", "'", "-"))

    def paint(self, code: str, text: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self.colour and text else text

    def show(self, number: int, exchange: Exchange) -> None:
        client, server = exchange.client, exchange.server
        rule = self.line * (self.width - len(exchange.title) - 6)
        print(f"\n{self.paint('1', f'{number:2}  {exchange.title}')} {self.paint('2', rule)}")
        self.way("request", ("encode", client.encoded, "send", client.sent, self.down),
                 ("decode", server.decoded, "recv", server.received, self.up), True)
        self.way("response", ("decode", client.decoded, "recv", client.received, self.up),
                 ("encode", server.encoded, "send", server.sent, self.down), False)
        for wrong in exchange.wrong:
            print(self.paint("1;31", f"    wrong: {wrong}"))

    def way(self, what: str, left: tuple, right: tuple, outward: bool) -> None:
        """One message: the columns of both sides, and the wire below them."""
        if outward:
            print(self.paint("2", f"    client{' ' * (self.column - 6)}server"))
        else:
            print()
        self.rows(self.message(*left), self.message(*right))
        self.rows([("  " + left[4], "")], [("  " + right[4], "")])
        self.rows(self.bytes(*left), self.bytes(*right))
        data = left[3] if right[3] is None else right[3]
        wire = f" {what}, {len(data or b'')} bytes ".center(self.column - 4, self.line)
        wire = f"{wire}>" if outward else f"<{wire}"
        print(self.paint("2", f"      {self.corner}{wire}{self.rise}"))

    def rows(self, left: list[tuple[str, str]], right: list[tuple[str, str]]) -> None:
        for cells in (left, right):
            cells += [("", "")] * (max(len(left), len(right)) - len(cells))
        for pair in zip(left, right):
            print(("    " + "".join(
                self.paint("36", label) + " " * (10 - len(label)) + f"{text:<{self.column - 10}}"
                for label, text in pair)).rstrip())

    def message(self, code: str, message: Optional[str], *_: object) -> list[tuple[str, str]]:
        said = textwrap.wrap(message or UNTOLD, self.column - 12)
        return list(zip([f"7 {code}"] + [""] * len(said), said))

    def bytes(self, _code: str, _message: Optional[str], call: str, data: Optional[bytes],
              _arrow: str) -> list[tuple[str, str]]:
        """The bytes, escaped, a line after each line end, none too wide and not too many."""
        room, lines = self.column - 12, []
        for line in [UNTOLD] if data is None else lines_of(data):
            lines += [line[at:at + room] for at in range(0, len(line), room)]
        shown = lines if len(lines) <= 16 else [*lines[:15], f"... {len(lines) - 15} lines more"]
        return list(zip([f"4 {call}"] + [""] * len(shown), shown))


def lines_of(data: bytes) -> list[str]:
    """Bytes as text, escaped as in C, a line after each line end."""
    names = {9: r"\t", 10: r"\n", 13: r"\r", 92: r"\\"}
    return ["".join(names.get(byte) or (chr(byte) if 32 <= byte < 127 else rf"\x{byte:02x}")
                    for byte in line) for line in re.findall(rb"[^\n]*\n|[^\n]+", data)]


def main() -> int:
    shutil.rmtree(PLACE, ignore_errors=True)
    PLACE.mkdir(parents=True)
    print("An application wraps what it means (7), the socket carries the bytes (4), and the other "
          "side\nunwraps them. The response takes the same way back.")
    exchanges = with_c_server() + with_nginx()
    picture = Picture()
    for number, exchange in enumerate(exchanges, 1):
        picture.show(number, exchange)
    wrong = [exchange.title for exchange in exchanges if exchange.wrong]
    if wrong:
        print(picture.paint("1;31", f"\nNot all agreed: {'; '.join(wrong)}."))
        return 1
    print(picture.paint("1;32", f"\nAll {len(exchanges)} exchanges agreed: every byte arrived as "
                                "sent, every message was decoded as encoded."))
    return 0


if __name__ == "__main__":
    sys.exit(main())
