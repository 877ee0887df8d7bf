#!/usr/bin/env python3
"""Random queries on random tables: every plan gives the same rows.

    compare_plans.py [--seed N] [--tables 6] [--queries 150] [--on postgres]

Each table gets random columns, rows and indexes (multi-column, DESC, NULLS FIRST, partial, on
expressions, INCLUDE). Each query runs as planned, with the optimizer off, and with single methods
forbidden. Where ORDER BY decides it, rows are compared in order; where LIMIT leaves a choice, only
the sorted-by columns are. The seed is printed and fixes everything.
"""

import argparse
import contextlib
import pathlib
import random
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from oracle.postgres import Postgres  # noqa: E402
from pgclient import ServerError, connect  # noqa: E402
from servers.sundog import Sundog  # noqa: E402

# Settings of each further run of a query.
VARIANTS = [
    ["set sundog.planner = off"],
    ["set enable_indexscan = off", "set enable_bitmapscan = off"],
    ["set enable_hashjoin = off"],
    ["set enable_nestloop = off"],
]
RESET = [
    "reset sundog.planner",
    "reset enable_indexscan",
    "reset enable_bitmapscan",
    "reset enable_hashjoin",
    "reset enable_nestloop",
]
COLUMNS = {
    "i": "int",
    "j": "int",
    "s": "smallint",
    "k": "bigint",
    "t": "text",
    "v": "varchar(20)",
    "b": "boolean",
    "n": "numeric(8,2)",
    "f": "float8",
    "d": "date",
}
WORDS = ["", "a", "ab", "abc", "abd", "b", "ba", "B", "a%", "a_c", "zz", "é", "éa", "~"]


