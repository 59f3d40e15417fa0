#!/bin/bash
# SPDX-License-Identifier: MIT
# pcpmm replay with the file kpageflags: read from a folder and an archive, with and
# without .txt, at the top or in before/; what the report says of it; bad files.
# usage: replay_free.sh PCPMM TESTS-FOLDER
set -u

pcpmm=$1
. "$2/cli/tap.sh"

# --- a small state: one zone of 4096 frames, 8 free in it ---------------------

mkdir -p "$tmp/bare" "$tmp/in/before"
cat >"$tmp/bare/zoneinfo" <<'END'
Node 0, zone    DMA32
  pages free 8
  min 1
  low 2
  high 3
  spanned 4096
  present 4096
  managed 4096
  protection: (0, 0)
  pagesets
    cpu: 0
  count: 0
  high: 8
  batch: 2
  vm stats threshold: 2
  start_pfn: 8192
END
echo "Node 0, zone    DMA32 0 0 0 1 0 0 0 0 0 0 0" >"$tmp/bare/buddyinfo"
cat >"$tmp/bare/pagetypeinfo" <<'END'
Page block order: 9
Pages per block:  512

Free pages count per migrate type at order 0 1 2 3 4 5 6 7 8 9 10
Node 0, zone    DMA32, type Unmovable 0 0 0 1 0 0 0 0 0 0 0
Node 0, zone    DMA32, type Movable 0 0 0 0 0 0 0 0 0 0 0
Node 0, zone    DMA32, type Reclaimable 0 0 0 0 0 0 0 0 0 0 0
Node 0, zone    DMA32, type HighAtomic 0 0 0 0 0 0 0 0 0 0 0
Node 0, zone    DMA32, type Isolate 0 0 0 0 0 0 0 0 0 0 0

Number of blocks type Unmovable Movable Reclaimable HighAtomic Isolate
Node 0, zone    DMA32 1 7 0 0 0
END
kpageflags() {
	printf 'kpageflags 1\nend: 3000\n%s\n' "$1"
}
event() {
	echo " t-1 [000] ..... 1.0: $1"
}
refill() {
	event "refill: (x) zone=\"DMA32\" order=0 n=2 list=0x1 mt=0"
	for pfn in "$1" "$2"; do
		event "mm_page_alloc_zone_locked: page=1 pfn=$pfn order=0 migratetype=0 percpu_refill=1"
	done
	event "refill_ret: (get_page_from_freelist+0x1) got=2"
	for pfn in "$1" "$2"; do
		event "mm_page_alloc: page=1 pfn=$pfn order=0 migratetype=0 gfp_flags=GFP_KERNEL"
	done
}
trace=$tmp/trace.txt
{
	event "tracing_mark_write: before-kpageflags begin"
	event "tracing_mark_write: before-kpageflags end"
	for i in 0 2 4 6; do
		refill "0x210$i" "0x210$((i + 1))"
	done
} >"$trace"

# with FILE-NAME LINE: $tmp/with is the state with that file
with() {
	rm -rf "$tmp/with"
	cp -r "$tmp/bare" "$tmp/with"
	mkdir "$tmp/with/before"
	kpageflags "$2" >"$tmp/with/$1"
}

# holds NAME EXPRESSION STATE: of the JSON, as r
holds() {
	answer replay --causal --explain --quiet --preset linux-6.1 \
		--json "$tmp/json" --state "$3" "$trace"
	if [ "$got" = 0 ] && is_clean; then
		python3 -c "import json, sys
r = json.load(open('$tmp/json'))
print(json.dumps(r, indent=1))
sys.exit(not ($2))" >"$tmp/out" 2>&1
		got=$?
	fi
	result "$got" "$1"
}
right='r["free_memory_from"] == "kpageflags" and all(
	r["causal"][run]["pfn_refill"] == 1 and
	r["causal"][run]["pfn_refill_n"] == 8 for run in ("closed", "step"))'

# --- where it is found ----------------------------------------------------------

for file in kpageflags kpageflags.txt before/kpageflags before/kpageflags.txt
do
	with "$file" "3: 2100"
	holds "a folder with $file" "$right" "$tmp/with"
	tar -C "$tmp/with" -cJf "$tmp/with.tar.xz" .
	holds "an archive with $file" "$right" "$tmp/with.tar.xz"
done
kpageflags "3: 2140" >"$tmp/with/kpageflags"
holds "the one in before/ counts" "$right" "$tmp/with"
with before/kpageflags "3: 2100"
mkdir "$tmp/with/after"
echo nonsense >"$tmp/with/after/kpageflags"
holds "the one in after/ does not" "$right" "$tmp/with"

# --- what it does ----------------------------------------------------------------

