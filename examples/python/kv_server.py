"""Keeps any bytes by any key, for many clients at once, a thread each.

    python3 kv_server.py PORT        port 0: the system chooses; ends on SIGTERM and SIGINT

A request is a frame: G (get), S (set), D (delete) or L (list), the key as a frame in it, the value. So is an answer:
+ and what was asked for, or - and the reason. It talks with examples/c/kv_client.c too.
"""

from __future__ import annotations

import signal
import sys
import threading
from typing import Dict

import bojagi

FRAME_MAX, ITEMS_MAX, CLIENTS_MAX = 32768, 10000, 64
KEYS = bojagi.FrameFormat("u16")
items: Dict[bytes, bytes] = {}
lock = threading.Lock()


def answer(request: bytes) -> bytes:
    letter, found = request[:1], KEYS.decode(request[1:])
    if found is None or letter not in (b"G", b"S", b"D", b"L"):
        return b"-malformed"
    key, size = found
    with lock:
        if letter == b"L":
            keys = b"+" + b"".join(map(KEYS.encode, items))
            return keys if len(keys) <= FRAME_MAX else b"-too many keys"
        if letter != b"S" and key not in items:
            return b"-no such key"
        if letter == b"G":
            return b"+" + items[key]
        if letter == b"D":
            del items[key]
        elif key in items or len(items) < ITEMS_MAX:
            items[key] = request[1 + size :]
        else:
            return b"-full"
        return b"+"


def serve(sock: bojagi.Socket) -> None:
    with slots, bojagi.Frames(sock, "u32", limit=FRAME_MAX, timeout=60) as frames:
        try:
            for request in frames:
                frames.send(answer(request), timeout=5)
        except (OSError, EOFError, ValueError):
            pass  # silent for too long, broken off, or no protocol of ours


signal.signal(signal.SIGTERM, signal.default_int_handler)
slots = threading.Semaphore(CLIENTS_MAX)
try:
    with bojagi.listen("127.0.0.1", int(sys.argv[-1])) as listener:
        print(f"listening on {listener.local}", flush=True)
        while True:
            try:
                connection = listener.accept()
            except bojagi.LimitError:
                continue  # no descriptor is left; it has waited a moment for one
            with slots:
                pass  # the next client waits until there is room for it
            threading.Thread(target=serve, args=(connection,), daemon=True).start()
except KeyboardInterrupt:
    pass
except (OSError, ValueError) as failure:
    sys.exit(f"kv_server: {failure}")