class Generator:
    def __init__(self, seed):
        self.random = random.Random(seed)

    def chance(self, part):
        return self.random.random() < part

    def value(self, column):
        """A literal of the column's type; sometimes null."""
        if self.chance(0.12):
            return "null"
        return self.some(column)

    def some(self, column):
        kind = COLUMNS[column]
        if kind in ("int", "smallint", "bigint"):
            return str(self.random.choice([0, 1, 2, 3, -1, -5, 7, 20, self.random.randint(-9, 40)]))
        if kind in ("text", "varchar(20)"):
            return "'" + self.random.choice(WORDS) + "'"
        if kind == "boolean":
            return self.random.choice(["true", "false"])
        if kind == "numeric(8,2)":
            return f"{self.random.randint(-300, 300) / 100}"
        if kind == "float8":
            return self.random.choice(["0", "-0.0", "1.5", "'NaN'", "'Infinity'", "-2", "3"])
        return f"'2020-01-{self.random.randint(1, 28):02}'"

    def columns(self, count):
        return self.random.sample(list(COLUMNS), count)

    def table(self, name):
        statements = []
        primary = self.random.choice(["id", "id", "i2, id", None])
        columns = ", ".join(f"{name} {kind}" for name, kind in COLUMNS.items())
        key = f", primary key ({primary})" if primary else ""
        statements.append(f"create table {name} (id int, i2 int default 0, {columns}{key})")
        rows = self.random.choice([0, 3, 40, 300, 1500])
        for start in range(0, rows, 500):
            values = ", ".join(
                f"({number}, {number % 3}, "
                + ", ".join(self.value(column) for column in COLUMNS)
                + ")"
                for number in range(start, min(rows, start + 500))
            )
            statements.append(f"insert into {name} values {values}")
        for number in range(self.random.randint(1, 6)):
            statements.append(self.index(name, number))
        if self.chance(0.6):
            statements.append(f"analyze {name}")
        return statements

    def index(self, table, number):
        keys = []
        for column in self.columns(self.random.choice([1, 1, 2, 2, 3])):
            key = column
            if column in "tv" and self.chance(0.25):
                key = f"lower({column})"
            elif column in "ij" and self.chance(0.15):
                key = f"({column} + 1)"
            key += self.random.choice(["", "", " desc"])
            key += self.random.choice(["", "", "", " nulls first", " nulls last"])
            keys.append(key)
        include = f" include ({self.columns(1)[0]})" if self.chance(0.2) else ""
        where = f" where {self.simple('')}" if self.chance(0.25) else ""
        return f"create index {table}_{number} on {table} ({', '.join(keys)}){include}{where}"

    def simple(self, alias):
        """A condition on one column."""
        column = self.columns(1)[0]
        name = f"{alias}.{column}" if alias else column
        kind = COLUMNS[column]
        choices = ["compare"] * 5 + ["null", "notnull", "in", "between", "any"]
        if kind in ("text", "varchar(20)"):
            choices += ["like"] * 3 + ["prefix", "lower"]
        if kind == "boolean":
            choices += ["bare"] * 3
        if kind in ("int", "smallint", "bigint"):
            choices += ["plus", "big"]
        choice = self.random.choice(choices)
        operator = self.random.choice(["=", "=", "=", "<", "<=", ">", ">=", "<>"])
        if choice == "compare":
            if self.chance(0.2):
                return f"{self.some(column)}::{kind} {operator} {name}"
            return f"{name} {operator} {self.some(column)}"
        if choice == "null":
            return f"{name} is null"
        if choice == "notnull":
            return f"{name} is not null"
        if choice == "in":
            values = [self.value(column) for _ in range(self.random.randint(1, 4))]
            return f"{name} in ({', '.join(values)})"
        if choice == "any":
            values = [self.value(column) for _ in range(self.random.randint(1, 4))]
            return f"{name} = any(array[{', '.join(values)}]::{kind}[])"
        if choice == "between":
            return f"{name} between {self.some(column)} and {self.some(column)}"
        if choice == "like":
            pattern = self.random.choice(
                ["a%", "ab%", "a\\%%", "%b", "", "é%", "_b%", "abc", "b%a"]
            )
            return f"{name} like '{pattern}'"
        if choice == "prefix":
            return f"{name} ^@ {self.some(column)}"
        if choice == "lower":
            return f"lower({name}) {operator} {self.some(column)}"
        if choice == "plus":
            return f"{name} + 1 {operator} {self.some(column)}"
        if choice == "big":
            return f"{name} {operator} {self.random.choice([5000000000, -5000000000, 40000])}"
        return self.random.choice([name, f"not {name}", f"{name} is true", f"{name} is not true"])

    def row_comparison(self, alias):
        columns = self.columns(2)
        left = ", ".join(f"{alias}.{column}" for column in columns)
        values = ", ".join(f"{self.value(column)}::{COLUMNS[column]}" for column in columns)
        return f"({left}) {self.random.choice(['<', '<=', '>', '>='])} ({values})"

    def condition(self, alias, depth=0):
        roll = self.random.random()
        if roll < 0.55 or depth > 2:
            return self.simple(alias)
        if roll < 0.65:
            return self.row_comparison(alias)
        if roll < 0.95:
            word = self.random.choice([" and ", " and ", " or "])
            parts = [self.condition(alias, depth + 1) for _ in range(2)]
            return "(" + word.join(parts) + ")"
        return f"not ({self.condition(alias, depth + 1)})"

    def order(self, names):
        keys = []
        for name in self.random.sample(names, min(len(names), self.random.randint(1, 3))):
            key = name + self.random.choice(["", "", " desc"])
            keys.append(key + self.random.choice(["", "", "", " nulls first", " nulls last"]))
        return keys

    def query(self, tables):
        """The SQL and the columns of the answer that ORDER BY decides (None: any order)."""
        kind = self.random.choice(["one"] * 4 + ["join"] * 3 + ["sub"] * 3 + ["minmax"])
        first = self.random.choice(tables)
        second = self.random.choice(tables)
        where = f" where {self.condition('x')}" if self.chance(0.85) else ""
        if kind == "minmax":
            column = self.random.choice([c for c in COLUMNS if c != "b"])
            calls = self.random.choice([f"min({column})", f"max({column})",
                                        f"min({column}), max({column})"])
            return f"select {calls} from {first} x{where}", None
        source = f"{first} x"
        targets = ["x.id", "x.i2"] + ["x." + c for c in self.columns(self.random.randint(1, 3))]
        if kind == "join":
            on = self.random.choice([
                "x.i = y.i", "x.id = y.id", "x.k = y.i", "x.t = y.v", "x.s = y.j and x.b = y.b",
                "x.i = y.j and y.t like 'a%'", "x.d = y.d and x.i < y.i", "x.n = y.n", "x.f = y.f",
            ])
            join = self.random.choice(["join", "join", "left join", "right join", "full join"])
            source += f" {join} {second} y on {on}"
            targets += ["y.id"]
            if self.chance(0.3):
                where += (" and " if where else " where ") + self.condition("y")
        if kind == "sub":
            where += (" and " if where else " where ") + self.subquery(second)
        sql = f"select {', '.join(targets)} from {source}{where}"
        if self.chance(0.3):
            return sql, None
        # The first rows of one side decide how a join is done.
        keys = self.order(targets[:-1] if kind == "join" else targets)
        sorted_by = [targets.index(key.split(" ")[0]) for key in keys]
        sql += " order by " + ", ".join(keys)
        if self.chance(0.7):
            sql += f" limit {self.random.choice([1, 2, 10, 50])}"
            if self.chance(0.3):
                sql += f" offset {self.random.choice([1, 5])}"
        return sql, sorted_by

    def subquery(self, table):
        column = self.random.choice(["i", "j", "k", "t", "s", "n"])
        inner = f" where {self.condition('y')}" if self.chance(0.6) else ""
        correlated = f"y.{column} = x.{column}"
        return self.random.choice([
            f"x.{column} in (select y.{column} from {table} y{inner})",
            f"x.{column} not in (select y.{column} from {table} y{inner})",
            f"(x.i, x.{column}) not in (select y.j, y.{column} from {table} y{inner})",
            f"exists (select 1 from {table} y where {correlated})",
            f"not exists (select 1 from {table} y where {correlated} and y.id > x.id)",
            f"x.id = (select max(y.id) from {table} y{inner})",
            f"x.i >= (select min(y.i) from {table} y where {correlated})",
            f"x.{column} = any (select y.{column} from {table} y where y.j = x.j)",
            f"x.{column} <> all (select y.{column} from {table} y{inner})",
        ])


