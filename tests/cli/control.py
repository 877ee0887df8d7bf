"""`sundog cluster`, `sundog iam`, `sundog env` and `serve --http`; run by run_cli.py."""

import http.client
import json
import os
import re
import signal
import socket
import ssl
import subprocess
import time

import sigv4
from pgclient import ServerError, connect
from servers.api import administrator, credentials
from servers.sundog import Sundog, binary

WAIT_S = 120
REGION = "us-east-1"


class Server(Sundog):
    """With its HTTP API, and commands that are told where it is."""

    def __init__(self, **options):
        super().__init__(http=True, **options)

    @property
    def data(self):
        return self.folder / "data"

    def run(self, *arguments, text=None, environment=None, names_server=True):
        inherited = {
            name: value for name, value in os.environ.items() if not name.startswith("AWS_")
        }
        where = ["--data", str(self.data), "--endpoint", self.api_url] if names_server else []
        done = subprocess.run(
            [str(binary().resolve()), *map(str, arguments), *where],
            cwd=self.folder if names_server else "/",
            input=text,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=WAIT_S,
            check=False,
            env={**inherited, **(environment or {})},
        )
        return done.returncode, done.stdout

    def json(self, *arguments):
        code, output = self.run(*arguments, "--json")
        assert code == 0, output
        return json.loads(output)

    def refusal(self, *arguments, **options):
        code, output = self.run(*arguments, **options)
        assert code == 1, (code, output)
        return output

    def connect_to(self, cluster, key_and_secret=None):
        key, secret = key_and_secret or administrator(self)
        endpoint = cluster["endpoint"]
        return connect(
            host=self.host,
            port=self.port,
            user="admin",
            password=sigv4.make_token(key, secret, endpoint, "DbConnectAdmin", REGION),
            tls=True,
            server_name=endpoint,
        )


def served_certificate(server):
    context = ssl._create_unverified_context()
    with socket.create_connection((server.host, server.http_port), timeout=WAIT_S) as plain:
        with context.wrap_socket(plain, server_hostname="localhost") as opened:
            return opened.getpeercert(True)


def test_the_operators_password_is_asked_for_in_every_cluster():
    with Server(environment={"SUNDOG_PASSWORD": "operator's"}) as server:
        made = server.json("cluster", "create", "--profile", "postgres", "--wait")

        def enter(password):
            return connect(
                host=server.host,
                port=server.port,
                password=password,
                tls=True,
                server_name=made["endpoint"],
            )

        for wrong in ("", "another"):
            try:
                enter(wrong).close()
                raise AssertionError("let in")
            except ServerError as error:
                assert error.sqlstate == "28P01", error
        with enter("operator's") as session:
            session.simple("alter role postgres password 'its own'")
        with enter("its own") as session:
            assert session.value("select current_user") == "postgres"
        try:
            enter("operator's").close()
            raise AssertionError("let in")
        except ServerError as error:
            assert error.sqlstate == "28P01", error


def test_a_clusters_life():
    with Server() as server:
        made = server.json("cluster", "create", "--name", "shop", "--tag", "a=b=c", "--wait")
        assert made["status"] == "ACTIVE", made
        assert made["tags"] == {"Name": "shop", "a": "b=c"}, made
        assert server.json("cluster", "get", "shop") == made
        assert server.json("cluster", "get", made["identifier"]) == made
        listed = server.json("cluster", "list")["clusters"]
        assert sorted(one["tags"]["Name"] for one in listed) == ["default", "shop"], listed
        code, table = server.run("cluster", "list")
        assert code == 0 and made["endpoint"] in table, table
        refused = server.refusal("cluster", "delete", "shop")
        assert "--deletion-protection off" in refused, refused
        updated = server.json("cluster", "update", "shop", "--deletion-protection", "off")
        assert updated["deletionProtectionEnabled"] is False, updated
        timed_out = server.refusal("cluster", "wait", "shop", "--until", "gone", "--timeout", "0")
        assert "is still ACTIVE" in timed_out, timed_out
        deleted = server.json("cluster", "delete", "shop", "--wait")
        assert deleted["status"] == "DELETING", deleted
        gone = server.refusal("cluster", "get", made["identifier"])
        assert "ResourceNotFoundException" in gone, gone
        assert "sundog cluster list" in server.refusal("cluster", "get", "shop")
        code, output = server.run("cluster", "wait", made["identifier"], "--until", "gone")
        assert (code, output) == (0, ""), output
        assert "cannot be deleted" in server.refusal("cluster", "delete", "default")


