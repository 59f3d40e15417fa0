#!/bin/bash
# SPDX-License-Identifier: MIT
# pcpmm drain and pcpmm noise as a user calls them: which strategies finish or
# starve, which CPUs are interrupted; the JSON; wrong usage. No check depends on
# the load of the host: a drain that must finish may take long.
# usage: drain.sh PCPMM TESTS-FOLDER
set -u

pcpmm=$1
here=$2/cli
. "$here/tap.sh"

sound=pcp_lock,ipi_all,ipi_mask,ipi_mask_locked,workqueue,kthread,rcu_swap
sound+=,percpu_spinlock_2021,pcp_spinlock_2021,pcp_buddy
# The first one's key is on: it is created with isolated CPUs.
reaching=percpu_spinlock_2021,pcp_spinlock_2021,rcu_swap,pcp_lock,pcp_buddy
short=(--seconds 0.1 --cpus 3)
patient=(--bound 20000)

# drained NAME 'CHECK...' ARGUMENT...
drained() {
	local name=$1 checks=$2
	shift 2
	proven drain.py "$checks" "$name" drain "${short[@]}" "$@"
}

# --- finished and starved ----------------------------------------------------

for ipi in signal polled; do
	drained "$ipi: normal tasks: all finish" "$sound:finished" \
		"${patient[@]}" --ipi $ipi --victim normal
	drained "$ipi: idle CPUs: all finish, no task is disturbed" \
		"$sound:finished,undisturbed" \
		"${patient[@]}" --ipi $ipi --victim idle
	drained "$ipi: a FIFO spinner starves whoever needs its CPU" \
		"workqueue,kthread:starved,undisturbed" \
		--ipi $ipi --victim fifo --strategies workqueue,kthread
	drained "$ipi: a FIFO spinner does not stop who reaches its list" \
		"$reaching:finished,undisturbed" "${patient[@]}" \
		--ipi $ipi --victim fifo --strategies $reaching
	drained "$ipi: an isolated CPU is not disturbed by these" \
		"$reaching:finished,undisturbed" "${patient[@]}" \
		--ipi $ipi --victim nohz_full --strategies $reaching
done

drained "a signal reaches a FIFO spinner" \
	"ipi_all,ipi_mask,ipi_mask_locked:finished,interrupted" \
	"${patient[@]}" --victim fifo \
	--strategies ipi_all,ipi_mask,ipi_mask_locked
drained "a mailbox does not" "ipi_all,ipi_mask:starved,undisturbed" \
	--ipi polled --victim fifo --strategies ipi_all,ipi_mask
drained "workers take an isolated CPU over from a normal task" \
	"workqueue,kthread:finished,interrupted" \
	"${patient[@]}" --victim nohz_full --strategies workqueue,kthread
drained "normal tasks are interrupted by these" \
	"ipi_all,ipi_mask,ipi_mask_locked,workqueue,kthread:interrupted" \
	"${patient[@]}" --victim normal
drained "without isolated CPUs the key is off, and workers drain" \
	"percpu_spinlock_2021:interrupted pcp_spinlock_2021:undisturbed" \
	"${patient[@]}" --strategies percpu_spinlock_2021,pcp_spinlock_2021
drained "an expedited grace period interrupts a normal task" \
	"rcu_swap:finished,interrupted" "${patient[@]}" --strategies rcu_swap
drained "a normal one does not" "rcu_swap:finished,undisturbed" \
	"${patient[@]}" --strategies rcu_swap --grace normal
drained "memb serves a CPU that never calls in" \
	"rcu_swap:finished" \
	"${patient[@]}" --strategies rcu_swap --rcu memb --victim fifo
drained "qsbr does not" "rcu_swap:starved" \
	--strategies rcu_swap --rcu qsbr --victim fifo
drained "but one that calls in" "rcu_swap:finished" \
	"${patient[@]}" --strategies rcu_swap --rcu qsbr --victim normal
for how in none mutex trylock own_bit summary; do
	drained "$how: finishes" "ipi_mask_locked:finished" "${patient[@]}" \
		--strategies ipi_mask_locked --ipi-mask-lock $how
done
drained "a spill of 2000 pages is one hold" "pcp_lock,ipi_all:long_holds" \
	"${patient[@]}" --fill 8000 --strategies pcp_lock,ipi_all
drained "or chunks of batch pages, of pcp_lock" \
	"pcp_lock:short_holds ipi_all:long_holds" "${patient[@]}" \
	--fill 8000 --strategies pcp_lock,ipi_all --spill-hold chunks
