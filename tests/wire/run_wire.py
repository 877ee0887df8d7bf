#!/usr/bin/env python3
"""Runs the protocol scripts: every `test_…` function of this folder's modules, on a server of its
own.

    run_wire.py [--on postgres] [--store memory] [PATTERN]
"""

import argparse
import importlib
import pathlib
import re
import sys
import traceback

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

import results  # noqa: E402
from oracle.postgres import Postgres  # noqa: E402
from servers.sundog import Sundog  # noqa: E402

MODULES = [
    "wire.test_simple",
    "wire.test_copy_binary",
    "wire.test_extended",
    "wire.test_authentication",
    "wire.test_cleartext",
    "wire.test_tls",
    "wire.test_tokens",
    "wire.test_api_clusters",
    "wire.test_user_routing",
    "wire.test_database_isolation",
    "wire.test_websocket",
    "wire.test_privileges",
    "wire.test_settings",
    "wire.test_functions",
    "wire.test_vectors",
]


def find_tests(pattern, on):
    for name in MODULES:
        module = importlib.import_module(name)
        if getattr(module, "ONLY_ON", on) != on:
            continue
        for key, value in vars(module).items():
            if key.startswith("test_") and callable(value) and re.search(pattern, key):
                yield f"{name.split('.')[1]}.{key}", value, getattr(module, "WANTS", None)


def run(tests, make_server):
    """Runs tests on one server, restarted when it died; yields (name, error text or None)."""
    server = make_server()
    server.start()
    try:
        for name, test in tests:
            try:
                test(server)
                yield name, None
            except Exception:  # noqa: BLE001  it is the test's outcome
                yield name, traceback.format_exc(limit=-3)
            if hasattr(server, "alive") and not server.alive():
                yield name + ": the server lives on", server.log_text(4000)
                server.start()
    finally:
        server.stop()
        if hasattr(server, "remove"):
            server.remove()


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("pattern", nargs="?", default="")
    parser.add_argument("--on", choices=["sundog", "postgres"], default="sundog")
    parser.add_argument("--store", default="rocks")
    arguments = parser.parse_args()
    groups = {}
    for name, test, wants in find_tests(arguments.pattern, arguments.on):
        groups.setdefault(wants, []).append((name, test))
    passed = failed = 0
    for wants, tests in groups.items():

        def make_server(wants=wants):
            server = Postgres() if arguments.on == "postgres" else Sundog(arguments.store)
            return wants(server) if wants else server

        for name, error in run(tests, make_server):
            passed, failed = passed + (error is None), failed + (error is not None)
            print(f"{'ok  ' if error is None else 'FAIL'} {name}", flush=True)
            if error:
                print("    " + error.strip().replace("\n", "\n    "))
    print(f"wire tests: {passed} passed, {failed} failed")
    if arguments.on == "sundog":
        results.record("wire", passed, failed)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
