#!/bin/bash
# SPDX-License-Identifier: MIT
# pcpmm predict as a user calls it: statuses, messages, the JSON file.
# usage: predict.sh PCPMM TESTS-FOLDER
set -u

pcpmm=$1
data=$2/data/dumps
. "$2/cli/tap.sh"

# run STATUS TEXT ARGUMENT...: the exit status, and TEXT in the output
run() {
	says "$1" "$2" predict "${@:3}"
}

m=$data/smp4-4G-numa2-on-3
files=(--zoneinfo "$m/zoneinfo.txt" --sysctl "$m/sysctl.txt"
	--nodes "$m/nodes.txt")

run 0 "36 values checked, 36 matched, 0 differ" "${files[@]}"
run 0 "history: inferred" "${files[@]}"
run 0 "36 matched, 0 differ" "${files[@]}" --onlined 3
run 0 "34 matched, 2 differ" "${files[@]}" --onlined none
run 0 "usage: pcpmm predict" --help

# Differences are a result, and are in the JSON file.
run 0 '' "${files[@]}" --onlined none --json "$tmp/json"
for key in '"checked": 36' '"matched": 34' '"field": "pcp_high"' \
	'"actual": 4683' '"predicted": 7025' '"zone": "DMA32"' '"node": 0'; do
	check "$key is in the JSON" grep -F "$key" "$tmp/json"
done
run 0 '"differences": []' "${files[@]}" --json -

# Without nodes the output mentions the guess.
run 0 "note: 2 nodes, but the node of 4 online CPUs is not told" \
	--zoneinfo "$m/zoneinfo.txt" --sysctl "$m/sysctl.txt"

# A bad command line: 2.
run 2 "--zoneinfo FILE is needed"
run 2 "unknown option 'zone-info'; did you mean 'zoneinfo'?" \
	--zone-info="$m/zoneinfo.txt"
run 2 "option '--zoneinfo' needs a value" --zoneinfo
run 2 "unknown preset 'linux-x'; did you mean" "${files[@]}" --preset linux-x
run 2 "unknown thp 'nevr'; did you mean 'never'?" "${files[@]}" --thp nevr
run 2 "'two' is neither a CPU nor 'none'" "${files[@]}" --onlined two
run 2 "too many operands" "${files[@]}" more

# Bad input: 1, with the place.
run 1 "CPU 9 came online last? It is not online" "${files[@]}" --onlined 9
run 1 "No such file or directory" --zoneinfo "$tmp/none"
run 1 "sysctl.txt:1:1: not a zoneinfo" --zoneinfo "$m/sysctl.txt"
head -c 1000 "$m/zoneinfo.txt" >"$tmp/cut"
run 1 "cut:" --zoneinfo "$tmp/cut"
run 1 "zoneinfo.txt:1:1:" --zoneinfo "$m/zoneinfo.txt" \
	--sysctl "$m/zoneinfo.txt"
run 1 "cannot write" "${files[@]}" --json "$tmp/no/such/folder"

tap_done
