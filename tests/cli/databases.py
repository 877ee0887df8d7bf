"""`sundog create`, `list`, `delete`, `use` and `db`; run by run_cli.py."""

import concurrent.futures
import csv
import io
import json
import pathlib
import re
import stat

from cli.control import Server
from pgclient import ServerError, connect

NO_SUCH_THING = 3
IN_THE_WAY = 4
WRONG_USAGE = 2


class Databases(Server):
    """Its commands keep what they keep in a folder of their own."""

    @property
    def home(self):
        return self.folder / "home"

    def do(self, *arguments, code=0, text=None, environment=None):
        """What a command prints; it has to end with the code."""
        kept = {"SUNDOG_HOME": str(self.home), **(environment or {})}
        ended, output = self.run(*arguments, text=text, environment=kept)
        assert ended == code, (arguments, ended, output)
        return output

    def parsed(self, *arguments, **options):
        return json.loads(self.do(*arguments, "--output", "json", **options))


def refused(connection_string, **options):
    try:
        connect(connection_string, **options).close()
    except ServerError as error:
        return error.sqlstate
    raise AssertionError("let in")


def test_a_databases_life():
    with Databases() as server:
        made = server.parsed("create", "--name", "sequelize-app")
        assert made["name"] == "sequelize-app" and made["state"] == "ACTIVE", made
        assert made["profile"] == "postgres" and made["user"] == "sequelize-app.admin", made
        wanted = (
            f"postgresql://sequelize-app.admin:{made['password']}@127.0.0.1:{server.port}/postgres"
        )
        assert made["connection_string"] == wanted, made
        with connect(wanted) as session:
            assert session.value("select current_user") == "admin"
            session.simple("create table t (id serial primary key, words text[])")
            # Enough to show in what the store estimates.
            session.simple(
                "insert into t (words) select array[md5(i::text)] from generate_series(1, 20000) i"
            )
        status = server.parsed("db", "status", "sequelize-app")
        assert status["state"] == "ACTIVE", status
        assert status["size_bytes"] > 0 and "password" not in status, status
        assert status["connection_string"] == wanted.replace(f":{made['password']}", ""), status
        by_id = server.parsed("db", "status", made["id"])
        assert by_id["connection_string"] == status["connection_string"], by_id
        with connect(wanted), connect(wanted), connect(wanted):
            # The one before may not have ended yet.
            counted = server.parsed("db", "status", "sequelize-app")["connections"]
            assert counted in (3, 4), counted
        assert server.parsed("db", "status", "default")["connections"] == 0
        names = [one["name"] for one in server.parsed("list")["databases"]]
        assert sorted(names) == ["default", "sequelize-app"], names
        # Who says nothing is asked, and there is nobody to be asked.
        assert "--yes" in server.do("delete", "sequelize-app", code=WRONG_USAGE, text="")
        deleted = server.parsed("delete", "sequelize-app", "--yes")
        assert deleted["state"] == "DELETING", deleted
        assert refused(wanted) == "28P01"
        server.do("db", "status", "sequelize-app", code=NO_SUCH_THING)
        # The name is free at once.
        again = server.parsed("create", "--name", "sequelize-app")
        assert again["id"] != made["id"], again
        with connect(again["connection_string"]) as session:
            assert session.value("select to_regclass('t') is null") == "t"


def test_what_create_prints():
    with Databases() as server:
        string = server.do("create", "--show-connection-string")
        made_up = r"postgresql://([a-z]+-[a-z]+-\d+)\.admin:\S+@\S+/postgres\n"
        found = re.fullmatch(made_up, string)
        assert found, string
        connect(string.strip()).close()
        password = server.do("create", "--name", "shop", "--show-password").strip()
        address = f"127.0.0.1:{server.port}"
        connect(f"postgresql://shop.admin:{password}@{address}/postgres").close()
        assert server.do("create", "--quiet").startswith("postgresql://")
        table = server.do("create", "--name", "tabled")
        assert re.search(r"^connection string +postgresql://tabled\.admin:\S+@", table, re.M), table
        rows = list(csv.DictReader(io.StringIO(server.do("list", "--output", "csv"))))
        assert {row["name"] for row in rows} >= {"shop", "tabled", found[1], "default"}, rows
        assert all(row["state"] == "ACTIVE" for row in rows), rows
        names = server.do("list", "--quiet").split()
        assert sorted(names) == sorted(row["name"] for row in rows), names
        assert "tabled" in server.do("list")
        assert password not in server.log_text(1 << 30)


