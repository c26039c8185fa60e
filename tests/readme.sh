#!/bin/sh
# The examples of the README, in C and Python, and of the Python package's README
# work as they are printed: each gets the page of the C server.
set -eu
cd "$(dirname "$0")/.."
. tests/need.sh

place=target/readme
library=$PWD/target/release
rm -rf $place && mkdir -p $place

block() {    # language, file: the first block of it
    sed -n "/^\`\`\`$1\$/,/^\`\`\`\$/p" "$2" | sed '1d;/^```$/,$d'
}

block c README.md > $place/get.c
cc -std=c99 -pedantic -Wall -Wextra -Werror -Iinclude $place/get.c \
    -o $place/get -L"$library" -lbojagi "-Wl,-rpath,$library"

mkfifo $place/said
target/examples/http_server 0 > $place/said &
server=$!
trap 'kill $server 2> /dev/null || true' EXIT
read -r line < $place/said
port=${line##*:}

$place/get 127.0.0.1 "$port" > $place/c.txt
block python README.md | sed 's/"example.com", 80/"127.0.0.1", '"$port/" > $place/get.py
block python bindings/python/README.md | sed "s/8080/$port/" > $place/events.py
for name in get events; do
    BOJAGI_LIBRARY=$library/libbojagi.so PYTHONPATH=bindings/python/src \
        python3 $place/$name.py > $place/$name.txt
done
kill $server
wait $server

page='Wrapped here, unwrapped there.'
grep -qx "$page" $place/c.txt
grep -qF "b'$page\\n'" $place/get.txt
grep -qF "Data(data=b'$page\\n')" $place/events.txt
echo 'readme: the examples in C and Python got the page'
