#!/bin/sh
# Links the programs of this directory with an archive of the codec, without a C
# library, runs them and looks at what was linked:
#
#     check.sh ARCHIVE DIRECTORY [PREFIX [FLAGS [RUNNER]]]
#
# PREFIX is that of a cross compiler (arm-none-eabi-), FLAGS are for it, RUNNER
# runs its programs. What must hold:
#
# - the image works, and holds no panic, no formatting, no unwinding
# - nor is there a panic behind any other function of the archive
# - the text of the image, constants included, is at most 24 KB
# - no function needs more than 1 KB of stack, painted on every input of vectors/,
#   and on x86-64 added up from the code
#
# AArch64 and s390x, whose code and frames are larger, and which no small firmware
# runs on, have 32 KB and 2 KB.
set -eu
cd "$(dirname "$0")/../.."

archive=$1 dir=$2 prefix=${3:-} flags=${4:-} runner=${5:-}
case $("${prefix}gcc" -dumpmachine) in
aarch64-* | s390x-*) text_most=32768 stack_most=2048 ;;
*) text_most=24576 stack_most=1024 ;;
esac
compile="${prefix}gcc -std=c99 -pedantic -Wall -Wextra -Werror -Os $flags -Iinclude
    -ffreestanding -ffunction-sections -fdata-sections -fno-pie -fno-stack-protector
    -fno-asynchronous-unwind-tables -fno-tree-loop-distribute-patterns"
link="${prefix}gcc $flags -nostdlib -static -no-pie -Wl,-z,noexecstack"
status=0

complain() {
    echo "bare: $*" >&2
    status=1
}

rm -rf "$dir/member"
mkdir -p "$dir/member"
path=$(realpath "$archive")
(cd "$dir/member" && "${prefix}ar" x "$path" $("${prefix}ar" t "$path" | grep '^bojagi-'))

tests/bare/inputs.py "$dir/inputs.bin"
$compile -c tests/bare/memory.c -o "$dir/memory.o"
$compile -c tests/bare/image.c -o "$dir/image.o"
$compile -c -DINPUTS="\"$PWD/$dir/inputs.bin\"" tests/bare/stack.c -o "$dir/stack.o"
for program in image stack; do
    $link -Wl,--gc-sections -Wl,-Map="$dir/$program.map" -o "$dir/$program" \
        "$dir/$program.o" "$dir/memory.o" "$archive"
done
$link -o "$dir/whole" "$dir/image.o" "$dir/memory.o" "$archive"

$runner "$dir/image" || complain "$dir/image: line $? of tests/bare/image.c does not hold"
tests/bare/panics.sh "$dir/image" "$dir/member" "$prefix" 'bojagi_abort|abort::' || status=1
tests/bare/panics.sh "$dir/whole" "$dir/member" "$prefix" || status=1
"${prefix}objcopy" -O binary "$dir/image" "$dir/image.bin"    # what goes into the flash
if grep -qaE 'panicked|\.rs|/core/src/' "$dir/image.bin"; then
    complain "$dir/image holds the text of a panic"
fi

set -- $("${prefix}size" "$dir/image" | tail -n 1)
echo "image: $1 bytes of text, of $text_most; $2 of data, $3 of bss"
[ "$1" -le $text_most ] || complain "the text of $dir/image is too large"

$runner "$dir/stack" > "$dir/stack.txt" || complain 'a function was never called'
sort -rn "$dir/stack.txt" | awk -v most=$stack_most '
    NR == 1 { printf "stack, painted: %d bytes of %d at most, in %s\n", $1, most, $2 }
    $1 > most { print "bare: " $0; bad = 1 }
    END { exit bad || NR == 0 }' || complain 'a function needs more stack'
if "${prefix}objdump" -f "$dir/image" | grep -q x86-64; then
    "${prefix}objdump" -tr "$dir"/member/*.o > "$dir/code.txt"
    "${prefix}objdump" -dr --no-show-raw-insn "$dir"/member/*.o >> "$dir/code.txt"
    tests/bare/depth.py $stack_most < "$dir/code.txt" || status=1
fi
exit $status
