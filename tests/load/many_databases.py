#!/usr/bin/env python3
"""Many databases on one server: created, used, unloaded, reloaded and deleted, with the server's
memory and disk after each phase.

    many_databases.py [--databases 10000] [--unload-after SECONDS]

What is checked: that each has its own row after it came back, that each left memory when nobody
used it, that all are gone in the end, and their bytes with them. Times and memory are printed, not
judged.
"""

import argparse
import concurrent.futures
import pathlib
import re
import statistics
import sys
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

import results  # noqa: E402
from pgclient import connect  # noqa: E402
from servers.api import Api  # noqa: E402
from servers.sundog import Sundog  # noqa: E402

THREADS = 4
DATABASES = "/customer/databases"
# Each of three phases; the run as a whole has a limit, which is longer (tests/CMakeLists.txt).
WAIT_S = 300


def resident_mib(server):
    text = pathlib.Path(f"/proc/{server.pid}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+)", text)[1]) / 1024


def disk_mib(server):
    total = 0
    for path in (server.folder / "data").rglob("*"):
        try:
            total += path.stat().st_blocks * 512
        except FileNotFoundError:
            pass  # the store has just done away with it
    return total / (1 << 20)


def in_ms(seconds):
    ordered = sorted(seconds)
    return 1000 * statistics.median(ordered), 1000 * ordered[len(ordered) * 99 // 100]


class Run:
    def __init__(self, server, count):
        self.server = server
        self.count = count
        self.problems = []
        self.checks = 0
        self._apis = threading.local()
        self._pool = concurrent.futures.ThreadPoolExecutor(THREADS)
        self.databases = []

    def check(self, holds, problem):
        self.checks += 1
        if not holds:
            self.problems.append(problem)
            print("not ok:", problem)

    def api(self):
        if not hasattr(self._apis, "api"):
            self._apis.api = Api(self.server)
        return self._apis.api

    def phase(self, name, work):
        """Runs `work` for each database; the seconds each took."""

        def timed(each):
            start = time.monotonic()
            work(each)
            return time.monotonic() - start

        start = time.monotonic()
        seconds = list(self._pool.map(timed, self.databases))
        self.report(name, time.monotonic() - start, seconds)
        return seconds

    def report(self, name, took_s, seconds=()):
        each = "{:6.1f} ms median, {:6.1f} ms 99 %".format(*in_ms(seconds)) if seconds else ""
        print(
            f"{name:10} {took_s:6.1f} s  {resident_mib(self.server):7.1f} MiB resident  "
            f"{disk_mib(self.server):7.1f} MiB on disk  {each}",
            flush=True,
        )

    def create(self, number):
        made = self.api().do("POST", DATABASES, {"name": f"many-{number}"})
        assert made["state"] == "ACTIVE", made
        return made

    def use(self, number):
        with connect(self.databases_made[number]["connection_string"]) as session:
            session.simple("create table kept (id serial primary key, name text)")
            session.simple(f"insert into kept (name) values ('many-{number}')")

    def reload(self, number):
        made = self.databases_made[number]
        with connect(made["connection_string"]) as session:
            kept = session.value("select string_agg(id || ' ' || name, ',') from kept")
        if kept != f"1 many-{number}":
            self.problems.append(f"{made['name']} has {kept!r}")

    def is_in_memory(self, number):
        return self.api().do("GET", f"{DATABASES}/many-{number}")["in_memory"]

    def wait_until_unloaded(self):
        start = time.monotonic()
        for number in self.databases:
            while self.is_in_memory(number):
                if time.monotonic() - start > WAIT_S:
                    self.check(False, f"many-{number} stays in memory")
                    return
                time.sleep(0.1)
        self.report("unloaded", time.monotonic() - start)
        self.check(True, "")

    def delete(self, number):
        deleted = self.api().do("DELETE", f"{DATABASES}/many-{number}")
        assert deleted["state"] == "DELETING", deleted

    def wait_until_gone(self):
        start = time.monotonic()
        with Api(self.server) as api:
            while True:
                left = len(api.do("GET", DATABASES)["databases"])
                if left == 1:  # the server's own
                    break
                if time.monotonic() - start > WAIT_S:
                    self.check(False, f"{left - 1} databases are left")
                    return
                time.sleep(0.1)
        self.report("gone", time.monotonic() - start)
        self.check(True, "")

    def wait_for_disk(self, most_mib):
        start = time.monotonic()
        while disk_mib(self.server) > most_mib and time.monotonic() - start < WAIT_S:
            time.sleep(0.2)
        self.report("reclaimed", time.monotonic() - start)
        has = disk_mib(self.server)
        self.check(has <= most_mib, f"{has:.1f} MiB are still on disk, not {most_mib:.1f}")

    def run(self):
        self.report("empty", 0)
        empty_mib = disk_mib(self.server)
        self.databases = range(self.count)
        self.databases_made = [None] * self.count

        def create(number):
            self.databases_made[number] = self.create(number)

        self.phase("created", create)
        self.phase("used", self.use)
        used_mib = resident_mib(self.server)
        self.wait_until_unloaded()
        unloaded_mib = resident_mib(self.server)
        first = self.phase("reloaded", self.reload)
        again = self.phase("again", self.reload)
        wake_ms = in_ms(first)[0] - in_ms(again)[0]
        print(f"waking one up takes {wake_ms:.1f} ms more than a connection to one that is awake")
        self.check(not self.problems, "some databases have lost their rows")
        print(f"unloading gave back {used_mib - unloaded_mib:.1f} MiB of memory")
        self.phase("deleted", self.delete)
        self.wait_until_gone()
        # The store's log of what was written last stays.
        self.wait_for_disk(empty_mib + 80)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--databases", type=int, default=10000)
    parser.add_argument("--unload-after", type=int, default=30)
    arguments = parser.parse_args()
    server = Sundog(http=True, arguments=["--unload-after", str(arguments.unload_after)])
    with server:
        run = Run(server, arguments.databases)
        run.run()
    print(f"{arguments.databases} databases, {len(run.problems)} problems")
    results.record("many-databases", run.checks - len(run.problems), len(run.problems))
    return 1 if run.problems else 0


if __name__ == "__main__":
    sys.exit(main())
