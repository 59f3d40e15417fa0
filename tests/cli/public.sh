#!/bin/bash
# SPDX-License-Identifier: MIT
# Inputs from public reports (tests/data/public), with the values that are right.
# usage: public.sh PCPMM TESTS-FOLDER
set -u

pcpmm=$1
data=$2/data/public
. "$2/cli/tap.sh"

# predict STATUS TEXT PRESET NAME ARGUMENT...
predict() {
	says "$1" "$2" predict --preset "$3" --zoneinfo "$data/$4.zoneinfo" \
		"${@:5}"
}

# A number without a name is left out, a list of what was scanned as well.
predict 0 "values checked" linux-4.18 4.18-nameless-counter
predict 0 "17 values checked, 17 matched, 0 differ" linux-2.6 \
	2.6.26-scanned-lists
# Hot and cold lists: 2 + 0 pages, and the hot one's limits.
predict 0 "8 values checked, 8 matched, 0 differ" linux-2.6.16 2.6.16-hot-cold
says 0 "pages free     33393" show zoneinfo \
	--machine "$data/4.4-indented.zoneinfo"
predict 0 "values checked" linux-4.4 4.4-indented
sed 's/^/> > /' "$data/4.4-indented.zoneinfo" >"$tmp/quoted"
says 0 "values checked" predict --preset linux-4.4 --zoneinfo "$tmp/quoted"
says 0 "pages free     33393" show zoneinfo --machine "$tmp/quoted"
predict 1 "zoneinfo:3:18: 24848885473806 pages: out of range" linux-5.4 \
	5.4-wrapped

# A kernel without SMP prints no thresholds, so none is compared.
predict 0 "values checked" linux-4.1 4.1-up
cp "$tmp/out" "$tmp/up"
check "no row of a threshold" bash -c '! grep -q stat_threshold "$1"' - "$tmp/up"

# Pages of 64 KiB, inferred and told; 4 KiB told is not what it is.
ppc=(4.11-ppc64-64k --sysctl "$data/4.11-ppc64-64k.sysctl")
predict 0 "15 values checked, 15 matched, 0 differ" linux-4.11 "${ppc[@]}"
predict 0 "page size: 64 KiB, inferred" linux-4.11 "${ppc[@]}"
predict 0 "15 matched, 0 differ" linux-4.11 "${ppc[@]}" --page-size 64
predict 0 "3 matched, 12 differ" linux-4.11 "${ppc[@]}" --page-size 4k
predict 2 "'48' is not 4, 8, 16, 32 or 64 (KiB)" linux-4.11 "${ppc[@]}" \
	--page-size 48

# The last kernel of an era, and the version that nobody told.
echo "vm.min_free_kbytes = 32712" >"$tmp/sysctl"
predict 0 "8 values checked, 7 matched" linux-4.18 4.18-batch-31 \
	--sysctl "$tmp/sysctl"
predict 0 "8 values checked, 5 matched" linux-4.19 4.18-batch-31 \
	--sysctl "$tmp/sysctl"
predict 0 "7 values checked, 7 matched" linux-5.13 5.13-high-378 \
	--sysctl "$data/5.13-high-378.sysctl"
predict 0 "7 values checked, 6 matched" linux-5.14 5.13-high-378 \
	--sysctl "$data/5.13-high-378.sysctl"
bounds=(--zoneinfo "$data/6.18-bounds.zoneinfo"
	--sysctl "$data/6.18-bounds.sysctl")
says 0 "11 values checked, 11 matched, 0 differ" predict "${bounds[@]}"
says 0 "kernel: linux-6.18 formulas; no --preset: the dump has a 'high_min:' line" \
	predict "${bounds[@]}"
says 0 '"preset_origin": "no --preset' predict "${bounds[@]}" --json -
says 0 "linux-4.18 formulas; no --preset: the dump has a 'nameless' line" \
	predict --zoneinfo "$data/4.18-nameless-counter.zoneinfo"

