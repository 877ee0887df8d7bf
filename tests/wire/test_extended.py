"""The extended protocol: order of answers, portals with limits, pipelines, errors and Sync."""

import os
import struct

from pgclient import messages as m
from pgclient.connection import connect
from wire.raw import Raw


def test_parse_bind_execute(server):
    with Raw(server) as w:
        w.send(m.parse("", "select 1 + 1"), m.bind("", ""), m.execute(""), m.SYNC)
        w.expect("1 2 D(2) C(SELECT_1) Z(I)")


def test_describe_statement_and_portal(server):
    with Raw(server) as w:
        w.send(m.parse("s", "select $1::int as a, 'x'::text as b"), m.describe(b"S", "s"), m.SYNC)
        w.expect("1 t T Z(I)")
        w.send(m.bind("p", "s", [b"5"]), m.describe(b"P", "p"), m.execute("p"), m.SYNC)
        w.expect("2 T D(5,x) C(SELECT_1) Z(I)")


def test_describe_of_no_rows_is_no_data(server):
    with Raw(server) as w:
        w.send(
            m.parse("", "create temp table nd (a int)"),
            m.describe(b"S", ""),
            m.bind("", ""),
            m.describe(b"P", ""),
            m.execute(""),
            m.SYNC,
        )
        w.expect("1 t n 2 n C(CREATE_TABLE) Z(I)")


def test_parameter_types_are_told(server):
    with Raw(server) as w:
        w.send(m.parse("s", "select $1 + 1, $2::text, $3::date"), m.describe(b"S", "s"), m.SYNC)
        w.expect("1")
        kind, payload = w.message()
        assert kind == b"t" and struct.unpack("!h3I", payload) == (3, 23, 25, 1082), payload
        w.expect("T Z(I)")


def test_parameter_of_no_type(server):
    with connect(server.connection_string) as connection:
        for sql in ("select 1", "select $1", "select $1 = 1"):
            connection.send(m.parse("", sql, [392036352]) + m.bind("", "", [b"5"]) + m.SYNC)
            error = connection.collect()[1]
            assert error.message == "cache lookup failed for type 392036352", error


def test_row_description_has_table_and_typmod(server):
    with Raw(server) as w:
        w.query("create temp table rd (a varchar(10), b numeric(8,2), c int)")
        w.send(m.parse("", "select b, a, c + 1 from rd"), m.describe(b"S", ""), m.SYNC)
        w.expect("1 t")
        kind, payload = w.message()
        assert kind == b"T"
        assert [(c[0], c[1], c[2]) for c in m.row_description(payload)] == [
            ("b", 1700, ((8 << 16) | 2) + 4),
            ("a", 1043, 14),
            ("?column?", 23, -1),
        ]
        at = payload.index(b"\0", 2) + 1
        table, column = struct.unpack_from("!ih", payload, at)
        assert table > 0 and column == 2, (table, column)
        w.expect("Z(I)")


def test_binary_parameters_and_results(server):
    with Raw(server) as w:
        w.send(
            m.parse("", "select $1::int4, $2::int8, $3::float8, $4::bool"),
            m.bind(
                "",
                "",
                [struct.pack("!i", 7), struct.pack("!q", -1), struct.pack("!d", 1.5), b"\1"],
                [1],
                [1],
            ),
            m.execute(""),
            m.SYNC,
        )
        w.expect("1 2")
        kind, payload = w.message()
        assert kind == b"D"
        assert m.data_row(payload) == (
            struct.pack("!i", 7),
            struct.pack("!q", -1),
            struct.pack("!d", 1.5),
            b"\1",
        )
        w.expect("C Z(I)")


def test_mixed_result_formats(server):
    with Raw(server) as w:
        w.send(m.parse("", "select 1, 2"), m.bind("", "", [], [], [0, 1]), m.execute(""), m.SYNC)
        w.expect("1 2")
        assert m.data_row(w.message()[1]) == (b"1", struct.pack("!i", 2))
        w.expect("C Z(I)")


