"""Start-up, simple queries, COPY, cancel, malformed messages."""

import socket
import struct
import threading

from pgclient import ServerError, connect
from pgclient import messages as m
from wire.raw import Raw


def test_startup_tells_parameters_and_a_key(server):
    with Raw(server, application_name="wire test") as w:
        assert w.parameters["server_version"].startswith("15."), w.parameters
        for name, value in (
            ("client_encoding", "UTF8"),
            ("server_encoding", "UTF8"),
            ("standard_conforming_strings", "on"),
            ("integer_datetimes", "on"),
            ("application_name", "wire test"),
            ("DateStyle", "ISO, MDY"),
            ("IntervalStyle", "postgres"),
            ("is_superuser", "on"),
            ("session_authorization", "postgres"),
        ):
            assert w.parameters.get(name) == value, (name, w.parameters.get(name))
        assert "TimeZone" in w.parameters
        assert len(w.key) == 8


def test_a_cluster_that_is_not_there(server):
    for options in ("-c amzn-cluster-id=abc", "--amzn-cluster-id=abc"):
        try:
            connect(server.connection_string, options=options).close()
            raise AssertionError("connected")
        except ServerError as error:
            assert error.sqlstate == "08006", error
            assert error.message == "unable to accept connection, access denied", error


def test_startup_options(server):
    with Raw(
        server, options="-c timezone=Asia/Tokyo -c extra_float_digits=0", DateStyle="German"
    ) as w:
        assert w.parameters["TimeZone"] == "Asia/Tokyo"
        assert w.query("show extra_float_digits") == [("0",)]
        assert w.query("select '2020-01-02'::date") == [("02.01.2020",)]
        assert w.query("select pg_backend_pid()") == [(str(struct.unpack("!i", w.key[:4])[0]),)]


def test_unknown_startup_parameter_and_database(server):
    with Raw(server, start=False) as w:
        w.send(m.startup({"user": "postgres", "database": "postgres", "nosuch_setting": "1"}))
        assert w.expect_closed()[-1] == "E(42704)"
    with Raw(server, start=False) as w:
        w.send(m.startup({"user": "postgres", "database": "nosuch_database"}))
        assert w.expect_closed()[-1] == "E(3D000)"
    with Raw(server, start=False) as w:
        w.send(m.startup({"database": "postgres"}))
        assert w.expect_closed()[-1] == "E(28000)"


def test_database_defaults_to_the_user(server):
    with Raw(server, start=False) as w:
        w.send(m.startup({"user": "postgres"}))
        assert w.until_ready()[-1] == "Z(I)"
        assert w.query("select current_database()") == [("postgres",)]


def test_newer_minor_protocol_is_negotiated(server):
    with Raw(server, start=False) as w:
        w.send(
            m.startup({"user": "postgres", "database": "postgres", "_pq_.nosuch": "x"}, 196608 + 2)
        )
        kind, payload = w.receive()
        assert kind == b"v", (kind, payload)
        assert struct.unpack_from("!ii", payload) == (196608, 1)
        assert w.until_ready()[-1] == "Z(I)"


def test_old_protocol_is_refused(server):
    with Raw(server, start=False) as w:
        w.send(m.startup({"user": "postgres"}, 131072))
        while w.socket.recv(1000):  # the error has that protocol's form
            pass


def test_ssl_and_gss_requests_are_answered_by_one_byte(server):
    for code, answers in ((80877104, b"NG"), (80877103, b"NS")):
        with socket.create_connection((server.host, server.port), timeout=10) as s:
            s.sendall(struct.pack("!ii", 8, code))
            assert s.recv(10) in [bytes([answer]) for answer in answers]


def test_simple_query(server):
    with Raw(server) as w:
        w.send(m.query("select 1 as a, null, ''"))
        w.expect("T D(1,NULL,) C(SELECT_1) Z(I)")


def test_several_statements(server):
    with Raw(server) as w:
        w.send(
            m.query(
                "select 1; create temp table x (a int); insert into x values (1), (2); "
                "select * from x"
            )
        )
        w.expect("T D(1) C(SELECT_1) C(CREATE_TABLE) C(INSERT_0_2) T D(1) D(2) C(SELECT_2) Z(I)")
        w.send(m.query("insert into x values (3); select 1/0; select 2"))
        w.expect("C(INSERT_0_1) E(22012) Z(I)")
        assert w.query("select count(*) from x") == [("2",)]


