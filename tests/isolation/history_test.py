#!/usr/bin/env python3
"""The checker must find each anomaly in a history made to have it, and none in a serial one."""

import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from isolation.history import ABORTED, COMMITTED, History, Transaction  # noqa: E402


def append(key, value):
    return ("append", key, value)


def read(key, *values):
    return ("read", key, list(values))


def check(*transactions, final, realtime=False):
    made = [
        Transaction(i, list(operations), outcome, began, ended)
        for i, (operations, outcome, began, ended) in enumerate(transactions)
    ]
    return set(History(made, final, realtime).anomalies())


def done(*operations, outcome=COMMITTED, began=0.0, ended=0.0):
    return operations, outcome, began, ended


class HistoryTest(unittest.TestCase):
    def test_serial_is_clean(self):
        self.assertEqual(
            check(
                done(append("x", 1), read("x", 1)),
                done(read("x", 1), append("x", 2)),
                done(read("x", 1, 2)),
                final={"x": [1, 2]},
            ),
            set(),
        )

    def test_dirty_write(self):
        self.assertIn(
            "G0",
            check(
                done(append("x", 1), append("y", 2)),
                done(append("x", 3), append("y", 4)),
                final={"x": [1, 3], "y": [4, 2]},
            ),
        )

    def test_aborted_read(self):
        self.assertIn(
            "G1a", check(done(append("x", 1), outcome=ABORTED), done(read("x", 1)), final={"x": []})
        )

    def test_intermediate_read(self):
        self.assertIn(
            "G1b",
            check(done(append("x", 1), append("x", 2)), done(read("x", 1)), final={"x": [1, 2]}),
        )

    def test_circular_information_flow(self):
        self.assertIn(
            "G1c",
            check(
                done(append("x", 1), read("y", 2)),
                done(append("y", 2), read("x", 1)),
                final={"x": [1], "y": [2]},
            ),
        )

    def test_read_skew(self):
        self.assertEqual(
            check(
                done(read("x"), read("y", 2)),
                done(append("x", 1), append("y", 2)),
                final={"x": [1], "y": [2]},
            ),
            {"G-single"},
        )

    def test_write_skew(self):
        self.assertEqual(
            check(
                done(read("x"), append("y", 1)),
                done(read("y"), append("x", 2)),
                final={"x": [2], "y": [1]},
            ),
            {"G2-item"},
        )

    def test_lost_append(self):
        self.assertIn("lost append", check(done(append("x", 1)), final={"x": []}))

    def test_disagreeing_order(self):
        self.assertIn(
            "disagreeing order",
            check(
                done(append("x", 1)), done(append("x", 2)), done(read("x", 2)), final={"x": [1, 2]}
            ),
        )

    def test_own_writes(self):
        self.assertIn("internal", check(done(append("x", 1), read("x")), final={"x": [1]}))

    def test_stale_read_only_with_realtime(self):
        stale = (done(append("x", 1), began=0, ended=1), done(read("x"), began=2, ended=3))
        self.assertEqual(check(*stale, final={"x": [1]}), set())
        self.assertEqual(check(*stale, final={"x": [1]}, realtime=True), {"G-single"})

    def test_a_long_chain_closes(self):
        keys = [str(i) for i in range(50)]
        chain = [done(read(keys[i]), append(keys[(i + 1) % 50], i)) for i in range(50)]
        self.assertEqual(
            check(*chain, final={keys[(i + 1) % 50]: [i] for i in range(50)}), {"G2-item"}
        )


if __name__ == "__main__":
    unittest.main()
