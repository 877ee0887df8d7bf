#!/usr/bin/env python3
"""Random mutations of the statements of all .slt files: whatever is sent, the server lives on.

    mutate.py [--seconds N] [--seed N] [--store rocks]

A token is replaced by one of another statement or by an odd value, dropped, swapped or doubled;
some statements stay as they are, so that there are tables to work on. Each round is one
connection. A failure prints the round's statements; the seed, printed at the start, repeats a run.
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
]


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
        kind = self.rng.choice(["token", "odd", "drop", "swap", "insert", "double"])
        if kind == "token":
            tokens[i] = self.rng.choice(self.tokens)
        elif kind == "odd":
            tokens[i] = f" {self.rng.choice(ODD_VALUES)} "
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
    except ServerError:
        return True
    except (OSError, Timeout, ConnectionError):
        return False
    return True


def ended(server):
    """Whether the server's process is gone, or goes within a moment."""
    try:
        server.process.wait(timeout=1)
    except subprocess.TimeoutExpired:
        return False
    return True


def run_round(rng, mutator, server, statements):
    """One connection; returns what was sent, and whether that ended the server."""
    sent = []
    first = rng.randrange(len(statements)) if rng.random() < 0.5 else 0
    with connect(server.connection_string) as connection:
        connection.simple("set statement_timeout = '2s'")
        for sql in statements[first : first + STATEMENTS_A_ROUND]:
            text = sql if rng.random() < 0.4 else mutator.mutate(sql)
            if LEFT_OUT.search(text) or "\0" in text:
                continue
            sent.append(text)
            if not send(connection, text, rng.random() < 0.3):
                return sent, ended(server)
    return sent, False


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
    files = [statements_of(path) for path in sorted((HERE.parent / "slt").glob("*/*.slt"))]
    mutator = Mutator(rng, [sql for statements in files for sql in statements])
    count = rounds = 0
    deadline = time.monotonic() + arguments.seconds
    with Sundog(store=arguments.store) as server:
        while time.monotonic() < deadline:
            sent, failed = run_round(rng, mutator, server, rng.choice(files))
            rounds += 1
            count += len(sent)
            if failed:
                print(";\n".join(sent[-20:]) + ";")
                print(server.log_text())
                results.record("fuzz", rounds - 1, 1)
                return 1
    print(f"{count} statements in {rounds} connections; the server lives")
    results.record("fuzz", rounds, 0)
    return 0


if __name__ == "__main__":
    sys.exit(main())
