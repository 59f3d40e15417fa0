#!/bin/bash
# SPDX-License-Identifier: MIT
# pcpmm show as a user calls it: each file in the kernel's layout, sysctls,
# what a large machine costs, and bad machines of every kind.
# usage: show.sh PCPMM TESTS-FOLDER
set -u

pcpmm=$1
tests=$2
here=$tests/cli
dumps=$tests/data/dumps
machines=$tests/../examples/machines
. "$here/tap.sh"

# --- layout -----------------------------------------------------------------

# laid_out RECORDED-FOLDER MACHINE
laid_out() {
	local file
	for file in zoneinfo buddyinfo pagetypeinfo; do
		"$pcpmm" show $file --machine "$2" >"$tmp/printed"
		check "$file of $(basename "$2") is laid out as in $1" \
			python3 "$here/layout.py" $file "$dumps/$1/$file.txt" \
			"$tmp/printed"
	done
	"$pcpmm" show vmstat --machine "$2" | cut -d' ' -f1 >"$tmp/names"
	check "vmstat of $(basename "$2") has the kernel's names" \
		cmp "$tmp/names" "$tests/data/vmstat-names-6.1.txt"
	"$pcpmm" show vmstat --machine "$2" |
		sed -E '/^[a-z0-9_]+ [0-9]+$/d' >"$tmp/wrong"
	check "vmstat of $(basename "$2"): a name and a number a line" \
		test ! -s "$tmp/wrong"
}

for ini in laptop server terabyte; do
	laid_out smp4-4G-numa2-on-3 "$machines/$ini.ini"
done
for dump in smp4-1G-recalc smp4-4G-numa2-on-3; do
	laid_out $dump "$dumps/$dump/zoneinfo.txt"

	# What the kernel computed is computed again, to the letter.
	"$pcpmm" show zoneinfo --machine "$dumps/$dump/zoneinfo.txt" |
		grep -E '^Node|spanned|present|managed|protection|start_pfn' \
			>"$tmp/printed"
	grep -E '^Node|spanned|present|managed|protection|start_pfn' \
		"$dumps/$dump/zoneinfo.txt" >"$tmp/recorded"
	check "zones of $dump are where they were" \
		cmp "$tmp/printed" "$tmp/recorded"
done

# --- sysctls ----------------------------------------------------------------

laptop=$machines/laptop.ini

# sum_of LABEL OPTION...: over all zones and CPUs
sum_of() {
	answer show zoneinfo --machine "$laptop" "${@:2}"
	awk -v label="$1" '$1 == label { sum += $2 } END { print sum + 0 }' \
		"$tmp/out"
}

# The min marks of all zones are min_free_kbytes; rounding is down, per zone.
min=$(sum_of min --sysctl min_free_kbytes=8192)
check "min_free_kbytes=8192 is shared out ($min of 2048 pages)" \
	test "$min" -le 2048 -a "$min" -ge 2045
min=$(sum_of min --sysctl vm.min_free_kbytes=65536)
check "vm.min_free_kbytes=65536 too ($min of 16384 pages)" \
	test "$min" -le 16384 -a "$min" -ge 16381
high=$(sum_of high:)
raised=$(sum_of high: --sysctl percpu_pagelist_high_fraction=8)
check "percpu_pagelist_high_fraction=8 makes lists longer ($high, $raised)" \
	test "$raised" -gt "$high"
managed=$(sum_of managed)
check "and they hold an eighth of the memory ($raised of $managed)" \
	test "$raised" -le $((managed / 8)) -a \
	"$raised" -ge $((managed / 8 - 12))
low=$(sum_of low --sysctl watermark_scale_factor=1000)
min=$(sum_of min --sysctl watermark_scale_factor=1000)
check "watermark_scale_factor=1000: a tenth between the marks" \
	test $((low - min)) -le $((managed / 10)) -a \
	$((low - min)) -ge $((managed / 10 - 4))
both=$(sum_of high: \
	--sysctl min_free_kbytes=8192,percpu_pagelist_high_fraction=8)
