"""`sundog db sql`, `db inspect`, `token create|list|revoke` and `completion`; run by run_cli.py."""

import csv
import io
import json
import os
import pty
import re
import select
import stat
import subprocess
import time

from cli.database_api import await_value
from cli.databases import NO_SUCH_THING, WRONG_USAGE, Databases
from pgclient import connect
from servers.sundog import binary

CANNOT_CONNECT = 5
WAIT_S = 60


def test_db_sql_prints_what_is_asked_for():
    with Databases() as server:
        server.do("create", "--name", "shop")
        script = (
            "create table t (a int, b text, c jsonb);\n"
            "insert into t values (1, 'x,\"y\"', '{\"k\": [1]}'),\n (2, null, null);\n"
        )
        assert "INSERT 0 2" in server.do("db", "sql", "shop", text=script)
        query = ("db", "sql", "shop", "-q", "select * from t order by a")
        assert re.search(r"^ 2 \|", server.do(*query), re.M)
        rows = list(csv.reader(io.StringIO(server.do(*query, "--output", "csv"))))
        assert rows == [["a", "b", "c"], ["1", 'x,"y"', '{"k": [1]}'], ["2", "", ""]], rows
        (result,) = json.loads(server.do(*query, "--output", "json"))["results"]
        assert result["rows"] == [[1, 'x,"y"', {"k": [1]}], [2, None, None]], result
        assert result["command"] == "SELECT" and result["row_count"] == 2, result
        assert [one["name"] for one in result["columns"]] == ["a", "b", "c"], result
        assert server.do(*query, "--quiet") == '1\tx,"y"\t{"k": [1]}\n2\t\t\n'
        server.do("use", "shop")
        assert server.do("db", "sql", "-q", "select 6 * 7", "--quiet") == "42\n"
        file = server.folder / "script.sql"
        file.write_text("select 1;\ncopy t (a) from stdin;\n7\n8\n\\.\nselect count(*) from t;\n")
        assert server.do("db", "sql", "shop", "-f", file, "--quiet") == "1\n4\n"
        several = json.loads(server.do("db", "sql", "shop", "-f", file, "--output", "json"))
        assert [one["command"] for one in several["results"]] == ["SELECT", "COPY", "SELECT"]
        # Among JSON, the lines of a COPY are rows.
        copied = "copy (select a, b from t where a < 3 order by a) to stdout"
        copied = ("db", "sql", "shop", "-q", copied)
        assert server.do(*copied) == '1\tx,"y"\n2\t\\N\nCOPY 2\n'
        (result,) = json.loads(server.do(*copied, "--output", "json"))["results"]
        assert result["rows"] == [['1\tx,"y"'], ["2\t\\N"]] and result["command"] == "COPY", result
        copied = ("db", "sql", "shop", "-q", "copy t to stdout (format binary)", "--output", "json")
        assert "no JSON form" in server.do(*copied, code=1)
        # Data of a script from elsewhere end where they end there; what follows is run.
        file.write_bytes(b"copy t (a) from stdin;\r\n9\r\n\\.\r\nselect count(*) from t;\r\n")
        assert server.do("db", "sql", "shop", "-f", file, "--quiet") == "7\n"
        app = server.parsed("db", "users", "shop", "create", "app")
        assert app["user"] == "shop.app", app
        who = ("db", "sql", "shop", "--user", "app", "-q", "select current_user", "--quiet")
        assert server.do(*who) == "app\n"


