#!/bin/bash
# SPDX-License-Identifier: MIT
# pcpmm show as a user calls it: each file in the kernel's layout, sysctls, the
# cost of a large machine, and bad machines of every kind.
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

	# The values that the kernel computed are computed again, exactly.
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

# --- show truth -------------------------------------------------------------

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

# --- show failure -----------------------------------------------------------

for layout in 2.6.36 4.4 4.19 5.10 6.1 6.12 7.3; do
	"$pcpmm" show failure --machine "$laptop" --layout $layout \
		>"$tmp/printed"
	check "failure, $layout: a head, three zones, three lines of blocks" \
		test "$(grep -c 'page allocation failure' "$tmp/printed")" = 1 \
		-a "$(grep -c '^Node 0 [A-Z][A-Za-z0-9]* free:' "$tmp/printed")" = 3 \
		-a "$(grep -c '^Node 0 [A-Z][A-Za-z0-9]*: .* = [0-9]*kB$' \
			"$tmp/printed")" = 3
	# A fresh machine has no drift: each zone's blocks are its free pages.
	check "failure, $layout: free is the sum of the blocks" test \
		"$(sed -n 's/^Node 0 \([A-Z]\w*\) free:\([0-9]*\)kB.*/\1 \2/p' \
			"$tmp/printed")" = \
		"$(sed -n 's/^Node 0 \([A-Z]\w*\): .* = \([0-9]*\)kB$/\1 \2/p' \
			"$tmp/printed")"
done
"$pcpmm" show failure --machine "$laptop" >"$tmp/printed"
"$pcpmm" show failure --machine "$laptop" --layout preset >"$tmp/preset"
"$pcpmm" show failure --machine "$laptop" --layout 6.1 >"$tmp/named"
check "failure: without a layout that of the preset" \
	sh -c "cmp '$tmp/printed' '$tmp/preset' && cmp '$tmp/printed' '$tmp/named'"
says 0 "pcpmm: page allocation failure. order:3, mode:0x4020" show failure \
	--machine "$laptop" --layout 2.6.36 --gfp 'GFP_ATOMIC|__GFP_COMP' --order 3
says 0 "mode:0xa20(GFP_ATOMIC), nodemask=0,2-3,cpuset=/,mems_allowed=0" \
	show failure --machine "$laptop" --gfp 0xa20 --nodemask 0,2-3
for dump in smp4-1G-recalc smp4-4G-numa2-on-3; do
	answer show failure --machine "$dumps/$dump/zoneinfo.txt" \
		--buddyinfo "$dumps/$dump/buddyinfo.txt" \
		--pagetypeinfo "$dumps/$dump/pagetypeinfo.txt" --layout 6.12
	cp "$tmp/out" "$tmp/printed"
	for mark in min low high; do
		check "failure of $dump: $mark is the kernel's" test \
			"$(sed -n "s/^Node [0-9] [A-Z].* free:.* $mark:\([0-9]*\)kB.*/\1/p" \
				"$tmp/printed" | awk '{ printf "%d ", $1 / 4 }')" = \
			"$(recorded $mark "$dumps/$dump/zoneinfo.txt")"
	done
done
refuses 2 "unknown layout '6.2'; did you mean '6.1'?" show failure \
	--machine "$laptop" --layout 6.2
refuses 2 "--order: 11: 0..10 expected" show failure --machine "$laptop" \
	--order 11
refuses 2 "--gfp: 'GFP_KERNAL' has an unknown flag" show failure \
	--machine "$laptop" --gfp GFP_KERNAL
refuses 1 "failure report: there is no gfp 0x5" show failure \
	--machine "$laptop" --gfp 'GFP_DMA|GFP_DMA32'
for list in '' x 3-1 0-64 0, -1 0x; do
	refuses 2 "--nodemask: '$list' is no list of nodes such as 0,2-3" \
		show failure --machine "$laptop" --nodemask "$list"
