#!/usr/bin/env python3
"""A disk that runs full: statements get 53100, reads go on, nothing acknowledged is lost.

The disk is full in the server's eyes alone: enospc.c, preloaded, fails its writes while a file
exists.
"""

import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

import results  # noqa: E402
from pgclient import ServerError, connect  # noqa: E402
from servers.sundog import Sundog  # noqa: E402

ROWS_BEFORE = 200
ATTEMPTS = 20


def build_shim(folder):
    library = folder / "enospc.so"
    command = ["gcc", "-shared", "-fPIC", "-O1", "-o", str(library), str(HERE / "enospc.c"), "-ldl"]
    subprocess.run(command, check=True)
    return library


def insert(session, number):
    """None when acknowledged, else the SQLSTATE."""
    try:
        session.extended("insert into kept values ($1, $2)", number, "x" * 500)
        return None
    except ServerError as error:
        return error.sqlstate


def fill(server, flag):
    """Writes before, during and after the disk is full; returns (acknowledged numbers,
    problems)."""
    problems = []
    with connect(server.connection_string) as session:
        session.simple("create table kept (id int primary key, v text)")
        acknowledged = {n for n in range(ROWS_BEFORE) if insert(session, n) is None}
        flag.touch()
        for number in range(1000, 1000 + ATTEMPTS):
            state = insert(session, number)
            if state is None:
                problems.append(f"insert {number} was acknowledged on a full disk")
            elif state != "53100":
                problems.append(f"insert {number} got {state}, not 53100")
        if session.value("select count(*) from kept where id < 1000") != str(len(acknowledged)):
            problems.append("reads do not see what was acknowledged")
        flag.unlink()
    return acknowledged, problems


def check_after(server, acknowledged):
    with connect(server.connection_string) as session:
        found = {int(number) for (number,) in session.rows("select id from kept")}
        problems = [f"acknowledged row {n} is lost" for n in acknowledged - found]
        problems += [f"row {n} was refused and is there" for n in found - acknowledged]
        if insert(session, 5000) is not None:
            problems.append("no write is taken after a restart with room on the disk")
    return problems


def main():
    with tempfile.TemporaryDirectory(prefix="sundog-full-") as name:
        folder = pathlib.Path(name)
        flag = folder / "full"
        environment = {
            "LD_PRELOAD": str(build_shim(folder)),
            "FULL_DISK_FLAG": str(flag),
            "FULL_DISK_FOLDER": str(folder / "served"),
        }
        (folder / "served").mkdir()
        server = Sundog(folder=folder / "served", environment=environment)
        server.start()
        try:
            acknowledged, problems = fill(server, flag)
            if not server.alive():
                problems.append("the server ended")
                server.process = None
            else:
                server.kill()
            server.start()
            problems += check_after(server, acknowledged)
        finally:
            server.stop()
    for problem in problems[:20]:
        print(problem)
    print(f"full disk: {len(acknowledged)} rows acknowledged, {len(problems)} problems")
    results.record("full-disk", 0 if problems else 1, len(problems))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
