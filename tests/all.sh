#!/bin/sh
# Every test of the project. `make test` calls it.
set -eu
cd "$(dirname "$0")/.."
. tests/need.sh

began=$(date +%s)
rm -f target/skipped.txt
step 'what the tests need'
tests/setup.sh
PATH=$PATH:/usr/sbin

step 'Rust: build and tests'
cargo build --release
cargo test --workspace --quiet
cargo test --package bojagi-codec --no-default-features --quiet

step 'ABI: symbols, sizes, header'
tests/abi.sh
tests/header.sh

step 'C: plain, sanitized, under valgrind'
make --silent examples
tests/c.sh

step 'C: system calls of an exchange'
tests/strace.sh

step 'bare metal: panics, size, stack'
tests/bare.sh

step 'C: README and installed library'
tests/readme.sh
tests/install.sh

step 'Python'
tests/python.sh

step 'vectors, faults, cost of small pieces'
tests/vectors.py
tests/faults.py
tests/linear.sh
tests/cost.sh

step 'interop'
tests/interop.py

left_out=
if [ -s target/skipped.txt ]; then
    sed 's/^/left out: /' target/skipped.txt
    left_out=', but for what was left out'
fi
printf '\nall tests passed in %d s%s\n' $(($(date +%s) - began)) "$left_out"
