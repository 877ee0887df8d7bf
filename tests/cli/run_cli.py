#!/usr/bin/env python3
"""The binary's subcommands: help, version, sql, token, and what `serve` says about folders, keys
and signals."""

import datetime
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import traceback

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

import results  # noqa: E402
import sigv4  # noqa: E402
from cli import (  # noqa: E402
    branches,
    certificates,
    control,
    database_api,
    database_dump,
    database_openapi,
    database_queries,
    databases,
)
from pgclient import ServerError, connect  # noqa: E402
from servers.sundog import Sundog, binary  # noqa: E402


WAIT_S = 120


def run(*arguments, text=None, environment=None, folder=None):
    """(exit code, output). `environment` is added to what there is, without AWS's own keys."""
    inherited = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("AWS_", "SUNDOG_"))
    }
    done = subprocess.run(
        [str(binary().resolve()), *map(str, arguments)],
        input=text,
        cwd=folder,
        env={**inherited, **(environment or {})},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=WAIT_S,
        check=False,
    )
    return done.returncode, done.stdout


def test_help_names_the_subcommands():
    code, output = run("--help")
    words = ("serve", "sql", "token", "cluster", "iam", "env", "version", "create", "db")
    assert code == 0 and all(word in output for word in words), output


def test_each_subcommand_has_help():
    for name, words in (
        ("serve", ("--data", "--listen", "--unload-after")),
        ("branch", ("create", "list", "delete")),
        ("sql", ("-c",)),
        ("token", ("--host", "--region", "--expires-in")),
        ("cluster", ("create", "delete", "--endpoint")),
        ("iam", ("create-user", "put-policy")),
        ("env", ("--data", "--cluster")),
        ("version", ()),
    ):
        code, output = run(name, "--help")
        assert code == 0 and all(word in output for word in words), (name, output)


def test_no_or_unknown_subcommand_fails():
    assert run()[0] != 0
    assert run("fly")[0] != 0
    assert run("serve", "--nosuch")[0] != 0


def test_version():
    code, output = run("version")
    assert code == 0 and re.search(r"\d+\.\d+", output), output


def test_sql_runs_a_statement():
    with Sundog(store="memory") as server:
        code, output = run("sql", server.connection_string, "-c", "select 6 * 7 as answer, null")
        assert code == 0 and "answer" in output and "42" in output, output


def test_sql_reads_statements_from_its_input():
    with Sundog(store="memory") as server:
        text = "create table t (a int);\ninsert into t values (1),\n (2);\nselect sum(a) from t;\n"
        code, output = run("sql", server.connection_string, text=text)
        assert code == 0 and "3" in output, output


def test_sql_reports_an_error():
    with Sundog(store="memory") as server:
        code, output = run("sql", server.connection_string, "-c", "select nosuch")
        assert code != 0 and 'column "nosuch" does not exist' in output, output


def test_sql_reports_a_server_that_is_not_there():
    code, output = run("sql", "postgresql://postgres@127.0.0.1:1/postgres", "-c", "select 1")
    assert code != 0 and output.strip(), output


def test_serve_prints_a_connection_string():
    with Sundog() as server:
        found = re.search(r"postgres(?:ql)?://\S+", server.output_text())
        assert found and f":{server.port}" in found[0], server.output_text()
        with connect(found[0].rstrip(".,)")) as session:
            assert session.value("select 1") == "1"


def test_sigterm_ends_with_zero_and_keeps_everything():
    with Sundog() as server:
        with connect(server.connection_string) as session:
            session.simple("create table t (a int)")
            session.simple("insert into t values (1)")
            session.simple("begin")
            session.simple("insert into t values (2)")
            assert server.stop() == 0
        server.start()
        with connect(server.connection_string) as session:
            assert session.rows("select a from t") == [("1",)]


def test_sigterm_lets_a_running_statement_finish():
    with Sundog() as server:
        with connect(server.connection_string) as session:
            session.start_simple("select pg_advisory_lock(1), pg_sleep(1), 'finished'")
            with connect(server.connection_string) as other:
                while other.value("select pg_try_advisory_xact_lock(1)") == "t":
                    pass  # the statement has not begun
            process = server.process
            process.send_signal(signal.SIGTERM)
            (result,) = session.finish()
            assert result.text_rows()[0][2] == "finished"
        assert process.wait(timeout=WAIT_S) == 0
        server.process = None


