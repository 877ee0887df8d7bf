"""COPY in binary format: its bytes both ways, and the errors for bytes that are none."""

import struct

from pgclient import messages as m
from wire.raw import Raw

SIGNATURE = b"PGCOPY\n\xff\r\n\0"
HEADER = SIGNATURE + bytes(8)
END = b"\xff\xff"
FAIL = m.frame(b"f", m.cstring("no"))
ONE_COLUMN = b"\1\0\1\0\1"
TWO_COLUMNS = b"\1\0\2\0\1\0\1"


def int2(value):
    return struct.pack("!h", value)


def int4(value):
    return struct.pack("!i", value)


def field(value):
    return int4(-1) if value is None else int4(len(value)) + value


def row(*values):
    return int2(len(values)) + b"".join(map(field, values))


def copied(w, sql):
    """The CopyOutResponse and the data messages of a COPY TO that succeeds."""
    w.send(m.query(sql))
    kind, response = w.message()
    assert kind == b"H", (sql, kind, response)
    data = []
    while True:
        kind, payload = w.message()
        if kind != b"d":
            break
        data.append(payload)
    assert kind == b"c", (sql, kind, payload)
    w.expect("C Z(I)")
    return response, data


def copy_in(w, sql, *data, end=m.frame(b"c"), columns=TWO_COLUMNS):
    """The answer to a COPY FROM: its tag, or its error as (SQLSTATE, message, detail, context)."""
    w.send(m.query(sql))
    kind, payload = w.message()
    assert (kind, payload) == (b"G", columns), (sql, kind, payload)
    w.send(*[m.frame(b"d", piece) for piece in data], end)
    kind, payload = w.message()
    w.expect("Z(I)")
    if kind == b"C":
        return payload[:-1].decode()
    fields = m.error_fields(payload)
    return tuple(fields.get(name, "") for name in "CMDW")


def test_copy_binary_out(server):
    with Raw(server) as w:
        w.query("create temp table c (a int, b text)")
        w.query("insert into c values (7, 'x'), (null, null), (8, '')")
        rows = [row(int4(7), b"x"), row(None, None), row(int4(8), b"")]
        expected = [HEADER + rows[0], *rows[1:], END]
        for sql in (
            "copy c to stdout (format binary)",
            "copy c to stdout with binary",
            "copy c to stdout binary",
            "copy binary c to stdout",
            "copy (select * from c) to stdout (format binary, header false)",
        ):
            assert copied(w, sql) == (TWO_COLUMNS, expected), sql
        expected = [HEADER + row(b"x"), row(None), row(b""), END]
        assert copied(w, "copy c (b) to stdout binary") == (ONE_COLUMN, expected)
        no_rows = "copy (select a from c where false) to stdout binary"
        assert copied(w, no_rows) == (ONE_COLUMN, [HEADER + END])
        no_columns = "copy (select) to stdout binary"
        assert copied(w, no_columns) == (b"\1\0\0", [HEADER + row(), END])


def test_copy_binary_out_of_many_rows(server):
    with Raw(server) as w:
        sql = "copy (select x::int from generate_series(1, 3000) x) to stdout binary"
        rows = [row(int4(x)) for x in range(1, 3001)]
        assert copied(w, sql)[1] == [HEADER + rows[0], *rows[1:], END]


def test_copy_binary_out_that_fails(server):
    with Raw(server) as w:
        w.send(m.query("copy (select 1 / (x - 3) from generate_series(1, 4) x) to stdout binary"))
        assert w.until_ready()[-2:] == ["E(22012)", "Z(I)"]
        w.send(m.query("copy (select '=r/postgres'::aclitem) to stdout binary"))
        w.expect("H E(42883) Z(I)")


def test_copy_binary_in(server):
    with Raw(server) as w:
        w.query("create temp table c (a int, b text)")
        data = HEADER + row(int4(1), b"x") + row(None, b"") + END
        sql = "copy c from stdin (format binary)"
        assert copy_in(w, sql, data) == "COPY 2"
        assert copy_in(w, sql, *[bytes([byte]) for byte in data]) == "COPY 2"
        assert copy_in(w, sql, data, b"") == "COPY 2"
        assert copy_in(w, sql, data[: -len(END)]) == "COPY 2"
        assert copy_in(w, sql, data[:-1]) == "COPY 2"
        assert copy_in(w, sql, HEADER) == "COPY 0"
        assert w.query("select a, b, count(*) from c group by a, b order by a") == [
            ("1", "x", "5"),
            (None, "", "5"),
        ]
        w.query("truncate c")
        assert copy_in(w, "copy c (b, a) from stdin binary", HEADER + row(b"y", int4(2)) + END)
        one = copy_in(w, "copy binary c (b) from stdin", HEADER + row(b"z"), columns=ONE_COLUMN)
        assert one == "COPY 1"
        assert w.query("select * from c order by a") == [("2", "y"), (None, "z")]


