#!/usr/bin/env python3
"""Random mutations of statements: whatever is sent, the server lives on, answers, and does not call
it an internal error (XX000).

    mutate.py [--seconds N] [--seed N] [--store rocks]

The statements are those of all .slt files, those of utility.sql, and commands on objects of every
kind (object_commands.py). A token is replaced by one of another statement or by an odd value,
dropped, swapped or doubled, or a byte is changed; some statements stay as they are, so that there
are tables to work on. Each round is one connection. A failure prints the round's statements; the
seed, printed at the start, repeats a run.
"""

import argparse
import pathlib
import random
import re
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

import results  # noqa: E402
from fuzz import object_commands  # noqa: E402
from pgclient.connection import connect  # noqa: E402
from pgclient.messages import ServerError, Timeout  # noqa: E402
from servers.sundog import Sundog  # noqa: E402
from slt import slt_format  # noqa: E402

STATEMENTS_A_ROUND = 60
TOKEN = re.compile(
    r"\s+|'(?:[^']|'')*'|\"[^\"]*\"|\$\$.*?\$\$|[A-Za-z_]\w*|\d+(?:\.\d+)?|[-+*/<>=~!@#%^&|?]+|.",
    re.S,
)
# What waits, or sends more than a statement.
LEFT_OUT = re.compile(r"pg_sleep|_timeout|\bcopy\b|advisory", re.I)
# What PostgreSQL, too, calls an internal error.
ALSO_POSTGRES = re.compile(
    r"cache lookup failed|failed to find conversion function|unrecognized node type|"
    r"regular expression failed|unexpected jsonb? type|expected \d+-element float8 array|"
    r"invalid INTERVAL typmod|unsupported (jsonb|jsonpath) version number"
)
ODD_VALUES = [
    "null",
    "''",
    "'{}'",
    "0",
    "-1",
    "9223372036854775807",
    "1e308",
    "'NaN'::float8",
    "'infinity'::timestamp",
    "interval '1 day'",
    "current_date",
    "true",
    "'a'::\"char\"",
    "b'101'",
    "''::bytea",
    "array[]::int[]",
    "array[[1,2],[3,4]]",
    "row()",
    "row(null, 1)",
    "'[1,2)'::int4range",
    "'{\"a\":[1,null]}'::jsonb",
    "repeat('x', 100000)",
    "(select 1)",
    "(select null where false)",
    "(select count(*) from pg_class)",
    "generate_series(1, 3)",
    "unnest(array[1,2])",
    "count(*)",
    "sum(1) over ()",
    "*",
    "default",
    "$1",
    "99999999999999999999999999",
    "1e-400",
    "0x7fffffff",
    "interval '178956970 years'",
    "'4713-01-01 BC'::timestamptz",
    "'{{1,2},{3}}'::int[]",
    "'[0:99999999]={1}'::int[]",
    "'(1,'",
    "'$.a[*] ? (@.b > 1).**{2 to last}'::jsonpath",
    "'[[[[{\"a\":{\"a\":[]}}]]]]'::json",
    "E'\\u0000'",
    "U&'\\D800'",
    "'\\xzz'::bytea",
    "\"\"",
    "$$ $$",
    "none",
    "operator(pg_catalog.+)",
    "(a, b, *)",
    "setof int[]",
    "/*",
    "--",
    ";",
    "\udcff",
    "\udcc3(",
]
# Nested as deep as the number says.
NESTED = [
    (20000, "(", "1", ")"),
    (20000, "-", "1", ""),
    (20000, "not ", "true", ""),
    (5000, "array[", "1", "]"),
    (5000, "(select ", "1", ")"),
    (5000, "case when true then ", "1", " end"),
    (20000, "'", "[", "'::json"),
    (5000, "coalesce(1, ", "1", ")"),
    (5000, "1 + ", "1", ""),
]


KINDS = ["token", "odd", "drop", "swap", "insert", "double"] * 8 + ["byte"] * 4 + ["nested"]


class Failure(Exception):
    """The server lives, but this is not how it should answer."""