def test_sigint_ends_it_too():
    with Sundog() as server:
        server.process.send_signal(signal.SIGINT)
        assert server.process.wait(timeout=WAIT_S) == 0
        server.process = None


def test_a_second_server_on_the_folder_is_refused():
    with Sundog() as server:
        data = server.folder / "data"
        code, output = run("serve", "--data", data, "--listen", "127.0.0.1:0")
        assert code != 0, output
        assert str(data) in output and re.search(r"in use|another|locked", output), output
        with connect(server.connection_string) as session:
            assert session.value("select 1") == "1"


def test_a_profile_is_for_good():
    with Sundog(arguments=["--profile", "dsql"]) as server:
        server.stop()
        server.arguments = []
        server.start()
        code, output = run("sql", server.connection_string, "-c", "truncate t")
        assert code != 0 and "unsupported statement: Truncate" in output, output
        server.stop()
        data = server.folder / "data"
        listen = "127.0.0.1:0"
        code, output = run("serve", "--data", data, "--listen", listen, "--profile", "postgres")
        assert code == 1 and 'the cluster "default" has the profile dsql' in output, output


def test_a_cluster_of_profile_dsql_keeps_no_more_than_it_may():
    code, output = run("serve", "--data", "/nonexistent", "--max-cluster-size", "much")
    assert code != 0 and "--max-cluster-size" in output, output
    with Sundog(arguments=["--profile", "dsql", "--max-cluster-size", "1MB"]) as server:
        with connect(server.connection_string) as session:
            session.simple("create table t (id bigint primary key, filling text)")
            assert session.value("select sys.cluster_size_limit()") == str(1 << 20)
            for batch in range(10_000):
                first = batch * 1000
                try:
                    session.simple(
                        f"insert into t select i, repeat(md5(i::text), 30) "
                        f"from generate_series({first}, {first + 999}) i"
                    )
                except ServerError as error:
                    assert error.sqlstate == "53100", error
                    assert error.message == "Current cluster size exceeds cluster size limit."
                    break
            else:
                raise AssertionError("nothing was refused")
            assert int(session.value("select sys.cluster_size()")) > 1 << 20
            session.simple("drop table t")


def test_a_port_in_use_is_refused():
    with Sundog() as server, tempfile.TemporaryDirectory() as other:
        listen = f"127.0.0.1:{server.port}"
        code, output = run("serve", "--data", pathlib.Path(other) / "data", "--listen", listen)
        assert code != 0 and str(server.port) in output, output


def test_a_folder_that_cannot_be_made_is_named():
    code, output = run(
        "serve", "--data", "/proc/nosuch/data", "--listen", "127.0.0.1:0"
    )
    assert code != 0 and "/proc/nosuch/data" in output, output


def damaged(damage, pattern="*"):
    """Starts on a folder whose files matching a pattern were damaged; returns (exit code,
    output)."""
    with Sundog() as server:
        with connect(server.connection_string) as session:
            session.simple("create table t (a int primary key, b text)")
            session.simple(
                "insert into t select x, repeat('x', 100) from generate_series(1, 5000) x"
            )
        server.stop()
        data = server.folder / "data"
        files = [path for path in data.rglob(pattern) if path.is_file() and path.stat().st_size]
        assert files, f"no {pattern} in {sorted(data.rglob('*'))}"
        for path in files:
            damage(path)
        try:
            code, output = run("serve", "--data", data, "--listen", "127.0.0.1:0")
        except subprocess.TimeoutExpired:
            raise AssertionError(f"a folder with damaged {pattern} is served") from None
        assert str(data) in output, output
        return code, output


