"""Two databases of one server: one has secrets, and the other tries to see, change or disturb
anything of it, by every way there is."""

import json
import socket
import struct

from pgclient import ServerError, connect
from pgclient.connection import CANCEL_CODE
from servers.api import Api

ONLY_ON = "sundog"

OPERATOR = "the operator's"
# Part of every name and value of the one, and of nothing else.
MARK = "zq7secret"
LOCK = 424242

SECRETS = f"""
    create schema {MARK}_schema;
    create table {MARK}_table ({MARK}_column text default '{MARK}', n int check (n <> 77));
    insert into {MARK}_table select '{MARK}' || i, i % 50 from generate_series(1, 20000) i;
    create index {MARK}_index on {MARK}_table (n);
    analyze {MARK}_table;
    create view {MARK}_view as select '{MARK}'::text as {MARK}_column;
    create sequence {MARK}_sequence;
    create type {MARK}_type as enum ('{MARK}');
    create domain {MARK}_domain as text check (value <> '{MARK}');
    create function {MARK}_function() returns text language sql as $$ select '{MARK}' $$;
    create role {MARK}_role login password '{MARK}';
    comment on table {MARK}_table is '{MARK}';
    alter role {MARK}_role set application_name = '{MARK}';
    create table same (v text);
    insert into same values ('{MARK}');
"""


class Databases:
    """A server with the databases `victim`, which has the secrets, and `spy`."""

    def __init__(self, server):
        self._server = server
        server.http = True
        server.arguments += ["--auth", "scram-sha-256"]
        server.environment["SUNDOG_PASSWORD"] = OPERATOR
        self.made = {}

    def __getattr__(self, name):
        return getattr(self._server, name)

    def start(self):
        self._server.start()
        if self.made:
            return
        with Api(self) as api:
            for name in ("victim", "spy"):
                self.made[name] = api.do("POST", "/customer/databases", {"name": name})
        with self.enter("victim") as victim:
            for statement in SECRETS.split(";\n"):
                if statement.strip():
                    victim.simple(statement)
        with self.enter("victim", "postgres") as owner:
            owner.simple(f"alter database postgres set application_name = '{MARK}'")
        with self.enter("spy") as spy:
            spy.simple("create table same (v text)")
            spy.simple("insert into same values ('mine')")

    def enter(self, name, role="admin", password=None):
        password = password or (OPERATOR if role == "postgres" else self.made[name]["password"])
        return connect(
            host=self.host, port=self.port, user=f"{name}.{role}", password=password
        )


WANTS = Databases


def error_of(session, sql):
    try:
        session.simple(sql)
    except ServerError as error:
        return error
    return None


def busy_victim(server):
    """A session of the victim with all that is to be seen of one: a transaction, locks, a prepared
    statement, a cursor, a temporary table."""
    session = server.enter("victim")
    session.simple(f"set application_name = '{MARK}'")
    session.simple(f"set {MARK}.setting = '{MARK}'")
    session.simple(f"create temporary table {MARK}_temporary (v text)")
    session.simple(f"select pg_advisory_lock({LOCK})")
    session.simple(f"prepare {MARK}_prepared as select '{MARK}'")
    session.simple("begin")
    session.simple(f"declare {MARK}_cursor cursor for select * from {MARK}_table")
    session.simple(f"update {MARK}_table set n = n where n = 1")
    return session


def relations(session):
    return session.rows(
        "select n.nspname, c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace "
        "where n.nspname in ('pg_catalog', 'information_schema') and c.relkind in ('r', 'v') "
        "order by 1, 2"
    )


def test_no_catalog_view_or_statistic_shows_anything_of_another(server):
    with busy_victim(server):
        for role in ("admin", "postgres"):
            with server.enter("spy", role) as spy:
                seen = list(relations(spy))
                assert len(seen) > 150, len(seen)
                for schema, name in [*seen, ("sys", "jobs"), ("sys", "iam_pg_role_mappings")]:
                    try:
                        rows = spy.rows(f'select * from {schema}."{name}"')
                    except ServerError as error:
                        # Some are for superusers, and some are not there.
                        assert error.sqlstate in ("42501", "0A000", "42P01"), (name, error)
                        assert MARK not in str(error.fields), name
                        continue
                    assert MARK not in str(rows), (role, schema, name)