done
refuses 2 "--layout, --gfp, --order and --nodemask belong to failure" \
	show zoneinfo --machine "$laptop" --gfp GFP_KERNEL

# --- axes -------------------------------------------------------------------

# axis KEY OPTION...: its line
axis() {
	answer show axes "${@:2}"
	sed -n "s/^$1  *//p" "$tmp/out" | tr -s ' '
}

# chosen VALUE KEY OPTION...: the value, the first one of the line
chosen() {
	local value
	value=$(axis "${@:2}")
	test "${value%% *}" = "$1"
	result $? "$2 is $1: ${*:3}"
}

presets="linux-6.1 rfc-rcu-swap-2021 rfc-kthread-2022 remote-fold-v4-2023
	remote-fold-v8-2023 rfc-ipi-mask-2012 rfc-spinlock-key-2021
	rfc-spinlock-2021 spill-chunks-v4-2025 vmstat-spread-2026
	rfc-pcp-buddy-2026 pwlocks-v4-2026"
for preset in $presets; do
	chosen "$preset" preset --preset "$preset"
done
test "$(axis fold --preset linux-6.1)" = "local remote both"
result $? "a line has the value, then the others in their order"
test "$(axis fold --preset linux-6.1 --set fold=remote)" = "remote local both"
result $? "and never the value twice"
test "$(axis boot --preset linux-6.1)" = "free held"
result $? "what no machine file can say is there, too"
chosen pcp_lock drain --preset linux-6.1
chosen kthread drain --preset rfc-kthread-2022
chosen throttle_snapshot reader --preset remote-fold-v8-2023
chosen raw reader --preset remote-fold-v8-2023 --set reader=raw
chosen tick_stop fold_quiet --machine "$laptop"
chosen no fold_quiet --machine "$laptop" --set fold_quiet=no
printf '%s\n' '[machine]' 'cpus = 2' 'drain = workqueue' 'thp = never' '[node 0]' \
	'memory = 64M' >"$tmp/axes.ini"
chosen workqueue drain --machine "$tmp/axes.ini"
chosen rcu_swap drain --machine "$tmp/axes.ini" --preset rfc-rcu-swap-2021
chosen never thp --machine "$tmp/axes.ini" --preset rfc-rcu-swap-2021
chosen ipi_all drain --machine "$tmp/axes.ini" --preset rfc-rcu-swap-2021 \
	--set thp=always,drain=ipi_all
chosen irqoff account --machine "$dumps/smp4-1G-recalc/zoneinfo.txt" \
	--set account=irqoff
chosen irqoff account --preset remote-fold-v8-2023 --set arch=riscv64
chosen local fold --preset remote-fold-v8-2023 --set arch=riscv64
chosen remote fold --preset remote-fold-v8-2023 --set arch=s390x
says 0 "# arch riscv64 has no HAVE_CMPXCHG_LOCAL: it counts by irqoff" show axes \
	--preset linux-6.1 --set arch=riscv64
says 0 "# arch s390x has no cmpxchg of 8 bit" show axes --preset linux-6.1 \
	--set arch=s390x
refuses 1 "fold remote: arch riscv64 has no HAVE_CMPXCHG_LOCAL" show zoneinfo \
	--machine "$laptop" --set arch=riscv64,fold=remote
says 0 "Node 0, zone" show zoneinfo --machine "$laptop" \
	--preset remote-fold-v8-2023 --set arch=riscv64
"$pcpmm" show axes --preset linux-6.1 >"$tmp/printed"
check "axes: x86_64 has nothing to be told" \
	test -z "$(grep '^# arch' "$tmp/printed")"
check "axes: each line has a key, a value and another one at least" \
	awk 'NF < 3 { bad = 1 } END { exit bad || NR < 20 }' "$tmp/printed"

# A machine is built with these axes.
quarter=$(sum_of low --set marks=quarter)
min=$(sum_of min --set marks=quarter)
check "marks=quarter: low is a quarter above min ($min, $quarter)" \
	test "$quarter" -le $((min + min / 4)) -a \
	"$quarter" -ge $((min + min / 4 - 4))
