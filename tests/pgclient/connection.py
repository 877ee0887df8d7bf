"""A connection: start-up and authentication, statements sent and awaited apart, so that one may
block."""

import hashlib
import os
import re
import select
import socket
import ssl
import struct
import time
import urllib.parse

from . import messages
from .messages import Result, ServerError, Timeout
from .scram import ScramClient

SSL_REQUEST = struct.pack("!ii", 8, 80877103)
CANCEL_CODE = 80877102


def connect(connection_string=None, **overrides):
    """Connects by `postgresql://user:password@host:port/database?option=value` and keyword
    overrides."""
    given = {
        "host": "127.0.0.1",
        "port": 5432,
        "user": "postgres",
        "database": "postgres",
        "password": "",
    }
    if connection_string:
        parts = urllib.parse.urlsplit(connection_string)
        named = {
            "host": parts.hostname,
            "port": parts.port,
            "user": parts.username,
            "password": parts.password,
            "database": parts.path.lstrip("/") or None,
        }
        given.update(
            {name: urllib.parse.unquote(str(value)) for name, value in named.items() if value}
        )
        given.update(dict(urllib.parse.parse_qsl(parts.query)))
    given.update(overrides)
    tls = given.pop("tls", False) or given.pop("sslmode", "disable") != "disable"
    return Connection(given.pop("host"), int(given.pop("port")), tls=tls, **given)


