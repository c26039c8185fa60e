#!/bin/sh
# tests/tsan.rs and the library under ThreadSanitizer: nothing to report, and a race
# that is there on purpose is found.
set -eu
cd "$(dirname "$0")/.."
. tests/need.sh

target=$(rustc -vV | sed -n 's/^host: //p')
case $target in
    x86_64-unknown-linux-gnu | aarch64-unknown-linux-gnu) ;;
    *) skip "ThreadSanitizer: not on $target"; exit 0 ;;
esac
# The flags are those of a nightly compiler, which a stable one takes when it is told so.
tsan() {
    RUSTC_BOOTSTRAP=1 CARGO_TARGET_DIR=target/tsan \
        RUSTFLAGS='-Zsanitizer=thread -Cunsafe-allow-abi-mismatch=sanitizer' \
        TSAN_OPTIONS="suppressions=$PWD/tests/tsan.supp" \
        timeout 300 cargo test --quiet --target "$target" --test tsan -- "$@"
}

tsan
log=target/tsan/race.txt
if tsan race > $log 2>&1 || ! grep -q 'WARNING: ThreadSanitizer: data race' $log; then
    cat $log >&2
    echo 'ThreadSanitizer does not find a race that is there' >&2
    exit 1
fi
echo 'ThreadSanitizer: the tests have no race, and one that is there is found'