def test_copy_binary_of_no_columns(server):
    with Raw(server) as w:
        w.query("create temp table c ()")
        none = b"\1\0\0"
        data = HEADER + row() + row() + END
        assert copy_in(w, "copy c from stdin binary", data, columns=none) == "COPY 2"
        assert copied(w, "copy c to stdout binary") == (none, [HEADER + row(), row(), END])


def test_copy_binary_by_the_extended_protocol(server):
    with Raw(server) as w:
        w.query("create temp table c (a int)")
        w.send(m.parse("", "copy c from stdin binary"), m.bind("", ""), m.execute(""), m.FLUSH)
        w.expect("1 2 G")
        w.send(m.frame(b"d", HEADER + row(int4(5)) + END), m.frame(b"c"), m.SYNC)
        w.expect("C(COPY_1) Z(I)")
        w.send(m.parse("", "copy c to stdout binary"), m.bind("", ""), m.execute(""), m.SYNC)
        w.expect("1 2 H")
        assert w.message() == (b"d", HEADER + row(int4(5)))
        w.expect("d c C(COPY_1) Z(I)")


def test_copy_binary_in_passes_over_the_extension_and_uncritical_flags(server):
    with Raw(server) as w:
        w.query("create temp table c (a int, b text)")
        header = SIGNATURE + int4(0xFFFF) + int4(5)
        data = b"abcde" + row(int4(3), b"e") + END
        sql = "copy c from stdin binary"
        assert copy_in(w, sql, header + data) == "COPY 1"
        assert copy_in(w, sql, header + data[:2], data[2:3], data[3:]) == "COPY 1"
        assert w.query("select * from c") == [("3", "e")] * 2


def test_copy_binary_values_larger_than_messages_and_chunks(server):
    with Raw(server) as w:
        w.query("create temp table c (a int, b text)")
        lengths = [6_000_000, 0, 70_000, *[5_000] * 2000]
        data = HEADER + b"".join(row(int4(n), b"v" * n) for n in lengths) + END
        pieces = [data[at : at + 65_521] for at in range(0, len(data), 65_521)]
        assert copy_in(w, "copy c from stdin binary", *pieces) == f"COPY {len(lengths)}"
        wrong = "select count(*) from c where length(b) is distinct from a or b ~ '[^v]'"
        assert w.query(wrong) == [("0",)]


def test_copy_binary_refuses_a_malformed_header(server):
    no_signature = "COPY file signature not recognized"
    invalid = "invalid COPY file header "
    critical = "unrecognized critical flags in COPY file header"
    cases = [
        (b"", no_signature),
        (SIGNATURE[:10], no_signature),
        (b"PGCOPY\n\xff\r\r\0" + bytes(8), no_signature),
        (b"1\tx\n2\ty\n", no_signature),
        (SIGNATURE, invalid + "(missing flags)"),
        (SIGNATURE + bytes(3), invalid + "(missing flags)"),
        (SIGNATURE + int4(1 << 16) + bytes(4), invalid + "(WITH OIDS)"),
        (SIGNATURE + int4(3 << 16) + bytes(4), invalid + "(WITH OIDS)"),
        (SIGNATURE + int4(1 << 17) + bytes(4), critical),
        (SIGNATURE + int4(-(1 << 31)) + bytes(4), critical),
        (SIGNATURE + bytes(4), invalid + "(missing length)"),
        (SIGNATURE + bytes(6), invalid + "(missing length)"),
        (SIGNATURE + bytes(4) + int4(-1) + END, invalid + "(missing length)"),
        (SIGNATURE + bytes(4) + int4(5) + b"abcd", invalid + "(wrong length)"),
        (SIGNATURE + bytes(4) + int4(0x7FFFFFFF) + b"abcd", invalid + "(wrong length)"),
    ]
    with Raw(server) as w:
        w.query("create temp table c (a int, b text)")
        for data, message in cases:
            got = copy_in(w, "copy c from stdin binary", data)
            assert got == ("22P04", message, "", ""), (data, got)