def test_db_sql_has_an_exit_code_for_each_end():
    with Databases() as server:
        made = server.parsed("create", "--name", "shop")
        output = server.do("db", "sql", "shop", "-q", "select nosuch", code=1)
        assert 'column "nosuch" does not exist' in output, output
        # A script stops at its first error; what came before it in JSON is whole.
        text = "select 1;\nselect 1/0;\nselect 2;\n"
        output = server.do("db", "sql", "shop", "--quiet", text=text, code=1)
        assert output.startswith("1\n") and "division by zero" in output, output
        assert "2\n" not in output, output
        server.do("db", "sql", "shop", "-q", "select 1", "-f", "x", code=WRONG_USAGE)
        server.do("db", "sql", "shop", "-f", "/nosuch", code=WRONG_USAGE)
        # What an empty variable of a script made of it, is not standard input.
        unread = {"text": "select 'read';"}
        assert server.do("db", "sql", "shop", "-q", "", **unread) == ""
        assert "read" not in server.do("db", "sql", "shop", "-f", "", code=WRONG_USAGE, **unread)
        output = server.do("db", "sql", "nosuch", "-q", "select 1", code=NO_SUCH_THING)
        assert "sundog list" in output, output
        # The password that was kept is not the right one any more.
        nowhere = {"PGPASSFILE": "/nosuch"}
        wrong = ("db", "sql", "shop", "-q", "select 1")
        server.do(*wrong, code=CANNOT_CONNECT, environment=nowhere)
        server.do(*wrong, environment={**nowhere, "PGPASSWORD": made["password"]})
        server.stop()
        server.do(*wrong, code=CANNOT_CONNECT)


def test_backslash_commands():
    with Databases() as server:
        server.do("create", "--name", "shop")
        setup = (
            "create schema s; create table t (id serial primary key, n int not null default 5);"
            "create view v as select 1 as one; create function f(a int) returns int language sql"
            " as 'select 1';"
        )
        server.do("db", "sql", "shop", "-q", setup)

        def typed(line):
            return server.do("db", "sql", "shop", text=line + "\n")

        assert re.search(r"public \| t +\| table", typed("\\d"))
        assert "t_id_seq" in typed("\\d") and "t_id_seq" not in typed("\\dt")
        described = typed("\\d t")
        assert re.search(r"n +\| integer +\| not null +\| 5", described), described
        assert "PRIMARY KEY (id)" in described, described
        assert "s" in typed("\\dn") and "a integer" in typed("\\df")
        assert "postgres" in typed("\\l") and "v" in typed("\\dv") and "t_pkey" in typed("\\di")
        assert "admin" in typed("\\du") and "\\timing" in typed("\\?")
        assert "a | 1" in typed("\\x\nselect 1 as a;")
        assert re.search(r"Time: [\d.]+ ms", typed("\\timing\nselect 1;"))
        assert "shop.admin" in typed("\\c")
        assert typed("\\q\nselect 'never'") == ""
        server.do("db", "sql", "shop", text="\\nosuch\n", code=1)


def test_what_backslash_commands_say_is_no_part_of_json():
    with Databases() as server:
        server.do("create", "--name", "shop")
        script = "\\timing\n\\x\n\\c\n\\?\nselect 1 as one;\n"
        # Programs read standard output.
        where = ["--data", server.data, "--endpoint", server.api_url, "--output", "json"]
        done = subprocess.run(
            [binary().resolve(), "db", "sql", "shop", *where],
            input=script,
            capture_output=True,
            text=True,
            check=True,
            timeout=WAIT_S,
            env={**os.environ, "SUNDOG_HOME": str(server.home)},
        )
        assert json.loads(done.stdout)["results"][0]["rows"] == [[1]], done.stdout
        said = ("Timing is on", "Expanded display", "shop.admin", "\\q ", "Time: ")
        assert all(one in done.stderr for one in said), done.stderr
        terminal = Terminal(server, "db", "sql", "shop", "--output", "json")
        terminal.expect(r"shop=> ")
        terminal.type("\\x\n")
        terminal.expect(r"Expanded display is on\.\r\nshop=> ")
        terminal.type("\\dn\n")
        terminal.expect(r'(?s)"public".*shop=> ')
        terminal.type("\\q\n")
        assert terminal.end() == 0


class Terminal:
    """A command with a terminal of its own."""

    def __init__(self, server, *arguments, program=None):
        self.master, slave = pty.openpty()
        where = ["--data", str(server.data), "--endpoint", server.api_url]
        command = [program, *arguments] if program else [binary().resolve(), *arguments, *where]
        self.process = subprocess.Popen(
            list(map(str, command)),
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env={**os.environ, "SUNDOG_HOME": str(server.home), "TERM": "dumb"},
            start_new_session=True,
        )
        os.close(slave)
        self.text = ""

    def type(self, text):
        os.write(self.master, text.encode())

    def expect(self, pattern):
        limit = time.monotonic() + WAIT_S
        while not re.search(pattern, self.text):
            assert time.monotonic() < limit, (pattern, self.text)
            if select.select([self.master], [], [], 1)[0]:
                try:
                    self.text += os.read(self.master, 65536).decode(errors="replace")
                except OSError:
                    assert re.search(pattern, self.text), (pattern, self.text)
        self.text = re.split(pattern, self.text, maxsplit=1)[-1]

    def interrupt(self):
        self.process.send_signal(2)

    def end(self):
        code = self.process.wait(WAIT_S)
        os.close(self.master)
        return code


