#!/usr/bin/env python3
"""The binary's subcommands: help, version, sql, and what `serve` says about folders and signals."""

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
from cli import certificates  # noqa: E402
from oracle.postgres import free_port  # noqa: E402
from pgclient import connect  # noqa: E402
from servers.sundog import Sundog, binary  # noqa: E402


def run(*arguments, text=None, timeout=60):
    done = subprocess.run(
        [str(binary()), *map(str, arguments)],
        input=text,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=timeout,
        check=False,
    )
    return done.returncode, done.stdout


def test_help_names_the_subcommands():
    code, output = run("--help")
    assert code == 0 and all(word in output for word in ("serve", "sql", "version")), output


def test_each_subcommand_has_help():
    for name, words in (("serve", ("--data", "--listen")), ("sql", ("-c",)), ("version", ())):
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
    code, output = run(
        "sql", f"postgresql://postgres@127.0.0.1:{free_port()}/postgres", "-c", "select 1"
    )
    assert code != 0 and output.strip(), output


def test_serve_prints_a_connection_string():
    with Sundog() as server:
        found = re.search(r"postgres(?:ql)?://\S+", server.log_text())
        assert found and f":{server.port}" in found[0], server.log_text()
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
        assert process.wait(timeout=30) == 0
        server.process = None


def test_sigint_ends_it_too():
    with Sundog() as server:
        server.process.send_signal(signal.SIGINT)
        assert server.process.wait(timeout=30) == 0
        server.process = None


def test_a_second_server_on_the_folder_is_refused():
    with Sundog() as server:
        data = server.folder / "data"
        code, output = run("serve", "--data", data, "--listen", f"127.0.0.1:{free_port()}")
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
        listen = f"127.0.0.1:{free_port()}"
        code, output = run("serve", "--data", data, "--listen", listen, "--profile", "postgres")
        assert code == 1 and 'the cluster "default" has the profile dsql' in output, output


def test_a_port_in_use_is_refused():
    with Sundog() as server, tempfile.TemporaryDirectory() as other:
        listen = f"127.0.0.1:{server.port}"
        code, output = run("serve", "--data", pathlib.Path(other) / "data", "--listen", listen)
        assert code != 0 and str(server.port) in output, output


def test_a_folder_that_cannot_be_made_is_named():
    code, output = run(
        "serve", "--data", "/proc/nosuch/data", "--listen", f"127.0.0.1:{free_port()}"
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
            code, output = run(
                "serve", "--data", data, "--listen", f"127.0.0.1:{free_port()}", timeout=20
            )
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
            code, output = run(
                "serve", "--data", folder, "--listen", f"127.0.0.1:{free_port()}", timeout=20
            )
        except subprocess.TimeoutExpired:
            raise AssertionError("a folder of letters is served") from None
        assert code != 0 and folder in output, output
        shutil.rmtree(folder, ignore_errors=True)
        pathlib.Path(folder).mkdir()


def main():
    pattern = sys.argv[1] if len(sys.argv) > 1 else ""
    passed = failed = 0
    for name, test in [*globals().items(), *vars(certificates).items()]:
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
