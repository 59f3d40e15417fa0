#!/bin/bash
# SPDX-License-Identifier: MIT
#
# refuses.sh SOURCE_ROOT COMPILER...
#
# A mistake in one of the library's tables must end the build. Each check puts
# one more row into a copy of a table and compiles the file that expands it.
set -u

root=$1
shift
compiler=("$@")
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
mkdir "$tmp/machine"
nr=0
bad=0

# compiled TABLE [ROW]: src/machine/TABLE.c, with ROW as the table's first
compiled() {
	local header=$root/src/machine/$1.h
	rm -f "$tmp"/machine/*
	if [ $# -gt 1 ]; then
		sed "/^#define [A-Z]*_ROWS(/a $2 \\\\" "$header" \
			>"$tmp/machine/$1.h"
		cmp -s "$header" "$tmp/machine/$1.h" && return 1
	fi
	"${compiler[@]}" -std=gnu11 -D_GNU_SOURCE -fsyntax-only -I"$tmp" \
		-I"$root/include" -I"$root/src" -I"$root/src/arch/threads" \
		-I"$root/src/arch/threads/generic" \
		"$root/src/machine/$1.c" >"$tmp/said" 2>&1
}

result() {
	nr=$((nr + 1))
	if [ "$1" = 0 ]; then
		echo "ok $nr - $2"
		return
	fi
	bad=1
	echo "not ok $nr - $2"
	head -n 20 "$tmp/said" | sed 's/^/# /'
}

# takes NAME TABLE [ROW]
takes() {
	compiled "${@:2}"
	result $? "$1"
}

# refuses NAME TEXT TABLE ROW: the compiler fails and prints TEXT
refuses() {
	! compiled "${@:3}" && grep -qE -- "$2" "$tmp/said"
	result $? "$1"
}

again='redefin|redeclar'
takes "the axes as they are" axes
refuses "a bool axis that is there twice" "($again).*AXIS_drain_retry" axes \
	'BOOL(drain_retry, AXIS_FILE, true, ())'
refuses "an enum axis that is there twice" "($again).*AXIS_ipi" axes \
	'ENUM(ipi, 2, 0, 0, (NAME(0, "a") NAME(1, "b")), ())'
refuses "an axis without field" "no member named .*colour" axes \
	'BOOL(colour, 0, true, ())'
refuses "an enum axis whose field is a number of another size" \
	"size: the field is no enum" axes \
	'ENUM(size, 1, 0, 0, (NAME(0, "a")), ())'
refuses "a value without name" "nr_cpus: a value without name" axes \
	'ENUM(nr_cpus, 2, 0, 0, (NAME(0, "a")), ())'

takes "the sysctls as they are" sysctl_table
refuses "a sysctl that is there twice" "($again).*SYSCTL_numa_stat" \
	sysctl_table 'ROW(numa_stat, 1, (1), 0, 1, 0, 0, RECOMPUTE_NOTHING)'
refuses "a sysctl without field" "no member named .*swappiness" sysctl_table \
	'ROW(swappiness, 1, (60), 0, 200, 0, 0, RECOMPUTE_NOTHING)'
refuses "a list of another length than its field" \
	"lowmem_reserve_ratio: the field does not have so many" sysctl_table \
	'ROW(lowmem_reserve_ratio, 4, (1), 0, 1, 0, 0, RECOMPUTE_NOTHING)'

echo "1..$nr"
exit $bad
