#!/usr/bin/env python3
"""Random mutations of statements: whatever is sent, the server lives on, answers, and does not call
it an internal error (XX000).

    mutate.py [--seconds N] [--seed N] [--store rocks] [--sessions N] [--profile dsql]

The statements are those of all .slt files (of the profile, too), those of utility.sql, and commands
on objects of every kind (object_commands.py). A token is replaced by one of another statement or by
an odd value, dropped, swapped or doubled, or a byte is changed; some statements stay as they are,
so that there are tables to work on. Each round is one connection. A failure prints the round's
statements; the seed, printed at the start, repeats a run.

With several sessions the rounds run at the same time on the same tables, and cancel each other's
statements: what one changes, the others hold plans of. What they find depends on the threads, so a
seed repeats only what is sent.
"""

import argparse
import os
import pathlib
import random
import re
import subprocess
import sys
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

import results  # noqa: E402
from fuzz import object_commands, seeded  # noqa: E402
from pgclient.connection import connect  # noqa: E402
from pgclient.messages import ServerError, Timeout  # noqa: E402
from servers.sundog import Sundog  # noqa: E402
from slt import slt_format  # noqa: E402

STATEMENTS_A_ROUND = 60
CANCELLATIONS = 0.02  # a statement
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
    r"invalid INTERVAL typmod|unsupported (jsonb|jsonpath) version number|"
    r"cannot have explicit members|expected state array"
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
    def __init__(self, rng, tokens):
        self.rng = rng
        self.tokens = tokens

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
            # ThreadSanitizer keeps the whole stack with every allocation.
            most = 100 if os.environ.get("SUNDOG_SANITIZE") == "thread" else depth
            depth = self.rng.randrange(1, most)
            tokens[i] = f" {before * depth}{inner}{after * depth} "
        elif kind == "drop":
            del tokens[i]
        elif kind == "swap":
            tokens[i], tokens[j] = tokens[j], tokens[i]
        elif kind == "insert":
            tokens.insert(i, f" {self.rng.choice(self.tokens)} ")
        elif 0 < j - i < 30:
            tokens[i:j] = tokens[i:j] * 2


def tokens_of(rng, statements):
    sample = rng.sample(statements, min(3000, len(statements)))
    return [token for sql in sample for token in TOKEN.findall(sql) if not token.isspace()]


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


def choose_statements(rng, files, of_profile):
    kind = rng.random()
    if kind < 0.15:
        return object_commands.random_statements(rng, STATEMENTS_A_ROUND)
    if kind < 0.3:
        return files[0]
    return rng.choice(of_profile if kind < 0.45 else files)


class Round:
    """The statements of one connection."""

    def __init__(self, connection):
        self.connection = connection
        self.sent = []

    def shown(self):
        return ";\n".join(ascii(sql) for sql in self.sent[-20:])


class Fuzz:
    """The sessions on one server, each a thread that makes one round after another."""

    def __init__(self, server, settings, files, of_profile, tokens, deadline):
        self.server = server
        self._settings = settings
        self._files = files
        self._of_profile = of_profile
        self._tokens = tokens
        self._deadline = deadline
        self._lock = threading.Lock()
        self._running = []
        self.count = self.rounds = 0
        self.failure = None
        # After ALTER ROLE postgres NOLOGIN and the like it takes another server to go on.
        self.locked_out = False

    def run(self, seeds):
        threads = [threading.Thread(target=self._run_session, args=(seed,)) for seed in seeds]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def _run_session(self, seed):
        rng = random.Random(seed)
        mutator = Mutator(rng, self._tokens)
        while time.monotonic() < self._deadline and not (self.failure or self.locked_out):
            try:
                self._run_round(rng, mutator)
            except ServerError as error:
                if error.sqlstate.startswith("28"):
                    self.locked_out = True
                elif not error.sqlstate.startswith("57"):  # not another session's doing
                    self._fail(repr(error))
            except Exception as error:  # noqa: BLE001  shown by main
                if not isinstance(error, ConnectionError) or ended(self.server):
                    self._fail(repr(error))

    def _run_round(self, rng, mutator):
        with connect(self.server.connection_string, **self._settings) as connection:
            own = Round(connection)
            with self._lock:
                self._running.append(own)
            try:
                self._send_all(rng, mutator, own)
            except Failure as failure:
                self._fail(str(failure))
            finally:
                with self._lock:
                    self._running.remove(own)
                    self.rounds += 1
                    self.count += len(own.sent)

    def _send_all(self, rng, mutator, own):
        statements = choose_statements(rng, self._files, self._of_profile)
        first = rng.randrange(len(statements)) if rng.random() < 0.5 else 0
        for sql in statements[first : first + STATEMENTS_A_ROUND]:
            text = sql if rng.random() < 0.4 else mutator.mutate(sql)
            if LEFT_OUT.search(text) or "\0" in text:
                continue
            own.sent.append(text)
            if rng.random() < CANCELLATIONS:
                self._cancel_another(rng, own)
            if not send(own.connection, text, rng.random() < 0.3):
                if ended(self.server):
                    self._fail("the server ended")
                return

    def _cancel_another(self, rng, own):
        with self._lock:
            others = [other for other in self._running if other is not own]
        if not others:
            return
        try:
            rng.choice(others).connection.cancel()
        except OSError:
            pass  # the next statement finds out whether the server is gone

    def _fail(self, what):
        with self._lock:
            if self.failure is None:
                # Any of those that run may have done it.
                rounds = "\n\n".join(other.shown() for other in self._running)
                self.failure = f"{rounds}\n{what}"


def statements_of(path):
    return [record.sql for record in slt_format.records(slt_format.read(path)) if record.sql]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--store", default="memory")
    parser.add_argument("--sessions", type=int, default=1)
    parser.add_argument("--profile", default="postgres")
    arguments, rng = seeded.start(parser, seconds=30)
    suite = "fuzz" if arguments.sessions == 1 else "fuzz-sessions"
    if arguments.profile != "postgres":
        suite += f"-{arguments.profile}"
    files = [(HERE / "utility.sql").read_text().split("\n")[1:]]
    slt = HERE.parent / "slt"
    files += [statements_of(path) for path in sorted(slt.glob("*/*.slt"))]
    own = slt / "profiles" / arguments.profile
    of_profile = [statements_of(path) for path in sorted(own.glob("*.slt"))]
    tokens = tokens_of(rng, [sql for statements in files + of_profile for sql in statements])
    # By the startup packet: RESET ALL leads back to it. Profile dsql has no such setting.
    settings = {} if arguments.profile == "dsql" else {"statement_timeout": "2s"}
    count = rounds = 0
    deadline = time.monotonic() + arguments.seconds
    while time.monotonic() < deadline:
        options = ["--profile", arguments.profile]
        with Sundog(store=arguments.store, arguments=options) as server:
            fuzz = Fuzz(server, settings, files, of_profile, tokens, deadline)
            fuzz.run([rng.randrange(1 << 32) for _ in range(arguments.sessions)])
            rounds += fuzz.rounds
            count += fuzz.count
            if fuzz.failure:
                print(fuzz.failure)
                print(server.log_text())
                results.record(suite, rounds - 1, 1)
                return 1
    print(f"{count} statements in {rounds} connections; the server lives")
    results.record(suite, rounds, 0)
    return 0


if __name__ == "__main__":
    sys.exit(main())
