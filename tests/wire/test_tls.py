"""TLS as every server offers it: both ways to begin, ALPN, names, and clients that do not mean it.

PostgreSQL 15 neither knows direct TLS nor ALPN, so these are for Sundog alone.
"""

import concurrent.futures
import contextlib
import socket
import ssl
import struct

from pgclient import connect
from pgclient import messages as m
from wire.raw import WAIT_S, Raw

ONLY_ON = "sundog"

SSL_REQUEST = struct.pack("!ii", 8, 80877103)
CANCEL_CODE = 80877102
ME = {"user": "postgres", "database": "postgres"}
VERSIONS = (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3)
CLUSTER = "abcdefghijklmnopqrstuvwxyz.dsql.us-east-1.on.aws"
NAMES = ("localhost", "127.0.0.1", "::1")


def authority(server):
    return server.folder / "data" / "tls" / "ca.pem"


def trusting(server, version=None, alpn=("postgresql",)):
    """A client's context that verifies the server, and its name."""
    context = ssl.create_default_context(cafile=str(authority(server)))
    context.verify_flags |= ssl.VERIFY_X509_STRICT
    if version is not None:
        context.minimum_version = context.maximum_version = version
    if alpn:
        context.set_alpn_protocols(list(alpn))
    return context


def dial(server, direct):
    """A socket on which the server awaits a ClientHello."""
    plain = socket.create_connection((server.host, server.port), timeout=WAIT_S)
    if not direct:
        plain.sendall(SSL_REQUEST)
        answer = plain.recv(10)
        assert answer == b"S", answer
    return plain


def open_tls(server, direct=False, name="localhost", context=None):
    return (context or trusting(server)).wrap_socket(dial(server, direct), server_hostname=name)


def refusal(server, **options):
    """What ssl says of a connection that must not come about, or goes no further."""
    try:
        with open_tls(server, **options) as opened:
            opened.sendall(m.startup(ME))
            received = opened.recv(100)
            assert received == b"", received
    except (ssl.SSLError, ConnectionError) as error:
        return str(error)
    return "closed"


