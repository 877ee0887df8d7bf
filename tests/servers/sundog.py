"""A private Sundog for one test run.

    with Sundog(store="memory") as server:
        connect(server.connection_string)

The binary is $SUNDOG_BINARY (else build/release/bin/sundog). The server listens on a free loopback
port, another one after each start, and keeps its data in a fresh temporary folder, removed at the
end, unless a folder is given. What it prints is kept apart from its log, as it may tell a secret.
"""

import os
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
START_TIMEOUT_S = 120


def binary():
    path = pathlib.Path(os.environ.get("SUNDOG_BINARY", ROOT / "build/release/bin/sundog"))
    if not path.exists():
        raise FileNotFoundError(f"no server binary at {path}; run script/build")
    return path


class Sundog:
    """`start`, `stop` (SIGTERM), `kill` (SIGKILL); start again on the same folder as often as
    wanted."""

    def __init__(self, store="rocks", folder=None, arguments=(), environment=None, http=False):
        self.host = "127.0.0.1"
        self.port = None
        self.http = http
        self.http_port = None
        self.store = store
        self.arguments = list(arguments)
        self.environment = dict(os.environ, **(environment or {}))
        self._own_folder = folder is None
        self.folder = pathlib.Path(folder) if folder else None
        self.process = None

    @property
    def pid(self):
        return self.process.pid

    @property
    def api_url(self):
        return f"https://localhost:{self.http_port}"

    @property
    def connection_string(self):
        return f"postgresql://postgres@{self.host}:{self.port}/postgres"

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.stop()
        self.remove()

    def start(self):
        if self.folder is None:
            self.folder = pathlib.Path(tempfile.mkdtemp(prefix="sundog-test-"))
        command = [
            str(binary()),
            "serve",
            "--data",
            str(self.folder / "data"),
            "--listen",
            f"{self.host}:0",
            "--http",
            f"{self.host}:0" if self.http else "none",
        ]
        if self.store != "rocks":
            command += ["--store", self.store]
        with open(self.folder / "log", "ab") as log, open(self.folder / "output", "ab") as output:
            output_start = output.tell()
            self.process = subprocess.Popen(
                command + self.arguments,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=log,
                env=self.environment,
            )
        self._wait_until_ready(output_start)

    def _wait_until_ready(self, output_start):
        deadline = time.monotonic() + START_TIMEOUT_S
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise RuntimeError(
                    f"sundog ended with {self.process.returncode} while starting:\n"
                    + self.log_text()
                )
            # It is said once connections are accepted; earlier starts may have said it, too.
            with open(self.folder / "output", "rb") as output:
                output.seek(output_start)
                if self._find_ports(output.read().decode()):
                    return
            time.sleep(0.02)
        raise TimeoutError("sundog did not accept connections:\n" + self.log_text())

    def _find_ports(self, said):
        """Whether all that is said at the start is there."""
        sql = re.search(r"ready to accept connections at \S+:(\d+)/", said)
        api = re.search(r"the HTTP API is at \S+:(\d+)\n", said)
        if not sql or (self.http and not api):
            return False
        self.port = int(sql[1])
        self.http_port = int(api[1]) if api else None
        return True

    def alive(self):
        return self.process is not None and self.process.poll() is None

    def stop(self, timeout_s=120):
        """SIGTERM; returns the exit code. A server that does not end in time is killed, and that is
        an error, as is any exit code but 0."""
        if self.process is None:
            return None
        was_alive = self.process.poll() is None
        if was_alive:
            self.process.send_signal(signal.SIGTERM)
        try:
            code = self.process.wait(timeout=timeout_s)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise RuntimeError("sundog did not end after SIGTERM:\n" + self.log_text()) from None
        self.process = None
        if was_alive and code != 0:
            # A sanitizer's reports end in this, too.
            raise RuntimeError(f"sundog exited with {code} after SIGTERM:\n" + self.log_text())
        return code

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self.process = None

    def remove(self):
        if self._own_folder and self.folder is not None:
            shutil.rmtree(self.folder, ignore_errors=True)

    def output_text(self):
        return (self.folder / "output").read_text(errors="replace")

    def log_text(self, last_bytes=20000):
        data = (self.folder / "log").read_bytes()
        return data[-last_bytes:].decode(errors="replace")
