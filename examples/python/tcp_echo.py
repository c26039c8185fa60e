"""A protocol of our own over TCP: a length in four bytes, then as many bytes, and the server sends them back.

    python3 tcp_echo.py                     both ends, in one process
    python3 tcp_echo.py server [PORT]       serves until Ctrl-C
    python3 tcp_echo.py client PORT TEXT
"""

from __future__ import annotations

import struct
import sys
import threading

import bojagi

TIMEOUT = 5.0


def send_message(sock: bojagi.Socket, message: bytes) -> None:
    sock.send_all(struct.pack("!I", len(message)) + message, TIMEOUT)


def recv_message(sock: bojagi.Socket) -> bytes:
    (size,) = struct.unpack("!I", sock.recv_exact(4, TIMEOUT))
    if size > 1 << 20:
        raise ValueError(f"a message of {size} bytes is too long")
    return sock.recv_exact(size, TIMEOUT)


def serve(listener: bojagi.Listener) -> None:
    for sock in listener:
        with sock:
            try:
                while True:
                    send_message(sock, recv_message(sock))
            except EOFError:
                pass  # the client has closed
            except (OSError, ValueError) as error:
                print(f"tcp_echo: {error}", file=sys.stderr)


def client(port: int, text: str) -> None:
    with bojagi.connect("127.0.0.1", port, TIMEOUT) as sock:
        send_message(sock, text.encode())
        print(recv_message(sock).decode())


def main(arguments: list[str]) -> None:
    if arguments[:1] == ["client"]:
        return client(int(arguments[1]), arguments[2])
    port = int(arguments[1]) if len(arguments) > 1 else 0
    with bojagi.listen("127.0.0.1", port) as listener:
        if arguments[:1] == ["server"]:
            print(f"listening on {listener.local}", flush=True)
            return serve(listener)
        server = threading.Thread(target=serve, args=(listener,))
        server.start()
        client(listener.port or 0, "hello over TCP")
    server.join()


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except (OSError, ValueError, IndexError) as failure:
        sys.exit(f"tcp_echo: {failure}")
    except KeyboardInterrupt:
        pass
