#!/bin/bash
# SPDX-License-Identifier: MIT
# pcpmm fold as a user calls it: which folds finish or starve, which CPUs are
# interrupted; errors within their bound; the JSON; wrong usage. No check
# depends on the load of the host.
# usage: fold.sh PCPMM TESTS-FOLDER
set -u

pcpmm=$1
here=$2/cli
. "$here/tap.sh"

short=(--seconds 0.1 --cpus 3)
patient=(--bound 20000)

# folded NAME 'CHECK...' ARGUMENT...
folded() {
	local name=$1 checks=$2
	shift 2
	proven fold.py "$checks" "$name" fold "${short[@]}" "$@"
}

# --- finished and starved ----------------------------------------------------

folded "normal tasks: the local fold interrupts them, the remote one does not" \
	"local:finished,interrupted remote:finished,undisturbed" "${patient[@]}"
folded "idle CPUs: both finish, no task is disturbed" \
	"local,remote:finished,undisturbed" "${patient[@]}" --victim idle
folded "an isolated CPU with a normal task: the same as without" \
	"local:finished,interrupted remote:finished,undisturbed" \
	"${patient[@]}" --victim nohz_full
folded "a FIFO spinner starves the local fold" \
	"local:starved,undisturbed" --victim fifo --folds local
folded "but not the remote one" \
	"remote:finished,undisturbed" "${patient[@]}" --victim fifo \
	--folds remote
folded "one that starved does not keep the next from running" \
	"local:starved remote:finished" --bound 2000 --victim fifo
folded "both, if one asks for it" "both:finished,interrupted" \
	"${patient[@]}" --folds both --allow-unsound

# --- the tables and the options ----------------------------------------------

has() {
	grep -qE -- "$2" "$tmp/out"
	result $? "$1"
}

answer fold "${short[@]}" "${patient[@]}" --json "$tmp/json"
check "--json writes a file" python3 "$here/fold.py" "$tmp/json" \
	"local,remote:finished"
answer fold "${short[@]}" "${patient[@]}" --rate 0 --cpus 2
for account in local_cmpxchg irqoff lock_cmpxchg; do
	for width in s8 s32; do
		has "a row of $account $width" \
			"^$account +$width +-?[0-9.]+ +-?[0-9.]+ +0\.0645\$"
	done
done
for row in 'unguarded s8' 'unguarded s32' 'plain increment' 'atomic add' \
	'atomic, contended'; do
	has "and one of $row" "^\\($row\\) +(-|-?[0-9.]+)\$"
done
has "the scene" '^# 2 CPUs, victims normal, folds without a pause, bound 20000'
has "a row of local" '^local +finished +[1-9]'
has "a row of remote" '^remote +finished +[1-9]'
has "hot pairs" '^0( +[0-9.]+){6}$'
has "pairs of order 4" '^4( +[0-9.]+){6}$'
has "bytes of s8" '^s8 +64 +44$'
has "bytes of s32" '^s32 +96 +176$'
says 0 "local    STARVED" fold "${short[@]}" --victim fifo --folds local
says 0 "usage: pcpmm fold" fold --help
says 0 "compare ways to count" --help

# --- mistakes: 2 -------------------------------------------------------------

refuses 2 "unknown fold 'remot'; did you mean 'remote'?" fold \
	--folds local,remot
refuses 2 "unknown fold ''" fold --folds ''
refuses 2 "both: fold both is unsound" fold --folds both
refuses 2 "unknown victim 'idel'; did you mean 'idle'?" fold --victim idel
refuses 2 "unknown option 'flods'; did you mean 'folds'?" fold --flods local
refuses 2 "--cpus: 1 is not within 2..64" fold --cpus 1
refuses 2 "--cpus: 65 is not within 2..64" fold --cpus 65
refuses 2 "--cpus: '-1' is not a number" fold --cpus -1
refuses 2 "--bound: 0 is not within" fold --bound 0
refuses 2 "--seconds: 0 is not within" fold --seconds 0
refuses 2 "--seconds: nan is not within" fold --seconds nan
refuses 2 "--rate: 'x' is not a number" fold --rate x
refuses 2 "too many operands" fold local

# --- nowhere to write: 1 -----------------------------------------------------

says 1 "$tmp/no/such: No such file or directory" fold "${short[@]}" \
	--folds remote --json "$tmp/no/such"

tap_done
