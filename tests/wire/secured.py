"""A server that demands passwords and offers TLS, made of either server."""

import os
import pathlib
import pwd
import subprocess
import tempfile

from oracle.postgres import Postgres
from pgclient import connect


def certificate(folder):
    """A self-signed certificate and its key in the folder."""
    subprocess.run(
        [
            "openssl",
            "req",
            "-x509",
            "-newkey",
            "rsa:2048",
            "-nodes",
            "-days",
            "2",
            "-subj",
            "/CN=localhost",
            "-keyout",
            str(folder / "server.key"),
            "-out",
            str(folder / "server.crt"),
        ],
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    (folder / "server.key").chmod(0o600)


class Secured:
    """Wraps a server that is not started yet: users postgres and alice, password `secret`."""

    METHOD = "scram-sha-256"

    def __init__(self, server):
        self._server = server
        self._certificates = tempfile.TemporaryDirectory(prefix="sundog-tls-")
        self._folder = pathlib.Path(self._certificates.name)

    def __getattr__(self, name):
        return getattr(self._server, name)

    def start(self):
        certificate(self._folder)
        if isinstance(self._server, Postgres):
            self._start_postgres()
        else:
            self._start_sundog()

    def stop(self):
        self._server.stop()
        self._certificates.cleanup()

    def remove(self):
        if hasattr(self._server, "remove"):
            self._server.remove()

    def _create_users(self, password=""):
        with connect(self._server.connection_string, password=password) as c:
            c.simple("create role alice login password 'secret'")
            c.simple("alter role postgres password 'secret'")

    def _start_postgres(self):
        if os.geteuid() == 0:
            owner = pwd.getpwnam("postgres")
            for path in (self._folder, *self._folder.iterdir()):
                os.chown(path, owner.pw_uid, owner.pw_gid)
        self._server.settings.update(
            {
                "ssl": "on",
                "ssl_cert_file": self._folder / "server.crt",
                "ssl_key_file": self._folder / "server.key",
            }
        )
        self._server.start()
        self._create_users()
        self._server.demand_passwords(self.METHOD)

    def _start_sundog(self):
        # Roles are made on a server that trusts; the same folder is then served with passwords
        # demanded.
        self._server.start()
        self._create_users()
        self._server.stop()
        self._server.arguments += [
            "--auth",
            self.METHOD,
            "--tls-cert",
            str(self._folder / "server.crt"),
            "--tls-key",
            str(self._folder / "server.key"),
        ]
        self._server.start()


class SecuredCleartext(Secured):
    """Passwords come as they are; for connections under TLS, or of one machine."""

    METHOD = "password"
