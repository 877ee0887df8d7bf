"""A raw connection for protocol scripts: sends bytes as given, shows what came as short words.

A script says `w.send(...)` and `w.expect("1 2 T D C Z(I)")`: each word is a message type, with its
most telling content in brackets where it is written so.
"""

import contextlib
import socket
import struct

from pgclient import messages

WAIT_S = 10


class Raw:
    """One socket, its own or one given. Messages that may come at any time (ParameterStatus,
    notices) are kept apart."""

    def __init__(self, server, opened=None, **parameters):
        self.server = server
        self.socket = opened or socket.create_connection(
            (server.host, server.port), timeout=WAIT_S
        )
        self.buffer = b""
        self.notices = []
        self.parameters = {}
        self.key = None
        if parameters.pop("start", True):
            given = {"user": "postgres", "database": "postgres"}
            given.update(parameters)
            self.send(messages.startup(given))
            self.until_ready()

    def send(self, *parts):
        self.socket.sendall(b"".join(parts))

    def receive(self):
        """The next message; (b"", b"") at the end of the stream."""
        while True:
            if len(self.buffer) >= 5:
                (size,) = struct.unpack_from("!i", self.buffer, 1)
                if len(self.buffer) > size:
                    kind, payload = self.buffer[:1], self.buffer[5 : size + 1]
                    self.buffer = self.buffer[size + 1 :]
                    return kind, payload
            try:
                data = self.socket.recv(65536)
            except ConnectionResetError:
                data = b""
            if not data:
                return b"", b""
            self.buffer += data

    def message(self):
        """The next message that is an answer to something."""
        while True:
            kind, payload = self.receive()
            if kind == b"S":
                name, value = payload.split(b"\0")[:2]
                self.parameters[name.decode()] = value.decode()
            elif kind == b"N":
                self.notices.append(messages.error_fields(payload))
            elif kind == b"K":
                self.key = payload
            else:
                return kind, payload

    def until_ready(self):
        """Everything up to ReadyForQuery (or the end), as words."""
        words = []
        while True:
            kind, payload = self.message()
            words.append(word(kind, payload))
            if kind in (b"Z", b""):
                return words

    def expect(self, text):
        """Asserts that exactly these messages come next. `E(22012)` names a SQLSTATE, `E` any
        error."""
        wanted = text.split()
        got = []
        for each in wanted:
            got.append(word(*self.message()))
            if got[-1] != each and got[-1].split("(")[0] != each:
                raise AssertionError(
                    f"expected {text!r}, got {' '.join(got)!r} and then no further look"
                )

    def expect_silence(self, seconds=0.2):
        """Asserts that nothing comes for a while."""
        self.socket.settimeout(seconds)
        try:
            kind, payload = self.message()
        except (TimeoutError, socket.timeout):
            return
        finally:
            self.socket.settimeout(WAIT_S)
        raise AssertionError(f"expected silence, got {word(kind, payload)}")

    def expect_closed(self):
        """Asserts that the server ends the connection, whatever it says before."""
        words = []
        while True:
            kind, payload = self.message()
            if kind == b"":
                return words
            words.append(word(kind, payload))

    def rows(self):
        """Rows of text of the statement under way, up to ReadyForQuery."""
        found = []
        while True:
            kind, payload = self.message()
            if kind == b"D":
                found.append(
                    tuple(None if v is None else v.decode() for v in messages.data_row(payload))
                )
            if kind in (b"Z", b""):
                return found

    def query(self, sql):
        self.send(messages.query(sql))
        return self.rows()

    def close(self):
        with contextlib.suppress(OSError):
            self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def word(kind, payload):
    """A message as a word: its type, and what matters most in brackets."""
    if kind == b"":
        return "closed"
    if kind == b"E":
        return f"E({messages.error_fields(payload).get('C')})"
    if kind == b"Z":
        return f"Z({payload.decode()})"
    if kind == b"C":
        return f"C({payload[:-1].decode().replace(' ', '_')})"
    if kind == b"D":
        fields = [b"NULL" if value is None else value for value in messages.data_row(payload)]
        return f"D({b','.join(fields).decode(errors='replace').replace(' ', '_')})"
    if kind == b"R":
        return f"R({struct.unpack_from('!i', payload)[0]})"
    return kind.decode(errors="replace")
