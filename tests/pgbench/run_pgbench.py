#!/usr/bin/env python3
"""pgbench's TPC-B with many clients in each protocol, and with TLS: no error, and the four sums
agree afterwards.

    run_pgbench.py [--scale 10] [--seconds 5] [--clients 16] [--on postgres]
"""

import argparse
import pathlib
import re
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

import results  # noqa: E402
from oracle.postgres import Postgres, binary_folder  # noqa: E402
from pgclient import connect  # noqa: E402
from servers.sundog import Sundog  # noqa: E402

SUMS = {
    "accounts": "select sum(abalance) from pgbench_accounts",
    "tellers": "select sum(tbalance) from pgbench_tellers",
    "branches": "select sum(bbalance) from pgbench_branches",
    "history": "select coalesce(sum(delta), 0) from pgbench_history",
}


def pgbench(server, *arguments, sslmode="disable"):
    """Runs pgbench; returns (exit code, output)."""
    target = f"{server.connection_string}?sslmode={sslmode}"
    command = [str(binary_folder() / "pgbench"), *arguments, target]
    done = subprocess.run(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    return done.returncode, done.stdout


def run_protocol(server, protocol, sslmode, arguments):
    """What went wrong in one run, and how many transactions it made."""
    code, output = pgbench(
        server,
        "-n",
        "-M",
        protocol,
        "-c",
        str(arguments.clients),
        "-j",
        "2",
        "-T",
        str(arguments.seconds),
        sslmode=sslmode,
    )
    wrong = []
    processed = re.search(r"number of transactions actually processed: (\d+)", output)
    failed = re.search(r"number of failed transactions: (\d+)", output)
    if code != 0 or not processed or re.search(r"\b(error|aborted|fatal)\b", output, re.I):
        wrong.append(output)
    elif failed and failed[1] != "0":
        wrong.append(f"{failed[1]} transactions failed")
    return wrong, int(processed[1]) if processed else 0


def check_sums(server, transactions):
    with connect(server.connection_string) as session:
        sums = {name: session.value(query) for name, query in SUMS.items()}
        history = int(session.value("select count(*) from pgbench_history"))
    wrong = []
    if len(set(sums.values())) != 1:
        wrong.append(f"the sums differ: {sums}")
    if history != transactions:
        wrong.append(f"{history} rows of history for {transactions} transactions")
    return wrong


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--scale", type=int, default=10)
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--clients", type=int, default=16)
    parser.add_argument("--on", choices=["sundog", "postgres"], default="sundog")
    parser.add_argument("--store", default="rocks")
    arguments = parser.parse_args()
    passed = failed = 0
    with Postgres() if arguments.on == "postgres" else Sundog(arguments.store) as server:
        code, output = pgbench(server, "-i", "-q", "-s", str(arguments.scale))
        steps = [("initialisation", [output] if code else [])]
        total = 0
        runs = [(protocol, "disable") for protocol in ("simple", "extended", "prepared")]
        if arguments.on == "sundog":
            runs.append(("prepared", "require"))
        for protocol, sslmode in runs if code == 0 else ():
            wrong, transactions = run_protocol(server, protocol, sslmode, arguments)
            total += transactions
            title = f"{protocol}, sslmode={sslmode}"
            steps.append((f"{title}: {transactions} transactions", wrong))
            steps.append((f"{title}: the sums agree", check_sums(server, total)))
        for name, wrong in steps:
            passed, failed = passed + (not wrong), failed + bool(wrong)
            print(f"{'FAIL' if wrong else 'ok  '} {name}")
            for line in wrong:
                print("    " + line.strip().replace("\n", "\n    "))
    print(f"pgbench: {passed} passed, {failed} failed")
    if arguments.on == "sundog":
        results.record("pgbench", passed, failed)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
