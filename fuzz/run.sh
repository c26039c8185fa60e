#!/bin/sh
# Fuzzes the codec: `run.sh short` for some seconds a target, from the seeds, with
# ASan; `run.sh long` for hours, mostly without it, from what earlier runs found.
#
#     FUZZ_SECONDS=n       for each target
#     FUZZ_TARGETS='a b'   not all of them
#     FUZZ_JOBS=n          at the same time; as many as there are processors
#
# Everything is kept in target/fuzz: seeds, corpus, findings, logs.
set -eu
cd "$(dirname "$0")/.."
. tests/need.sh
PYTHON=${PYTHON:-python3}
kind=${1:-short}

tests/setup.sh fuzz
cargo fuzz --version > /dev/null 2>&1 || {
    skip 'cargo-fuzz is not installed: nothing is fuzzed'
    exit 0
}

features=
if fuzz/llhttp.sh; then
    features=llhttp
else
    skip 'llhttp could not be fetched: the target of that name is left out'
fi

# The sanitizers are an unstable part of the compiler. A nightly one has them; the
# stable one too, when it is told that this is known.
minor() {
    rustc "$@" --version 2> /dev/null | sed -n 's/^rustc 1\.\([0-9]*\)\..*/\1/p'
}
if [ "$(minor +nightly)" ] && [ "$(minor +nightly)" -ge "$(minor)" ]; then
    export RUSTUP_TOOLCHAIN=nightly
else
    export RUSTC_BOOTSTRAP=1
fi

build() {    # sanitizer
    step "build: sanitizer $1, $(rustc --version)"
    cargo fuzz build --fuzz-dir fuzz --sanitizer "$1" --features "$features" \
        --target-dir "target/fuzz/$1" 2> target/fuzz/build.log || {
        cat target/fuzz/build.log >&2
        exit 1
    }
}
mkdir -p target/fuzz
began=$(date +%s)
build address
[ "$kind" = short ] || build none
echo "   built in $(($(date +%s) - began)) s"
rm -rf target/fuzz/seeds
"$PYTHON" fuzz/seed.py target/fuzz/seeds
exec "$PYTHON" fuzz/campaign.py "$kind" $features