def test_binary_parameter_of_wrong_size(server):
    with Raw(server) as w:
        w.send(
            m.parse("", "select $1::int4"), m.bind("", "", [b"\1\2"], [1]), m.execute(""), m.SYNC
        )
        w.expect("1 E Z(I)")
        w.send(
            m.parse("", "select $1::int4"),
            m.bind("", "", [b"\0\0\0\1\0"], [1]),
            m.execute(""),
            m.SYNC,
        )
        w.expect("1 E(22P03) Z(I)")


def test_portal_with_a_limit_is_suspended_and_goes_on(server):
    with Raw(server) as w:
        w.send(
            m.parse("", "select * from generate_series(1, 5)"),
            m.bind("p", ""),
            m.execute("p", 2),
            m.FLUSH,
        )
        w.expect("1 2 D(1) D(2) s")
        w.send(m.execute("p", 2), m.FLUSH)
        w.expect("D(3) D(4) s")
        w.send(m.execute("p", 2), m.SYNC)
        w.expect("D(5) C(SELECT_1) Z(I)")


def test_a_limit_reached_exactly_suspends(server):
    with Raw(server) as w:
        w.send(
            m.parse("", "select * from generate_series(1, 2)"),
            m.bind("p", ""),
            m.execute("p", 2),
            m.execute("p", 2),
            m.SYNC,
        )
        w.expect("1 2 D(1) D(2) s C(SELECT_0) Z(I)")


def test_portals_end_with_the_transaction(server):
    with Raw(server) as w:
        w.send(m.parse("", "select 1"), m.bind("p", ""), m.SYNC)
        w.expect("1 2 Z(I)")
        w.send(m.execute("p"), m.SYNC)
        w.expect("E(34000) Z(I)")
        w.send(m.query("begin"))
        w.expect("C(BEGIN) Z(T)")
        w.send(
            m.parse("", "select generate_series(1, 3)"), m.bind("p", ""), m.execute("p", 1), m.SYNC
        )
        w.expect("1 2 D(1) s Z(T)")
        w.send(m.execute("p", 0), m.SYNC)
        w.expect("D(2) D(3) C(SELECT_2) Z(T)")
        w.send(m.query("commit"))
        w.expect("C(COMMIT) Z(I)")
        w.send(m.execute("p"), m.SYNC)
        w.expect("E(34000) Z(I)")


def test_two_portals_in_turn(server):
    with Raw(server) as w:
        w.query("begin")
        w.send(
            m.parse("s", "select generate_series($1::int, $1 + 2)"),
            m.bind("a", "s", [b"1"]),
            m.bind("b", "s", [b"10"]),
            m.execute("a", 1),
            m.execute("b", 1),
            m.execute("a", 1),
            m.SYNC,
        )
        w.expect("1 2 2 D(1) s D(10) s D(2) s Z(T)")


def test_insert_with_a_limit_runs_to_the_end(server):
    with Raw(server) as w:
        w.query("create temp table lim (a int)")
        w.send(
            m.parse("", "insert into lim select generate_series(1, 5) returning a"),
            m.bind("", ""),
            m.execute("", 2),
            m.SYNC,
        )
        w.expect("1 2 D(1) D(2) s Z(I)")
        assert w.query("select count(*) from lim") == [("5",)]


def test_error_skips_to_sync(server):
    with Raw(server) as w:
        w.send(
            m.parse("", "select 1 / (x - 1) from generate_series(1, 1) x"),
            m.bind("", ""),
            m.execute(""),
            m.parse("", "select 2"),
            m.bind("", ""),
            m.execute(""),
            m.SYNC,
            m.parse("", "select 3"),
            m.bind("", ""),
            m.execute(""),
            m.SYNC,
        )
        w.expect("1 2 E(22012) Z(I) 1 2 D(3) C(SELECT_1) Z(I)")


def test_pipeline_is_one_transaction_until_sync(server):
    with Raw(server) as w:
        w.query("create temp table pipe (a int primary key)")
        insert = [m.parse("", "insert into pipe values (1)"), m.bind("", ""), m.execute("")]
        w.send(*insert, *insert, m.SYNC)
        w.expect("1 2 C(INSERT_0_1) 1 2 E(23505) Z(I)")
        assert w.query("select count(*) from pipe") == [("0",)]
        w.send(*insert, m.SYNC, *insert, m.SYNC)
        w.expect("1 2 C(INSERT_0_1) Z(I) 1 2 E(23505) Z(I)")
        assert w.query("select count(*) from pipe") == [("1",)]


