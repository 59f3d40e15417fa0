#!/bin/bash
# SPDX-License-Identifier: MIT
# pcpmm record as a user calls it: recordings of the running kernel, read by
# pcpmm replay; every kind of error; nothing left in tracefs. What needs root and
# a tracer is skipped elsewhere.
# usage: record.sh PCPMM TESTS-FOLDER
set -u

pcpmm=$1
here=$2/cli

# Mounts are changed in a namespace of our own; one such test at a time, as all
# see the same instances.
if [ "$(id -u)" = 0 ] && [ -z "${PCPMM_RECORD_APART-}" ] &&
	unshare -m true 2>/dev/null; then
	PCPMM_RECORD_APART=1 exec flock "${TMPDIR:-/tmp}/pcpmm-record.lock" \
		unshare -m bash "$0" "$@"
fi
. "$here/tap.sh"

tracing=/sys/kernel/tracing

# Why nothing can be recorded here; empty: it can.
unable() {
	[ "$(id -u)" = 0 ] || { echo "not root"; return; }
	[ -n "${PCPMM_RECORD_APART-}" ] || { echo "no mount namespace"; return; }
	grep -q ' tracefs ' /proc/mounts ||
		mount -t tracefs nodev $tracing 2>/dev/null ||
		{ echo "no tracefs"; return; }
	tracing=$(grep ' tracefs ' /proc/mounts | head -n 1 | cut -d' ' -f2)
	mkdir "$tracing/instances/pcpmm-test-$$" 2>/dev/null ||
		{ echo "no instances"; return; }
	rmdir "$tracing/instances/pcpmm-test-$$"
	[ -e "$tracing/events/kmem/mm_page_alloc" ] || echo "no kmem events"
}

# recorded STATUS NAME ARGUMENT...: the exit status; what was written is
# complete, and a replay reads it
recorded() {
	local want=$1 name=$2 got
	shift 2
	rm -rf "$tmp/rec"
	answer record --out "$tmp/rec" "$@"
	[ "$got" = "$want" ] && is_clean && is_complete
	result $? "$name"
}

is_complete() {
	local folder
	for folder in before after; do
		[ -s "$tmp/rec/state/$folder/zoneinfo" ] &&
			[ -s "$tmp/rec/state/$folder/sysctl" ] || return 1
	done
	[ -s "$tmp/rec/record.txt" ] && xz -t "$tmp/rec/trace.txt.xz"
}

# Nothing of ours is in the kernel.
is_clean_kernel() {
	! ls "$tracing/instances" | grep pcpmm_record &&
		! grep pcpmm_record "$tracing/dynamic_events"
}

# gone NAME: neither a folder nor anything in the kernel
gone() {
	[ ! -e "$tmp/rec" ] && is_clean_kernel >"$tmp/out"
	result $? "$1"
}

# begun SIGNAL ARGUMENT...: a recorder in the background, $recorder, once its
# command runs, $child
begun() {
	rm -rf "$tmp/rec" "$tmp/started"
	child=
	"$pcpmm" record --out "$tmp/rec" "$@" -- \
		sh -c "echo \$\$ >$tmp/begun; mv $tmp/begun $tmp/started
			exec sleep 1000" >"$tmp/out" 2>"$tmp/err" &
	recorder=$!
	until [ -e "$tmp/started" ]; do
		kill -0 "$recorder" 2>/dev/null || return
		sleep 0.1
	done
	child=$(cat "$tmp/started")
}

# --- without a kernel -------------------------------------------------------

says 0 "usage: pcpmm record [OPTION]... [-- COMMAND" record --help
refuses 2 "unknown option 'secnds'; did you mean 'seconds'?" record --secnds 1
refuses 2 "--seconds: 'x' is not a number" record --seconds x
refuses 2 "--seconds: '-1' is not a number" record --seconds -1
refuses 2 "--seconds: at most" record --seconds 9999999999
refuses 2 "--buffer: at least 4" record --buffer 0
refuses 2 "option '--out' needs a value" record --out

if [ "$(id -u)" != 0 ]; then
	refuses 1 "needs root" record --out "$tmp/rec"
	result "$(test -e "$tmp/rec"; echo $((1 - $?)))" "no folder"
elif setpriv --version >/dev/null 2>&1; then
	plain=$pcpmm
	nobody() {
		setpriv --reuid=65534 --clear-groups "$plain" "$@"
	}
	pcpmm=nobody
	refuses 1 "needs root" record --out "$tmp/rec"
	pcpmm=$plain
fi

why=$(unable)
if [ -n "$why" ]; then
	skipped "recordings" "$why"
	tap_done
	exit
fi
tracing=$(grep ' tracefs ' /proc/mounts | head -n 1 | cut -d' ' -f2)

# --- a recording, and its replay --------------------------------------------

recorded 0 "a command" -- sh -c \
	'i=0; while [ $i -lt 50 ]; do ls / >/dev/null; i=$((i + 1)); done'