def test_syntax_error_anywhere_runs_nothing(server):
    with Raw(server) as w:
        w.send(m.query("create temp table never (a int); selec 1"))
        w.expect("E(42601) Z(I)")
        w.send(m.query("select * from never"))
        w.expect("E(42P01) Z(I)")


def test_transaction_status(server):
    with Raw(server) as w:
        w.send(m.query("begin"))
        w.expect("C(BEGIN) Z(T)")
        w.send(m.query("select nosuch"))
        w.expect("E(42703) Z(E)")
        w.send(m.query("select 1"))
        w.expect("E(25P02) Z(E)")
        w.send(m.query("commit"))
        w.expect("C(ROLLBACK) Z(I)")


def test_error_fields(server):
    with Raw(server) as w:
        w.send(m.query("select  nosuch"))
        kind, payload = w.message()
        fields = m.error_fields(payload)
        assert kind == b"E" and fields["S"] == fields["V"] == "ERROR" and fields["C"] == "42703"
        assert fields["P"] == "9" and fields["M"] == 'column "nosuch" does not exist', fields
        w.expect("Z(I)")


def test_parameter_status_on_change(server):
    with Raw(server) as w:
        w.query("set timezone = 'Europe/Paris'")
        assert w.parameters["TimeZone"] == "Europe/Paris"
        w.query("set application_name = 'new'")
        assert w.parameters["application_name"] == "new"
        w.query("begin")
        w.query("set datestyle = 'German'")
        assert w.parameters["DateStyle"] == "German, DMY"
        w.query("rollback")
        assert w.parameters["DateStyle"] == "ISO, MDY"


def test_notices_come_before_the_answer(server):
    with Raw(server) as w:
        w.send(m.query("drop table if exists nosuch"))
        w.expect("C(DROP_TABLE) Z(I)")
        assert w.notices[0]["S"] == "NOTICE" and w.notices[0]["C"] == "00000"


def test_a_statement_of_a_megabyte(server):
    with Raw(server) as w:
        assert w.query("select length('" + "x" * 1_000_000 + "')") == [("1000000",)]


def test_a_row_of_megabytes(server):
    with Raw(server) as w:
        (row,) = w.query("select repeat('y', 3000000), 1")
        assert len(row[0]) == 3_000_000 and row[1] == "1"


def test_bytes_may_come_one_by_one(server):
    with Raw(server) as w:
        for byte in m.query("select 42"):
            w.send(bytes([byte]))
        w.expect("T D(42) C Z(I)")


def test_copy_in(server):
    with Raw(server) as w:
        w.query("create temp table c (a int, b text)")
        w.send(m.query("copy c from stdin"))
        w.expect("G")
        w.send(m.frame(b"d", b"1\tx\n2"), m.frame(b"d", b"\ty\n"), m.frame(b"c"))
        w.expect("C(COPY_2) Z(I)")
        w.send(m.query("copy c to stdout"))
        w.expect("H d d c C(COPY_2) Z(I)")


def test_copy_in_response_names_columns_and_format(server):
    with Raw(server) as w:
        w.query("create temp table c (a int, b text, d int)")
        w.send(m.query("copy c (a, b) from stdin"))
        kind, payload = w.message()
        assert (kind, payload) == (b"G", b"\0\0\2\0\0\0\0"), payload
        w.send(m.frame(b"c"))
        w.expect("C(COPY_0) Z(I)")


def test_copy_fail(server):
    with Raw(server) as w:
        w.query("create temp table c (a int)")
        w.send(m.query("copy c from stdin"))
        w.expect("G")
        w.send(m.frame(b"d", b"1\n"), m.frame(b"f", m.cstring("changed my mind")))
        kind, payload = w.message()
        assert kind == b"E" and m.error_fields(payload)["C"] == "57014"
        assert "changed my mind" in m.error_fields(payload)["M"]
        w.expect("Z(I)")
        assert w.query("select count(*) from c") == [("0",)]


