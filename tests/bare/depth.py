#!/usr/bin/env python3
"""Bounds the stack of every exported function by what its machine code does: depth.py MOST < OBJDUMP.

Reads the disassembly, with relocations, of the codec's object for x86-64 (`objdump -dr`): what each
function pushes and takes, and whom it calls, and adds up the deepest way down. Recursion, a call by a
pointer that is not an outside function's, and a frame of no fixed size have no such bound; they are
failures, as is a function that needs more than MOST bytes. It is the code that is read, so that what no
test reaches counts too. Outside functions are those of memory (memcpy and its kin), with what they need
in the firmware.
"""

import re
import sys
from typing import Dict, List, Tuple

FUNCTION = re.compile(r"^[0-9a-f]+ <(.+)>:$")
RELOCATION = re.compile(r"^\s+[0-9a-f]+: (R_X86_64_\w+)\s+(\S+?)(?:[-+]0x[0-9a-f]+)?$")
INSTRUCTION = re.compile(r"^\s+[0-9a-f]+:\s+(\S.*)$")
TAKEN = re.compile(r"sub +\$0x([0-9a-f]+),%rsp")
MOVED = re.compile(r"(?:sub|and|mov|lea|add) .*,%rsp$")
GIVEN_BACK = re.compile(r"add +\$0x[0-9a-f]+,%rsp|lea +-?0x[0-9a-f]+\(%r[sb]p\),%rsp")
BELOW = re.compile(r"-0x([0-9a-f]+)\(%rsp\)")
OUTSIDE = {"memcpy", "memmove", "memset", "memcmp", "bcmp"}
RETURN_ADDRESS = 8


class Unbounded(Exception):
    """The way down has no end that can be computed."""


class Function:
    def __init__(self) -> None:
        self.taken = 0
        self.red_zone = 0
        self.used: set = set()
        self.fault = ""
        self.by_pointer = ""
        self.points_outside = False

    def see(self, code: str) -> None:
        taken, below = TAKEN.match(code), BELOW.search(code)
        if below:
            self.red_zone = max(self.red_zone, int(below.group(1), 16))
        if taken:
            self.taken += int(taken.group(1), 16)
        elif code.startswith("push"):
            self.taken += 8
        elif MOVED.match(code) and not GIVEN_BACK.match(code):
            self.fault = f"a frame of no fixed size: {code}"
        elif re.match(r"call +\*%", code):
            self.by_pointer = code

    def relocate(self, kind: str, symbol: str, functions: Dict[str, "Function"]) -> None:
        name = re.sub(r"^\.text\.(?:unlikely\.)?", "", symbol)
        if name in functions or name in OUTSIDE:
            self.used.add(name)
        elif not symbol.startswith("."):
            self.used.add(symbol)
        if kind.startswith("R_X86_64_GOTPCREL") and symbol in OUTSIDE:
            self.points_outside = True

    def unbounded(self) -> str:
        if self.by_pointer and not self.points_outside:
            return f"a call by pointer: {self.by_pointer}"
        return self.fault


def main() -> int:
    most, functions = int(sys.argv[1]), parse(sys.stdin.read().splitlines())
    exports = sorted(name for name in functions if name.startswith("bojagi_"))
    complaints, deepest = [], (0, "")
    for name in exports:
        try:
            depth = RETURN_ADDRESS + deep(functions, name, ())
        except Unbounded as fault:
            complaints.append(f"{name}: {fault}")
            continue
        deepest = max(deepest, (depth, name))
        if depth > most:
            complaints.append(f"{name}: {depth} bytes of stack, of {most}")
    for complaint in complaints:
        print(complaint, file=sys.stderr)
    print(f"stack by the code: {deepest[0]} bytes of {most} at most, in {deepest[1]};"
          f" {len(exports)} functions, no recursion")
    return 1 if complaints or not exports else 0


def parse(lines: List[str]) -> Dict[str, Function]:
    functions = {m.group(1): Function() for m in map(FUNCTION.match, lines) if m}
    current = None
    for line in lines:
        opened, moved = FUNCTION.match(line), RELOCATION.match(line)
        code = INSTRUCTION.match(line)
        if opened:
            current = functions[opened.group(1)]
        elif current and moved:
            current.relocate(moved.group(1), moved.group(2), functions)
        elif current and code:
            current.see(re.sub(r"\s+", " ", code.group(1)))
    return functions


def deep(functions: Dict[str, Function], name: str, above: Tuple[str, ...]) -> int:
    """The bytes below the return address of `name` on its deepest way down."""
    if name in above:
        raise Unbounded(f"recursion: {' > '.join((*above, name))}")
    if name in OUTSIDE:
        return 0
    if name not in functions:
        raise Unbounded(f"{above[-1]} uses {name}, which is not in the archive")
    function = functions[name]
    if function.unbounded():
        raise Unbounded(f"{name}: {function.unbounded()}")
    ways = [RETURN_ADDRESS + deep(functions, used, (*above, name)) for used in function.used]
    return function.taken + max([function.red_zone, *ways])


if __name__ == "__main__":
    sys.exit(main())
