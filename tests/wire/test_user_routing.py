"""The cluster in the user's name, as DB9's clients say it: `tenant.role`, `tenant:role`; and that
whoever is wrong about it learns nothing."""

import json
import subprocess

from pgclient import ServerError, connect
from pgclient import messages as m
from pgclient.scram import ScramClient
from servers.sundog import Sundog, binary
from wire.raw import Raw

ONLY_ON = "sundog"

OPERATOR = "the operator's"
PASSWORD = "of role admin"


def make(server, name, profile="postgres"):
    """The id of a new cluster whose admin has a password."""
    where = ["--data", str(server.folder / "data"), "--endpoint", server.api_url]
    what = ["--name", name, "--profile", profile, "--wait", "--json"]
    made = subprocess.run(
        [str(binary()), "cluster", "create", *what, *where], stdout=subprocess.PIPE, check=True
    )
    cluster = json.loads(made.stdout)["identifier"]
    with operator_of(server, cluster) as operator:
        operator.simple(f"alter role admin password '{PASSWORD}'")
        operator.simple("create role words")
        operator.simple("create role tokens login")
        operator.simple("AWS IAM GRANT tokens TO 'arn:aws:iam::123456789012:role/app'")
        operator.simple("create role locked password 'secret' nologin")
        operator.simple("create role \"with.dot\" login password 'secret'")
    return cluster


def operator_of(server, cluster):
    return connect(
        server.connection_string, password=OPERATOR, options=f"-c amzn-cluster-id={cluster}"
    )


class Clusters:
    """A server that demands passwords, with the clusters `shop`, `other` and `strict`, the last of
    profile dsql."""

    def __init__(self, server):
        self._server = server
        server.http = True
        server.arguments += ["--auth", "scram-sha-256"]
        server.environment["SUNDOG_PASSWORD"] = OPERATOR
        self.ids = {}

    def __getattr__(self, name):
        return getattr(self._server, name)

    def start(self):
        self._server.start()
        if not self.ids:
            self.ids = {name: make(self, name) for name in ("shop", "other")}
            self.ids["strict"] = make(self, "strict", "dsql")


WANTS = Clusters


def enter(server, user, password=PASSWORD, **options):
    return connect(host=server.host, port=server.port, user=user, password=password, **options)


def refusal(server, user, password=PASSWORD, **options):
    try:
        enter(server, user, password, **options).close()
    except ServerError as error:
        return {**error.fields, "M": error.message.replace(user, "USER")}
    raise AssertionError(f"{user} was let in")


def test_name_or_id_and_either_sign_lead_to_the_cluster(server):
    for tenant in ("shop", server.ids["shop"]):
        for sign in ".:":
            with enter(server, f"{tenant}{sign}admin") as session:
                assert session.authentication[0] == 10, session.authentication
                assert session.value("select current_user || ' ' || session_user") == "admin admin"
                assert session.value("select current_database()") == "postgres"
    with enter(server, "shop.with.dot", "secret") as session:
        assert session.value("select session_user") == "with.dot"
    with enter(server, "strict.admin") as session:
        assert session.value("show transaction_isolation") == "repeatable read"
    with enter(server, "shop.postgres", OPERATOR) as session:
        assert session.value("show is_superuser") == "on"
    with enter(server, "default.postgres", OPERATOR) as session:
        assert session.value("select count(*) from pg_roles where rolname = 'admin'") == "0"


def test_a_tenant_sees_nothing_of_another(server):
    with enter(server, "shop.admin") as shop, enter(server, "other.admin") as other:
        shop.simple("create table of_shop (id int primary key)")
        shop.simple("insert into of_shop values (1)")
        for seen in (
            "select count(*) from pg_class where relname = 'of_shop'",
            "select count(*) from pg_stat_user_tables where relname = 'of_shop'",
            f"select count(*) from pg_stat_activity where pid = {shop.backend_pid}",
        ):
            assert shop.value(seen) == "1", seen
            assert other.value(seen) == "0", seen
        try:
            other.simple("select * from of_shop")
            raise AssertionError("another tenant's table was read")
        except ServerError as error:
            assert error.sqlstate == "42P01", error
        # Nor reaches its sessions.
        assert other.value(f"select pg_terminate_backend({shop.backend_pid})") == "f"
        assert shop.value("select 1") == "1"
        shop.simple("drop table of_shop")


def wrong_logins(server):
    nowhere = "a" * 26
    return (
        ("shop.admin", "another"),
        ("shop.admin", ""),
        ("shop.nobody", PASSWORD),
        ("shop.words", PASSWORD),
        ("shop.tokens", PASSWORD),
        ("shop.locked", PASSWORD),
        ("shop.postgres", PASSWORD),
        ("shop.Admin", PASSWORD),
        ("nowhere.admin", PASSWORD),
        ("nowhere:admin", PASSWORD),
        ("Shop.admin", PASSWORD),
        (f"{nowhere}.admin", PASSWORD),
        (f"{server.ids['shop'][:-1]}.admin", PASSWORD),
        ("default.admin", PASSWORD),
        ("strict.admin", "another"),
        ("strict.nobody", PASSWORD),
        ("strict.tokens", PASSWORD),
    )


