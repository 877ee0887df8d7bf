#!/usr/bin/env python3
"""Random changes to tables with indexes of vectors: what a search through an index finds, beside
what reading the whole table finds in the same transaction.

    compare_nearest.py [--seed N] [--rounds 4] [--steps 60] [--kills 1] [--methods ivfflat,hnsw]

Two sessions insert, update and delete rows, with savepoints and rollbacks, and search, each in
transactions of its own at every isolation level; the server is killed now and then. A search must
give as many rows as there are, up to its limit, in the order of their true distances, and none that
does not pass the condition. Through all lists of an ivfflat index it must be exact, through some of
them it may miss any; the share of the nearest rows that a graph finds has a bound. The seed is
printed and fixes everything but the graphs, which are built beside; some searches of each round
with a graph must have found it ready, as else they read all entries.
"""

import argparse
import random
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import results  # noqa: E402
from pgclient import ServerError, connect  # noqa: E402
from servers.sundog import Sundog  # noqa: E402

DIMENSIONS = 8
# For a graph to be built.
WAIT_S = 120
# Of graphs. The inner product is no distance: a graph by it has worse ways.
LEAST_RECALL = {"<->": 0.9, "<#>": 0.5, "<=>": 0.9}
# Operator, and the operator classes that have it.
DISTANCES = {
    "<->": "vector_l2_ops",
    "<#>": "vector_ip_ops",
    "<=>": "vector_cosine_ops",
}
LEVELS = ["read committed", "repeatable read", "serializable"]
CONDITIONS = ["true", "true", "kind = 3", "kind < 5", "id % 50 = 7", "v is not null", "kind = 77"]
# Of what rows' keys have.
KEY_CONDITIONS = ["true", "true", "id % 50 = 7", "id + 0 < 0"]
# What another transaction may bring about.
EXPECTED_ERRORS = {"40001", "40P01", "23505", "55P03"}


class Generator:
    def __init__(self, seed):
        self.random = random.Random(seed)
        self.next_id = 0

    def vector(self):
        kind = self.random.random()
        if kind < 0.03:
            return "null"
        if kind < 0.06:
            return "'[" + ",".join(["0"] * DIMENSIONS) + "]'"
        heap = self.random.randrange(6)
        elements = [heap * (i % 3) + round(self.random.gauss(0, 1), 3) for i in range(DIMENSIONS)]
        return "'[" + ",".join(str(element) for element in elements) + "]'"

    def rows(self, count):
        rows = []
        for _ in range(count):
            self.next_id += 1
            rows.append(f"({self.next_id}, {self.random.randrange(10)}, {self.vector()})")
        return ", ".join(rows)

    def some_id(self):
        return self.random.randint(1, max(1, self.next_id))

    def change(self):
        return self.random.choice(
            [
                f"insert into items values {self.rows(self.random.randint(1, 20))}",
                f"update items set v = {self.vector()} where id = {self.some_id()}",
                f"update items set v = {self.vector()} where id % 37 = {self.random.randrange(37)}",
                f"update items set kind = {self.random.randrange(10)} where id = {self.some_id()}",
                f"delete from items where id between {(at := self.some_id())} and {at + 5}",
                f"update items set id = -id where id = {self.some_id()}",
                f"insert into items values ({self.some_id()}, 1, {self.vector()}) "
                "on conflict (id) do update set v = excluded.v",
            ]
        )

    def probe(self):
        while (probe := self.vector()) == "null":
            pass
        return probe


