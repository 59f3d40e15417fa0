# SPDX-License-Identifier: MIT
#
# The inputs of commands.sh. Bundled ones have the names of the source tree;
# made ones are in the folder made. A made file is the same in each run and on
# each host. To be sourced.

# ini NAME LINE...: the machine file made/NAME.ini
ini() {
	local name=$1
	shift
	printf '%s\n' "$@" >"made/$name.ini"
}

small=('[node 0]' 'memory = 1G')
pair=('[node 0]' 'cpus = 0-3' 'memory = 1G' '[node 1]' 'cpus = 4-7'
	'memory = 512M')

# Each key of [machine] that has a list of values, and these values.
axes=(
	'preset linux-6.1 rfc-rcu-swap-2021 rfc-kthread-2022
		remote-fold-v4-2023 remote-fold-v8-2023 rfc-ipi-mask-2012
		rfc-spinlock-key-2021 rfc-spinlock-2021
		spill-chunks-v4-2025 vmstat-spread-2026 rfc-pcp-buddy-2026
		pwlocks-v4-2026'
	'thp always never'
	'backing none anon memfd'
	'drain pcp_lock ipi_all ipi_mask ipi_mask_posted ipi_mask_locked
		workqueue kthread kthread_posted rcu_swap percpu_spinlock_2021
		pcp_spinlock_2021 external pcp_buddy'
	'account local_cmpxchg irqoff lock_cmpxchg'
	'diff s8 s32'
	'fold local remote both'
	'fold_quiet no tick_stop every_idle dirty user_return'
	'fold_timer own housekeeping'
	'fold_requeue round spread'
	'shepherd_skips pending busy'
	'fold_skip_isolated no yes'
	'fold_expire no yes counted'
	'isolation_flush no yes'
	'starvation none fair_server rt_throttle stalld'
	'up no irqs_off trylock_fails'
	'kthread_prio fifo_low fifo normal'
	'refresh_drain no yes'
	'wmark_check min_reserve_atomic min_reserve harder halving'
	'marks scale_factor quarter'
	'count_order before_lists after_lists'
	'boot_drift_mark early late'
	'reader pressure_threshold raw drift_snapshot throttle_snapshot
		fold_when_low'
	'drain_retry no yes'
	'threshold_refresh up_and_down down_only'
	'wq_mem_reclaim no yes'
	'wq_cpu_intensive no yes'
	'psi whole reclaim off'
	'lru_batch none 15 31'
	'lru_drain work pwlocks pwlocks_auto user_return'
	'spill_hold whole chunks'
	'nolock_refuses up_nmi rt_irq nothing'
	'zone_rules 5.10 6.1 6.12 6.18 7.3'
	'ipi signal polled'
	'rcu sched memb qsbr'
	'grace expedited normal'
	'ipi_mask_lock spin none mutex raw_spin trylock own_bit summary'
	'zone_lock ttas backoff ticket'
	'arch x86_64 arm64 s390x riscv64 loongarch64'
	'free_check racy exchange'
	'allow_unsound no yes'
	'nohz_full 0 1,3 4-7'
	'offline 0 1,3 4-7'
)