def test_a_view_that_shows_it_to_its_own_is_found(server):
    """The test above cannot fail otherwise."""
    with busy_victim(server), server.enter("victim") as own:
        shown = [
            name
            for schema, name in relations(own)
            if error_of(own, f'select * from {schema}."{name}"') is None
            and MARK in str(own.rows(f'select * from {schema}."{name}"'))
        ]
        for name in ("pg_class", "pg_attribute", "pg_roles", "pg_stat_activity", "pg_type"):
            assert name in shown, shown


def test_functions_about_sessions_say_nothing_of_another_s(server):
    with busy_victim(server) as victim, server.enter("spy", "postgres") as spy:
        pid = victim.backend_pid
        for call, answer in (
            (f"pg_cancel_backend({pid})", "f"),
            (f"pg_terminate_backend({pid})", "f"),
            (f"pg_blocking_pids({pid})", "{}"),
            (f"(select count(*) from pg_stat_get_activity({pid}))", "0"),
            (f"(select count(*) from pg_locks where pid = {pid})", "0"),
            (f"(select count(*) from pg_stat_activity where pid = {pid})", "0"),
        ):
            try:
                value = spy.value(f"select {call}")
            except ServerError as error:
                assert error.sqlstate in ("42883", "0A000"), (call, error)
                continue
            assert value == answer, (call, value)
        assert victim.value("select 1") == "1"


def test_objects_are_not_there_by_name_or_number(server):
    with server.enter("victim") as victim:
        oids = victim.rows(
            f"select oid::int from pg_class where relname like '{MARK}%' "
            f"union all select oid::int from pg_proc where proname like '{MARK}%' "
            f"union all select oid::int from pg_roles where rolname like '{MARK}%'"
        )
        assert len(oids) > 5, oids
    with server.enter("spy", "postgres") as spy:
        for (oid,) in oids:
            for call in (
                f"{oid}::regclass",
                f"{oid}::regproc",
                f"{oid}::regrole",
                f"pg_get_viewdef({oid}::oid)",
                f"pg_get_functiondef({oid}::oid)",
                f"pg_get_indexdef({oid})",
                f"obj_description({oid}, 'pg_class')",
                f"pg_relation_size({oid})",
                f"has_table_privilege({oid}, 'select')",
            ):
                found = error_of(spy, f"select {call}")
                if found is None:
                    assert MARK not in str(spy.value(f"select {call}")), (call, oid)
                else:
                    assert MARK not in str(found.fields), (call, found)
        for sql, code in (
            (f"select * from {MARK}_table", "42P01"),
            (f"select * from victim.public.{MARK}_table", "0A000"),
            (f"select nextval('{MARK}_sequence')", "42P01"),
            (f"select {MARK}_function()", "42883"),
            (f"set role {MARK}_role", "22023"),
            (f"set session authorization {MARK}_role", "22023"),
            (f"drop role {MARK}_role", "42704"),
            (f"select null::{MARK}_type", "42704"),
            (f"execute {MARK}_prepared", "26000"),
            (f"fetch {MARK}_cursor", "34000"),
        ):
            found = error_of(spy, sql)
            assert found is not None and found.sqlstate == code, (sql, found)
            assert MARK not in found.fields.get("H", ""), found


def test_settings_stay_where_they_were_made(server):
    with server.enter("spy", "postgres") as spy:
        assert spy.value(f"select current_setting('{MARK}.setting', true)") is None
        assert MARK not in str(spy.rows("show all"))
        assert spy.value("show application_name") != MARK
        refused = error_of(spy, "alter system set work_mem = '64kB'")
        assert refused is not None, "ALTER SYSTEM was not refused"
        spy.simple("alter database postgres set statement_timeout = '7s'")
        spy.simple("alter role all set lock_timeout = '8s'")
        spy.simple("alter role postgres set idle_in_transaction_session_timeout = '9s'")
    try:
        for role in ("admin", "postgres"):
            with server.enter("victim", role) as victim:
                assert victim.value("show statement_timeout") == "0"
                assert victim.value("show lock_timeout") == "0"
                assert victim.value("show idle_in_transaction_session_timeout") == "0"
    finally:
        with server.enter("spy", "postgres") as spy:
            spy.simple("alter database postgres reset all")
            spy.simple("alter role all reset all")
            spy.simple("alter role postgres reset all")


def test_locks_of_one_do_not_hold_up_another(server):
    with busy_victim(server) as victim, server.enter("spy") as spy:
        spy.simple("set lock_timeout = '2s'")
        assert spy.value(f"select pg_try_advisory_lock({LOCK})") == "t"
        # The same OID, the same name: other tables.
        victim.simple("lock table same")
        spy.simple("begin")
        spy.simple("lock table same")
        assert spy.value("select v from same for update") == "mine"
        spy.simple("rollback")


