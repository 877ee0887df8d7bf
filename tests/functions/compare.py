#!/usr/bin/env python3
"""Compares built-in functions and type conversions with PostgreSQL, function by function.

usage: compare.py [--call BINARY] [--port PORT] [--show N] [CASES…]

Each file of cases (cases/*.txt by default) has lines of one of these forms; values are Python
literals, None is null. A list in place of a value stands for each of its members in turn.

  name(argtype, …) result : value, …       a function by its pg_proc row, argument types by typname
  aggregate name(argtype, …) result : row, …   over rows: a tuple of values, of tuples where there
                                           are several arguments; a list of such tuples in turn
  type name typmod : value                 input and output of a type
  binary name typmod : value               input and wire form of a type
  $VARIABLE = [value, …]                   a list to be used by name

An argument type that ends in "..." is passed VARIADIC.

The sundog_call binary answers for us, the server on PORT for PostgreSQL: results must be the same
text, errors the same SQLSTATE, message, detail and hint."""
import argparse
import ast
import glob
import itertools
import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))
import pgclient  # noqa: E402

NULL = "\\N"


def escape(value):
    if value is None:
        return NULL
    text = str(value)
    for plain, escaped in (("\\", "\\\\"), ("\t", "\\t"), ("\n", "\\n"), ("\r", "\\r")):
        text = text.replace(plain, escaped)
    return text


def sql_type(name, typmod=-1):
    """The type as SQL spells it, with a modifier where one is given."""
    if typmod == -1:
        return {"char": '"char"', "any": '"any"'}.get(name, name)
    if name == "numeric":
        return f"numeric({(typmod - 4) >> 16},{(((typmod - 4) & 0x7ff) ^ 1024) - 1024})"
    if name in ("varchar", "bpchar"):
        return f"{name}({typmod - 4})"
    return f"{name}({typmod})"


def literal(value, type_name):
    if value is None:
        return f"NULL::{sql_type(type_name)}"
    if type_name == "bit":  # the type's name alone would mean bit(1)
        return f"B'{value}'"
    quoted = str(value).replace("\\", "\\\\").replace("'", "''")
    return f"E'{quoted}'::{sql_type(type_name)}"


class Case:
    """One call: the line for sundog_call and the statement for PostgreSQL."""

    def __init__(self, line, sql, is_set=False):
        self.line, self.sql, self.is_set = line, sql, is_set


def expand(values):
    lists = [value if isinstance(value, list) else [value] for value in values]
    return itertools.product(*lists)


def parse_values(text, variables):
    def value_of(match):
        return repr(variables[match[1]]) if match[1] in variables else match[0]

    text = re.sub(r"(?<![\w\"'])\$([a-z]\w*)", value_of, text)
    return list(ast.literal_eval(f"[{text}]"))


def cases_of(path):
    variables = {}
    for line in open(path, encoding="utf8"):
        line = line.strip()
        if not line or line.startswith("#"):
            continue
        if line.startswith("$"):
            name, values = line[1:].split("=", 1)
            variables[name.strip()] = parse_values(values, variables)[0]
            continue
        head, values = line.split(" : ", 1) if " : " in line else (line.rstrip(" :"), "")
        arguments = parse_values(values, variables)
        match = re.fullmatch(r"(type|binary) (\w+) (-?\d+)", head)
        if match:
            yield from type_cases(match[1], match[2], int(match[3]), arguments)
        elif head.startswith("aggregate "):
            yield from aggregate_cases(head[len("aggregate "):], arguments)
        else:
            yield from function_cases(head, arguments)


def type_cases(kind, name, typmod, arguments):
    for (value,) in expand(arguments):
        spelled = sql_type(name, typmod)
        quoted = str(value).replace("\\", "\\\\").replace("'", "''")
        text = f"E'{quoted}'::{spelled}"
        direct = {"varchar": "varcharin", "bpchar": "bpcharin", "numeric": "numeric_in",
                  "bit": "bit_in", "varbit": "varbit_in"}
        # A cast would let more pass than the input function.
        if (typmod != -1 or name == "bit") and name in direct:
            text = f"{direct[name]}(E'{quoted}'::cstring, 0, {typmod})"
        if kind == "type":
            yield Case(f"input\t{name}\t{typmod}\t{escape(value)}", f"SELECT {text}")
        else:
            underscored = {"bit", "varbit", "uuid", "numeric", "pg_lsn", "inet", "cidr", "macaddr",
                           "json", "jsonb"}
            send = {name: f"{name}_send" for name in underscored} | {"money": "cash_send"}
            function = send.get(name, name + "send")
            out = {"bool": "boolout(x)::text", "bpchar": "bpcharout(x)::text"}.get(name, "x::text")
            shown = f"encode({function}(x), 'hex') || ' ' || {out}"
            yield Case(f"binary\t{name}\t{typmod}\t{escape(value)}",
                       f"SELECT {shown} FROM (SELECT {text} x) t")


