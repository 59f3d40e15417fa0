#!/bin/bash
# SPDX-License-Identifier: MIT
# pcpmm replay as a user calls it: recorded traces in every format, the report's
# JSON, and bad input of every kind.
# usage: replay.sh PCPMM TESTS-FOLDER
set -u

pcpmm=$1
traces=$2/data/traces
here=$2/cli
. "$here/tap.sh"

bulk=': bulk_alloc(_ret)?:'
probes=': (bulk_alloc|bulk_alloc_ret|free_bulk|free_pages_ok|refill|refill_ret'
probes+='|vmstat_refresh|vmstat_refresh_ret):'

# replayed NAME CHECKS ARGUMENT...: runs, prints nothing, and the JSON is right
replayed() {
	local name=$1 checks=$2 got
	shift 2
	answer replay --explain --quiet --json "$tmp/json" "$@"
	if [ "$got" = 0 ] && is_clean && [ ! -s "$tmp/out" ]; then
		# shellcheck disable=SC2086 # several words
		python3 "$here/report.py" "$tmp/json" $checks >"$tmp/out" 2>&1
		got=$?
	fi
	result "$got" "$name"
}

same() {
	cmp "$tmp/calls" "$1" >"$tmp/out" 2>&1
	result $? "$2"
}

# --- recorded traces -------------------------------------------------------

for name in 6.1-fork-smp4-1G 6.1-ext4-smp2-1G 6.1-pipe-smp2-1G; do
	state=$traces/$name.state.tar.xz
	trace=$tmp/$name.txt
	xz -dc "$traces/$name.txt.xz" >"$trace"
	grep -vE "$bulk" "$trace" >"$tmp/no-bulk.txt"
	grep -vE "$probes" "$trace" >"$tmp/no-probes.txt"

	replayed "$name" '--agree 1 --frames 1 --end 1' --state "$state" \
		--calls "$tmp/calls" "$traces/$name.txt.xz"
	replayed "$name, again" '--agree 0.99' --state "$state" \
		--calls "$tmp/again" "$trace"
	same "$tmp/again" "$name: the same calls to the byte"
	for kind in refill spill; do
		python3 "$here/../replay/forge.py" $kind-reversed <"$trace" \
			>"$tmp/forged.txt"
		replayed "$name with ${kind}s reversed" \
			'--frames-below 0.3 --end-differs' \
			--state "$state" "$tmp/forged.txt"
	done
	replayed "$name, threads" '' --mode threads --state "$state" "$trace"
	replayed "$name without the bulk_alloc probe" '--agree 0.99' \
		--state "$state" "$tmp/no-bulk.txt"
	replayed "$name without any probe" '--agree 0.99' \
		--state "$state" "$tmp/no-probes.txt"
	replayed "$name without a state" '--agree 0.99' "$trace"
	replayed "$name without a state or a probe" '' "$tmp/no-probes.txt"
done

# The lists of later kernels tune themselves. 6.12 has no probe of refills and of bulk
# allocations.
name=7.3-fork-smp2-1G
state=$traces/$name.state.tar.xz
replayed "$name" '--agree 1' --state "$state" "$traces/$name.txt.xz"
name=6.12-fork-smp4-1G
state=$traces/$name.state.tar.xz
replayed "$name" '--agree 0.8' --state "$state" "$traces/$name.txt.xz"
replayed "$name, threads" '' --mode threads --state "$state" \
	"$traces/$name.txt.xz"

# --- the same trace in other formats ----------------------------------------

name=6.1-ext4-smp2-1G
state=$traces/$name.state.tar.xz
trace=$tmp/$name.txt
answer replay --quiet --calls "$tmp/calls" --state "$state" "$trace"

head -n 20000 "$trace" >"$tmp/part1.txt"
tail -n +20001 "$trace" >"$tmp/part2.txt"
gzip -c "$tmp/part1.txt" >"$tmp/part1.gz"
xz -0c "$tmp/part2.txt" >"$tmp/part2.xz"
mkdir "$tmp/folder"
tar -xf "$state" -C "$tmp/folder"

answer replay --quiet --calls "$tmp/other" --state "$state" \
	"$tmp/part1.txt" "$tmp/part2.txt"
same "$tmp/other" "two parts are as the whole"
answer replay --quiet --calls "$tmp/other" --state "$state" \
	"$tmp/part1.gz" "$tmp/part2.xz"
