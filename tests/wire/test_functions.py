"""What errors inside functions tell of where they happened: QUERY, its position, and CONTEXT."""

import os

from pgclient import ServerError, connect

SETUP = """
create or replace function divides(x int) returns int language sql as 'select 1; select 10 / x';
create or replace function calls(x int) returns int language sql as
  'select 1; select divides(x) + 1';
create or replace function plpgsql_calls(x int) returns int language plpgsql as
  $$ begin return divides(x); end $$;
set check_function_bodies = off;
create or replace function unknown_column() returns int language sql as 'select 1; select nosuch';
create or replace function wrong_type() returns int language sql as
  $$ select 1; select 'x'::text $$;
create or replace function bad_syntax() returns int language sql as 'select 1; selct 1';
reset check_function_bodies;
create or replace function endless(n int) returns int language sql volatile as
  'select endless(n + 1) + (select count(*) from pg_class where oid = 0)::int';
"""


def connect_to_functions(server):
    client = connect(server.connection_string)
    for statement in SETUP.strip().split(";\n"):
        client.simple(statement)
    return client


def error_of(client, sql):
    try:
        client.simple(sql)
    except ServerError as error:
        return error
    raise AssertionError(f"no error: {sql}")


def test_context_of_errors_in_sql_functions(server):
    client = connect_to_functions(server)
    error = error_of(client, "select divides(0)")
    assert error.sqlstate == "22012", error
    assert error.fields["W"] == 'SQL function "divides" statement 2', error.fields
    error = error_of(client, "select calls(0)")
    assert error.fields["W"].split("\n") == [
        'SQL function "divides" statement 2',
        'SQL function "calls" statement 2',
    ], error.fields
    error = error_of(client, "select plpgsql_calls(0)")
    assert error.fields["W"].split("\n") == [
        'SQL function "divides" statement 2',
        "PL/pgSQL function plpgsql_calls(integer) line 1 at RETURN",
    ], error.fields
    client.close()


def test_place_of_errors_in_sql_functions(server):
    client = connect_to_functions(server)
    error = error_of(client, "select unknown_column()")
    assert error.sqlstate == "42703", error
    assert error.fields["q"] == "select 1; select nosuch", error.fields
    assert error.fields["p"] == "18", error.fields
    assert "P" not in error.fields, error.fields
    assert error.fields["W"] == 'SQL function "unknown_column" during startup', error.fields
    error = error_of(client, "select bad_syntax()")
    assert (error.sqlstate, error.fields["q"], error.fields["p"]) == (
        "42601",
        "select 1; selct 1",
        "11",
    )
    error = error_of(client, "select wrong_type()")
    assert error.sqlstate == "42P13", error
    assert error.fields["W"] == 'SQL function "wrong_type" during startup', error.fields
    sql = "create function f() returns int language sql as 'select ''x''::text'"
    assert error_of(client, sql).fields["W"] == 'SQL function "f"'
    client.close()


# ThreadSanitizer keeps the whole stack of each allocation, and here stacks are as deep as can be.
if "thread" not in os.environ.get("SUNDOG_SANITIZE", ""):

    def test_endless_recursion_is_an_error(server):
        client = connect_to_functions(server)
        error = error_of(client, "select endless(1)")
        assert error.sqlstate == "54001", error
        assert client.value("select 1") == "1"
        client.close()
