"""Passwords and TLS. The server here demands passwords: user `alice`, password `secret`."""

import socket
import ssl
import struct

from pgclient import ServerError, connect
from pgclient import messages as m
from wire.raw import Raw
from wire.secured import Secured as WANTS  # noqa: F401


def alice(server, **options):
    given = {"user": "alice", "password": "secret", "database": "postgres"}
    given.update(options)
    return connect(host=server.host, port=server.port, **given)


def test_scram_lets_the_right_password_in(server):
    with alice(server) as c:
        assert c.value("select current_user") == "alice"
        assert 10 in c.authentication, c.authentication


def test_scram_refuses_a_wrong_password(server):
    try:
        alice(server, password="wrong").close()
    except ServerError as error:
        assert error.sqlstate == "28P01", error
        assert error.message == 'password authentication failed for user "alice"', error
        return
    raise AssertionError("a wrong password was let in")


def test_an_unknown_user_is_refused_like_a_wrong_password(server):
    try:
        alice(server, user="mallory").close()
    except ServerError as error:
        assert error.sqlstate in ("28P01", "28000"), error
        return
    raise AssertionError("an unknown user was let in")


def test_an_empty_password_is_refused(server):
    try:
        alice(server, password="").close()
    except ServerError as error:
        assert error.sqlstate == "28P01", error
        return
    raise AssertionError("an empty password was let in")


def test_nothing_runs_before_the_password(server):
    with Raw(server, start=False) as w:
        w.send(m.startup({"user": "alice", "database": "postgres"}), m.query("select 1"))
        words = w.expect_closed()
        assert not any(word.startswith(("D", "Z")) for word in words), words


def test_scram_garbage_is_refused(server):
    for payload in (
        b"SCRAM-SHA-256\0" + struct.pack("!i", 4) + b"junk",
        b"NO-SUCH\0" + struct.pack("!i", -1),
        b"",
        b"\0" * 20,
        b"SCRAM-SHA-256\0" + struct.pack("!i", 1000) + b"n,,n=,r=x",
    ):
        with Raw(server, start=False) as w:
            w.send(m.startup({"user": "alice", "database": "postgres"}))
            w.expect("R(10)")
            w.send(m.frame(b"p", payload))
            words = w.expect_closed()
            assert all(word.startswith("E(") for word in words), (payload, words)


def test_tls(server):
    with alice(server, tls=True) as c:
        assert c.value("select 1") == "1"
        assert len(c.value("select repeat('x', 200000)")) == 200000


def test_tls_is_modern(server):
    with socket.create_connection((server.host, server.port), timeout=10) as plain:
        plain.sendall(struct.pack("!ii", 8, 80877103))
        assert plain.recv(1) == b"S"
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        with context.wrap_socket(plain) as secured:
            assert secured.version() in ("TLSv1.2", "TLSv1.3"), secured.version()


def test_bytes_after_the_tls_request_are_not_taken_as_plain_text(server):
    with socket.create_connection((server.host, server.port), timeout=10) as plain:
        plain.sendall(struct.pack("!ii", 8, 80877103) + m.startup({"user": "alice"}))
        plain.settimeout(5)
        received = b""
        try:
            while len(received) < 1000:
                data = plain.recv(1000)
                if not data:
                    break
                received += data
                plain.shutdown(socket.SHUT_WR)
        except OSError:
            pass
        assert b"R\0\0\0" not in received, received


def test_a_garbled_handshake_hurts_nobody(server):
    with socket.create_connection((server.host, server.port), timeout=10) as plain:
        plain.sendall(struct.pack("!ii", 8, 80877103))
        assert plain.recv(1) == b"S"
        plain.sendall(b"\x16\x03\x01garbage" * 10)
        plain.settimeout(5)
        try:
            while plain.recv(1000):
                pass
        except OSError:
            pass
    with alice(server, tls=True) as c:
        assert c.value("select 1") == "1"
