#!/usr/bin/env python3
"""Runs clients/dsql-NAME: Aurora DSQL's own connectors and signers, and ORMs on them, from their
registries, unmodified, against a private Sundog with a cluster of profile dsql.

    run_dsql.py go|java|node|python|rust

Packages are installed as the lock file pins them. The exit code is 0 when every test passed.
"""

import argparse
import os
import pathlib
import re
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from clients import node_packages, python_packages  # noqa: E402
from clients.conclusion import conclude  # noqa: E402
from clients.dsql import Dsql  # noqa: E402

CLIENTS = HERE.parents[1] / "clients"


def build_node(folder):
    node_packages.install(folder)
    # What Prisma generates needs no engine of its own; without this it would fetch one.
    environment = dict(os.environ, PRISMA_SCHEMA_ENGINE_BINARY="/bin/false")
    subprocess.run(["npm", "run", "--silent", "build"], cwd=folder, env=environment, check=True)


def build_go(folder):
    subprocess.run(["go", "test", "-c", "-o", "dist/tests", "."], cwd=folder, check=True)


def counts_of_go(output):
    """Of tests that have no tests in them; what was skipped has failed."""
    ended = re.findall(r"^ *--- (PASS|FAIL|SKIP): (\S+)", output, re.M)
    parents = {name.rpartition("/")[0] for _, name in ended}
    results_of_leaves = [result for result, name in ended if name not in parents]
    passed = results_of_leaves.count("PASS")
    return passed, len(results_of_leaves) - passed


def build_java(folder):
    maven = ["mvn", "--batch-mode", "--quiet", "test-compile"]
    maven += ["dependency:build-classpath", "-Dmdep.outputFile=target/classpath"]
    subprocess.run(maven, cwd=folder, check=True)


# Java trusts a store of its own, made of the authority.
RUN_JAVA = """
store=$(mktemp --dry-run)
keytool -importcert -noprompt -alias sundog -file "$CLUSTER_CA" \\
    -keystore "$store" -storepass changeit 2>&1
java -Djavax.net.ssl.trustStore="$store" -Djavax.net.ssl.trustStorePassword=changeit \\
    -cp "target/test-classes:$(cat target/classpath)" \\
    org.junit.platform.console.ConsoleLauncher execute --scan-classpath target/test-classes \\
    --disable-banner --disable-ansi-colors --details=tree
status=$?
rm -f "$store"
exit $status
"""


def counts_of_java(output):
    """What was skipped or aborted has failed."""
    found = re.findall(r"^\[ *(\d+) tests (successful|failed|skipped|aborted) *\]$", output, re.M)
    count = {name: int(number) for number, name in found}
    return count.get("successful", 0), sum(count.values()) - count.get("successful", 0)


def build_rust(folder):
    subprocess.run(["cargo", "test", "--quiet", "--locked", "--no-run"], cwd=folder, check=True)


def counts_of_rust(output):
    """What was left out has failed."""
    found = re.findall(r"^test result: .* (\d+) passed; (\d+) failed; (\d+) ignored", output, re.M)
    passed, failed, ignored = (sum(map(int, column)) for column in zip(*found or [(0, 0, 0)]))
    return passed, failed + ignored


# What builds it, the command that runs its tests, and how their counts are found in the output.
RUNNERS = {
    "go": (build_go, ["dist/tests", "-test.v", "-test.timeout=5m"], counts_of_go),
    "java": (build_java, ["sh", "-c", RUN_JAVA], counts_of_java),
    "node": (build_node, ["npm", "test", "--silent"], node_packages.counts),
    "python": (
        python_packages.install, [".venv/bin/python", "-m", "pytest"], python_packages.counts
    ),
    "rust": (
        build_rust,
        ["cargo", "test", "--locked", "--offline", "--", "--test-threads=1"],
        counts_of_rust,
    ),
}


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
        _, secret = cluster.key()
        return conclude(
            f"clients-dsql-{arguments.client}",
            cluster.server,
            (secret, "X-Amz-Signature"),
            done,
            counts,
        )


if __name__ == "__main__":
    sys.exit(main())
