#!/bin/sh
# A wrapper for rustc 1.85, in which what our crates and their tests use of later
# versions is there, but has to be asked for by name.
case "${CARGO_PRIMARY_PACKAGE:-} $* " in
1* | *" --crate-name bojagi"*)
    exec "$@" '-Zcrate-attr=feature(let_chains)' '-Zcrate-attr=feature(target_feature_11)'
    ;;
esac
exec "$@"
