#!/bin/sh
# Builds the peers that are written in C, each as a shared object of its own, in
# target/bench/peers/. `peers.sh net`: sockets by hand. `peers.sh codec`:
# picohttpparser three times, llhttp, and an encoder that is snprintf. Nothing of
# others is kept in the tree: picohttpparser is what the crate picohttpparser-sys
# brings along, llhttp what the package httptools does.
set -eu
cd "$(dirname "$0")/.."
CC=${CC:-cc}
HTTPTOOLS=0.9.0    # brings llhttp 9.4.3
out=target/bench/peers
mkdir -p "$out"

shared() {    # name, then flags and sources
    name=$1 && shift
    $CC -O3 -shared -fPIC "$@" -o "$out/$name.so"
}

strict='-std=c99 -pedantic -Wall -Wextra -Werror'
if [ "$1" = net ]; then
    shared net $strict -O2 benches/c/net.c benches/c/batch.c
    exit
fi

# Where cargo keeps the crate's source.
pico=$(${CARGO:-cargo} metadata --format-version 1 | ${PYTHON:-python3} -c '
import json, os, sys
for package in json.load(sys.stdin)["packages"]:
    if package["name"] == "picohttpparser-sys":
        print(os.path.dirname(package["manifest_path"]))
')/deps/picohttpparser/picohttpparser.c

shared picohttpparser-generic "$pico"
shared picohttpparser-native -march=native "$pico"
case $(uname -m) in
    x86_64) shared picohttpparser-sse42 -msse4.2 "$pico" ;;
esac

shared snprintf $strict benches/c/snprintf.c

llhttp=$out/httptools-$HTTPTOOLS/vendor/llhttp
if [ ! -d "$llhttp" ]; then
    if ${PYTHON:-python3} -m pip download --quiet --no-deps --no-binary httptools \
        --dest "$out" "httptools==$HTTPTOOLS" > "$out/pip.log" 2>&1; then
        tar -C "$out" -xzf "$out/httptools-$HTTPTOOLS.tar.gz"
    else
        tail -n 3 "$out/pip.log" >&2
    fi
fi
if [ -d "$llhttp" ]; then
    shared llhttp -I "$llhttp/include" benches/c/llhttp.c "$llhttp"/src/*.c
else
    rm -f "$out/llhttp.so"
    printf '%s\n' '################################################################' \
        '## LEFT OUT: llhttp could not be fetched; its columns are missing' \
        '################################################################' >&2
fi