refuses 1 "drain kthread_posted is unsound" show zoneinfo \
	--machine "$laptop" --set drain=kthread_posted
says 0 "Node 0, zone" show zoneinfo --machine "$laptop" \
	--set drain=kthread_posted,allow_unsound=yes
refuses 1 "fold remote with account irqoff is unsound" show zoneinfo \
	--machine "$laptop" --preset remote-fold-v8-2023 --set account=irqoff
refuses 1 "drain external: no strategy is given" show zoneinfo \
	--machine "$laptop" --set drain=external

refuses 2 "unknown preset 'linux-6.2'; did you mean 'linux-6.1'?" show axes \
	--preset linux-6.2
refuses 2 "unknown preset 'linux-6.2'; did you mean 'linux-6.1'?" \
	show zoneinfo --machine "$laptop" --preset linux-6.2
refuses 2 "unknown axis 'drian'; did you mean 'drain'?" show axes \
	--machine "$laptop" --set drian=pcp_lock
refuses 2 "unknown drain 'workqeue'; did you mean 'workqueue'?" show axes \
	--preset linux-6.1 --set fold=remote,drain=workqeue
refuses 2 "unknown drain ''" show axes --preset linux-6.1 --set drain=
refuses 2 "--set: 'drain' is not KEY=VALUE" show axes --preset linux-6.1 \
	--set drain
refuses 2 "--set: '' is not KEY=VALUE" show axes --preset linux-6.1 --set ''
refuses 2 "unknown file 'axis'; did you mean 'axes'?" show axis \
	--machine "$laptop"
refuses 2 "--machine FILE or --preset NAME is needed" show axes
refuses 2 "--machine FILE is needed" show zoneinfo --preset linux-6.1
refuses 2 "neither --sysctl nor --footprint" show axes --preset linux-6.1 \
	--sysctl numa_stat=0
refuses 1 "$tmp/none: No such file or directory" show axes \
	--machine "$tmp/none"
refuses 1 "$tmp: Is a directory" show zoneinfo --machine "$tmp"
refuses 1 "/dev/zero: File too large" show zoneinfo --machine /dev/zero
# A pipe can be read once only.
for file in "$laptop" "$dumps/smp4-1G-recalc/zoneinfo.txt"; do
	answer show zoneinfo --machine "$file"
	cp "$tmp/out" "$tmp/of-file"
	check "$(basename "$file") is a machine" test -s "$tmp/of-file"
	answer show zoneinfo --machine <(cat "$file")
	cp "$tmp/out" "$tmp/of-pipe"
	check "$(basename "$file") from a pipe is the same machine" \
		cmp "$tmp/of-pipe" "$tmp/of-file"
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

# --- pressure -----------------------------------------------------------------

answer show pressure/memory --machine "$laptop"
cp "$tmp/out" "$tmp/pressure"
check "a machine that has run nothing has lost no time" \
	cmp "$tmp/pressure" - <<'EOF'
some avg10=0.00 avg60=0.00 avg300=0.00 total=0
full avg10=0.00 avg60=0.00 avg300=0.00 total=0
EOF
refuses 1 "psi is off" show pressure/memory --machine "$laptop" --set psi=off

# --- a bad command line: 2 --------------------------------------------------

says 0 "usage: pcpmm show" show --help
refuses 2 "unknown file 'zoninfo'; did you mean 'zoneinfo'?" show zoninfo \
	--machine "$laptop"
refuses 2 "--machine FILE is needed" show zoneinfo
refuses 2 "zoneinfo|vmstat|buddyinfo|pagetypeinfo|interrupts|pressure/memory|truth|failure|axes expected" show
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

# --- presets: what they set, and which is a dump's ---------------------------

says 0 "layout              7.3                * linux-6.1: 6.1" show \
	--preset linux-7.3
