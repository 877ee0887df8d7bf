"""PostgreSQL's protocol over WebSocket on the HTTPS listener, as Aurora DSQL's connector for
postgres.js speaks it in browsers."""

import socket
import ssl

import sigv4
from pgclient import messages as m
from wire import test_tokens
from wire.raw import WAIT_S, Raw
from wire.websocket import CLOSE, PING, PONG, WebSocket, handshake

ONLY_ON = "sundog"
ME = {"user": "postgres", "database": "postgres"}


def WANTS(server):  # noqa: N802  the runner's name for it
    server.http = True
    return test_tokens.WANTS(server)


def open_https(server, name="localhost"):
    context = ssl.create_default_context(cafile=str(server.folder / "data" / "tls" / "ca.pem"))
    context.set_alpn_protocols(["http/1.1"])
    plain = socket.create_connection((server.host, server.http_port), timeout=WAIT_S)
    return context.wrap_socket(plain, server_hostname=name)


def open_websocket(server, name="localhost"):
    opened = open_https(server, name)
    assert handshake(opened, name).startswith("HTTP/1.1 101 ")
    return WebSocket(opened)


def as_admin(server, name="localhost"):
    w = Raw(server, open_websocket(server, name), start=False)
    w.send(m.startup({"user": "admin", "database": "postgres"}))
    assert w.receive()[0] == b"R"
    token = sigv4.make_token(
        *test_tokens.administrator(server), name, action="DbConnectAdmin"
    )
    w.send(m.frame(b"p", m.cstring(token)))
    w.until_ready()
    return w


def test_a_session_by_token(server):
    with as_admin(server) as w:
        assert w.query("select current_user") == [("admin",)]
        assert w.query("select ssl from pg_stat_ssl where pid = pg_backend_pid()") == [("t",)]
        # Its heartbeat.
        w.send(m.query("select 1;"))
        w.expect("T D(1) C(SELECT_1) Z(I)")


def test_each_message_is_a_frame(server):
    with as_admin(server) as w:
        w.socket.frames.clear()
        rows = w.query("select x, repeat('y', x) from generate_series(1, 3000) x")
        assert len(rows) == 3000 and rows[-1][1] == "y" * 3000
        types = b"".join(payload[:1] for _, payload in w.socket.frames)
        assert types == b"T" + b"D" * 3000 + b"CZ", types[:100]
        for _, payload in w.socket.frames:
            assert int.from_bytes(payload[1:5], "big") + 1 == len(payload)


def test_messages_in_any_frames(server):
    with as_admin(server) as w:
        query = m.query("select 'in pieces'")
        for i, byte in enumerate(query):
            last = i + 1 == len(query)
            w.socket.send_frame(0x2 if i == 0 else 0x0, bytes([byte]), final=last)
        w.expect("T D(in_pieces) C(SELECT_1) Z(I)")
        w.send(*[m.query(f"select {i}") for i in range(50)])
        for i in range(50):
            w.expect(f"T D({i}) C(SELECT_1) Z(I)")
        text = "x" * 1_000_000
        assert w.query(f"select '{text}'") == [(text,)]


def test_pings_are_answered(server):
    with as_admin(server) as w:
        w.socket.send_frame(PING, b"hello")
        assert w.socket.receive_frame() == (PONG, b"hello")
        w.send(m.query("select pg_sleep(0.05)"))
        w.socket.send_frame(PING, b"again")
        w.expect("T D() C(SELECT_1) Z(I)")
        # It may come before or after the result.
        while (PONG, b"again") not in w.socket.frames:
            w.socket.receive_frame()


def test_either_side_may_close(server):
    w = as_admin(server)
    w.socket.send_frame(CLOSE, b"\x03\xe8bye")
    assert w.socket.receive_frame() == (CLOSE, b"\x03\xe8")
    w = as_admin(server)
    w.send(m.frame(b"X", b""))
    assert w.socket.receive_frame()[0] == CLOSE


def test_a_text_frame_is_refused(server):
    w = as_admin(server)
    w.socket.send_frame(0x1, b"select 1")
    assert w.socket.receive_frame() == (CLOSE, b"\x03\xeb")
    with as_admin(server) as other:
        assert other.query("select 1") == [("1",)]


def test_the_name_says_which_cluster(server):
    name = "abcdefghijklmnopqrstuvwxyz.dsql.us-east-1.on.aws"
    w = open_websocket(server, name)
    w.sendall(m.startup(ME))
    assert b"access denied" in w.recv(1000)


def test_no_encryption_within(server):
    w = open_websocket(server)
    w.sendall(b"\0\0\0\x08\x04\xd2\x16\x2f")
    assert w.recv(10) == b"N"
    w.sendall(m.startup(ME))
    assert w.recv(1000)[:1] == b"R"