cp "$tmp/out" "$tmp/said"
check "the summary says how to replay" \
	grep -F "pcpmm replay --state $tmp/rec/state $tmp/rec/trace.txt.xz" \
	"$tmp/said"
xz -dc "$tmp/rec/trace.txt.xz" >"$tmp/trace.txt"
for mark in before-kpageflags before-snapshot after-kpageflags after-snapshot
do
	check "marks $mark" sh -c "grep 'tracing_mark_write: $mark begin' \
		$tmp/trace.txt && grep 'tracing_mark_write: $mark end' \
		$tmp/trace.txt"
done
check "it ends with the state after" sh -c \
	"tail -n 5000 $tmp/trace.txt | grep 'after-snapshot end'"
check "free frames" sh -c "head -n 3 $tmp/rec/state/before/kpageflags |
	tr '\\n' ' ' | grep -E '^kpageflags 1 end: [0-9a-f]+ [0-9]+: [0-9a-f]+'"
check "nodes and kernel" sh -c "grep '^uname: Linux' \
	$tmp/rec/state/before/cmdline && grep 'vm.min_free_kbytes = [0-9]' \
	$tmp/rec/state/before/sysctl"
check "no sysctl that is changed by reading" sh -c \
	"! grep -E 'lowmem_reserve_ratio|stat_refresh' \
	$tmp/rec/state/before/sysctl"
check "record.txt counts" sh -c \
	"grep '^lost events: 0' $tmp/rec/record.txt &&
	grep -E '^events: [1-9]' $tmp/rec/record.txt"
check "what no probe tells is said" sh -c \
	"grep -cE '^(no )?probe: ' $tmp/rec/record.txt"

# Whatever this kernel and its load are: how well its rules are known, which may
# end a replay with status 1, is no matter of the recorder.
answer replay --state "$tmp/rec/state" "$tmp/rec/trace.txt.xz"
[ "$got" -le 1 ] && is_clean && grep -q '^predicted' "$tmp/out"
result $? "replay reports on it"
answer replay --explain --json - --state "$tmp/rec/state" \
	"$tmp/rec/trace.txt.xz"
cp "$tmp/out" "$tmp/json"
check "replay knows every line" python3 -c "import json, sys
report = json.load(open('$tmp/json'))
print(report['lines'], report['unknown_lines'], report['lost_events'])
sys.exit(report['unknown_lines'] or report['lost_events'] or
	report['events'] < 50)"
says 0 "batch" predict --zoneinfo "$tmp/rec/state/before/zoneinfo" \
	--sysctl "$tmp/rec/state/before/sysctl"
check "nothing is left" is_clean_kernel

# --- how it ends ------------------------------------------------------------

recorded 42 "the command's status" --no-kpageflags -- sh -c 'exit 42'
check "the status is in record.txt" grep "command status: 42" \
	"$tmp/rec/record.txt"
check "without free frames" test ! -e "$tmp/rec/state/before/kpageflags"
recorded 137 "the command is killed" --no-kpageflags -- sh -c 'kill -9 $$'
recorded 0 "no time at all" --no-kpageflags --seconds 0
recorded 0 "a line for each free, where it can be" --no-kpageflags --commits \
	--seconds 0
check "that probe is tried" grep -E '^(no )?probe: (p:|f:)?.*commit' \
	"$tmp/rec/record.txt"
recorded 0 "the time ends before the command" --no-kpageflags --seconds 1 -- \
	sleep 1000
check "what ended it is in record.txt" grep "ended by: the time was over" \
	"$tmp/rec/record.txt"
recorded 7 "the command ends before the time" --no-kpageflags \
	--seconds 1000 -- sh -c 'exit 7'
mkdir "$tmp/empty"
says 0 "$tmp/empty: " record --no-kpageflags --seconds 0 --out "$tmp/empty"
answer record --quiet --no-kpageflags --seconds 0 --out "$tmp/quiet"
result "$((got + $(wc -c <"$tmp/out")))" "--quiet says nothing"
check "nothing is left" is_clean_kernel

for pair in INT:130 TERM:143 HUP:129; do
	begun --no-kpageflags
	kill -"${pair%:*}" "$recorder"
	wait "$recorder"
	[ $? = "${pair#*:}" ] && is_complete && is_clean_kernel &&
		! kill -0 "$child" 2>/dev/null
	result $? "SIG${pair%:*}: kept, command and kernel are clean"
done

# As under nohup.
rm -rf "$tmp/rec"
(trap '' HUP
	exec "$pcpmm" record --out "$tmp/rec" --no-kpageflags -- \
		sh -c 'kill -HUP $PPID; exit 5' >"$tmp/out" 2>"$tmp/err")
[ $? = 5 ] && is_complete
result $? "SIGHUP where it is ignored"

