#!/usr/bin/env python3
"""The runner must see what differs, and write what it read."""

import pathlib
import sys
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from slt import slt_answer, slt_format  # noqa: E402


def one(text):
    (record,) = slt_format.records(slt_format.parse(text))
    return record


class FormatTest(unittest.TestCase):
    def test_files_are_in_canonical_form(self):
        for path in sorted(HERE.rglob("*.slt")):
            with self.subTest(path=path.name):
                self.assertEqual(slt_format.render(slt_format.read(path)), path.read_text())

    def test_every_statement_has_an_answer(self):
        for path in sorted(HERE.rglob("*.slt")):
            for record in slt_format.records(slt_format.read(path)):
                self.assertIsNotNone(record.expected, f"{path}:{record.line}")

    def test_statements_are_split_outside_quotes(self):
        items = slt_format.parse("select 1;\nselect ';\n';\ndo $$ begin\n null;\nend $$;\n")
        found = [record.sql for record in slt_format.records(items)]
        self.assertEqual(found, ["select 1;", "select ';\n';", "do $$ begin\n null;\nend $$;"])

    def test_directives_and_copy_data(self):
        record = one("@session b\n@bind 1|x\ncopy t from stdin;\n< 1\n<\n< 2\n----\nCOPY 3\n")
        self.assertEqual(record.directives, {"session": "b", "bind": "1|x"})
        self.assertEqual(record.copy_data, ["1", "", "2"])
        self.assertEqual(record.expected, ["COPY 3"])

    def test_mistakes_are_errors(self):
        for text in ("@nosuch\nselect 1;\n", "@differs\nselect 1;\n", "----\nx\n",
                     "select 1;\n----\na\n---- sundog\nb\n"):  # fmt: skip
            with self.subTest(text=text), self.assertRaises(slt_format.FormatError):
                slt_format.parse(text)

    def test_order_matters_only_under_order_by(self):
        for sql, unordered in (
            ("select a from t", True),
            ("select a from t order by a", False),
            ("select rank() over (order by a) from t", True),
            ("select a from (select a from t order by a) q", True),
            ("select ' order by ' from t", True),
            ("select a from t\nORDER  BY a", False),
        ):
            self.assertEqual(slt_format.unordered(one(sql + ";\n")), unordered, sql)


class AnswerTest(unittest.TestCase):
    def test_any_difference_is_seen(self):
        expected = ["a:int4|b:text", "1|x", "2|y"]
        for got in (
            ["a:int8|b:text", "1|x", "2|y"],
            ["A:int4|b:text", "1|x", "2|y"],
            ["a:int4|b:text", "1|x"],
            ["a:int4|b:text", "1|x", "2|z"],
            ["a:int4|b:text", "1|x", "2|y", "2|y"],
            ["ERROR XX000: x"],
            [],
        ):
            self.assertFalse(slt_answer.same(expected, got, True, False), got)
            self.assertFalse(slt_answer.same(expected, got, False, False), got)

    def test_order(self):
        expected, turned = ["a:int4", "1", "2"], ["a:int4", "2", "1"]
        self.assertTrue(slt_answer.same(expected, turned, True, False))
        self.assertFalse(slt_answer.same(expected, turned, False, False))

    def test_fields_cannot_be_mistaken(self):
        values = [None, b"", b"\\N", b"(empty)x", b"a|b", b"a\nb", b"a\\nb", b" ", b"a "]
        shown = [slt_answer.field(value, False) for value in values]
        self.assertEqual(len(set(shown)), len(values), shown)

    def test_shape(self):
        got = slt_answer.shape(["a:int4", "12345"])
        self.assertTrue(slt_answer.same(got, ["a:int4", "99"], False, True))
        self.assertFalse(slt_answer.same(got, ["a:int4", "1", "2"], False, True))
        self.assertFalse(slt_answer.same(got, ["a:text", "1"], False, True))


if __name__ == "__main__":
    unittest.main()