def test_pipeline_of_many(server):
    with Raw(server) as w:
        w.send(m.parse("s", "select $1::int"))
        for i in range(500):
            w.send(m.bind("", "s", [str(i).encode()]), m.execute(""))
        w.send(m.SYNC)
        w.expect("1 " + " ".join(f"2 D({i}) C(SELECT_1)" for i in range(500)) + " Z(I)")


def test_begin_within_a_pipeline(server):
    with Raw(server) as w:

        def step(sql):
            return m.parse("", sql) + m.bind("", "") + m.execute("")

        w.send(step("begin"), step("select 1"), m.SYNC, step("select 2"), step("rollback"), m.SYNC)
        w.expect("1 2 C(BEGIN) 1 2 D(1) C(SELECT_1) Z(T) 1 2 D(2) C(SELECT_1) 1 2 C(ROLLBACK) Z(I)")


def test_flush_without_sync(server):
    with Raw(server) as w:
        w.send(m.parse("", "select 1"), m.FLUSH)
        w.expect("1")
        w.send(m.bind("", ""), m.FLUSH)
        w.expect("2")
        w.send(m.execute(""), m.FLUSH)
        w.expect("D(1) C(SELECT_1)")
        w.send(m.SYNC)
        w.expect("Z(I)")


def test_named_statements(server):
    with Raw(server) as w:
        w.send(m.parse("s", "select 1"), m.parse("s", "select 2"), m.SYNC)
        w.expect("1 E(42P05) Z(I)")
        w.send(m.close(b"S", "s"), m.parse("s", "select 3"), m.bind("", "s"), m.execute(""), m.SYNC)
        w.expect("3 1 2 D(3) C(SELECT_1) Z(I)")
        w.send(m.close(b"S", "never"), m.close(b"P", "never"), m.SYNC)
        w.expect("3 3 Z(I)")
        w.send(m.bind("", "nosuch"), m.SYNC)
        w.expect("E(26000) Z(I)")
        w.send(m.describe(b"S", "nosuch"), m.SYNC)
        w.expect("E(26000) Z(I)")
        w.send(m.describe(b"P", "nosuch"), m.SYNC)
        w.expect("E(34000) Z(I)")
        assert w.query("execute s") == [("3",)]
        assert w.query("select name from pg_prepared_statements") == [("s",)]


def test_named_portal_twice(server):
    with Raw(server) as w:
        w.send(m.parse("", "select 1"), m.bind("p", ""), m.bind("p", ""), m.SYNC)
        w.expect("1 2 E(42P03) Z(I)")


def test_unnamed_statement_is_replaced(server):
    with Raw(server) as w:
        w.send(
            m.parse("", "select 1"), m.parse("", "select 2"), m.bind("", ""), m.execute(""), m.SYNC
        )
        w.expect("1 1 2 D(2) C(SELECT_1) Z(I)")
        w.send(m.query("select 9"))
        w.expect("T D(9) C Z(I)")
        w.send(m.bind("", ""), m.SYNC)
        w.expect("E(26000) Z(I)")


def test_empty_statement(server):
    with Raw(server) as w:
        w.send(m.parse("", ""), m.describe(b"S", ""), m.bind("", ""), m.execute(""), m.SYNC)
        w.expect("1 t n 2 I Z(I)")
        w.send(m.query(""))
        w.expect("I Z(I)")
        w.send(m.query(" ; ; "))
        w.expect("I Z(I)")


def test_two_statements_in_one_parse(server):
    with Raw(server) as w:
        w.send(m.parse("", "select 1; select 2"), m.SYNC)
        w.expect("E(42601) Z(I)")


