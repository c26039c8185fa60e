#!/bin/sh
# The codec on machines that are not this one, by emulators:
#
# - the archive for bare metal on a Cortex-M4, on AArch64, and on s390x, whose most
#   significant byte comes first: tests/bare/check.sh on each
# - every test of the codec on AArch64 and on s390x, optimized: unit tests, those
#   that compare kernels among them, vectors, properties
# - the vectors by C, against that archive, on both
#
# `cross.sh thumb`, `aarch64` or `s390x` does one machine. Rust's own `core` and `std`
# for these machines are compiled from Debian's source with Debian's compiler, which
# is older than ours: tests/cross/rustc.sh.
set -eu
cd "$(dirname "$0")/.."
. tests/need.sh

tests/cross-setup.sh
export RUSTC=/usr/bin/rustc RUSTC_BOOTSTRAP=1 RUSTC_WRAPPER="$PWD/tests/cross/rustc.sh"
out=target/cross

# Debian's cargo, told not to mind that our crates ask for a later compiler.
cargo_for() {    # target, crates of the standard library, arguments of cargo
    triple=$1 crates=$2
    shift 2
    /usr/bin/cargo "$@" --quiet --release --locked --ignore-rust-version \
        --target "$triple" -Zbuild-std="$crates" --target-dir $out
}

archive() {    # machine, target, prefix, flags, runner
    step "$1: the archive for bare metal"
    RUSTFLAGS='-C force-unwind-tables=no' \
        cargo_for "$2" core build --manifest-path bare/Cargo.toml
    tests/bare/check.sh "$out/$2/release/libbojagi.a" "$out/$1" "$3" "$4" "$5"
}

# By C, where all else is Rust's: the header, the calls, the optimized archive.
vectors() {    # machine, target, prefix, runner
    [ -f tests/c/vectors.c ] || return 0
    step "$1: the vectors by C"
    python3 tests/c/vector_items.py "$out/vectors.items"
    "${3}gcc" -std=c99 -pedantic -Wall -Wextra -Werror -O2 -static -Iinclude \
        tests/c/vectors.c "$out/$2/release/libbojagi.a" -o "$out/$1/vectors"
    $4 "$out/$1/vectors" "$out/vectors.items"
}

suite() (    # machine, target, prefix, runner
    step "$1: the tests of the codec"
    name=$(echo "$2" | tr 'a-z-' 'A-Z_')
    export "CARGO_TARGET_${name}_LINKER=${3}gcc" "CARGO_TARGET_${name}_RUNNER=$4"
    # Quicker to build: six programs are linked.
    export CARGO_PROFILE_RELEASE_LTO=off
    cargo_for "$2" std,test test --package bojagi-codec --lib --tests
)

thumb() {
    archive thumb thumbv7em-none-eabihf arm-none-eabi- \
        '-mthumb -mcpu=cortex-m4 -mfloat-abi=hard' qemu-arm
}

aarch64() {
    archive aarch64 aarch64-unknown-none aarch64-linux-gnu- '' qemu-aarch64
    vectors aarch64 aarch64-unknown-none aarch64-linux-gnu- qemu-aarch64
    suite aarch64 aarch64-unknown-linux-gnu aarch64-linux-gnu- \
        'qemu-aarch64 -L /usr/aarch64-linux-gnu'
}

s390x() {
    archive s390x s390x-unknown-linux-gnu s390x-linux-gnu- '' qemu-s390x
    vectors s390x s390x-unknown-linux-gnu s390x-linux-gnu- qemu-s390x
    suite s390x s390x-unknown-linux-gnu s390x-linux-gnu- \
        'qemu-s390x -L /usr/s390x-linux-gnu'
}

for machine in ${*:-thumb aarch64 s390x}; do
    case $machine in
    thumb | aarch64 | s390x) $machine ;;
    *) echo "no such machine: $machine" >&2; exit 1 ;;
    esac
done
