#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""tally.py TALLY - what scripts/tally says about logs of each kind"""

import json
import os
import subprocess
import sys
import tempfile

CASE = '<testcase name="{}">{}</testcase>'


def write(folder, cases, results):
    """@cases: text in a suite "p.p:s / many"; @results: name, result."""
    with open(os.path.join(folder, "testlog.junit.xml"), "w") as junit:
        junit.write('<testsuites><testsuite name="p.p:s / many">')
        junit.write("".join(cases) + "</testsuite></testsuites>")
    with open(os.path.join(folder, "testlog.json"), "w") as log:
        for name, result in results:
            log.write(json.dumps({"name": name, "result": result,
                                  "returncode": -6}) + "\n")


def check(tally, what, expected, cases, results):
    with tempfile.TemporaryDirectory() as folder:
        if cases is not None:
            write(folder, cases, results)
        run = subprocess.run([tally, folder], capture_output=True, text=True,
                             check=False)
    last = run.stdout.splitlines()[-1]
    status = 0 if ", 0 failed" in expected and not expected.startswith("0 ") else 1
    if last != expected or run.returncode != status:
        print(f"{what}: '{last}', status {run.returncode}; expected '{expected}'")
        return 1
    return 0


def main(tally):
    good, bad = CASE.format("1", ""), CASE.format("2", "<failure/>")
    skip = CASE.format("3", "<skipped/>")
    many = "p:s / many"
    wrong = [
        check(tally, "all pass", "2 passed, 0 failed, 1 skipped",
              [good, good, skip], [(many, "OK")]),
        check(tally, "a function fails", "1 passed, 1 failed, 0 skipped",
              [good, bad], [(many, "FAIL")]),
        check(tally, "killed after some functions", "2 passed, 1 failed, 0 skipped",
              [good, good], [(many, "ERROR")]),
        check(tally, "timed out", "1 passed, 1 failed, 0 skipped",
              [good], [(many, "TIMEOUT")]),
        check(tally, "two programs fail, one by a function",
              "0 passed, 2 failed, 0 skipped",
              [bad], [(many, "FAIL"), ("p:s / other", "ERROR")]),
        check(tally, "nothing ran", "0 passed, 0 failed, 0 skipped", [], []),
        check(tally, "no log", "0 passed, 1 failed, 0 skipped", None, None),
    ]
    return 1 if sum(wrong) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
