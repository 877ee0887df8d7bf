"""SQL, schema, metrics and tokens of the HTTP API; run by run_cli.py."""

import json
import socket
import threading
import time

from cli.databases import Databases
from pgclient import connect
from servers.api import Api

WAIT_S = 60


def token_for(api, *scopes, **members):
    databases = [{"id": name, "access": access} for name, access in scopes]
    wanted = {"name": "t", "databases": databases, **members}
    return api.do("POST", "/customer/tokens", wanted)


def with_token(api, *scopes, **members):
    return Api(api.server, token=token_for(api, *scopes, **members)["token"])


def test_sql_over_http_answers_in_json():
    with Databases() as server:
        server.do("create", "--name", "shop")
        api = Api(server)
        results = api.sql(
            "shop",
            "create table t"
            " (id int primary key, name text, at timestamptz, doc jsonb, tags text[]);"
            "insert into t values (1, 'a\"b', '2024-01-02 03:04:05+00', '{\"x\": [1]}', '{p,q}'),"
            " (2, null, null, null, null); select * from t order by id",
        )
        assert [one["command"] for one in results] == ["CREATE TABLE", "INSERT", "SELECT"], results
        assert "rows" not in results[0] and results[1]["row_count"] == 2, results
        columns = [(one["name"], one["type"], one["type_oid"]) for one in results[2]["columns"]]
        assert columns[:2] == [("id", "int4", 23), ("name", "text", 25)], columns
        assert results[2]["rows"] == [
            [1, 'a"b', "2024-01-02T03:04:05+00:00", {"x": [1]}, ["p", "q"]],
            [2, None, None, None, None],
        ], results
        values = "select 9007199254740993, 1.50::numeric, 'NaN'::float8, true, null, '{}'::int[]"
        assert api.rows("shop", values) == [[9007199254740993, 1.5, "NaN", True, None, []]]
        assert api.sql("shop", "") == []
        assert api.sql("shop", "  ; -- nothing") == []
        script = {"file_content": "select 1; select 2;"}
        answer = api.do("POST", "/customer/databases/shop/sql", script)
        assert [one["rows"] for one in answer["results"]] == [[[1]], [[2]]], answer
        noticed = api.do(
            "POST", "/customer/databases/shop/sql", {"query": "drop table if exists nosuch"}
        )
        assert "nosuch" in noticed["notices"][0]["message"], noticed
        # By its identifier, too; a role that is not its superuser, with what was given to admin.
        found = api.do("GET", "/customer/databases/shop")
        who = "select current_user, session_user, current_setting('is_superuser')"
        assert api.rows(found["id"], who) == [["admin", "admin", "off"]]
        assert api.rows("shop", "show statement_timeout") == [["1min"]]


def test_sql_over_http_in_a_database_of_profile_dsql():
    with Databases() as server:
        server.do("create", "--name", "strict", "--profile", "dsql")
        api = Api(server)
        assert api.rows("strict", "show transaction_isolation") == [["repeatable read"]]
        assert api.rows("strict", "select 1 + $1::int", parameters=[1]) == [[2]]
        error = api.error("strict", "set statement_timeout = 1")
        assert error["sqlstate"] == "0A000", error
        assert api.do("GET", "/customer/databases/strict/schema")["schemas"]


def test_a_request_whose_database_is_deleted_meanwhile_finds_none():
    with Databases() as server:
        made = server.parsed("create", "--name", "shop")
        with connect(made["connection_string"]) as session:
            session.rows("begin")
            session.rows("create role ann")
            answers = []

            def create(name):
                with Api(server) as own:
                    where = "/customer/databases/shop/users"
                    answers.append(own.ask("POST", where, {"name": name}))

            # They wait for the other role to be there or not.
            waiting = [threading.Thread(target=create, args=(name,)) for name in ("ann", "bob")]
            for thread in waiting:
                thread.start()
            waiting_count = (
                "select count(*) from pg_stat_activity"
                " where query ilike 'create role%' and state = 'active'"
            )
            with connect(made["connection_string"]) as onlooker:
                await_value(onlooker, waiting_count, "2")
            Api(server).do("DELETE", "/customer/databases/shop")
            for thread in waiting:
                thread.join()
        assert {status for status, _ in answers} <= {200, 404, 409}, answers


