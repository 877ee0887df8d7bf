"""What client programs in Python have in common: packages as the lock file pins them, in a virtual
environment beside the program, and the counts that pytest prints."""

import re
import shutil
import subprocess
import sys


def install(folder):
    lock = folder / "requirements.txt"
    environment = folder / ".venv"
    installed = environment / "installed.txt"
    if installed.exists() and installed.read_bytes() == lock.read_bytes():
        return
    shutil.rmtree(environment, ignore_errors=True)
    subprocess.run([sys.executable, "-m", "venv", str(environment)], check=True)
    pip = [environment / "bin" / "python", "-m", "pip", "install", "--quiet"]
    pip += ["--disable-pip-version-check", "--require-hashes", "--only-binary", ":all:"]
    subprocess.run([*pip, "-r", lock], check=True)
    shutil.copy(lock, installed)


def counts(output):
    """(passed, failed); what was skipped has failed."""
    summary = output.rstrip().rpartition("\n")[2]
    found = {
        name: int(number)
        for number, name in re.findall(r"(\d+) (passed|failed|errors?|skipped)\b", summary)
    }
    failed = sum(number for name, number in found.items() if name != "passed")
    return found.get("passed", 0), failed
