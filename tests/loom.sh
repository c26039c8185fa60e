#!/bin/sh
# The hand-shake of a cancel in every order in which threads may run, within the
# preemptions that loom's manual finds enough.
set -eu
cd "$(dirname "$0")/.."
. tests/need.sh

RUSTFLAGS='--cfg loom' LOOM_MAX_PREEMPTIONS=${LOOM_MAX_PREEMPTIONS:-3} \
    CARGO_TARGET_DIR=target/loom cargo test --quiet --test loom --release "$@"
