#!/usr/bin/env python3
"""Mutated protocol messages: a malformed one ends its connection, or its command, and nothing else.

    wire.py [--seconds N] [--seed N]

Each round opens a connection, sends some valid messages of which one or two are changed (bytes,
lengths, counts, kinds; cut short, left out, doubled), and reads what comes until the server has
said ReadyForQuery to a last Sync or has closed. Answers must be well-formed messages, none an
internal error (XX000), and the server must take a new connection afterwards. The same is done to
the first bytes of a connection: a startup packet, or a TLS handshake.
"""

import argparse
import contextlib
import pathlib
import socket
import ssl
import struct
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

import results  # noqa: E402
from fuzz import seeded  # noqa: E402
from fuzz.mutate import ALSO_POSTGRES  # noqa: E402
from pgclient import messages  # noqa: E402
from pgclient.connection import connect  # noqa: E402
from servers.sundog import Sundog  # noqa: E402

ANSWERS = b"RSKZTDCEN123nstGHWAcdIVv"
TLS_ALERT, TLS_HANDSHAKE = 0x15, 0x16
QUIET_S = 0.5
COPY_IN = "copy w from stdin"
COPY_BINARY = "copy w from stdin (format binary)"
COPY_HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)


def int4(value):
    return struct.pack("!i", value)


def scripts():
    """Lists of valid messages."""
    insert = "insert into w values ($1, $2) returning *"
    yield [messages.query("select 1; select 'x', null"), messages.query("")]
    for formats, values in (((), (b"1", b"x")), ((1,), (int4(7), b"y")), ((1, 0), (int4(8), None))):
        yield [
            messages.parse("s", insert, (23, 25)),
            messages.describe(b"S", "s"),
            messages.bind("p", "s", values, formats, (1,)),
            messages.describe(b"P", "p"),
            messages.execute("p", 1),
            messages.close(b"P", "p"),
            messages.SYNC,
        ]
    types = (1700, 1082, 2950, 1007, 3802, 1186, 1560, 2249)
    for oid in types:
        yield [
            messages.parse("", "select $1", (oid,)),
            messages.bind("", "", [struct.pack("!4h", 2, 1, 0, 1)], (1,), (1,)),
            messages.execute(""),
            messages.SYNC,
        ]
    row = struct.pack("!hi", 2, 4) + int4(5) + int4(1) + b"z"
    for copy, data in (
        (COPY_IN, b"1\ta\n2\t\\N\n\\.\n"),
        (COPY_BINARY, COPY_HEADER + row + b"\xff\xff"),
    ):
        yield [
            messages.query(copy),
            messages.frame(b"d", data),
            messages.frame(b"c"),
            messages.query("copy w to stdout"),
            messages.query("copy w to stdout (format binary)"),
        ]
    yield [messages.query(COPY_IN), messages.frame(b"f", messages.cstring("no"))]
    yield [messages.frame(b"F", struct.pack("!Ihhhh", 1598, 0, 0, 0, 1)), messages.SYNC]


def mutate_message(rng, message):
    if len(message) < 5:
        return message  # cut short already
    data = bytearray(message)
    kind = rng.choice(["byte", "byte", "length", "count", "cut", "extend", "kind", "zero"])
    if kind == "byte":
        data[rng.randrange(len(data))] = rng.randrange(256)
    elif kind == "length":
        lengths = [0, 3, 4, 5, len(data), len(data) + 7, 1 << 20, 0x7FFFFFFF, -1, -(1 << 31)]
        data[1:5] = int4(rng.choice(lengths))
    elif kind == "count" and len(data) > 7:
        at = rng.randrange(5, len(data) - 1)
        data[at : at + 2] = struct.pack("!h", rng.choice([-1, -32768, 32767, 2, 256]))
    elif kind == "cut":
        del data[rng.randrange(len(data)) :]
        if rng.random() < 0.7 and len(data) >= 5:
            data[1:5] = int4(len(data) - 1)
    elif kind == "extend":
        data += rng.randbytes(rng.randrange(1, 9))
        data[1:5] = int4(len(data) - 1)
    elif kind == "kind":
        data[0] = rng.choice(b"QPBEDCSHXFdcfp\0\xff")
    elif kind == "zero":
        at = rng.randrange(5, len(data) + 1)
        data[at:at] = b"\0"
        data[1:5] = int4(len(data) - 1)
    return bytes(data)


