#!/bin/sh
# The shared library exports the functions of tests/abi/symbols.txt and nothing
# else, carries its soname, and is at most 450 KB.
set -eu
cd "$(dirname "$0")/.."
. tests/need.sh

library=target/release/libbojagi.so
most=460800
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
    # Declarations begin a line; what comments mention does not.
    sed -n '/^ \*/!s/^[^#]*\<\(bojagi_[a-z0-9_]*\)(.*/\1/p' include/bojagi.h | \
        LC_ALL=C sort -u | diff -u tests/abi/symbols.txt - || {
        echo "include/bojagi.h does not declare what the library exports" >&2
        exit 1
    }
fi

if need readelf; then
    readelf -d $library | grep -q 'Library soname: \[libbojagi\.so\.[0-9]*\.[0-9]*\]'
    readelf -d $library | grep -q 'NODELETE'
fi

size=$(wc -c < $library)
printf 'libbojagi.so: %d bytes of %d\n' "$size" $most
[ "$size" -le $most ]