def scribble(path):
    size = path.stat().st_size
    with open(path, "r+b") as file:
        file.seek(size // 3)
        file.write(b"\xde\xad\xbe\xef" * max(1, min(size // 12, 64)))


def test_a_damaged_manifest_is_named():
    assert damaged(scribble, "MANIFEST*")[0] != 0


def test_a_missing_manifest_is_named():
    assert damaged(lambda path: path.unlink(), "MANIFEST*")[0] != 0


def test_a_damaged_pointer_is_named():
    assert damaged(lambda path: path.write_text("garbage\n"), "CURRENT")[0] != 0


def test_a_folder_of_something_else_is_refused():
    with tempfile.TemporaryDirectory() as folder:
        (pathlib.Path(folder) / "letters.txt").write_text("dear diary")
        try:
            code, output = run("serve", "--data", folder, "--listen", "127.0.0.1:0")
        except subprocess.TimeoutExpired:
            raise AssertionError("a folder of letters is served") from None
        assert code != 0 and folder in output, output
        shutil.rmtree(folder, ignore_errors=True)
        pathlib.Path(folder).mkdir()


HOST = "peccy.dsql.us-east-1.on.aws"
TARGET = ("token", "--host", HOST, "--region", "us-east-1")
KEY = {"AWS_ACCESS_KEY_ID": "akid", "AWS_SECRET_ACCESS_KEY": "secret"}


def check_token(token, secret, host=HOST):
    """Recomputes a token's signature; returns its parameters."""
    named, parameters = sigv4.open_token(token, secret)
    assert named == host, token
    made = datetime.datetime.strptime(parameters["X-Amz-Date"] + "+0000", "%Y%m%dT%H%M%SZ%z")
    assert abs(sigv4.now() - made).total_seconds() < 60, token
    return parameters


def test_token_is_signed_with_the_environments_key():
    code, output = run(*TARGET, environment=KEY)
    assert code == 0, output
    parameters = check_token(output, "secret")
    assert parameters["Action"] == "DbConnect" and parameters["X-Amz-Expires"] == "900", output
    assert parameters["X-Amz-Credential"].startswith("akid/"), output
    assert "X-Amz-Security-Token" not in parameters
    session = {**KEY, "AWS_SESSION_TOKEN": "sess/tok+en="}
    code, output = run(*TARGET, "--admin", "--expires-in", 60, environment=session)
    assert code == 0, output
    parameters = check_token(output, "secret")
    assert parameters["Action"] == "DbConnectAdmin" and parameters["X-Amz-Expires"] == "60", output
    assert parameters["X-Amz-Security-Token"] == "sess/tok+en=", output


def test_token_takes_a_file_that_is_named_before_the_environment():
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder) / "credentials"
        file.write_text(
            "[default]\naws_access_key_id = AKIAFILE\naws_secret_access_key = of/file+=\n"
            "[other]\naws_access_key_id=AKIAOTHER\naws_secret_access_key=other\n"
        )
        for arguments, key, secret in (
            (("--credentials", file), "AKIAFILE", "of/file+="),
            (("--credentials", file, "--profile", "other"), "AKIAOTHER", "other"),
            (("--data", folder, "--profile", "other"), "AKIAOTHER", "other"),
        ):
            code, output = run(*TARGET, *arguments, environment=KEY)
            assert code == 0, output
            parameters = check_token(output, secret)
            assert parameters["X-Amz-Credential"].startswith(key + "/"), output
        (pathlib.Path(folder) / "data").mkdir()
        file.rename(pathlib.Path(folder) / "data" / "credentials")
        code, output = run(*TARGET, folder=folder)
        assert code == 0, output
        check_token(output, "of/file+=")


def test_token_says_why_it_has_no_key():
    with tempfile.TemporaryDirectory() as folder:
        code, output = run(*TARGET, folder=folder)
        assert code == 1 and "./data/credentials" in output, output
        code, output = run(*TARGET, environment={"AWS_ACCESS_KEY_ID": "akid"})
        assert code == 1 and "AWS_SECRET_ACCESS_KEY" in output, output
        file = pathlib.Path(folder) / "credentials"
        file.write_text("[default]\naws_access_key_id = AKIAFILE\n")
        code, output = run(*TARGET, "--credentials", file)
        assert code == 1 and "aws_secret_access_key" in output and str(file) in output, output
        code, output = run(*TARGET, "--credentials", file, "--profile", "none")
        assert code == 1 and '"none"' in output, output


def test_token_checks_its_arguments():
    for arguments, word in (
        (("token",), "--host"),
        (("token", "--host", HOST), "--region"),
        (("token", "--region", "us-east-1"), "--host"),
        (("token", "--host", f"https://{HOST}", "--region", "us-east-1"), "host name"),
        (("token", "--host", f"{HOST}:5432", "--region", "us-east-1"), "host name"),
        (("token", "--host", "", "--region", "us-east-1"), "host"),
        (("token", "--host", HOST, "--region", "US East"), "region"),
        ((*TARGET, "--expires-in", 0), "--expires-in"),
        ((*TARGET, "--expires-in", 604801), "--expires-in"),
        ((*TARGET, "--expires-in", "soon"), "--expires-in"),
        ((*TARGET, "--credentials", "f", "--data", "d"), "--data"),
        ((*TARGET, "more"), "more"),
    ):
        code, output = run(*arguments, environment=KEY)
        assert code == 2 and word in output and "secret" not in output, (arguments, output)


def test_a_new_folder_has_an_administrators_key_which_is_told_once():
    with Sundog() as server:
        data = server.folder / "data"
        assert data.stat().st_mode & 0o777 == 0o700
        for name in ("credentials", "secret.key"):
            assert (data / name).stat().st_mode & 0o777 == 0o600, name
        text = (data / "credentials").read_text()
        found = re.fullmatch(
            r"\[default\]\naws_access_key_id = (AKIA[A-Z2-7]{16})\n"
            r"aws_secret_access_key = ([A-Za-z0-9+/]{40})\n",
            text,
        )
        assert found, text
        key, secret = found.groups()
        code, output = run(*TARGET, "--admin", "--data", data)
        assert code == 0 and key in output, output
        check_token(output, secret)
        server.stop()
        output = server.output_text()
        assert output.count(key) == 1 and str(data / "credentials") in output, output
        assert output.count(secret) == 1, output
        server.start()
        server.stop()
        assert (data / "credentials").read_text() == text
        output = server.output_text()
        assert output.count(key) == 1 and output.count(secret) == 1, output
        log = server.log_text()
        assert "received SIGTERM" in log and secret not in log, log
        assert (data / "secret.key").read_text().strip() not in log + output
        (data / "secret.key").rename(data / "elsewhere")
        code, output = run("serve", "--data", data, "--listen", "127.0.0.1:0")
        assert code == 1 and str(data / "secret.key") in output, output


def test_the_administrators_key_may_be_given():
    given = {
        "SUNDOG_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
        "SUNDOG_SECRET_ACCESS_KEY": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    }
    for store in ("memory", "rocks"):
        with Sundog(store=store, environment=given) as server:
            server.stop()
            output = server.output_text()
            assert given["SUNDOG_ACCESS_KEY_ID"] in output, output
            shown = output + server.log_text()
            assert given["SUNDOG_SECRET_ACCESS_KEY"] not in shown, shown
            file = server.folder / "data" / "credentials"
            assert file.exists() == (store == "rocks")
            assert store == "memory" or given["SUNDOG_SECRET_ACCESS_KEY"] in file.read_text()
    for wrong in (
        {**given, "SUNDOG_ACCESS_KEY_ID": "short"},
        {**given, "SUNDOG_ACCESS_KEY_ID": "AKIAIOSFODNN/EXAMPLE"},
        {**given, "SUNDOG_SECRET_ACCESS_KEY": "with a space in between"},
        {"SUNDOG_ACCESS_KEY_ID": given["SUNDOG_ACCESS_KEY_ID"]},
        {"SUNDOG_SECRET_ACCESS_KEY": given["SUNDOG_SECRET_ACCESS_KEY"]},
    ):
        arguments = ("serve", "--store", "memory", "--listen", "127.0.0.1:0")
        code, output = run(*arguments, environment=wrong)
        assert code == 1 and "ACCESS_KEY" in output, output
        assert all(value not in output for value in wrong.values()), output


def test_a_store_in_memory_keeps_no_keys():
    with Sundog(store="memory") as server:
        server.stop()
        for name in ("credentials", "secret.key"):
            assert not (server.folder / "data" / name).exists(), name
        assert "AKIA" not in server.output_text() + server.log_text()


def main():
    pattern = sys.argv[1] if len(sys.argv) > 1 else ""
    passed = failed = 0
    modules = (
        certificates, control, databases, branches, database_api, database_queries,
        database_dump, database_openapi,
    )
    found = [*globals().items(), *(item for module in modules for item in vars(module).items())]
    for name, test in found:
        if not name.startswith("test_") or pattern not in name:
            continue
        try:
            test()
            passed += 1
            print(f"ok   {name}", flush=True)
        except Exception:  # noqa: BLE001  it is the test's outcome
            failed += 1
            print(
                f"FAIL {name}\n    " + traceback.format_exc(limit=-3).replace("\n", "\n    "),
                flush=True,
            )
    print(f"command line: {passed} passed, {failed} failed")
    results.record("cli", passed, failed)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