# Restoring depends neither on the CPUs times the frames nor on what nobody
# touches: 1 TiB, two thirds free, and a page on each list of 256 CPUs. (A sanitizer
# on a busy machine takes half a minute; what depended on the product would take hours.)
large() {
	cat <<-EOF
		Node 0, zone Normal
		pages free 178956970
		boost 0
		min 11288
		low 14110
		high 16932
		spanned 268435456
		present 268435456
		managed 268435456
		pagesets
	EOF
	for cpu in $(seq 0 255); do
		printf 'cpu: %d\ncount: 1\nhigh: 252\nbatch: 63\n' "$cpu"
		echo "vm stats threshold: 120"
	done
	echo "start_pfn: 1048576"
}
check "1 TiB and 256 CPUs" bash -c '
	timeout "${PCPMM_SLOW:+1}20" "$1" show truth --machine <(cat) |
		grep -qE "268435456 178956970 +178956970 178956970 256"' - \
	"$pcpmm" < <(large)

# Types, sizes of pageblocks and orders that the simulated machine has not.
zone=(--machine "$data/3.10-zone.zoneinfo")
for name in 3.10-reserve 5.12-pageblock-10; do
	says 0 "type      Movable      3      1      1      0      0      0      0      2      4      4     26" \
		show pagetypeinfo "${zone[@]}" \
		--pagetypeinfo "$data/$name.pagetypeinfo"
	says 0 "type   HighAtomic      0      0      0      0      0      0      0      0      0      0      1" \
		show pagetypeinfo "${zone[@]}" \
		--pagetypeinfo "$data/$name.pagetypeinfo"
done
says 0 "note: pageblocks of order 10 count as pageblocks of order 9" \
	show pagetypeinfo "${zone[@]}" \
	--pagetypeinfo "$data/5.12-pageblock-10.pagetypeinfo"
says 0 "Normal            6          118            2            2" \
	show pagetypeinfo "${zone[@]}" \
	--pagetypeinfo "$data/5.12-pageblock-10.pagetypeinfo"
says 0 "Normal     22      3      7    119     96     37      6     16      3      0      0" \
	show buddyinfo "${zone[@]}" --buddyinfo "$data/6.6-order-11.buddyinfo"
echo "Node 0, zone Normal 1 0 0 0 0 0 0 0 0 0 2 1 0 1" >"$tmp/orders"
says 0 "Normal      1      0      0      0      0      0      0      0      0      0     12" \
	show buddyinfo "${zone[@]}" --buddyinfo "$tmp/orders"
says 0 "note: 14 orders: larger blocks count as blocks of order 10" \
	show buddyinfo "${zone[@]}" --buddyinfo "$tmp/orders"
echo "Node 0, zone Normal 1 0 0 0 0 0 0 0 9" >"$tmp/orders"
says 0 "Normal      1      0      0      0      0      0      0      0      9      0      0" \
	show buddyinfo "${zone[@]}" --buddyinfo "$tmp/orders"

# Zones whose memory alternates keep all their pages.
says 0 "Normal  571648 500000" show truth \
	--machine "$data/4.13-crossing.zoneinfo"
says 0 "note: zones that cross each other are laid one behind the other" \
	show truth --machine "$data/4.13-crossing.zoneinfo"

# A whole lscpu, and one of a kernel that prints no nodes.
for name in lscpu lscpu-no-numa; do
	predict 0 "7 values checked" linux-4.4 4.4-indented \
		--nodes "$data/$name.txt"
done

# replay STATUS TEXT NAME ARGUMENT...
replay() {
	says "$1" "$2" replay --explain "$data/$3.trace" "${@:4}"
}

# Two lines for one free (2.6.31 to 2.6.33); latency format, also in a kernel log;
# the head of a call stack; nothing but a failed allocation.
replay 0 "   0  0 Normal          1        2        0" 2.6.33-free-direct-twice
replay 0 "           0 bulk-allocated pages" 2.6.33-free-direct-twice
replay 0 "2 events, 2 CPUs" 6.1-latency-format
replay 0 "   1  0 DMA32           1        1        0" 6.1-latency-format
replay 0 "trace      5 lines, 2 events, 2 CPUs" 6.1-dump-on-oops
check "no unknown line" bash -c '! grep -q unknown "$1"' - "$tmp/out"
replay 0 "trace      4 lines, 1 events, 5 CPUs" 4.4-stack-trace
replay 0 "0 pages leaked, 0 allocations failed, 0 frees refused" \
	4.9-only-failed

