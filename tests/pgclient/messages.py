"""What travels over the wire: message framing, field decoding, results."""

import struct


class ServerError(Exception):
    """An ErrorResponse. `fields` maps PostgreSQL's one-letter field codes to text."""

    def __init__(self, fields):
        self.fields = fields
        super().__init__(f"{self.sqlstate}: {self.message}")

    @property
    def sqlstate(self):
        return self.fields.get("C", "")

    @property
    def message(self):
        return self.fields.get("M", "")


class Timeout(Exception):
    """Nothing came within the time given; the statement is still running."""


class Result:
    """One statement's answer: columns as (name, type oid, typmod, format), rows of bytes or None,
    command tag."""

    def __init__(self):
        self.columns = None
        self.rows = []
        self.tag = None
        self.copied = []
        self.parameter_oids = None
        self.suspended = False

    @property
    def names(self):
        return [column[0] for column in self.columns or []]

    def text_rows(self):
        return [
            tuple(None if value is None else value.decode() for value in row) for row in self.rows
        ]


def frame(kind, payload=b""):
    return kind + struct.pack("!i", len(payload) + 4) + payload


def cstring(text):
    # Surrogates stand for bytes that are no UTF-8.
    return text.encode(errors="surrogateescape") + b"\0"


def error_fields(payload):
    return {
        part[:1].decode(): part[1:].decode("utf-8", "replace")
        for part in payload.split(b"\0")
        if part
    }


def row_description(payload):
    """[(name, type oid, typmod, format)] of a RowDescription."""
    (count,) = struct.unpack_from("!h", payload)
    columns = []
    at = 2
    for _ in range(count):
        end = payload.index(b"\0", at)
        _, _, oid, _, typmod, code = struct.unpack_from("!ihIhih", payload, end + 1)
        columns.append((payload[at:end].decode(), oid, typmod, code))
        at = end + 19
    return columns


def data_row(payload):
    (count,) = struct.unpack_from("!h", payload)
    values = []
    at = 2
    for _ in range(count):
        (size,) = struct.unpack_from("!i", payload, at)
        at += 4
        if size < 0:
            values.append(None)
            continue
        values.append(payload[at : at + size])
        at += size
    return tuple(values)


def parse(name, sql, parameter_oids=()):
    return frame(
        b"P",
        cstring(name)
        + cstring(sql)
        + struct.pack("!h", len(parameter_oids))
        + b"".join(struct.pack("!I", oid) for oid in parameter_oids),
    )


def bind(portal, statement, values=(), formats=(), result_formats=()):
    payload = cstring(portal) + cstring(statement)
    payload += struct.pack("!h", len(formats)) + b"".join(
        struct.pack("!h", code) for code in formats
    )
    payload += struct.pack("!h", len(values))
    for value in values:
        payload += struct.pack("!i", -1) if value is None else struct.pack("!i", len(value)) + value
    payload += struct.pack("!h", len(result_formats)) + b"".join(
        struct.pack("!h", code) for code in result_formats
    )
    return frame(b"B", payload)


def describe(kind, name):
    return frame(b"D", kind + cstring(name))


def execute(portal, limit=0):
    return frame(b"E", cstring(portal) + struct.pack("!i", limit))


def close(kind, name):
    return frame(b"C", kind + cstring(name))


SYNC = frame(b"S")
FLUSH = frame(b"H")
TERMINATE = frame(b"X")


def query(sql):
    return frame(b"Q", cstring(sql))


def startup(parameters, version=196608):
    payload = struct.pack("!i", version)
    payload += (
        b"".join(cstring(name) + cstring(value) for name, value in parameters.items()) + b"\0"
    )
    return struct.pack("!i", len(payload) + 4) + payload