def test_copy_binary_refuses_malformed_rows(server):
    count = "row field count is {}, expected 2"
    end = "unexpected EOF in COPY data"
    short = "insufficient data left in message"
    enlarge = "Cannot enlarge string buffer containing 0 bytes by {} more bytes."
    first, in_a, in_b = "COPY c, line 1", "COPY c, line 1, column a", "COPY c, line 1, column b"
    good = row(int4(1), b"x")
    cases = [
        (row(int4(1)), "22P04", count.format(1), first),
        (row(int4(1), b"2", b"3"), "22P04", count.format(3), first),
        (row(), "22P04", count.format(0), first),
        (int2(-2), "22P04", count.format(-2), first),
        (good + row(int4(1)), "22P04", count.format(1), "COPY c, line 2"),
        (int2(2), "22P04", end, in_a),
        (int2(2) + b"\0\0", "22P04", end, in_a),
        (int2(2) + int4(4) + b"\0\0", "22P04", end, in_a),
        (int2(2) + field(int4(1)), "22P04", end, in_b),
        (good + good[:-1], "22P04", end, "COPY c, line 2, column b"),
        (int2(2) + int4(0x3FFFFFFE) + b"xx", "22P04", end, in_a),
        (int2(2) + int4(-2), "22P04", "invalid field size", in_a),
        (int2(2) + int4(-(1 << 31)), "22P04", "invalid field size", in_a),
        (int2(2) + int4(0x3FFFFFFF), "54000", "out of memory", in_a),
        (int2(2) + int4(0x7FFFFFFF), "54000", "out of memory", in_a),
        (row(bytes(8), b"x"), "22P03", "incorrect binary data format", in_a),
        (row(bytes(2), b"x"), "08P01", short, in_a),
        (row(b"", b"x"), "08P01", short, in_a),
        (row(int4(1), b"\xff"), "22021", 'invalid byte sequence for encoding "UTF8": 0xff', in_b),
        (row(int4(1), b"a\0"), "22021", 'invalid byte sequence for encoding "UTF8": 0x00', in_b),
        (good + END + b"x", "22P04", "received copy data after EOF marker", "COPY c, line 2"),
        (END + HEADER, "22P04", "received copy data after EOF marker", first),
    ]
    with Raw(server) as w:
        w.query("create temp table c (a int, b text)")
        for data, state, message, context in cases:
            detail = enlarge.format(int.from_bytes(data[2:6])) if state == "54000" else ""
            got = copy_in(w, "copy c from stdin binary", HEADER + data)
            assert got == (state, message, detail, context), (data, got)
        assert w.query("select count(*) from c") == [("0",)]


def test_copy_that_the_client_ends_says_where(server):
    good = row(int4(1), b"x")
    cases = [
        (b"", ""),
        (HEADER[:5], ""),
        (HEADER, "COPY c, line 1"),
        (HEADER + int2(2) + int4(4), "COPY c, line 1, column a"),
        (HEADER + int2(2) + field(int4(1)), "COPY c, line 1, column b"),
        (HEADER + good, "COPY c, line 2"),
        (HEADER + good + END, "COPY c, line 2"),
    ]
    failed = "COPY from stdin failed: no"
    with Raw(server) as w:
        w.query("create temp table c (a int, b text)")
        for data, context in cases:
            got = copy_in(w, "copy c from stdin binary", data, end=FAIL)
            assert got == ("57014", failed, "", context), (data, got)
        text = {"columns": b"\0\0\2\0\0\0\0", "end": FAIL}
        got = copy_in(w, "copy c from stdin", b"1\tx\n", **text)
        assert got == ("57014", failed, "", "COPY c, line 2"), got
        assert w.query("select count(*) from c") == [("0",)]