class Mutator:
    def __init__(self, rng, statements):
        self.rng = rng
        sample = rng.sample(statements, min(3000, len(statements)))
        self.tokens = [
            token for sql in sample for token in TOKEN.findall(sql) if not token.isspace()
        ]

    def mutate(self, sql):
        tokens = TOKEN.findall(sql)
        for _ in range(self.rng.choice([1, 1, 1, 2, 3])):
            places = [i for i, token in enumerate(tokens) if not token.isspace()]
            if not places:
                break
            self._change(tokens, self.rng.choice(places), self.rng.choice(places))
        return "".join(tokens)

    def _change(self, tokens, i, j):
        kind = self.rng.choice(KINDS)
        if kind == "token":
            tokens[i] = self.rng.choice(self.tokens)
        elif kind == "odd":
            tokens[i] = f" {self.rng.choice(ODD_VALUES)} "
        elif kind == "byte":
            at = self.rng.randrange(len(tokens[i]))
            byte = chr(self.rng.randrange(1, 128))
            tokens[i] = tokens[i][:at] + byte + tokens[i][at + 1 :]
        elif kind == "nested":
            depth, before, inner, after = self.rng.choice(NESTED)
            depth = self.rng.randrange(1, depth)
            tokens[i] = f" {before * depth}{inner}{after * depth} "
        elif kind == "drop":
            del tokens[i]
        elif kind == "swap":
            tokens[i], tokens[j] = tokens[j], tokens[i]
        elif kind == "insert":
            tokens.insert(i, f" {self.rng.choice(self.tokens)} ")
        elif 0 < j - i < 30:
            tokens[i:j] = tokens[i:j] * 2


def send(connection, sql, extended):
    """False if the connection is lost."""
    try:
        connection.extended(sql) if extended else connection.simple(sql)
    except ServerError as error:
        if error.sqlstate == "XX000" and not ALSO_POSTGRES.search(error.message):
            raise Failure(str(error)) from None
    except Timeout:
        raise Failure("no answer") from None
    except (OSError, ConnectionError):
        return False
    return True


def ended(server):
    """Whether the server's process is gone, or goes within a moment."""
    try:
        server.process.wait(timeout=1)
    except subprocess.TimeoutExpired:
        return False
    return True


def run_round(rng, mutator, server, statements, sent):
    """One connection; appends what it sends to `sent`, and tells whether that ended the server."""
    first = rng.randrange(len(statements)) if rng.random() < 0.5 else 0
    with connect(server.connection_string) as connection:
        connection.simple("set statement_timeout = '2s'")
        for sql in statements[first : first + STATEMENTS_A_ROUND]:
            text = sql if rng.random() < 0.4 else mutator.mutate(sql)
            if LEFT_OUT.search(text) or "\0" in text:
                continue
            sent.append(text)
            if not send(connection, text, rng.random() < 0.3):
                return ended(server)
    return False


def choose_statements(rng, files):
    kind = rng.random()
    if kind < 0.15:
        return object_commands.random_statements(rng, STATEMENTS_A_ROUND)
    return files[0] if kind < 0.3 else rng.choice(files)


def statements_of(path):
    return [record.sql for record in slt_format.records(slt_format.read(path)) if record.sql]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--store", default="memory")
    arguments = parser.parse_args()
    seed = arguments.seed if arguments.seed is not None else random.randrange(1 << 32)
    print(f"seed {seed}", flush=True)
    rng = random.Random(seed)
    files = [(HERE / "utility.sql").read_text().split("\n")[1:]]
    files += [statements_of(path) for path in sorted((HERE.parent / "slt").glob("*/*.slt"))]
    mutator = Mutator(rng, [sql for statements in files for sql in statements])
    count = rounds = 0
    deadline = time.monotonic() + arguments.seconds
    with Sundog(store=arguments.store) as server:
        while time.monotonic() < deadline:
            sent = []
            failed = ""
            try:
                if run_round(rng, mutator, server, choose_statements(rng, files), sent):
                    failed = server.log_text()
            except Failure as failure:
                failed = str(failure)
            except ServerError as error:
                # Such as ALTER ROLE postgres NOLOGIN: the next round has a new server.
                if not error.sqlstate.startswith("28"):
                    raise
                server.stop()
                server.remove()
                server.folder = None
                server.start()
            rounds += 1
            count += len(sent)
            if failed:
                print(";\n".join(ascii(sql) for sql in sent[-20:]))
                print(failed)
                results.record("fuzz", rounds - 1, 1)
                return 1
    print(f"{count} statements in {rounds} connections; the server lives")
    results.record("fuzz", rounds, 0)
    return 0


if __name__ == "__main__":
    sys.exit(main())
