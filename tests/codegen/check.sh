#!/bin/bash
# SPDX-License-Identifier: MIT
#
# check.sh SOURCE_ROOT BACKEND CC [FLAG...]
#
# Compiles ops.c with CC at -O2 against src/arch/threads/BACKEND, disassembles it and fails unless every operation is made of the
# instructions that src/arch promises: a local one must not lock the bus or
# order memory, a full one must. The unit tests cannot see the difference; a
# benchmark and another CPU can.
# ops.c includes no header of the C library, so CC need not have one.
#
# Exit status: 0 as promised, 1 not as promised, 2 wrong usage, 77 nothing to
# check (generic: the compiler chooses).
#
# OBJDUMP overrides the disassembler that belongs to CC.

set -euo pipefail

if [ $# -lt 3 ]; then
    echo "usage: check.sh SOURCE_ROOT BACKEND CC [FLAG...]" >&2
    exit 2
fi
root=$1 backend=$2
shift 2
cc=("$@")

# shellcheck source=disassemble.sh
. "$(dirname "$0")/disassemble.sh"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# rule SYMBOL MUST MUST_NOT: extended regular expressions for the lines of the
# function's body, one instruction each, blanks squeezed to one. MUST may be
# several, one per word with "~" for a blank; each has to match a line.
failures=0
checked=0
rule() {
    local symbol=$1 must=$2 must_not=$3 text want
    text=$(body "$work/ops.o" "$symbol")
    checked=$((checked + 1))
    if [ -z "$text" ]; then
        echo "$symbol: not in the object" >&2
        failures=$((failures + 1))
        return
    fi
    for want in $must; do
        if ! grep -qE "${want//\~/ }" <<<"$text"; then
            echo "$symbol: nothing matches '${want//\~/ }' in:" >&2
            echo "$text" >&2
            failures=$((failures + 1))
        fi
    done
    if grep -E "$must_not" <<<"$text" >&2; then
        echo "$symbol: the line(s) above must not be there" >&2
        failures=$((failures + 1))
    fi
}

check_x86_64() {
    local T mem='\(%r[0-9a-z]+\)'
    local lock='^lock|^xchg .*\(|fence|^call'
    rule add_local_u64 "^addq?~.*,$mem" "$lock"
    rule is_null "^cmpq~.*,$mem ^sete~" "$lock|^mov .*$mem"
    rule below_s32 "^cmp~.*,$mem ^setl~" "$lock|^mov .*$mem"
    rule below_s64 "^cmp~.*,$mem ^setl~" "$lock|^mov .*$mem"
    for T in s8 s32; do
        rule "xchg_local_$T" "^cmpxchg~.*,$mem" "$lock"
        rule "cmpxchg_local_$T" "^cmpxchg~.*,$mem" "$lock"

        # Full: no read-modify-write on memory without its lock, except xchg.
        local bare="^(xadd|cmpxchg|add[bl]?) .*,$mem|fence|^call"
        rule "xchg_full_$T" "^xchg~.*$mem" "$bare|^lock"
        rule "cmpxchg_full_$T" "^lock~cmpxchg~.*,$mem" "$bare"
    done
}

check_arm64_lse() {
    local T b other='^(ldx|stx|ldax|stlx|dmb|bl )'
    rule add_local_u64 "^stadd~x" "$other"
    for T in s8 s32; do
        b=; [ $T = s8 ] && b=b
        local ordered="$other|^(ldadd|swp|cas)(a|l|al)b? "
        rule "xchg_local_$T" "^swp$b~w" "$ordered"
        rule "cmpxchg_local_$T" "^cas$b~w" "$ordered"

        # A destination wzr (stadd is that, too) would drop the acquire half.
        local weak="$other|^stadd|^(ldadd|swp|cas)[al]?b? "
        weak="$weak|^(ldaddal|swpal)b? .*wzr, \["
        rule "xchg_full_$T" "^swpal$b~w" "$weak"
        rule "cmpxchg_full_$T" "^casal$b~w" "$weak"
    done
}

check_arm64_llsc() {
    local T b op
    rule add_local_u64 "^ldxr~x ^stxr~w ^cbnz~w" \
        '^(ldax|stlx|dmb|ldadd|stadd|bl )'
    for T in s8 s32; do
        b=; [ $T = s8 ] && b=b
        for op in xchg cmpxchg; do
            rule "${op}_local_$T" "^ldxr$b~w ^stxr$b~w ^cbnz~w" \
                '^(ldax|stlx|dmb|ldadd|stadd|swp|cas|bl )'
            rule "${op}_full_$T" "^ldxr$b~w ^stlxr$b~w ^cbnz~w ^dmb~ish$" \
                '^(ldax|stx|ldadd|stadd|swp|cas|bl )'
        done
    done
}

# Local operations are plain accesses between a mask and an unmask: no atomic.
check_riscv64() {
    local T op other='^(amo|lr|sc|fence|ecall)'
    rule add_local_u64 "^ld ^add ^sd" "$other"
    for T in s8 s32; do
        for op in xchg cmpxchg; do
            rule "${op}_local_$T" "^s[bw]~" "$other"
        done
    done
    # Neither an acquire that would order the load only, nor an unordered store.
    other='^(call|jalr|lr\.w\.|sc\.w )'
    rule xchg_full_s32 '^amoswap\.w\.aqrl~' "$other|^(lr|sc)"
    for op in xchg_full_s8 cmpxchg_full_s8 cmpxchg_full_s32; do
        rule "$op" '^lr\.w~ ^sc\.w\.rl~ ^bnez~ ^fence~rw,~?rw$' "$other|^amo"
    done
}

check_s390x() {
    local T kind other='^(brasl|basr|bcr 1[45],|csg)'
    case $("${cc[@]}" -dM -E -x c /dev/null | grep -w __ARCH__) in
    *\ [5-8]) rule add_local_u64 '^csg~' '^(brasl|laag|bcr 1[45],)' ;;
    *) rule add_local_u64 '^laag~' "$other" ;;
    esac
    for kind in local full; do
        for T in s8 s32; do
            rule "xchg_${kind}_$T" '^l~%r ^cs~%r ^(cr)?j[a-z]+~' "$other"
            rule "cmpxchg_${kind}_$T" '^cs~%r' "$other"
        done
        # The word is what cs exchanges: no loop.
        rule "cmpxchg_${kind}_s32" '^cs~%r' "$other|^j"
    done
}

