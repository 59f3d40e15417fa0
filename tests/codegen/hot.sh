#!/bin/bash
# SPDX-License-Identifier: MIT
#
# hot.sh SOURCE_ROOT BACKEND CC [FLAG...]
#
# Compiles src/alloc/hot.c with CC and fails unless the hot paths of order 0 are
# what alloc/hot.h promises, for the guards whose instructions are all the
# library's: no stack frame, no saved register, no call (each way out is a jump),
# and no more instructions to the return than LIMIT. At -O0 all of that is there;
# the script checks that it finds it, which shows that the search works.
#
# Exit status: 0 as promised, 1 not as promised, 2 wrong usage, 77 nothing to
# check (generic: ThreadSanitizer's instructions).

set -euo pipefail

if [ $# -lt 3 ]; then
    echo "usage: hot.sh SOURCE_ROOT BACKEND CC [FLAG...]" >&2
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

# LIMIT: of either path, exits that lie in between included; compilers differ.
case $backend in
x86_64)
    frame='^(push|pop|call|leave|enter|(sub|add) .*%rsp)'
    LIMIT=68
    ;;
arm64)
    frame='^(blr? |stp |ldp .*sp|str .*\[sp|sub sp)'
    LIMIT=80
    ;;
*)
    echo "$backend: nothing to check"
    exit 77
    ;;
esac

compile() {
    "${cc[@]}" -std=gnu11 "$1" -fPIC -D_GNU_SOURCE \
        -I"$root/src" -I"$root/src/arch/threads" \
        -I"$root/src/arch/threads/$backend" -I"$root/include" \
        -c "$root/src/alloc/hot.c" -o "$work/hot$1.o"
}

# clang 14 has one register too few for two of the frees, and saves it.
saves_one() {
    case "$("${cc[@]}" --version) $1" in
    *clang*pcpmm_hot_free_rcu_sched | *clang*pcpmm_hot_free_pcp_lock) ;;
    *) return 1 ;;
    esac
    ! grep -qvE '^(push|pop) %rbx$' <<<"$2"
}

failures=0
checked=0
failure() {
    echo "$1" >&2
    failures=$((failures + 1))
}

for level in -O0 -O2 -O3; do
    compile "$level"
done
for guard in irqoff rcu_sched pcp_lock; do
    for path in alloc free; do
        name=pcpmm_hot_${path}_$guard
        text=$(body "$work/hot-O0.o" "$name")
        if ! grep -qE "$frame" <<<"$text"; then
            failure "$name -O0: no frame found; does the search work?"
        fi
        for level in -O2 -O3; do
            checked=$((checked + 1))
            text=$(body "$work/hot$level.o" "$name")
            length=$(sed '/^ret/q' <<<"$text" | wc -l)
            if [ -z "$text" ]; then
                failure "$name $level: not in the object"
            elif found=$(grep -E "$frame" <<<"$text") &&
                ! saves_one "$name" "$found"; then
                failure "$name $level: has a frame:"$'\n'"$found"
            elif [ "$length" -gt "$LIMIT" ]; then
                failure "$name $level: $length instructions to its return"
            fi
        done
    done
done
[ "$failures" -eq 0 ] || exit 1
echo "$checked hot paths without a frame"
