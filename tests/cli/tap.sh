# SPDX-License-Identifier: MIT
#
# Shared by the scripts in this folder: checks that number themselves in TAP, a
# folder for their files, and the two kinds of result of the program. To be
# sourced after $pcpmm (the program) is set; ends with `tap_done`.

tap_nr=0
tap_bad=0
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

# result STATUS NAME: one line; on failure also the program's output
result() {
	tap_nr=$((tap_nr + 1))
	if [ "$1" = 0 ]; then
		echo "ok $tap_nr - ${2//#/}"
		return
	fi
	tap_bad=$((tap_bad + 1))
	echo "not ok $tap_nr - ${2//#/}"
	head -n 20 "$tmp/out" "$tmp/err" 2>/dev/null | sed 's/^/# /'
}

# check NAME COMMAND...: the command succeeds
check() {
	local name=$1 got=0
	shift
	"$@" >"$tmp/out" 2>"$tmp/err" || got=$?
	result "$got" "$name"
}

# Sanitizers also end a program with status 1, but print a report.
is_clean() {
	! grep -qE 'Sanitizer|runtime error' "$tmp/err"
}

answer() {
	got=0
	"$pcpmm" "$@" >"$tmp/out" 2>"$tmp/err" || got=$?
}

# says STATUS TEXT ARGUMENT...: the exit status, and TEXT in the output
says() {
	local want=$1 text=$2 got
	shift 2
	answer "$@"
	[ "$got" = "$want" ] && is_clean &&
		cat "$tmp/out" "$tmp/err" | grep -F -- "$text" >/dev/null
	result $? "status $want: '$text'"
}

# refuses STATUS TEXT ARGUMENT...: TEXT on stderr, and nothing on stdout
refuses() {
	local want=$1 text=$2 got
	shift 2
	answer "$@"
	[ "$got" = "$want" ] && is_clean && [ ! -s "$tmp/out" ] &&
		grep -qF -- "$text" "$tmp/err"
	result $? "refused, $want: '$text'"
}

# proven CHECKER 'CHECK...' NAME ARGUMENT...: succeeds, prints nothing on
# stderr, and $here/CHECKER accepts its JSON
proven() {
	local checker=$1 checks=$2 name=$3 got
	shift 3
	answer "$@" --json -
	if [ "$got" = 0 ] && is_clean && [ ! -s "$tmp/err" ]; then
		cp "$tmp/out" "$tmp/json"
		# shellcheck disable=SC2086 # several words
		python3 "$here/$checker" "$tmp/json" $checks \
			>"$tmp/out" 2>&1
		got=$?
	elif [ "$got" = 0 ]; then
		got=1
	fi
	result "$got" "$name"
}

# skipped NAME WHY: checks that cannot be made here
skipped() {
	tap_nr=$((tap_nr + 1))
	echo "ok $tap_nr - $1 # SKIP $2"
}

tap_done() {
	echo "1..$tap_nr"
	[ "$tap_bad" = 0 ]
}
