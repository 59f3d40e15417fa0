#!/bin/bash
# SPDX-License-Identifier: MIT
# Inputs from public reports (tests/data/public), with the values that are right.
# usage: public.sh PCPMM TESTS-FOLDER
set -u

pcpmm=$1
data=$2/data/public
. "$2/cli/tap.sh"

# predict STATUS TEXT PRESET NAME ARGUMENT...
predict() {
	says "$1" "$2" predict --preset "$3" --zoneinfo "$data/$4.zoneinfo" \
		"${@:5}"
}

# A number without a name is left out, a list of what was scanned as well.
predict 0 "values checked" linux-4.18 4.18-nameless-counter
predict 0 "17 values checked, 17 matched, 0 differ" linux-2.6 \
	2.6.26-scanned-lists
# Hot and cold lists: 2 + 0 pages, and the hot one's limits.
predict 0 "8 values checked, 8 matched, 0 differ" linux-2.6.16 2.6.16-hot-cold
says 0 "pages free     33393" show zoneinfo \
	--machine "$data/4.4-indented.zoneinfo"
predict 0 "values checked" linux-4.4 4.4-indented
sed 's/^/> > /' "$data/4.4-indented.zoneinfo" >"$tmp/quoted"
says 0 "values checked" predict --preset linux-4.4 --zoneinfo "$tmp/quoted"
says 0 "pages free     33393" show zoneinfo --machine "$tmp/quoted"
predict 1 "zoneinfo:3:18: 24848885473806 pages: out of range" linux-5.4 \
	5.4-wrapped

# A kernel without SMP prints no thresholds, so none is compared.
predict 0 "values checked" linux-4.1 4.1-up
cp "$tmp/out" "$tmp/up"
check "no row of a threshold" bash -c '! grep -q stat_threshold "$1"' - "$tmp/up"

tap_done
