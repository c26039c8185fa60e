#!/bin/sh
# What a send and a recv cost beside the system's part, of one message and of a
# batch: instructions, counted by callgrind, and system calls, counted by strace. Both are exact, so the clock of a
# busy machine has no part in it; what it comes to in time, `make bench-net` shows.
set -eu
cd "$(dirname "$0")/.."
. tests/need.sh

MOST=205           # instructions a send or recv, above those of C; without a budget
MOST_BUDGET=268    # with one, which reads the clock
MOST_ALL=230       # a send_all or recv_exact
MOST_ALL_BUDGET=288
MOST_SEND=930      # a batch of 64 datagrams, above that of C
MOST_RECV=240
need valgrind cc || exit 0
make --silent library
soname=$(sed -n 's/^version = "\([0-9]*\.[0-9]*\).*/libbojagi.so.\1/p' Cargo.toml)
ln -sf libbojagi.so "target/release/$soname"
out=target/cost
mkdir -p "$out"
cc -std=c99 -pedantic -Wall -Wextra -Werror -O2 -Iinclude tests/cost.c \
    -o "$out/cost" -Ltarget/release -lbojagi -Wl,-rpath,"$PWD/target/release"
cc -std=c99 -pedantic -Wall -Wextra -Werror -O2 -Iinclude tests/cost_batch.c \
    benches/c/batch.c -o "$out/cost_batch" -Ltarget/release -lbojagi \
    -Wl,-rpath,"$PWD/target/release"

# The instructions of so many round trips; then those of one, without what comes once.
total() {    # who timeout_ms count program
    log=$out/callgrind.$4.$1.$2.$3
    valgrind --tool=callgrind --callgrind-out-file="$log" "$out/$4" "$1" "$3" "$2" \
        > "$log.log" 2>&1 || { cat "$log.log" >&2; exit 1; }
    sed -n 's/.*Collected : \([0-9]*\).*/\1/p' "$log.log"
}
instructions() {    # who timeout_ms [program]
    few=$(total "$1" "$2" 1000 "${3:-cost}")
    many=$(total "$1" "$2" 2000 "${3:-cost}")
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
check all -1 $MOST_ALL
check all 5000 $MOST_ALL_BUDGET

# Of send and recv one half is C's own.
check_batch() {    # who most
    ours=$(instructions "$1" 5000 cost_batch)
    plain=$(instructions c 5000 cost_batch)
    more=$((ours - plain))
    echo "cost: batch $1: $ours instructions with the other half, C $plain; $more more"
    [ "$plain" -gt 0 ] && [ "$ours" -ne "$plain" ]    # else nothing was counted
    [ "$more" -le "$2" ] || { echo "cost: over $2 instructions a batch" >&2; exit 1; }
}
check_batch send $MOST_SEND
check_batch recv $MOST_RECV

need strace || exit 0
calls() {    # who [program]: the system calls of a hundred round trips
    for count in 100 200; do
        strace -o "$out/strace.$1.$count" "$out/${2:-cost}" "$1" $count 5000 \
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
for who in send recv; do
    made=$(calls $who cost_batch)
    echo "cost: batch $who, $made system calls in 100 batches there, C 200"
    [ "$made" -eq 200 ] || exit 1
done