# Quoted; in the wrong order; twice.
sed 's/^/> /' "$data/6.1-latency-format.trace" >"$tmp/quoted"
says 0 "2 events, 2 CPUs" replay "$tmp/quoted"
replay 1 "4.4-stack-trace.trace:1:1: the same trace twice: this is line 1" \
	4.4-stack-trace "$data/4.4-stack-trace.trace"
tac "$data/6.1-latency-format.trace" >"$tmp/back"
says 0 "WARNING: time goes back 1 times (first: line 2)" replay "$tmp/back"

# Packings by content, whatever the name; binary files, named.
for packed in 6.1-trace.zst 6.1-trace.bz2 6.1-trace.lz4; do
	says 0 "2 events" replay "$data/$packed"
done
says 1 "trace.dat of trace-cmd, not text: convert it with 'trace-cmd report" \
	replay "$data/6.1-trace.dat"
printf 'PERFILE2' >"$tmp/perf"
says 1 "perf.data of perf, not text: convert it with 'perf script" \
	replay "$tmp/perf"
printf 'GRZipII\0\2\4' >"$tmp/grz"
says 1 "grz: packed by grzip: unpack it first" \
	replay --state "$tmp/grz" "$data/6.1-latency-format.trace"

# A mail as it was sent; a trace that frees a page twice ends with status 1.
sed 's/pfn=/pfn=3D/' "$data/6.1-latency-format.trace" >"$tmp/mail"
says 1 "quoted-printable (=3D): decode it first" replay "$tmp/mail"
sed 's/_direct//; s/order=0/order=1/' "$data/2.6.33-free-direct-twice.trace" \
	>"$tmp/leak"
says 1 "frees refused: the trace uses pages in a way that no kernel does" \
	replay "$tmp/leak"

# The text of show_mem() in a kernel log: sizes, marks and blocks.
log=$data/5.4-show-mem.txt
says 0 "Normal  668419 2559    2559     2559 1035" show truth --machine "$log"
says 0 "Normal    505    357    201     65      1      0" show buddyinfo \
	--machine "$log"
says 0 "a show_mem text, no zoneinfo: zones are laid" predict --zoneinfo "$log"
sed 's/^/Jan 01 host kernel: [  12.5] /' "$log" "$log" >"$tmp/log"
says 0 "Normal  668419 2559" show truth --machine "$tmp/log"
sed 's/ present:[0-9]*kB//' "$log" >"$tmp/cut"
says 1 "'present:' expected in the line of a zone" predict \
	--zoneinfo "$tmp/cut"
sed 's/357[*]8kB/357*9kB/' "$log" >"$tmp/cut"
says 1 "no size of blocks of order 1" predict --zoneinfo "$tmp/cut"
sed 's/min:6192kB/min:99999999999999kB/' "$log" >"$tmp/cut"
says 1 "99999999999999 kB: out of range" predict --zoneinfo "$tmp/cut"
cat >"$tmp/old" <<-EOF
	Mem-Info:
	DMA per-cpu:
	CPU    0: hi:    0, btch:   1 usd:   0
	Normal per-cpu:
	CPU    0: hi:  186, btch:  31 usd:  42
	CPU    1: hi:  186, btch:  31 usd:   7
	DMA free:256kB min:64kB low:80kB high:96kB present:15872kB managed:15360kB
	lowmem_reserve[]: 0 2003
	DMA: 0*64kB 0*128kB 1*256kB = 256kB
	Normal free:640kB min:2048kB low:2560kB high:3072kB present:4194304kB managed:4128768kB
	lowmem_reserve[]: 0 0
	Normal: 0*64kB 1*128kB 2*256kB = 640kB
EOF
says 0 "page size: 64 KiB, the smallest block of the free lists" predict \
	--preset linux-3.4 --zoneinfo "$tmp/old"
says 0 "pcp_high                186" predict --preset linux-3.4 \
	--zoneinfo "$tmp/old" --page-size 4
says 0 "Normal      0      1      2      0" show buddyinfo \
	--machine "$tmp/old"
says 0 "  10      10       10  49" show truth --machine "$tmp/old"

tap_done
