#!/bin/bash
# SPDX-License-Identifier: MIT
#
# guard.sh SOURCE_ROOT BACKEND CC [FLAG...]
#
# Compiles each drain strategy with CC from -O1 up and fails if its object
# contains an indirect call: a strategy's guard is a pair of function
# pointers in a constant, and has to be inlined until nothing of it is left.
# At -O0 the calls are there; that they are found there shows that the
# search works.
#
# Exit: 0 as promised, 1 not so, 2 misuse.

set -euo pipefail

if [ $# -lt 3 ]; then
    echo "usage: guard.sh SOURCE_ROOT BACKEND CC [FLAG...]" >&2
    exit 2
fi
root=$1 backend=$2
shift 2
cc=("$@")
objdump=${OBJDUMP:-$("${cc[@]}" -print-prog-name=objdump)}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# x86-64: call or jmp through a register or memory; arm64: blr, br.
indirect='^(notrack )?(call|jmp)q? +\*|^bl?r '

# indirect_calls LEVEL SOURCE: prints them.
indirect_calls() {
    "${cc[@]}" -std=gnu11 "$1" -D_GNU_SOURCE \
        -I"$root/src" -I"$root/src/arch/$backend" -I"$root/include" \
        -c "$2" -o "$work/strategy.o"
    "$objdump" -d --no-show-raw-insn "$work/strategy.o" |
        sed -nE 's/^ +[0-9a-f]+:\t//p' | sed -E 's/[[:blank:]]+/ /g' |
        { grep -E "$indirect" || [ $? -eq 1 ]; }
}

mapfile -t strategies < <(grep -lE 'struct pcp_drain_ops \w+ = \{' \
    "$root"/src/pcplist/*.c)
if [ ${#strategies[@]} -eq 0 ]; then
    echo "no strategy in src/pcplist" >&2
    exit 1
fi

failures=0
for source in "${strategies[@]}"; do
    name=${source##*/}
    if [ -z "$(indirect_calls -O0 "$source")" ]; then
        echo "$name -O0: no indirect call found; does the search work?" >&2
        failures=$((failures + 1))
    fi
    for level in -O1 -O2 -O3 -Os; do
        found=$(indirect_calls "$level" "$source")
        if [ -n "$found" ]; then
            echo "$name $level: indirect calls:" >&2
            echo "$found" >&2
            failures=$((failures + 1))
        fi
    done
done
[ "$failures" -eq 0 ] || exit 1
echo "${#strategies[@]} strategies without an indirect call"
