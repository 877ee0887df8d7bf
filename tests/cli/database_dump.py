"""`sundog db dump`: what it writes is restored in PostgreSQL and in Sundog, and compared; run by
run_cli.py."""

import os
import pathlib
import re
import subprocess

from cli.database_queries import Terminal
from cli.databases import NO_SUCH_THING, WRONG_USAGE, Databases
from oracle.postgres import Postgres, binary_folder
from pgclient import connect
from servers.sundog import binary

SOURCE = pathlib.Path(__file__).with_name("dumped.sql")

# Both servers are asked; what they say has to agree.
QUESTIONS = (
    "select * from t order by id",
    'select * from "Odd s"."T 2" order by id',
    "select * from v2",
    "select * from v3 order by 1",
    "select * from empty",
    "select a, convalidated from late, pg_constraint where conname = 'positive'",
    "select sequencename, last_value from pg_sequences order by 1",
    "select nextval('t_id_seq'), nextval('s'), nextval('set_only'), nextval('set_back')",
    'insert into "Odd s"."T 2" (u) values (\'new\') returning id',
    "select twice(4), pl(5), of_t(t) from t order by id limit 1",
    "select pg_get_function_arguments('of_v'::regproc)",
    "select conname, contype, pg_get_constraintdef(oid) from pg_constraint"
    " where connamespace::regnamespace::text in ('public', '\"Odd s\"') order by 1, 2, 3",
    "select indexdef from pg_indexes where schemaname in ('public', 'Odd s') order by 1",
    "select relname, relrowsecurity, relforcerowsecurity from pg_class"
    " where relkind = 'r' and relnamespace = 'public'::regnamespace order by 1",
    "select policyname, permissive, cmd, roles, qual, with_check from pg_policies order by 1",
    "select obj_description('t'::regclass), col_description('t'::regclass, 2),"
    " obj_description('twice(int)'::regprocedure)",
    "select has_table_privilege('reader', 't', 'select'),"
    " has_table_privilege('reader', 't', 'delete'),"
    " has_column_privilege('reader', 'empty', 'a', 'update'),"
    " has_function_privilege('reader', 'pl(int)', 'execute'),"
    " has_schema_privilege('reader', 'Odd s', 'usage'),"
    " has_schema_privilege('reader', 'public', 'usage'),"
    " has_type_privilege('reader', 'mood', 'usage'),"
    " has_type_privilege('reader', 'posint', 'usage'),"
    " has_type_privilege('reader', 'pair', 'usage')",
    "create function made_later() returns int language sql as 'select 1'",
    'create table "Odd s".later (a int)',
    "select has_function_privilege('reader', 'made_later()', 'execute'),"
    " has_table_privilege('reader', '\"Odd s\".later', 'select with grant option'),"
    " has_table_privilege('reader', 't', 'insert')",
    "select defaclobjtype, defaclnamespace::regnamespace, array_length(defaclacl, 1)"
    " from pg_default_acl order by 1",
    "select enumlabel from pg_enum order by enumsortorder",
    "select attname, format_type(atttypid, atttypmod), attnotnull, attidentity, attgenerated"
    " from pg_attribute where attrelid in ('t'::regclass, '\"Odd s\".\"T 2\"'::regclass)"
    " and attnum > 0 order by attrelid::regclass::text, attnum",
)


def answers(session):
    session.simple("set extra_float_digits = 1; set timezone = 'UTC'")
    return [(question, session.rows(question)) for question in QUESTIONS]


def restore(dsn, text, **environment):
    done = subprocess.run(
        [binary_folder() / "psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", dsn],
        input=text,
        text=True,
        capture_output=True,
        check=False,
        env={**os.environ, **environment},
    )
    assert done.returncode == 0, done.stderr


