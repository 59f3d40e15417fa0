#!/bin/bash
# SPDX-License-Identifier: MIT
#
# backends.sh SOURCE_ROOT CLANG
#
# Each backend of src/arch/threads by clang's cross compilation, which needs no
# sysroot for ops.c: without a warning, and with the instructions that check.sh
# wants, if there is an llvm-objdump. So a change of a contract in src/arch can not
# miss the backends of other architectures.
#
# Exit status: 0 as promised, 1 not as promised, 2 wrong usage, 77 CLANG knows no
# other architecture.

set -euo pipefail

if [ $# -ne 2 ]; then
    echo "usage: backends.sh SOURCE_ROOT CLANG" >&2
    exit 2
fi
root=$1 clang=$2
here=$(dirname "$0")

OBJDUMP=$("$clang" -print-prog-name=llvm-objdump)
export OBJDUMP
objdump=yes
command -v "$OBJDUMP" >/dev/null || objdump=no

# TARGET BACKEND CPU FLAG...; the test `codegen` has that of the host.
targets=(
    'aarch64-linux-gnu arm64 thunderx2t99 -march=armv8.1-a'
    'aarch64-linux-gnu arm64 cortex-a57 -march=armv8-a -mno-outline-atomics'
    's390x-linux-gnu s390x z10 -march=z10'
    's390x-linux-gnu s390x z196 -march=z196'
    'riscv64-linux-gnu riscv64 generic-rv64 -march=rv64gc'
    'loongarch64-linux-gnu loongarch64 generic-la64'
    'aarch64-linux-gnu generic cortex-a57'
    's390x-linux-gnu generic z10'
)

failures=0
compiled=0
for row in "${targets[@]}"; do
    read -r target backend OBJDUMP_CPU flags <<<"$row"
    export OBJDUMP_CPU
    read -r -a flags <<<"$flags"
    cc=("$clang" "--target=$target" -ffreestanding "${flags[@]}")
    if ! "${cc[@]}" -c -x c /dev/null -o /dev/null 2>/dev/null; then
        echo "$row: not in this clang"
        continue
    fi
    compiled=$((compiled + 1))
    # At -O0, too, where an operand that only fits by luck does not.
    for level in -O0 -O2; do
        "${cc[@]}" -std=gnu11 $level -Wall -Wextra -Werror -I"$root/src" \
            -I"$root/src/arch/threads" \
            -I"$root/src/arch/threads/$backend" \
            -c "$root/tests/codegen/ops.c" -o /dev/null ||
            failures=$((failures + 1))
    done
    [ $objdump = yes ] || continue
    status=0
    bash "$here/check.sh" "$root" "$backend" "${cc[@]}" || status=$?
    [ $status -eq 0 ] || [ $status -eq 77 ] || failures=$((failures + 1))
done
[ $compiled -gt 1 ] || exit 77
[ $failures -eq 0 ] || exit 1
[ $objdump = yes ] || echo "no llvm-objdump: compiled only"
echo "$compiled targets"
