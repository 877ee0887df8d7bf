"""Nearest neighbours: HNSW and IVFFlat beside hnswlib in a program of its own (the limit: same
data, same parameters), and beside pgvector where PostgreSQL has it.

Queries run one after another in one session: within the server, as one statement for all probes
(LATERAL), and from a client, as pgbench sends them, prepared. Recall is of the ten nearest.
"""

import pathlib
import re
import subprocess
import tempfile
import time

from oracle.postgres import binary_folder
from pgclient import connect
from servers.sundog import Sundog

HERE = pathlib.Path(__file__).resolve().parent
M, EF_CONSTRUCTION, LISTS = 16, 64, 100
EFS = (40, 100, 200)
PROBES = (1, 5, 20)
NEAREST = 10
DIMENSIONS = 128
QUERIES = 500
# What one has to reach: of the limit's queries a second, and how much less recall.
SPEED_GOAL, RECALL_GOAL = 0.5, 0.01
READY_TIMEOUT_S = 600


class Limit:
    """The program's figures, and the files it wrote."""

    def __init__(self, folder, rows):
        program = folder / "limit"
        source = HERE / "hnswlib_limit.cc"
        compiler = ["g++", "-std=c++17", "-O3", "-march=native", source, "-o", program]
        subprocess.run(compiler, check=True)
        numbers = (rows, DIMENSIONS, QUERIES, M, EF_CONSTRUCTION, *EFS)
        done = subprocess.run(
            [program, folder, *map(str, numbers)], check=True, stdout=subprocess.PIPE, text=True
        )
        self.build_s = float(re.search(r"^build (\S+)", done.stdout, re.M)[1])
        found = re.findall(r"^ef (\d+) (\S+) (\S+)$", done.stdout, re.M)
        self.searches = {int(ef): (float(recall), float(rate)) for ef, recall, rate in found}
        self.truth = {}
        for line in (folder / "truth.tsv").read_text().splitlines():
            probe, *nearest = map(int, line.split("\t"))
            self.truth[probe] = set(nearest)


def has_vectors(server):
    with connect(server.connection_string) as session:
        found = "select count(*) from pg_available_extensions where name = 'vector'"
        return session.value(found) == "1"


def load(session, folder):
    session.simple("create extension if not exists vector")
    session.simple("drop table if exists items, probes")
    for table in ("items", "probes"):
        session.simple(f"create table {table} (id int primary key, embedding vector({DIMENSIONS}))")
        data = (folder / f"{table}.tsv").read_bytes()
        session.simple(f"copy {table} from stdin", copy_data=data)
    session.simple("analyze")


NEAREST_OF_ALL = (
    "select p.id, n.id from probes p cross join lateral "
    f"(select id from items order by embedding <-> p.embedding limit {NEAREST}) n"
)
NEAREST_OF_ONE = (
    "select id from items order by embedding <-> "
    f"(select embedding from probes where id = :id) limit {NEAREST};\n"
)


def recall(rows, truth):
    found = sum(int(item) in truth[int(probe)] for probe, item in rows)
    return found / (NEAREST * len(truth))


def measure_within(session, truth):
    """(recall, queries a second), by the best of three runs."""
    best = None
    for _ in range(3):
        started = time.monotonic()
        rows = session.rows(NEAREST_OF_ALL)
        taken = time.monotonic() - started
        best = min(best or taken, taken)
    return recall(rows, truth), len(truth) / best


def measure_from_client(server, folder, setting, seconds):
    script = folder / "nearest.sql"
    script.write_text(f"\\set id random(0, {QUERIES - 1})\n{NEAREST_OF_ONE}")
    done = subprocess.run(
        [
            binary_folder() / "pgbench", "-n", "-M", "prepared", "-c", "1", "-T", str(seconds),
            "-f", script, server.connection_string + f"?sslmode=disable&options=-c%20{setting}",
        ],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
    )  # fmt: skip
    if done.returncode != 0:
        raise RuntimeError(done.stdout)
    return float(re.search(r"tps = ([\d.]+)", done.stdout)[1])


def wait_until_used(server, session):
    """A graph is built in the background: until it is there, searches are exact and slow."""
    if not isinstance(server, Sundog):
        return
    # An ivfflat index is in no such view, and needs no waiting for.
    ready = "select count(*) = 0 from sys.vector_indexes where state <> 'ready'"
    deadline = time.monotonic() + READY_TIMEOUT_S
    session.rows(NEAREST_OF_ALL.replace("probes p", "(select * from probes limit 1) p"))
    while session.value(ready) != "t":
        if time.monotonic() > deadline:
            raise TimeoutError("the index's graph is not ready")
        time.sleep(0.1)


def build(server, session, method, options):
    """Seconds until it serves searches."""
    started = time.monotonic()
    session.simple(
        f"create index nearest on items using {method} (embedding vector_l2_ops) with ({options})"
    )
    wait_until_used(server, session)
    return time.monotonic() - started


def judge(found, rate, limit):
    """What the goal says of a search beside the limit's (recall, rate)."""
    met = rate >= SPEED_GOAL * limit[1] and found >= limit[0] - RECALL_GOAL
    return f"{rate / limit[1]:6.2f} >= {SPEED_GOAL} {'yes' if met else 'NO'}"


def measure_server(title, server, folder, limit, arguments):
    seconds = max(1, arguments.seconds // 4)
    hnsw = f"m = {M}, ef_construction = {EF_CONSTRUCTION}"
    with connect(server.connection_string, timeout_s=3600) as session:
        load(session, folder)
        for method, options, setting, values in (
            ("hnsw", hnsw, "hnsw.ef_search", EFS),
            ("ivfflat", f"lists = {LISTS}", "ivfflat.probes", PROBES),
        ):
            print(f"{title}: {method}, built in {build(server, session, method, options):.1f} s")
            for value in values:
                session.simple(f"set {setting} = {value}")
                found, rate = measure_within(session, limit.truth)
                client = measure_from_client(server, folder, f"{setting}%3D{value}", seconds)
                has_goal = title == "Sundog" and method == "hnsw"
                goal = judge(found, rate, limit.searches[value]) if has_goal else ""
                words = f"  {setting} {value}"
                print(f"{words:24} {found:8.3f} {rate:10,.0f} {client:10,.0f} {goal}", flush=True)
            session.simple("drop index nearest")


def run(servers, arguments):
    postgres, sundog = servers
    with tempfile.TemporaryDirectory(prefix="sundog-vectors-") as name:
        folder = pathlib.Path(name)
        limit = Limit(folder, arguments.vectors)
        print(f"\n{arguments.vectors:,} vectors of {DIMENSIONS} dimensions")
        print(f"{'':24} {'recall':>8} {'within/s':>10} {'client/s':>10}  goal, within")
        print(f"hnswlib alone: built in {limit.build_s:.1f} s")
        for ef, (found, rate) in limit.searches.items():
            print(f"  ef {ef:<19} {found:8.3f} {rate:10,.0f}")
        measure_server("Sundog", sundog, folder, limit, arguments)
        if has_vectors(postgres):
            measure_server("pgvector", postgres, folder, limit, arguments)
    return []
