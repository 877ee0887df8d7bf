"""Writers whose every acknowledged commit is known, and the check of what a server has kept of
them.

Each writer numbers its transactions. A transaction moves money between accounts and leaves two
ledger rows of its number; some are rolled back on purpose, some make a table. What the writer was
told is kept:

    acknowledged   COMMIT was answered: all of it must be there
    uncertain      the connection was lost in between: all of it or nothing
    rolled back    nothing of it may be there
"""

import random
import threading

from pgclient import ServerError, connect

ACCOUNTS = 20
BALANCE = 1000
NUMBERS_A_RUN = 1_000_000
RETRIED = ("40001", "40P01")

SCHEMA = f"""
create table account (id int primary key, balance int8 not null);
create table ledger (writer int, number int, part int, amount int8 not null, note text,
                     primary key (writer, number, part));
create index ledger_amount on ledger (amount);
create unique index ledger_note on ledger (note);
insert into account select x, {BALANCE} from generate_series(1, {ACCOUNTS}) x;
"""


class Writer(threading.Thread):
    """One session that writes until the server goes away or `stop` is set."""

    def __init__(self, number, connection_string, seed, first):
        super().__init__(daemon=True)
        self.number = number
        self.first = first
        self.random = random.Random(seed)
        self.acknowledged = set()
        self.rolled_back = set()
        self.uncertain = None
        self.tables = {}
        self.failure = None
        self.stop = threading.Event()
        self._connection_string = connection_string
        self._next = first

    def run(self):
        try:
            with connect(self._connection_string, timeout_s=30) as session:
                while not self.stop.is_set():
                    self._step(session)
        except (ConnectionError, OSError):
            return
        except ServerError as error:
            # 57P01: the server says that it is going down; whatever ran stays uncertain.
            if error.sqlstate not in ("57P01", "57P02", "57P03"):
                self.failure = error
        except Exception as error:  # noqa: BLE001  shown by the round
            self.failure = error

    def _step(self, session):
        number = self._next
        self._next += 1
        self.uncertain = number
        kind = self.random.random()
        try:
            if kind < 0.15:
                self._single(session, number)
            elif kind < 0.3:
                self._roll_back(session, number)
                self.rolled_back.add(number)
                self.uncertain = None
                return
            elif kind < 0.35:
                self._make_table(session, number)
            else:
                self._transfer(session, number)
        except ServerError as error:
            if error.sqlstate not in RETRIED:
                raise
            session.simple("rollback")
            self.rolled_back.add(number)
            self.uncertain = None
            return
        self.acknowledged.add(number)
        self.uncertain = None

    def _note(self, number, part):
        return f"{self.number}-{number}-{part}" + "x" * self.random.randrange(200)

    def _single(self, session, number):
        """One autocommitted statement, all or nothing by itself."""
        session.extended(
            "insert into ledger values ($1, $2, 1, 0, $3), ($1, $2, 2, 0, $4)",
            self.number,
            number,
            self._note(number, 1),
            self._note(number, 2),
        )

    def _transfer(self, session, number):
        source, target = self.random.sample(range(1, ACCOUNTS + 1), 2)
        amount = self.random.randrange(1, 50)
        session.simple("begin")
        session.extended("update account set balance = balance - $1 where id = $2", amount, source)
        session.extended(
            "insert into ledger values ($1, $2, 1, $3, $4)",
            self.number,
            number,
            -amount,
            self._note(number, 1),
        )
        if self.random.random() < 0.3:
            session.simple("savepoint s")
            session.extended(
                "insert into ledger values ($1, $2, 3, 0, 'undone')", self.number, number
            )
            session.simple("rollback to s")
        session.extended("update account set balance = balance + $1 where id = $2", amount, target)
        session.extended(
            "insert into ledger values ($1, $2, 2, $3, $4)",
            self.number,
            number,
            amount,
            self._note(number, 2),
        )
        session.simple("commit")

    def _roll_back(self, session, number):
        session.simple("begin")
        session.simple("update account set balance = balance + 1000000 where id = 1")
        session.extended("insert into ledger values ($1, $2, 1, 0, null)", self.number, number)
        session.simple("rollback")

    def _make_table(self, session, number):
        """DDL and rows in one transaction."""
        name = f"made_{self.number}_{number}"
        self.tables[number] = name
        session.simple("begin")
        session.simple(f"create table {name} (a int primary key, b text)")
        session.simple(f"insert into {name} select x, 'row' || x from generate_series(1, 10) x")
        session.extended(
            "insert into ledger values ($1, $2, 1, 0, $3), ($1, $2, 2, 0, $4)",
            self.number,
            number,
            self._note(number, 1),
            self._note(number, 2),
        )
        session.simple("commit")


def check(connection_string, writers):
    """Everything wrong with what the server has kept, as lines."""
    wrong = []
    with connect(connection_string, timeout_s=60) as session:
        parts = {}
        for writer, number, part in session.rows("select writer, number, part from ledger"):
            parts.setdefault((int(writer), int(number)), set()).add(int(part))
        total = int(session.value("select sum(balance) from account"))
        if total != ACCOUNTS * BALANCE:
            wrong.append(f"balances sum to {total}, not {ACCOUNTS * BALANCE}")
        by_table = session.rows(
            "select count(*), sum(amount) from (select * from ledger offset 0) l"
        )
        by_index = session.rows("select count(*), sum(amount) from ledger where amount > -1000000")
        if by_table != by_index:
            wrong.append(f"the table says {by_table}, its index {by_index}")
        tables = {
            name
            for (name,) in session.rows(
                "select relname from pg_class where relname like 'made%' and relkind = 'r'"
            )
        }
        for writer in writers:
            wrong += check_writer(session, writer, parts, tables)
    return wrong


def check_writer(session, writer, parts, tables):
    wrong = []
    for number in writer.acknowledged:
        if parts.get((writer.number, number)) != {1, 2}:
            wrong.append(
                f"acknowledged {writer.number}/{number} has {parts.get((writer.number, number))}"
            )
        name = writer.tables.get(number)
        if name and (name not in tables or session.value(f"select count(*) from {name}") != "10"):
            wrong.append(f"acknowledged table {name} is missing or not whole")
    for number in writer.rolled_back:
        if (writer.number, number) in parts or writer.tables.get(number) in tables:
            wrong.append(f"rolled back {writer.number}/{number} is there")
    if writer.uncertain is not None:
        found = parts.get((writer.number, writer.uncertain))
        if found not in (None, {1, 2}):
            wrong.append(
                f"half of the uncertain {writer.number}/{writer.uncertain} is there: {found}"
            )
        name = writer.tables.get(writer.uncertain)
        if name and (name in tables) != (found is not None):
            wrong.append(
                f"half of the uncertain {writer.number}/{writer.uncertain} is there: its table"
            )
    known = writer.acknowledged | {writer.uncertain}
    for found_writer, number in parts:
        of_this_run = found_writer == writer.number and 0 <= number - writer.first < NUMBERS_A_RUN
        if of_this_run and number not in known:
            wrong.append(f"never committed {writer.number}/{number} is there")
    return wrong
