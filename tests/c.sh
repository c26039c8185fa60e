#!/bin/sh
# Every C program of the project, tests and examples, compiled as strictly as C99
# goes, and run plain, with ASan and UBSan, and under valgrind. `c.sh build` only
# compiles the plain ones.
set -eu
cd "$(dirname "$0")/.."
. tests/need.sh

library=$PWD/target/release
soname=$(sed -n 's/^version = "\([0-9]*\.[0-9]*\).*/libbojagi.so.\1/p' Cargo.toml)
ln -sf libbojagi.so "$library/$soname"

build() {    # directory, flags
    mkdir -p "$1"
    python3 tests/values.py > target/c/values_table.h
    for source in tests/c/*.c examples/c/*.c; do
        cc -std=c99 -pedantic -Wall -Wextra -Werror -Iinclude -Itarget/c -g $2 "$source" \
            -o "$1/$(basename "$source" .c)" \
            -L"$library" -lbojagi -lpthread -lrt "-Wl,-rpath,$library"
    done
}

run() {    # directory, command to run the programs under
    how=$(basename "${2%% *}")
    for name in sockets connects options poller datagram codec connection values bad_input sigpipe; do
        echo "   ${how:-$(basename "$1")} $name"
        timeout 300 $2 "$1/$name"
    done
    echo "   ${how:-$(basename "$1")} vectors"
    timeout 600 $2 "$1/vectors" target/c/vectors.txt
    echo "   ${how:-$(basename "$1")} examples"
    timeout 300 python3 tests/examples.py "$1" $2
}

build target/c/plain -O2
[ "${1:-}" != build ] || exit 0

target/c/plain/layout | diff -u tests/abi/layout.txt - || {
    echo 'C sees another layout than tests/abi/layout.txt' >&2
    exit 1
}
python3 tests/c/vector_items.py target/c/vectors.txt
run target/c/plain ''

# The C side is instrumented; the library is linked as users link it.
probe=target/c/probe
printf 'int main(void) { return 0; }\n' > $probe.c
if cc -fsanitize=address,undefined $probe.c -o $probe 2> /dev/null; then
    build target/c/sanitized \
        '-O1 -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all'
    run target/c/sanitized ''
else
    skip 'this compiler has no libasan and libubsan'
fi

if need valgrind; then
    kinds=definite,indirect,possible
    run target/c/plain "valgrind --quiet --error-exitcode=99 --leak-check=full \
        --errors-for-leak-kinds=$kinds --show-leak-kinds=$kinds \
        --suppressions=tests/valgrind.supp"
fi
