#!/bin/sh
# Every test of the project. `make test` calls it.
set -eu
cd "$(dirname "$0")/.."
. tests/need.sh

# A suite that hangs is a failure with a name, not a run without an end.
limited() {    # seconds, command
    seconds=$1
    shift
    timeout --kill-after=10 "$seconds" "$@" || {
        status=$?
        [ $status -lt 124 ] || echo "hangs: $* (ended after $seconds s)" >&2
        exit $status
    }
}

began=$(date +%s)
rm -f target/skipped.txt
step 'what the tests need'
tests/setup.sh
PATH=$PATH:/usr/sbin

step 'Rust: build and tests'
cargo build --release
cargo test --workspace --quiet --no-run
limited 1200 cargo test --workspace --quiet
cargo test --package bojagi-codec --no-default-features --quiet --no-run
limited 600 cargo test --package bojagi-codec --no-default-features --quiet

step 'ABI: symbols, sizes, header'
tests/abi.sh
tests/header.sh

step 'C: plain, sanitized, under valgrind'
make --silent examples
tests/c.sh

step 'C: system calls of an exchange'
limited 60 tests/strace.sh

step 'C: faults in every system call'
tests/inject.sh

step 'threads: every order of them, and races'
tests/loom.sh
tests/tsan.sh

step 'bare metal: panics, size, stack'
limited 900 tests/bare.sh

step 'C: README and installed library'
limited 300 tests/readme.sh
limited 600 tests/install.sh

step 'Python'
limited 1200 tests/python.sh

step 'vectors, faults, cost of small pieces'
limited 600 tests/vectors.py
limited 300 tests/faults.py
limited 300 tests/linear.sh
limited 300 tests/cost.sh

step 'interop'
limited 900 tests/interop.py

left_out=
if [ -s target/skipped.txt ]; then
    sed 's/^/left out: /' target/skipped.txt
    left_out=', but for what was left out'
fi
printf '\nall tests passed in %d s%s\n' $(($(date +%s) - began)) "$left_out"
