#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""cut.py PART TRACE - a line number near PART (0..1) of TRACE where it can end

Some lines belong together: the two of a batched free, a refill and the allocation
that caused it, a free and the pages that it drained. A trace that ends between them says less of the first.
Printed is the first line number behind that part at which no two such lines are
cut apart.
"""

import re
import sys

LINE = re.compile(r"\[(\d+)\].*?\d: (\w+): (.*)")


def spans(lines):
    """(first, last) of lines that belong together."""
    freed, refilled, bulk, drain = {}, {}, {}, {}
    for number, line in enumerate(lines, 1):
        match = LINE.search(line)
        if not match:
            continue
        cpu, name, rest = match.groups()
        pfn = re.search(r"pfn=(\w+)", rest)
        if name in ("free_bulk", "mm_page_pcpu_drain"):
            yield drain.get(cpu, number - 1), number
            drain[cpu] = number
        else:
            drain.pop(cpu, None)
        if name == "mm_page_free":
            freed[pfn.group(1)] = number
        elif name in ("mm_page_free_batched", "free_one"):
            first = freed.pop(pfn.group(1) if pfn else "", None)
            if first:
                yield first, number
        elif name == "refill":
            refilled[cpu] = number
        elif name == "bulk_alloc":
            bulk[cpu] = number
        elif name == "bulk_alloc_ret" and cpu in bulk:
            yield bulk.pop(cpu), number
        elif name == "mm_page_alloc" and cpu in refilled:
            yield refilled.pop(cpu), number


def main():
    part, path = float(sys.argv[1]), sys.argv[2]
    with open(path, encoding="utf-8", errors="replace") as file:
        lines = file.readlines()
    inside = bytearray(len(lines) + 2)
    for first, last in spans(lines):
        for number in range(first, last):
            inside[number] = 1
    at = int(len(lines) * part)
    while inside[at]:
        at += 1
    print(at)


if __name__ == "__main__":
    main()
