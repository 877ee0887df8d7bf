#!/usr/bin/env python3
"""What psql prints on a known schema, command by command, against what it prints on PostgreSQL 15.

    run_psql.py                   on a private Sundog
    run_psql.py --on postgres     checks the recorded answers
    run_psql.py --rewrite         records them from PostgreSQL 15

commands.txt holds the commands, schema.sql the schema, expected.txt what psql prints on
PostgreSQL 15.
"""

import argparse
import difflib
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

import results  # noqa: E402
from oracle.postgres import Postgres, binary_folder  # noqa: E402
from pgclient import ServerError, connect  # noqa: E402
from servers.sundog import Sundog  # noqa: E402

EXPECTED = HERE / "expected.txt"
MARK = "=== "


def psql(server, command):
    """What psql prints for one line of commands.txt, errors in place."""
    done = subprocess.run(
        [str(binary_folder() / "psql"), "-X", "-q", server.connection_string],
        input=command + "\n",
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=60,
        check=False,
    )
    return "\n".join(line.rstrip() for line in done.stdout.rstrip("\n").split("\n"))


def make_schema(server):
    """Statement by statement, so that one a server lacks does not hide the rest: failures."""
    failures = []
    text = "\n".join(
        line for line in (HERE / "schema.sql").read_text().split("\n") if not line.startswith("--")
    )
    with connect(server.connection_string) as session:
        for statement in text.split(";\n"):
            if not statement.strip():
                continue
            try:
                session.simple(statement)
            except ServerError as error:
                failures.append(f"schema.sql: {error}: {' '.join(statement.split())[:80]}")
    return failures


def read_expected():
    expected = {}
    for part in EXPECTED.read_text().split("\n" + MARK):
        command, _, answer = part.removeprefix(MARK).partition("\n")
        expected[command] = answer.rstrip("\n")
    return expected


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--on", choices=["sundog", "postgres"], default="sundog")
    parser.add_argument("--rewrite", action="store_true")
    arguments = parser.parse_args()
    commands = (HERE / "commands.txt").read_text().splitlines()
    on_postgres = arguments.rewrite or arguments.on == "postgres"
    with Postgres() if on_postgres else Sundog() as server:
        failures = make_schema(server)
        answers = {command: psql(server, command) for command in commands}
    if arguments.rewrite:
        EXPECTED.write_text("\n".join(f"{MARK}{c}\n{a}\n" for c, a in answers.items()))
        return 1 if failures else 0
    for line in failures:
        print("FAIL " + line)
    expected = read_expected()
    failed = len(failures)
    for command, answer in answers.items():
        if expected.get(command) == answer:
            print("ok   " + command)
            continue
        failed += 1
        print("FAIL " + command)
        for line in difflib.unified_diff(
            expected.get(command, "(nothing recorded)").split("\n"),
            answer.split("\n"), "PostgreSQL", "got", lineterm="",
        ):  # fmt: skip
            print("    " + line)
    passed = len(answers) + len(failures) - failed
    print(f"psql commands: {passed} passed, {failed} failed")
    if arguments.on == "sundog":
        results.record("psql", passed, failed)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
