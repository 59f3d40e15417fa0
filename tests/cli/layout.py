#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""layout.py NAME RECORDED PRINTED - has PRINTED the layout of RECORDED?

Both are copies of /proc/NAME, maybe of different machines. Numbers are masked.
The program compares the sequence of lines of each kind of paragraph (a
populated zone, an unpopulated one, a node's statistics, a CPU's lists), with
every label, blank and column; in buddyinfo and pagetypeinfo, where numbers are
in columns, also the width of each column.
"""

import re
import sys

NUMBER = re.compile(r"(?<![A-Za-z0-9_])-?\d+")
COLUMN = re.compile(r"(?<![A-Za-z0-9_,]) *\d+(?= |$)")
# The width of these is compared, the zone or node is not.
WIDTH = re.compile(r"(zone|Node) +\w+")


def width(line):
    return WIDTH.sub(lambda m: f"{m.group(1)}{{{len(m.group(0))}}}", line)


def add(kinds, kind, lines):
    kinds.setdefault(kind, set()).add(tuple(lines))


def zoneinfo(text):
    """Kind of paragraph -> its shapes; one, if all are equal."""
    kinds = {}
    for part in re.split(r"^(?=Node )", text, flags=re.M)[1:]:
        lines = [NUMBER.sub("N", line) for line in part.splitlines()]
        add(kinds, "head", [width(lines[0])])
        cpus = [i for i, line in enumerate(lines) if line == "    cpu: N"]
        if cpus:
            end = next(i for i, line in enumerate(lines)
                       if line.startswith("  node_unreclaimable"))
            for first, last in zip(cpus, cpus[1:] + [end]):
                add(kinds, "cpu", lines[first:last])
            lines = lines[:cpus[0]] + lines[end:]
        if lines[1] == "  per-node stats":
            first = next(i for i, line in enumerate(lines)
                         if line.startswith("  pages free"))
            add(kinds, "node", lines[1:first])
            lines = lines[:1] + lines[first:]
        add(kinds, "zone" if cpus else "empty zone", lines[1:])
    return kinds


def columns(text):
    """Kind of line -> its shapes; one, if all are equal."""
    kinds = {}
    for line in text.splitlines():
        line = width(line)
        kind = re.sub(r" *\d+", "", line)
        add(kinds, kind,
            [COLUMN.sub(lambda m: f"<{len(m.group(0))}>", line)])
    return kinds


READERS = {"zoneinfo": zoneinfo, "buddyinfo": columns,
           "pagetypeinfo": columns}


def main(name, recorded, printed):
    with open(recorded, encoding="ascii") as file:
        want = READERS[name](file.read())
    with open(printed, encoding="ascii") as file:
        have = READERS[name](file.read())
    bad = 0 if have else 1
    for kind, lines in have.items():
        if kind not in want:
            print(f"{printed}: no such paragraph in {recorded}: {kind}")
            bad = 1
        elif want[kind] != lines:
            print(f"{kind}:\n  recorded {want[kind]}\n  printed  {lines}")
            bad = 1
    # An empty zone need not be in both; all other kinds must.
    for kind in want.keys() - have.keys() - {"empty zone"}:
        print(f"{printed}: no {kind}")
        bad = 1
    return bad


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
