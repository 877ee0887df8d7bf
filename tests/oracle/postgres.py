"""A private PostgreSQL 15 for one test run.

    with Postgres() as pg:
        connect(host=pg.host, port=pg.port, user="postgres", database="postgres")

The server lives in a fresh temporary folder, listens on a free loopback port, trusts everyone, and
is gone, folder and all, when the block ends. PostgreSQL refuses to run as root, so as root it is
started as user `postgres`. As a program (`python3 -m oracle.postgres`) it prints its connection
string and runs until its standard input closes.
"""

import contextlib
import os
import pathlib
import pwd
import shutil
import socket
import subprocess
import sys
import tempfile
import time

LOCALE = "C.UTF-8"
START_TIMEOUT_S = 60


def binary_folder():
    """The folder of PostgreSQL 15's programs: $SUNDOG_PG_BIN, else Debian's."""
    folder = pathlib.Path(os.environ.get("SUNDOG_PG_BIN", "/usr/lib/postgresql/15/bin"))
    if not (folder / "postgres").exists():
        raise FileNotFoundError(f"no PostgreSQL 15 in {folder}; run script/setup")
    return folder


def free_port():
    """A loopback port nobody listens on at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Postgres:
    """Starts PostgreSQL on entry (or `start()`), stops it and removes its folder on exit (or
    `stop()`)."""

    def __init__(self, settings=None, durable=False):
        self.host = "127.0.0.1"
        self.port = None
        self.settings = dict(settings or {})
        self.durable = durable
        self._folder = None
        self._process = None

    @property
    def pid(self):
        """The postmaster's process id, found through its own pid file (runuser stands between)."""
        text = (self._folder / "data" / "postmaster.pid").read_text()
        return int(text.split("\n", 1)[0])

    @property
    def connection_string(self):
        return f"postgresql://postgres@{self.host}:{self.port}/postgres"

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.stop()

    def start(self):
        self._folder = pathlib.Path(tempfile.mkdtemp(prefix="sundog-oracle-"))
        if os.geteuid() == 0:
            owner = pwd.getpwnam("postgres")
            os.chown(self._folder, owner.pw_uid, owner.pw_gid)
        self._initdb()
        self._launch()

    def _launch(self):
        self.port = free_port()
        self._process = subprocess.Popen(
            self._as_postgres(
                [binary_folder() / "postgres", "-D", self._folder / "data"] + self._options()
            ),
            stdin=subprocess.DEVNULL,
            stdout=open(self._folder / "log", "wb"),
            stderr=subprocess.STDOUT,
            cwd="/",
        )
        self._wait_until_ready()

    def stop(self):
        if self._process is not None:
            subprocess.run(
                self._as_postgres(
                    [
                        binary_folder() / "pg_ctl",
                        "stop",
                        "-m",
                        "immediate",
                        "-w",
                        "-D",
                        self._folder / "data",
                    ]
                ),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                cwd="/",
                check=False,
            )
            self._process.wait(timeout=30)
            self._process = None
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None

    def crash(self):
        """Ends the server as a power cut would: no checkpoint, recovery at the next start."""
        subprocess.run(
            self._as_postgres(
                [
                    binary_folder() / "pg_ctl",
                    "stop",
                    "-m",
                    "immediate",
                    "-w",
                    "-D",
                    self._folder / "data",
                ]
            ),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd="/",
            check=False,
        )
        self._process.wait(timeout=30)
        self._process = None

    def restart(self):
        """Starts again on the same folder, on a new port."""
        self._launch()

    def demand_passwords(self, method):
        """Replaces trust by a method of pg_hba.conf, for every connection from now on."""
        (self._folder / "data" / "pg_hba.conf").write_text(f"host all all all {method}\n")
        subprocess.run(
            self._as_postgres([binary_folder() / "pg_ctl", "reload", "-D", self._folder / "data"]),
            stdout=subprocess.DEVNULL,
            cwd="/",
            check=True,
        )

    def log_text(self):
        return (self._folder / "log").read_text(errors="replace")

    def _as_postgres(self, command):
        command = [str(part) for part in command]
        if os.geteuid() != 0:
            return command
        return ["runuser", "-u", "postgres", "--"] + command

    def _initdb(self):
        done = subprocess.run(
            self._as_postgres(
                [
                    binary_folder() / "initdb",
                    "-U",
                    "postgres",
                    "-A",
                    "trust",
                    "--no-sync",
                    f"--locale={LOCALE}",
                    "-E",
                    "UTF8",
                    "-D",
                    self._folder / "data",
                ]
            ),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            cwd="/",
            check=False,
        )
        if done.returncode != 0:
            raise RuntimeError("initdb failed:\n" + done.stdout)

    def _options(self):
        settings = {
            "listen_addresses": self.host,
            "port": self.port,
            "unix_socket_directories": self._folder,
            "timezone": "UTC",
            "log_timezone": "UTC",
            "max_connections": 200,
            "fsync": "on" if self.durable else "off",
            "synchronous_commit": "on" if self.durable else "off",
        }
        settings.update(self.settings)
        return [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]

    def _wait_until_ready(self):
        deadline = time.monotonic() + START_TIMEOUT_S
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                raise RuntimeError("PostgreSQL ended while starting:\n" + self.log_text())
            ready = subprocess.run(
                [str(binary_folder() / "pg_isready"), "-q", "-h", self.host, "-p", str(self.port)],
                check=False,
            )
            if ready.returncode == 0:
                return
            time.sleep(0.05)
        raise TimeoutError("PostgreSQL did not accept connections:\n" + self.log_text())


@contextlib.contextmanager
def oracle_from_environment(variable="SUNDOG_ORACLE"):
    """The connection string in $SUNDOG_ORACLE if set, else that of a private server."""
    given = os.environ.get(variable)
    if given:
        yield given
        return
    with Postgres() as server:
        yield server.connection_string


if __name__ == "__main__":
    with Postgres() as standalone:
        print(standalone.connection_string, flush=True)
        sys.stdin.read()
