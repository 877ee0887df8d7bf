#!/usr/bin/env python3
"""Profile dsql under load: sessions that never wait change the same few rows.

Every acknowledged increment counts once, no child is left without its parent, no unique value is
there twice. Losers get 40001, and what a constraint refuses its own code; anything else fails.
"""

import argparse
import random
import sys
import threading
import time

import results
from pgclient import ServerError, connect
from servers.sundog import Sundog

EXPECTED = ("40001", "23503", "23505")
SCHEMA = (
    "create table counter (id int primary key, n int not null)",
    "create table parent (id int primary key, v int)",
    "create table child (id int primary key, parent int references parent on delete cascade)",
    "create table code (id int primary key, value int unique)",
)
VIOLATIONS = (
    ("children without a parent", "select from child where parent not in (select id from parent)"),
    ("values that are there twice", "select value from code group by value having count(*) > 1"),
)


class Client(threading.Thread):
    """Changes rows until the deadline; `increments` were acknowledged."""

    def __init__(self, dsn, number, seed, deadline):
        super().__init__(daemon=True)
        self._dsn, self._number, self._deadline = dsn, number, deadline
        self._random = random.Random(seed + number)
        self._next_id = number * 1_000_000
        self.increments = 0
        self.refused = 0
        self.failure = None

    def run(self):
        try:
            with connect(self._dsn, timeout_s=60) as session:
                while time.monotonic() < self._deadline:
                    self.increments += self._send(
                        session,
                        f"insert into counter values ({self._random.randrange(5)}, 1) "
                        "on conflict (id) do update set n = counter.n + 1",
                    )
                    self._send(session, self._change())
        except Exception as error:  # noqa: BLE001  shown by main
            self.failure = error

    def _change(self):
        self._next_id += 1
        parent = self._random.randrange(8)
        return self._random.choice(
            (
                f"insert into parent values ({parent}, 0) on conflict do nothing",
                f"insert into child values ({self._next_id}, {parent})",
                f"delete from parent where id = {parent}",
                f"update parent set v = v + 1 where id = {parent}",
                f"insert into code values ({self._next_id}, {self._random.randrange(400)})",
                f"delete from code where value = {self._random.randrange(400)}",
            )
        )

    def _send(self, session, sql):
        try:
            session.simple(sql)
            return 1
        except ServerError as error:
            if error.sqlstate not in EXPECTED:
                raise
            self.refused += 1
            return 0


def run(dsn, arguments):
    """What is wrong afterwards, a line each."""
    with connect(dsn) as session:
        for statement in SCHEMA:
            session.simple(statement)
    deadline = time.monotonic() + arguments.seconds
    clients = [Client(dsn, i, arguments.seed, deadline) for i in range(arguments.sessions)]
    for client in clients:
        client.start()
    for client in clients:
        client.join()
    wrong = [repr(client.failure) for client in clients if client.failure]
    acknowledged = sum(client.increments for client in clients)
    with connect(dsn) as session:
        counted = int(session.value("select coalesce(sum(n), 0) from counter"))
        if counted != acknowledged:
            wrong.append(f"{acknowledged} increments acknowledged, {counted} counted")
        for what, query in VIOLATIONS:
            count = int(session.value(f"select count(*) from ({query}) violation"))
            if count:
                wrong.append(f"{count} {what}")
    refused = sum(client.refused for client in clients)
    print(f"{acknowledged} increments, {refused} statements refused")
    if not acknowledged or not refused:
        wrong.append("nothing collided")
    return wrong


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--sessions", type=int, default=6)
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 32))
    arguments = parser.parse_args()
    print(f"seed {arguments.seed}", flush=True)
    with Sundog(arguments=["--profile", "dsql"]) as server:
        wrong = run(server.connection_string, arguments)
    for line in wrong:
        print(line)
    results.record("isolation-constraints", 0 if wrong else 1, 1 if wrong else 0)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
