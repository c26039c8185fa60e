#!/bin/sh
# Format, clippy, and that what is generated is what is checked in.
set -eu
cd "$(dirname "$0")/.."
. tests/need.sh

step 'cargo fmt'
cargo fmt --all --check
cargo fmt --manifest-path bare/Cargo.toml --check

step 'cargo clippy'
cargo clippy --workspace --all-targets --quiet -- -D warnings
cargo clippy --manifest-path bare/Cargo.toml --target-dir target/bare --quiet -- -D warnings

step 'the fuzz targets: cargo fmt, cargo clippy'
features=
if fuzz/llhttp.sh; then
    features=llhttp
else
    skip 'llhttp could not be fetched: what is held against it is not linted'
fi
cargo fmt --manifest-path fuzz/Cargo.toml --check
cargo clippy --manifest-path fuzz/Cargo.toml --target-dir target/fuzz/lint \
    --features "$features" --all-targets --quiet -- -D warnings

step 'cargo doc'
RUSTDOCFLAGS='-D warnings' cargo doc --workspace --no-deps --quiet

step 'the header is what the source makes'
touch build.rs                       # makes the build script look again
cargo build --release --quiet
# Against the index, not the file: an earlier build has already written that anew.
if git rev-parse --git-dir > /dev/null 2>&1; then
    git diff --exit-code -- include/bojagi.h || {
        echo 'include/bojagi.h was out of date and is now written anew: add it' >&2
        exit 1
    }
else
    CI=false skip 'not a git checkout: whether the header was checked in is not known'
fi

step 'the Python declarations are what the header makes'
python3 bindings/python/generate.py --check

step 'the types of the Python package, its tests and examples: mypy --strict'
types=$PWD/target/mypy-2.4.1           # one directory a version: nothing is fetched twice
if [ -x "$types/bin/mypy" ] || { python3 -m venv --clear "$types" &&
    "$types/bin/python" -m pip install --quiet --disable-pip-version-check mypy==2.4.1 pytest==9.2.0; }
then
    (cd bindings/python && "$types/bin/mypy" --no-error-summary --cache-dir "$types/cache" --config-file pyproject.toml)
else
    rm -rf "$types"
    skip 'mypy could not be fetched: the types of the Python package are not checked'
fi

step 'the ABI list'
tests/abi.sh

step 'the C examples: 60 lines and 80 columns at most; the key-value protocol below 100'
for file in examples/c/*.c; do
    case $file in
        */kv_server.c | */kv_client.c) most=99 ;;
        *) most=60 ;;
    esac
    [ "$(wc -l < "$file")" -le $most ] || { echo "$file is too long" >&2; exit 1; }
done
if awk 'length > 80 { print FILENAME ":" FNR ": over 80 columns"; bad = 1 }
        END { exit bad }' examples/c/*.[ch]
then :; else exit 1; fi
