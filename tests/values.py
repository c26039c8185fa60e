#!/usr/bin/env python3
"""Writes the vectors of `tests/vectors/values/` as a table in C, which `tests/c/values.c` includes.

    tests/values.py > target/c/values_table.h

What a call gives is a list of parts; in the table it is one text, each part with its length before it: `1:a2:bc`.
"""

import json
import sys
from pathlib import Path

WITH = 2
"""The most arguments that a vector has beside its value."""


def main() -> int:
    print("static const struct vector vectors[] = {")
    for path in sorted((Path(__file__).parent / "vectors" / "values").glob("*.jsonl")):
        for line in path.read_text().splitlines():
            print(entry(json.loads(line)))
    print("};")
    return 0


def entry(vector: dict) -> str:
    arguments = vector.get("with", [])
    if len(arguments) > WITH:
        sys.exit(f"{vector['id']} has more than {WITH} arguments: give the table room for them")
    parts = [vector["input"], *arguments, *[""] * (WITH - len(arguments))]
    if "error" in vector:
        code, wanted = f"BOJAGI_E_{vector['error']}", ""
        reason, offset = vector.get("reason", "NONE"), vector.get("offset", 0)
    else:
        code, wanted = "0", "".join(f"{len(part)}:{part}" for part in vector["expect"])
        reason, offset = "NONE", 0
    value, *more = map(bytes_of, parts)
    return (f"    {{{literal(vector['id'])}, {literal(vector['call'])}, {value},\n"
            f"     {{{', '.join(more)}}}, {bytes_of(wanted)},\n"
            f"     {code}, BOJAGI_REASON_{reason}, {offset}}},")


def bytes_of(text) -> str:
    """A latin-1 image, or a list of `[image, times]`, as pointer and length."""
    if isinstance(text, list):
        text = "".join(part * times for part, times in text)
    return f"{{{literal(text)}, {len(text)}}}"


def literal(text: str) -> str:
    """A string literal; octal escapes end after three digits, whatever follows."""
    plain = set(map(chr, range(0x20, 0x7F))) - set('"\\?')
    return '"' + "".join(c if c in plain else f"\\{ord(c):03o}" for c in text) + '"'


if __name__ == "__main__":
    sys.exit(main())
