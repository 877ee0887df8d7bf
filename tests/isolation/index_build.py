#!/usr/bin/env python3
"""Indexes are built while others write: afterwards every index and its table agree row by row.

Writers insert, update, delete and roll back, in short and long transactions, on a table with a
primary key and on one without. Meanwhile plain, partial, expression, covering and unique indexes
are built over and over (CREATE INDEX ASYNC, and CONCURRENTLY where the profile has it), read in one
snapshot with the index and without it, and dropped. With --crash the server is killed in the midst
of builds, and the builds go on when it is there again.
"""

import argparse
import random
import sys
import threading
import time

import results
from pgclient import ServerError, connect
from servers.sundog import Sundog

EXPECTED = ("40001", "40P01", "23505")
TABLES = {
    "keyed": "create table keyed (id int primary key, a int, b int, u int, name text)",
    "plain": "create table plain (id int, a int, b int, u int, name text)",
}
ROWS = 12000
MOST_MORE_S = 200  # until an index is built at all
VALUES = 200
# What is made of the index's columns, and what reads it whole.
INDEXES = (
    ("(a)", "a, id", "a between -1 and 1000000"),
    ("(a) include (id, b)", "a, id, b", "a between -1 and 1000000"),
    ("(b, a)", "b, a, id", "b between -1 and 1000000"),
    ("(lower(name))", "lower(name), id", "lower(name) between 'n' and 'o'"),
    ("(a) include (id) where b < 100", "a, id", "a between -1 and 1000000 and b < 100"),
)
UNIQUE = (
    ("(u)", "u, id", "u between -1 and 100000000"),
    ("(u) include (id, a, name)", "u, id, a, name", "u between -1 and 100000000"),
    ("(u) where b < 100", "u, id", "u between -1 and 100000000 and b < 100"),
)


class Writer(threading.Thread):
    """Changes rows until it is told to stop. A server that may be killed is waited for."""

    def __init__(self, server, number, seed, stop, may_be_cut_off):
        super().__init__(daemon=True)
        self._may_be_cut_off = may_be_cut_off
        self._server, self._told_to_stop = server, stop
        self._random = random.Random(seed * 100 + number)
        self._next_id = (number + 1) * 1_000_000
        self.committed = 0
        self.lost = 0
        self.failure = None

    def run(self):
        while not self._told_to_stop.is_set():
            try:
                with connect(self._server.connection_string, timeout_s=60) as session:
                    while not self._told_to_stop.is_set():
                        self._transact(session)
            except OSError as error:
                if not self._may_be_cut_off:
                    self.failure = error
                    return
                time.sleep(0.02)
            except Exception as error:  # noqa: BLE001  shown by main
                self.failure = error
                return

    def _transact(self, session):
        in_block = self._random.random() < 0.5
        try:
            if in_block:
                session.simple("begin")
            for _ in range(self._random.randrange(1, 6) if in_block else 1):
                # Either protocol runs a lost statement again in its own way.
                run = self._random.choice((session.simple, session.extended))
                run(self._change())
                if in_block and self._random.random() < 0.05:
                    time.sleep(0.1)
            if in_block:
                session.simple("rollback" if self._random.random() < 0.2 else "commit")
            self.committed += 1
        except ServerError as error:
            if error.sqlstate not in EXPECTED:
                raise
            self.lost += 1
            if in_block:
                session.simple("rollback")

    def _change(self):
        pick = self._random.randrange
        table = self._random.choice(sorted(TABLES))
        row = f"id = {pick(ROWS)}" if table == "keyed" else f"u % {ROWS // 2} = {pick(ROWS // 2)}"
        kind = pick(10)
        if kind < 3:
            self._next_id += 1
            # Seldom a value that may be there already.
            value = pick(ROWS) if pick(40) == 0 else self._next_id
            return (
                f"insert into {table} values ({self._next_id}, {pick(VALUES)}, {pick(VALUES)}, "
                f"{value}, 'N{pick(VALUES)}')"
            )
        if kind < 5:
            return f"delete from {table} where {row}"
        self._next_id += 1
        change = self._random.choice(
            (
                f"a = {pick(VALUES)}",
                f"b = {pick(VALUES)}",
                f"name = 'n{pick(VALUES)}'",
                f"u = {self._next_id}",
                f"u = {pick(ROWS)}",
                f"id = {self._next_id}",
                f"a = {pick(VALUES)}, b = {pick(VALUES)}",
                "a = null",
            )
        )
        return f"update {table} set {change} where {row}"


