#!/usr/bin/env python3
"""Mutated requests, WebSocket frames and connection tokens at the HTTPS listener.

    https.py [--seconds N] [--seed N]

Each round is one of these:
- a correct request of the control plane's API, signed and then changed: nothing that was signed may
  be changed and do what it says, and what is not signed is refused with 403;
- a request that is changed and then signed: refused or done, and no internal error;
- a WebSocket whose frames, or the messages in them, are changed;
- a connection token that is changed: nobody gets in with it.
Answers must be well-formed; the server must go on, and its log must have nothing secret in it.
"""

import argparse
import json
import pathlib
import re
import socket
import ssl
import struct
import sys
import time
import urllib.parse

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

import results  # noqa: E402
import sigv4  # noqa: E402
from fuzz import seeded  # noqa: E402
from pgclient import messages as m  # noqa: E402
from servers.api import administrator  # noqa: E402
from servers.sundog import Sundog  # noqa: E402
from wire.websocket import BINARY, CLOSE, PING, frame, handshake  # noqa: E402

WAIT_S = 20
HOST = "localhost"
STATUSES = {200, 400, 402, 403, 404, 409, 413, 426, 429, 431}
BYTES = [b"\0", b"\r", b"\n", b"\r\n", b" ", b"\t", b":", b"%", b"%2F", b"/", b"..", b"?", b"&"]
BYTES += [b"=", b"\xff", b"\xc3\xa9", b'"', b"{", b"[", b"null", b"-1", b"99999999999999999999"]


class Wrong(Exception):
    pass


def connect_tls(server, protocol, port):
    context = ssl.create_default_context(cafile=str(server.folder / "data" / "tls" / "ca.pem"))
    context.set_alpn_protocols([protocol])
    return context.wrap_socket(
        socket.create_connection((server.host, port), timeout=5), server_hostname=HOST
    )


def exchange(opened, sent):
    """What is answered until the server closes; it is told that nothing more comes."""
    data = b""
    opened.settimeout(WAIT_S)
    try:
        opened.sendall(sent)
        # TLS's own would give up reading, too.
        socket.socket.shutdown(opened, socket.SHUT_WR)
        while piece := opened.recv(65536):
            data += piece
    except TimeoutError:
        raise Wrong(f"no end of the answer to {sent!r}") from None
    except OSError:
        pass
    return data


# --- requests ---


def requests(cluster):
    """(method, target, body)"""
    arn = urllib.parse.quote(f"arn:aws:dsql:us-east-1:123456789012:cluster/{cluster}", safe="")
    policy = {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "dsql:*", "Resource": "*"}
        ],
    }
    statement = {"Statement": [{"Effect": "Allow", "Action": "dsql:*", "Resource": "*"}]}
    user = {"kind": "user", "name": "fuzz"}
    yield "GET", "/cluster?max-results=5", None
    yield "GET", f"/cluster/{cluster}", None
    yield "GET", f"/cluster/{cluster}/policy", None
    yield "GET", f"/tags/{arn}", None
    yield "POST", "/cluster", {"deletionProtectionEnabled": False, "tags": {"Name": "x"}}
    yield "POST", "/cluster", {"clientToken": "abc", "policy": json.dumps(policy)}
    yield "POST", f"/cluster/{cluster}", {"deletionProtectionEnabled": True}
    yield "POST", f"/cluster/{cluster}/policy", {"policy": json.dumps(policy)}
    yield "DELETE", f"/cluster/{cluster}/policy?expected-policy-version=1&client-token=a", None
    yield "POST", f"/tags/{arn}", {"tags": {"a": "b", "c": ""}}
    yield "DELETE", f"/tags/{arn}?tagKeys=a&tagKeys=c", None
    yield "GET", f"/stream/{cluster}/abc", None
    yield "POST", "/iam/create-principal", user
    yield "POST", "/iam/list-principals", {"kind": "role"}
    yield "POST", "/iam/create-access-key", user
    yield "POST", "/iam/list-access-keys", user
    yield "POST", "/iam/put-policy", user | {"policyName": "p", "policy": json.dumps(statement)}
    yield "POST", "/iam/get-policy", user | {"policyName": "p"}
    yield "POST", "/iam/delete-policy", user | {"policyName": "p"}
    yield "POST", "/iam/delete-principal", user


def change(rng, data):
    data = bytearray(data)
    for _ in range(rng.choice([1, 1, 1, 2, 4])):
        at = rng.randrange(len(data) + 1)
        kind = rng.random()
        if kind < 0.35 and at < len(data):
            data[at] = rng.randrange(256)
        elif kind < 0.6:
            data[at:at] = rng.choice(BYTES)
        elif kind < 0.75:
            del data[at : at + rng.choice([1, 1, 3, 20])]
        elif kind < 0.85:
            end = min(len(data), at + rng.randrange(1, 30))
            data[at:at] = data[at:end]
        elif kind < 0.95:
            data[at:at] = bytes([data[at - 1] if data else 65]) * rng.choice([2, 100, 5000])
        else:
            del data[at:]
    return bytes(data)


