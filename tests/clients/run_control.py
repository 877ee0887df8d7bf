#!/usr/bin/env python3
"""Runs clients/control-NAME: AWS's SDKs, from their registries, unmodified, on the control plane of
a private Sundog.

    run_control.py python|node

Packages are installed as the lock file pins them. What the clients are told about the server is
what `sundog env` prints. The exit code is 0 when every test passed.
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
from servers.sundog import Sundog, binary  # noqa: E402

CLIENTS = HERE.parents[1] / "clients"


def count_python(output):
    ran = re.search(r"^Ran (\d+) tests?", output, re.M)
    failed = sum(int(n) for n in re.findall(r"(?:failures|errors|skipped)=(\d+)", output))
    return (int(ran[1]) if ran else 0) - failed, failed


# How it is installed, the command that runs its tests, and how their counts are found in what it
# prints.
RUNNERS = {
    "python": (
        python_packages.install, [".venv/bin/python", "-m", "unittest", "-v"], count_python
    ),
    "node": (node_packages.install, ["npm", "test", "--silent"], node_packages.counts),
}


def environment_of(server):
    """What `eval "$(sundog env)"` makes of the environment."""
    command = [str(binary().resolve()), "env", "--data", str(server.folder / "data")]
    script = subprocess.run(
        [*command, "--endpoint", server.api_url], stdout=subprocess.PIPE, text=True, check=True
    ).stdout
    inherited = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("AWS_") and name != "PYTHONPATH"
    }
    shown = subprocess.run(
        ["sh", "-c", f"{script}\nenv -0"],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        env={**inherited, "AWS_EC2_METADATA_DISABLED": "true"},
    ).stdout
    return dict(pair.split("=", 1) for pair in shown.split("\0") if pair)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("client", choices=sorted(RUNNERS))
    arguments = parser.parse_args()
    install, command, count = RUNNERS[arguments.client]
    folder = CLIENTS / f"control-{arguments.client}"
    install(folder)
    with Sundog(http=True) as server:
        done = subprocess.run(
            command,
            cwd=folder,
            env=environment_of(server),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        credentials = (server.folder / "data" / "credentials").read_text()
        secret = re.search(r"aws_secret_access_key = (\S+)", credentials)[1]
        return conclude(
            f"clients-control-{arguments.client}", server, (secret, "Signature="), done, count
        )


if __name__ == "__main__":
    sys.exit(main())
