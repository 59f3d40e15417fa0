#!/bin/bash
# SPDX-License-Identifier: MIT
# pcpmm replay --what-if: one workload on two machines. What must be equal is equal,
# what a rule makes smaller is smaller, and bad keys are named.
# usage: what_if.sh PCPMM TESTS-FOLDER
set -u

pcpmm=$1
traces=$2/data/traces
here=$2/cli
. "$here/tap.sh"

name=6.1-pipe-smp2-1G
state=$traces/$name.state.tar.xz
trace=$tmp/$name.txt
xz -dc "$traces/$name.txt.xz" >"$trace"

# holds NAME CHANGE CONDITION: of the columns r (recorded) and c (changed)
holds() {
	local name=$1 change=$2 condition=$3 got
	answer replay --what-if "$change" --quiet --json "$tmp/json" \
		--state "$state" "$trace"
	if [ "$got" = 0 ] && is_clean; then
		python3 - "$tmp/json" "$condition" >"$tmp/out" 2>&1 <<-'END'
			import json, sys
			both = json.load(open(sys.argv[1]))
			assert both['valid'] and 'causal' not in both
			r, c = both['what_if']['recorded'], both['what_if']['changed']
			assert r['failed'] == 0 and r['refused_frees'] == 0, r
			assert r['allocs'] == c['allocs'] > 10000, (r, c)
			assert eval("(" + sys.argv[2] + ")"), (r, c)
		END
		got=$?
	fi
	result "$got" "$name"
}

# wrong NAME CHANGE TEXT
wrong() {
	refuses 1 "$3" replay --what-if "$2" --quiet --state "$state" "$trace"
}

holds 'the same kernel does the same' preset=linux-6.1 'r == c'
holds 'the rules of 7.3: fewer refills, fewer spills, more pages held' \
	list_rules=7.3 \
	'c["refills"] < 0.8 * r["refills"] and c["spills"] < 0.3 * r["spills"] and
	c["zone_locks"] < 0.7 * r["zone_locks"] and
	c["held_mean"] > 2 * r["held_mean"]'
holds 'a whole preset' preset=linux-7.3 'c["refills"] < r["refills"]'
holds 'a preset, and an axis that wins where it stands before it' \
	spill_hold=whole,preset=linux-7.3 'c["spills"] < 0.3 * r["spills"]'
holds 'the lists of 5.10' preset=linux-5.10 \
	'c["spill_pages"] != r["spill_pages"]'
holds 'small lists: more of everything' high=100,batch=7 \
	'c["refills"] > 5 * r["refills"] and c["held_max"] < r["held_max"] and
	c["zone_locks"] > 3 * r["zone_locks"]'
holds 'a sysctl, without its vm.' percpu_pagelist_high_fraction=100 \
	'c["held_mean"] > r["held_mean"]'
holds 'another drain changes nothing here' drain=workqueue \
	'c["refills"] == r["refills"]'
wrong 'an unknown key, with a suggestion' list_rule=7.3 \
	"named 'list_rule'; did you mean 'list_rules'?"
wrong 'an unknown value' list_rules=9.9 "unknown list_rules '9.9'"
wrong 'no value' batch "'batch' is no KEY=VALUE"
wrong 'a negative number' high=-1 'high=-1 is no number of pages'
wrong 'no number' batch=x 'batch=x is no number of pages'
wrong 'a value that a sysctl does not take' percpu_pagelist_high_fraction=3 \
	"does not take '3'"
wrong 'a combination that is refused' account=irqoff,fold=remote 'fold'
answer replay --what-if list_rules=7.3 --state "$state" "$trace"
grep -q 'as recorded *what if' "$tmp/out"
result $? 'the text has both columns'
tap_done
