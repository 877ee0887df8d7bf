#!/usr/bin/env python3
"""Runs clients/dsql-NAME: Aurora DSQL's own connectors and signers, and ORMs on them, from their
registries, unmodified, against a private Sundog with a cluster of profile dsql.

    run_dsql.py node

Packages are installed as the lock file pins them. The exit code is 0 when every test passed.
"""

import argparse
import os
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

import results  # noqa: E402
from clients import node_packages  # noqa: E402
from clients.dsql import Dsql  # noqa: E402

CLIENTS = HERE.parents[1] / "clients"


def build_node(folder):
    node_packages.install(folder)
    # What Prisma generates needs no engine of its own; without this it would fetch one.
    environment = dict(os.environ, PRISMA_SCHEMA_ENGINE_BINARY="/bin/false")
    subprocess.run(["npm", "run", "--silent", "build"], cwd=folder, env=environment, check=True)


# What builds it, the command that runs its tests, and how their counts are found in the output.
RUNNERS = {
    "node": (build_node, ["npm", "test", "--silent"], node_packages.counts),
}


def secrets_in(text, cluster):
    """What no client and no log may ever show of the cluster's key and of tokens made with it."""
    key_id, secret = cluster.key()
    del key_id
    return [word for word in (secret, "X-Amz-Signature") if word in text]


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("client", choices=sorted(RUNNERS))
    arguments = parser.parse_args()
    build, command, counts = RUNNERS[arguments.client]
    folder = CLIENTS / f"dsql-{arguments.client}"
    build(folder)
    with Dsql() as cluster:
        done = cluster.run(command, folder)
        log = cluster.server.log_text(1 << 30)
        shown = secrets_in(log, cluster)
    print(done.stdout)
    passed, failed = counts(done.stdout)
    if done.returncode != 0 and failed == 0:
        failed = 1
    print(f"{'FAIL' if shown else 'ok  '} the server's log shows no secret", *shown)
    passed, failed = passed + (not shown), failed + bool(shown)
    print(f"client tests: {passed} passed, {failed} failed")
    results.record(f"clients-dsql-{arguments.client}", passed, failed)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
