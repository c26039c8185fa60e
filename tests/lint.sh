#!/bin/sh
# Format, clippy, and that what is generated is what is checked in.
set -eu
cd "$(dirname "$0")/.."
. tests/need.sh

step 'cargo fmt'
cargo fmt --all --check

step 'cargo clippy'
cargo clippy --workspace --all-targets --quiet -- -D warnings

step 'the header is what the source makes'
kept=$(mktemp)
cp include/bojagi.h "$kept"
trap '[ -e include/bojagi.h ] || cp "$kept" include/bojagi.h; rm -f "$kept"' EXIT
rm include/bojagi.h                  # forces the build script to write it
touch build.rs
cargo build --release --quiet
if ! diff -u "$kept" include/bojagi.h; then
    echo 'include/bojagi.h was out of date; it is now written anew' >&2
    exit 1
fi

step 'the Python declarations are what the header makes'
python3 bindings/python/generate.py --check

step 'the ABI list'
tests/abi.sh

step 'the C examples: 60 lines and 80 columns at most'
for file in examples/c/*.c; do
    [ "$(wc -l < "$file")" -le 60 ] || { echo "$file is too long" >&2; exit 1; }
done
if awk 'length > 80 { print FILENAME ":" FNR ": over 80 columns"; bad = 1 }
        END { exit bad }' examples/c/*.[ch]
then :; else exit 1; fi
