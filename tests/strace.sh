#!/bin/sh
# A GET on a kept-alive connection costs exactly two system calls: one send and
# one receive, nothing else.
set -eu
cd "$(dirname "$0")/.."
. tests/need.sh

need strace || exit 0
program=target/c/plain/kept_alive
log=target/c/strace.txt
count=50
[ -x $program ] || tests/c.sh build
strace -o $log $program $count 2> target/c/strace-errors.txt || {
    cat target/c/strace-errors.txt >&2
    case $(cat target/c/strace-errors.txt) in
        *'peration not permitted'*) skip 'strace may not trace here'; exit 0 ;;
    esac
    exit 1
}
sed -n '/<begin>/,/<end>/p' $log | sed '1d;$d' | sed 's/(.*//' > $log.calls
sends=$(grep -c '^send' $log.calls || true)
receives=$(grep -c '^recv' $log.calls || true)
all=$(wc -l < $log.calls)
echo "strace: $count exchanges, $sends sends, $receives receives, $all calls"
if [ "$sends" -ne $count ] || [ "$receives" -ne $count ] ||
    [ "$all" -ne $((2 * count)) ]; then
    sort $log.calls | uniq -c >&2
    exit 1
fi
