"""Reads and writes .slt files. README.md beside this file describes the format."""

import dataclasses
import pathlib
import re

ANSWER = "----"
OWN_ANSWER = "---- sundog"
# Directive -> whether it takes a value.
DIRECTIVES = {
    "session": True,
    "await": True,
    "bind": True,
    "oids": True,
    "differs": True,
    "blocks": False,
    "multi": False,
    "binary": False,
    "shape": False,
    "simple": False,
    "extended": False,
}


class FormatError(Exception):
    """The file itself is wrong."""


@dataclasses.dataclass
class Record:
    """One statement with what it should answer. `expected` is None until it is recorded."""

    line: int
    directives: dict
    sql: str
    copy_data: list
    expected: list = None
    own_expected: list = None

    @property
    def session(self):
        return self.directives.get("session", "main")

    def title(self):
        return self.sql if self.sql else "@await " + self.directives["await"]


def directive(line, number):
    name, _, value = line[1:].partition(" ")
    if name not in DIRECTIVES:
        raise FormatError(f"line {number}: unknown directive @{name}")
    value = value.strip()
    if DIRECTIVES[name] and not value:
        raise FormatError(f"line {number}: @{name} needs a value")
    return name, value


def statement_ends(lines):
    """Whether the lines so far are a whole statement: they end in `;` outside quotes and dollar
    quotes."""
    text = re.sub(r"--[^\n]*", "", "\n".join(lines))
    if not text.rstrip().endswith(";"):
        return False
    return (
        text.count("$$") % 2 == 0
        and re.sub(r"\$\$.*?\$\$", "", text, flags=re.S).count("'") % 2 == 0
    )


class _Reader:
    def __init__(self, text):
        self.lines = text.split("\n")
        self.at = 0

    def peek(self):
        return self.lines[self.at] if self.at < len(self.lines) else ""

    def take(self):
        self.at += 1
        return self.lines[self.at - 1]

    def at_end(self):
        return self.at >= len(self.lines)

    def directives(self):
        found = {}
        while self.peek().startswith("@"):
            name, value = directive(self.peek(), self.at + 1)
            found[name] = value
            self.take()
            if name == "await":
                break
        return found

    def statement(self, whole_chunk):
        sql = []
        while (
            self.peek().strip()
            and not self.peek().startswith((ANSWER, "< ", "<\n"))
            and self.peek() != "<"
        ):
            sql.append(self.take().rstrip())
            if not whole_chunk and statement_ends(sql) and not self.peek().startswith("<"):
                break
        copied = []
        while self.peek() == "<" or self.peek().startswith("< "):
            copied.append(self.take()[2:])
        return "\n".join(sql), copied

    def answer(self):
        lines = []
        while not self.at_end() and self.peek().strip() and not self.peek().startswith(ANSWER):
            lines.append(self.take())
        return lines


def parse(text):
    """The file as a list of comment lines (str), blank separators (None) and Records."""
    reader = _Reader(text)
    items = []
    while not reader.at_end():
        line = reader.peek()
        if not line.strip():
            reader.take()
            items.append(None)
        elif line.startswith("#"):
            items.append(reader.take().rstrip())
        else:
            items.append(_record(reader))
    return items


def _record(reader):
    number = reader.at + 1
    directives = reader.directives()
    sql, copied = ("", []) if "await" in directives else reader.statement("multi" in directives)
    if not sql and "await" not in directives:
        raise FormatError(f"line {number}: no statement")
    record = Record(number, directives, sql, copied)
    if reader.peek().strip() == ANSWER:
        reader.take()
        record.expected = reader.answer()
        if reader.peek().strip() == OWN_ANSWER:
            reader.take()
            record.own_expected = reader.answer()
    if "differs" not in directives and record.own_expected is not None:
        raise FormatError(f"line {number}: an answer of Sundog's own needs @differs and the reason")
    return record


def render(items):
    """The file's canonical text: one blank line after each record."""
    lines = []
    for item in items:
        if item is None:
            if lines and lines[-1] != "":
                lines.append("")
        elif isinstance(item, str):
            lines.append(item)
        else:
            lines += _render_record(item) + [""]
    while lines and lines[-1] == "":
        lines.pop()
    return "\n".join(lines) + "\n"


def _render_record(record):
    lines = [f"@{name} {value}".rstrip() for name, value in record.directives.items()]
    if record.sql:
        lines += record.sql.split("\n")
    lines += [f"< {line}".rstrip() if not line else f"< {line}" for line in record.copy_data]
    if record.expected is not None:
        lines += [ANSWER] + record.expected
    if record.own_expected is not None:
        lines += [OWN_ANSWER] + record.own_expected
    return lines


def read(path):
    return parse(pathlib.Path(path).read_text())


def records(items):
    return [item for item in items if isinstance(item, Record)]


def unordered(record):
    """Whether SQL leaves the order of the rows open: no ORDER BY outside parentheses."""
    text = re.sub(r"'[^']*'", "''", record.sql)
    while True:
        without = re.sub(r"\([^()]*\)", " ", text)
        if without == text:
            break
        text = without
    return not re.search(r"\border\s+by\b", text, re.I)
