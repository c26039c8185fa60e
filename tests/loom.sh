#!/bin/sh
# What threads do to each other, model-checked: see tests/loom.rs.
set -eu
cd "$(dirname "$0")/.."

RUSTFLAGS='--cfg loom' CARGO_TARGET_DIR=target/loom timeout 600 \
    cargo test --quiet --test loom --release "$@"