def test_parameters_are_never_part_of_the_text():
    with Databases() as server:
        server.do("create", "--name", "shop")
        api = Api(server)
        given = ["'; drop table x; --", 5, 2.5, True, None, {"a": [1]}, ["x", None, 'q",{'], [[1]]]
        rows = api.rows(
            "shop",
            "select $1::text, $2::int, $3::numeric, $4::bool, $5::text, $6::jsonb, $7::text[],"
            " $8::int[]",
            parameters=given,
        )
        assert rows == [given], rows
        api.sql("shop", "create domain list as int[]; create domain lists as list")
        rows = api.rows("shop", "select $1::list, $2::lists", parameters=[[1, None], [[2, 3]]])
        assert rows == [[[1, None], [[2, 3]]]], rows
        api.sql("shop", "create table t (a int, b text)")
        done = api.sql("shop", "insert into t values ($1, $2) returning a", parameters=[7, "x"])
        assert done[0]["rows"] == [[7]] and done[0]["row_count"] == 1, done
        done = api.sql("shop", "update t set b = $1", parameters=["y"])
        assert done == [{"command": "UPDATE", "row_count": 1}], done
        several = api.error("shop", "select 1; select $1::int", parameters=[1])
        assert several["sqlstate"] == "42601", several
        assert api.error("shop", "select $1::int", parameters=["x"])["sqlstate"] == "22P02"
        assert api.error("shop", "select $2::int", parameters=[1])["sqlstate"] == "42P18"
        for wrong in (
            {},
            {"query": 1},
            {"query": "select 1", "file_content": "select 1"},
            {"query": "select $1", "parameters": "x"},
            {"file_content": "select $1::int", "parameters": [1]},
            {"query": "select 1", "timeout_ms": -1},
            {"query": "select 1", "read_only": "yes"},
        ):
            status, answer = api.ask("POST", "/customer/databases/shop/sql", wrong)
            assert status == 400 and answer["reason"] == "fieldValidationFailed", (wrong, answer)


def test_an_error_says_what_a_session_would_hear():
    with Databases() as server:
        server.do("create", "--name", "shop")
        api = Api(server)
        error = api.error("shop", "select nosuch")
        assert error["sqlstate"] == "42703" and error["position"] == 8, error
        assert error["severity"] == "ERROR", error
        api.sql("shop", "create table t (a int primary key)")
        error = api.error("shop", "insert into t values (1), (1)")
        assert error["sqlstate"] == "23505" and "(a)=(1)" in error["detail"], error
        assert error["constraint"] == "t_pkey" and error["table"] == "t", error
        assert "hint" in api.error("shop", "select to_char(1)"), error
        # One implicit transaction, as a query message is.
        status, answer = api.ask(
            "POST",
            "/customer/databases/shop/sql",
            {"query": "insert into t values (5); select 1/0; select 2"},
        )
        assert status == 400 and len(answer["results"]) >= 1, answer
        assert answer["error"]["sqlstate"] == "22012", answer
        assert api.rows("shop", "select count(*) from t") == [[0]]
        # What is not committed ends with the request.
        api.sql("shop", "begin; insert into t values (6)")
        assert api.rows("shop", "select count(*) from t") == [[0]]
        api.sql("shop", "begin; insert into t values (6); commit; begin; insert into t values (7)")
        assert api.rows("shop", "select a from t") == [[6]]
        assert api.error("shop", "copy t to stdout")["sqlstate"] == "0A000"
        assert api.error("shop", "create role r superuser")["sqlstate"] == "42501"
        slow = api.error("shop", "select pg_sleep(30)", timeout_ms=50)
        assert slow["sqlstate"] == "57014" and "timeout" in slow["message"], slow


def test_large_results_are_streamed():
    with Databases() as server:
        server.do("create", "--name", "shop")
        api = Api(server)
        count = 200_000
        query = f"select n, repeat('x', 100) from generate_series(1, {count}) n"
        before = resident_kib(server.pid)
        rows = api.rows("shop", query)
        assert len(rows) == count and rows[-1][0] == count, len(rows)
        # The answer has 24 MB, of which the server keeps no more than a piece.
        grown = resident_kib(server.pid) - before
        assert grown < 15_000 or server.environment.get("SUNDOG_SANITIZE"), grown
        # What goes wrong after the first piece is said at its end.
        late = f"select n, repeat('x', 100), 1 / ({count} - n) from generate_series(1, {count}) n"
        status, answer = api.ask("POST", "/customer/databases/shop/sql", {"query": late})
        assert status == 200, status
        assert answer["error"]["sqlstate"] == "22012" and answer["message"], answer["error"]
        assert "command" not in answer["results"][0], answer["results"][0].keys()
        # The connection is good for the next request.
        connection = api.open()
        for _ in range(2):
            body = json.dumps({"query": query}).encode()
            target = "/customer/databases/shop/sql"
            connection.request("POST", target, body, api.headers("POST", target, body))
            assert len(json.loads(connection.getresponse().read())["results"][0]["rows"]) == count
        connection.close()