def test_clusters_are_apart_and_deletion_ends_sessions():
    with Server() as server:
        create = ("cluster", "create", "--no-deletion-protection", "--wait")
        one, other = server.json(*create), server.json(*create)
        session, elsewhere = server.connect_to(one), server.connect_to(other)
        session.simple("create table t (a int primary key)")
        session.simple("insert into t values (1)")
        try:
            elsewhere.simple("select * from t")
            raise AssertionError("a table of another cluster was seen")
        except ServerError as error:
            assert error.fields["C"] == "42P01", error.fields
        server.json("cluster", "delete", one["identifier"], "--wait")
        try:
            session.simple("select 1")
            raise AssertionError("a session outlived its cluster")
        except (ServerError, OSError):
            pass
        try:
            server.connect_to(one)
            raise AssertionError("a deleted cluster was connected to")
        except ServerError as error:
            assert error.fields["C"] == "08006", error.fields
        elsewhere.simple("create table t (a int primary key)")
        elsewhere.close()


def test_a_profile_is_chosen_and_admin_is_there_in_each():
    with Server() as server:
        for profile, sql, wrong in (
            ("postgres", "create table t (a serial primary key, b int[])", None),
            ("dsql", "create table t (a int primary key, b int[])", "0A000"),
        ):
            made = server.json("cluster", "create", "--profile", profile, "--wait")
            with server.connect_to(made) as session:
                try:
                    session.simple(sql)
                    assert wrong is None, profile
                except ServerError as error:
                    assert error.sqlstate == wrong, (profile, error.fields)


def test_a_clusters_policy_lets_in():
    with Server() as server:
        made = server.json("cluster", "create", "--wait")
        server.run("iam", "create-user", "guest")
        key = credentials(server.run("iam", "create-access-key", "--user", "guest")[1])
        try:
            server.connect_to(made, key)
            raise AssertionError("a user without any policy was let in")
        except ServerError as error:
            assert "dsql:DbConnectAdmin" in error.fields["H"], error.fields
        policy = {
            "Statement": {
                "Effect": "Allow",
                "Principal": "*",
                "Action": "dsql:DbConnectAdmin",
                "Resource": "*",
            }
        }
        which = made["identifier"]
        put = ("cluster", "put-policy", which, "--document", "-")
        assert server.run(*put, text=json.dumps(policy)) == (0, "policyVersion              1\n")
        server.connect_to(made, key).close()
        assert json.loads(server.run("cluster", "get-policy", which)[1]) == policy
        assert "ValidationException" in server.refusal(*put, text="{}")
        assert server.run("cluster", "delete-policy", which)[0] == 0
        assert "has no policy" in server.refusal("cluster", "get-policy", which)


def test_clusters_outlive_the_server():
    with Server() as server:
        one = server.json("cluster", "create", "--no-deletion-protection")
        gone = server.json("cluster", "create", "--no-deletion-protection", "--wait")
        server.json("cluster", "delete", gone["identifier"])
        server.kill()
        server.start()
        server.json("cluster", "wait", one["identifier"])
        server.run("cluster", "wait", gone["identifier"], "--until", "gone")
        server.connect_to(one).close()


def test_identities():
    with Server() as server:
        code, arn = server.run("iam", "create-user", "app")
        assert code == 0 and arn.strip().endswith(":user/app"), arn
        assert "app" in server.run("iam", "list-users")[1]
        code, text = server.run("iam", "create-access-key", "--user", "app")
        assert code == 0 and text.startswith("[app]\n"), text
        key, secret = credentials(text)
        as_app = {
            "AWS_ACCESS_KEY_ID": key,
            "AWS_SECRET_ACCESS_KEY": secret,
            "AWS_CA_BUNDLE": str(server.data / "tls" / "ca.pem"),
            "AWS_ENDPOINT_URL_DSQL": server.api_url,
        }
        refused = server.refusal("cluster", "list", names_server=False, environment=as_app)
        assert "not authorized to perform: dsql:ListClusters" in refused, refused
        policy = {"Statement": {"Effect": "Allow", "Action": "dsql:*", "Resource": "*"}}
        put = ("iam", "put-policy", "all", "--user", "app", "--document", "-")
        assert server.run(*put, text=json.dumps(policy)) == (0, "")
        code, output = server.run("cluster", "list", names_server=False, environment=as_app)
        assert code == 0, output
        shown = server.run("iam", "get-policy", "all", "--user", "app")[1]
        assert json.loads(shown) == policy, shown
        assert "ValidationException" in server.refusal(*put, text="{}")
        assert "--user NAME or --role NAME" in server.refusal("iam", "list-policies")
        assert "has policies" in server.refusal("iam", "delete-user", "app")
        for command in (
            ("delete-policy", "all", "--user", "app"),
            ("delete-access-key", key, "--user", "app"),
            ("delete-user", "app"),
        ):
            assert server.run("iam", *command)[0] == 0, command
        refused = server.refusal("cluster", "list", names_server=False, environment=as_app)
        assert "not signed with an access key" in refused and "--data" in refused, refused
        assert secret not in server.log_text(1 << 30)


