#!/usr/bin/env python3
"""Random transactions on append-only lists by many sessions, and a search for anomalies in what
they saw.

    list_append.py --level serializable --seconds 10 [--realtime] [--on postgres]
    [--lose-connections]

Allowed are, as PostgreSQL allows them: at serializable nothing, at repeatable read G2-item, at read
committed G-single and G2-item too.
"""

import argparse
import contextlib
import pathlib
import random
import sys
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

import results  # noqa: E402
from isolation.history import ABORTED, COMMITTED, UNKNOWN, History, Transaction  # noqa: E402
from oracle.postgres import Postgres  # noqa: E402
from pgclient import ServerError, connect  # noqa: E402
from servers.sundog import Sundog  # noqa: E402

ALLOWED = {
    "serializable": set(),
    "repeatable read": {"G2-item"},
    "read committed": {"G2-item", "G-single"},
}
KEYS_ALIVE = 6
OPERATIONS_A_KEY = 40


class Generator:
    """Hands out transactions. A few keys are in use at a time and are replaced as they grow."""

    def __init__(self, seed):
        self._random = random.Random(seed)
        self._lock = threading.Lock()
        self._next_value = 0
        self._next_key = KEYS_ALIVE
        self._keys = list(range(KEYS_ALIVE))
        self._uses = dict.fromkeys(self._keys, 0)

    def next(self):
        with self._lock:
            return [self._operation() for _ in range(self._random.randrange(1, 5))]

    def _operation(self):
        slot = self._random.randrange(KEYS_ALIVE)
        key = self._keys[slot]
        self._uses[key] += 1
        if self._uses[key] > OPERATIONS_A_KEY:
            self._keys[slot] = self._next_key
            self._uses[self._next_key] = 0
            self._next_key += 1
        if self._random.random() < 0.5:
            return ("read", key, None)
        self._next_value += 1
        return ("append", key, self._next_value)


class Client(threading.Thread):
    """One session that runs transactions until the deadline and keeps what it saw."""

    def __init__(self, dsn, level, generator, deadline, seed, lose):
        super().__init__(daemon=True)
        self._dsn, self._level, self._generator, self._deadline = dsn, level, generator, deadline
        self._random = random.Random(seed)
        self._lose = lose
        self.transactions = []
        self.failure = None

    def run(self):
        try:
            session = connect(self._dsn, timeout_s=60)
            while time.monotonic() < self._deadline:
                session = self._run_one(session)
            session.close()
        except Exception as error:  # noqa: BLE001  shown by main
            self.failure = error

    def _run_one(self, session):
        transaction = Transaction(0, [], UNKNOWN, time.monotonic())
        self.transactions.append(transaction)
        operations = self._generator.next()
        lost_at = self._random.randrange(len(operations) * 10) if self._lose else None
        try:
            session.simple("begin isolation level " + self._level)
            for number, (kind, key, value) in enumerate(operations):
                if number == lost_at:
                    session._socket.close()
                    raise ConnectionError("lost on purpose")
                transaction.operations.append((kind, key, self._execute(session, kind, key, value)))
            session.simple("commit")
            transaction.outcome = COMMITTED
        except ServerError as error:
            if error.sqlstate not in ("40001", "40P01"):
                raise
            transaction.outcome = ABORTED
            session.simple("rollback")
        except (ConnectionError, OSError, ValueError):
            session = connect(self._dsn, timeout_s=60)
        transaction.ended = time.monotonic()
        return session

    @staticmethod
    def _execute(session, kind, key, value):
        if kind == "append":
            session.extended(
                "insert into list (k, v) values ($1, $2) on conflict (k) do update "
                "set v = list.v || ',' || excluded.v",
                key,
                str(value),
            )
            return value
        text = session.value("select v from list where k = $1", key)
        return [int(part) for part in text.split(",")] if text else []


def run(dsn, arguments):
    """Runs the workload; returns the transactions and the lists at the end."""
    with connect(dsn) as session:
        session.simple("drop table if exists list")
        session.simple("create table list (k int primary key, v text not null)")
    generator = Generator(arguments.seed)
    deadline = time.monotonic() + arguments.seconds
    clients = [
        Client(
            dsn,
            arguments.level,
            generator,
            deadline,
            arguments.seed + i,
            arguments.lose_connections,
        )
        for i in range(arguments.clients)
    ]
    for client in clients:
        client.start()
    for client in clients:
        client.join()
    failures = [client.failure for client in clients if client.failure]
    if failures:
        raise failures[0]
    transactions = [t for client in clients for t in client.transactions]
    for index, transaction in enumerate(transactions):
        transaction.index = index
    with connect(dsn) as session:
        final = {
            int(k): [int(part) for part in v.split(",")]
            for k, v in session.rows("select k, v from list")
        }
    return transactions, final


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--level", choices=list(ALLOWED), default="serializable")
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--clients", type=int, default=10)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32))
    parser.add_argument("--realtime", action="store_true")
    parser.add_argument("--lose-connections", action="store_true")
    parser.add_argument("--on", choices=["sundog", "postgres"], default="sundog")
    parser.add_argument("--store", default="rocks")
    parser.add_argument("--profile", default="postgres")
    parser.add_argument("--dsn")
    arguments = parser.parse_args()
    print(f"seed {arguments.seed}", flush=True)
    with contextlib.ExitStack() as stack:
        dsn = arguments.dsn
        if dsn is None:
            options = ["--profile", arguments.profile]
            server = (
                Postgres()
                if arguments.on == "postgres"
                else Sundog(arguments.store, arguments=options)
            )
            dsn = stack.enter_context(server).connection_string
        transactions, final = run(dsn, arguments)
    found = History(transactions, final, arguments.realtime).anomalies()
    counts = {
        outcome: sum(t.outcome == outcome for t in transactions)
        for outcome in (COMMITTED, ABORTED, UNKNOWN)
    }
    print(f"{arguments.level}: " + ", ".join(f"{n} {outcome}" for outcome, n in counts.items()))
    for name, example in found.items():
        mark = "allowed" if name in ALLOWED[arguments.level] else "NOT ALLOWED"
        print(f"  {name} ({mark}): {example}")
    wrong = len(set(found) - ALLOWED[arguments.level]) + (counts[COMMITTED] == 0)
    if arguments.on == "sundog":
        suite = f"list-append-{arguments.level.replace(' ', '-')}-{arguments.profile}" + (
            "-lost" if arguments.lose_connections else ""
        )
        results.record(suite, 0 if wrong else 1, wrong)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
