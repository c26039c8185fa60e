#!/bin/sh
# Installs the libraries of target/release, the header, and what pkg-config and
# CMake need. `make install PREFIX= DESTDIR=` calls it: VERSION PREFIX DESTDIR.
set -eu
cd "$(dirname "$0")/../.."

version=$1 prefix=$2 to=$3$2
major=${version%%.*}
minor=${version#*.} minor=${minor%%.*}
soname=libbojagi.so.$major.$minor
# What the static library needs of the system beside libc.
private='-lutil -lrt -lpthread -lm -ldl'

fill() {    # template, file; then NAME, LIBS and private libraries
    sed -e "s|@VERSION@|$version|g" -e "s|@PREFIX@|$prefix|g" \
        -e "s|@MAJOR@|$major|g" -e "s|@MINOR@|$minor|g" \
        -e "s|@SONAME@|$soname|g" -e "s|@NAME@|${3-}|g" \
        -e "s|@LIBS@|${4-}|g" -e "s|@PRIVATE@|${5-}|g" \
        "bindings/c/$1" > "$2"
    chmod 644 "$2"
}

cmake=$to/lib/cmake/bojagi
mkdir -p "$to/include" "$to/lib/pkgconfig" "$cmake"
install -m 644 include/bojagi.h "$to/include/bojagi.h"
install -m 644 target/release/libbojagi.a "$to/lib/libbojagi.a"
install -m 755 target/release/libbojagi.so "$to/lib/libbojagi.so.$version"
ln -sf "libbojagi.so.$version" "$to/lib/$soname"
ln -sf "$soname" "$to/lib/libbojagi.so"

fill bojagi.pc.in "$to/lib/pkgconfig/bojagi.pc" \
    bojagi '-L${libdir} -lbojagi' "$private"
fill bojagi.pc.in "$to/lib/pkgconfig/bojagi-static.pc" \
    bojagi-static '${libdir}/libbojagi.a '"$private" ''
fill bojagiConfig.cmake.in "$cmake/bojagiConfig.cmake" \
    '' '' "$(echo "$private" | sed 's/-l//g; s/ /;/g')"
fill bojagiConfigVersion.cmake.in "$cmake/bojagiConfigVersion.cmake"
echo "installed bojagi $version in $to"
