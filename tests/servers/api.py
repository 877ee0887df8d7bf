"""The HTTP API of a server under test, with the administrator's access key: one connection, one
request at a time."""

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
    def __init__(self, server, key=None, timeout_s=120):
        self._host = f"localhost:{server.http_port}"
        self._key = key or administrator(server)
        self._connection = http.client.HTTPSConnection(
            server.host,
            server.http_port,
            timeout=timeout_s,
            context=ssl._create_unverified_context(),
        )
        self._used_at = 0.0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._connection.close()

    def ask(self, method, target, body=None):
        """(status, members of the answer)"""
        data = b"" if body is None else json.dumps(body).encode()
        headers = sigv4.sign_request(self._key, method, target, [("host", self._host)], data)
        if time.monotonic() - self._used_at > REUSED_FOR_S:
            self._connection.close()  # and open it again
        self._used_at = time.monotonic()
        self._connection.request(method, target, body=data, headers=dict(headers))
        response = self._connection.getresponse()
        return response.status, json.loads(response.read())

    def do(self, method, target, body=None):
        """What the operation answers; it has to be done."""
        status, answer = self.ask(method, target, body)
        assert status == 200, (method, target, status, answer)
        return answer
