"""The certificates `serve` makes, takes and reads again; run by run_cli.py."""

import pathlib
import signal
import socket
import ssl
import stat
import subprocess
import tempfile
import time

from pgclient import connect
from servers.sundog import Sundog, binary
from wire.secured import certificate

WAIT_S = 120


def run(*arguments):
    done = subprocess.run(
        [str(binary()), *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=WAIT_S,
        check=False,
    )
    return done.returncode, done.stdout


def tls_folder(server):
    return server.folder / "data" / "tls"


def open_tls(server, authority=None, name="localhost"):
    """A direct TLS connection, verified where an authority is given."""
    context = ssl.create_default_context(cafile=authority and str(authority))
    context.set_alpn_protocols(["postgresql"])
    if authority is None:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    plain = socket.create_connection((server.host, server.port), timeout=WAIT_S)
    return context.wrap_socket(plain, server_hostname=name)


def served(server, authority=None, name="localhost"):
    """The certificate new connections get, in PEM."""
    with open_tls(server, authority, name) as opened:
        return ssl.DER_cert_to_PEM_cert(opened.getpeercert(True)).strip()


def hang_up(server):
    """SIGHUP; what the log says of it."""
    before = server.log_text().count("received SIGHUP")
    server.process.send_signal(signal.SIGHUP)
    deadline = time.monotonic() + WAIT_S
    while server.log_text().count("received SIGHUP") == before:
        assert server.alive(), server.log_text()
        assert time.monotonic() < deadline, server.log_text()
        time.sleep(0.01)
    return server.log_text().rsplit("received SIGHUP", 1)[1]


def test_the_first_start_makes_an_authority_and_later_ones_keep_it():
    with Sundog() as server:
        folder = tls_folder(server)
        for name in ("ca.key", "server.key"):
            mode = stat.S_IMODE((folder / name).stat().st_mode)
            assert mode == 0o600, (name, oct(mode))
        before = {path.name: path.read_bytes() for path in folder.iterdir()}
        assert sorted(before) == ["ca.key", "ca.pem", "server.key", "server.pem"], before
        for name in ("localhost", "127.0.0.1", "::1", "abc.dsql.us-east-1.on.aws"):
            assert served(server, folder / "ca.pem", name).encode() in before["server.pem"]
        server.stop()
        server.start()
        assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_other_names_make_another_certificate_of_the_same_authority():
    with Sundog() as server:
        authority = tls_folder(server) / "ca.pem"
        first, known = served(server, authority), authority.read_bytes()
        server.stop()
        server.arguments = ["--region", "eu-west-1", "--region", "us-east-2"]
        server.arguments += ["--tls-name", "DB.example", "--tls-name", "10.1.2.3"]
        server.start()
        for name in (
            "localhost", "db.example", "10.1.2.3", "x.dsql.eu-west-1.on.aws",
            "x.dsql.us-east-2.on.aws",
        ):  # fmt: skip
            assert served(server, authority, name) != first, name
        try:
            served(server, authority, "x.dsql.us-east-1.on.aws")
            raise AssertionError("a region that was not named")
        except ssl.SSLCertVerificationError:
            pass
        assert authority.read_bytes() == known


def test_names_that_are_none_are_refused():
    for option, value in (
        ("--region", "us east"), ("--region", "us.east"), ("--region", ""), ("--region", "*"),
        ("--tls-name", "a,DNS:b"), ("--tls-name", "-"), ("--tls-name", "a.*.b"),
    ):  # fmt: skip
        code, output = run("serve", "--data", "/nosuch", option, value)
        assert code == 2 and option in output, (option, value, output)
    code, output = run(
        "serve", "--data", "/nosuch", "--tls-name", "a", "--tls-cert", "x", "--tls-key", "y"
    )
    assert code == 2 and "--tls-name" in output, output


def test_a_certificate_given_that_is_none_is_named():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        certificate(folder)
        (folder / "junk").write_text("junk")
        for chain, key, named in (
            ("junk", "server.key", "junk"),
            ("server.crt", "junk", "junk"),
            ("nosuch", "server.key", "nosuch"),
            (".", "server.key", "."),
        ):
            code, output = run(
                "serve", "--data", folder / "data", "--listen", "127.0.0.1:0",
                "--tls-cert", folder / chain, "--tls-key", folder / key,
            )  # fmt: skip
            assert code == 1 and str(folder / named) in output, output


def test_sighup_reads_a_given_certificate_again():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        certificate(folder)
        files = ["--tls-cert", str(folder / "server.crt"), "--tls-key", str(folder / "server.key")]
        with Sundog(arguments=files) as server:
            first = served(server)
            assert first in (folder / "server.crt").read_text()
            assert not tls_folder(server).exists()
            with connect(server.connection_string, tls=True) as session:
                certificate(folder)
                hang_up(server)
                second = served(server)
                assert second in (folder / "server.crt").read_text() and second != first
                (folder / "server.key").write_text("junk")
                said = hang_up(server)
                assert "server.key" in said and served(server) == second, said
                (folder / "server.crt").unlink()
                said = hang_up(server)
                assert "server.crt" in said and served(server) == second, said
                certificate(folder)
                hang_up(server)
                assert served(server) not in (first, second)
                assert session.value("select 1") == "1"


def test_sighup_looks_at_the_folder_again():
    with Sundog() as server:
        folder = tls_folder(server)
        first = served(server, folder / "ca.pem")
        hang_up(server)
        assert served(server, folder / "ca.pem") == first
        (folder / "server.pem").unlink()
        hang_up(server)
        second = served(server, folder / "ca.pem")
        assert second != first and second.encode() in (folder / "server.pem").read_bytes()
        (folder / "ca.pem").rename(folder / "kept")
        (folder / "ca.pem").write_text("junk")
        said = hang_up(server)
        assert str(folder / "ca.pem") in said and served(server, folder / "kept") == second, said


def test_sighup_and_handshakes_go_together():
    with Sundog() as server:
        for _ in range(50):
            with open_tls(server, tls_folder(server) / "ca.pem"):
                server.process.send_signal(signal.SIGHUP)
        hang_up(server)
        with connect(server.connection_string) as session:
            assert session.value("select 1") == "1"


def test_a_store_in_memory_keeps_a_certificate_only_where_it_is_told_to():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        process = subprocess.Popen(
            [str(binary().resolve()), "serve", "--store", "memory", "--listen", "127.0.0.1:0"],
            cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        )  # fmt: skip
        try:
            url = process.stdout.readline().split()[-1]
            with connect(url, tls=True) as session:
                assert session.value("select 1") == "1"
        finally:
            process.terminate()
            assert process.wait(timeout=WAIT_S) == 0
        assert list(folder.iterdir()) == []
    with Sundog(store="memory") as server:
        first = served(server, tls_folder(server) / "ca.pem")
        server.stop()
        # The folder may become one with data.
        server.store = "rocks"
        server.start()
        assert served(server, tls_folder(server) / "ca.pem") == first