drained "unsound ones, if one asks for it" \
	"ipi_mask_posted,kthread_posted:finished" "${patient[@]}" \
	--strategies ipi_mask_posted,kthread_posted --allow-unsound
drained "the fair server lets workers in behind a FIFO spinner" \
	"workqueue:finished,interrupted" --bound 20000 --victim fifo \
	--rate 0 --seconds 0.1 --strategies workqueue --starvation fair_server
drained "a starved strategy does not keep the next from running" \
	"workqueue:starved pcp_lock:finished" \
	--bound 2000 --victim fifo --strategies workqueue,pcp_lock

# --- other people's work --------------------------------------------------------

drained "late by the victims' work, but not for a lock's drainer" \
	"workqueue,pcp_lock,kthread:finished" "${patient[@]}" \
	--strategies workqueue,kthread,pcp_lock --foreign-work 5,3
check "workqueue waits for it" python3 - "$tmp/json" <<'EOF'
import json, sys
report = json.load(open(sys.argv[1]))
assert report["foreign_ms"] == 5 and report["foreign_works"] == 3
rows = {row["name"]: row for row in report["strategies"]}
# The first item may be half done when the drain begins.
assert rows["workqueue"]["latency_us"]["max"] >= 10000, rows["workqueue"]
EOF
drained "behind a FIFO task the work waits, and the drain does not" \
	"pcp_lock:finished" "${patient[@]}" --victim fifo \
	--strategies pcp_lock --foreign-work 5
refuses 2 "--foreign-work: 'x' is not a number" drain --foreign-work x
refuses 2 "--foreign-work: 0 is not within 1..64" drain --foreign-work 5,0
refuses 2 "--foreign-work: 99999 is not within" drain --foreign-work 99999,1

# --- the table and the options ----------------------------------------------

answer drain "${short[@]}" "${patient[@]}" --json "$tmp/json"
check "--json writes a file" \
	python3 "$here/drain.py" "$tmp/json" "$sound:finished"
