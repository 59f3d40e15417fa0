#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""bars.py FILE CHECK... - a prediction's JSON against bars

CHECK is RUN.KEY>=N, <=N or =N, RUN closed or step, KEY a key of that run with the
number of what was scored as KEY_n; KEY=null: nothing was scored. A bar holds only
where something was scored. `books`: the machines add up. `keys`: every documented
key is there and no other. `any:CHECK,CHECK`: one of them holds.
"""

import json
import re
import sys

RATIOS = ("refill_predicted", "refill_false", "refill_size",
          "spill_predicted", "spill_false", "spill_size", "list_of_free",
          "zone", "pfn_alloc", "pfn_spill", "pfn_refill")
COUNTS = ("refill_false_calls", "spill_false_calls", "refused_frees",
          "skipped_frees")
UNKNOWN = ("lists", "slots", "states", "allocations", "frees", "refills",
           "spills")
ADJUSTED = (
    "free_pages_moved", "free_frames_taken_back", "free_pages_without_place",
    "pageblocks_guessed", "free_pages_on_other_lists", "blocks_exchanged",
    "refill_blocks_given", "bulk_pages_given", "bulk_unseen", "drains_given", "rests_given",
    "direct_given", "fitted_refills", "fitted_spills", "learned",
    "lists_learned", "injected", "stock_pages", "alone", "counts_cut",
    "migrated", "above", "lifted", "late", "guesses", "flags_kswapd",
    "taken_unseen", "renamed", "lists_set", "lists_forgotten",
    "count_pages", "states", "marks", "flags")


def value_of(run, key):
    for part in key.split("."):
        run = run[part]
    return run


def holds(causal, check):
    match = re.fullmatch(r"(\w+)\.([\w.]+?)(>=|<=|<|=)(.+)", check)
    name, key, how, bar = match.groups()
    run = causal[name]
    value = value_of(run, key)
    if bar == "null":
        return value is None and run[key + "_n"] == 0
    if value is None or ("." not in key and key in RATIOS and
                         not run[key + "_n"]):
        return False
    bar = float(bar)
    return {">=": value >= bar, "<=": value <= bar, "<": value < bar,
            "=": value == bar}[how]


def wrong_keys(causal):
    want = set(RATIOS) | {key + "_n" for key in RATIOS} | set(COUNTS) | \
        {"adjusted", "unknown", "valid", "seconds"}
    lines = [] if set(causal) == {"closed", "step", "seconds"} \
        else [f"keys of causal: {sorted(causal)}"]
    for name in ("closed", "step"):
        run = causal[name]
        for what, have, keys in ((name, run, want),
                                 ("adjusted", run["adjusted"], set(ADJUSTED)),
                                 ("unknown", run["unknown"], set(UNKNOWN))):
            if set(have) != keys:
                lines.append(f"{what}: {sorted(set(have) ^ keys)}")
        for key in RATIOS:
            if (run[key] is None) != (run[key + "_n"] == 0):
                lines.append(f"{name}.{key}: {run[key]} of {run[key + '_n']}")
    return lines


def wrong_books(causal):
    return [f"{name}: {key} {causal[name][key]}"
            for name in ("closed", "step")
            for key, good in (("valid", True), ("refused_frees", 0),
                              ("skipped_frees", 0))
            if causal[name][key] != good]


def wrong(causal, check):
    if check == "keys":
        return wrong_keys(causal)
    if check == "books":
        return wrong_books(causal)
    if check.startswith("any:"):
        checks = check[4:].split(",")
        return [] if any(holds(causal, c) for c in checks) else \
            [f"{check}: " + ", ".join(said(causal, c) for c in checks)]
    return [] if holds(causal, check) else [said(causal, check)]


def said(causal, check):
    name, key = re.match(r"(\w+)\.([\w.]+)", check).groups()
    value = value_of(causal[name], key)
    return f"{check}: {value} of {causal[name].get(key + '_n')}"


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        causal = json.load(file)["causal"]
    lines = [line for check in sys.argv[2:] for line in wrong(causal, check)]
    for line in lines:
        print(line)
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main())
