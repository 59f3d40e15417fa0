# SPDX-License-Identifier: MIT
#
# The commands whose outputs are compared: each command of pcpmm with each input
# of inputs.sh that it can read, and commands that it refuses. To be sourced.
#
# outputs.sh sets $program, inputs.sh the arrays:
# shellcheck disable=SC2154

files=(zoneinfo vmstat buddyinfo pagetypeinfo truth)

# --- help, and no command -----------------------------------------------------

help_commands() {
	local command
	run
	run --help
	run help
	without=version run --version
	for command in replay record predict show drain noise fold story; do
		run $command --help
		run $command --hepl
		run $command --he
		run $command --help --no-such
		output=/dev/full run $command --help
	done
	run repaly made/begin.txt
	run no-such
	run ''
	run -x
}

# --- show -----------------------------------------------------------------------

sysctls=(
	min_free_kbytes=8192
	vm.min_free_kbytes=65536
	min_free_kbytes=0
	watermark_scale_factor=1
	watermark_scale_factor=1000
	watermark_boost_factor=0
	percpu_pagelist_high_fraction=8
	percpu_pagelist_high_fraction=100
	'lowmem_reserve_ratio=1 1 1 1 1'
	'lowmem_reserve_ratio=64 0 32'
	stat_interval=10
	numa_stat=0
	'min_free_kbytes=8192,percpu_pagelist_high_fraction=8'
	'min_free_kbytes=8192,min_free_kbytes=16384,watermark_scale_factor=50'
)

# show_with_sysctls FILE OPTION...
show_with_sysctls() {
	local file=$1 sysctl
	shift
	for sysctl in "${sysctls[@]}"; do
		run show "$file" "$@" --sysctl "$sysctl"
	done
}

