#!/bin/bash
# SPDX-License-Identifier: MIT
#
# guard.sh SOURCE_ROOT BACKEND CC [FLAG...]
#
# Compiles each file of src/pcplist that has a `struct pcp_guard` with CC from
# -O1 up and fails if a function of the owner's paths (alloc, alloc_bulk, free,
# free_batch, drain_own) contains an indirect call: a guard is a pair of
# function pointers in a constant, and has to be inlined until nothing of it
# is left. At -O0 the calls are there; that they are found there shows that the
# search works. Drains are cold and may call through pointers.
#
# external.c is the exception: its guard is the program's own, which only a
# pointer can reach, so there the calls have to be found at each level.
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

# compile LEVEL SOURCE
compile() {
    if ! "${cc[@]}" -std=gnu11 "$1" -D_GNU_SOURCE \
        -I"$root/src" -I"$root/src/arch/threads" -I"$root/src/arch/threads/$backend" -I"$root/include" \
        -c "$2" -o "$work/strategy.o"; then
        echo "guard.sh: can not compile $2" >&2
        exit 1
    fi
}

# owner_calls: prints them, each with its function. What the compiler moved
# out of a function (.cold, .part.0) still is that function's.
owner_calls() {
    "$objdump" -d --no-show-raw-insn "$work/strategy.o" |
        sed -nE 's/^[0-9a-f]+ <(.*)>:$/=\1/p; s/^ +[0-9a-f]+:\t//p' |
        sed -E 's/[[:blank:]]+/ /g' |
        awk -v indirect="$indirect" '
            /^=/ { name = substr($0, 2); next }
            $0 ~ indirect { print name ": " $0 }' |
        { grep -E "$owner" || [ $? -eq 1 ]; }
}

# The owner's paths, and at -O0 what core.h would have been inlined as.
owner='^(pcp_core|[a-z_]+)_(alloc|alloc_bulk|free|free_batch|drain_own|drain)(\.[a-z0-9.]+)?: '

mapfile -t guards < <(grep -lE '^(static )?(const )?struct pcp_guard \w+ = ' \
    "$root"/src/pcplist/*.c "$root"/src/pcplist/strategies/*.c)
if [ ${#guards[@]} -eq 0 ]; then
    echo "no guard in src/pcplist" >&2
    exit 1
fi

failures=0
failure() {
    echo "$1" >&2
    failures=$((failures + 1))
}

for source in "${guards[@]}"; do
    name=${source##*/}
    compile -O0 "$source"
    if [ -z "$(owner_calls)" ]; then
        failure "$name -O0: no indirect call found; does the search work?"
    fi
    for level in -O1 -O2 -O3 -Os; do
        compile "$level" "$source"
        found=$(owner_calls)
        if [ "$name" = external.c ]; then
            [ -n "$found" ] ||
                failure "$name $level: no indirect call to the program's guard"
        elif [ -n "$found" ]; then
            failure "$name $level: indirect calls:"$'\n'"$found"
        fi
    done
done
[ "$failures" -eq 0 ] || exit 1
echo "${#guards[@]} guards without an indirect call, but for the external one"