def test_loading_a_file_shows_how_far_it_has_come():
    with Databases() as server:
        made = server.parsed("create", "--name", "shop")
        with connect(made["connection_string"]) as session:
            # More than lies in buffers on the way, and a server that takes its time to begin.
            session.simple(
                "create sequence loaded; create table words (word text, waited text default"
                " case nextval('loaded') when 1 then pg_sleep(1)::text end)"
            )
        script = server.home / "words.sql"
        lines = "".join(f"{number} {'x' * 200}\n" for number in range(150_000))
        copy = f"copy words (word) from stdin;\n{lines}\\.\n"
        script.write_text(f"{copy}select count(*) from words;\n")
        terminal = Terminal(server, "db", "sql", "shop", "-f", str(script))
        terminal.expect(r"\rloading \[#* *\] +\d+ %")
        terminal.expect(r"\r +\rCOPY 150000")
        terminal.expect("150000")
        assert terminal.end() == 0
        quiet = server.do("db", "sql", "shop", "-f", str(script))
        assert "loading" not in quiet and "300000" in quiet, quiet


def test_a_terminal_has_history_and_ctrl_c():
    with Databases() as server:
        made = server.parsed("create", "--name", "shop")
        terminal = Terminal(server, "db", "sql", "shop")
        terminal.expect(r"shop=> ")
        terminal.type("select 40 +\n")
        terminal.expect(r"shop-> ")
        terminal.type("2 as sum;\n")
        terminal.expect(r"(?s)sum.*42")
        terminal.expect(r"shop=> ")
        terminal.type("select pg_sleep(600);\n")
        with connect(made["connection_string"]) as session:
            await_value(
                session,
                "select count(*) from pg_stat_activity"
                " where query like '%pg_sleep(600)%' and pid <> pg_backend_pid()",
                "1",
            )
        terminal.interrupt()
        terminal.expect(r"canceling statement due to user request")
        terminal.expect(r"shop=> ")
        # At the prompt it gives up what was typed.
        terminal.type("select 'half\n")
        terminal.expect(r"shop-> ")
        terminal.interrupt()
        terminal.expect(r"shop=> ")
        terminal.type("alter role admin password 'not kept';\n")
        terminal.expect(r"ALTER ROLE")
        terminal.type("select nosuch;\n")
        terminal.expect(r"does not exist")
        terminal.type("\\q\n")
        assert terminal.end() == 0
        history = server.home / "history"
        assert stat.S_IMODE(history.stat().st_mode) == 0o600
        kept = history.read_text()
        assert "40" in kept and "pg_sleep(600)" in kept and "not kept" not in kept, kept


