#!/bin/bash
# SPDX-License-Identifier: MIT
#
# The outputs of pcpmm on every bundled input, to show that a change which must
# not change the program's behaviour has not, byte for byte.
#
# usage: outputs.sh PROGRAM SOURCE_ROOT OUT_DIR
#            Writes a file per command into OUT_DIR: standard output, standard
#            error, exit status; OUT_DIR/index has a line per command: the file,
#            the exit status, the command line.
#        outputs.sh --digest PROGRAM SOURCE_ROOT
#            Prints a line per command: the first 16 digits of the SHA-256 of
#            its file, and the command line. expected.txt is such an output.
#        outputs.sh --check PROGRAM SOURCE_ROOT
#            Compares these lines with expected.txt and names each command
#            whose line differs; exit status 1 if one does.
#
# compare.sh shows how the outputs of two programs differ. commands.sh has the
# commands, inputs.sh the inputs that are not in the tree.
#
# Equal digests show that all these commands print and return the same as when
# the record was made. They do not show that this is right; the other tests do.
# They do not cover these outputs, which are left out as they differ from run to
# run:
#
#   - the measurements of drain, noise and fold: only help and refusals of these
#     commands are in the record
#   - replay --mode threads: the order of the threads differs
#   - the timelines of the stories that commands.sh lists in `varying`: these
#     have counts of real threads; their verdicts are compared
#   - the story that commands.sh lists in `racing`
#   - times, speeds, the memory of the process, the size of per-CPU data and
#     the version: replaced by the word LEFT-OUT
#   - the digits of a JSON number beyond the ninth, and libarchive's message
#     about a bad archive: both depend on the version of a library
#
# The check skips a command whose exit status is 77: it can not run on this
# host.
set -u

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/outputs/inputs.sh
. "$here/inputs.sh"
# shellcheck source=tests/outputs/commands.sh
. "$here/commands.sh"

usage() {
	sed -n '/^# usage/,/^#$/s/^# \{0,1\}//p' "$here/outputs.sh" >&2
	exit 2
}

# --- parts that differ from run to run ---------------------------------------

out_times() {
	sed -E 's/^\[ *[0-9]+\.[0-9]{3} ms\]/[LEFT-OUT]/
		s/(^|\| ) *[0-9]+\.[0-9]{3}  /\1LEFT-OUT  /g'
}

out_speed() {
	sed -E 's/^(speed  +).*/\1LEFT-OUT/
		s/^ +[0-9.]+ s to read, .*/LEFT-OUT/'
}

out_json() {
	awk 'match($0, /: -?[0-9]+\.[0-9][-+.e0-9]*/) {
			number = substr($0, RSTART + 2, RLENGTH - 2)
			number = /"(lines_per_s|read_seconds|seconds)"/ ? "LEFT-OUT" : sprintf("%.9g", number)
			$0 = substr($0, 1, RSTART + 1) number \
				substr($0, RSTART + RLENGTH)
		}
		{ print }'
}

out_footprint() {
	sed -E 's/(created in |, |resident )[0-9.]+( ms;| KiB per-CPU| MiB$)/\1LEFT-OUT\2/g'
}

out_version() {
	sed -E 's/^(pcpmm )[0-9].*/\1LEFT-OUT/'
}

out_archive() {
	sed -E 's/^(pcpmm replay: [^:]*: ).*/\1LEFT-OUT/'
}

# --- one command ---------------------------------------------------------------

# The command line as a shell reads it, in $line.
write_line() {
	local word
	line=pcpmm
	for word; do
		case $word in
		'' | *[!-A-Za-z0-9_./=,:+@%]*) word="'$word'" ;;
		esac
		line+=" $word"
	done
	[ -z "${columns-}" ] || line="COLUMNS=$columns $line"
	[ -z "${input-}" ] || line+=" <$input"
	[ -z "${output-}" ] || line+=" >$output"
}

