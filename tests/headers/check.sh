#!/bin/bash
# SPDX-License-Identifier: MIT
#
# check.sh INCLUDE_DIR STANDARD COMPILER... -- HEADER...
#
# Compiles each public header alone, twice included, as STANDARD with all
# warnings as errors. Exit status: 0, 1, or 77 if the compiler does not know the
# standard.

set -euo pipefail

include=$1 standard=$2
shift 2
compiler=()
while [ "$1" != -- ]; do compiler+=("$1"); shift; done
shift

language=c
case $standard in *++*) language=c++ ;; esac
flags=(-x "$language" -std="$standard" -Wall -Wextra -Wpedantic -Werror
    -fsyntax-only -I"$include")

if ! echo 'int a;' | "${compiler[@]}" "${flags[@]}" - 2>/dev/null; then
    echo "${compiler[*]} has no -std=$standard"
    exit 77
fi

failures=0
checked=0
for header in "$@"; do
    name=pcpmm/${header##*/}
    checked=$((checked + 1))
    if ! printf '#include <%s>\n#include <%s>\nint main(void) { return 0; }\n' \
        "$name" "$name" | "${compiler[@]}" "${flags[@]}" -; then
        echo "$name does not compile alone as $standard" >&2
        failures=$((failures + 1))
    fi
done
[ "$failures" -eq 0 ] || exit 1
[ "$checked" -gt 0 ]
echo "$checked headers as $standard"