check "two sysctls in one option" test "$both" = "$raised"

refuses 1 "percpu_pagelist_high_fraction 7 is neither 0 nor at least 8" \
	show zoneinfo --machine "$laptop" \
	--sysctl percpu_pagelist_high_fraction=7
refuses 1 "unknown sysctl 'min_free_kbyte'" show zoneinfo \
	--machine "$laptop" --sysctl min_free_kbyte=8192
refuses 1 "min_free_kbytes: 'lots' is not a number" show zoneinfo \
	--machine "$laptop" --sysctl min_free_kbytes=lots
refuses 1 "min_free_kbytes: no value" show zoneinfo \
	--machine "$laptop" --sysctl min_free_kbytes

# --- the truth --------------------------------------------------------------

# truth COLUMN OPTION...: its numbers, zone by zone
truth() {
	answer show truth "${@:2}"
	awk -v name="$1" 'NR == 1 {
			for (i = 1; i <= NF; i++)
				if ($i == name)
					column = i
			next
		}
		{ printf "%s ", $column }' "$tmp/out"
}

# recorded LABEL FILE: a zoneinfo's numbers, of zones with pages
recorded() {
	awk -v label="$1" '$1 == label || $2 == label { value = $NF }
		$1 == "pagesets" { printf "%s ", value }' "$2"
}

# listed FILE: pages on all CPUs' lists
listed() {
	awk '$1 == "pagesets" { if (zones++) printf "%d ", sum; sum = 0 }
		$1 == "count:" { sum += $2 }
		END { printf "%d ", sum }' "$1"
}

for ini in laptop server terabyte; do
	"$pcpmm" show truth --machine "$machines/$ini.ini" >"$tmp/printed"
	check "truth of $ini.ini: 16 aligned columns" awk '
		NR > 1 && length($0) != length(line) || NF != 16 { bad = 1 }
		{ line = $0 }
		END { exit bad || NR < 2 }' "$tmp/printed"
done
check "truth: a line for each zone with pages" \
	test "$(grep -c . "$tmp/printed")" = \
	$((1 + $("$pcpmm" show zoneinfo --machine "$machines/terabyte.ini" |
		grep -c pagesets)))
check "truth: a fresh machine has its memory free, and nothing is wrong" \
	test "$(truth free --machine "$laptop")" = \
	"$(truth managed --machine "$laptop")" -a \
	-z "$(truth breaches --machine "$laptop" | tr -d '0 ')"
for dump in smp4-1G-recalc smp4-4G-numa2-on-3; do
	zoneinfo=$dumps/$dump/zoneinfo.txt
	state=(--machine "$zoneinfo"
		--buddyinfo "$dumps/$dump/buddyinfo.txt"
		--pagetypeinfo "$dumps/$dump/pagetypeinfo.txt")
	for mark in managed min low high; do
		check "truth of $dump: $mark is the kernel's" \
			test "$(truth $mark "${state[@]}")" = \
			"$(recorded $mark "$zoneinfo")"
	done
	check "truth of $dump: pages on lists are the kernel's" \
		test "$(truth pcp "${state[@]}")" = "$(listed "$zoneinfo")"
	check "truth of $dump: no counter is off at rest" \
		test "$(truth free "${state[@]}")" = \
		"$(truth snapshot "${state[@]}")"
done

# --- a terabyte -------------------------------------------------------------

says 0 "268435455 frames of 16 bytes" show buddyinfo --footprint \
	--machine "$machines/terabyte.ini"
created=$(sed -n 's/.*created in \([0-9]*\)\..* ms;.*/\1/p' "$tmp/err")
resident=$(sed -n 's/.*resident \([0-9]*\)\..* MiB.*/\1/p' "$tmp/err")
check "1 TiB is created in under a second (${created:-?} ms)" \
	test "${created:-9999}" -lt 1000
check "1 TiB is resident in under 100 MiB (${resident:-?} MiB)" \
	test "${resident:-9999}" -lt 100