def change_json(rng, value):
    """The value with one thing in it changed, still JSON."""
    odd = [None, True, 0, -1, 1e308, "", "x" * 300, "é\0", [], {}, [[]], {"a": {"b": None}}, "*"]
    if isinstance(value, dict) and value and rng.random() < 0.8:
        name = rng.choice(list(value))
        changed = dict(value)
        if rng.random() < 0.2:
            del changed[name]
        elif rng.random() < 0.2:
            changed[rng.choice(["kmsEncryptionKey", "multiRegionProperties", "sundog:x", name])] = 1
        else:
            changed[name] = change_json(rng, value[name])
        return changed
    if isinstance(value, str) and rng.random() < 0.5:
        return change(rng, value.encode()).decode("utf-8", "replace")
    return rng.choice(odd)


def payload(body):
    return b"" if body is None else json.dumps(body).encode()


def wire(method, target, headers, body):
    lines = [f"{method} {target} HTTP/1.1"] + [f"{name}: {value}" for name, value in headers]
    head = "\r\n".join(lines) + f"\r\ncontent-length: {len(body)}\r\nconnection: close\r\n\r\n"
    return head.encode("latin-1", "replace") + body


def means(sent, body_bytes):
    """What a request asks for, as far as its signature protects it; None if it cannot be told. What
    follows the body is another request."""
    head, _, body = sent.partition(b"\r\n\r\n")
    match = re.match(rb"([^ ]+) ([^ ]+) ", head)
    if not match:
        return None
    path, _, query = match[2].partition(b"?")
    pairs = sorted(
        tuple(map(urllib.parse.unquote_to_bytes, piece.partition(b"=")[::2]))
        for piece in query.split(b"&")
        if piece
    )
    return match[1], re.sub(rb"/(\./)*", b"/", path), pairs, body[:body_bytes]


def send(server, sent):
    """(status, body) of each answer."""
    with connect_tls(server, "http/1.1", server.http_port) as opened:
        data = exchange(opened, sent)
    answers = []
    while data:
        head, end, rest = data.partition(b"\r\n\r\n")
        line = re.match(rb"HTTP/1\.1 (\d{3}) [^\r\n]*\r\n", head + b"\r\n")
        if not end or not line:
            raise Wrong(f"not an answer: {data[:200]!r}")
        status = int(line[1])
        length = re.search(rb"\r\nContent-Length: (\d+)", head)
        size = int(length[1]) if length else 0
        if status not in (100, 101) and (status not in STATUSES or len(rest) < size):
            raise Wrong(f"a bad answer: {data[:500]!r}")
        body, data = rest[:size], rest[size:]
        if b"\r\nContent-Type: application/json" in head:
            body = json.loads(body)
        answers.append((status, body))
        if status == 101:
            return answers
    return answers


def changed_after_signing(rng, server, key, cases):
    method, target, body = rng.choice(cases)
    headers = sigv4.sign_request(key, method, target, [("host", HOST)], payload(body))
    right = wire(method, target, headers, payload(body))
    sent = change(rng, right)
    for status, _ in send(server, sent):
        size = len(payload(body))
        if status == 200 and means(sent, size) != means(right, size):
            raise Wrong(f"done although it was not signed so: {sent!r}")
    return sent


def unsigned(rng, server, _key, cases):
    method, target, body = rng.choice(cases)
    headers = [("host", HOST)]
    if rng.random() < 0.5:
        other = ("AKIA" + "A" * 16, "x" * 40)
        headers = sigv4.sign_request(other, method, target, headers, payload(body))
    sent = wire(method, target, headers, payload(body))
    for status, answer in send(server, sent):
        if status != 403 or "not signed" not in answer["message"]:
            raise Wrong(f"{sent!r} is answered with {status} {answer}")
    return sent


def changed_before_signing(rng, server, key, cases):
    method, target, body = rng.choice(cases)
    data = payload(body)
    if body is not None and rng.random() < 0.8:
        data = payload(change_json(rng, body))
    elif body is not None:
        data = change(rng, data)
    elif rng.random() < 0.8:
        safe = "/%?&=:.-_~"
        target = "/" + urllib.parse.quote(change(rng, target.encode()), safe=safe).lstrip("/")
    else:
        method = rng.choice(["PUT", "HEAD", "OPTIONS", "PATCH", "X", "GET"])
    headers = sigv4.sign_request(key, method, target, [("host", HOST)], data)
    sent = wire(method, target, headers, data)
    if method != "HEAD":
        send(server, sent)
    return sent


