#!/usr/bin/env python3
"""Sends the same statements to the binder and to PostgreSQL 15, and compares the answers.

    tests/binder/compare.py --binary build/dev/bin/sundog_bind
        [--connect postgresql://…] [--views] [FILE…]

Statements are described, not run: PostgreSQL parses them through the extended protocol. Compared
are, of a statement that binds, its parameter types and its columns' names and types; of one that
does not, SQLSTATE, message, position, detail and hint. Files hold statements ended by a line of
`--`; without any, those of tests/binder/statements/. A statement that PostgreSQL only refuses when
it runs is not asked for here. Without --connect a private PostgreSQL is started.

    tests/binder/compare.py --binary build/dev/bin/sundog_bind --golden [--rewrite]

needs no PostgreSQL: the binder's answers are those recorded in statements/*.golden, which --rewrite
writes anew.
"""

import argparse
import difflib
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from oracle.postgres import Postgres  # noqa: E402
from pgclient import messages  # noqa: E402
from pgclient.connection import connect  # noqa: E402

DATABASE = "sundog_binder_compare"


def statements_of(paths):
    for path in paths:
        text = path.read_text()
        for number, statement in enumerate(text.split("\n--\n")):
            if statement.strip():
                yield f"{path.name}:{number + 1}", statement.strip("\n") + "\n"


class Oracle:
    """Describes statements on PostgreSQL."""

    def __init__(self, connection, ddl):
        self.connection = connection
        connection.simple(ddl)
        self.type_names = {}

    def describe(self, statement):
        send, receive = self.connection.send, self.connection.receive
        send(messages.frame(b"P", b"\0" + statement.encode() + b"\0" + b"\0\0")
             + messages.frame(b"D", b"S\0") + messages.frame(b"S", b""))
        parameters, columns, error = [], [], None
        while True:
            kind, payload = receive()
            if kind == b"E":
                error = messages.error_fields(payload)
            elif kind == b"t":
                count = int.from_bytes(payload[:2], "big")
                parameters = [int.from_bytes(payload[2 + 4 * i:6 + 4 * i], "big")
                              for i in range(count)]
            elif kind == b"T":
                columns = list(self._columns(payload))
            elif kind == b"Z":
                break
        if error is not None:
            return ("error", error.get("C", ""), int(error.get("P") or 0), error.get("M", ""),
                    error.get("D", "").replace("\n", " "), error.get("H", "").replace("\n", " "))
        return ("ok", ", ".join(self._type(oid, -1) for oid in parameters),
                ", ".join(f"{name}={self._type(oid, typmod)}" for name, oid, typmod in columns))

    def view(self, statement):
        """pg_get_viewdef of a view of the query, plain and pretty; None if it cannot be one."""
        try:
            self.connection.simple(f"CREATE TEMP VIEW probe AS {statement}")
        except messages.ServerError:
            return None
        texts = self.connection.rows("SELECT pg_get_viewdef('probe'::regclass), "
                                     "pg_get_viewdef('probe'::regclass, true)")
        self.connection.simple("DROP VIEW probe")
        return tuple(text.replace("\n", "\\n") for text in texts[0])

    @staticmethod
    def _columns(payload):
        at = 2
        for _ in range(int.from_bytes(payload[:2], "big")):
            end = payload.index(b"\0", at)
            name = payload[at:end].decode()
            fixed = payload[end + 1:end + 19]
            modifier = int.from_bytes(fixed[12:16], "big", signed=True)
            yield name, int.from_bytes(fixed[6:10], "big"), modifier
            at = end + 19

    def _type(self, oid, typmod):
        if (oid, typmod) not in self.type_names:
            result = self.connection.simple(f"SELECT format_type({oid}, {typmod})")[0]
            self.type_names[oid, typmod] = result.rows[0][0]
        name = self.type_names[oid, typmod]
        name = name.decode() if isinstance(name, bytes) else name
        return name.replace('"bit"', "bit")  # quoted where the modifier is not known


