#!/usr/bin/env python3
"""Makes the corpora that the fuzzers begin with, from the vectors of `tests/vectors/`.

    fuzz/seed.py FOLDER      writes FOLDER/TARGET/ID, one file a vector and target

An input begins with what `fuzz/src/setting.rs` or `fuzz/src/peer.rs` reads; the rest is the wire.
"""

import json
import struct
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MOST = 4000  # bytes: longer vectors are about limits, which a setting makes small
METHODS = ["", "GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"]
FLAGS = [
    "ALLOW_BARE_LF", "ALLOW_EQUAL_LENGTHS", "ALLOW_MISSING_HOST", "ALLOW_STATUS_999",
    "ALLOW_SPACE_BEFORE_COLON", "ALLOW_CHUNK_SPACE", "ALLOW_START_LINE_SPACE", "ALLOW_OBS_FOLD",
    "REFUSE_NON_URI",
]
LIMITS = [
    "start_line_max", "field_bytes_max", "field_count_max", "trailer_bytes_max",
    "trailer_count_max", "chunk_extension_max", "body_max",
]


def main() -> int:
    folder, count = Path(sys.argv[1]), 0
    for path in sorted((ROOT / "tests" / "vectors").glob("*.jsonl")):
        for number, line in enumerate(path.read_text().splitlines()):
            for target, data in seeds(json.loads(line)):
                (folder / target).mkdir(parents=True, exist_ok=True)
                (folder / target / f"{path.stem}-{number}").write_bytes(data)
                count += 1
    print(f"{count} seeds")
    return 0 if count else 1


def seeds(vector: dict):
    """The inputs that a vector gives, each with its target."""
    if vector["kind"] not in ("request", "response"):
        return
    wire = input_bytes(vector["input"])
    if len(wire) > MOST:
        return
    is_request = vector["kind"] == "request"
    method = 0 if is_request else METHODS.index(vector.get("request_method", "GET"))
    setting = setting_bytes(vector.get("rules", {}), method)
    yield vector["kind"], setting + wire
    yield "kernels", setting + wire
    kind = bytes([0 if is_request else 1 + method])
    yield "httparse", kind + wire
    yield "llhttp", kind + wire
    head, _, rest = wire.partition(b"\r\n\r\n")
    if b"chunked" in head.lower():
        yield "chunked", setting + rest
        if b"\r\n0\r\n" in rest:
            yield "trailers", setting + rest.partition(b"\r\n0\r\n")[2]
    elif rest:
        how = 1 if is_request else 2
        yield "chunked", setting_bytes(vector.get("rules", {}), how, len(rest)) + rest


def setting_bytes(rules: dict, method: int, number: int = 0) -> bytes:
    """The eight bytes of `fuzz/src/setting.rs`, as near to the rules as they come."""
    flags = sum(1 << FLAGS.index(flag) for flag in rules.get("flags", []))
    limits = {name: value for name, value in rules.items() if name != "flags"}
    small = sum(1 << LIMITS.index(name) for name in limits)
    size = min(255, max(limits.values(), default=0))
    return struct.pack("<HBBBBH", flags, small, size, method, 0, number)


def input_bytes(text) -> bytes:
    if isinstance(text, list):
        text = "".join(part * times for part, times in text)
    return text.encode("latin-1")


if __name__ == "__main__":
    sys.exit(main())
