#!/usr/bin/env python3
"""Runs clients/node or clients/python: drivers, ORMs and pgvector's packages from their registries,
unmodified, against a server.

    run_database.py node|python        on a database that `sundog create` makes on a private Sundog,
                                       as its user NAME.admin
    run_database.py NAME --on postgres on PostgreSQL 15 with pgvector, which checks the tests
    run_database.py NAME --dsn URL     on a server that runs

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
from cli.control import Server  # noqa: E402
from clients import node_packages, python_packages  # noqa: E402
from oracle.postgres import Postgres  # noqa: E402

CLIENTS = HERE.parents[1] / "clients"


def build_node(folder):
    node_packages.install(folder)
    subprocess.run(["npm", "run", "--silent", "build"], cwd=folder, check=True)


# By name: how it is built and run, and how its tests are counted.
PROGRAMS = {
    "node": (build_node, ["npm", "test", "--silent"], node_packages.counts),
    "python": (python_packages.install, [".venv/bin/pytest"], python_packages.counts),
}


def made_database(server):
    """The connection string of a new database."""
    code, said = server.run("create", "--name", "sequelize-app", "--show-connection-string")
    if code != 0:
        raise RuntimeError(said)
    return said.strip()


def run_tests(name, connection_string):
    build, command, counts = PROGRAMS[name]
    build(CLIENTS / name)
    done = subprocess.run(
        command,
        cwd=CLIENTS / name,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        env=dict(os.environ, SUNDOG_DSN=connection_string),
    )
    print(done.stdout)
    passed, failed = counts(done.stdout)
    return passed, max(failed, 1 if done.returncode else 0)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("name", choices=PROGRAMS)
    parser.add_argument("--on", choices=["sundog", "postgres"], default="sundog")
    parser.add_argument("--dsn")
    arguments = parser.parse_args()
    with contextlib.ExitStack() as stack:
        if arguments.dsn is not None:
            dsn = arguments.dsn
        elif arguments.on == "postgres":
            dsn = stack.enter_context(Postgres()).connection_string
        else:
            dsn = made_database(stack.enter_context(Server()))
        passed, failed = run_tests(arguments.name, dsn)
    print(f"client tests: {passed} passed, {failed} failed")
    if arguments.on == "sundog":
        results.record(f"clients-{arguments.name}", passed, failed)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