class Builder:
    """Builds an index, compares, drops it."""

    def __init__(self, server, profile, seed):
        self._server, self._profile = server, profile
        self._random = random.Random(seed)
        self.built = self.refused = self.killed = self.resumed = 0
        self.wrong = []

    def round(self, crash):
        table = self._random.choice(sorted(TABLES))
        unique = self._random.random() < 0.5
        columns, wanted, where = self._random.choice(UNIQUE if unique else INDEXES)
        kind = "unique index" if unique else "index"
        with connect(self._server.connection_string, timeout_s=120) as session:
            if unique:
                self._retry(session, f"delete from {table} a using {table} b "
                                     "where a.u = b.u and a.id > b.id")
            if self._profile == "postgres" and not crash and self._random.random() < 0.3:
                done = self._build_concurrently(session, f"{kind} concurrently", table, columns)
            else:
                job = self._retry(session, f"create {kind} async built on {table} {columns}")
                done = None if crash else self._wait(session, job)
        if crash:
            self._kill()
        with connect(self._server.connection_string, timeout_s=120) as session:
            if crash:
                self.resumed += session.value(
                    f"select status in ('submitted', 'processing') from sys.jobs "
                    f"where job_id = '{job}'") == "t"
                done = self._wait(session, job)
            self._check(session, table, done, unique, wanted, where)
            self._retry(session, "drop index built")

    def _build_concurrently(self, session, what, table, columns):
        try:
            session.simple(f"create {what} built on {table} {columns}")
            return True
        except ServerError as error:
            if error.sqlstate != "23505":
                raise
            return False

    def _wait(self, session, job):
        return session.simple(f"call sys.wait_for_job('{job}')")[0].text_rows()[0][0] == "t"

    def _kill(self):
        time.sleep(self._random.random() * 0.1)
        self._server.kill()
        self._server.start()
        self.killed += 1

    def _retry(self, session, sql):
        while True:
            try:
                answers = session.simple(sql)
                rows = answers[0].text_rows() if answers else []
                return rows[0][0] if rows else None
            except ServerError as error:
                if error.sqlstate not in ("40001", "40P01"):
                    raise

    def _check(self, session, table, done, unique, wanted, where):
        valid = session.value("select indisvalid from pg_index where "
                              "indexrelid = to_regclass('built')")
        if valid != ("t" if done else "f"):
            self.wrong.append(f"the job says {done}, indisvalid is {valid}")
        if not done:
            self.refused += 1
            if not unique:
                self.wrong.append(f"build of {wanted} on {table} failed")
            return
        self.built += 1
        self._compare(session, f"select {wanted} from {table} where {where}")

    def _compare(self, session, query):
        """In one snapshot: what the index gives and what the rows give."""
        while True:
            try:
                session.simple("begin isolation level repeatable read")
                plan = str(session.rows(f"explain {query}"))
                through_index = sorted(session.rows(query), key=str)
                for path in ("indexscan", "indexonlyscan", "bitmapscan"):
                    session.simple(f"set local enable_{path} = off")
                rows = sorted(session.rows(query), key=str)
                session.simple("commit")
                break
            except ServerError as error:
                session.simple("rollback")
                if error.sqlstate != "40001":
                    raise
        if "built" not in plan:
            self.wrong.append(f"{query} does not use the index: {plan}")
        if through_index != rows:
            lost = [row for row in rows if row not in through_index]
            phantom = [row for row in through_index if row not in rows]
            self.wrong.append(f"{query}: {len(lost)} rows lost, such as {lost[:3]}, "
                              f"{len(phantom)} phantoms, such as {phantom[:3]}")


def seed_rows(session, rng):
    for table, definition in TABLES.items():
        session.simple(definition)
        for first in range(0, ROWS, 1000):
            rows = ", ".join(
                f"({i}, {rng.randrange(VALUES)}, {rng.randrange(VALUES)}, {i}, 'n{i % VALUES}')"
                for i in range(first, first + 1000)
            )
            session.simple(f"insert into {table} values {rows}")


def run(profile, arguments):
    """What is wrong, a line each."""
    options = ["--profile", "dsql"] if profile == "dsql" else []
    with Sundog(arguments=options) as server:
        with connect(server.connection_string) as session:
            seed_rows(session, random.Random(arguments.seed))
        stop = threading.Event()
        writers = [Writer(server, i, arguments.seed, stop, arguments.crash)
                   for i in range(arguments.sessions)]
        builder = Builder(server, profile, arguments.seed)
        for writer in writers:
            writer.start()
        deadline = time.monotonic() + arguments.seconds
        try:
            # Of the few rounds that a slow machine manages all may be of unique indexes, and each
            # may have met a duplicate of the writers'.
            while not builder.wrong and (
                time.monotonic() < deadline
                or (not builder.built and time.monotonic() < deadline + MOST_MORE_S)
            ):
                builder.round(arguments.crash)
        finally:
            stop.set()
            for writer in writers:
                writer.join()
        wrong = builder.wrong + [repr(writer.failure) for writer in writers if writer.failure]
    committed = sum(writer.committed for writer in writers)
    lost = sum(writer.lost for writer in writers)
    print(f"{profile}: {builder.built} indexes built, {builder.refused} refused, "
          f"{builder.killed} kills, {builder.resumed} resumed; {committed} transactions, "
          f"{lost} lost")
    if not builder.built or not committed:
        wrong.append("nothing was built, or nothing written")
    return wrong


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--sessions", type=int, default=4)
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 32))
    parser.add_argument("--profile", choices=("postgres", "dsql"), action="append")
    parser.add_argument("--crash", action="store_true")
    arguments = parser.parse_args()
    print(f"seed {arguments.seed}", flush=True)
    failures = 0
    profiles = arguments.profile or ("postgres", "dsql")
    for profile in profiles:
        wrong = run(profile, arguments)
        for line in wrong:
            print(f"{profile}: {line}")
        failures += bool(wrong)
    results.record("isolation-index-build" + ("-crash" if arguments.crash else ""),
                   len(profiles) - failures, failures)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
