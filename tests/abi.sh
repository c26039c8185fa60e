#!/bin/sh
# The shared library exports the functions of tests/abi/symbols.txt and nothing
# else, carries its soname, and is at most 635 KB (of 1000 bytes).
set -eu
cd "$(dirname "$0")/.."
. tests/need.sh

library=target/release/libbojagi.so
most=635000
build=target/c
mkdir -p $build

if need nm; then
    # All are functions: a line that is none keeps its letter, and so differs.
    nm -D --defined-only $library | sed 's/^[0-9a-f]* //; s/^T //' | \
        LC_ALL=C sort > $build/symbols.txt
    diff -u tests/abi/symbols.txt $build/symbols.txt || {
        echo "$library does not export what tests/abi/symbols.txt lists" >&2
        exit 1
    }
    # Declarations begin a line; what comments mention does not. The hook of bare
    # metal is the firmware's to define.
    sed -n '/^#ifdef BOJAGI_BARE/,/^#else/d; /^ \*/!s/^[^#]*\<\(bojagi_[a-z0-9_]*\)(.*/\1/p' include/bojagi.h | \
        LC_ALL=C sort -u | diff -u tests/abi/symbols.txt - || {
        echo "include/bojagi.h does not declare what the library exports" >&2
        exit 1
    }
fi

if need readelf; then
    version=$(sed -n 's/^version = "\([0-9]*\.[0-9]*\).*/\1/p' Cargo.toml | head -n 1)
    for sign in "Library soname: [libbojagi.so.$version]" NODELETE; do
        readelf -d $library | grep -qF "$sign" || {
            echo "readelf -d $library does not show: $sign" >&2
            exit 1
        }
    done
fi

size=$(wc -c < $library)
printf 'libbojagi.so: %d bytes of %d\n' "$size" $most
[ "$size" -le $most ] || { echo "$library is too large" >&2; exit 1; }
