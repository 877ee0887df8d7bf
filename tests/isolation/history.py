"""Finds anomalies in a history of transactions over append-only lists.

Every key holds a list; a transaction appends unique values and reads whole lists. So a read tells
which transactions came before it and in which order, and dependencies can be inferred:

    ww   b appended right after a's value          wr   b read a list ending in a's value
    rw   a read a list that b's append extends     rt   a was acknowledged before b began (if asked
    for)

A cycle of these is an anomaly, named by the weakest kinds of edges it can be made of (Adya's
names): G0 of ww, G1c of ww and wr, G-single with one rw, G2-item with more. Seen without cycles:
G1a (an aborted value was read), G1b (an intermediate value was read), `internal` (a transaction
does not see its own writes), `lost append`, `disagreeing order` (two reads of which neither is a
prefix of the other).
"""

import collections
import dataclasses

COMMITTED, ABORTED, UNKNOWN = "committed", "aborted", "unknown"


@dataclasses.dataclass
class Transaction:
    """`operations` are ("append", key, value) and ("read", key, [values]) in order; times in
    seconds."""

    index: int
    operations: list
    outcome: str = UNKNOWN
    began: float = 0.0
    ended: float = 0.0

    def appends(self, key=None):
        return [(k, v) for kind, k, v in self.operations if kind == "append" and key in (None, k)]


