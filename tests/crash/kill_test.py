#!/usr/bin/env python3
"""Kills the server under load, again and again, and looks for every acknowledged commit.

    kill_test.py --rounds 50 [--seed N] [--on postgres]

Each round starts the server on the folder the last one left, lets writers work, kills it with
SIGKILL at a random moment, starts it again and checks. The seed is printed; it fixes the writers'
choices and the moments, not the scheduling.
"""

import argparse
import pathlib
import random
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

import results  # noqa: E402
from crash import workload  # noqa: E402
from oracle.postgres import Postgres  # noqa: E402
from pgclient import connect  # noqa: E402
from servers.sundog import Sundog  # noqa: E402

WRITERS = 8
SHORTEST_S, LONGEST_S = 0.02, 0.8


class KilledPostgres(Postgres):
    """PostgreSQL with the same handles, to check the test itself."""

    def __init__(self):
        super().__init__(durable=True)
        self._made = False

    def start(self):
        if self._made:
            self.restart()
        else:
            super().start()
            self._made = True

    def kill(self):
        self.crash()

    def remove(self):
        self.stop()


def make_schema(server):
    with connect(server.connection_string) as session:
        session.simple(workload.SCHEMA)


def run_round(server, number, chance, history):
    """One round; returns what is wrong afterwards."""
    writers = [
        workload.Writer(
            index, server.connection_string, chance.random(), number * workload.NUMBERS_A_RUN
        )
        for index in range(WRITERS)
    ]
    for writer in writers:
        writer.start()
    time.sleep(chance.uniform(SHORTEST_S, LONGEST_S))
    server.kill()
    for writer in writers:
        writer.join(timeout=60)
    server.start()
    history += writers
    wrong = [f"writer {w.number} failed: {w.failure!r}" for w in writers if w.failure]
    wrong += [f"writer {w.number} did not notice the end" for w in writers if w.is_alive()]
    # Every tenth round looks at all rounds before as well.
    wrong += workload.check(server.connection_string, history if number % 10 == 9 else writers)
    return wrong, sum(len(w.acknowledged) for w in writers)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=50)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32))
    parser.add_argument("--on", choices=["sundog", "postgres"], default="sundog")
    arguments = parser.parse_args()
    print(f"seed {arguments.seed}", flush=True)
    chance = random.Random(arguments.seed)
    server = KilledPostgres() if arguments.on == "postgres" else Sundog()
    passed = failed = total = 0
    history = []
    server.start()
    try:
        make_schema(server)
        for number in range(arguments.rounds):
            wrong, acknowledged = run_round(server, number, chance, history)
            total += acknowledged
            passed, failed = passed + (not wrong), failed + bool(wrong)
            print(
                f"{'FAIL' if wrong else 'ok  '} round {number}: {acknowledged} commits known",
                flush=True,
            )
            for line in wrong[:20]:
                print("    " + line)
    finally:
        server.stop()
        server.remove()
    print(f"kill rounds: {passed} passed, {failed} failed, {total} acknowledged commits")
    if arguments.on == "sundog":
        results.record("crash", passed, failed)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
