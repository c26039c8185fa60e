#!/bin/sh
# Installs what tests/cross.sh needs, when it may: as root on Debian. Elsewhere it
# says what to install. These are half a gigabyte, so tests/setup.sh has none of it.
set -u

wanted() {    # file or command, then the Debian packages that have it
    [ -e "$1" ] || command -v "$1" > /dev/null 2>&1 || missing="$missing $2"
}

# Where the release of Debian has an older compiler, a later one comes under this name.
rust='rustc rust-src cargo'
apt-cache show rustc-web > /dev/null 2>&1 && rust='rustc-web rust-web-src cargo-web'

missing=
wanted /usr/lib/rustlib/src/rust/library/core/src/lib.rs "$rust"
wanted /usr/bin/cargo "$rust"
wanted arm-none-eabi-gcc gcc-arm-none-eabi
wanted aarch64-linux-gnu-gcc 'gcc-aarch64-linux-gnu libc6-dev-arm64-cross'
wanted s390x-linux-gnu-gcc 'gcc-s390x-linux-gnu libc6-dev-s390x-cross'
wanted qemu-aarch64 qemu-user
[ -n "$missing" ] || exit 0

if [ "$(id -u)" = 0 ] && command -v apt-get > /dev/null 2>&1; then
    echo "cross: installing$missing"
    export DEBIAN_FRONTEND=noninteractive
    log=$(mktemp)
    { apt-get update -q && apt-get install -qy --no-install-recommends $missing; } \
        > "$log" 2>&1
    status=$?
    [ $status = 0 ] || tail -n 20 "$log" >&2
    rm -f "$log"
    [ $status = 0 ] && exit 0
fi
echo "cross: please install:$missing" >&2
exit 1
