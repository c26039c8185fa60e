#!/usr/bin/env python3
"""Turns the vectors of `tests/vectors/` into what a C program reads without a JSON parser.

    vector_items.py FILE

The file begins with `vectors N`; then, for each vector, items until `end`: a line `NAME LENGTH`, so many
bytes, a line end. Lists of fields are netstrings, names and values in turn (`4:Host,1:h,`). A value
of which any will do is an item for each, a step of a connection is four. A key that is not known here
ends the program.
"""

import json
import sys
from pathlib import Path

VECTORS = Path(__file__).resolve().parent.parent / "vectors"
TEXTS = {"id", "rule", "kind", "input", "request_method", "reason", "code", "expect", "method",
         "target", "reason_phrase", "output", "remainder"}
NUMBERS = {"offset", "status"}
MESSAGE = {"method", "target", "reason", "status", "version", "framing", "headers", "trailers",
           "body", "keep_alive", "upgrade", "expect_continue", "target_form", "method_id"}
LISTS = {"headers", "trailers", "fields"}
LIMITS = {"start_line_max", "field_bytes_max", "field_count_max", "trailer_bytes_max",
          "trailer_count_max", "chunk_extension_max", "body_max"}


def main() -> int:
    vectors = []
    for path in sorted(VECTORS.glob("*.jsonl")):
        for line in path.read_text().splitlines():
            vector = json.loads(line)
            vectors.append(b"".join(items(path.stem, vector)) + b"end 0\n\n")
    data = b"vectors %d\n" % len(vectors) + b"".join(vectors)
    Path(sys.argv[1]).write_bytes(data)
    return 0 if vectors else 1


def items(stem: str, vector: dict):
    said = f"{stem}: {vector.pop('id')} ({vector.pop('rule')})"
    yield item("id", said.encode("ascii", "replace").decode())
    if vector["kind"] == "connection":
        yield from of_connection(**vector)
        return
    messages = vector.pop("messages", [])
    yield from of_rules(vector.pop("rules", {}))
    for key in ("eof", "in_place"):
        if vector.pop(key, False):
            yield item(key, "true")
    if "code" not in vector and isinstance(vector.get("reason"), str):
        yield item("code", "LIMIT" if vector["reason"].endswith("_LIMIT") else "SYNTAX")
    if vector["expect"] == "accept" and not vector["kind"].startswith("encode-"):
        vector.setdefault("remainder", "")
        yield item("messages", str(len(messages)))
    for key, value in vector.items():
        if key not in TEXTS | NUMBERS | {"fields"}:
            sys.exit(f"{stem}: a vector states {key}")
        yield from of_key(key, value)
    for number, message in enumerate(messages):
        yield item("message", str(number))
        for key, value in message.items():
            if key not in MESSAGE:
                sys.exit(f"{stem}: a message states {key}")
            yield from of_key(key, value)


def of_connection(kind: str, role: str, steps: list):
    yield item("kind", kind)
    yield item("role", role)
    for what, argument, answer, may in steps:
        yield item("step", what)
        yield from of_key("with", argument)
        yield item("answer", answer)
        yield item("may", may)


def of_rules(rules: dict):
    for key, value in rules.items():
        if key == "flags":
            yield from (item("flag", flag) for flag in value)
        elif key in LIMITS:
            yield item(key, str(value))
        else:
            sys.exit(f"a vector sets {key}")


def of_key(key: str, value):
    """One item, or one for each value that will do."""
    if key in LISTS:
        yield item(key, "".join(f"{len(part)}:{part}," for pair in value for part in pair))
    elif key in ("input", "output", "body", "with") and isinstance(value, list):
        yield item(key, "".join(part * times for part, times in value))
    elif isinstance(value, list):
        yield from (item(key, plain(one)) for one in value)
    else:
        yield item(key, plain(value))


def plain(value) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def item(name: str, text: str) -> bytes:
    data = text.encode("latin-1")
    return b"%s %d\n%s\n" % (name.encode(), len(data), data)


if __name__ == "__main__":
    sys.exit(main())
