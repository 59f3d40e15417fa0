#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Shows how the outputs of two programs differ: runs every command of
# commands.sh with both, and prints a diff for each command whose output is not
# the same. Exit status 1 if there is one.
#
# usage: compare.sh BEFORE NOW SOURCE_ROOT
#
# BEFORE and NOW are programs, or folders that outputs.sh has written.
set -u

here=$(cd "$(dirname "$0")" && pwd)
if [ $# != 3 ]; then
	sed -n 's/^# \(usage: .*\)/\1/p' "$0" >&2
	exit 2
fi
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

# outputs NAME PROGRAM-OR-FOLDER: the folder $tmp/NAME
outputs() {
	if [ -d "$2" ]; then
		ln -s "$(realpath -- "$2")" "$tmp/$1"
	else
		"$here/outputs.sh" "$2" "$root" "$tmp/$1" || exit 2
	fi
}

root=$3
outputs before "$1"
outputs now "$2"

declare -A before
while IFS=$'\t' read -r file _ command; do
	before[$command]=$file
done <"$tmp/before/index"

nr=0 bad=0
while IFS=$'\t' read -r file _ command; do
	nr=$((nr + 1))
	old=${before[$command]-}
	before[$command]=
	if [ -z "$old" ]; then
		echo "=== only now: $command"
		bad=$((bad + 1))
	elif ! cmp -s "$tmp/before/$old" "$tmp/now/$file"; then
		echo "=== $command"
		diff -u --label before --label now \
			"$tmp/before/$old" "$tmp/now/$file"
		bad=$((bad + 1))
	fi
done <"$tmp/now/index"
for command in "${!before[@]}"; do
	[ -n "${before[$command]}" ] || continue
	echo "=== only before: $command"
	bad=$((bad + 1))
done
echo "$nr commands, $bad differ"
[ $bad = 0 ]