# run ARGUMENT...: the program's output and status into the next file.
# Variables before it change one command: `without` names the filters above
# that the output goes through, `input` is the standard input, `columns` the
# width of the terminal, `output` takes the standard output instead of the
# file, `written` is a file that the program writes.
run() {
	local file line filter status=0
	printf -v file '%04d.txt' $((++nr))
	write_line "$@"
	: >"$out/$file"
	COLUMNS=${columns-132} "$program" "$@" <"${input-/dev/null}" \
		>"${output-$out/$file}" 2>"$work/err" || status=$?
	{
		echo "--- standard error"
		[ ! -s "$work/err" ] || cat "$work/err"
		if [ -n "${written-}" ]; then
			echo "--- $written"
			cat "$written" 2>&1
			rm -f "$written"
		fi
		echo "--- status $status"
	} >>"$out/$file"
	for filter in ${without-}; do
		"out_$filter" <"$out/$file" >"$work/filtered"
		mv "$work/filtered" "$out/$file"
	done
	printf '%s\t%s\t%s\n' "$file" "$status" "$line" >>"$out/index"
}

# run_all PROGRAM SOURCE_ROOT OUT_DIR: in a folder in which all inputs have the
# same names everywhere
run_all() {
	local root again
	program=$(realpath -- "$1") || exit 2
	root=$(realpath -- "$2") || exit 2
	mkdir -p "$3" || exit 2
	out=$(realpath -- "$3")
	rm -f "$out"/[0-9]*.txt "$out/index"
	nr=0
	work=$(mktemp -d)
	mkdir "$work/at"
	(
		trap 'rm -rf "$work"' EXIT
		export LC_ALL=C TERM=dumb
		cd "$work/at" || exit 2
		make_inputs "$root" || exit 2
		all_commands
	) || exit 2
	again=$(cut -f3 "$out/index" | sort | uniq -d)
	if [ -n "$again" ]; then
		printf 'outputs.sh: there twice: %s\n' "$again" >&2
		exit 2
	fi
}

# digests OUT_DIR: a line per command
digests() {
	(cd "$1" && cut -f1 index | xargs sha256sum) | cut -c1-16 |
		paste -d' ' - <(cut -f3 "$1/index")
}

# --- a program and the record ----------------------------------------------------

# differs OUT_DIR WHAT COMMAND [FILE]: the first commands with their output
differs() {
	echo "$2: $3"
	if [ -n "${4-}" ] && [ $((++shown)) -le 5 ]; then
		head -n 12 "$1/$4" | cut -c1-120 | sed 's/^/    | /'
	fi
	bad=$((bad + 1))
}

# check OUT_DIR: against expected.txt
check() {
	local digest command file status bad=0 skipped=0 shown=0
	declare -A recorded
	while read -r digest command; do
		[ "$digest" = '#' ] || recorded[$command]=$digest
	done <"$here/expected.txt"
	while IFS=$'\t' read -r digest file status command; do
		if [ "$status" = 77 ]; then
			skipped=$((skipped + 1))
			echo "can not run here: $command"
		elif [ -z "${recorded[$command]-}" ]; then
			differs "$1" "not in the record" "$command"
		elif [ "${recorded[$command]}" != "$digest" ]; then
			differs "$1" "differs" "$command" "$file"
		fi
		recorded[$command]=
	done < <(paste <(digests "$1" | cut -c1-16) "$1/index")
	for command in "${!recorded[@]}"; do
		[ -z "${recorded[$command]}" ] ||
			differs "$1" "only in the record" "$command"
	done
	echo "$(wc -l <"$1/index") commands, $bad differ, $skipped can not run here"
	[ $bad = 0 ] && return
	cat <<-END

	The program does not print what tests/outputs/expected.txt records.
	To see how an output differs, build the program of the commit before and:
	    tests/outputs/compare.sh PROGRAM_BEFORE PROGRAM_NOW SOURCE_ROOT
	If the change is on purpose, renew the record, and say in the commit why:
	    tests/outputs/outputs.sh --digest PROGRAM_NOW SOURCE_ROOT >digests &&
	        mv digests tests/outputs/expected.txt
	END
	return 1
}

print_record() {
	echo "# SPDX-License-Identifier: MIT"
	echo "# Written by outputs.sh --digest: what each command printed."
	digests "$1"
}

mode=
case ${1-} in
--digest | --check)
	mode=$1
	shift
	[ $# = 2 ] || usage
	;;
*)
	[ $# = 3 ] || usage
	run_all "$@"
	exit 0
	;;
esac

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
run_all "$1" "$2" "$folder"
case $mode in
--digest) print_record "$folder" ;;
--check) check "$folder" ;;
esac
