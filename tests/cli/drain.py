#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""drain.py FILE [NAME...:WORD...]... - check the JSON of drain, its memory or noise

Every documented key is there with its type and no other, and sums agree.
Each further argument names strategies and their properties: finished, starved,
interrupted, undisturbed, long_holds, short_holds; '*' stands for all
strategies. A named strategy must be in the file.
"""

import json
import sys

sys.dont_write_bytecode = True
from report import COUNT, RATIO, wrong  # noqa: E402

SUMS = {"count": COUNT, "us": RATIO}
CAUSES = dict.fromkeys(("ipi", "kworker", "kthread", "grace_period",
                        "pcp_lock"), SUMS | {"max_us": RATIO})
CAUSES["idle"] = SUMS

SCENE = {
    "version": (str,), "cpus": COUNT, "host_cpus": COUNT, "victim": (str,), "fill_pages": COUNT,
    "rate": RATIO, "seconds": RATIO, "bound_ms": COUNT, "ipi": (str,),
    "rcu": (str,), "grace": (str,), "ipi_mask_lock": (str,), "spill_hold": (str,),
    "starvation": (str,),
    "foreign_ms": RATIO, "foreign_works": COUNT,
}

STRATEGY = {
    "name": (str,), "finished": (bool,), "starved": (bool,), "drains": COUNT,
    "interruptions": COUNT, "interruptions_per_drain": RATIO,
    "stolen_us": RATIO, "latency_us": dict.fromkeys(("p50", "p99", "max"),
                                                    RATIO),
    "owner_pair_ns": RATIO, "owner_ratio": RATIO, "causes": CAUSES,
    "counters": dict.fromkeys(
        ("pcp_global_drain", "pcp_global_ipi_saved", "busy", "cpus_visited",
         "cpus_interrupted", "ipis", "works", "grace_periods", "misses",
         "pages", "time_ns", "time_max_ns", "mask_waits", "mask_sleeps",
         "lockups", "recursions"), COUNT),
    "cal": [COUNT],
    "spills": dict.fromkeys(
        ("holds", "pages", "hold_max", "given_up", "pages_left"), COUNT),
    "pieces": dict.fromkeys(
        ("recovers", "recovered_pages", "claims", "chunks", "chunk_pages",
         "fallback_pages", "frees_own", "frees_routed", "frees_unowned",
         "frees_busy", "frees_busy_routed", "frees_zone", "merges",
         "returned_pages", "releases"), COUNT),
}

DRAIN = SCENE | {"strategies": [STRATEGY]}

VICTIM = {
    "cpu": COUNT, "over": COUNT, "count": COUNT, "min_us": RATIO,
    "avg_us": RATIO, "max_us": RATIO, "interruptions": COUNT,
    "causes": CAUSES,
}
NOISE = SCENE | {
    "strategy": (str,), "finished": (bool,), "starved": (bool,),
    "drains": COUNT, "bucket_us": COUNT, "entries": COUNT,
    "victims": [VICTIM | {"histogram": [{"us": COUNT, "count": COUNT}]}],
}

DISTURB = ("ipi", "kworker", "kthread", "grace_period")
BUCKET = 1.04  # quantiles are known to 3 %


def sum_of(causes, key):
    return sum(causes[cause][key] for cause in DISTURB)


def check_strategy(row, bound_ms):
    latency = row["latency_us"]
    spills = row["spills"]
    yield "holds", (spills["hold_max"] <= spills["pages"] and
                    spills["holds"] <= spills["pages"])
    pieces = row["pieces"]
    yield "pieces", (row["name"] == "pcp_buddy") == any(pieces.values())
    yield "busy", pieces["frees_busy_routed"] <= pieces["frees_busy"]
    yield "claims", pieces["releases"] <= pieces["claims"]
    yield "left", (spills["given_up"] > 0) == (spills["pages_left"] > 0)
    yield "both or neither", row["finished"] != row["starved"]
    yield "no drain", row["drains"] > 0 or row["starved"]
    yield "causes", row["interruptions"] == sum_of(row["causes"], "count")
    yield "times", abs(row["stolen_us"] - sum_of(row["causes"], "us")) < 0.1
    yield "owner", row["owner_pair_ns"] > 0 and row["owner_ratio"] > 0
    yield "p50", latency["p50"] <= latency["p99"] * BUCKET
    yield "p99", latency["p99"] <= latency["max"] * BUCKET
    if row["name"] == "ipi_all":
        yield "base", row["owner_ratio"] == 1
    if row["name"].startswith("ipi") and not row["starved"]:
        yield "cal", sum(row["cal"]) == row["counters"]["ipis"]
        yield "cal of the drainer", row["cal"][0] == 0
    if row["starved"]:
        yield "starved early", latency["max"] >= bound_ms * 1000
    else:
        yield "latency", 0 < latency["p50"]
        yield "per drain", abs(row["interruptions_per_drain"] * row["drains"] -
                               row["interruptions"]) < 0.01
        yield "pages", row["counters"]["pages"] > 0


def check_victim(row, width, entries):
    buckets = row["histogram"]
    counts = sum(bucket["count"] for bucket in buckets)
    yield "buckets", counts + row["over"] == row["count"]
    yield "width", all(bucket["us"] % width == 0 and
                       bucket["us"] < width * entries for bucket in buckets)
    yield "empty", all(bucket["count"] for bucket in buckets)
    yield "order", row["min_us"] <= row["avg_us"] <= row["max_us"]
    yield "cause", row["interruptions"] == sum_of(row["causes"], "count")


WORDS = {
    "finished": lambda row: row["finished"],
    "starved": lambda row: row["starved"],
    "interrupted": lambda row: row["interruptions"] > 0,
    "undisturbed": lambda row: row["interruptions"] == 0,
    # A batch of the scene is 63 pages.
    "long_holds": lambda row: row["spills"]["hold_max"] > 1000,
    "short_holds": lambda row: 0 < row["spills"]["hold_max"] <= 63,
}


def check_words(rows, arguments):
    by_name = {row["name"]: row for row in rows}
    for argument in arguments:
        names, words = argument.split(":")
        for name in by_name if names == "*" else names.split(","):
            for word in words.split(","):
                yield f"{name} {word}", \
                    name in by_name and WORDS[word](by_name[name])


def check_noise(report):
    """Like wrong(), but accepts an empty histogram."""
    spare = [{"us": 0, "count": 0}]
    filled = [victim | {"histogram": victim.get("histogram") or spare}
              for victim in report.get("victims", [])]
    lines = wrong(report | {"victims": filled}, NOISE, "noise")
    for victim in [] if lines else report["victims"]:
        lines += [f"CPU {victim['cpu']}: {name}" for name, good in
                  check_victim(victim, report["bucket_us"], report["entries"])
                  if not good]
    return lines


def check_drain(report, arguments):
    lines = wrong(report, DRAIN, "drain")
    for row in [] if lines else report["strategies"]:
        lines += [f"{row['name']}: {name}"
                  for name, good in check_strategy(row, report["bound_ms"])
                  if not good]
    if not lines:
        lines = [f"not so: {name}" for name, good in
                 check_words(report["strategies"], arguments) if not good]
    return lines


BYTES = dict.fromkeys(("list", "cpu", "pair", "machine", "threads", "total"),
                      COUNT)


def check_memory(report):
    lines = wrong(report, {"version": (str,), "cpus": COUNT, "zones": COUNT,
                           "memory": [{"name": (str,), "here": BYTES,
                                       "kernel": (dict, type(None))}]},
                  "memory")
    cpus = report["cpus"]
    for row in report["memory"]:
        for where in ("here", "kernel"):
            need = row[where]
            if need is None:
                continue
            lines += wrong(need, BYTES, f"{row['name']}.{where}")
            if need["total"] != need["list"] * cpus * report["zones"] + \
                    need["cpu"] * cpus + need["pair"] * cpus ** 2 + \
                    need["machine"]:
                lines.append(f"{row['name']}.{where}: total")
    return lines


def main(arguments):
    with open(arguments[0], encoding="utf-8") as file:
        report = json.load(file)
    lines = check_memory(report) if "memory" in report \
        else check_drain(report, arguments[1:]) if "strategies" in report \
        else check_noise(report)
    for line in lines:
        print(f"{arguments[0]}: {line}")
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
