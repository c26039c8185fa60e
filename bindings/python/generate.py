#!/usr/bin/env python3
"""Writes `src/bojagi/_bindings.py` from `include/bojagi.h`.

    python3 bindings/python/generate.py            # write
    python3 bindings/python/generate.py --check    # exit 1 when the file is not what would be written

The header is cbindgen's: `#define` constants, `typedef struct`s and prototypes, nothing clever. What
this script does not understand it refuses, so that nothing of the ABI is lost in silence.
"""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path
from typing import Dict, List, Optional, Sequence, Tuple

HERE = Path(__file__).resolve().parent
HEADER = HERE.parents[1] / "include" / "bojagi.h"
BINDINGS = HERE / "src" / "bojagi" / "_bindings.py"

PREAMBLE = '''\
"""What `include/bojagi.h` declares, for ctypes. Written by generate.py: do not edit.

Every pointer parameter but a C string is a `c_void_p`, which takes bytes, arrays, `byref()` and
plain addresses, and which ctypes converts fastest.
"""

from __future__ import annotations

import ctypes
from typing import Any, Dict, Tuple
'''

DECLARE = '''\


def declare(library: ctypes.CDLL) -> None:
    """Sets result and argument types of every function of the library."""
    for name, (result, arguments) in FUNCTIONS.items():
        function = getattr(library, name)
        function.restype = result
        function.argtypes = arguments
'''

