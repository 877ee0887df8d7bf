#!/usr/bin/env python3
"""Runs .slt files: SQL in, answer out.

    run_slt.py                      on a private Sundog, against the recorded answers
    run_slt.py --differential       on Sundog and a live PostgreSQL 15, statement by statement
    run_slt.py --rewrite FILES      records the answers from PostgreSQL 15
    run_slt.py --on postgres        checks the recorded answers against PostgreSQL 15

A Sundog of its own is started for every file, unless --dsn names one that runs. PostgreSQL is the
one in $SUNDOG_ORACLE, else a private one. The exit code is 0 when every statement passed.
"""

import argparse
import collections
import contextlib
import multiprocessing
import pathlib
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

import results  # noqa: E402
from oracle.postgres import oracle_from_environment  # noqa: E402
from servers.sundog import Sundog  # noqa: E402
from slt import slt_answer, slt_format, slt_session  # noqa: E402

SHOWN_FAILURES = 20
PENDING = HERE / "pending"
PROFILES = HERE / "profiles"


class Failure:
    def __init__(self, path, record, expected, got, cause=None):
        self.where = f"{path}:{record.line}"
        self.sql = record.title()
        self.expected = expected
        self.got = got
        self.cause = cause or slt_answer.cause(expected, got)

    def __str__(self):
        parts = [f"--- {self.where}"]
        for name, lines in (
            ("statement", self.sql.split("\n")),
            ("expected", self.expected),
            ("got", self.got),
        ):
            parts.append(f"{name}:")
            parts += [f"    {line}" for line in lines[:40]]
        return "\n".join(parts)


def profile_of(path):
    """Files in profiles/NAME are about what PostgreSQL cannot say: they run on Sundog alone."""
    path = pathlib.Path(path).resolve()
    return path.relative_to(PROFILES).parts[0] if PROFILES in path.parents else None


@contextlib.contextmanager
def sundog(arguments, profile=None):
    if arguments.dsn:
        yield arguments.dsn
        return
    options = ["--profile", profile] if profile else []
    with Sundog(store=arguments.store, arguments=options) as server:
        yield server.connection_string


@contextlib.contextmanager
def reference(path, arguments):
    """Who is asked for the answers of a file."""
    profile = profile_of(path)
    if profile is None:
        yield arguments.oracle
        return
    with sundog(arguments, profile) as connection_string:
        yield connection_string


def rewrite_file(path, arguments):
    items = slt_format.read(path)
    with reference(path, arguments) as server, contextlib.closing(
        slt_session.FileRun(server)
    ) as run:
        for record, got in slt_session.run_records(run, items):
            if "shape" in record.directives:
                got = slt_answer.shape(got)
            if record.expected is None or not slt_answer.same(
                record.expected, got, slt_format.unordered(record), False
            ):
                record.expected = got
    pathlib.Path(path).write_text(slt_format.render(items))
    return len(slt_format.records(items)), []


def check_record(path, record, got, recorded, failures, stale=False):
    own = record.own_expected is not None and not stale
    expected = record.own_expected if own else recorded
    if expected is None:
        failures.append(Failure(path, record, ["(nothing recorded)"], got, "nothing recorded"))
        return
    if not slt_answer.same(
        expected, got, slt_format.unordered(record), "shape" in record.directives
    ):
        failures.append(
            Failure(path, record, expected, got, "recording is stale" if stale else None)
        )