def test_copy_refuses_what_is_no_text(server):
    """With PostgreSQL's errors; the message, too, has to be a message after that."""
    invalid = 'invalid byte sequence for encoding "UTF8": '
    corrupt = "end-of-copy marker corrupt"
    missing = 'missing data for column "b"'
    line = "COPY c, line 2"
    cases = [
        (b"c\td\x80", "", "22021", invalid + "0x80", line),
        (b"c\0d", "", "22021", invalid + "0x00", line),
        (b"\\.\x80\0\xa1 ", "", "22021", invalid + "0x80", line),
        (b"c\\x00\td", "", "22021", invalid + "0x00", line + ': "c\\x00\td"'),
        (b"c\t\\303", "", "22021", invalid + "0xc3", line + ': "c\t\\303"'),
        (b"\\.x", "", "22P04", corrupt, line),
        (b"c\td\\.x", "", "22P04", corrupt, line),
        (b"x" * 99 + b"\xc3\xa9", "", "22P04", missing, line + f': "{"x" * 99}..."'),
        (b'c,"d\0"', "csv", "22021", invalid + "0x00", line),
        (b'c,"d', "csv", "22P04", "unterminated CSV quoted field", line + ': "c,"d\n"'),
    ]
    with Raw(server) as w:
        w.query("create temp table c (a text, b text)")
        for data, form, state, message, where in cases:
            first = b"a,b\n" if form else b"a\tb\n"
            w.send(m.query(f"copy c from stdin {form}"))
            w.expect("G")
            w.send(m.frame(b"d", first + data + b"\n"), m.frame(b"c"))
            kind, payload = w.message()
            assert kind == b"E", (data, kind)
            fields = m.error_fields(payload)
            got = (fields["C"], fields["M"], fields["W"])
            assert got == (state, message, where), (data, got)
            w.expect("Z(I)")
        assert w.query("select count(*) from c") == [("0",)]


def test_copy_error_while_data_still_comes(server):
    with Raw(server) as w:
        w.query("create temp table c (a int)")
        w.send(m.query("copy c from stdin"))
        w.expect("G")
        w.send(m.frame(b"d", b"bad\n"))
        w.send(*[m.frame(b"d", b"1\n") for _ in range(1000)], m.frame(b"c"))
        w.expect("E(22P02) Z(I)")
        assert w.query("select 1") == [("1",)]


def test_query_within_copy(server):
    with Raw(server) as w:
        w.query("create temp table c (a int)")
        w.send(m.query("copy c from stdin"))
        w.expect("G")
        w.send(m.query("select 1"))
        w.expect("E(08P01)")


def test_flush_and_sync_within_copy_are_ignored(server):
    with Raw(server) as w:
        w.query("create temp table c (a int)")
        w.send(m.query("copy c from stdin"))
        w.expect("G")
        w.send(m.FLUSH, m.SYNC, m.frame(b"d", b"1\n"), m.frame(b"c"))
        w.expect("C(COPY_1) Z(I)")


def test_stray_copy_messages_are_ignored(server):
    with Raw(server) as w:
        w.send(
            m.frame(b"d", b"x"), m.frame(b"c"), m.frame(b"f", m.cstring("x")), m.query("select 1")
        )
        w.expect("T D(1) C Z(I)")


def test_cancel(server):
    with Raw(server) as w:
        w.send(m.query("select pg_sleep(30)"))
        w.expect_silence(0.3)
        with socket.create_connection((server.host, server.port), timeout=10) as other:
            other.sendall(struct.pack("!ii", 16, 80877102) + w.key)
            assert other.recv(1) == b""
        assert w.until_ready()[-2:] == ["E(57014)", "Z(I)"]
        assert w.query("select 1") == [("1",)]


def test_cancel_with_a_wrong_key_does_nothing(server):
    with Raw(server) as w:
        w.send(m.query("select pg_sleep(0.6)"))
        with socket.create_connection((server.host, server.port), timeout=10) as other:
            other.sendall(struct.pack("!ii", 16, 80877102) + w.key[:4] + b"\1\2\3\4")
            assert other.recv(1) == b""
        w.expect("T D C(SELECT_1) Z(I)")


