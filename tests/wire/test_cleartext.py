"""Cleartext passwords."""

from pgclient import ServerError, connect
from wire.secured import SecuredCleartext as WANTS  # noqa: F401


def alice(server, password):
    return connect(
        host=server.host, port=server.port, user="alice", password=password, database="postgres"
    )


def test_cleartext_lets_the_right_password_in(server):
    with alice(server, "secret") as c:
        assert c.value("select current_user") == "alice"
        assert 3 in c.authentication, c.authentication


def test_cleartext_refuses_a_wrong_password(server):
    for wrong in ("wrong", "secret ", "Secret"):
        try:
            alice(server, wrong).close()
        except ServerError as error:
            assert error.sqlstate == "28P01", error
            assert error.message == 'password authentication failed for user "alice"', error
            continue
        raise AssertionError(f"{wrong!r} was let in")