def run_file(path, arguments):
    """(statements, failures) of one file."""
    items = slt_format.read(path)
    failures = []
    with contextlib.ExitStack() as stack:
        runs = {}
        profile = profile_of(path)
        if profile is None and (arguments.on == "postgres" or arguments.differential):
            runs["postgres"] = slt_session.FileRun(arguments.oracle, arguments.extended)
            stack.callback(runs["postgres"].close)
        if arguments.on == "sundog":
            runs["sundog"] = slt_session.FileRun(
                stack.enter_context(sundog(arguments, profile)), arguments.extended
            )
            stack.callback(runs["sundog"].close)
        for record in slt_format.records(items):
            reference = record.expected
            before = len(failures)
            if "postgres" in runs:
                reference = runs["postgres"].execute(record)
                check_record(path, record, reference, record.expected, failures, stale=True)
            if "sundog" in runs and len(failures) == before:
                check_record(path, record, runs["sundog"].execute(record), reference, failures)
    return len(slt_format.records(items)), failures


def guarded(task):
    """Runs one file in a worker; an error of the run itself is a failure of the whole file."""
    path, arguments = task
    shown = pathlib.Path(path)
    with contextlib.suppress(ValueError):
        shown = shown.resolve().relative_to(HERE.parents[1])
    started = time.monotonic()
    try:
        count, failures = (rewrite_file if arguments.rewrite else run_file)(path, arguments)
        text = "\n".join(str(failure) for failure in failures[: arguments.show])
        return (
            str(shown),
            count,
            [failure.cause for failure in failures],
            text,
            time.monotonic() - started,
        )
    except Exception as error:  # noqa: BLE001  reported as the file's failure
        count = 1
        with contextlib.suppress(Exception):
            count = len(slt_format.records(slt_format.read(path)))
        return (
            str(shown),
            count,
            [f"file could not be run: {error}"] * count,
            repr(error),
            time.monotonic() - started,
        )


def report(outcomes, arguments):
    passed = failed = 0
    causes = collections.Counter()
    for name, count, file_causes, text, seconds in outcomes:
        if text:
            print(text)
        mark = "ok  " if not file_causes else "FAIL"
        print(
            f"{mark} {count - len(file_causes):4}/{count:<4} {seconds:5.1f} s  {name}", flush=True
        )
        passed += count - len(file_causes)
        failed += len(file_causes)
        causes.update(file_causes)
    if causes:
        print("\ncauses:")
        for cause, times in causes.most_common(arguments.causes):
            print(f"{times:5}  {cause[:150]}")
    print(f"statements: {passed} passed, {failed} failed")
    if not arguments.rewrite:
        results.record(arguments.suite, passed, failed)
    return failed


def parse_arguments():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("files", nargs="*", help="files or folders (default: all but pending/)")
    parser.add_argument("--on", choices=["sundog", "postgres"], default="sundog")
    parser.add_argument("--differential", action="store_true")
    parser.add_argument("--rewrite", action="store_true")
    parser.add_argument(
        "--extended", action="store_true", help="send all through the extended protocol"
    )
    parser.add_argument("--dsn", help="a running Sundog")
    parser.add_argument("--store", default="rocks")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument(
        "--show", type=int, default=SHOWN_FAILURES, help="failures printed for a file"
    )
    parser.add_argument("--causes", type=int, default=40)
    parser.add_argument("--suite", default="slt", help="name under which the counts are kept")
    return parser.parse_args()


def folder_files(folder):
    """Without pending/, which holds statements whose answers are known to be wrong: it is named to
    be run."""
    files = sorted(folder.rglob("*.slt"))
    return files if folder == PENDING else [path for path in files if PENDING not in path.parents]


def find_files(names):
    found = []
    for name in names or [HERE]:
        path = pathlib.Path(name).resolve()
        found += folder_files(path) if path.is_dir() else [path]
    return [str(path) for path in found]


def main():
    arguments = parse_arguments()
    files = find_files(arguments.files)
    if not files:
        print("no .slt files")
        return 1
    with contextlib.ExitStack() as stack:
        arguments.oracle = None
        if arguments.rewrite or arguments.differential or arguments.on == "postgres":
            arguments.oracle = stack.enter_context(oracle_from_environment())
        with multiprocessing.Pool(arguments.jobs) as pool:
            failed = report(pool.imap(guarded, [(path, arguments) for path in files]), arguments)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