def test_copy_binary_keeps_to_the_columns_types(server):
    one = struct.pack("!5h", 1, 0, 0, 0, 1)
    thousand = struct.pack("!5h", 1, 1, 0, 0, 1)
    rounded = struct.pack("!6h", 2, 0, 0, 4, 1, 2600)
    cases = [
        (row(b"abcd", one), "22001", "value too long for type character varying(3)", "b"),
        (row(b"a", thousand), "22003", "numeric field overflow", "n"),
        (row(b"a", thousand[:-2]), "08P01", "insufficient data left in message", "n"),
    ]
    with Raw(server) as w:
        w.query("create temp table k (b varchar(3), n numeric(4, 1))")
        for data, state, message, column in cases:
            state_message_where = (state, message, f"COPY k, line 1, column {column}")
            got = copy_in(w, "copy k from stdin binary", HEADER + data)
            assert (got[0], got[1], got[3]) == state_message_where, got
        good = HEADER + row(b"abc  ", rounded) + row(b"", one) + END
        assert copy_in(w, "copy k from stdin binary", good) == "COPY 2"
        assert w.query("select b, n from k order by n") == [("", "1.0"), ("abc", "1.3")]


def test_copy_checks_domains(server):
    with Raw(server) as w:
        w.query("create domain copied_d as int not null check (value > 0)")
        w.query("create temp table c (a copied_d, b int)")
        null, low = HEADER + row(None, int4(1)), HEADER + row(int4(0), None)
        for sql, null, low, response in (
            ("copy c from stdin binary", null, low, TWO_COLUMNS),
            ("copy c from stdin", b"\\N\t1\n", b"0\t1\n", b"\0\0\2\0\0\0\0"),
        ):
            got = copy_in(w, sql, null, columns=response)
            assert got[:2] == ("23502", "domain copied_d does not allow null values"), got
            got = copy_in(w, sql, low, columns=response)
            violated = 'value for domain copied_d violates check constraint "copied_d_check"'
            assert got[:2] == ("23514", violated), got
        good = HEADER + row(int4(1), int4(2))
        assert copy_in(w, "copy c from stdin binary", good) == "COPY 1"
        assert w.query("select * from c") == [("1", "2")]
        w.query("drop table c")
        w.query("drop domain copied_d")


VALUES = [
    ("bool", "true"),
    ("int2", "-2"),
    ("int8", "9007199254740993"),
    ("float4", "1.5"),
    ("float8", "'-Infinity'"),
    ("numeric", "-12345.678900"),
    ("numeric(10, 2)", "'NaN'"),
    ("text", "'\u00e4\n'"),
    ("varchar(5)", "'abc'"),
    ("char(5)", "'abc'"),
    ("name", "'a name'"),
    ('"char"', "'c'"),
    ("bytea", "'\\x00ff'"),
    ("date", "'2020-02-29'"),
    ("time", "'23:59:59.999999'"),
    ("timetz", "'01:02:03+05:30'"),
    ("timestamp", "'infinity'"),
    ("timestamptz", "'1999-12-31 23:59:59.5+00'"),
    ("interval", "'1 mon -2 days 00:00:03.5'"),
    ("uuid", "'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'"),
    ("json", "'{\"a\" : 1}'"),
    ("jsonb", "'{\"a\": [1, null]}'"),
    ("bit(3)", "'101'"),
    ("varbit", "'10101'"),
    ("oid", "4294967295"),
    ("money", "'-12.34'"),
    ("int4[]", "'[0:1]={1,NULL}'"),
    ("text[]", "'{{a,b},{c,\"d,\"}}'"),
    ("int4range", "'[1,5)'"),
    ("tsmultirange", "'{[2020-01-01,2020-01-02),[2021-01-01,)}'"),
    ("regtype", "'integer'"),
]


def test_copy_binary_takes_back_what_it_gave(server):
    """And gives what the extended protocol gives."""
    with Raw(server) as w:
        for declared, value in VALUES:
            w.query(f"create temp table c (v {declared})")
            w.query(f"insert into c values ({value}), (null)")
            _, data = copied(w, "copy c to stdout binary")
            w.send(
                m.parse("", "select v from c where v is not null"),
                m.bind("", "", result_formats=[1]),
                m.execute(""),
                m.SYNC,
            )
            w.expect("1 2")
            kind, payload = w.message()
            assert kind == b"D", (declared, kind, payload)
            assert data[0] == HEADER + row(*m.data_row(payload)), declared
            assert data[1:] == [row(None), END], declared
            w.expect("C Z(I)")
            w.query("create temp table copy_of_c (like c)")
            tag = copy_in(w, "copy copy_of_c from stdin binary", *data, columns=ONE_COLUMN)
            assert tag == "COPY 2", (declared, tag)
            before = w.query("select v::text from c order by 1")
            assert w.query("select v::text from copy_of_c order by 1") == before, declared
            w.query("drop table c, copy_of_c")
