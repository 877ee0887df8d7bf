"""The API's own description, /openapi.json, against what it answers; run by run_cli.py."""

import http.client
import json
import re
import ssl

from cli.branches import wait_until
from cli.database_api import WAIT_S
from cli.databases import Databases
from pgclient import connect
from servers.api import Api

TYPES = {
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
    "object": dict,
    "array": list,
    "null": type(None),
}


def problems(document, schema, value, where="answer"):
    """What of the value is not as its schema says. The words of JSON Schema that the document
    uses, and no others; members that are not described are problems, too."""
    known = {"type", "properties", "required", "items", "enum", "description", "$ref", "anyOf"}
    assert set(schema) <= known, set(schema) - known
    if "$ref" in schema:
        name = schema["$ref"].removeprefix("#/components/schemas/")
        schema = document["components"]["schemas"][name]
    if "anyOf" in schema:
        found = [problems(document, one, value, where) for one in schema["anyOf"]]
        return [] if [] in found else found[0]
    wanted = schema.get("type")
    if wanted is not None:
        names = wanted if isinstance(wanted, list) else [wanted]
        is_flag = isinstance(value, bool) and "boolean" not in names
        if is_flag or not any(isinstance(value, TYPES[name]) for name in names):
            return [f"{where}: {value!r} is no {wanted}"]
    if "enum" in schema and value not in schema["enum"]:
        return [f"{where}: {value!r} is none of {schema['enum']}"]
    found = []
    if isinstance(value, dict) and "properties" in schema:
        found += [f"{where}: no {name}" for name in schema["required"] if name not in value]
        for name, member in value.items():
            if name not in schema["properties"]:
                found.append(f"{where}: {name} is not described")
            else:
                described = schema["properties"][name]
                found += problems(document, described, member, f"{where}.{name}")
    if isinstance(value, list) and "items" in schema:
        for index, element in enumerate(value):
            found += problems(document, schema["items"], element, f"{where}[{index}]")
    return found


def read_document(server):
    """Without a signature."""
    context = ssl.create_default_context(cafile=str(server.data / "tls" / "ca.pem"))
    connection = http.client.HTTPSConnection(
        "localhost", server.http_port, context=context, timeout=WAIT_S
    )
    connection.request("GET", "/openapi.json")
    response = connection.getresponse()
    assert response.status == 200, response.status
    assert response.getheader("Content-Type") == "application/json"
    return json.loads(response.read())


def test_the_document_is_whole():
    with Databases() as server:
        document = read_document(server)
        assert document["openapi"].startswith("3.1"), document["openapi"]
        text = json.dumps(document)
        for name in re.findall(r'"#/components/schemas/(\w+)"', text):
            assert name in document["components"]["schemas"], name
        for name in document["components"]["schemas"]:
            assert f'"#/components/schemas/{name}"' in text, name
        ids = []
        for path, operations in document["paths"].items():
            for operation in operations.values():
                ids.append(operation["operationId"])
                declared = [one["name"] for one in operation.get("parameters", [])]
                assert declared == re.findall(r"{(\w+)}", path), path
        assert len(set(ids)) == len(ids), ids


class Checked:
    """Requests whose bodies and answers are held against the document."""

    def __init__(self, api, document):
        self.api = api
        self.document = document
        self.seen = set()

    def ask(self, method, pattern, body=None, refused=False, **parameters):
        described = self.document["paths"][pattern][method.lower()]
        if body is not None and not refused:
            schema = described["requestBody"]["content"]["application/json"]["schema"]
            wrong = problems(self.document, schema, body, "request")
            assert not wrong, (pattern, wrong)
        status, answer = self.api.ask(method, pattern.format(**parameters), body)
        assert (status != 200) == refused, (pattern, status, answer)
        code = "default" if refused else "200"
        schema = described["responses"][code]["content"]["application/json"]["schema"]
        wrong = problems(self.document, schema, answer)
        assert not wrong, (method, pattern, wrong)
        self.seen.add((method, pattern, refused))
        return answer