same "$tmp/other" "a .gz and a .xz part are as the whole"
answer replay --quiet --calls "$tmp/other" --state "$state" - <"$trace"
same "$tmp/other" "standard input is as a file"
answer replay --quiet --calls "$tmp/other" --state "$tmp/folder" "$trace"
same "$tmp/other" "a folder is as the archive of it"
sed 's/$/\r/' "$trace" >"$tmp/crlf.txt"
answer replay --quiet --calls "$tmp/other" --state "$state" "$tmp/crlf.txt"
same "$tmp/other" "line ends of another system do not matter"

answer replay --explain --json - --state "$state" "$trace"
cp "$tmp/out" "$tmp/json"
check "--json - is the JSON alone" \
	python3 "$here/report.py" "$tmp/json" --agree 0.99
says 0 "after      equal numbers: 4/4 counts of zoneinfo" replay --explain \
	--state "$state" "$trace"
says 0 "at the best moment between the marks" replay --explain \
	--state "$state" "$trace"
grep -v 'after-snapshot' "$trace" >"$tmp/unmarked.txt"
says 0 "at the last line: what came between" replay --explain \
	--state "$state" "$tmp/unmarked.txt"
cp -r "$tmp/folder" "$tmp/only-before"
rm -r "$tmp/only-before/after"
answer replay --explain --quiet --json "$tmp/json" \
	--state "$tmp/only-before" "$trace"
python3 - "$tmp/json" <<-'END' >"$tmp/out" 2>&1
	import json, sys
	after = json.load(open(sys.argv[1]))["after"]
	sys.exit(after["counts"] is not None or after["buddyinfo_n"])
END
result $? "no copy after the run, nothing compared with it"
sed '/mm_page_alloc: /!d' "$trace" | head -n 200 >"$tmp/few.txt"
replayed "a trace without a refill or a drain" '' --state "$state" \
	"$tmp/few.txt"
python3 - "$tmp/json" <<-'END' >"$tmp/out" 2>&1
	import json, sys
	report = json.load(open(sys.argv[1]))
	values = list(report["agreement"].values())
	values += [report["frames"]["locked"], report["frames"]["drained"]]
	print(values)
	sys.exit(any(value is not None for value in values))
END
result $? "nothing recorded is null"
says 0 "matched        - %" replay --explain --state "$state" "$tmp/few.txt"
head -c 1000 "$tmp/folder/after/zoneinfo.txt" >"$tmp/cut-zoneinfo"
cp -r "$tmp/folder" "$tmp/torn-after"
cp "$tmp/cut-zoneinfo" "$tmp/torn-after/after/zoneinfo.txt"
refuses 1 "$tmp/torn-after/after/zoneinfo.txt:" replay --explain \
	--state "$tmp/torn-after" "$trace"
says 0 "agreement  a call is matched" replay --explain --state "$state" \
	"$trace"
says 0 "0 pages leaked" replay --explain --state "$state" "$trace"
says 0 "none: zones and lists from the trace alone" replay "$trace"
says 0 "usage: pcpmm replay" replay --help

(head -n 50 "$trace"; echo "  x-1 [000] ..... 1.000000: no_such: a=1"
	tail -n +51 "$trace") >"$tmp/unknown.txt"
says 0 "1 unknown lines (first: line 51)" replay --state "$state" \
	"$tmp/unknown.txt"

# --- a bad command line: 2 --------------------------------------------------

refuses 2 "TRACE... expected" replay
refuses 2 "unknown option 'sate'; did you mean 'state'?" replay \
	--sate "$state" "$trace"
refuses 2 "option '--state' needs a value" replay "$trace" --state
refuses 2 "unknown mode 'thread'; did you mean 'threads'?" replay \
	--mode thread "$trace"
refuses 2 "unknown preset 'linux-6.2'; did you mean 'linux-6.1'?" replay \
	--preset linux-6.2 "$trace"
refuses 2 "unknown command 'repaly'; did you mean 'replay'?" repaly "$trace"

# --- bad traces: 1, with the place ------------------------------------------

refuses 1 "$tmp/none: No such file or directory" replay "$tmp/none"
refuses 1 "$tmp/none: No such file or directory" replay "$trace" "$tmp/none"
refuses 1 "$tmp/folder: Is a directory" replay "$tmp/folder"
: >"$tmp/empty"
refuses 1 "$tmp/empty: no page allocation event in 0 lines" replay \
	"$tmp/empty"
