#!/usr/bin/env python3
"""Writes the inputs of `tests/vectors/` as one file: inputs.py FILE.

Each is four bytes of its length, the lowest first, then its bytes; a length of 2^32-1 ends them.
"""

import json
import sys
from pathlib import Path


def main() -> int:
    vectors = Path(__file__).parents[1] / "vectors"
    with open(sys.argv[1], "wb") as out:
        for path in sorted(vectors.glob("*.jsonl")):
            for line in path.read_text().splitlines():
                data = input_bytes(json.loads(line))
                out.write(len(data).to_bytes(4, "little") + data)
        out.write(b"\xff\xff\xff\xff")
    return 0


def input_bytes(vector: dict) -> bytes:
    """The bytes that are decoded, or that an encoder writes."""
    text = vector.get("input", vector.get("output", ""))
    if isinstance(text, list):
        text = "".join(part * times for part, times in text)
    return text.encode("latin-1")


if __name__ == "__main__":
    sys.exit(main())
