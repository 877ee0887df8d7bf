"""Privileges of those who log in without being superusers: prepared plans, lost roles, signals."""

import struct

from pgclient import messages as m
from wire.raw import Raw


def roles(admin, *names):
    for name in names:
        admin.query(f"create role {name} login")


def test_a_prepared_plan_is_checked_at_each_run(server):
    with Raw(server) as admin:
        roles(admin, "wire_reader")
        admin.query("create table wire_secret as select 7 as a")
        with Raw(server, user="wire_reader") as w:
            # Parsing and describing take no privilege: running does.
            w.send(m.parse("s", "select a from wire_secret"), m.describe(b"S", "s"), m.SYNC)
            w.expect("1 t T Z(I)")
            w.send(m.bind("", "s"), m.execute(""), m.SYNC)
            assert w.until_ready()[-2:] == ["E(42501)", "Z(I)"]
            admin.query("grant select on wire_secret to wire_reader")
            w.send(m.bind("", "s"), m.execute(""), m.SYNC)
            w.expect("2 D(7) C(SELECT_1) Z(I)")
            w.send(m.bind("", "s"), m.execute(""), m.SYNC)
            w.expect("2 D(7) C(SELECT_1) Z(I)")
            admin.query("revoke select on wire_secret from wire_reader")
            w.send(m.bind("", "s"), m.execute(""), m.SYNC)
            assert w.until_ready()[-2:] == ["E(42501)", "Z(I)"]
        admin.query("drop table wire_secret")
        admin.query("drop role wire_reader")


def test_a_session_whose_role_is_dropped_keeps_no_rights(server):
    with Raw(server) as admin:
        roles(admin, "wire_gone")
        admin.query("create table wire_kept as select 7 as a")
        admin.query("create table wire_public as select 8 as a")
        admin.query("grant select on wire_kept to wire_gone")
        admin.query("grant select on wire_public to public")
        with Raw(server, user="wire_gone") as w:
            assert w.query("select a from wire_kept") == [("7",)]
            admin.query("revoke all on wire_kept from wire_gone")
            admin.query("drop role wire_gone")
            for sql, state in (
                ("select a from wire_kept", "42501"),
                ("select a from pg_authid", "42703"),
                ("select 1 from pg_authid", "42501"),
                ("select current_user", "42704"),
                ("create table wire_made (a int)", "42501"),
                ("create role wire_made", "42501"),
                ("alter role postgres password 'x'", "42501"),
                ("drop role postgres", "42501"),
                ("set role postgres", "42501"),
                ("grant select on wire_public to public", None),
            ):
                w.send(m.query(sql))
                words = w.until_ready()[-2:]
                wanted = f"E({state})" if state else "C(GRANT)"
                assert words == [wanted, "Z(I)"], (sql, words)
            assert w.query("select a from wire_public") == [("8",)]
            # Another role of that name is another role.
            roles(admin, "wire_gone")
            admin.query("grant select on wire_kept to wire_gone")
            w.send(m.query("select a from wire_kept"))
            assert w.until_ready() == ["E(42501)", "Z(I)"]
        admin.query("drop table wire_kept, wire_public")
        admin.query("drop role wire_gone")


def test_sessions_of_others_are_neither_seen_nor_ended(server):
    with Raw(server) as admin:
        roles(admin, "wire_one", "wire_two")
        with Raw(server, user="wire_one") as one, Raw(server, user="wire_two") as two:
            pid = struct.unpack("!i", one.key[:4])[0]
            one.query("select 'wire one'")
            query = f"select usename, query, state from pg_stat_activity where pid = {pid}"
            hidden = ("wire_one", "<insufficient privilege>", None)
            assert two.query(query) == [hidden]
            for function in ("pg_cancel_backend", "pg_terminate_backend"):
                two.send(m.query(f"select {function}({pid})"))
                assert two.until_ready()[-2:] == ["E(42501)", "Z(I)"]
            admin.query("grant pg_read_all_stats, pg_signal_backend to wire_two")
            assert two.query(query) == [("wire_one", "select 'wire one'", "idle")]
            assert two.query(f"select pg_cancel_backend({pid})") == [("t",)]
            admin.query("revoke pg_read_all_stats, pg_signal_backend from wire_two")
            admin.query("grant wire_one to wire_two")
            assert two.query(query) == [("wire_one", "select 'wire one'", "idle")]
            assert two.query(f"select pg_terminate_backend({pid})") == [("t",)]
            one.expect_closed()
        admin.query("drop role wire_one, wire_two")


def test_who_has_no_connect_privilege_is_not_let_in(server):
    with Raw(server) as admin:
        roles(admin, "wire_out", "wire_in")
        admin.query("grant connect on database postgres to wire_in")
        admin.query("revoke connect on database postgres from public")
        try:
            with Raw(server, start=False) as w:
                w.send(m.startup({"user": "wire_out", "database": "postgres"}))
                assert w.until_ready()[-2] == "E(42501)"
            with Raw(server, user="wire_in") as w:
                assert w.query("select 1") == [("1",)]
            with Raw(server) as superuser:
                assert superuser.query("select 1") == [("1",)]
        finally:
            admin.query("grant connect on database postgres to public")
            admin.query("revoke connect on database postgres from wire_in")
        with Raw(server, user="wire_out") as w:
            assert w.query("select 1") == [("1",)]
        admin.query("drop role wire_out, wire_in")
