"""Turns what a server answered into the lines an .slt file holds, and compares such lines."""

import functools
import pathlib

from pgclient import messages

ROOT = pathlib.Path(__file__).resolve().parents[2]
FIRST_USER_OID = 16384
FIELD_NAMES = {"s": "schema", "t": "table", "c": "column", "d": "datatype", "n": "constraint"}


@functools.lru_cache(None)
def type_names():
    """Built-in type oid -> name, from the recorded catalog."""
    lines = (ROOT / "src/types/builtin_types.tsv").read_text().splitlines()
    return {int(fields[0]): fields[1] for fields in (line.split("\t") for line in lines[1:])}


def type_name(oid):
    if oid >= FIRST_USER_OID:
        return "user-defined"
    return type_names().get(oid, f"oid{oid}")


def escape(text):
    for plain, escaped in (
        ("\\", "\\\\"),
        ("|", "\\|"),
        ("\n", "\\n"),
        ("\t", "\\t"),
        ("\r", "\\r"),
    ):
        text = text.replace(plain, escaped)
    if text.endswith(" "):
        text = text[:-1] + "\\s"
    return text


def field(value, binary):
    if value is None:
        return "\\N"
    if binary:
        return "0x" + value.hex()
    return escape(value.decode("utf-8", "backslashreplace")) or "(empty)"


def unescape_parameters(text):
    """`@bind 5|abc|\\N` as a list of bytes and None."""
    values = []
    for part in text.split("|"):
        if part == "\\N":
            values.append(None)
        elif part == "(empty)":
            values.append(b"")
        else:
            values.append(
                part.replace("\\n", "\n").replace("\\t", "\t").replace("\\\\", "\\").encode()
            )
    return values


def error_lines(fields):
    severity = fields.get("V", fields.get("S", "ERROR"))
    lines = [f"{severity} {fields.get('C')}: {escape(fields.get('M', ''))}"]
    for code, name in (("D", "DETAIL"), ("H", "HINT"), ("P", "POSITION")):
        if code in fields:
            lines.append(f"{name}: {escape(fields[code])}")
    named = [
        f"{name}={escape(fields[code])}" for code, name in FIELD_NAMES.items() if code in fields
    ]
    if named:
        lines.append("FIELDS: " + " ".join(named))
    return lines


def notice_lines(notices):
    lines = []
    for fields in notices:
        lines += [f"{fields.get('V', 'NOTICE')} {fields.get('C')}: {escape(fields.get('M', ''))}"]
        if "D" in fields:
            lines.append("DETAIL: " + escape(fields["D"]))
    return lines


def result_lines(result):
    lines = []
    if result.columns is not None:
        header = "|".join(f"{escape(name)}:{type_name(oid)}" for name, oid, _, _ in result.columns)
        lines.append(header or "(no columns)")
        for row in result.rows:
            fields = [field(value, column[3] == 1) for value, column in zip(row, result.columns)]
            lines.append("|".join(fields) or "(no fields)")
    for data in result.copied:
        lines.append("> " + escape(data.decode("utf-8", "backslashreplace").removesuffix("\n")))
    if result.suspended:
        lines.append("(suspended)")
    elif result.columns is None or not result.tag.startswith(("SELECT", "FETCH", "SHOW")):
        lines.append(result.tag or "(empty query)")
    return lines


def answer_lines(results, error, notices):
    """Everything a statement answered, as lines."""
    lines = notice_lines(notices)
    for result in results:
        lines += result_lines(result)
    if error is not None:
        lines += error_lines(error.fields)
    return lines


def shape(lines):
    """The part of an answer that stays when values differ from run to run."""
    if lines and lines[0].startswith(("ERROR", "FATAL")):
        return lines[:1]
    if len(lines) == 2 and lines[1].endswith("(values vary)"):
        return lines
    return lines[:1] + [f"{len(lines) - 1} more (values vary)"]


def same(expected, got, unordered, only_shape):
    if only_shape:
        return shape(expected) == shape(got)
    if unordered:
        return expected[:1] == got[:1] and sorted(expected) == sorted(got)
    return expected == got


def cause(expected, got):
    """A short name for why an answer differs, for a summary."""
    first = next((line for line in got if line.startswith(("ERROR", "FATAL"))), None)
    wanted = next((line for line in expected if line.startswith(("ERROR", "FATAL"))), None)
    if got and got[0].startswith("(") and got != expected:
        return got[0]
    if first and not wanted:
        return first
    if wanted and not first:
        return "no error, expected " + wanted
    if wanted and first:
        if wanted.split(":")[0] != first.split(":")[0]:
            return f"{wanted} <> {first}"
        return "error text" if wanted != first else "error detail, hint, position or fields"
    if expected[:1] != got[:1]:
        return "column names or types"
    return "rows"


def is_server_error(error):
    return isinstance(error, messages.ServerError)
