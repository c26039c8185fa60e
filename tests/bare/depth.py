#!/usr/bin/env python3
"""Bounds the stack of every exported function by what its machine code does: depth.py MOST < OBJDUMP.

Reads the symbols, relocations and disassembly of the codec's object for x86-64 (`objdump -tr`, then
`objdump -dr`): what each function pushes and takes, and whom it calls, and adds up the deepest way down. A
call by pointer may reach every function whose address is taken anywhere. Recursion, a frame of no fixed
size, and an address of a function in data, where a pointer could come from nobody knows where, have no
such bound; they are failures, as is a function that needs more than MOST bytes. It is the code that is
read, so that what no test reaches counts too. Outside functions are those of memory (memcpy and its kin),
with what they need in the firmware.
"""

import re
import sys
from typing import Dict, List, Tuple

FUNCTION = re.compile(r"^[0-9a-f]+ <(.+)>:$")
OBJECT = re.compile(r"^[0-9a-f]+ .{6}O \S+\s[0-9a-f]+ (?:\.hidden )?(\S+)$")
SECTION = re.compile(r"^RELOCATION RECORDS FOR \[(.+)\]:$")
ADDRESS = re.compile(r"^[0-9a-f]+ R_X86_64_64\s+(\S+?)(?:[-+]0x[0-9a-f]+)?$")
RELOCATION = re.compile(r"^\s+[0-9a-f]+: R_X86_64_\w+\s+(\S+?)(?:[-+]0x[0-9a-f]+)?$")
INSTRUCTION = re.compile(r"^\s+[0-9a-f]+:\s+(\S.*)$")
TAKEN = re.compile(r"sub +\$0x([0-9a-f]+),%rsp")
MOVED = re.compile(r"(?:sub|and|mov|lea|add) .*,%rsp$")
GIVEN_BACK = re.compile(r"add +\$0x[0-9a-f]+,%rsp|lea +-?0x[0-9a-f]+\(%r[sb]p\),%rsp")
DIRECT = re.compile(r"(?:call|j\w+) +(?!\*%)")
BY_POINTER = re.compile(r"(?:call|jmp) +\*%")
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
        self.taken_addresses: set = set()
        self.fault = ""
        self.by_pointer = False
        self.last = ""

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
        elif BY_POINTER.match(code) and not is_table_jump(code, self.last):
            self.by_pointer = True
        self.last = code

    def relocate(self, symbol: str) -> None:
        """The last instruction refers to this function: calls it, or takes its address."""
        if DIRECT.match(self.last):
            self.used.add(symbol)
        else:
            self.taken_addresses.add(symbol)


def is_table_jump(code: str, last: str) -> bool:
    """The jump of a `match`: into the same function, by an offset that was added just before."""
    return code.startswith("jmp") and last.startswith("add")


def main() -> int:
    most, (functions, faults) = int(sys.argv[1]), parse(sys.stdin.read().splitlines())
    taken = {name for function in functions.values() for name in function.taken_addresses}
    for function in functions.values():
        if function.by_pointer:
            function.used |= taken
    exports = sorted(name for name in functions if name.startswith("bojagi_"))
    complaints, deepest = list(faults), (0, "")
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


def parse(lines: List[str]) -> Tuple[Dict[str, Function], List[str]]:
    """The functions, and the addresses of functions that stand in data."""
    functions = {m.group(1): Function() for m in map(FUNCTION.match, lines) if m}
    objects = {m.group(1) for m in map(OBJECT.match, lines) if m}
    current, section, faults = None, "", []
    for line in lines:
        opened, moved = FUNCTION.match(line), RELOCATION.match(line)
        of, address = SECTION.match(line), ADDRESS.match(line)
        section = of.group(1) if of else section
        if address and function_name(address.group(1)) in functions:
            faults.append(f"{section} holds the address of {address.group(1)}")
        code = INSTRUCTION.match(line)
        if opened:
            current = functions[opened.group(1)]
        elif current and moved:
            name = function_name(moved.group(1))
            if name in functions or not (name.startswith(".") or name in objects):
                current.relocate(name)
        elif current and code:
            current.see(re.sub(r"\s+", " ", code.group(1)))
    return functions, faults


def function_name(symbol: str) -> str:
    """That of a symbol, or of the section that a function has for itself."""
    return re.sub(r"^\.text\.(?:unlikely\.)?", "", symbol)


def deep(functions: Dict[str, Function], name: str, above: Tuple[str, ...]) -> int:
    """The bytes below the return address of `name` on its deepest way down."""
    if name in above:
        raise Unbounded(f"recursion: {' > '.join((*above, name))}")
    if name in OUTSIDE:
        return 0
    if name not in functions:
        raise Unbounded(f"{above[-1]} uses {name}, which is not in the archive")
    function = functions[name]
    if function.fault:
        raise Unbounded(f"{name}: {function.fault}")
    ways = [RETURN_ADDRESS + deep(functions, used, (*above, name)) for used in function.used]
    return function.taken + max([function.red_zone, *ways])


if __name__ == "__main__":
    sys.exit(main())
