"""`sundog branch`, and what becomes of copies and deletions when the server is killed; run by
run_cli.py."""

import time

from cli.databases import IN_THE_WAY, NO_SUCH_THING, Databases, refused
from pgclient import connect
from servers.api import Api

WAIT_S = 120
TRIES = 8


def disk_bytes(server):
    """Of the store's files."""
    return sum(
        path.stat().st_size for path in (server.data / "rocksdb").glob("*.sst") if path.exists()
    )


def wait_until(holds, what):
    deadline = time.monotonic() + WAIT_S
    while not holds():
        assert time.monotonic() < deadline, what
        time.sleep(0.02)


def fill(connection_string, mebibytes):
    with connect(connection_string) as session:
        session.simple("create table filled (id int primary key, v text)")
        # Long, and all different: it is compressed.
        session.simple(
            "insert into filled select i, (select string_agg(md5(i::text || j), '') "
            f"from generate_series(1, 32) j) from generate_series(1, {mebibytes * 1000}) i"
        )


def enter(server, made):
    """By where the server is now."""
    return connect(
        host=server.host, port=server.port, user=f"{made['name']}.admin", password=made["password"]
    )


def test_a_branchs_life():
    with Databases() as server:
        made = server.parsed("create", "--name", "shop")
        with connect(made["connection_string"]) as session:
            session.simple("create table t (id serial, v int)")
            session.simple("insert into t (v) values (1), (2)")
            session.simple("create role app login password 'the role''s own'")
            session.simple("grant select on t to app")
        branch = server.parsed("branch", "create", "shop", "--name", "copy")
        assert branch["name"] == "copy" and branch["state"] == "ACTIVE", branch
        assert branch["parent_id"] == made["id"] and branch["password"] != made["password"], branch
        with connect(branch["connection_string"]) as session:
            assert session.rows("select id, v from t order by 1") == [("1", "1"), ("2", "2")]
            assert session.value("insert into t (v) values (3) returning id") == "3"
        # admin's is new, the others' are as they were.
        address = f"127.0.0.1:{server.port}/postgres"
        assert refused(f"postgresql://copy.admin:{made['password']}@{address}") == "28P01"
        app = {"user": "copy.app", "password": "the role's own"}
        with connect(host=server.host, port=server.port, **app) as session:
            assert session.value("select count(*) from t") == "3"
        with connect(made["connection_string"]) as session:
            assert session.value("select count(*) from t") == "2"
            assert session.value("insert into t (v) values (4) returning id") == "3"
        listed = server.parsed("branch", "list", "shop")["branches"]
        assert [one["name"] for one in listed] == ["copy"], listed
        assert server.do("branch", "list", "copy", "--quiet") == ""
        assert "copy" in server.do("branch", "list", "shop")
        # psql finds the password.
        assert server.do("db", "status", "copy", "--quiet") == "ACTIVE\n"
        server.do("branch", "delete", "shop", "--yes", code=NO_SUCH_THING)
        server.do("branch", "delete", "nosuch", "--yes", code=NO_SUCH_THING)
        # A source may go before its copies.
        server.do("delete", "shop", "--yes")
        with connect(branch["connection_string"]) as session:
            assert session.value("select count(*) from t") == "3"
        assert server.parsed("branch", "delete", "copy", "--yes")["state"] == "DELETING"
        assert refused(branch["connection_string"]) == "28P01"


def test_what_branch_create_prints_and_refuses():
    with Databases() as server:
        server.do("create", "--name", "shop")
        string = server.do("branch", "create", "shop", "--show-connection-string")
        connect(string.strip()).close()
        server.do("use", "shop")
        password = server.do("branch", "create", "--name", "other", "--show-password").strip()
        connect(f"postgresql://other.admin:{password}@127.0.0.1:{server.port}/postgres").close()
        assert '"other"' in server.do("branch", "create", "--name", "other", code=IN_THE_WAY)
        server.do("branch", "create", "nosuch", code=NO_SUCH_THING)
        assert "admin" in server.do("branch", "create", "default", code=IN_THE_WAY)
        assert "name" in server.do("branch", "create", "--name", "A", code=1)


def test_an_index_that_is_being_built_is_built_in_the_branch():
    with Databases() as server:
        made = server.parsed("create", "--name", "strict", "--profile", "dsql")
        with connect(made["connection_string"]) as session:
            session.simple("create table t (id int primary key, v int)")
            for first in range(0, 30000, 3000):
                session.simple(
                    f"insert into t select i, i % 7 from generate_series({first}, {first + 2999}) i"
                )
            session.simple("create index async by_v on t (v)")
            branch = server.parsed("branch", "create", "strict")
            jobs = session.rows("select job_id from sys.jobs where status <> 'completed'")
        valid = "select indisvalid from pg_index where indexrelid = 'by_v'::regclass"
        with enter(server, branch) as session:
            wait_until(lambda: session.value(valid) == "t", "the index is not built")
            assert session.value("select count(*) from t where v = 3") == "4286"
            own = session.rows("select job_id from sys.jobs")
            assert not set(own) & set(jobs), (own, jobs)


def test_a_branch_that_a_killed_server_left_has_failed():
    with Databases() as server:
        made = server.parsed("create", "--name", "shop")
        fill(made["connection_string"], 40)
        states = []
        for _ in range(TRIES):
            with Api(server) as api:
                branch = api.do("POST", "/customer/databases/shop/branches", {})
            server.kill()
            server.start()
            with Api(server) as api:
                found = api.do("GET", f"/customer/databases/{branch['id']}")
            states.append(found["state"])
            if found["state"] == "CREATE_FAILED":
                assert "stopped" in found["state_reason"], found
                address = f"127.0.0.1:{server.port}/postgres"
                user = f"{branch['name']}.admin:{branch['password']}"
                assert refused(f"postgresql://{user}@{address}") == "28P01"
                server.do("branch", "delete", branch["name"], "--yes")
                break
            # It was quicker: then it is all there.
            assert found["state"] == "ACTIVE", found
            with enter(server, branch) as session:
                assert session.value("select count(*) from filled") == "40000"
        assert "CREATE_FAILED" in states, states
        # One that is made now is.
        again = server.parsed("branch", "create", "shop")
        with enter(server, again) as session:
            assert session.value("select count(*) from filled") == "40000"


def test_deleted_bytes_are_given_back_also_after_a_kill():
    with Databases() as server:
        for number, is_killed in enumerate((False, True)):
            made = server.parsed("create", "--name", f"large-{number}")
            fill(made["connection_string"], 40)
            server.stop()  # what was written lies in files
            server.start()
            with Api(server) as api:
                size = api.do("GET", f"/customer/databases/{made['id']}")["size_bytes"]
                assert size > 30 << 20, size
                assert api.do("DELETE", f"/customer/databases/{made['id']}")["state"] == "DELETING"
            if is_killed:
                server.kill()
                server.start()
            wait_until(
                lambda: made["id"] not in server.do("list", "--output", "json"), "it is still there"
            )
            wait_until(lambda: disk_bytes(server) < 5 << 20, "its bytes are still there")
