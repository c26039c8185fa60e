"""Talks to kv_server: as many requests as there are on the command line, over one connection.

    python3 kv_client.py PORT [get KEY | set KEY VALUE | delete KEY | list]...

A VALUE of - is standard input, whatever bytes it holds. It talks with examples/c/kv_server.c too.
"""

from __future__ import annotations

import os
import sys
from typing import Iterator, List

import bojagi

TIMEOUT, FRAME_MAX = 5.0, 32768
KEYS = bojagi.FrameFormat("u16")
TAKES = {"get": 1, "set": 2, "delete": 1, "list": 0}


def keys(data: bytes) -> Iterator[bytes]:
    while found := KEYS.decode(data):
        key, size = found
        yield key
        data = data[size:]


def ask(frames: bojagi.Frames, word: str, key: bytes = b"", value: bytes = b"") -> bool:
    if value == b"-":
        value = sys.stdin.buffer.read()
    frames.send(word[0].upper().encode() + KEYS.encode(key) + value)
    answer = frames.recv()
    if answer[:1] != b"+":
        print(f"kv_client: {answer[1:].decode(errors='replace')}", file=sys.stderr)
        return False
    lines: List[bytes] = [answer[1:]] if word == "get" else list(keys(answer[1:]))
    for line in lines:
        sys.stdout.buffer.write(line + b"\n")
    return True


if len(sys.argv) < 2:
    sys.exit(__doc__)
words, fine = sys.argv[2:], True
try:
    connection = bojagi.connect("127.0.0.1", int(sys.argv[1]), TIMEOUT)
    with bojagi.Frames(connection, "u32", limit=FRAME_MAX, timeout=TIMEOUT) as frames:
        while words:
            word = words.pop(0)
            if word not in TAKES or len(words) < TAKES[word]:
                print(f"kv_client: what is {word}?", file=sys.stderr)
                sys.exit(2)
            arguments = [os.fsencode(words.pop(0)) for _ in range(TAKES[word])]
            fine = ask(frames, word, *arguments) and fine
except (OSError, EOFError, ValueError) as failure:
    sys.exit(f"kv_client: {failure}")
sys.exit(0 if fine else 1)
