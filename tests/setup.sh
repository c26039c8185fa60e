#!/bin/sh
# Installs what the tests need beside Rust, cc, make and Python, when it may: as
# root on Debian. Elsewhere it says what to install, and fails with CI=true.
# `setup.sh fuzz` installs cargo-fuzz as well (a minute), where cargo puts programs.
set -u

if [ "${1:-}" = fuzz ] && ! cargo fuzz --version > /dev/null 2>&1; then
    echo 'setup: installing cargo-fuzz'
    cargo install --quiet --locked cargo-fuzz@0.13.2 || {
        echo 'setup: please install: cargo install --locked cargo-fuzz@0.13.2' >&2
        [ "${CI:-}" != true ] || exit 1
    }
fi

wanted() {    # command, then the Debian package that has it
    command -v "$1" > /dev/null 2>&1 || missing="$missing $2"
}

missing=
wanted gcc gcc
wanted g++ g++
wanted make make
wanted nm binutils
wanted valgrind "valgrind libc6-dbg"
wanted strace strace
wanted pkg-config pkg-config
wanted cmake cmake
wanted curl curl
PATH=$PATH:/usr/sbin wanted nginx nginx-light
PATH=$PATH:/usr/sbin wanted nft nftables
PATH=$PATH:/usr/sbin wanted ip iproute2
python3 -c 'import ensurepip, venv' 2> /dev/null || missing="$missing python3-venv"
[ -n "$missing" ] || exit 0

if [ "$(id -u)" = 0 ] && command -v apt-get > /dev/null 2>&1; then
    echo "setup: installing$missing"
    export DEBIAN_FRONTEND=noninteractive
    # A package must not start a service of its own: the tests start theirs.
    policy=/usr/sbin/policy-rc.d
    made=
    if [ ! -e $policy ]; then
        printf '#!/bin/sh\nexit 101\n' > $policy && chmod 755 $policy && made=1
    fi
    log=$(mktemp)
    { apt-get update -q && apt-get install -qy --no-install-recommends $missing; } \
        > "$log" 2>&1
    status=$?
    [ -z "$made" ] || rm -f $policy
    [ $status = 0 ] || tail -n 20 "$log" >&2
    rm -f "$log"
    [ $status = 0 ] && exit 0
fi
echo "setup: please install:$missing" >&2
echo "setup: on Debian: apt-get install$missing" >&2
[ "${CI:-}" != true ]