def rows_of(session, sql, sorted_by):
    try:
        rows = [tuple(row) for row in session.rows(sql)]
    except ServerError as error:
        return f"ERROR {error.sqlstate}"
    if sorted_by is None:
        return sorted(rows, key=repr)
    if "limit" in sql:
        return [tuple(row[i] for i in sorted_by) for row in rows]
    decided = [tuple(row[i] for i in sorted_by) for row in rows]
    return decided, sorted(rows, key=repr)


def run(session, generator, arguments):
    wrong = 0
    tables = []
    for number in range(arguments.tables):
        name = f"r{number}"
        tables.append(name)
        for statement in generator.table(name):
            session.simple(statement)
    for _ in range(arguments.queries):
        sql, sorted_by = generator.query(tables)
        planned = rows_of(session, sql, sorted_by)
        for variant in VARIANTS:
            for statement in variant:
                session.simple(statement)
            other = rows_of(session, sql, sorted_by)
            for statement in RESET:
                session.simple(statement)
            if other == planned:
                continue
            wrong += 1
            print(f"--- differs with {'; '.join(variant)}:\n{sql};\n{str(planned)[:300]}\n"
                  f"{str(other)[:300]}")
            break
    return wrong


@contextlib.contextmanager
def server(arguments):
    if arguments.dsn:
        yield arguments.dsn
    elif arguments.on == "postgres":
        with Postgres() as postgres:
            yield postgres.connection_string
    else:
        with Sundog(store="memory") as sundog:
            yield sundog.connection_string


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 31))
    parser.add_argument("--tables", type=int, default=6)
    parser.add_argument("--queries", type=int, default=150)
    parser.add_argument("--on", choices=["sundog", "postgres"], default="sundog")
    parser.add_argument("--dsn", help="a running server instead of a private one")
    arguments = parser.parse_args()
    print(f"seed {arguments.seed}", flush=True)
    with server(arguments) as connection_string, connect(connection_string) as session:
        wrong = run(session, Generator(arguments.seed), arguments)
    print(f"queries: {arguments.queries}, differing: {wrong}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
