#!/bin/sh
# What a send and a recv cost beside the system's part: instructions, counted by
# callgrind, and system calls, counted by strace. Both are exact, so the clock of a
# busy machine has no part in it; what it comes to in time, `make bench-net` shows.
set -eu
cd "$(dirname "$0")/.."
. tests/need.sh

MOST=220           # instructions a call, above those of C; without a budget
MOST_BUDGET=280    # with one, which reads the clock
need valgrind cc || exit 0
make --silent library
soname=$(sed -n 's/^version = "\([0-9]*\.[0-9]*\).*/libbojagi.so.\1/p' Cargo.toml)
ln -sf libbojagi.so "target/release/$soname"
out=target/cost
mkdir -p "$out"
cc -std=c99 -pedantic -Wall -Wextra -Werror -O2 -Iinclude tests/cost.c \
    -o "$out/cost" -Ltarget/release -lbojagi -Wl,-rpath,"$PWD/target/release"

# The instructions of so many round trips; then those of one, without what comes once.
total() {    # who timeout_ms count
    log=$out/callgrind.$1.$2.$3
    valgrind --tool=callgrind --callgrind-out-file="$log" "$out/cost" "$1" "$3" "$2" \
        > "$log.log" 2>&1 || { cat "$log.log" >&2; exit 1; }
    sed -n 's/.*Collected : \([0-9]*\).*/\1/p' "$log.log"
}
instructions() {    # who timeout_ms
    few=$(total "$1" "$2" 1000)
    many=$(total "$1" "$2" 2000)
    echo $(((many - few) / 1000))
}

# A round trip is four calls.
check() {    # who timeout_ms most
    ours=$(instructions "$1" "$2")
    plain=$(instructions c "$2")
    each=$(((ours - plain) / 4))
    echo "cost: $1, timeout $2: $ours instructions a round trip, C $plain; $each more a call"
    [ "$plain" -gt 0 ] && [ "$ours" -gt "$plain" ]    # else nothing was counted
    [ "$each" -le "$3" ] || { echo "cost: over $3 instructions a call" >&2; exit 1; }
}

check ours -1 $MOST
check ours 5000 $MOST_BUDGET
check all -1 $MOST
check all 5000 $MOST_BUDGET

need strace || exit 0
calls() {    # who: the system calls of a hundred round trips
    for count in 100 200; do
        strace -o "$out/strace.$1.$count" "$out/cost" "$1" $count 5000 \
            2> "$out/strace-errors.txt" || {
            cat "$out/strace-errors.txt" >&2
            grep -q 'peration not permitted' "$out/strace-errors.txt" && echo refused
            exit 1
        }
    done
    echo $(($(wc -l < "$out/strace.$1.200") - $(wc -l < "$out/strace.$1.100")))
}
plain=$(calls c) || { [ "$plain" = refused ] && skip 'strace may not trace here' && exit 0; exit 1; }
for who in ours all; do
    made=$(calls $who)
    echo "cost: $who, $made system calls in 100 round trips, C $plain"
    [ "$plain" -eq 400 ] && [ "$made" -eq "$plain" ] || exit 1
done