def client_hello(server):
    """The first bytes of a client, never sent."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = trusting(server).wrap_bio(incoming, outgoing, server_hostname="localhost")
    with contextlib.suppress(ssl.SSLWantReadError):
        client.do_handshake()
    return outgoing.read()


def answer_to_nonsense(opened, data):
    """What comes back until the server closes."""
    received = b""
    with opened, contextlib.suppress(OSError):
        opened.sendall(data)
        while piece := opened.recv(1000):
            received += piece
    return received


def assert_serves(server):
    with connect(server.connection_string) as session:
        assert session.value("select 1") == "1"


def test_both_versions_both_ways_verified(server):
    for version in VERSIONS:
        for direct in (False, True):
            for name in NAMES:
                context = trusting(server, version)
                with Raw(server, open_tls(server, direct, name, context)) as w:
                    assert w.socket.version().replace(".", "_") == version.name
                    assert w.socket.selected_alpn_protocol() == "postgresql"
                    assert w.query("select ssl from pg_stat_ssl where pid = pg_backend_pid()") == [
                        ("t",)
                    ]


def test_a_clusters_name_is_verified_and_then_looked_up(server):
    for direct in (False, True):
        with open_tls(server, direct, CLUSTER) as opened:
            opened.sendall(m.startup(ME))
            assert b"access denied" in opened.recv(1000)


def test_a_client_refuses_a_name_that_is_not_the_servers(server):
    for name in ("db.example", "abc.dsql.eu-west-1.on.aws", "a.b.dsql.us-east-1.on.aws", "::2"):
        said = refusal(server, name=name)
        assert "mismatch" in said or "not valid for" in said, (name, said)
    assert_serves(server)


def test_a_client_refuses_an_authority_it_does_not_know(server):
    said = refusal(server, context=ssl.create_default_context())
    assert "CERTIFICATE_VERIFY_FAILED" in said, said
    assert_serves(server)


def test_alpn_is_answered_where_it_is_offered(server):
    for direct in (False, True):
        context = trusting(server, alpn=("h2", "postgresql"))
        with Raw(server, open_tls(server, direct, context=context)) as w:
            assert w.socket.selected_alpn_protocol() == "postgresql"
            assert w.query("select 1") == [("1",)]
    with Raw(server, open_tls(server, context=trusting(server, alpn=()))) as w:
        assert w.socket.selected_alpn_protocol() is None
        assert w.query("select 1") == [("1",)]


def test_other_protocols_are_refused(server):
    for direct in (False, True):
        for version in VERSIONS:
            context = trusting(server, version, alpn=("http/1.1", "postgresql2"))
            said = refusal(server, direct=direct, context=context)
            assert "no application protocol" in said.replace("_", " ").lower(), said


def test_direct_tls_without_alpn_is_refused(server):
    for version in VERSIONS:
        said = refusal(server, direct=True, context=trusting(server, version, alpn=()))
        assert said == "closed" or "EOF" in said or "reset" in said, said
    assert_serves(server)


def test_old_versions_are_refused(server):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.options |= ssl.OP_NO_TLSv1_2 | ssl.OP_NO_TLSv1_3
    context.options &= ~(ssl.OP_NO_TLSv1 | ssl.OP_NO_TLSv1_1)
    context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    said = refusal(server, context=context)
    assert "protocol version" in said.replace("_", " ").lower(), said


def test_no_static_keys(server):
    context = trusting(server, ssl.TLSVersion.TLSv1_2)
    context.set_ciphers("AES128-SHA:AES256-GCM-SHA384:ECDHE-ECDSA-AES128-SHA")
    said = refusal(server, context=context)
    assert "handshake failure" in said.replace("_", " ").lower(), said


def test_plain_connections_stay_possible(server):
    with Raw(server) as w:
        assert w.query("select ssl from pg_stat_ssl where pid = pg_backend_pid()") == [("f",)]
        assert w.query("show ssl") == [("on",)]


def test_much_data_both_ways(server):
    for version in VERSIONS:
        with Raw(server, open_tls(server, True, context=trusting(server, version))) as w:
            for size in (1, 16_383, 16_384, 16_385, 3_000_000):
                text = "x" * size
                assert w.query(f"select '{text}'") == [(text,)]
            rows = w.query("select x from generate_series(1, 20000) x")
            assert rows[-1] == ("20000",) and len(rows) == 20000


def test_many_messages_in_one_record_and_one_message_in_many(server):
    with Raw(server, open_tls(server)) as w:
        w.send(*[m.query(f"select {i}") for i in range(200)])
        for i in range(200):
            w.expect(f"T D({i}) C(SELECT_1) Z(I)")
        for byte in m.query("select 'slowly'"):
            w.send(bytes([byte]))
        w.expect("T D(slowly) C(SELECT_1) Z(I)")


def test_tls_is_not_offered_within_tls(server):
    with open_tls(server) as opened:
        opened.sendall(SSL_REQUEST)
        assert opened.recv(10) == b"N"
        with Raw(server, opened) as w:
            assert w.query("select 1") == [("1",)]


def test_plain_text_within_tls_ends_the_connection(server):
    for direct in (False, True):
        opened = open_tls(server, direct)
        raw = socket.socket(fileno=opened.detach())
        raw.settimeout(WAIT_S)
        received = answer_to_nonsense(raw, m.startup(ME))
        assert b"R\0\0\0" not in received, received
    assert_serves(server)


def test_plain_text_in_place_of_a_handshake_ends_the_connection(server):
    for data in (m.startup(ME), b"\x80" + m.startup(ME), b"GET / HTTP/1.1\r\n\r\n", b"\0" * 20_000):
        received = answer_to_nonsense(dial(server, False), data)
        # An alert at most.
        assert received == b"" or received[0] == 0x15, received
    assert_serves(server)


def test_a_handshake_of_nonsense_ends_the_connection(server):
    hello = client_hello(server)
    for data in (
        b"\x16" * 8,
        b"\x16\x03\x01garbage" * 10,
        b"\x16\x03\x01\xff\xff" + b"x" * 70_000,
        hello[:5] + bytes(len(hello) - 5),
        hello[:50] + bytes(20) + hello[70:],
        hello + b"\x17\x03\x03\0\x10" + b"x" * 16,
        hello + hello,
    ):
        for direct in (False, True):
            opened = dial(server, direct)
            opened.sendall(data)
            with contextlib.suppress(OSError):
                opened.shutdown(socket.SHUT_WR)
            received = answer_to_nonsense(opened, b"")
            assert received == b"" or received[0] in (0x15, 0x16), received
    assert_serves(server)


def test_half_a_handshake_keeps_nobody_waiting(server):
    hello = client_hello(server)
    with contextlib.ExitStack() as stack:
        for direct in (False, True):
            for size in (1, 5, 7, 8, len(hello) // 2, len(hello) - 1, len(hello)):
                opened = stack.enter_context(dial(server, direct))
                opened.sendall(hello[:size])
        for direct in (False, True):
            with Raw(server, open_tls(server, direct)) as w:
                assert w.query("select 1") == [("1",)]
        assert_serves(server)


def test_a_handshake_may_come_in_pieces(server):
    for direct in (False, True):
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        client = trusting(server).wrap_bio(incoming, outgoing, server_hostname="localhost")
        with dial(server, direct) as plain:
            plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            while True:
                try:
                    client.do_handshake()
                    break
                except ssl.SSLWantReadError:
                    for byte in outgoing.read():
                        plain.sendall(bytes([byte]))
                    incoming.write(plain.recv(65536))
            client.write(m.startup(ME))
            for byte in outgoing.read():
                plain.sendall(bytes([byte]))
            while not outgoing.pending:
                try:
                    assert client.read(1) == b"R"
                    break
                except ssl.SSLWantReadError:
                    incoming.write(plain.recv(65536))


def test_many_handshakes_at_once(server):
    def one(i):
        context = trusting(server, VERSIONS[i % 2])
        with Raw(server, open_tls(server, i % 4 < 2, NAMES[i % 3], context)) as w:
            return w.query(f"select {i}") == [(str(i),)]

    with concurrent.futures.ThreadPoolExecutor(32) as pool:
        assert all(pool.map(one, range(300)))


def test_a_request_to_cancel_may_come_through_tls(server):
    for direct in (False, True):
        with Raw(server, open_tls(server)) as w:
            w.send(m.query("select pg_sleep(60)"))
            # Cancelled too early, the statement has not begun: so as often as it takes.
            w.socket.settimeout(0.2)
            while True:
                with open_tls(server, direct) as opened:
                    opened.sendall(struct.pack("!ii", 16, CANCEL_CODE) + w.key)
                    assert opened.recv(1) == b""
                try:
                    words = w.until_ready()
                    break
                except TimeoutError:
                    continue
            assert "E(57014)" in words, words


def test_an_end_without_goodbye_hurts_nobody(server):
    for _ in range(20):
        opened = open_tls(server)
        opened.sendall(m.startup(ME))
        linger = struct.pack("ii", 1, 0)
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        opened.close()
    assert_serves(server)
