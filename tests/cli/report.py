#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""report.py FILE [--agree R] [--frames R] [...] - check a replay's JSON

Every documented key is there with its type and no other, all pages are
accounted for, and with --agree the simulation did at least that part of what
was recorded (of which there must be some). With --frames every kind of frames must
have at least that part right, with --frames-below none may. With --end N at most N numbers of each file may differ from
the copy after the run, with --end-differs more than one must.
"""

import argparse
import json
import sys

COUNT = (int,)
RATIO = (float, int)
MAYBE = (int, type(None))
PART_OF = (float, int, type(None)) # null: nothing was recorded

PART = dict.fromkeys(
    ("recorded_calls", "recorded_pages", "simulated_calls",
     "simulated_pages", "matched_calls", "matched_pages"), COUNT)

ZONE = {
    "node": COUNT, "zone": (str,), "allocs": COUNT, "alloc_pages": COUNT,
    "frees": COUNT, "freed_pages": COUNT, "cross_cpu_frees": COUNT,
    "refill": PART, "bulk_free": PART,
}

REPORT = {
    "lines": COUNT, "events": COUNT, "lines_per_s": RATIO,
    "read_seconds": RATIO, "mode": (str,),
    "preset": (str,), "free_memory_from": (str, type(None)),
    "leaked_pages": COUNT, "failed_allocations": COUNT,
    "refused_frees": COUNT, "unknown_lines": COUNT, "lost_events": COUNT,
    "back_lines": COUNT,
    "valid": (bool,),
    "cpus": [{"cpu": COUNT, "zones": [ZONE]}],
    "agreement": dict.fromkeys(
        ("count_resync_exact", "count_closed_exact", "refill_calls",
         "refill_pages", "bulk_free_calls", "bulk_free_pages"), PART_OF),
    "frames": {
        "alloc": PART_OF, "alloc_n": COUNT, "locked": PART_OF,
        "locked_n": COUNT, "drained": PART_OF, "drained_n": COUNT,
    },
    "after": {
        "counts": MAYBE, "counts_n": COUNT, "buddyinfo": MAYBE,
        "buddyinfo_n": COUNT, "pagetypeinfo": MAYBE,
        "pagetypeinfo_n": COUNT, "marks": (bool,),
    },
    "inferred": dict.fromkeys(
        ("list_blocks", "list_blocks_never_seen", "held_blocks",
         "free_pages_seen", "free_pages_by_number", "free_pages_by_place",
         "free_pages_missing",
         "bulk_pages_without_probe", "frees_on_voted_list"), COUNT),
    "adjusted": dict.fromkeys(
        ("early", "bulk_pages_without_probe", "forced_by_refill",
         "forced_by_page", "forced_by_free", "settled", "flags_raised",
         "flags_lowered", "marks", "states", "drains", "frees_on_voted_list",
         "fitted_refills", "fitted_spills", "free_factors",
         "free_factors_unknown", "free_pages_not_placed",
         "free_pages_moved", "free_frames_disputed", "pageblocks_guessed",
         "free_pages_on_other_lists", "astray", "live_again"), COUNT),
}


def wrong(value, shape, path):
    """Differences of value from shape; one line each."""
    if isinstance(shape, dict):
        if not isinstance(value, dict):
            return [f"{path}: not an object"]
        lines = [f"{path}: no '{key}'" for key in shape if key not in value]
        lines += [f"{path}: unknown '{key}'"
                  for key in value if key not in shape]
        for key in shape.keys() & value.keys():
            lines += wrong(value[key], shape[key], f"{path}.{key}")
        return lines
    if isinstance(shape, list):
        if not isinstance(value, list) or not value:
            return [f"{path}: not a list with something in it"]
        return [line for i, item in enumerate(value)
                for line in wrong(item, shape[0], f"{path}[{i}]")]
    if not isinstance(value, shape) or \
            isinstance(value, bool) != (shape == (bool,)):
        return [f"{path}: {value!r} is of the wrong type"]
    return []


def books(report):
    """Sums that must hold for any trace."""
    lines = [f"{key}: {report[key]}"
             for key in ("leaked_pages", "refused_frees") if report[key]]
    if not report["valid"]:
        lines.append("the machine does not add up")
    lines += [f"{key}: {value} is no ratio"
              for key, value in report["agreement"].items()
              if value is not None and not 0 <= value <= 1]
    frames = report["frames"]
    lines += [f"{key}: {frames[key]} of {frames[key + '_n']}"
              for key in ("alloc", "locked", "drained")
              if (frames[key] is None) != (frames[key + "_n"] == 0)]
    if [cpu["cpu"] for cpu in report["cpus"]] != \
            list(range(len(report["cpus"]))):
        lines.append("cpus are not numbered from 0")
    return lines


def disagreements(report, least, least_counts):
    zones = [zone for cpu in report["cpus"] for zone in cpu["zones"]]
    lines = [f"no {what} was recorded" for what in ("refill", "bulk_free")
             if not sum(zone[what]["recorded_calls"] for zone in zones)]
    for key, value in report["agreement"].items():
        floor = least_counts if key.startswith("count_") else least
        if value is None or value < floor:
            lines.append(f"{key}: {value}, expected {floor} at least")
    return lines


def strangers(frames, least):
    return [f"frames.{key}: {frames[key]}, expected {least} at least"
            for key in ("alloc", "locked", "drained")
            if not frames[key + "_n"] or frames[key] < least]


def strange_end(after, off):
    """More than `off` numbers of a file differ from the copy after the run."""
    return [f"after.{key}: {after[key]} of {after[key + '_n']}"
            for key in ("counts", "buddyinfo", "pagetypeinfo")
            if not after[key + "_n"] or after[key] + off < after[key + "_n"]]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("file")
    parser.add_argument("--agree", type=float)
    parser.add_argument("--agree-counts", type=float)
    parser.add_argument("--frames", type=float)
    parser.add_argument("--frames-below", type=float)
    parser.add_argument("--end", type=int)
    parser.add_argument("--end-differs", action="store_true")
    args = parser.parse_args()
    with open(args.file, encoding="utf-8") as file:
        report = json.load(file)
    lines = wrong(report, REPORT, "report") or books(report)
    if not lines and args.agree is not None:
        counts = args.agree if args.agree_counts is None \
            else args.agree_counts
        lines = disagreements(report, args.agree, counts)
    if not lines and args.frames is not None:
        lines = strangers(report["frames"], args.frames)
    if not lines and args.frames_below is not None:
        lines = [f"frames.{key}: {report['frames'][key]}, expected less"
                 for key in ("alloc", "locked", "drained")
                 if report["frames"][key] >= args.frames_below]
    if not lines and args.end is not None:
        lines = strange_end(report["after"], args.end)
    if not lines and args.end_differs and \
            not strange_end(report["after"], 1):
        lines = [f"after: {report['after']}, expected less"]
    for line in lines:
        print(f"{args.file}: {line}")
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main())