gzip -c "$tmp/empty" >"$tmp/empty.gz"
refuses 1 "$tmp/empty.gz: no page allocation event" replay "$tmp/empty.gz"
head -c 100000 "$traces/$name.txt.xz" >"$tmp/cut.xz"
refuses 1 "the archive is truncated" replay "$tmp/cut.xz"
refuses 1 "$tmp/cut.xz: line " replay "$tmp/cut.xz"
head -c 5000 "$tmp/part1.gz" >"$tmp/cut.gz"
refuses 1 "$tmp/cut.gz: line " replay "$tmp/cut.gz"
(head -c 5000 "$tmp/part1.gz"; head -c 1000 "$traces/$name.txt.xz"
	tail -c +6001 "$tmp/part1.gz") >"$tmp/corrupt.gz"
refuses 1 "$tmp/corrupt.gz:" replay "$tmp/corrupt.gz"
sed '100s/pfn=0x[0-9a-f]*/pfn=zz/' "$trace" >"$tmp/field.txt"
refuses 1 "$tmp/field.txt:100:" replay "$tmp/field.txt"
sed '100s/order=[0-9]*/order=99/' "$trace" >"$tmp/order.txt"
refuses 1 "$tmp/order.txt:100:" replay "$tmp/order.txt"
sed 's/\[001\]/[9999]/' "$trace" >"$tmp/cpu.txt"
refuses 1 "CPU number too large" replay "$tmp/cpu.txt"
refuses 1 "$state:" replay "$state"

# A trace cut anywhere in its last line is refused with that line, or the
# missing part is not needed; a cut before the frame number is always refused.
head -n 99 "$trace" >"$tmp/lines.txt"
line=$(sed -n 100p "$trace")
bad=0 needed=${line%%pfn=*}
for ((i = 30; i < ${#line}; i++)); do
	(cat "$tmp/lines.txt"; printf %s "${line:0:i}") >"$tmp/cut.txt"
	answer replay --quiet "$tmp/cut.txt"
	if [ "$got" = 1 ] && grep -qF "$tmp/cut.txt:100:" "$tmp/err"; then
		continue
	fi
	if [ "$got" != 0 ] || ! is_clean || ((i <= ${#needed} + 4)); then
		bad=1
		break
	fi
done
result $bad "cut at any column of line 100"

# --- bad states: 1 ----------------------------------------------------------

refuses 1 "$tmp/none: No such file or directory" replay \
	--state "$tmp/none" "$trace"
mkdir "$tmp/bare"
cp "$tmp/folder/before/buddyinfo.txt" "$tmp/bare"
refuses 1 "$tmp/bare: no zoneinfo in it" replay --state "$tmp/bare" "$trace"
refuses 1 "$tmp/empty: " replay --state "$tmp/empty" "$trace"
refuses 1 "$trace: " replay --state "$trace" "$trace"
head -c 800 "$state" >"$tmp/cut.tar.xz"
refuses 1 "$tmp/cut.tar.xz: " replay --state "$tmp/cut.tar.xz" "$trace"
(head -c 300 "$state"; head -c 2000 "$traces/$name.txt.xz") \
	>"$tmp/corrupt.tar.xz"
refuses 1 "$tmp/corrupt.tar.xz: " replay --state "$tmp/corrupt.tar.xz" \
	"$trace"
cp -r "$tmp/folder" "$tmp/old"
sed -i '/^ *managed /d' "$tmp/old/before/zoneinfo.txt"
refuses 1 "zoneinfo of another era: no 'managed' line" replay \
	--state "$tmp/old" "$trace"
cp -r "$tmp/folder" "$tmp/torn"
head -c 1000 "$tmp/folder/before/zoneinfo.txt" \
	>"$tmp/torn/before/zoneinfo.txt"
refuses 1 "$tmp/torn/before/zoneinfo.txt:" replay --state "$tmp/torn" "$trace"
sed 's/\[001\]/[007]/' "$trace" >"$tmp/cpu7.txt"
refuses 1 "the trace has events of CPU 7, the state has 2 CPUs" replay \
	--state "$state" "$tmp/cpu7.txt"

# --- nowhere to write: 1 ----------------------------------------------------

refuses 1 "$tmp/no/such: No such file or directory" replay --quiet \
	--json "$tmp/no/such" "$trace"
refuses 1 "$tmp/no/such: No such file or directory" replay --quiet \
	--calls "$tmp/no/such" "$trace"
refuses 1 "$tmp/folder: Is a directory" replay --quiet \
	--json "$tmp/folder" "$trace"

tap_done
