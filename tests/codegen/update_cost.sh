#!/bin/bash
# SPDX-License-Identifier: MIT
#
# update_cost.sh PROGRAM QEMU [ARGUMENT...]
#
# Runs PROGRAM (update_cost.c) in qemu-user, one guest instruction at a time, and
# counts those of each of its functions cost_*: an update, or the exchange of a
# fold, from entry to return, without a retry. Prints a row for each function:
#
#   arch  update  s8  s32
#
# and fails unless 8 bit cost what the instruction set says. An exchange on the
# word around a byte is counted by MARGIN instructions at least; where there are
# instructions of 8 bit, less than MARGIN are for extending a sign.
#
# Exit status: 0 as expected, 1 not as expected, 2 wrong usage.

set -euo pipefail

if [ $# -lt 2 ]; then
    echo "usage: update_cost.sh PROGRAM QEMU [ARGUMENT...]" >&2
    exit 2
fi
program=$1
shift
MARGIN=8

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# The name of the option changed in qemu 8.1.
single=-singlestep
! "$1" --help | grep -e -one-insn-per-tb >/dev/null || single=-one-insn-per-tb

read -r arch has8 < <(
    "$1" "$single" -d exec,nochain -D "$work/trace" "${@:2}" "$program"
)
# A line of the trace ends with the function.
declare -A count
while read -r nr name; do
    count[$name]=$nr
done < <(sed -nE 's/^Trace .* cost_([a-z0-9_]+)$/\1/p' "$work/trace" |
    sort | uniq -c)

failures=0
for update in irqoff local_cmpxchg lock_cmpxchg local_fold remote_fold; do
    s8=${count[${update}_s8]:-0} s32=${count[${update}_s32]:-0}
    echo "$arch $update $s8 $s32"
    if [ "$s8" -eq 0 ] || [ "$s32" -eq 0 ]; then
        echo "$update: not in the trace" >&2
        failures=$((failures + 1))
        continue
    fi
    # On riscv64 a local operation is loads and stores with interrupts off.
    case $arch$has8:$update in
    *1:* | *:irqoff | riscv64*:local_*) dearer=no ;;
    *) dearer=yes ;;
    esac
    found=no
    [ $((s8 - s32)) -lt "$MARGIN" ] || found=yes
    if [ $found != $dearer ]; then
        echo "$arch $update: s8 $s8, s32 $s32 instructions; is the byte" \
            "exchanged with its word? expected $dearer, found $found" >&2
        failures=$((failures + 1))
    fi
done
[ "$failures" -eq 0 ]
