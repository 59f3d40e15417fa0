#!/bin/bash
# SPDX-License-Identifier: MIT
# pcpmm story as a user calls it: the list, a timeline and its verdict, --quiet,
# seeds, and refusals.
# usage: story.sh PCPMM
set -u

pcpmm=$1
. "$(dirname "$0")/../cli/tap.sh"

# --- output -----------------------------------------------------------------

says 0 "nohz-drain-2021" story --list
check "--list: a name and a line each, twenty-six of them" \
	test "$("$pcpmm" story --list |
		grep -cE '^[a-z0-9-]+ +[A-Za-z].{10,}$')" = 26

says 0 "all 7 claims hold" story last-zone-2012
cp "$tmp/out" "$tmp/told"
check "the timeline has a time and a CPU" \
	grep -qE '^ *[0-9]+\.[0-9]{3}  cpu 2: ' "$tmp/told"
check "designs stand side by side" \
	grep -qE '^ipi_mask_posted +\| ipi_mask ' "$tmp/told"
says 0 "all 7 claims hold" story last-zone-2012 --in-turn
cp "$tmp/out" "$tmp/turn"
check "--in-turn: one after the other" \
	grep -qE '^\[ *[0-9]+\.[0-9]{3} ms\] cpu 2 ' "$tmp/turn"
check "the verdict stands at the end, a line a claim" \
	test "$(sed -n '/^verdict of last-zone-2012/,$p' "$tmp/told" |
		grep -c '^  ok ')" = 7

"$pcpmm" story --quiet trylock-type >"$tmp/quiet"
check "--quiet: the verdict begins at once" \
	sh -c "head -n 1 '$tmp/quiet' | grep -qx 'verdict of trylock-type'"

# the same seed, the same counts; another seed, others
counts() {
	"$pcpmm" story ipi-mask-2012 "$@" | grep -oE 'here: .*|ends: .*'
}
counts --seed 7 >"$tmp/first"
counts --seed 7 >"$tmp/again"
counts --seed 8 >"$tmp/other"
check "--seed 7 twice: the same counts" cmp "$tmp/first" "$tmp/again"
check "--seed 8: others" sh -c "! cmp -s '$tmp/first' '$tmp/other'"
check "both machines have counts" test "$(wc -l <"$tmp/first")" = 4

# --- refusals ---------------------------------------------------------------

refuses 2 "unknown story 'nohz-drain-2012'; did you mean 'nohz-drain-2021'?" \
	story nohz-drain-2012
refuses 2 "NAME expected; --list tells them" story
refuses 2 "--list takes no name" story --list pcp-disable
refuses 2 "too many operands" story pcp-disable trylock-type
refuses 2 "--seed: 0 is none" story --seed 0 pcp-disable
refuses 2 "--seed: 'x' is not a number" story --seed x pcp-disable
refuses 2 "unknown option 'quite'; did you mean 'quiet'?" story --quite
says 0 "usage: pcpmm story" story --help

tap_done