def test_tokens_on_the_command_line():
    with Databases() as server:
        server.do("create", "--name", "shop")
        server.do("create", "--name", "other")
        text = server.do("token", "create", "--name", "ci", "--scope", "shop:ro", "--quiet").strip()
        assert text.startswith("sundog_"), text
        made = server.parsed(
            "token", "create", "--name", "two", "--scope", "shop:rw", "--scope", "other:ro",
            "--expires-in-days", "3",
        )
        assert made["expires_at"] - made["created_at"] == 3 * 86400, made
        assert [one["access"] for one in made["databases"]] == ["rw", "ro"], made
        listed = server.parsed("token", "list")["tokens"]
        assert {one["name"] for one in listed} == {"ci", "two"}, listed
        table = server.do("token", "list")
        assert "shop:rw other:ro" in table and made["token"] not in table, table
        ids = server.do("token", "list", "--quiet").split()
        assert made["id"] in ids and len(ids) == 2, ids

        def with_token(token, *arguments):
            known = {
                "SUNDOG_API_KEY": token,
                "AWS_ENDPOINT_URL_DSQL": server.api_url,
                "AWS_CA_BUNDLE": str(server.data / "tls" / "ca.pem"),
            }
            return server.run(*arguments, environment=known, names_server=False)

        code, output = with_token(text, "db", "status", "shop", "--quiet")
        assert (code, output) == (0, "ACTIVE\n"), output
        code, output = with_token(text, "db", "inspect", "shop", "tables", "--output", "json")
        assert code == 0 and json.loads(output) == {"tables": []}, output
        assert with_token(text, "db", "status", "other")[0] == NO_SUCH_THING
        assert with_token(text, "db", "status", "nosuch")[0] == NO_SUCH_THING
        assert with_token(text, "list")[0] == 1
        server.do("token", "revoke", made["id"])
        assert with_token(made["token"], "db", "status", "shop")[0] == 1
        server.do("token", "revoke", made["id"], code=NO_SUCH_THING)
        server.do("token", "create", "--name", "x", "--scope", "nosuch:ro", code=NO_SUCH_THING)
        for wrong in (
            ("create", "--name", "x"),
            ("create", "--name", "x", "--scope", "shop"),
            ("create", "--name", "x", "--scope", "shop:all"),
            ("create", "--scope", "shop:ro"),
            ("create", "--name", "x", "--scope", "shop:ro", "--expires-in-days", "0"),
            ("revoke",),
        ):
            server.do("token", *wrong, code=WRONG_USAGE)
        # What clients of DSQL have for a password is made as before, with no server.
        code, output = server.run(
            "token", "--host", "h.example", "--region", "us-east-1", names_server=False,
            environment={"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b"},
        )
        assert code == 0 and output.startswith("h.example/?"), output


def test_inspect():
    with Databases() as server:
        made = server.parsed("create", "--name", "shop")
        with connect(made["connection_string"]) as session:
            session.simple("create schema s; create table s.t (id int primary key, n int)")
            session.simple("create index on s.t (n); insert into s.t values (1, 2); analyze s.t")
            session.simple("select pg_sleep(0.05), 'secret'")

            def inspected(what):
                rows = server.parsed("db", "inspect", "shop", what)
                return rows[what.replace("-", "_")]

            (running,) = [one for one in inspected("queries") if one["user"] == "admin"]
            assert "pg_sleep" in running["query"] and running["state"] == "idle", running
            slow = {one["query"]: one for one in inspected("slow-queries")}
            assert slow["select pg_sleep(?), ?"]["calls"] == 1, slow
            schemas = {one["name"]: one for one in inspected("schemas")}
            assert schemas["s"]["tables"] == 1 and "pg_catalog" not in schemas, schemas
            (table,) = inspected("tables")
            assert table["name"] == "t" and table["estimated_rows"] == 1, table
            assert table["indexes"] == 2 and table["size_bytes"] >= 0, table
            indexes = {one["name"]: one for one in inspected("indexes")}
            assert indexes["t_pkey"]["is_unique"] and "(n)" in indexes["t_n_idx"]["definition"]
            report = server.parsed("db", "inspect", "shop", "report")
            assert set(report) == {
                "metrics", "queries", "slow_queries", "schemas", "tables", "indexes"
            }, report.keys()
            assert report["metrics"]["connections"] >= 1, report
        assert "p99 ms" in server.do("db", "inspect", "shop")
        assert "t\n" == server.do("db", "inspect", "shop", "tables", "--quiet")
        rows = list(csv.DictReader(io.StringIO(
            server.do("db", "inspect", "shop", "indexes", "--output", "csv")
        )))
        assert [row["name"] for row in rows] == ["t_n_idx", "t_pkey"], rows
        server.do("db", "inspect", "nosuch", code=NO_SUCH_THING)
        server.do("db", "inspect", "shop", "everything", code=WRONG_USAGE)


