#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""fold.py FILE [NAME...:WORD...]... - check the JSON of fold

Every documented key is there with its type and no other, and what must hold
does: no error beyond its bound, sizes as the kernel's. Each further argument
names folds and what is true of each of them: finished, starved, interrupted,
undisturbed. A fold that is named must be there, and no other.
"""

import json
import sys

sys.dont_write_bytecode = True
from drain import BUCKET, CAUSES, check_words, sum_of  # noqa: E402
from report import COUNT, RATIO, wrong  # noqa: E402

SIZES = dict.fromkeys(("zone", "node"), COUNT)

FOLD = {
    "name": (str,), "finished": (bool,), "starved": (bool,), "folds": COUNT,
    "us": RATIO, "us_p99": RATIO, "us_max": RATIO, "interruptions": COUNT,
    "interruptions_per_fold": RATIO, "stolen_us": RATIO, "error_max": COUNT,
    "error_bound": COUNT, "causes": CAUSES,
}

REPORT = {
    "version": (str,), "cpus": COUNT, "host_cpus": COUNT, "victim": (str,),
    "rate": RATIO, "seconds": RATIO, "bound_ms": COUNT,
    "account": [{"name": (str,), "width": (str,), "ns": RATIO,
                 "ratio": RATIO, "shared_lines": RATIO}],
    "beside": dict.fromkeys(
        ("call_ns", "unguarded_s8_ns", "unguarded_s32_ns", "increment_ns",
         "atomic_ns", "contended_ns"), RATIO),
    "fold": [FOLD], "pair_ratio": RATIO,
    "pairs": [{"order": COUNT, "name": (str,)} | dict.fromkeys(
        ("ns", "ratio", "ratio_min", "ratio_max"), RATIO)],
    "bytes": {"s8": SIZES, "s32": SIZES},
}

ACCOUNTS = ["local_cmpxchg", "irqoff", "lock_cmpxchg"]
# Linux 6.1, with NUMA events, and the same with wider diffs
BYTES = {"s8": {"zone": 64, "node": 44}, "s32": {"zone": 96, "node": 176}}

def check_fold(row, report):
    yield "both or neither", row["finished"] != row["starved"]
    yield "no fold", row["folds"] > 0 or row["starved"]
    yield "causes", row["interruptions"] == sum_of(row["causes"], "count")
    yield "times", abs(row["stolen_us"] - sum_of(row["causes"], "us")) < 0.1
    yield "error", 0 < row["error_max"] <= row["error_bound"]
    yield "bound", row["error_bound"] % report["cpus"] == 0
    yield "p50", 0 < row["us"] <= row["us_p99"] * BUCKET
    yield "p99", row["us_p99"] <= row["us_max"] * BUCKET
    if row["starved"]:
        yield "starved early", row["us_max"] >= report["bound_ms"] * 1000
    else:
        yield "per fold", abs(row["interruptions_per_fold"] * row["folds"] -
                              row["interruptions"]) < 0.01


def check_report(report):
    pairs = report["pairs"]
    yield "accounts", [(row["name"], row["width"])
                       for row in report["account"]] == \
        [(name, width) for name in ACCOUNTS for width in ("s8", "s32")]
    # Threshold 30: two lines every 31 updates, for each account.
    yield "traffic", all(abs(row["shared_lines"] - 2 / 31) < 1e-9
                         for row in report["account"])
    yield "call", report["beside"]["call_ns"] > 0
    yield "bytes", report["bytes"] == BYTES
    yield "pairs", [(row["order"], row["name"]) for row in pairs] == \
        [(order, name) for order in (0, 4) for name in ACCOUNTS]
    yield "pair times", all(
        row["ns"] > 0 and
        0 < row["ratio_min"] <= row["ratio"] <= row["ratio_max"]
        for row in pairs)
    yield "base", all(row["ratio"] == 1 for row in pairs
                      if row["name"] == "local_cmpxchg")
    yield "pair ratio", report["pair_ratio"] == \
        [row["ratio"] for row in pairs if row["order"] == 0][2]


def check_named(rows, arguments):
    named = {name for argument in arguments
             for name in argument.split(":")[0].split(",")}
    yield "folds that nobody asked for", \
        named == {row["name"] for row in rows}
    yield from check_words(rows, arguments)


def main(arguments):
    with open(arguments[0], encoding="utf-8") as file:
        report = json.load(file)
    # null: not measured, as the host had no second CPU.
    beside = dict(report.get("beside", {}))
    if beside.get("contended_ns", 0) is None:
        beside["contended_ns"] = 0
    lines = wrong(report | {"beside": beside}, REPORT, "fold")
    if not lines:
        lines = [name for name, good in check_report(report) if not good]
        for row in report["fold"]:
            lines += [f"{row['name']}: {name}"
                      for name, good in check_fold(row, report) if not good]
        lines += [f"not so: {name}" for name, good in
                  check_named(report["fold"], arguments[1:]) if not good]
    for line in lines:
        print(f"{arguments[0]}: {line}")
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
