#!/bin/bash
# SPDX-License-Identifier: MIT
# The library as other projects use it: installed, and as a subproject.
# usage: consumer.sh BUILD-FOLDER SOURCE-FOLDER COMPILER...
set -u

build=$1
source=$2
shift 2
cc=("$@")
here=$source/tests/consumer
pcpmm=none
. "$source/tests/cli/tap.sh"

# Installed below a temporary folder; the files have the paths of a system.
install_to() {
	DESTDIR=$1 meson install -C "$build" --no-rebuild --quiet
}

find_dir() {
	dirname "$(find "$1" -name "$2" | head -n 1)"
}

# As a user calls pkg-config, but with that folder before each path.
config() {
	local root=$1
	shift
	PKG_CONFIG_SYSROOT_DIR=$root \
		PKG_CONFIG_PATH=$(find_dir "$root" libpcpmm.pc) \
		pkg-config "$@" libpcpmm
}

# builds NAME PROGRAM ARGUMENT...: compiles, runs, and succeeds
builds() {
	local name=$1 program=$2
	shift 2
	check "$name: builds" "${cc[@]}" -o "$program" "$here/consumer.c" "$@"
	check "$name: runs" "$program"
	grep -qx "consumer: a page there and back" "$tmp/out"
	result $? "$name: says so"
}

needed() {
	readelf -d "$1" | grep NEEDED
}

shared=$tmp/shared
check "installs" install_to "$shared"
libs=$(find_dir "$shared" libpcpmm.so.0)
include=$(dirname "$(find_dir "$shared" pcpmm.h)")
export LD_LIBRARY_PATH=$libs

# --- four ways to link ------------------------------------------------------

# shellcheck disable=SC2046 # options, several words
builds "pkg-config" "$tmp/by-pkg-config" \
	$(config "$shared" --cflags --libs)
check "pkg-config: needs libpcpmm.so.0 and not what it is made of" \
	sh -c "readelf -d '$tmp/by-pkg-config' | grep NEEDED >'$tmp/needed' &&
		grep -F '[libpcpmm.so.0]' '$tmp/needed' &&
		! { grep -E 'urcu|inih|libck' '$tmp/needed'; }"

# With the archive only, --static must name all libraries that it needs.
static=$tmp/static
check "installs again" install_to "$static"
find "$static" -name 'libpcpmm.so*' -delete
# shellcheck disable=SC2046
builds "pkg-config --static" "$tmp/by-static" \
	$(config "$static" --static --cflags --libs)
needed "$tmp/by-static" >"$tmp/needed"
check "pkg-config --static: needs no libpcpmm" \
	sh -c "! grep -F libpcpmm '$tmp/needed'"

builds "cc -I -L" "$tmp/by-hand" -I"$include" -L"$libs" -lpcpmm

cp -r "$here/subproject" "$tmp/project"
cp "$here/consumer.c" "$tmp/project"
mkdir "$tmp/project/subprojects"
ln -s "$source" "$tmp/project/subprojects/libpcpmm"
check "subproject: sets up" env CC="${cc[*]}" meson setup \
	--force-fallback-for=libpcpmm "$tmp/project/build" "$tmp/project"
check "subproject: builds" ninja -C "$tmp/project/build" -j2 consumer
check "subproject: the library alone, no tool, bench or test" \
	sh -c "! find '$tmp/project/build' -name 'test_*' -o -name pcpmm \
		-type f -o -name pcpmm-bench -type f | grep ."
check "subproject: runs" env -u LD_LIBRARY_PATH "$tmp/project/build/consumer"
grep -qx "consumer: a page there and back" "$tmp/out"
result $? "subproject: says so"

# --- the library itself -----------------------------------------------------

check "the soname is libpcpmm.so.0" \
	sh -c "readelf -d '$libs/libpcpmm.so' | grep -F 'soname: [libpcpmm.so.0]'"
nm -D --defined-only "$libs/libpcpmm.so" | awk '{ print $NF }' >"$tmp/names"
check "it exports something" grep -q '^pcpmm_alloc_pages' "$tmp/names"
sed -E '/^pcpmm_[a-z0-9_]+(@.*)?$/d; /^[A-Z0-9_.a-z]+$/{/^(PCPMM|LIBPCPMM)_[0-9.]+$/d}' \
	"$tmp/names" >"$tmp/others"
check "it exports pcpmm_ and nothing else" sh -c "! grep . '$tmp/others'"
sed -nE 's/.*PCPMM_API.*[ *](pcpmm_[a-z0-9_]+)\(.*/\1/p' \
	$(ls "$include"/pcpmm/*.h | grep -v /model.h) | sort -u >"$tmp/declared"
sed -E '/^pcpmm_/!d; s/@.*//' "$tmp/names" | sort -u >"$tmp/exported"
check "each declared function is exported" \
	sh -c "comm -23 '$tmp/declared' '$tmp/exported' | { ! grep .; }"
if [ -e "$libs/libpcpmm-model.so" ]; then
	sed -nE 's/.*PCPMM_API.*[ *](pcpmm_[a-z0-9_]+)\(.*/\1/p' \
		"$include"/pcpmm/*.h | sort -u >"$tmp/declared"
	nm -D --defined-only "$libs/libpcpmm-model.so" |
		awk '{ sub(/@.*/, "", $NF); print $NF }' | sort -u >"$tmp/exported"
	check "libpcpmm-model exports those of model.h, too" \
		sh -c "comm -23 '$tmp/declared' '$tmp/exported' | { ! grep .; }"
fi

tap_done
