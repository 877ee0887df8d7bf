"""Connection tokens in place of passwords, in a cluster of profile dsql: who gets in, who does not,
and that nothing secret is told to anyone."""

import datetime

import sigv4
from pgclient import ServerError, connect, messages
from servers.api import administrator

ONLY_ON = "sundog"

DENIED = "unable to accept connection, access denied"
SIGNATURE_WRONG = "The request signature we calculated does not match the signature you provided."
REGIONS = ("us-east-1", "eu-west-1")


def WANTS(server):  # noqa: N802  the runner's name for it
    server.arguments += ["--profile", "dsql", "--tls-name", "db.example"]
    for region in REGIONS:
        server.arguments += ["--region", region]
    return server


def token(server, host="localhost", **options):
    return sigv4.make_token(*administrator(server), host, **options)


def admin_token(server, **options):
    return token(server, action="DbConnectAdmin", **options)


def enter(server, user, password, server_name="localhost", **options):
    return connect(
        host=server.host,
        port=server.port,
        user=user,
        password=password,
        tls=True,
        server_name=server_name,
        **options,
    )


def admin(server, **options):
    return enter(server, "admin", admin_token(server), **options)


def refusal(server, user, password, sqlstate="08006", message=DENIED, **options):
    """The hint that the server gives to whom it does not let in."""
    try:
        enter(server, user, password, **options).close()
    except ServerError as error:
        assert (error.sqlstate, error.message) == (sqlstate, message), error.fields
        assert error.fields["S"] == "FATAL", error.fields
        return error.fields.get("H", "")
    raise AssertionError(f"{user} was let in")


def test_admin_comes_in_by_admin_token(server):
    with admin(server) as session:
        assert session.authentication[0] == 3, session.authentication
        assert session.value("select current_user") == "admin"
        assert session.value("show is_superuser") == "off"
        session.simple("create table of_admin (id int primary key)")


def test_every_served_region_and_name_is_good(server):
    for region in REGIONS:
        for name in ("localhost", "db.example"):
            password = admin_token(server, region=region, host=name)
            enter(server, "admin", password, server_name=name).close()
    # What is not said by TLS may be said by the token alone.
    enter(server, "admin", admin_token(server, host="127.0.0.1"), server_name=None).close()


def test_the_go_sdks_form_without_a_slash(server):
    enter(server, "admin", admin_token(server).replace("/?", "?")).close()


def last_words(session, sql):
    """The hint of the FATAL error that ends a session."""
    session.start_simple(sql)
    kind, payload = session.receive()
    assert kind == b"E", (kind, payload)
    error = ServerError(messages.error_fields(payload))
    assert (error.sqlstate, error.message) == ("08006", DENIED), error.fields
    assert error.fields["S"] == "FATAL", error.fields
    try:
        session.receive()
        raise AssertionError("the session goes on")
    except ConnectionError:
        return error.fields["H"]


def test_a_mapped_role_comes_in_until_it_is_revoked(server):
    with admin(server) as session:
        session.simple("create role app with login")
        hint = refusal(server, "app", token(server))
        assert hint.startswith("Role app has no IAM trust with arn:aws:iam::"), hint
        arn = hint.split("no IAM trust with ")[1].split(". ")[0]
        session.simple("AWS IAM GRANT app TO 'arn:aws:iam::123456789012:role/other'")
        assert "no IAM trust" in refusal(server, "app", token(server))
        session.simple(f"AWS IAM GRANT app TO '{arn}'")
        with enter(server, "app", token(server)) as app:
            assert app.value("select session_user") == "app"
            assert app.value("select sys.iam_session_user()") == arn
            app.simple("begin")
            assert app.value("select session_user") == "app"
            session.simple(f"AWS IAM REVOKE app FROM '{arn}'")
            # A token is looked at when a connection begins, the mapping when a transaction does.
            assert app.value("select session_user") == "app"
            app.simple("commit")
            hint = last_words(app, "select session_user")
            assert hint == f"Role app has no IAM trust with {arn} any more.", hint
        assert "no IAM trust" in refusal(server, "app", token(server))


def test_action_and_user_must_agree(server):
    hint = refusal(server, "admin", token(server))
    assert hint == "Wrong user to action mapping. user: admin, action: DbConnect", hint
    hint = refusal(server, "app", admin_token(server))
    assert hint == "Wrong user to action mapping. user: app, action: DbConnectAdmin", hint


def test_a_role_that_does_not_exist(server):
    assert refusal(server, "nobody", token(server)) == "Role nobody does not exist"