holds "without it no frame is predicted" 'r["free_memory_from"] ==
	"pagetypeinfo" and r["causal"]["closed"]["pfn_refill"] is None' \
	"$tmp/bare"
holds "the look-ahead places what the lines show" \
	'r["inferred"]["free_pages_seen"] == 8 and
	r["adjusted"]["free_frames_disputed"] == 0 and
	r["frames"]["locked"] == 1 and r["leaked_pages"] == 0' "$tmp/with"
marked=$trace
trace=$tmp/late.txt
{
	grep -v kpageflags "$marked"
	event "tracing_mark_write: before-kpageflags end"
} >"$trace"
with kpageflags "9: 2200" # all of it was used when the file was read
holds "what was set back by later lines predicts none of them" \
	'r["causal"]["closed"]["adjusted"]["free_frames_taken_back"] == 8 and all(
	r["causal"][run][frame] is None for run in ("closed", "step")
	for frame in ("pfn_alloc", "pfn_refill", "pfn_spill"))' "$tmp/with"
trace=$marked
with kpageflags "3: 2140"
holds "a wrong one is seen in the frames" \
	'r["causal"]["closed"]["pfn_refill"] == 0 and
	r["causal"]["step"]["pfn_refill"] == 0' "$tmp/with"
with kpageflags "3: 2100
9: 2400"
holds "and in buddyinfo, to which it is compared" \
	'r["adjusted"]["free_pages_moved"] == 512 and
	r["causal"]["closed"]["adjusted"]["free_pages_moved"] == 512 and
	r["inferred"]["free_pages_by_place"] == 512 and
	r["causal"]["closed"]["adjusted"]["free_pages_on_other_lists"] == 512' \
	"$tmp/with"
says 0 "512 pages in other blocks than in buddyinfo" replay --state \
	"$tmp/with" "$trace"
says 0 "free       memory by place, from kpageflags" replay --state \
	"$tmp/with" "$trace"
says 0 "512 by kpageflags alone" replay --explain --state "$tmp/with" "$trace"
says 0 "free       memory by number, from pagetypeinfo" replay --state \
	"$tmp/bare" "$trace"
rm "$tmp/with/pagetypeinfo" "$tmp/with/buddyinfo"
says 0 "there is no buddyinfo to compare it with" replay --state \
	"$tmp/with" "$trace"
grep -v kpageflags "$trace" >"$tmp/unmarked.txt"
says 0 'no mark "before-kpageflags end": taken to be as at the first line' \
	replay --state "$tmp/with" "$tmp/unmarked.txt"
with kpageflags "head: 2100"
says 0 "by number, from pagetypeinfo; kpageflags has first frames only" \
	replay --state "$tmp/with" "$trace"
holds "first frames alone are not used" \
	'r["free_memory_from"] == "pagetypeinfo"' "$tmp/with"

# --- bad files: 1 ------------------------------------------------------------------

bad() {
	with kpageflags "$2"
	refuses 1 "$tmp/with/kpageflags:$1" replay --state "$tmp/with" "$trace"
	refuses 1 "kpageflags:$1" replay --explain --state "$tmp/with" "$trace"
}
bad "3: not a line of such a file" "3 2100"
bad "4: not a line of such a file" "3: 2100
0: 2200 +0"
bad "3: not a line of such a file" "3: 2104"
bad "3: the block of order 3 at frame 1ff8 lies outside all zones" "3: 1ff8"
bad "4: the block of order 1 at frame 2106 overlaps another one" "3: 2100
1: 2106"
: >"$tmp/with/kpageflags"
refuses 1 "kpageflags:1: not a line" replay --state "$tmp/with" "$trace"
head -c 64 /dev/zero >"$tmp/with/kpageflags"
refuses 1 "kpageflags:1: not a line" replay --state "$tmp/with" "$trace"
tar -C "$tmp/with" -cf "$tmp/with.tar" .
refuses 1 "kpageflags:1: not a line" replay --state "$tmp/with.tar" "$trace"
with kpageflags "3: 2100"
head -c 20 "$tmp/with/kpageflags" >"$tmp/cut"
cp "$tmp/cut" "$tmp/with/kpageflags"
refuses 1 "kpageflags:2: not a line" replay --state "$tmp/with" "$trace"

# A file that ends anywhere is refused or read, and nothing else.
with kpageflags "3: 2100 +1*2
9: 2400"
cp "$tmp/with/kpageflags" "$tmp/whole"
bad=0
for ((size = 0; size <= $(wc -c <"$tmp/whole"); size++)); do
	head -c "$size" "$tmp/whole" >"$tmp/with/kpageflags"
	answer replay --quiet --state "$tmp/with" "$trace"
	is_clean && [ "$got" -le 1 ] || { bad=1; break; }
done
result $bad "cut at any byte"

tap_done