def test_wrong_tenant_role_and_password_are_one_error(server):
    for database in ("postgres", "nosuch"):
        first = refusal(server, "shop.admin", "another", database=database)
        assert (first["C"], first["S"]) == ("28P01", "FATAL"), first
        assert first["M"] == 'password authentication failed for user "USER"', first
        for user, password in wrong_logins(server):
            fields = refusal(server, user, password, database=database)
            assert fields == first, (user, fields, first)


def exchange(server, user):
    """What the server says until the password is known to be wrong, with what is random, or of
    this user, left out; and the salt."""
    with Raw(server, start=False) as wire:
        wire.send(m.startup({"user": user, "database": "postgres"}))
        kind, mechanisms = wire.message()
        client = ScramClient("never this one")
        first = client.first()
        size = len(first).to_bytes(4, "big")
        wire.send(m.frame(b"p", b"SCRAM-SHA-256\0" + size + first))
        _, challenge = wire.message()
        nonce, salt, iterations = challenge[4:].decode().split(",")
        wire.send(m.frame(b"p", client.final(challenge[4:])))
        said = [kind, mechanisms, len(nonce), len(salt), iterations, *wire.expect_closed()]
        return said, salt


def test_the_exchange_is_the_same_for_whoever_is_not_there(server):
    first, salt_of_admin = exchange(server, "shop.admin")
    for user, _ in wrong_logins(server):
        said, salt = exchange(server, user)
        assert said == first, (user, said, first)
        # A stored one stays as it is, however the role is named.
        other_sign = user.translate(str.maketrans(".:", ":."))
        assert exchange(server, user)[1] == exchange(server, other_sign)[1] == salt, user
        assert (salt == salt_of_admin) == (user == "shop.admin"), user
    id_of_shop = server.ids["shop"]
    for role in ("admin", "nobody"):
        salt = exchange(server, f"shop.{role}")[1]
        assert exchange(server, f"{id_of_shop}.{role}")[1] == salt, role


def test_a_name_that_says_no_cluster_is_a_role_of_the_default_one(server):
    with connect(server.connection_string, password=OPERATOR) as operator:
        for name in ("plain.role", "shop.of_default"):
            operator.simple(f"create role \"{name}\" login password 'secret'")
    with enter(server, "plain.role", "secret") as session:
        assert session.value("select session_user") == "plain.role"
    # There is a cluster `shop`, in which there is no such role.
    assert refusal(server, "shop.of_default", "secret")["C"] == "28P01"
    for half in (".admin", "shop.", ":", "."):
        assert refusal(server, half)["C"] == "28P01", half


def test_a_cluster_that_is_said_otherwise_comes_first(server):
    here = {"options": f"-c amzn-cluster-id={server.ids['shop']}"}
    with enter(server, "with.dot", "secret", **here) as session:
        assert session.value("select session_user") == "with.dot"
    assert refusal(server, "shop.admin", **here)["C"] == "28P01"


def test_a_role_that_may_not_log_in_and_a_database_are_told_to_whoever_knows_the_password(server):
    fields = refusal(server, "shop.locked", "secret")
    assert fields["C"] == "28000", fields
    assert fields["M"] == 'role "locked" is not permitted to log in', fields
    fields = refusal(server, "shop.admin", database="nosuch")
    assert fields["C"] == "3D000", fields


def test_a_deleted_cluster_is_as_if_it_had_never_been(_):
    with Sundog(
        http=True,
        arguments=["--auth", "scram-sha-256"],
        environment={"SUNDOG_PASSWORD": OPERATOR},
    ) as server:
        make(server, "gone")
        enter(server, "gone.admin").close()
        where = ["--data", str(server.folder / "data"), "--endpoint", server.api_url]
        unprotect = ("update", "gone", "--deletion-protection", "off")
        for words in (unprotect, ("delete", "gone", "--wait")):
            subprocess.run(
                [str(binary()), "cluster", *words, *where], stdout=subprocess.DEVNULL, check=True
            )
        assert refusal(server, "gone.admin") == refusal(server, "never.admin")


def test_nobody_is_trusted_by_another_cluster_for_being_near(_):
    """On a loopback address roles without a password are, in the default cluster."""
    with Sundog(http=True, environment={"SUNDOG_PASSWORD": OPERATOR}) as server:
        cluster = make(server, "shop")
        with operator_of(server, cluster) as operator:
            operator.simple("create role free login")
        for user in ("shop.free", "shop.nobody", "nowhere.free"):
            assert refusal(server, user)["C"] == "28P01", user
        enter(server, "shop.admin").close()


def test_cleartext_and_trust(_):
    for method, password in (("password", PASSWORD), ("trust", "whatever")):
        with Sundog(http=True, environment={"SUNDOG_PASSWORD": OPERATOR}) as server:
            make(server, "shop")
            server.stop()
            server.arguments += ["--auth", method]
            server.start()
            with enter(server, "shop.admin", password) as session:
                assert session.value("select session_user") == "admin", method
            wrong = [("shop.nobody", PASSWORD), ("nowhere.admin", PASSWORD)]
            if method == "password":
                wrong.append(("shop.admin", "another"))
            for user, given in wrong:
                assert refusal(server, user, given)["C"] == "28P01", (method, user)
