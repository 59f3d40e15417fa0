#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""
tidy.py SOURCE_ROOT [NM LIBRARY ...] - rules that the compiler does not check

Each rule is one function that yields (file, line, message); all rules run, and
each violation is printed as file:line: message. Without LIBRARY the exported
symbols are not checked. `tidy.py --self-test` gives each rule an example that
it must report.
"""
import pathlib
import re
import subprocess
import sys

LENGTH_MAX = 100  # columns, a tab counts 8
FUNCTION_MAX = 70  # lines, braces included

# Folders from the lowest up; a file may include its own folder and those below.
# create.c may include all of them.
FOLDERS = ["arch", "cpu", "vmstat", "zone", "pcplist", "reclaim", "machine",
         "alloc", "service", "view", "restore", "check"]
# A folder beside them: it reads files and knows no machine.
BESIDE = "machinefile"
BESIDE_MAY = {"machine/axes.h", "machine/error.h", "machine/sysctl_table.h",
              "vmstat/names.h", "arch/bits.h"}
# The folder that drives one backend of arch, and names its headers.
DRIVES = {"check": "arch/model"}
# Files in src itself.
ROOF = {"create.c", "libpcpmm.map", "meson.build"}
# Pure formulas that any folder may use: they include nothing above arch.
FORMULAS = {"vmstat/threshold.h", "zone/sizing.h", "pcplist/sizing.h",
            "pcplist/rules_6_1.h"}

# Headers whose functions one library has.
ONLY_IN = {"model.h": "pcpmm-model"}

# Only src/arch may use the host and the instruction set directly.
FORBIDDEN = re.compile(
    r"\b(volatile|asm|__asm__|stdatomic|__atomic_\w+|__sync_\w+|__builtin_\w+|"
    r"pthread_\w+|ck_\w+|_Thread_local|__thread|syscall|sigaction|"
    r"sched_yield|clock_gettime|nanosleep|futex_\w+|membarrier)\b|\burcu[/_]|"
    r"<(signal|sched|time|pthread|unistd|sys/\w+|linux/\w+|ck_\w+)\.h>|"
    r"^\s*#\s*(?:el)?if.*\b(__x86_64__|__aarch64__|"
    r"__i386__|__arm__|__riscv|__s390x__|__loongarch\w*|__BYTE_ORDER__)")

KNOWN = set()  # paths of all files read

SOURCES = {".c", ".h", ".py", ".sh", ".build", ".txt", ".map", ".in", ""}
SPDX = "SPDX-License-Identifier: MIT"
# Data and prose have the licence of the project, without a line of their own.
NO_SPDX = {"LICENSE", "meson_options.txt"}


class File:
    def __init__(self, path, text):
        self.path = path  # relative, as a pure path
        self.text = text
        self.lines = text.split("\n")

    @property
    def is_c(self):
        return self.path.suffix in (".c", ".h")

    def code(self):
        """Lines without comments and the insides of strings."""
        if not self.is_c:
            return self.lines
        blank = lambda m: re.sub(r"[^\n]", " ", m.group())
        text = re.sub(r'"(?:\\.|[^"\\\n])*"', '""', self.text)
        text = re.sub(r"/\*.*?\*/|//[^\n]*", blank, text, flags=re.S)
        return text.split("\n")


def folder_of(path):
    """Folder of a file below src/; None: src itself, or elsewhere."""
    parts = path.parts
    return parts[1] if len(parts) > 2 and parts[0] == "src" else None


def included(file):
    """(line, target) of each include in quotes."""
    for number, line in enumerate(file.lines, 1):
        match = re.match(r'\s*#\s*include\s+"([^"]+)"', line)
        if match:
            yield number, match.group(1)


def may_include(folder, target):
    """A file of @folder may include @target, which is in another folder."""
    first = target.split("/")[0]
    if target in FORMULAS or first == folder:
        return True
    if folder == BESIDE:
        return target in BESIDE_MAY
    return first in FOLDERS and FOLDERS.index(first) <= FOLDERS.index(folder)


def rule_includes(file):
    """An include of a folder above."""
    folder = folder_of(file.path)
    if folder is None or not file.is_c:
        return
    if folder not in FOLDERS + [BESIDE]:
        yield 1, f"src/{folder} is not a folder of the plan"
        return
    for number, target in included(file):
        if "/" not in target:
            # A backend of arch is found through the include path.
            drives = pathlib.PurePath("src", DRIVES.get(folder, folder), target)
            if folder != "arch" and not {file.path.parent / target, drives} & KNOWN:
                yield number, f'include "{target}" names no folder'
        elif not may_include(folder, target):
            yield number, f'{folder} includes "{target}" above it'


def rule_roof(file):
    """Files in src itself that do not belong there."""
    parts = file.path.parts
    if parts[0] == "src" and len(parts) == 2 and parts[1] not in ROOF:
        yield 1, "belongs into a folder"


def rule_forbidden(file):
    """Words of the host, or of an instruction set, outside src/arch."""
    parts = file.path.parts
    if not file.is_c or parts[0] != "src" or parts[1] == "arch":
        return
    for number, line in enumerate(file.code(), 1):
        match = FORBIDDEN.search(line)
        if match:
            yield number, f"'{match.group().strip()}' outside src/arch"


def rule_public_only(file):
    """Programs use the public headers."""
    if not file.is_c or file.path.parts[0] not in ("tools", "examples", "stories"):
        return
    for number, target in included(file):
        if target.split("/")[0] in FOLDERS + [BESIDE, "src"]:
            yield number, f'a program includes "{target}"'


def rule_spdx(file):
    """The licence in the first lines."""
    if file.path.name in NO_SPDX and file.path.suffix != ".txt":
        return
    if file.path.suffix in SOURCES and file.path.suffix != ".txt":
        if SPDX not in "\n".join(file.lines[:2]):
            yield 1, "no SPDX line"


def rule_line_length(file):
    """Lines that are too long."""
    if not file.is_c:
        return
    for number, line in enumerate(file.lines, 1):
        width = len(line.expandtabs(8))
        if width > LENGTH_MAX:
            yield number, f"{width} columns"


def rule_function_length(file):
    """Functions longer than a page: from { in column 1 to } in column 1."""
    if not file.is_c:
        return
    start = None
    for number, line in enumerate(file.code(), 1):
        if line.startswith("{"):
            start = number
        elif line.startswith("}") and start is not None:
            if number - start - 1 > FUNCTION_MAX:
                yield start, f"function of {number - start - 1} lines"
            start = None


def rule_blanks(file):
    """Blanks at the end of lines, lines at the end of files."""
    if not file.is_c:
        return
    for number, line in enumerate(file.lines, 1):
        if line != line.rstrip():
            yield number, "blanks at the end"
    if not file.text.endswith("\n") or file.text.endswith("\n\n"):
        yield len(file.lines), "ends with none or several newlines"


LABEL = re.compile(r"\[([a-z_]+\.[a-zA-Z_]+)\]")
EXAMPLE_LABELS = {"swap.a", "swap.b"}  # those of the documents


def check_labels(files):
    """
    Ordered operations come in pairs: each label is defined in one place with
    its order ("[a.b] release, pairs with [a.c]"), and every partner that one
    names is defined as well.
    """
    defined, named = {}, []
    for file in files:
        if not file.is_c or file.path.parts[0] != "src":
            continue
        joined = re.sub(r"\n\s*\*\s", "\n   ", file.text)
        for match in re.finditer(
                r"\[([a-z_]+\.\w+)\]\s+(acquire|release|full)\b"
                r"((?:\[[^\]]*\]|[^.:;\[])*)", joined):
            line = joined.count("\n", 0, match.start()) + 1
            partners = LABEL.findall(match.group(3))
            defined.setdefault(match.group(1), []).append((file, line))
            if not partners:
                yield file, line, f"[{match.group(1)}] names no partner"
            for partner in partners:
                named.append((file, line, match.group(1), partner))
                # "pairs with [lock.release] release" defines it, too.
                if re.search(r"\[" + re.escape(partner) +
                             r"\]\s+(acquire|release|full)", match.group(3)):
                    defined.setdefault(partner, []).append((file, line))
    for file, line, label, partner in named:
        if partner not in defined:
            yield file, line, f"[{label}] pairs with [{partner}], which is nowhere"
    for file in files:
        if not file.is_c or file.path.parts[0] != "src":
            continue
        for number, line in enumerate(file.lines, 1):
            for label in LABEL.findall(line):
                if re.match(r"[a-z]+\.[a-z_]+$", label) and label not in defined:
                    yield file, number, f"[{label}] is defined nowhere"


def check_label_page(files):
    """Each label is explained in docs/memory-model.md, if there is one."""
    page = [f for f in files if f.path.as_posix() == "docs/memory-model.md"]
    told = set(LABEL.findall(page[0].text)) if page else set()
    used = {}
    for file in files:
        if not page or not file.is_c or file.path.parts[0] != "src":
            continue
        for number, line in enumerate(file.lines, 1):
            for label in LABEL.findall(line):
                used.setdefault(label, (file, number))
    for label, (file, number) in used.items():
        if label not in told:
            yield file, number, f"[{label}] is not in docs/memory-model.md"
    for label in sorted(told - set(used)):
        if label not in EXAMPLE_LABELS:
            yield page[0], 1, f"[{label}] is nowhere in src"


def check_strategies(files):
    """Every value of the drain axis has its page in the docs, if there is one."""
    docs = [f for f in files if f.path.as_posix() == "docs/strategies.md"]
    names = [f.path.stem for f in files
             if f.path.parts[:3] == ("src", "pcplist", "strategies")
             and f.path.suffix == ".c"
             and re.search(r"struct pcp_drain_ops \w+_ops = \{", f.text)]
    matrix = [f for f in files if f.path.as_posix() == "tests/combo/matrix.c"]
    for name in names:
        if docs and name not in docs[0].text:
            yield docs[0], 1, f"strategy {name} is not in it"
    for values in ("PCPMM_NR_DRAINS", "PCPMM_NR_RCUS", "PCPMM_NR_IPI_MASK_LOCKS",
                   "PCPMM_NR_SPILL_HOLDS"):
        if matrix and values not in matrix[0].text:
            yield matrix[0], 1, f"does not run all drain strategies: {values}"


def check_symbols(root, library, nm):
    """Exported symbols are named pcpmm_ and declared, and vice versa."""
    declared = set()
    for header in sorted((root / "include" / "pcpmm").glob("*.h")):
        if header.name in ONLY_IN and ONLY_IN[header.name] not in library:
            continue
        text = re.sub(r"/\*.*?\*/", " ", header.read_text(), flags=re.S)
        text = re.sub(r"__attribute__\s*\(\(.*?\)\)", " ", text, flags=re.S)
        text = re.sub(r"^\s*#.*$", " ", text, flags=re.M)
        for match in re.finditer(r"PCPMM_API\s([^;(]*?)\(", text):
            declared.add(match.group(1).split()[-1].lstrip("*"))
    output = subprocess.run([nm, "-D", "--defined-only", library], check=True,
                            capture_output=True, text=True).stdout
    exported = {line.split()[-1].split("@")[0] for line in output.splitlines()
                if line.split()[-2] not in "Aa"}
    for name in sorted(exported - declared):
        yield f"{library} exports {name}, which no header declares"
    for name in sorted(declared - exported):
        yield f"{name} is declared but not exported"
    for name in sorted(exported):
        if not name.startswith("pcpmm_"):
            yield f"{library} exports {name}"


RULES = [rule_includes, rule_roof, rule_forbidden, rule_public_only, rule_spdx,
         rule_line_length, rule_function_length, rule_blanks]


def read_tree(root):
    for folder in ("src", "include", "tools", "tests", "bench", "examples",
                   "stories", "scripts", "docs"):
        for path in sorted((root / folder).rglob("*")):
            if not path.is_file() or path.suffix not in SOURCES | {".md"}:
                continue
            # Recorded data is as it was recorded.
            if path.suffix == ".txt" or "__pycache__" in path.parts:
                continue
            try:
                yield File(path.relative_to(root), path.read_text())
            except UnicodeDecodeError:
                continue


def run(files):
    for file in files:
        if file.path.suffix == ".md":
            continue
        for rule in RULES:
            for number, message in rule(file):
                yield f"{file.path}:{number}: {message}"
    for check in (check_labels, check_label_page, check_strategies):
        for file, number, message in check(files):
            yield f"{file.path}:{number}: {message}"


SELF_TEST = [
    ("src/zone/a.c", '#include "pcplist/pcp.h"\n', "above it"),
    ("src/arch/a.c", '#include "zone/zone.h"\n', "above it"),
    ("src/zone/a.c", '#include "machine.h"\n', "names no folder"),
    ("src/zone/a.c", "volatile int x;\n", "outside src/arch"),
    ("src/view/a.c", "x = __atomic_load_n(p, 0);\n", "outside src/arch"),
    ("src/cpu/a.c", "static _Thread_local int x;\n", "outside src/arch"),
    ("src/cpu/a.c", "#include <signal.h>\n", "outside src/arch"),
    ("src/zone/a.c", "ck_pr_stall();\n", "outside src/arch"),
    ("src/zone/a.c", "x = __builtin_ctz(y);\n", "outside src/arch"),
    ("src/view/a.c", "#include <urcu/urcu-memb.h>\n", "outside src/arch"),
    ("src/view/a.c", "#ifdef X\n#elif defined(__x86_64__)\n", "outside src/arch"),
    ("src/view/a.c", "#ifdef __loongarch__\n", "outside src/arch"),
    ("tools/a.c", '#include "zone/zone.h"\n', "a program includes"),
    ("src/view/a.c", "int a;\n", "no SPDX"),
    ("src/view/a.c", "\t" * 13 + "\n", "columns"),
    ("src/view/a.c", "void f(void)\n{\n" + "\ta();\n" * 71 + "}\n", "71 lines"),
    ("src/view/a.c", "int a; \n", "blanks"),
    ("src/view/a.c", "/* [a.b] release, pairs with [a.c] */\n", "nowhere"),
    ("src/view/a.c", "/* [a.b] acquire */\n", "no partner"),
    ("src/view/a.c", "/* [a.b] */\n", "defined nowhere"),
]

# The same for several files at once.
SELF_TEST_FILES = [
    ([("src/view/a.c", "/* [a.b] release, pairs with [a.c] */\n"
                  "/* [a.c] acquire, pairs with [a.b] */\n"),
      ("docs/memory-model.md", "`[a.b]` and nothing else\n")],
     "[a.c] is not in docs/memory-model.md"),
    ([("docs/memory-model.md", "`[a.b]`\n")], "[a.b] is nowhere in src"),
]

FINE = [
    ("src/zone/a.c", '#include "cpu/lock.h"\n#include "zone/zone.h"\n'),
    ("src/zone/a.c", "/* volatile would be wrong */\nconst char *s = \"asm\";\n"),
    ("src/arch/a.c", "volatile int x;\n"),
    ("src/view/a.c", "/* [a.b] release, pairs with [a.c] */\n"
                "/* [a.c] acquire, pairs with [a.b] */\n"),
    ("src/view/a.c", "void f(void)\n{\n" + "\ta();\n" * 70 + "}\n"),
]


def self_test():
    spdx = "/* SPDX-License-Identifier: MIT */\n"
    wrong = 0
    for path, text, expected in SELF_TEST:
        if expected != "no SPDX":
            text = spdx + text
        found = list(run([File(pathlib.PurePath(path), text)]))
        if not any(expected in line for line in found):
            print(f"nothing about '{expected}' in {text!r}: {found}")
            wrong += 1
    for texts, expected in SELF_TEST_FILES:
        found = list(run([File(pathlib.PurePath(path), spdx + text)
                          for path, text in texts]))
        if len(found) != 1 or expected not in found[0]:
            print(f"not just '{expected}' in {texts!r}: {found}")
            wrong += 1
    for path, text in FINE:
        found = list(run([File(pathlib.PurePath(path), spdx + text)]))
        if found:
            print(f"wrong complaint: {found}")
            wrong += 1
    examples = len(SELF_TEST) + len(SELF_TEST_FILES) + len(FINE)
    print(f"{examples} examples, {wrong} wrong")
    return wrong != 0


def main(arguments):
    if arguments == ["--self-test"]:
        return self_test()
    root = pathlib.Path(arguments[0])
    files = list(read_tree(root))
    KNOWN.update(file.path for file in files)
    complaints = list(run(files))
    for library in arguments[2:]:
        complaints += check_symbols(root, library, arguments[1])
    for line in complaints:
        print(line)
    print(f"{len(files)} files, {len(complaints)} complaints")
    return bool(complaints) or not files


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