def test_env():
    with Server() as server:
        made = server.json("cluster", "create", "--name", "it's", "--wait")
        code, script = server.run("env", "--cluster", "it's")
        assert code == 0, script
        _, secret = administrator(server)
        assert secret not in script
        shown = subprocess.run(
            ["sh", "-c", script + '\n"$0" cluster get it\\\'s --json', str(binary().resolve())],
            cwd="/",
            stdout=subprocess.PIPE,
            check=True,
            env={**os.environ, "AWS_ACCESS_KEY_ID": "another", "AWS_PROFILE": "another"},
        ).stdout
        assert json.loads(shown) == made, shown
        assert f"CLUSTER_ENDPOINT='{made['endpoint']}'" in script, script
        refused = server.refusal("env", "--data", "/nosuch", names_server=False)
        assert "--data" in refused, refused


def test_what_does_not_answer_is_said():
    with Server(store="memory") as server:
        nowhere = "https://localhost:1"
        code, output = server.run(
            "cluster", "list", "--endpoint", nowhere, names_server=False,
            environment={"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b"},
        )
        assert code == 1 and nowhere in output and "--endpoint" in output, output
        # The certificate is signed by nobody the system knows.
        code, output = server.run(
            "cluster", "list", "--endpoint", server.api_url, names_server=False,
            environment={"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b"},
        )
        assert code == 1 and "certificate" in output, output
        for wrong in ("http://localhost:1", "localhost", "https://", "https://h:x"):
            code, output = server.run(
                "cluster", "list", "--endpoint", wrong, names_server=False,
                environment={"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b"},
            )
            assert code == 1 and "https://HOST:PORT" in output, output


def test_wrong_commands_fail_with_2():
    with Server(store="memory") as server:
        for words in (
            ("cluster",),
            ("cluster", "get"),
            ("cluster", "fly"),
            ("cluster", "update", "x"),
            ("cluster", "wait", "x", "--until", "monday"),
            ("iam",),
            ("iam", "create-user"),
        ):
            code, output = server.run(*words, names_server=False)
            assert code == 2, (words, code, output)


def test_the_api_speaks_tls_with_the_servers_certificate():
    with Server() as server:
        plain = http.client.HTTPConnection(server.host, server.http_port, timeout=WAIT_S)
        plain.request("GET", "/cluster")
        answer = plain.getresponse()
        assert answer.status == 400 and b"https://" in answer.read()
        before = served_certificate(server)
        (server.data / "tls" / "server.pem").unlink()
        server.process.send_signal(signal.SIGHUP)
        deadline = time.monotonic() + WAIT_S
        while "received SIGHUP" not in server.log_text():
            assert time.monotonic() < deadline, server.log_text()
        assert served_certificate(server) != before


def test_serve_says_where_the_api_is():
    with Server(store="memory") as server:
        output = server.output_text()
        assert f"the HTTP API is at {server.api_url}" in output, output
        code, output = server.run(
            "serve", "--store", "memory", "--listen", "127.0.0.1:0",
            "--http", f"127.0.0.1:{server.http_port}", names_server=False,
        )
        assert code == 1 and "bind" in output, output
        code, output = server.run(
            "serve", "--store", "memory", "--listen", "127.0.0.1:0",
            "--http", "nonsense", names_server=False,
        )
        assert code == 1 and "HOST:PORT" in output, output


def test_nothing_that_is_sent_ends_the_server():
    with Server() as server:
        context = ssl._create_unverified_context()
        for sent in (
            b"\x00" * 100,
            b"GET / HTTP/1.1\r\n" + b"a: b\r\n" * 10000 + b"\r\n",
            b"POST /cluster HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\n",
            b"POST /cluster HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n",
            b"GET /%ff%00?%ff=%zz HTTP/1.1\r\nAuthorization: AWS4-HMAC-SHA256 ,=,=\r\n\r\n",
            b"GET / HTTP/1.1\r\nX-Amz-Date: x\r\nAuthorization: AWS4-HMAC-SHA256 "
            b"Credential=////, SignedHeaders=;;, Signature=\r\n\r\n",
        ):
            where = (server.host, server.http_port)
            with socket.create_connection(where, timeout=WAIT_S) as plain:
                with context.wrap_socket(plain) as opened:
                    opened.sendall(sent)
                    answer = opened.recv(100)
                    assert re.match(rb"HTTP/1.1 4\d\d ", answer), (sent[:50], answer)
        assert server.alive() and server.json("cluster", "list")