class Connection:
    """One session. `start_*` sends a statement, `finish` awaits its results; `simple` and
    `extended` do both."""

    def __init__(
        self,
        host,
        port,
        user="postgres",
        database="postgres",
        password="",
        tls=False,
        server_name=None,
        timeout_s=60,
        **parameters,
    ):
        self.host, self.port, self.timeout_s = host, port, timeout_s
        self.parameters = {}
        self.notices = []
        self.notifications = []
        self.backend_pid = self.backend_key = None
        self.status = None
        self.authentication = []
        self._buffer = bytearray()
        self._password = password
        self._user = user
        self._copy_data = None
        self._sync_owed = False
        self._socket = self._open(host, port, tls, server_name)
        self.send(messages.startup({"user": user, "database": database, **parameters}))
        self._await_ready_for_first_query()

    def _open(self, host, port, tls, server_name):
        opened = socket.create_connection((host, port), timeout=self.timeout_s)
        opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if tls:
            opened.sendall(SSL_REQUEST)
            if opened.recv(1) != b"S":
                raise ConnectionError("the server refuses TLS")
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
            opened = context.wrap_socket(opened, server_hostname=server_name)
        return opened

    # Raw messages.

    def send(self, data):
        self._socket.sendall(data)

    def receive(self, timeout_s=None):
        """The next message as (kind, payload); Timeout if none is complete in time."""
        deadline = time.monotonic() + (self.timeout_s if timeout_s is None else timeout_s)
        while True:
            if len(self._buffer) >= 5:
                (size,) = struct.unpack_from("!i", self._buffer, 1)
                if len(self._buffer) > size:
                    kind, payload = bytes(self._buffer[:1]), bytes(self._buffer[5 : size + 1])
                    del self._buffer[: size + 1]
                    return kind, payload
            self._fill(deadline)

    def _fill(self, deadline):
        pending = getattr(self._socket, "pending", lambda: 0)()
        if not pending:
            # Not select(), which takes no descriptor above 1023.
            waiting = select.poll()
            waiting.register(self._socket, select.POLLIN)
            if not waiting.poll(1000 * max(0, deadline - time.monotonic())):
                raise Timeout()
        data = self._socket.recv(65536)
        if not data:
            raise ConnectionError("the server closed the connection")
        self._buffer += data

    # Start-up.

    def _await_ready_for_first_query(self):
        scram = None
        while True:
            kind, payload = self.receive()
            if kind == b"E":
                raise ServerError(messages.error_fields(payload))
            if kind == b"R":
                scram = self._authenticate(payload, scram)
            elif kind == b"K":
                self.backend_pid, self.backend_key = struct.unpack("!iI", payload)
            elif kind == b"Z":
                self.status = payload.decode()
                return
            else:
                self._take_asynchronous(kind, payload)

    def _authenticate(self, payload, scram):
        (code,) = struct.unpack_from("!i", payload)
        self.authentication.append(code)
        if code == 3:
            self.send(messages.frame(b"p", messages.cstring(self._password)))
        elif code == 5:
            inner = hashlib.md5((self._password + self._user).encode()).hexdigest()
            outer = hashlib.md5(inner.encode() + payload[4:8]).hexdigest()
            self.send(messages.frame(b"p", messages.cstring("md5" + outer)))
        elif code == 10:
            scram = ScramClient(self._password)
            first = scram.first()
            self.send(
                messages.frame(b"p", b"SCRAM-SHA-256\0" + struct.pack("!i", len(first)) + first)
            )
        elif code == 11:
            self.send(messages.frame(b"p", scram.final(payload[4:])))
        elif code == 12:
            scram.verify(payload[4:])
        elif code != 0:
            raise ConnectionError(f"unknown authentication request {code}")
        return scram

    def _take_asynchronous(self, kind, payload):
        if kind == b"S":
            name, value = payload.split(b"\0")[:2]
            self.parameters[name.decode()] = value.decode()
        elif kind == b"N":
            self.notices.append(messages.error_fields(payload))
        elif kind == b"A":
            self.notifications.append(payload)
        else:
            return False
        return True

    # Statements.

    def start_simple(self, sql, copy_data=None):
        self._copy_data = copy_data
        self._sync_owed = False
        self.send(messages.query(sql))

    def start_extended(
        self, sql, values=(), oids=(), formats=(), result_formats=(), copy_data=None
    ):
        """Parse, Describe, Bind, Describe, Execute and Sync in one piece; values are bytes or
        None."""
        self._copy_data = copy_data
        # A server ignores a Sync that comes while it awaits copy data, but not one after an error:
        # so with COPY the Sync is sent only once it is known which of the two it is.
        self._sync_owed = re.match(r"\s*copy\b", sql, re.I) is not None
        self.send(
            messages.parse("", sql, oids)
            + messages.describe(b"S", "")
            + messages.bind("", "", values, formats, result_formats)
            + messages.describe(b"P", "")
            + messages.execute("")
            + (messages.FLUSH if self._sync_owed else messages.SYNC)
        )

    def simple(self, sql, copy_data=None, timeout_s=None):
        self.start_simple(sql, copy_data)
        return self.finish(timeout_s)

    def extended(self, sql, *values, **options):
        as_bytes = [
            value if value is None or isinstance(value, bytes) else str(value).encode()
            for value in values
        ]
        timeout_s = options.pop("timeout_s", None)
        self.start_extended(sql, as_bytes, **options)
        return self.finish(timeout_s)

    def rows(self, sql, *values):
        """The last result's rows as text; by the extended protocol if there are values."""
        results = self.extended(sql, *values) if values else self.simple(sql)
        return results[-1].text_rows() if results else []

    def value(self, sql, *values):
        rows = self.rows(sql, *values)
        return rows[0][0] if rows else None

    def finish(self, timeout_s=None):
        """All results up to ReadyForQuery. An error is raised then, with `results` before it
        attached."""
        results, error = self.collect(timeout_s)
        if error is not None:
            error.results = results
            raise error
        return results

    def collect(self, timeout_s=None):
        """([Result], ServerError or None) up to ReadyForQuery."""
        self._results, self._error, self._current = getattr(self, "_partial", ([], None, Result()))
        self._partial = None
        deadline = time.monotonic() + (self.timeout_s if timeout_s is None else timeout_s)
        while True:
            try:
                kind, payload = self.receive(max(0, deadline - time.monotonic()))
            except Timeout:
                self._partial = (self._results, self._error, self._current)
                raise
            if kind == b"Z":
                self.status = payload.decode()
                del self._partial
                return self._results, self._error
            self._take_answer(kind, payload)

    def _take_answer(self, kind, payload):
        current = self._current
        if kind == b"T":
            current.columns = messages.row_description(payload)
        elif kind == b"D":
            current.rows.append(messages.data_row(payload))
        elif kind == b"t":
            count = struct.unpack_from("!h", payload)[0]
            current.parameter_oids = list(struct.unpack_from(f"!{count}I", payload, 2))
        elif kind in (b"C", b"I", b"s"):
            current.tag = payload[:-1].decode() if kind == b"C" else None
            current.suspended = kind == b"s"
            if kind == b"I":
                current.tag = ""
            self._results.append(current)
            self._current = Result()
            self._send_owed_sync()
        elif kind == b"E":
            self._error = ServerError(messages.error_fields(payload))
            self._send_owed_sync()
        elif kind == b"G":
            self._send_copy_data()
        elif kind == b"d":
            current.copied.append(payload)
        elif kind in b"123nHcW":
            pass
        elif not self._take_asynchronous(kind, payload):
            raise ConnectionError(f"unexpected message {kind!r}")

    def _send_copy_data(self):
        if self._copy_data is None:
            self.send(messages.frame(b"f", messages.cstring("no data was given")))
            self._send_owed_sync()
            return
        data, self._copy_data = self._copy_data, None
        for at in range(0, len(data), 60000):
            self.send(messages.frame(b"d", data[at : at + 60000]))
        self.send(messages.frame(b"c"))
        self._send_owed_sync()

    def _send_owed_sync(self):
        if self._sync_owed:
            self._sync_owed = False
            self.send(messages.SYNC)

    # The end.

    def cancel(self):
        """Asks the server, on a connection of its own, to cancel what this session runs."""
        with socket.create_connection((self.host, self.port), timeout=self.timeout_s) as other:
            other.sendall(struct.pack("!iiiI", 16, CANCEL_CODE, self.backend_pid, self.backend_key))
            while other.recv(1024):
                pass

    def close(self):
        try:
            self.send(messages.TERMINATE)
        except OSError:
            pass
        self._socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def environment_connection_string(default=None):
    return os.environ.get("SUNDOG_DSN", default)