def test_answers_are_as_the_document_says():
    with Databases() as server:
        document = read_document(server)
        checked = Checked(Api(server), document)
        every, one = "/customer/databases", "/customer/databases/{database}"
        shop = {"database": "shop"}
        made = server.parsed("create", "--name", "shop")
        checked.ask("POST", every, {"name": "other", "profile": "postgres"})
        checked.ask("POST", every, {"name": "No Name"}, refused=True)
        checked.ask("GET", every)
        checked.ask("GET", one, **shop)
        checked.ask("GET", one, refused=True, database="nosuch")
        checked.ask("POST", one + "/users", {"name": "app"}, **shop)
        checked.ask("POST", one + "/users", {"name": "app"}, refused=True, **shop)
        checked.ask("GET", one + "/users", **shop)
        checked.ask("POST", one + "/reset-password", {"user": "app"}, **shop)
        checked.ask("DELETE", one + "/users/{user}", user="app", **shop)
        sql = one + "/sql"
        checked.ask("POST", sql, {"query": "create table t (a int primary key, b text)"}, **shop)
        checked.ask("POST", sql, {"query": "insert into t values ($1)", "parameters": [1]}, **shop)
        checked.ask("POST", sql, {"file_content": "table t; select 1;"}, **shop)
        checked.ask("POST", sql, {"query": "do $$begin raise notice 'n'; end$$"}, **shop)
        checked.ask("POST", sql, {"query": "insert into t values (1)"}, refused=True, **shop)
        checked.ask("POST", sql, {"query": "select nosuch"}, refused=True, **shop)
        checked.ask("POST", sql, {}, refused=True, **shop)
        checked.ask("POST", sql, {"query": "select 1"}, refused=True, database="nosuch")
        with connect(server.parsed("db", "reset-password", "shop")["connection_string"]) as session:
            session.simple("comment on table t is 'things'; select pg_sleep(0.02)")
        checked.ask("GET", one + "/schema", **shop)
        assert checked.ask("GET", one + "/metrics", **shop)["slow_queries"]
        tokens = "/customer/tokens"
        wanted = {"name": "t", "databases": [{"id": made["id"], "access": "ro"}]}
        token = checked.ask("POST", tokens, wanted)
        checked.ask("POST", tokens, {"name": "t"}, refused=True)
        checked.ask("GET", tokens)
        checked.ask("DELETE", tokens + "/{token}", token=token["id"])
        checked.ask("DELETE", tokens + "/{token}", refused=True, token=token["id"])
        checked.ask("POST", one + "/branches", {"name": "twig"}, **shop)
        wait_until(
            lambda: checked.ask("GET", one, database="twig")["state"] == "ACTIVE", "it is not ready"
        )
        checked.ask("GET", one + "/branches", **shop)
        checked.ask("DELETE", one + "/branches/{branch}", branch="twig", **shop)
        checked.ask("DELETE", one, database="other")
        # Of Sundog's own operations none was left out.
        own = {
            (method.upper(), path, False)
            for path, operations in document["paths"].items()
            for method in operations
            if path.startswith("/customer/")
        }
        assert own <= checked.seen, own - checked.seen


def test_what_is_not_as_described_is_noticed():
    document = {"components": {"schemas": {"Point": {
        "type": "object", "properties": {"x": {"type": "integer"}}, "required": ["x"],
    }}}}
    point = {"$ref": "#/components/schemas/Point"}
    assert not problems(document, point, {"x": 1})
    for wrong in ({}, {"x": "1"}, {"x": True}, {"x": 1, "y": 2}, [], None):
        assert problems(document, point, wrong), wrong
    assert problems(document, {"type": "array", "items": point}, [{"x": 1}, {}])
    assert problems(document, {"type": "string", "enum": ["a"]}, "b")