def test_the_new_commands_have_help():
    with Databases() as server:
        for words, wanted in (
            (("db",), ("sql", "inspect")),
            (("db", "sql"), ("DATABASE", "--query", "--file", "--output", "--quiet")),
            (("db", "inspect"), ("DATABASE", "slow-queries", "--output", "--quiet")),
            (("token",), ("--host", "create", "list", "revoke")),
            (("token", "create"), ("--name", "--scope", "--expires-in-days", "SUNDOG_API_KEY")),
            (("token", "list"), ("--output", "--quiet")),
            (("token", "revoke"), ("ID", "--output", "--quiet")),
        ):
            output = server.do(*words, "--help")
            assert all(word in output for word in wanted), (words, output)
        code, output = server.run("completion", "--help", names_server=False)
        assert code == 0 and "bash|zsh|fish" in output, output
        assert server.run("completion", "tcsh", names_server=False)[0] == WRONG_USAGE


def completed(script, *words):
    """What bash offers for the last word."""
    line = " ".join(f"'{word}'" for word in words)
    text = (
        f"{script}\nCOMP_WORDS=({line})\nCOMP_CWORD={len(words) - 1}\n_sundog\n"
        'printf "%s\\n" "${COMPREPLY[@]}"\n'
    )
    done = subprocess.run(
        ["bash", "-u", "-c", text], capture_output=True, text=True, check=True, timeout=WAIT_S
    )
    assert not done.stderr, done.stderr
    return set(done.stdout.split())


def test_zsh_completes():
    with Databases() as server:
        script = server.data / "completion.zsh"
        script.write_text(server.run("completion", "zsh", names_server=False)[1])
        # -f: nobody's configuration, not even a compinit.
        terminal = Terminal(server, "-f", "-i", program="zsh")
        terminal.type(f"PS1='ready> '; ZDOTDIR={server.data}; cd {server.data}; source {script}\n")
        terminal.expect(r"\nready> |\rready> ")
        for typed, completed_to in (
            ("sundog db ins", "pect"),
            ("sundog db sql shop --que", "ry"),
            ("sundog list --output j", "son"),
        ):
            terminal.type(typed + "\t")
            terminal.expect(re.escape(typed) + completed_to)
            terminal.type("\x15")
        terminal.type("exit\n")
        assert terminal.end() == 0


def test_fish_completes():
    with Databases() as server:
        script = server.data / "completion.fish"
        script.write_text(server.run("completion", "fish", names_server=False)[1])

        def offered(line):
            done = subprocess.run(
                ["fish", "--no-config", "-c", f"source {script}; complete -C {line!r}"],
                capture_output=True, text=True, check=True, timeout=WAIT_S,
                env={**os.environ, "HOME": str(server.data)},
            )  # fmt: skip
            assert not done.stderr, done.stderr
            return {line.split("\t")[0] for line in done.stdout.splitlines()}

        assert {"create", "delete", "db", "serve"} <= offered("sundog ")
        assert offered("sundog db in") == {"inspect"}
        assert {"list", "create", "delete"} <= offered("sundog db users shop ")
        assert offered("sundog db sql shop --qu") == {"--query", "--quiet"}
        assert offered("sundog list --output j") == {"json"}
        assert offered("sundog create --profile ") == {"postgres", "dsql"}


def test_bash_completes_what_there_is():
    with Databases() as server:
        script = server.run("completion", "bash", names_server=False)[1]
        assert {"create", "delete", "db", "serve"} <= completed(script, "sundog", "")
        assert completed(script, "sundog", "db", "in") == {"inspect"}
        offered = completed(script, "sundog", "db", "users", "shop", "")
        assert {"list", "create", "delete"} <= offered, offered
        assert completed(script, "sundog", "db", "sql", "shop", "--qu") == {"--query", "--quiet"}
        formats = completed(script, "sundog", "db", "status", "shop", "--output", "")
        assert formats == {"table", "json", "csv"}, formats
        assert completed(script, "sundog", "list", "--output", "j") == {"json"}
        assert completed(script, "sundog", "create", "--data", "") == set()
        # Every command and option that help knows is in the script.
        for words in (("db", "sql"), ("serve",), ("token", "create"), ("cluster", "wait")):
            said = server.do(*words, "--help")
            options = set(re.findall(r"^ +(?:-\w,)?(--[a-z-]+)", said, re.M))
            offered = completed(script, "sundog", *words, "--")
            assert offered == options and "--help" in offered, (words, offered ^ options)