# --- a bad command line: 2 --------------------------------------------------

says 0 "usage: pcpmm show" show --help
refuses 2 "unknown file 'zoninfo'; did you mean 'zoneinfo'?" show zoninfo \
	--machine "$laptop"
refuses 2 "--machine FILE is needed" show zoneinfo
refuses 2 "zoneinfo|vmstat|buddyinfo|pagetypeinfo|truth expected" show
refuses 2 "unknown option 'machina'; did you mean 'machine'?" show zoneinfo \
	--machina="$laptop"
refuses 2 "too many operands" show zoneinfo vmstat --machine "$laptop"

# --- bad machines: 1, with the place ----------------------------------------

refuses 1 "$tmp/none: No such file or directory" show zoneinfo \
	--machine "$tmp/none"
refuses 1 "$tmp: " show zoneinfo --machine "$tmp"

# bad LINE TEXT INI-LINE...: refused with that line and text
bad() {
	local line=$1 text=$2
	shift 2
	printf '%s\n' "$@" >"$tmp/m.ini"
	refuses 1 "$tmp/m.ini:$line $text" show zoneinfo \
		--machine "$tmp/m.ini"
}

node=('[node 0]' 'memory = 1G')
bad 2: "unknown key 'cpsu'; did you mean 'cpus'?" \
	'[machine]' 'cpsu = 4' "${node[@]}"
bad 2: "unknown section 'machin'; did you mean 'machine'?" \
	'[machin]' 'cpus = 4' "${node[@]}"
bad 2: "unknown preset 'linux-6.2'; did you mean 'linux-6.1'?" \
	'[machine]' 'preset = linux-6.2' "${node[@]}"
bad 2: "unknown sysctl 'vm.min_free_kbyte'; did you mean" \
	'[sysctl]' 'vm.min_free_kbyte = 3' "${node[@]}"
bad 2: "cpus: 0: 1..4096 expected" '[machine]' 'cpus = 0' "${node[@]}"
bad 2: "cpus: 5000: 1..4096 expected" '[machine]' 'cpus = 5000' "${node[@]}"
bad 2: "cpus: 'four' is not a number" '[machine]' 'cpus = four' "${node[@]}"
bad 2: "cpus: '-4' is not a number" '[machine]' 'cpus = -4' "${node[@]}"
bad 2: "memory: 'lots' is not a size" '[node 0]' 'memory = lots'
bad 2: "memory: more than 16T" '[node 0]' 'memory = 100T'
bad 2: "vm.min_free_kbytes: '3x':" '[sysctl]' 'vm.min_free_kbytes = 3x' \
	"${node[@]}"
bad 2: "cpus: 2, but node 0 has CPU 2" '[machine]' 'cpus = 2' \
	'[node 0]' 'cpus = 0-9' 'memory = 1G'
bad 4: "zones overlap: node 0 DMA32 and node 0 Normal" \
	'[machine]' 'cpus = 2' '[zone 0 DMA32]' 'start_pfn = 4096' 'spanned = 8192' \
	'[zone 0 Normal]' 'start_pfn = 8192' 'spanned = 8192'
bad 4: "impossible zone" '[machine]' 'cpus = 2' '[zone 0 DMA32]' 'start_pfn = 4096' \
	'spanned = 8192' 'present = 9000'
bad 1: "neither [section] nor key = value" 'what is this'
bad "" "no [node 0]" '[machine]' 'cpus = 4'

dump=$dumps/smp4-1G-recalc/zoneinfo.txt
head -c 500 "$dump" >"$tmp/cut"
refuses 1 "$tmp/cut:19:" show zoneinfo --machine "$tmp/cut"
sed '/^ *managed /d' "$dump" >"$tmp/old"
refuses 1 "zoneinfo of another era: no 'managed' line" show zoneinfo \
	--machine "$tmp/old"
sed 's/^\( *managed *\)[0-9]*/\1many/' "$dump" >"$tmp/words"
refuses 1 "$tmp/words:" show zoneinfo --machine "$tmp/words"

tap_done