class Binder:
    """Describes statements with the binder."""

    def __init__(self, binary, *options):
        self.process = subprocess.Popen([binary, *options], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True)

    def describe(self, statement):
        self.process.stdin.write(statement + "--\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline().rstrip("\n")
        fields = line.split("\t")
        if fields[0] in ("ok", "view", "skip"):
            return tuple(fields)
        return (fields[0], fields[1], int(fields[2]), fields[3], fields[4], fields[5])


def compare(oracle, binder, statements):
    total = wrong = 0
    for name, statement in statements:
        expected, got = oracle.describe(statement), binder.describe(statement)
        total += 1
        if expected == got:
            continue
        wrong += 1
        print(f"{name}: {statement.strip()}\n    PostgreSQL: {expected}\n    binder:     {got}")
    print(f"{total} statements, {wrong} differ")
    return wrong


def compare_views(oracle, binder, statements):
    total = wrong = broken = 0
    for name, statement in statements:
        got = binder.describe(statement)
        expected = oracle.view(statement) if got[0] == "view" else None
        if expected is None:
            continue
        total += 1
        broken += got[3] != "same"
        if got[3] != "same":
            print(f"{name}: {statement.strip()}\n    {got[3]}")
        if got[1:3] != expected:
            wrong += 1
            which = 0 if got[1] != expected[0] else 1
            print(f"{name}: {statement.strip()}\n"
                  f"    PostgreSQL: {expected[which]}\n    binder:     {got[1 + which]}")
    print(f"{total} views, {wrong} print otherwise, {broken} do not bind to the same tree")
    return broken


def answers_of(binary, path):
    """What the binder makes of a file's statements, a line or two for each."""
    describer, viewer = Binder(binary), Binder(binary, "--view")
    for name, statement in statements_of([path]):
        yield name + "\t" + "\t".join(str(field) for field in describer.describe(statement))
        view = viewer.describe(statement)
        if view[0] == "view":
            yield "\t" + view[1] + "\t" + view[3]


def check_golden(binary, files, rewrite):
    wrong = 0
    for path in files:
        golden = path.with_suffix(".golden")
        answers = list(answers_of(binary, path))
        if rewrite:
            golden.write_text("\n".join(answers) + "\n")
            continue
        difference = list(difflib.unified_diff(golden.read_text().splitlines(), answers,
                                               golden.name, "binder", lineterm="", n=0))
        wrong += len(difference)
        print("\n".join(difference) if difference else f"{path.name}: as recorded")
    return wrong


def run(arguments, connection):
    ddl = subprocess.run([arguments.binary, "--ddl"], stdout=subprocess.PIPE, text=True,
                         check=True).stdout
    statements = statements_of(arguments.files or sorted((HERE / "statements").glob("*.sql")))
    oracle = Oracle(connection, ddl)
    if arguments.views:
        return compare_views(oracle, Binder(arguments.binary, "--view"), statements)
    return compare(oracle, Binder(arguments.binary), statements)


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", required=True)
    parser.add_argument("--connect")
    parser.add_argument("--views", action="store_true", help="compare how queries print as views")
    parser.add_argument("--golden", action="store_true", help="compare with recorded answers")
    parser.add_argument("--rewrite", action="store_true", help="record the answers anew")
    parser.add_argument("files", nargs="*", type=pathlib.Path)
    arguments = parser.parse_args()
    if arguments.golden:
        files = arguments.files or sorted((HERE / "statements").glob("*.sql"))
        return check_golden(arguments.binary, files, arguments.rewrite) != 0
    if not arguments.connect:
        with Postgres() as server:
            connection = connect(host=server.host, port=server.port, user="postgres",
                                 database="postgres")
            return run(arguments, connection) != 0
    admin = connect(arguments.connect)
    admin.simple(f"DROP DATABASE IF EXISTS {DATABASE}")
    admin.simple(f"CREATE DATABASE {DATABASE}")
    connection = connect(arguments.connect, database=DATABASE)
    try:
        return run(arguments, connection) != 0
    finally:
        connection.close()
        admin.simple(f"DROP DATABASE {DATABASE}")


if __name__ == "__main__":
    sys.exit(main())