def test_a_database_of_profile_dsql():
    with Databases() as server:
        made = server.parsed("create", "--name", "strict", "--profile", "dsql")
        assert made["profile"] == "dsql", made
        with connect(made["connection_string"]) as session:
            assert session.value("show transaction_isolation") == "repeatable read"


def test_names_that_cannot_be():
    with Databases() as server:
        server.do("create", "--name", "shop")
        assert '"shop"' in server.do("create", "--name", "shop", code=IN_THE_WAY)
        server.do("create", "--name", "default", code=IN_THE_WAY)
        for name in ("a.b", "Shop", "-a", "a" * 64, "a" * 26):
            assert "name" in server.do("create", f"--name={name}", code=1), name
        server.do("create", "--profile", "mysql", code=WRONG_USAGE)


def test_an_unknown_database_is_an_exit_code_of_its_own():
    with Databases() as server:
        for words in (
            ("delete", "nosuch", "--yes"),
            ("use", "nosuch"),
            ("db", "status", "nosuch"),
            ("db", "connect", "nosuch"),
            ("db", "reset-password", "nosuch"),
            ("db", "users", "nosuch", "list"),
            ("db", "users", "nosuch", "create", "app"),
            ("db", "users", "nosuch", "delete", "app"),
        ):
            output = server.do(*words, code=NO_SUCH_THING)
            assert '"nosuch"' in output and "sundog list" in output, (words, output)
        for words in (("delete",), ("db",), ("db", "users"), ("db", "users", "x", "create")):
            server.do(*words, code=WRONG_USAGE)
        assert "sundog use" in server.do("db", "status", code=WRONG_USAGE)


def test_each_command_has_help():
    with Databases() as server:
        for words, wanted in (
            (("create",), ("--name", "--profile", "--show-password", "--output")),
            (("list",), ("--output", "--quiet")),
            (("delete",), ("DATABASE", "--yes")),
            (("use",), ("DATABASE", "--clear")),
            (("db",), ("status", "users", "connect", "reset-password")),
            (("db", "status"), ("DATABASE", "--output")),
            (("db", "connect"), ("DATABASE", "--user")),
            (("db", "reset-password"), ("DATABASE", "--user")),
            (("db", "users"), ("DATABASE", "list", "create", "delete")),
            (("db", "users", "create"), ("USER", "--password-stdin")),
        ):
            output = server.do(*words, "--help")
            assert all(word in output for word in wanted), (words, output)
            assert "Exit codes" in output, words


