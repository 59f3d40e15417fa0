#!/bin/sh
# SPDX-License-Identifier: MIT
#
# expect.sh PROGRAM PATTERN... - run an example; it must succeed, and print a
# line for each basic regular expression.

program=$1
shift
if ! output=$("$program"); then
    echo "$program: failed, after:" >&2
    echo "$output" >&2
    exit 1
fi
for pattern; do
    if ! echo "$output" | grep -e "$pattern" >/dev/null; then
        echo "$program: no line matches '$pattern' in:" >&2
        echo "$output" >&2
        exit 1
    fi
done
