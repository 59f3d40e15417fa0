#!/bin/bash
# SPDX-License-Identifier: MIT
# pcpmm replay --causal: what it predicts of recorded traces; that a kernel with
# another rule is found out; that less evidence is no better score; and that no
# prediction depends on a later line.
# usage: predict.sh PCPMM TESTS-FOLDER
set -u

pcpmm=$1
traces=$2/data/traces
here=$2/replay
. "$2/cli/tap.sh"

# predicted NAME STATE TRACE CHECK...
predicted() {
	local name=$1 state=$2 trace=$3
	shift 3
	answer replay --quiet --json "$tmp/json" --state "$state" "$trace"
	if is_clean && [ ! -s "$tmp/out" ]; then
		python3 "$here/bars.py" "$tmp/json" "$@" >"$tmp/out" 2>&1
		got=$?
	fi
	result "$got" "$name"
}

forged() {
	python3 "$here/forge.py" "${@:3}" <"$1" >"$2"
}

# --- recorded traces ---------------------------------------------------------

right=(keys books)
for run in closed step; do
	for key in refill spill; do
		right+=("$run.${key}_predicted>=0.995")
		right+=("$run.${key}_false<=0.002" "$run.${key}_size>=0.995")
	done
	right+=("$run.pfn_alloc>=0.995" "$run.pfn_spill>=0.99")
	right+=("$run.list_of_free>=0.999" "$run.zone>=0.999")
	right+=("$run.adjusted.injected=0")
done
right+=('closed.adjusted.taken_unseen=0' 'closed.adjusted.renamed=0'
	'closed.adjusted.flags=0' 'closed.adjusted.states=0'
	'closed.adjusted.lists_forgotten=0' 'closed.adjusted.lists_set=0')
for name in 6.1-fork-smp4-1G 6.1-ext4-smp2-1G 6.1-pipe-smp2-1G; do
	state=$traces/$name.state.tar.xz
	trace=$tmp/$name.txt
	xz -dc "$traces/$name.txt.xz" >"$trace"
	predicted "$name" "$state" "$trace" "${right[@]}"
	forged "$trace" "$tmp/less" no-probe bulk_alloc
	predicted "$name without the bulk_alloc probe" "$state" "$tmp/less" \
		keys books 'step.refill_predicted>=0.98' \
		'step.refill_false<=0.005' 'step.spill_predicted>=0.99' \
		'step.spill_false<=0.005' 'step.pfn_alloc>=0.985'
done

# Closed: a wrongly guessed pageblock must not shift what comes after it.
name=5.10-pipe-smp2-1G
xz -dc "$traces/$name.txt.xz" >"$tmp/$name.txt"
predicted "$name" "$traces/$name.state.tar.xz" "$tmp/$name.txt" "${right[@]}" \
	'closed.adjusted.guesses>=1'
# Lists with a floating high, and lines that are printed late or on another CPU.
tuned=(keys books 'closed.adjusted.states=0' 'closed.adjusted.lists_set=0')
for run in closed step; do
	for key in refill spill; do
		tuned+=("$run.${key}_predicted>=0.99" "$run.${key}_false<=0.01")
		tuned+=("$run.${key}_size>=0.99")
	done
	tuned+=("$run.pfn_alloc>=0.99" "$run.pfn_spill>=0.99")
done
for name in 6.18-ext4-smp2-1G 7.3-fork-smp2-1G; do
	xz -dc "$traces/$name.txt.xz" >"$tmp/$name.txt"
	predicted "$name" "$traces/$name.state.tar.xz" "$tmp/$name.txt" \
		"${tuned[@]}" 'any:closed.adjusted.late>=1,closed.adjusted.lifted>=1'
done

# --- other kernels -------------------------------------------------------------

# Each of these must be far below what the recorded kernel reaches.
name=6.1-fork-smp4-1G
for name in 6.1-fork-smp4-1G 6.1-ext4-smp2-1G 6.1-pipe-smp2-1G; do
	state=$traces/$name.state.tar.xz
	trace=$tmp/$name.txt
	for blocks in 1 8; do
		forged "$trace" "$tmp/forged" refill-early $blocks
		predicted "$name: refills $blocks allocations early" "$state" \
			"$tmp/forged" 'closed.refill_predicted<0.9' \
			'step.refill_predicted<0.9' 'closed.refill_false>=0.1' \
			'closed.pfn_alloc<0.99'
	done
	forged "$trace" "$tmp/forged" spill-early 5
	predicted "$name: spills 5 frees early" "$state" "$tmp/forged" \
		'closed.spill_predicted<0.96' 'step.spill_predicted<0.96' \
		'closed.spill_false>=0.04'
	forged "$trace" "$tmp/forged" spill-late 5
	predicted "$name: spills 5 frees late" "$state" "$tmp/forged" \
		'closed.spill_predicted<0.96' 'closed.spill_false>=0.04' \
		'step.spill_false>=0.1'
	forged "$trace" "$tmp/forged" spontaneous 8
	predicted "$name: bulk frees for no reason" "$state" "$tmp/forged" \
		'closed.spill_predicted<0.9' 'step.spill_predicted<0.95' \
		'closed.pfn_spill<0.5'
	forged "$trace" "$tmp/forged" refill-reversed
	predicted "$name: refills from the other end" "$state" "$tmp/forged" \
		'closed.pfn_alloc<0.9' 'step.pfn_alloc<0.9'
	forged "$trace" "$tmp/forged" spill-reversed
	predicted "$name: spills from the other end" "$state" "$tmp/forged" \
		'closed.pfn_spill<0.1' 'step.pfn_spill<0.1'