says 0 "drain               workqueue" show --preset linux-5.10
says 0 "free_check          (the machine's choice)" show --preset linux-5.10
says 0 "# preset linux-6.1: 0 of" show --preset linux-6.1
refuses 2 "unknown preset 'linux-6.2'; did you mean 'linux-6.1'?" show \
	--preset linux-6.2
refuses 2 "--preset alone, or with one of zoneinfo|" show --preset linux-6.1 \
	--set drain=workqueue
refuses 2 "axes expected, or --preset NAME" show --machine "$laptop"

# Sysctls of another kernel: refused, with the name that this one has.
recorded=$tests/data/kernels/5.10/zoneinfo.txt
says 0 "high:  30360" show zoneinfo --machine "$recorded" \
	--sysctl percpu_pagelist_fraction=8
refuses 1 "vm.percpu_pagelist_high_fraction: Linux 5.10 has vm.percpu_pagelist_fraction instead" \
	show zoneinfo --machine "$recorded" \
	--sysctl percpu_pagelist_high_fraction=8
refuses 1 "vm.defrag_mode: Linux 6.1 has no such sysctl" show zoneinfo \
	--machine "$laptop" --sysctl defrag_mode=1
printf '%s\n' '[machine]' 'cpus = 1' '[sysctl]' 'percpu_pagelist_fraction = 8' \
	'[node 0]' 'memory = 1G' >"$tmp/m.ini"
refuses 1 "$tmp/m.ini:4: vm.percpu_pagelist_fraction: Linux 6.1 has vm.percpu_pagelist_high_fraction instead" \
	show zoneinfo --machine "$tmp/m.ini"
says 0 "preset              linux-5.10" show axes --machine <(sed \
	's/cpus = 1/&\npreset = linux-5.10/' "$tmp/m.ini")

for kernel in 5.10 6.12 6.18 7.3; do
	recorded=$tests/data/kernels/$kernel/zoneinfo.txt
	says 0 "note: preset linux-$kernel: the dump's counters are those of Linux $kernel" \
		show vmstat --machine "$recorded"
	cut -d' ' -f1 <"$tmp/out" >"$tmp/names"
	check "vmstat of $kernel has the kernel's names" \
		cmp "$tmp/names" "$tests/data/vmstat-names-$kernel.txt"
	printf '[machine]\nzoneinfo = %s\n' "$recorded" >"$tmp/m.ini"
	says 0 "preset              linux-$kernel" show axes --machine "$tmp/m.ini"
	says 0 "note: preset linux-6.1 is not right: the dump's counters are those of" \
		show zoneinfo --machine "$recorded" --preset linux-6.1
done
echo "Linux host 6.17.3 #1 SMP" >"$tmp/uname"
says 0 "note: preset linux-6.12: the dump's uname says Linux 6.17.3; linux-6.12 is the nearest preset that is not newer" \
	show zoneinfo --machine "$dumps/smp4-1G-recalc/zoneinfo.txt" \
	--uname "$tmp/uname"
printf '[machine]\nzoneinfo = %s\nuname = uname\n' \
	"$dumps/smp4-1G-recalc/zoneinfo.txt" >"$tmp/m.ini"
says 0 "preset              linux-6.12" show axes --machine "$tmp/m.ini"
echo "no version" >"$tmp/uname"
refuses 1 "$tmp/uname:1:4: no version of a kernel in it" show zoneinfo \
	--machine "$dumps/smp4-1G-recalc/zoneinfo.txt" --uname "$tmp/uname"

dump=$dumps/smp4-1G-recalc/zoneinfo.txt
head -c 500 "$dump" >"$tmp/cut"
refuses 1 "$tmp/cut:19:" show zoneinfo --machine "$tmp/cut"
sed '/^ *managed /d' "$dump" >"$tmp/old"
refuses 1 "zoneinfo of another era: no 'managed' line" show zoneinfo \
	--machine "$tmp/old"
sed 's/^\( *managed *\)[0-9]*/\1many/' "$dump" >"$tmp/words"
refuses 1 "$tmp/words:" show zoneinfo --machine "$tmp/words"

tap_done
