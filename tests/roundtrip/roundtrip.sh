#!/bin/bash
# SPDX-License-Identifier: MIT
# The library's own recordings replayed: see workload.c.
# usage: roundtrip.sh PCPMM TESTS-FOLDER WORKLOAD
#
# With the bulk_alloc probe the trace determines all but one thing: buddyinfo
# has the number of free blocks, not their frames. Where memory is short (shape
# "tight"), or an order-9 list runs empty, the simulated zone may have its free
# blocks split differently from the real one, so that a large block is missing
# or too many. Hence 0.99, and 0.97 near the watermarks.
#
# Without the probe, the pages of a bulk allocation follow from their later
# frees, but its time only up to the next event of their list: a spill in
# between comes early or late. One step in twenty of the workload is a bulk
# allocation, far more than in any kernel. Hence 0.95.
set -u

pcpmm=$1
tests=$2
workload=$3
. "$tests/cli/tap.sh"

# replayed NAME AGREE TRACE OPTION...
replayed() {
	local name=$1 agree=$2 trace=$3 got
	shift 3
	answer replay --explain --quiet --json "$tmp/json" --state "$tmp/run" "$@" \
		"$trace"
	if [ "$got" = 0 ] && is_clean; then
		# shellcheck disable=SC2086 # nothing, or two words
		python3 "$tests/cli/report.py" "$tmp/json" $agree >"$tmp/out" 2>&1
		got=$?
	fi
	result "$got" "$name"
}

for shape in one-cpu two-nodes two-dma32 memory-only movable tight; do
	agree='--agree 0.99'
	[ $shape != tight ] || agree='--agree 0.97'
	for seed in 1 3 5; do
		rm -rf "$tmp/run"
		mkdir "$tmp/run"
		check "$shape, seed $seed: recorded" \
			"$workload" $shape $seed "$tmp/run" 1500
		trace=$tmp/run/trace.txt
		grep -vE ': bulk_alloc(_ret)?:' "$trace" >"$tmp/no-bulk.txt"
		replayed "$shape, seed $seed: replayed" "$agree" "$trace"
		replayed "$shape, seed $seed: without the bulk_alloc probe" \
			'--agree 0.95' "$tmp/no-bulk.txt"
	done
	replayed "$shape: in threads" '' "$trace" --mode threads
done

tap_done
