"""What client programs on Node have in common: packages as the lock file pins them, and the counts
that `node --test` prints."""

import re
import subprocess


def install(folder):
    lock = folder / "package-lock.json"
    installed = folder / "node_modules" / ".package-lock.json"
    if not installed.exists() or installed.stat().st_mtime < lock.stat().st_mtime:
        subprocess.run(["npm", "ci", "--no-progress"], cwd=folder, check=True)


def counts(output):
    """(passed, failed); what was cancelled or skipped has failed."""
    found = {
        name: int(number)
        for name, number in re.findall(
            r"^(?:#|ℹ) (pass|fail|cancelled|skipped) (\d+)$", output, re.M
        )
    }
    failed = sum(found.get(name, 0) for name in ("fail", "cancelled", "skipped"))
    return found.get("pass", 0), failed
