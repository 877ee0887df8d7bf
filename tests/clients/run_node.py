#!/usr/bin/env python3
"""Runs clients/node: Sequelize, Knex and pg from npm, unmodified, against a server.

    run_node.py                  on a private Sundog
    run_node.py --on postgres    on PostgreSQL 15, which checks the tests themselves
    run_node.py --dsn URL        on a server that runs

Packages are installed as the lock file pins them. The exit code is 0 when every test passed.
"""

import argparse
import contextlib
import os
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

import results  # noqa: E402
from clients import node_packages  # noqa: E402
from oracle.postgres import Postgres  # noqa: E402
from servers.sundog import Sundog  # noqa: E402

CLIENT = HERE.parents[1] / "clients" / "node"


def build():
    node_packages.install(CLIENT)
    subprocess.run(["npm", "run", "--silent", "build"], cwd=CLIENT, check=True)


def run_tests(connection_string):
    done = subprocess.run(
        ["npm", "test", "--silent"],
        cwd=CLIENT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        env=dict(os.environ, SUNDOG_DSN=connection_string),
    )
    passed, failed = node_packages.counts(done.stdout)
    return done.stdout, passed, max(failed, 1 if done.returncode else 0)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--on", choices=["sundog", "postgres"], default="sundog")
    parser.add_argument("--dsn")
    arguments = parser.parse_args()
    build()
    with contextlib.ExitStack() as stack:
        dsn = arguments.dsn
        if dsn is None:
            server = Postgres() if arguments.on == "postgres" else Sundog()
            dsn = stack.enter_context(server).connection_string
        output, passed, failed = run_tests(dsn)
    print(output)
    print(f"client tests: {passed} passed, {failed} failed")
    if arguments.on == "sundog":
        results.record("clients-node", passed, failed)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