def test_tampered_tokens(server):
    good = admin_token(server)
    for part, other in (
        ("X-Amz-Expires=900", "X-Amz-Expires=9000"),
        ("localhost", "127.0.0.1"),
        ("X-Amz-Signature=", "X-Amz-Signature=0"),
    ):
        assert part in good
        changed = good.replace(part, other, 1)
        if other.endswith("=0"):
            changed = changed[:-1]
        assert refusal(server, "admin", changed).startswith(SIGNATURE_WRONG), changed
    assert refusal(server, "admin", good.replace("DbConnectAdmin", "DbConnect")).startswith(
        SIGNATURE_WRONG
    )
    key_id, secret = administrator(server)
    forged = sigv4.make_token(key_id, secret[:-1] + "!", "localhost", action="DbConnectAdmin")
    assert refusal(server, "admin", forged).startswith(SIGNATURE_WRONG)


def test_time(server):
    hour = datetime.timedelta(hours=1)
    expired = admin_token(server, at=sigv4.now() - hour)
    assert refusal(server, "admin", expired).startswith("Signature expired: ")
    early = admin_token(server, at=sigv4.now() + hour)
    assert refusal(server, "admin", early).startswith("Signature not yet current: ")
    # Clocks may differ by five minutes.
    skewed = sigv4.now() + datetime.timedelta(minutes=4)
    enter(server, "admin", admin_token(server, at=skewed)).close()


def test_another_host_region_service_or_key(server):
    other = "abcdefghijklmnopqrstuvwxyz.dsql.us-east-1.on.aws"
    hint = refusal(server, "admin", admin_token(server, host=other))
    assert hint == f"The token is for the host '{other}', which is not this one.", hint
    # Nor does it help to call the server so.
    for name in ("other.example", "www.db.example"):
        hint = refusal(server, "admin", admin_token(server, host=name), server_name=name)
        assert "which is not this one" in hint, hint
    hint = refusal(server, "admin", admin_token(server, region="us-west-2"))
    assert "region" in hint and "us-west-2" in hint, hint
    hint = refusal(server, "admin", admin_token(server, service="s3"))
    assert hint == "Credential should be scoped to correct service: 'dsql'.", hint
    unknown = sigv4.make_token("AKIA" + "A" * 16, "x" * 40, "localhost", action="DbConnectAdmin")
    hint = refusal(server, "admin", unknown)
    assert hint == "The security token included in the request is invalid.", hint


def test_what_is_no_token(server):
    for nonsense in ("secret", "localhost/?Action=DbConnectAdmin", "?", "x" * 9000):
        assert "not a valid connection token" in refusal(server, "admin", nonsense), nonsense
    refusal(server, "admin", "", sqlstate="08P01", message="invalid password packet size")


def test_clusters_that_do_not_exist(server):
    for name, id_ in (
        ("abcdefghijklmnopqrstuvwxyz.dsql.us-east-1.on.aws", "abcdefghijklmnopqrstuvwxyz"),
        ("short.dsql.us-east-1.on.aws", "short"),
        ("abcdefghijklmnopqrstuvwxyz.example", "abcdefghijklmnopqrstuvwxyz"),
    ):
        password = admin_token(server, host=name)
        hint = refusal(server, "admin", password, server_name=name)
        assert hint == f'There is no cluster "{id_}".', hint
    option = {"options": "-c amzn-cluster-id=abc"}
    hint = refusal(server, "admin", admin_token(server), **option)
    assert hint == 'There is no cluster "abc".', hint


def test_a_plain_connection_is_refused_before_it_tells_its_token(server):
    for user in ("admin", "nobody"):
        try:
            connect(host=server.host, port=server.port, user=user, password=admin_token(server))
        except ServerError as error:
            assert (error.sqlstate, error.message) == ("08006", DENIED), error.fields
            assert error.fields["H"].startswith("Connections are encrypted here"), error.fields
            continue
        raise AssertionError(f"{user} was let in")


def test_the_operator_needs_no_token_on_this_machine(server):
    with connect(server.connection_string) as session:
        assert session.value("select current_user") == "postgres"
        assert session.value("select sys.iam_session_user() is null") == "t"


def test_nothing_secret_is_logged(server):
    key_id, secret = administrator(server)
    good = admin_token(server)
    enter(server, "admin", good).close()
    bad = good.replace("X-Amz-Expires=900", "X-Amz-Expires=901")
    hint = refusal(server, "admin", bad)
    signature = good.split("X-Amz-Signature=")[1]
    log = (server.folder / "log").read_text()
    for text in (secret, signature, "X-Amz-"):
        assert text not in log and text not in hint, text
    with admin(server) as session:
        shown = repr(session.rows("select * from pg_stat_activity"))
        assert signature not in shown and "X-Amz-" not in shown
