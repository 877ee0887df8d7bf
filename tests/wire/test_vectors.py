"""The binary formats of extension vector, as pgvector's client packages write and read them."""

import struct

from pgclient import messages as m
from wire.raw import Raw

ONLY_ON = "sundog"

VECTOR = struct.pack("!hh3f", 3, 0, 1.5, -2.0, 3.0)
HALFVEC = struct.pack("!hh3e", 3, 0, 1.5, -2.0, 3.0)
SPARSEVEC = struct.pack("!iii2i2f", 5, 2, 0, 1, 4, 1.5, -2.0)


def types(w):
    w.query("create extension if not exists vector")
    rows = w.query("select typname, oid, typarray from pg_type where typname like '%vec%'")
    found = {name: (int(oid), int(array)) for name, oid, array in rows}
    return [found[name] for name in ("vector", "halfvec", "sparsevec")]


def binary_row(w, sql, oids, values):
    w.send(m.parse("", sql, oids), m.bind("", "", values, [1], [1]), m.execute(""), m.SYNC)
    w.expect("1 2")
    kind, payload = w.message()
    assert kind == b"D", (kind, payload)
    w.expect("C Z(I)")
    return m.data_row(payload)


def test_vectors_in_and_out(server):
    with Raw(server) as w:
        oids = [oid for oid, _ in types(w)]
        row = binary_row(
            w,
            "select $1, $2, $3, $1::text, $2::text, $3::text",
            oids,
            [VECTOR, HALFVEC, SPARSEVEC],
        )
        assert row[:3] == (VECTOR, HALFVEC, SPARSEVEC), row
        assert row[3:] == (b"[1.5,-2,3]", b"[1.5,-2,3]", b"{2:1.5,5:-2}/5"), row


def test_vectors_of_unknown_type_take_the_column(server):
    with Raw(server) as w:
        types(w)
        w.query("create temp table v (a vector(3), b halfvec(3), c sparsevec(5))")
        w.send(m.parse("s", "insert into v values ($1, $2, $3)"), m.describe(b"S", "s"), m.SYNC)
        w.expect("1")
        told = struct.unpack("!h3I", w.message()[1])[1:]
        w.expect("n Z(I)")
        assert told == tuple(oid for oid, _ in types(w)), told
        w.send(
            m.bind("", "s", [VECTOR, HALFVEC, SPARSEVEC], [1]),
            m.execute(""),
            m.bind("", "s", [struct.pack("!hhf", 1, 0, 1.0), HALFVEC, SPARSEVEC], [1]),
            m.execute(""),
            m.SYNC,
        )
        w.expect("2 C(INSERT_0_1) 2 E(22000) Z(I)")


def test_array_of_vectors(server):
    with Raw(server) as w:
        (vector, array), _, _ = types(w)
        # Dimensions, nulls, element type; length and lower bound; the elements with their sizes.
        value = struct.pack("!iiIii", 1, 0, vector, 2, 1)
        value += (struct.pack("!i", len(VECTOR)) + VECTOR) * 2
        assert binary_row(w, "select $1, $1[2]", [array], [value]) == (value, VECTOR)


def test_damaged_vectors(server):
    with Raw(server) as w:
        (vector, _), (halfvec, _), (sparsevec, _) = types(w)
        for oid, value, error in (
            (vector, b"", "08P01"),
            (vector, struct.pack("!hh", 0, 0), "22000"),
            (vector, struct.pack("!hhf", 1, 1, 1.0), "22000"),
            (vector, struct.pack("!hhf", 2, 0, 1.0), "08P01"),
            (vector, struct.pack("!hhf", 1, 0, float("nan")), "22000"),
            (vector, struct.pack("!hhff", 1, 0, 1.0, 1.0), "22P03"),
            (halfvec, struct.pack("!hhe", 1, 0, float("inf")), "22000"),
            (sparsevec, struct.pack("!iiiif", 5, 1, 0, 5, 1.0), "22000"),
            (sparsevec, struct.pack("!iii2i2f", 5, 2, 0, 3, 1, 1.0, 1.0), "22000"),
            (sparsevec, struct.pack("!iiiif", 5, 1, 0, 1, 0.0), "22000"),
            (sparsevec, struct.pack("!iii", 5, 6, 0), "54000"),
        ):
            w.send(m.parse("", "select $1", [oid]), m.bind("", "", [value], [1]), m.SYNC)
            w.expect(f"1 E({error}) Z(I)")


def test_vectors_copied_in_binary(server):
    header = b"PGCOPY\n\xff\r\n\0" + bytes(8)
    with Raw(server) as w:
        types(w)
        w.query("create temp table c (a vector(3), b halfvec(3), c sparsevec(5))")
        values = (VECTOR, HALFVEC, SPARSEVEC)
        row = b"\0\3" + b"".join(struct.pack("!i", len(value)) + value for value in values)
        w.send(m.query("copy c from stdin (format binary)"))
        w.expect("G")
        w.send(m.frame(b"d", header + row + b"\0\3" + b"\xff" * 12 + b"\xff\xff"), m.frame(b"c"))
        w.expect("C(COPY_2) Z(I)")
        w.send(m.query("copy c to stdout (format binary)"))
        w.expect("H")
        assert w.message() == (b"d", header + row)
        w.expect("d d c C(COPY_2) Z(I)")


def test_copied_vectors_are_checked(server):
    header = b"PGCOPY\n\xff\r\n\0" + bytes(8)
    where = "COPY c, line 1, column a"
    nan = struct.pack("!hh3f", 3, 0, 1, float("nan"), 1)
    cases = [
        (struct.pack("!hh2f", 2, 0, 1, 2), "22000", "expected 3 dimensions, not 2"),
        (nan, "22000", "NaN not allowed in vector"),
        (VECTOR[:-1], "08P01", "insufficient data left in message"),
        (VECTOR + b"\0", "22P03", "incorrect binary data format"),
        (struct.pack("!hh3f", 3, 1, 1, 2, 3), "22000", "expected unused to be 0, not 1"),
    ]
    with Raw(server) as w:
        types(w)
        w.query("create temp table c (a vector(3))")
        for value, state, message in cases:
            w.send(m.query("copy c from stdin (format binary)"))
            w.expect("G")
            row = b"\0\1" + struct.pack("!i", len(value)) + value
            w.send(m.frame(b"d", header + row), m.frame(b"c"))
            kind, payload = w.message()
            fields = m.error_fields(payload)
            got = (kind, fields["C"], fields["M"], fields["W"])
            assert got == (b"E", state, message, where), (value, got)
            w.expect("Z(I)")
