"""A Sundog as Aurora DSQL's clients find one: a cluster of profile dsql under its own endpoint, an
access key in a credentials file, a role beside admin.

    with Dsql() as cluster:
        cluster.run(["npm", "test"], cwd=…)

What is run sees the endpoint ID.dsql.us-east-1.on.aws resolved to this machine, by an /etc/hosts
of its own (unshare --mount): clients are used as they are, with the names they would be given.

Environment of what is run: CLUSTER_ENDPOINT, CLUSTER_USER (admin), CLUSTER_APP_USER (a role mapped
to the same key, with schema myschema), CLUSTER_PORT, REGION and AWS_REGION (boto3's is
AWS_DEFAULT_REGION), the key by AWS_SHARED_CREDENTIALS_FILE, the authority by CLUSTER_CA and the
variables that languages look at. Two more names lead to the server, to be refused:
OTHER_CLUSTER_ENDPOINT, which its certificate covers but which is no cluster's, and
OTHER_REGION_ENDPOINT, which it does not cover.
"""

import os
import pathlib
import re
import subprocess

import sigv4
from pgclient import ServerError, connect
from servers.api import administrator
from servers.sundog import Sundog

REGION = "us-east-1"
APP_USER = "app"
SCHEMA = "myschema"


class Dsql:
    def __init__(self, store="rocks", arguments=()):
        self.server = Sundog(store, arguments=["--profile", "dsql", *arguments])

    def __enter__(self):
        self.server.start()
        try:
            self.endpoint = re.search(r"endpoint is (\S+)", self.server.output_text())[1]
            self._make_application_role()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.server.stop()
        self.server.remove()

    @property
    def folder(self):
        return self.server.folder / "data"

    @property
    def authority(self):
        return self.folder / "tls" / "ca.pem"

    def key(self):
        """The administrator's: id and secret."""
        return administrator(self.server)

    def connect(self, user="admin"):
        action = "DbConnectAdmin" if user == "admin" else "DbConnect"
        return connect(
            host=self.server.host,
            port=self.server.port,
            user=user,
            password=sigv4.make_token(*self.key(), self.endpoint, action, REGION),
            tls=True,
            server_name=self.endpoint,
        )

    def _make_application_role(self):
        with self.connect() as session:
            session.simple(f"create role {APP_USER} with login")
            try:
                self.connect(APP_USER).close()
                raise AssertionError("a role without IAM trust was let in")
            except ServerError as error:
                arn = re.search(r"no IAM trust with (\S+)\.", error.fields["H"])[1]
            session.simple(f"AWS IAM GRANT {APP_USER} TO '{arn}'")
            session.simple(f"create schema {SCHEMA}")
            session.simple(f"grant usage, create on schema {SCHEMA} to {APP_USER}")

    @property
    def wrong_endpoints(self):
        return {
            "OTHER_CLUSTER_ENDPOINT": f"{'z' * 26}.dsql.{REGION}.on.aws",
            "OTHER_REGION_ENDPOINT": self.endpoint.replace(REGION, "eu-west-1"),
        }

    def environment(self):
        inherited = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("AWS_", "PG", "SUNDOG_")) and name != "PYTHONPATH"
        }
        authority = str(self.authority)
        return {
            **inherited,
            **self.wrong_endpoints,
            "CLUSTER_ENDPOINT": self.endpoint,
            "CLUSTER_ID": self.endpoint.split(".")[0],
            "CLUSTER_PORT": str(self.server.port),
            "CLUSTER_USER": "admin",
            "CLUSTER_APP_USER": APP_USER,
            "CLUSTER_CA": authority,
            "REGION": REGION,
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_SHARED_CREDENTIALS_FILE": str(self.folder / "credentials"),
            "AWS_EC2_METADATA_DISABLED": "true",
            "NODE_EXTRA_CA_CERTS": authority,
            "SSL_CERT_FILE": authority,
            "PGSSLROOTCERT": authority,
        }

    def run(self, command, cwd, timeout_s=600, environment=None):
        """The process, ended, with standard output and error in `stdout`."""
        hosts = self.server.folder / "hosts"
        names = " ".join([self.endpoint, *self.wrong_endpoints.values()])
        hosts.write_text(
            pathlib.Path("/etc/hosts").read_text() + f"\n{self.server.host} {names}\n"
        )
        unshare = ["unshare", "--mount"]
        if os.geteuid() != 0:
            unshare.append("--map-root-user")
        script = 'mount --bind "$0" /etc/hosts && exec "$@"'
        return subprocess.run(
            [*unshare, "sh", "-c", script, str(hosts), *map(str, command)],
            cwd=cwd,
            env={**self.environment(), **(environment or {})},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=timeout_s,
            check=False,
        )