class Search:
    """One search, done both ways in one transaction. Half of them want ids alone, for which no row
    need be read."""

    def __init__(self, generator, operator):
        self.ids_alone = generator.random.random() < 0.5
        self.distance = f"v {operator} {generator.probe()}"
        conditions = KEY_CONDITIONS if self.ids_alone else CONDITIONS
        self.condition = generator.random.choice(conditions)
        self.then_id = generator.random.random() < 0.25
        self.limit = generator.random.choice([1, 5, 10, 30])
        self.offset = generator.random.choice([0, 0, 0, 3])

    def sql(self):
        columns = "id" if self.ids_alone else f"id, {self.distance} as d"
        return (
            f"select {columns} from items where {self.condition} "
            f"order by {self.distance}{', id' if self.then_id else ''} "
            f"limit {self.limit} offset {self.offset}"
        )

    def compare(self, session, exact):
        """What is wrong (or None), how many of the nearest were found, how many there are."""
        session.simple("set local enable_seqscan = off")
        plan = "\n".join(row[0] for row in session.rows("explain " + self.sql()))
        found = session.rows(self.sql())
        session.simple("set local enable_indexscan = off")
        session.simple("set local enable_bitmapscan = off")
        nearest = session.rows(self.sql())
        rows = session.rows(f"select id, {self.distance} from items where {self.condition}")
        distances = {row[0]: row[1] for row in rows}
        if self.ids_alone:
            found = [(row[0], distances.get(row[0])) for row in found]
            nearest = [(row[0], distances[row[0]]) for row in nearest]
        session.simple("set local enable_indexscan = on")
        session.simple("set local enable_bitmapscan = on")
        wrong = None
        if "Order By" not in plan:
            wrong = "no index was used"
        elif ("Incremental Sort" in plan) != self.then_id:
            wrong = "sorted without need, or not sorted"
        elif ("Index Only Scan" in plan) != (self.ids_alone and not self.then_id):
            wrong = "rows are read for ids alone, or ids alone for more"
        elif len(found) != len(nearest):
            wrong = f"{len(found)} rows, not {len(nearest)}"
        elif len({row[0] for row in found}) != len(found):
            wrong = "a row came twice"
        elif any(row[0] not in distances or distances[row[0]] != row[1] for row in found):
            wrong = "a row that is not there, or not there"
        elif self.places(found) != sorted(self.places(found)):
            wrong = "not in order"
        elif exact and [row[1] for row in found] != [row[1] for row in nearest]:
            wrong = "not the nearest"
        if not nearest:
            return wrong, 0, 0
        last = place(nearest[-1][1])
        hits = sum(1 for row in found if place(row[1]) <= last)
        return wrong, hits, len(nearest)

    def places(self, rows):
        return [(*place(row[1]), int(row[0]) if self.then_id else 0) for row in rows]


def place(distance):
    """As ORDER BY sorts them: numbers, NaN, null."""
    if distance is None:
        return (2, 0.0)
    return (1, 0.0) if distance == "NaN" else (0, float(distance))