def resident_kib(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS"))


def test_a_client_that_goes_away_takes_its_statement_with_it():
    with Databases() as server:
        made = server.parsed("create", "--name", "shop")
        api = Api(server)
        running = "select count(*) from pg_stat_activity where query like '%pg_sleep(99%'"
        other = running.replace("%'", "%' and pid <> pg_backend_pid()")
        with connect(made["connection_string"]) as session:
            for query in ("select pg_sleep(99)", "select pg_sleep(99.0) from generate_series(1,9)"):
                connection = api.open()
                body = json.dumps({"query": query, "timeout_ms": 80_000}).encode()
                target = "/customer/databases/shop/sql"
                connection.request("POST", target, body, api.headers("POST", target, body))
                await_value(session, other, "1")
                connection.sock.shutdown(socket.SHUT_RDWR)
                connection.close()
                await_value(session, other, "0")


def await_value(session, query, wanted):
    limit = time.monotonic() + WAIT_S
    while session.value(query) != wanted:
        assert time.monotonic() < limit, query


def test_schema_and_metrics():
    with Databases() as server:
        made = server.parsed("create", "--name", "shop")
        server.do("create", "--name", "other")
        api = Api(server)
        api.sql(
            "shop",
            "create schema s; create table s.t (id serial primary key, n numeric(5,2) default 1,"
            " check (n > 0)); create index on s.t (n); create view s.v as select id from s.t;"
            "comment on table s.t is 'things'",
        )
        schema = api.do("GET", "/customer/databases/shop/schema")
        assert [one["name"] for one in schema["schemas"]] == ["public", "s"], schema
        table, view = schema["schemas"][1]["tables"]
        assert table["name"] == "t" and table["kind"] == "table" and view["kind"] == "view", schema
        assert table["comment"] == "things", table
        columns = [(one["name"], one["type"], one["nullable"]) for one in table["columns"]]
        assert columns == [("id", "integer", False), ("n", "numeric(5,2)", True)], columns
        assert "nextval" in table["columns"][0]["default"], table
        assert {one["name"] for one in table["indexes"]} == {"t_pkey", "t_n_idx"}, table
        assert "PRIMARY KEY (id)" in [one["definition"] for one in table["constraints"]], table
        assert schema != api.do("GET", "/customer/databases/other/schema")
        with connect(made["connection_string"]) as session:
            session.simple("select pg_sleep(0.02), 'secret'")
            metrics = api.do("GET", "/customer/databases/shop/metrics")
            assert metrics["connections"] >= 1, metrics
        assert metrics["statements"] >= 3 and metrics["window_s"] == 60, metrics
        assert metrics["commits"] >= 2 and metrics["errors"] == 0, metrics
        slow = {one["query"]: one for one in metrics["slow_queries"]}
        assert slow["select pg_sleep(?), ?"]["calls"] == 1, slow
        assert slow["select pg_sleep(?), ?"]["max_ms"] >= 20, slow
        assert "secret" not in json.dumps(metrics), metrics
        other = api.do("GET", "/customer/databases/other/metrics")
        # Its own may be slow on a slow machine.
        of_shop = [one for one in other["slow_queries"] if "pg_sleep" in one["query"]]
        assert of_shop == [] and other["connections"] == 0, other


def test_what_a_database_defines_changes_nothing_of_what_the_server_asks_it():
    with Databases() as server:
        server.do("create", "--name", "shop")
        api = Api(server)
        api.sql(
            "shop",
            "create function json_build_object(text, json) returns json language sql"
            " as 'select null::json';"
            "create view pg_roles as select null::name as rolname, null::bool as rolcanlogin,"
            " null::bool as rolcreaterole;"
            "alter role admin set search_path = public, pg_catalog",
        )
        (schema,) = api.do("GET", "/customer/databases/shop/schema")["schemas"]
        assert [one["name"] for one in schema["tables"]] == ["pg_roles"], schema
        users = api.do("GET", "/customer/databases/shop/users")["users"]
        assert [one["name"] for one in users] == ["admin"], users


def test_a_token_opens_its_databases_and_nothing_else():
    with Databases() as server:
        shop = server.parsed("create", "--name", "shop")
        server.do("create", "--name", "other")
        api = Api(server)
        made = token_for(api, ("shop", "rw"), name="ci", expires_in_days=2)
        assert made["name"] == "ci" and made["token"].startswith(f"sundog_{made['id']}_"), made
        assert made["expires_at"] - made["created_at"] == 2 * 86400, made
        assert made["databases"] == [{"id": shop["id"], "name": "shop", "access": "rw"}], made
        holder = Api(server, token=made["token"])
        holder.sql("shop", "create table t (a int); insert into t values (1)")
        assert holder.rows(shop["id"], "select a, current_user from t") == [[1, "admin"]]
        assert holder.do("GET", "/customer/databases/shop")["name"] == "shop"
        holder.do("GET", "/customer/databases/shop/schema")
        holder.do("GET", "/customer/databases/shop/metrics")
        # One that is not there and one that is not its own look alike.
        for method, path, body in (
            ("POST", "/customer/databases/{}/sql", {"query": "select 1"}),
            ("GET", "/customer/databases/{}/schema", None),
            ("GET", "/customer/databases/{}/metrics", None),
            ("GET", "/customer/databases/{}", None),
        ):
            answers = {}
            for name in ("other", "nosuch", "default"):
                status, answer = holder.ask(method, path.format(name), body)
                answers[name] = (status, json.dumps(answer).replace(name, "?"))
            assert answers["other"] == answers["nosuch"] == answers["default"], answers
            assert answers["other"][0] == 404, answers
        for method, path in (
            ("DELETE", "/customer/databases/shop"),
            ("POST", "/customer/databases/shop/reset-password"),
            ("GET", "/customer/databases/shop/users"),
            ("GET", "/customer/databases"),
            ("POST", "/customer/databases"),
            ("GET", "/customer/tokens"),
            ("POST", "/customer/tokens"),
            ("DELETE", f"/customer/tokens/{made['id']}"),
            ("POST", "/iam/list-principals"),
            ("GET", "/cluster"),
        ):
            status, answer = holder.ask(method, path)
            assert status == 403, (path, answer)
        text = made["token"]
        another = f"sundog_{'a' * 16}_{text[-43:]}"
        for wrong in ("x", text[:-1], text + "a", text[:-1] + "!", another):
            status, answer = Api(server, token=wrong).ask("GET", "/customer/databases/shop")
            assert status == 401, (wrong, answer)
        listed = api.do("GET", "/customer/tokens")["tokens"]
        assert [one["id"] for one in listed] == [made["id"]], listed
        assert "token" not in listed[0] and text[-43:] not in json.dumps(listed), listed
        stored = b"".join(
            file.read_bytes() for file in server.data.rglob("*") if file.is_file()
        )
        assert text[-43:].encode() not in stored and text not in server.log_text(1 << 30)
        server.stop()
        server.start()
        assert holder.rows("shop", "select a from t") == [[1]]
        api.do("DELETE", f"/customer/tokens/{made['id']}")
        assert holder.ask("GET", "/customer/databases/shop")[0] == 401
        assert api.ask("DELETE", f"/customer/tokens/{made['id']}")[0] == 404
        # A database that is made with a name that a token knew is another one.
        again = with_token(api, ("shop", "ro"))
        server.do("delete", "shop", "--yes")
        server.do("create", "--name", "shop")
        assert again.ask("GET", "/customer/databases/shop")[0] == 404


def test_tokens_that_cannot_be():
    with Databases() as server:
        server.do("create", "--name", "shop")
        api = Api(server)
        shop = [{"id": "shop", "access": "ro"}]
        for wrong in (
            {},
            {"name": "t"},
            {"name": "t", "databases": []},
            {"name": "t", "databases": ["shop"]},
            {"name": "t", "databases": [{"id": "shop", "access": "admin"}]},
            {"name": "t", "databases": shop + shop},
            {"name": "t", "databases": shop, "expires_in_days": 0},
            {"name": "t", "databases": shop, "expires_in_days": "1"},
        ):
            status, answer = api.ask("POST", "/customer/tokens", wrong)
            assert status == 400, (wrong, answer)
        nosuch = {"name": "t", "databases": [{"id": "nosuch", "access": "ro"}]}
        assert api.ask("POST", "/customer/tokens", nosuch)[0] == 404


def test_a_read_only_token_cannot_change_anything():
    with Databases() as server:
        shop = server.parsed("create", "--name", "shop")
        api = Api(server)
        api.sql(
            "shop",
            "create table t (a int); insert into t values (1); create sequence s;"
            "create function f() returns int language plpgsql as"
            " $$begin insert into t values (2); return 1; end$$;"
            "create function g() returns int language plpgsql set transaction_read_only = off as"
            " $$begin insert into t values (3); return 1; end$$;"
            "create procedure p() language plpgsql as $$begin insert into t values (4); end$$",
        )
        reader = with_token(api, ("shop", "ro"))
        assert reader.rows("shop", "select a from t") == [[1]]
        assert reader.rows("shop", "show transaction_read_only") == [["on"]]
        insert = "insert into t values (9)"
        with connect(shop["connection_string"]) as session:
            pid = session.value("select pg_backend_pid()")
            for query in (
                insert,
                "set transaction read write; " + insert,
                "begin read write; " + insert,
                "commit; begin; " + insert + "; commit",
                "begin; rollback; begin read write; " + insert,
                "set session characteristics as transaction read write; commit; " + insert,
                "set default_transaction_read_only = off; commit; " + insert,
                "set transaction_read_only = off; " + insert,
                "select set_config('transaction_read_only', 'off', false); " + insert,
                "select set_config('default_transaction_read_only', 'off', false); commit; "
                + insert,
                "begin; savepoint a; set transaction read write; " + insert,
                "reset all; commit; " + insert,
                "discard all",
                "do $$begin insert into t values (9); end$$",
                "do $$begin set transaction read write; insert into t values (9); end$$",
                "do $$begin perform set_config('transaction_read_only', 'off', true);"
                " insert into t values (9); end$$",
                "do $$begin commit; insert into t values (9); end$$",
                "do $$begin execute 'insert into t values (9)'; end$$",
                "select f()",
                "select g()",
                "call p()",
                "explain analyze " + insert,
                "with x as (" + insert + " returning a) select * from x",
                "prepare i as " + insert + "; execute i",
                "select nextval('s')",
                "select setval('s', 5)",
                "select * from t for update",
                "declare c cursor with hold for select * from t for update; fetch c",
                "select a into u from t",
                "create table u as select 1",
                "create temp table u (a int)",
                "create index on t (a)",
                "create index concurrently on t (a)",
                "begin; lock table t",
                "select pg_advisory_lock(1)",
                "select pg_try_advisory_lock_shared(1, 2)",
                "select pg_advisory_xact_lock(1)",
                "vacuum t",
                "analyze t",
                "truncate t",
                "drop table t",
                "alter role admin password 'x'",
                "create role r",
                "grant select on t to public",
                "comment on table t is 'x'",
                "alter table t add b int",
                f"select pg_terminate_backend({pid})",
                f"select pg_cancel_backend({pid})",
                "set role postgres",
                "set session authorization postgres",
            ):
                status, answer = reader.ask(
                    "POST", "/customer/databases/shop/sql", {"query": query}
                )
                assert status == 400 or query == "discard all", (query, answer)
                if status == 400:
                    state = answer["error"]["sqlstate"]
                    wanted = ("25006", "25001", "42501", "0A000", "2D000")
                    assert state in wanted, (query, answer["error"])
            status, answer = reader.ask(
                "POST",
                "/customer/databases/shop/sql",
                {"query": "insert into t values ($1)", "parameters": [9]},
            )
            assert status == 400 and answer["error"]["sqlstate"] == "25006", answer
            # Nothing has changed, and the session that was to be ended is there.
            assert session.value("select array_agg(a) from t") == "{1}"
            assert session.value("select nextval('s')") == "1"
        assert api.error("shop", insert, read_only=True)["sqlstate"] == "25006"
        writer = with_token(api, ("shop", "rw"))
        assert writer.error("shop", insert, read_only=True)["sqlstate"] == "25006"
        writer.sql("shop", insert)
        assert reader.rows("shop", "select count(*) from t") == [[2]]
