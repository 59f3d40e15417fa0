#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""wrong_rules.py [--table | --doc FILE] PROGRAM...: who notices each wrong rule of wrong_rules.c.

PROGRAM is a unit test, or wrong_replay, all linked with the wrong rules; the tests are
tried in their order. A rule that no unit test notices fails. The replay predicts the
recorded traces of the rule's kernel once with the right rules and once with the wrong
one: it notices the rule if a figure of the prediction falls, or if it predicts more
that did not happen.

TAP on standard output; with --table the rows of docs/replay-power.md instead. Traces
are in $PCPMM_TESTS/data/traces. --doc: FILE has a row for each rule, and no other.
"""
import concurrent.futures
import glob
import json
import os
import re
import subprocess
import sys

HANG_S = 120
RIGHT = ''


def environment(rule):
    return dict(os.environ, PCPMM_WRONG=rule)


def run(test, rule):
    """The name of the first case that fails; None: all pass."""
    try:
        done = subprocess.run([test], env=environment(rule), capture_output=True,
                              text=True, errors='replace', timeout=HANG_S)
    except subprocess.TimeoutExpired:
        return 'does not end'
    if done.returncode == 0:
        return None
    if 'no wrong rule is named' in done.stderr:
        sys.exit(done.stderr)
    text = done.stdout + done.stderr
    failed = re.search(r'\[  FAILED  \] (\S+)', text) or \
        re.search(r'^not ok \d+ - (\S+)', text, re.M)
    return failed.group(1) if failed else 'crash'


def unit_killer(tests, rule):
    for test in tests:
        case = run(test, rule)
        if case:
            return f'{os.path.basename(test).replace("wrong_", "", 1)}: {case}'
    return None


def traces_of(rule):
    """The recorded traces of a rule's kernel."""
    kernel = rule.split('/')[0]
    folder = os.path.join(os.environ['PCPMM_TESTS'], 'data', 'traces')
    return [(kernel, path[:-len('.txt.xz')])
            for path in sorted(glob.glob(f'{folder}/{kernel}-*.txt.xz'))]


def predict(replay, trace, rule):
    """{run: {figure: value}} of a prediction; None: it did not end well."""
    kernel, path = trace
    try:
        done = subprocess.run(
            [replay, '--causal', '--quiet', '--json', '-', '--preset',
             f'linux-{kernel}', '--state', f'{path}.state.tar.xz', f'{path}.txt.xz'],
            env=environment(rule), capture_output=True, text=True, timeout=HANG_S)
        causal = json.loads(done.stdout)['causal']
    except (subprocess.TimeoutExpired, json.JSONDecodeError):
        return None
    return {name: {key: value for key, value in causal[name].items()
                   if isinstance(value, (int, float)) and key != 'seconds'}
            for name in ('closed', 'step')}


def fallen(right, wrong):
    """The figure that says most clearly that a rule is wrong; None: none does."""
    if wrong is None:
        return 'does not end'
    drops = []
    for name in ('closed', 'step'):
        for key, value in right[name].items():
            now = wrong[name].get(key)
            if key.endswith('_n') or now is None or now == value:
                continue
            worse = now > value if 'false' in key else now < value
            if worse and not key.endswith('_calls'):
                drops.append((abs(now - value), f'{name}.{key} {value:.3f} to {now:.3f}'))
    return max(drops)[1] if drops else None


class Traces:
    """The traces' predictions by the right rules, each made once."""

    def __init__(self, replay):
        self.replay = replay
        self.right = {}

    def learn(self, rules, pool):
        traces = sorted({trace for rule in rules for trace in traces_of(rule)})
        for trace, figures in zip(traces, pool.map(
                lambda trace: predict(self.replay, trace, RIGHT), traces)):
            if figures is None:
                sys.exit(f'{trace[1]}: no prediction by the right rules')
            self.right[trace] = figures

    def killer(self, rule):
        for trace in traces_of(rule):
            why = fallen(self.right[trace], predict(self.replay, trace, rule))
            if why:
                return f'{os.path.basename(trace[1])}: {why}'
        return None


def documented(doc):
    """The rules that have a row in the document."""
    with open(doc, encoding='utf-8') as file:
        return re.findall(r'^\| (\S+/\S+) \|', file.read(), re.M)


def print_tap(names, by_test, doc):
    print(f'1..{len(names) + 1}')
    for i, (name, by) in enumerate(zip(names, by_test), 1):
        print(f'ok {i} - {name}: {by}' if by else f'not ok {i} - {name}: nothing notices')
    print(f'{"ok" if documented(doc) == names else "not ok"} {len(names) + 1} - '
          f'{os.path.basename(doc)} has these rules')


def print_table(names, by_test, by_trace):
    for name, test, trace in zip(names, by_test, by_trace):
        print(f'| {name} | {test or "**nothing**"} | {trace or "-"} |')
    seen = sum(trace is not None for trace in by_trace)
    print(f'\n{len(names)} wrong rules; unit tests notice '
          f'{sum(test is not None for test in by_test)}, recorded traces {seen}.')


def main():
    arguments = sys.argv[1:]
    table = arguments[:1] == ['--table']
    doc = None if table else arguments[1]
    programs = arguments[1 if table else 2:]
    tests = [p for p in programs if not p.endswith('wrong_replay')]
    replays = [p for p in programs if p.endswith('wrong_replay')]
    names = subprocess.run([tests[0]], env=environment('list'), capture_output=True,
                           text=True, check=True).stdout.split()
    sound = [test for test in tests if run(test, RIGHT)]
    if sound:
        sys.exit(f'fails without a wrong rule: {" ".join(sound)}')
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        by_test = list(pool.map(lambda rule: unit_killer(tests, rule), names))
        if not table:
            print_tap(names, by_test, doc)
            sys.exit(not all(by_test) or documented(doc) != names)
        traces = Traces(replays[0])
        traces.learn(names, pool)
        print_table(names, by_test, list(pool.map(traces.killer, names)))


main()