SCALARS = {
    "char": "ctypes.c_char",
    "unsigned char": "ctypes.c_ubyte",
    "bool": "ctypes.c_bool",
    "int": "ctypes.c_int",
    "size_t": "ctypes.c_size_t",
    "uintptr_t": "ctypes.c_size_t",
    **{f"{sign}int{bits}_t": f"ctypes.c_{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64)},
}

Field = Tuple[str, str]


class Unknown(Exception):
    """The header holds something that this script does not understand."""


class Header:
    """The declarations of a C header, parsed."""

    def __init__(self, source: str) -> None:
        text = re.sub(r"/\*.*?\*/|//[^\n]*", " ", source, flags=re.S)
        self.constants = parse_constants(text)
        text = strip_directives(text)
        self.structs: Dict[str, List[Field]] = {}
        self.opaque: List[str] = []
        self.callbacks: List[str] = []
        self.functions: Dict[str, Tuple[str, List[str]]] = {}
        for statement in statements(text):
            self._add(statement)

    def _add(self, statement: str) -> None:
        struct = re.fullmatch(r"typedef struct (\w+) ?\{(.*)\} ?(\w+)", statement)
        opaque = re.fullmatch(r"typedef struct (\w+) (\w+)", statement)
        callback = re.fullmatch(r"typedef [^()]*\(\*(\w+)\)\(.*\)", statement)
        function = re.fullmatch(r"(.*?[\s*])(\w+) ?\((.*)\)", statement)
        if callback:
            self.callbacks.append(callback.group(1))
        elif struct:
            fields = [f.strip() for f in struct.group(2).split(";") if f.strip()]
            self.structs[struct.group(3)] = [self._field(f) for f in fields]
        elif opaque:
            self.opaque.append(opaque.group(2))
        elif function:
            result, name, parameters = function.groups()
            self.functions[name] = (self._result(result), self._parameters(parameters))
        else:
            raise Unknown(statement)

    def _field(self, declaration: str) -> Field:
        match = re.fullmatch(r"(.*?[\s*])(\w+)((?: ?\[\w+\])*)", declaration)
        if not match:
            raise Unknown(declaration)
        kind = self._type(match.group(1))
        for length in re.findall(r"\w+", match.group(3)):
            kind = f"{kind} * {self.constants.get(length, length)}"
        return match.group(2), kind

    def _parameters(self, text: str) -> List[str]:
        if text.strip() in ("", "void"):
            return []
        return [self._type(re.sub(r"\w+$", "", p.strip()), parameter=True) for p in text.split(",")]

    def _result(self, text: str) -> str:
        return "None" if text.strip() == "void" else self._type(text, parameter=True)

    def _type(self, text: str, parameter: bool = False) -> str:
        words = " ".join(text.replace("*", " * ").split())
        constant = words.startswith("const ")
        base = words.replace("const ", "").replace("struct ", "").replace(" const", "")
        if base in self.callbacks:
            return "ctypes.c_void_p"
        if base.endswith("*"):
            return "ctypes.c_char_p" if parameter and constant and base == "char *" else "ctypes.c_void_p"
        if base in SCALARS:
            return SCALARS[base]
        if base in self.structs and not parameter:
            return base
        raise Unknown(text)


def parse_constants(text: str) -> Dict[str, int]:
    """The value of each `#define BOJAGI_NAME integer`; macros with parameters are C's alone."""
    constants = {"UINT64_MAX": 2**64 - 1, "UINT32_MAX": 2**32 - 1}
    for name, value in re.findall(r"^#define (BOJAGI_\w+)[ \t]+(\S[^\n]*?)[ \t]*$", text, flags=re.M):
        number = evaluate(value, constants)
        if number is not None:
            constants[name] = number
    return {name: value for name, value in constants.items() if name.startswith("BOJAGI_")}


def evaluate(value: str, constants: Dict[str, int]) -> Optional[int]:
    """An integer expression of literals and earlier constants; None for anything else."""
    value = re.sub(r"\((?:u?int\d+_t|size_t)\)", "", value)
    value = re.sub(r"\b(0[xX][0-9a-fA-F]+|\d+)[uUlL]*\b", r"\1", value)
    value = re.sub(r"\b[A-Z]\w*\b", lambda m: str(constants.get(m.group(), m.group())), value)
    if not re.fullmatch(r"[-+*|&~<>() 0-9a-fA-FxX]+", value):
        return None
    result = eval(value, {"__builtins__": {}})  # digits and operators only, see the line above
    return result if isinstance(result, int) else None


def strip_directives(text: str) -> str:
    """The declarations alone: what is for C++ or bare metal only, directives, annotations are gone."""
    text = re.sub(r"#ifdef BOJAGI_BARE.*?#else", " ", text, flags=re.S)
    text = re.sub(r"#ifdef __cplusplus.*?#endif", " ", text, flags=re.S)
    text = re.sub(r"^[ \t]*#(?:[^\n]*\\\n)*[^\n]*$", " ", text, flags=re.M)
    return re.sub(r"\bBOJAGI_(?:API|MUST_USE)\b|\bextern\b", " ", text)


def statements(text: str) -> List[str]:
    """The declarations, each on one line without its semicolon."""
    found, depth, start = [], 0, 0
    for index, character in enumerate(text):
        depth += {"{": 1, "}": -1}.get(character, 0)
        if character == ";" and depth == 0:
            found.append(" ".join(text[start:index].split()))
            start = index + 1
    if text[start:].strip():
        raise Unknown(text[start:].strip())
    return [statement for statement in found if statement]


def render(header: Header) -> str:
    """The text of `_bindings.py`."""
    lines = [PREAMBLE]
    lines += [f"{name.replace('BOJAGI_', '', 1)} = {value}" for name, value in header.constants.items()]
    for name, fields in header.structs.items():
        lines += ["", "", f"class {name}(ctypes.Structure):", "    _fields_ = ["]
        lines += [f'        ("{field}", {kind}),' for field, kind in fields]
        lines += ["    ]"]
    lines += ["", "", "FUNCTIONS: Dict[str, Tuple[Any, Tuple[Any, ...]]] = {"]
    for name, (result, parameters) in header.functions.items():
        tail = "," if len(parameters) == 1 else ""
        whole = f'    "{name}": ({result}, ({", ".join(parameters)}{tail})),'
        lines += [whole] if len(whole) <= 100 else split_entry(name, result, parameters)
    lines += ["}", DECLARE]
    return "\n".join(lines)


def split_entry(name: str, result: str, parameters: Sequence[str]) -> List[str]:
    """A table entry that is too long for one line, one parameter a line."""
    return [f'    "{name}": (', f"        {result},", "        (", *(f"            {p}," for p in parameters),
            "        ),", "    ),"]


def main() -> int:
    parser = argparse.ArgumentParser(description="Write the ctypes declarations of include/bojagi.h.")
    parser.add_argument("--check", action="store_true", help="write nothing; fail when the file is out of date")
    parser.add_argument("--header", type=Path, default=HEADER)
    parser.add_argument("--output", type=Path, default=BINDINGS)
    options = parser.parse_args()
    try:
        text = render(Header(options.header.read_text(encoding="utf-8")))
    except Unknown as unknown:
        print(f"{options.header}: cannot translate: {unknown}", file=sys.stderr)
        return 1
    current = options.output.read_text(encoding="utf-8") if options.output.exists() else ""
    if options.check:
        if current != text:
            print(f"{options.output} is out of date: run {parser.prog}", file=sys.stderr)
        return int(current != text)
    if current != text:
        options.output.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