done

# --- less evidence ---------------------------------------------------------------

# made FILE: the last run was good and has written FILE
made() {
	[ "$got" = 0 ] && is_clean && [ -s "$1" ]
}

# scores FILE: each headline figure as a line, false ones as what is left
scores() {
	python3 - "$1" <<-'END'
		import json, sys
		causal = json.load(open(sys.argv[1]))["causal"]
		for run in "closed", "step":
		    for key in "refill", "spill":
		        made = causal[run]
		        print(made[f"{key}_predicted"] or 0)
		        print(1 - (made[f"{key}_false"] or 0))
		    print(made["pfn_alloc"] or 0)
	END
}

# What is left of a trace scores no better, in any figure.
for name in 6.1-fork-smp4-1G 6.1-ext4-smp2-1G 6.1-pipe-smp2-1G; do
	state=$traces/$name.state.tar.xz
	answer replay --quiet --json "$tmp/json" --state "$state" \
		"$tmp/$name.txt"
	scores "$tmp/json" >"$tmp/whole"
	forged "$tmp/$name.txt" "$tmp/less" no-probe free_bulk
	answer replay --quiet --json "$tmp/json" --state "$state" "$tmp/less"
	scores "$tmp/json" >"$tmp/part"
	made "$tmp/part" && [ -s "$tmp/whole" ] &&
		paste "$tmp/whole" "$tmp/part" |
		awk '$2 > $1 { print; bad = 1 } END { exit bad }' >"$tmp/out"
	result $? "$name without the free_bulk probe scores no better"
done

# --- no look ahead -----------------------------------------------------------------

# before LINE LOG: predictions for earlier lines
before() {
	awk -F'\t' -v end="$1" '$1 < end' "$2"
}

for name in 6.1-fork-smp4-1G 6.1-ext4-smp2-1G 6.1-pipe-smp2-1G; do
	state=$traces/$name.state.tar.xz
	answer replay --quiet --causal-log "$tmp/log" --state "$state" \
		"$tmp/$name.txt"
	for part in 0.3 0.6 0.9; do
		line=$(python3 "$here/cut.py" $part "$tmp/$name.txt")
		head -n "$line" "$tmp/$name.txt" >"$tmp/cut"
		answer replay --quiet --causal-log "$tmp/log-cut" \
			--state "$state" "$tmp/cut"
		made "$tmp/log-cut" && cmp <(before "$line" "$tmp/log") \
			<(before "$line" "$tmp/log-cut") >"$tmp/out" 2>&1
		result $? "$name: the same predictions if it ends at line $line"
	done
	[ "$(wc -l <"$tmp/log")" -gt 20000 ]
	result $? "$name: every prediction is in the log"
done

# --- both, and neither -----------------------------------------------------------------

trace=$tmp/6.1-ext4-smp2-1G.txt
state=$traces/6.1-ext4-smp2-1G.state.tar.xz
says 0 "from the state and earlier lines only" replay --state "$state" "$trace"
says 0 "with a look at later lines" replay --explain --state "$state" "$trace"
says 0 "with a look at later lines" replay --causal --explain \
	--state "$state" "$trace"
says 0 "from the state and earlier lines only" replay --causal --explain \
	--state "$state" "$trace"
says 0 "No state: high and batch are known from the first bulk free" replay \
	"$trace"
refuses 1 "$tmp/no/such: No such file or directory" replay --quiet \
	--causal-log "$tmp/no/such" "$trace"
refuses 1 "/dev/full: " replay --quiet --causal-log /dev/full "$trace"
sed '/mm_page_alloc: /!d' "$trace" | head -n 200 >"$tmp/few"
predicted "nothing recorded to be predicted" "$state" "$tmp/few" keys \
	closed.refill_predicted=null step.spill_predicted=null \
	closed.pfn_spill=null
says 0 "  refills   predicted         -           -    of 0 recorded calls" \
	replay --state "$state" "$tmp/few"

tap_done
