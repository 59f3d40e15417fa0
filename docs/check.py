#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""
check.py names ROOT              - functions, files and links in the docs exist
check.py options MAN PROGRAM     - the man page has the options of --help
check.py axes PAGE PROGRAM       - the page has each axis with its values
check.py commands PAGE PROGRAM   - `story NAME`, `COMMAND --option` and
                                   `key = value` of the page exist

`name()` anywhere in walk.md and kernel-map.md must be defined in the sources;
`file.c` and `file.h` in backquotes must be files, in every document. Kernel
names are written without either.
"""
import pathlib
import re
import subprocess
import sys

SOURCES = ("include", "src", "tools")
WITH_FUNCTIONS = ("walk.md", "kernel-map.md")
PAGES = ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")

FUNCTION = re.compile(r"(?<![\w`])`?(\w+)\(\)")
FILE = re.compile(r"`([\w./-]+\.(?:[ch]|md|py))`")
LINK = re.compile(r"\]\(([^)#:]+)(?:#[^)]*)?\)")


def defined_functions(root):
    """Names with a body, or a declaration, that begins in the first column."""
    names = set()
    for folder in SOURCES:
        for path in (root / folder).rglob("*.[ch]"):
            text = re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.S)
            names |= set(re.findall(r"^[A-Za-z_][^;={}#]*?\b(\w+)\(", text, re.M))
    return names


def check_names(root):
    functions = defined_functions(root)
    files = [path.relative_to(root).as_posix()
             for folder in SOURCES + ("docs", "tests", "bench", "examples", "stories")
             for path in (root / folder).rglob("*") if path.is_file()]
    files += [path.name for path in root.glob("*.md")]
    pages = sorted((root / "docs").glob("*.md"))
    pages += [root / page for page in PAGES if (root / page).exists()]
    for page in pages:
        for number, line in enumerate(page.read_text().split("\n"), 1):
            where = f"{page.relative_to(root)}:{number}"
            if page.name in WITH_FUNCTIONS:
                for name in FUNCTION.findall(line):
                    if name not in functions:
                        yield f"{where}: there is no {name}()"
            for name in FILE.findall(line):
                if "NAME" not in name and not any(
                        f == name or f.endswith("/" + name) for f in files):
                    yield f"{where}: there is no file {name}"
            for link in LINK.findall(line):
                if not (page.parent / link).exists():
                    yield f"{where}: the link {link} leads nowhere"


def check_options(man, program):
    text = pathlib.Path(man).read_text()
    for section in re.split(r"^\.Ss ", text, flags=re.M)[1:]:
        command = section.split("\n")[0]
        section = section.split("\n.Sh ")[0]
        told = set(re.findall(r"^\.It Fl Fl (\S+)", section, re.M))
        shown = subprocess.run([program, command, "--help"], check=True,
                               capture_output=True, text=True).stdout
        real = set(re.findall(r"^  --(\S+)", shown, re.M)) - {"help"}
        for name in sorted(real - told):
            yield f"{man}: {command} --{name} is missing"
        for name in sorted(told - real):
            yield f"{man}: {command} has no --{name}"
        if not real:
            yield f"{man}: {command} --help shows no option"


def check_axes(page, program):
    """
    A key of machine files has a row, which names its values; any other axis
    stands in the text, in backquotes.
    """
    text = pathlib.Path(page).read_text()
    rows = dict(re.findall(r"^\| (\w+) \| (.*?) \|", text, re.M))
    shown = subprocess.run([program, "show", "axes", "--preset", "linux-6.1"],
                           check=True, capture_output=True, text=True).stdout
    lines = [line.split() for line in shown.splitlines()
             if not line.startswith("#")]
    for key, *values in lines:
        if key not in rows:
            if f"`{key}`" not in text:
                yield f"{page}: axis {key} is missing"
            continue
        for value in values:
            # The strategy of a program can not stand in a file.
            if not re.search(rf"(?<![\w-]){re.escape(value)}(?![\w-])",
                             rows[key]) and value != "external":
                yield f"{page}: {key} lacks the value {value}"
    if not lines:
        yield f"{program} shows no axes"


def run(program, *arguments):
    return subprocess.run([program, *arguments], check=True,
                          capture_output=True, text=True).stdout


def check_commands(page, program):
    stories = set(re.findall(r"^(\S+) ", run(program, "story", "--list"), re.M))
    axes = {line.split()[0]: line.split()[1:] for line in
            run(program, "show", "axes", "--preset", "linux-6.1").splitlines()
            if not line.startswith("#")}
    commands = ("drain", "noise", "fold", "show", "predict", "replay", "story")
    text = pathlib.Path(page).read_text()
    for number, line in enumerate(text.split("\n"), 1):
        for code in re.findall(r"`([^`]+)`", line):
            where = f"{page}:{number}"
            words = code.split()
            if words[0] == "story" and len(words) > 1 and words[1] not in stories:
                yield f"{where}: there is no story {words[1]}"
            if words[0] in commands:
                shown = run(program, words[0], "--help")
                for option in re.findall(r"--([\w-]+)", code):
                    if not re.search(rf"^  --{option}\b", shown, re.M):
                        yield f"{where}: {words[0]} has no --{option}"
            if len(words) == 3 and words[1] == "=":
                if words[2] not in axes.get(words[0], ()):
                    yield f"{where}: there is no {code}"


def main(arguments):
    if len(arguments) == 2 and arguments[0] == "names":
        complaints = list(check_names(pathlib.Path(arguments[1])))
    elif len(arguments) == 3 and arguments[0] == "options":
        complaints = list(check_options(arguments[1], arguments[2]))
    elif len(arguments) == 3 and arguments[0] == "axes":
        complaints = list(check_axes(arguments[1], arguments[2]))
    elif len(arguments) == 3 and arguments[0] == "commands":
        complaints = list(check_commands(arguments[1], arguments[2]))
    else:
        print(__doc__.strip())
        return 2
    for line in complaints:
        print(line)
    print(f"{len(complaints)} complaints")
    return bool(complaints)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
