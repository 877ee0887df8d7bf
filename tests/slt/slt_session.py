"""Runs the records of one file on one server: a fresh database, named sessions, statements that
block."""

import itertools
import os
import re

from pgclient import ServerError, Timeout, connect
from slt import slt_answer, slt_format

# Long enough that a server under a sanitizer on a busy machine answers what does not block.
BLOCK_WAIT_S = float(os.environ.get("SUNDOG_SLT_BLOCK_S", "0.4"))
ANSWER_WAIT_S = float(os.environ.get("SUNDOG_SLT_ANSWER_S", "60"))
SETTINGS = {
    "TimeZone": "UTC",
    "DateStyle": "ISO, MDY",
    "IntervalStyle": "postgres",
    "client_encoding": "UTF8",
}
_serial = itertools.count(1)


class FileRun:
    """One file's run on one server. `execute` answers the lines; `close` drops the database."""

    def __init__(self, connection_string, extended=False):
        self._server = connection_string
        self._extended = extended
        self._sessions = {}
        self._blocked = {}
        self._database = f"slt_db_{os.getpid()}_{next(_serial)}"
        self._own_database = self._create_database()

    def _create_database(self):
        with connect(self._server) as admin:
            try:
                admin.simple(f"create database {self._database} template template0")
                return True
            except ServerError as error:
                if error.sqlstate not in ("0A000", "42601"):
                    raise
                return False

    def _session(self, name):
        if name not in self._sessions:
            options = dict(SETTINGS)
            if self._own_database:
                options["database"] = self._database
            self._sessions[name] = connect(self._server, timeout_s=ANSWER_WAIT_S, **options)
        return self._sessions[name]

    def execute(self, record):
        """The record's answer as lines."""
        name = record.directives.get("await", record.session)
        try:
            lines = self._run(name, record)
        except (ConnectionError, OSError) as error:
            self._forget(name)
            lines = [
                (
                    "(connection lost)"
                    if isinstance(error, ConnectionError)
                    else f"(connection lost: {error})"
                )
            ]
        return [self._without_run_names(line) for line in lines]

    def _run(self, name, record):
        session = self._session(name)
        if "await" in record.directives:
            if name not in self._blocked:
                return ["(not blocked)"]
            del self._blocked[name]
            return self._collect(name, session, ANSWER_WAIT_S)
        if name in self._blocked:
            return ["(still blocked)"]
        self._start(session, record)
        if "blocks" in record.directives:
            try:
                return self._collect(name, session, BLOCK_WAIT_S, keep=True)
            except Timeout:
                self._blocked[name] = record
                return ["(blocked)"]
        return self._collect(name, session, ANSWER_WAIT_S)

    def _start(self, session, record):
        session.notices.clear()
        sql = re.sub(r";\s*$", "", record.sql) if "multi" not in record.directives else record.sql
        data = (
            "".join(line + "\n" for line in record.copy_data).encode() if record.copy_data else None
        )
        parameters = record.directives.get("bind")
        simple = "multi" in record.directives or "simple" in record.directives
        if (
            parameters is None
            and not (self._extended and not simple)
            and not {"binary", "extended", "oids"} & set(record.directives)
        ):
            session.start_simple(sql, data)
            return
        values = slt_answer.unescape_parameters(parameters) if parameters is not None else []
        oids = [self._oid(name) for name in record.directives.get("oids", "").split("|") if name]
        formats = [1] if "binary" in record.directives else []
        session.start_extended(sql, values, oids, result_formats=formats, copy_data=data)

    @staticmethod
    def _oid(name):
        return {known: oid for oid, known in slt_answer.type_names().items()}[name]

    def _collect(self, name, session, timeout_s, keep=False):
        try:
            results, error = session.collect(timeout_s)
        except Timeout:
            if keep:
                raise
            self._forget(name)
            return [f"(no answer in {timeout_s:g} s)"]
        return slt_answer.answer_lines(results, error, session.notices)

    def _forget(self, name):
        self._blocked.pop(name, None)
        session = self._sessions.pop(name, None)
        if session is not None:
            session.close()

    def _without_run_names(self, line):
        return line.replace(self._database, "slt_db")

    def close(self):
        for name in list(self._sessions):
            self._forget(name)
        if self._own_database:
            try:
                with connect(self._server) as admin:
                    admin.simple(f"drop database if exists {self._database} with (force)")
            except (ServerError, OSError):
                return


def run_records(run, items):
    """Yields (record, answer lines) in order."""
    for record in slt_format.records(items):
        yield record, run.execute(record)