def test_a_dump_is_restored_in_postgresql_and_in_sundog():
    with Databases() as server, Postgres() as postgres:
        made = server.parsed("create", "--name", "shop")
        with connect(made["connection_string"]) as session:
            session.simple("create role reader")
            session.simple(SOURCE.read_text())
            # What is not committed, or committed later, is not in it.
            session.simple("begin; insert into empty values (1)")
            text = server.do("db", "dump", "shop")
            session.simple("rollback")
        assert "REVOKE INSERT ON TABLE public.late FROM CURRENT_USER;" in text, text
        for filled in ("=70);", "=60);", "=50) DEFERRABLE;", "='80');"):
            assert f"WITH (fillfactor{filled}" in text, text
        file = server.folder / "shop.sql"
        assert server.do("db", "dump", "shop", "-o", file) == ""
        assert file.read_text() == text and not file.with_suffix(".sql.part").exists()

        copy = server.parsed("create", "--name", "copy")
        with connect(copy["connection_string"]) as session:
            session.simple("create role reader")
        server.do("db", "sql", "copy", "-f", file)
        assert server.do("db", "dump", "copy") == text

        by_psql = server.parsed("create", "--name", "by-psql")
        with connect(by_psql["connection_string"]) as session:
            session.simple("create role reader")
        restore(by_psql["connection_string"], text)
        assert server.do("db", "dump", "by-psql") == text

        dsn = f"postgresql://postgres@{postgres.host}:{postgres.port}/postgres"
        with connect(dsn) as session:
            session.simple("create role reader")
        restore(dsn, text)
        sundogs = (made["connection_string"], by_psql["connection_string"])
        asked = []
        for where in (dsn, *sundogs):
            with connect(where) as session:
                asked.append(answers(session))
        for (question, wanted), *got in zip(*asked):
            assert [answer for _, answer in got] == [wanted] * len(sundogs), (question, wanted, got)


# Each was made, or changed, before something that it needs now.
OUT_OF_ORDER = """
create function positive(x int) returns bool language sql begin atomic select x > 0; end;
create domain small as int;
create type pair as (a int);
create type outer_pair as (p pair, more small[]);
create table t (id int primary key, a int, b int);
create function five() returns int language sql begin atomic select 5; end;
alter table t alter column a set default five(), add check (positive(a));
create domain tiny as int;
alter domain tiny set default five();
alter domain tiny add constraint is_tiny check (positive(value));
alter table t add c tiny;
create function is_good(row_of t) returns bool language sql as 'select row_of.id > 0';
alter table t add constraint good check (is_good(t.*));
create view v as select 1 as one;
create view later as select b, five() as five from t group by id;
create function of_later() returns bigint language sql begin atomic select max(b) from later; end;
create or replace view v as select 1 as one, of_later() as more;
create function counted() returns bigint language sql begin atomic select count(*) from v; end;
create table w (n bigint default counted(), at int[] default array[five()]);
create function twice(n int) returns int language sql immutable as 'select n * 2';
create table x (id serial, a int, g int generated always as (twice(a)) stored);
create index on x (twice(a));
create policy only_good on t using (counted() > 0);
alter table x add foreign key (a) references t;
insert into t (id) values (1), (2);
insert into w default values;
insert into x (a) values (2);
"""
ORDERED_QUESTIONS = (
    "select * from t order by id",
    "select * from v",
    "select * from later",
    "select * from w",
    "select * from x",
    "insert into t (id) values (7) returning a, c",
    "select conname, pg_get_constraintdef(oid) from pg_constraint"
    " where connamespace = 'public'::regnamespace order by 1",
    "select (row(row(1), '{3}')::outer_pair).more",
)


def test_each_thing_is_made_after_what_it_needs():
    with Databases() as server, Postgres() as postgres:
        made = server.parsed("create", "--name", "shop")
        with connect(made["connection_string"]) as session:
            session.simple(OUT_OF_ORDER)
        text = server.do("db", "dump", "shop")
        assert "need each other" not in text, text
        # A database that was made in this order has the same one.
        for name, whence in (("first", "shop"), ("second", "first")):
            server.do("create", "--name", name)
            server.do("db", "sql", name, text=server.do("db", "dump", whence))
        second = server.do("db", "dump", "second")
        assert second == server.do("db", "dump", "first")
        dsn = f"postgresql://postgres@{postgres.host}:{postgres.port}/postgres"
        restore(dsn, text)
        with connect(dsn) as theirs, connect(made["connection_string"]) as ours:
            for question in ORDERED_QUESTIONS:
                assert ours.rows(question) == theirs.rows(question), question
        # What has no order is said.
        server.do("create", "--name", "circle")
        server.do("db", "sql", "circle", text="""
            create function a() returns int language sql begin atomic select 1; end;
            create function b() returns int language sql begin atomic select a(); end;
            create or replace function a() returns int language sql begin atomic select b(); end;
        """)
        output = server.do("db", "dump", "circle")
        assert "function public.a()" in output and "need each other" in output, output