def mutate(rng, script):
    script = list(script)
    for _ in range(rng.choice([1, 1, 2])):
        i = rng.randrange(len(script))
        kind = rng.random()
        if kind < 0.8:
            script[i] = mutate_message(rng, script[i])
        elif kind < 0.9:
            script.insert(i, rng.choice(script))
        elif len(script) > 1:
            del script[i]
    return script


def client_hello():
    """What a TLS client sends first."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.set_alpn_protocols(["postgresql"])
    sent = ssl.MemoryBIO()
    client = context.wrap_bio(ssl.MemoryBIO(), sent, server_hostname="localhost")
    with contextlib.suppress(ssl.SSLWantReadError):
        client.do_handshake()
    return sent.read()


def first_bytes(rng):
    parameters = {"user": "postgres", "database": "postgres", "options": "-c work_mem=1MB"}
    data = bytearray(messages.startup(parameters) if rng.random() < 0.5 else client_hello())
    for _ in range(rng.choice([1, 2])):
        at = rng.randrange(len(data))
        data[at] = rng.choice([0, 1, 255, rng.randrange(256)])
    return bytes(data)


def read_answers(connection):
    """All bytes until the server closes or is quiet."""
    data = bytearray()
    connection.settimeout(QUIET_S)
    try:
        while True:
            piece = connection.recv(65536)
            if not piece:
                break
            data += piece
    except (TimeoutError, ConnectionError):
        pass
    return bytes(data)


def check_answers(data):
    """What is wrong with the messages, or an empty text."""
    if data and data[0] in (TLS_ALERT, TLS_HANDSHAKE):
        return ""
    at = 0
    while at < len(data):
        if data[at] not in ANSWERS or len(data) < at + 5:
            return f"not a message at byte {at}"
        (length,) = struct.unpack_from("!i", data, at + 1)
        if length < 4 or at + 1 + length > len(data):
            return f"a message of length {length} at byte {at}"
        payload = data[at + 5 : at + 1 + length]
        if data[at : at + 1] == b"E":
            fields = messages.error_fields(payload)
            if fields.get("C") == "XX000" and not ALSO_POSTGRES.search(fields.get("M", "")):
                return fields.get("M", "")
        at += 1 + length
    return ""


def run_round(rng, server, script):
    """What was sent, and what is wrong with the answer."""
    if rng.random() < 0.1:
        sent = first_bytes(rng)
        with socket.create_connection((server.host, server.port), timeout=5) as opened:
            opened.sendall(sent)
            opened.shutdown(socket.SHUT_WR)
            return sent, check_answers(read_answers(opened))
    sent = b"".join(mutate(rng, script)) + messages.SYNC
    with socket.create_connection((server.host, server.port), timeout=5) as opened:
        opened.sendall(messages.startup({"user": "postgres", "database": "postgres"}))
        try:
            opened.sendall(sent)
            opened.shutdown(socket.SHUT_WR)
        except OSError:
            pass
        return sent, check_answers(read_answers(opened))


def still_serves(server):
    try:
        with connect(server.connection_string, timeout_s=20) as connection:
            return connection.value("select 1") == "1"
    except OSError:
        return False


def main():
    arguments, rng = seeded.start(argparse.ArgumentParser(description=__doc__.split("\n")[0]))
    all_scripts = list(scripts())
    rounds = 0
    deadline = time.monotonic() + arguments.seconds
    with Sundog(store="memory") as server:
        with connect(server.connection_string) as connection:
            connection.simple("create table w (a int, b text)")
        while time.monotonic() < deadline:
            sent, wrong = run_round(rng, server, rng.choice(all_scripts))
            rounds += 1
            if not wrong and not still_serves(server):
                wrong = "the server does not answer: " + server.log_text()
            if wrong:
                print(repr(sent))
                print(wrong)
                results.record("fuzz-wire", rounds - 1, 1)
                return 1
    print(f"{rounds} connections; the server lives")
    results.record("fuzz-wire", rounds, 0)
    return 0


if __name__ == "__main__":
    sys.exit(main())
