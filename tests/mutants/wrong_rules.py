#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""wrong_rules.py TEST...: each wrong rule of wrong_rules.c must make a test fail.

The tests are tried in the order of the arguments, all without a wrong rule first.
TAP on standard output; with --table, the rows of docs/replay-power.md instead.
"""
import concurrent.futures
import os
import re
import subprocess
import sys

HANG_S = 120


def run(test, rule):
    """The name of the first case that fails; None: all pass."""
    env = dict(os.environ, PCPMM_WRONG=rule)
    try:
        done = subprocess.run([test], env=env, capture_output=True, text=True,
                              errors='replace', timeout=HANG_S)
    except subprocess.TimeoutExpired:
        return 'does not end'
    if done.returncode == 0:
        return None
    if done.returncode == 2 and 'no wrong rule is named' in done.stderr:
        sys.exit(done.stderr)
    text = done.stdout + done.stderr
    failed = re.search(r'\[  FAILED  \] (\S+)', text) or \
        re.search(r'^not ok \d+ - (\S+)', text, re.M)
    return failed.group(1) if failed else 'crash'


def killer(tests, rule):
    """(test, case) that notices the rule, or None."""
    for test in tests:
        case = run(test, rule)
        if case:
            name = os.path.basename(test).replace('wrong_', '', 1)
            return f'{name}: {case}'
    return None


def main():
    arguments = sys.argv[1:]
    table = arguments[:1] == ['--table']
    tests = arguments[table:]
    names = subprocess.run([tests[0]], env=dict(os.environ, PCPMM_WRONG='list'),
                           capture_output=True, text=True, check=True).stdout.split()
    sound = [test for test in tests if run(test, '')]
    if sound:
        sys.exit(f'fails without a wrong rule: {" ".join(sound)}')
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        killers = list(pool.map(lambda rule: killer(tests, rule), names))
    if table:
        for name, by in zip(names, killers):
            print(f'| {name} | {by or "**nothing**"} |')
        return
    print(f'1..{len(names)}')
    for i, (name, by) in enumerate(zip(names, killers), 1):
        print(f'ok {i} - {name}: {by}' if by else f'not ok {i} - {name}: nothing notices')
    sys.exit(not all(killers))


main()