def test_the_same_text_is_another_statement(server):
    """Plans are shared by text; what they read is not."""
    with server.enter("victim") as victim, server.enter("spy") as spy:
        for _ in range(5):
            assert victim.value("select v from same") == MARK
            assert spy.value("select v from same") == "mine"
            assert victim.rows("select v from same where v <> $1", "x") == [(MARK,)]
            assert spy.rows("select v from same where v <> $1", "x") == [("mine",)]


def test_nothing_is_heard_of_another_s_notifications(server):
    with server.enter("spy") as spy, server.enter("victim") as victim:
        refused = error_of(spy, "listen channel")
        if refused is not None:
            assert refused.sqlstate == "0A000", refused
            return
        victim.simple(f"notify channel, '{MARK}'")
        assert spy.value("select 1") == "1"
        assert not spy.notifications, spy.notifications


def test_a_cancel_request_needs_the_key_of_that_session(server):
    with server.enter("victim") as victim, server.enter("spy") as spy:
        victim.start_simple("select pg_sleep(0.4)")
        with socket.create_connection((server.host, server.port)) as wire:
            wire.sendall(
                struct.pack("!iiiI", 16, CANCEL_CODE, victim.backend_pid, spy.backend_key)
            )
            assert wire.recv(1) == b""
        victim.finish()


def test_the_server_s_files_are_not_to_be_read(server):
    with server.enter("spy", "postgres") as spy:
        folder = str(server.folder / "data")
        for sql in (
            f"select pg_read_file('{folder}/credentials')",
            f"select pg_ls_dir('{folder}/tmp')",
            "select * from pg_ls_tmpdir()",
            f"select lo_import('{folder}/credentials')",
            f"copy same from '{folder}/credentials'",
            f"copy same to '{folder}/stolen'",
            "copy same from program 'id'",
        ):
            refused = error_of(spy, sql)
            assert refused is not None, sql
            assert "aws_secret" not in str(refused.fields), refused


def test_sizes_and_counts_are_one_s_own(server):
    with server.enter("spy") as spy, server.enter("victim") as victim:
        counts = "select sum(xact_commit) from pg_stat_database where datname = 'postgres'"
        before = spy.value(counts)
        for _ in range(30):
            victim.simple("select 1")
        after = spy.value(counts)
        assert before is None or int(after) - int(before) < 20, (before, after)
        of_victim = int(victim.value("select pg_database_size('postgres')"))
        of_spy = int(spy.value("select pg_database_size('postgres')"))
        assert of_victim > 4 * of_spy, (of_victim, of_spy)


def test_a_key_for_one_database_is_none_for_the_other(server):
    user = {"kind": "user", "name": "spy"}
    with Api(server) as operator:
        arn = operator.do("POST", "/iam/create-principal", user)["arn"]
        account = arn.split(":")[4]
        allowed = f"arn:aws:dsql:us-east-1:{account}:cluster/{server.made['spy']['id']}"
        policy = {"Statement": {"Effect": "Allow", "Action": "dsql:*", "Resource": allowed}}
        named = {**user, "policyName": "own", "policy": json.dumps(policy)}
        operator.do("POST", "/iam/put-policy", named)
        key = operator.do("POST", "/iam/create-access-key", user)
    pair = (key["accessKeyId"], key["secretAccessKey"])
    with Api(server, pair) as spy:
        assert spy.ask("GET", "/customer/databases/spy")[0] == 200
        for name in ("victim", server.made["victim"]["id"], "nosuch"):
            for method, rest, body in (
                ("GET", "", None),
                ("DELETE", "", None),
                ("GET", "/users", None),
                ("POST", "/users", {"name": "intruder"}),
                ("DELETE", "/users/admin", None),
                ("POST", "/reset-password", {}),
                ("GET", "/branches", None),
                ("POST", "/branches", {}),
                ("DELETE", "/branches/spy", None),
            ):
                status, answer = spy.ask(method, f"/customer/databases/{name}{rest}", body)
                assert status == 403, (name, method, rest, status, answer)
                assert server.made["victim"]["id"] not in str(answer) or name != "victim", answer
        assert spy.ask("GET", "/customer/databases")[0] == 403
        assert spy.ask("POST", "/customer/databases", {})[0] == 403
        # Nor through its own: what is no branch of it is not to be deleted as one.
        assert spy.ask("DELETE", "/customer/databases/spy/branches/victim")[0] == 403
    server.enter("victim").close()
