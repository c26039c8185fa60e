#!/bin/sh
# Fetches llhttp, in C, into target/fuzz/llhttp: the package httptools brings it
# along. Version and content are pinned.
set -eu
cd "$(dirname "$0")/.."
version=0.9.0    # brings llhttp 9.4.3
sha256=d484ebb7e3a3f3597b0f645fbd1b85633674ca808c1f5ba11c2caf7c66f5c8b6
out=target/fuzz/llhttp

[ ! -f $out/$version ] || exit 0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# An environment of its own, for there may be no pip beside the Python.
${PYTHON:-python3} -m venv "$work/venv"
echo "httptools==$version --hash=sha256:$sha256" > "$work/wanted.txt"
"$work/venv/bin/pip" download --quiet --disable-pip-version-check --no-deps \
    --no-binary httptools --require-hashes --requirement "$work/wanted.txt" \
    --dest "$work"
tar -C "$work" -xzf "$work/httptools-$version.tar.gz"
rm -rf $out
mkdir -p $out
cp -R "$work/httptools-$version/vendor/llhttp/." $out
touch $out/$version
