"""Counts of passed and failed tests over all suites of a run.

A suite whose ctest entry stands for many checks (statements of .slt files, rounds, client tests)
calls `record(suite, passed, failed)`; nothing happens outside script/test. As a program it sums
such counts with ctest's own (JUnit files) in a folder and prints a table whose last line is `N
passed, N failed`.
"""

import os
import pathlib
import sys
import xml.etree.ElementTree


def record(suite, passed, failed):
    """Leaves a suite's counts in $SUNDOG_RESULTS, apart for each preset."""
    folder = os.environ.get("SUNDOG_RESULTS")
    if not folder:
        return
    preset = os.environ.get("SUNDOG_PRESET", "release")
    name = f"{preset}-{suite}".replace("/", "-")
    (pathlib.Path(folder) / f"{name}.counts").write_text(f"{preset} {suite} {passed} {failed}\n")


def junit_counts(path):
    root = xml.etree.ElementTree.parse(path).getroot()
    failed = sum(
        1
        for case in root.iter("testcase")
        if case.get("status") == "fail" or case.find("failure") is not None
    )
    total = sum(1 for _ in root.iter("testcase"))
    not_run = sum(
        1 for case in root.iter("testcase") if case.get("status") in ("notrun", "disabled")
    )
    return total - failed - not_run, failed + not_run


def gtest_counts(path):
    root = xml.etree.ElementTree.parse(path).getroot()
    failed = int(root.get("failures", 0)) + int(root.get("errors", 0))
    return int(root.get("tests")) - failed - int(root.get("disabled", 0)), failed


def main(folder):
    rows = []
    for path in sorted(pathlib.Path(folder).glob("*.xml")):
        rows.append((path.stem, "ctest", *junit_counts(path)))
    for path in sorted(pathlib.Path(folder).glob("gtest/*/*.xml")):
        rows.append((path.parent.name, path.stem, *gtest_counts(path)))
    for path in sorted(pathlib.Path(folder).glob("*.counts")):
        preset, suite, passed, failed = path.read_text().split()
        rows.append((preset, suite, int(passed), int(failed)))
    for preset, suite, passed, failed in rows:
        print(f"{preset:8} {suite:24} {passed:7} passed {failed:5} failed")
    passed = sum(row[2] for row in rows)
    failed = sum(row[3] for row in rows)
    print(f"{passed} passed, {failed} failed")
    return 0 if failed == 0 and passed > 0 else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
