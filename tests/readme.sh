#!/bin/sh
# The C and Python examples of the README work as they are printed: each gets the
# page of the C server.
set -eu
cd "$(dirname "$0")/.."
. tests/need.sh

place=target/readme
library=$PWD/target/release
rm -rf $place && mkdir -p $place

block() {    # language: the first block of it
    sed -n "/^\`\`\`$1\$/,/^\`\`\`\$/p" README.md | sed '1d;/^```$/,$d'
}

block c > $place/get.c
cc -std=c99 -pedantic -Wall -Wextra -Werror -Iinclude $place/get.c \
    -o $place/get -L"$library" -lbojagi "-Wl,-rpath,$library"

mkfifo $place/said
target/examples/http_server 0 > $place/said &
server=$!
trap 'kill $server 2> /dev/null || true' EXIT
read -r line < $place/said
port=${line##*:}

$place/get 127.0.0.1 "$port" > $place/c.txt
block python | sed -e 's/"example.com", 80/"127.0.0.1", '"$port/" > $place/get.py
BOJAGI_LIBRARY=$library/libbojagi.so PYTHONPATH=bindings/python/src \
    python3 $place/get.py > $place/python.txt
kill $server
wait $server

page='Wrapped here, unwrapped there.'
grep -qx "$page" $place/c.txt
grep -qF "b'$page\\n'" $place/python.txt
echo 'readme: the C and the Python example got the page'
