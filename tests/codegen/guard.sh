#!/bin/bash
# SPDX-License-Identifier: MIT
#
# guard.sh SOURCE_ROOT BACKEND CC [FLAG...]
#
# Compiles src/pcplist/owner.c, which instantiates the owner's five paths
# (alloc, alloc_bulk, free, free_batch, drain_own) for each guard, with CC from
# -O1 up and fails if one of them contains an indirect call, or calls a guard's
# function: a guard is a pair of function pointers in a constant, and the
# compiler must inline it completely. At -O0 the calls exist; the script checks
# that it finds them there, for each guard, which shows that the search works.
#
# external is the exception: its guard belongs to the program and is reached by
# a pointer only, so its calls must be found at each level.
#
# Exit status: 0 as promised, 1 not as promised, 2 wrong usage.

set -euo pipefail

if [ $# -lt 3 ]; then
    echo "usage: guard.sh SOURCE_ROOT BACKEND CC [FLAG...]" >&2
    exit 2
fi
root=$1 backend=$2
shift 2
cc=("$@")
objdump=${OBJDUMP:-$("${cc[@]}" -print-prog-name=objdump)}

# shellcheck source=disassemble.sh
. "$(dirname "$0")/disassemble.sh"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# x86-64: call or jmp through a register or memory; arm64: blr, br; s390x: basr,
# and br but for the return by %r14 and br %r0, a barrier. A direct call of riscv64
# is a pair, auipc and jalr, with the target as a comment.
case $backend in
s390x) indirect='^basr |^br %r([1-9]|1[0-35])$' ;;
riscv64) indirect='^(jalr|jr) [^#<]*$' ;;
loongarch64) indirect='^jirl |^jr ' ;;
*) indirect='^(notrack )?(call|jmp)q? +\*|^bl?r ' ;;
esac

source=$root/src/pcplist/owner.c
paths='alloc|alloc_bulk|free|free_batch|drain_own'

# compile LEVEL
compile() {
    if ! "${cc[@]}" -std=gnu11 "$1" -D_GNU_SOURCE \
        -I"$root/src" -I"$root/src/arch/threads" -I"$root/src/arch/threads/$backend" -I"$root/include" \
        -c "$source" -o "$work/owner.o"; then
        echo "guard.sh: can not compile $source" >&2
        exit 1
    fi
}

# owner_calls GUARD: the calls of a guard that remain in its five paths, each
# with its function. Parts that the compiler moved out of a function (.cold,
# .part.0) still belong to it; functions of core.h that it did not inline belong
# to all. Guards' functions are called guard_*_enter, _leave.
owner_calls() {
    linked_instructions "$work/owner.o" |
        awk -v indirect="$indirect" '
            /^=/ { name = substr($0, 2); next }
            $0 ~ indirect || /<guard_.*_(enter|leave)[.>]/ { print name ": " $0 }' |
        { grep -E "^($1|pcp_core)_($paths)(\\.[a-z0-9.]+)?: " || [ $? -eq 1 ]; }
}

# paths_of GUARD: the number of its paths, five.
paths_of() {
    instructions "$work/owner.o" |
        grep -cE "^=$1_($paths)$" || [ $? -eq 1 ]
}

mapfile -t guards < <(sed -nE 's/^\tX\((\w+), .*/\1/p' "$root/src/pcplist/guards.h")
headers=$(find "$root/src/pcplist" -name 'guard_*.h' | wc -l)
if [ ${#guards[@]} -lt "$headers" ] || [ "$headers" -eq 0 ]; then
    echo "$headers guard_*.h in src/pcplist, ${#guards[@]} rows in guards.h" >&2
    exit 1
fi

failures=0
failure() {
    echo "$1" >&2
    failures=$((failures + 1))
}

compile -O0
for guard in "${guards[@]}"; do
    if [ -z "$(owner_calls "$guard")" ]; then
        failure "$guard -O0: no indirect call found; does the search work?"
    fi
done
for level in -O1 -O2 -O3 -Os; do
    compile "$level"
    for guard in "${guards[@]}"; do
        [ "$(paths_of "$guard")" -eq 5 ] ||
            failure "$guard $level: not all of the owner's paths are there"
        found=$(owner_calls "$guard")
        if [ "$guard" = external ]; then
            [ -n "$found" ] ||
                failure "$guard $level: no indirect call to the program's guard"
        elif [ -n "$found" ]; then
            failure "$guard $level: the guard is still called:"$'\n'"$found"
        fi
    done
done
[ "$failures" -eq 0 ] || exit 1
echo "${#guards[@]} guards without an indirect call, but for the external one"