begun --no-kpageflags
kill -KILL "$child"
wait "$recorder"
[ $? = 137 ] && is_complete && is_clean_kernel
result $? "SIGKILL of the command"

begun --no-kpageflags
kill -KILL "$recorder"
wait "$recorder" 2>/dev/null
kill -KILL "$child"
check "SIGKILL of the recorder leaves an instance" \
	test -e "$tracing/instances/pcpmm_record_$recorder"
rm -rf "$tmp/rec"
says 0 "removed $tracing/instances/pcpmm_record_$recorder, left by a recorder" \
	record --no-kpageflags --seconds 0 --out "$tmp/rec"
check "and the next one removes it" is_clean_kernel

begun --no-kpageflags
says 0 "another recorder is at work: $tracing/instances/pcpmm_record_$recorder" \
	record --no-kpageflags --seconds 0 --out "$tmp/second"
check "a living recorder keeps its instance" \
	test -e "$tracing/instances/pcpmm_record_$recorder"
kill -TERM "$recorder"
wait "$recorder"
is_complete && is_clean_kernel
result $? "and ends as ever"

# --- errors: one line, nothing left -----------------------------------------

refuses 1 "$tmp/second: is not empty" record --out "$tmp/second" --seconds 0
check "what was there stays" test -s "$tmp/second/trace.txt.xz"
rm -rf "$tmp/rec"
refuses 127 "no-such-command: command not found" record --out "$tmp/rec" -- \
	no-such-command
gone "command not found: nothing left"
refuses 126 "$here: Permission denied" record --out "$tmp/rec" -- "$here"
gone "not to be run: nothing left"
refuses 1 "/proc/no-such-folder: No such file" record --seconds 0 \
	--out /proc/no-such-folder
refuses 1 "$tmp/no/such: No such file" record --seconds 0 --out "$tmp/no/such"
: >"$tmp/file"
refuses 1 "$tmp/file: Not a directory" record --seconds 0 --out "$tmp/file"
refuses 1 "use a smaller --buffer" record --seconds 0 --buffer 1000000000 \
	--out "$tmp/rec"
gone "no memory for the buffers: nothing left"

recorded 1 "a buffer that is too small" --no-kpageflags --buffer 4 -- \
	sh -c 'i=0; while [ $i -lt 200 ]; do ls / >/dev/null; i=$((i + 1)); done'
cp "$tmp/err" "$tmp/said"
check "lost events are said" grep -E "CPU [0-9]+ lost [1-9][0-9]* of" \
	"$tmp/said"
check "and what helps" grep "use a larger --buffer" "$tmp/said"
check "lost events are counted" grep -E "^lost events: [1-9]" \
	"$tmp/rec/record.txt"

mkdir "$tmp/small"
if mount -t tmpfs -o size=16k nodev "$tmp/small"; then
	refuses 1 "$tmp/small/rec" record --seconds 0 --out "$tmp/small/rec"
	check "a full disk: nothing left" test ! -e "$tmp/small/rec"
	check "a full disk: the kernel is clean" is_clean_kernel
	umount "$tmp/small"
fi

# --- tracefs ----------------------------------------------------------------

rm -rf "$tmp/rec"
hidden=0
for path in /sys/kernel/btf/vmlinux /proc/kallsyms; do
	[ ! -e "$path" ] || mount --bind /dev/null "$path" || hidden=1
done
[ "$hidden" = 1 ] || says 0 "events alone, without probes: " record \
	--no-kpageflags --seconds 0 --out "$tmp/rec"
umount /sys/kernel/btf/vmlinux /proc/kallsyms 2>/dev/null

while umount "$(grep ' tracefs ' /proc/mounts | head -n 1 | cut -d' ' -f2)" \
	2>/dev/null; do
	:
done
if ! grep ' tracefs ' /proc/mounts >"$tmp/out"; then
	tracing=/sys/kernel/tracing
	recorded 0 "tracefs is mounted where there is none" --no-kpageflags \
		--seconds 0
	check "and unmounted again" sh -c "! grep ' tracefs ' /proc/mounts"
	mkdir "$tmp/tracefs"
	mount -t tracefs nodev "$tmp/tracefs"
	recorded 0 "tracefs elsewhere" --no-kpageflags --seconds 0
	check "and stays there" grep "$tmp/tracefs tracefs" /proc/mounts
	umount "$tmp/tracefs"
	if setpriv --version >/dev/null 2>&1; then
		plain=$pcpmm
		weak() {
			setpriv --bounding-set=-sys_admin \
				--inh-caps=-sys_admin "$plain" "$@"
		}
		rm -rf "$tmp/rec"
		pcpmm=weak
		refuses 1 "no tracefs, and it cannot be mounted" record \
			--seconds 0 --out "$tmp/rec"
		pcpmm=$plain
		check "no tracefs: nothing left" test ! -e "$tmp/rec"
	fi
fi

tap_done