show_machines() {
	local ini file
	for ini in examples/machines/*.ini; do
		for file in "${files[@]}"; do
			run show "$file" --machine "$ini"
		done
		without=footprint run show buddyinfo --footprint \
			--machine "$ini"
		show_with_sysctls zoneinfo --machine "$ini"
		show_with_sysctls truth --machine "$ini"
	done
	for ini in made/axis-*.ini made/unsound-*.ini made/remote-*.ini \
		made/memb-*.ini made/size-*.ini; do
		run show zoneinfo --machine "$ini"
		run show truth --machine "$ini"
	done
	for ini in made/nodes-8.ini made/node-*.ini made/zones.ini \
		made/indented.ini made/settings.ini made/dump-smp*.ini; do
		for file in "${files[@]}"; do
			run show "$file" --machine "$ini"
		done
	done
}

# beside FOLDER FILE...: options for these files of a dump
beside() {
	local from=$1 file
	shift
	options=(--machine "$from/zoneinfo.txt")
	for file; do
		options+=("--$file" "$from/$file.txt")
	done
}

show_dumps() {
	local folder file set options
	for folder in tests/data/dumps/* made/*.state/before; do
		for set in '' buddyinfo 'pagetypeinfo nodes'; do
			# shellcheck disable=SC2086 # several words
			beside "$folder" $set
			for file in "${files[@]}"; do
				run show "$file" "${options[@]}"
			done
		done
		show_with_sysctls zoneinfo "${options[@]}"
		beside "$folder" buddyinfo pagetypeinfo nodes
		run show pagetypeinfo "${options[@]}"
	done
}

layouts=(preset 2.6.36 4.4 4.19 5.10 6.1 6.12 7.3)

show_failures() {
	local ini folder layout options
	for layout in "${layouts[@]}"; do
		for ini in examples/machines/*.ini; do
			run show failure --machine "$ini" --layout "$layout"
		done
		for folder in tests/data/dumps/*; do
			beside "$folder" buddyinfo pagetypeinfo nodes
			run show failure "${options[@]}" --layout "$layout"
		done
		run show failure --machine examples/machines/server.ini \
			--layout "$layout" --nodemask 1 --order 4 \
			--gfp 'GFP_KERNEL|__GFP_COMP|__GFP_ZERO'
	done
}

show_refusals() {
	local laptop=examples/machines/laptop.ini sysctl file name
	local dump=tests/data/dumps/smp4-4G-numa2-on-3
	run show
	run show zoneinfo
	run show zoninfo --machine $laptop
	run show meminfo --machine $laptop
	run show '' --machine $laptop
	run show zoneinfo vmstat --machine $laptop
	run show zoneinfo --machina=$laptop
	run show zoneinfo --machine
	run show zoneinfo --machine ''
	run show zoneinfo --machine made/none.ini
	run show zoneinfo --machine made
	run show zoneinfo --machine $laptop --footprint=yes
	run show zoneinfo --machine $laptop --machine made/none.ini
	run show zoneinfo --mach $laptop
	output=/dev/full run show zoneinfo --machine $laptop
	output=/dev/full run show truth --machine $laptop
	for name in buddyinfo pagetypeinfo nodes; do
		run show zoneinfo --machine $laptop --$name $dump/$name.txt
		run show zoneinfo --machine $dump/zoneinfo.txt \
			--$name made/none.txt
		run show zoneinfo --machine $dump/zoneinfo.txt \
			--$name $dump/sysctl.txt
	done
	for sysctl in "${bad_sysctls[@]}" '' ',' = min_free_kbytes; do
		run show zoneinfo --machine $laptop --sysctl "${sysctl// = /=}"
	done
	run show zoneinfo --machine $laptop \
		--sysctl min_free_kbytes=8192,no_such=1
	for file in made/bad-*.ini made/dump-[!s]*.ini; do
		run show zoneinfo --machine "$file"
	done
	for file in made/*-zoneinfo*.txt; do
		run show zoneinfo --machine "$file"
		run show truth --machine "$file"
	done
	for name in buddyinfo pagetypeinfo nodes; do
		for file in made/*-"$name"*.txt; do
			run show buddyinfo --machine $dump/zoneinfo.txt \
				--$name "$file"
		done
	done
}

# --- predict --------------------------------------------------------------------

predict_dumps() {
	local folder preset word options
	for folder in tests/data/dumps/* made/*.state/before; do
		options=(--zoneinfo "$folder/zoneinfo.txt")
		run predict "${options[@]}"
		run predict "${options[@]}" --json -
		run predict "${options[@]}" --nodes "$folder/nodes.txt"
		for word in always never auto; do
			run predict "${options[@]}" --thp $word
		done
		options+=(--sysctl "$folder/sysctl.txt")
		run predict "${options[@]}"
		options+=(--nodes "$folder/nodes.txt")
		run predict "${options[@]}"
		run predict "${options[@]}" --differences
		run predict "${options[@]}" --json -
		written=made/written.json run predict "${options[@]}" \
			--json made/written.json
		for preset in linux-3.4 linux-3.10 linux-4.11 linux-4.18 \
			linux-5.4 linux-5.13 linux-6.1.192 linux-6.12 \
			rfc-rcu-swap-2021 rfc-kthread-2022 \
			remote-fold-v8-2023; do
			run predict "${options[@]}" --preset $preset
			run predict "${options[@]}" --preset $preset --json -
		done
		for word in none 0 1 2 3; do
			run predict "${options[@]}" --onlined $word
			run predict "${options[@]}" --onlined $word --json -
		done
	done
}

predict_refusals() {
	local dump=tests/data/dumps/smp4-4G-numa2-on-3 file word options
	options=(--zoneinfo "$dump/zoneinfo.txt" --sysctl "$dump/sysctl.txt"
		--nodes "$dump/nodes.txt")
	run predict
	run predict --zone-info=$dump/zoneinfo.txt
	run predict --zoneinfo
	run predict "${options[@]}" more
	for word in linux-x linux-6 linux-2.6 linux-99.1 lunix-6.1 ''; do
		run predict "${options[@]}" --preset "$word"
	done
	run predict "${options[@]}" --thp nevr
	for word in 9 two -1 99999999999 1x ''; do
		run predict "${options[@]}" --onlined "$word"
	done
	run predict --zoneinfo made/none.txt
	run predict --zoneinfo made
	run predict --zoneinfo $dump/sysctl.txt
	run predict --zoneinfo $dump/zoneinfo.txt --sysctl $dump/zoneinfo.txt
	run predict --zoneinfo $dump/zoneinfo.txt --nodes $dump/zoneinfo.txt
	run predict "${options[@]}" --json made/no/such/folder
	run predict "${options[@]}" --json made
	output=/dev/full run predict "${options[@]}"
	output=/dev/full run predict "${options[@]}" --json -
	for file in made/*-zoneinfo*.txt; do
		run predict --zoneinfo "$file"
	done
	for word in nodes sysctl; do
		for file in made/*-"$word"*.txt; do
			run predict --zoneinfo $dump/zoneinfo.txt \
				--$word "$file"
		done
	done
}

# --- replay ---------------------------------------------------------------------

# replayed ARGUMENT...: the text, and the JSON
replayed() {
	without=speed run replay --explain "$@"
	without=json run replay --explain --json - "$@"
}

# predicted ARGUMENT...: the same of the prediction
predicted() {
	without=speed run replay "$@"
	without=json run replay --json - "$@"
}

# The list of calls replaces the report.
replayed_calls() {
	written=made/calls.tsv run replay --quiet --calls made/calls.tsv "$@"
}

replay_traces() {
	local trace less name state preset
	for trace in tests/data/traces/*.txt.xz; do
		name=$(basename "$trace" .txt.xz)
		state=tests/data/traces/$name.state.tar.xz
		replayed "$trace"
		replayed --state "$state" "$trace"
		replayed_calls "$trace"
		replayed_calls --state "$state" "$trace"
		for preset in rfc-rcu-swap-2021 rfc-kthread-2022 \
			remote-fold-v4-2023 remote-fold-v8-2023; do
			without=json run replay --explain --json - --preset $preset \
				--state "$state" "$trace"
		done
		for less in "made/$name-no-bulk.txt" \
			"made/$name-no-probes.txt"; do
			without=json run replay --explain --json - "$less"
			without=json run replay --explain --json - --state "$state" \
				"$less"
		done
		predicted --state "$state" "$trace"
		without=speed run replay --explain --state "made/$name.state" \
			"made/$name.txt"
	done
}

replay_dresses() {
	local state=tests/data/traces/6.1-ext4-smp2-1G.state.tar.xz file
	replayed made/begin.txt
	replayed --state $state made/begin.txt
	replayed_calls --state $state made/begin.txt
	replayed_calls --state $state made/part1.txt made/part2.txt
	replayed_calls --state $state made/part1.gz made/part2.xz
	replayed_calls --state $state made/part2.txt made/part1.txt
	input=made/begin.txt replayed_calls --state $state -
	for file in crlf perf no-flags unknown lost cpu-7 cpu-9999 bad-pfn \
		bad-order far-pfn comments backwards empty; do
		without=speed run replay --explain made/$file.txt
		without=speed run replay --explain --state $state made/$file.txt
	done
	for file in made/cut-[0-9]*.txt; do
		without=speed run replay --explain "$file"
	done
	for file in empty.gz cut.gz cut.xz corrupt.xz; do
		run replay made/$file
	done
	written=made/written.json without=json run replay --explain --quiet \
		--json made/written.json --state $state made/begin.txt
	written=made/written.json without='json speed' run replay \
		--json made/written.json --calls made/calls.tsv made/part1.txt
	predicted made/begin.txt
	run replay --quiet made/begin.txt
	run replay --quiet --mode threads made/part1.txt
}

replay_refusals() {
	local state=tests/data/traces/6.1-ext4-smp2-1G.state.tar.xz name
	run replay
	run replay --sate $state made/begin.txt
	run replay made/begin.txt --state
	run replay --mode thread made/begin.txt
	run replay --mode '' made/begin.txt
	run replay --preset linux-6.2 made/begin.txt
	run replay --preset linux-5.4 made/begin.txt
	run replay made/none.txt
	run replay made/begin.txt made/none.txt
	run replay made
	run replay ''
	run replay -
	run replay $state
	run replay --state made/none.tar made/begin.txt
	for name in bare old torn; do
		run replay --state made/$name.state made/begin.txt
	done
	for name in empty.txt begin.txt cut.tar.xz cut.gz; do
		without=archive run replay --state made/$name made/begin.txt
	done
	for name in json calls; do
		run replay --quiet --$name made/no/such made/part1.txt
		run replay --quiet --$name made made/part1.txt
		run replay --quiet --$name /dev/full made/part1.txt
	done
	output=/dev/full run replay made/part1.txt
}

# --- story ----------------------------------------------------------------------

# Real threads count in these: the timeline differs from run to run.
varying=' rcu-two-derefs drain-late-2022 rescuer-2017 pwlocks-2026 drift-2010 nohz-hang-2023 fair-server-2024 lost-update-v1-2023 '

stories() {
	local name seed
	run story --list
	for name in $("$program" story --list | cut -d' ' -f1); do
		if [[ $varying = *" $name "* ]]; then
			run story --quiet "$name"
		else
			without='times' run story "$name"
			without='times' run story --in-turn "$name"
		fi
	done
	run story --quiet last-zone-2012
	run story --quiet ipi-mask-2012
	columns=80 without='times' run story last-zone-2012
	columns=20 without='times' run story last-zone-2012
	columns=x without='times' run story last-zone-2012
	columns=250 without='times' run story remote-pageset-expire
	for seed in 2 7 8 4294967297; do
		without='times' run story --seed $seed ipi-mask-2012
	done
}

story_refusals() {
	run story
	run story nohz-drain-2012
	run story no-such
	run story ''
	run story --list pcp-disable
	run story pcp-disable trylock-type
	run story --seed 0 pcp-disable
	run story --seed x pcp-disable
	run story --seed -1 pcp-disable
	run story --seed 99999999999999999999 pcp-disable
	run story --seed
	run story --quite
	output=/dev/full run story --list
	output=/dev/full run story --quiet last-zone-2012
}

# --- drain, noise and fold --------------------------------------------------------

# Each of these is refused before anything is measured.
measurement_refusals() {
	local command option
	for command in drain noise fold; do
		run $command more
		for option in --cpus=1 --cpus=65 --cpus=two --cpus=-1 --cpus= \
			--bound=0 --bound=60001 --bound=x --seconds=0 \
			--seconds=x --seconds=nan --seconds=-1 --seconds=4000 \
			--seconds= --rate=-1 --rate=x --rate=2e6 --rate=inf \
			--victim=idel --victim= --cpsu=4 --seconds; do
			run $command $option
		done
	done
	for command in drain noise; do
		for option in --fill=16385 --fill=-1 --fill=x --ipi=signl \
			--rcu=qsrb --grace=norml --rcu=memb,qsbr; do
			run $command $option
		done
	done
	for option in '' ',' pcp_lock,workque 'workqueue,' external \
		ipi_mask_posted kthread_posted pcp_lock,kthread_posted \
		no_such; do
		run drain --strategies "$option"
	done
	for option in '' workque external ipi_mask_posted kthread_posted \
		pcp_lock,ipi_all; do
		run noise --strategy "$option"
	done
	for option in 0 1-9 '1,' 3-1 '' x 1,,2 1-; do
		run noise --victims "$option"
	done
	run drain --grace normal --rcu memb
	run drain --victims 1
	run noise --strategies ipi_all
	run noise --bucket-us 0
	run noise --bucket-us 1000001
	run noise --entries 0
	run noise --entries 100001
	for option in '' remot local,remot both local,both; do
		run fold --folds "$option"
	done
	run fold --flods local
	run fold --fill 3
}

all_commands() {
	help_commands
	show_machines
	show_dumps
	show_failures
	show_refusals
	predict_dumps
	predict_refusals
	replay_traces
	replay_dresses
	replay_refusals
	stories
	story_refusals
	measurement_refusals
}
