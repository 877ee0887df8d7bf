"""The cluster under test, as its environment describes it (tests/clients/dsql.py)."""

import functools
import os

HOST = os.environ["CLUSTER_ENDPOINT"]
ID = os.environ["CLUSTER_ID"]
PORT = int(os.environ["CLUSTER_PORT"])
REGION = os.environ["REGION"]
AUTHORITY = os.environ["CLUSTER_CA"]
# Names of the server that are no cluster's, and that its certificate does not cover.
OTHER_CLUSTER = os.environ["OTHER_CLUSTER_ENDPOINT"]
OTHER_REGION = os.environ["OTHER_REGION_ENDPOINT"]
# An authority that did not sign the cluster's certificate.
OTHER_AUTHORITY = "/etc/ssl/certs/ca-certificates.crt"
# Who comes in, with which schema.
USERS = [(os.environ["CLUSTER_USER"], "public"), (os.environ["CLUSTER_APP_USER"], "myschema")]

OWNER = """
    CREATE TABLE IF NOT EXISTS owner (
        id uuid NOT NULL DEFAULT gen_random_uuid(),
        name varchar(30) NOT NULL,
        city varchar(80) NOT NULL,
        telephone varchar(20) DEFAULT NULL,
        PRIMARY KEY (id))
"""


def verified(user):
    """What the connectors for libpq and for asyncpg are given in their examples."""
    return {
        "host": HOST,
        "port": PORT,
        "user": user,
        "sslmode": "verify-full",
        "sslrootcert": AUTHORITY,
    }


def code_of(error):
    """Of a driver's error, however it is wrapped."""
    while error is not None:
        code = getattr(error, "sqlstate", None) or getattr(error, "pgcode", None)
        if code:
            return code
        error = getattr(error, "orig", None) or error.__cause__
    return None


def retrying(work, *arguments):
    """Another session's definition is met once by every session that has not seen it: OC001."""
    for _ in range(4):
        try:
            return work(*arguments)
        except Exception as error:
            if code_of(error) != "40001":
                raise
    return work(*arguments)


@functools.cache
def unknown_key():
    """Credentials nobody has given out, as botocore's providers hand them over."""
    from botocore.credentials import CredentialProvider, Credentials

    class Unknown(CredentialProvider):
        METHOD = "unknown"

        def load(self):
            return Credentials("AKIAAAAAAAAAAAAAAAAA", "not the secret")

    return Unknown()
