#!/bin/sh
# Feeding a head byte by byte costs a fixed number of instructions a byte: twice
# the head costs twice the work, not four times. Counted by callgrind, so the
# clock of a busy machine has no part in it.
set -eu
cd "$(dirname "$0")/.."
. tests/need.sh

need valgrind cc || exit 0
make --silent library
out=target/linear
mkdir -p "$out"
cc -std=c99 -pedantic -Wall -Wextra -Werror -O1 -Iinclude tests/linear.c \
    -o "$out/linear" -Ltarget/release -lbojagi -Wl,-rpath,"$PWD/target/release"

# The instructions of feeding a head of so many bytes in that way.
count() {
    valgrind --tool=callgrind --toggle-collect='bojagi_request_decode*' \
        --callgrind-out-file="$out/callgrind.$1.$2" "$out/linear" "$1" "$2" \
        > "$out/log.$1.$2" 2>&1 || { cat "$out/log.$1.$2" >&2; exit 1; }
    sed -n 's/.*Collected : \([0-9]*\).*/\1/p' "$out/log.$1.$2"
}

half=$(count 30000 byte)
full=$(count 60000 byte)
whole=$(count 60000 whole)
echo "instructions: $half for 30 kB byte by byte, $full for 60 kB, $whole for 60 kB whole"
[ "$whole" -gt 0 ]
# Linear is a ratio of 2, quadratic one of 4.
if [ $((full * 10)) -gt $((half * 22)) ]; then
    echo "feeding byte by byte is not linear" >&2
    exit 1
fi
if [ "$full" -gt $((60000 * 400)) ]; then
    echo "feeding byte by byte costs over 400 instructions a byte" >&2
    exit 1
fi