def test_cancel_of_a_lock_wait(server):
    with Raw(server) as a, Raw(server) as b:
        a.query("drop table if exists wire_lock")
        a.query("create table wire_lock (a int primary key)")
        a.query("insert into wire_lock values (1)")
        a.query("begin")
        a.query("update wire_lock set a = 1")
        b.send(m.query("update wire_lock set a = 1"))
        b.expect_silence(0.3)
        with socket.create_connection((server.host, server.port), timeout=10) as other:
            other.sendall(struct.pack("!ii", 16, 80877102) + b.key)
            other.recv(1)
        b.expect("E(57014) Z(I)")
        a.query("rollback")
        a.query("drop table wire_lock")


def test_statement_timeout(server):
    with Raw(server) as w:
        w.query("set statement_timeout = 100")
        w.send(m.query("select pg_sleep(30)"))
        assert w.until_ready()[-2:] == ["E(57014)", "Z(I)"]
        w.send(
            m.query(
                "with recursive n (i) as (select 1 union all select i from n) "
                "select count(*) from n"
            )
        )
        assert w.until_ready()[-2:] == ["E(57014)", "Z(I)"]
        w.query("set statement_timeout = 0")
        assert w.query("select 1") == [("1",)]


def test_idle_in_transaction_timeout(server):
    with Raw(server) as w:
        w.query("set idle_in_transaction_session_timeout = 100")
        w.query("begin")
        assert w.expect_closed() == ["E(25P03)"]


def test_a_lost_client_rolls_back(server):
    with Raw(server) as w:
        w.query("drop table if exists wire_lost")
        w.query("create table wire_lost (a int primary key)")
        lost = Raw(server)
        lost.query("begin")
        lost.query("insert into wire_lost values (1)")
        lost.close()
        w.query("insert into wire_lost values (1)")
        assert w.query("select count(*) from wire_lost") == [("1",)]
        w.query("drop table wire_lost")


def test_terminate(server):
    with Raw(server) as w:
        w.send(m.TERMINATE)
        assert w.expect_closed() == []


def malformed(server, data, state="08P01"):
    """The connection ends, with this error or none, and the server lives on."""
    with Raw(server) as w:
        w.send(data)
        words = w.expect_closed()
        assert words in ([f"E({state})"], []), words
    with Raw(server) as w:
        assert w.query("select 1") == [("1",)]


def test_unknown_message_type(server):
    malformed(server, m.frame(b"y", b"abc"))


def test_length_too_small(server):
    malformed(server, b"Q" + struct.pack("!i", 3))


def test_length_too_large(server):
    malformed(server, b"P" + struct.pack("!i", 0x7FFFFFFF))


def survives(server, *data):
    """A message whose inside is malformed: PostgreSQL reports it and lives on after Sync."""
    with Raw(server) as w:
        w.send(*data)
        words = w.until_ready()
        assert "E(08P01)" in words, words
    with Raw(server) as w:
        assert w.query("select 1") == [("1",)]


def test_query_without_its_terminator(server):
    survives(server, m.frame(b"Q", b"select 1"))


def test_parse_cut_short(server):
    survives(server, m.frame(b"P", b"s\0select 1\0\0"), m.SYNC)


def test_parse_with_a_negative_count(server):
    with Raw(server) as w:
        w.send(m.frame(b"P", b"\0select 1\0" + struct.pack("!h", -1)), m.SYNC)
        w.until_ready()
    with Raw(server) as w:
        assert w.query("select 1") == [("1",)]


def test_bind_cut_short(server):
    survives(
        server, m.parse("", "select $1::int"), m.frame(b"B", b"\0\0\0\0\0\1\0\0\0\5ab"), m.SYNC
    )


def test_bind_with_a_negative_length(server):
    with Raw(server) as w:
        w.send(
            m.parse("", "select $1::int"),
            m.frame(b"B", b"\0\0\0\0\0\1" + struct.pack("!i", -5)),
            m.SYNC,
        )
        assert any(word.startswith("E(") for word in w.until_ready())


