#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""forge.py KIND [N] - a trace (stdin to stdout) as another kernel had written it

The edits are consistent: every page is still allocated, freed, drained and refilled
as often and in an order in which that is possible. What changes is the rule.

refill-early N    each refill comes N allocations of its list earlier
spill-early N     each bulk free comes N frees of its CPU earlier
spill-late N      each bulk free comes N frees of its CPU later
spontaneous N     N pages of each bulk free are freed before it, for no reason
refill-reversed   each refill brings its pages in the reverse order
spill-reversed    each bulk free takes its pages in the reverse order
no-probe NAME     the lines of the probe NAME and of its return are missing
"""

import re
import sys

LINE = re.compile(r"\[(\d+)\].*?\d: (\w+): ")
PFN = re.compile(r"pfn=0x([0-9a-f]+)")
ORDER = re.compile(r"order=(\d+)")
TYPE = re.compile(r"(?:migratetype|mt)=(\d+)")
COUNT = re.compile(r" count=(\d+)")


class Event:
    def __init__(self, text):
        match = LINE.search(text)
        self.text = text
        self.cpu = int(match.group(1)) if match else -1
        self.name = match.group(2) if match else ""

    def number(self, regex, base=10):
        match = regex.search(self.text)
        return int(match.group(1), base) if match else None

    def pfn(self):
        return self.number(PFN, 16)

    def list(self):
        return self.cpu, self.number(ORDER), self.number(TYPE)


def moved(events, moves):
    """Events whose groups (at, indices, edit) stand behind the event `at`."""
    gone = {i for _, group, _ in moves for i in group}
    behind = {}
    for at, group, edit in moves:
        behind.setdefault(at, []).append((group, edit))
    out = []
    for i, event in enumerate(events):
        if i not in gone:
            out.append(event.text)
        for group, edit in behind.get(i, ()):
            out += [edit(events[j]) for j in group]
    return out


def touched(events):
    """pfn -> indices of the lines that are about it."""
    lines = {}
    for i, event in enumerate(events):
        if event.name.startswith("mm_page") and event.pfn() is not None:
            lines.setdefault(event.pfn(), []).append(i)
    return lines


def is_busy(lines, pfns, first, last):
    return any(first < i < last for pfn in pfns for i in lines.get(pfn, ()))


def groups(events, first, inner, last=None):
    """Indices of runs: `first`, then `inner` lines, then `last`, of one CPU."""
    under_way, done = {}, []
    for i, event in enumerate(events):
        if event.name == first:
            under_way[event.cpu] = [i]
            done.append(under_way[event.cpu])
        elif event.cpu in under_way and event.name in inner:
            under_way[event.cpu].append(i)
        elif event.cpu in under_way and event.name == last:
            under_way.pop(event.cpu).append(i)
        elif event.name:
            under_way.pop(event.cpu, None)
    return done


def refill_groups(events):
    return groups(events, "refill",
                  ("mm_page_alloc_zone_locked", "mm_page_alloc_extfrag"),
                  "refill_ret")


def bulk_groups(events):
    return groups(events, "free_bulk", ("mm_page_pcpu_drain",))


def pages(events, group):
    return [events[i].pfn() for i in group
            if events[i].name in ("mm_page_alloc_zone_locked",
                                  "mm_page_pcpu_drain")]


def refill_early(events, blocks):
    lines, moves = touched(events), []
    allocs, stops = {}, {}
    starts = {group[0]: group for group in refill_groups(events)}
    for i, event in enumerate(events):
        if i in starts:
            group = starts[i]
            before = allocs.get(event.list(), [])[-blocks:]
            if len(before) == blocks and before[0] > stops.get(event.cpu, -1) \
                    and not is_busy(lines, pages(events, group), before[0],
                                    i):
                moves.append((before[0] - 1, group, lambda e: e.text))
            stops[event.cpu] = group[-1]
        elif event.name in ("free_bulk", "bulk_alloc"):
            stops[event.cpu] = i
        elif event.name == "mm_page_alloc":
            allocs.setdefault(event.list(), []).append(i)
    return moved(events, moves)


def other_count(event, by):
    return COUNT.sub(lambda m: f" count={int(m.group(1)) + by}", event.text)


def spill_shifted(events, frees):
    """frees > 0: later. Only where nothing but frees lies between."""
    lines, moves = touched(events), []
    plain = {}  # CPU -> batched frees since its last other line
    waiting = {}  # CPU -> group that waits for more frees
    starts = {group[0]: group for group in bulk_groups(events)}
    inside = {i for group in starts.values() for i in group}
    for i, event in enumerate(events):
        cpu = event.cpu
        if i in starts:
            before = plain.get(cpu, [])
            if frees > 0:
                waiting[cpu] = (starts[i], [])
            elif len(before) > -frees and not is_busy(
                    lines, pages(events, starts[i]), before[frees - 1], i):
                moves.append((before[frees - 1], starts[i],
                              lambda e: other_count(e, frees)))
            plain[cpu] = []
        elif i in inside or not event.name:
            continue
        elif event.name == "mm_page_free_batched":
            plain.setdefault(cpu, []).append(i)
            if cpu in waiting:
                group, seen = waiting[cpu]
                seen.append(i)
                if len(seen) == frees:
                    if not is_busy(lines, pages(events, group), group[-1], i):
                        moves.append((i, group,
                                      lambda e: other_count(e, frees)))
                    del waiting[cpu]
        elif event.name != "mm_page_free":
            plain[cpu] = []
            waiting.pop(cpu, None)
    return moved(events, moves)


def spontaneous(events, size):
    lines, moves, allocs = touched(events), [], {}
    starts = {group[0]: group for group in bulk_groups(events)}
    heads = []
    for i, event in enumerate(events):
        if event.name == "mm_page_alloc":
            allocs[event.cpu] = i
        if i not in starts or len(starts[i]) < size + 2:
            continue
        part = starts[i][1:1 + size]
        at = allocs.get(event.cpu)
        if at is None or is_busy(lines, pages(events, part), at, i):
            continue
        head = re.sub(r" n=\d+", f" n={size}", event.text)
        heads.append((at, head, part))
        moves.append((at, part, lambda e: e.text))
    return with_heads(events, moves,
                      {part[0]: head for _, head, part in heads})


def with_heads(events, moves, first):
    """Moved, with a line of the probe before each group's first page."""
    place = {id(events[i]): i for i in first}
    return moved(events, [
        (at, group,
         lambda e: first.get(place.get(id(e)), "") + e.text)
        for at, group, _ in moves])