def test_definitions_alone():
    with Databases() as server:
        made = server.parsed("create", "--name", "shop")
        with connect(made["connection_string"]) as session:
            session.simple("create table t (a int primary key); insert into t values (1)")
        text = server.do("db", "dump", "shop", "--ddl-only")
        assert "CREATE TABLE public.t" in text and "PRIMARY KEY" in text, text
        assert "COPY" not in text and "setval" not in text, text
        with connect(made["connection_string"]) as session:
            session.simple("alter table t enable row level security, force row level security")
        assert "FORCE ROW LEVEL" in server.do("db", "dump", "shop", "--ddl-only")
        # Rows that policies may keep from who dumps are not left out without a word.
        assert "row-level security" in server.do("db", "dump", "shop", code=1)
        server.do("create", "--name", "empty")
        assert "CREATE" not in server.do("db", "dump", "empty")


def test_a_dump_makes_the_extension_and_not_what_it_brings():
    with Databases() as server:
        made = server.parsed("create", "--name", "shop")
        with connect(made["connection_string"]) as session:
            session.simple("create schema more")
            session.simple("create extension vector schema more")
            session.simple("create table item (id int primary key, v more.vector(3))")
            session.simple("insert into item values (1, '[1,2,3]'), (2, null), (3, '[-1,0,.5]')")
            session.simple("create index on item using hnsw (v more.vector_l2_ops)")
            session.simple(
                "create function norm(v more.vector) returns float8 language sql"
                " as 'select more.vector_norm(v)'"
            )
        text = server.do("db", "dump", "shop")
        assert text.count("CREATE EXTENSION") == 1, text
        assert re.findall(r"CREATE.* FUNCTION (.*)\(", text) == ["public.norm"], text
        copy = server.parsed("create", "--name", "copy")
        server.do("db", "sql", "copy", text=text)
        assert server.do("db", "dump", "copy") == text
        with connect(copy["connection_string"]) as session:
            nearest = "select id from item order by v operator(more.<->) '[1,2,2]' limit 1"
            assert session.value(nearest) == "1"
            assert session.value("select norm(v) from item where id = 1").startswith("3.74")


def test_dump_says_what_it_cannot():
    with Databases() as server:
        made = server.parsed("create", "--name", "shop")
        server.do("db", "dump", "nosuch", code=NO_SUCH_THING)
        server.do("db", "dump", "shop", "-o", "/nosuch/file", code=1)
        server.do("db", "dump", "shop", "--nosuch", code=WRONG_USAGE)
        output = server.do("db", "dump", "--help")
        assert all(word in output for word in ("DATABASE", "--ddl-only", "--out")), output
        # What cannot be put in its place leaves nothing beside it.
        (server.folder / "in-the-way").mkdir()
        output = server.do("db", "dump", "shop", "-o", server.folder / "in-the-way", code=1)
        assert "could not rename" in output, output
        assert not (server.folder / "in-the-way.part").exists()
        query = ("db", "sql", "shop", "-q", "select 1")
        for command in (("db", "dump", "shop"), query, ("list",)):
            with open("/dev/full", "wb") as full:
                where = ["--data", server.data, "--endpoint", server.api_url]
                done = subprocess.run(
                    [binary().resolve(), *command, *where],
                    stdout=full,
                    stderr=subprocess.PIPE,
                    text=True,
                    check=False,
                    env={**os.environ, "SUNDOG_HOME": str(server.home)},
                )
            assert done.returncode == 1 and "could not write" in done.stderr, done
        # A table whose rows admin may not see: nothing is left behind.
        server.do("db", "users", "shop", "create", "app")
        with connect(made["connection_string"]) as session:
            session.simple("create schema hidden; grant app to admin")
            session.simple("grant create, usage on schema hidden to app; set role app")
            session.simple("create table hidden.t (a int); reset role; revoke app from admin")
        file = server.folder / "shop.sql"
        output = server.do("db", "dump", "shop", "-o", file, code=1)
        assert "permission denied" in output, output
        assert not file.exists() and not file.with_suffix(".sql.part").exists()


def test_a_terminal_sees_how_far_it_is():
    with Databases() as server:
        made = server.parsed("create", "--name", "shop")
        with connect(made["connection_string"]) as session:
            session.simple("create table t (a int); create table u (a int)")
        terminal = Terminal(server, "db", "dump", "shop", "-o", str(server.folder / "x.sql"))
        terminal.expect(r"\[#+ +\] 1/2 tables public\.u")
        terminal.expect(r"\[#+\] 2/2 tables")
        assert terminal.end() == 0