def test_execute_cut_short(server):
    survives(server, m.frame(b"E", b"\0\0"), m.SYNC)


def test_describe_of_an_unknown_kind(server):
    survives(server, m.frame(b"D", b"Xname\0"), m.SYNC)


def test_close_of_an_unknown_kind(server):
    survives(server, m.frame(b"C", b"Xname\0"), m.SYNC)


def test_startup_packets_that_are_no_such(server):
    for data in (
        b"GET / HTTP/1.1\r\n\r\n",
        struct.pack("!i", 4),
        struct.pack("!ii", 8, 12345678),
        struct.pack("!ii", 100000, 196608),
        struct.pack("!ii", 12, 196608) + b"user",
        b"\0\0\0\0\0\0\0\0",
        struct.pack("!ii", 16, 80877102) + b"\0" * 8,
    ):
        with Raw(server, start=False) as w:
            w.send(data)
            w.socket.shutdown(socket.SHUT_WR)
            words = w.expect_closed()
            assert all(each.startswith("E(") for each in words), (data, words)
    with Raw(server) as w:
        assert w.query("select 1") == [("1",)]


def test_many_connections_at_once(server):
    errors = []

    def session(number):
        try:
            with Raw(server) as w:
                for i in range(20):
                    assert w.query(f"select {number} * {i}") == [(str(number * i),)]
        except Exception as error:  # noqa: BLE001  reported by the test
            errors.append(error)

    threads = [threading.Thread(target=session, args=(n,)) for n in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors, errors[:3]


def test_explain_shows_a_plan(server):
    with Raw(server) as w:
        w.query("create temp table planned (a int primary key, b int)")
        w.send(m.query("explain select b from planned where a = 1"))
        kind, payload = w.message()
        assert kind == b"T"
        assert [(c[0], c[1]) for c in m.row_description(payload)] == [("QUERY PLAN", 25)]
        assert any("planned" in row[0] for row in w.rows())
        analyzed = "\n".join(
            row[0] for row in w.query("explain analyze select count(*) from planned")
        )
        assert "rows=" in analyzed and "Execution Time" in analyzed, analyzed
        w.query("explain insert into planned values (1, 1)")
        assert w.query("select count(*) from planned") == [("0",)]
        w.query("explain analyze insert into planned values (1, 1)")
        assert w.query("select count(*) from planned") == [("1",)]


def test_long_statements_let_others_go_on(server):
    long = [Raw(server) for _ in range(4)]
    try:
        for w in long:
            w.send(
                m.query(
                    "select count(*) from generate_series(1, 99999) a, generate_series(1, 99999) b"
                )
            )
        for _ in range(8):
            with Raw(server) as w:
                assert w.query("select 1") == [("1",)]
        for w in long:
            w.expect_silence(0.01)
            with socket.create_connection((server.host, server.port), timeout=10) as other:
                other.sendall(struct.pack("!ii", 16, 80877102) + w.key)
                other.recv(1)
            assert w.until_ready()[-2:] == ["E(57014)", "Z(I)"]
    finally:
        for w in long:
            w.close()


def test_function_call_message_is_answered(server):
    with Raw(server) as w:
        w.send(m.frame(b"F", struct.pack("!Ihhh", 1397, 0, 0, 0)))
        assert w.until_ready()[-2:][0].startswith("E(")
    with Raw(server) as w:
        assert w.query("select 1") == [("1",)]


def test_a_role_asked_for_at_the_start_is_checked(server):
    def refused(**options):
        try:
            connect(server.connection_string, **options).close()
        except ServerError as error:
            return error.fields["S"], error.sqlstate, error.message
        raise AssertionError("let in")

    with connect(server.connection_string) as admin:
        admin.simple("create role wire_plain login")
        assert refused(role="nosuch") == ("FATAL", "22023", 'role "nosuch" does not exist')
        denied = ("FATAL", "42501", 'permission denied to set role "postgres"')
        assert refused(user="wire_plain", role="postgres") == denied
        with connect(server.connection_string, user="wire_plain", role="wire_plain") as plain:
            assert plain.value("select current_user") == "wire_plain"
        admin.simple("drop role wire_plain")
