#!/bin/sh
# Fails when a linked program holds a panic, formatting or unwinding, and says
# which function of the archive needs it:
#
#     panics.sh PROGRAM OBJECTS [PREFIX [PATTERN]]
#
# OBJECTS is the folder of the archive's members; PATTERN is what else must not be
# there.
set -eu

program=$1 objects=$2 prefix=${3:-}
pattern='core::.*(panic|fail|fmt)|panicking|begin_unwind|rust_eh_|_Unwind_'
pattern=$pattern${4:+|$4}

# Names as people read them, without the hash of the crate.
readable() {
    c++filt | sed 's/\[[0-9a-f]*\]//g; s/::h[0-9a-f]\{16\}//g'
}

# The functions that refer to this symbol.
users() {
    "${prefix}objdump" -dr "$objects"/*.o | awk -v symbol="$1" '
        /^[0-9a-f]+ <.*>:$/ { name = substr($2, 2, length($2) - 3) }
        /R_[A-Z0-9]+_/ && index($0, symbol) { print name }' | sort -u | readable | paste -sd' '
}

found=$("${prefix}nm" "$program" | awk '{ print $NF }' | while read -r symbol; do
    name=$(echo "$symbol" | readable)
    ! echo "$name" | grep -qE "$pattern" || echo "    $name, for: $(users "$symbol")"
done)
[ -n "$found" ] || exit 0
printf '%s holds what must not be there:\n%s\n' "$program" "$found" >&2
exit 1