answer drain "${short[@]}"
got=0
for name in ${sound//,/ }; do
	tables=3
	[ $name = pcp_buddy ] && tables=4
	[ "$(grep -c "^$name " "$tmp/out")" = $tables ] || got=1
done
result $got "each table has each sound strategy once, the last one pcp_buddy"
[ "$(grep -cE '_posted|external' "$tmp/out")" = 0 ]
result $? "and no other"
says 0 "workqueue            STARVED" drain "${short[@]}" --victim fifo \
	--strategies workqueue
says 0 "drains without a pause" drain "${short[@]}" --rate 0 \
	--strategies pcp_lock "${patient[@]}"
says 0 "fill 0 pages" drain "${short[@]}" --fill 0 --strategies pcp_lock
says 0 "fill 2000 pages" drain "${short[@]}" --fill 2000 \
	--strategies pcp_lock "${patient[@]}"
says 0 "usage: pcpmm drain" drain --help

# --- memory --------------------------------------------------------------------

answer drain --memory --cpus 7 --json "$tmp/json"
check "--memory: every key is there, and totals agree" \
	python3 "$here/drain.py" "$tmp/json"
answer drain --memory --strategies rcu_swap,pcp_lock
cp "$tmp/out" "$tmp/memory"
check "the kernel's figures stand beside" \
	grep -qE '^pcp_lock +4 +0 +0 +8 +0 +24 +4 +0 +0 +1024 +0 +1040$' "$tmp/memory"
check "a second set of lists" \
	grep -qE '^rcu_swap +[0-9]{3} .* 248 ' "$tmp/memory"
says 0 "ipi_mask_locked           8     72     64      120        0     1464      -" \
	drain --memory --strategies ipi_mask_locked --ipi-mask-lock summary

# --- noise -------------------------------------------------------------------

noised() {
	local name=$1 got
	shift
	answer noise "${short[@]}" "${patient[@]}" --json "$tmp/json" "$@"
	cp "$tmp/out" "$tmp/text"
	if [ "$got" = 0 ] && is_clean && [ ! -s "$tmp/err" ]; then
		python3 "$here/drain.py" "$tmp/json" >"$tmp/out" 2>&1
		got=$?
	elif [ "$got" = 0 ]; then
		got=1
	fi
	result "$got" "$name"
}

# has NAME PATTERN: a line of the text
has() {
	check "$1" grep -E -- "$2" "$tmp/text"
}

noised "noise of IPIs"
has "names itself" '^# pcpmm noise histogram$'
has "its unit" '^# Time unit is microseconds \(us\)$'
has "its duration" '^# Duration:   0 00:0[0-9]:[0-9][0-9]$'
has "a column for each victim" '^Index   CPU-001   CPU-002$'
for row in 'over: ' count: 'min:  ' 'avg:  ' 'max:  '; do
	has "a row '$row'" "^$row *[0-9.]+ +[0-9.]+\$"
done
has "and the cause" '^CPU-001 +ipi +[1-9][0-9]* +[0-9.]+ +[0-9.]+$'
noised "chosen CPUs" --cpus 5 --victims 1,3-4
has "a column for each of them" '^Index   CPU-001   CPU-003   CPU-004$'
noised "coarse buckets" --bucket-us 50 --entries 3
noised "one bucket" --entries 1
noised "of kworkers" --strategy workqueue
has "cause" '^CPU-001 +kworker +[1-9]'
noised "of kthreads" --strategy kthread
has "cause" '^CPU-001 +kthread +[1-9]'
noised "of grace periods" --strategy rcu_swap
has "cause" '^CPU-001 +grace_period +[1-9][0-9]* +- +-$'
noised "none" --strategy pcp_lock --victim fifo
has "nothing to tell" '^CPU-001 +\(nothing\) +0 '
has "no average" '^avg: +- +-$'
noised "an idle CPU's is told apart" --victim idle
has "cause" '^CPU-001 +\(was idle\) +[1-9]'
says 0 "then one starved" noise "${short[@]}" --strategy workqueue \
	--victim fifo
says 0 "usage: pcpmm noise" noise --help

# --- mistakes: 2 -------------------------------------------------------------

refuses 2 "unknown strategy 'workque'; did you mean 'workqueue'?" drain \
	--strategies pcp_lock,workque
refuses 2 "unknown strategy ''" drain --strategies ''
refuses 2 "external: a program's own strategy" drain --strategies external
refuses 2 "kthread_posted: drain kthread_posted is unsound" drain --strategies kthread_posted
refuses 2 "allow_unsound permits it" drain --strategies ipi_mask_posted
refuses 2 "allow_unsound permits it" noise --strategy kthread_posted
refuses 2 "ipi_mask_lock raw_spin is unsound" drain \
	--strategies ipi_mask_locked --ipi-mask-lock raw_spin
refuses 2 "unknown ipi-mask-lock 'mutx'; did you mean 'mutex'?" drain \
	--ipi-mask-lock mutx
refuses 2 "unknown spill-hold 'chunk'; did you mean 'chunks'?" drain \
	--spill-hold chunk
refuses 2 "unknown victim 'idel'; did you mean 'idle'?" drain --victim idel
refuses 2 "unknown ipi 'signl'; did you mean 'signal'?" drain --ipi signl
refuses 2 "unknown rcu 'qsrb'; did you mean 'qsbr'?" drain --rcu qsrb
refuses 2 "unknown grace 'norml'; did you mean 'normal'?" drain --grace norml
refuses 2 "unknown option 'victims'; did you mean 'victim'?" drain --victims 1
refuses 2 "--cpus: 1 is not within 2..64" drain --cpus 1
refuses 2 "--cpus: 65 is not within 2..64" drain --cpus 65
refuses 2 "--cpus: 'two' is not a number" drain --cpus two
refuses 2 "--fill: 100000 is not within 0..16384" drain --fill 100000
refuses 2 "--bound: 0 is not within" drain --bound 0
refuses 2 "--seconds: 'x' is not a number" drain --seconds x
refuses 2 "--seconds: nan is not within" drain --seconds nan
refuses 2 "--seconds: 0 is not within" drain --seconds 0
refuses 2 "--rate: -1 is not within" drain --rate -1
refuses 2 "too many operands" drain pcp_lock
refuses 2 "--victims: CPU 0 is not within 1..3" noise --victims 0
refuses 2 "--victims: CPU 9 is not within 1..3" noise --victims 1-9
refuses 2 "--victims: '1,' is no list of CPUs" noise --victims 1,
refuses 2 "--victims: '3-1' is no list of CPUs" noise --victims 3-1
refuses 2 "--bucket-us: 0 is not within" noise --bucket-us 0
refuses 2 "--entries: 0 is not within" noise --entries 0
refuses 2 "unknown strategy 'ipi_al'; did you mean 'ipi_all'?" noise \
	--strategy ipi_al

# --- nowhere to write: 1 -----------------------------------------------------

says 1 "$tmp/no/such: No such file or directory" drain "${short[@]}" \
	--strategies pcp_lock --json "$tmp/no/such"
says 1 "$tmp/no/such: No such file or directory" noise "${short[@]}" \
	--json "$tmp/no/such"

tap_done