class History:
    """`anomalies()` maps each anomaly found to an example."""

    def __init__(self, transactions, final_lists, realtime=False):
        self._all = transactions
        self._final = final_lists
        self._realtime = realtime
        self._writer = {}
        self._found = {}
        for transaction in transactions:
            for key, value in transaction.appends():
                self._writer[key, value] = transaction
        # A transaction whose outcome is unknown committed if its values are there.
        self._committed = [
            t
            for t in transactions
            if t.outcome == COMMITTED
            or (t.outcome == UNKNOWN and any(v in self._final.get(k, []) for k, v in t.appends()))
        ]

    def anomalies(self):
        for transaction in self._committed:
            self._check_reads(transaction)
            self._check_appends(transaction)
        edges = self._edges()
        for names, kinds in (("G0", {"ww"}), ("G1c", {"ww", "wr"})):
            self._find_cycle(edges, kinds, names)
        self._find_single(edges)
        self._find_cycle(edges, {"ww", "wr", "rw"}, "G2-item")
        return self._found

    def _note(self, name, example):
        self._found.setdefault(name, example)

    def _check_reads(self, transaction):
        own = collections.defaultdict(list)
        for kind, key, value in transaction.operations:
            if kind == "append":
                own[key].append(value)
                continue
            if own[key] and value[-len(own[key]) :] != own[key]:
                self._note(
                    "internal",
                    f"T{transaction.index} read {key}: {value} after appending {own[key]}",
                )
            foreign = value[: len(value) - len(own[key])]
            self._check_foreign(transaction, key, foreign)

    def _check_foreign(self, reader, key, values):
        final = self._final.get(key, [])
        for value in values:
            writer = self._writer.get((key, value))
            if writer is None:
                self._note(
                    "unknown value", f"T{reader.index} read {value} of {key}, which nobody wrote"
                )
            elif writer.outcome == ABORTED:
                self._note(
                    "G1a",
                    f"T{reader.index} read {value} of {key}, written by aborted T{writer.index}",
                )
        if values != final[: len(values)]:
            self._note(
                "disagreeing order", f"T{reader.index} read {key}: {values}, at last it is {final}"
            )
        if values:
            writer = self._writer.get((key, values[-1]))
            if (
                writer is not None
                and writer is not reader
                and writer.appends(key)[-1][1] != values[-1]
            ):
                self._note(
                    "G1b",
                    f"T{reader.index} read {key} up to {values[-1]}, not T{writer.index}'s last",
                )

    def _check_appends(self, transaction):
        if transaction.outcome != COMMITTED:
            return
        for key, value in transaction.appends():
            if value not in self._final.get(key, []):
                self._note(
                    "lost append", f"T{transaction.index}'s committed {value} is not in {key}"
                )

    def _edges(self):
        """index -> {index: set of kinds} over committed transactions."""
        edges = collections.defaultdict(lambda: collections.defaultdict(set))

        def add(before, after, kind):
            if before is not None and after is not None and before is not after:
                edges[before.index][after.index].add(kind)

        for key, values in self._final.items():
            for first, second in zip(values, values[1:]):
                add(self._writer.get((key, first)), self._writer.get((key, second)), "ww")
        for reader in self._committed:
            self._add_read_edges(reader, add)
        if self._realtime:
            self._add_realtime_edges(edges)
        return edges

    def _add_read_edges(self, reader, add):
        own = collections.Counter()
        for kind, key, value in reader.operations:
            if kind == "append":
                own[key] += 1
                continue
            seen = value[: len(value) - own[key]]
            final = self._final.get(key, [])
            if seen:
                add(self._writer.get((key, seen[-1])), reader, "wr")
            if seen == final[: len(seen)] and len(seen) < len(final):
                add(reader, self._writer.get((key, final[len(seen)])), "rw")

    def _add_realtime_edges(self, edges):
        """Each to those that began after it ended, as far as no third lies in between."""
        by_begin = sorted(self._committed, key=lambda t: t.began)
        for before in self._committed:
            if before.outcome != COMMITTED:
                continue
            horizon = None
            for after in by_begin:
                if after.began <= before.ended or after is before:
                    continue
                if horizon is not None and after.began > horizon:
                    break
                edges[before.index][after.index].add("rt")
                horizon = after.ended if horizon is None else min(horizon, after.ended)

    def _kinds(self, kinds):
        return kinds | {"rt"} if self._realtime else kinds

    def _find_cycle(self, edges, kinds, name):
        for component in components(edges, self._kinds(kinds)):
            if len(component) > 1 and not (
                name == "G2-item"
                and "G-single" in self._found
                and self._explained(edges, component)
            ):
                self._note(name, "transactions " + " ".join(f"T{i}" for i in sorted(component)[:8]))
                return

    def _explained(self, edges, component):
        """Whether a component with a G-single cycle has no other cycle worth a name of its own."""
        return len(component) == 2

    def _find_single(self, edges):
        """A cycle with exactly one rw: from its end a path of ww and wr leads back to its start."""
        weaker = self._kinds({"ww", "wr"})
        for start in list(edges):
            for end, kinds in list(edges[start].items()):
                if "rw" in kinds and reaches(edges, end, start, weaker):
                    self._note("G-single", f"T{start} -rw-> T{end}, and back without another rw")
                    return


def reaches(edges, start, goal, kinds):
    seen = {start}
    stack = [start]
    while stack:
        node = stack.pop()
        if node == goal:
            return True
        for after, of in edges[node].items() if node in edges else ():
            if after not in seen and of & kinds:
                seen.add(after)
                stack.append(after)
    return False


def components(edges, kinds):
    """Strongly connected components (Tarjan's algorithm, with a stack of its own)."""
    index, low, on_stack, stack, found = {}, {}, set(), [], []
    for root in list(edges):
        if root in index:
            continue
        work = [(root, None)]
        while work:
            node, children = work.pop()
            if children is None:
                index[node] = low[node] = len(index)
                stack.append(node)
                on_stack.add(node)
                children = iter(
                    [n for n, of in edges[node].items() if of & kinds] if node in edges else []
                )
            for child in children:
                if child not in index:
                    work += [(node, children), (child, None)]
                    break
                if child in on_stack:
                    low[node] = min(low[node], low[child])
            else:
                if work:
                    parent = work[-1][0]
                    low[parent] = min(low[parent], low[node])
                if low[node] == index[node]:
                    component = set()
                    while True:
                        member = stack.pop()
                        on_stack.discard(member)
                        component.add(member)
                        if member == node:
                            break
                    found.append(component)
    return found
