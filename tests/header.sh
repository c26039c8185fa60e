#!/bin/sh
# The header alone compiles without a warning in every C and C++ of the matrix,
# whole and with BOJAGI_BARE.
set -eu
cd "$(dirname "$0")/.."
. tests/need.sh

build=target/c/header
strict='-pedantic -Wall -Wextra -Werror'
mkdir -p $build
printf '#include <bojagi.h>\n#include <bojagi.h>\nint main(void) { %s }\n' \
    'return BOJAGI_VERSION_MATCHES() ? 0 : 1;' > $build/header.c
cp $build/header.c $build/header.cc

for compiler in gcc clang; do
    [ $compiler = gcc ] || command -v $compiler > /dev/null || continue
    need $compiler || continue
    # 64-bit integers are no part of C89: there they may be long long.
    for std in gnu89 c99 c11 c17 c2x; do
        for bare in -UBOJAGI_BARE -DBOJAGI_BARE; do
            $compiler -std=$std $strict -Wno-long-long -Wstrict-prototypes $bare \
                -Iinclude -c $build/header.c -o $build/header.o
        done
    done
done
for compiler in g++ clang++; do
    [ $compiler = g++ ] || command -v $compiler > /dev/null || continue
    need $compiler || continue
    for std in c++11 c++14 c++17 c++20; do
        for bare in -UBOJAGI_BARE -DBOJAGI_BARE; do
            $compiler -std=$std $strict $bare -Iinclude -c $build/header.cc \
                -o $build/header.o
        done
    done
done
echo 'header: gnu89 to c2x, c++11 to c++20'
