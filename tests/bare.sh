#!/bin/sh
# The archive for bare metal: see tests/bare/check.sh for what it is held to. And
# a panic, which the codec has none of, ends in the hook of the firmware.
set -eu
cd "$(dirname "$0")/.."
. tests/need.sh

case $(uname -s)-$(uname -m) in
Linux-x86_64 | Linux-aarch64 | Linux-s390x) ;;
*) skip 'the programs for bare metal are not written for this machine'; exit 0 ;;
esac
need objdump nm objcopy c++filt || exit 0

make --silent bare
out=target/bare/check
tests/bare/check.sh target/bare/libbojagi.a $out

# The checks find a panic where there is one, and the hook is where it ends.
"${RUSTC:-rustc}" --edition 2024 --crate-type staticlib -C panic=abort -C opt-level=s \
    -C lto=fat -C codegen-units=1 tests/bare/panic.rs -o $out/libpanic.a
for hook in -UHOOK -DHOOK; do
    cc -std=c99 -pedantic -Wall -Wextra -Werror -Os -ffreestanding -fno-pie -Iinclude \
        -fno-stack-protector -nostdlib -static -no-pie -Wl,--gc-sections $hook \
        tests/bare/panic.c $out/memory.o $out/libpanic.a -o "$out/panic$hook"
done
code=0
$out/panic-DHOOK || code=$?
[ $code = 42 ] || { echo "a panic ends with $code, not in bojagi_abort" >&2; exit 1; }
if tests/bare/panics.sh $out/panic-UHOOK $out/member 2> /dev/null; then
    echo 'tests/bare/panics.sh does not see a panic' >&2
    exit 1
fi
echo 'a panic ends in bojagi_abort'