def test_users_of_a_database():
    with Databases() as server:
        shop = server.parsed("create", "--name", "shop")
        server.do("create", "--name", "other")
        made = server.parsed("db", "users", "shop", "create", "app")
        assert made["user"] == "shop.app", made
        with connect(made["connection_string"]) as session:
            assert session.value("select session_user") == "app"
        other = made["connection_string"].replace("shop.app", "other.app")
        assert refused(other) == "28P01"
        given = server.do(
            "db", "users", "shop", "create", "o'Ne \"x", "--password-stdin", "--quiet", text="a'b\n"
        )
        assert given == "a'b\n", given
        address = {"host": server.host, "port": server.port}
        with connect(user="shop.o'Ne \"x", password="a'b", **address) as session:
            assert session.value("select session_user") == "o'Ne \"x"
        users = server.parsed("db", "users", "shop", "list")["users"]
        assert [user["name"] for user in users] == ["admin", "app", "o'Ne \"x"], users
        assert [user["can_create_roles"] for user in users] == [True, False, False], users
        assert server.do("db", "users", "other", "list", "--quiet") == "admin\n"
        server.do("db", "users", "shop", "create", "app", code=IN_THE_WAY)
        server.do("db", "users", "shop", "delete", "nosuch", code=NO_SUCH_THING)
        # Nobody takes away what still owns something, nor who is not one's own.
        with connect(shop["connection_string"]) as admin:
            admin.simple("grant create on schema public to app")
        with connect(made["connection_string"]) as app:
            app.simple("create table of_app (id int)")
        assert "of_app" in server.do("db", "users", "shop", "delete", "app", code=IN_THE_WAY)
        with connect(shop["connection_string"]) as admin:
            admin.simple("grant app to admin")
            admin.simple("drop owned by app")
        server.do("db", "users", "shop", "delete", "app")
        assert refused(made["connection_string"]) == "28P01"
        for name in ("admin", "postgres"):
            server.do("db", "users", "shop", "delete", name, code=4 if name == "admin" else 1)


def test_a_new_password_takes_the_place_of_the_old():
    with Databases() as server:
        shop = server.parsed("create", "--name", "shop")
        renewed = server.parsed("db", "reset-password", "shop")
        assert renewed["password"] != shop["password"], renewed
        assert refused(shop["connection_string"]) == "28P01"
        connect(renewed["connection_string"]).close()
        app = server.parsed("db", "users", "shop", "create", "app")
        password = server.do("db", "reset-password", "shop", "--user", "app", "--quiet").strip()
        assert refused(app["connection_string"]) == "28P01"
        connect(app["connection_string"].replace(app["password"], password)).close()
        connect(renewed["connection_string"]).close()
        server.do("db", "reset-password", "shop", "--user", "nosuch", code=NO_SUCH_THING)
        server.do("db", "reset-password", "shop", "--user", "postgres", code=1)


def test_the_database_in_use_is_what_commands_are_about():
    with Databases() as server:
        for name in ("shop", "other"):
            server.do("create", "--name", name)
        server.do("use", "shop")
        assert server.do("use") == "shop\n"
        assert server.parsed("db", "status")["name"] == "shop"
        assert server.parsed("db", "status", "other")["name"] == "other"
        by_environment = {"SUNDOG_DATABASE": "other"}
        assert server.parsed("db", "status", environment=by_environment)["name"] == "other"
        server.do("db", "users", "create", "app")
        assert "app" in server.do("db", "users", "shop", "list", "--quiet").split()
        server.do("use", "nosuch", code=NO_SUCH_THING)
        assert server.do("use") == "shop\n"
        server.do("delete", "other", "--yes")
        assert server.do("use") == "shop\n"
        # By whichever of its names.
        server.do("delete", server.parsed("db", "status", "shop")["id"], "--yes")
        server.do("use", code=WRONG_USAGE)
        server.do("use", "default")
        server.do("use", "--clear")
        server.do("use", code=WRONG_USAGE)


def test_connect_opens_psql_with_the_password_that_was_kept():
    with Databases() as server:
        made = server.parsed("create", "--name", "shop")
        app = server.parsed("db", "users", "shop", "create", "app")
        kept = server.home / "passwords"
        assert stat.S_IMODE(kept.stat().st_mode) == 0o600
        lines = kept.read_text().splitlines()
        start = f"127.0.0.1:{server.port}:postgres:shop"
        assert lines == [
            f"{start}.admin:{made['password']}",
            f"{start}.app:{app['password']}",
        ], lines
        said = server.do("db", "connect", "shop", text="select 'I am ' || session_user;\n")
        assert "I am admin" in said, said
        said = server.do("db", "connect", "shop", "--user", "app", text="select session_user;\n")
        assert "app" in said, said
        renewed = server.parsed("db", "reset-password", "shop")
        assert f"{start}.admin:{renewed['password']}" in kept.read_text().splitlines()
        server.do("create", "--name", "shop-too")
        server.do("delete", "shop", "--yes")
        # A later database of that name has other users.
        assert f"{start}." not in kept.read_text(), kept.read_text()
        assert f"{start}-too.admin:" in kept.read_text(), kept.read_text()
        nowhere = {"PATH": str(pathlib.Path(server.folder))}
        server.do("create", "--name", "again")
        output = server.do("db", "connect", "again", code=1, environment=nowhere)
        assert "postgresql://again.admin@" in output, output


