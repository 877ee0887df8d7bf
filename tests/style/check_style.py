#!/usr/bin/env python3
"""The rules of the code's style that a program can check.

    tests/style/check_style.py [--update-ratchet]

Checked over the files git knows (or would add): sizes of files and functions, layering of includes,
line width, forbidden words, `#pragma once`, `catch (...)`, file names, machine paths, and bytes, so
that no dump or binary slips in. What is over a size limit must stand in allowed_sizes.tsv with the
size it has and a reason; it may shrink, never grow, and leaves the list when it fits.
--update-ratchet lowers the listed sizes to what the files have now; it never raises one.
"""

import argparse
import pathlib
import re
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(HERE.parent))

from style import allow_list, cpp_functions, layers  # noqa: E402

LINE_WIDTH = 100
PYTHON_LINE_WIDTH = LINE_WIDTH
FILE_LIMIT = 1000
# Bytes. The largest tables of data are under it; a core dump or a binary is not.
BYTES_LIMIT = 1 << 20
FUNCTION_LIMIT = 70

CPP = {".h", ".cc"}
SCRIPTS = {".py", ".sh", ".js", ".mjs", ".ts"}
TEXT = CPP | SCRIPTS | {".md", ".txt", ".cmake", ".json", ".slt", ""}
# Written so that this file does not contain what it forbids.
FORBIDDEN = re.compile(r"\b(TO" r"DO|FIX" r"ME|XX" r"X)\b|\bfor " r"now\b", re.I)
MACHINE_PATH = re.compile(r"/(?:work|home|Users|root)/[A-Za-z0-9_.-]+")
REGISTRY = re.compile(r"registry\." r"npmjs|pypi\." r"org|crates\." r"io")
VAGUE_NAME = re.compile(r"(^|_)(util|utils|helper|helpers|common|misc)(_|$)")
FILE_NAME = re.compile(r"^[a-z0-9_]+(\.[a-z0-9_]+)*$")


class Report:
    def __init__(self):
        self.lines = []

    def add(self, path, line, text):
        where = f"{path}:{line}" if line else str(path)
        self.lines.append(f"{where}: {text}")


