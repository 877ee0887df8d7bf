"""Clusters of profile postgres that the HTTP API made, on a server that trusts nobody: admin and
mapped roles come in by token, others by password, and the cluster the server began with is as it
was."""

import json
import subprocess

from pgclient import ServerError, connect
from servers.sundog import binary
from wire.test_tokens import DENIED, administrator, enter, last_words, refusal, token

ONLY_ON = "sundog"

OPERATOR = "the operator's"


def WANTS(server):  # noqa: N802  the runner's name for it
    server.http = True
    server.arguments += ["--auth", "scram-sha-256"]
    server.environment["SUNDOG_PASSWORD"] = OPERATOR
    return server


def make(server, profile="postgres"):
    """The endpoint of a new cluster."""
    where = ["--data", str(server.folder / "data"), "--endpoint", server.api_url]
    made = subprocess.run(
        [str(binary()), "cluster", "create", "--profile", profile, "--wait", "--json", *where],
        stdout=subprocess.PIPE,
        check=True,
    )
    return json.loads(made.stdout)["endpoint"]


def enter_by_token(server, endpoint, user="admin"):
    action = "DbConnectAdmin" if user == "admin" else "DbConnect"
    password = token(server, endpoint, action=action)
    return enter(server, user, password, server_name=endpoint)


def refused(session, sql):
    try:
        session.simple(sql)
    except ServerError as error:
        return error.sqlstate
    raise AssertionError(f"{sql} was not refused")


def test_admin_owns_public_and_manages_roles_but_is_no_superuser(server):
    with enter_by_token(server, make(server)) as session:
        assert session.value("select current_user") == "admin"
        assert session.value("show is_superuser") == "off"
        session.simple("create table of_admin (id serial primary key, words text[])")
        session.simple("truncate of_admin")
        session.simple("create schema shop")
        session.simple("create role app login password 'secret'")
        session.simple("grant usage on schema public to app")
        session.simple("revoke usage on schema public from public")
        session.simple("grant app to admin")
        session.simple("create schema authorization app")
        for sql in (
            "create role other superuser",
            "alter role app superuser",
            "alter role postgres password 'mine'",
            "grant postgres to admin",
            "set role postgres",
            "drop schema pg_catalog",
        ):
            assert refused(session, sql) == "42501", sql
        assert refused(session, "drop role admin") == "55006"


def test_mapped_roles_come_in_by_token_and_others_by_password(server):
    endpoint = make(server)
    with enter_by_token(server, endpoint) as admin:
        admin.simple("create role app login")
        here = {"server_name": endpoint}
        plain = token(server, endpoint)
        # Whoever has neither password nor mapping is asked for a password.
        hint = refusal(
            server, "app", plain, "28P01", 'password authentication failed for user "app"', **here
        )
        assert hint == "", hint
        admin.simple("AWS IAM GRANT app TO 'arn:aws:iam::123456789012:role/other'")
        hint = refusal(server, "app", plain, **here)
        arn = hint.split("no IAM trust with ")[1].split(". ")[0]
        admin.simple(f"AWS IAM GRANT app TO '{arn}'")
        with enter_by_token(server, endpoint, "app") as app:
            assert app.value("select session_user") == "app"
            # By another name it is the same role; without its mapping it is let go.
            admin.simple("alter role app rename to application")
            assert app.value("select current_user") == "application"
            admin.simple("alter role application rename to app")
            admin.simple(f"AWS IAM REVOKE app FROM '{arn}'")
            hint = last_words(app, "select session_user")
            assert hint == f"Role app has no IAM trust with {arn} any more.", hint
            admin.simple(f"AWS IAM GRANT app TO '{arn}'")
        admins = token(server, endpoint, action="DbConnectAdmin")
        hint = refusal(server, "app", admins, **here)
        assert hint == "Wrong user to action mapping. user: app, action: DbConnectAdmin", hint
        hint = refusal(server, "admin", plain, **here)
        assert hint == "Wrong user to action mapping. user: admin, action: DbConnect", hint
        admin.simple("create role words login password 'secret'")
    with enter(server, "words", "secret", server_name=endpoint) as words:
        assert words.authentication[0] == 10, words.authentication
        assert words.value("select session_user") == "words"
    # Passwords need no TLS, and so no name by which it would ask for the cluster.
    cluster = {"options": f"-c amzn-cluster-id={endpoint.split('.')[0]}"}
    with connect(
        host=server.host, port=server.port, user="words", password="secret", **cluster
    ) as words:
        assert words.value("select session_user") == "words"
    message = 'password authentication failed for user "words"'
    refusal(server, "words", plain, "28P01", message, server_name=endpoint)


def test_a_password_of_admin_stands_in_for_tokens(server):
    endpoint = make(server)
    with enter_by_token(server, endpoint) as admin:
        admin.simple("alter role admin password 'secret'")
        with enter(server, "admin", "secret", server_name=endpoint) as session:
            assert session.value("select session_user") == "admin"
        message = 'password authentication failed for user "admin"'
        admins = token(server, endpoint, action="DbConnectAdmin")
        refusal(server, "admin", admins, "28P01", message, server_name=endpoint)
        admin.simple("alter role admin password null")
    enter_by_token(server, endpoint).close()


def test_clusters_do_not_take_each_others_tokens(server):
    one, other = make(server), make(server, "dsql")
    for mine, theirs in ((one, other), (other, one)):
        password = token(server, theirs, action="DbConnectAdmin")
        hint = refusal(server, "admin", password, server_name=mine)
        assert hint == f"The token is for the host '{theirs}', which is not this one.", hint


def test_a_plain_connection_is_refused_before_it_tells_its_token(server):
    endpoint = make(server)
    cluster = {"options": f"-c amzn-cluster-id={endpoint.split('.')[0]}"}
    password = token(server, endpoint, action="DbConnectAdmin")
    try:
        connect(host=server.host, port=server.port, user="admin", password=password, **cluster)
    except ServerError as error:
        assert (error.sqlstate, error.message) == ("08006", DENIED), error.fields
        assert error.fields["H"].startswith("Connections are encrypted here"), error.fields
        return
    raise AssertionError("a token was taken without TLS")


def test_the_first_cluster_is_its_operators(server):
    with connect(server.connection_string, password=OPERATOR) as session:
        assert session.value("show is_superuser") == "on"
        assert session.value("select count(*) from pg_roles where rolname = 'admin'") == "0"
        owner = "select nspowner::regrole from pg_namespace where nspname = 'public'"
        assert session.value(owner) == "pg_database_owner"
    password = token(server, action="DbConnectAdmin")
    message = 'password authentication failed for user "admin"'
    refusal(server, "admin", password, "28P01", message)
    # Whose password is asked for in the clusters that the API makes, too.
    message = 'password authentication failed for user "postgres"'
    endpoint = make(server)
    refusal(server, "postgres", "another", "28P01", message, server_name=endpoint)
    with enter(server, "postgres", OPERATOR, server_name=endpoint) as session:
        assert session.value("show is_superuser") == "on"


def test_nothing_secret_is_logged(server):
    endpoint = make(server)
    password = token(server, endpoint, action="DbConnectAdmin")
    enter(server, "admin", password, server_name=endpoint).close()
    _, secret = administrator(server)
    log = server.log_text(1 << 30)
    for text in (secret, password.split("X-Amz-Signature=")[1], OPERATOR):
        assert text not in log, text
