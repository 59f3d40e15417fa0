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

# Pages of 64 KiB, inferred and told; 4 KiB told is not what it is.
ppc=(4.11-ppc64-64k --sysctl "$data/4.11-ppc64-64k.sysctl")
predict 0 "15 values checked, 15 matched, 0 differ" linux-4.11 "${ppc[@]}"
predict 0 "page size: 64 KiB, inferred" linux-4.11 "${ppc[@]}"
predict 0 "15 matched, 0 differ" linux-4.11 "${ppc[@]}" --page-size 64
predict 0 "3 matched, 12 differ" linux-4.11 "${ppc[@]}" --page-size 4k
predict 2 "'48' is not 4, 8, 16, 32 or 64 (KiB)" linux-4.11 "${ppc[@]}" \
	--page-size 48

# The last kernel of an era, and the version that nobody told.
echo "vm.min_free_kbytes = 32712" >"$tmp/sysctl"
predict 0 "8 values checked, 7 matched" linux-4.18 4.18-batch-31 \
	--sysctl "$tmp/sysctl"
predict 0 "8 values checked, 5 matched" linux-4.19 4.18-batch-31 \
	--sysctl "$tmp/sysctl"
predict 0 "7 values checked, 7 matched" linux-5.13 5.13-high-378 \
	--sysctl "$data/5.13-high-378.sysctl"
predict 0 "7 values checked, 6 matched" linux-5.14 5.13-high-378 \
	--sysctl "$data/5.13-high-378.sysctl"
bounds=(--zoneinfo "$data/6.18-bounds.zoneinfo"
	--sysctl "$data/6.18-bounds.sysctl")
says 0 "11 values checked, 11 matched, 0 differ" predict "${bounds[@]}"
says 0 "kernel: linux-6.12 formulas; no --preset: the dump has a 'promo' line" \
	predict "${bounds[@]}"
says 0 '"preset_origin": "no --preset' predict "${bounds[@]}" --json -
says 0 "linux-4.18 formulas; no --preset: the dump has a 'nameless' line" \
	predict --zoneinfo "$data/4.18-nameless-counter.zoneinfo"

tap_done
