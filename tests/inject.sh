#!/bin/sh
# Faults in system calls: every scenario of tests/inject/, one fault at each call in
# turn, then storms of them; again under valgrind with fewer storms.
# `inject.sh SEEDS SCENARIO` runs one, with as many storms as you like.
set -eu
cd "$(dirname "$0")/.."
. tests/need.sh

library=$PWD/target/release
soname=$(sed -n 's/^version = "\([0-9]*\.[0-9]*\).*/libbojagi.so.\1/p' Cargo.toml)
ln -sf libbojagi.so "$library/$soname"
mkdir -p target/inject
# GNU's C: the program stands in front of the C library.
cc -std=gnu99 -D_GNU_SOURCE -Wall -Wextra -Werror -O1 -g -Iinclude tests/inject/*.c \
    -o target/inject/main -L"$library" -lbojagi -lpthread -ldl "-Wl,-rpath,$library"

if [ $# -gt 0 ]; then
    exec timeout 600 target/inject/main "$@"
fi
timeout 600 target/inject/main
if need valgrind; then
    timeout 600 valgrind --quiet --error-exitcode=99 --leak-check=full \
        --errors-for-leak-kinds=definite,indirect,possible \
        --show-leak-kinds=definite,indirect,possible \
        --suppressions=tests/valgrind.supp target/inject/main 2 > target/inject/valgrind.txt
    echo '   under valgrind: no leak, no error'
fi