def read_head(head):
    """name, signature, actual argument types, result type, is it a set"""
    match = re.fullmatch(r"([\w?]+)\((.*?)\)(?: as \((.*?)\))? ([\w+]+)( set)?", head)
    if not match:
        raise SystemExit(f"cannot read: {head}")
    declared = [a.strip() for a in match[2].split(",") if a.strip()]
    actual = [a.strip() for a in match[3].split(",")] if match[3] else declared
    return match[1], f"{match[1]}({','.join(declared)})", actual, match[4], bool(match[5])


def aggregate_cases(head, arguments):
    name, signature, actual, result, _ = read_head(head)
    lists = [value if isinstance(value, list) else [value] for value in arguments]
    for rows in itertools.chain(*lists):
        rows = [row if isinstance(row, tuple) else (row,) for row in rows]
        line = "\t".join(["aggregate", signature, ",".join(actual), result, str(len(rows))]
                         + [escape(v) for row in rows for v in row])
        spelled = ", ".join("(" + ", ".join(literal(v, t) for v, t in zip(row, actual)) + ")"
                            for row in rows or [(None,) * len(actual)])
        columns = ", ".join(f"c{i}" for i in range(len(actual)))
        source = f"(VALUES {spelled}) t({columns})" + ("" if rows else " WHERE false")
        yield Case(line, f'SELECT pg_catalog."{name}"({columns}) FROM {source}')


def function_cases(head, arguments):
    name, signature, actual, result, is_set = read_head(head)
    for values in expand(arguments):
        line = "\t".join(["call", signature, ",".join(actual), result]
                         + [escape(v) for v in values])
        call = ", ".join("VARIADIC " + literal(v, t[:-3]) if t.endswith("...") else literal(v, t)
                         for v, t in zip(values, actual))
        wide = is_set and "+" in result
        yield Case(line, f'SELECT {"* FROM " if wide else ""}pg_catalog."{name}"({call})', is_set)


class Ours:
    def __init__(self, binary):
        self.process = subprocess.Popen([binary], stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def answer(self, case):
        self.process.stdin.write(case.line.encode() + b"\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit(f"sundog_call died at: {case.line}")
        return line[:-1].decode("utf8", "replace")


def postgres_answer(connection, case):
    try:
        rows = connection.simple(case.sql)[-1].text_rows()
    except pgclient.ServerError as error:
        text = f"!{error.fields['C']} {error.fields['M']}"
        for field in "DH":
            if error.fields.get(field):
                text += "|" + error.fields[field]
        return escape(text)
    if case.is_set:
        return " ; ".join("|".join(map(escape, row)) for row in rows) if rows else "(no rows)"
    return escape(rows[0][0])


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--call", default="build/dev/bin/sundog_call")
    parser.add_argument("--port", type=int, default=5432)
    parser.add_argument("--show", type=int, default=20)
    parser.add_argument("cases", nargs="*", default=sorted(glob.glob(f"{HERE}/cases/*.txt")))
    options = parser.parse_args()
    ours = Ours(options.call)
    postgres = pgclient.connect(port=options.port)
    failed = False
    for path in options.cases:
        total = bad = 0
        for case in cases_of(path):
            total += 1
            mine, theirs = ours.answer(case), postgres_answer(postgres, case)
            if mine == theirs:
                continue
            bad += 1
            if bad <= options.show:
                print(f"{case.sql}\n  ours       {mine[:300]}\n  PostgreSQL {theirs[:300]}")
        failed |= bad > 0
        print(f"{os.path.basename(path)}: {total - bad} of {total} agree")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
