"""The HTTP API of a server under test: one connection, one request at a time."""

import http.client
import json
import re
import ssl
import time

import sigv4


def credentials(text):
    """The access key and its secret that a text says, as files of credentials do."""
    return tuple(
        re.search(rf"^{name} = (\S+)$", text, re.M)[1]
        for name in ("aws_access_key_id", "aws_secret_access_key")
    )


def administrator(server):
    """The access key and its secret, as the server keeps them in its folder."""
    return credentials((server.folder / "data" / "credentials").read_text())


# The server closes connections that are idle for longer than a while.
REUSED_FOR_S = 5


class Api:
    """Requests of the administrator, of whoever has another key, or a token."""

    def __init__(self, server, key=None, token=None, timeout_s=120):
        self.server = server
        self._key = key
        self._token = token
        self._timeout_s = timeout_s
        self._connection = None
        self._process = None
        self._used_at = 0.0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        if self._connection is not None:
            self._connection.close()

    def open(self):
        """A connection of one's own."""
        authority = str(self.server.folder / "data" / "tls" / "ca.pem")
        return http.client.HTTPSConnection(
            "localhost",
            self.server.http_port,
            timeout=self._timeout_s,
            context=ssl.create_default_context(cafile=authority),
        )

    def headers(self, method, target, data=b""):
        host = [("host", f"localhost:{self.server.http_port}")]
        if self._token:
            return dict([*host, ("authorization", f"Bearer {self._token}")])
        if self._key is None:
            self._key = administrator(self.server)
        return dict(sigv4.sign_request(self._key, method, target, host, data))

    def ask(self, method, target, body=None):
        """(status, members of the answer)"""
        data = b"" if body is None else json.dumps(body).encode()
        is_idle = time.monotonic() - self._used_at > REUSED_FOR_S
        if is_idle or self._process is not self.server.process:
            self.close()
            self._connection = self.open()
            self._process = self.server.process
        self._used_at = time.monotonic()
        headers = self.headers(method, target, data)
        self._connection.request(method, target, body=data, headers=headers)
        response = self._connection.getresponse()
        return response.status, json.loads(response.read())

    def do(self, method, target, body=None):
        """What the operation answers; it has to be done."""
        status, answer = self.ask(method, target, body)
        assert status == 200, (method, target, status, answer)
        return answer

    def sql(self, database, query, **members):
        body = {"query": query, **members}
        return self.do("POST", f"/customer/databases/{database}/sql", body)["results"]

    def rows(self, database, query, **members):
        return self.sql(database, query, **members)[-1]["rows"]

    def error(self, database, query, **members):
        """Of a statement that is refused."""
        body = {"query": query, **members}
        status, answer = self.ask("POST", f"/customer/databases/{database}/sql", body)
        assert status == 400, (status, answer)
        assert answer["message"] == answer["error"]["message"], answer
        return answer["error"]
