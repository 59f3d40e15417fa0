#!/bin/bash
# SPDX-License-Identifier: MIT
#
# lto.sh SOURCE_ROOT CC...
#
# A program gets the hot paths inlined as pcpmm/inline.h says: a static library with
# link-time optimization, -flto, and the name of a guard. Two subtests: the program
# is right, and its loop calls no hot path by name any more. Skipped for other
# compilers than gcc, whose objects the linker may not be able to read.

set -euo pipefail

root=$1
shift
cc=("$@")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

case $("${cc[@]}" --version | head -n 1) in
*clang* | *arm-linux* | *aarch64*)
    echo "1..0 # SKIP not gcc for this machine"
    exit
    ;;
esac

echo "1..2"
CC=${cc[*]} meson setup "$work/build" "$root" --buildtype=release \
    -Doptimization=2 -Db_lto=true -Ddefault_library=static -Dtests=disabled \
    -Dtools=disabled -Dbench=disabled -Dexamples=disabled >"$work/log" 2>&1
ninja -C "$work/build" --quiet src/libpcpmm.a >>"$work/log" 2>&1 ||
    { cat "$work/log"; exit 1; }
read -ra libraries <<<"$(pkg-config --libs liburcu-memb liburcu-qsbr ck)"
"${cc[@]}" -O2 -flto -DPCPMM_INLINE_GUARD=irqoff -I"$root/include" \
    "$root/tests/consumer/inlined.c" "$work/build/src/libpcpmm.a" \
    -o "$work/inlined" -lpthread "${libraries[@]}"

if [ "$("$work/inlined")" = right ]; then
    echo "ok 1 - the program is right"
else
    echo "not ok 1 - the program is wrong"
fi
body=$(objdump -d --no-show-raw-insn "$work/inlined" |
    sed -nE '/<pairs(\..*)?>:$/,/^$/p')
if [ -n "$body" ] && ! grep -qE 'call.*<pcpmm_hot_(alloc|free)_irqoff' <<<"$body"; then
    echo "ok 2 - no call of a hot path is left"
else
    echo "not ok 2 - hot paths are called"
fi