def test_a_password_that_cannot_be_kept_is_told():
    with Databases() as server:
        nowhere = {"SUNDOG_HOME": "/dev/null/nowhere"}
        said = server.do("create", "--name", "shop", environment=nowhere)
        assert "could not be kept" in said, said
        connect(re.search(r"postgresql://shop\.admin:\S+", said)[0]).close()
        said = server.do("db", "reset-password", "shop", "--quiet", environment=nowhere)
        address = f"127.0.0.1:{server.port}/postgres"
        connect(f"postgresql://shop.admin:{said.splitlines()[-1]}@{address}").close()


def test_without_a_home_nothing_is_kept():
    with Databases() as server:
        homeless = {"SUNDOG_HOME": "", "XDG_CONFIG_HOME": "", "HOME": ""}
        said = server.do("create", "--name", "shop", "--show-password", environment=homeless)
        assert "could not be kept: there is no home folder" in said, said
        known = {**homeless, "PGPASSWORD": said.splitlines()[-1], "PGPASSFILE": "/nosuch"}
        output = server.do("db", "sql", "shop", text="select 6 * 7;", environment=known)
        assert "42" in output, output
        assert "CREATE" not in server.do("db", "dump", "shop", environment=known)
        server.do("db", "status", code=WRONG_USAGE, environment=homeless)
        server.do("use", "--clear", environment=homeless)
        assert "SUNDOG_HOME" in server.do("use", "shop", code=1, environment=homeless)
        assert "could not" not in server.do("delete", "shop", "--yes", environment=homeless)
        # A script leaves no folder behind, either.
        made = server.do("create", "--name", "other", "--show-password", environment=homeless)
        known = {"PGPASSWORD": made.splitlines()[-1]}
        server.do("db", "sql", "other", text="select 1;", environment=known)
        assert not server.home.exists()
        # What is deleted is deleted, also where what was kept cannot be read.
        server.home.mkdir()
        (server.home / "passwords").write_text("")
        (server.home / "passwords").chmod(0o644)
        assert "could not be forgotten" in server.do("delete", "other", "--yes")


def test_commands_side_by_side_keep_all_passwords():
    with Databases() as server:
        server.home.mkdir()
        kept = server.home / "passwords"
        # As an editor may leave it.
        kept.write_text("elsewhere:5432:postgres:somebody:secret")
        kept.chmod(0o600)
        names = [f"side-{i}" for i in range(8)]
        with concurrent.futures.ThreadPoolExecutor(len(names)) as pool:
            list(pool.map(lambda name: server.do("create", "--name", name), names))
        lines = kept.read_text().splitlines()
        users = sorted(line.split(":")[3] for line in lines)
        assert users == sorted([f"{name}.admin" for name in names] + ["somebody"]), lines


def test_databases_outlive_the_server_and_do_not_count_as_clusters():
    with Databases(arguments=["--max-clusters", "1", "--max-databases", "2"]) as server:
        made = server.parsed("create", "--name", "one")
        server.do("create", "--name", "two")
        output = server.do("create", "--name", "three", code=1)
        assert "limit of databases" in output, output
        assert "cluster limit" in server.refusal("cluster", "create")
        server.stop()
        server.start()
        assert server.parsed("db", "status", "one")["id"] == made["id"]
        string = made["connection_string"]
        connect(re.sub(r"@[^/]+/", f"@127.0.0.1:{server.port}/", string)).close()
        server.do("create", "--name", "three", code=1)
        server.do("create", "--name", "one", code=IN_THE_WAY)