# --- WebSocket ---


def check_frames(data):
    at = 0
    while at < len(data):
        if len(data) < at + 2 or data[at + 1] & 0x80 or not data[at] & 0x80:
            raise Wrong(f"not a frame at byte {at}: {data[at:at + 20]!r}")
        size, start = data[at + 1], at + 2
        if size == 126:
            size, start = struct.unpack_from("!H", data, start)[0], start + 2
        elif size == 127:
            size, start = struct.unpack_from("!Q", data, start)[0], start + 8
        if b"XX000" in data[start : start + size]:
            raise Wrong(f"an internal error: {data[start:start + size]!r}")
        at = start + size
    if at != len(data):
        raise Wrong("the last frame is cut short")


def websocket(rng, server, key, _cases):
    token = sigv4.make_token(*key, HOST, action="DbConnectAdmin")
    startup = m.startup({"user": "admin", "database": "postgres"})
    conversation = [startup, m.frame(b"p", m.cstring(token)), m.query("select 1"), m.SYNC]
    frames = []
    for message in conversation:
        if rng.random() < 0.3:
            message = change(rng, message)
        cut = rng.randrange(len(message) + 1)
        if rng.random() < 0.3:
            frames += [frame(BINARY, message[:cut], False), frame(0, message[cut:])]
        else:
            frames.append(frame(BINARY, message))
        if rng.random() < 0.3:
            frames.append(frame(PING, rng.randbytes(rng.randrange(125))))
    sent = b"".join(change(rng, one) if rng.random() < 0.3 else one for one in frames)
    sent += frame(CLOSE, b"\x03\xe8")
    with connect_tls(server, "http/1.1", server.http_port) as opened:
        if " 101 " not in handshake(opened, HOST):
            raise Wrong("no WebSocket")
        check_frames(exchange(opened, sent))
    return sent


# --- tokens ---


def token(rng, server, key, _cases):
    right = sigv4.make_token(*key, HOST, action="DbConnectAdmin", expires_s=rng.choice([1, 900]))
    if rng.random() < 0.3:
        # The signature is right, what it says is not.
        options = rng.choice(
            [
                {"action": "DbConnect"},
                {"region": "eu-west-9"},
                {"service": "s3"},
                {"expires_s": 0},
                {"expires_s": 604801},
                {"host": "localhost."},
            ]
        )
        arguments = {"host": HOST, "action": "DbConnectAdmin"} | options
        sent = sigv4.make_token(*key, **arguments).encode()
    else:
        sent = change(rng, right.encode()).replace(b"\0", b"")
    with connect_tls(server, "postgresql", server.port) as opened:
        startup = m.startup({"user": "admin", "database": "postgres"})
        data = exchange(opened, startup + m.frame(b"p", sent + b"\0"))
    same = sorted(sent.partition(b"?")[2].split(b"&")) == sorted(
        right.encode().partition(b"?")[2].split(b"&")
    )
    if b"R\0\0\0\x08\0\0\0\0" in data and not same:
        raise Wrong(f"let in with {sent!r}")
    return sent


KINDS = [changed_after_signing] * 4 + [changed_before_signing] * 4 + [unsigned, websocket, token]


def first_cluster(server, key):
    deadline = time.monotonic() + WAIT_S
    while True:
        headers = sigv4.sign_request(key, "GET", "/cluster", [("host", HOST)], b"")
        ((status, answer),) = send(server, wire("GET", "/cluster", headers, b""))
        if status == 200:
            return answer["clusters"][0]["identifier"]
        # Too many requests went before.
        if status != 429 or time.monotonic() > deadline:
            raise Wrong(f"a correct request is answered with {status} {answer}")
        time.sleep(0.1)


def main():
    arguments, rng = seeded.start(argparse.ArgumentParser(description=__doc__.split("\n")[0]))
    rounds = 0
    deadline = time.monotonic() + arguments.seconds
    options = ["--profile", "dsql", "--max-clusters", "1000"]
    with Sundog(arguments=options, http=True) as server:
        key = administrator(server)
        cases = list(requests(first_cluster(server, key)))
        try:
            while time.monotonic() < deadline:
                rng.choice(KINDS)(rng, server, key, cases)
                rounds += 1
            first_cluster(server, key)
            log = server.log_text(1 << 30)
            if key[1] in log or "X-Amz-Signature" in log:
                raise Wrong("the log tells a secret")
        except (Wrong, OSError, ValueError) as error:
            print(error)
            print(server.log_text())
            results.record("fuzz-https", rounds, 1)
            return 1
    print(f"{rounds} rounds; the server lives")
    results.record("fuzz-https", rounds, 0)
    return 0


if __name__ == "__main__":
    sys.exit(main())