make_axes() {
	local axis key word
	for axis in "${axes[@]}"; do
		key=${axis%% *}
		for word in ${axis#* }; do
			ini "axis-$key-$word" '[machine]' "$key = $word" \
				"${pair[@]}"
		done
	done
	for word in 1 2 8; do
		ini "axis-zone_instances-$word" '[machine]' 'cpus = 4' \
			"zone_instances = $word" '[node 0]' 'memory = 8G'
	done
	for word in ipi_mask_posted kthread_posted; do
		ini "unsound-$word" '[machine]' "drain = $word" \
			'allow_unsound = yes' "${pair[@]}"
	done
	ini unsound-both '[machine]' 'fold = both' 'allow_unsound = yes' \
		"${pair[@]}"
	ini remote-locked '[machine]' 'fold = remote' \
		'account = lock_cmpxchg' "${pair[@]}"
	ini remote-workqueue '[machine]' 'fold = remote' \
		'account = lock_cmpxchg' 'drain = workqueue' "${pair[@]}"
	ini memb-normal '[machine]' 'drain = rcu_swap' 'rcu = memb' \
		'grace = normal' "${pair[@]}"
}

# Sizes at which a formula changes its branch.
make_sizes() {
	local cpus memory
	for cpus in 1 4 64; do
		for memory in 32M 100M 512M 1G 3G 4G 16G 200G 4T; do
			ini "size-$cpus-$memory" '[machine]' "cpus = $cpus" \
				'[node 0]' "memory = $memory"
		done
	done
	ini nodes-8 '[machine]' 'cpus = 20' \
		"$(printf '[node %d]\nmemory = 1G\n' 0 1 2 3 4 5 6 7)"
	ini node-without-memory '[machine]' 'cpus = 4' '[node 0]' \
		'memory = 1G' '[node 1]' 'memory = 0'
	ini zones '[machine]' 'cpus = 2' '[zone 0 DMA32]' 'start_pfn = 4096' \
		'spanned = 8192' 'present = 8000' 'managed = 7777' \
		'[zone 0 Movable]' 'start_pfn = 16384' 'spanned = 8192'
	ini indented '; a comment' '[machine]' '   cpus = 3' '	thp = never' \
		'# another' '' '[node 0]' '  memory = 64M' '  distance = 10'
	ini settings '[machine]' 'cpus = 4' '[sysctl]' \
		'vm.min_free_kbytes = 4096' 'watermark_scale_factor = 100' \
		'vm.watermark_boost_factor = 0' \
		'percpu_pagelist_high_fraction = 8' 'stat_interval = 7' \
		'lowmem_reserve_ratio = 64 32' 'numa_stat = 0' "${small[@]}"
}

# Machine files that name a dump.
make_from_dumps() {
	local dump name word lines
	for dump in tests/data/dumps/*/; do
		name=$(basename "$dump")
		lines=()
		for word in zoneinfo buddyinfo pagetypeinfo sysctl nodes; do
			lines+=("$word = ../$dump$word.txt")
		done
		ini "dump-$name" '[machine]' "${lines[@]}"
	done
	dump=../tests/data/dumps/smp4-1G-recalc
	ini dump-alone '[machine]' "zoneinfo = $dump/zoneinfo.txt"
	ini dump-and-more '[machine]' "zoneinfo = $dump/zoneinfo.txt" \
		'preset = rfc-kthread-2022' 'nohz_full = 2' 'thp = never' \
		'[sysctl]' 'watermark_scale_factor = 200'
	ini dump-and-node '[machine]' "zoneinfo = $dump/zoneinfo.txt" \
		"${small[@]}"
	ini dump-and-cpus '[machine]' "zoneinfo = $dump/zoneinfo.txt" \
		'cpus = 4'
	ini dump-and-offline '[machine]' "zoneinfo = $dump/zoneinfo.txt" \
		'offline = 1'
	ini dump-and-no-cpu '[machine]' "zoneinfo = $dump/zoneinfo.txt" \
		'nohz_full = 9'
	ini dump-and-instances '[machine]' "zoneinfo = $dump/zoneinfo.txt" \
		'zone_instances = 2'
	ini dump-not-there '[machine]' 'zoneinfo = none.txt'
	ini dump-without-zoneinfo '[machine]' 'cpus = 2' \
		"buddyinfo = $dump/buddyinfo.txt" "${small[@]}"
	ini dump-mixed-up '[machine]' "zoneinfo = $dump/zoneinfo.txt" \
		"buddyinfo = $dump/pagetypeinfo.txt"
	ini dump-no-name '[machine]' 'zoneinfo ='
}

# Each is refused for another reason.
make_bad_machines() {
	local value
	ini bad-empty
	ini bad-no-node '[machine]' 'cpus = 4'
	ini bad-no-cpu "${small[@]}"
	ini bad-key '[machine]' 'cpsu = 4' "${small[@]}"
	ini bad-section '[machin]' 'cpus = 4' "${small[@]}"
	ini bad-no-section 'cpus = 4' "${small[@]}"
	ini bad-line 'what is this'
	ini bad-long-line '[machine]' "cpus = $(printf '%0500d' 4)" "${small[@]}"
	ini bad-twice '[machine]' 'cpus = 4' 'cpus = 5' "${small[@]}"
	ini bad-preset '[machine]' 'preset = linux-6.2' "${small[@]}"
	ini bad-thp '[machine]' 'thp = nevr' "${small[@]}"
	ini bad-backing '[machine]' 'backing = annon' "${small[@]}"
	ini bad-drain '[machine]' 'drain = pcp_lok' "${small[@]}"
	ini bad-drain-far '[machine]' 'drain = somethingelse' "${small[@]}"
	ini bad-account '[machine]' 'account = irqon' "${small[@]}"
	ini bad-diff '[machine]' 'diff = s16' "${small[@]}"
	ini bad-fold '[machine]' 'fold = remot' "${small[@]}"
	ini bad-quiet '[machine]' 'fold_quiet = tickstop' "${small[@]}"
	ini bad-wmark-check '[machine]' 'wmark_check = hard' "${small[@]}"
	ini bad-marks '[machine]' 'marks = quarters' "${small[@]}"
	ini bad-count-order '[machine]' 'count_order = before' "${small[@]}"
	ini bad-reader '[machine]' 'reader = rawr' "${small[@]}"
	ini bad-ipi '[machine]' 'ipi = signl' "${small[@]}"
	ini bad-rcu '[machine]' 'rcu = qsrb' "${small[@]}"
	ini bad-grace '[machine]' 'grace = norml' "${small[@]}"
	for value in 0 -4 5000 four 4294967296 ''; do
		ini "bad-cpus-${value:-none}" '[machine]' "cpus = $value" \
			"${small[@]}"
	done
	for value in 0-9 1- 3-1 x 5000 0,,1; do
		ini "bad-offline-$value" '[machine]' 'cpus = 4' \
			"offline = $value" "${small[@]}"
		ini "bad-nohz-full-$value" '[machine]' 'cpus = 4' \
			"nohz_full = $value" "${small[@]}"
	done
	for value in 0 9 two; do
		ini "bad-instances-$value" '[machine]' 'cpus = 4' \
			"zone_instances = $value" "${small[@]}"
	done
	ini bad-all-offline '[machine]' 'cpus = 2' 'offline = 0-1' "${small[@]}"
	for value in lots 100T 1000 1M 31M 1X 3; do
		ini "bad-memory-$value" '[machine]' 'cpus = 1' '[node 0]' \
			"memory = $value"
	done
	ini bad-much-memory '[machine]' 'cpus = 1' '[node 0]' 'memory = 16T' \
		'[node 1]' 'memory = 1T'
	ini bad-no-memory '[machine]' 'cpus = 1' '[node 0]' 'memory = 0'
	ini bad-node-cpus '[machine]' 'cpus = 2' '[node 0]' 'cpus = 0-9' \
		'memory = 1G'
	ini bad-cpu-on-two '[node 0]' 'cpus = 0-3' 'memory = 1G' '[node 1]' \
		'cpus = 3-4' 'memory = 1G'
	ini bad-cpu-on-none '[machine]' 'cpus = 4' '[node 0]' 'cpus = 0-2' \
		'memory = 1G'
	ini bad-node-gap '[machine]' 'cpus = 1' '[node 1]' 'memory = 1G'
	ini bad-node-number '[machine]' '[node x]' 'memory = 1G'
	ini bad-node-high '[machine]' '[node 5000]' 'memory = 1G'
	ini bad-node-more '[machine]' '[node 0 0]' 'memory = 1G'
	ini bad-node-key '[machine]' 'cpus = 1' '[node 0]' 'memroy = 1G'
	ini bad-distance '[machine]' 'cpus = 1' "${small[@]}" 'distance = 5'
	ini bad-distance-far '[machine]' 'cpus = 1' "${small[@]}" \
		'distance = 10 20'
	ini bad-zone-name '[machine]' 'cpus = 1' '[zone 0 Norml]' \
		'start_pfn = 4096' 'spanned = 4096'
	ini bad-zone-device '[machine]' 'cpus = 1' '[zone 0 Device]' \
		'start_pfn = 4096' 'spanned = 4096'
	ini bad-zone-key '[machine]' 'cpus = 1' '[zone 0 Normal]' 'start = 1'
	ini bad-zone-half '[machine]' 'cpus = 1' '[zone 0 Normal]' \
		'start_pfn = 4096'
	ini bad-zone-start '[machine]' 'cpus = 1' '[zone 0 Normal]' \
		'start_pfn = 0' 'spanned = 4096'
	ini bad-zone-end '[machine]' 'cpus = 1' '[zone 0 Normal]' \
		'start_pfn = 4294967295' 'spanned = 4294967295'
	ini bad-zone-number '[machine]' 'cpus = 1' '[zone 0 Normal]' \
		'start_pfn = 99999999999999999999' 'spanned = 4096'
	ini bad-zone-present '[machine]' 'cpus = 1' '[zone 0 Normal]' \
		'start_pfn = 4096' 'spanned = 8192' 'present = 9000'
	ini bad-zone-overlap '[machine]' 'cpus = 2' '[zone 0 DMA32]' \
		'start_pfn = 4096' 'spanned = 8192' '[zone 0 Normal]' \
		'start_pfn = 8192' 'spanned = 8192'
	ini bad-zone-movable '[machine]' 'cpus = 2' '[zone 0 Movable]' \
		'start_pfn = 4096' 'spanned = 8192'
	ini bad-zone-and-memory '[machine]' 'cpus = 1' '[node 0]' \
		'memory = 1G' '[zone 0 Movable]' 'start_pfn = 4194304' \
		'spanned = 8192'
	make_bad_sysctls
}

bad_sysctls=(
	'min_free_kbyte = 8192'
	'min_free_kbytes = lots'
	'min_free_kbytes = 3x'
	'min_free_kbytes ='
	'min_free_kbytes = -1'
	'min_free_kbytes = 99999999999'
	'watermark_scale_factor = 0'
	'watermark_scale_factor = 3001'
	'watermark_boost_factor = -1'
	'percpu_pagelist_high_fraction = 7'
	'percpu_pagelist_high_fraction = -8'
	'stat_interval = 0'
	'lowmem_reserve_ratio = 1 2 3 4 5 6'
	'lowmem_reserve_ratio = 1 -2'
	'numa_stat = 2'
	'swappiness = 60'
)

make_bad_sysctls() {
	local i
	for i in "${!bad_sysctls[@]}"; do
		ini "bad-sysctl-$i" '[machine]' 'cpus = 1' '[sysctl]' \
			"${bad_sysctls[i]}" "${small[@]}"
	done
	ini bad-sysctl-twice '[machine]' 'cpus = 1' '[sysctl]' \
		'numa_stat = 1' 'vm.numa_stat = 1' "${small[@]}"
}

# Dumps that are cut short or contain an error.
make_bad_dumps() {
	local from=tests/data/dumps/smp4-4G-numa2-on-3 file at
	for file in zoneinfo buddyinfo pagetypeinfo nodes sysctl; do
		for at in 0 1 7 20 45 100 350 1000 2500 4000; do
			head -c $at $from/$file.txt >made/cut-$file-$at.txt
		done
		sed '0,/[0-9][0-9]/s//many/' $from/$file.txt \
			>made/word-$file.txt
		sed 's/[0-9]\{1,\}/99999999999999999999/4' $from/$file.txt \
			>made/huge-$file.txt
		sed 's/Normal/Norml/; s/vm\./mv./; s/node0/nod0/' \
			$from/$file.txt >made/name-$file.txt
		cat $from/$file.txt $from/$file.txt >made/twice-$file.txt
		sed 's/$/\r/' $from/$file.txt >made/crlf-$file.txt
		tr '\n' '\0' <$from/$file.txt >made/nul-$file.txt
	done
	sed '/^ *managed /d' $from/zoneinfo.txt >made/old-zoneinfo.txt
	sed '/cpu: 2/,/vm stats/d' $from/zoneinfo.txt >made/cpus-zoneinfo.txt
	sed 's/\(managed *\)[0-9]*/\1999999999/' $from/zoneinfo.txt \
		>made/impossible-zoneinfo.txt
	sed 's/\(count: \)[0-9]*/\199999/' $from/zoneinfo.txt \
		>made/full-zoneinfo.txt
	sed 's/[0-9]*$/99999/' $from/buddyinfo.txt >made/full-buddyinfo.txt
	printf '%s\n' 'NUMA node(s):  2' 'NUMA node0 CPU(s):  0,1' \
		'NUMA node1 CPU(s):  2,3' >made/lscpu-nodes.txt
	printf '%s\n' 'available: 2 nodes (0-1)' 'node 0 cpus: 0 1' \
		'node 0 size: 1958 MB' 'node 1 cpus: 2 3' \
		'node 1 size: 2015 MB' 'node distances:' 'node   0   1 ' \
		'  0:  10  20 ' '  1:  20  10 ' >made/numactl-nodes.txt
}

# make_less_probed NAME: the recorded trace without some of its probes
make_less_probed() {
	local bulk=': bulk_alloc(_ret)?:' probes
	probes=': (bulk_alloc|bulk_alloc_ret|free_bulk|free_pages_ok|refill'
	probes+='|refill_ret|vmstat_refresh|vmstat_refresh_ret):'
	xz -dc "tests/data/traces/$1.txt.xz" >"made/$1.txt"
	grep -vE "$bulk" "made/$1.txt" >"made/$1-no-bulk.txt"
	grep -vE "$probes" "made/$1.txt" >"made/$1-no-probes.txt"
	mkdir "made/$1.state"
	tar -xJf "tests/data/traces/$1.state.tar.xz" -C "made/$1.state"
}

# The beginning of a trace in every format, and bad traces and states.
make_traces() {
	local packed=tests/data/traces/6.1-ext4-smp2-1G.txt.xz
	local trace=made/6.1-ext4-smp2-1G.txt state=made/6.1-ext4-smp2-1G.state
	local column line
	head -n 5000 $trace >made/begin.txt
	head -n 2000 made/begin.txt >made/part1.txt
	tail -n +2001 made/begin.txt >made/part2.txt
	gzip -nc made/part1.txt >made/part1.gz
	xz -0c made/part2.txt >made/part2.xz
	sed 's/$/\r/' made/begin.txt >made/crlf.txt
	sed -E 's/: (mm_page_[a-z_]*: )/: kmem:\1/' made/begin.txt >made/perf.txt
	sed -E 's/(\[[0-9]+\]) [^ ]+ /\1 /' made/begin.txt >made/no-flags.txt
	sed '51i\  x-1 [000] ..... 1.000000: no_such: a=1' made/begin.txt \
		>made/unknown.txt
	sed '200i\CPU:1 [LOST 17 EVENTS]' made/begin.txt >made/lost.txt
	sed 's/\[001\]/[007]/' made/begin.txt >made/cpu-7.txt
	sed 's/\[001\]/[9999]/' made/begin.txt >made/cpu-9999.txt
	sed '100s/pfn=0x[0-9a-f]*/pfn=zz/' made/begin.txt >made/bad-pfn.txt
	sed '100s/order=[0-9]*/order=99/' made/begin.txt >made/bad-order.txt
	sed '100s/pfn=0x[0-9a-f]*/pfn=0xfffffffff/' made/begin.txt \
		>made/far-pfn.txt
	head -n 12 made/begin.txt >made/comments.txt
	tac made/begin.txt >made/backwards.txt
	: >made/empty.txt
	gzip -nc made/empty.txt >made/empty.gz
	head -c 12 made/part1.gz >made/cut.gz
	head -c 100000 $packed >made/cut.xz
	(head -c 300 $packed; tail -c +400 $packed) >made/corrupt.xz
	line=$(sed -n 100p made/begin.txt)
	for column in 10 30 50 60 70 80 90 100 110 120; do
		(head -n 99 made/begin.txt; printf %s "${line:0:column}") \
			>made/cut-$column.txt
	done
	mkdir made/bare.state made/old.state made/torn.state
	cp $state/before/buddyinfo.txt made/bare.state
	sed '/^ *managed /d' $state/before/zoneinfo.txt \
		>made/old.state/zoneinfo.txt
	head -c 1000 $state/before/zoneinfo.txt >made/torn.state/zoneinfo.txt
	head -c 800 ${packed%.txt.xz}.state.tar.xz >made/cut.tar.xz
}

# make_inputs SOURCE_ROOT: all of them, in this folder
make_inputs() {
	local trace
	mkdir tests made
	ln -s "$1/examples" examples
	ln -s "$1/tests/data" tests/data
	make_axes
	make_sizes
	make_from_dumps
	make_bad_machines
	make_bad_dumps
	for trace in tests/data/traces/*.txt.xz; do
		make_less_probed "$(basename "$trace" .txt.xz)"
	done
	make_traces
}
