#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""wrong_frames.py REPLAY TRACES: do the frames of --explain notice a wrong order?

REPLAY is wrong_replay, TRACES a folder of recorded traces. By the right rules all
frames of the traces of 6.1 are the recorded ones. By a wrong order of a list or of the
buddy, which changes no call and no count, each kind of frames must fall. TAP on
standard output.
"""
import glob
import json
import os
import subprocess
import sys

RULES = ('spill-head', 'fifo-alloc', 'free-tail', 'refill-reverse', 'buddy-head',
         'buddy-tail')
KINDS = ('alloc', 'locked', 'drained')
FAR = 0.95  # less than this is a fall


def explained(replay, trace, rule):
    """The report's {"frames": ..., "agreement": ...}; None: it did not end well."""
    done = subprocess.run(
        [replay, '--explain', '--quiet', '--preset', 'linux-6.1', '--json', '-',
         '--state', f'{trace}.state.tar.xz', f'{trace}.txt.xz'],
        env=dict(os.environ, PCPMM_WRONG=rule), capture_output=True, text=True)
    try:
        return json.loads(done.stdout)
    except json.JSONDecodeError:
        sys.stderr.write(done.stderr)
        return None


def shown(report):
    return ', '.join(f'{kind} {report["frames"][kind]:.3f}' for kind in KINDS) \
        if report else 'no report'


def main():
    replay, folder = sys.argv[1:]
    traces = [path[:-len('.txt.xz')]
              for path in sorted(glob.glob(f'{folder}/6.1-*.txt.xz'))]
    rows = [(trace, rule) for trace in traces for rule in ('',) + RULES]
    print(f'1..{len(rows)}')
    bad = not rows
    for number, (trace, rule) in enumerate(rows, 1):
        report = explained(replay, trace, f'6.1/{rule}' if rule else '')
        frames = [report['frames'][kind] for kind in KINDS] if report else [None]
        good = None not in frames and (
            max(frames) < FAR if rule else min(frames) == 1)
        bad |= not good
        print(f'{"ok" if good else "not ok"} {number} - {os.path.basename(trace)}, '
              f'{rule or "right"}: {shown(report)}')
    sys.exit(bad)


main()