check_loongarch64() {
    local op other='^(bl|jirl|dbar|am[a-z]+_db|call)'
    local pair='^ll\.w~ ^sc\.w~ ^beqz~'
    rule add_local_u64 '^amadd\.d~\$zero,' "$other|^ll|^sc"
    rule xchg_local_s32 '^amswap\.w~' "$other|^ll|^sc\.w"
    rule xchg_full_s32 '^amswap_db\.w~' '^(bl|jirl|ll|sc\.w|dbar|amswap\.w)'
    for op in xchg_local_s8 cmpxchg_local_s8 cmpxchg_local_s32; do
        rule "$op" "$pair" "$other|^am"
    done
    for op in xchg_full_s8 cmpxchg_full_s8 cmpxchg_full_s32; do
        rule "$op" "^dbar~0(x0)?$ $pair" '^(bl|jirl|am)'
        [ "$(body "$work/ops.o" "$op" | grep -c '^dbar')" -eq 2 ] ||
            rule "$op" '^two~barriers$' '^$'
    done
}

kind=$backend
flags=()
case $backend in
x86_64 | s390x | loongarch64) ;;
riscv64) flags=(-mno-relax) ;; # else each branch waits for the linker
arm64)
    kind=arm64_llsc
    case $("${cc[@]}" -dM -E -x c /dev/null) in
    *__ARM_FEATURE_ATOMICS*) kind=arm64_lse ;;
    esac
    ;;
generic)
    echo "generic: builtins, the instructions are the compiler's business"
    exit 77
    ;;
*)
    echo "check.sh: unknown backend '$backend'" >&2
    exit 2
    ;;
esac

objdump=${OBJDUMP:-$("${cc[@]}" -print-prog-name=objdump)}
"${cc[@]}" -std=gnu11 -O2 "${flags[@]}" -D_GNU_SOURCE \
    -I"$root/src" -I"$root/src/arch/threads" -I"$root/src/arch/threads/$backend" -I"$root/include" \
    -c "$root/tests/codegen/ops.c" -o "$work/ops.o"
"check_$kind"

if [ "$failures" -gt 0 ]; then
    echo "$kind: $failures failures in $checked functions" >&2
    exit 1
fi
echo "$kind: $checked functions as promised"
