#!/bin/bash
# SPDX-License-Identifier: MIT
# pcpmm check as a user calls it: what it exhausts and what it finds, that a schedule
# brings a failure back, exit statuses, the JSON; wrong usage.
# usage: check.sh PCPMM TESTS-FOLDER
set -u

pcpmm=$1
here=$2/cli
. "$here/tap.sh"

if ! [ -x "$(dirname "$pcpmm")/pcpmm-check" ]; then
	echo "1..0 # SKIP this build has no model"
	exit 0
fi

# explored STATUS VERDICT ARGUMENT...
explored() {
	local want=$1 verdict=$2
	shift 2
	answer check --json "$tmp/json" "$@"
	[ "$got" = "$want" ] && is_clean && python3 - "$tmp/json" "$verdict" <<-'END'
		import json, sys
		result = json.load(open(sys.argv[1]))
		assert result["verdict"] == sys.argv[2], result
		assert result["executions"] >= 1 and result["steps"] >= result["longest"] >= 1
		assert ("schedule" in result) == (result["verdict"] not in ("exhausted", "clean"))
	END
	result $? "$verdict: $*"
}

# --- lists ------------------------------------------------------------------------

says 0 "alloc-drain" check --list
says 0 "rcu-no-grace-period" check --list-mutants

# --- scenes -------------------------------------------------------------------------

explored 0 exhausted --scene alloc-drain
explored 0 exhausted --scene alloc-drain --set drain=rcu_swap,rcu=memb
explored 0 clean --scene alloc-drain --driver random --executions 200 --seed 7
explored 0 clean --scene alloc-drain --driver pct --executions 200 --depth 2
explored 0 clean --scene free-drain --driver dfs --preemptions 1
explored 0 clean --scene alloc-drain --driver dpor --executions 10
explored 0 clean --scene alloc-drain --set drain=kthread --driver pct --executions 500
explored 0 clean --scene alloc-drain --set drain=workqueue --driver pct --executions 500
explored 1 violation --scene alloc-drain --mutant pcp-lock-not-taken
explored 1 violation --scene alloc-drain --set drain=rcu_swap \
	--mutant rcu-no-grace-period --driver random --executions 2000 --seed 2
explored 1 violation --scene alloc-fold \
	--set allow_unsound=yes,fold=remote,account=local_cmpxchg
explored 0 exhausted --scene alloc-fold --set fold=remote,account=lock_cmpxchg

# --- a failure comes back --------------------------------------------------------------

answer check --scene alloc-drain --set drain=rcu_swap --mutant rcu-no-grace-period
cp "$tmp/out" "$tmp/first"
schedule=$(sed -n "s/^pcpmm check --replay '\(.*\)'$/\1/p" "$tmp/first")
[ "$got" = 1 ] && [ -n "$schedule" ] && grep -q '^ *[0-9]* > ' "$tmp/first"
result $? "a failure is printed as a table, with its schedule"
answer check --replay "$schedule"
[ "$got" = 1 ] && diff <(sed -n '/^step/,$p' "$tmp/first") \
	<(sed -n '/^step/,$p' "$tmp/out") >"$tmp/err"
result $? "the schedule gives the same execution"
lines=$(wc -l <"$tmp/out")
answer check --all-steps --replay "$schedule"
[ "$got" = 1 ] && [ "$(wc -l <"$tmp/out")" -gt "$lines" ] &&
	grep -q 'steps of its own' "$tmp/first" && ! grep -q 'steps of its own' "$tmp/out"
result $? "--all-steps leaves none out"
answer check --json - --replay "${schedule/rcu-no-grace-period/}"
[ "$got" != 0 ] && grep -q '"verdict": "bad schedule"' "$tmp/out"
result $? "without the mutant it can not be followed"

# --- the table ----------------------------------------------------------------------------

# Under a sanitizer or an emulator an execution takes twenty times as long.
budget=0 exhausted=57
[ -z "${PCPMM_SLOW-}" ] || budget=1000 exhausted=30
answer check --table --executions $budget
[ "$got" = 0 ] && is_clean && ! grep -q 'NOT AS EXPECTED' "$tmp/out" &&
	[ "$(grep -c '| violation |' "$tmp/out")" -ge 13 ] &&
	[ "$(grep -c '| exhausted |' "$tmp/out")" -ge $exhausted ]
result $? "the table: designs are exhausted, bugs are found"
if [ $budget = 0 ]; then
	diff <(grep '^|' "$2/../docs/model-checking.md") "$tmp/out" >"$tmp/err"
	result $? "docs/model-checking.md is that table"
fi

# --- wrong usage ------------------------------------------------------------------------------

refuses 2 "which scene?" check
refuses 2 "unknown scene 'alloc-drian'; did you mean 'alloc-drain'?" \
	check --scene alloc-drian
refuses 2 "did you mean 'rcu-no-grace-period'?" \
	check --scene alloc-drain --mutant rcu-no-grace-perod
refuses 2 "did you mean 'random'?" check --scene alloc-drain --driver randon
refuses 2 "is not AXIS=VALUE" check --scene alloc-drain --set drain
refuses 2 "unknown drain 'rcu_swp'; did you mean 'rcu_swap'?" \
	check --scene alloc-drain --set drain=rcu_swp
refuses 2 "depth is over 8" check --scene alloc-drain --driver pct --depth 9
refuses 2 "is of no known version" check --replay 0/alloc-drain///1
refuses 2 "has not the parts" check --replay 1/alloc-drain/1
refuses 2 "unknown scene" check --replay 1/nothing///1
refuses 2 "the schedule is none" check --replay 1/alloc-drain///x
refuses 2 "leave them out" check --scene free-drain --replay 1/alloc-drain///1
refuses 2 "needs --replay" check --scene alloc-drain --driver replay
refuses 1 "No such file or directory" \
	check --scene free-drain --json "$tmp/none/x"

tap_done
