#!/usr/bin/env python3
"""Ten thousand idle connections: what they cost in resident memory, and that the server still
serves.

    idle_connections.py [--connections 10000] [--limit-kib 20]

Every connection has run a statement and is idle. The number is lowered, and said so, where the
limit of open files does not allow it.
"""

import argparse
import pathlib
import re
import resource
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

import results  # noqa: E402
from pgclient import connect  # noqa: E402
from servers.sundog import Sundog  # noqa: E402

FILES_BESIDES = 200


def resident_kib(pid):
    text = pathlib.Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+)", text)[1])


def raise_file_limit(wanted):
    """As many connections as the limit of open files allows; the server inherits the limit."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    limit = hard if hard != resource.RLIM_INFINITY else wanted + FILES_BESIDES
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(limit, wanted + FILES_BESIDES), hard))
    return min(wanted, limit - FILES_BESIDES)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--connections", type=int, default=10000)
    parser.add_argument("--limit-kib", type=float, default=20)
    arguments = parser.parse_args()
    count = raise_file_limit(arguments.connections)
    if count < arguments.connections:
        print(f"the limit of open files allows {count} connections")
    with Sundog() as server:
        # What the first few cost once (caches, pools) is not a connection's.
        sessions = [connect(server.connection_string) for _ in range(count // 20)]
        for session in sessions:
            session.value("select 1")
        before, opened = resident_kib(server.pid), len(sessions)
        while len(sessions) < count:
            sessions.append(connect(server.connection_string))
            sessions[-1].value("select 1")
        each = (resident_kib(server.pid) - before) / (len(sessions) - opened)
        answers = all(session.value("select 1 + 1") == "2" for session in sessions[:: count // 50])
        for session in sessions:
            session.close()
    print(f"{count} idle connections, {each:.1f} KiB of resident memory each")
    failed = (each > arguments.limit_kib) + (not answers)
    results.record("idle-connections", 2 - failed, failed)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