def reversed_pages(events, found, name):
    """The lines `name` of each group change their pages, first with last."""
    out = [event.text for event in events]
    for group in found:
        part = [i for i in group if events[i].name == name]
        for i, j in zip(part, reversed(part)):
            out[i] = PFN.sub(lambda _, j=j: f"pfn=0x{events[j].pfn():x}",
                             events[i].text)
    return out


def without(events, name):
    return [event.text for event in events
            if event.name not in (name, name + "_ret")]


def forge(kind, value, events):
    number = int(value) if value.isdigit() else 0
    if kind == "refill-early":
        return refill_early(events, number)
    if kind == "spill-early":
        return spill_shifted(events, -number)
    if kind == "spill-late":
        return spill_shifted(events, number)
    if kind == "spontaneous":
        return spontaneous(events, number)
    if kind == "refill-reversed":
        return reversed_pages(events, refill_groups(events),
                              "mm_page_alloc_zone_locked")
    if kind == "spill-reversed":
        return reversed_pages(events, bulk_groups(events),
                              "mm_page_pcpu_drain")
    if kind == "no-probe":
        return without(events, value)
    sys.exit(f"forge.py: unknown kind {kind}")


def main():
    value = sys.argv[2] if len(sys.argv) > 2 else "0"
    events = [Event(line) for line in sys.stdin]
    sys.stdout.writelines(forge(sys.argv[1], value, events))


if __name__ == "__main__":
    main()