class Round:
    def __init__(self, arguments, generator, method):
        self.arguments = arguments
        self.generator = generator
        self.method = method
        self.operator = generator.random.choice(list(DISTANCES))
        self.lists = generator.random.choice([1, 4, 20])
        self.probes = generator.random.choice([1, 3, self.lists])
        self.exact = method == "ivfflat" and self.probes >= self.lists
        self.wrong = 0
        self.hits = 0
        self.wanted = 0
        self.searches = 0
        self.by_graph = 0

    def create(self, session):
        session.simple("drop table if exists items")
        session.simple(f"create table items (id int primary key, kind int, v vector({DIMENSIONS}))")
        self.generator.next_id = 0
        index = (
            f"create index {self.generator.random.choice(['', 'concurrently '])}items_v on items "
            f"using {self.method} (v {DISTANCES[self.operator]})"
        )
        if self.method == "ivfflat":
            index += f" with (lists = {self.lists})"
        fill = f"insert into items values {self.generator.rows(400)}"
        steps = [fill, index] if self.generator.random.random() < 0.8 else [index, fill]
        for step in steps:
            session.simple(step)

    def prepare(self, session):
        session.simple(f"set ivfflat.probes = {self.probes}")
        session.simple("set lock_timeout = '100ms'")

    def step(self, session):
        """A transaction of a few statements."""
        level = self.generator.random.choice(LEVELS)
        session.simple(f"begin isolation level {level}")
        try:
            for _ in range(self.generator.random.randint(1, 5)):
                self.statement(session)
        except ServerError as error:
            session.simple("rollback")
            if error.sqlstate not in EXPECTED_ERRORS:
                raise
            return
        end = self.generator.random.choice(["commit", "commit", "rollback"])
        try:
            session.simple(end)
        except ServerError as error:
            if error.sqlstate not in EXPECTED_ERRORS:
                raise

    def statement(self, session):
        kind = self.generator.random.random()
        if kind < 0.4:
            return self.search(session)
        if kind < 0.55:
            session.simple("savepoint s")
            session.simple(self.generator.change())
            self.search(session)
            session.simple(self.generator.random.choice(["rollback to s", "release s"]))
            return self.search(session)
        return session.simple(self.generator.change())

    def search(self, session):
        search = Search(self.generator, self.operator)
        was_ready = self.graph_is_ready(session)
        wrong, hits, wanted = search.compare(session, self.exact)
        self.hits += hits
        self.wanted += wanted
        self.searches += 1
        self.by_graph += was_ready
        if wrong is None:
            return
        self.wrong += 1
        print(f"--- {self.method}, {self.lists} lists, {self.probes} probes: {wrong}")
        print(search.sql())

    def graph_is_ready(self, session):
        if self.method != "hnsw":
            return False
        state = "select state from sys.vector_indexes where index_id = 'items_v'::regclass"
        return session.value(state) == "ready"

    def await_graph(self, session):
        """A search asks for it, also after a kill."""
        deadline = time.monotonic() + WAIT_S
        while self.method == "hnsw" and not self.graph_is_ready(session):
            assert time.monotonic() < deadline, "the graph is not built"
            session.simple("begin; set local enable_seqscan = off")
            nearest = "'[" + ",".join(["1"] * DIMENSIONS) + "]'"
            session.rows(f"select id from items order by v {self.operator} {nearest} limit 1")
            session.simple("rollback")
            time.sleep(0.01)

    def run(self, server):
        with connect(server.connection_string) as session:
            self.create(session)
        for _ in range(self.arguments.kills + 1):
            self.run_sessions(server)
            if _ < self.arguments.kills:
                server.kill()
                server.start()
        recall = self.hits / max(1, self.wanted)
        print(
            f"{self.method} {self.operator} lists {self.lists} probes {self.probes}: "
            f"recall {recall:.3f} of {self.wanted}, wrong {self.wrong}, "
            f"by a graph {self.by_graph} of {self.searches} searches",
            flush=True,
        )
        bounded = self.method == "hnsw" or self.exact
        if self.method == "hnsw" and self.by_graph == 0:
            print("--- no search had a graph")
            self.wrong += 1
        return self.wrong + (1 if bounded and recall < LEAST_RECALL[self.operator] else 0)

    def run_sessions(self, server):
        with (
            connect(server.connection_string) as one,
            connect(server.connection_string) as other,
        ):
            self.prepare(one)
            self.prepare(other)
            self.await_graph(one)
            for _ in range(self.arguments.steps):
                self.step(self.generator.random.choice([one, other]))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 31))
    parser.add_argument("--rounds", type=int, default=4)
    parser.add_argument("--steps", type=int, default=60)
    parser.add_argument("--kills", type=int, default=1)
    parser.add_argument("--methods", default="ivfflat,hnsw")
    arguments = parser.parse_args()
    print(f"seed {arguments.seed}", flush=True)
    generator = Generator(arguments.seed)
    methods = arguments.methods.split(",")
    wrong = searches = 0
    with Sundog() as server:
        with connect(server.connection_string) as session:
            session.simple("create extension vector")
        for number in range(arguments.rounds):
            one = Round(arguments, generator, methods[number % len(methods)])
            wrong += one.run(server)
            searches += one.searches
    print(f"wrong: {wrong}")
    results.record("compare-nearest", max(0, searches - wrong), wrong)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