def test_counts_that_do_not_fit(server):
    with Raw(server) as w:
        w.send(m.parse("s", "select $1::int"), m.bind("", "s"), m.SYNC)
        w.expect("1 E(08P01) Z(I)")
        w.send(m.bind("", "s", [b"1", b"2"]), m.SYNC)
        w.expect("E(08P01) Z(I)")
        w.send(m.bind("", "s", [b"1"], [0, 0]), m.SYNC)
        w.expect("E(08P01) Z(I)")
        w.send(m.bind("", "s", [b"1"], [], [0, 0]), m.execute(""), m.SYNC)
        w.expect("E(08P01) Z(I)")
        w.send(m.bind("", "s", [b"1"], [2]), m.SYNC)
        w.expect("E(22023) Z(I)")
        w.send(m.bind("", "s", [b"5"]), m.execute(""), m.SYNC)
        w.expect("2 D(5) C Z(I)")


def test_invalid_utf8(server):
    with Raw(server) as w:
        w.send(m.frame(b"Q", b"select '\xff'\0"))
        w.expect("E(22021) Z(I)")
        w.send(m.parse("", "select $1::text"), m.bind("", "", [b"\xc3"]), m.SYNC)
        w.expect("1 E(22021) Z(I)")
        w.send(m.parse("", "select $1::text"), m.bind("", "", [b"a\0b"]), m.SYNC)
        w.expect("1 E Z(I)")


def test_plan_follows_a_schema_change(server):
    with Raw(server) as w:
        w.query("create temp table follow (a int)")
        w.query("insert into follow values (1)")
        w.send(m.parse("s", "select a from follow"), m.bind("", "s"), m.execute(""), m.SYNC)
        w.expect("1 2 D(1) C Z(I)")
        w.query("alter table follow add column b int")
        w.send(m.bind("", "s"), m.execute(""), m.SYNC)
        w.expect("2 D(1) C Z(I)")
        w.query("alter table follow alter column a type text")
        w.send(m.bind("", "s"), m.execute(""), m.SYNC)
        w.expect("E(0A000) Z(I)")
        w.query("drop table follow")
        w.send(m.bind("", "s"), m.execute(""), m.SYNC)
        w.expect("E(42P01) Z(I)")


def test_failed_block_refuses_all_but_its_end(server):
    with Raw(server) as w:
        w.send(m.query("begin; select 1/0"))
        w.expect("C(BEGIN) E(22012) Z(E)")
        w.send(m.parse("", "select 1"), m.SYNC)
        w.expect("E(25P02) Z(E)")
        w.send(m.parse("", "rollback"), m.bind("", ""), m.execute(""), m.SYNC)
        w.expect("1 2 C(ROLLBACK) Z(I)")


def test_deep_nesting_is_an_error_or_an_answer(server):
    with connect(server.connection_string) as connection:
        # ThreadSanitizer keeps the whole stack with every allocation.
        shallow = os.environ.get("SUNDOG_SANITIZE") == "thread"
        for depth in (100,) if shallow else (500, 1000, 2000, 3000):
            deep = "abs(" * depth + "1" + ")" * depth
            for sql in (
                f"select {deep}",
                f"with recursive r as (select {deep}) table r",
                f"with recursive r as (select 1 union select {deep} from r where false) table r",
                "select 1" + " union all select 1" * depth,
                "select 1" + " intersect select 1" * depth,
                "with a0 as (select 1)"
                + "".join(f", a{i} as (table a{i - 1})" for i in range(1, depth))
                + f" table a{depth - 1}",
                f"select 'a' ~ '{'(' * depth}a{')' * depth}'",
                f"select 'a' ~ '{'(?=a' * depth}{')' * depth}'",
                f"select '${' + 1' * 10 * depth}'::jsonpath",
                f"select '${'.a' * 100 * depth}'::jsonpath",
                f"do $$ begin {'for i in 1..1 loop ' * depth}{'end loop; ' * depth}end $$",
                f"do $$ {'begin ' * 4 * depth}null; {'end; ' * 4 * depth}$$",
                f"do $$ begin {'if true then ' * depth}{'end if; ' * depth}end $$",
            ):
                connection.start_simple(sql)
                error = connection.collect()[1]
                expected = ("54001", "42601", "2201B")
                assert error is None or error.sqlstate in expected, (sql[:80], error)