def tracked_files(root):
    """Files in git's index plus new ones that are not ignored."""
    listed = subprocess.run(
        ["git", "-C", str(root), "ls-files", "-co", "--exclude-standard"],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return [pathlib.Path(line) for line in listed.stdout.splitlines() if (root / line).is_file()]


def check_text(path, lines, report):
    """Rules for every text file."""
    for number, line in enumerate(lines, 1):
        word = FORBIDDEN.search(line)
        if word and path.suffix != ".slt":
            report.add(path, number, f"forbidden word: {word.group(0)}")
        if MACHINE_PATH.search(line):
            report.add(path, number, f"path of one machine: {MACHINE_PATH.search(line).group(0)}")
        if path.name != "package-lock.json" and REGISTRY.search(line):
            report.add(path, number, "names a registry's host")


def opened_by_its_header(path):
    """A source file beside a header of the same name is introduced there; a test by what it
    tests."""
    if path.suffix != ".cc":
        return False
    stem = path.stem[: -len("_test")] if path.stem.endswith("_test") else path.stem
    return (ROOT / path.parent / (stem + ".h")).exists()


def check_cpp_lines(path, lines, report):
    text = "\n".join(lines)
    if path.suffix == ".h" and "#pragma once" not in text:
        report.add(path, 1, "header without #pragma once")
    if re.search(r"#include <(regex|iostream)>", text):
        report.add(path, None, "includes <regex> or <iostream>")
    if not lines[0].startswith(("//", "/*")) and not opened_by_its_header(path):
        report.add(path, 1, "does not open with a comment that says what the file is")
    for number, line in enumerate(lines, 1):
        width = len(line)
        if width > LINE_WIDTH:
            report.add(path, number, f"{width} columns, limit {LINE_WIDTH}")
        if "\t" in line:
            report.add(path, number, "tab")
        if line != line.rstrip():
            report.add(path, number, "trailing space")


CATCH_ALL = re.compile(r"catch\s*\(\s*\.\.\.\s*\)\s*\{")
EMPTY_CATCH = re.compile(r"catch\s*\([^)]*\)\s*\{\s*\}")


def check_catches(path, text, report):
    """A `catch (...)` must rethrow, keep the exception for a waiting fiber, or end the process."""
    for found in EMPTY_CATCH.finditer(text):
        report.add(path, text.count("\n", 0, found.start()) + 1, "empty catch")
    for found in CATCH_ALL.finditer(text):
        body = cpp_functions.block_at(text, found.end() - 1)
        if not re.search(r"\bthrow\s*;|current_exception|terminate|abort|CHECK|PANIC|FATAL", body):
            report.add(
                path,
                text.count("\n", 0, found.start()) + 1,
                "catch (...) neither rethrows, keeps the exception, nor ends the process",
            )


def check_name(path, report):
    stem = path.name.split(".")[0]
    if path.parts[0] == "src":
        if not FILE_NAME.match(path.name) and path.name not in ("CMakeLists.txt", "README.md"):
            report.add(path, None, "file name is not snake_case")
        if path.suffix in (".cpp", ".cxx", ".hpp", ".hh", ".C"):
            report.add(path, None, "source files end in .h and .cc")
    if path.suffix in CPP | {".py"} and VAGUE_NAME.search(stem):
        report.add(path, None, "name says what it is not about: name what its contents share")


def check_sizes(path, text, allowed, report):
    """File and function sizes. Files that are tables of data are listed with the reason `table of
    data`."""
    lines = text.count("\n")
    limit = allowed.limit(str(path), FILE_LIMIT)
    if lines > limit:
        report.add(path, None, f"{lines} lines, limit {limit}")
    allowed.seen(str(path), lines, FILE_LIMIT)
    if path.suffix not in CPP:
        return
    for name, first, last in cpp_functions.functions(text):
        size = last - first + 1
        key = f"{path}:{name}"
        limit = allowed.limit(key, FUNCTION_LIMIT)
        if size > limit:
            report.add(path, first, f"function {name} has {size} lines, limit {limit}")
        allowed.seen(key, size, FUNCTION_LIMIT)


def check_file(root, path, allowed, report):
    if (root / path).stat().st_size > BYTES_LIMIT:
        report.add(path, None, f"over {BYTES_LIMIT} bytes: is it meant to be here?")
    if path.suffix not in TEXT and path.suffix not in CPP:
        return
    try:
        text = (root / path).read_text()
    except UnicodeDecodeError:
        return
    lines = text.split("\n")
    check_text(path, lines, report)
    check_name(path, report)
    if path.suffix in CPP:
        check_cpp_lines(path, lines, report)
        check_catches(path, cpp_functions.without_comments(text), report)
        layers.check(path, lines, report)
    if path.suffix in SCRIPTS:
        for number, line in enumerate(lines, 1):
            if len(line) > PYTHON_LINE_WIDTH:
                report.add(path, number, f"{len(line)} columns, limit {PYTHON_LINE_WIDTH}")
    if path.suffix in CPP | SCRIPTS:
        check_sizes(path, text, allowed, report)


def main():
    parser = argparse.ArgumentParser(description="checks the code's style")
    parser.add_argument("--update-ratchet", action="store_true")
    arguments = parser.parse_args()
    root = ROOT
    report = Report()
    allowed = allow_list.AllowList(HERE / "allowed_sizes.tsv")
    files = tracked_files(root)
    for path in files:
        check_file(root, path, allowed, report)
    layers.check_cmake(root, report)
    if arguments.update_ratchet:
        allowed.tighten()
    else:
        allowed.check_ratchet(report)
    for line in report.lines:
        print(line)
    print(f"{len(files)} files, {len(report.lines)} findings")
    return 1 if report.lines else 0


if __name__ == "__main__":
    sys.exit(main())
