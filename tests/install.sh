#!/bin/sh
# What `make install` lays down builds and runs programs outside the tree: with
# pkg-config and with CMake, against the shared and the static library.
set -eu
cd "$(dirname "$0")/.."
. tests/need.sh

place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
version=$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -n 1)
soname=libbojagi.so.${version%.*}

make --silent install PREFIX="$place/usr"
make --silent install PREFIX=/opt/bojagi DESTDIR="$place/stage"
for root in "$place/usr" "$place/stage/opt/bojagi"; do
    for file in include/bojagi.h lib/libbojagi.a "lib/libbojagi.so.$version" \
        "lib/$soname" lib/libbojagi.so lib/pkgconfig/bojagi.pc \
        lib/pkgconfig/bojagi-static.pc lib/cmake/bojagi/bojagiConfig.cmake \
        lib/cmake/bojagi/bojagiConfigVersion.cmake
    do
        [ -s "$root/$file" ] || { echo "$root/$file is missing" >&2; exit 1; }
    done
done
grep -qx 'prefix=/opt/bojagi' "$place/stage/opt/bojagi/lib/pkgconfig/bojagi.pc"
[ "$(readlink "$place/usr/lib/libbojagi.so")" = "$soname" ]

mkdir "$place/program"
cp tests/c/installed.c "$place/program/x.c"
cd "$place/program"
export PKG_CONFIG_PATH="$place/usr/lib/pkgconfig"

runs() {    # program, "shared" or "static": it runs, and links as it is meant to
    LD_LIBRARY_PATH=$place/usr/lib "$1" > "$1.out" || {
        cat "$1.out"; echo "$1 failed" >&2; exit 1
    }
    grep -qx "bojagi $version answered itself" "$1.out"
    if ldd "$1" 2> /dev/null | grep -q libbojagi; then how=shared; else how=static; fi
    [ $how = "$2" ] || { echo "$1 is linked $how, not $2" >&2; exit 1; }
    echo "install: $1 ($2)"
}

if need pkg-config; then
    [ "$(pkg-config --modversion bojagi)" = "$version" ]
    strict='-std=c99 -pedantic -Wall -Wextra -Werror'
    cc $strict x.c $(pkg-config --cflags --libs bojagi) -o ./pkg-shared
    runs ./pkg-shared shared
    cc $strict x.c $(pkg-config --cflags --libs bojagi-static) -o ./pkg-static
    runs ./pkg-static static
    # The linker remarks that getaddrinfo of a static libc loads its parts.
    cc -static $strict x.c $(pkg-config --static --cflags --libs bojagi) \
        -o ./pkg-all-static 2> link.txt || { cat link.txt >&2; exit 1; }
    runs ./pkg-all-static static
fi

if need cmake; then
    cat > CMakeLists.txt <<EOF
cmake_minimum_required(VERSION 3.13)
project(outside C)
find_package(bojagi ${version%.*} REQUIRED)
add_executable(cmake-shared x.c)
target_link_libraries(cmake-shared PRIVATE bojagi::bojagi)
add_executable(cmake-static x.c)
target_link_libraries(cmake-static PRIVATE bojagi::static)
EOF
    cmake -S . -B build -DCMAKE_PREFIX_PATH="$place/usr" > cmake.txt 2>&1 &&
        cmake --build build >> cmake.txt 2>&1 || { cat cmake.txt >&2; exit 1; }
    runs build/cmake-shared shared
    runs build/cmake-static static

    sed 's/find_package(bojagi [0-9.]*/find_package(bojagi 99.0/' CMakeLists.txt > later.txt
    mkdir later && mv later.txt later/CMakeLists.txt && cp x.c later
    if cmake -S later -B later/build -DCMAKE_PREFIX_PATH="$place/usr" \
        > cmake.txt 2>&1; then
        echo 'find_package accepted a version that is not there' >&2
        exit 1
    fi
fi
